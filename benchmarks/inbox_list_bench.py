"""C1: how many people can look at the clusters of an inbox at once.

A creator's messages of a month are grouped by the program itself; then a hundred connections ask for the first hundred
clusters, each with its examples, as browsers do (gzip accepted). Rows: with the cache; with somebody who changes a
cluster twenty times a second, so that what is kept never lives longer than that; without any cache, where those who
ask at the same moment share one reading; and one reading after the other, inside the program. Baseline: a route of the
same server that answers without a database. The database, the server and the clients share the machine.

    python benchmarks/inbox_list_bench.py [--messages 4000] [--seconds 8] [--workers 2]
"""

import argparse
import asyncio
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self
from uuid import UUID

import httpx

from harness import open_bench, percentile, report
from inbox_month import make_month
from likewise.apps.inbox.consumers import consumers as inbox_consumers
from likewise.apps.inbox.model import COLLECTION, MessageDraft
from likewise.apps.inbox.service import ingest_each, list_clusters
from likewise.engine.clusters.consumers import consumer as clusters_consumer
from likewise.engine.collections import wait_until_searchable
from likewise.engine.embedding.service import run_pipeline
from likewise.platform.events import drain
from likewise.platform.feature import App
from report import ratio
from running import press, running

CLUSTERS = 100
CONNECTIONS = 100
CHANGES_PER_S = 20
UNKEPT_BYTES = 1_000  # lists are larger and never kept
BATCH = 500
LIST = f"/api/v1/inbox/clusters?limit={CLUSTERS}"
AS_BROWSERS: Mapping[str, str] = {"Accept-Encoding": "gzip, deflate, br, zstd"}


async def fill_inbox(app: App, tenant_id: UUID, count: int) -> None:
    """A creator's messages, grouped."""
    month = make_month(creators=1, messages=count)
    drafts = [MessageDraft(text=message.text, id=message.external_id, sent_at=message.sent_at) for message in month]
    for start in range(0, len(drafts), BATCH):
        await ingest_each(app, tenant_id, drafts=drafts[start : start + BATCH])
    pipeline = asyncio.create_task(run_pipeline(app))
    try:
        await wait_until_searchable(app, tenant_id, collection=COLLECTION)
    finally:
        pipeline.cancel()
        await asyncio.gather(pipeline, return_exceptions=True)
    await drain(app.db, [clusters_consumer(app), *inbox_consumers(app)])


async def read_alone(app: App, tenant_id: UUID, *, rounds: int) -> list[float]:
    """Seconds of each reading of the list, one after the other, nothing kept."""
    times: list[float] = []
    for round_number in range(rounds):
        started = time.perf_counter()
        found = await list_clusters(app, tenant_id, size_min=1, limit=CLUSTERS + round_number % 2)
        times.append(time.perf_counter() - started)
        if len(found) < CLUSTERS:
            raise RuntimeError(f"only {len(found)} clusters")
    return times


class Changing:
    """Somebody who names a cluster anew, again and again, while the block lasts."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.count = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _run(self) -> None:
        with httpx.Client(base_url=self._url) as client:
            cluster = client.get(LIST).json()["data"][0]["id"]
            while not self._is_over.wait(1 / CHANGES_PER_S):
                name = {"name": f"name {self.count}"}
                client.patch(f"/api/v1/inbox/clusters/{cluster}", json=name).raise_for_status()
                self.count += 1


def measure(home: Path, *, workers: int, seconds: int) -> list[dict[str, object]]:
    """The rows over HTTP."""
    rows: list[dict[str, object]] = []
    serve = ("serve", "--port", "0", "--workers", str(workers))

    def row(what: str, url: str, **headers: str) -> float:
        press(url, connections=CONNECTIONS, seconds=2, headers={**AS_BROWSERS, **headers})
        load = press(url, connections=CONNECTIONS, seconds=seconds, headers={**AS_BROWSERS, **headers})
        rows.append(
            {"what": what, "per_s": load.per_s, "p50_ms": load.p50_ms, "p95_ms": load.p95_ms, "refused": load.refused}
        )
        return load.per_s

    with running(home, *serve) as url:
        plain = row("no database (/health/live)", f"{url}/health/live")
        answer = httpx.get(url + LIST, headers=AS_BROWSERS)
        row("cached", url + LIST)
        row("cached, known by its ETag", url + LIST, **{"If-None-Match": answer.headers["etag"]})
        with Changing(url) as changing:
            row(f"changed {CHANGES_PER_S} times a second", url + LIST)
        rows[-1]["changes"] = changing.count
    with running(home, *serve, cache_entry_bytes_max=UNKEPT_BYTES) as url:
        row("no cache", url + LIST)
    for one in rows[1:]:
        one["of_no_database"] = ratio(float(str(one["per_s"])), plain)
    rows[1]["bytes"], rows[1]["bytes_sent"] = len(answer.content), answer.num_bytes_downloaded
    return rows


async def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=4_000)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    async with open_bench(cache_entry_bytes_max=UNKEPT_BYTES) as (app, tenant_id):
        await fill_inbox(app, tenant_id, options.messages)
        alone = await read_alone(app, tenant_id, rounds=200)
        home = app.settings.core.home
        rows = await asyncio.to_thread(measure, home, workers=options.workers, seconds=options.seconds)
    rows.append(
        {
            "what": "one reading after the other, inside the program",
            "per_s": len(alone) / sum(alone),
            "p50_ms": percentile(alone, 0.5),
            "p95_ms": percentile(alone, 0.95),
        }
    )
    report("inbox_list", rows, messages=options.messages, workers=options.workers, connections=CONNECTIONS)


if __name__ == "__main__":
    asyncio.run(main())
