"""How a command opens the program: the app of `likewise.app`, and a worker beside it where the command needs one."""

import asyncio
import signal
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING
from uuid import UUID

from likewise.platform.commands import Host
from likewise.platform.config import Settings

if TYPE_CHECKING:
    from likewise.platform.feature import App

__all__ = ["HOST", "open_app", "stop_signals", "work"]


@asynccontextmanager
async def open_app(settings: Settings) -> AsyncGenerator["App"]:
    """The app, with every feature started."""
    from likewise.app import open_app as open_everything

    async with open_everything(settings) as app:
        yield app


@asynccontextmanager
async def work(app: "App") -> AsyncGenerator[None]:
    """Everything a worker does, in this process, until the block ends; then it stops gently.

    A worker that fails for good ends the block with its error.
    """
    from likewise.app import list_features
    from likewise.worker import run

    features = list_features()
    jobs = [job for one in features if one.jobs is not None for job in one.jobs(app)]
    schedules = [schedule for one in features if one.schedules is not None for schedule in one.schedules(app)]
    stop = asyncio.Event()
    async with AsyncExitStack() as stack:
        for feature in features:
            if feature.serve is not None:
                await stack.enter_async_context(feature.serve(app))
        working = asyncio.create_task(
            run(
                app,
                [consumer for one in features if one.consumers is not None for consumer in one.consumers(app)],
                [job for job in jobs if job.name not in app.jobs.registered],
                [schedule for schedule in schedules if schedule.name not in app.jobs.schedules],
                stop=stop,
            ),
            name="worker",
        )
        try:
            yield
        finally:
            stop.set()
            await working


@asynccontextmanager
async def stop_signals() -> AsyncGenerator[asyncio.Event]:
    """An event that SIGTERM and SIGINT set; a second signal ends the process at once."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    known = (signal.SIGTERM, signal.SIGINT)

    def ask() -> None:
        stop.set()
        for number in known:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)

    for number in known:
        loop.add_signal_handler(number, ask)
    try:
        yield stop
    finally:
        for number in known:
            loop.remove_signal_handler(number)


async def _find_tenant(app: "App", name: str) -> UUID:
    from likewise.platform.tenancy import DEFAULT_TENANT, get_tenant

    return DEFAULT_TENANT if name == "default" else (await get_tenant(app.db, name=name)).tenant_id


HOST = Host(open_app=open_app, work=work, find_tenant=_find_tenant)
