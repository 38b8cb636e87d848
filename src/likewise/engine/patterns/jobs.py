"""Insights refreshed: of one collection when somebody asks for it, of all every night."""

from collections.abc import Sequence

import msgspec

from likewise.engine.patterns import service
from likewise.engine.patterns.settings import PatternsSettings
from likewise.platform.feature import App
from likewise.platform.jobs import Job, JobContext, Schedule

__all__ = ["REFRESH_INSIGHTS", "RefreshInsights", "jobs", "schedules"]

REFRESH_INSIGHTS = "refresh_insights"
_REFRESH_ALL = "refresh_all_insights"


class RefreshInsights(msgspec.Struct, frozen=True):
    """The collection whose counts are looked through."""

    collection: str


class RefreshAllInsights(msgspec.Struct, frozen=True):
    """Every collection of every tenant."""


def jobs(app: App) -> Sequence[Job]:
    """The jobs of patterns."""

    async def refresh(context: JobContext, args: RefreshInsights) -> None:
        found = await service.refresh_insights(app, context.tenant, collection=args.collection)
        async with context.effects() as tx:
            await context.finish(tx, msgspec.to_builtins(found))

    async def refresh_all(_: JobContext, __: RefreshAllInsights) -> None:
        await service.refresh_all_insights(app)

    return [
        Job(name=REFRESH_INSIGHTS, args=RefreshInsights, run=refresh, lock=lambda args: f"insights {args.collection}"),
        Job(name=_REFRESH_ALL, args=RefreshAllInsights, run=refresh_all, lock=lambda _: _REFRESH_ALL),
    ]


def schedules(app: App) -> Sequence[Schedule]:
    """Every night, when few are awake."""
    cron = app.settings.get(PatternsSettings).insights_cron
    return [Schedule(name=_REFRESH_ALL, cron=cron, job=_REFRESH_ALL, args=RefreshAllInsights())]
