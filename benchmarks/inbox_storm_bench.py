"""Ten thousand messages at once, through the public API of a running server, and what its readers feel meanwhile.

For each kind of storm a fresh server with its worker takes the messages in batches (E2: acknowledged after commit),
groups them (E3: until the last one has its group and can be searched), then a second storm of single messages comes
over many connections. Meanwhile somebody looks at the list of clusters again and again. At the end every message must
be there once and in one cluster. Storms: real texts without a repeat, half of them repeats, and a creator's month.
Baseline of E3: the embedder alone on the distinct texts, in this process, afterwards. All share the machine.

    python benchmarks/inbox_storm_bench.py [--messages 10000] [--connections 64] [--storms distinct halves month]
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from itertools import chain, count
from pathlib import Path
from random import Random

import httpx
import uvloop

from harness import percentile, report
from inbox_month import make_month
from inbox_rows import CREATOR, read_rows
from report import ratio
from running import running

BATCH = 1_000
BATCHES_AT_ONCE = 2
PAGE = 200
LOOK_EVERY_S = 0.1
POLL_S = 0.1
LIST = "/api/v1/inbox/clusters?limit=100"
HEAD = "POST /api/v1/inbox/messages HTTP/1.1\r\n"
ROOM_S = 600.0
STORMS = ("distinct", "halves", "month")

Draft = dict[str, str]


def texts_of(storm: str, size: int) -> list[str]:
    """The texts of a storm."""
    if storm == "month":
        return [message.text for message in make_month(creators=1, messages=size)]
    askings, chat, _ = read_rows()
    rows = [row.text.replace(CREATOR, "you") for row in chain(*askings.values(), chat)]
    random = Random(5)
    random.shuffle(rows)
    distinct = size if storm == "distinct" else size // 2
    texts = [rows[place % len(rows)] + (f" ({place})" if place >= len(rows) else "") for place in range(distinct)]
    texts += random.choices(texts, k=size - distinct)
    random.shuffle(texts)
    return texts


async def send_batches(client: httpx.AsyncClient, drafts: Sequence[Draft]) -> float:
    """Seconds until every batch is acknowledged."""
    batches = iter([drafts[start : start + BATCH] for start in range(0, len(drafts), BATCH)])

    async def send() -> None:
        for batch in batches:
            answer = await client.post("/api/v1/inbox/messages:batch", json={"messages": batch}, timeout=ROOM_S)
            answer.raise_for_status()
            refused = [row for row in answer.json()["data"] if row["status"] == "rejected"]
            if refused:
                raise RuntimeError(f"{len(refused)} messages were refused: {refused[0]}")

    started = time.perf_counter()
    await asyncio.gather(*(send() for _ in range(BATCHES_AT_ONCE)))
    return time.perf_counter() - started


async def send_singly(url: httpx.URL, drafts: Sequence[Draft], *, connections: int) -> tuple[float, list[float]]:
    """Seconds until every message is acknowledged, each sent by itself, and of each the seconds it waited.

    Over plain sockets, for a client library would take more of the machine than the server.
    """
    waiting = iter(drafts)
    times: list[float] = []

    async def send() -> None:
        reader, writer = await asyncio.open_connection(url.host, url.port)
        try:
            for draft in waiting:
                body = json.dumps(draft).encode()
                head = (
                    f"POST /api/v1/inbox/messages HTTP/1.1\r\nHost: {url.host}\r\nContent-Length: {len(body)}\r\n\r\n"
                )
                started = time.perf_counter()
                writer.write(head.encode() + body)
                status, _, headers = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").partition("\r\n")
                length = next(
                    int(line[15:]) for line in headers.split("\r\n") if line.lower().startswith("content-length:")
                )
                said = await reader.readexactly(length)
                times.append(time.perf_counter() - started)
                if " 202" not in status:
                    raise RuntimeError(f"a message was refused: {status} {said[:300]!r}")
        finally:
            writer.close()

    started = time.perf_counter()
    await asyncio.gather(*(send() for _ in range(connections)))
    return time.perf_counter() - started, times


async def wait_until_grouped(client: httpx.AsyncClient, *, size: int) -> None:
    """Return when so many messages are in clusters and nothing waits to be searchable."""
    while True:
        collection = (await client.get("/api/v1/collections/inbox")).json()
        if collection["item_count"] >= size and not collection["pending_count"]:
            newest = (await client.get(f"/api/v1/inbox/messages?limit={PAGE}")).json()["data"]
            if all(message["cluster"] for message in newest) and await _grouped(client) >= size:
                return
        await asyncio.sleep(POLL_S)


async def _grouped(client: httpx.AsyncClient) -> int:
    """How many messages the clusters have together."""
    found, after = 0, ""
    while True:
        page = (await client.get(f"/api/v1/inbox/clusters?limit={PAGE}{after}")).json()
        found += sum(cluster["message_count"] for cluster in page["data"])
        if not page["has_more"]:
            return found
        after = f"&after={page['next_cursor']}"


async def count_messages(client: httpx.AsyncClient) -> dict[str, int]:
    """How often each message is there, by the caller's id; ends the program where one is in no cluster."""
    found: dict[str, int] = {}
    after = ""
    while True:
        page = (await client.get(f"/api/v1/inbox/messages?limit={PAGE}{after}")).json()
        for message in page["data"]:
            if message["cluster"] is None:
                raise SystemExit(f"{message['external_id']} is in no cluster")
            found[message["external_id"]] = found.get(message["external_id"], 0) + 1
        if not page["has_more"]:
            return found
        after = f"&after={page['next_cursor']}"


