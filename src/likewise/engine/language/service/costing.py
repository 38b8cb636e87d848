"""What calls cost, and what they would have cost under another table; old calls added up by month."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import msgspec

from likewise.engine.language import logic, store
from likewise.engine.language.errors import TasksTooMany
from likewise.engine.language.model import CostRow, MonthCosts, Routing, WhatIf
from likewise.engine.language.service.routing import budget_usd_of, get_routing
from likewise.engine.language.service.servers import ChatServers
from likewise.engine.language.settings import LanguageSettings
from likewise.platform.feature import App

__all__ = ["list_costs", "roll_up_calls", "what_if"]

_TENANTS_AT_ONCE = 1_000


async def list_costs(app: App, tenant_id: UUID, *, months: int = 1) -> list[MonthCosts]:
    """What each of the last `months` cost (UTC), this one first. Raises TasksTooMany."""
    settings = app.settings.get(LanguageSettings)
    budget_usd = budget_usd_of((await get_routing(app, tenant_id)).routing, settings)
    this = logic.month_of(app.clock.now())
    found: list[MonthCosts] = []
    for count in range(min(months, settings.months_max)):
        month = logic.months_back(this, count)
        starts_at, ends_at = _span(month)
        limit = settings.cost_rows_max
        async with app.db.tenant(tenant_id, read_only=True) as tx:
            rows = await store.list_costs(tx, month=month, starts_at=starts_at, ends_at=ends_at, limit=limit + 1)
            spent = await store.find_spent(tx, month=month)
            reserved = await store.sum_open(tx, starts_at=starts_at, ends_at=ends_at)
        if len(rows) > limit:
            raise TasksTooMany(month=f"{month:%Y-%m}", rows_max=limit)
        found.append(
            MonthCosts(
                month=f"{month:%Y-%m}",
                spent_usd=logic.usd_of(spent),
                reserved_usd=logic.usd_of(reserved),
                budget_usd=budget_usd,
                rows=[_row(row) for row in rows],
            )
        )
    return found


async def what_if(app: App, tenant_id: UUID, *, routing: Routing, month: str | None = None) -> WhatIf:
    """A month's calls under another table, at today's prices; by default the last whole month.

    The table may name models that are not configured here. Raises ChatRequestRefused, RoutingRefused, TasksTooMany.
    """
    settings = app.settings.get(LanguageSettings)
    logic.check_routes(routing)
    wanted = logic.read_month(month) if month else logic.months_back(logic.month_of(app.clock.now()), 1)
    starts_at, ends_at = _span(wanted)
    limit = settings.cost_rows_max
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        rows = await store.list_groups(tx, month=wanted, starts_at=starts_at, ends_at=ends_at, limit=limit + 1)
    if len(rows) > limit:
        raise TasksTooMany(month=f"{wanted:%Y-%m}", rows_max=limit)
    return logic.recompute(
        [msgspec.convert(row, logic.Group, from_attributes=True) for row in rows],
        routing,
        month=wanted,
        prices=app.resource(ChatServers).prices,
        budget_usd=budget_usd_of(routing, settings),
    )


async def roll_up_calls(app: App) -> int:
    """Add the calls of days that are over long enough to their months; how many. A crash loses none and counts none
    twice."""
    settings = app.settings.get(LanguageSettings)
    oldest = app.clock.now().astimezone(UTC) - timedelta(days=settings.calls_kept_days)
    before = datetime.combine(oldest.date(), time.min, tzinfo=UTC)
    batch, total = settings.roll_up_batch_max, 0
    while True:
        async with app.db.maintenance() as tx:
            tenants = await store.list_tenants_with_old_calls(tx, before=before, rows=batch, limit=_TENANTS_AT_ONCE)
        if not tenants:
            return total
        for tenant_id in tenants:
            gone = batch
            while gone == batch:
                async with app.db.tenant(tenant_id) as tx:
                    gone = await store.roll_up_calls(tx, before=before, limit=batch)
                total += gone


def _span(month: date) -> tuple[datetime, datetime]:
    """The moments between which a month lies."""
    starts_at = datetime(month.year, month.month, 1, tzinfo=UTC)
    ends = logic.next_month(month)
    return starts_at, datetime(ends.year, ends.month, 1, tzinfo=UTC)


def _row(row: store.CostSum) -> CostRow:
    return CostRow(
        task=row.task,
        tier=row.tier,
        model=row.model,
        calls=row.calls,
        failed_calls=row.failed_calls,
        input_tokens=row.input_tokens,
        output_tokens=row.output_tokens,
        estimated_calls=row.estimated_calls,
        unpriced_calls=row.unpriced_calls,
        cost_usd=logic.usd_of(row.cost_micro),
    )
