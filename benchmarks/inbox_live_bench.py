"""An inbox that many watch: how soon each hears of a message, and what a watcher costs the server.

Half follow by server-sent events, half by GraphQL subscriptions over web sockets; some of them read nothing. The server
is a process of its own, with default settings but for the number of streams. One message after the other comes in by
REST; the time runs from its acknowledgement to the moment a watcher has heard of it, so it may be less than nothing.
Baseline in the same run: a tenth of the watchers.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import httpx
import uvloop
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from report import percentile, ratio, report

EVENTS = "/api/v1/inbox/events"
PROTOCOL = Subprotocol("graphql-transport-ws")
QUERY = "subscription { messagesReceived { isGap messages { id text channel visitorName receivedAt } } }"
OPENING = 32
PATIENCE_S = 60.0
READY_S = 120.0


class Server(NamedTuple):
    """A server under measurement."""

    url: str
    pid: int

    def memory_mb(self) -> float:
        """Megabytes it holds, without what its Postgres holds."""
        status = Path(f"/proc/{self.pid}/status").read_text("ascii")
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) / 1024

    def cpu_s(self) -> float:
        """Seconds of processor time it has used, whatever else the machine was doing."""
        fields = Path(f"/proc/{self.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Watchers:
    """Clients that follow the inbox. Whoever hears of a message notes when."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._stack = AsyncExitStack()
        self._door = asyncio.Semaphore(OPENING)
        self._tasks: list[asyncio.Task[None]] = []
        self._heard: dict[str, list[tuple[str, float]]] = {}
        self._complete = asyncio.Event()
        self.reading = 0

    async def open(self, count: int, *, slow: int) -> None:
        """Let so many begin to follow, half of them each way; of these `slow` never read on."""
        await asyncio.gather(*(self._enter(number, reads=number >= slow) for number in range(count)))
        self.reading = count - slow

    async def close(self) -> None:
        """Let all of them leave."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._stack.aclose()

    async def heard(self, message: str) -> list[tuple[str, float]]:
        """How and when each has heard of a message, once all have who read."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self._heard.get(message, ())) < self.reading:
                self._complete.clear()
                await self._complete.wait()
        return self._heard.pop(message)

    def _note(self, way: str, ids: Sequence[str]) -> None:
        now = time.perf_counter()
        for one in ids:
            times = self._heard.setdefault(one, [])
            times.append((way, now))
            if len(times) == self.reading:
                self._complete.set()

    async def _enter(self, number: int, *, reads: bool) -> None:
        async with self._door:
            if number % 2:
                reader = await self._stack.enter_async_context(_stream(self._server.url))
                begin = self._follow_events(reader)
            else:
                socket = await self._stack.enter_async_context(_socket(self._server.url))
                begin = self._follow_socket(socket)
            if reads:
                self._tasks.append(asyncio.create_task(begin))
            else:
                begin.close()

    async def _follow_events(self, reader: asyncio.StreamReader) -> None:
        is_ours = False
        async for line in reader:
            if line.startswith(b"event: "):
                is_ours = line == b"event: messages\n"
            elif is_ours and line.startswith(b"data: "):
                self._note("events", json.loads(line[6:])["ids"])

    async def _follow_socket(self, socket: ClientConnection) -> None:
        async for text in socket:
            message = json.loads(text)
            if message["type"] == "ping":
                await socket.send('{"type": "pong"}')
            elif message["type"] == "next":
                news = message["payload"]["data"]["messagesReceived"]
                self._note("web socket", [one["id"] for one in news["messages"]])


@asynccontextmanager
async def _stream(url: str) -> AsyncGenerator[asyncio.StreamReader]:
    """A stream of events that has begun."""
    parsed = httpx.URL(url)
    reader, writer = await asyncio.open_connection(parsed.host, parsed.port)
    try:
        writer.write(f"GET {EVENTS} HTTP/1.1\r\nHost: {parsed.netloc.decode()}\r\n\r\n".encode())
        await reader.readuntil(b"still here")
        yield reader
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


@asynccontextmanager
async def _socket(url: str) -> AsyncGenerator[ClientConnection]:
    """A web socket whose subscription has begun."""
    target = url.replace("http", "ws") + "/graphql"
    async with connect(target, subprotocols=[PROTOCOL], open_timeout=PATIENCE_S, compression=None) as socket:
        await socket.send('{"type": "connection_init"}')
        await socket.send(json.dumps({"type": "subscribe", "id": "s", "payload": {"query": QUERY}}))
        while json.loads(await socket.recv())["type"] != "next":
            pass
        yield socket


