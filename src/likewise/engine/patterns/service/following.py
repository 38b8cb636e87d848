"""How patterns take part in collections: a load ends when what it brought is counted."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from likewise.engine.collections import ItemStatus, PassageRef, Removal
from likewise.platform.db import Tx
from likewise.platform.events import caught_up
from likewise.platform.feature import App

__all__ = ["CONSUMER", "PatternsFollower"]

CONSUMER = "pattern_counts"


class PatternsFollower:
    """Waits at the end of a load; everything else is the consumer's. See `likewise.engine.collections.Follower`."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def written(self, tx: Tx, *, collection_id: UUID, passages: Sequence[PassageRef], urgent: bool) -> None:
        """The consumer counts it."""

    async def removed(self, tx: Tx, removal: Removal) -> Mapping[str, int]:
        """Attributes go with their item; the consumer takes it out of the counts."""
        del tx, removal
        return {}

    async def forgotten(self, texts: Sequence[str]) -> Mapping[str, int]:
        """Nothing is kept by text."""
        del texts
        return {}

    async def estimate(self, tenant_id: UUID, texts: Sequence[str], *, passages: int) -> Mapping[str, float]:
        """Counting costs nothing worth telling."""
        del tenant_id, texts, passages
        return {}

    async def backlog(self, tx: Tx, *, collection_id: UUID, limit: int) -> int:
        """An item is searchable before it is counted; nobody waits for that."""
        del tx, collection_id, limit
        return 0

    async def states(self, tx: Tx, *, item_ids: Sequence[UUID]) -> Mapping[UUID, ItemStatus]:
        """See `backlog`."""
        del tx, item_ids
        return {}

    async def settle(self, tenant_id: UUID, *, item_ids: Sequence[UUID], timeout_s: float) -> bool:
        """See `backlog`."""
        del tenant_id, item_ids, timeout_s
        return True

    async def loaded(self, tenant_id: UUID, *, timeout_s: float) -> None:
        """Wait until the counts have everything."""
        await caught_up(self._app.db, CONSUMER, tenant_id, timeout_s=timeout_s)
