"""`Idempotency-Key` on writes: the same request twice has one effect and one answer."""

import asyncio
from typing import TYPE_CHECKING

from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from litestar.types.asgi_types import HTTPReceiveMessage, WebSocketReceiveMessage

from likewise.http.bodies import read_body
from likewise.http.settings import HttpSettings
from likewise.http.wire import (
    answer_body,
    answer_start,
    caller_of,
    http_scope,
    is_stream,
    request_body,
    request_headers,
    state_of,
)
from likewise.platform.errors import Unavailable
from likewise.platform.idempotency import Claim, StoredAnswer, claim, fingerprint
from likewise.platform.telemetry import get_log

if TYPE_CHECKING:
    from likewise.platform.feature import App

__all__ = ["REFUSED", "idempotency"]

REFUSED = "is_refused"
"""What a route notes in the request's state where its answer is a refusal, though its status may be 200."""

_WRITES = {"POST", "PUT", "PATCH", "DELETE"}
_HINT = "Rows and items are stored by their key, so a large upload may be repeated without an Idempotency-Key."
_log = get_log("likewise.http")


def idempotency(inner: ASGIApp, app: "App", settings: HttpSettings) -> ASGIApp:
    """Wrap the routes."""

    async def once(scope: Scope, receive: Receive, send: Send) -> None:
        request = http_scope(scope)
        caller = None if request is None else caller_of(request)
        key = None if request is None else _key(request)
        if request is None or caller is None or key is None:
            await inner(scope, receive, send)
            return
        body = await read_body(receive, bytes_max=settings.keyed_body_bytes_max, hint=_HINT)
        if body is None:
            return
        print_of = fingerprint(request["method"].encode(), request["path"].encode(), request["query_string"], body)
        taken = await claim(app.db, caller.tenant_id, key=key, request=print_of, lock_s=settings.key_lock_s)
        if isinstance(taken, StoredAnswer):
            await _replay(send, taken)
            return
        answer = _Answer(send, bytes_max=settings.answer_bytes_max)
        try:
            with taken.effects():
                await inner(scope, _again(body, receive), answer.hold)
        finally:
            # A client that leaves cancels this task; the key is settled all the same.
            await asyncio.shield(_settle(taken, answer, is_refused=state_of(request).get(REFUSED) is True))
        await answer.let_go()

    return once


class _Answer:
    """An answer held back until its key is settled, or let through where it is too large to be kept."""

    def __init__(self, send: Send, *, bytes_max: int) -> None:
        self._send = send
        self._bytes_max = bytes_max
        self._held: list[Message] = []
        self._size = 0
        self._is_through = False
        self._is_complete = False

    async def hold(self, message: Message) -> None:
        if self._is_through:
            await self._send(message)
            return
        self._held.append(message)
        if message["type"] == "http.response.start" and is_stream(message["headers"]):
            await self.let_go()  # it may never end
        elif message["type"] == "http.response.body":
            self._size += len(message["body"])
            self._is_complete = not message.get("more_body", False)
            if self._size > self._bytes_max:
                await self.let_go()

    def complete(self) -> StoredAnswer | None:
        """The whole answer, if it is all here."""
        if self._is_through or not self._is_complete:
            return None
        start = self._held[0]
        if start["type"] != "http.response.start":
            return None
        headers = {name.lower(): value.decode("latin-1") for name, value in start["headers"]}
        body = b"".join(part["body"] for part in self._held if part["type"] == "http.response.body")
        return StoredAnswer(start["status"], headers.get(b"content-type", ""), headers.get(b"location"), body)

    async def let_go(self) -> None:
        """Send what was held; the rest passes."""
        self._is_through = True
        held, self._held = self._held, []
        for message in held:
            await self._send(message)


async def _settle(taken: Claim, answer: _Answer, *, is_refused: bool) -> None:
    """Keep the answer of a request that did something or succeeded; a refusal without effect frees the key."""
    found = answer.complete()
    try:
        if found is not None and (taken.has_effect or (found.status < 400 and not is_refused)):
            await taken.keep(found)
        else:
            await taken.give_up()
    except Unavailable as error:  # the mark is in the database; the lock runs out by itself
        _log.warning("idempotency_key_unsettled", reason=error.message)


def _key(request: HTTPScope) -> str | None:
    return request_headers(request).get(b"idempotency-key") if request["method"] in _WRITES else None


def _again(body: bytes, receive: Receive) -> Receive:
    """The body once more, in one piece; then whatever the client does."""
    is_given = False

    async def next_part() -> HTTPReceiveMessage | WebSocketReceiveMessage:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return request_body(body)

    return next_part


async def _replay(send: Send, answer: StoredAnswer) -> None:
    headers = [
        (b"content-type", answer.media_type.encode("latin-1")),
        (b"content-length", str(len(answer.body)).encode()),
        (b"idempotency-replayed", b"true"),
    ]
    if answer.location is not None:
        headers.append((b"location", answer.location.encode("latin-1")))
    await send(answer_start(answer.status, headers))
    await send(answer_body(answer.body))
