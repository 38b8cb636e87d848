"""Attributes that callers put, and insights; one typed function per statement."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from likewise.engine.patterns.model import Attribute, Given, InsightKind
from likewise.engine.patterns.store.counting import QUERIES
from likewise.platform.db import Tx
from likewise.platform.ids import new_id

__all__ = [
    "InsightRow",
    "NewInsight",
    "StoredAttribute",
    "delete_attributes",
    "expire_insights",
    "find_insight",
    "find_item_id",
    "list_attributes",
    "list_insights",
    "list_item_facets",
    "lock_item_ids",
    "upsert_attributes",
    "upsert_insights",
]


class StoredAttribute(msgspec.Struct, frozen=True, kw_only=True):
    """What a source says of an item, as it is stored."""

    item_id: UUID
    key: str
    value: str
    source: str
    number: float | None
    confidence: float


class NewInsight(msgspec.Struct, frozen=True, kw_only=True):
    """An insight as it was just found. What has the same fingerprint is the same insight."""

    kind: InsightKind
    fingerprint: bytes
    subject: str
    strength: float
    body: Mapping[str, object]


class InsightRow(msgspec.Struct, frozen=True, kw_only=True):
    """An insight as it is stored."""

    id: UUID
    kind: InsightKind
    subject: str
    strength: float
    body: dict[str, Any]
    first_seen: datetime
    last_seen: datetime
    expired_at: datetime | None
    collection_id: UUID | None = None


class _KeyRow(msgspec.Struct, frozen=True):
    id: UUID
    key: str


async def find_item_id(tx: Tx, *, collection_id: UUID, key: str) -> UUID | None:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "key": key}
    return await tx.fetch_value(QUERIES.find_item_id, UUID, params)


async def lock_item_ids(tx: Tx, *, collection_id: UUID, keys: Sequence[str]) -> dict[str, UUID]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "keys": list(keys)}
    return {row.key: row.id for row in await tx.fetch_all(QUERIES.lock_item_ids, _KeyRow, params)}


async def upsert_attributes(tx: Tx, *, rows: Sequence[StoredAttribute], at: datetime) -> int:
    columns = _columns(tx, rows) | {
        "numbers": [row.number for row in rows],
        "confidences": [row.confidence for row in rows],
        "at": at,
    }
    return await tx.execute(QUERIES.upsert_attributes, columns)


async def delete_attributes(tx: Tx, *, rows: Sequence[StoredAttribute]) -> int:
    return await tx.execute(QUERIES.delete_attributes, _columns(tx, rows))


async def list_attributes(tx: Tx, *, item_id: UUID, limit: int) -> list[Attribute]:
    params = {"tenant_id": tx.tenant, "item_id": item_id, "limit": limit}
    return await tx.fetch_all(QUERIES.list_attributes, Attribute, params)


async def list_item_facets(tx: Tx, *, item_id: UUID, limit: int) -> list[Given]:
    params = {"tenant_id": tx.tenant, "item_id": item_id, "limit": limit}
    return await tx.fetch_all(QUERIES.list_item_facets, Given, params)


async def upsert_insights(tx: Tx, *, collection_id: UUID, insights: Sequence[NewInsight], at: datetime) -> int:
    """Store what was found; how many of them are new."""
    ids = [new_id() for _ in insights]
    params = {
        "tenant_id": tx.tenant,
        "collection_id": collection_id,
        "ids": ids,
        "kinds": [insight.kind for insight in insights],
        "fingerprints": [insight.fingerprint for insight in insights],
        "subjects": [insight.subject for insight in insights],
        "strengths": [insight.strength for insight in insights],
        "bodies": [msgspec.json.encode(insight.body).decode() for insight in insights],
        "at": at,
    }
    stored = await tx.fetch_values(QUERIES.upsert_insights, UUID, params)
    return len(set(stored) & set(ids))


async def expire_insights(tx: Tx, *, collection_id: UUID, at: datetime) -> int:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "at": at}
    return await tx.execute(QUERIES.expire_insights, params)


async def list_insights(
    tx: Tx, *, collection_id: UUID, kind: InsightKind | None, before: tuple[float, UUID], limit: int
) -> list[InsightRow]:
    params: dict[str, object] = {"tenant_id": tx.tenant, "collection_id": collection_id, "kind": kind, "limit": limit}
    params |= {"before_strength": before[0], "before_id": before[1]}
    return await tx.fetch_all(QUERIES.list_insights, InsightRow, params)


async def find_insight(tx: Tx, *, insight_id: UUID) -> InsightRow | None:
    return await tx.fetch_one(QUERIES.find_insight, InsightRow, {"tenant_id": tx.tenant, "id": insight_id})


def _columns(tx: Tx, rows: Sequence[StoredAttribute]) -> dict[str, object]:
    return {
        "tenant_id": tx.tenant,
        "item_ids": [row.item_id for row in rows],
        "keys": [row.key for row in rows],
        "values": [row.value for row in rows],
        "sources": [row.source for row in rows],
    }
