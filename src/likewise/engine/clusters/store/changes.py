"""Statements about changes and what undoes them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from likewise.engine.clusters.model import Actor, Change
from likewise.engine.clusters.store.groupings import QUERIES
from likewise.platform.db import Tx

__all__ = [
    "Moved",
    "find_change",
    "insert_changes",
    "insert_moves",
    "list_changes",
    "list_changes_of_run",
    "list_moves",
    "mark_undone",
]


class Moved(msgspec.Struct, frozen=True):
    """A text that a change moved, and how it stood before."""

    hash: bytes
    similarity: float
    reason: str


async def insert_changes(tx: Tx, *, collection_id: UUID, run_id: UUID, actor: Actor, changes: Sequence[Change]) -> None:
    params = {
        "tenant_id": tx.tenant,
        "collection_id": collection_id,
        "run_id": run_id,
        "actor": actor,
        "ids": [change.id for change in changes],
        "kinds": [change.kind for change in changes],
        "from_ids": [change.from_id for change in changes],
        "to_ids": [change.to_id for change in changes],
        "text_counts": [change.text_count for change in changes],
    }
    await tx.execute(QUERIES.insert_changes, params)


async def insert_moves(tx: Tx, *, change_ids: Sequence[UUID], moves: Sequence[Moved]) -> None:
    params = {
        "tenant_id": tx.tenant,
        "change_ids": list(change_ids),
        "hashes": [move.hash for move in moves],
        "similarities": [move.similarity for move in moves],
        "reasons": [move.reason for move in moves],
    }
    await tx.execute(QUERIES.insert_moves, params)


async def list_changes(tx: Tx, *, collection_id: UUID, before: UUID, limit: int) -> list[Change]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "before": before, "limit": limit}
    return await tx.fetch_all(QUERIES.list_changes, Change, params)


async def list_changes_of_run(tx: Tx, *, run_id: UUID, limit: int) -> list[Change]:
    params = {"tenant_id": tx.tenant, "run_id": run_id, "limit": limit}
    return await tx.fetch_all(QUERIES.list_changes_of_run, Change, params)


async def find_change(tx: Tx, *, collection_id: UUID, change_id: UUID) -> Change | None:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "change_id": change_id}
    return await tx.fetch_one(QUERIES.find_change, Change, params)


async def list_moves(tx: Tx, *, change_id: UUID, after: bytes, limit: int) -> list[Moved]:
    params = {"tenant_id": tx.tenant, "change_id": change_id, "after": after, "limit": limit}
    return await tx.fetch_all(QUERIES.list_moves, Moved, params)


async def mark_undone(tx: Tx, *, change_ids: Sequence[UUID], at: datetime) -> None:
    await tx.execute(QUERIES.mark_undone, {"tenant_id": tx.tenant, "change_ids": list(change_ids), "at": at})
