"""R1: how long it takes to look up who is alike, to learn everybody anew, and until a change is seen.

A made-up community (crowd.py): so many users with profiles by meaning and by categories, ten interactions each with a
catalog of 20,000 items. Baseline of the lookup: comparing the user with everybody when asked, in the same run.

    python benchmarks/similar_users_bench.py [--users 10000]
"""

import argparse
import time
from random import Random

import uvloop

from crowd import NAME, gather, lay_down
from harness import open_bench, percentile, report
from likewise.engine.recommend import list_similar_users, rebuild, store
from likewise.engine.recommend.model import LIKENESSES, Likeness
from likewise.engine.recommend.service import Keeper
from likewise.platform.feature import App
from report import memory_mb, ratio


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--lookups", type=int, default=1_000)
    given = parser.parse_args()
    rows: list[dict[str, object]] = []
    async with open_bench() as (app, tenant_id):
        crowd = await gather(app, tenant_id, users=given.users, items=20_000, interactions=given.users * 10)
        await lay_down(app, tenant_id, crowd)
        stages: dict[str, float] = {}
        started = last = time.perf_counter()
        stage = "begin"

        async def tell(name: str, _: int, __: int) -> None:
            nonlocal last, stage
            now = time.perf_counter()
            stages[stage] = stages.get(stage, 0.0) + now - last
            last, stage = now, name

        await rebuild(app, tenant_id, collection=NAME, tell=tell)
        await tell("end", 0, 0)
        seconds = time.perf_counter() - started
        rows.append({"what": "rebuild", "seconds": round(seconds, 2), "memory_mb": memory_mb()})
        for name, spent in stages.items():
            rows.append({"what": f"  {name}", "seconds": round(spent, 2)})
        async with app.db.owner_connection() as connection:
            await connection.execute("vacuum analyze")
        random = Random(1)
        names = [random.choice(crowd.users) for _ in range(given.lookups)]
        rows += [
            {"what": f"lookup by {by}, top 10"} | await measure_lookup(app, tenant_id, names, by) for by in LIKENESSES
        ]
        compared = await measure_scan(app, tenant_id, crowd.collection_id, names[:50])
        rows.append({"what": "baseline: compare with everybody when asked"} | compared)
        best = next(row for row in rows if row["what"] == "lookup by meaning, top 10")
        rows.append(
            {
                "what": "baseline over lookup, p95",
                "ratio": ratio(float(str(compared["p95_ms"])), float(str(best["p95_ms"]))),
            }
        )
        rows.append({"what": "change of one profile until its list is new"} | await measure_change(app, names[:20]))
    report(f"similar_users_{given.users}", rows, users=given.users)


async def measure_lookup(app: App, tenant_id: object, names: list[str], by: Likeness) -> dict[str, object]:
    """Each name once to warm up and once for the record, without what is shared."""
    seconds: list[float] = []
    for round_ in range(2):
        for name in names:
            started = time.perf_counter()
            await list_similar_users(app, tenant_id, collection=NAME, user=name, by=by, with_shared=False)  # type: ignore[arg-type]
            if round_:
                seconds.append(time.perf_counter() - started)
    return {f"p{share}_ms": percentile(seconds, share / 100) for share in (50, 95, 99)}


async def measure_scan(app: App, tenant_id: object, collection_id: object, names: list[str]) -> dict[str, object]:
    """The same answer by one exact scan of all users."""
    seconds: list[float] = []
    for name in names:
        started = time.perf_counter()
        async with app.db.tenant(tenant_id, read_only=True) as tx:  # type: ignore[arg-type]
            found = await store.find_neighbours(tx, collection_id=collection_id, kind="meaning", user_key=name)  # type: ignore[arg-type]
            if found is not None:
                where = {"collection_id": collection_id, "kind": "meaning", "user_id": found.id}
                vector = await store.find_place(tx, **where)  # type: ignore[arg-type]
                if vector is not None:
                    await store.nearest_users(tx, **where, vector=vector, limit=10)  # type: ignore[arg-type]
        seconds.append(time.perf_counter() - started)
    return {f"p{share}_ms": percentile(seconds, share / 100) for share in (50, 95)}


async def measure_change(app: App, names: list[str]) -> dict[str, object]:
    """Mark one profile as moved and let the keeper look: all three lists of the user and of their neighbours."""
    keeper = Keeper(app)
    seconds: list[float] = []
    async with app.db.owner_connection() as connection:
        await connection.execute("set role likewise_maintenance")
        for name in names:
            started = time.perf_counter()
            await connection.execute(
                "update recommend.profiles set is_stale = true, updated_at = clock_timestamp() where user_key = %s",
                [name],
            )
            while await keeper.look():
                pass
            seconds.append(time.perf_counter() - started)
    return {f"p{share}_ms": percentile(seconds, share / 100) for share in (50, 95)}


if __name__ == "__main__":
    uvloop.run(main())
