"""A tenant's money for a provider: set aside before each request, day and month at once, exact across processes."""

import math
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

from likewise.engine.embedding import store
from likewise.engine.embedding.model import Spending
from likewise.engine.embedding.models import EmbeddingModel
from likewise.engine.embedding.settings import EmbeddingSettings
from likewise.platform.errors import Limited
from likewise.platform.feature import App

__all__ = ["SpendCapReached", "TenantPurse", "day_of", "list_spending", "purse_of"]

Period = Literal["day", "month"]
_NANO = 1_000_000_000
_UNBOUNDED = 2**62
_NANO_PER_TOKEN = 1_000  # of a price per million tokens


class SpendCapReached(Limited):
    """This {period}'s cap of {cap_usd:g} US dollars for the embedding provider is spent. What waits is embedded when
    the next {period} begins, or at once when LIKEWISE_EMBEDDING_SPEND_CAP_{setting}_USD is raised."""


class TenantPurse:
    """One tenant's purse for one model."""

    def __init__(self, app: App, tenant_id: UUID, *, price_per_million_tokens_usd: float) -> None:
        self._app = app
        self._tenant_id = tenant_id
        self._price = price_per_million_tokens_usd

    async def reserve(self, tokens: int) -> None:
        """Set the price of these tokens aside, in every period or in none. Raises SpendCapReached."""
        now = self._app.clock.now()
        async with self._app.db.tenant(self._tenant_id) as tx:
            for period, (starts_at, ends_at, cap_usd) in _periods(self._app, now).items():
                granted = await store.reserve_spend(
                    tx,
                    period=period,
                    starts_at=starts_at,
                    nano_usd=self._cost(tokens),
                    cap_nano_usd=_UNBOUNDED if cap_usd is None else int(cap_usd * _NANO),
                )
                if granted is None:
                    raise SpendCapReached(
                        retry_after_s=(ends_at - now).total_seconds(),
                        period=period,
                        cap_usd=cap_usd,
                        setting=period.upper(),
                    )

    async def release(self, tokens: int) -> None:
        """Give back what was reserved, in the periods of now: one that has ended meanwhile keeps it."""
        async with self._app.db.tenant(self._tenant_id) as tx:
            for period, (starts_at, _, _) in _periods(self._app, self._app.clock.now()).items():
                await store.release_spend(tx, period=period, starts_at=starts_at, nano_usd=self._cost(tokens))

    def _cost(self, tokens: int) -> int:
        return math.ceil(tokens * self._price * _NANO_PER_TOKEN)


def purse_of(app: App, tenant_id: UUID, model: EmbeddingModel) -> TenantPurse | None:
    """The purse that pays for a model; None for one that costs nothing."""
    price = model.price_per_million_tokens_usd
    return TenantPurse(app, tenant_id, price_per_million_tokens_usd=price) if price else None


async def list_spending(app: App, tenant_id: UUID) -> list[Spending]:
    """What a tenant has spent this day and this month (UTC), and its caps."""
    periods = _periods(app, app.clock.now())
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        rows = await store.list_spends(tx, starts_at=[starts_at for starts_at, _, _ in periods.values()])
    spent = {(row.period, row.starts_at): row.spent_nano_usd / _NANO for row in rows}
    return [
        Spending(period=period, starts_at=starts_at, spent_usd=spent.get((period, starts_at), 0.0), cap_usd=cap_usd)
        for period, (starts_at, _, cap_usd) in periods.items()
    ]


def _periods(app: App, now: datetime) -> dict[Period, tuple[datetime, datetime, float | None]]:
    """Begin, end and cap of each period that `now` lies in."""
    settings = app.settings.get(EmbeddingSettings)
    day = day_of(now)
    month = day.replace(day=1)
    next_month = (month + timedelta(days=32)).replace(day=1)
    return {
        "day": (day, day + timedelta(days=1), settings.spend_cap_day_usd),
        "month": (month, next_month, settings.spend_cap_month_usd),
    }


def day_of(moment: datetime) -> datetime:
    """Midnight (UTC) before a moment."""
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
