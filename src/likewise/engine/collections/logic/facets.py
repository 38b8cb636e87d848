"""Facets: reading a value as the kind its collection declares, and guessing the kinds of a file nobody declared."""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import cast

from likewise.engine.collections.logic.times import TimeUnreadable, looks_like_time, read_time
from likewise.engine.collections.model import FacetKind, FacetValue, Place
from likewise.platform.errors import Rejected

__all__ = ["FacetUnreadable", "PlaceUnreadable", "infer_facet_kinds", "is_empty", "read_facet", "read_place"]

KEYWORD_CHARACTERS_MAX = 1_000
KEYWORDS_MAX = 100
SHOWN_CHARACTERS_MAX = 60
EXACT_INTEGER_MAX = 2**53  # beyond it a float, and so JavaScript, loses the last digits

_TRUE = frozenset({"true", "yes", "y", "t", "1", "on"})
_FALSE = frozenset({"false", "no", "n", "f", "0", "off"})
_WORDS_OF_TRUTH = frozenset({"true", "false", "yes", "no"})
# No leading zeros and no plus sign: 007 is a name and +49 the start of a telephone number.
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,15})(?:\.\d+)?(?:[eE][+-]?\d{1,3})?")
# Columns whose digits name something instead of measuring it.
_NAMING_COLUMN = re.compile(
    r"(?:^|[^a-z])(?:ids?|uuid|guid|key|code|zip|zipcode|postal|postcode|plz|phone|telephone|tel|fax|mobile|isbn|ean"
    r"|sku|ssn|iban|account|version)(?:$|[^a-z])"
)
_MOMENT_COLUMN = re.compile(r"(?:_at|_on|time|date|timestamp|created|updated|posted|epoch)(?:_ms|_s|_utc)?$")
_EPOCHS = (range(10**8, 10**10), range(10**11, 10**13))  # seconds and milliseconds, from 1973 on


class FacetUnreadable(Rejected):
    """{value!r} is not {kind}."""


class PlaceUnreadable(Rejected):
    """Latitude {lat!r} and longitude {lon!r} are not a place: degrees from -90 to 90 and from -180 to 180."""


def read_facet(kind: FacetKind, value: object, *, day_first: bool = False) -> FacetValue:
    """The value as a facet of this kind, in its one stored form. Raises FacetUnreadable, TimeUnreadable.

    Numbers are integers where they are whole; times are UTC text to the millisecond; a keyword list comes from a
    JSON array or from text parted by ";", without empty or repeated words.
    """
    match kind:
        case FacetKind.KEYWORD:
            return _read_keyword(value)
        case FacetKind.NUMBER:
            return _read_number(value)
        case FacetKind.BOOLEAN:
            return _read_boolean(value)
        case FacetKind.TIME:
            return _read_moment(value, day_first=day_first)
        case FacetKind.KEYWORDS:
            return _read_keywords(value)


def read_place(lat: object, lon: object) -> Place | None:
    """The place of two values in degrees; None when both are empty. Raises PlaceUnreadable."""
    if is_empty(lat) and is_empty(lon):
        return None
    try:
        place = Place(float(cast("str", lat)), float(cast("str", lon)))
    except (TypeError, ValueError, OverflowError):
        raise PlaceUnreadable(lat=_shown(lat), lon=_shown(lon)) from None
    if abs(place.lat) <= 90 and abs(place.lon) <= 180:  # false for NaN too
        return place
    raise PlaceUnreadable(lat=_shown(lat), lon=_shown(lon))


def infer_facet_kinds(samples: Iterable[Mapping[str, object]]) -> dict[str, FacetKind]:
    """The kind of every column that has a value in the samples. When in doubt a column is a keyword.

    007, zip codes and other numbers that name something stay keywords; a list is inferred from JSON arrays only.
    """
    columns: dict[str, list[object]] = {}
    for sample in samples:
        for name, value in sample.items():
            if not is_empty(value):
                columns.setdefault(name, []).append(value)
    return {name: _infer_kind(name, values) for name, values in columns.items()}


