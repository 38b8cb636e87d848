"""One function per statement."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from likewise.platform.db import Queries, Tx
from likewise.platform.events.model import LANES, TRIMMER, DeadLetter, Lag, Mark, Received
from likewise.platform.ids import new_id

__all__ = [
    "QUERIES",
    "Buried",
    "Cursor",
    "LaneBounds",
    "Looked",
    "Progress",
    "WaitingLane",
    "count_unread_lanes",
    "delete_read_events",
    "find_last_event",
    "get_cursor",
    "get_progress",
    "has_foreign_marks",
    "insert_cursors",
    "insert_dead_letter",
    "insert_events",
    "list_dead_letters",
    "list_lags",
    "list_lane_bounds",
    "list_lane_events",
    "list_missed_events",
    "list_new_events",
    "list_waiting_lanes",
    "lock_lane",
    "lock_log",
    "lock_position",
    "mark_cursor",
    "mark_position",
    "rebase_cursors",
    "rebase_events",
    "rebase_positions",
    "renumber_events",
    "take_dead_letters",
    "written",
]

QUERIES = Queries(__package__ or "")
_LANE_LOCKS = 731_057  # any constant: the space of advisory locks on lanes


class WaitingLane(msgspec.Struct, frozen=True):
    """A lane in which a consumer has something to read."""

    consumer: str
    lane: int


class Cursor(msgspec.Struct, frozen=True):
    """How far a lane is read; `horizon` is the first transaction that may still be running."""

    xid: int
    event_id: int
    horizon: int

    @property
    def mark(self) -> Mark:
        return Mark(self.xid, self.event_id)


class Progress(msgspec.Struct, frozen=True):
    """How far a consumer has read a tenant's events."""

    cursor_xid: int
    cursor_event_id: int
    position_xid: int
    position_event_id: int

    @property
    def mark(self) -> Mark:
        """The later of the two: a cursor also passes events that are of no concern to the consumer."""
        return max(Mark(self.cursor_xid, self.cursor_event_id), Mark(self.position_xid, self.position_event_id))


class LaneBounds(msgspec.Struct, frozen=True):
    """How far a lane is trimmed, its last readable event, and the first transaction that may still be running."""

    lane: int
    horizon: int
    trimmed_xid: int
    trimmed_event_id: int
    last_xid: int
    last_event_id: int

    @property
    def trimmed(self) -> Mark:
        """The last event that was deleted."""
        return Mark(self.trimmed_xid, self.trimmed_event_id)

    @property
    def end(self) -> Mark:
        """The last event that can be read, or could be until it was deleted."""
        return max(Mark(self.last_xid, self.last_event_id), self.trimmed)


class Looked(msgspec.Struct, frozen=True):
    """One event behind one of the places asked for, the `row`th there; without an event where nothing lies behind.

    `place` counts the places from 1; `is_trimmed`: events behind the place were deleted already.
    """

    place: int
    horizon: int
    is_trimmed: bool
    row: int | None
    xid: int | None
    id: int | None
    tenant_id: UUID | None
    type: str | None
    payload: str | None


class Buried(msgspec.Struct, frozen=True):
    """What a dead letter needs to be published again."""

    id: UUID
    consumer: str
    type: str
    payload: str


async def insert_events(
    tx: Tx, *, lane: int, types: Sequence[str], payloads: Sequence[str], audience: str | None
) -> Mark | None:
    return await tx.fetch_one(
        QUERIES.insert_events,
        Mark,
        {
            "lane": lane,
            "tenant_id": tx.tenant,
            "types": list(types),
            "payloads": list(payloads),
            "audience": audience,
        },
    )


async def insert_cursors(tx: Tx, *, consumers: Sequence[str]) -> None:
    await tx.execute(QUERIES.insert_cursors, {"consumers": list(consumers), "lanes": LANES})


async def list_waiting_lanes(tx: Tx, *, consumers: Sequence[str]) -> list[WaitingLane]:
    values = {"consumers": list(consumers), "limit": len(consumers) * LANES}
    return await tx.fetch_all(QUERIES.list_waiting_lanes, WaitingLane, values)


async def count_unread_lanes(tx: Tx, *, consumers: Sequence[str]) -> int:
    return await tx.fetch_value(QUERIES.count_unread_lanes, int, {"consumers": list(consumers)}) or 0


async def lock_lane(tx: Tx, *, lock: int) -> bool:
    return bool(await tx.fetch_value(QUERIES.lock_lane, bool, {"space": _LANE_LOCKS, "lock": lock}))


async def get_cursor(tx: Tx, *, consumer: str, lane: int) -> Cursor | None:
    return await tx.fetch_one(QUERIES.get_cursor, Cursor, {"consumer": consumer, "lane": lane})


async def list_lane_events(
    tx: Tx, *, consumer: str, lane: int, cursor: Cursor, types: Sequence[str], limit: int
) -> list[Received]:
    return await tx.fetch_all(
        QUERIES.list_lane_events,
        Received,
        {
            "consumer": consumer,
            "lane": lane,
            "xid": cursor.xid,
            "event_id": cursor.event_id,
            "horizon": cursor.horizon,
            "types": list(types),
            "limit": limit,
        },
    )


async def mark_cursor(tx: Tx, *, consumer: str, lane: int, old: Mark, new: Mark) -> bool:
    values = {"consumer": consumer, "lane": lane} | _move(old, new)
    return await tx.execute(QUERIES.mark_cursor, values) == 1


