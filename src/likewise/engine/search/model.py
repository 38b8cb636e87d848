"""The nouns of search: what can be asked, what an arm finds, what is answered."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from likewise.engine.collections import FacetKind, FacetValue, Filter, Place

__all__ = [
    "ARMS",
    "Answer",
    "Arm",
    "ArmScore",
    "Calibration",
    "Click",
    "Corpus",
    "Example",
    "Explanation",
    "Fusion",
    "Hit",
    "KnownWord",
    "LargeCorpus",
    "MatchedPassage",
    "MonthFigures",
    "NearWord",
    "Partition",
    "Plan",
    "QueryFigures",
    "QueryRecord",
    "QueryTotals",
    "Recall",
    "Result",
    "SearchAnalytics",
    "SearchRequest",
    "SimilarRequest",
    "Source",
    "ValueCount",
]

Arm = Literal["vector", "lexical", "trigram"]
Fusion = Literal["rrf", "weighted"]
Plan = Literal["exact", "approximate"]
ARMS: tuple[Arm, ...] = ("vector", "lexical", "trigram")


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
    facets: tuple[str, ...] = ()
    """Facets to count the values of, among the items that were found."""


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


class ValueCount(msgspec.Struct, frozen=True):
    """How many of the found items have a value."""

    value: str
    count: int


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Results, best first, and how they were found. `candidates` counts the passages that were compared.

    `facets` holds the commonest values of the facets asked for, among the `found` items that the arms brought: all that
    match where those are few, the best of them otherwise.
    """

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
    found: int
    facets: dict[str, list[ValueCount]] = {}


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
    """The graph that serves a tenant: the rows it is shared with, whether there is one, and the tuned `ef_search`."""

    row_count: int
    has_index: bool
    index_name: str = ""
    ef_search: int | None = None


class LargeCorpus(msgspec.Struct, frozen=True):
    """A tenant's largest collection, as far as it is searched through an index."""

    tenant_id: UUID
    collection_id: UUID
    passage_count: int


class Recall(msgspec.Struct, frozen=True):
    """How much of the ten nearest the index finds, measured on the tenant's own searches with this `ef_search`."""

    measured_at: datetime
    index_name: str
    vector_count: int
    query_count: int
    ef_search: int
    recall: float
    goal: float


class Calibration(msgspec.Struct, frozen=True):
    """What the vector arm costs on this machine, microseconds, and up to how many rows exact comparing is cheaper."""

    measured_at: datetime
    dimension: int
    exact_row_us: float
    approximate_us: float
    exact_rows_max: int


class QueryTotals(msgspec.Struct, frozen=True):
    """Searches of a stretch of time, added up. Shares and times are None where nobody searched."""

    searches: int
    without_results: int
    clicked: int
    click_through: float | None
    click_rank_mean: float | None
    cached_share: float | None
    latency_p50_ms: float | None
    latency_p95_ms: float | None


class QueryFigures(msgspec.Struct, frozen=True):
    """One query, however it was capitalised, and how it fared."""

    query: str
    searches: int
    without_results: int
    clicked: int


class MonthFigures(msgspec.Struct, frozen=True, kw_only=True):
    """A month whose single searches are no longer kept. Times are the upper bounds of classes, None above 500 ms."""

    month: date
    searches: int
    without_results: int
    clicked: int
    cached: int
    latency_p50_ms: float | None
    latency_p95_ms: float | None


class SearchAnalytics(msgspec.Struct, frozen=True, kw_only=True):
    """How search served: recent searches one by one added up, older ones by month. Never a vector."""

    since: datetime
    totals: QueryTotals
    top: list[QueryFigures]
    without_results: list[QueryFigures]
    months: list[MonthFigures]
    top_of_months: list[QueryFigures]
    recall: Recall | None


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
