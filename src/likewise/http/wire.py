"""ASGI's dictionaries, typed: what a request says, and the two messages of an answer."""

from collections.abc import Iterable, MutableMapping
from typing import Any, cast

from litestar.types import HTTPResponseBodyEvent, HTTPResponseStartEvent, HTTPScope, Scope
from litestar.types.asgi_types import HTTPRequestEvent

from likewise.platform.tenancy import Caller

__all__ = [
    "Headers",
    "answer_body",
    "answer_start",
    "caller_of",
    "http_scope",
    "request_body",
    "request_headers",
    "state_of",
    "template_of",
]

Headers = list[tuple[bytes, bytes]]


def http_scope(scope: Scope) -> HTTPScope | None:
    """The scope of an HTTP request; None for the server's own life and web sockets."""
    return cast("HTTPScope", scope) if scope["type"] == "http" else None


def request_headers(request: HTTPScope) -> dict[bytes, str]:
    """A request's headers by their lower-case names."""
    return {name.lower(): value.decode("latin-1") for name, value in request["headers"]}


def state_of(request: HTTPScope) -> MutableMapping[str, object]:
    """What the parts of the surface leave for each other during a request."""
    known = cast("dict[str, Any]", request)
    return cast("MutableMapping[str, object]", known.setdefault("state", {}))


def caller_of(request: HTTPScope) -> Caller | None:
    """Who asks, where that had to be known."""
    return cast("Caller | None", cast("dict[str, Any]", request).get("user"))


def template_of(request: HTTPScope) -> str:
    """The route's template, so that metrics have few labels."""
    return str(cast("dict[str, Any]", request).get("path_template") or "other")


def request_body(body: bytes) -> HTTPRequestEvent:
    """The whole body of a request."""
    return cast("HTTPRequestEvent", {"type": "http.request", "body": body, "more_body": False})


def answer_start(status: int, headers: Iterable[tuple[bytes, bytes]]) -> HTTPResponseStartEvent:
    """The head of an answer."""
    return cast("HTTPResponseStartEvent", {"type": "http.response.start", "status": status, "headers": list(headers)})


def answer_body(body: bytes, *, has_more: bool = False) -> HTTPResponseBodyEvent:
    """A part of an answer's body."""
    return cast("HTTPResponseBodyEvent", {"type": "http.response.body", "body": body, "more_body": has_more})
