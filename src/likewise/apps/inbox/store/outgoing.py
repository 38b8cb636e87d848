"""Statements about answers, their deliveries and the outbox."""

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec

from likewise.apps.inbox.model import Action, Answerable, Delivery, DeliveryState
from likewise.apps.inbox.store.decisions import StateCount
from likewise.apps.inbox.store.messages import QUERIES
from likewise.platform.db import Tx

__all__ = [
    "Backlog",
    "Ended",
    "Leased",
    "Left",
    "Outcome",
    "Parcel",
    "Written",
    "add_to_action",
    "cancel_deliveries",
    "count_answerable",
    "count_deliveries",
    "count_left",
    "count_outbox",
    "empty_outbox_of",
    "end_deliveries",
    "find_action",
    "find_due_tenant",
    "find_previous_action",
    "hold_outbox_of",
    "insert_action",
    "insert_deliveries",
    "insert_exceptions",
    "insert_outbox",
    "lease_outbox",
    "list_actions",
    "list_answerable",
    "list_deliveries",
    "list_exceptions",
    "list_parcels",
    "lock_delivery",
    "mark_action_undone",
    "return_leased",
    "take_leased",
]

_NONE: LiteralString = "true"
_TEXT_CHARACTERS = 400


class Written(msgspec.Struct, frozen=True):
    """A delivery that was made."""

    id: UUID
    state: DeliveryState


class Leased(msgspec.Struct, frozen=True):
    """A delivery that is ours to send for a while, and how often it was begun."""

    delivery_id: UUID
    attempts: int


class Parcel(msgspec.Struct, frozen=True):
    """What is sent, and where."""

    id: UUID
    action_id: UUID
    message_id: UUID
    channel_id: UUID
    text: str
    created_at: datetime
    channel: str
    delivery_url: str | None
    secret_version: int
    external_id: str
    visitor_external_id: str | None
    visitor_name: str | None


class Outcome(msgspec.Struct, frozen=True):
    """How an attempt went. `attempts`: how many to count."""

    delivery_id: UUID
    state: DeliveryState
    attempts: int = 0
    status: int | None = None
    error: str | None = None


class Ended(msgspec.Struct, frozen=True):
    """A delivery as it stands now."""

    id: UUID
    action_id: UUID
    state: DeliveryState


class Left(msgspec.Struct, frozen=True):
    """Deliveries of an answer that have gone or were begun, and those that have not ended."""

    gone: int
    waiting: int


class Backlog(msgspec.Struct, frozen=True):
    """Deliveries that are due, and how long the first has been, seconds."""

    count: int
    oldest_s: float | None


async def list_answerable(
    tx: Tx, *, collection_id: UUID, cluster_id: UUID, left_out: Sequence[UUID], before: UUID, limit: int
) -> list[Answerable]:
    params = {
        "tenant_id": tx.tenant,
        "collection_id": collection_id,
        "cluster_id": cluster_id,
        "left_out": list(left_out),
        "before": before,
        "characters": _TEXT_CHARACTERS,
        "limit": limit,
    }
    return await tx.fetch_all(QUERIES.list_answerable, Answerable, params)


async def count_answerable(tx: Tx, *, collection_id: UUID, cluster_id: UUID, left_out: Sequence[UUID]) -> int:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "cluster_id": cluster_id}
    return await tx.fetch_value(QUERIES.count_answerable, int, {**params, "left_out": list(left_out)}) or 0


async def insert_action(
    tx: Tx,
    *,
    action_id: UUID,
    cluster_id: UUID,
    response_text: str,
    answers_late: bool,
    actor: str,
    message_count: int,
    undo_s: float,
) -> None:
    params = {
        "tenant_id": tx.tenant,
        "id": action_id,
        "cluster_id": cluster_id,
        "response_text": response_text,
        "answers_late": answers_late,
        "actor": actor,
        "message_count": message_count,
        "undo_s": undo_s,
    }
    await tx.execute(QUERIES.insert_action, params)


async def add_to_action(tx: Tx, *, action_id: UUID, count: int) -> None:
    await tx.execute(QUERIES.add_to_action, {"tenant_id": tx.tenant, "id": action_id, "count": count})


async def find_action(tx: Tx, *, action_id: UUID) -> Action | None:
    return await tx.fetch_one(QUERIES.find_action, Action, {"tenant_id": tx.tenant, "id": action_id})


async def list_actions(tx: Tx, *, cluster_id: UUID, before: UUID, limit: int) -> list[Action]:
    params = {"tenant_id": tx.tenant, "cluster_id": cluster_id, "before": before, "limit": limit}
    return await tx.fetch_all(QUERIES.list_actions, Action, params)


async def mark_action_undone(tx: Tx, *, action_id: UUID, at: datetime) -> None:
    await tx.execute(QUERIES.mark_action_undone, {"tenant_id": tx.tenant, "id": action_id, "at": at})


async def find_previous_action(tx: Tx, *, cluster_id: UUID, before: UUID) -> UUID | None:
    params = {"tenant_id": tx.tenant, "cluster_id": cluster_id, "before": before}
    return await tx.fetch_value(QUERIES.find_previous_action, UUID, params)


async def insert_exceptions(tx: Tx, *, action_id: UUID, message_ids: Sequence[UUID]) -> None:
    params = {"tenant_id": tx.tenant, "action_id": action_id, "message_ids": list(message_ids)}
    await tx.execute(QUERIES.insert_exceptions, params)


async def list_exceptions(tx: Tx, *, action_id: UUID, limit: int) -> list[UUID]:
    params = {"tenant_id": tx.tenant, "action_id": action_id, "limit": limit}
    return await tx.fetch_values(QUERIES.list_exceptions, UUID, params)


