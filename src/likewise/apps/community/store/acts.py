"""Statements on what people do with experiences, on whom they concern, and on the counters that follow."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from likewise.apps.community.model import Counters
from likewise.platform.db import Queries, Tx

__all__ = [
    "CommentCount",
    "Owner",
    "count_comments",
    "delete_all_counters",
    "ensure_people",
    "find_owner",
    "hold_experiences",
    "insert_counters",
    "list_ids_in_order",
    "lock_counters",
    "lock_people",
    "update_counters",
]

QUERIES = Queries("likewise.apps.community")


class Owner(msgspec.Struct, frozen=True):
    """Whose an experience is, and who may see it: everybody, or (private, hidden) its author."""

    id: UUID
    author: str | None
    visibility: str

    def is_open_to(self, viewer: str | None) -> bool:
        """Whether this person sees it; None is nobody in particular."""
        return self.visibility == "public" or (viewer is not None and viewer == self.author)


class CommentCount(msgspec.Struct, frozen=True):
    """How many comments stand under an experience."""

    experience_id: UUID
    comments: int


async def ensure_people(tx: Tx, *, user_keys: Sequence[str]) -> int:
    return await tx.execute(QUERIES.ensure_people, {"tenant_id": tx.tenant, "user_keys": list(user_keys)})


async def lock_people(tx: Tx, *, user_keys: Sequence[str]) -> list[str]:
    return await tx.fetch_values(QUERIES.lock_people, str, {"tenant_id": tx.tenant, "user_keys": list(user_keys)})


async def hold_experiences(tx: Tx, *, collection_id: UUID, ids: Sequence[UUID]) -> list[Owner]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "ids": list(ids)}
    return await tx.fetch_all(QUERIES.hold_experiences, Owner, params)


async def find_owner(tx: Tx, *, collection_id: UUID, experience_id: UUID) -> Owner | None:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "id": experience_id}
    return await tx.fetch_one(QUERIES.find_owner, Owner, params)


async def insert_counters(tx: Tx, *, ids: Sequence[UUID]) -> int:
    return await tx.execute(QUERIES.insert_counters, {"tenant_id": tx.tenant, "ids": list(ids)})


async def lock_counters(tx: Tx, *, ids: Sequence[UUID]) -> list[UUID]:
    return await tx.fetch_values(QUERIES.lock_counters, UUID, {"tenant_id": tx.tenant, "ids": list(ids)})


async def count_comments(tx: Tx, *, ids: Sequence[UUID]) -> dict[UUID, int]:
    params = {"tenant_id": tx.tenant, "ids": list(ids)}
    rows = await tx.fetch_all(QUERIES.count_comments, CommentCount, params)
    return {row.experience_id: row.comments for row in rows}


async def update_counters(tx: Tx, *, ids: Sequence[UUID], counters: Sequence[Counters], at: datetime) -> int:
    params = {
        "tenant_id": tx.tenant,
        "ids": list(ids),
        "upvotes": [one.upvotes for one in counters],
        "comments": [one.comments for one in counters],
        "views": [one.views for one in counters],
        "at": at,
    }
    return await tx.execute(QUERIES.update_counters, params)


async def list_ids_in_order(tx: Tx, *, after: UUID, limit: int) -> list[UUID]:
    params = {"tenant_id": tx.tenant, "after": after, "limit": limit}
    return await tx.fetch_values(QUERIES.list_ids_in_order, UUID, params)


async def delete_all_counters(tx: Tx) -> int:
    return await tx.execute(QUERIES.delete_all_counters, {"tenant_id": tx.tenant})
