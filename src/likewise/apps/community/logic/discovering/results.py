"""What tools find, as data to draw: rows, bars, a line, a map, people, a comparison, a number, insights.

Every count is of public experiences. `is_whole` False: there were more than are looked at, the newest of them were.
`experiences` are ids (`exp_...`) of some that a figure counts, the newest first.
"""

from datetime import datetime
from typing import Literal, TypeAlias

import msgspec

from likewise.apps.community.model import Counters
from likewise.engine.collections import Place

__all__ = [
    "Bar",
    "BarsResult",
    "CompareResult",
    "CompareRow",
    "DiscoveryCard",
    "DiscoveryInsight",
    "DiscoveryResult",
    "InsightsResult",
    "LinePoint",
    "LineResult",
    "MapCellCount",
    "MapResult",
    "NumberResult",
    "PeopleResult",
    "PersonRow",
    "PlaceCount",
    "RowsResult",
    "SideFigures",
    "Spread",
    "TogetherFigures",
]

Direction = Literal["rising", "falling", "steady", "too_few"]


class DiscoveryCard(msgspec.Struct, frozen=True, kw_only=True):
    """An experience in short: `text` is its beginning, or the passage it was found by. `value` is the number it is
    ordered by, `score` how well it answers."""

    id: str
    title: str
    text: str
    category: str
    category_title: str
    author: str
    author_name: str | None
    place: Place | None
    place_name: str
    happened_at: datetime | None
    counters: Counters
    value: float | None = None
    score: float | None = None


class RowsResult(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="rows"):
    """Experiences. `value_key` is the key whose number they are ordered by; `to` what they are like. `is_nearest`: none
    has all that was asked for; these are the nearest by meaning."""

    rows: list[DiscoveryCard]
    value_key: str | None = None
    to: DiscoveryCard | None = None
    is_nearest: bool = False


class TogetherFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How often two values occur together among the `known` experiences of whom both keys are known.

    `expected` is what chance would bring, `lift` how many times as often it is; `p` (chi-square with one degree of
    freedom) and `is_sure` are given where there are enough, else `is_too_few`.
    """

    first: str
    second: str
    first_count: int
    second_count: int
    both: int
    known: int
    share_of_first: float | None
    share_of_second: float | None
    expected: float | None
    lift: float | None
    p: float | None
    is_sure: bool
    is_too_few: bool


class NumberResult(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="number"):
    """How many, of how many, by how many authors, from when to when."""

    value: int
    of: int
    share: float | None
    authors: int
    first_at: datetime | None
    last_at: datetime | None
    experiences: list[str]
    together: TogetherFigures | None = None
    is_whole: bool = True


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """A value with its count and share. Of an association: the share among the others, how many times as often it is
    (`lift`), and whether that is more than chance. `low` and `high` bound a class of numbers: low <= number < high."""

    value: str
    label: str
    count: int
    share: float | None
    low: float | None = None
    high: float | None = None
    other_share: float | None = None
    lift: float | None = None
    is_sure: bool | None = None


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """How numbers are spread: least, quartiles, most."""

    least: float
    quarter: float
    median: float
    three_quarters: float
    most: float


class BarsResult(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="bars"):
    """Values of a key, commonest first, times in their own order. `known` of `total` experiences have the key; shares
    are of `known`. `is_ordered`: the bars are in an order of their own, such as months; `is_association`: they are what
    goes with a group, the surest first."""

    key: str
    label: str
    unit: str
    total: int
    known: int
    bars: list[Bar]
    is_ordered: bool = False
    is_association: bool = False
    spread: Spread | None = None
    is_too_few: bool = False
    experiences: list[str] = []
    is_whole: bool = True


class LinePoint(msgspec.Struct, frozen=True):
    """A month (2013-06) or year: how many, of how many of the same kind, and the share."""

    period: str
    count: int
    of: int
    share: float | None


class LineResult(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="line"):
    """How something became more or less common, period by period.

    `share_per_year` is the slope of a weighted straight line through the shares, with its 95 % interval.
    """

    by: Literal["month", "year"]
    total: int
    of: int
    points: list[LinePoint]
    direction: Direction
    share_per_year: float | None
    share_per_year_low: float | None
    share_per_year_high: float | None
    is_whole: bool = True


class MapCellCount(msgspec.Struct, frozen=True, kw_only=True):
    """A cell of the map: the middle of it, its side, and how many happened there."""

    lat: float
    lon: float
    degrees: float
    count: int
    share: float


class PlaceCount(msgspec.Struct, frozen=True):
    """A place as people name it, and how many happened there."""

    name: str
    lat: float | None
    lon: float | None
    count: int


class MapResult(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="map"):
    """Where: cells with most experiences first, and places by name. `placed` of `total` have a place."""

    total: int
    placed: int
    cells: list[MapCellCount]
    places: list[PlaceCount]
    is_whole: bool = True


class PersonRow(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody: how many experiences of a kind they tell and their share of those, or how alike they are (-1 to 1) and
    the ground shared."""

    user: str
    name: str | None
    count: int | None = None
    share: float | None = None
    similarity: float | None = None
    categories: list[str] = []
    experiences: list[str] = []


class PeopleResult(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="people"):
    """People, first those with most. `total` is how many there are in all, None where nobody counted."""

    people: list[PersonRow]
    total: int | None = None
    is_whole: bool = True


class SideFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One side of a comparison: how many it has, how many of them have the key; of numbers the spread."""

    label: str
    count: int
    known: int | None
    spread: Spread | None = None


class CompareRow(msgspec.Struct, frozen=True, kw_only=True):
    """A value on both sides, and whether the difference of shares is more than chance (q after Benjamini-Hochberg)."""

    key: str
    value: str
    label: str
    left_count: int
    right_count: int
    left_share: float
    right_share: float
    difference: float
    q: float
    is_sure: bool


class CompareResult(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="compare"):
    """Two groups beside each other, what differs most first. `key` None: any key. `is_too_few`: one side has fewer than
    the smallest group that anything is told of."""

    key: str | None
    label: str
    unit: str
    left: SideFigures
    right: SideFigures
    rows: list[CompareRow]
    is_too_few: bool
    is_whole: bool = True


class DiscoveryInsight(msgspec.Struct, frozen=True, kw_only=True):
    """Something remarkable."""

    id: str
    kind: str
    sentence: str
    strength: float


class InsightsResult(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="insights"):
    """What is remarkable, strongest first."""

    insights: list[DiscoveryInsight]


DiscoveryResult: TypeAlias = (
    RowsResult | NumberResult | BarsResult | LineResult | MapResult | PeopleResult | CompareResult | InsightsResult
)
