"""The community's part in the transactions of collections: with an experience's item goes what is known of it, and its
pictures' files. Comments, counters and reports go by their foreign keys.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from likewise.apps.community import store
from likewise.apps.community.service.picturing import forget_pictures_of
from likewise.engine.collections import ItemStatus, PassageRef, Removal
from likewise.platform.db import Tx
from likewise.platform.feature import App

__all__ = ["CommunityFollower"]


class CommunityFollower:
    """See `likewise.engine.collections.Follower`."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def written(self, tx: Tx, *, collection_id: UUID, passages: Sequence[PassageRef], urgent: bool) -> None:
        """The community writes its own part itself."""

    async def removed(self, tx: Tx, removal: Removal) -> Mapping[str, int]:
        """What is known of experiences that go, and their pictures; of those that only change everything stays."""
        if removal.is_change:
            return {}
        attributes = await store.delete_attributes_of(tx, experience_ids=removal.item_ids)
        pictures = await forget_pictures_of(self._app, tx, experience_ids=removal.item_ids)
        return {"attributes": attributes, "pictures": pictures} if attributes or pictures else {}

    async def forgotten(self, texts: Sequence[str]) -> Mapping[str, int]:
        """Nothing is kept by text."""
        del texts
        return {}

    async def estimate(self, tenant_id: UUID, texts: Sequence[str], *, passages: int) -> Mapping[str, float]:
        """An experience costs nothing beyond its item."""
        del tenant_id, texts, passages
        return {}

    async def backlog(self, tx: Tx, *, collection_id: UUID, limit: int) -> int:
        """Nobody waits for the community."""
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
