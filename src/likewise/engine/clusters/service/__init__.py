"""The verbs of clusters."""

from likewise.engine.clusters.service.arriving import arrive
from likewise.engine.clusters.service.changing import (
    Rearranged,
    mark_acted,
    merge,
    merge_within,
    move_items,
    move_within,
    set_state,
    set_state_within,
    undo,
    undo_run,
    undo_run_within,
)
from likewise.engine.clusters.service.following import ClustersFollower, leave_space, mend, retell
from likewise.engine.clusters.service.grouping import (
    group_collection,
    group_empty,
    regroup_collection,
    start_refinement,
    ungroup_collection,
)
from likewise.engine.clusters.service.keeping import KeptPlace, keep_places
from likewise.engine.clusters.service.memory import Memory
from likewise.engine.clusters.service.reading import (
    find_cluster_ids,
    get_grouping,
    list_changes,
    list_clusters,
    list_exemplars,
    list_items,
    list_items_by_id,
    list_points,
    pin_grouping,
    show_cluster,
)
from likewise.engine.clusters.service.refining import build, refine, refine_grown
from likewise.engine.clusters.service.touching import tag_of, touch

__all__ = [
    "ClustersFollower",
    "KeptPlace",
    "Memory",
    "Rearranged",
    "arrive",
    "build",
    "find_cluster_ids",
    "get_grouping",
    "group_collection",
    "group_empty",
    "keep_places",
    "leave_space",
    "list_changes",
    "list_clusters",
    "list_exemplars",
    "list_items",
    "list_items_by_id",
    "list_points",
    "mark_acted",
    "mend",
    "merge",
    "merge_within",
    "move_items",
    "move_within",
    "pin_grouping",
    "refine",
    "refine_grown",
    "regroup_collection",
    "retell",
    "set_state",
    "set_state_within",
    "show_cluster",
    "start_refinement",
    "tag_of",
    "touch",
    "undo",
    "undo_run",
    "undo_run_within",
    "ungroup_collection",
]