async def lock_position(tx: Tx, *, consumer: str) -> Mark:
    """The tenant's position, made on first use and locked until the transaction ends."""
    values = {"tenant_id": tx.tenant, "consumer": consumer}
    found = await tx.fetch_one(QUERIES.lock_position, Mark, values)
    if found is None:
        await insert_position(tx, consumer=consumer)
        found = await tx.fetch_one(QUERIES.lock_position, Mark, values)
    return found or Mark(0, 0)


async def insert_position(tx: Tx, *, consumer: str) -> None:
    await tx.execute(QUERIES.insert_position, {"tenant_id": tx.tenant, "consumer": consumer})


async def mark_position(tx: Tx, *, consumer: str, old: Mark, new: Mark) -> bool:
    values = {"tenant_id": tx.tenant, "consumer": consumer} | _move(old, new)
    return await tx.execute(QUERIES.mark_position, values) == 1


async def get_progress(tx: Tx, *, consumer: str, lane: int, tenant_id: UUID) -> Progress | None:
    values = {"consumer": consumer, "lane": lane, "tenant_id": tenant_id}
    return await tx.fetch_one(QUERIES.get_progress, Progress, values)


async def find_last_event(tx: Tx, *, tenant_id: UUID) -> Mark | None:
    return await tx.fetch_one(QUERIES.find_last_event, Mark, {"tenant_id": tenant_id})


async def list_lags(tx: Tx, *, behind_max: int, limit: int) -> list[Lag]:
    values = {"behind_max": behind_max, "limit": limit, "trimmer": TRIMMER}
    return await tx.fetch_all(QUERIES.list_lags, Lag, values)


async def insert_dead_letter(tx: Tx, *, consumer: str, event: Received, reason: str, attempts: int) -> None:
    await tx.execute(
        QUERIES.insert_dead_letter,
        {
            "tenant_id": tx.tenant,
            "id": new_id(),
            "consumer": consumer,
            "event_id": event.id,
            "type": event.type,
            "payload": event.payload,
            "reason": reason,
            "attempts": attempts,
        },
    )


async def list_dead_letters(tx: Tx, *, after: UUID, limit: int) -> list[DeadLetter]:
    values = {"tenant_id": tx.tenant, "after": after, "limit": limit}
    return await tx.fetch_all(QUERIES.list_dead_letters, DeadLetter, values)


async def take_dead_letters(tx: Tx, *, ids: Sequence[UUID]) -> list[Buried]:
    return await tx.fetch_all(QUERIES.take_dead_letters, Buried, {"tenant_id": tx.tenant, "ids": list(ids)})


async def delete_read_events(tx: Tx, *, consumers: Sequence[str], lane: int, retention_days: int, limit: int) -> int:
    values = {"consumers": list(consumers), "lane": lane, "retention_days": retention_days, "limit": limit}
    return await tx.fetch_value(QUERIES.delete_read_events, int, values | {"trimmer": TRIMMER}) or 0


async def list_lane_bounds(tx: Tx, *, lanes: Sequence[int]) -> list[LaneBounds]:
    return await tx.fetch_all(QUERIES.list_lane_bounds, LaneBounds, {"lanes": list(lanes), "trimmer": TRIMMER})


def written(tenants: Iterable[UUID]) -> str:
    """Tenants as Postgres writes an array: with thousands of them, making it anew took longer than the statement."""
    return "{" + ",".join(map(str, tenants)) + "}"


async def list_new_events(
    tx: Tx, *, lanes: Sequence[int], places: Sequence[Mark], tenants: str, types: Sequence[str], limit: int
) -> list[Looked]:
    values = {"lanes": list(lanes), "tenants": tenants, "types": list(types), "limit": limit}
    return await tx.fetch_all(QUERIES.list_new_events, Looked, values | _behind(places))


async def list_missed_events(
    tx: Tx, *, lanes: Sequence[int], places: Sequence[Mark], tenants: Sequence[UUID], types: Sequence[str], limit: int
) -> list[Looked]:
    values = {"lanes": list(lanes), "tenants": list(tenants), "types": list(types), "limit": limit}
    return await tx.fetch_all(QUERIES.list_missed_events, Looked, values | _behind(places))


async def has_foreign_marks(tx: Tx) -> bool:
    return bool(await tx.fetch_value(QUERIES.has_foreign_marks, bool))


async def lock_log(tx: Tx) -> None:
    await tx.execute(QUERIES.lock_log)


async def rebase_cursors(tx: Tx) -> None:
    await tx.execute(QUERIES.rebase_cursors)


async def rebase_positions(tx: Tx) -> None:
    await tx.execute(QUERIES.rebase_positions)


async def renumber_events(tx: Tx) -> int:
    return await tx.execute(QUERIES.renumber_events)


async def rebase_events(tx: Tx) -> None:
    await tx.execute(QUERIES.rebase_events)


def _move(old: Mark, new: Mark) -> dict[str, object]:
    return {"old_xid": old.xid, "old_event_id": old.event_id, "xid": new.xid, "event_id": new.event_id}


def _behind(places: Sequence[Mark]) -> dict[str, object]:
    return {
        "xids": [mark.xid for mark in places],
        "event_ids": [mark.event_id for mark in places],
        "trimmer": TRIMMER,
    }
