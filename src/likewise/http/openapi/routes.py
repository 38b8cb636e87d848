"""`/openapi.json` and `/docs`."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec
from litestar import Response, get

from likewise.http.openapi.document import Document, complete
from likewise.http.openapi.page import render_page
from likewise.platform.feature import App

__all__ = ["ROUTES", "Documents"]

_STYLE = Path(__file__).with_name("docs.css")


class Documents:
    """The document and the page, made when they are first asked for; kept by the app."""

    def __init__(self, derive: Callable[[], Document]) -> None:
        self._derive = derive
        self._made: tuple[bytes, str] | None = None
        self._making = asyncio.Lock()

    async def get(self) -> tuple[bytes, str]:
        """The document as JSON, and the page."""
        async with self._making:
            if self._made is None:
                self._made = await asyncio.to_thread(self._make)
        return self._made

    def _make(self) -> tuple[bytes, str]:
        document = complete(self._derive())
        return msgspec.json.encode(document), render_page(document)


@get("/openapi.json", include_in_schema=False)
async def openapi(app: App) -> Response[bytes]:
    """The API as OpenAPI 3.1."""
    document, _ = await app.resource(Documents).get()
    return Response(document, media_type="application/json", headers={"Cache-Control": "no-cache"})


@get("/docs", include_in_schema=False)
async def docs(app: App) -> Response[str]:
    """The API as a page."""
    _, page = await app.resource(Documents).get()
    return Response(page, media_type="text/html", headers={"Cache-Control": "no-cache"})


@get("/docs/style.css", include_in_schema=False)
async def style() -> Response[bytes]:
    """How the page looks."""
    content = await asyncio.to_thread(_STYLE.read_bytes)
    return Response(content, media_type="text/css", headers={"Cache-Control": "no-cache"})


ROUTES = (openapi, docs, style)
