"""The verbs of clusters."""

from likewise.engine.clusters.service.arriving import arrive
from likewise.engine.clusters.service.changing import mark_acted, merge, move_items, set_state, undo, undo_run
from likewise.engine.clusters.service.following import ClustersFollower, leave_space, mend, retell
from likewise.engine.clusters.service.grouping import (
    group_collection,
    regroup_collection,
    start_refinement,
    ungroup_collection,
)
from likewise.engine.clusters.service.memory import Memory
from likewise.engine.clusters.service.reading import (
    get_grouping,
    list_changes,
    list_clusters,
    list_exemplars,
    list_items,
    list_items_by_id,
    list_points,
    show_cluster,
)
from likewise.engine.clusters.service.refining import build, refine, refine_grown

__all__ = [
    "ClustersFollower",
    "Memory",
    "arrive",
    "build",
    "get_grouping",
    "group_collection",
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
    "move_items",
    "refine",
    "refine_grown",
    "regroup_collection",
    "retell",
    "set_state",
    "show_cluster",
    "start_refinement",
    "undo",
    "undo_run",
    "ungroup_collection",
]
