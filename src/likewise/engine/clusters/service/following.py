"""Clusters' part in the transactions of collections: an item that goes leaves its cluster in the same transaction."""

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

from likewise.engine.clusters import store
from likewise.engine.clusters.events import ClusterShrank
from likewise.engine.clusters.model import REFINE, RefineArgs
from likewise.engine.clusters.service.summing import refresh
from likewise.engine.clusters.service.touching import touch
from likewise.engine.clusters.settings import ClustersSettings
from likewise.engine.collections import ItemStatus, PassageRef, Removal
from likewise.platform.db import Tx
from likewise.platform.events import publish
from likewise.platform.feature import App

__all__ = ["ClustersFollower", "leave_space", "mend", "retell"]

_BEFORE_ALL = UUID(int=0)


class ClustersFollower:
    """See `likewise.engine.collections.Follower`. What is written is grouped once it has a vector."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def written(self, tx: Tx, *, collection_id: UUID, passages: Sequence[PassageRef], urgent: bool) -> None:
        """The consumer hears of it when it is embedded."""

    async def removed(self, tx: Tx, removal: Removal) -> Mapping[str, int]:
        """Items leave their clusters; texts nobody writes any more go with them."""
        grouping = await store.lock_grouping(tx, collection_id=removal.collection_id)
        if grouping is None:
            return {}
        members = await store.delete_members(tx, item_ids=removal.item_ids)
        if not members:
            return {}
        lost = Counter(member.hash for member in members)
        rows = await store.shrink_texts(
            tx, collection_id=removal.collection_id, hashes=list(lost), item_counts=list(lost.values())
        )
        gone = [row for row in rows if row.item_count <= 0]
        if gone:
            hashes = [row.hash for row in gone]
            await store.delete_signatures(tx, collection_id=removal.collection_id, hashes=hashes)
            await store.delete_texts(tx, collection_id=removal.collection_id, hashes=hashes)
        items: Counter[UUID] = Counter()
        texts: Counter[UUID] = Counter()
        for row in rows:
            items[row.cluster_id] += lost[row.hash]
            texts[row.cluster_id] += row.item_count <= 0
        touched = list(items)
        await store.shrink_summaries(
            tx,
            collection_id=removal.collection_id,
            cluster_ids=touched,
            item_counts=[items[cluster_id] for cluster_id in touched],
            text_counts=[texts[cluster_id] for cluster_id in touched],
        )
        await store.delete_empty_summaries(tx, collection_id=removal.collection_id, cluster_ids=touched)
        await store.move_grouping(
            tx, collection_id=removal.collection_id, texts=-len(gone), is_refining=grouping.is_refining
        )
        await publish(tx, [ClusterShrank(removal.collection_id, cluster_id) for cluster_id in touched])
        await touch(self._app, tx, collection_id=removal.collection_id)
        return {"cluster_members": len(members)}

    async def forgotten(self, texts: Sequence[str]) -> Mapping[str, int]:
        """Nothing is kept by text."""
        del texts
        return {}

    async def estimate(self, tenant_id: UUID, texts: Sequence[str], *, passages: int) -> Mapping[str, float]:
        """Grouping costs nothing worth telling."""
        del tenant_id, texts, passages
        return {}

    async def backlog(self, tx: Tx, *, collection_id: UUID, limit: int) -> int:
        """An item is searchable before it is grouped; nobody waits for that."""
        del tx, collection_id, limit
        return 0

    async def states(self, tx: Tx, *, item_ids: Sequence[UUID]) -> Mapping[UUID, ItemStatus]:
        """See `backlog`."""
        del tx, item_ids
        return {}

    async def settle(self, tenant_id: UUID, *, item_ids: Sequence[UUID], timeout_s: float) -> bool:
        """See `backlog`."""
        del tenant_id, item_ids, timeout_s
        return True

    async def loaded(self, tenant_id: UUID, *, timeout_s: float) -> None:
        """See `backlog`."""


async def leave_space(app: App, tx: Tx) -> None:
    """The tenant's vectors are others now: texts keep their clusters, and a refinement sums those anew."""
    await store.forget_vectors(tx)
    await store.forget_axes(tx)
    limit = app.settings.get(ClustersSettings).grouped_collections_max
    for grouping in await store.list_groupings(tx, limit=limit):
        await app.jobs.defer(tx, REFINE, RefineArgs(grouping.collection_id), operation_kind="refine", unit="texts")


async def mend(app: App, tx: Tx, *, collection_id: UUID, after: UUID = _BEFORE_ALL) -> list[UUID]:
    """Make some summaries anew that still hold texts that went, those of clusters behind `after`; of which clusters."""
    grouping = await store.lock_grouping(tx, collection_id=collection_id)
    if grouping is None:
        return []
    limit = app.settings.get(ClustersSettings).page_max
    stale = await store.list_stale(tx, collection_id=collection_id, after=after, limit=limit)
    if stale:
        await refresh(app, tx, collection_id=collection_id, cluster_ids=stale)
        await store.move_grouping(tx, collection_id=collection_id, texts=0, is_refining=grouping.is_refining)
        await touch(app, tx, collection_id=collection_id)
    return stale


async def retell(app: App, tx: Tx) -> None:
    """Forget everything derived for this transaction's tenant; texts keep their clusters."""
    limit = app.settings.get(ClustersSettings).grouped_collections_max
    for grouping in await store.list_groupings(tx, limit=limit):
        await touch(app, tx, collection_id=grouping.collection_id)
    await store.delete_all_members(tx)
    await store.delete_all_signatures(tx)
    await store.delete_all_summaries(tx)
    await store.empty_texts(tx)
    await store.empty_groupings(tx)
