"""The cache of vectors: keyed by what a text says, shared by everybody, bounded by age and number."""

import asyncio
import hashlib
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

import numpy as np

from likewise.engine.collections import normalised_text
from likewise.engine.embedding import store
from likewise.engine.embedding.model import Space
from likewise.engine.embedding.models import Embeddings, Purpose
from likewise.engine.embedding.service.runtime import TEXTS, Embedder, Station
from likewise.engine.embedding.service.spending import purse_of
from likewise.engine.embedding.service.using import Tally, Work
from likewise.engine.embedding.settings import EmbeddingSettings
from likewise.platform.db import Tx, half_vectors
from likewise.platform.feature import App

__all__ = [
    "ask_model",
    "count_saved",
    "embed_through_cache",
    "forget_texts",
    "keep",
    "note_forgotten",
    "sweep_forgotten",
    "text_hash",
    "trim_cache",
]

_TRIM_BATCH_ROWS = 5_000
_TRIM_BATCHES_MAX = 1_000
Vectors = dict[bytes, store.Vector]


def text_hash(space_id: int, text: str) -> bytes:
    """sha256 of the space and the normalised text."""
    return hashlib.sha256(b"%d\0" % space_id + normalised_text(text).encode("utf-8", "replace")).digest()


async def embed_through_cache(
    app: App, tenant_id: UUID, station: Station, texts: Mapping[bytes, str]
) -> tuple[Vectors, int]:
    """Vectors of texts by hash, from the cache where it has them; how many it had. Asks the model once per text.

    No transaction is open while the model works. Raises what the model raises, and SpendCapReached; what was computed
    is kept.
    """
    embedder = app.resource(Embedder)
    hashes = list(texts)
    space_id = station.space.space_id
    async with app.db.maintenance() as tx:
        cached = await store.list_cached(tx, space_id=space_id, hashes=hashes)
        stale = [row.hash for row in cached if row.stale]
        if stale:
            await store.mark_cached_used(tx, space_id=space_id, hashes=stale, at=app.clock.now())
    found: Vectors = {row.hash: row.vector for row in cached}
    TEXTS.labels("cache").inc(len(found))
    elsewhere = {key: embedder.under_way[key] for key in hashes if key not in found and key in embedder.under_way}
    missing = [key for key in hashes if key not in found and key not in elsewhere]
    count_saved(app, tenant_id, station, [texts[key] for key in (*found, *elsewhere)], is_call=not missing)
    found |= await _embed_now(app, tenant_id, station, missing, texts)
    for other in elsewhere.values():
        await asyncio.wait([other])
    lost = [key for key, other in elsewhere.items() if other.cancelled() or other.exception() is not None]
    found |= {key: other.result() for key, other in elsewhere.items() if key not in lost}
    found |= await _embed_now(app, tenant_id, station, lost, texts)
    TEXTS.labels("shared").inc(len(elsewhere) - len(lost))
    return found, len(cached)


async def _embed_now(
    app: App, tenant_id: UUID, station: Station, hashes: Sequence[bytes], texts: Mapping[bytes, str]
) -> Vectors:
    """Ask the model, and let other batches that want the same texts meanwhile wait for this answer."""
    if not hashes:
        return {}
    embedder = app.resource(Embedder)
    promises = {key: asyncio.get_running_loop().create_future() for key in hashes}
    embedder.under_way.update(promises)
    try:
        matrix = await ask_model(app, tenant_id, station, [texts[key] for key in hashes], purpose="passage")
        TEXTS.labels("model").inc(len(hashes))
        vectors = dict(zip(hashes, matrix, strict=True))
        for key, promise in promises.items():
            promise.set_result(vectors[key])
        await keep(app, station.space, hashes, matrix)
        return vectors
    finally:
        for key, promise in promises.items():
            promise.cancel()  # does nothing to one that was kept
            if embedder.under_way.get(key) is promise:
                del embedder.under_way[key]


