"""The cache of vectors: keyed by what a text says, shared by everybody, bounded by age and number."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta

import numpy as np

from likewise.engine.collections import normalised_text
from likewise.engine.embedding import store
from likewise.engine.embedding.models import Embeddings
from likewise.engine.embedding.service.runtime import TEXTS, Embedder
from likewise.engine.embedding.settings import EmbeddingSettings
from likewise.platform.db import half_vectors
from likewise.platform.feature import App

__all__ = ["embed_through_cache", "forget_texts", "text_hash", "trim_cache"]

_TRIM_BATCH_ROWS = 5_000
_TRIM_BATCHES_MAX = 1_000
Vectors = dict[bytes, store.Vector]


def text_hash(space_id: int, text: str) -> bytes:
    """sha256 of the space and the normalised text."""
    return hashlib.sha256(b"%d\0" % space_id + normalised_text(text).encode("utf-8", "replace")).digest()


async def embed_through_cache(app: App, embedder: Embedder, texts: Mapping[bytes, str]) -> tuple[Vectors, int]:
    """Vectors of texts by hash, from the cache where it has them; how many it had. Asks the model once per text.

    No transaction is open while the model works. Raises what the model raises; what was computed is kept.
    """
    hashes = list(texts)
    space_id = embedder.space.space_id
    async with app.db.maintenance() as tx:
        cached = await store.list_cached(tx, space_id=space_id, hashes=hashes)
        stale = [row.hash for row in cached if row.stale]
        if stale:
            await store.mark_cached_used(tx, space_id=space_id, hashes=stale, at=app.clock.now())
    found: Vectors = {row.hash: row.vector for row in cached}
    TEXTS.labels("cache").inc(len(found))
    elsewhere = {key: embedder.under_way[key] for key in hashes if key not in found and key in embedder.under_way}
    missing = [key for key in hashes if key not in found and key not in elsewhere]
    found |= await _embed_now(app, embedder, missing, texts)
    for other in elsewhere.values():
        await asyncio.wait([other])
    lost = [key for key, other in elsewhere.items() if other.cancelled() or other.exception() is not None]
    found |= {key: other.result() for key, other in elsewhere.items() if key not in lost}
    found |= await _embed_now(app, embedder, lost, texts)
    TEXTS.labels("shared").inc(len(elsewhere) - len(lost))
    return found, len(cached)


async def _embed_now(app: App, embedder: Embedder, hashes: Sequence[bytes], texts: Mapping[bytes, str]) -> Vectors:
    """Ask the model, and let other batches that want the same texts meanwhile wait for this answer."""
    if not hashes:
        return {}
    promises = {key: asyncio.get_running_loop().create_future() for key in hashes}
    embedder.under_way.update(promises)
    try:
        matrix = await embedder.model.embed([texts[key] for key in hashes], purpose="passage")
        TEXTS.labels("model").inc(len(hashes))
        vectors = dict(zip(hashes, matrix, strict=True))
        for key, promise in promises.items():
            promise.set_result(vectors[key])
        await keep(app, embedder, hashes, matrix)
        return vectors
    finally:
        for key, promise in promises.items():
            promise.cancel()  # does nothing to one that was kept
            if embedder.under_way.get(key) is promise:
                del embedder.under_way[key]


async def keep(app: App, embedder: Embedder, hashes: Sequence[bytes], matrix: Embeddings) -> None:
    """Put vectors into the cache, in one order, so that two writers never wait for each other in a circle."""
    order = sorted(range(len(hashes)), key=hashes.__getitem__)
    rows = half_vectors(np.ascontiguousarray(matrix[order]))
    async with app.db.maintenance() as tx:
        await store.insert_cached(
            tx, space_id=embedder.space.space_id, hashes=[hashes[i] for i in order], embeddings=rows
        )


async def forget_texts(app: App, texts: Sequence[str]) -> int:
    """Remove the cached vectors of these texts, in every space; how many there were."""
    async with app.db.maintenance() as tx:
        spaces = await store.list_spaces(tx)
        hashes = sorted(text_hash(space.space_id, text) for space in spaces for text in set(texts))
        for key in hashes:
            app.resource(Embedder).forget_query(key)
        return await store.delete_cached(tx, hashes=hashes)


async def trim_cache(app: App) -> int:
    """Bring the cache within its age and number, in small transactions; how many vectors went."""
    settings = app.settings.get(EmbeddingSettings)
    before = app.clock.now() - timedelta(days=settings.cache_ttl_days)
    gone = 0
    for _ in range(_TRIM_BATCHES_MAX):
        async with app.db.maintenance() as tx:
            part = await store.trim_cache_by_age(tx, before=before, limit=_TRIM_BATCH_ROWS)
        gone += part
        if part < _TRIM_BATCH_ROWS:
            break
    async with app.db.maintenance() as tx:
        surplus = await store.estimate_cache_rows(tx) - settings.cache_rows_max
    while surplus > 0:
        async with app.db.maintenance() as tx:
            part = await store.trim_cache_by_count(tx, limit=min(surplus, _TRIM_BATCH_ROWS))
        gone, surplus = gone + part, surplus - part
        if part == 0:
            break
    return gone
