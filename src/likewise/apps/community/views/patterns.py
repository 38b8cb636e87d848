"""Patterns as callers see them: the figures, and what keys and values are called."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from likewise.apps.community.logic.titles import (
    category_title,
    group_title,
    key_title,
    month_title,
    place_title,
    value_title,
)
from likewise.apps.community.model import Experience
from likewise.apps.community.service import Moments
from likewise.apps.community.views.experiences import ExperienceView, experience_view
from likewise.engine.patterns import (
    Association,
    Associations,
    ContextCount,
    ContextKey,
    Contexts,
    Distribution,
    Drift,
    DriftValue,
    Group,
    Insight,
    KeySummary,
    MapCell,
    PatternMap,
    Trend,
    Trends,
    ValueCount,
)
from likewise.platform.ids import encode_id

__all__ = [
    "CommunityAssociations",
    "CommunityContexts",
    "CommunityDistribution",
    "CommunityDrift",
    "CommunityInsight",
    "CommunityInsightDetail",
    "CommunityMap",
    "CommunityMoments",
    "CommunityTrends",
    "PatternAssociationView",
    "PatternKeyView",
    "associations_view",
    "contexts_view",
    "distribution_view",
    "drift_view",
    "insight_detail_view",
    "insight_view",
    "key_view",
    "map_view",
    "moments_view",
    "trends_view",
]


class PatternKeyView(KeySummary, frozen=True, kw_only=True):
    """A key that experiences have attributes of, how many have it, and how many values it has."""

    title: str


class PatternValueView(ValueCount, frozen=True, kw_only=True):
    """A value with its count and share among those whose key is known."""

    title: str


class CommunityDistribution(msgspec.Struct, frozen=True, kw_only=True):
    """Values of a key, commonest first. Shares may sum to more than 1 where an experience has several values."""

    key: str
    title: str
    group: str
    item_count: int
    known_count: int
    group_items_min: int
    data: list[PatternValueView]


class PatternAssociationView(Association, frozen=True, kw_only=True):
    """How much more often a value goes with a group than with all whose key is known."""

    key_title: str
    value_title: str


class CommunityAssociations(msgspec.Struct, frozen=True, kw_only=True):
    """What goes with a group, most telling first. `tested` values were looked at, also those not shown."""

    group: str
    item_count: int
    tested: int
    group_items_min: int
    data: list[PatternAssociationView]


class PatternContextView(ContextCount, frozen=True, kw_only=True):
    """A category, month or place with its count and share, and how far it is from the background."""

    title: str


class CommunityContexts(msgspec.Struct, frozen=True, kw_only=True):
    """The categories, months or places of a group. `known_count` of `item_count` experiences have such a one."""

    group: str
    key: ContextKey
    item_count: int
    known_count: int
    tested: int
    group_items_min: int
    data: list[PatternContextView]


class PatternCellView(MapCell, frozen=True, kw_only=True):
    """A cell of the map, and where it lies in words."""

    title: str


class CommunityMap(msgspec.Struct, frozen=True, kw_only=True):
    """Where a group happened, in cells of `degrees`; `placed_count` of `item_count` experiences have a place."""

    group: str
    degrees: int
    item_count: int
    placed_count: int
    tested: int
    group_items_min: int
    data: list[PatternCellView]


class CommunityMoments(msgspec.Struct, frozen=True, kw_only=True):
    """When a group happened: by month, by month of the calendar, and by attributes that tell of time."""

    group: str
    item_count: int
    months: CommunityContexts
    calendar: CommunityContexts
    keys: dict[str, list[PatternAssociationView]]


class PatternTrendView(Trend, frozen=True, kw_only=True):
    """How a value's share moves: points of the share per year, and by month."""

    title: str


class CommunityTrends(msgspec.Struct, frozen=True, kw_only=True):
    """Trends of a key's commonest values, strongest first. `tested` were looked at."""

    key: str
    title: str
    tested: int
    data: list[PatternTrendView]


class PatternDriftView(DriftValue, frozen=True, kw_only=True):
    """How a value's share differs between two periods."""

    title: str


