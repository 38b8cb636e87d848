"""The inbox's part in the transactions of collections: a message's item that goes takes the message with it."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from likewise.apps.inbox import store
from likewise.apps.inbox.service.avatars import forget_avatars
from likewise.engine.collections import ItemStatus, PassageRef, Removal
from likewise.platform.db import Tx
from likewise.platform.feature import App

__all__ = ["InboxFollower"]


class InboxFollower:
    """See `likewise.engine.collections.Follower`."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def written(self, tx: Tx, *, collection_id: UUID, passages: Sequence[PassageRef], urgent: bool) -> None:
        """The inbox writes its own part itself."""

    async def removed(self, tx: Tx, removal: Removal) -> Mapping[str, int]:
        """Messages go with their answers; visitors who have no others go, too, with their pictures."""
        if removal.is_change:
            return {}
        gone = await store.delete_messages(tx, ids=removal.item_ids)
        if not gone:
            return {}
        deliveries = await store.delete_deliveries_of(tx, message_ids=removal.item_ids)
        if deliveries:
            await store.delete_outbox(tx, delivery_ids=deliveries)
        await store.delete_exceptions_of(tx, message_ids=removal.item_ids)
        visitors = list(dict.fromkeys(row.visitor_id for row in gone if row.visitor_id is not None))
        pictures = await store.delete_visitors_of(tx, ids=visitors) if visitors else []
        await forget_avatars(self._app, tx, keys=pictures)
        return {"messages": len(gone), "answers": len(deliveries), "avatars": len(pictures)}

    async def forgotten(self, texts: Sequence[str]) -> Mapping[str, int]:
        """Nothing is kept by text."""
        del texts
        return {}

    async def estimate(self, tenant_id: UUID, texts: Sequence[str], *, passages: int) -> Mapping[str, float]:
        """A message costs nothing beyond its item."""
        del tenant_id, texts, passages
        return {}

    async def backlog(self, tx: Tx, *, collection_id: UUID, limit: int) -> int:
        """Nobody waits for the inbox."""
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
        """See `backlog`."""
