"""How capabilities above collections take part in its transactions without collections knowing them.

Embedding queues a passage in the very transaction that stores it; search drops what it derived in the very
transaction that deletes its source. They register a Follower when they start.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID

import msgspec

from likewise.engine.collections.model import ItemStatus
from likewise.platform.db import Tx

__all__ = ["Follower", "Followers", "PassageRef", "Removal"]


class PassageRef(msgspec.Struct, frozen=True):
    """A passage just stored."""

    id: UUID
    item_id: UUID


class Removal(msgspec.Struct, frozen=True):
    """What one transaction takes away. `texts` are what was embedded, for caches kept by text.

    `is_change`: the items stay, with another content; only their passages go.
    """

    collection_id: UUID
    item_ids: Sequence[UUID]
    passage_ids: Sequence[UUID]
    texts: Sequence[str]
    is_change: bool = False


class Follower(Protocol):
    """A capability that keeps something of its own about passages."""

    async def written(self, tx: Tx, *, collection_id: UUID, passages: Sequence[PassageRef], urgent: bool) -> None:
        """Passages were stored in this transaction. `urgent`: somebody waits for them."""
        ...

    async def removed(self, tx: Tx, removal: Removal) -> Mapping[str, int]:
        """Items go in this transaction; rows removed, by what they are, for the receipt."""
        ...

    async def forgotten(self, texts: Sequence[str]) -> Mapping[str, int]:
        """After the removal was committed: what is kept by text and belongs to no tenant."""
        ...

    async def estimate(self, tenant_id: UUID, texts: Sequence[str], *, passages: int) -> Mapping[str, float]:
        """What so many passages of these different texts would take: tokens, US dollars, minutes, bytes."""
        ...

    async def backlog(self, tx: Tx, *, collection_id: UUID, limit: int) -> int:
        """How many passages of a collection still wait, counted up to `limit`."""
        ...

    async def states(self, tx: Tx, *, item_ids: Sequence[UUID]) -> Mapping[UUID, ItemStatus]:
        """Items that are not ready, and how far they are."""
        ...

    async def settle(self, tenant_id: UUID, *, item_ids: Sequence[UUID], timeout_s: float) -> bool:
        """Wait until these items are ready; False where the time was up."""
        ...

    async def loaded(self, tenant_id: UUID, *, timeout_s: float) -> None:
        """A load is stored and embedded: finish what else belongs to it, so that the next search finds it whole."""
        ...


class Followers:
    """The registered followers, in the order they came."""

    def __init__(self) -> None:
        self.all: list[Follower] = []

    def add(self, follower: Follower) -> None:
        """Take part from now on."""
        self.all.append(follower)