class CommunityDrift(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a key's distribution differs between two periods: G-test, and Jensen-Shannon divergence in bits."""

    key: str
    title: str
    before: str
    after: str
    items_before: int
    items_after: int
    divergence_bits: float
    g: float
    degrees: int
    p: float
    data: list[PatternDriftView]


class CommunityInsight(msgspec.Struct, frozen=True, kw_only=True):
    """Something remarkable, with the figures it rests on. `expired_at` is set once it does not hold any more."""

    id: str
    kind: str
    subject: str
    sentence: str
    strength: float
    facts: Mapping[str, float | int | str]
    first_seen: datetime
    last_seen: datetime
    expired_at: datetime | None


class CommunityInsightDetail(msgspec.Struct, frozen=True):
    """An insight and the newest experiences it rests on."""

    insight: CommunityInsight
    evidence: list[ExperienceView]


def key_view(row: KeySummary) -> PatternKeyView:
    """A key with its title."""
    return PatternKeyView(**_fields(row), title=key_title(row.key))


def distribution_view(found: Distribution, group: Group | None) -> CommunityDistribution:
    """A distribution with titles."""
    return CommunityDistribution(
        key=found.key,
        title=key_title(found.key),
        group=group_title(group),
        item_count=found.item_count,
        known_count=found.known_count,
        group_items_min=found.group_items_min,
        data=[PatternValueView(**_fields(row), title=value_title(found.key, row.value)) for row in found.data],
    )


def associations_view(found: Associations, group: Group) -> CommunityAssociations:
    """Associations with titles."""
    return CommunityAssociations(
        group=group_title(group),
        item_count=found.item_count,
        tested=found.tested,
        group_items_min=found.group_items_min,
        data=[_association(row) for row in found.data],
    )


def contexts_view(found: Contexts, group: Group | None) -> CommunityContexts:
    """Categories, months or places with titles."""
    return CommunityContexts(
        group=group_title(group),
        key=found.key,
        item_count=found.item_count,
        known_count=found.known_count,
        tested=found.tested,
        group_items_min=found.group_items_min,
        data=[PatternContextView(**_fields(row), title=_context(found.key, row.value)) for row in found.data],
    )


def map_view(found: PatternMap, group: Group | None) -> CommunityMap:
    """A map with titles."""
    return CommunityMap(
        group=group_title(group),
        degrees=found.degrees,
        item_count=found.item_count,
        placed_count=found.placed_count,
        tested=found.tested,
        group_items_min=found.group_items_min,
        data=[PatternCellView(**_fields(cell), title=place_title(f"{cell.south},{cell.west}")) for cell in found.data],
    )


def moments_view(found: Moments, group: Group) -> CommunityMoments:
    """Moments with titles."""
    return CommunityMoments(
        group=group_title(group),
        item_count=found.item_count,
        months=contexts_view(found.months, group),
        calendar=contexts_view(found.calendar, group),
        keys={key: [_association(row) for row in rows] for key, rows in found.keys.items()},
    )


def trends_view(found: Trends) -> CommunityTrends:
    """Trends with titles."""
    return CommunityTrends(
        key=found.key,
        title=key_title(found.key),
        tested=found.tested,
        data=[PatternTrendView(**_fields(row), title=value_title(found.key, row.value)) for row in found.data],
    )


def drift_view(found: Drift) -> CommunityDrift:
    """A drift with titles."""
    own = _fields(found)
    own["data"] = [PatternDriftView(**_fields(row), title=value_title(found.key, row.value)) for row in found.data]
    return CommunityDrift(**own, title=key_title(found.key))


def insight_view(insight: Insight) -> CommunityInsight:
    """An insight with its id spelled `ins_...`."""
    return CommunityInsight(
        id=encode_id("ins", insight.id),
        kind=insight.kind,
        subject=insight.subject,
        sentence=insight.sentence,
        strength=round(insight.strength, 4),
        facts=insight.facts,
        first_seen=insight.first_seen,
        last_seen=insight.last_seen,
        expired_at=insight.expired_at,
    )


def insight_detail_view(insight: Insight, evidence: list[Experience]) -> CommunityInsightDetail:
    """An insight with what it rests on."""
    return CommunityInsightDetail(insight_view(insight), [experience_view(one) for one in evidence])


def _association(row: Association) -> PatternAssociationView:
    return PatternAssociationView(
        **_fields(row), key_title=key_title(row.key), value_title=value_title(row.key, row.value)
    )


def _context(key: ContextKey, value: str) -> str:
    match key:
        case "category":
            return category_title(value)
        case "place":
            return place_title(value)
        case _:
            return month_title(value)


def _fields(row: msgspec.Struct) -> dict[str, Any]:
    return msgspec.structs.asdict(row)
