"""R2: how long one feed takes, with candidates of every source, and until what somebody did is seen in it.

A made-up community (crowd.py): users with profiles from what they did, items with vectors under an HNSW index, what was
learned by a rebuild. One client; the database shares the machine. Baseline: what is trending, the same for everybody,
in the same run. Fresh: a like until the feed leaves the item out (the next request), and until the profile has
moved (consumer and keeper at work).

    python benchmarks/feed_bench.py [--users 2000] [--items 20000] [--interactions 200000]
"""

import argparse
import gc
import time
from collections import defaultdict
from random import Random
from uuid import UUID

import uvloop

from crowd import NAME, derive, gather
from harness import open_bench, percentile, report
from likewise.engine.recommend import FeedRequest, Interaction, put_interactions, rebuild, recommend
from likewise.engine.recommend.consumers import consumer
from likewise.engine.recommend.service import list_trending
from likewise.engine.search import build_vector_indexes
from likewise.platform.events import drain
from likewise.platform.feature import App
from report import ratio


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=2_000)
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--interactions", type=int, default=200_000)
    parser.add_argument("--feeds", type=int, default=300)
    given = parser.parse_args()
    rows: list[dict[str, object]] = []
    async with open_bench() as (app, tenant_id):
        crowd = await gather(app, tenant_id, users=given.users, items=given.items, interactions=given.interactions)
        started = time.perf_counter()
        await derive(app, tenant_id, crowd)
        rows.append({"what": "profiles and standings, all of them", "seconds": round(time.perf_counter() - started, 1)})
        started = time.perf_counter()
        found = await rebuild(app, tenant_id, collection=NAME)
        rows.append(
            {"what": f"rebuild, {found.interactions} pairs", "seconds": round(time.perf_counter() - started, 1)}
        )
        await build_vector_indexes(app)
        async with app.db.owner_connection() as connection:
            await connection.execute("vacuum analyze")
        gc.collect()
        gc.freeze()  # as a server does once it has started
        random = Random(2)
        names = [random.choice(crowd.users) for _ in range(given.feeds)]
        statements: dict[str, list[float]] = defaultdict(list)
        seconds: list[float] = []
        candidates = 0
        for round_ in range(2):
            if round_:
                app.db.observe_statements(lambda name, spent: statements[name].append(spent))
            for name in names:
                started = time.perf_counter()
                feed = await recommend(app, tenant_id, FeedRequest(collection=NAME, user=name, is_recorded=False))
                if round_:
                    seconds.append(time.perf_counter() - started)
                    candidates += feed.candidates
        app.db.observe_statements(lambda _name, _spent: None)
        figures = {f"p{share}_ms": percentile(seconds, share / 100) for share in (50, 95, 99)}
        rows.append({"what": "feed of 20", **figures, "candidates": round(candidates / len(names))})
        for name, spent in sorted(statements.items(), key=lambda pair: -sum(pair[1]))[:8]:
            rows.append({"what": f"  {name}", "p50_ms": percentile(spent, 0.5), "p95_ms": percentile(spent, 0.95)})
        plain: list[float] = []
        for _ in names:
            started = time.perf_counter()
            await list_trending(app, tenant_id, collection=NAME)
            plain.append(time.perf_counter() - started)
        rows.append(
            {
                "what": "baseline: trending for everybody",
                **{f"p{s}_ms": percentile(plain, s / 100) for s in (50, 95, 99)},
            }
        )
        rows.append(
            {"what": "feed over baseline, p95", "ratio": ratio(percentile(seconds, 0.95), percentile(plain, 0.95))}
        )
        rows.append(await measure_freshness(app, tenant_id, names[:30]))
    report(f"feed_{given.interactions}", rows, users=given.users, items=given.items, interactions=given.interactions)


async def measure_freshness(app: App, tenant_id: UUID, names: list[str]) -> dict[str, object]:
    """A like until the next feed leaves the item out and the profile has moved."""
    fresh: list[float] = []
    for name in names:
        request = FeedRequest(collection=NAME, user=name, is_recorded=False)
        liked = (await recommend(app, tenant_id, request)).data[0].key
        started = time.perf_counter()
        deed = Interaction(user=name, item=liked, kind="like")
        await put_interactions(app, tenant_id, collection=NAME, interactions=[deed])
        if any(one.key == liked for one in (await recommend(app, tenant_id, request)).data):
            raise RuntimeError("the next feed shows what was just liked")
        await drain(app.db, [consumer(app)])
        fresh.append(time.perf_counter() - started)
    return {"what": "like, next feed, profile moved", **{f"p{s}_ms": percentile(fresh, s / 100) for s in (50, 95)}}


if __name__ == "__main__":
    uvloop.run(main())