async def ask_model(
    app: App, tenant_id: UUID, station: Station, texts: Sequence[str], *, purpose: Purpose
) -> Embeddings:
    """Vectors straight from the model, paid for by the tenant and counted as its work."""
    model = station.model
    started = time.perf_counter()
    matrix = await model.embed(texts, purpose=purpose, purse=purse_of(app, tenant_id, model))
    work = Work(
        texts=len(texts), calls=1, tokens=_tokens(station, texts), model_ms=int((time.perf_counter() - started) * 1000)
    )
    price = model.price_per_million_tokens_usd
    app.resource(Tally).add(tenant_id, station.space.space_id, work, price_per_million_tokens_usd=price)
    return matrix


def count_saved(app: App, tenant_id: UUID, station: Station, texts: Sequence[str], *, is_call: bool) -> None:
    """Count texts that needed no model. `is_call`: nothing else was asked for, so that a whole call was saved."""
    if not texts:
        return
    work = Work(
        texts=len(texts), cached_texts=len(texts), saved_calls=int(is_call), saved_tokens=_tokens(station, texts)
    )
    price = station.model.price_per_million_tokens_usd
    app.resource(Tally).add(tenant_id, station.space.space_id, work, price_per_million_tokens_usd=price)


def _tokens(station: Station, texts: Sequence[str]) -> int:
    """Tokens are counted where they cost money; a local model would have to cut every text up a second time."""
    return sum(station.model.count_tokens(texts)) if station.model.price_per_million_tokens_usd else 0


async def keep(app: App, space: Space, hashes: Sequence[bytes], matrix: Embeddings) -> None:
    """Put vectors into the cache, in one order, so that two writers never wait for each other in a circle."""
    order = sorted(range(len(hashes)), key=hashes.__getitem__)
    rows = half_vectors(np.ascontiguousarray(matrix[order]))
    async with app.db.maintenance() as tx:
        await store.insert_cached(tx, space_id=space.space_id, hashes=[hashes[i] for i in order], embeddings=rows)


async def note_forgotten(tx: Tx, texts: Sequence[str]) -> None:
    """Inside the transaction that removes texts: their cached vectors have to go, whatever happens after it."""
    spaces = await store.list_spaces(tx)
    keys = sorted((space.space_id, text_hash(space.space_id, text)) for space in spaces for text in set(texts))
    await store.insert_forgotten(tx, space_ids=[space_id for space_id, _ in keys], hashes=[key for _, key in keys])


async def forget_texts(app: App, texts: Sequence[str]) -> int:
    """Remove the cached vectors of these texts, in every space; how many there were. The note of it stays a while."""
    async with app.db.maintenance() as tx:
        spaces = await store.list_spaces(tx)
        hashes = sorted(text_hash(space.space_id, text) for space in spaces for text in set(texts))
        for key in hashes:
            app.resource(Embedder).forget_query(key)
        return await store.delete_cached(tx, hashes=hashes)


async def sweep_forgotten(app: App) -> int:
    """Carry out what notes of forgotten texts ask for once they are old enough that no batch under way can have put a
    vector back; how many notes."""
    before = app.clock.now() - timedelta(seconds=app.settings.get(EmbeddingSettings).cache_forget_s)
    swept = 0
    for _ in range(_TRIM_BATCHES_MAX):
        async with app.db.maintenance() as tx:
            part = await store.sweep_forgotten(tx, before=before, limit=_TRIM_BATCH_ROWS)
        swept += part
        if part < _TRIM_BATCH_ROWS:
            break
    return swept


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
        most = settings.cache_rows_max + _TRIM_BATCH_ROWS * _TRIM_BATCHES_MAX
        surplus = await store.count_cached(tx, limit=most) - settings.cache_rows_max
    while surplus > 0:
        async with app.db.maintenance() as tx:
            part = await store.trim_cache_by_count(tx, limit=min(surplus, _TRIM_BATCH_ROWS))
        gone, surplus = gone + part, surplus - part
        if part == 0:
            break
    return gone
