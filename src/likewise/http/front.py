"""The front door of every request, as plain ASGI around the routes: a request id, who is asking, limits, metrics and
the headers every answer carries.

A web socket comes in by the same rules. But a browser cannot give it a key's header, so on a server that needs keys one
without it is let in unnamed: what it speaks (GraphQL's protocol, say) begins with the key, or ends.
"""

import asyncio
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

import structlog
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send, WebSocketScope

from likewise.http.admission import Admission, Seat
from likewise.http.callers import Callers, KeyNeeded, is_loopback
from likewise.http.cursors import next_link
from likewise.http.problems import MEDIA_TYPE, fact_headers, problem_bytes, unexpected_problem
from likewise.http.settings import HttpSettings
from likewise.http.wire import (
    Headers,
    answer_body,
    answer_start,
    close_streams,
    http_scope,
    is_stream,
    request_headers,
    socket_scope,
    state_of,
    template_of,
)
from likewise.platform.errors import Fact
from likewise.platform.ids import encode_id, new_id
from likewise.platform.telemetry import METRICS, get_log

if TYPE_CHECKING:
    from likewise.platform.feature import App

__all__ = ["PROTECTED", "Door", "door_of", "front_door", "is_loopback"]

PROTECTED = ("/api/", "/metrics", "/graphql", "/v1/", "/mcp")
"""Paths below which a caller must be known."""

_SEATED = tuple(path for path in PROTECTED if path != "/metrics")
"""Paths whose requests are admitted only while there is room; who looks after the server is let in always."""

_SCHEMA_PATHS = {"/graphql", "/graphql/schema.graphql"}
"""Where a GET without a query shows what there is to ask, which is no more secret than /docs."""

_SECURITY = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (
        b"content-security-policy",
        (
            b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
            b" font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        ),
    ),
]
_DOOR = "door"
_log = get_log("likewise.http")


class Door:
    """What streams and web sockets need of the front door for as long as they last: who asks, how often, and seats."""

    def __init__(self, callers: Callers, admission: Admission) -> None:
        self.callers = callers
        self.admission = admission


def door_of(request: HTTPScope | WebSocketScope) -> Door:
    """The door a request or web socket came in by."""
    return cast("Door", state_of(request)[_DOOR])


def front_door(inner: ASGIApp, app: "App", settings: HttpSettings, *, keyless: bool) -> ASGIApp:
    """Wrap the routes. `keyless`: the server is bound to loopback, and callers without a key are its owner."""
    door = Door(Callers(app, settings, keyless=keyless), Admission(settings))

    async def enter(scope: Scope, receive: Receive, send: Send) -> None:
        request, socket = http_scope(scope), socket_scope(scope)
        if request is not None:
            await _answer(inner, door, request, receive, send, send_wait_s=settings.send_wait_s)
        elif socket is not None:
            await _connect(inner, door, socket, receive, send)
        else:
            await inner(scope, receive, send)

    return enter


async def _answer(
    inner: ASGIApp, door: Door, request: HTTPScope, receive: Receive, send: Send, *, send_wait_s: float
) -> None:
    request_id = _begin(request, door)
    answer = _Answer(send, request, request_id, send_wait_s=send_wait_s)
    if answer.is_head:
        request["method"] = "GET"
    started = time.perf_counter()
    try:
        if request["path"].startswith(_SEATED):
            answer.seat = state_of(request)["seat"] = await door.admission.enter()
        if _needs_caller(request):
            caller = await door.callers.of(request_headers(request))
            request["user"] = caller
            answer.headers += await door.callers.count(caller)
        await inner(request, receive, answer.pass_on)
    except Fact as fact:
        await answer.refuse(fact)
    except Exception as error:  # noqa: BLE001 - the routes answer for themselves; this is about what surrounds them
        await answer.fail(error, path=request["path"])
    finally:
        await close_streams(request)
        if answer.seat is not None:
            answer.seat.leave()
        METRICS.requests.labels(request["method"], template_of(request), answer.status).observe(
            time.perf_counter() - started
        )
        structlog.contextvars.unbind_contextvars("request_id")


def _begin(request: HTTPScope | WebSocketScope, door: Door) -> str:
    """Give a request its id, in its state and in the log."""
    request_id = encode_id("req", new_id())
    state = state_of(request)
    state["request_id"], state[_DOOR] = request_id, door
    structlog.contextvars.bind_contextvars(request_id=request_id)
    return request_id


