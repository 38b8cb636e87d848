"""What the community brings: its routes, commands, consumers, jobs and schedules."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from likewise.apps.community.settings import CommunitySettings
from likewise.platform.events import Consumer
from likewise.platform.feature import App, Feature, Health, HealthCheck
from likewise.platform.jobs import Job, Schedule

if TYPE_CHECKING:
    import typer
    from litestar.types import ControllerRouterHandler

__all__ = ["FEATURE"]


@asynccontextmanager
async def _start(app: App) -> AsyncGenerator[None]:
    from likewise.apps.community.service.acting import Acts
    from likewise.apps.community.service.following import CommunityFollower
    from likewise.apps.community.service.writing import Tellings
    from likewise.engine.collections import Followers

    app.provide(Acts(app))
    app.provide(Tellings(app))
    app.resource(Followers).add(CommunityFollower(app))
    yield


def _routes() -> Sequence["ControllerRouterHandler"]:
    from likewise.apps.community.api import ROUTES

    return ROUTES


def _public_routes() -> Sequence["ControllerRouterHandler"]:
    from likewise.apps.community.api import PUBLIC_ROUTES

    return PUBLIC_ROUTES


def _commands() -> "typer.Typer":
    from likewise.apps.community.cli import COMMANDS

    return COMMANDS


def _consumers(app: App) -> Sequence[Consumer]:
    from likewise.apps.community.consumers import consumers

    return consumers(app)


def _jobs(app: App) -> Sequence[Job]:
    from likewise.apps.community.jobs import jobs

    return jobs(app)


def _schedules(app: App) -> Sequence[Schedule]:
    from likewise.apps.community.jobs import schedules

    return schedules(app)


def _health(app: App) -> Sequence[HealthCheck]:
    async def partitions() -> Health:
        from likewise.apps.community.service.partitioning import find_interrupted

        left = await find_interrupted(app)
        return Health(
            name="community partitions",
            status="degraded" if left else "ok",
            summary=f"left behind by a run that was interrupted: {', '.join(left)}" if left else "nothing is half made",
            fix="`likewise community partition` removes it and begins again." if left else None,
            value=len(left),
        )

    return [partitions]


FEATURE = Feature(
    name="community",
    settings=CommunitySettings,
    routes=_routes,
    public_routes=_public_routes,
    commands=_commands,
    consumers=_consumers,
    jobs=_jobs,
    schedules=_schedules,
    start=_start,
    health=_health,
)
