"""One function per statement of queries.sql."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray

from likewise.engine.embedding.model import Leased, Space
from likewise.platform.db import HalfVectors, Queries, Tx

__all__ = [
    "Cached",
    "NextTenant",
    "QueueCount",
    "State",
    "StoredVector",
    "activate_space",
    "count_pending",
    "count_queue",
    "delete_cached",
    "delete_other_pending",
    "delete_other_vectors",
    "delete_pending",
    "delete_vectors",
    "estimate_cache_rows",
    "find_next_tenant",
    "insert_cached",
    "insert_pending",
    "insert_pending_of_tenant",
    "insert_space",
    "insert_vectors",
    "lease",
    "list_cached",
    "list_spaces",
    "list_states",
    "list_vectors",
    "mark_cached_used",
    "mark_failed",
    "retry_failed",
    "return_leased",
    "take_leased",
    "trim_cache_by_age",
    "trim_cache_by_count",
]

QUERIES = Queries(__package__)
Vector = NDArray[np.float32]


class NextTenant(msgspec.Struct, frozen=True):
    """Whose texts are next, and how urgent they are."""

    priority: int
    tenant_id: UUID


class Cached(msgspec.Struct, frozen=True):
    """A cached vector; `stale` once its last use is a day old."""

    hash: bytes
    vector: Vector
    stale: bool


class StoredVector(msgspec.Struct, frozen=True):
    """A passage's vector as stored."""

    passage_id: UUID
    item_id: UUID
    collection_id: UUID
    vector: Vector


class QueueCount(msgspec.Struct, frozen=True):
    """The queue over all tenants; `oldest_s` is None where nothing waits."""

    waiting: int
    failed: int
    oldest_s: float | None


class State(msgspec.Struct, frozen=True):
    """An item that is not ready."""

    item_id: UUID
    failed: bool


async def list_spaces(tx: Tx) -> list[Space]:
    return await tx.fetch_all(QUERIES.list_spaces, Space)


async def insert_space(tx: Tx, *, model: str, version: str, dimension: int) -> None:
    await tx.execute(QUERIES.insert_space, {"model": model, "version": version, "dimension": dimension})


async def activate_space(tx: Tx, *, space_id: int) -> None:
    await tx.execute(QUERIES.activate_space, {"space_id": space_id})


async def insert_pending(
    tx: Tx, *, space_id: int, collection_id: UUID, priority: int, passages: Mapping[UUID, UUID]
) -> int:
    params = {
        "tenant_id": tx.tenant,
        "space_id": space_id,
        "collection_id": collection_id,
        "priority": priority,
        "passage_ids": list(passages),
        "item_ids": list(passages.values()),
    }
    return await tx.execute(QUERIES.insert_pending, params)


async def insert_pending_of_tenant(tx: Tx, *, space_id: int, after: UUID, limit: int) -> list[UUID]:
    params = {"tenant_id": tx.tenant, "space_id": space_id, "after": after, "limit": limit}
    return await tx.fetch_values(QUERIES.insert_pending_of_tenant, UUID, params)


async def find_next_tenant(tx: Tx, *, space_id: int, last_tenant: UUID) -> NextTenant | None:
    params = {"space_id": space_id, "last_tenant": last_tenant}
    return await tx.fetch_one(QUERIES.find_next_tenant, NextTenant, params)


async def lease(
    tx: Tx, *, tenant_id: UUID, space_id: int, priority: int, lease_id: UUID, lease_s: float, limit: int
) -> list[Leased]:
    params = {
        "tenant_id": tenant_id,
        "space_id": space_id,
        "priority": priority,
        "lease": lease_id,
        "lease_s": lease_s,
        "limit": limit,
    }
    return await tx.fetch_all(QUERIES.lease, Leased, params)


async def take_leased(tx: Tx, *, space_id: int, passage_ids: Sequence[UUID], lease_id: UUID) -> list[UUID]:
    params = {"tenant_id": tx.tenant, "space_id": space_id, "passage_ids": list(passage_ids), "lease": lease_id}
    return await tx.fetch_values(QUERIES.take_leased, UUID, params)


async def insert_vectors(
    tx: Tx,
    *,
    space_id: int,
    passages: Sequence[Leased],
    embeddings: HalfVectors,
) -> int:
    params = {
        "tenant_id": tx.tenant,
        "space_id": space_id,
        "passage_ids": [passage.passage_id for passage in passages],
        "item_ids": [passage.item_id for passage in passages],
        "collection_ids": [passage.collection_id for passage in passages],
        "embeddings": embeddings,
    }
    return await tx.execute(QUERIES.insert_vectors, params)


