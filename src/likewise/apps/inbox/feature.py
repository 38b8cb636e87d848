"""What the inbox brings: its routes, commands, consumers, jobs, schedule, loop and check."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from likewise.apps.inbox.settings import InboxSettings
from likewise.platform.events import Consumer
from likewise.platform.feature import App, Feature, GraphParts, Health, HealthCheck
from likewise.platform.jobs import Job, Schedule

if TYPE_CHECKING:
    import typer
    from litestar.types import ControllerRouterHandler

__all__ = ["FEATURE"]

_OUTBOX_COUNT_MAX = 100_000
_OUTBOX_AGE_LIMIT_S = 600


@asynccontextmanager
async def _start(app: App) -> AsyncGenerator[None]:
    from likewise.apps.inbox.service import Arrivals, InboxFollower, Outbox
    from likewise.engine.collections import Followers

    app.provide(Outbox())
    app.provide(Arrivals(app))
    app.resource(Followers).add(InboxFollower(app))
    yield


@asynccontextmanager
async def _serve(app: App) -> AsyncGenerator[None]:
    from likewise.apps.inbox.service import run_outbox

    task = asyncio.create_task(run_outbox(app), name="inbox outbox")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _routes() -> Sequence["ControllerRouterHandler"]:
    from likewise.apps.inbox.api import ROUTES

    return ROUTES


def _public_routes() -> Sequence["ControllerRouterHandler"]:
    from likewise.apps.inbox.api import PUBLIC_ROUTES

    return PUBLIC_ROUTES


def _commands() -> "typer.Typer":
    from likewise.apps.inbox.cli import COMMANDS

    return COMMANDS


def _graph() -> GraphParts:
    from likewise.apps.inbox.graph import PARTS

    return PARTS


def _consumers(app: App) -> Sequence[Consumer]:
    from likewise.apps.inbox.consumers import consumers

    return consumers(app)


def _jobs(app: App) -> Sequence[Job]:
    from likewise.apps.inbox.jobs import jobs

    return jobs(app)


def _schedules(app: App) -> Sequence[Schedule]:
    from likewise.apps.inbox.jobs import schedules

    return schedules(app)


def _health(app: App) -> Sequence[HealthCheck]:
    async def outbox() -> Health:
        from likewise.apps.inbox import store

        async with app.db.maintenance() as tx:
            backlog = await store.count_outbox(tx, limit=_OUTBOX_COUNT_MAX)
        late = (backlog.oldest_s or 0) > _OUTBOX_AGE_LIMIT_S
        return Health(
            name="inbox outbox",
            status="degraded" if late else "ok",
            summary=f"{backlog.count} answers are due",
            fix="Is a worker running? `likewise worker` starts one." if late else None,
            value=backlog.count,
        )

    return [outbox]


FEATURE = Feature(
    name="inbox",
    settings=InboxSettings,
    routes=_routes,
    graph=_graph,
    public_routes=_public_routes,
    commands=_commands,
    consumers=_consumers,
    jobs=_jobs,
    schedules=_schedules,
    start=_start,
    serve=_serve,
    health=_health,
)