async def insert_deliveries(
    tx: Tx,
    *,
    action_id: UUID,
    cluster_id: UUID,
    ids: Sequence[UUID],
    messages: Sequence[Answerable],
    texts: Sequence[str],
) -> list[Written]:
    """One delivery for each message, with its text; those that were made."""
    params = {
        "tenant_id": tx.tenant,
        "action_id": action_id,
        "cluster_id": cluster_id,
        "ids": list(ids),
        "message_ids": [message.id for message in messages],
        "channel_ids": [message.channel_id for message in messages],
        "texts": list(texts),
        "states": ["waiting" if message.has_url else "ready" for message in messages],
    }
    return await tx.fetch_all(QUERIES.insert_deliveries, Written, params)


async def insert_outbox(tx: Tx, *, action_id: UUID, delivery_ids: Sequence[UUID], delay_s: float) -> None:
    params = {"tenant_id": tx.tenant, "action_id": action_id, "delivery_ids": list(delivery_ids), "delay_s": delay_s}
    await tx.execute(QUERIES.insert_outbox, params)


async def hold_outbox_of(tx: Tx, *, action_id: UUID) -> int:
    return await tx.fetch_value(QUERIES.hold_outbox_of, int, {"tenant_id": tx.tenant, "action_id": action_id}) or 0


async def count_left(tx: Tx, *, action_id: UUID) -> Left:
    params = {"tenant_id": tx.tenant, "action_id": action_id}
    return await tx.fetch_one(QUERIES.count_left, Left, params) or Left(0, 0)


async def empty_outbox_of(tx: Tx, *, action_id: UUID) -> None:
    await tx.execute(QUERIES.empty_outbox_of, {"tenant_id": tx.tenant, "action_id": action_id})


async def cancel_deliveries(tx: Tx, *, action_id: UUID, at: datetime) -> int:
    params = {"tenant_id": tx.tenant, "action_id": action_id, "at": at}
    return await tx.execute(QUERIES.cancel_deliveries, params)


async def list_deliveries(
    tx: Tx, *, action_id: UUID | None, state: DeliveryState | None, before: UUID, limit: int
) -> list[Delivery]:
    """What is ready is shown once its answer cannot be undone any more."""
    conditions: LiteralString = _NONE
    if action_id is not None:
        conditions = "d.action_id = %(action_id)s"
    if state is not None:
        conditions = f"{conditions} and d.state = %(state)s"
    if state == "ready":
        conditions = (
            f"{conditions} and exists (select from inbox.actions a where a.tenant_id = %(tenant_id)s"
            " and a.id = d.action_id and a.leaves_at <= now())"
        )
    statement = QUERIES.list_deliveries.with_slots(conditions=conditions)
    params = {"tenant_id": tx.tenant, "action_id": action_id, "state": state, "before": before, "limit": limit}
    return await tx.fetch_all(statement, Delivery, params)


async def count_deliveries(tx: Tx, *, action_id: UUID) -> list[StateCount]:
    params = {"tenant_id": tx.tenant, "action_id": action_id}
    return await tx.fetch_all(QUERIES.count_deliveries, StateCount, params)


async def lock_delivery(tx: Tx, *, delivery_id: UUID) -> Ended | None:
    return await tx.fetch_one(QUERIES.lock_delivery, Ended, {"tenant_id": tx.tenant, "id": delivery_id})


async def end_deliveries(tx: Tx, *, outcomes: Sequence[Outcome]) -> list[Ended]:
    params = {
        "tenant_id": tx.tenant,
        "ids": [outcome.delivery_id for outcome in outcomes],
        "states": [outcome.state for outcome in outcomes],
        "attempts": [outcome.attempts for outcome in outcomes],
        "statuses": [outcome.status for outcome in outcomes],
        "errors": [outcome.error for outcome in outcomes],
    }
    return await tx.fetch_all(QUERIES.end_deliveries, Ended, params)


async def find_due_tenant(tx: Tx) -> UUID | None:
    return await tx.fetch_value(QUERIES.find_due_tenant, UUID)


async def lease_outbox(tx: Tx, *, tenant_id: UUID, lease: UUID, lease_s: float, limit: int) -> list[Leased]:
    params = {"tenant_id": tenant_id, "lease": lease, "lease_s": lease_s, "limit": limit}
    return await tx.fetch_all(QUERIES.lease_outbox, Leased, params)


async def list_parcels(tx: Tx, *, ids: Sequence[UUID]) -> list[Parcel]:
    params = {"tenant_id": tx.tenant, "ids": list(ids), "limit": len(ids)}
    return await tx.fetch_all(QUERIES.list_parcels, Parcel, params)


async def take_leased(tx: Tx, *, lease: UUID, delivery_ids: Sequence[UUID]) -> list[UUID]:
    params = {"tenant_id": tx.tenant, "lease": lease, "delivery_ids": list(delivery_ids)}
    return await tx.fetch_values(QUERIES.take_leased, UUID, params)


async def return_leased(
    tx: Tx, *, lease: UUID, delivery_ids: Sequence[UUID], pauses_s: Sequence[float], begun: Sequence[bool]
) -> list[UUID]:
    params = {
        "tenant_id": tx.tenant,
        "lease": lease,
        "delivery_ids": list(delivery_ids),
        "pauses_s": list(pauses_s),
        "begun": list(begun),
    }
    return await tx.fetch_values(QUERIES.return_leased, UUID, params)


async def count_outbox(tx: Tx, *, limit: int) -> Backlog:
    return await tx.fetch_one(QUERIES.count_outbox, Backlog, {"limit": limit}) or Backlog(0, None)
