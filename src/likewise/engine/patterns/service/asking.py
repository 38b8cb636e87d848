"""Questions to the counts. Each is a few bounded reads by key, then arithmetic; no item is looked at."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import cast
from uuid import UUID

import numpy as np

from likewise.engine.patterns import store
from likewise.engine.patterns.errors import KeyUnknown
from likewise.engine.patterns.logic.contingency import adjust, compare, wilson
from likewise.engine.patterns.logic.ranking import telling
from likewise.engine.patterns.logic.terms import everything, key_term
from likewise.engine.patterns.model import Association, Associations, Distribution, Group, KeySummary, ValueCount
from likewise.engine.patterns.service.groups import Found, find_group, get_collection_id
from likewise.engine.patterns.settings import PatternsSettings
from likewise.platform.db import Tx
from likewise.platform.feature import App

__all__ = ["find_associations", "get_distribution", "get_key", "list_keys"]


async def list_keys(app: App, tenant_id: UUID, *, collection: str) -> list[KeySummary]:
    """The keys of a collection's items, commonest first. Raises CollectionNotFound."""
    settings = app.settings.get(PatternsSettings)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        collection_id = await get_collection_id(tx, name=collection)
        return await store.list_keys(
            tx, collection_id=collection_id, items_min=settings.group_items_min, limit=settings.keys_max
        )


async def get_distribution(
    app: App, tenant_id: UUID, *, collection: str, key: str, group: Group | None = None, limit: int | None = None
) -> Distribution:
    """How often each value of a key occurs, among all items or in a group.

    Raises CollectionNotFound, KeyUnknown, GroupRefused, GroupTooSmall.
    """
    settings = app.settings.get(PatternsSettings)
    least = settings.group_items_min
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        collection_id = await get_collection_id(tx, name=collection)
        if group is None:
            known, total = await _count_key(tx, collection_id, collection=collection, key=key, items_min=least)
            rows = await store.list_values(
                tx, collection_id=collection_id, key=key, items_min=least, limit=settings.values_max + 1
            )
            found: list[tuple[store.TermRow, int]] = [(row, row.item_count) for row in rows]
        else:
            place = await find_group(tx, collection_id=collection_id, group=group, settings=settings)
            total = place.item_count
            partners = await store.list_partners(
                tx,
                collection_id=collection_id,
                groups=place.term_ids,
                items_min=least,
                limit=settings.values_max + 2,
                key=key,
            )
            known = next((row.both for row in partners if row.kind == "key"), 0)
            found = [(row, row.both) for row in partners if row.kind == "value"]
            if place.key is not None and place.key.key == key:
                # A value is not paired with itself, nor with its own key.
                known = place.item_count
                own = await store.list_terms(tx, collection_id=collection_id, ids=place.term_ids)
                found = [(row, row.item_count) for row in own] + found
    shown = _guarded(found, known, least=least, limit=min(limit or settings.values_max, settings.values_max))
    low, high = wilson(np.array([count for _, count in shown], dtype=np.float64), known)
    return Distribution(
        key=key,
        item_count=total,
        known_count=known if known >= least else 0,
        group_items_min=least,
        data=[
            ValueCount(
                value=row.value,
                low=_finite(row.low),
                high=_finite(row.high),
                count=count,
                share=count / known,
                share_low=float(low[place]),
                share_high=float(high[place]),
            )
            for place, (row, count) in enumerate(shown)
        ],
    )


async def find_associations(
    app: App,
    tenant_id: UUID,
    *,
    collection: str,
    group: Group,
    key: str | None = None,
    significant_only: bool = False,
    limit: int | None = None,
) -> Associations:
    """Values that items of a group have more or less often than all items whose key is known, most telling first.

    Of values of the group's own key only those that occur more often. `key` looks at one key's values only. Raises
    CollectionNotFound, GroupRefused, GroupTooSmall.
    """
    settings = app.settings.get(PatternsSettings)
    least = settings.group_items_min
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        collection_id = await get_collection_id(tx, name=collection)
        found = await find_group(tx, collection_id=collection_id, group=group, settings=settings)
        partners = await store.list_partners(
            tx,
            collection_id=collection_id,
            groups=found.term_ids,
            items_min=least,
            limit=settings.partners_max,
            key=key,
        )
        tested = await store.count_values(
            tx, collection_id=collection_id, key=key, items_min=least, limit=settings.tested_max
        )
        within: dict[int, int] = {}
        if found.key is not None:
            others = dict.fromkeys([*(row.id for row in partners), *_key_ids(collection_id, partners).values()])
            within = await store.list_pairs_with(
                tx, collection_id=collection_id, term_id=found.key.id, others=list(others)
            )
    cut = min(limit or settings.values_max, settings.values_max)
    data = _associate(collection_id, found, partners, within, tested=tested, settings=settings)
    return Associations(
        group=found.name,
        item_count=found.item_count,
        tested=tested,
        group_items_min=least,
        data=[one for one in islice(data, cut) if one.significant or not significant_only],
    )


