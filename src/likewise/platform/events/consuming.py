"""Read the log: which lanes have news, one batch of a lane, and the loop that a worker runs.

The order of the log is (transaction id, event id) below the first transaction that may still be running. Reading by id
alone would step over events of transactions that began early and commit late.
"""

import asyncio
import random
import time
import zlib
from collections.abc import Sequence
from uuid import UUID

import msgspec

from likewise.platform.config import Settings
from likewise.platform.db import Database, Tx
from likewise.platform.errors import Unavailable
from likewise.platform.events import store
from likewise.platform.events.delivery import Postponed, deliver, deliver_stubbornly
from likewise.platform.events.doorbell import Doorbell
from likewise.platform.events.model import Consumer, Mark, Received, event_type
from likewise.platform.events.settings import EventSettings
from likewise.platform.foreground import FOREGROUND
from likewise.platform.telemetry import get_log

__all__ = ["Consumed", "consume", "consume_lane", "drain", "ensure_cursors"]

log = get_log(__name__)
_TROUBLE_WAIT_S = 1.0
_DRAIN_LOOK_S = 0.01


class Consumed(msgspec.Struct, frozen=True):
    """What one look at a lane came to. `is_complete`: nothing readable was left behind."""

    events: int
    is_complete: bool


async def ensure_cursors(db: Database, consumers: Sequence[Consumer]) -> None:
    """Let every consumer stand in every lane; a new one begins with the oldest event that is still kept."""
    if len({consumer.name for consumer in consumers}) != len(consumers):
        raise ValueError("two consumers have the same name")
    async with db.maintenance() as tx:
        await store.insert_cursors(tx, consumers=[consumer.name for consumer in consumers])


async def consume(
    db: Database, consumers: Sequence[Consumer], *, bell: Doorbell, settings: EventSettings, stop: asyncio.Event
) -> None:
    """Read for these consumers until `stop`; the batch at hand is finished. Several processes may do so at once."""
    if not consumers:
        await stop.wait()
        return
    is_ready = False
    ear = bell.ear()
    poll_s = poll_min_s = settings.poll_min_ms / 1000
    while not stop.is_set():
        try:
            if not is_ready:
                await ensure_cursors(db, consumers)
                is_ready = True
            moved = await _consume_waiting(db, consumers, settings=settings, stop=stop)
        except Unavailable as error:
            log.warning("events_wait_for_database", reason=error.message)
            await ear.wait(stop=stop, timeout_s=_TROUBLE_WAIT_S)
            continue
        if moved:
            poll_s = poll_min_s
            continue
        rang = await ear.wait(stop=stop, timeout_s=poll_s)
        # News may not be readable yet while an older transaction runs: look again soon, then less and less often.
        poll_s = poll_min_s if rang else min(poll_s * 2, settings.poll_max_ms / 1000)


async def drain(db: Database, consumers: Sequence[Consumer], *, settings: EventSettings | None = None) -> int:
    """Read until nothing is left; the number of events handled. For commands and tests without a worker.

    What was committed beside a transaction that is still running becomes readable when that one ends, wherever on the
    server it runs; it is waited for, `settings.drain_wait_s` at most.
    """
    section = settings or Settings().get(EventSettings)
    stop = asyncio.Event()
    await ensure_cursors(db, consumers)
    total = 0
    names = [consumer.name for consumer in consumers]
    moved_at = time.monotonic()
    while True:
        events = await _consume_waiting(db, consumers, settings=section, stop=stop)
        if events:
            total += events
            moved_at = time.monotonic()
            continue
        async with db.maintenance() as tx:
            if not await store.count_unread_lanes(tx, consumers=names):
                return total
        if time.monotonic() - moved_at > section.drain_wait_s:
            return total
        await asyncio.sleep(_DRAIN_LOOK_S)


