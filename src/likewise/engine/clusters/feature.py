"""What clusters bring: their routes, commands, consumer, jobs and schedule, and what a process remembers."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from likewise.engine.clusters.settings import ClustersSettings
from likewise.platform.events import Consumer
from likewise.platform.feature import App, Feature
from likewise.platform.jobs import Job, Schedule

if TYPE_CHECKING:
    import typer
    from litestar.types import ControllerRouterHandler

__all__ = ["FEATURE"]


@asynccontextmanager
async def _start(app: App) -> AsyncGenerator[None]:
    from likewise.engine.clusters.service import ClustersFollower, Memory
    from likewise.engine.collections import Followers

    app.resource(Followers).add(ClustersFollower(app))
    app.provide(Memory(app.settings.get(ClustersSettings)))
    yield


def _routes() -> Sequence["ControllerRouterHandler"]:
    from likewise.engine.clusters.api import ROUTES

    return ROUTES


def _commands() -> "typer.Typer":
    from likewise.engine.clusters.cli import COMMANDS

    return COMMANDS


def _consumers(app: App) -> Sequence[Consumer]:
    from likewise.engine.clusters.consumers import consumer

    return [consumer(app)]


def _jobs(app: App) -> Sequence[Job]:
    from likewise.engine.clusters.jobs import jobs

    return jobs(app)


def _schedules(_: App) -> Sequence[Schedule]:
    from likewise.engine.clusters.jobs import SCHEDULES

    return SCHEDULES


FEATURE = Feature(
    name="clusters",
    settings=ClustersSettings,
    routes=_routes,
    commands=_commands,
    consumers=_consumers,
    jobs=_jobs,
    schedules=_schedules,
    start=_start,
)
