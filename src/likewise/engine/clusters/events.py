"""What happens to clusters, as facts for whoever shows or acts on them."""

from uuid import UUID

from likewise.platform.events import Event

__all__ = ["ClusterChanged", "ClusterGrew"]


class ClusterGrew(Event, tag="clusters.cluster_grew", frozen=True):
    """Items joined a cluster, or began it, as they arrived."""

    collection_id: UUID
    cluster_id: UUID


class ClusterChanged(Event, tag="clusters.cluster_changed", frozen=True):
    """Texts went from one cluster to another: a merge, a split, a move, or the undoing of one."""

    collection_id: UUID
    change_id: UUID
    from_id: UUID
    to_id: UUID
