"""How search serves: what is asked, what finds nothing, what is opened; kept raw for days, and per month for ever."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from uuid import UUID

from likewise.engine.embedding import serving_space
from likewise.engine.search import logic, store
from likewise.engine.search.model import MonthFigures, SearchAnalytics
from likewise.engine.search.service.asking import clean, get_corpus, hash_query
from likewise.engine.search.service.errors import QuestionRefused
from likewise.engine.search.service.recording import Recorder
from likewise.engine.search.settings import SearchSettings
from likewise.platform.errors import FieldError
from likewise.platform.feature import App

__all__ = ["analyze_searches", "forget_query", "roll_up_searches"]

_TENANTS_AT_ONCE = 1_000
_MONTHS_MAX = 120


async def analyze_searches(
    app: App, tenant_id: UUID, *, collection: str | None, days: int, limit: int
) -> SearchAnalytics:
    """Figures of the last `days`, of one collection or of all. Raises CollectionNotFound, QuestionRefused."""
    settings = app.settings.get(SearchSettings)
    if not 1 <= days <= settings.analytics_days_max:
        raise _refusal("/days", f"give 1 to {settings.analytics_days_max} days")
    if not 1 <= limit <= settings.analytics_queries_max:
        raise _refusal("/limit", f"give 1 to {settings.analytics_queries_max} queries")
    await app.resource(Recorder).flush()
    space = await serving_space(app, tenant_id)
    since = app.clock.now() - timedelta(days=days)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        collection_id = None if collection is None else (await get_corpus(tx, name=collection)).id
        rows = await store.list_query_months(tx, collection_id=collection_id, limit=_MONTHS_MAX)
        return SearchAnalytics(
            since=since,
            totals=await store.sum_queries(tx, since=since, collection_id=collection_id),
            top=await store.list_top_queries(
                tx, since=since, collection_id=collection_id, only_empty=False, limit=limit
            ),
            without_results=await store.list_top_queries(
                tx, since=since, collection_id=collection_id, only_empty=True, limit=limit
            ),
            months=[_month(row) for row in rows],
            top_of_months=await store.list_top_texts_of_months(tx, collection_id=collection_id, limit=limit),
            recall=await store.find_recall(tx, space=space),
        )


async def forget_query(app: App, tenant_id: UUID, *, query: str) -> Mapping[str, int]:
    """Forget that a text was ever searched for, however it was capitalised; how many searches went."""
    await app.resource(Recorder).flush()
    async with app.db.tenant(tenant_id) as tx:
        return {"searches": await store.forget_query(tx, hash=hash_query(clean(query)))}


async def roll_up_searches(app: App) -> int:
    """Add up the searches of days that are over long enough; how many. A crash loses none and counts none twice.

    What was asked of collections that are gone goes with it.
    """
    settings = app.settings.get(SearchSettings)
    oldest = app.clock.now() - timedelta(days=settings.record_kept_days)
    before = datetime.combine(oldest.date(), time.min, tzinfo=oldest.tzinfo)
    total = 0
    while True:
        async with app.db.maintenance() as tx:
            tenants = await store.list_tenants_with_old_queries(
                tx, before=before, rows=settings.roll_up_batch_max, limit=_TENANTS_AT_ONCE
            )
        if not tenants:
            return total
        for tenant_id in tenants:
            total += await _roll_up(app, tenant_id, before=before, settings=settings)


async def _roll_up(app: App, tenant_id: UUID, *, before: datetime, settings: SearchSettings) -> int:
    """One tenant's, a batch in each transaction."""
    batch = settings.roll_up_batch_max
    total = 0
    while True:
        async with app.db.tenant(tenant_id) as tx:
            added = await store.roll_up_queries(tx, before=before, limit=batch)
        total += added
        if added < batch:
            break
    async with app.db.tenant(tenant_id) as tx:
        await store.delete_rare_texts(tx, texts_max=settings.texts_per_month_max, limit=batch)
        await store.delete_orphaned_queries(tx, limit=batch)
        await store.delete_orphaned_months(tx, limit=batch)
    return total


def _month(row: store.MonthRow) -> MonthFigures:
    return MonthFigures(
        month=row.month,
        searches=row.searches,
        without_results=row.without_results,
        clicked=row.clicked,
        cached=row.cached,
        latency_p50_ms=logic.middle_of_classes(row.took_counts, 0.5),
        latency_p95_ms=logic.middle_of_classes(row.took_counts, 0.95),
    )


def _refusal(pointer: str, reason: str) -> QuestionRefused:
    return QuestionRefused(reason=reason, errors=[FieldError(pointer, reason)])
