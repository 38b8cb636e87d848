"""What language brings: its routes, commands, schedule, servers and check."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from likewise.engine.language.settings import LanguageSettings
from likewise.platform.feature import App, Feature, Health, HealthCheck
from likewise.platform.jobs import Job, Schedule

if TYPE_CHECKING:
    import typer
    from litestar.types import ControllerRouterHandler

__all__ = ["FEATURE"]


@asynccontextmanager
async def _start(app: App) -> AsyncGenerator[None]:
    from likewise.engine.language.service import open_servers

    async with open_servers(app) as servers:
        app.provide(servers)
        yield


def _routes() -> Sequence["ControllerRouterHandler"]:
    from likewise.engine.language.api import ROUTES

    return ROUTES


def _commands() -> "typer.Typer":
    from likewise.engine.language.cli import COMMANDS

    return COMMANDS


def _jobs(app: App) -> Sequence[Job]:
    from likewise.engine.language.jobs import jobs

    return jobs(app)


def _schedules(app: App) -> Sequence[Schedule]:
    from likewise.engine.language.jobs import schedules

    return schedules(app)


def _health(app: App) -> Sequence[HealthCheck]:
    async def servers() -> Health:
        from likewise.engine.language.service import ChatServers

        known = app.resource(ChatServers).all
        resting = [name for name, server in known.items() if server.is_left_alone]
        names = ", ".join(known) or "none; the extractive model answers"
        return Health(
            name="chat models",
            status="degraded" if resting else "ok",
            summary=f"{', '.join(resting)} failed repeatedly" if resting else f"servers configured: {names}",
            fix="Look at the server, or name another model first: `likewise language routes`." if resting else None,
            value=len(resting),
        )

    return [servers]


FEATURE = Feature(
    name="language",
    settings=LanguageSettings,
    routes=_routes,
    commands=_commands,
    jobs=_jobs,
    schedules=_schedules,
    start=_start,
    health=_health,
)
