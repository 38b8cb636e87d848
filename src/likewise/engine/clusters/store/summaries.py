"""Statements about clusters and what is told of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec

from likewise.engine.clusters.model import Cluster, ClusterOrder, MapPoint, Member
from likewise.engine.clusters.store.groupings import QUERIES
from likewise.engine.collections import Conditions, conditioned
from likewise.platform.db import Tx

__all__ = [
    "StateRow",
    "delete_empty_summaries",
    "delete_summaries_of",
    "find_cluster",
    "insert_clusters",
    "list_clusters",
    "list_ids_of_keys",
    "list_kept",
    "list_kept_since",
    "list_members",
    "list_members_by_id",
    "list_points",
    "list_stale",
    "list_states",
    "mark_cluster",
    "recount_summaries",
    "shrink_summaries",
    "upsert_counts",
    "upsert_summaries",
]

_COLUMNS: LiteralString = (
    "c.id, c.name, s.label, s.words, s.item_count, s.text_count, s.spread, s.threshold, s.exemplars, s.outliers,"
    " s.outlier_count, s.first_seen_at, s.last_seen_at, s.heat, c.is_locked, c.acted_at, c.created_at"
)
_ORDERS: dict[ClusterOrder, LiteralString] = {
    "size": "s.item_count desc, s.cluster_id",
    "trend": "s.heat desc, s.cluster_id",
    "newest": "s.last_seen_at desc, s.cluster_id",
}


class StateRow(msgspec.Struct, frozen=True):
    """A cluster's summary, as far as counting goes. Vectors are float32, little-endian; `exemplar_vectors` several."""

    cluster_id: UUID
    item_count: int
    text_count: int
    summed_text_count: int
    vector_sum: bytes
    exemplar_vectors: bytes | None
    threshold: float
    first_seen_at: datetime
    last_seen_at: datetime
    heat: float


async def list_states(tx: Tx, *, collection_id: UUID) -> list[StateRow]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id}
    return await tx.fetch_all(QUERIES.list_states, StateRow, params)


async def list_kept(tx: Tx, *, collection_id: UUID) -> list[UUID]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id}
    return await tx.fetch_values(QUERIES.list_kept, UUID, params)


async def list_kept_since(tx: Tx, *, collection_id: UUID, ids: Sequence[UUID], since: datetime) -> list[UUID]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "ids": list(ids), "since": since}
    return await tx.fetch_values(QUERIES.list_kept_since, UUID, params)


async def shrink_summaries(
    tx: Tx,
    *,
    collection_id: UUID,
    cluster_ids: Sequence[UUID],
    item_counts: Sequence[int],
    text_counts: Sequence[int],
) -> None:
    params = {
        "tenant_id": tx.tenant,
        "collection_id": collection_id,
        "cluster_ids": list(cluster_ids),
        "item_counts": list(item_counts),
        "text_counts": list(text_counts),
    }
    await tx.execute(QUERIES.shrink_summaries, params)


async def recount_summaries(tx: Tx, *, collection_id: UUID, cluster_ids: Sequence[UUID]) -> None:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "cluster_ids": list(cluster_ids)}
    await tx.execute(QUERIES.recount_summaries, params)


async def delete_empty_summaries(tx: Tx, *, collection_id: UUID, cluster_ids: Sequence[UUID]) -> None:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "cluster_ids": list(cluster_ids)}
    await tx.execute(QUERIES.delete_empty_summaries, params)


async def list_stale(tx: Tx, *, collection_id: UUID, after: UUID, limit: int) -> list[UUID]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "after": after, "limit": limit}
    return await tx.fetch_values(QUERIES.list_stale, UUID, params)


async def insert_clusters(tx: Tx, *, collection_id: UUID, ids: Sequence[UUID]) -> None:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "ids": list(ids)}
    await tx.execute(QUERIES.insert_clusters, params)


async def upsert_counts(
    tx: Tx,
    *,
    collection_id: UUID,
    rows: Sequence[StateRow],
    labels: Sequence[str],
    exemplars: Sequence[Sequence[UUID]],
    exemplars_max: int,
) -> None:
    """`labels` are for clusters that are new; `exemplars`, items of texts that are, for those with too few."""
    params = {
        "tenant_id": tx.tenant,
        "collection_id": collection_id,
        "cluster_ids": [row.cluster_id for row in rows],
        "item_counts": [row.item_count for row in rows],
        "text_counts": [row.text_count for row in rows],
        "summed_text_counts": [row.summed_text_count for row in rows],
        "vector_sums": [row.vector_sum for row in rows],
        "thresholds": [row.threshold for row in rows],
        "labels": list(labels),
        "exemplars": [_array(map(str, items)) for items in exemplars],
        "exemplars_max": exemplars_max,
        "firsts": [row.first_seen_at for row in rows],
        "lasts": [row.last_seen_at for row in rows],
        "heats": [row.heat for row in rows],
    }
    await tx.execute(QUERIES.upsert_counts, params)


