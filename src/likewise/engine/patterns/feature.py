"""What patterns bring: their routes, commands, consumer and schedule."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from likewise.engine.patterns.settings import PatternsSettings
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
    from likewise.engine.patterns.service import PatternsFollower

    app.resource(Followers).add(PatternsFollower(app))
    yield


def _routes() -> Sequence["ControllerRouterHandler"]:
    from likewise.engine.patterns.api import ROUTES

    return ROUTES


def _commands() -> "typer.Typer":
    from likewise.engine.patterns.cli import COMMANDS

    return COMMANDS


def _consumers(_: App) -> Sequence[Consumer]:
    from likewise.engine.patterns.consumers import PATTERN_COUNTS

    return [PATTERN_COUNTS]


def _jobs(app: App) -> Sequence[Job]:
    from likewise.engine.patterns.jobs import jobs

    return jobs(app)


def _schedules(app: App) -> Sequence[Schedule]:
    from likewise.engine.patterns.jobs import schedules

    return schedules(app)


FEATURE = Feature(
    name="patterns",
    settings=PatternsSettings,
    routes=_routes,
    commands=_commands,
    consumers=_consumers,
    jobs=_jobs,
    schedules=_schedules,
    start=_start,
)
