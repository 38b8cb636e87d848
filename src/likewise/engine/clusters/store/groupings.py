"""Statements about collections that are grouped."""

from datetime import datetime
from uuid import UUID

import msgspec

from likewise.engine.clusters.model import Fit, Grouping, GroupingOptions, Linkage
from likewise.platform.db import Json, Queries, Tx

__all__ = [
    "QUERIES",
    "Grown",
    "delete_changes",
    "delete_clusters",
    "delete_grouping",
    "delete_some_members",
    "delete_some_signatures",
    "delete_some_texts",
    "delete_summaries",
    "find_axes",
    "find_collection_id",
    "find_grouping",
    "insert_grouping",
    "list_groupings",
    "list_grown",
    "list_item_ids",
    "lock_grouping",
    "mark_fitted",
    "move_grouping",
    "pin_grouping",
]

QUERIES = Queries("likewise.engine.clusters")


class Grown(msgspec.Struct, frozen=True):
    """A collection with texts that no refinement has seen."""

    tenant_id: UUID
    collection_id: UUID


class _GroupingRow(msgspec.Struct, frozen=True):
    collection_id: UUID
    threshold: float | None
    size_min: int
    linkage: Linkage
    version: int
    text_count: int
    fitted_text_count: int
    fitted_at: datetime | None
    fit: dict[str, object]
    is_refining: bool
    created_at: datetime


async def insert_grouping(tx: Tx, *, collection_id: UUID, options: GroupingOptions) -> None:
    await tx.execute(
        QUERIES.insert_grouping,
        {
            "tenant_id": tx.tenant,
            "collection_id": collection_id,
            "threshold": options.threshold,
            "size_min": options.size_min,
            "linkage": options.linkage,
        },
    )


async def find_collection_id(tx: Tx, *, name: str) -> UUID | None:
    return await tx.fetch_value(QUERIES.find_collection_id, UUID, {"tenant_id": tx.tenant, "name": name})


async def find_grouping(tx: Tx, *, collection_id: UUID) -> Grouping | None:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id}
    row = await tx.fetch_one(QUERIES.find_grouping, _GroupingRow, params)
    return None if row is None else _grouping(row)


async def lock_grouping(tx: Tx, *, collection_id: UUID) -> Grouping | None:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id}
    row = await tx.fetch_one(QUERIES.lock_grouping, _GroupingRow, params)
    return None if row is None else _grouping(row)


async def pin_grouping(tx: Tx, *, collection_id: UUID) -> None:
    await tx.execute(QUERIES.pin_grouping, {"tenant_id": tx.tenant, "collection_id": collection_id})


async def list_groupings(tx: Tx, *, limit: int) -> list[Grouping]:
    params = {"tenant_id": tx.tenant, "limit": limit}
    return [_grouping(row) for row in await tx.fetch_all(QUERIES.list_groupings, _GroupingRow, params)]


async def list_grown(tx: Tx, *, limit: int) -> list[Grown]:
    return await tx.fetch_all(QUERIES.list_grown, Grown, {"limit": limit})


async def move_grouping(tx: Tx, *, collection_id: UUID, texts: int, is_refining: bool) -> None:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "texts": texts, "is_refining": is_refining}
    await tx.execute(QUERIES.move_grouping, params)


async def mark_fitted(tx: Tx, *, collection_id: UUID, fit: Fit, axes: bytes | None, at: datetime) -> None:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "fit": Json(fit), "axes": axes, "at": at}
    await tx.execute(QUERIES.mark_fitted, params)


async def find_axes(tx: Tx, *, collection_id: UUID) -> bytes | None:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id}
    return await tx.fetch_value(QUERIES.find_axes, bytes, params)


async def delete_grouping(tx: Tx, *, collection_id: UUID) -> int:
    return await tx.execute(QUERIES.delete_grouping, {"tenant_id": tx.tenant, "collection_id": collection_id})


async def delete_some_texts(tx: Tx, *, collection_id: UUID, limit: int) -> int:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "limit": limit}
    return await tx.execute(QUERIES.delete_some_texts, params)


async def delete_some_members(tx: Tx, *, collection_id: UUID, limit: int) -> int:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "limit": limit}
    return await tx.execute(QUERIES.delete_some_members, params)


async def delete_some_signatures(tx: Tx, *, collection_id: UUID, limit: int) -> int:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "limit": limit}
    return await tx.execute(QUERIES.delete_some_signatures, params)


async def delete_summaries(tx: Tx, *, collection_id: UUID) -> int:
    return await tx.execute(QUERIES.delete_summaries, {"tenant_id": tx.tenant, "collection_id": collection_id})


async def delete_clusters(tx: Tx, *, collection_id: UUID) -> int:
    return await tx.execute(QUERIES.delete_clusters, {"tenant_id": tx.tenant, "collection_id": collection_id})


async def delete_changes(tx: Tx, *, collection_id: UUID) -> int:
    return await tx.execute(QUERIES.delete_changes, {"tenant_id": tx.tenant, "collection_id": collection_id})


async def list_item_ids(tx: Tx, *, collection_id: UUID, after: UUID, limit: int) -> list[UUID]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "after": after, "limit": limit}
    return await tx.fetch_values(QUERIES.list_item_ids, UUID, params)


def _grouping(row: _GroupingRow) -> Grouping:
    return Grouping(
        collection_id=row.collection_id,
        options=GroupingOptions(threshold=row.threshold, size_min=row.size_min, linkage=row.linkage),
        fit=msgspec.convert(row.fit, Fit),
        version=row.version,
        text_count=row.text_count,
        fitted_text_count=row.fitted_text_count,
        fitted_at=row.fitted_at,
        is_refining=row.is_refining,
        created_at=row.created_at,
    )
