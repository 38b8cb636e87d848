"""`Prefer: wait=N` (RFC 7240): an answer that names an operation is held until that has ended, or N seconds."""

import asyncio
import re
from typing import TYPE_CHECKING

import msgspec
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from likewise.http.admission import Seat
from likewise.http.settings import HttpSettings
from likewise.http.wire import answer_body, answer_start, caller_of, http_scope, request_headers, state_of
from likewise.platform.errors import Fact
from likewise.platform.ids import decode_id
from likewise.platform.jobs import Operation, watch_operation
from likewise.platform.views import operation_view

if TYPE_CHECKING:
    from likewise.platform.feature import App
    from likewise.platform.tenancy import Caller

__all__ = ["waiting"]

_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,6})\"?(?=$|[,;\s])", re.IGNORECASE)
_BODY_BYTES_MAX = 65_536


class _Named(msgspec.Struct):
    """The two ways in which an answer names an operation."""

    id: str = ""
    operation: str = ""


def waiting(inner: ASGIApp, app: "App", settings: HttpSettings) -> ASGIApp:
    """Wrap the routes."""

    async def wait(scope: Scope, receive: Receive, send: Send) -> None:
        request = http_scope(scope)
        caller = None if request is None else caller_of(request)
        wish = None if request is None else _WAIT.search(request_headers(request).get(b"prefer", ""))
        if caller is None or wish is None:
            await inner(scope, receive, send)
            return
        wait_s = min(float(wish[1]), settings.wait_s_max)
        start: Message | None = None

        async def answer(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and message["status"] in {200, 202}:
                start = message
                return
            if start is None:
                await send(message)
                return
            head, start = start, None
            ended = None
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                seat = state_of(request).get("seat") if request is not None else None
                if isinstance(seat, Seat):
                    seat.leave()  # who waits for an operation keeps nobody else from being served
                ended = await _ended(app, caller, message["body"], wait_s=wait_s)
            if ended is not None:
                body = msgspec.json.encode(operation_view(ended))
                headers = [
                    (b"content-type", b"application/json"),
                    (b"content-length", str(len(body)).encode()),
                    (b"preference-applied", b"wait=" + wish[1].encode()),
                ]
                head, message = answer_start(200, headers), answer_body(body)
            await send(head)
            await send(message)

        await inner(scope, receive, answer)

    return wait


async def _ended(app: "App", caller: "Caller", body: bytes, *, wait_s: float) -> Operation | None:
    """The operation this body names once it has ended; None where it names none or the time is up."""
    if len(body) > _BODY_BYTES_MAX:
        return None
    try:
        named = msgspec.json.decode(body, type=_Named)
        operation_id = decode_id("opr", named.operation or named.id)
    except (msgspec.DecodeError, Fact):
        return None
    last: Operation | None = None
    try:
        async with asyncio.timeout(wait_s):
            async for operation in watch_operation(app.db, caller.tenant_id, operation_id):
                last = operation
    except (TimeoutError, Fact):
        pass
    return last if last is not None and last.has_ended else None
