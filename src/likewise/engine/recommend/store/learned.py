"""Statements on what a rebuild has learned: factors, what goes with what, ranking weights."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray

from likewise.platform.db import Json, Queries, Tx, half_vectors

__all__ = [
    "CollectionRef",
    "PackedItems",
    "delete_affinities",
    "delete_factors",
    "delete_of_items",
    "find_model",
    "list_affinities",
    "list_factors",
    "list_grown_old",
    "upsert_affinities",
    "upsert_factors",
    "upsert_model",
]

QUERIES = Queries("likewise.engine.recommend")
Vector = NDArray[np.float32]


class CollectionRef(msgspec.Struct, frozen=True):
    """A collection of a tenant."""

    tenant_id: UUID
    collection_id: UUID


class PackedItems(msgspec.Struct, frozen=True):
    """What goes with an item."""

    item_id: UUID
    packed: bytes


class ItemFactor(msgspec.Struct, frozen=True):
    """An item's factors."""

    item_id: UUID
    vector: Vector


class StoredModel(msgspec.Struct, frozen=True):
    """What a rebuild learned."""

    gram: bytes
    weights: dict[str, float]
    report: dict[str, object]
    trained_at: datetime


async def list_grown_old(tx: Tx, *, before: datetime, limit: int) -> list[CollectionRef]:
    return await tx.fetch_all(QUERIES.list_grown_old, CollectionRef, {"before": before, "limit": limit})


async def list_affinities(tx: Tx, *, item_ids: Sequence[UUID]) -> list[PackedItems]:
    params = {"tenant_id": tx.tenant, "item_ids": list(item_ids)}
    return await tx.fetch_all(QUERIES.list_affinities, PackedItems, params)


async def list_factors(tx: Tx, *, item_ids: Sequence[UUID]) -> dict[UUID, Vector]:
    params = {"tenant_id": tx.tenant, "item_ids": list(item_ids)}
    return {row.item_id: row.vector for row in await tx.fetch_all(QUERIES.list_factors, ItemFactor, params)}


async def find_model(tx: Tx, *, collection_id: UUID) -> StoredModel | None:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id}
    return await tx.fetch_one(QUERIES.find_model, StoredModel, params)


async def upsert_model(
    tx: Tx, *, collection_id: UUID, gram: bytes, weights: Mapping[str, float], report: Mapping[str, object]
) -> int:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "gram": gram}
    return await tx.execute(QUERIES.upsert_model, params | {"weights": Json(weights), "report": Json(report)})


async def upsert_affinities(tx: Tx, *, collection_id: UUID, item_ids: Sequence[UUID], packed: Sequence[bytes]) -> int:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "item_ids": list(item_ids)}
    return await tx.execute(QUERIES.upsert_affinities, params | {"packed": list(packed)})


async def upsert_factors(tx: Tx, *, collection_id: UUID, item_ids: Sequence[UUID], matrix: Vector) -> int:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "item_ids": list(item_ids)}
    return await tx.execute(QUERIES.upsert_factors, params | {"embeddings": half_vectors(matrix)})


async def delete_affinities(tx: Tx, *, collection_id: UUID) -> int:
    return await tx.execute(QUERIES.delete_affinities, {"tenant_id": tx.tenant, "collection_id": collection_id})


async def delete_factors(tx: Tx, *, collection_id: UUID) -> int:
    return await tx.execute(QUERIES.delete_factors, {"tenant_id": tx.tenant, "collection_id": collection_id})


async def delete_of_items(tx: Tx, *, item_ids: Sequence[UUID]) -> int:
    return await tx.execute(QUERIES.delete_of_items, {"tenant_id": tx.tenant, "item_ids": list(item_ids)})
