"""Statements on profiles, where users stand, who is alike, and what a rebuild has learned."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray

from likewise.engine.recommend.model import Likeness, Person
from likewise.platform.db import HalfVector, Queries, Tx, half_vectors

__all__ = [
    "Alike",
    "Block",
    "Moved",
    "NeighbourList",
    "NewProfile",
    "PersonId",
    "SharedItemRow",
    "Waiting",
    "compare_users",
    "count_moved",
    "delete_all_neighbours",
    "delete_all_profiles",
    "delete_all_vectors",
    "delete_meanings",
    "delete_neighbours",
    "delete_profiles",
    "delete_vectors",
    "find_neighbours",
    "find_place",
    "hold_neighbours",
    "list_kinds_known",
    "list_moved",
    "list_names",
    "list_neighbours",
    "list_people",
    "list_persons",
    "list_profile_ids",
    "list_shared_items",
    "list_waiting",
    "look_at_all",
    "look_up_neighbours",
    "mark_all_matched",
    "mark_matched",
    "nearest_users",
    "read_item_vectors",
    "read_moment",
    "read_vectors",
    "upsert_neighbours",
    "upsert_profiles",
    "upsert_vectors",
]

QUERIES = Queries("likewise.engine.recommend")
Vector = NDArray[np.float32]
_HALF_HEADER = 2  # pgvector sends the dimension and an unused number, two bytes each, before the values


class PersonId(msgspec.Struct, frozen=True):
    """A user's number and name."""

    id: int
    user_key: str


class NewProfile(msgspec.Struct, frozen=True, kw_only=True):
    """A profile to store."""

    user_key: str
    categories: dict[str, float]
    written_count: int
    liked_count: int
    last_at: datetime | None
    look_at: datetime | None
    looks: int


class Moved(msgspec.Struct, frozen=True):
    """A profile that has moved since it was matched."""

    tenant_id: UUID
    collection_id: UUID
    id: int
    user_key: str
    updated_at: datetime


class Waiting(msgspec.Struct, frozen=True):
    """A profile that lacks vectors of its items, and how often that was looked at in vain."""

    tenant_id: UUID
    collection_id: UUID
    user_key: str
    looks: int


class Alike(msgspec.Struct, frozen=True):
    """A user's number and similarity."""

    id: int
    similarity: float


class NeighbourList(msgspec.Struct, frozen=True):
    """A user's stored list."""

    user_id: int
    packed: bytes


class LookedUp(msgspec.Struct, frozen=True):
    """A collection, and of a user in it the number and list, if there are any."""

    collection_id: UUID
    id: int | None
    user_key: str | None
    packed: bytes | None


class Found(msgspec.Struct, frozen=True):
    """A user and their list, if there is one."""

    id: int
    user_key: str
    packed: bytes | None


class SharedItemRow(msgspec.Struct, frozen=True):
    """An item that a user and another both liked."""

    user_key: str
    id: UUID
    key: str
    title: str


class Block(msgspec.Struct, frozen=True):
    """Users' numbers and vectors, shapes (n,) and (n, dimension)."""

    ids: NDArray[np.int64]
    vectors: Vector


class _VectorPage(msgspec.Struct, frozen=True):
    last: int
    row_count: int
    ids: bytes | None
    vectors: bytes | None


class _ItemVectors(msgspec.Struct, frozen=True):
    ids: bytes | None
    vectors: bytes | None


def _matrix(raw: bytes, count: int) -> Vector:
    return np.frombuffer(raw, dtype=">f2").reshape(count, -1)[:, _HALF_HEADER:].astype(np.float32)


async def read_item_vectors(tx: Tx, *, item_ids: Sequence[UUID], space_id: int) -> dict[UUID, Vector]:
    params = {"tenant_id": tx.tenant, "item_ids": list(item_ids), "space_id": space_id}
    row = await tx.fetch_one(QUERIES.read_item_vectors, _ItemVectors, params)
    if row is None or row.ids is None or row.vectors is None:
        return {}
    ids = [UUID(bytes=row.ids[place : place + 16]) for place in range(0, len(row.ids), 16)]
    return dict(zip(ids, _matrix(row.vectors, len(ids)), strict=True))


