"""Counters of experiences, derived: what was touched is counted anew, nothing is added up.

The counters' rows are locked before anything is counted, so that nobody writes over a later count with an earlier one.
"""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from likewise.apps.community import store
from likewise.apps.community.events import EVENT_IDS_MAX, ExperiencesEngaged
from likewise.apps.community.model import Counters
from likewise.engine.recommend import count_acts
from likewise.platform.db import Database, Tx
from likewise.platform.events import Consumer, Mark, rebuild
from likewise.platform.feature import App

__all__ = ["count_again", "drop_counters", "recount"]


async def recount(app: App, tx: Tx, *, experience_ids: Sequence[UUID]) -> int:
    """Count upvotes, views and comments of these experiences anew; how many counters are others now.

    Comments are those that stand and are not hidden. Repeating it changes nothing; what is gone is left out.
    """
    ids = list(dict.fromkeys(experience_ids))
    await store.insert_counters(tx, ids=ids)
    there = await store.lock_counters(tx, ids=ids)
    if not there:
        return 0
    acts = await count_acts(tx, item_ids=there)
    comments = await store.count_comments(tx, ids=there)
    counted = [Counters(acts[one].upvotes, comments.get(one, 0), acts[one].views) for one in there]
    return await store.update_counters(tx, ids=there, counters=counted, at=app.clock.now())


async def drop_counters(tx: Tx) -> None:
    """Forget every counter of this transaction's tenant."""
    await store.delete_all_counters(tx)


async def count_again(db: Database, consumer: Consumer, tenant_id: UUID) -> Mark | None:
    """Throw a tenant's counters away and have the consumer count every experience again; the mark to wait for."""

    async def republish(tx: Tx) -> AsyncIterator[Sequence[ExperiencesEngaged]]:
        after = UUID(int=0)
        while ids := await store.list_ids_in_order(tx, after=after, limit=EVENT_IDS_MAX):
            yield [ExperiencesEngaged(ids)]
            after = ids[-1]

    return await rebuild(db, consumer, tenant_id, republish)
