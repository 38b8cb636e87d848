"""What the surface knows about itself, for its routes and for the server that runs it."""

import asyncio
from collections.abc import Sequence
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
        self.stopping = stopping

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - each server types ASGI anew
        """Answer one request."""
        await self._asgi(scope, receive, send)
