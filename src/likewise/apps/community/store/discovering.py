"""Counts for questions in plain words: each is of the experiences that are wished for, read once and joined to little,
so that a count is as quick before the database has statistics of what was just loaded.

At most `items_max` experiences are looked at, the newest; a count that comes to that many may not be the whole.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, LiteralString, cast
from uuid import UUID

import msgspec

from likewise.apps.community.store.listing import Wished
from likewise.engine.collections import Conditions
from likewise.platform.db import Queries, Statement, Tx

__all__ = [
    "CellRow",
    "Extra",
    "IdRow",
    "LabelCount",
    "PlaceRow",
    "Sought",
    "SpreadRow",
    "TogetherRow",
    "TotalRow",
    "ValueRow",
    "discover_all_values",
    "discover_cells",
    "discover_classes",
    "discover_groups",
    "discover_ids",
    "discover_places",
    "discover_spread",
    "discover_together",
    "discover_total",
    "discover_values",
    "discover_vocabulary",
]

QUERIES = Queries("likewise.apps.community")
GroupBy = Literal["category", "author", "month", "year", "month_of_year", "weekday"]
Params = dict[str, object]

_COLUMNS: LiteralString = (
    "i.id, coalesce(i.category, 'other') as category, i.author, i.happened_at, i.latitude, i.longitude,"
    " i.metadata ->> 'place_name' as place_name, coalesce((i.metadata ->> 'utc_offset_min')::int, 0) as utc_offset_min"
)
_KNOWN: LiteralString = (
    " and exists (select from collections.item_facets f where f.tenant_id = %(tenant_id)s and f.item_id = i.id"
    " and f.name = %({name})s)"
)
_NOT: LiteralString = (
    " and not exists (select from collections.item_facets f where f.tenant_id = %(tenant_id)s and f.item_id = i.id"
    " and f.name = %({name})s and f.text_value = any(%({name}_values)s::text[]))"
)
_MONTHS: LiteralString = " and extract(month from i.happened_at at time zone 'UTC') = any(%(months)s::int[])"
_PLACE: LiteralString = " and lower(i.metadata ->> 'place_name') like any(%(place_names)s::text[])"
_WEEKDAYS: LiteralString = (
    " and extract(isodow from i.happened_at at time zone 'UTC'"
    " + make_interval(mins => coalesce((i.metadata ->> 'utc_offset_min')::int, 0))) = any(%(weekdays)s::int[])"
)


class Extra(msgspec.Struct, frozen=True, kw_only=True):
    """What the engine's filters cannot say: months (1 to 12) and weekdays (1 is Monday) of any year, keys that are
    known, keys that are known and have none of these values, ids to stay among, and the name of a place, lower case:
    all of it, its beginning or its end."""

    months: tuple[int, ...] = ()
    weekdays: tuple[int, ...] = ()
    known: tuple[str, ...] = ()
    without: tuple[tuple[str, tuple[str, ...]], ...] = ()
    ids: tuple[UUID, ...] | None = None
    place: str = ""


class Sought(msgspec.Struct, frozen=True):
    """Which experiences a statement is about."""

    collection_id: UUID
    conditions: Conditions
    extra: Extra
    items_max: int


class TotalRow(msgspec.Struct, frozen=True):
    """What a source comes to."""

    count: int
    authors: int
    first_at: datetime | None
    last_at: datetime | None
    placed: int
    ids: list[UUID]


class LabelCount(msgspec.Struct, frozen=True):
    """How many experiences are of this label."""

    label: str
    count: int


class ValueRow(msgspec.Struct, frozen=True):
    """How many experiences have a value of a key; with no value, how many have the key."""

    key: str
    label: str | None
    count: int


class SpreadRow(msgspec.Struct, frozen=True):
    """How numbers are spread; None where there are none."""

    known: int
    least: float | None
    most: float | None
    quartiles: list[float] | None


class CellRow(msgspec.Struct, frozen=True):
    """A cell of the map, counted from the south pole and the date line."""

    row_number: int
    column_number: int
    count: int


class PlaceRow(msgspec.Struct, frozen=True):
    """A place by its name, and the box its experiences lie in."""

    name: str
    count: int
    south: float | None
    north: float | None
    west: float | None
    east: float | None


class TogetherRow(msgspec.Struct, frozen=True):
    """Experiences that have both keys, the first value, the second, both."""

    known: int
    first: int
    second: int
    both: int


class IdRow(msgspec.Struct, frozen=True):
    """An experience and the number it is ordered by."""

    id: UUID
    value: float | None


class _KnownOrLabel(msgspec.Struct, frozen=True):
    label: str | None
    count: int


class _ClassRow(msgspec.Struct, frozen=True):
    place: int
    count: int


async def discover_total(tx: Tx, *, sought: Sought, ids_max: int) -> TotalRow:
    statement, params = await _made(tx, QUERIES.discover_total, sought)
    return cast("TotalRow", await tx.fetch_one(statement, TotalRow, {**params, "ids_max": ids_max}))


async def discover_groups(tx: Tx, *, sought: Sought, by: GroupBy, limit: int) -> list[LabelCount]:
    statement, params = await _made(tx, QUERIES.discover_groups, sought)
    return await tx.fetch_all(statement, LabelCount, {**params, "by": by, "limit": limit})


async def discover_values(tx: Tx, *, sought: Sought, key: str, limit: int) -> tuple[int, list[LabelCount]]:
    """How many have the key, and its values, commonest first."""
    statement, params = await _made(tx, QUERIES.discover_values, sought)
    rows = await tx.fetch_all(statement, _KnownOrLabel, {**params, "key": key, "limit": limit + 1})
    known = next((row.count for row in rows if row.label is None), 0)
    return known, [LabelCount(row.label, row.count) for row in rows if row.label is not None]


async def discover_spread(tx: Tx, *, sought: Sought, key: str) -> SpreadRow:
    statement, params = await _made(tx, QUERIES.discover_spread, sought)
    return cast("SpreadRow", await tx.fetch_one(statement, SpreadRow, {**params, "key": key}))


async def discover_classes(tx: Tx, *, sought: Sought, key: str, edges: Sequence[float]) -> dict[int, int]:
    """Counts by the place of a class: `place` n is from the nth edge (counted from 1) to the next."""
    statement, params = await _made(tx, QUERIES.discover_classes, sought)
    more = {"key": key, "edges": list(edges), "limit": len(edges) + 1}
    return {row.place: row.count for row in await tx.fetch_all(statement, _ClassRow, {**params, **more})}


async def discover_all_values(tx: Tx, *, sought: Sought, least: int, limit: int) -> list[ValueRow]:
    statement, params = await _made(tx, QUERIES.discover_all_values, sought)
    return await tx.fetch_all(statement, ValueRow, {**params, "least": least, "limit": limit})


async def discover_cells(tx: Tx, *, sought: Sought, degrees: float, limit: int) -> list[CellRow]:
    statement, params = await _made(tx, QUERIES.discover_cells, sought)
    return await tx.fetch_all(statement, CellRow, {**params, "degrees": degrees, "limit": limit})


async def discover_places(tx: Tx, *, sought: Sought, limit: int) -> list[PlaceRow]:
    statement, params = await _made(tx, QUERIES.discover_places, sought)
    return await tx.fetch_all(statement, PlaceRow, {**params, "limit": limit})


async def discover_together(tx: Tx, *, sought: Sought, first: tuple[str, str], second: tuple[str, str]) -> TogetherRow:
    """Two (key, value) pairs; the key of a category is `$category`."""
    statement, params = await _made(tx, QUERIES.discover_together, sought)
    named = {"first_key": first[0], "first_value": first[1], "second_key": second[0], "second_value": second[1]}
    return cast("TogetherRow", await tx.fetch_one(statement, TogetherRow, {**params, **named}))


async def discover_ids(tx: Tx, *, sought: Sought, order: str, key: str | None, limit: int) -> list[IdRow]:
    statement, params = await _made(tx, QUERIES.discover_ids, sought)
    return await tx.fetch_all(statement, IdRow, {**params, "order": order, "key": key, "limit": limit})


async def discover_vocabulary(tx: Tx, *, collection_id: UUID, limit: int) -> list[ValueRow]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "limit": limit}
    return await tx.fetch_all(QUERIES.discover_vocabulary, ValueRow, params)


async def _made(tx: Tx, statement: Statement, sought: Sought) -> tuple[Statement, Params]:
    """The statement with its source, and the source's parameters. Each question is planned for itself: which plan is
    best depends on how common what is asked for is."""
    wished = Wished(sought.conditions, viewer=None)
    params: Params = dict(wished.params)
    more = _more(sought.extra, params)
    wanted: LiteralString = (
        f"select {_COLUMNS} {wished.source} {wished.where}{more} order by i.id desc limit %(items_max)s"
    )
    params |= {"tenant_id": tx.tenant, "collection_id": sought.collection_id, "items_max": sought.items_max}
    await tx.settle(plan_cache_mode="force_custom_plan")
    return statement.with_slots(wished=wanted), params


def _more(extra: Extra, params: Params) -> LiteralString:
    sql: LiteralString = ""
    if extra.months:
        params["months"] = list(extra.months)
        sql += _MONTHS
    if extra.weekdays:
        params["weekdays"] = list(extra.weekdays)
        sql += _WEEKDAYS
    for n, key in enumerate(extra.known):
        params[f"known_{n}"] = key
        sql += _KNOWN.replace("{name}", _name("known_", n))
    for n, (key, values) in enumerate(extra.without):
        params |= {f"without_{n}": key, f"without_{n}_values": list(values)}
        sql += (_KNOWN + _NOT).replace("{name}", _name("without_", n))
    if extra.place:
        name = extra.place.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        params["place_names"] = [name, f"{name},%", f"{name} (%", f"%, {name}"]
        sql += _PLACE
    if extra.ids is not None:
        params["among_ids"] = list(extra.ids)
        sql += " and i.id = any(%(among_ids)s::uuid[])"
    return sql


def _name(prefix: LiteralString, n: int) -> LiteralString:
    return prefix + cast("LiteralString", str(n))