async def return_leased(
    tx: Tx,
    *,
    space_id: int,
    passage_ids: Sequence[UUID],
    lease_id: UUID,
    pause_s: float,
    reason: str | None,
    forgiven: int,
) -> int:
    params = {
        "tenant_id": tx.tenant,
        "space_id": space_id,
        "passage_ids": list(passage_ids),
        "lease": lease_id,
        "pause_s": pause_s,
        "reason": reason,
        "forgiven": forgiven,
    }
    return await tx.execute(QUERIES.return_leased, params)


async def mark_failed(tx: Tx, *, space_id: int, passage_id: UUID, lease_id: UUID, reason: str) -> int:
    params = {
        "tenant_id": tx.tenant,
        "space_id": space_id,
        "passage_id": passage_id,
        "lease": lease_id,
        "reason": reason,
    }
    return await tx.execute(QUERIES.mark_failed, params)


async def retry_failed(tx: Tx, *, limit: int) -> int:
    return await tx.execute(QUERIES.retry_failed, {"tenant_id": tx.tenant, "limit": limit})


async def list_cached(tx: Tx, *, space_id: int, hashes: Sequence[bytes]) -> list[Cached]:
    params = {"space_id": space_id, "hashes": list(hashes), "limit": len(hashes)}
    return await tx.fetch_all(QUERIES.list_cached, Cached, params)


async def insert_cached(tx: Tx, *, space_id: int, hashes: Sequence[bytes], embeddings: HalfVectors) -> int:
    params = {"space_id": space_id, "hashes": list(hashes), "embeddings": embeddings}
    return await tx.execute(QUERIES.insert_cached, params)


async def mark_cached_used(tx: Tx, *, space_id: int, hashes: Sequence[bytes], at: datetime) -> int:
    return await tx.execute(QUERIES.mark_cached_used, {"space_id": space_id, "hashes": list(hashes), "at": at})


async def delete_cached(tx: Tx, *, hashes: Sequence[bytes]) -> int:
    return await tx.execute(QUERIES.delete_cached, {"hashes": list(hashes)})


async def trim_cache_by_age(tx: Tx, *, before: datetime, limit: int) -> int:
    return await tx.execute(QUERIES.trim_cache_by_age, {"before": before, "limit": limit})


async def trim_cache_by_count(tx: Tx, *, limit: int) -> int:
    return await tx.execute(QUERIES.trim_cache_by_count, {"limit": limit})


async def estimate_cache_rows(tx: Tx) -> int:
    return await tx.fetch_value(QUERIES.estimate_cache_rows, int) or 0


async def count_pending(tx: Tx, *, collection_id: UUID, limit: int) -> int:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "limit": limit}
    return await tx.fetch_value(QUERIES.count_pending, int, params) or 0


async def count_queue(tx: Tx, *, limit: int) -> QueueCount:
    found = await tx.fetch_one(QUERIES.count_queue, QueueCount, {"limit": limit})
    return found or QueueCount(0, 0, None)


async def list_states(tx: Tx, *, item_ids: Sequence[UUID]) -> list[State]:
    return await tx.fetch_all(QUERIES.list_states, State, {"tenant_id": tx.tenant, "item_ids": list(item_ids)})


async def delete_pending(tx: Tx, *, item_ids: Sequence[UUID]) -> int:
    return await tx.execute(QUERIES.delete_pending, {"tenant_id": tx.tenant, "item_ids": list(item_ids)})


async def delete_vectors(tx: Tx, *, item_ids: Sequence[UUID]) -> int:
    return await tx.execute(QUERIES.delete_vectors, {"tenant_id": tx.tenant, "item_ids": list(item_ids)})


async def list_vectors(tx: Tx, *, space_id: int, item_ids: Sequence[UUID], limit: int) -> list[StoredVector]:
    params = {"tenant_id": tx.tenant, "space_id": space_id, "item_ids": list(item_ids), "limit": limit}
    return await tx.fetch_all(QUERIES.list_vectors, StoredVector, params)


async def delete_other_vectors(tx: Tx, *, space_id: int, limit: int) -> int:
    params = {"tenant_id": tx.tenant, "space_id": space_id, "limit": limit}
    return await tx.execute(QUERIES.delete_other_vectors, params)


async def delete_other_pending(tx: Tx, *, space_id: int) -> int:
    return await tx.execute(QUERIES.delete_other_pending, {"tenant_id": tx.tenant, "space_id": space_id})
