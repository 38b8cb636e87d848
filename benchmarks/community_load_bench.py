"""E2 and E3 through the community app: experiences acknowledged a second, and finished, with what rules read in them.

`likewise serve` and `likewise worker` run as their owner would run them. Experiences come singly over sixteen
connections, then in batches, some with many attributes of their authors and some with a few; extraction is on.
Finished: each can be found by meaning, and its attributes are counted. Baseline: the engine alone, that is the same
texts as items of a plain collection, in batches of the same size through the same server.

    python benchmarks/community_load_bench.py [--experiences 2000] [--attributes 50 5]
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import uvloop

from community_client import API, CONNECTIONS, Client, experience_body
from community_made import Made, make_community
from report import percentile, ratio, report
from running import started

BATCH = 500
BATCHES_AT_ONCE = 2
POLL_S = 0.1
ROOM_S = 3_600.0
PLAIN = "plain"

Row = dict[str, object]


def bodies_of(made: Made, start: int, size: int, *, attributes: int, key: str) -> list[dict[str, object]]:
    """Experiences as authors send them, with so many attributes at most."""
    bodies = [experience_body(made, number, key=f"{key}-{number}") for number in range(start, start + size)]
    for body in bodies:
        given = body["attributes"]
        if isinstance(given, list):
            body["attributes"] = given[:attributes]
    return bodies


async def send_singly(client: Client, bodies: Sequence[dict[str, object]]) -> tuple[float, list[float]]:
    """Seconds until all are acknowledged, and of each the seconds it waited."""
    waiting = iter(bodies)
    times: list[float] = []

    async def send() -> None:
        for body in waiting:
            begun = time.perf_counter()
            (await client.ask("POST", f"{API}/experiences", body)).read()
            times.append(time.perf_counter() - begun)

    begun = time.perf_counter()
    await asyncio.gather(*(send() for _ in range(CONNECTIONS)))
    return time.perf_counter() - begun, times


async def send_batches(client: Client, path: str, name: str, bodies: Sequence[dict[str, object]]) -> float:
    """Seconds until every batch is acknowledged; ends the run where one thing is refused."""
    batches = iter([bodies[start : start + BATCH] for start in range(0, len(bodies), BATCH)])

    async def send() -> None:
        for batch in batches:
            told = (await client.ask("POST", path, {name: batch})).read()
            refused = [row for row in told["data"] if row.get("status") in {"rejected", "refused"}]
            if refused:
                raise RuntimeError(f"{len(refused)} were refused: {refused[0]}")

    begun = time.perf_counter()
    await asyncio.gather(*(send() for _ in range(BATCHES_AT_ONCE)))
    return time.perf_counter() - begun


async def wait_until_found(client: Client, collection: str, *, size: int) -> float:
    """The moment from which so many items are there and none waits for its vector."""
    begun = time.perf_counter()
    while time.perf_counter() - begun < ROOM_S:
        found = (await client.ask("GET", f"/api/v1/collections/{collection}")).read()
        if found["item_count"] >= size and not found["pending_count"]:
            return time.perf_counter()
        await asyncio.sleep(POLL_S)
    raise RuntimeError(f"not every experience can be found after {ROOM_S:.0f} seconds")


async def wait_until_counted(client: Client, *, size: int) -> float:
    """The moment from which so many experiences are counted, which the distribution of any key tells."""
    begun = time.perf_counter()
    while time.perf_counter() - begun < ROOM_S:
        answer = await client.ask("GET", f"{API}/patterns/distribution?key=lot")
        if answer.status == 200 and json.loads(answer.body)["item_count"] >= size:
            return time.perf_counter()
        await asyncio.sleep(POLL_S)
    raise RuntimeError(f"not every experience is counted after {ROOM_S:.0f} seconds")


async def weather(client: Client, made: Made, *, size: int, attributes: int) -> list[Row]:
    """One round of each way to send, on a community of its own kind."""
    rows: list[Row] = []
    for place, how in enumerate(("singly", "batches")):
        bodies = bodies_of(made, place * size, size, attributes=attributes, key=f"{attributes}-{how}")
        for body in bodies:
            given = body["attributes"]
            if isinstance(given, list):
                given.append({"key": "lot", "value": f"{attributes} {how}"})
        begun = time.perf_counter()
        times: list[float] = []
        if how == "singly":
            taken, times = await send_singly(client, bodies)
        else:
            taken = await send_batches(client, f"{API}/experiences:batch", "experiences", bodies)
        known = (await client.ask("GET", "/api/v1/collections/experiences")).read()["item_count"]
        found = await wait_until_found(client, "experiences", size=known)
        counted = await wait_until_counted(client, size=known)
        rows.append(
            {
                "what": f"{how}, {attributes} attributes",
                "acknowledged_per_s": round(size / taken, 1),
                "found_per_s": round(size / (found - begun), 1),
                "counted_per_s": round(size / (counted - begun), 1),
                **({f"p{share}_ms": percentile(times, share / 100) for share in (50, 95, 99)} if times else {}),
            }
        )
        print(f"   {rows[-1]}", flush=True)
    return rows


async def measure_plain(client: Client, made: Made, *, size: int) -> Row:
    """The engine alone: the same texts, without attributes, in a collection of no app."""
    (await client.ask("POST", "/api/v1/collections", {"name": PLAIN})).read()
    items = [
        {"key": str(body["key"]), "title": body["title"], "body": f"{body['text']} Once more."}
        for body in bodies_of(made, 0, size, attributes=0, key="plain")
    ]
    begun = time.perf_counter()
    taken = await send_batches(client, f"/api/v1/collections/{PLAIN}/items:batch", "items", items)
    found = await wait_until_found(client, PLAIN, size=size)
    return {
        "what": "baseline: items of a plain collection, batches",
        "acknowledged_per_s": round(size / taken, 1),
        "found_per_s": round(size / (found - begun), 1),
    }


async def run(url: str, *, size: int, attributes: Sequence[int]) -> list[Row]:
    """Every row."""
    made = make_community(people=max(20, size // 10), experiences=2 * size, interactions=1)
    async with Client(url, "") as client:
        warm = bodies_of(made, 0, 20, attributes=5, key="warm")
        for body in warm:
            body["attributes"] = [{"key": "lot", "value": "warm"}]
        await send_singly(client, warm)
        rows = [row for few in attributes for row in await weather(client, made, size=size, attributes=few)]
        plain = await measure_plain(client, made, size=size)
    for row in rows:
        row["of_plain"] = ratio(float(str(row["found_per_s"])), float(str(plain["found_per_s"])))
    return [*rows, plain]


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--experiences", type=int, default=2_000)
    parser.add_argument("--attributes", type=int, nargs="+", default=[50, 5])
    given = parser.parse_args()
    flags = {"http_key_requests": 10_000_000, "http_key_burst": 1_000_000}
    with tempfile.TemporaryDirectory(prefix="likewise-bench-") as home, ExitStack() as stack:
        Path(home).chmod(0o755)  # else the database's user cannot enter
        server = stack.enter_context(started(Path(home), "serve", "--port", "0", **flags))
        stack.enter_context(started(Path(home), "worker"))
        rows = uvloop.run(run(server.url, size=given.experiences, attributes=given.attributes))
    report("community_load", rows, connections=CONNECTIONS, batch=BATCH)


if __name__ == "__main__":
    main()
