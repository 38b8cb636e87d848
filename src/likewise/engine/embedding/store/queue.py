"""One function per statement of the queue and of the vectors that come of it."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from likewise.engine.embedding.model import Leased
from likewise.engine.embedding.store.rows import NextTenant, QueueCount, State, StoredVector
from likewise.platform.db import HalfVectors, Queries, Tx

__all__ = [
    "count_pending",
    "count_queue",
    "delete_pending",
    "delete_vectors",
    "find_next_tenant",
    "insert_pending",
    "insert_vectors",
    "lease",
    "list_states",
    "list_vectors",
    "mark_failed",
    "renew_lease",
    "retry_failed",
    "return_leased",
    "take_leased",
]

QUERIES = Queries("likewise.engine.embedding")


async def insert_pending(tx: Tx, *, collection_id: UUID, priority: int, passages: Mapping[UUID, UUID]) -> int:
    params = {
        "tenant_id": tx.tenant,
        "collection_id": collection_id,
        "priority": priority,
        "passage_ids": list(passages),
        "item_ids": list(passages.values()),
    }
    return await tx.execute(QUERIES.insert_pending, params)


async def find_next_tenant(
    tx: Tx, *, spaces: Sequence[int], held: Sequence[UUID], last_tenant: UUID, last_space: int
) -> NextTenant | None:
    params = {"spaces": list(spaces), "held": list(held), "last_tenant": last_tenant, "last_space": last_space}
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


async def renew_lease(tx: Tx, *, space_id: int, passage_ids: Sequence[UUID], lease_id: UUID, lease_s: float) -> int:
    params = {
        "tenant_id": tx.tenant,
        "space_id": space_id,
        "passage_ids": list(passage_ids),
        "lease": lease_id,
        "lease_s": lease_s,
    }
    return await tx.execute(QUERIES.renew_lease, params)


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