async def upsert_summaries(
    tx: Tx, *, collection_id: UUID, states: Sequence[StateRow], told: Sequence[Cluster], at: datetime
) -> None:
    """Both of the same clusters, in the same order."""
    params = {
        "tenant_id": tx.tenant,
        "collection_id": collection_id,
        "cluster_ids": [row.cluster_id for row in states],
        "item_counts": [row.item_count for row in states],
        "text_counts": [row.text_count for row in states],
        "vector_sums": [row.vector_sum for row in states],
        "exemplar_vectors": [row.exemplar_vectors for row in states],
        "thresholds": [row.threshold for row in states],
        "spreads": [cluster.spread for cluster in told],
        "labels": [cluster.label for cluster in told],
        "words": [_array(cluster.words) for cluster in told],
        "exemplars": [_array(map(str, cluster.exemplars)) for cluster in told],
        "outliers": [_array(map(str, cluster.outliers)) for cluster in told],
        "outlier_counts": [cluster.outlier_count for cluster in told],
        "firsts": [row.first_seen_at for row in states],
        "lasts": [row.last_seen_at for row in states],
        "heats": [row.heat for row in states],
        "at": at,
    }
    await tx.execute(QUERIES.upsert_summaries, params)


async def delete_summaries_of(tx: Tx, *, collection_id: UUID, cluster_ids: Sequence[UUID]) -> None:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "cluster_ids": list(cluster_ids)}
    await tx.execute(QUERIES.delete_summaries_of, params)


async def list_clusters(
    tx: Tx, *, collection_id: UUID, order: ClusterOrder, size_min: int, offset: int, limit: int
) -> list[Cluster]:
    statement = QUERIES.list_clusters.with_slots(columns=_COLUMNS, cluster_order=_ORDERS[order])
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "size_min": size_min}
    return await tx.fetch_all(statement, Cluster, {**params, "offset": offset, "limit": limit})


async def find_cluster(tx: Tx, *, collection_id: UUID, cluster_id: UUID) -> Cluster | None:
    statement = QUERIES.find_cluster.with_slots(columns=_COLUMNS)
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "cluster_id": cluster_id}
    return await tx.fetch_one(statement, Cluster, params)


async def list_members(
    tx: Tx, *, collection_id: UUID, cluster_id: UUID, conditions: Conditions, after: UUID, limit: int
) -> list[Member]:
    statement, params = conditioned(QUERIES.list_members, conditions, joined=True, item="i.id")
    params |= {"tenant_id": tx.tenant, "collection_id": collection_id, "cluster_id": cluster_id}
    return await tx.fetch_all(statement, Member, {**params, "after": after, "limit": limit})


async def list_members_by_id(tx: Tx, *, collection_id: UUID, item_ids: Sequence[UUID]) -> list[Member]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "item_ids": list(item_ids)}
    return await tx.fetch_all(QUERIES.list_members_by_id, Member, {**params, "limit": len(item_ids)})


async def list_ids_of_keys(tx: Tx, *, collection_id: UUID, keys: Sequence[str]) -> list[UUID]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "keys": list(keys), "limit": len(keys)}
    return await tx.fetch_values(QUERIES.list_ids_of_keys, UUID, params)


async def list_points(tx: Tx, *, collection_id: UUID, after: UUID, limit: int) -> list[MapPoint]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "after": after, "limit": limit}
    return await tx.fetch_all(QUERIES.list_points, MapPoint, params)


async def mark_cluster(
    tx: Tx, *, collection_id: UUID, cluster_id: UUID, is_locked: bool, name: str | None, acted_at: datetime | None
) -> None:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "cluster_id": cluster_id}
    await tx.execute(QUERIES.mark_cluster, {**params, "is_locked": is_locked, "name": name, "acted_at": acted_at})


def _array(values: "Sequence[str] | map[str]") -> str:
    """A text array in Postgres' own spelling: arrays of arrays of several lengths cannot be sent."""
    quoted = (value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return "{" + ",".join(f'"{value}"' for value in quoted) + "}"
