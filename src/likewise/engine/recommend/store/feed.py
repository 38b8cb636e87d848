"""Statements of the feed: what its sources bring, and what was shown."""

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString, cast
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray

from likewise.engine.collections import Conditions, conditioned
from likewise.platform.db import HalfVector, Queries, Tx

__all__ = [
    "Impression",
    "Lesson",
    "NewImpression",
    "Scored",
    "delete_old_impressions",
    "list_fresh",
    "list_impressions",
    "list_lessons",
    "list_near",
    "list_of_categories",
    "list_passing",
    "list_popular",
    "list_trending",
    "list_trending_of_category",
    "nearest_approximate",
    "nearest_exact",
    "upsert_impressions",
]

QUERIES = Queries("likewise.engine.recommend")
Vector = NDArray[np.float32]


class Scored(msgspec.Struct, frozen=True):
    """An item and what its source says of it."""

    item_id: UUID
    score: float


class Impression(msgspec.Struct, frozen=True):
    """How often an item was shown to somebody, and when last."""

    item_id: UUID
    shown_count: int
    shown_at: datetime


class NewImpression(msgspec.Struct, frozen=True):
    """An item that was just shown, and what the ranking saw of it."""

    tenant_id: UUID
    collection_id: UUID
    user_key: str
    item_id: UUID
    shown_at: datetime
    features: tuple[float, ...]


class Lesson(msgspec.Struct, frozen=True):
    """An impression and whether the user turned to the item afterwards."""

    features: list[float]
    is_clicked: bool
    user_key: str
    shown_at: datetime


async def list_trending(
    tx: Tx, *, collection_id: UUID, now: datetime, window_s: float, age_min: float, power: float, limit: int
) -> list[Scored]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "now": now, "window_s": window_s}
    params |= {"age_min": age_min, "power": power, "limit": limit}
    return await tx.fetch_all(QUERIES.list_trending, Scored, params)


async def list_trending_of_category(
    tx: Tx,
    *,
    collection_id: UUID,
    category: str,
    now: datetime,
    window_s: float,
    age_min: float,
    power: float,
    limit: int,
) -> list[Scored]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "category": category, "now": now}
    params |= {"window_s": window_s, "age_min": age_min, "power": power, "limit": limit}
    return await tx.fetch_all(QUERIES.list_trending_of_category, Scored, params)


async def list_fresh(tx: Tx, *, collection_id: UUID, now: datetime, limit: int) -> list[Scored]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "now": now, "limit": limit}
    return await tx.fetch_all(QUERIES.list_fresh, Scored, params)


async def list_popular(tx: Tx, *, collection_id: UUID, limit: int) -> list[Scored]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "limit": limit}
    return await tx.fetch_all(QUERIES.list_popular, Scored, params)


async def list_of_categories(
    tx: Tx, *, collection_id: UUID, categories: Sequence[str], now: datetime, limit: int
) -> list[Scored]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "categories": list(categories)}
    return await tx.fetch_all(QUERIES.list_of_categories, Scored, params | {"now": now, "limit": limit})


async def list_near(
    tx: Tx, *, collection_id: UUID, box: tuple[float, float, float, float], now: datetime, limit: int
) -> list[Scored]:
    south, north, west, east = box
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "now": now, "limit": limit}
    params |= {"south": south, "north": north, "west": west, "east": east}
    return await tx.fetch_all(QUERIES.list_near, Scored, params)


async def list_passing(tx: Tx, *, collection_id: UUID, item_ids: Sequence[UUID], conditions: Conditions) -> list[UUID]:
    statement, params = conditioned(QUERIES.list_passing, conditions, item="i.id", joined=True)
    params |= {"tenant_id": tx.tenant, "collection_id": collection_id, "item_ids": list(item_ids)}
    return await tx.fetch_values(statement, UUID, params)


async def list_impressions(tx: Tx, *, collection_id: UUID, user_key: str, item_ids: Sequence[UUID]) -> list[Impression]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "user_key": user_key, "item_ids": list(item_ids)}
    return await tx.fetch_all(QUERIES.list_impressions, Impression, params)


async def upsert_impressions(tx: Tx, *, impressions: Sequence[NewImpression]) -> int:
    params = {
        "tenant_id": tx.tenant,
        "collection_ids": [one.collection_id for one in impressions],
        "user_keys": [one.user_key for one in impressions],
        "item_ids": [one.item_id for one in impressions],
        "moments": [one.shown_at for one in impressions],
        "features": ["{" + ",".join(f"{value:.4g}" for value in one.features) + "}" for one in impressions],
    }
    return await tx.execute(QUERIES.upsert_impressions, params)


async def delete_old_impressions(tx: Tx, *, collection_id: UUID, before: datetime, limit: int) -> int:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "before": before, "limit": limit}
    return await tx.execute(QUERIES.delete_old_impressions, params)


async def list_lessons(tx: Tx, *, collection_id: UUID, limit: int) -> list[Lesson]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "limit": limit}
    return await tx.fetch_all(QUERIES.list_lessons, Lesson, params)


async def nearest_exact(tx: Tx, *, collection_id: UUID, space_id: int, vector: Vector, limit: int) -> list[Scored]:
    statement = QUERIES.nearest_exact.with_slots(space=_digits(space_id))
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "vector": HalfVector(vector), "limit": limit}
    return await tx.fetch_all(statement, Scored, params)


async def nearest_approximate(
    tx: Tx, *, collection_id: UUID, space_id: int, vector: Vector, limit: int
) -> list[Scored]:
    statement = QUERIES.nearest_approximate.with_slots(space=_digits(space_id), dimension=_digits(len(vector)))
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "vector": HalfVector(vector), "limit": limit}
    return await tx.fetch_all(statement, Scored, params)


def _digits(number: int) -> LiteralString:
    return cast("LiteralString", str(int(number)))