async def _consume_waiting(
    db: Database, consumers: Sequence[Consumer], *, settings: EventSettings, stop: asyncio.Event
) -> int | None:
    """One batch of every lane that has news; the events handled, or None where nothing could be done."""
    by_name = {consumer.name: consumer for consumer in consumers}
    async with db.maintenance() as tx:
        waiting = await store.list_waiting_lanes(tx, consumers=list(by_name))
    random.shuffle(waiting)  # so that several workers do not run after one another
    slots = asyncio.Semaphore(settings.lanes_parallel)

    async def one(lane: store.WaitingLane) -> Consumed:
        async with slots:
            await FOREGROUND.give_way()
            return await consume_lane(db, by_name[lane.consumer], lane.lane, settings=settings, stop=stop)

    done = await asyncio.gather(*(one(lane) for lane in waiting))
    if not any(consumed.is_complete or consumed.events for consumed in done):
        return None
    return sum(consumed.events for consumed in done)


async def consume_lane(
    db: Database, consumer: Consumer, lane: int, *, settings: EventSettings, stop: asyncio.Event
) -> Consumed:
    """Read one batch of one lane, unless another worker is at it. Raises Unavailable where the database is gone."""
    lock = zlib.crc32(f"{consumer.name}/{lane}".encode()) - 2**31
    async with db.maintenance() as tx:
        if stop.is_set() or not await store.lock_lane(tx, lock=lock):
            return Consumed(0, is_complete=False)
        cursor = await store.get_cursor(tx, consumer=consumer.name, lane=lane)
        if cursor is None:
            return Consumed(0, is_complete=False)
        batch = await _read(tx, consumer, lane, cursor)
        # A short batch has seen everything below the horizon, also what is of no concern to this consumer.
        is_full = len(batch) == consumer.batch_max
        end = batch[-1].mark if is_full else max(cursor.mark, Mark(cursor.horizon, 0))
        left, handled = await _handle(db, consumer, batch, settings=settings, stop=stop)
        if left:
            first = min(event.mark for event in left)
            end = Mark(first.xid, first.event_id - 1)
        if end != cursor.mark:
            await store.mark_cursor(tx, consumer=consumer.name, lane=lane, old=cursor.mark, new=end)
    return Consumed(handled, is_complete=not left)


async def _read(tx: Tx, consumer: Consumer, lane: int, cursor: store.Cursor) -> list[Received]:
    types = [event_type(kind) for kind in consumer.events]
    return await store.list_lane_events(
        tx, consumer=consumer.name, lane=lane, cursor=cursor, types=types, limit=consumer.batch_max
    )


async def _handle(
    db: Database, consumer: Consumer, batch: Sequence[Received], *, settings: EventSettings, stop: asyncio.Event
) -> tuple[list[Received], int]:
    """Deliver a batch tenant by tenant: the events left for later, and the number handled.

    Tenants whose events fail come last, so that they hold nobody up.
    """
    by_tenant: dict[UUID, list[Received]] = {}
    for event in batch:
        by_tenant.setdefault(event.tenant_id, []).append(event)
    ends_at = time.monotonic() + settings.batch_budget_s
    left: list[Received] = []
    failed: list[UUID] = []
    handled = 0
    for tenant_id, events in by_tenant.items():
        if stop.is_set() or time.monotonic() > ends_at:
            left += events
            continue
        try:
            handled += await deliver(db, consumer, tenant_id, events)
        except Postponed:
            left += events
        except Exception as error:  # a consumer may fail in any way; it is tried again below
            log.warning("events_failed", consumer=consumer.name, events=len(events), exc_info=error)
            failed.append(tenant_id)
    for tenant_id in failed:
        events = by_tenant[tenant_id]
        if stop.is_set() or time.monotonic() > ends_at:
            left += events
            continue
        try:
            await deliver_stubbornly(db, consumer, tenant_id, events, settings=settings)
            handled += len(events)
        except Postponed:
            left += events
    return left, handled
