"""Tools that count: how many, which values, when, where, who, how it moves. Each is one short read."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, Literal

from likewise.apps.community import store
from likewise.apps.community.logic.discovering.figures import class_edges, fill_periods, fit_slope, share_of
from likewise.apps.community.logic.discovering.results import (
    Bar,
    BarsResult,
    LinePoint,
    LineResult,
    MapCellCount,
    MapResult,
    NumberResult,
    PeopleResult,
    PersonRow,
    PlaceCount,
    Spread,
)
from likewise.apps.community.logic.discovering.telling import amount
from likewise.apps.community.logic.discovering.tools import (
    CATEGORY,
    MONTHS,
    WEEKDAYS,
    Count,
    Distribution,
    People,
    Trend,
    When,
    Where,
    Wish,
)
from likewise.apps.community.logic.discovering.wording import key_name, unit_of, value_name
from likewise.apps.community.service.discovering.seeking import Seeker
from likewise.apps.community.service.discovering.vocabulary import title_of_category
from likewise.apps.community.store import LabelCount, Sought, SpreadRow
from likewise.engine.collections import FacetKind
from likewise.platform.db import Tx
from likewise.platform.ids import encode_id

__all__ = [
    "base_of",
    "count",
    "distribution",
    "ids_of",
    "label_of",
    "list_people_telling",
    "read_spread",
    "trend",
    "when",
    "where",
]

_IDS_MAX: Final = 20
_CELL_DEGREES: Final = ((40, 10.0), (15, 5.0), (5, 2.0), (1.5, 0.5))
_CELLS_MAX: Final = 400
_PERIODS_MAX: Final = 1_200
_SEASONS: Final = ("spring", "summer", "autumn", "winter")
_TIMES_OF_DAY: Final = ("dawn", "morning", "midday", "afternoon", "dusk", "evening", "night")
_ORDERED: Final = {"season": _SEASONS, "time_of_day": _TIMES_OF_DAY, "weekday": WEEKDAYS}


async def count(seeker: Seeker, step: Count) -> NumberResult | BarsResult | LineResult:
    """How many, of how many; by category as bars, by month or year as a line."""
    if step.by == "category":
        return await distribution(seeker, Distribution(key=CATEGORY, wish=step.wish))
    if step.by != "nothing":
        return await trend(seeker, Trend(wish=step.wish, by=step.by))
    async with seeker.app.db.tenant(seeker.tenant_id, read_only=True) as tx:
        found = await store.discover_total(tx, sought=seeker.sought(step.wish), ids_max=_IDS_MAX)
        total = await store.count_public(tx, collection_id=seeker.community.id)
    return NumberResult(
        value=found.count,
        of=total,
        share=share_of(found.count, total),
        authors=found.authors,
        first_at=found.first_at,
        last_at=found.last_at,
        experiences=ids_of(found),
        is_whole=found.count < seeker.settings.discovery_items_max,
    )


async def distribution(seeker: Seeker, step: Distribution) -> BarsResult:
    """Values of a key, or classes of its numbers. Raises AttributeUnknown, FilterRefused."""
    sought, key = seeker.sought(step.wish, known=(step.key,)), step.key
    async with seeker.app.db.tenant(seeker.tenant_id, read_only=True) as tx:
        total = await store.discover_total(tx, sought=seeker.sought(step.wish), ids_max=_IDS_MAX)
        if key == CATEGORY:
            rows = await store.discover_groups(
                tx, sought=sought, by="category", limit=seeker.settings.discovery_rows_max
            )
            known, bars = total.count, _bars(rows, total.count, key=key)
            spread = None
        elif seeker.community.kinds[key] is FacetKind.NUMBER:
            row = await store.discover_spread(tx, sought=sought, key=key)
            known, spread = row.known, read_spread(row)
            bars = await _classes(tx, sought, key=key, spread=spread, known=known)
        else:
            known, rows = await store.discover_values(
                tx, sought=sought, key=key, limit=seeker.settings.discovery_rows_max
            )
            bars, spread = _bars(rows, known, key=key), None
    is_too_few = 0 < known < seeker.settings.discovery_items_min
    return BarsResult(
        key=key,
        label=key_name(key),
        unit=unit_of(key),
        total=total.count,
        known=known,
        bars=[] if is_too_few and spread is not None else bars,
        is_ordered=spread is not None,
        spread=None if is_too_few else spread,
        is_too_few=is_too_few,
        experiences=ids_of(total),
        is_whole=total.count < seeker.settings.discovery_items_max,
    )


async def when(seeker: Seeker, step: When) -> BarsResult:
    """Bars in the order of time. Seasons and times of day are attributes; the others follow from when it happened."""
    async with seeker.app.db.tenant(seeker.tenant_id, read_only=True) as tx:
        total = await store.discover_total(tx, sought=seeker.sought(step.wish), ids_max=_IDS_MAX)
        if step.by in {"season", "time_of_day"}:
            sought = seeker.sought(step.wish, known=(step.by,))
            known, rows = await store.discover_values(tx, sought=sought, key=step.by, limit=len(_TIMES_OF_DAY) * 2)
        else:
            rows = await store.discover_groups(
                tx, sought=seeker.sought(step.wish), by=_group_by(step), limit=_PERIODS_MAX
            )
            known = sum(row.count for row in rows)
    counts = {_time_value(step, row.label): row.count for row in rows}
    values = _in_order(step, counts)
    return BarsResult(
        key=step.by,
        label=step.by.replace("_", " "),
        unit="",
        total=total.count,
        known=known,
        bars=[
            Bar(
                value=value,
                label=value_name(value).title(),
                count=counts.get(value, 0),
                share=share_of(counts.get(value, 0), known),
            )
            for value in values
        ],
        is_ordered=True,
        is_too_few=0 < known < seeker.settings.discovery_items_min,
        experiences=ids_of(total),
        is_whole=total.count < seeker.settings.discovery_items_max,
    )


async def trend(seeker: Seeker, step: Trend) -> LineResult:
    """Counts by period, and shares of the experiences of the same kind, whether or not they are as wished."""
    by: Literal["month", "year"] = step.by
    async with seeker.app.db.tenant(seeker.tenant_id, read_only=True) as tx:
        rows = await store.discover_groups(tx, sought=seeker.sought(step.wish), by=by, limit=_PERIODS_MAX)
        base, known = base_of(step.wish)
        background = await store.discover_groups(tx, sought=seeker.sought(base, known=known), by=by, limit=_PERIODS_MAX)
    counts, of = ({row.label: row.count for row in side} for side in (rows, background))
    periods = fill_periods(counts, of, by=by)
    points = [
        LinePoint(period, counts.get(period, 0), of.get(period, 0), share_of(counts.get(period, 0), of.get(period, 0)))
        for period in periods
    ]
    total, total_of = sum(counts.values()), sum(of.values())
    slope = fit_slope(
        [point.count for point in points],
        [point.of for point in points],
        by=by,
        least=seeker.settings.discovery_items_min,
    )
    # Where everything is asked for there is no share to move.
    is_told = slope is not None and base != step.wish
    return LineResult(
        by=by,
        total=total,
        of=total_of,
        points=points,
        direction="too_few" if slope is None else "steady" if not is_told else _direction(slope.low, slope.high),
        share_per_year=slope.per_year if slope and is_told else None,
        share_per_year_low=slope.low if slope and is_told else None,
        share_per_year_high=slope.high if slope and is_told else None,
        is_whole=max(total, total_of) < seeker.settings.discovery_items_max,
    )


async def where(seeker: Seeker, step: Where) -> MapResult:
    """Cells of a map and the places named most often; cells are smaller where everything is near together."""
    sought = seeker.sought(step.wish)
    async with seeker.app.db.tenant(seeker.tenant_id, read_only=True) as tx:
        total = await store.discover_total(tx, sought=sought, ids_max=_IDS_MAX)
        coarse = await store.discover_cells(tx, sought=sought, degrees=1.0, limit=_CELLS_MAX * 10)
        extent = max(
            (max(row.row_number for row in coarse) - min(row.row_number for row in coarse)) if coarse else 0,
            (max(row.column_number for row in coarse) - min(row.column_number for row in coarse)) if coarse else 0,
        )
        degrees = next((size for least, size in _CELL_DEGREES if extent > least), 0.1)
        cells = await store.discover_cells(tx, sought=sought, degrees=degrees, limit=_CELLS_MAX)
        places = await store.discover_places(tx, sought=sought, limit=seeker.settings.discovery_rows_max)
    return MapResult(
        total=total.count,
        placed=total.placed,
        cells=[
            MapCellCount(
                lat=round((row.row_number + 0.5) * degrees - 90, 6),
                lon=round((row.column_number + 0.5) * degrees - 180, 6),
                degrees=degrees,
                count=row.count,
                share=row.count / total.placed,
            )
            for row in cells
        ],
        places=[
            PlaceCount(row.name, _middle(row.south, row.north), _middle(row.west, row.east), row.count)
            for row in places
        ],
        is_whole=total.count < seeker.settings.discovery_items_max,
    )


async def list_people_telling(seeker: Seeker, step: People) -> PeopleResult:
    """Who tells most of something, by name where they have one."""
    sought = seeker.sought(step.wish)
    async with seeker.app.db.tenant(seeker.tenant_id, read_only=True) as tx:
        total = await store.discover_total(tx, sought=sought, ids_max=1)
        limit = min(step.k, seeker.settings.discovery_rows_max)
        rows = await store.discover_groups(tx, sought=sought, by="author", limit=limit)
        names = await store.list_names_of(tx, users=[row.label for row in rows])
    return PeopleResult(
        people=[
            PersonRow(
                user=row.label, name=names.get(row.label), count=row.count, share=share_of(row.count, total.count)
            )
            for row in rows
        ],
        total=total.authors,
        is_whole=total.count < seeker.settings.discovery_items_max,
    )


def base_of(wish: Wish) -> tuple[Wish, tuple[str, ...]]:
    """What a wish's share is of: the same without its attributes, whose keys must be known; of a category all."""
    keys = tuple(test.key for test in wish.attributes)
    if keys:
        return _replaced(wish, attributes=True), keys
    return _replaced(wish, categories=True), ()


