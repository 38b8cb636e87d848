"""What the word arms read, derived from items: documents, the vocabulary with its counts, and their totals."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from likewise.engine.collections import ItemStatus, PassageRef, Removal
from likewise.engine.search import store
from likewise.engine.search.service.building import build_vector_indexes
from likewise.platform.db import Tx
from likewise.platform.events import caught_up
from likewise.platform.feature import App

__all__ = ["CONSUMER", "SearchFollower", "drop_documents", "read_items"]

CONSUMER = "search_documents"


async def read_items(tx: Tx, *, item_ids: Sequence[UUID]) -> None:
    """Make the documents of these items anew; an item that is gone leaves nothing. Repeating it changes nothing."""
    await store.lock_vocabulary(tx)
    await store.delete_documents(tx, item_ids=item_ids)
    if await store.insert_documents(tx, item_ids=item_ids):
        await store.name_lexemes(tx, item_ids=item_ids)


async def drop_documents(tx: Tx) -> None:
    """Forget everything derived for this transaction's tenant."""
    await store.lock_vocabulary(tx)
    await store.delete_all_documents(tx)
    await store.delete_all_lexemes(tx)
    await store.delete_all_totals(tx)


class SearchFollower:
    """Drops an item's documents, and words nobody else uses, in the very transaction that removes the item.

    See `likewise.engine.collections.Follower`. What is written is read by the consumer, seconds later at most.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    async def written(self, tx: Tx, *, collection_id: UUID, passages: Sequence[PassageRef], urgent: bool) -> None:
        """The consumer reads it."""

    async def removed(self, tx: Tx, removal: Removal) -> Mapping[str, int]:
        """Documents of items that go, or whose passages are made anew; and that an item that goes was opened."""
        await store.lock_vocabulary(tx)
        if removal.texts:  # of items that stay, no texts are taken away
            await store.forget_clicks(tx, item_ids=removal.item_ids)
        return {"documents": await store.delete_documents(tx, item_ids=removal.item_ids)}

    async def forgotten(self, texts: Sequence[str]) -> Mapping[str, int]:
        """Nothing is kept by text."""
        del texts
        return {}

    async def estimate(self, tenant_id: UUID, texts: Sequence[str], *, passages: int) -> Mapping[str, float]:
        """Reading words costs nothing worth telling."""
        del tenant_id, texts, passages
        return {}

    async def backlog(self, tx: Tx, *, collection_id: UUID, limit: int) -> int:
        """An item is searchable by meaning before its words are read; nobody waits for these."""
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
        """Wait until the words are read, and index the vectors where they have become many."""
        await caught_up(self._app.db, CONSUMER, tenant_id, timeout_s=timeout_s)
        await build_vector_indexes(self._app)
