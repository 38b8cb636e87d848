"""What an item is counted with: its values, the keys it has values of, its category, month and place.

Numbers are binned by a rule that never changes, so that counting anew gives the same: whole numbers below ten stand for
themselves, everything else falls into steps of 1, 2, 5, 10, 20, 50 and so on, mirrored below nought.
"""

import hashlib
import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from uuid import UUID

import msgspec

from likewise.engine.patterns.model import (
    CATEGORY_KEY,
    ITEM_VALUES_MAX,
    MONTH_KEY,
    PLACE_DEGREES,
    PLACE_KEY,
    Given,
    Source,
    Term,
    TermKind,
)

__all__ = [
    "Bin",
    "bin_of",
    "context_term",
    "everything",
    "item_terms",
    "key_term",
    "month_of",
    "place_of",
    "value_term",
]

_EXACT_BELOW = 10
_BITS, _FACTOR = (1 << 64) - 1, 0x9E3779B97F4A7C15
_TINY, _HUGE = 1e-9, 1e15
_STEPS = (1, 2, 5, 10)


class Bin(msgspec.Struct, frozen=True):
    """A stretch of numbers: low <= number < high; a number that stands for itself has low = high."""

    name: str
    low: float
    high: float


def item_terms(source: Source, given: Sequence[Given]) -> list[Term]:
    """Every term of an item, each once. Of very many values `ITEM_VALUES_MAX` count, drawn for this item."""
    collection = source.collection_id
    values = {term.id: term for one in given if (term := _given_term(collection, one)) is not None}
    kept = [values[term_id] for term_id in _drawn(source.item_id, values)]
    keys = [key_term(collection, key) for key in dict.fromkeys(term.key for term in kept)]
    contexts: list[Term] = []
    if source.category is not None:
        contexts.append(context_term(collection, CATEGORY_KEY, source.category))
    if source.happened_at is not None:
        contexts.append(context_term(collection, MONTH_KEY, month_of(source.happened_at)))
    if source.latitude is not None and source.longitude is not None:
        contexts.append(context_term(collection, PLACE_KEY, place_of(source.latitude, source.longitude)))
    return [*kept, *keys, *contexts, everything(collection)]


def value_term(collection_id: UUID, key: str, value: str, *, bounds: Bin | None = None) -> Term:
    """The term of a key's value."""
    low, high = (None, None) if bounds is None else (bounds.low, bounds.high)
    return Term(_id(collection_id, "value", key, value), "value", key, value, low, high)


def key_term(collection_id: UUID, key: str) -> Term:
    """The term of having any value of a key."""
    return Term(_id(collection_id, "key", key, ""), "key", key)


def context_term(collection_id: UUID, key: str, value: str) -> Term:
    """The term of a category, month or place."""
    return Term(_id(collection_id, "context", key, value), "context", key, value)


def everything(collection_id: UUID) -> Term:
    """The term that every item has."""
    return Term(_id(collection_id, "all", "", ""), "all", "")


def month_of(moment: datetime) -> str:
    """The month of a moment in UTC, like 2013-06."""
    utc = moment.astimezone(UTC)
    return f"{utc.year:04}-{utc.month:02}"


def place_of(latitude: float, longitude: float) -> str:
    """The south-western corner of the cell that a point lies in, like 40,-105; a point on an edge belongs to the
    cell north or east of it, but for the pole and the date line."""
    south = min(math.floor(latitude / PLACE_DEGREES) * PLACE_DEGREES, 90 - PLACE_DEGREES)
    west = min(math.floor(longitude / PLACE_DEGREES) * PLACE_DEGREES, 180 - PLACE_DEGREES)
    return f"{south},{west}"


def bin_of(number: float) -> Bin:
    """The bin a number falls into."""
    size = abs(number)
    if number == int(number) and size < _EXACT_BELOW:
        return Bin(str(int(number)), number + 0.0, number + 0.0)
    if size < _TINY:
        return Bin("0", 0.0, 0.0)
    edges = (_HUGE, math.inf) if size >= _HUGE else _edges(size)
    low, high = edges if number > 0 else (-edges[1], -edges[0])
    return Bin(f"{_plain(low)}..{_plain(high)}", low, high)


def _edges(size: float) -> tuple[float, float]:
    """The two steps of 1, 2, 5, 10, ... around a size; decimals are read from text, so that they are what they say."""
    exponent = math.floor(math.log10(size))
    if float(f"1e{exponent}") > size:
        exponent -= 1
    elif float(f"1e{exponent + 1}") <= size:
        exponent += 1
    steps = [float(f"{step}e{exponent}") for step in _STEPS]
    return next((low, high) for low, high in pairwise(steps) if size < high)


def _plain(number: float) -> str:
    return f"{number:.15g}"


def _drawn(item_id: UUID, ids: Iterable[int]) -> list[int]:
    """At most `ITEM_VALUES_MAX` of these ids, in order. One draw for all items would leave out the same values."""
    lot = item_id.int & _BITS
    return sorted(sorted(ids, key=lambda one: (one ^ lot) * _FACTOR & _BITS)[:ITEM_VALUES_MAX])


def _given_term(collection_id: UUID, given: Given) -> Term | None:
    if given.number is not None:
        found = bin_of(given.number)
        return value_term(collection_id, given.key, found.name, bounds=found)
    if given.time is not None:
        return value_term(collection_id, given.key, month_of(given.time))
    return None if given.text is None else value_term(collection_id, given.key, given.text)


def _id(collection_id: UUID, kind: TermKind, key: str, value: str) -> int:
    """64 bits of a hash: two terms of one collection that share an id are found out when they are written."""
    parts: Iterable[bytes] = (part.encode("utf-8", "replace") for part in (kind, key, value))
    digest = hashlib.blake2b(collection_id.bytes + b"\0".join(parts), digest_size=8)
    return int.from_bytes(digest.digest(), "big", signed=True)