def ids_of(row: store.TotalRow) -> list[str]:
    """Ids as callers know them."""
    return [encode_id("exp", one) for one in row.ids]


def label_of(key: str, value: str) -> str:
    """A value as people read it."""
    if key == CATEGORY:
        return title_of_category(value)
    return {"true": "yes", "false": "no"}.get(value, value_name(value))


def read_spread(row: SpreadRow) -> Spread | None:
    """How numbers are spread, where there are any."""
    if row.least is None or row.most is None or row.quartiles is None:
        return None
    quarter, median, three_quarters = row.quartiles
    return Spread(least=row.least, quarter=quarter, median=median, three_quarters=three_quarters, most=row.most)


def _replaced(wish: Wish, *, attributes: bool = False, categories: bool = False) -> Wish:
    return Wish(
        categories=() if categories else wish.categories,
        attributes=() if attributes else wish.attributes,
        tags=() if categories else wish.tags,
        authors=wish.authors,
        near=wish.near,
        happened=wish.happened,
        months=wish.months,
        weekdays=wish.weekdays,
    )


def _bars(rows: Sequence[LabelCount], known: int, *, key: str) -> list[Bar]:
    return [
        Bar(value=row.label, label=label_of(key, row.label), count=row.count, share=share_of(row.count, known))
        for row in rows
    ]


