"""The nouns of patterns: what is counted, what can be asked of the counts, what is answered."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

__all__ = [
    "CATEGORY_KEY",
    "CONFIDENCE_MIN",
    "CONTEXT_KEYS",
    "ITEM_VALUES_MAX",
    "MONTH_KEY",
    "PAIR_ITEMS_MIN",
    "PLACE_DEGREES",
    "PLACE_KEY",
    "Association",
    "Associations",
    "Attribute",
    "AttributeDraft",
    "ContextCount",
    "ContextKey",
    "Contexts",
    "Distribution",
    "Drift",
    "DriftValue",
    "Given",
    "Group",
    "GroupKind",
    "Insight",
    "InsightKind",
    "KeySummary",
    "MapCell",
    "PatternMap",
    "Refreshed",
    "Source",
    "Term",
    "TermKind",
    "TestName",
    "Trend",
    "TrendPoint",
    "Trends",
    "ValueCount",
]

# What follows decides which counts are kept. Settings could not: counting anew would then give other rows.
PAIR_ITEMS_MIN = 5
"""Items a value has at least before its pairs are counted; no smaller group is ever told of, so none is missed."""
ITEM_VALUES_MAX = 48
"""Values one item is counted with at most, drawn for each item, so that none is always left out."""
CONFIDENCE_MIN = 0.5
"""Confidence from which an attribute counts."""
PLACE_DEGREES = 5
"""Side of a place cell in degrees of latitude and longitude."""

CATEGORY_KEY, MONTH_KEY, PLACE_KEY = "$category", "$month", "$place"
ContextKey = Literal["category", "month", "calendar", "place"]
"""What contexts can be asked by; `calendar` is the month of all years together, 01 to 12."""
CONTEXT_KEYS: Mapping[ContextKey, str] = {
    "category": CATEGORY_KEY,
    "month": MONTH_KEY,
    "calendar": MONTH_KEY,
    "place": PLACE_KEY,
}

TermKind = Literal["value", "key", "context", "all"]
GroupKind = Literal["value", "category", "period", "place"]
InsightKind = Literal["association", "place", "period", "category", "trend", "drift"]
TestName = Literal["fisher", "chi_square"]


class Term(msgspec.Struct, frozen=True):
    """Something an item has: a value of a key, a key at all, a context (category, month, place), or being there.

    `low` and `high` bound the numbers of a bin: low <= number < high, or both the number itself.
    """

    id: int
    kind: TermKind
    key: str
    value: str = ""
    low: float | None = None
    high: float | None = None


class Source(msgspec.Struct, frozen=True):
    """An item as counting sees it."""

    item_id: UUID
    collection_id: UUID
    category: str | None
    happened_at: datetime | None
    latitude: float | None
    longitude: float | None


class Given(msgspec.Struct, frozen=True):
    """A facet or attribute of an item; one of text, number and time."""

    item_id: UUID
    key: str
    text: str | None
    number: float | None
    time: datetime | None


class AttributeDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something said of an item: `item` is its key. Confidence 0 takes back what the source said before."""

    item: str
    key: Annotated[str, Meta(min_length=1, max_length=100)]
    value: str | float | bool
    confidence: Annotated[float, Meta(ge=0, le=1)] = 1.0
    source: Annotated[str, Meta(min_length=1, max_length=100)] = "caller"


class Attribute(msgspec.Struct, frozen=True):
    """What is known of an item; `source` is "facet" for what the item itself says."""

    key: str
    value: str
    confidence: float
    source: str


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """The items a question is about: those with a value, of a category, of a period, at a place.

    Months are text like 2013-06, both ends within. A place is the cell that a point lies in.
    """

    kind: GroupKind
    key: str = ""
    value: str = ""
    first: str = ""
    last: str = ""


class KeySummary(msgspec.Struct, frozen=True):
    """A key, how many items have it, and how many values of at least the smallest group it has."""

    key: str
    item_count: int
    value_count: int


class ValueCount(msgspec.Struct, frozen=True, kw_only=True):
    """A value, its items, and its share of those whose key is known, with a 95 % interval (Wilson)."""

    value: str
    low: float | None
    high: float | None
    count: int
    share: float
    share_low: float
    share_high: float


class Distribution(msgspec.Struct, frozen=True, kw_only=True):
    """Values of a key, commonest first. Shares may sum to more than 1 where an item has several values."""

    key: str
    item_count: int
    known_count: int
    group_items_min: int
    data: list[ValueCount]


