"""What recommendations bring: routes, commands, consumer, jobs, schedule, and the loop that keeps people matched."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from likewise.engine.recommend.settings import RecommendSettings
from likewise.platform.events import Consumer
from likewise.platform.feature import App, Feature
from likewise.platform.jobs import Job, Schedule

if TYPE_CHECKING:
    import typer
    from litestar.types import ControllerRouterHandler

__all__ = ["FEATURE"]


@asynccontextmanager
async def _start(app: App) -> AsyncGenerator[None]:
    from likewise.engine.collections import Followers
    from likewise.engine.recommend.service import RecommendFollower, Shelves, recording

    settings = app.settings.get(RecommendSettings)
    app.resource(Followers).add(RecommendFollower(app))
    app.provide(Shelves(settings))
    async with recording(app.db, settings) as recorder:
        app.provide(recorder)
        yield


@asynccontextmanager
async def _serve(app: App) -> AsyncGenerator[None]:
    from likewise.engine.recommend.service import keep

    task = asyncio.create_task(keep(app), name="recommend-keeper")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _routes() -> Sequence["ControllerRouterHandler"]:
    from likewise.engine.recommend.api import ROUTES

    return ROUTES


def _commands() -> "typer.Typer":
    from likewise.engine.recommend.cli import COMMANDS

    return COMMANDS


def _consumers(app: App) -> Sequence[Consumer]:
    from likewise.engine.recommend.consumers import consumer

    return [consumer(app)]


def _jobs(app: App) -> Sequence[Job]:
    from likewise.engine.recommend.jobs import jobs

    return jobs(app)


def _schedules(_: App) -> Sequence[Schedule]:
    from likewise.engine.recommend.jobs import SCHEDULES

    return SCHEDULES


FEATURE = Feature(
    name="recommend",
    settings=RecommendSettings,
    routes=_routes,
    commands=_commands,
    consumers=_consumers,
    jobs=_jobs,
    schedules=_schedules,
    start=_start,
    serve=_serve,
)
