"""What collections bring: their routes, commands and the job that loads an uploaded file."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from likewise.engine.collections.followers import Followers
from likewise.engine.collections.settings import CollectionsSettings
from likewise.platform.feature import App, Feature
from likewise.platform.jobs import Job

if TYPE_CHECKING:
    import typer
    from litestar.types import ControllerRouterHandler

__all__ = ["FEATURE"]


@asynccontextmanager
async def _start(app: App) -> AsyncGenerator[None]:
    app.provide(Followers())
    yield


def _routes() -> Sequence["ControllerRouterHandler"]:
    from likewise.engine.collections.api import ROUTES

    return ROUTES


def _commands() -> "typer.Typer":
    from likewise.engine.collections.cli import COMMANDS

    return COMMANDS


def _jobs(app: App) -> Sequence[Job]:
    from likewise.engine.collections.jobs import jobs

    return jobs(app)


FEATURE = Feature(
    name="collections",
    settings=CollectionsSettings,
    routes=_routes,
    commands=_commands,
    jobs=_jobs,
    start=_start,
)
