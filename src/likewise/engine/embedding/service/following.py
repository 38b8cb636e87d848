"""Embedding's part in the transactions of collections: queue what is written, drop what is removed."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from uuid import UUID

from likewise.engine.collections import ItemStatus, PassageRef, Removal
from likewise.engine.embedding import store
from likewise.engine.embedding.service.caching import forget_texts, note_forgotten
from likewise.engine.embedding.service.estimating import estimate_texts
from likewise.engine.embedding.service.runtime import Embedder
from likewise.engine.embedding.service.spaces import serving_space
from likewise.platform.db import Tx
from likewise.platform.errors import Unavailable
from likewise.platform.feature import App

__all__ = ["CHANNEL", "EmbeddingFollower"]

CHANNEL = "likewise_embedding"
URGENT, BULK = 0, 1
_POLL_S = 0.02


class EmbeddingFollower:
    """See `likewise.engine.collections.followers.Follower`."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._embedder = app.resource(Embedder)
        self._hint: asyncio.Task[None] | None = None

    async def written(self, tx: Tx, *, collection_id: UUID, passages: Sequence[PassageRef], urgent: bool) -> None:
        """Queue the passages for each space the tenant writes; once committed, wake the pipeline wherever it runs."""
        await store.insert_pending(
            tx,
            collection_id=collection_id,
            priority=URGENT if urgent else BULK,
            passages={passage.id: passage.item_id for passage in passages},
        )
        tx.after_commit(self._announce)

    async def removed(self, tx: Tx, removal: Removal) -> Mapping[str, int]:
        """Vectors and queue entries of items that go, or whose passages are made anew."""
        if removal.texts:
            await note_forgotten(tx, removal.texts)
        await store.delete_pending(tx, item_ids=removal.item_ids)
        return {"vectors": await store.delete_vectors(tx, item_ids=removal.item_ids)}

    async def forgotten(self, texts: Sequence[str]) -> Mapping[str, int]:
        """Cached vectors of texts that are gone. Another item with the same text only has to be embedded again."""
        return {"cached_vectors": await forget_texts(self._app, texts)}

    async def estimate(self, tenant_id: UUID, texts: Sequence[str], *, passages: int) -> Mapping[str, float]:
        """What these texts would take in the space that serves; `minutes` only where the model's speed is known."""
        station = await self._embedder.station(await serving_space(self._app, tenant_id))
        estimate = await estimate_texts(self._app, tenant_id, station=station, texts=texts, passages=passages)
        figures: dict[str, float] = {
            "texts": estimate.texts,
            "cached_texts": estimate.cached_texts,
            "texts_to_embed": estimate.unique_texts - estimate.cached_texts,
            "tokens": estimate.tokens,
            "cost_usd": estimate.cost_usd,
            "vector_bytes": estimate.vector_bytes,
            "index_bytes": estimate.index_bytes,
        }
        return figures if estimate.minutes is None else {**figures, "minutes": estimate.minutes}

    async def backlog(self, tx: Tx, *, collection_id: UUID, limit: int) -> int:
        """Passages that wait, counted up to `limit`."""
        return await store.count_pending(tx, collection_id=collection_id, limit=limit)

    async def states(self, tx: Tx, *, item_ids: Sequence[UUID]) -> Mapping[UUID, ItemStatus]:
        """Items that wait or failed."""
        rows = await store.list_states(tx, item_ids=item_ids)
        return {row.item_id: ItemStatus.FAILED if row.failed else ItemStatus.PENDING for row in rows}

    async def settle(self, tenant_id: UUID, *, item_ids: Sequence[UUID], timeout_s: float) -> bool:
        """Wait until none of these items is pending. This process's pipeline rings; another's is polled for."""
        deadline = time.monotonic() + timeout_s
        while True:
            async with self._app.db.tenant(tenant_id, read_only=True) as tx:
                rows = await store.list_states(tx, item_ids=item_ids)
            if all(row.failed for row in rows):
                return True
            if time.monotonic() >= deadline:
                return False
            await self._wait_for_progress()

    async def loaded(self, tenant_id: UUID, *, timeout_s: float) -> None:
        """Nothing is left to do once nothing is pending."""

    async def _wait_for_progress(self) -> None:
        async with self._embedder.progress:
            try:
                await asyncio.wait_for(self._embedder.progress.wait(), _POLL_S)
            except TimeoutError:
                return

    async def close(self) -> None:
        """Give up a hint that is still to be sent: the database goes away next."""
        if self._hint is not None:
            self._hint.cancel()
            await asyncio.gather(self._hint, return_exceptions=True)

    def _announce(self) -> None:
        self._embedder.work_arrived.set()
        if self._hint is None or self._hint.done():
            self._hint = asyncio.ensure_future(self._notify())

    async def _notify(self) -> None:
        """One hint for all that was written in a moment; the pipeline elsewhere also looks by itself."""
        await asyncio.sleep(_POLL_S)
        with suppress(Unavailable):
            await self._app.db.notify(CHANNEL)
