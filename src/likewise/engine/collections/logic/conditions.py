"""Which items a list shows: conditions on facets, author and category, all of which must hold."""

import math
from collections.abc import Mapping, Sequence
from typing import cast

import msgspec

from likewise.engine.collections.logic.rows import AUTHOR, CATEGORY
from likewise.engine.collections.logic.times import TimeUnreadable, read_time
from likewise.engine.collections.model import FacetKind
from likewise.platform.errors import FieldError, Rejected

__all__ = ["Conditions", "ItemFilter", "read_conditions"]

_ORDERED = (FacetKind.NUMBER, FacetKind.TIME)
_CONDITIONS_MAX = 16
_VALUES_MAX = 200


class ItemFilterRefused(Rejected):
    """The filter of this list cannot be used: {reason}."""


class ItemFilter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A facet's wish is a value, a list of values of which one suffices, or a range `{"gte": 60, "lte": 300}`."""

    facets: dict[str, object] = {}
    author: list[str] = []
    category: list[str] = []


class Conditions(msgspec.Struct, frozen=True):
    """Columns of list_items_where; rows with the same number are alternatives."""

    columns: Mapping[str, Sequence[object]]
    count: int


_Row = tuple[int, str, str | None, float | None, float | None]


def read_conditions(wish: ItemFilter, kinds: Mapping[str, FacetKind]) -> Conditions:
    """The filter as rows. Raises ItemFilterRefused naming the facet that is wrong."""
    wishes = [*wish.facets.items(), (AUTHOR, wish.author), (CATEGORY, wish.category)]
    rows: list[_Row] = []
    number = 0
    for name, value in wishes:
        if value in ([], {}, None):
            continue
        if name not in kinds and name not in (AUTHOR, CATEGORY):
            raise _refusal(name, f"no facet is named {name!r}; there are: {', '.join(kinds) or 'none'}")
        rows += _rows(number, name, kinds.get(name, FacetKind.KEYWORD), value)
        number += 1
    if number > _CONDITIONS_MAX:
        raise _refusal("", f"at most {_CONDITIONS_MAX} conditions at once")
    names = ("numbers", "names", "texts", "lows", "highs")
    columns: dict[str, Sequence[object]] = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    return Conditions(columns=columns, count=number)


def _rows(number: int, name: str, kind: FacetKind, value: object) -> list[_Row]:
    if kind in _ORDERED:
        low, high = _range(name, kind, value)
        return [(number, name, None, low, high)]
    values = cast("list[object]", value) if isinstance(value, list) else [value]
    if len(values) > _VALUES_MAX:
        raise _refusal(name, f"at most {_VALUES_MAX} values of one facet")
    return [(number, name, _word(name, one), None, None) for one in values]


def _word(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float) and "\0" not in str(value):
        return str(value)
    raise _refusal(name, "expected a value or a list of values")


def _range(name: str, kind: FacetKind, value: object) -> tuple[float, float]:
    if not isinstance(value, dict):
        exact = _bound(name, kind, value)
        return exact, exact
    wish = cast("dict[str, object]", value)
    unknown = wish.keys() - {"gte", "gt", "lte", "lt"}
    if unknown:
        raise _refusal(name, f"a range has gte, gt, lte, lt, not {', '.join(sorted(unknown))}")
    low, high = -math.inf, math.inf
    if "gte" in wish:
        low = _bound(name, kind, wish["gte"])
    if "gt" in wish:
        low = max(low, math.nextafter(_bound(name, kind, wish["gt"]), math.inf))
    if "lte" in wish:
        high = _bound(name, kind, wish["lte"])
    if "lt" in wish:
        high = min(high, math.nextafter(_bound(name, kind, wish["lt"]), -math.inf))
    return low, high


def _bound(name: str, kind: FacetKind, value: object) -> float:
    if kind is FacetKind.NUMBER:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
        raise _refusal(name, f"{value!r} is not a number")
    try:
        return read_time(value).timestamp()
    except TimeUnreadable as error:
        raise _refusal(name, error.message) from None


def _refusal(name: str, reason: str) -> ItemFilterRefused:
    return ItemFilterRefused(reason=reason, errors=[FieldError(f"/where/facets/{name}", reason)])
