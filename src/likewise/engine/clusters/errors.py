"""What can go wrong with clusters, as facts."""

from likewise.platform.errors import Conflict, NotFound, Rejected

__all__ = [
    "ChangeNotFound",
    "ChangeNotUndoable",
    "ClusterIsLocked",
    "ClusterNotFound",
    "ItemsNotInCluster",
    "NotGrouped",
    "RefinementRunning",
]


class NotGrouped(Conflict):
    """The collection {collection!r} is not grouped yet. Start with `likewise clusters build -c {collection}`, or
    PUT /api/v1/clusters/{collection}."""


class ClusterNotFound(NotFound):
    """There is no cluster {id} in {collection!r}; it may have been merged into another. GET
    /api/v1/clusters/{collection}/changes tells."""


class ClusterIsLocked(Conflict):
    """The cluster {id} is locked. Unlock it first, then change it."""


class ChangeNotFound(NotFound):
    """There is no change {id} in {collection!r}."""


class ChangeNotUndoable(Conflict):
    """The change {id} cannot be undone: {reason}."""


class ItemsNotInCluster(Rejected):
    """None of these items can leave the cluster {id}. Name items of it by their keys, and leave a text behind."""


class RefinementRunning(Conflict):
    """The collection {collection!r} is being refined. Wait for the operation to end, then ask again."""
