"""Statements about clusters as the inbox tells them, what was decided about them, and what people changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

import msgspec

from likewise.apps.inbox.model import Card, Change, ChangeKind, ClusterOrder, ClusterState, Example
from likewise.apps.inbox.store.messages import QUERIES
from likewise.platform.db import Tx

__all__ = [
    "Decision",
    "StateCount",
    "count_states",
    "find_change_of_action",
    "follow_clusters",
    "insert_change",
    "insert_decision",
    "list_answered",
    "list_changes",
    "list_changes_of_cluster",
    "list_clusters",
    "list_clusters_by_id",
    "lock_change",
    "lock_decision",
    "mark_change_undone",
    "mark_decision",
]

_examples = msgspec.json.Decoder(list[Example])
_ORDERS: dict[ClusterOrder, LiteralString] = {
    "size": "s.item_count desc, s.cluster_id",
    "trend": "s.heat desc, s.cluster_id",
    "newest": "s.last_seen_at desc, s.cluster_id",
}
_BEHIND: dict[ClusterOrder, LiteralString] = {
    "size": "(s.item_count < %(place)s or (s.item_count = %(place)s and s.cluster_id > %(place_id)s))",
    "trend": "(s.heat < %(place)s or (s.heat = %(place)s and s.cluster_id > %(place_id)s))",
    "newest": "(s.last_seen_at < %(place)s or (s.last_seen_at = %(place)s and s.cluster_id > %(place_id)s))",
}
_OPEN: LiteralString = "(b.state is null or b.state = 'open')"
_DECIDED: LiteralString = "b.state = %(state)s"


class Decision(msgspec.Struct, frozen=True):
    """What is decided about a cluster."""

    cluster_id: UUID
    state: ClusterState
    action_id: UUID | None
    answers_late: bool


class StateCount(msgspec.Struct, frozen=True):
    """How many are in a state."""

    state: str
    count: int


class _CardRow(msgspec.Struct, frozen=True):
    id: UUID
    name: str | None
    label: str
    words: list[str]
    state: ClusterState
    message_count: int
    text_count: int
    answered_count: int
    outlier_count: int
    heat: float
    first_seen_at: datetime
    last_seen_at: datetime
    is_locked: bool
    answers_late: bool
    action_id: UUID | None
    examples: str


async def list_clusters(
    tx: Tx,
    *,
    collection_id: UUID,
    state: ClusterState,
    order: ClusterOrder,
    size_min: int,
    behind: tuple[int | float | datetime, UUID] | None,
    examples: int,
    characters: int,
    limit: int,
) -> list[Card]:
    """Clusters in an order, those behind a place in it."""
    conditions: LiteralString = _OPEN if state == "open" else _DECIDED
    if behind is not None:
        conditions = f"{conditions} and {_BEHIND[order]}"
    statement = QUERIES.list_clusters.with_slots(
        decided="left" if state == "open" else "", conditions=conditions, cluster_order=_ORDERS[order]
    )
    place, place_id = behind or (None, None)
    params = {
        "tenant_id": tx.tenant,
        "collection_id": collection_id,
        "state": state,
        "size_min": size_min,
        "place": place,
        "place_id": place_id,
        "examples": examples,
        "characters": characters,
        "limit": limit,
    }
    return [_card(row) for row in await tx.fetch_all(statement, _CardRow, params)]


async def list_clusters_by_id(
    tx: Tx, *, collection_id: UUID, ids: Sequence[UUID], examples: int, characters: int
) -> list[Card]:
    """These clusters, in any order and state."""
    statement = QUERIES.list_clusters.with_slots(
        decided="left", conditions="s.cluster_id = any(%(ids)s)", cluster_order=_ORDERS["size"]
    )
    params = {
        "tenant_id": tx.tenant,
        "collection_id": collection_id,
        "ids": list(ids),
        "size_min": 1,
        "examples": examples,
        "characters": characters,
        "limit": len(ids),
    }
    return [_card(row) for row in await tx.fetch_all(statement, _CardRow, params)]


async def count_states(tx: Tx, *, collection_id: UUID) -> list[StateCount]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id}
    return await tx.fetch_all(QUERIES.count_states, StateCount, params)


async def insert_decision(tx: Tx, *, cluster_id: UUID) -> None:
    await tx.execute(QUERIES.insert_decision, {"tenant_id": tx.tenant, "cluster_id": cluster_id})


async def lock_decision(tx: Tx, *, cluster_id: UUID) -> Decision:
    """What is decided about a cluster, held until the end of the transaction; made where nothing was."""
    params = {"tenant_id": tx.tenant, "cluster_id": cluster_id}
    found = await tx.fetch_one(QUERIES.lock_decision, Decision, params)
    if found is None:
        await insert_decision(tx, cluster_id=cluster_id)
        found = await tx.fetch_one(QUERIES.lock_decision, Decision, params)
    if found is None:
        raise RuntimeError("a row that was just made is gone")
    return found


async def mark_decision(tx: Tx, *, decision: Decision, at: datetime) -> None:
    params = {
        "tenant_id": tx.tenant,
        "cluster_id": decision.cluster_id,
        "state": decision.state,
        "action_id": decision.action_id,
        "answers_late": decision.answers_late,
        "at": at,
    }
    await tx.execute(QUERIES.mark_decision, params)


async def list_answered(tx: Tx, *, cluster_ids: Sequence[UUID]) -> list[UUID]:
    params = {"tenant_id": tx.tenant, "cluster_ids": list(cluster_ids), "limit": len(cluster_ids)}
    return await tx.fetch_values(QUERIES.list_answered, UUID, params)


async def follow_clusters(tx: Tx, *, cluster_ids: Sequence[UUID]) -> int:
    params = {"tenant_id": tx.tenant, "cluster_ids": list(cluster_ids)}
    return await tx.execute(QUERIES.follow_clusters, params)


async def insert_change(
    tx: Tx,
    *,
    change_id: UUID,
    kind: ChangeKind,
    actor: str,
    cluster_id: UUID,
    other_id: UUID | None = None,
    run_id: UUID | None = None,
    action_id: UUID | None = None,
    message_count: int = 0,
    before: str | None = None,
) -> None:
    params = {
        "tenant_id": tx.tenant,
        "id": change_id,
        "kind": kind,
        "actor": actor,
        "cluster_id": cluster_id,
        "other_id": other_id,
        "run_id": run_id,
        "action_id": action_id,
        "message_count": message_count,
        "before": before,
    }
    await tx.execute(QUERIES.insert_change, params)


async def list_changes(tx: Tx, *, before: UUID, limit: int) -> list[Change]:
    params = {"tenant_id": tx.tenant, "older_than": before, "limit": limit}
    return await tx.fetch_all(QUERIES.list_changes, Change, params)


async def list_changes_of_cluster(tx: Tx, *, cluster_id: UUID, before: UUID, limit: int) -> list[Change]:
    params = {"tenant_id": tx.tenant, "cluster_id": cluster_id, "older_than": before, "limit": limit}
    return await tx.fetch_all(QUERIES.list_changes_of_cluster, Change, params)


async def lock_change(tx: Tx, *, change_id: UUID) -> Change | None:
    return await tx.fetch_one(QUERIES.lock_change, Change, {"tenant_id": tx.tenant, "id": change_id})


async def find_change_of_action(tx: Tx, *, cluster_id: UUID, action_id: UUID) -> UUID | None:
    params = {"tenant_id": tx.tenant, "cluster_id": cluster_id, "action_id": action_id}
    return await tx.fetch_value(QUERIES.find_change_of_action, UUID, params)


async def mark_change_undone(tx: Tx, *, change_id: UUID, at: datetime) -> bool:
    return await tx.execute(QUERIES.mark_change_undone, {"tenant_id": tx.tenant, "id": change_id, "at": at}) > 0


def _card(row: _CardRow) -> Card:
    fields: dict[str, Any] = msgspec.structs.asdict(row)
    fields["examples"] = _examples.decode(row.examples)
    return Card(**fields)
