"""The nouns of search: what can be asked, what an arm finds, what is answered."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from likewise.engine.collections import FacetKind, FacetValue, Place, Visibility

__all__ = [
    "ARMS",
    "Answer",
    "Arm",
    "ArmScore",
    "Box",
    "Click",
    "Conditions",
    "Corpus",
    "Example",
    "Explanation",
    "FacetRange",
    "FacetWords",
    "Filter",
    "Fusion",
    "Hit",
    "KnownWord",
    "MatchedPassage",
    "NearWord",
    "Partition",
    "Plan",
    "QueryRecord",
    "Radius",
    "Range",
    "Result",
    "SearchRequest",
    "SimilarRequest",
    "Source",
    "TimeRange",
    "Words",
]

Arm = Literal["vector", "lexical", "trigram"]
Fusion = Literal["rrf", "weighted"]
Plan = Literal["exact", "approximate"]
AwareTime = Annotated[datetime, Meta(tz=True)]
ARMS: tuple[Arm, ...] = ("vector", "lexical", "trigram")


class FacetRange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A range of a number or time facet; a missing bound is open. Times are RFC 3339 text."""

    gte: float | str | None = None
    gt: float | str | None = None
    lte: float | str | None = None
    lt: float | str | None = None


class FacetWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Members a keyword list must have: at least one of `any`, each of `all`."""

    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()


class TimeRange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A stretch of time; a missing bound is open."""

    gte: AwareTime | None = None
    lt: AwareTime | None = None


class Radius(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything within `radius_km` kilometres of a point, along the earth's surface."""

    lat: Annotated[float, Meta(ge=-90, le=90)]
    lon: Annotated[float, Meta(ge=-180, le=180)]
    radius_km: Annotated[float, Meta(gt=0, le=20_038)]


class Filter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a result must be, everything at once.

    A facet's wish is a value, a list of values of which one suffices, a range, or members of a keyword list:
    `{"shape": ["disk", "light"], "duration_s": {"gte": 60}, "tags": {"all": ["night", "sea"]}}`.
    """

    facets: dict[str, object] = {}
    author: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    happened_at: TimeRange | None = None
    near: Radius | None = None
    visibility: tuple[Visibility, ...] = (Visibility.PUBLIC,)


class Words(msgspec.Struct, frozen=True):
    """The facet has at least one of these values."""

    name: str
    values: tuple[str, ...]


class Range(msgspec.Struct, frozen=True):
    """The facet lies within; None is open, `low_open` and `high_open` leave the bound itself out."""

    name: str
    kind: Literal["number", "time"]
    low: float | datetime | None
    high: float | datetime | None
    low_open: bool = False
    high_open: bool = False


class Box(msgspec.Struct, frozen=True):
    """A circle on earth and the box around it. A box that reaches over the date line or a pole spans all longitudes."""

    lat: float
    lon: float
    radius_km: float
    south: float
    north: float
    west: float
    east: float


class Conditions(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a result must meet."""

    visibility: tuple[str, ...]
    words: tuple[Words, ...] = ()
    ranges: tuple[Range, ...] = ()
    happened_at: TimeRange | None = None
    near: Box | None = None

    @property
    def count(self) -> int:
        """How many things it asks for beyond being public, which nearly everything is."""
        others = (
            self.happened_at is not None,
            self.near is not None,
            self.visibility != (Visibility.PUBLIC.value,),
        )
        return len(self.words) + len(self.ranges) + sum(others)


class SearchRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A question to one collection."""

    query: Annotated[str, Meta(min_length=1)]
    collection: str
    k: Annotated[int, Meta(ge=1)] = 10
    arms: tuple[Arm, ...] = ARMS
    weights: dict[Arm, Annotated[float, Meta(ge=0, le=1_000)]] = {}
    fusion: Fusion = "rrf"
    filter: Filter = Filter()
    after: str | None = None
    explain: bool = False
    highlight: bool = True


class Example(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An example by the key of an item, or in words."""

    key: str | None = None
    text: str | None = None


class SimilarRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is like an item, a text, or several examples and unlike others. A bare string is an item's key."""

    collection: str
    key: str | None = None
    text: str | None = None
    positive: tuple[str | Example, ...] = ()
    negative: tuple[str | Example, ...] = ()
    k: Annotated[int, Meta(ge=1)] = 10
    filter: Filter = Filter()
    after: str | None = None
    explain: bool = False


class ArmScore(msgspec.Struct, frozen=True):
    """Where an arm put a result (from 1), and its own score: cosine similarity, BM25, or BM25 times likeness."""

    rank: int
    score: float


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Why a result is where it is: each arm's view, the fused score, and the facets that the filter looked at."""

    vector: ArmScore | None = None
    lexical: ArmScore | None = None
    trigram: ArmScore | None = None
    fused: float
    facets: dict[str, object]


class Source(msgspec.Struct, frozen=True):
    """The passage a result was found by; `start` and `end` count code points of the item's body."""

    ordinal: int
    heading_path: list[str]
    start: int
    end: int


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """An item that answers, and the passage it was found by. `highlights` are spans of `text`, in code points."""

    id: str
    key: str
    score: float
    title: str
    text: str
    passage: Source
    facets: dict[str, FacetValue]
    author: str | None
    category: str | None
    place: Place | None
    happened_at: datetime | None
    highlights: tuple[tuple[int, int], ...] = ()
    explain: Explanation | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Results, best first, and how they were found. `candidates` counts the passages that were compared."""

    data: list[Result]
    plan: Plan
    candidates: int
    took_ms: float
    has_more: bool
    next_cursor: str | None
    query_cached: bool
    corrected: str | None
    arms: tuple[Arm, ...]
    search_id: str


class Click(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody opened a result: the answer's `search_id`, the result's `id`, its place from 1."""

    search_id: str
    id: str
    rank: Annotated[int, Meta(ge=1, le=100_000)]


class Hit(msgspec.Struct, frozen=True):
    """A passage an arm found; a higher score is better."""

    passage_id: UUID
    item_id: UUID
    score: float


class Corpus(msgspec.Struct, frozen=True):
    """What the planner must know of a collection."""

    id: UUID
    language: str
    facets: Mapping[str, FacetKind]
    item_count: int
    passage_count: int
    document_count: int
    lexeme_count: int


class Partition(msgspec.Struct, frozen=True):
    """The partition a tenant's vectors lie in: its rows as estimated, and whether the space has an HNSW index there."""

    row_count: int
    has_index: bool


class KnownWord(msgspec.Struct, frozen=True):
    """A word of the query as the collection's language reads it: its lexemes, and documents that hold each."""

    word: str
    lexemes: list[str]
    document_counts: list[int]


class NearWord(msgspec.Struct, frozen=True):
    """A word of the vocabulary that looks like one that was typed."""

    typed: str
    word: str
    lexeme: str
    document_count: int
    similarity: float


class MatchedPassage(msgspec.Struct, frozen=True):
    """A passage with its item, as a result shows it."""

    item_id: UUID
    key: str
    title: str
    text: str
    ordinal: int
    heading_path: list[str]
    span_start: int
    span_end: int
    facets: dict[str, FacetValue]
    author: str | None
    category: str | None
    latitude: float | None
    longitude: float | None
    happened_at: datetime | None


class QueryRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered of a search, for analytics."""

    id: UUID
    tenant_id: UUID
    collection_id: UUID
    created_at: datetime
    text: str
    hash: bytes
    arms: list[str]
    plan: Plan
    candidate_count: int
    result_count: int
    took_ms: float
    is_cached: bool
