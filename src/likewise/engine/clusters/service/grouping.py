"""Collections that are grouped: beginning, changing how, refining on demand, and ending."""

from uuid import UUID

from likewise.engine.clusters import store
from likewise.engine.clusters.errors import RefinementRunning
from likewise.engine.clusters.model import BUILD, REFINE, BuildArgs, Grouping, GroupingOptions, RefineArgs
from likewise.engine.clusters.service.reading import get_grouping, locked_grouping
from likewise.engine.clusters.settings import ClustersSettings
from likewise.engine.collections import get_collection
from likewise.platform.db import Tx
from likewise.platform.feature import App

__all__ = ["group_collection", "group_empty", "regroup_collection", "start_refinement", "ungroup_collection"]

_DEFAULT = GroupingOptions()


async def group_collection(app: App, tenant_id: UUID, *, collection: str, options: GroupingOptions = _DEFAULT) -> UUID:
    """Group a collection from now on, and what is in it already in the background; the operation to watch.

    One that is grouped already gets these options, and what is not in a cluster yet gets there. Raises
    CollectionNotFound.
    """
    found = await get_collection(app, tenant_id, name=collection)
    async with app.db.tenant(tenant_id) as tx:
        await store.insert_grouping(tx, collection_id=found.id, options=options)
        operation = await app.jobs.defer(tx, BUILD, BuildArgs(found.id), operation_kind="build", unit="items")
    return _named(operation)


async def group_empty(tx: Tx, *, collection_id: UUID) -> None:
    """Group a collection that has no items yet, within the transaction that makes it; nothing where it is grouped."""
    if await store.find_grouping(tx, collection_id=collection_id) is None:
        await store.insert_grouping(tx, collection_id=collection_id, options=_DEFAULT)


async def regroup_collection(app: App, tenant_id: UUID, *, collection: str, options: GroupingOptions) -> Grouping:
    """Change how a collection is grouped; its clusters follow with the next refinement. Raises NotGrouped."""
    async with app.db.tenant(tenant_id) as tx:
        grouping = await locked_grouping(tx, collection)
        await store.insert_grouping(tx, collection_id=grouping.collection_id, options=options)
    return await get_grouping(app, tenant_id, collection=collection)


async def start_refinement(app: App, tenant_id: UUID, *, collection: str) -> UUID:
    """Refine a collection's clusters in the background; the operation to watch. Raises NotGrouped,
    RefinementRunning."""
    async with app.db.tenant(tenant_id) as tx:
        grouping = await locked_grouping(tx, collection)
        if grouping.is_refining:
            raise RefinementRunning(collection=collection)
        operation = await app.jobs.defer(
            tx, REFINE, RefineArgs(grouping.collection_id), operation_kind="refine", unit="texts"
        )
    return _named(operation)


async def ungroup_collection(app: App, tenant_id: UUID, *, collection: str) -> int:
    """Forget a collection's clusters and group it no longer, in bounded transactions; texts forgotten.

    Raises CollectionNotFound, NotGrouped.
    """
    limit = app.settings.get(ClustersSettings).refine_batch
    async with app.db.tenant(tenant_id) as tx:
        grouping = await locked_grouping(tx, collection)
        await store.delete_grouping(tx, collection_id=grouping.collection_id)
    total = 0
    while True:
        async with app.db.tenant(tenant_id) as tx:
            gone = await forget_some(tx, collection_id=grouping.collection_id, limit=limit)
        total += gone
        if not gone:
            return total


async def forget_some(tx: Tx, *, collection_id: UUID, limit: int) -> int:
    """A bounded part of what is kept of a collection; 0 once nothing is left."""
    gone = await store.delete_some_texts(tx, collection_id=collection_id, limit=limit)
    members = await store.delete_some_members(tx, collection_id=collection_id, limit=limit)
    signatures = await store.delete_some_signatures(tx, collection_id=collection_id, limit=limit)
    if gone + members + signatures == 0:
        await store.delete_summaries(tx, collection_id=collection_id)
        await store.delete_changes(tx, collection_id=collection_id)
        await store.delete_clusters(tx, collection_id=collection_id)
        return 0
    return max(gone, 1)


def _named(operation: UUID | None) -> UUID:
    if operation is None:
        raise RuntimeError("a job with an operation kind has an operation")
    return operation
