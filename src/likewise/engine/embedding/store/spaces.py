"""One function per statement of spaces: which serve a tenant, how one is filled, compared and dropped."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from likewise.engine.embedding.model import Space, TenantSpaces
from likewise.engine.embedding.store.rows import Found, QueuedPart, Sample, SpaceCount, SweptPart
from likewise.platform.db import HalfVector, Queries, Tx

__all__ = [
    "activate_space",
    "count_passages_of_tenant",
    "count_space",
    "delete_orphan_vectors",
    "delete_pending_of_space",
    "delete_vectors_of_space",
    "find_tenant_spaces",
    "insert_space",
    "is_fence_passed",
    "is_space_used",
    "list_passage_ids",
    "list_sample_passages",
    "list_spaces",
    "list_vectors_of_passages",
    "lock_tenant_spaces",
    "mark_dropping",
    "mark_filled",
    "nearest_items",
    "pin_tenants",
    "queue_passages",
    "read_fence",
    "release_other_space",
    "swap_spaces",
    "upsert_other_space",
]

QUERIES = Queries("likewise.engine.embedding")


async def list_spaces(tx: Tx) -> list[Space]:
    return await tx.fetch_all(QUERIES.list_spaces, Space)


async def insert_space(tx: Tx, *, model: str, version: str, dimension: int) -> None:
    await tx.execute(QUERIES.insert_space, {"model": model, "version": version, "dimension": dimension})


async def activate_space(tx: Tx, *, space_id: int) -> None:
    await tx.execute(QUERIES.activate_space, {"space_id": space_id})


async def find_tenant_spaces(tx: Tx) -> TenantSpaces | None:
    return await tx.fetch_one(QUERIES.find_tenant_spaces, TenantSpaces, {"tenant_id": tx.tenant})


async def lock_tenant_spaces(tx: Tx) -> TenantSpaces | None:
    return await tx.fetch_one(QUERIES.lock_tenant_spaces, TenantSpaces, {"tenant_id": tx.tenant})


async def upsert_other_space(tx: Tx, *, space_id: int) -> int:
    return await tx.execute(QUERIES.upsert_other_space, {"tenant_id": tx.tenant, "space_id": space_id})


async def mark_filled(tx: Tx, *, space_id: int, at: datetime) -> int:
    return await tx.execute(QUERIES.mark_filled, {"tenant_id": tx.tenant, "space_id": space_id, "at": at})


async def swap_spaces(tx: Tx, *, space_id: int, at: datetime) -> int:
    return await tx.execute(QUERIES.swap_spaces, {"tenant_id": tx.tenant, "space_id": space_id, "at": at})


async def mark_dropping(tx: Tx, *, space_id: int, at: datetime) -> int:
    return await tx.execute(QUERIES.mark_dropping, {"tenant_id": tx.tenant, "space_id": space_id, "at": at})


async def release_other_space(tx: Tx, *, space_id: int, at: datetime) -> int:
    return await tx.execute(QUERIES.release_other_space, {"tenant_id": tx.tenant, "space_id": space_id, "at": at})


async def is_space_used(tx: Tx, *, space_id: int) -> bool:
    return bool(await tx.fetch_value(QUERIES.is_space_used, bool, {"space_id": space_id}))


async def read_fence(tx: Tx) -> str:
    return await tx.fetch_value(QUERIES.read_fence, str) or "0"


async def is_fence_passed(tx: Tx, *, fence: str) -> bool:
    return bool(await tx.fetch_value(QUERIES.is_fence_passed, bool, {"fence": fence}))


async def queue_passages(tx: Tx, *, space_id: int, after: UUID, limit: int) -> QueuedPart:
    params = {"tenant_id": tx.tenant, "space_id": space_id, "after": after, "limit": limit}
    return await tx.fetch_one(QUERIES.queue_passages, QueuedPart, params) or QueuedPart(0, 0, None)


async def delete_orphan_vectors(
    tx: Tx, *, space_id: int, after_collection: UUID, after_passage: UUID, limit: int
) -> SweptPart:
    params = {
        "tenant_id": tx.tenant,
        "space_id": space_id,
        "after_collection": after_collection,
        "after_passage": after_passage,
        "limit": limit,
    }
    return await tx.fetch_one(QUERIES.delete_orphan_vectors, SweptPart, params) or SweptPart(0, 0, None, None)


async def count_passages_of_tenant(tx: Tx, *, limit: int) -> int:
    return await tx.fetch_value(QUERIES.count_passages_of_tenant, int, {"tenant_id": tx.tenant, "limit": limit}) or 0


async def count_space(tx: Tx, *, space_id: int, limit: int) -> SpaceCount:
    params = {"tenant_id": tx.tenant, "space_id": space_id, "limit": limit}
    return await tx.fetch_one(QUERIES.count_space, SpaceCount, params) or SpaceCount(0, 0)


async def delete_pending_of_space(tx: Tx, *, space_id: int, limit: int) -> int:
    params = {"tenant_id": tx.tenant, "space_id": space_id, "limit": limit}
    return await tx.execute(QUERIES.delete_pending_of_space, params)


async def delete_vectors_of_space(tx: Tx, *, space_id: int, limit: int) -> int:
    params = {"tenant_id": tx.tenant, "space_id": space_id, "limit": limit}
    return await tx.execute(QUERIES.delete_vectors_of_space, params)


async def list_sample_passages(tx: Tx, *, space_id: int, collection_id: UUID, after: UUID, limit: int) -> list[Sample]:
    params = {
        "tenant_id": tx.tenant,
        "space_id": space_id,
        "collection_id": collection_id,
        "after": after,
        "limit": limit,
    }
    return await tx.fetch_all(QUERIES.list_sample_passages, Sample, params)


async def nearest_items(
    tx: Tx, *, space_id: int, collection_id: UUID, vector: HalfVector, candidates: int, limit: int
) -> list[Found]:
    params = {
        "tenant_id": tx.tenant,
        "space_id": space_id,
        "collection_id": collection_id,
        "vector": vector,
        "candidates": candidates,
        "limit": limit,
    }
    return await tx.fetch_all(QUERIES.nearest_items, Found, params)


async def list_vectors_of_passages(
    tx: Tx, *, space_id: int, collection_id: UUID, passage_ids: Sequence[UUID]
) -> list[Sample]:
    params = {
        "tenant_id": tx.tenant,
        "space_id": space_id,
        "collection_id": collection_id,
        "passage_ids": list(passage_ids),
        "limit": len(passage_ids),
    }
    return await tx.fetch_all(QUERIES.list_vectors_of_passages, Sample, params)


async def list_passage_ids(tx: Tx, *, after: UUID, limit: int) -> list[UUID]:
    params = {"tenant_id": tx.tenant, "after": after, "limit": limit}
    return await tx.fetch_values(QUERIES.list_passage_ids, UUID, params)


async def pin_tenants(tx: Tx) -> int:
    return await tx.execute(QUERIES.pin_tenants)
