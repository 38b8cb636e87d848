"""From an experience to its attributes: which rules run, and what of their finds remains."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from types import MappingProxyType
from typing import Final

from likewise.apps.community.logic.categories import GENERAL_KEYS, find_category
from likewise.apps.community.logic.extracting.counts import read_object_count, read_witness_count
from likewise.apps.community.logic.extracting.durations import (
    read_duration,
    read_lead_time,
    read_lost_minutes,
    read_spans,
)
from likewise.apps.community.logic.extracting.lengths import read_lengths, read_speeds
from likewise.apps.community.logic.extracting.lexicon import Lexicon
from likewise.apps.community.logic.extracting.marks import read_age, read_name_seen, read_number_seen
from likewise.apps.community.logic.extracting.model import Extracted, Field
from likewise.apps.community.logic.extracting.moments import read_clock, read_direction, told_by_time
from likewise.apps.community.logic.extracting.numbers import Number, read_numbers
from likewise.apps.community.logic.extracting.reading import Reading
from likewise.apps.community.logic.extracting.vocabulary import PHRASES
from likewise.apps.community.logic.extracting.wordlists import words

__all__ = ["RULE_KEYS", "VERSION", "extract"]

VERSION: Final = 1
"""Counts up whenever a rule or a word changes, so that texts read by older rules can be read anew."""

_SINGLE: Final = words(
    "duration_s missing_minutes lead_time_s witness_count object_count distance_m altitude_m size_m height_m age_years "
    "time_of_day season weekday"
)
"""Keys of which an experience has one value, the surest; yes-or-no keys too. Others may have several."""

_VALUES_MAX: Final = 8
_AGREEMENT: Final = 0.04
_CONFIDENCE_MAX: Final = 0.98

_BY_NUMBERS: Final[Mapping[str, Callable[[Reading, list[Number]], list[Extracted]]]] = MappingProxyType(
    {
        "witness_count": read_witness_count,
        "object_count": read_object_count,
        "number_seen": read_number_seen,
        "age_years": read_age,
        "speed": read_speeds,
    }
)
_LENGTHS: Final = frozenset(["distance_m", "altitude_m", "size_m", "height_m"])
_BY_SPANS: Final = MappingProxyType(
    {"duration_s": read_duration, "missing_minutes": read_lost_minutes, "lead_time_s": read_lead_time}
)
_BY_WORDS: Final = MappingProxyType(
    {"direction": read_direction, "name_seen": read_name_seen, "time_of_day": read_clock}
)

RULE_KEYS: Final = frozenset([*PHRASES, *_BY_NUMBERS, *_LENGTHS, *_BY_SPANS, *_BY_WORDS])
"""Every key that some rule finds."""


def extract(
    *,
    text: str,
    title: str = "",
    category: str | None = None,
    happened_at: datetime | None = None,
    latitude: float | None = None,
) -> list[Extracted]:
    """The attributes that an experience tells of itself, sorted by key, each key's surest first.

    The category decides which rules run; one that is not built in gets the general rules alone. `happened_at` should
    carry the local offset. `latitude` (degrees) tells the season's half of the world. What is said to be absent is left
    out, or False of a yes-or-no key. Time is linear in the text.
    """
    found = category if category is not None else ""
    known = find_category(found)
    keys = frozenset(known.extracts if known else GENERAL_KEYS)
    finds: list[Extracted] = []
    if title.strip():
        finds += _read(title, field="title", keys=keys)
    finds += _read(text, field="text", keys=keys)
    if happened_at is not None:
        finds = [*(one for one in finds if one.key != "weekday"), *told_by_time(happened_at, latitude=latitude)]
    return _best(finds)


def _read(text: str, *, field: Field, keys: frozenset[str]) -> list[Extracted]:
    reading = Reading(text, field=field)
    if not reading.words:
        return []
    finds = _lexicon(keys).read(reading)
    numbers = read_numbers(reading)
    for key, by_words in _BY_WORDS.items():
        if key in keys:
            finds += by_words(reading)
    for key, by_numbers in _BY_NUMBERS.items():
        if key in keys:
            finds += by_numbers(reading, numbers)
    if not numbers:
        return [*finds, *read_duration(reading, [])]
    if _LENGTHS & keys:
        finds += (one for one in read_lengths(reading, numbers) if one.key in keys)
    spans = read_spans(reading, numbers)
    for key, by_spans in _BY_SPANS.items():
        if key in keys:
            finds += by_spans(reading, spans)
    return finds


@lru_cache(maxsize=64)
def _lexicon(keys: frozenset[str]) -> Lexicon:
    """The vocabularies of these keys as one tree; there are as many as there are categories with rules of their own."""
    return Lexicon(phrase for key in sorted(keys) if key in PHRASES for phrase in PHRASES[key])


def _best(finds: Iterable[Extracted]) -> list[Extracted]:
    """Each value once, at its surest place; of keys with one value the surest."""
    ordered = sorted(finds, key=lambda one: (one.key, -one.confidence, one.field, one.start))
    best: list[Extracted] = []
    for key, group in groupby(ordered, key=lambda one: one.key):
        values: dict[object, Extracted] = {}
        times: dict[object, int] = {}
        for one in group:
            values.setdefault(one.value, one)
            times[one.value] = times.get(one.value, 0) + 1
        kept = [_surer(one, times[value]) for value, one in values.items()]
        kept.sort(key=lambda one: (-one.confidence, one.field, one.start))
        is_single = key in _SINGLE or isinstance(kept[0].value, bool)
        best += kept[:1] if is_single else kept[:_VALUES_MAX]
    return best


def _surer(one: Extracted, times: int) -> Extracted:
    """A value that is told several times is a little surer."""
    if times == 1:
        return one
    confidence = max(one.confidence, min(_CONFIDENCE_MAX, one.confidence + _AGREEMENT * min(times - 1, 3)))
    return Extracted(
        key=one.key,
        value=one.value,
        confidence=round(confidence, 3),
        start=one.start,
        end=one.end,
        words=one.words,
        field=one.field,
    )
