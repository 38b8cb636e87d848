"""What happens to clusters, as facts for whoever shows or acts on them."""

from uuid import UUID

from likewise.platform.events import Event

__all__ = ["ClusterChanged", "ClusterGrew", "ClusterShrank"]


class ClusterGrew(Event, tag="clusters.cluster_grew", frozen=True):
    """Items joined a cluster, or began it, as they arrived."""

    collection_id: UUID
    cluster_id: UUID


class ClusterShrank(Event, tag="clusters.cluster_shrank", frozen=True):
    """Items of a cluster are gone; with the last of them the cluster is, too."""

    collection_id: UUID
    cluster_id: UUID


class ClusterChanged(Event, tag="clusters.cluster_changed", frozen=True):
    """Texts went from one cluster to another: a merge, a split, a move, or the undoing of one."""

    collection_id: UUID
    change_id: UUID
    from_id: UUID
    to_id: UUID
