"""What is done to a finished answer: an ETag and 304 for what has not changed, and compression.

Only answers that come in one piece are touched; streams pass through as they are.
"""

import gzip
import hashlib
from collections.abc import Callable
from typing import cast

import brotli
import zstandard
from litestar.types import ASGIApp, HTTPResponseStartEvent, Message, Receive, Scope, Send

from likewise.http.wire import Headers, answer_body, answer_start, http_scope, is_stream, request_headers

__all__ = ["is_known", "rendering"]

_COMPRESS_FROM_BYTES = 1024
_COMPRESSIBLE = (
    b"application/json",
    b"application/problem+json",
    b"application/graphql-response+json",
    b"text/",
    b"application/javascript",
    b"image/svg",
)


def _zstd(body: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=3).compress(body)


def _brotli(body: bytes) -> bytes:
    return cast("Callable[..., bytes]", brotli.compress)(body, quality=4)  # pyright: ignore[reportUnknownMemberType]


def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, compresslevel=5, mtime=0)


_ENCODINGS: dict[str, Callable[[bytes], bytes]] = {"zstd": _zstd, "br": _brotli, "gzip": _gzip}


def rendering(inner: ASGIApp) -> ASGIApp:
    """Wrap the routes."""

    async def render(scope: Scope, receive: Receive, send: Send) -> None:
        request = http_scope(scope)
        if request is None:
            await inner(scope, receive, send)
            return
        method, asked = request["method"], request_headers(request)
        start: HTTPResponseStartEvent | None = None

        async def answer(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and not is_stream(message["headers"]):
                start = message
                return
            if start is None or message["type"] != "http.response.body":
                await send(message)
                return
            head, start = start, None
            body, headers, status = message["body"], list(head["headers"]), head["status"]
            if not message["more_body"]:
                if method == "GET" and status == 200 and is_known(_tag(headers, body), asked.get(b"if-none-match")):
                    status, body = 304, b""
                    headers = [pair for pair in headers if pair[0].lower() not in {b"content-length", b"content-type"}]
                body, headers = _compressed(body, headers, asked.get(b"accept-encoding", ""))
            await send(answer_start(status, headers))
            await send(answer_body(body, has_more=message["more_body"]))

        await inner(scope, receive, answer)

    return render


def _tag(headers: Headers, body: bytes) -> str:
    """The ETag of an answer, added to its headers unless the route has set one."""
    for name, value in headers:
        if name.lower() == b"etag":
            return value.decode("latin-1")
    tag = f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    headers.append((b"etag", tag.encode()))
    return tag


def is_known(tag: str, asked: str | None) -> bool:
    """Whether the asker has what this tag stands for: RFC 9110's weak comparison with its If-None-Match."""
    if asked is None:
        return False
    known = {part.strip().removeprefix("W/") for part in asked.split(",")}
    return "*" in known or tag.removeprefix("W/") in known


def _compressed(body: bytes, headers: Headers, accepted: str) -> tuple[bytes, Headers]:
    names = {name.lower(): value for name, value in headers}
    kind = names.get(b"content-type", b"")
    if len(body) < _COMPRESS_FROM_BYTES or b"content-encoding" in names or not kind.startswith(_COMPRESSIBLE):
        return body, headers
    headers = [*headers, (b"vary", b"Accept-Encoding")]
    offered = _offered(accepted)
    encoding = next((name for name in _ENCODINGS if name in offered), None)
    if encoding is None:
        return body, headers
    smaller = _ENCODINGS[encoding](body)
    kept = [pair for pair in headers if pair[0].lower() != b"content-length"]
    return smaller, [*kept, (b"content-encoding", encoding.encode()), (b"content-length", str(len(smaller)).encode())]


def _offered(accepted: str) -> set[str]:
    """Encodings a client takes; one with the weight 0 is one it does not."""
    found: set[str] = set()
    for part in accepted.lower().split(","):
        name, _, weight = part.partition(";")
        if weight.replace(" ", "").rstrip("0.") != "q=":
            found.add(name.strip())
    return found