def is_empty(value: object) -> bool:
    """Whether a value says nothing: null, NaN, an empty list or text without a visible character."""
    if isinstance(value, str):
        return not value or value.isspace()
    return value is None or value == [] or (isinstance(value, float) and math.isnan(value))


def _infer_kind(name: str, values: Sequence[object]) -> FacetKind:
    if all(isinstance(value, list) for value in values):
        return FacetKind.KEYWORDS
    # Ordered by how much they ask of every value.
    tests: tuple[tuple[FacetKind, Callable[[str, object], bool]], ...] = (
        (FacetKind.BOOLEAN, _is_boolean),
        (FacetKind.TIME, _is_moment),
        (FacetKind.NUMBER, _is_number),
    )
    for kind, fits in tests:
        if all(fits(name, value) for value in values):
            return kind
    return FacetKind.KEYWORD


def _is_boolean(_name: str, value: object) -> bool:
    return isinstance(value, bool) or (isinstance(value, str) and value.strip().lower() in _WORDS_OF_TRUTH)


def _is_moment(name: str, value: object) -> bool:
    if isinstance(value, datetime):
        return True
    if isinstance(value, str) and looks_like_time(value):
        return True
    number = int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value
    return (
        isinstance(number, int)
        and any(number in epoch for epoch in _EPOCHS)
        and _MOMENT_COLUMN.search(name.lower()) is not None
    )


def _is_number(name: str, value: object) -> bool:
    if isinstance(value, bool) or _NAMING_COLUMN.search(_snake(name)):
        return False
    if isinstance(value, int | float):
        return abs(value) <= EXACT_INTEGER_MAX
    return isinstance(value, str) and _NUMBER.fullmatch(value.strip()) is not None


def _snake(name: str) -> str:
    """`ownerId` and `Owner ID` as `owner_id`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _read_keyword(value: object) -> str:
    match value:
        case str():
            text = value.strip()
        case bool():
            text = "true" if value else "false"
        case int() | float():
            text = str(value)
        case datetime():
            text = _moment_text(value)
        case _:
            raise FacetUnreadable(value=_shown(value), kind="a keyword")
    if not text or len(text) > KEYWORD_CHARACTERS_MAX:
        raise FacetUnreadable(value=_shown(value), kind=f"a keyword of 1 to {KEYWORD_CHARACTERS_MAX} characters")
    return text


def _read_number(value: object) -> int | float:
    number = math.nan
    if isinstance(value, int | float | str) and not isinstance(value, bool):
        with suppress(ValueError, OverflowError):
            number = float(value)
    if not math.isfinite(number):
        raise FacetUnreadable(value=_shown(value), kind="a number")
    return int(number) if number.is_integer() and abs(number) <= EXACT_INTEGER_MAX else number


def _read_boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower() if isinstance(value, str | int) else ""
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise FacetUnreadable(value=_shown(value), kind="true or false")


def _read_moment(value: object, *, day_first: bool) -> str:
    try:
        return _moment_text(read_time(value, day_first=day_first))
    except TimeUnreadable:
        raise FacetUnreadable(value=_shown(value), kind="a time like 2013-01-31T20:30:00Z") from None


def _moment_text(moment: datetime) -> str:
    utc = moment.astimezone(UTC) if moment.tzinfo else moment
    return f"{utc.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def _read_keywords(value: object) -> list[str]:
    words = cast("list[object]", value) if isinstance(value, list) else cast("list[object]", str(value).split(";"))
    found = list(dict.fromkeys(_read_keyword(word) for word in words if not is_empty(word)))
    if len(found) > KEYWORDS_MAX:
        raise FacetUnreadable(value=_shown(words), kind=f"a list of at most {KEYWORDS_MAX} keywords")
    return found


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= SHOWN_CHARACTERS_MAX else f"{text[:SHOWN_CHARACTERS_MAX]}..."
