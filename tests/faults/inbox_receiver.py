"""A channel's receiver that has troubles of its own: it writes down what reaches it, and answers as it likes."""

import asyncio
import random
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from enum import StrEnum

import msgspec

__all__ = ["Receipt", "Receiver", "Verdict", "receiving"]


class Verdict(StrEnum):
    """What becomes of a request."""

    GOOD = "good"
    SLOW = "slow"
    ERROR = "error"
    UNREAD = "unread"  # the connection is closed before the request was read
    UNANSWERED = "unanswered"  # it is closed after that


class Names(msgspec.Struct, frozen=True):
    """A message as its channel and as the inbox name it."""

    id: str
    message: str


class Data(msgspec.Struct, frozen=True):
    """What an answer says of itself."""

    delivery: str
    action: str
    message: Names
    text: str


class Letter(msgspec.Struct, frozen=True):
    """The body of a request, as far as it is looked at."""

    data: Data


class Receipt(msgspec.Struct):
    """A request that was read to its end. `was_accepted`: it was answered with success."""

    headers: dict[str, str]
    body: bytes
    data: Data
    was_accepted: bool = False

    @property
    def name(self) -> str:
        """The `webhook-id`."""
        return self.headers["webhook-id"]


_letters = msgspec.json.Decoder(Letter)


class Receiver:
    """Everything received, in order. `weights`: how likely each verdict is; `slow_s`: how long it may take its time."""

    def __init__(self, *, seed: int, weights: dict[Verdict, int], slow_s: float) -> None:
        self.receipts: list[Receipt] = []
        self.came = asyncio.Event()
        self.port = 0
        self._chance, self._weights, self._slow_s = random.Random(seed), weights, slow_s

    @property
    def url(self) -> str:
        """Where answers are to go."""
        return f"http://127.0.0.1:{self.port}/answers"

    @property
    def host(self) -> str:
        """What egress has to allow."""
        return f"127.0.0.1:{self.port}"

    async def handle(self, reader: StreamReader, writer: StreamWriter) -> None:
        """One connection, for as long as both sides like."""
        try:
            while await self._answer(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the sender was killed
        finally:
            writer.transport.abort()

    async def _answer(self, reader: StreamReader, writer: StreamWriter) -> bool:
        """Whether another request may follow."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        [verdict] = self._chance.choices(list(self._weights), list(self._weights.values()))
        if verdict is Verdict.UNREAD:
            return False
        lines = [line.partition(":") for line in head.split("\r\n")[1:] if line]
        headers = {name.lower(): value.strip() for name, _, value in lines}
        body = await reader.readexactly(int(headers["content-length"]))
        receipt = Receipt(headers, body, _letters.decode(body).data)
        self.receipts.append(receipt)
        self.came.set()
        if verdict is Verdict.UNANSWERED:
            return False
        if verdict is Verdict.SLOW:
            await asyncio.sleep(self._chance.uniform(0, self._slow_s))
        status = b"503 Busy" if verdict is Verdict.ERROR else b"204 Good"
        receipt.was_accepted = verdict is not Verdict.ERROR
        writer.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\n\r\n")
        await writer.drain()
        return True


@asynccontextmanager
async def receiving(
    *, seed: int, weights: dict[Verdict, int] | None = None, slow_s: float = 0.8
) -> AsyncGenerator[Receiver]:
    """A receiver that listens; by default about half of what it gets goes well at once."""
    troubled: dict[Verdict, int] = dict(zip(Verdict, (10, 3, 3, 2, 2), strict=True))
    receiver = Receiver(seed=seed, weights=weights or troubled, slow_s=slow_s)
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.create_task(receiver.handle(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)
