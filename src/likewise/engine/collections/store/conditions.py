"""The closed set of SQL conditions that a filter is made of."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import LiteralString, cast

from likewise.engine.collections.model import Box, Conditions, Range
from likewise.platform.db import Statement

__all__ = ["bounds_of", "conditioned", "item_conditions"]

Params = dict[str, object]

_WORDS: LiteralString = (
    "exists (select from collections.item_facets f where f.tenant_id = %(tenant_id)s"
    " and f.collection_id = %(collection_id)s and f.name = %(word_{n}_name)s"
    " and f.text_value = any(%(word_{n}_values)s::text[]) and f.item_id = {item})"
)
_RANGE: LiteralString = (
    "exists (select from collections.item_facets f where f.tenant_id = %(tenant_id)s"
    " and f.collection_id = %(collection_id)s and f.name = %(range_{n}_name)s{bounds} and f.item_id = {item})"
)
_DISTANCE_KM: LiteralString = (
    " and 12742.0176 * asin(least(1, sqrt(power(sind((i.latitude - %(near_lat)s) / 2), 2)"
    " + cosd(%(near_lat)s) * cosd(i.latitude) * power(sind((i.longitude - %(near_lon)s) / 2), 2)))) <= %(near_km)s"
)


def conditioned(
    statement: Statement,
    conditions: Conditions,
    *,
    item: LiteralString = "m.item_id",
    joined: bool = False,
    slots: Mapping[str, LiteralString] = MappingProxyType({}),
) -> tuple[Statement, Params]:
    """The statement with its filter in place of `$(conditions)`, and the filter's parameters.

    `item` is the column of the item's id; `joined`: the item's row is there as `i`. `slots` are the statement's others.
    """
    params: Params = {}
    own = item_conditions(conditions, params)
    pieces: list[LiteralString] = [
        own
        if joined
        else f"exists (select from collections.items i where i.tenant_id = %(tenant_id)s and i.id = {item} and {own})"
    ]
    for n, words in enumerate(conditions.words):
        params |= {f"word_{n}_name": words.name, f"word_{n}_values": list(words.values)}
        pieces.append(_filled(_WORDS, n=n, item=item))
    for n, span in enumerate(conditions.ranges):
        pieces.append(_filled(_RANGE, n=n, item=item, bounds=bounds_of(span, params, n=n)))
    return statement.with_slots(conditions=" and ".join(pieces), **slots), params


def item_conditions(conditions: Conditions, params: Params) -> LiteralString:
    """What a filter asks of the item's own row, which is there as `i`; its parameters go into `params`."""
    params["visibilities"] = list(conditions.visibility)
    sql: LiteralString = "i.visibility = any(%(visibilities)s::text[])"
    moment = conditions.happened_at
    if moment is not None and moment.gte is not None:
        params["happened_from"] = moment.gte
        sql += " and i.happened_at >= %(happened_from)s"
    if moment is not None and moment.lt is not None:
        params["happened_before"] = moment.lt
        sql += " and i.happened_at < %(happened_before)s"
    return sql if conditions.near is None else sql + _near(conditions.near, params)


def _near(box: Box, params: Params) -> LiteralString:
    """The box is what the index of places serves; the great circle decides."""
    params |= {"near_lat": box.lat, "near_lon": box.lon, "near_km": box.radius_km}
    params |= {"near_south": box.south, "near_north": box.north, "near_west": box.west, "near_east": box.east}
    return (
        " and i.latitude between %(near_south)s and %(near_north)s"
        " and i.longitude between %(near_west)s and %(near_east)s" + _DISTANCE_KM
    )


def bounds_of(span: Range, params: Params, *, n: int = 0) -> LiteralString:
    """The bounds of a range as SQL on the facet `f`; its name and values go into `params` as the `n`th range."""
    params[f"range_{n}_name"] = span.name
    column: LiteralString = "number_value" if span.kind == "number" else "time_value"
    sql: LiteralString = ""
    if span.low is not None:
        params[f"range_{n}_low"] = span.low
        sql += f" and f.{column} {'>' if span.low_open else '>='} %(range_{_digits(n)}_low)s"
    if span.high is not None:
        params[f"range_{n}_high"] = span.high
        sql += f" and f.{column} {'<' if span.high_open else '<='} %(range_{_digits(n)}_high)s"
    return sql


def _filled(sql: LiteralString, *, n: int, item: LiteralString, bounds: LiteralString = "") -> LiteralString:
    return sql.replace("{n}", _digits(n)).replace("{item}", item).replace("{bounds}", bounds)


def _digits(n: int) -> LiteralString:
    return cast("LiteralString", str(n))