class Looking:
    """Somebody who looks at the list of clusters, and how long each look took."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self.times: list[float] = []

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            started = time.perf_counter()
            (await self._client.get(LIST)).raise_for_status()
            self.times.append(time.perf_counter() - started)
            await asyncio.sleep(LOOK_EVERY_S)


async def weather(url: str, storm: str, *, size: int, connections: int) -> list[dict[str, object]]:
    """A storm in batches and one of single messages; the figures of both."""
    texts = texts_of(storm, 2 * size)
    numbers = count()
    drafts = [{"text": text, "id": f"m{next(numbers)}"} for text in texts]
    rows: list[dict[str, object]] = []
    async with httpx.AsyncClient(base_url=url, timeout=ROOM_S) as client:
        for how, part in (("batches", drafts[:size]), ("singly", drafts[size:])):
            looking = Looking(client)
            task = asyncio.create_task(looking.run())
            started = time.perf_counter()
            times: list[float] = []
            if how == "batches":
                taken = await send_batches(client, part)
            else:
                taken, times = await send_singly(client.base_url, part, connections=connections)
            await wait_until_grouped(client, size=size * (len(rows) + 1))
            drained = time.perf_counter() - started
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            rows.append(
                {
                    "storm": storm,
                    "how": how,
                    "messages": len(part),
                    "acknowledged_per_s": len(part) / taken,
                    "finished_per_s": len(part) / drained,
                    "ack_p50_ms": percentile(times, 0.5) if times else None,
                    "ack_p95_ms": percentile(times, 0.95) if times else None,
                    "ack_p99_ms": percentile(times, 0.99) if times else None,
                    "list_p50_ms": percentile(looking.times, 0.5),
                    "list_p95_ms": percentile(looking.times, 0.95),
                }
            )
        found = await count_messages(client)
    rows[-1]["lost"] = len(drafts) - len(found)
    rows[-1]["doubled"] = sum(number - 1 for number in found.values())
    return rows


def embedder_alone(texts: Sequence[str]) -> float:
    """Distinct texts per second that the default model embeds when it has the machine to itself."""
    from cluster_quality_bench import embed  # its imports take seconds, which nobody should wait for before the storm

    distinct = list(dict.fromkeys(texts))
    started = time.perf_counter()
    asyncio.run(embed(distinct))
    return len(distinct) / (time.perf_counter() - started)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--storms", nargs="+", default=STORMS, choices=STORMS)
    options = parser.parse_args()
    rows: list[dict[str, object]] = []
    for storm in options.storms:
        with tempfile.TemporaryDirectory(prefix="likewise-bench-") as home:
            Path(home).chmod(0o755)  # else the database's user cannot enter
            with running(Path(home), "up", "--port", "0") as url:
                rows += uvloop.run(weather(url, storm, size=options.messages, connections=options.connections))
    alone = embedder_alone(texts_of("distinct", options.messages))
    for row in rows:
        row["of_embedder"] = ratio(float(str(row["finished_per_s"])), alone)
    report("inbox_storm", rows, embedder_per_s=round(alone, 1), connections=options.connections)


if __name__ == "__main__":
    main()
