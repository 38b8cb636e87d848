"""The console's built files, from memory: hashed ones may be kept for a year, the page itself is asked for each time.

Addresses the routes do not know belong to the console's own navigation, where a browser asks for a page.
"""

import mimetypes
from pathlib import Path

from litestar.types import ASGIApp, Receive, Scope, Send

from likewise.http.wire import answer_body, answer_start, http_scope, request_headers

__all__ = ["console_files"]

_SERVER_PATHS = ("/api/", "/health", "/metrics", "/openapi.json", "/docs", "/graphql", "/v1/", "/mcp")
_FOREVER = b"public, max-age=31536000, immutable"
_ASK_AGAIN = b"no-cache"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml"}


def console_files(inner: ASGIApp, folder: Path) -> ASGIApp:
    """Serve the files of `folder`, and its index.html for pages nobody else knows."""
    files = {f"/{path.relative_to(folder).as_posix()}": path for path in folder.rglob("*") if path.is_file()}
    bodies = {address: path.read_bytes() for address, path in files.items()}

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        request = http_scope(scope)
        if request is None or request["method"] != "GET":
            await inner(scope, receive, send)
            return
        path = request["path"]
        address = path if path in bodies else "/index.html"
        wants_html = "text/html" in request_headers(request).get(b"accept", "")
        wants_page = path == "/" or (wants_html and not path.startswith(_SERVER_PATHS))
        if address not in bodies or not (path in bodies or wants_page):
            await inner(scope, receive, send)
            return
        body = bodies[address]
        headers = [
            (b"content-type", _media_type(address).encode()),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", _FOREVER if address.startswith("/assets/") else _ASK_AGAIN),
        ]
        await send(answer_start(200, headers))
        await send(answer_body(body))

    return serve


def _media_type(address: str) -> str:
    suffix = Path(address).suffix
    kind = _TYPES.get(suffix) or mimetypes.guess_type(address)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
