"""Times as people write them in files, read into moments in UTC.

Understood: ISO 8601 and its relatives with a space or slashes; 31.12.2013; 12/31/2013 (month first unless told
otherwise or impossible); 31 Dec 2013; Dec 31, 2013; mail dates; a year; seconds or milliseconds since 1970.
A time without an offset is taken as UTC.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime

from likewise.platform.errors import Rejected

__all__ = ["TimeUnreadable", "looks_day_first", "looks_like_time", "read_time"]

TIME_CHARACTERS_MAX = 64
YEARS = range(1000, 3000)
EPOCH_SECONDS_MAX = 10**10 - 1  # the year 2286; larger numbers are milliseconds
EPOCH_MILLISECONDS_MAX = 10**13 - 1

_CLOCK = r"(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([AaPp]\.?[Mm]\.?)?)?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_MONTH = r"(?P<month>[A-Za-z]{3,9})"
_NUMERIC = re.compile(r"(\d{1,4})([/.-])(\d{1,2})\2(\d{1,4})" + _CLOCK + r"\s*Z?")
_DAY_MONTH = re.compile(rf"{_DAY}\.?[ -]+{_MONTH}\.?,?[ -]+(?P<year>\d{{4}}){_CLOCK}")
_MONTH_DAY = re.compile(rf"{_MONTH}\.?[ -]+{_DAY},?[ -]+(?P<year>\d{{4}}){_CLOCK}")
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sept sep",
            "october oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}


class TimeUnreadable(Rejected):
    """{value!r} is not a time. Write it like 2013-01-31T20:30:00Z."""


def read_time(value: object, *, day_first: bool = False) -> datetime:
    """The moment a value names, in UTC. `day_first` decides 03/04/2013. Raises TimeUnreadable."""
    moment: datetime | None = None
    try:
        match value:
            case datetime():
                moment = value
            case date():
                moment = datetime(value.year, value.month, value.day, tzinfo=UTC)
            case bool():
                pass
            case int() | float():
                moment = _from_number(value)
            case str():
                moment = _from_text(value.strip(), day_first=day_first)
            case _:
                pass
        if moment is not None:
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        pass
    raise TimeUnreadable(value=str(value)[:TIME_CHARACTERS_MAX])


def looks_like_time(value: str) -> bool:
    """Whether text is a date or a time and not just a number that could be read as one."""
    if value.isdigit():
        return False
    try:
        read_time(value)
    except TimeUnreadable:
        return False
    return True


def looks_day_first(values: Iterable[object]) -> bool:
    """Whether a column writes 31/12/2013: some first number is above 12, and no second one is."""
    firsts: list[int] = []
    seconds: list[int] = []
    for value in values:
        found = _NUMERIC.match(value) if isinstance(value, str) else None
        if found and found[2] == "/" and len(found[1]) <= 2:
            firsts.append(int(found[1]))
            seconds.append(int(found[3]))
    return any(first > 12 for first in firsts) and all(second <= 12 for second in seconds)


def _from_number(value: float) -> datetime | None:
    if value in YEARS:
        return datetime(int(value), 1, 1, tzinfo=UTC)
    if abs(value) <= EPOCH_SECONDS_MAX:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=value)
    if abs(value) <= EPOCH_MILLISECONDS_MAX:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=value)
    return None


def _from_text(text: str, *, day_first: bool) -> datetime | None:
    if not text or len(text) > TIME_CHARACTERS_MAX:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    if text.isdigit():
        return _from_number(int(text))
    if found := _NUMERIC.fullmatch(text):
        first, separator, second, third, *clock = found.groups()
        return _from_parts(*_order(first, separator, second, third, day_first=day_first), clock)
    if found := _DAY_MONTH.fullmatch(text) or _MONTH_DAY.fullmatch(text):
        part = found.groupdict()
        return _from_parts(part["year"], str(_MONTHS.get(part["month"].lower(), 0)), part["day"], found.groups()[3:])
    return parsedate_to_datetime(text) if "," in text else None


def _order(first: str, separator: str, second: str, third: str, *, day_first: bool) -> tuple[str, str, str]:
    """Year, month and day of three numbers. Raises ValueError when no four-digit year stands at either end."""
    if len(first) == 4:
        return first, second, third
    if len(third) != 4:
        raise ValueError
    if separator == "." or int(first) > 12 or (day_first and int(second) <= 12):
        return third, second, first
    return third, first, second


def _from_parts(year: str, month: str, day: str, clock: Sequence[str | None]) -> datetime:
    hour, minute, second, half = (*clock, None, None, None, None)[:4]
    hours = int(hour or 0)
    if half:
        if hours not in range(1, 13):
            raise ValueError
        hours = hours % 12 + (12 if half[0] in "pP" else 0)
    start = datetime(int(year), int(month), int(day), tzinfo=UTC)
    if hours == 24 and int(minute or 0) == 0:  # ISO 8601 allows the midnight that ends a day
        return start + timedelta(days=1)
    return start.replace(hour=hours, minute=int(minute or 0), second=int(second or 0))
