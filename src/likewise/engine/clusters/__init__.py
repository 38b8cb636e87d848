"""The door to clusters: items that say the same thing, grouped as they arrive, under ids that stay."""

from likewise.engine.clusters.events import ClusterChanged, ClusterGrew
from likewise.engine.clusters.model import Change, Cluster, Grouping, GroupingOptions, MapPoint, Member, Refinement
from likewise.engine.clusters.service import (
    get_grouping,
    group_collection,
    list_changes,
    list_clusters,
    list_exemplars,
    list_items,
    mark_acted,
    merge,
    move_items,
    set_state,
    show_cluster,
    start_refinement,
    undo,
    undo_run,
    ungroup_collection,
)

__all__ = [
    "Change",
    "Cluster",
    "ClusterChanged",
    "ClusterGrew",
    "Grouping",
    "GroupingOptions",
    "MapPoint",
    "Member",
    "Refinement",
    "get_grouping",
    "group_collection",
    "list_changes",
    "list_clusters",
    "list_exemplars",
    "list_items",
    "mark_acted",
    "merge",
    "move_items",
    "set_state",
    "show_cluster",
    "start_refinement",
    "undo",
    "undo_run",
    "ungroup_collection",
]
