"""What comes in: a body that is bounded in bytes and in time, so that a slow or huge client holds nothing for long."""

import asyncio
import time

from litestar.types import ASGIApp, Receive, Scope, Send
from litestar.types.asgi_types import HTTPReceiveMessage, WebSocketReceiveMessage

from likewise.http.settings import HttpSettings
from likewise.platform.errors import Rejected

__all__ = ["BodyTooLarge", "BodyTooSlow", "read_body", "steady_bodies"]


class BodyTooLarge(Rejected):
    """The request's body is larger than the {bytes_max} bytes allowed here. {hint}"""

    status = 413


class BodyTooSlow(Rejected):
    """The request's body did not arrive: nothing came for {wait_s:g} s, or less than {bytes_per_s} bytes per second.
    Send it again over a better connection, or in smaller parts."""

    status = 408


def steady_bodies(inner: ASGIApp, settings: HttpSettings) -> ASGIApp:
    """Give up on a client that does not send what it announced."""

    async def steady(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await inner(scope, receive, send)
            return
        started = time.monotonic()
        got = 0
        is_complete = False

        async def next_part() -> HTTPReceiveMessage | WebSocketReceiveMessage:
            nonlocal got, is_complete
            if is_complete:  # what is awaited now is the client's leaving, which takes as long as it takes
                return await receive()
            allowed_s = settings.body_wait_s
            if settings.body_bytes_per_s_min:
                ends_at = started + settings.body_wait_s + got / settings.body_bytes_per_s_min
                allowed_s = min(allowed_s, ends_at - time.monotonic())
            try:
                async with asyncio.timeout(allowed_s):
                    message = await receive()
            except TimeoutError:
                raise BodyTooSlow(wait_s=settings.body_wait_s, bytes_per_s=settings.body_bytes_per_s_min) from None
            if message["type"] == "http.request":
                got += len(message["body"])
                is_complete = not message.get("more_body", False)
            return message

        await inner(scope, next_part, send)

    return steady


async def read_body(receive: Receive, *, bytes_max: int, hint: str) -> bytes | None:
    """The whole body; None where the client left before its end. Raises BodyTooLarge, BodyTooSlow."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message["body"])
        size += len(message["body"])
        if size > bytes_max:
            raise BodyTooLarge(bytes_max=bytes_max, hint=hint)
        if not message.get("more_body", False):
            return b"".join(parts)
