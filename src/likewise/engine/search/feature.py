"""What search brings: its routes, commands, consumer, schedule, and what a process keeps."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from likewise.engine.search.settings import SearchSettings
from likewise.platform.events import Consumer
from likewise.platform.feature import App, Feature, Health, HealthCheck
from likewise.platform.jobs import Job, Schedule

if TYPE_CHECKING:
    import typer
    from litestar.types import ControllerRouterHandler

__all__ = ["FEATURE"]

_RECALL_DAYS = 7


@asynccontextmanager
async def _start(app: App) -> AsyncGenerator[None]:
    from likewise.engine.collections import Followers
    from likewise.engine.embedding import QuerySources
    from likewise.engine.search.service import AskedQueries, PartitionCatalog, SearchFollower, Stems, recording

    settings = app.settings.get(SearchSettings)
    app.resource(Followers).add(SearchFollower(app))
    app.resource(QuerySources).add(AskedQueries(app))
    app.provide(PartitionCatalog(settings))
    app.provide(Stems(settings))
    async with recording(app.db, settings) as recorder:
        app.provide(recorder)
        yield


def _routes() -> Sequence["ControllerRouterHandler"]:
    from likewise.engine.search.api import ROUTES

    return ROUTES


def _commands() -> "typer.Typer":
    from likewise.engine.search.cli import COMMANDS

    return COMMANDS


def _consumers(_: App) -> Sequence[Consumer]:
    from likewise.engine.search.consumers import SEARCH_DOCUMENTS

    return [SEARCH_DOCUMENTS]


def _jobs(app: App) -> Sequence[Job]:
    from likewise.engine.search.jobs import jobs

    return jobs(app)


def _schedules(_: App) -> Sequence[Schedule]:
    from likewise.engine.search.jobs import SCHEDULES

    return SCHEDULES


def _health(app: App) -> Sequence[HealthCheck]:
    async def recall() -> Health:
        from likewise.engine.search import store

        async with app.db.maintenance() as tx:
            found = await store.count_poor_recalls(tx, since=app.clock.now() - timedelta(days=_RECALL_DAYS))
        return Health(
            name="search recall",
            status="degraded" if found.poor else "ok",
            summary=f"{found.measured} large indexes measured, {found.poor} find too few of the nearest ten",
            fix="`likewise indexes build` builds denser graphs; `likewise indexes recall` then measures again."
            if found.poor
            else None,
            value=round(found.worst, 4),
        )

    return [recall]


FEATURE = Feature(
    name="search",
    settings=SearchSettings,
    routes=_routes,
    commands=_commands,
    consumers=_consumers,
    jobs=_jobs,
    schedules=_schedules,
    start=_start,
    health=_health,
)