async def _classes(tx: Tx, sought: Sought, *, key: str, spread: Spread | None, known: int) -> list[Bar]:
    if spread is None:
        return []
    edges = class_edges(spread.least, spread.most, spread.median, key=key)
    counts = await store.discover_classes(tx, sought=sought, key=key, edges=edges)
    unit = unit_of(key)
    return [
        Bar(
            value=f"{low:g}",
            label=f"{amount(low, unit)}"
            if high - low == 1 and not unit
            else f"{amount(low, unit)} to {amount(high, unit)}",
            count=counts.get(place, 0),
            share=share_of(counts.get(place, 0), known),
            low=low,
            high=high,
        )
        for place, (low, high) in enumerate(pairwise(edges), start=1)
    ]


def _group_by(step: When) -> Literal["month", "year", "month_of_year", "weekday"]:
    return (
        "weekday"
        if step.by == "weekday"
        else "year"
        if step.by == "year"
        else "month"
        if step.by == "month"
        else "month_of_year"
    )


def _time_value(step: When, label: str) -> str:
    match step.by:
        case "month_of_year":
            return MONTHS[int(label) - 1]
        case "weekday":
            return WEEKDAYS[int(label) - 1]
        case _:
            return label


def _in_order(step: When, counts: dict[str, int]) -> list[str]:
    match step.by:
        case "month_of_year":
            return list(MONTHS)
        case "weekday":
            return list(WEEKDAYS)
        case "month" | "year":
            return fill_periods(counts, {}, by=step.by)
        case "season" | "time_of_day":
            order = _ORDERED[step.by]
            return sorted(counts, key=lambda value: (order.index(value) if value in order else len(order), value))


def _direction(low: float, high: float) -> Literal["rising", "falling", "steady"]:
    return "rising" if low > 0 else "falling" if high < 0 else "steady"


def _middle(low: float | None, high: float | None) -> float | None:
    return None if low is None or high is None else round((low + high) / 2, 5)