async def get_key(tx: Tx, *, collection_id: UUID, collection: str, key: str, items_min: int) -> int:
    """How many items have a key. Raises KeyUnknown."""
    known, _ = await _count_key(tx, collection_id, collection=collection, key=key, items_min=items_min)
    return known


async def _count_key(tx: Tx, collection_id: UUID, *, collection: str, key: str, items_min: int) -> tuple[int, int]:
    """How many items have a key, and how many there are. Raises KeyUnknown."""
    ids = [key_term(collection_id, key).id, everything(collection_id).id]
    counts = {row.kind: row.item_count for row in await store.list_terms(tx, collection_id=collection_id, ids=ids)}
    if counts.get("key", 0) < items_min:
        raise KeyUnknown(collection=collection, key=key)
    return counts["key"], counts.get("all", 0)


def _guarded(
    found: Sequence[tuple[store.TermRow, int]], known: int, *, least: int, limit: int
) -> list[tuple[store.TermRow, int]]:
    """What may be shown: where all shown leave a rest smaller than the smallest group, the smallest one goes too."""
    shown = [(row, count) for row, count in found if count >= least]
    if len(shown) > limit:
        return shown[:limit]
    rest = known - sum(count for _, count in shown)
    return shown[:-1] if shown and 0 < rest < least else shown


def _associate(
    collection_id: UUID,
    found: Found,
    partners: Sequence[store.PartnerRow],
    within: dict[int, int],
    *,
    tested: int,
    settings: PatternsSettings,
) -> Iterator[Association]:
    """Compare each partner with the background: items whose key is known and, where the group is a value's, that
    value's key as well; so that what is missing for one reason does not pass for a pattern."""
    keys = {row.key: row for row in partners if row.kind == "key"}
    key_ids = _key_ids(collection_id, partners)
    rows: list[store.PartnerRow] = []
    columns: list[tuple[int, int, int, int]] = []
    for row in partners:
        is_own = found.key is not None and row.key == found.key.key
        if row.kind != "value" or row.id in found.term_ids or not (is_own or row.key in keys):
            continue
        if found.key is None:
            columns.append((row.both, keys[row.key].both, row.item_count, keys[row.key].item_count))
        elif is_own:
            columns.append((row.both, found.item_count, row.item_count, found.key_count))
        else:
            known = within.get(key_ids[row.key], 0)
            columns.append((row.both, keys[row.key].both, within.get(row.id, 0), known))
        rows.append(row)
    if not rows:
        return
    table = np.array(columns, dtype=np.int64)
    result = compare(*table.T)
    q = adjust(result.p, tested=tested)
    strength = telling(result.lift, result.lift_low, result.lift_high, table[:, 0] / table[:, 1])
    order = np.lexsort((-strength, q > settings.false_share_max))
    for place in cast("list[int]", order.tolist()):
        if found.key is not None and rows[place].key == found.key.key and result.lift[place] < 1:
            continue  # that one list seldom has both says how short lists are
        yield Association(
            key=rows[place].key,
            value=rows[place].value,
            count=columns[place][0],
            expected=float(result.expected[place]),
            share=columns[place][0] / columns[place][1],
            background_share=columns[place][2] / columns[place][3],
            lift=float(result.lift[place]),
            lift_low=float(result.lift_low[place]),
            lift_high=float(result.lift_high[place]),
            p=float(result.p[place]),
            q=float(q[place]),
            test="fisher" if result.is_exact[place] else "chi_square",
            significant=bool(q[place] <= settings.false_share_max),
        )


def _key_ids(collection_id: UUID, partners: Sequence[store.PartnerRow]) -> dict[str, int]:
    """The id of each key that partners are values of, as a term of its own."""
    return {key: key_term(collection_id, key).id for key in {row.key for row in partners}}


def _finite(number: float | None) -> float | None:
    return number if number is not None and abs(number) != float("inf") else None
