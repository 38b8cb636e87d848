"""Answers that are kept whole: a route that says so (`likewise.platform.web.kept`) is asked once, and its finished
answer, compressed as this client takes it, is given to everybody who may read it until one of its tags is bumped.
"""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qsl

import msgspec
from litestar import Litestar
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp, HTTPResponseStartEvent, HTTPScope, Message, Receive, Scope, Send
from litestar.types.asgi_types import HTTPReceiveMessage, WebSocketReceiveMessage

from likewise.http.cursors import next_cursor, set_next_cursor
from likewise.http.rendering import is_known
from likewise.http.wire import (
    Headers,
    answer_body,
    answer_start,
    caller_of,
    http_scope,
    request_body,
    request_headers,
    state_of,
)
from likewise.platform.cache import Namespace
from likewise.platform.web import Kept

if TYPE_CHECKING:
    from likewise.platform.feature import App

__all__ = ["keeping", "kept_routes"]

_ABSENT_WHEN_KNOWN = {b"content-length", b"content-type", b"content-encoding"}


class _Answer(msgspec.Struct, frozen=True):
    """A finished answer. `cursor`: the next page's."""

    headers: Headers
    known_headers: Headers
    etag: str
    body: bytes
    cursor: str | None


_ANSWERS = Namespace[_Answer | None]("http.answers", _Answer, ttl_s=60)


def kept_routes(routes: Litestar) -> dict[str, Kept]:
    """What the routes say of answers that may be kept, by path; paths with parameters cannot."""
    found: dict[str, Kept] = {}
    for route in routes.routes:
        if isinstance(route, HTTPRoute) and not route.path_parameters:
            for handler in route.route_handlers:
                kept = handler.opt.get(Kept.__name__)
                if isinstance(kept, Kept) and "GET" in handler.http_methods:
                    found[route.path] = kept
    return found


def keeping(inner: ASGIApp, app: "App", routes: Mapping[str, Kept]) -> ASGIApp:
    """Wrap the routes and what finishes their answers."""

    async def keep(scope: Scope, receive: Receive, send: Send) -> None:
        request = http_scope(scope)
        kept = None if request is None or request["method"] != "GET" else routes.get(request["path"])
        caller = None if request is None else caller_of(request)
        if request is None or kept is None or caller is None or not _asks_only(request, kept):
            await inner(scope, receive, send)
            return
        tags = await kept.tags(app, caller.tenant_id)
        if not tags:
            await inner(scope, receive, send)
            return
        headers = request_headers(request)
        query = request["query_string"].decode("latin-1")
        # The tags, too: what is kept under others depends on something else.
        asked = (request["path"], query, headers.get(b"accept-encoding", ""), *sorted(caller.scopes), *tags)
        answer = await app.cache.get_or_compute(
            msgspec.structs.replace(_ANSWERS, ttl_s=kept.ttl_s),
            tenant_id=caller.tenant_id,
            key="\n".join(asked),
            tags=tags,
            compute=partial(_compute, inner, request),
        )
        if answer is None:  # no answer to be kept, an error for one; each asker gets his own
            await inner(scope, receive, send)
            return
        request["path_template"] = request["path"]  # pyright: ignore[reportGeneralTypeIssues] - as the router does
        set_next_cursor(request, answer.cursor)
        if is_known(answer.etag, headers.get(b"if-none-match")):
            await send(answer_start(304, answer.known_headers))
            await send(answer_body(b""))
        else:
            await send(answer_start(200, answer.headers))
            await send(answer_body(answer.body))

    return keep


def _asks_only(request: HTTPScope, kept: Kept) -> bool:
    query = request["query_string"]
    return not query or all(name in kept.only for name, _ in parse_qsl(query.decode("latin-1"), keep_blank_values=True))


async def _compute(inner: ASGIApp, request: HTTPScope) -> _Answer | None:
    """Ask the routes as somebody who knows nothing yet; None where the answer is not one to keep."""
    names = [pair for pair in request["headers"] if pair[0].lower() != b"if-none-match"]
    own = cast("HTTPScope", {**request, "headers": names, "state": dict(state_of(request))})
    is_asked = False
    starts: list[HTTPResponseStartEvent] = []
    parts: list[bytes] = []

    async def receive() -> HTTPReceiveMessage | WebSocketReceiveMessage:
        nonlocal is_asked
        if is_asked:
            await asyncio.Event().wait()  # nobody leaves: several may wait for this answer
        is_asked = True
        return request_body(b"")

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            starts.append(message)
        elif message["type"] == "http.response.body":
            parts.append(message["body"])

    await inner(own, receive, send)
    headers = list(starts[0]["headers"]) if starts else []
    etag = next((value.decode("latin-1") for name, value in headers if name.lower() == b"etag"), None)
    if not starts or starts[0]["status"] != 200 or etag is None:
        return None
    known = [pair for pair in headers if pair[0].lower() not in _ABSENT_WHEN_KNOWN]
    return _Answer(headers, known, etag, b"".join(parts), next_cursor(own))
