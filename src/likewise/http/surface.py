"""What the surface knows about itself, for its routes and for the server that runs it."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from litestar.types import ASGIApp

from likewise.http.openapi.documents import Documents
from likewise.platform.config import Section
from likewise.platform.feature import Feature

__all__ = ["Service", "Surface"]


class Surface:
    """One application's features, the sections of its settings, its description, and word that it is to stop."""

    def __init__(self, *, features: Sequence[Feature], sections: Sequence[type[Section]], documents: Documents) -> None:
        self.features = features
        self.sections = sections
        self.documents = documents
        self.stopping = asyncio.Event()  # streams, which would otherwise go on for ever, end when it is set


class Service:
    """An ASGI application, and the event that ends its streams."""

    def __init__(self, asgi: ASGIApp, stopping: asyncio.Event) -> None:
        self._asgi = asgi
        self._sockets = 0
        self._has_no_sockets = asyncio.Event()
        self._has_no_sockets.set()
        self.stopping = stopping

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - each server types ASGI anew
        """Answer one request."""
        if scope["type"] != "websocket":
            await self._asgi(scope, receive, send)
            return
        self._sockets += 1
        self._has_no_sockets.clear()
        try:
            await self._asgi(scope, receive, send)
        finally:
            self._sockets -= 1
            if not self._sockets:
                self._has_no_sockets.set()

    async def stop(self, *, wait_s: float) -> None:
        """Let streams end, and web sockets say that they do: the server cuts off those that are open when it stops."""
        self.stopping.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._has_no_sockets.wait()