@asynccontextmanager
async def _server(streams_max: int) -> AsyncGenerator[Server]:
    """`likewise serve` in a home of its own, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="likewise-bench-") as home:
        await asyncio.to_thread(Path(home).chmod, 0o755)
        environment = {
            **os.environ,
            "LIKEWISE_HOME": home,
            "LIKEWISE_EMBEDDING_MODEL": "fake",
            "LIKEWISE_HTTP_STREAMS_MAX": str(streams_max),
            "LIKEWISE_HTTP_TENANT_STREAMS_MAX": str(streams_max),
            "LIKEWISE_GRAPHQL_TENANT_SUBSCRIPTIONS_MAX": str(streams_max),
        }
        command = (str(Path(sys.executable).with_name("likewise")), "serve", "--port", "0")
        process = await asyncio.create_subprocess_exec(
            *command, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
        try:
            if process.stdout is None:
                raise RuntimeError("the server has no output")
            async with asyncio.timeout(READY_S):
                line = (await process.stdout.readline()).decode()
            yield Server(line.split()[-1].rstrip("/"), process.pid)
        finally:
            process.terminate()
            await process.wait()


async def measure(server: Server, *, watchers: int, slow: int, messages: int) -> list[dict[str, object]]:
    """A row of figures for each way to follow, and one for what a watcher costs."""
    what = f"{watchers} watchers, {slow} slow"
    empty_mb = server.memory_mb()
    crowd = Watchers(server)
    opened = time.perf_counter()
    await crowd.open(watchers, slow=slow)
    opened_s = time.perf_counter() - opened
    held_mb = server.memory_mb() - empty_mb
    waits: dict[str, list[float]] = {"events": [], "web socket": []}
    acknowledged: list[float] = []
    begun_cpu_s = server.cpu_s()
    async with httpx.AsyncClient(base_url=server.url, timeout=PATIENCE_S) as client:
        for number in range(messages):
            begun = time.perf_counter()
            answer = await client.post(
                "/api/v1/inbox/messages", json={"text": f"do you have number {number} in {watchers}"}
            )
            done = time.perf_counter()
            acknowledged.append(done - begun)
            for way, at in await crowd.heard(answer.raise_for_status().json()["id"]):
                waits[way].append(at - done)
    after_mb, cpu_s = server.memory_mb() - empty_mb, server.cpu_s() - begun_cpu_s
    await crowd.close()
    rows: list[dict[str, object]] = [
        {
            "what": f"{what}: heard by {way}",
            "p50_ms": percentile(times, 0.5),
            "p95_ms": percentile(times, 0.95),
            "max_ms": percentile(times, 1.0),
        }
        for way, times in waits.items()
    ]
    rows.append(
        {
            "what": f"{what}: server",
            "ack_p50_ms": percentile(acknowledged, 0.5),
            "cpu_us_per_heard": 1e6 * cpu_s / (messages * crowd.reading),
            "opened/s": watchers / opened_s,
            "kb_each": 1024 * held_mb / watchers,
            "kb_each_after": 1024 * after_mb / watchers,
        }
    )
    return rows


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--watchers", type=int, default=1_000)
    parser.add_argument("--slow", type=int, default=50, help="watchers that read nothing")
    parser.add_argument("--messages", type=int, default=20)
    given = parser.parse_args()
    rows: list[dict[str, object]] = []
    for watchers, slow in ((given.watchers // 10, given.slow // 10), (given.watchers, given.slow)):
        async with _server(given.watchers + 100) as server, httpx.AsyncClient(base_url=server.url) as client:
            warm = {"messages": [{"text": f"a first message {number}"} for number in range(100)]}
            (await client.post("/api/v1/inbox/messages:batch", json=warm, timeout=PATIENCE_S)).raise_for_status()
            rows += await measure(server, watchers=watchers, slow=slow, messages=given.messages)
    few, many = rows[1], rows[4]
    rows[4]["ratio"] = ratio(float(str(many["p95_ms"])), float(str(few["p95_ms"])))
    report("inbox_live", rows, baseline="a tenth of the watchers")


if __name__ == "__main__":
    uvloop.run(main())
