"""Give one tenant's events to a consumer, exactly once, and put aside the ones it cannot digest.

The effects and the position are one transaction. A reader that was paused, or whose lane was taken over meanwhile,
finds the position moved on: it skips what is done, and its late word is refused.
"""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from likewise.platform.db import Database, StatementTooSlow
from likewise.platform.errors import Conflict, Rejected, Unavailable
from likewise.platform.events import store
from likewise.platform.events.model import Consumer, Received, event_type
from likewise.platform.events.settings import EventSettings
from likewise.platform.telemetry import get_log, redact

__all__ = ["Postponed", "deliver", "deliver_stubbornly"]

log = get_log(__name__)
_REASON_CHARS_MAX = 500


class PositionMoved(Conflict):
    """Another worker has already read on for consumer {consumer}; this one's work was rolled back."""


class EventUnreadable(Rejected):
    """An event in the log does not have the form its consumer expects: {reason}."""


class Postponed(Unavailable):
    """The database has trouble of its own; nothing is wrong with the events, they are read later."""


async def deliver(db: Database, consumer: Consumer, tenant_id: UUID, events: Sequence[Received]) -> int:
    """Handle the events that were not handled yet, in one transaction; their number.

    Raises Postponed where the database is in trouble, else whatever the consumer raised.
    """
    try:
        async with db.tenant(tenant_id) as tx:
            position = await store.lock_position(tx, consumer=consumer.name)
            fresh = [event for event in events if event.mark > position]
            if not fresh:
                return 0
            await consumer.handle(tx, _decoded(consumer, fresh))
            if not await store.mark_position(tx, consumer=consumer.name, old=position, new=fresh[-1].mark):
                raise PositionMoved(consumer=consumer.name)
            return len(fresh)
    except StatementTooSlow:
        raise  # it will be as slow next time: this is about the events
    except Unavailable as error:
        raise Postponed from error


async def deliver_stubbornly(
    db: Database, consumer: Consumer, tenant_id: UUID, events: Sequence[Received], *, settings: EventSettings
) -> None:
    """Deliver after a first failure: try again a few times, then take the batch apart down to what cannot be handled.

    Those events become dead letters, everything else is handled, in order. Raises Postponed.
    """
    for attempt in range(1, settings.attempts_max):
        await asyncio.sleep(settings.retry_delay_ms / 1000 * 2 ** (attempt - 1))
        try:
            await deliver(db, consumer, tenant_id, events)
        except Postponed:
            raise
        except Exception as error:  # noqa: BLE001 - a consumer may fail in any way
            log.info("events_retried", consumer=consumer.name, attempt=attempt + 1, error=type(error).__name__)
        else:
            return
    await _deliver_apart(db, consumer, tenant_id, events, attempts=settings.attempts_max)


async def _deliver_apart(
    db: Database, consumer: Consumer, tenant_id: UUID, events: Sequence[Received], *, attempts: int
) -> None:
    half = len(events) // 2
    for part in (events[:half], events[half:]):
        if not part:
            continue
        try:
            await deliver(db, consumer, tenant_id, part)
        except Postponed:
            raise
        except Exception as error:  # noqa: BLE001 - a consumer may fail in any way
            if len(part) == 1:
                await _bury(db, consumer, tenant_id, part[0], error=error, attempts=attempts + 1)
            else:
                await _deliver_apart(db, consumer, tenant_id, part, attempts=attempts)


async def _bury(
    db: Database, consumer: Consumer, tenant_id: UUID, event: Received, *, error: Exception, attempts: int
) -> None:
    """Put the event aside and step over it, in one transaction."""
    reason = str(redact(f"{type(error).__name__}: {error}")).replace("\0", "")[:_REASON_CHARS_MAX]
    try:
        async with db.tenant(tenant_id) as tx:
            position = await store.lock_position(tx, consumer=consumer.name)
            if event.mark <= position:
                return
            await store.insert_dead_letter(tx, consumer=consumer.name, event=event, reason=reason, attempts=attempts)
            if not await store.mark_position(tx, consumer=consumer.name, old=position, new=event.mark):
                raise PositionMoved(consumer=consumer.name)
    except (Unavailable, PositionMoved) as trouble:
        raise Postponed from trouble
    log.warning("event_dead", consumer=consumer.name, event_id=event.id, type=event.type, exc_info=error)


def _decoded(consumer: Consumer, events: Sequence[Received]) -> list[Any]:
    kinds = {event_type(kind): kind for kind in consumer.events}
    try:
        return [msgspec.json.decode(event.payload, type=kinds[event.type]) for event in events]
    except (msgspec.DecodeError, KeyError) as error:
        raise EventUnreadable(reason=error) from error
