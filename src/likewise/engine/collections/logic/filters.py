"""A filter as plain conditions: checked against the facets a collection declares, ready for SQL to be made of them."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal, TypeVar, cast

import msgspec

from likewise.engine.collections.logic.rows import AUTHOR, CATEGORY
from likewise.engine.collections.model import (
    Box,
    Conditions,
    FacetKind,
    FacetRange,
    FacetWords,
    Filter,
    Radius,
    Range,
    Visibility,
    Words,
)
from likewise.platform.errors import FieldError, Rejected

__all__ = ["FilterMalformed", "FilterRefused", "box_around", "parse_filter", "read_filter"]

T = TypeVar("T")
EARTH_RADIUS_KM = 6371.0088
CONDITIONS_MAX = 16
VALUES_MAX = 200


class FilterRefused(Rejected):
    """The filter cannot be used: {reason}."""


class FilterMalformed(Rejected):
    """`filter` is not a filter as JSON: {reason}. Write it like {{"facets": {{"shape": ["disk"]}}}}."""


def parse_filter(text: str | None) -> Filter:
    """The filter that stands as JSON in a query string; without one, everything. Raises FilterMalformed."""
    try:
        return Filter() if text is None else msgspec.json.decode(text, type=Filter)
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise FilterMalformed(reason=error, errors=[FieldError("/filter", str(error))]) from None


def read_filter(
    wish: Filter, kinds: Mapping[str, FacetKind], *, visibility: Sequence[Visibility] = (Visibility.PUBLIC,)
) -> Conditions:
    """The filter as conditions; `visibility` holds where it names none. Raises FilterRefused naming the place of what
    is wrong."""
    words: list[Words] = []
    ranges: list[Range] = []
    for name, value in wish.facets.items():
        pointer = f"/filter/facets/{name.replace('~', '~0').replace('/', '~1')}"
        if name not in kinds:
            declared = ", ".join(kinds) or "none"
            raise _refusal(pointer, f"no facet is named {name!r}; this collection has: {declared}")
        kind = kinds[name]
        if kind in {FacetKind.NUMBER, FacetKind.TIME}:
            ranges.append(_read_range(pointer, name, kind, value))
        else:
            words.extend(_read_words(pointer, name, kind, value))
    for name, values in ((AUTHOR, wish.author), (CATEGORY, wish.category)):
        if values:
            words.append(Words(name, _bounded(f"/filter/{name[1:]}", tuple(values))))
    if len(words) + len(ranges) > CONDITIONS_MAX:
        raise _refusal("/filter", f"at most {CONDITIONS_MAX} conditions at once")
    return Conditions(
        visibility=tuple(sorted({level.value for level in wish.visibility or visibility})),
        words=tuple(words),
        ranges=tuple(ranges),
        happened_at=wish.happened_at,
        near=None if wish.near is None else box_around(wish.near),
    )


def box_around(circle: Radius) -> Box:
    """The box in degrees around a circle on earth."""
    angle = circle.radius_km / EARTH_RADIUS_KM
    south, north = circle.lat - math.degrees(angle), circle.lat + math.degrees(angle)
    west, east = -180.0, 180.0
    if south > -90 and north < 90:
        # The widest point of the circle lies poleward of its centre, hence asin and not a plain division.
        half = math.degrees(math.asin(min(1.0, math.sin(angle) / math.cos(math.radians(circle.lat)))))
        if circle.lon - half >= -180 and circle.lon + half <= 180:
            west, east = circle.lon - half, circle.lon + half
    return Box(circle.lat, circle.lon, circle.radius_km, max(south, -90.0), min(north, 90.0), west, east)


def _read_words(pointer: str, name: str, kind: FacetKind, value: object) -> list[Words]:
    if isinstance(value, dict):
        members = _converted(pointer, cast("dict[str, object]", value), FacetWords)
        if not members.any and not members.all:
            raise _refusal(pointer, "give `any` or `all` at least one value")
        found = [Words(name, _bounded(pointer, members.any))] if members.any else []
        return found + [Words(name, (member,)) for member in members.all]
    values = cast("list[object]", value) if isinstance(value, list) else [value]
    return [Words(name, _bounded(pointer, tuple(_word(pointer, kind, one) for one in values)))]


def _word(pointer: str, kind: FacetKind, value: object) -> str:
    if kind is FacetKind.BOOLEAN:
        if value in (True, "true"):
            return "true"
        if value in (False, "false"):
            return "false"
        raise _refusal(pointer, "this facet is true or false")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise _refusal(pointer, "expected a value, a list of values, or {any, all}")


def _read_range(pointer: str, name: str, kind: FacetKind, value: object) -> Range:
    side = "number" if kind is FacetKind.NUMBER else "time"
    if not isinstance(value, dict):
        exact = _bound(pointer, side, value)
        return Range(name, side, exact, exact)
    wish = _converted(pointer, cast("dict[str, object]", value), FacetRange)
    if wish.gte is not None and wish.gt is not None:
        raise _refusal(pointer, "give gte or gt, not both")
    if wish.lte is not None and wish.lt is not None:
        raise _refusal(pointer, "give lte or lt, not both")
    low = _bound(pointer, side, wish.gt if wish.gte is None else wish.gte)
    high = _bound(pointer, side, wish.lt if wish.lte is None else wish.lte)
    if low is None and high is None:
        raise _refusal(pointer, "give at least one of gte, gt, lte, lt")
    return Range(name, side, low, high, low_open=wish.gt is not None, high_open=wish.lt is not None)


def _bound(pointer: str, side: Literal["number", "time"], value: object) -> float | datetime | None:
    if value is None:
        return None
    if side == "number":
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return float(value)
        raise _refusal(pointer, f"{value!r} is not a number")
    try:
        moment = msgspec.convert(value, datetime)
    except msgspec.ValidationError:
        raise _refusal(pointer, f"{value!r} is not a time like 2013-01-31T20:30:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _bounded(pointer: str, values: tuple[str, ...]) -> tuple[str, ...]:
    if not values or len(values) > VALUES_MAX:
        raise _refusal(pointer, f"give 1 to {VALUES_MAX} values")
    if any("\0" in value for value in values):
        raise _refusal(pointer, "a value cannot hold the character NUL")
    return values


def _converted(pointer: str, value: dict[str, object], kind: type[T]) -> T:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise _refusal(pointer, str(error)) from None


def _refusal(pointer: str, reason: str) -> FilterRefused:
    return FilterRefused(reason=reason, errors=[FieldError(pointer, reason)])
