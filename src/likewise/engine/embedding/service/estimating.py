"""What embedding texts would take, told before any of it is done."""

import asyncio
import time
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from likewise.engine.collections import embedded_text, list_passage_texts
from likewise.engine.embedding import store
from likewise.engine.embedding.model import Estimate
from likewise.engine.embedding.service.caching import text_hash
from likewise.engine.embedding.service.runtime import Embedder, Station
from likewise.engine.embedding.service.spaces import find_target
from likewise.engine.embedding.service.spending import day_of
from likewise.engine.embedding.settings import EmbeddingSettings
from likewise.platform.feature import App

__all__ = ["add_estimates", "estimate_change", "estimate_texts"]

_HISTORY_DAYS = 30
_HISTORY_ROWS_MAX = 200
_HISTORY_MS_MIN = 1_000
_PROBE_TEXTS_MAX = 128
# Measured on halfvec(384): 790 bytes a row, 1,120 bytes of HNSW with m = 16 (design of the search's indexes).
_ROW_BYTES, _INDEX_BYTES = 22, 352
_FIRST = UUID(int=0)


async def estimate_texts(
    app: App, tenant_id: UUID, *, station: Station, texts: Sequence[str], passages: int
) -> Estimate:
    """What so many passages of these texts would take in a space; equal ones and cached ones cost nothing."""
    space_id = station.space.space_id
    by_hash = {text_hash(space_id, text): text for text in texts}
    unique = len(by_hash)
    async with app.db.maintenance() as tx:
        cached = await store.list_cached(tx, space_id=space_id, hashes=list(by_hash))
    for row in cached:
        by_hash.pop(row.hash, None)
    missing = list(by_hash.values())
    tokens = sum(await asyncio.to_thread(station.model.count_tokens, missing))
    rate = await _texts_per_ms(app, tenant_id, station, missing)
    vector_bytes = 2 * station.space.dimension
    return Estimate(
        texts=passages,
        unique_texts=unique,
        cached_texts=len(cached),
        tokens=tokens,
        cost_usd=tokens * station.model.price_per_million_tokens_usd / 1e6,
        minutes=None if rate is None else len(missing) / rate / 60_000,
        vector_bytes=passages * (vector_bytes + _ROW_BYTES),
        index_bytes=passages * (vector_bytes + _INDEX_BYTES),
    )


async def estimate_change(app: App, tenant_id: UUID, *, model: str) -> Estimate:
    """What changing a tenant to another model would take: every passage is read, none is embedded.

    Texts that are equal count once within each part that is read.
    """
    station = await app.resource(Embedder).station(await find_target(app, model=model))
    limit = app.settings.get(EmbeddingSettings).change_batch_rows
    total = Estimate(0, 0, 0, 0, 0.0, 0.0, 0, 0)
    after = _FIRST
    while True:
        async with app.db.tenant(tenant_id, read_only=True) as tx:
            ids = await store.list_passage_ids(tx, after=after, limit=limit)
            passages = await list_passage_texts(tx, ids=ids)
        texts = [embedded_text(passage.title, passage.heading_path, passage.text) for passage in passages]
        total = add_estimates(
            total, await estimate_texts(app, tenant_id, station=station, texts=texts, passages=len(texts))
        )
        if len(ids) < limit:
            return total
        after = ids[-1]


def add_estimates(one: Estimate, other: Estimate) -> Estimate:
    """Two parts of one job."""
    return Estimate(
        texts=one.texts + other.texts,
        unique_texts=one.unique_texts + other.unique_texts,
        cached_texts=one.cached_texts + other.cached_texts,
        tokens=one.tokens + other.tokens,
        cost_usd=one.cost_usd + other.cost_usd,
        minutes=None if one.minutes is None or other.minutes is None else one.minutes + other.minutes,
        vector_bytes=one.vector_bytes + other.vector_bytes,
        index_bytes=one.index_bytes + other.index_bytes,
    )


async def _texts_per_ms(app: App, tenant_id: UUID, station: Station, texts: Sequence[str]) -> float | None:
    """The model's speed: as this tenant's last weeks tell, else (where it costs nothing) as a few of the texts do."""
    if not texts:
        return 1.0
    since = day_of(app.clock.now()) - timedelta(days=_HISTORY_DAYS)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        days = await store.list_usage(tx, since=since, limit=_HISTORY_ROWS_MAX)
    mine = [day for day in days if day.space_id == station.space.space_id]
    spent_ms = sum(day.model_ms for day in mine)
    if spent_ms >= _HISTORY_MS_MIN:
        return sum(day.texts - day.cached_texts for day in mine) / spent_ms
    if not station.model.local:
        return None
    speeds = app.resource(Embedder).speeds
    if (known := speeds.get(station.space.space_id)) is not None:
        return known
    probe = texts[:: max(1, len(texts) // _PROBE_TEXTS_MAX)][:_PROBE_TEXTS_MAX]
    started = time.perf_counter()
    await station.model.embed(probe, purpose="passage")
    speed = speeds[station.space.space_id] = len(probe) / max((time.perf_counter() - started) * 1000, 1e-3)
    return speed
