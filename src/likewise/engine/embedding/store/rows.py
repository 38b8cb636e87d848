"""What statements return that is not a noun of the feature."""

from datetime import datetime
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Cached",
    "Found",
    "NextTenant",
    "QueueCount",
    "QueuedPart",
    "Sample",
    "SpaceCount",
    "Spend",
    "State",
    "StoredVector",
    "SweptPart",
    "Vector",
]

Vector = NDArray[np.float32]


class NextTenant(msgspec.Struct, frozen=True):
    """Whose texts are next, and how urgent they are."""

    priority: int
    tenant_id: UUID
    space_id: int


class QueuedPart(msgspec.Struct, frozen=True):
    """A part of a tenant's passages: how many were looked at and queued; `last` is None where there was none."""

    seen: int
    queued: int
    last: UUID | None


class SweptPart(msgspec.Struct, frozen=True):
    """A part of a space: how many vectors were looked at and deleted, and the last one's key."""

    seen: int
    deleted: int
    last_collection: UUID | None
    last_passage: UUID | None


class SpaceCount(msgspec.Struct, frozen=True):
    """What of a tenant's passages a space still lacks."""

    waiting: int
    failed: int


class Found(msgspec.Struct, frozen=True):
    """A passage that was found, and its item."""

    id: UUID
    item_id: UUID


class Sample(msgspec.Struct, frozen=True):
    """A passage with its vector."""

    id: UUID
    item_id: UUID
    vector: Vector


class Spend(msgspec.Struct, frozen=True):
    """What was spent in a period."""

    period: str
    starts_at: datetime
    spent_nano_usd: int


class Cached(msgspec.Struct, frozen=True):
    """A cached vector; `stale` once its last use is a day old."""

    hash: bytes
    vector: Vector
    stale: bool


class StoredVector(msgspec.Struct, frozen=True):
    """A passage's vector as stored."""

    passage_id: UUID
    item_id: UUID
    collection_id: UUID
    vector: Vector


class QueueCount(msgspec.Struct, frozen=True):
    """The queue over all tenants; `oldest_s` is None where nothing waits."""

    waiting: int
    failed: int
    oldest_s: float | None


class State(msgspec.Struct, frozen=True):
    """An item that is not ready."""

    item_id: UUID
    failed: bool