async def upsert_profiles(tx: Tx, *, collection_id: UUID, profiles: Sequence[NewProfile]) -> dict[str, int]:
    params = {
        "tenant_id": tx.tenant,
        "collection_id": collection_id,
        "user_keys": [profile.user_key for profile in profiles],
        "categories": [msgspec.json.encode(profile.categories).decode() for profile in profiles],
        "written_counts": [profile.written_count for profile in profiles],
        "liked_counts": [profile.liked_count for profile in profiles],
        "lasts": [profile.last_at for profile in profiles],
        "look_ats": [profile.look_at for profile in profiles],
        "looks": [profile.looks for profile in profiles],
    }
    return {row.user_key: row.id for row in await tx.fetch_all(QUERIES.upsert_profiles, PersonId, params)}


async def list_profile_ids(tx: Tx, *, collection_id: UUID, user_keys: Sequence[str]) -> list[PersonId]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "user_keys": list(user_keys)}
    return await tx.fetch_all(QUERIES.list_profile_ids, PersonId, params)


async def delete_profiles(tx: Tx, *, collection_id: UUID, ids: Sequence[int]) -> int:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "ids": list(ids)}
    return await tx.execute(QUERIES.delete_profiles, params)


async def upsert_vectors(
    tx: Tx, *, collection_id: UUID, kinds: Sequence[str], user_ids: Sequence[int], matrix: Vector
) -> int:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "kinds": list(kinds), "user_ids": list(user_ids)}
    return await tx.execute(QUERIES.upsert_vectors, params | {"embeddings": half_vectors(matrix)})


async def delete_vectors(tx: Tx, *, collection_id: UUID, kinds: Sequence[str], user_ids: Sequence[int]) -> int:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "kinds": list(kinds), "user_ids": list(user_ids)}
    return await tx.execute(QUERIES.delete_vectors, params)


async def delete_neighbours(tx: Tx, *, collection_id: UUID, kinds: Sequence[str], user_ids: Sequence[int]) -> int:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "kinds": list(kinds), "user_ids": list(user_ids)}
    return await tx.execute(QUERIES.delete_neighbours, params)


async def list_moved(tx: Tx, *, left_out: Sequence[UUID], limit: int) -> list[Moved]:
    return await tx.fetch_all(QUERIES.list_moved, Moved, {"left_out": list(left_out), "limit": limit})


async def list_waiting(tx: Tx, *, now: datetime, limit: int) -> list[Waiting]:
    return await tx.fetch_all(QUERIES.list_waiting, Waiting, {"now": now, "limit": limit})


async def count_moved(tx: Tx, *, collection_id: UUID, limit: int) -> int:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "limit": limit}
    return await tx.fetch_value(QUERIES.count_moved, int, params) or 0


async def mark_matched(tx: Tx, *, collection_id: UUID, ids: Sequence[int], moments: Sequence[datetime]) -> int:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "ids": list(ids), "moments": list(moments)}
    return await tx.execute(QUERIES.mark_matched, params)


async def mark_all_matched(tx: Tx, *, collection_id: UUID, before: datetime) -> int:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "before": before}
    return await tx.execute(QUERIES.mark_all_matched, params)


async def read_moment(tx: Tx) -> datetime:
    found = await tx.fetch_value(QUERIES.read_moment, datetime)
    if found is None:
        raise RuntimeError("the database told no time")
    return found


async def find_place(tx: Tx, *, collection_id: UUID, kind: str, user_id: int) -> Vector | None:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "kind": kind, "user_id": user_id}
    return await tx.fetch_value(QUERIES.find_place, np.ndarray, params)


async def nearest_users(
    tx: Tx, *, collection_id: UUID, kind: Likeness, user_id: int, vector: Vector, limit: int
) -> list[Alike]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "kind": kind, "user_id": user_id}
    params |= {"vector": HalfVector(vector), "limit": limit}
    return await tx.fetch_all(QUERIES.nearest_users, Alike, params)


async def compare_users(
    tx: Tx, *, collection_id: UUID, kind: Likeness, ids: Sequence[int], vector: Vector
) -> list[Alike]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "kind": kind, "ids": list(ids)}
    return await tx.fetch_all(QUERIES.compare_users, Alike, params | {"vector": HalfVector(vector)})


