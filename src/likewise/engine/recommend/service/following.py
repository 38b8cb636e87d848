"""Recommendation's part in the transactions of collections: with an item goes what people did with it."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from likewise.engine.collections import ItemStatus, PassageRef, Removal
from likewise.engine.recommend import store
from likewise.engine.recommend.service.acting import announce
from likewise.engine.recommend.settings import RecommendSettings
from likewise.platform.db import Tx
from likewise.platform.feature import App

__all__ = ["RecommendFollower"]


class RecommendFollower:
    """See `likewise.engine.collections.Follower`. Everything derived is the consumer's business."""

    def __init__(self, app: App) -> None:
        self._settings = app.settings.get(RecommendSettings)

    async def written(self, tx: Tx, *, collection_id: UUID, passages: Sequence[PassageRef], urgent: bool) -> None:
        """The consumer reads it."""

    async def removed(self, tx: Tx, removal: Removal) -> Mapping[str, int]:
        """Interactions and impressions of items that go; of those that only change everything stays."""
        if removal.is_change:
            return {}
        touched = await store.delete_interactions_of_items(tx, item_ids=removal.item_ids)
        shown = await store.delete_impressions_of_items(tx, item_ids=removal.item_ids)
        await announce(tx, removal.collection_id, touched, items_max=self._settings.event_items_max)
        return {"interactions": len(touched), "impressions": shown}

    async def forgotten(self, texts: Sequence[str]) -> Mapping[str, int]:
        """Nothing is kept by text."""
        del texts
        return {}

    async def estimate(self, tenant_id: UUID, texts: Sequence[str], *, passages: int) -> Mapping[str, float]:
        """Profiles cost nothing worth telling."""
        del tenant_id, texts, passages
        return {}

    async def backlog(self, tx: Tx, *, collection_id: UUID, limit: int) -> int:
        """Nobody waits for profiles before searching."""
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
        del tenant_id, timeout_s
