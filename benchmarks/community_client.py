"""A client that costs the machine little, and who writes with it: experiences, comments, upvotes, views, steadily.

The writer is a process of its own and an open model: it sends at the moments it was told to, whether or not the answers
before have come, and tells how long each waited from its moment on.

    python benchmarks/community_client.py URL KEY RATE PEOPLE EXPERIENCES ENDS      (community_bench.py starts it)
"""

import asyncio
import json
import re
import sys
import time
from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from http import HTTPStatus
from random import Random
from typing import Any, NamedTuple, Self

import httpx
import uvloop

from community_made import SEED, Made, make_community
from community_rows import EXTRACTED, draft_of
from community_words import COMMENTS
from likewise.platform.ids import encode_id
from report import percentile

__all__ = ["API", "MIX", "Answer", "Client", "Wire", "experience_body", "public_id", "writing"]

API = "/api/v1/community"
MIX = {"experience": 0.1, "comment": 0.15, "upvote": 0.3, "view": 0.45}
"""What is written, by its share."""
FRESH = 4_000
"""Made-up experiences kept back for those who write."""
CONNECTIONS = 16
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_OK = 200, 299


class Answer(NamedTuple):
    """What the server said."""

    status: int
    body: bytes

    def read(self) -> Any:  # noqa: ANN401 - JSON of many shapes
        """The body, once it is known to be good; ends the run where it is not."""
        if not _OK[0] <= self.status <= _OK[1]:
            raise RuntimeError(f"the server answered {self.status}: {self.body[:500]!r}")
        return json.loads(self.body) if self.body else None


class Wire:
    """One connection, one request at a time."""

    def __init__(self, url: str, key: str) -> None:
        self._url = httpx.URL(url)
        bearer = f"Authorization: Bearer {key}\r\n" if key else ""
        self._head = f"Host: {self._url.host}\r\n{bearer}Accept: application/json\r\n"
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: object = None) -> Answer:
        """The answer to one request; a connection that the server closed while nobody asked is opened again."""
        content = b"" if body is None else json.dumps(body).encode()
        kind = "Content-Type: application/json\r\n" if content else ""
        head = f"{method} {path} HTTP/1.1\r\n{self._head}{kind}Content-Length: {len(content)}\r\n\r\n".encode()
        was_open = self._streams is not None
        try:
            return await self._exchange(head + content)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            if not was_open or (isinstance(error, asyncio.IncompleteReadError) and error.partial):
                raise
        await self.close()
        return await self._exchange(head + content)

    async def _exchange(self, request: bytes) -> Answer:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._url.host, self._url.port, limit=2**24)
        reader, writer = self._streams
        writer.write(request)
        said = await reader.readuntil(b"\r\n\r\n")
        status = int(said[9:12])
        length = _LENGTH.search(said)
        if length is not None:
            return Answer(status, await reader.readexactly(int(length[1])))
        if b"chunked" not in said.lower():
            return Answer(status, b"")
        parts: list[bytes] = []
        while size := int(await reader.readline(), 16):
            parts.append(await reader.readexactly(size))
            await reader.readline()
        await reader.readline()
        return Answer(status, b"".join(parts))

    async def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


class Client:
    """Some connections to one server."""

    def __init__(self, url: str, key: str, *, connections: int = CONNECTIONS) -> None:
        self._wires = [Wire(url, key) for _ in range(connections)]
        self._free: asyncio.Queue[Wire] = asyncio.Queue()
        for wire in self._wires:
            self._free.put_nowait(wire)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for wire in self._wires:
            await wire.close()

    async def ask(self, method: str, path: str, body: object = None) -> Answer:
        """The answer to one request, over the first connection that is free."""
        wire = await self._free.get()
        try:
            return await wire.ask(method, path, body)
        finally:
            self._free.put_nowait(wire)


def public_id(made: Made, number: int) -> str:
    """How an experience is called outside."""
    return encode_id("exp", made.ids[number])


def experience_body(made: Made, number: int, *, key: str) -> dict[str, object]:
    """An experience as an author sends it: without what the rules read in its text."""
    draft = draft_of(made, number)
    attributes = [{"key": name, "value": value} for name, value in made.attributes(number) if name not in EXTRACTED]
    body: dict[str, object] = {
        "key": key,
        "author": draft.author,
        "title": draft.title,
        "text": draft.body,
        "category": draft.category,
        "tags": made.tags_of(number),
        "attributes": attributes,
        "happened_at": None if draft.happened_at is None else draft.happened_at.isoformat(),
    }
    return body | ({} if draft.place is None else {"place": {"lat": draft.place.lat, "lon": draft.place.lon}})


