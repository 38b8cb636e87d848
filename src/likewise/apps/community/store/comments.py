"""Statements on what people say under experiences."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from likewise.apps.community.model import Comment
from likewise.platform.db import Queries, Tx

__all__ = [
    "CommentState",
    "NewComment",
    "delete_comment",
    "find_last_shown",
    "insert_comments",
    "list_comments",
    "list_comments_by_id",
    "lock_comment",
    "mark_comment",
    "update_comment",
]

QUERIES = Queries("likewise.apps.community")


class NewComment(msgspec.Struct, frozen=True):
    """A comment as it is written."""

    id: UUID
    experience_id: UUID
    author: str
    body: str
    created_at: datetime


class CommentState(msgspec.Struct, frozen=True):
    """What moderators decided of a comment, and whose it is."""

    id: UUID
    experience_id: UUID
    author: str
    hidden_at: datetime | None
    hidden_reason: str | None
    is_cleared: bool


async def insert_comments(tx: Tx, *, rows: Sequence[NewComment]) -> int:
    params = {
        "tenant_id": tx.tenant,
        "ids": [row.id for row in rows],
        "experience_ids": [row.experience_id for row in rows],
        "authors": [row.author for row in rows],
        "bodies": [row.body for row in rows],
        "times": [row.created_at for row in rows],
    }
    return await tx.execute(QUERIES.insert_comments, params)


async def list_comments(tx: Tx, *, experience_id: UUID, viewer: str | None, after: UUID, limit: int) -> list[Comment]:
    params = {"tenant_id": tx.tenant, "experience_id": experience_id, "viewer": viewer, "after": after, "limit": limit}
    return await tx.fetch_all(QUERIES.list_comments, Comment, params)


async def list_comments_by_id(tx: Tx, *, ids: Sequence[UUID]) -> list[Comment]:
    return await tx.fetch_all(QUERIES.list_comments_by_id, Comment, {"tenant_id": tx.tenant, "ids": list(ids)})


async def lock_comment(tx: Tx, *, comment_id: UUID) -> CommentState | None:
    return await tx.fetch_one(QUERIES.lock_comment, CommentState, {"tenant_id": tx.tenant, "id": comment_id})


async def update_comment(tx: Tx, *, comment_id: UUID, body: str, at: datetime) -> int:
    params = {"tenant_id": tx.tenant, "id": comment_id, "body": body, "at": at}
    return await tx.execute(QUERIES.update_comment, params)


async def mark_comment(
    tx: Tx, *, comment_id: UUID, hidden_at: datetime | None, hidden_reason: str | None, is_cleared: bool
) -> int:
    params = {
        "tenant_id": tx.tenant,
        "id": comment_id,
        "hidden_at": hidden_at,
        "hidden_reason": hidden_reason,
        "is_cleared": is_cleared,
    }
    return await tx.execute(QUERIES.mark_comment, params)


async def delete_comment(tx: Tx, *, comment_id: UUID) -> int:
    return await tx.execute(QUERIES.delete_comment, {"tenant_id": tx.tenant, "id": comment_id})


async def find_last_shown(tx: Tx, *, experience_id: UUID, author: str) -> datetime | None:
    params = {"tenant_id": tx.tenant, "experience_id": experience_id, "author": author}
    return await tx.fetch_value(QUERIES.find_last_shown, datetime, params)
