"""One function per statement of queries.sql."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from likewise.engine.collections.model import Conditions, FacetKind, Visibility
from likewise.engine.collections.store.conditions import conditioned
from likewise.platform.db import Json, Queries, Tx

__all__ = [
    "CollectionRow",
    "Existing",
    "FacetCount",
    "ItemRow",
    "NumberRange",
    "PassageRow",
    "PassageText",
    "TimeSpan",
    "ValueCount",
    "add_facet_counts",
    "add_totals",
    "delete_collection",
    "delete_empty_facet_counts",
    "delete_facet_counts",
    "delete_facets",
    "delete_items",
    "delete_passages",
    "delete_totals",
    "find_collection",
    "find_item",
    "find_number_range",
    "find_time_range",
    "insert_collection",
    "insert_facets",
    "insert_items",
    "insert_passages",
    "insert_totals",
    "list_collections",
    "list_facet_values",
    "list_items",
    "list_items_in_order",
    "list_items_of_author",
    "list_passage_texts",
    "list_passages",
    "lock_existing",
    "lock_facets",
    "lock_items",
    "mark_facets",
    "mark_visibility",
    "update_collection",
    "update_items",
]

QUERIES = Queries("likewise.engine.collections")
Columns = Mapping[str, Sequence[object]]
"""Parallel lists, one per column, of one row each."""


class CollectionRow(msgspec.Struct, frozen=True):
    """A collection and its counters."""

    id: UUID
    name: str
    facets: dict[str, FacetKind]
    language: str
    metadata: dict[str, object]
    item_count: int
    passage_count: int
    created_at: datetime
    updated_at: datetime


class _Facets(msgspec.Struct, frozen=True):
    facets: dict[str, str]


class Existing(msgspec.Struct, frozen=True):
    """What is stored under a key."""

    id: UUID
    key: str
    content_hash: bytes
    version: int


class ItemRow(msgspec.Struct, frozen=True):
    """An item as the table has it."""

    id: UUID
    collection_id: UUID
    key: str
    version: int
    content_hash: bytes
    title: str | None
    body: str
    facets: dict[str, object]
    author: str | None
    category: str | None
    latitude: float | None
    longitude: float | None
    happened_at: datetime | None
    visibility: Visibility
    metadata: dict[str, object]
    created_at: datetime
    updated_at: datetime


class PassageRow(msgspec.Struct, frozen=True):
    """Where a passage is."""

    id: UUID
    item_id: UUID
    ordinal: int
    heading_path: list[str]
    span_start: int
    span_end: int


class PassageText(msgspec.Struct, frozen=True):
    """A passage with the words to embed or to show."""

    id: UUID
    item_id: UUID
    collection_id: UUID
    title: str | None
    heading_path: list[str]
    text: str


class FacetCount(msgspec.Struct, frozen=True):
    """How many items of a collection lost a facet value."""

    collection_id: UUID
    name: str
    text_value: str
    item_count: int


class ValueCount(msgspec.Struct, frozen=True):
    """A facet value and how many items have it."""

    value: str
    count: int


class NumberRange(msgspec.Struct, frozen=True):
    """Least and greatest value; None where there are none."""

    low: float | None
    high: float | None


class TimeSpan(msgspec.Struct, frozen=True):
    """Earliest and latest value; None where there are none."""

    low: datetime | None
    high: datetime | None


async def insert_collection(
    tx: Tx,
    *,
    collection_id: UUID,
    name: str,
    facets: Mapping[str, FacetKind],
    language: str,
    metadata: Mapping[str, object],
) -> bool:
    params = {
        "tenant_id": tx.tenant,
        "id": collection_id,
        "name": name,
        "facets": Json(facets),
        "language": language,
        "metadata": Json(metadata),
    }
    return await tx.execute(QUERIES.insert_collection, params) == 1


async def insert_totals(tx: Tx, *, collection_id: UUID) -> None:
    await tx.execute(QUERIES.insert_totals, {"tenant_id": tx.tenant, "collection_id": collection_id})


async def find_collection(tx: Tx, *, name: str) -> CollectionRow | None:
    return await tx.fetch_one(QUERIES.find_collection, CollectionRow, {"tenant_id": tx.tenant, "name": name})


async def list_collections(tx: Tx, *, after: str, limit: int) -> list[CollectionRow]:
    params = {"tenant_id": tx.tenant, "after": after, "limit": limit}
    return await tx.fetch_all(QUERIES.list_collections, CollectionRow, params)


async def update_collection(
    tx: Tx,
    *,
    collection_id: UUID,
    facets: Mapping[str, FacetKind],
    language: str,
    metadata: Mapping[str, object],
    at: datetime,
) -> None:
    params = {
        "tenant_id": tx.tenant,
        "id": collection_id,
        "facets": Json(facets),
        "language": language,
        "metadata": Json(metadata),
        "at": at,
    }
    await tx.execute(QUERIES.update_collection, params)


async def delete_collection(tx: Tx, *, collection_id: UUID) -> int:
    return await tx.execute(QUERIES.delete_collection, {"tenant_id": tx.tenant, "id": collection_id})


async def delete_totals(tx: Tx, *, collection_id: UUID) -> int:
    return await tx.execute(QUERIES.delete_totals, {"tenant_id": tx.tenant, "id": collection_id})


async def delete_facet_counts(tx: Tx, *, collection_id: UUID) -> int:
    return await tx.execute(QUERIES.delete_facet_counts, {"tenant_id": tx.tenant, "id": collection_id})


async def lock_existing(tx: Tx, *, collection_id: UUID, keys: Sequence[str]) -> list[Existing]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "keys": list(keys)}
    return await tx.fetch_all(QUERIES.lock_existing, Existing, params)


async def insert_items(tx: Tx, *, collection_id: UUID, columns: Columns) -> list[UUID]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, **columns}
    return await tx.fetch_values(QUERIES.insert_items, UUID, params)


async def update_items(tx: Tx, *, columns: Columns, at: datetime) -> int:
    return await tx.execute(QUERIES.update_items, {"tenant_id": tx.tenant, "at": at, **columns})


async def insert_passages(tx: Tx, *, collection_id: UUID, columns: Columns) -> int:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, **columns}
    return await tx.execute(QUERIES.insert_passages, params)


async def delete_passages(tx: Tx, *, item_ids: Sequence[UUID]) -> list[UUID]:
    params = {"tenant_id": tx.tenant, "item_ids": list(item_ids)}
    return await tx.fetch_values(QUERIES.delete_passages, UUID, params)


async def insert_facets(tx: Tx, *, collection_id: UUID, columns: Columns) -> int:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, **columns}
    return await tx.execute(QUERIES.insert_facets, params)


async def delete_facets(tx: Tx, *, item_ids: Sequence[UUID]) -> list[FacetCount]:
    params = {"tenant_id": tx.tenant, "item_ids": list(item_ids)}
    return await tx.fetch_all(QUERIES.delete_facets, FacetCount, params)


async def add_facet_counts(tx: Tx, *, collection_id: UUID, columns: Columns) -> int:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, **columns}
    return await tx.execute(QUERIES.add_facet_counts, params)


async def delete_empty_facet_counts(tx: Tx, *, collection_id: UUID, names: Sequence[str], texts: Sequence[str]) -> int:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "names": list(names), "texts": list(texts)}
    return await tx.execute(QUERIES.delete_empty_facet_counts, params)


async def add_totals(tx: Tx, *, collection_id: UUID, items: int, passages: int) -> None:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "items": items, "passages": passages}
    await tx.execute(QUERIES.add_totals, params)


async def find_item(tx: Tx, *, collection_id: UUID, key: str) -> ItemRow | None:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "key": key}
    return await tx.fetch_one(QUERIES.find_item, ItemRow, params)


async def list_items(tx: Tx, *, collection_id: UUID, conditions: Conditions, before: UUID, limit: int) -> list[ItemRow]:
    statement, params = conditioned(QUERIES.list_items, conditions, item="i.id", joined=True)
    params |= {"tenant_id": tx.tenant, "collection_id": collection_id, "before": before, "limit": limit}
    return await tx.fetch_all(statement, ItemRow, params)


async def list_items_in_order(tx: Tx, *, collection_id: UUID, after: UUID, limit: int) -> list[ItemRow]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "after": after, "limit": limit}
    return await tx.fetch_all(QUERIES.list_items_in_order, ItemRow, params)


async def list_items_of_author(tx: Tx, *, author: str, limit: int) -> list[ItemRow]:
    params = {"tenant_id": tx.tenant, "author": author, "limit": limit}
    return await tx.fetch_all(QUERIES.list_items_of_author, ItemRow, params)


async def list_passages(tx: Tx, *, item_ids: Sequence[UUID], limit: int) -> list[PassageRow]:
    params = {"tenant_id": tx.tenant, "item_ids": list(item_ids), "limit": limit}
    return await tx.fetch_all(QUERIES.list_passages, PassageRow, params)


async def list_passage_texts(tx: Tx, *, ids: Sequence[UUID]) -> list[PassageText]:
    params = {"tenant_id": tx.tenant, "ids": list(ids), "limit": len(ids)}
    return await tx.fetch_all(QUERIES.list_passage_texts, PassageText, params)


async def delete_items(tx: Tx, *, ids: Sequence[UUID]) -> int:
    return await tx.execute(QUERIES.delete_items, {"tenant_id": tx.tenant, "ids": list(ids)})


async def list_facet_values(tx: Tx, *, collection_id: UUID, name: str, limit: int) -> list[ValueCount]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "name": name, "limit": limit}
    return await tx.fetch_all(QUERIES.list_facet_values, ValueCount, params)


async def find_number_range(tx: Tx, *, collection_id: UUID, name: str) -> NumberRange | None:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "name": name}
    return await tx.fetch_one(QUERIES.find_number_range, NumberRange, params)


async def find_time_range(tx: Tx, *, collection_id: UUID, name: str) -> TimeSpan | None:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "name": name}
    return await tx.fetch_one(QUERIES.find_time_range, TimeSpan, params)


async def lock_facets(tx: Tx, *, collection_id: UUID) -> dict[str, FacetKind] | None:
    """None where there is no such collection."""
    params = {"tenant_id": tx.tenant, "id": collection_id}
    row = await tx.fetch_one(QUERIES.lock_facets, _Facets, params)
    return None if row is None else {name: FacetKind(kind) for name, kind in row.facets.items()}


async def mark_facets(tx: Tx, *, collection_id: UUID, facets: Mapping[str, FacetKind], at: datetime) -> None:
    params = {"tenant_id": tx.tenant, "id": collection_id, "facets": Json(facets), "at": at}
    await tx.execute(QUERIES.mark_facets, params)


async def lock_items(tx: Tx, *, collection_id: UUID, ids: Sequence[UUID]) -> list[ItemRow]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "ids": list(ids)}
    return await tx.fetch_all(QUERIES.lock_items, ItemRow, params)


async def mark_visibility(
    tx: Tx, *, ids: Sequence[UUID], hashes: Sequence[bytes], visibility: Visibility, at: datetime
) -> int:
    params = {"tenant_id": tx.tenant, "ids": list(ids), "hashes": list(hashes), "visibility": visibility.value}
    return await tx.execute(QUERIES.mark_visibility, {**params, "at": at})
