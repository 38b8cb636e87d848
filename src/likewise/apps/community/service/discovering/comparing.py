"""Tools that compare: two groups, what goes with a group, two values together."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from likewise.apps.community import store
from likewise.apps.community.logic.discovering.figures import adjusted, difference_p, share_of, together_of
from likewise.apps.community.logic.discovering.results import (
    Bar,
    BarsResult,
    CompareResult,
    CompareRow,
    NumberResult,
    SideFigures,
    TogetherFigures,
)
from likewise.apps.community.logic.discovering.tools import (
    CATEGORY,
    Associations,
    AttributeTest,
    Compare,
    Together,
    Wish,
)
from likewise.apps.community.logic.discovering.wording import describe_wish, key_name, unit_of
from likewise.apps.community.model import folded
from likewise.apps.community.service.discovering.counting import ids_of, label_of, read_spread
from likewise.apps.community.service.discovering.seeking import Seeker, facet_name
from likewise.apps.community.service.patterning import pattern_associations
from likewise.apps.community.store import ValueRow
from likewise.engine.collections import CATEGORY as CATEGORY_FACET
from likewise.engine.collections import FacetKind
from likewise.engine.patterns import Association, Group
from likewise.platform.db import Tx
from likewise.platform.errors import NotFound, Rejected
from likewise.platform.feature import App
from likewise.platform.ids import encode_id

__all__ = ["associations", "compare", "together"]

_IDS_MAX: Final = 20
_FALSE_SHARE_MAX: Final = 0.05
_VALUES_MAX: Final = 2_000
_EVERYTHING: Final = Wish()


class _Side(msgspec.Struct, frozen=True):
    """One side: how many, how many have each key, how many have each value."""

    count: int
    known: dict[str, int]
    values: dict[tuple[str, str], int]
    ids: list[UUID]


async def compare(seeker: Seeker, step: Compare) -> CompareResult:
    """Two groups beside each other, by one key or by whatever differs most. Raises AttributeUnknown, FilterRefused."""
    left, right = joined(step.left, step.wish), joined(step.right, step.wish)
    labels = [describe_wish(one, seeker.vocabulary) for one in (step.left, step.right)]
    if step.key is not None and seeker.community.kinds.get(step.key) is FacetKind.NUMBER:
        return await _compare_numbers(seeker, step, left=left, right=right, labels=labels)
    async with seeker.app.db.tenant(seeker.tenant_id, read_only=True) as tx:
        sides = [await _side(tx, seeker, one, key=step.key) for one in (left, right)]
    own: set[str] = {test.key for one in (step.left, step.right) for test in one.attributes if step.key is None}
    if step.key is None and (step.left.categories or step.right.categories):
        own.add(CATEGORY)
    rows = _differences(sides[0], sides[1], leaving=own, least=seeker.settings.discovery_items_min)
    least = seeker.settings.discovery_items_min
    is_too_few = min(side.count if step.key is None else side.known.get(step.key, 0) for side in sides) < least
    figures = [
        SideFigures(label=label, count=side.count, known=None if step.key is None else side.known.get(step.key, 0))
        for label, side in zip(labels, sides, strict=True)
    ]
    return CompareResult(
        key=step.key,
        label=key_name(step.key) if step.key else "what differs most",
        unit="",
        left=figures[0],
        right=figures[1],
        rows=[] if is_too_few else rows[: seeker.settings.discovery_rows_max],
        is_too_few=is_too_few,
        is_whole=max(side.count for side in sides) <= _whole_max(seeker, step.key),
    )


async def associations(seeker: Seeker, step: Associations) -> BarsResult:
    """Values that a group has more or less often than experiences have them at all, the surest first.

    A group of one value, category or period is looked up in the counts that are kept; any other is counted now.
    Raises AttributeUnknown, FilterRefused.
    """
    group = _group_of(step.wish)
    if group is not None and step.key != CATEGORY:
        return await _kept_associations(seeker, step, group)
    async with seeker.app.db.tenant(seeker.tenant_id, read_only=True) as tx:
        inside = await _side(tx, seeker, step.wish, key=step.key)
        all_of = await _side(tx, seeker, _EVERYTHING, key=step.key)
    own: set[str] = {test.key for test in step.wish.attributes}
    own |= {CATEGORY} if step.wish.categories else set()
    least = seeker.settings.discovery_items_min
    is_too_few = inside.count < least
    rows = [] if is_too_few else _differences(inside, all_of, leaving=own - {step.key or ""}, least=least)
    return _associated(
        seeker,
        step,
        count=inside.count,
        known=inside.count if step.key is None else inside.known.get(facet_name(step.key), 0),
        bars=[_bar(row) for row in rows],
        ids=inside.ids,
        is_whole=all_of.count <= seeker.settings.discovery_compared_max,
    )


async def _kept_associations(seeker: Seeker, step: Associations, group: Group) -> BarsResult:
    async with seeker.app.db.tenant(seeker.tenant_id, read_only=True) as tx:
        total = await store.discover_total(tx, sought=seeker.sought(step.wish), ids_max=_IDS_MAX)
    bars: list[Bar] = []
    if total.count >= seeker.settings.discovery_items_min:
        found = await find_kept(seeker.app, seeker.tenant_id, group=group, key=step.key)
        bars = [
            Bar(
                value=one.value,
                label=_named(one.key, one.value, alone=step.key is not None),
                count=one.count,
                share=one.share,
                other_share=one.background_share,
                lift=one.lift,
                is_sure=one.significant,
            )
            for one in found
        ]
    return _associated(seeker, step, count=total.count, known=total.count, bars=bars, ids=total.ids, is_whole=True)


async def find_kept(app: App, tenant_id: UUID, *, group: Group, key: str | None) -> list[Association]:
    """What the kept counts tell of a group; nothing where it is too small for them."""
    try:
        return (await pattern_associations(app, tenant_id, group=group, key=key)).data
    except (Rejected, NotFound):
        return []  # fewer than any pattern is told of, or nothing counted yet


def _associated(
    seeker: Seeker, step: Associations, *, count: int, known: int, bars: list[Bar], ids: Sequence[UUID], is_whole: bool
) -> BarsResult:
    return BarsResult(
        key=step.key or "",
        label=key_name(step.key) if step.key else "what goes with it",
        unit="",
        total=count,
        known=known,
        bars=bars[: seeker.settings.discovery_rows_max],
        is_association=True,
        is_too_few=count < seeker.settings.discovery_items_min,
        experiences=[encode_id("exp", one) for one in ids],
        is_whole=is_whole,
    )


def _group_of(wish: Wish) -> Group | None:
    """The wish as a group that counts are kept of: one value, one category, or whole months one after another."""
    if wish.tags or wish.authors or wish.near or wish.months or wish.weekdays:
        return None
    tests, categories, span = wish.attributes, wish.categories, wish.happened
    if len(tests) == 1 and len(tests[0].values) == 1 and not categories and span is None:
        return Group(kind="value", key=tests[0].key, value=_value(tests[0].values[0]))
    if len(categories) == 1 and not tests and span is None:
        return Group(kind="category", value=categories[0])
    return None


async def together(seeker: Seeker, step: Together) -> NumberResult:
    """How often two values occur together, against chance. Raises AttributeUnknown, FilterRefused."""
    pairs = [(facet_name(one.key), _value(one.value)) for one in (step.first, step.second)]
    both = joined(step.wish, _wish_of(step.first.key, step.first.value))
    both = joined(both, _wish_of(step.second.key, step.second.value))
    async with seeker.app.db.tenant(seeker.tenant_id, read_only=True) as tx:
        sought = seeker.sought(step.wish, known=(step.first.key, step.second.key))
        row = await store.discover_together(tx, sought=sought, first=pairs[0], second=pairs[1])
        found = await store.discover_total(tx, sought=seeker.sought(both), ids_max=_IDS_MAX)
    expected, lift, p = together_of(row.both, row.first, row.second, row.known)
    least = seeker.settings.discovery_items_min
    is_too_few = p is None or min(row.first, row.second) < least
    labels = [f"{key_name(one.key)} {label_of(one.key, _value(one.value))}" for one in (step.first, step.second)]
    return NumberResult(
        value=row.both,
        of=row.known,
        share=share_of(row.both, row.known),
        authors=found.authors,
        first_at=found.first_at,
        last_at=found.last_at,
        experiences=ids_of(found),
        together=TogetherFigures(
            first=labels[0],
            second=labels[1],
            first_count=row.first,
            second_count=row.second,
            both=row.both,
            known=row.known,
            share_of_first=None if is_too_few else share_of(row.both, row.first),
            share_of_second=None if is_too_few else share_of(row.both, row.second),
            expected=expected,
            lift=None if is_too_few else lift,
            p=None if is_too_few else p,
            is_sure=not is_too_few and p is not None and p <= _FALSE_SHARE_MAX,
            is_too_few=is_too_few,
        ),
        is_whole=row.known < seeker.settings.discovery_items_max,
    )


def joined(one: Wish, other: Wish) -> Wish:
    """Both wishes at once; where both say when or where, the first does."""
    return Wish(
        categories=one.categories or other.categories,
        attributes=(*one.attributes, *(test for test in other.attributes if test not in one.attributes)),
        tags=tuple(dict.fromkeys((*one.tags, *other.tags))),
        authors=one.authors or other.authors,
        near=one.near or other.near,
        happened=one.happened or other.happened,
        months=one.months or other.months,
        weekdays=one.weekdays or other.weekdays,
    )


async def _side(tx: Tx, seeker: Seeker, wish: Wish, *, key: str | None) -> _Side:
    sought = seeker.sought(wish, known=() if key is None else (key,))
    total = await store.discover_total(tx, sought=seeker.sought(wish), ids_max=_IDS_MAX)
    if key is None:
        sought = seeker.sought(wish, items_max=seeker.settings.discovery_compared_max)
        rows = await store.discover_all_values(tx, sought=sought, least=1, limit=_VALUES_MAX)
    else:
        known, labels = await store.discover_values(tx, sought=sought, key=facet_name(key), limit=_VALUES_MAX)
        rows = [
            ValueRow(facet_name(key), None, known),
            *(ValueRow(facet_name(key), row.label, row.count) for row in labels),
        ]
    return _Side(
        count=total.count,
        known={_key(row.key): row.count for row in rows if row.label is None},
        values={(_key(row.key), row.label): row.count for row in rows if row.label is not None},
        ids=total.ids,
    )


def _differences(left: _Side, right: _Side, *, leaving: set[str], least: int) -> list[CompareRow]:
    """Values of both sides by how surely their shares differ, then by how much. Keys in `leaving` were asked for; of
    keys that fewer than `least` of a side have nothing is told."""
    places = [
        place
        for place in sorted(left.values.keys() | right.values.keys())
        if place[0] not in leaving and place[0] != "tags"
    ]
    rows: list[tuple[tuple[str, str], int, int, int, int, float]] = []
    for key, value in places:
        a, of_a = left.values.get((key, value), 0), left.known.get(key, 0)
        b, of_b = right.values.get((key, value), 0), right.known.get(key, 0)
        if min(of_a, of_b) >= least:
            rows.append(((key, value), a, of_a, b, of_b, difference_p(a, of_a, b, of_b)))
    is_one_key = len({place[0] for place in places}) == 1
    q = adjusted([row[5] for row in rows])
    found = [
        CompareRow(
            key=key,
            value=value,
            label=_named(key, value, alone=is_one_key),
            left_count=a,
            right_count=b,
            left_share=a / of_a,
            right_share=b / of_b,
            difference=a / of_a - b / of_b,
            q=q[n],
            is_sure=q[n] <= _FALSE_SHARE_MAX,
        )
        for n, ((key, value), a, of_a, b, of_b, _) in enumerate(rows)
    ]
    return sorted(found, key=lambda row: (not row.is_sure, -abs(row.difference), row.key, row.value))


async def _compare_numbers(
    seeker: Seeker, step: Compare, *, left: Wish, right: Wish, labels: Sequence[str]
) -> CompareResult:
    key = step.key or ""
    figures: list[SideFigures] = []
    async with seeker.app.db.tenant(seeker.tenant_id, read_only=True) as tx:
        for wish, label in zip((left, right), labels, strict=True):
            total = await store.discover_total(tx, sought=seeker.sought(wish), ids_max=1)
            row = await store.discover_spread(tx, sought=seeker.sought(wish, known=(key,)), key=key)
            is_enough = row.known >= seeker.settings.discovery_items_min
            spread = read_spread(row) if is_enough else None
            figures.append(SideFigures(label=label, count=total.count, known=row.known, spread=spread))
    return CompareResult(
        key=key,
        label=key_name(key),
        unit=unit_of(key),
        left=figures[0],
        right=figures[1],
        rows=[],
        is_too_few=any(side.spread is None for side in figures),
        is_whole=max(side.count for side in figures) < seeker.settings.discovery_items_max,
    )


def _bar(row: CompareRow) -> Bar:
    return Bar(
        value=row.value,
        label=row.label,
        count=row.left_count,
        share=row.left_share,
        other_share=row.right_share,
        lift=row.left_share / row.right_share if row.right_share else None,
        is_sure=row.is_sure,
    )


def _wish_of(key: str, value: str | bool) -> Wish:  # noqa: FBT001 - a value is what it is
    if key == CATEGORY:
        return Wish(categories=(str(value),))
    return Wish(attributes=(AttributeTest(key=key, values=(value,)),))


def _value(value: str | bool) -> str:  # noqa: FBT001 - a value is what it is
    return str(value).lower() if isinstance(value, bool) else folded(value)


def _whole_max(seeker: Seeker, key: str | None) -> int:
    return seeker.settings.discovery_compared_max if key is None else seeker.settings.discovery_items_max - 1


def _named(key: str, value: str, *, alone: bool) -> str:
    low, dots, high = value.partition("..")
    label = f"{low} to {high} {unit_of(key)}".rstrip() if dots and high else label_of(key, value)
    return label if alone or key == CATEGORY else f"{key_name(key)} {label}"


def _key(facet: str) -> str:
    return CATEGORY if facet == CATEGORY_FACET else facet
