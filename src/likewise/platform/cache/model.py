"""The nouns of the cache."""

from typing import Generic, TypeVar
from uuid import UUID

import msgspec

from likewise.platform.errors import Unavailable

__all__ = ["CacheComputeTooSlow", "CacheFigures", "Namespace", "Place", "TagBump"]

V = TypeVar("V")


class CacheComputeTooSlow(Unavailable):
    """{namespace} took longer than {timeout_s:g} s to compute. Try again, or raise LIKEWISE_CACHE_COMPUTE_TIMEOUT_S."""


class Namespace(msgspec.Struct, Generic[V], frozen=True):
    """One kind of cached value. `value` is its type; raise `revision` when its meaning changes.

    A value is fresh for at most `ttl_s`; for `stale_s` more it is still returned while a new one is computed. That
    is about time only: a value whose tags were bumped is never returned.
    """

    name: str
    value: type[V]
    ttl_s: float
    stale_s: float = 0
    revision: int = 1


class Place(msgspec.Struct, frozen=True, array_like=True, cache_hash=True):
    """Where a value is kept."""

    namespace: str
    tenant_id: UUID
    key: str


class TagBump(msgspec.Struct, frozen=True):
    """A tag and the version it stands at."""

    tag: str
    version: int


class CacheFigures(msgspec.Struct, frozen=True):
    """What became of the reads of one namespace in this process."""

    namespace: str
    hits: int
    stale_hits: int
    second_level_hits: int
    joined: int
    computed: int

    @property
    def hit_rate(self) -> float:
        """Share of reads that needed no computation of their own; 1 where there were none."""
        served = self.hits + self.stale_hits + self.second_level_hits + self.joined
        total = served + self.computed
        return served / total if total else 1.0
