"""`/openapi.json` and `/docs`."""

import asyncio
from pathlib import Path

from litestar import Response, get

from likewise.http.surface import Surface

__all__ = ["ROUTES"]

_STYLE = Path(__file__).parents[1] / "openapi" / "docs.css"


@get("/openapi.json", include_in_schema=False)
async def openapi(surface: Surface) -> Response[bytes]:
    """The API as OpenAPI 3.1."""
    document, _ = await surface.documents.get()
    return Response(document, media_type="application/json", headers={"Cache-Control": "no-cache"})


@get("/docs", include_in_schema=False)
async def docs(surface: Surface) -> Response[str]:
    """The API as a page."""
    _, page = await surface.documents.get()
    return Response(page, media_type="text/html", headers={"Cache-Control": "no-cache"})


@get("/docs/style.css", include_in_schema=False)
async def style() -> Response[bytes]:
    """How the page looks."""
    content = await asyncio.to_thread(_STYLE.read_bytes)
    return Response(content, media_type="text/css", headers={"Cache-Control": "no-cache"})


ROUTES = (openapi, docs, style)
