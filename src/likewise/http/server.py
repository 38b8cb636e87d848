"""The server: granian inside this process, on a socket of our own.

Binding it ourselves gives a taken port its exact message, lets port 0 be asked for, and lets several processes accept
from one socket: a child inherits it.
"""

import asyncio
import errno
import gc
import os
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.net import SocketHolder  # pyright: ignore[reportPrivateImportUsage] - the door granian itself uses
from granian.server.embed import Server as EmbeddedServer
from typing_extensions import override

from likewise.http.settings import HttpSettings
from likewise.http.surface import Service
from likewise.platform.cancelling import heed_cancel
from likewise.platform.errors import Conflict, Rejected
from likewise.platform.feature import App
from likewise.platform.idempotency import tidy_keys
from likewise.platform.telemetry import get_log

__all__ = ["AddressUnusable", "PortTaken", "bind", "serving", "url_of"]

_TIDY_INTERVAL_S = 3600.0
_log = get_log("likewise.http")


class PortTaken(Conflict):
    """Port {port} of {host} is taken by another program (perhaps another `likewise up`). Choose another one with --port
    or LIKEWISE_PORT, or 0 for any free one."""


class AddressUnusable(Rejected):
    """The server cannot listen on {host}: {reason}. Name an address of this machine with --host."""


def bind(host: str, port: int, *, backlog: int, or_any: bool = False) -> socket.socket:
    """A listening socket. `or_any`: where the port is taken, any free one. Raises PortTaken, AddressUnusable."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except (socket.gaierror, UnicodeError) as error:
        raise AddressUnusable(host=host, reason=error) from error
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(backlog)
    except OSError as error:
        made.close()
        if error.errno == errno.EADDRINUSE:
            if or_any:
                return bind(host, 0, backlog=backlog)
            raise PortTaken(port=port, host=host) from error
        raise AddressUnusable(host=host, reason=error.strerror or error) from error
    made.setblocking(False)
    return made


def url_of(listening: socket.socket) -> str:
    """The address a browser takes."""
    host, port = listening.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{shown}:{port}"


@asynccontextmanager
async def serving(app: App, service: Service, listening: socket.socket) -> AsyncGenerator[asyncio.Task[None]]:
    """Serve until the block ends: then streams end, running requests get their grace, and the socket is closed.

    The task given ends early only where the server itself fails.
    """
    settings = app.settings.get(HttpSettings)
    server = _Server(service, listening, settings)
    running = asyncio.create_task(server.serve(), name="http server")
    tidying = asyncio.create_task(_tidy(app), name="idempotency keys")
    gc.collect()
    gc.freeze()  # what was made to begin with stays; looking through it again and again is what late answers waited for
    try:
        yield running
    finally:
        gc.unfreeze()
        await service.stop(wait_s=settings.grace_s)
        tidying.cancel()
        server.stop()
        _, late = await asyncio.wait({running}, timeout=settings.grace_s)
        for task in late:
            _log.warning("requests_cut_off", grace_s=settings.grace_s)
            task.cancel()
        await asyncio.gather(running, tidying, return_exceptions=True)
        listening.close()


class _Server(EmbeddedServer):
    """granian, given a socket that listens already."""

    def __init__(self, service: Service, listening: socket.socket, settings: HttpSettings) -> None:
        self._listening = listening
        super().__init__(
            service,
            interface=Interfaces.ASGINL,
            websockets=True,
            backlog=settings.backlog,
            backpressure=settings.requests_max + settings.streams_max,
            http1_settings=HTTP1Settings(header_read_timeout=settings.header_wait_s * 1000),
            log_enabled=False,
            log_level=LogLevels.error,
        )

    @override
    def _init_shared_socket(self) -> None:
        self._ssp = None
        self._sfd = os.dup(self._listening.fileno())  # it is granian's from here on, to close as well
        self._shd = SocketHolder(self._sfd, False, self.backlog)  # pyright: ignore[reportCallIssue]


async def _tidy(app: App) -> None:
    while True:
        with suppress(Exception):  # the database may be away; the next hour is soon enough
            await tidy_keys(app.db)
        heed_cancel()
        await asyncio.sleep(_TIDY_INTERVAL_S)
