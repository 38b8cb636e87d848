"""What is known of clusters: lists, one with its exemplars and outliers, its items, changes, the map."""

from collections.abc import Sequence
from uuid import UUID

from likewise.engine.clusters import logic, store
from likewise.engine.clusters.errors import ClusterNotFound, NotGrouped
from likewise.engine.clusters.model import Change, Cluster, ClusterOrder, Grouping, MapPoint, Member
from likewise.engine.clusters.settings import ClustersSettings
from likewise.engine.collections import Collection, Filter, Visibility, explain_missing, get_collection, read_filter
from likewise.platform.db import Tx
from likewise.platform.feature import App
from likewise.platform.ids import encode_id

__all__ = [
    "find_cluster_ids",
    "get_cluster",
    "get_grouping",
    "list_changes",
    "list_clusters",
    "list_exemplars",
    "list_items",
    "list_items_by_id",
    "list_points",
    "locked_grouping",
    "pin_grouping",
    "show_cluster",
]

_LAST_ID = UUID(int=(1 << 128) - 1)
_EVERYTHING = Filter()


async def get_grouping(app: App, tenant_id: UUID, *, collection: str) -> Grouping:
    """How a collection is grouped. Raises CollectionNotFound, NotGrouped."""
    found, grouping = await _open(app, tenant_id, collection)
    del found
    return grouping


async def list_clusters(
    app: App,
    tenant_id: UUID,
    *,
    collection: str,
    order: ClusterOrder = "size",
    size_min: int | None = None,
    start: int = 0,
    limit: int = 50,
) -> list[Cluster]:
    """One page of clusters of at least `size_min` items (the collection's own minimum where None), from `start` on."""
    _, grouping = await _open(app, tenant_id, collection)
    bounded = min(limit, app.settings.get(ClustersSettings).page_max + 1)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        return await store.list_clusters(
            tx,
            collection_id=grouping.collection_id,
            order=order,
            size_min=grouping.options.size_min if size_min is None else size_min,
            offset=start,
            limit=bounded,
        )


async def show_cluster(
    app: App, tenant_id: UUID, *, collection: str, cluster_id: UUID
) -> tuple[Cluster, list[Member], list[Member]]:
    """A cluster, its exemplars and its outliers. Raises CollectionNotFound, NotGrouped, ClusterNotFound."""
    _, grouping = await _open(app, tenant_id, collection)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        cluster = await get_cluster(tx, grouping, collection, cluster_id)
        exemplars = await _members(tx, grouping, cluster.exemplars)
        outliers = await _members(tx, grouping, cluster.outliers)
    return cluster, exemplars, outliers


async def list_exemplars(
    app: App, tenant_id: UUID, *, collection: str, clusters: Sequence[Cluster], count: int
) -> dict[UUID, Member]:
    """The first `count` exemplars of each of these clusters, by item, in one statement."""
    _, grouping = await _open(app, tenant_id, collection)
    ids = [item_id for cluster in clusters for item_id in cluster.exemplars[:count]]
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        return {member.item_id: member for member in await _members(tx, grouping, ids)}


async def list_items(
    app: App,
    tenant_id: UUID,
    *,
    collection: str,
    cluster_id: UUID,
    after: UUID | None = None,
    limit: int = 50,
    filter: Filter = _EVERYTHING,  # noqa: A002 - the word of a search
) -> list[Member]:
    """One page of a cluster's items that meet a filter, in the order they came."""
    found, grouping = await _open(app, tenant_id, collection)
    bounded = min(limit, app.settings.get(ClustersSettings).page_max + 1)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        await get_cluster(tx, grouping, collection, cluster_id)
        return await store.list_members(
            tx,
            collection_id=grouping.collection_id,
            cluster_id=cluster_id,
            conditions=read_filter(filter, found.facets, visibility=tuple(Visibility)),
            after=after or UUID(int=0),
            limit=bounded,
        )


async def list_items_by_id(app: App, tenant_id: UUID, *, collection: str, item_ids: Sequence[UUID]) -> list[Member]:
    """These items in this order; those that are in no cluster are left out."""
    _, grouping = await _open(app, tenant_id, collection)
    bounded = list(dict.fromkeys(item_ids))[: app.settings.get(ClustersSettings).page_max]
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        return await _members(tx, grouping, bounded)


async def list_changes(
    app: App, tenant_id: UUID, *, collection: str, before: UUID | None = None, limit: int = 50
) -> list[Change]:
    """One page of changes, newest first."""
    _, grouping = await _open(app, tenant_id, collection)
    bounded = min(limit, app.settings.get(ClustersSettings).page_max + 1)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        return await store.list_changes(
            tx, collection_id=grouping.collection_id, before=before or _LAST_ID, limit=bounded
        )


async def list_points(
    app: App, tenant_id: UUID, *, collection: str, after: UUID | None = None, limit: int = 10_000
) -> list[MapPoint]:
    """One page of the map's points, by item. A collection that was never refined has none."""
    _, grouping = await _open(app, tenant_id, collection)
    bounded = min(limit, app.settings.get(ClustersSettings).map_points_max + 1)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        return await store.list_points(
            tx, collection_id=grouping.collection_id, after=after or UUID(int=0), limit=bounded
        )


async def get_cluster(tx: Tx, grouping: Grouping, collection: str, cluster_id: UUID) -> Cluster:
    """One cluster, inside a transaction that is open already. Raises ClusterNotFound."""
    cluster = await store.find_cluster(tx, collection_id=grouping.collection_id, cluster_id=cluster_id)
    if cluster is None:
        raise ClusterNotFound(id=encode_id("clu", cluster_id), collection=collection)
    return cluster


async def find_cluster_ids(
    tx: Tx, *, collection_id: UUID, texts: Sequence[tuple[str | None, str]]
) -> list[UUID | None]:
    """For each title and body, the cluster its text is in already: items with it will join that one."""
    hashes = [logic.text_hash(title, body) for title, body in texts]
    rows = await store.list_texts(tx, collection_id=collection_id, hashes=list(dict.fromkeys(hashes)))
    known = {row.hash: row.cluster_id for row in rows}
    return [known.get(digest) for digest in hashes]


async def locked_grouping(tx: Tx, collection: str) -> Grouping:
    """A collection's grouping, held until the end of the transaction. Raises CollectionNotFound, NotGrouped."""
    collection_id = await store.find_collection_id(tx, name=collection)
    if collection_id is None:
        raise await explain_missing(tx, name=collection)
    grouping = await store.lock_grouping(tx, collection_id=collection_id)
    if grouping is None:
        raise NotGrouped(collection=collection)
    return grouping


async def pin_grouping(tx: Tx, *, collection_id: UUID) -> None:
    """Have no cluster of a collection change until the end of the transaction; others may do the same meanwhile."""
    await store.pin_grouping(tx, collection_id=collection_id)


async def _open(app: App, tenant_id: UUID, collection: str) -> tuple[Collection, Grouping]:
    found = await get_collection(app, tenant_id, name=collection)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        grouping = await store.find_grouping(tx, collection_id=found.id)
    if grouping is None:
        raise NotGrouped(collection=collection)
    return found, grouping


async def _members(tx: Tx, grouping: Grouping, item_ids: Sequence[UUID]) -> list[Member]:
    """Items in the order of their ids here; those that went are left out."""
    rows = await store.list_members_by_id(tx, collection_id=grouping.collection_id, item_ids=item_ids)
    found = {row.item_id: row for row in rows}
    return [found[item_id] for item_id in item_ids if item_id in found]
