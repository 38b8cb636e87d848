"""ASGI's dictionaries, typed: what a request says, and the two messages of an answer."""

from collections.abc import AsyncGenerator, Iterable, MutableMapping
from typing import Any, cast

from litestar.types import HTTPResponseBodyEvent, HTTPResponseStartEvent, HTTPScope, Scope, WebSocketScope
from litestar.types.asgi_types import HTTPRequestEvent

from likewise.platform.tenancy import Caller

__all__ = [
    "Headers",
    "answer_body",
    "answer_start",
    "caller_of",
    "close_streams",
    "closed_with",
    "http_scope",
    "is_stream",
    "request_body",
    "request_headers",
    "socket_scope",
    "state_of",
    "template_of",
]

Headers = list[tuple[bytes, bytes]]
Stream = AsyncGenerator[bytes]
_STREAMS = (b"text/event-stream", b"application/x-ndjson")
_OPEN = "open_streams"


def http_scope(scope: Scope) -> HTTPScope | None:
    """The scope of an HTTP request; None for the server's own life and web sockets."""
    return cast("HTTPScope", scope) if scope["type"] == "http" else None


def socket_scope(scope: Scope) -> WebSocketScope | None:
    """The scope of a web socket; None for anything else."""
    return cast("WebSocketScope", scope) if scope["type"] == "websocket" else None


def request_headers(request: HTTPScope | WebSocketScope) -> dict[bytes, str]:
    """A request's headers by their lower-case names."""
    return {name.lower(): value.decode("latin-1") for name, value in request["headers"]}


def state_of(request: HTTPScope | WebSocketScope) -> MutableMapping[str, object]:
    """What the parts of the surface leave for each other during a request."""
    known = cast("dict[str, Any]", request)
    return cast("MutableMapping[str, object]", known.setdefault("state", {}))


def closed_with(request: HTTPScope, stream: Stream) -> Stream:
    """The stream, which is closed when the request's answer has ended, however it did: where sending fails, nobody else
    would close it before it is collected.
    """
    cast("list[Stream]", state_of(request).setdefault(_OPEN, [])).append(stream)
    return stream


async def close_streams(request: HTTPScope) -> None:
    """Close what is still open of a request's streams."""
    for stream in cast("list[Stream]", state_of(request).get(_OPEN, [])):
        await stream.aclose()


def caller_of(request: HTTPScope | WebSocketScope) -> Caller | None:
    """Who asks, where that had to be known."""
    return cast("Caller | None", cast("dict[str, Any]", request).get("user"))


def template_of(request: HTTPScope | WebSocketScope) -> str:
    """The route's template, so that metrics have few labels."""
    return str(cast("dict[str, Any]", request).get("path_template") or "other")


def request_body(body: bytes) -> HTTPRequestEvent:
    """The whole body of a request."""
    return cast("HTTPRequestEvent", {"type": "http.request", "body": body, "more_body": False})


def is_stream(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether an answer with these headers comes bit by bit, and is passed on as it comes."""
    return any(name.lower() == b"content-type" and value.startswith(_STREAMS) for name, value in headers)


def answer_start(status: int, headers: Iterable[tuple[bytes, bytes]]) -> HTTPResponseStartEvent:
    """The head of an answer."""
    return cast("HTTPResponseStartEvent", {"type": "http.response.start", "status": status, "headers": list(headers)})


def answer_body(body: bytes, *, has_more: bool = False) -> HTTPResponseBodyEvent:
    """A part of an answer's body."""
    return cast("HTTPResponseBodyEvent", {"type": "http.response.body", "body": body, "more_body": has_more})