def _needs_caller(request: HTTPScope) -> bool:
    path = request["path"]
    if path in _SCHEMA_PATHS and request["method"] == "GET" and not request["query_string"]:
        return False
    return path.startswith(PROTECTED)


class _Answer:
    """The answer on its way out: given its headers, and without a body where only the head was asked for."""

    def __init__(self, send: Send, request: HTTPScope, request_id: str, *, send_wait_s: float) -> None:
        self.status = 0
        self.is_abandoned = False
        self.seat: Seat | None = None
        self.is_head = request["method"] == "HEAD"
        self._request = request
        self.headers: Headers = [(b"x-request-id", request_id.encode())]
        self._request_id = request_id
        self._send_wait_s = send_wait_s
        self._is_stream = False
        self._send = send

    async def pass_on(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._is_stream = is_stream(message["headers"])
            if self.seat is not None and (b"content-type", b"text/event-stream") in _kinds(message["headers"]):
                self.seat.leave()  # it listens from here on, for as long as it likes
            present = {name.lower() for name, _ in message["headers"]}
            link = next_link(self._request) if self._request["method"] == "GET" else None
            own = self.headers if link is None else [*self.headers, (b"link", link)]
            extra = [pair for pair in (*_SECURITY, *own) if pair[0] not in present]
            message = answer_start(self.status, [*message["headers"], *extra])
        elif self.is_head and message["type"] == "http.response.body":
            message = answer_body(b"", has_more=message["more_body"])
        if not self._is_stream:
            await self._send(message)
            return
        try:
            async with asyncio.timeout(self._send_wait_s):
                await self._send(message)
        except TimeoutError:
            self.is_abandoned = True  # who does not read is not waited for: what it is sent would pile up
            raise

    async def refuse(self, fact: Fact) -> None:
        """Answer with what was wrong, unless an answer has begun."""
        body = problem_bytes(
            status=fact.status,
            detail=fact.message,
            code=fact.code,
            request_id=self._request_id,
            errors=fact.errors,
        )
        known = [(name.lower().encode(), value.encode()) for name, value in fact_headers(fact).items()]
        await self._problem(fact.status, body, known)

    async def fail(self, error: Exception, *, path: str) -> None:
        """Answer that something went wrong on our side, and log it."""
        if self.is_abandoned:
            _log.warning("reader_too_slow", path=path, request_id=self._request_id)
            return
        await self._problem(500, unexpected_problem(error, path=path, request_id=self._request_id), [])

    async def _problem(self, status: int, body: bytes, headers: Headers) -> None:
        if self.status:
            return
        headers = [
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
            *headers,
        ]
        await self.pass_on(answer_start(status, headers))
        await self.pass_on(answer_body(body))


def _kinds(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Headers as far as they can be compared: their names in lower case, their values without parameters."""
    return [(name.lower(), value.partition(b";")[0].strip()) for name, value in headers]


async def _connect(inner: ASGIApp, door: Door, socket: WebSocketScope, receive: Receive, send: Send) -> None:
    """Let a web socket in, named or unnamed, or turn it away with a problem before it is open."""
    request_id = _begin(socket, door)
    status = 101
    started = time.perf_counter()
    try:
        if socket["path"].startswith(PROTECTED):
            try:
                caller = await door.callers.of(request_headers(socket))
            except KeyNeeded:
                pass
            else:
                await door.callers.count(caller)
                cast("dict[str, Any]", socket)["user"] = caller
        await inner(socket, receive, send)
    except Fact as fact:
        status = fact.status
        await _turn_away(send, fact, request_id)
    finally:
        METRICS.requests.labels("WEBSOCKET", template_of(socket), status).observe(time.perf_counter() - started)
        structlog.contextvars.unbind_contextvars("request_id")


async def _turn_away(send: Send, fact: Fact, request_id: str) -> None:
    """Answer the handshake with a problem instead (ASGI's extension `websocket.http.response`)."""
    body = problem_bytes(
        status=fact.status, detail=fact.message, code=fact.code, request_id=request_id, errors=fact.errors
    )
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"x-request-id", request_id.encode()),
        *((name.lower().encode(), value.encode()) for name, value in fact_headers(fact).items()),
    ]
    start = {"type": "websocket.http.response.start", "status": fact.status, "headers": headers}
    await send(cast("Message", start))
    await send(cast("Message", {"type": "websocket.http.response.body", "body": body, "more_body": False}))
