"""`likewise demo | up | serve | worker`: the commands that stay until they are stopped."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from likewise.cli.host import open_app, stop_signals, work
from likewise.platform.commands import note, options, run_async, run_plain
from likewise.platform.config import CoreSettings, Settings
from likewise.platform.errors import Denied

if TYPE_CHECKING:
    import socket

    from likewise.platform.feature import App

__all__ = ["COMMANDS"]

COMMANDS = typer.Typer()
HostOption = Annotated[str | None, typer.Option("--host", help="Address to listen on; default 127.0.0.1.")]
PortOption = Annotated[int | None, typer.Option("--port", min=0, max=65535, help="Port; 0: any free one.")]
NextThing = Callable[["App"], Awaitable[str]]
_EMBEDDED_HINT = 'Try: likewise load FILE -c NAME --text FIELD, then likewise search "..." -c NAME'


class OpenServerNeedsKey(Denied):
    """Refused to listen on {host}: it is not loopback, so others could reach it, and no API key exists that would keep
    them out. Make one first: `likewise keys create NAME`."""


@COMMANDS.command()
def demo(
    host: HostOption = None,
    port: PortOption = None,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Leave once the samples are loaded.")] = True,
) -> None:
    """Load the sample data and open the console on it. Running it again adds nothing twice."""

    async def go(settings: Settings) -> None:
        from likewise.cli.samples import load_samples, suggestion

        if serve:
            await _serve(settings, with_worker=True, before=load_samples, next_thing=suggestion)
            return
        async with open_app(settings) as app, work(app):
            await load_samples(app)

    _run(go, host=host, port=port)


@COMMANDS.command()
def up(host: HostOption = None, port: PortOption = None) -> None:
    """Run everything in one process: the server, the worker and, where it is embedded, the database."""

    async def next_thing(app: "App") -> str:
        from likewise.engine.collections import list_collections
        from likewise.platform.tenancy import DEFAULT_TENANT

        known = await list_collections(app, DEFAULT_TENANT, limit=1)
        return f'Try: likewise search "..." -c {known[0].name}' if known else _EMBEDDED_HINT

    async def go(settings: Settings) -> None:
        await _serve(settings, with_worker=True, next_thing=next_thing)

    _run(go, host=host, port=port)


@COMMANDS.command()
def serve(
    host: HostOption = None,
    port: PortOption = None,
    workers: Annotated[int, typer.Option("--workers", min=1, max=64, help="HTTP processes on the same port.")] = 1,
    socket_number: Annotated[int, typer.Option("--socket", hidden=True)] = -1,
) -> None:
    """Run the HTTP server alone; `likewise worker` does the rest, here or elsewhere."""

    async def go(settings: Settings) -> None:
        if socket_number >= 0:
            import socket

            from likewise.cli.processes import end_with_parent

            end_with_parent()
            await _serve(settings, with_worker=False, listening=socket.socket(fileno=socket_number))
        elif workers == 1:
            await _serve(settings, with_worker=False)
        else:
            await _serve_many(settings, workers)

    _run(go, host=host, port=port)


@COMMANDS.command()
def worker() -> None:
    """Run the worker alone: events, jobs, schedules, embedding. Any number may run beside each other."""

    async def go(settings: Settings) -> None:
        async with stop_signals() as stop, open_app(settings) as app, work(app):
            note("The worker runs. Stop it with Ctrl+C.")
            await stop.wait()

    _run(go)


def _run(command: Callable[[Settings], Awaitable[None]], *, host: str | None = None, port: int | None = None) -> None:
    """Run a command that stays, with the logs of a server."""
    flags: dict[str, object] = {"host": host, "port": port}

    def start(settings: Settings) -> int | None:
        from likewise.platform.telemetry import configure_logs

        core = settings.core
        configure_logs(level="debug" if options().verbose else core.log_level, style=core.log_format)

        async def go() -> None:
            await command(settings)

        return run_async(go())

    run_plain(start, flags={name: value for name, value in flags.items() if value is not None})


async def _serve(
    settings: Settings,
    *,
    with_worker: bool,
    listening: "socket.socket | None" = None,
    before: Callable[["App"], Awaitable[None]] | None = None,
    next_thing: NextThing | None = None,
) -> None:
    """Serve until a signal: requests at hand are finished, then the worker stops, then the database is let go."""
    from likewise.app import list_features, sections
    from likewise.http.asgi import build_asgi
    from likewise.http.server import serving, url_of

    is_child = listening is not None
    async with stop_signals() as stop, open_app(settings) as app:
        own = listening or await _listen(app)
        async with _working(app, runs=with_worker):
            if before is not None:
                await _unless_stopped(before(app), stop)
            if stop.is_set():
                own.close()
                return
            asgi = build_asgi(app, list_features(), keyless=_is_keyless(settings), sections=sections())
            async with serving(app, asgi, own) as running:
                if not is_child:
                    await _announce(app, url_of(own), next_thing)
                stopped = asyncio.create_task(stop.wait())
                await asyncio.wait({running, stopped}, return_when=asyncio.FIRST_COMPLETED)
                stopped.cancel()
            if running.done() and not running.cancelled() and running.exception() is not None:
                await running
    if not is_child:
        note("Stopped.")


@asynccontextmanager
async def _working(app: "App", *, runs: bool) -> AsyncGenerator[None]:
    if not runs:
        yield
        return
    async with work(app):
        yield


async def _listen(app: "App") -> "socket.socket":
    """The socket of the settings. A taken default port gives way to a free one; a chosen one does not."""
    from likewise.http.server import bind
    from likewise.http.settings import HttpSettings
    from likewise.platform.tenancy import has_keys

    core = app.settings.core
    if not _is_keyless(app.settings) and not await has_keys(app.db):
        raise OpenServerNeedsKey(host=core.host)
    origins: Mapping[str, str] = {one.name: one.origin for one in app.settings.describe(CoreSettings)}
    return bind(
        core.host,
        core.port,
        backlog=app.settings.get(HttpSettings).backlog,
        or_any=origins["port"] == "default",
    )


def _is_keyless(settings: Settings) -> bool:
    from likewise.http.front import is_loopback

    return is_loopback(settings.core.host)


async def _unless_stopped(doing: Awaitable[None], stop: asyncio.Event) -> None:
    """Wait for the end of `doing`, or for the signal that ends it."""
    task = asyncio.ensure_future(doing)
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not task.done():
        task.cancel()
        await asyncio.wait({task})
        return
    await task


async def _announce(app: "App", url: str, next_thing: NextThing | None) -> None:
    """Two lines on standard output: the address, and what to try next."""
    sys.stdout.write(f"Likewise is at {url}/\n")
    if next_thing is not None:
        sys.stdout.write(f"{await next_thing(app)}\n")
    sys.stdout.flush()
    if next_thing is not None and _can_open_browser(app.settings):
        import webbrowser

        await asyncio.to_thread(webbrowser.open, url)


def _can_open_browser(settings: Settings) -> bool:
    has_screen = sys.platform in {"darwin", "win32"} or "DISPLAY" in os.environ or "WAYLAND_DISPLAY" in os.environ
    return has_screen and sys.stdout.isatty() and not settings.core.no_browser


async def _serve_many(settings: Settings, workers: int) -> None:
    """Several processes that accept from one socket. One that dies is replaced; too many deaths end them all."""
    from likewise.cli.processes import keep_processes
    from likewise.http.server import url_of

    async with stop_signals() as stop, open_app(settings) as app:
        listening = await _listen(app)
        number = listening.fileno()
        words = [sys.executable, "-m", "likewise", "serve", "--host", settings.core.host, "--socket", str(number)]
        sys.stdout.write(f"Likewise is at {url_of(listening)}/ with {workers} processes\n")
        sys.stdout.flush()
        await keep_processes(words, count=workers, keep_open=number, stop=stop)
        listening.close()
