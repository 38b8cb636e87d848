"""Statements on people as they are shown, and on what was found by its key."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

import msgspec

from likewise.platform.db import Queries, Tx

__all__ = ["PortraitRow", "find_portrait", "list_ids_of_keys", "list_names_of"]

QUERIES = Queries("likewise.apps.community")


class PortraitRow(msgspec.Struct, frozen=True):
    """What somebody says of themselves (`created_at` is None of who never did or told anything), and counts."""

    name: str | None
    about: str | None
    metadata: dict[str, object]
    created_at: datetime | None
    experiences: int
    comments: int
    turned_to: int


class _NameRow(msgspec.Struct, frozen=True):
    user_key: str
    name: str


class _KeyRow(msgspec.Struct, frozen=True):
    key: str
    id: UUID


async def find_portrait(tx: Tx, *, collection_id: UUID, user: str) -> PortraitRow:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "user_key": user}
    return cast("PortraitRow", await tx.fetch_one(QUERIES.find_portrait, PortraitRow, params))


async def list_names_of(tx: Tx, *, users: Sequence[str]) -> dict[str, str]:
    params = {"tenant_id": tx.tenant, "users": list(users)}
    return {row.user_key: row.name for row in await tx.fetch_all(QUERIES.list_names_of, _NameRow, params)}


async def list_ids_of_keys(tx: Tx, *, collection_id: UUID, keys: Sequence[str]) -> dict[str, UUID]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "keys": list(keys)}
    return {row.key: row.id for row in await tx.fetch_all(QUERIES.list_ids_of_keys, _KeyRow, params)}
