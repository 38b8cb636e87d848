"""What was embedded and what the cache saved: counted in this process, noted in the database every few seconds.

A process that is killed loses the last seconds of it. Money is not counted here but reserved (see `spending`).
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from prometheus_client import Counter

from likewise.engine.embedding import store
from likewise.engine.embedding.model import DayUsage, Usage
from likewise.engine.embedding.service.runtime import Embedder
from likewise.engine.embedding.service.spending import day_of, list_spending
from likewise.engine.embedding.settings import EmbeddingSettings
from likewise.platform.cancelling import heed_cancel
from likewise.platform.errors import Unavailable
from likewise.platform.feature import App
from likewise.platform.telemetry import METRICS

__all__ = ["Tally", "Work", "counting", "read_usage"]

_DAYS_MAX = 366
_ROWS_MAX = 2_000
_KEPT_MAX = 10_000
_CALLS = Counter(
    "likewise_embedding_calls_total",
    "Calls of a model, by whether the cache saved them",
    ["saved"],
    registry=METRICS.registry,
)
_SAVED_USD = Counter(
    "likewise_embedding_saved_usd_total", "US dollars that cached vectors saved", registry=METRICS.registry
)
Key = tuple[UUID, datetime, int]


class Work(msgspec.Struct, frozen=True):
    """Texts, calls, tokens and milliseconds, with and without the cache."""

    texts: int = 0
    cached_texts: int = 0
    calls: int = 0
    saved_calls: int = 0
    tokens: int = 0
    saved_tokens: int = 0
    model_ms: int = 0

    def __add__(self, other: "Work") -> "Work":
        return Work(
            self.texts + other.texts,
            self.cached_texts + other.cached_texts,
            self.calls + other.calls,
            self.saved_calls + other.saved_calls,
            self.tokens + other.tokens,
            self.saved_tokens + other.saved_tokens,
            self.model_ms + other.model_ms,
        )


class Tally:
    """Work that is not noted yet, by tenant, day and space; of more than `_KEPT_MAX` of these the oldest is dropped."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._rows: OrderedDict[Key, Work] = OrderedDict()

    def add(self, tenant_id: UUID, space_id: int, work: Work, *, price_per_million_tokens_usd: float) -> None:
        """Count a batch or a query."""
        key = (tenant_id, day_of(self._app.clock.now()), space_id)
        self._rows[key] = self._rows.get(key, Work()) + work
        if len(self._rows) > _KEPT_MAX:
            self._rows.popitem(last=False)
        _CALLS.labels("no").inc(work.calls)
        _CALLS.labels("yes").inc(work.saved_calls)
        _SAVED_USD.inc(work.saved_tokens * price_per_million_tokens_usd / 1e6)

    async def flush(self) -> None:
        """Note everything counted so far; what the database does not take is kept for the next time."""
        while self._rows:
            key, work = self._rows.popitem(last=False)
            tenant_id, starts_at, space_id = key
            try:
                async with self._app.db.tenant(tenant_id) as tx:
                    await store.add_usage(
                        tx, usage=DayUsage(starts_at=starts_at, space_id=space_id, **msgspec.structs.asdict(work))
                    )
            except BaseException:
                self._rows[key] = self._rows.get(key, Work()) + work
                raise


@asynccontextmanager
async def counting(app: App) -> AsyncGenerator[Tally]:
    """A tally that is noted now and then, and once more at the end."""
    tally = Tally(app)
    flush_s = app.settings.get(EmbeddingSettings).usage_flush_s

    async def keep_flushing() -> None:
        while True:
            heed_cancel()
            await asyncio.sleep(flush_s)
            with suppress(Unavailable):
                await tally.flush()

    task = asyncio.create_task(keep_flushing(), name="embedding usage")
    try:
        yield tally
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        with suppress(Unavailable):
            await tally.flush()


async def read_usage(app: App, tenant_id: UUID, *, days: int) -> Usage:
    """A tenant's work of the last days (today counts as one), what the cache saved of it, and what it has spent."""
    await app.resource(Tally).flush()
    since = day_of(app.clock.now()) - timedelta(days=min(days, _DAYS_MAX) - 1)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        rows = await store.list_usage(tx, since=since, limit=_ROWS_MAX)
    total = sum((msgspec.convert(row, Work, from_attributes=True) for row in rows), Work())
    return Usage(
        texts=total.texts,
        cached_texts=total.cached_texts,
        hit_rate=total.cached_texts / total.texts if total.texts else 0.0,
        calls=total.calls,
        saved_calls=total.saved_calls,
        tokens=total.tokens,
        saved_tokens=total.saved_tokens,
        saved_usd=sum(row.saved_tokens * _price(app, row.space_id) for row in rows) / 1e6,
        spending=await list_spending(app, tenant_id),
        days=rows,
    )


def _price(app: App, space_id: int) -> float:
    """Today's price of a space's model; nothing for one that is not loaded here."""
    station = app.resource(Embedder).known_station(space_id)
    return 0.0 if station is None else station.model.price_per_million_tokens_usd
