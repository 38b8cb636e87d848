"""What embedding brings: its routes, commands, loops and checks."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from likewise.engine.collections import Followers
from likewise.engine.embedding.settings import EmbeddingSettings
from likewise.platform.feature import App, Feature, Health, HealthCheck
from likewise.platform.jobs import Job, Schedule

if TYPE_CHECKING:
    import typer
    from litestar.types import ControllerRouterHandler

__all__ = ["FEATURE"]

_QUEUE_COUNT_MAX = 100_000
_QUEUE_AGE_LIMIT_S = 600


@asynccontextmanager
async def _start(app: App) -> AsyncGenerator[None]:
    from likewise.engine.embedding.service import EmbeddingFollower, QuerySources, counting, open_embedder

    async with open_embedder(app) as embedder, counting(app) as tally:
        app.provide(embedder)
        app.provide(tally)
        app.provide(QuerySources())
        follower = EmbeddingFollower(app)
        app.resource(Followers).add(follower)
        try:
            yield
        finally:
            await follower.close()


@asynccontextmanager
async def _serve(app: App) -> AsyncGenerator[None]:
    from likewise.engine.embedding.service import run_pipeline

    task = asyncio.create_task(run_pipeline(app))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _routes() -> Sequence["ControllerRouterHandler"]:
    from likewise.engine.embedding.api import ROUTES

    return ROUTES


def _commands() -> "typer.Typer":
    from likewise.engine.embedding.cli import COMMANDS

    return COMMANDS


def _jobs(app: App) -> Sequence[Job]:
    from likewise.engine.embedding.jobs import jobs

    return jobs(app)


def _schedules(_: App) -> Sequence[Schedule]:
    from likewise.engine.embedding.jobs import SCHEDULES

    return SCHEDULES


def _health(app: App) -> Sequence[HealthCheck]:
    async def queue() -> Health:
        from likewise.engine.embedding import store

        async with app.db.maintenance() as tx:
            count = await store.count_queue(tx, limit=_QUEUE_COUNT_MAX)
        late = (count.oldest_s or 0) > _QUEUE_AGE_LIMIT_S
        summary = f"{count.waiting} texts wait for their vector, {count.failed} failed"
        fix = None
        if late:
            fix = "Is a worker running? `likewise worker` starts one."
        elif count.failed:
            fix = "`likewise models retry` tries the failed texts again."
        return Health(
            name="embedding queue",
            status="degraded" if late or count.failed else "ok",
            summary=summary,
            fix=fix,
            value=count.waiting,
        )

    return [queue]


FEATURE = Feature(
    name="embedding",
    settings=EmbeddingSettings,
    routes=_routes,
    commands=_commands,
    jobs=_jobs,
    schedules=_schedules,
    start=_start,
    serve=_serve,
    health=_health,
)