class Writer:
    """Who writes. Popular experiences are turned to more, and those told just now most of all."""

    def __init__(self, client: Client, made: Made, fresh: Made) -> None:
        self._client = client
        self._made, self._fresh = made, fresh
        self._known = [public_id(made, number) for number in range(made.size) if not made.is_private[number]]
        self._told: list[str] = []
        self._chance = Random(SEED)
        self.times: defaultdict[str, list[float]] = defaultdict(list)
        self.refused: list[str] = []
        self.gone = 0
        """How often what was turned to had been hidden meanwhile."""

    def request(self, number: int) -> tuple[str, str, str, object]:
        """What is written next: its kind, the method, the path, the body."""
        chance = self._chance
        kind = chance.choices(list(MIX), list(MIX.values()))[0]
        user = chance.choice(self._made.people)
        if kind == "experience":
            body = experience_body(self._fresh, number % self._fresh.size, key=f"written-{number}")
            return kind, "POST", f"{API}/experiences", body
        if self._told and chance.random() < 0.3:
            target = self._told[-1 - int(len(self._told) * chance.random() ** 2)]
        else:
            target = self._known[int(len(self._known) * (1 - chance.random() ** 2.5)) - 1]
        if kind == "comment":
            return (
                kind,
                "POST",
                f"{API}/experiences/{target}/comments",
                {"author": user, "text": chance.choice(COMMENTS)},
            )
        if kind == "upvote":
            return kind, "PUT", f"{API}/experiences/{target}/upvotes/{user}", None
        return kind, "POST", f"{API}/experiences/{target}/views", {"user": user}

    async def write(self, number: int, due: float) -> None:
        """Write once; the wait counts from when it was due."""
        kind, method, path, body = self.request(number)
        try:
            answer = await self._client.ask(method, path, body)
        except (OSError, asyncio.IncompleteReadError) as error:
            self.refused.append(f"{kind}: {error!r}")
            return
        self.times[kind].append(time.perf_counter() - due)
        if answer.status == HTTPStatus.NOT_FOUND and kind != "experience":
            self.gone += 1
        elif not _OK[0] <= answer.status <= _OK[1]:
            self.refused.append(f"{kind}: {answer.status} {answer.body[:300]!r}")
        elif kind == "experience":
            self._told.append(json.loads(answer.body)["id"])


async def be_writer(url: str, key: str, *, rate: float, people: int, experiences: int, ends: int) -> None:
    """Write at this rate until a line comes on standard input; then tell how it went."""
    made = make_community(people=people, experiences=experiences, interactions=1, ends=ends)
    fresh = make_community(people=people, experiences=FRESH, interactions=1)
    async with Client(url, key) as client:
        writer = Writer(client, made, fresh)
        told = asyncio.create_task(asyncio.to_thread(sys.stdin.readline))
        print("ready", flush=True)
        started, number = time.perf_counter(), 0
        running: set[asyncio.Task[None]] = set()
        while not told.done():
            due = started + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            task = asyncio.create_task(writer.write(number, due))
            running.add(task)
            task.add_done_callback(running.discard)
            number += 1
        seconds = time.perf_counter() - started
        await asyncio.gather(*running)
    figures = {
        kind: {f"p{share}_ms": percentile(times, share / 100) for share in (50, 95, 99)} | {"count": len(times)}
        for kind, times in writer.times.items()
    }
    answer = {
        "per_s": number / seconds,
        "refused": writer.refused[:5],
        "refused_count": len(writer.refused),
        "gone": writer.gone,
    }
    print(json.dumps(answer | {"kinds": figures}), flush=True)


@asynccontextmanager
async def writing(url: str, key: str, *, rate: float, made: Made) -> AsyncGenerator[dict[str, Any]]:
    """A writer at work; afterwards the dictionary holds what it tells."""
    words = (url, key, str(rate), str(len(made.people)), str(made.size), str(made.ends))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, __file__, *words), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    if process.stdout is None:
        raise RuntimeError("the writer has no output")
    if not await process.stdout.readline():
        raise RuntimeError("the writer did not start")
    told: dict[str, Any] = {}
    try:
        yield told
    finally:
        answer, _ = await process.communicate(b"\n")
        told.update(json.loads(answer))


def main() -> None:
    url, key, rate, *sizes = sys.argv[1:]
    people, experiences, ends = map(int, sizes)
    uvloop.run(be_writer(url, key, rate=float(rate), people=people, experiences=experiences, ends=ends))


if __name__ == "__main__":
    main()
