"""Statements on people: what they say of themselves, and everything of theirs that goes with them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from likewise.apps.community.model import MemberDraft
from likewise.engine.recommend import Kind
from likewise.platform.db import Json, Queries, Tx

__all__ = [
    "ActOf",
    "CommentBy",
    "Person",
    "delete_comments",
    "delete_person",
    "delete_reports_by",
    "list_acts_of",
    "list_comments_by",
    "list_people",
    "list_people_by_id",
    "list_told_by",
    "upsert_person",
]

QUERIES = Queries("likewise.apps.community")


class Person(msgspec.Struct, frozen=True):
    """Somebody, by the caller's own id, as they say of themselves."""

    user: str
    name: str | None
    about: str | None
    metadata: dict[str, object]
    created_at: datetime


class CommentBy(msgspec.Struct, frozen=True):
    """A comment, and what it is under."""

    id: UUID
    experience_id: UUID


class ActOf(msgspec.Struct, frozen=True):
    """Something that somebody did with an experience."""

    item_id: UUID
    kind: Kind


async def upsert_person(tx: Tx, *, user: str, draft: MemberDraft, at: datetime) -> None:
    params = {"tenant_id": tx.tenant, "user_key": user, "name": draft.name, "about": draft.about, "at": at}
    await tx.execute(QUERIES.upsert_person, {**params, "metadata": Json(draft.metadata)})


async def list_people(tx: Tx, *, after: str, limit: int) -> list[Person]:
    return await tx.fetch_all(QUERIES.list_people, Person, {"tenant_id": tx.tenant, "after": after, "limit": limit})


async def list_people_by_id(tx: Tx, *, users: Sequence[str]) -> list[Person]:
    return await tx.fetch_all(QUERIES.list_people_by_id, Person, {"tenant_id": tx.tenant, "users": list(users)})


async def delete_person(tx: Tx, *, user: str) -> int:
    return await tx.execute(QUERIES.delete_person, {"tenant_id": tx.tenant, "user_key": user})


async def list_told_by(tx: Tx, *, collection_id: UUID, author: str, limit: int) -> list[UUID]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "author": author, "limit": limit}
    return await tx.fetch_values(QUERIES.list_told_by, UUID, params)


async def list_comments_by(tx: Tx, *, author: str, limit: int) -> list[CommentBy]:
    params = {"tenant_id": tx.tenant, "author": author, "limit": limit}
    return await tx.fetch_all(QUERIES.list_comments_by, CommentBy, params)


async def delete_comments(tx: Tx, *, ids: Sequence[UUID]) -> int:
    return await tx.execute(QUERIES.delete_comments, {"tenant_id": tx.tenant, "ids": list(ids)})


async def list_acts_of(tx: Tx, *, collection_id: UUID, user: str, limit: int) -> list[ActOf]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "user_key": user, "limit": limit}
    return await tx.fetch_all(QUERIES.list_acts_of, ActOf, params)


async def delete_reports_by(tx: Tx, *, reporter: str, limit: int) -> list[UUID]:
    """The experiences that were reported, or whose comments were."""
    params = {"tenant_id": tx.tenant, "reporter": reporter, "limit": limit}
    return await tx.fetch_values(QUERIES.delete_reports_by, UUID, params)
