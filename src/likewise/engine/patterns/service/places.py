"""Where, when and of which category the items of a group are, against the background; places also as a map."""

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec
import numpy as np

from likewise.engine.patterns import store
from likewise.engine.patterns.logic.contingency import adjust, compare
from likewise.engine.patterns.logic.terms import everything
from likewise.engine.patterns.model import (
    CATEGORY_KEY,
    CONTEXT_KEYS,
    MONTH_KEY,
    PLACE_DEGREES,
    PLACE_KEY,
    ContextCount,
    ContextKey,
    Contexts,
    Group,
    MapCell,
    PatternMap,
)
from likewise.engine.patterns.service.groups import find_group, get_collection_id
from likewise.engine.patterns.settings import PatternsSettings
from likewise.platform.db import Tx
from likewise.platform.feature import App

__all__ = ["get_contexts", "get_map"]

_CELLS_MAX = (180 // PLACE_DEGREES) * (360 // PLACE_DEGREES)
_EVERYTHING = "of all"
_OWN_KEYS: Mapping[str, str] = {"category": CATEGORY_KEY, "period": MONTH_KEY, "place": PLACE_KEY}


class _Sides(msgspec.Struct, frozen=True):
    """A group's items, and items of each context: of the group, and of the background, None for all there are."""

    name: str
    item_count: int
    inside: dict[str, int]
    background: dict[str, int] | None


async def get_contexts(
    app: App, tenant_id: UUID, *, collection: str, key: ContextKey, group: Group | None = None
) -> Contexts:
    """The categories, months or places of a group's items, or of all, most first; and how far each is from chance.

    Months of all years are added up for the `calendar` before anything too small to be told of is left out.

    Raises CollectionNotFound, GroupRefused, GroupTooSmall.
    """
    settings = app.settings.get(PatternsSettings)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        collection_id = await get_collection_id(tx, name=collection)
        sides = await _read(tx, collection_id, CONTEXT_KEYS[key], group, settings=settings)
    if key == "calendar":
        sides = _Sides(
            sides.name,
            sides.item_count,
            _by_calendar(sides.inside),
            None if sides.background is None else _by_calendar(sides.background),
        )
    return _contexts(key, sides, settings=settings)


async def get_map(app: App, tenant_id: UUID, *, collection: str, group: Group | None = None) -> PatternMap:
    """The places of a group's items, or of all, as cells of a map, most first.

    Raises CollectionNotFound, GroupRefused, GroupTooSmall.
    """
    found = await get_contexts(app, tenant_id, collection=collection, key="place", group=group)
    return PatternMap(
        group=found.group,
        degrees=PLACE_DEGREES,
        item_count=found.item_count,
        placed_count=found.known_count,
        tested=found.tested,
        group_items_min=found.group_items_min,
        data=[_cell(row) for row in found.data],
    )


async def _read(
    tx: Tx, collection_id: UUID, own_key: str, group: Group | None, *, settings: PatternsSettings
) -> _Sides:
    limit = max(_CELLS_MAX, settings.months_max)
    every = await store.list_values(
        tx, collection_id=collection_id, kind="context", key=own_key, items_min=1, limit=limit
    )
    counts = {row.value: row.item_count for row in every}
    if group is None:
        rows = await store.list_terms(tx, collection_id=collection_id, ids=[everything(collection_id).id])
        return _Sides(_EVERYTHING, sum(row.item_count for row in rows), counts, None)
    found = await find_group(tx, collection_id=collection_id, group=group, settings=settings)
    if _OWN_KEYS.get(group.kind) == own_key:  # one item has one category, month and place: nothing is paired with them
        own = await store.list_terms(tx, collection_id=collection_id, ids=found.term_ids)
        return _Sides(found.name, found.item_count, {row.value: row.item_count for row in own}, counts)
    inside = await _paired(tx, collection_id, found.term_ids, own_key, limit=limit)
    if found.key is not None:
        counts = await _paired(tx, collection_id, [found.key.id], own_key, limit=limit)
    return _Sides(found.name, found.item_count, inside, counts)


async def _paired(tx: Tx, collection_id: UUID, ids: Sequence[int], key: str, *, limit: int) -> dict[str, int]:
    rows = await store.list_partners(
        tx, collection_id=collection_id, groups=ids, items_min=1, limit=limit, key=key, kinds=("context",)
    )
    return {row.value: row.both for row in rows}


def _by_calendar(months: Mapping[str, int]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for month, count in months.items():
        found[month[-2:]] += count
    return dict(found)


def _contexts(key: ContextKey, sides: _Sides, *, settings: PatternsSettings) -> Contexts:
    least = settings.group_items_min
    known = sum(sides.inside.values())
    tested = 0 if sides.background is None else sum(count >= least for count in sides.background.values())
    return Contexts(
        group=sides.name,
        key=key,
        item_count=sides.item_count,
        known_count=known if known >= least else 0,
        tested=tested,
        group_items_min=least,
        data=_rows(_guarded(sides.inside, known, least=least), known, sides.background, tested, settings=settings),
    )


def _guarded(inside: Mapping[str, int], known: int, *, least: int) -> list[tuple[str, int]]:
    """What may be shown: where all shown leave a rest smaller than the smallest group, the smallest one goes too."""
    shown = sorted(
        ((value, count) for value, count in inside.items() if count >= least), key=lambda pair: (-pair[1], pair[0])
    )
    rest = known - sum(count for _, count in shown)
    return shown[:-1] if shown and 0 < rest < least else shown


def _rows(
    shown: Sequence[tuple[str, int]],
    known: int,
    background: Mapping[str, int] | None,
    tested: int,
    *,
    settings: PatternsSettings,
) -> list[ContextCount]:
    if background is None or not shown:
        return [_row(value, count, known) for value, count in shown]
    total = sum(background.values())
    # The background may have been read a moment before the group: keep the table one that can be.
    columns = [(count, known, max(background.get(value, 0), count), max(total, known)) for value, count in shown]
    table = np.array(columns, dtype=np.int64)
    result = compare(*table.T)
    q = adjust(result.p, tested=tested)
    return [
        msgspec.structs.replace(
            _row(value, count, known),
            background_count=columns[n][2],
            background_share=columns[n][2] / columns[n][3],
            lift=float(result.lift[n]),
            lift_low=float(result.lift_low[n]),
            lift_high=float(result.lift_high[n]),
            p=float(result.p[n]),
            q=float(q[n]),
            significant=bool(q[n] <= settings.false_share_max),
        )
        for n, (value, count) in enumerate(shown)
    ]


def _row(value: str, count: int, known: int) -> ContextCount:
    return ContextCount(
        value=value,
        count=count,
        share=count / known,
        background_count=None,
        background_share=None,
        lift=None,
        lift_low=None,
        lift_high=None,
        p=None,
        q=None,
        significant=False,
    )


def _cell(row: ContextCount) -> MapCell:
    south, west = (int(part) for part in row.value.split(","))
    return MapCell(
        south=south,
        west=west,
        north=south + PLACE_DEGREES,
        east=west + PLACE_DEGREES,
        count=row.count,
        share=row.share,
        background_count=row.background_count,
        background_share=row.background_share,
        lift=row.lift,
        lift_low=row.lift_low,
        lift_high=row.lift_high,
        q=row.q,
        significant=row.significant,
    )
