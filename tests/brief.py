"""An application whose event streams end after their first piece, for clients that read each answer whole."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

__all__ = ["brief"]


Service = Callable[[Any, Any, Any], Awaitable[None]]


def brief(app: Service) -> Service:
    """The same application; who follows a stream of events is gone once it has begun."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        is_stream = False
        is_over = False
        begun = asyncio.Event()

        async def say(message: Any) -> None:
            nonlocal is_stream, is_over
            if message["type"] == "http.response.start":
                is_stream = (b"content-type", b"text/event-stream") in {
                    (name, value.partition(b";")[0]) for name, value in message["headers"]
                }
            if is_over:
                return
            await send(message)
            if message["type"] == "http.response.body":
                is_over = not message["more_body"]
                if is_stream and message["body"]:
                    begun.set()

        async def hear() -> Any:
            heard = asyncio.ensure_future(receive())
            gone = asyncio.ensure_future(begun.wait())
            await asyncio.wait({heard, gone}, return_when=asyncio.FIRST_COMPLETED)
            gone.cancel()
            if heard.done():
                return heard.result()
            heard.cancel()
            return {"type": "http.disconnect"}

        await app(scope, hear, say)
        if begun.is_set() and not is_over:
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    return answer