class Association(msgspec.Struct, frozen=True, kw_only=True):
    """How much more often a value occurs in a group than among all items whose key is known.

    `lift` = observed / expected, with a 95 % interval; `p` two-sided; `q` after Benjamini-Hochberg over everything
    the question looked at.
    """

    key: str
    value: str
    count: int
    expected: float
    share: float
    background_share: float
    lift: float
    lift_low: float
    lift_high: float
    p: float
    q: float
    test: TestName
    significant: bool


class Associations(msgspec.Struct, frozen=True, kw_only=True):
    """What goes with a group, most telling first. `tested` values were looked at, also those not shown."""

    group: str
    item_count: int
    tested: int
    group_items_min: int
    data: list[Association]


class ContextCount(msgspec.Struct, frozen=True, kw_only=True):
    """A category, month or place: items of the group, its share of those whose context is known, and the same of the
    background. What compares the two is None where the group is everything; counts of the background that are below the
    smallest group are not told."""

    value: str
    count: int
    share: float
    background_count: int | None
    background_share: float | None
    lift: float | None
    lift_low: float | None
    lift_high: float | None
    p: float | None
    q: float | None
    significant: bool


class Contexts(msgspec.Struct, frozen=True, kw_only=True):
    """Where, when, or of which category the items of a group are, most first. `known_count` of `item_count` items have
    such a context; the background are all items, or, of a value's group, all whose key is known."""

    group: str
    key: ContextKey
    item_count: int
    known_count: int
    tested: int
    group_items_min: int
    data: list[ContextCount]


class MapCell(msgspec.Struct, frozen=True, kw_only=True):
    """A cell of the map between two parallels and two meridians, in degrees, and what a ContextCount tells of it."""

    south: int
    west: int
    north: int
    east: int
    count: int
    share: float
    background_count: int | None
    background_share: float | None
    lift: float | None
    lift_low: float | None
    lift_high: float | None
    q: float | None
    significant: bool


class PatternMap(msgspec.Struct, frozen=True, kw_only=True):
    """Where the items of a group are, in cells of `degrees`; `placed_count` of `item_count` items have a place."""

    group: str
    degrees: int
    item_count: int
    placed_count: int
    tested: int
    group_items_min: int
    data: list[MapCell]


class TrendPoint(msgspec.Struct, frozen=True):
    """A month: items with the value, items whose key is known, and the share. Counts
    below the smallest group are not told."""

    month: str
    count: int | None
    known: int | None
    share: float | None


class Trend(msgspec.Struct, frozen=True, kw_only=True):
    """How a value's share moves: points of the share per year, with a 95 % interval.

    A weighted straight line through the monthly shares; p by Student's t with the lack of fit as its error, so a
    seasonal or jumpy share does not pass for a trend.
    """

    key: str
    value: str
    count: int
    share: float
    slope_per_year: float
    slope_low: float
    slope_high: float
    p: float
    q: float
    significant: bool
    points: list[TrendPoint]


class Trends(msgspec.Struct, frozen=True):
    """Trends of a key's commonest values, strongest first. `tested` were looked at."""

    key: str
    tested: int
    data: list[Trend]


class DriftValue(msgspec.Struct, frozen=True, kw_only=True):
    """How a value's share differs between two periods, with a 95 % interval of the difference (Newcombe).

    A count below the smallest group is not told; its share is taken for 0.
    """

    value: str
    count_before: int | None
    count_after: int | None
    share_before: float
    share_after: float
    change: float
    change_low: float
    change_high: float
    p: float
    q: float


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a key's distribution differs between two periods: G-test, and Jensen-Shannon divergence in bits."""

    key: str
    before: str
    after: str
    items_before: int
    items_after: int
    divergence_bits: float
    g: float
    degrees: int
    p: float
    data: list[DriftValue]


class Insight(msgspec.Struct, frozen=True, kw_only=True):
    """Something remarkable. `strength` orders insights; `facts` are its figures, `terms` what it is about."""

    id: UUID
    kind: InsightKind
    subject: str
    sentence: str
    strength: float
    facts: Mapping[str, float | int | str]
    terms: list[int]
    first_seen: datetime
    last_seen: datetime
    expired_at: datetime | None


class Refreshed(msgspec.Struct, frozen=True):
    """What a refresh came to: hypotheses tested, insights found, of these new, and insights that have expired."""

    tested: int
    found: int
    fresh: int
    expired: int
