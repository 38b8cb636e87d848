"""Filters as people type them: `shape=disk`, `duration_s>=60`, `tags~night`."""

import re
from collections.abc import Mapping, Sequence

from likewise.engine.collections.logic.filters import FilterRefused
from likewise.engine.collections.model import FacetKind
from likewise.platform.errors import FieldError

__all__ = ["read_wishes"]

_WISH = re.compile(r"\s*([^=<>~\s]+)\s*(>=|<=|=|>|<|~)\s*(.*?)\s*", re.DOTALL)
_BOUNDS = {">=": "gte", ">": "gt", "<=": "lte", "<": "lt"}


def read_wishes(wishes: Sequence[str], kinds: Mapping[str, FacetKind]) -> dict[str, object]:
    """The facets of a filter. Raises FilterRefused.

    `=` is a value or several parted by commas, `~` members of a keyword list that all must be there, `<` and the like
    a bound; two bounds of one facet make a range.
    """
    facets: dict[str, object] = {}
    bounds: dict[str, dict[str, object]] = {}
    for place, wish in enumerate(wishes):
        match = _WISH.fullmatch(wish)
        if match is None or not match[3]:
            reason = f"{wish!r} is not a wish like shape=disk, duration_s>=60 or tags~night"
            raise FilterRefused(reason=reason, errors=[FieldError(f"/where/{place}", reason)])
        name, sign, value = match[1], match[2], match[3]
        kind = kinds.get(name)
        if sign in _BOUNDS:
            bounds.setdefault(name, {})[_BOUNDS[sign]] = _typed(value, kind)
        elif sign == "~":
            facets[name] = {"all": _parts(value)}
        elif kind in {FacetKind.NUMBER, FacetKind.TIME}:
            facets[name] = _typed(value, kind)
        else:
            facets[name] = _parts(value)
    return facets | bounds


def _parts(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


def _typed(value: str, kind: FacetKind | None) -> float | str:
    if kind is not FacetKind.NUMBER:
        return value
    try:
        return float(value)
    except ValueError:
        return value  # the filter says what is wrong with it