async def list_neighbours(
    tx: Tx, *, collection_id: UUID, kind: Likeness, user_ids: Sequence[int]
) -> list[NeighbourList]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "kind": kind, "user_ids": list(user_ids)}
    return await tx.fetch_all(QUERIES.list_neighbours, NeighbourList, params)


async def hold_neighbours(tx: Tx, *, collection_id: UUID) -> None:
    await tx.execute(QUERIES.hold_neighbours, {"tenant_id": tx.tenant, "collection_id": collection_id})


async def upsert_neighbours(tx: Tx, *, collection_id: UUID, kind: Likeness, lists: Mapping[int, bytes]) -> int:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "kind": kind}
    params |= {"user_ids": sorted(lists), "packed": [lists[user_id] for user_id in sorted(lists)]}
    return await tx.execute(QUERIES.upsert_neighbours, params)


async def find_neighbours(tx: Tx, *, collection_id: UUID, kind: Likeness, user_key: str) -> Found | None:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "kind": kind, "user_key": user_key}
    return await tx.fetch_one(QUERIES.find_neighbours, Found, params)


async def look_up_neighbours(tx: Tx, *, name: str, kind: Likeness, user_key: str) -> LookedUp | None:
    params = {"tenant_id": tx.tenant, "name": name, "kind": kind, "user_key": user_key}
    return await tx.fetch_one(QUERIES.look_up_neighbours, LookedUp, params)


async def list_names(tx: Tx, *, collection_id: UUID, ids: Sequence[int]) -> list[PersonId]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "ids": list(ids)}
    return await tx.fetch_all(QUERIES.list_names, PersonId, params)


async def list_kinds_known(tx: Tx, *, collection_id: UUID, user_id: int, kinds: Sequence[str]) -> list[str]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "user_id": user_id, "kinds": list(kinds)}
    return await tx.fetch_values(QUERIES.list_kinds_known, str, params)


async def list_persons(tx: Tx, *, collection_id: UUID, user_keys: Sequence[str]) -> list[Person]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "user_keys": list(user_keys)}
    return await tx.fetch_all(QUERIES.list_persons, Person, params)


async def list_people(tx: Tx, *, collection_id: UUID, after: str, limit: int) -> list[Person]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "after": after, "limit": limit}
    return await tx.fetch_all(QUERIES.list_people, Person, params)


async def list_shared_items(
    tx: Tx, *, collection_id: UUID, user_key: str, user_keys: Sequence[str], limit: int
) -> list[SharedItemRow]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "user_key": user_key, "limit": limit}
    return await tx.fetch_all(QUERIES.list_shared_items, SharedItemRow, params | {"user_keys": list(user_keys)})


async def read_vectors(tx: Tx, *, collection_id: UUID, kind: str, after: int, limit: int) -> Block | None:
    """One page of vectors; None after the last one."""
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "kind": kind, "after": after, "limit": limit}
    page = await tx.fetch_one(QUERIES.read_vectors, _VectorPage, params)
    if page is None or page.ids is None or page.vectors is None:
        return None
    ids = np.frombuffer(page.ids, dtype=">i8").astype(np.int64)
    return Block(ids, _matrix(page.vectors, len(ids)))


async def delete_all_profiles(tx: Tx) -> int:
    return await tx.execute(QUERIES.delete_all_profiles, {"tenant_id": tx.tenant})


async def delete_meanings(tx: Tx) -> int:
    return await tx.execute(QUERIES.delete_meanings, {"tenant_id": tx.tenant})


async def look_at_all(tx: Tx, *, now: datetime) -> int:
    return await tx.execute(QUERIES.look_at_all, {"tenant_id": tx.tenant, "now": now})


async def delete_all_vectors(tx: Tx) -> int:
    return await tx.execute(QUERIES.delete_all_vectors, {"tenant_id": tx.tenant})


async def delete_all_neighbours(tx: Tx) -> int:
    return await tx.execute(QUERIES.delete_all_neighbours, {"tenant_id": tx.tenant})
