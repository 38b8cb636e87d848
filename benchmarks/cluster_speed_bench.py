"""C3: milliseconds to put one message into its cluster, and seconds to group a whole collection, from the database on.

Messages are the sentences of BANKING77, HWU64 and StackOverflow, varied by a number where they do not suffice. The
baseline of a batch is k-means on the same vectors, given as many groups as were found.
"""

import argparse
import time
from uuid import UUID

import numpy as np
import uvloop

from cluster_quality_bench import k_means, sets
from harness import fill, open_bench, report
from likewise.engine.clusters import group_collection, list_clusters, logic
from likewise.engine.clusters.consumers import consumer
from likewise.engine.clusters.service import build
from likewise.engine.clusters.service.arriving import mean_vectors
from likewise.engine.collections import ItemDraft, list_items
from likewise.engine.embedding import get_space, item_vectors
from likewise.platform.events import drain
from likewise.platform.feature import App
from likewise.platform.jobs import foreground
from report import ratio

NAME = "messages"


def messages(count: int) -> list[ItemDraft]:
    """Distinct texts."""
    base = [text for pairs in sets().values() for text, _ in pairs]
    return [
        ItemDraft(key=str(n), body=base[n % len(base)] if n < len(base) else f"{base[n % len(base)]} ({n})")
        for n in range(count)
    ]


async def vectors_of(app: App, tenant_id: UUID) -> logic.Floats:
    """The vectors of the newest items, at most 10,000."""
    rows: list[tuple[UUID, logic.Floats]] = []
    before = None
    for _ in range(50):
        items = await list_items(app, tenant_id, collection=NAME, before=before, limit=200)
        if not items:
            break
        before = items[-1].id
        async with app.db.tenant(tenant_id, read_only=True) as tx:
            found = await item_vectors(tx, item_ids=[item.id for item in items], space=await get_space(tx))
        rows += [(row.item_id, row.vector) for row in found]
    return np.stack(list(mean_vectors(rows).values()))


async def main(state: int, arrivals: int) -> None:
    """Group `state` messages as a batch, then let `arrivals` more come."""
    drafts = messages(state + arrivals)
    async with open_bench() as (app, tenant_id):
        collection = await fill(app, tenant_id, drafts[:state], name=NAME, kinds={})
        await drain(app.db, [consumer(app)])
        await group_collection(app, tenant_id, collection=NAME)
        started = time.perf_counter()
        async with foreground(app.db, tenant_id, kind="build") as context:
            await build(app, context, collection.id)
        batch_s = time.perf_counter() - started
        clusters = len(await list_clusters(app, tenant_id, collection=NAME, limit=200))
        vectors = await vectors_of(app, tenant_id)
        started = time.perf_counter()
        found = logic.fit_partition(vectors)
        fit_s = time.perf_counter() - started
        started = time.perf_counter()
        k_means(vectors, groups=int(found.labels.max()) + 1, seed=0)
        baseline_s = time.perf_counter() - started
        await fill(app, tenant_id, drafts[state:], name=NAME, kinds={})
        started = time.perf_counter()
        await drain(app.db, [consumer(app)])
        arriving_s = time.perf_counter() - started
    row = {
        "state_messages": state,
        "clusters_listed": clusters,
        "batch_s": round(batch_s, 1),
        "fit_texts": len(vectors),
        "fit_s": round(fit_s, 1),
        "fit_ratio_to_k_means": ratio(baseline_s, fit_s),
        "arrivals": arrivals,
        "arrival_ms": round(1000 * arriving_s / arrivals, 3),
    }
    report(f"cluster_speed_{state}", [row])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=int, default=10_000)
    parser.add_argument("--arrivals", type=int, default=2_000)
    given = parser.parse_args()
    uvloop.run(main(given.state, given.arrivals))
