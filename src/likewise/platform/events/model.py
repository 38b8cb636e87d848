"""The nouns of the log."""

import zlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from likewise.platform.db import Tx

__all__ = [
    "LANES",
    "TRIMMER",
    "Consumer",
    "DeadLetter",
    "Event",
    "Gap",
    "Heard",
    "Lag",
    "Mark",
    "Received",
    "event_type",
    "lane_of",
]

LANES = 16
"""Lanes of the log. A tenant's events stay in one; workers share lanes. Fixed: cursors are kept per lane."""

TRIMMER = "events.trimming"
"""The cursor that says how far each lane is trimmed is kept under this name; it is no consumer's."""

BATCH_MAX = 500


class Event(msgspec.Struct, frozen=True, tag_field="type"):
    """Base of every fact. A subclass is named in the past, carries ids only, and gives its type as its tag.

    For example: `class ItemAdded(Event, frozen=True, tag="collections.item_added"): item_id: UUID`.
    """


class Mark(msgspec.Struct, frozen=True, order=True):
    """A place in the log. The order of the log is the order of marks."""

    xid: int
    event_id: int

    def __str__(self) -> str:
        return f"{self.xid}.{self.event_id}"

    @classmethod
    def parse(cls, text: str) -> "Mark":
        """The mark that `str` has written. Raises ValueError."""
        xid, _, event_id = text.partition(".")
        return cls(int(xid), int(event_id))


class Heard(msgspec.Struct, frozen=True):
    """An event that a following hears, and its place in the log."""

    mark: Mark
    event: Event


class Gap(msgspec.Struct, frozen=True):
    """Something up to `mark` may have been missed: read everything anew. What comes behind it is heard again."""

    mark: Mark


class Received(msgspec.Struct, frozen=True):
    """An event as it lies in the log, not decoded yet."""

    xid: int
    id: int
    tenant_id: UUID
    type: str
    payload: str

    @property
    def mark(self) -> Mark:
        """Its place in the log."""
        return Mark(self.xid, self.id)


class Consumer(msgspec.Struct, frozen=True, kw_only=True):
    """Someone who derives from the log.

    `handle` gets one tenant's events in order, inside that tenant's transaction; what it writes is committed together
    with how far it has read. It may meet an event again after a rebuild or a retried dead letter, so it reads the truth
    by id and writes what follows from it, rather than adding up. `reset` drops what was derived for the tenant.
    """

    name: str
    events: tuple[type[Event], ...]
    handle: Callable[[Tx, Sequence[Any]], Awaitable[None]]
    reset: Callable[[Tx], Awaitable[None]]
    batch_max: int = BATCH_MAX


class DeadLetter(msgspec.Struct, frozen=True):
    """An event that a consumer could not digest, and why."""

    id: UUID
    consumer: str
    event_id: int
    type: str
    reason: str
    attempts: int
    created_at: datetime


class Lag(msgspec.Struct, frozen=True):
    """How far a consumer is behind: events not read yet (counted up to a bound) and the age of the oldest."""

    consumer: str
    behind: int
    age_s: float


def event_type(kind: type[Event]) -> str:
    """The type an event class is stored under. Raises TypeError where the class has no tag of its own."""
    tag = kind.__struct_config__.tag
    if not isinstance(tag, str) or "." not in tag:
        raise TypeError(f'{kind.__name__} needs a type of its own, such as tag="feature.what_happened"')
    return tag


def lane_of(tenant_id: UUID) -> int:
    """The lane of a tenant's events, the same in every process and for ever."""
    return zlib.crc32(tenant_id.bytes) % LANES
