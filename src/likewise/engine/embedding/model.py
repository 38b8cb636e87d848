"""The nouns of embedding."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from likewise.platform.db import HalfVector

__all__ = [
    "ComparedQuery",
    "Comparison",
    "DayUsage",
    "Estimate",
    "Leased",
    "ModelInfo",
    "QueryVector",
    "Space",
    "SpaceState",
    "Spending",
    "TenantSpaces",
    "Usage",
]


class Space(msgspec.Struct, frozen=True):
    """A vector space: vectors of one model, version and dimension. Vectors of two spaces are never compared."""

    space_id: int
    model: str
    version: str
    dimension: int
    active: bool


class QueryVector(msgspec.Struct, frozen=True):
    """A query's vector, ready for the database."""

    vector: HalfVector
    space_id: int
    dimension: int
    cached: bool


class Leased(msgspec.Struct, frozen=True):
    """A pending passage that is ours until the lease ends."""

    passage_id: UUID
    item_id: UUID
    collection_id: UUID
    attempts: int


class TenantSpaces(msgspec.Struct, frozen=True):
    """The space that serves a tenant, and the other one that is written too: the next one, or the one before."""

    space_id: int
    other_space_id: int | None = None
    filled_at: datetime | None = None
    cut_over_at: datetime | None = None
    dropping: bool = False


SpaceState = Literal["serving", "filling", "ready", "previous", "dropping", "unused"]


class ModelInfo(msgspec.Struct, frozen=True):
    """A space as `likewise models` and GET /models show it to a tenant; `waiting` and `failed` count its passages."""

    space_id: int
    model: str
    version: str
    dimension: int
    active: bool
    state: SpaceState
    waiting: int
    failed: int
    description: str


class Estimate(msgspec.Struct, frozen=True):
    """What embedding texts would take. `minutes` is None where nothing tells how fast the model is."""

    texts: int
    unique_texts: int
    cached_texts: int
    tokens: int
    cost_usd: float
    minutes: float | None
    vector_bytes: int
    index_bytes: int


class ComparedQuery(msgspec.Struct, frozen=True):
    """One query's results in both spaces: what share of them is the same, and what only one of them found."""

    query: str
    overlap: float
    only_serving: list[str]
    only_other: list[str]


class Comparison(msgspec.Struct, frozen=True):
    """How alike two spaces answer. `overlap` is the mean share of the first `k` items found in both.

    Each query looked at the first `candidates_max` vectors of the collection in each space. `examples` differ most.
    """

    collection: str
    serving: str
    other: str
    source: Literal["recent queries", "sampled passages"]
    queries: int
    k: int
    candidates_max: int
    overlap: float
    overlap_least: float
    examples: list[ComparedQuery]


class DayUsage(msgspec.Struct, frozen=True):
    """A day's work in one space, and what the cache saved of it."""

    starts_at: datetime
    space_id: int
    texts: int
    cached_texts: int
    calls: int
    saved_calls: int
    tokens: int
    saved_tokens: int
    model_ms: int


class Spending(msgspec.Struct, frozen=True):
    """Money reserved in a period; `cap_usd` is None where nothing bounds it."""

    period: Literal["day", "month"]
    starts_at: datetime
    spent_usd: float
    cap_usd: float | None


class Usage(msgspec.Struct, frozen=True):
    """What was embedded, what the cache saved, what it cost."""

    texts: int
    cached_texts: int
    hit_rate: float
    calls: int
    saved_calls: int
    tokens: int
    saved_tokens: int
    saved_usd: float
    spending: list[Spending]
    days: list[DayUsage]
