"""Expressions of time in a question: years, months, seasons, days, "the last 30 days", "since 2012", "at night"."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from likewise.apps.community.logic.discovering.tools import MONTHS, WEEKDAYS, MonthName, WeekdayName
from likewise.apps.community.logic.discovering.words import Token, listed, number_of
from likewise.engine.collections import TimeRange

__all__ = ["SEASON_MONTHS", "Moment", "is_time_word", "read_moment"]

SEASON_MONTHS: Final[dict[str, tuple[MonthName, ...]]] = {
    "spring": ("march", "april", "may"),
    "summer": ("june", "july", "august"),
    "autumn": ("september", "october", "november"),
    "winter": ("december", "january", "february"),
}
"""Seasons of the northern half, by the calendar's months."""

_SEASONS: Final = {
    "spring": "spring", "springtime": "spring", "summer": "summer", "summertime": "summer", "autumn": "autumn",
    "fall": "autumn", "winter": "winter", "wintertime": "winter",
}  # fmt: skip
_MONTHS: Final = {name: index for index, month in enumerate(MONTHS, start=1) for name in (month, month[:3])} | {
    "sept": 9
}
_UNSURE_MONTHS: Final = frozenset(["may", "mar", "march", "dec", "sep", "jan"])  # "may" and "march" are words, too
_INTO: Final = listed("in during of from on for throughout over within by the early late mid around about")
_NEEDS_IN: Final = listed("in during of from since until till before after between and to")
_PARTS: Final = {
    "night": "night", "nighttime": "night", "nights": "night", "midnight": "night", "nightfall": "dusk",
    "dawn": "dawn", "sunrise": "dawn", "daybreak": "dawn", "morning": "morning", "mornings": "morning",
    "noon": "midday", "midday": "midday", "afternoon": "afternoon", "afternoons": "afternoon", "evening": "evening",
    "evenings": "evening", "dusk": "dusk", "sunset": "dusk", "twilight": "dusk",
}  # fmt: skip
_BEFORE_PARTS: Final = listed("at in the by during late early of after around middle on every")
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_DECADE: Final = re.compile(r"(?:(?:19|20)\d0s|\d0s)")
_DATE: Final = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?")
_ORDINAL: Final = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?")
_UNITS: Final = {
    "hour": "hour", "hours": "hour", "day": "day", "days": "day", "week": "week", "weeks": "week", "weekend": "weekend",
    "month": "month", "months": "month", "year": "year", "years": "year", "decade": "decade",
}  # fmt: skip
_RECENT_DAYS: Final = 30
_SPAN_WORDS_MAX: Final = 8


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """When something was: a stretch of time, or months, weekdays, a season or a part of the day of any year.

    `first` to `after` are the question's tokens that say so.
    """

    happened: TimeRange | None = None
    months: tuple[MonthName, ...] = ()
    weekdays: tuple[WeekdayName, ...] = ()
    season: str = ""
    parts_of_day: tuple[str, ...] = ()
    first: int = 0
    after: int = 0


class _Span(msgspec.Struct, frozen=True):
    """A period, first <= t < before; `after` is the token behind it."""

    first: datetime
    before: datetime
    after: int


def read_moment(words: Sequence[Token], index: int, now: datetime) -> Moment | None:
    """The expression of time that begins at a token, small words before it included; None where none does."""
    for read in (_between, _bounded, _relative, _plain, _weekdays, _part_of_day):
        found = read(words, index, now)
        if found is not None:
            return msgspec.structs.replace(found, first=index)
    return None


def _word(words: Sequence[Token], index: int) -> str:
    return words[index].corrected or words[index].word if 0 <= index < len(words) else ""


def _skip(words: Sequence[Token], index: int, among: frozenset[str]) -> int:
    start = index
    while _word(words, index) in among and index - start < _SPAN_WORDS_MAX:
        index += 1
    return index


def _at(now: datetime, year: int, month: int = 1, day: int = 1) -> datetime | None:
    try:
        return now.replace(year=year, month=month, day=day, hour=0, minute=0, second=0, microsecond=0)
    except ValueError:
        return None


def _month_span(now: datetime, year: int, month: int, after: int, *, months: int = 1) -> _Span | None:
    last = year * 12 + month - 1 + months
    first, before = _at(now, year, month), _at(now, last // 12, last % 12 + 1)
    return None if first is None or before is None else _Span(first, before, after)


def _period(words: Sequence[Token], index: int, now: datetime) -> _Span | None:
    """A period with its year: 2013, June 2013, 3 June 2013, June 3rd 2013, 2013-06, 2013-06-03, summer 2013."""
    word = _word(words, index)
    dated = _DATE.fullmatch(word)
    if dated is not None:
        return _calendar(now, int(dated[1]), int(dated[2]), int(dated[3] or 0), index + 1)
    if _YEAR.fullmatch(word):
        return _month_span(now, int(word), 1, index + 1, months=12)
    if _DECADE.fullmatch(word):
        return _month_span(now, _decade(word), 1, index + 1, months=120)
    if word in _SEASONS:
        place = _skip(words, index + 1, frozenset(["of", "in"]))
        if _YEAR.fullmatch(_word(words, place)):
            starts = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}[_SEASONS[word]]
            return _month_span(now, int(_word(words, place)), starts, place + 1, months=3)
        return None
    return _named_month(words, index, now)


def _named_month(words: Sequence[Token], index: int, now: datetime) -> _Span | None:
    day = _ORDINAL.fullmatch(_word(words, index))
    place = index
    if day is not None:
        place = _skip(words, index + 1, frozenset(["of", "st", "nd", "rd", "th"]))
    month = _MONTHS.get(_word(words, place))
    if month is None:
        return None
    place += 1
    if day is None:
        day = _ORDINAL.fullmatch(_word(words, place))
        if day is not None:
            place = _skip(words, place + 1, frozenset(["st", "nd", "rd", "th"]))
    place = _skip(words, place, frozenset(["of", "in"]))
    if _YEAR.fullmatch(_word(words, place)):
        return _calendar(now, int(_word(words, place)), month, int(day[1]) if day else 0, place + 1)
    return None


def _calendar(now: datetime, year: int, month: int, day: int, after: int) -> _Span | None:
    if not 1 <= month <= 12:
        return None
    if not day:
        return _month_span(now, year, month, after)
    first = _at(now, year, month, day)
    return None if first is None else _Span(first, first + timedelta(days=1), after)


def _decade(word: str) -> int:
    if len(word) == 5:
        return int(word[:4])
    short = int(word[:2])
    return (1900 if short >= 30 else 2000) + short


def _between(words: Sequence[Token], index: int, now: datetime) -> Moment | None:
    """Reads "between 2012 and 2014", "from May to July 2013", "May to July", "2012-2014"."""
    place = index + (_word(words, index) in {"between", "from"})
    left, right = _period(words, place, now), None
    link = left.after if left else place + 1
    joined = _word(words, link) in {"and", "to", "until", "till", "through"} or (
        link < len(words) and words[link].gap.strip() in {"-", "–", "—"}  # noqa: RUF001 - dashes between dates
    )
    if not joined or (place == index and _word(words, link) == "and"):
        return None
    behind = link + (_word(words, link) in {"and", "to", "until", "till", "through"})
    right = _period(words, behind, now)
    if left and right:
        return Moment(happened=TimeRange(gte=left.first, lt=right.before), after=right.after)
    first, last = _MONTHS.get(_word(words, place)), _MONTHS.get(_word(words, behind))
    if first and right and last:
        start = _month_span(now, right.first.year - (first > last), first, right.after)
        return Moment(happened=TimeRange(gte=start.first, lt=right.before), after=right.after) if start else None
    if first and last:
        months = [*range(first, last + 1)] if first <= last else [*range(first, 13), *range(1, last + 1)]
        return Moment(months=tuple(MONTHS[month - 1] for month in months), after=behind + 1)
    return None


def _bounded(words: Sequence[Token], index: int, now: datetime) -> Moment | None:
    """Reads "since 2012", "before June 2013", "after last year", "until yesterday", "since May"."""
    word = _word(words, index)
    if word not in {"since", "before", "after", "until", "till"}:
        return None
    start = _skip(words, index + 1, frozenset(["the", "about", "around"]))
    span = _period(words, start, now) or _relative_span(words, start, now)
    if span is None:
        month = _MONTHS.get(_word(words, start))
        if month is None:
            return None
        span = _month_span(now, now.year - (month > now.month), month, start + 1)
        if span is None:
            return None
    bounds = {
        "since": TimeRange(gte=span.first),
        "after": TimeRange(gte=span.before),
        "before": TimeRange(lt=span.first),
    }
    return Moment(happened=bounds.get(word, TimeRange(lt=span.before)), after=span.after)


def _relative(words: Sequence[Token], index: int, now: datetime) -> Moment | None:
    start = _skip(words, index, _INTO)
    span = _relative_span(words, start, now, is_rolling=_word(words, start - 1) == "the" and start > index)
    if span is None:
        return None
    if _word(words, span.after - 1) == "night":  # "last night"
        return Moment(happened=TimeRange(gte=span.first, lt=span.before), parts_of_day=("night",), after=span.after)
    return Moment(happened=TimeRange(gte=span.first, lt=span.before), after=span.after)


def _relative_span(words: Sequence[Token], index: int, now: datetime, *, is_rolling: bool = False) -> _Span | None:
    """Reads "today", "this week", "last year", "the last 30 days", "past month", "two years ago", "recently"."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    word, following = _word(words, index), _word(words, index + 1)
    if word in {"recently", "lately"}:
        return _Span(now - timedelta(days=_RECENT_DAYS), now, index + 1)
    if word in {"today", "yesterday", "tonight"}:
        first = today - timedelta(days=word == "yesterday")
        return _Span(first, first + timedelta(days=1), index + 1)
    if word in {"last", "past", "previous", "latest"}:
        return _last(words, index, now, is_rolling=is_rolling or word == "past")
    if word == "this":
        return _calendar_unit(today, _UNITS.get(following, ""), 0, index + 2)
    number = number_of(word)
    if number is not None and following in _UNITS and _word(words, index + 2) == "ago":
        past = _rolling(now, number, _UNITS[following], index + 3)
        return past and _around(past.first, _UNITS[following], past.after)
    return None


def _last(words: Sequence[Token], index: int, now: datetime, *, is_rolling: bool) -> _Span | None:
    """What follows "last": "30 days", "couple of weeks", "night", "summer", "June", "month"."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    following = _word(words, index + 1)
    number = number_of(following)
    place = index + 2
    if following in {"couple", "few"}:
        number, place = (2 if following == "couple" else 3), _skip(words, place, frozenset(["of"]))
    if number is not None and _word(words, place) in _UNITS:
        return _rolling(now, number, _UNITS[_word(words, place)], place + 1)
    if following == "night":
        return _Span(today - timedelta(days=1), today + timedelta(hours=6), index + 2)
    if following in _SEASONS or following in _MONTHS:
        return _last_named(now, following, index + 2)
    if following in _UNITS and is_rolling and following != "weekend":
        return _rolling(now, 1, _UNITS[following], index + 2)
    return _calendar_unit(today, _UNITS.get(following, ""), -1, index + 2)


def _rolling(now: datetime, number: float, unit: str, after: int) -> _Span | None:
    days = {"hour": 1 / 24, "day": 1, "week": 7, "month": 30, "year": 365, "decade": 3_650}.get(unit)
    if days is None or not 0 < number * days <= 36_500:
        return None
    return _Span(now - timedelta(days=number * days), now, after)


def _around(moment: datetime, unit: str, after: int) -> _Span | None:
    return _calendar_unit(moment.replace(hour=0, minute=0, second=0, microsecond=0), unit, 0, after)


def _calendar_unit(today: datetime, unit: str, step: int, after: int) -> _Span | None:
    """The whole day, week from Monday, weekend, month, year or decade that is `step` from the one of `today`."""
    if unit in {"month", "year"}:
        months = today.year * 12 + (today.month - 1 if unit == "month" else 0)
        start = months + step * (1 if unit == "month" else 12)
        return _month_span(today, start // 12, start % 12 + 1, after, months=1 if unit == "month" else 12)
    monday = today - timedelta(days=today.weekday()) + timedelta(days=7 * step)
    match unit:
        case "day" | "hour":
            return _Span(today + timedelta(days=step), today + timedelta(days=step + 1), after)
        case "week":
            return _Span(monday, monday + timedelta(days=7), after)
        case "weekend":
            return _Span(monday + timedelta(days=5), monday + timedelta(days=7), after)
        case "decade":
            return _month_span(today, (today.year // 10 + step) * 10, 1, after, months=120)
        case _:
            return None


def _last_named(now: datetime, name: str, after: int) -> _Span | None:
    """Reads "last summer", "last june": the latest one that is over."""
    starts, length = _MONTHS.get(name, 0), 1
    if name in _SEASONS:
        starts, length = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}[_SEASONS[name]], 3
    for year in (now.year, now.year - 1, now.year - 2):
        span = _month_span(now, year, starts, after, months=length)
        if span is not None and span.before <= now:
            return span
    return None


def _plain(words: Sequence[Token], index: int, now: datetime) -> Moment | None:
    """A period with its year, or a month or season of any year: "in June 2013", "in summer", "in June and July"."""
    start = _skip(words, index, _INTO)
    span = _period(words, start, now)
    if span is not None:
        return Moment(happened=TimeRange(gte=span.first, lt=span.before), after=span.after)
    word = _word(words, start)
    is_led = start > index or _word(words, index - 1) in _NEEDS_IN
    if word in _SEASONS and (word != "fall" or is_led):
        return Moment(season=_SEASONS[word], months=SEASON_MONTHS[_SEASONS[word]], after=start + 1)
    if word in _MONTHS and (is_led or word not in _UNSURE_MONTHS):
        months: list[MonthName] = [MONTHS[_MONTHS[word] - 1]]
        after = start + 1
        while _word(words, after) in {"and", "or"} and _word(words, after + 1) in _MONTHS:
            months.append(MONTHS[_MONTHS[_word(words, after + 1)] - 1])
            after += 2
        return Moment(months=tuple(dict.fromkeys(months)), after=after)
    return None


def _weekdays(words: Sequence[Token], index: int, _: datetime) -> Moment | None:
    start = _skip(words, index, frozenset(["on", "at", "the", "a", "every", "during", "in"]))
    found: list[WeekdayName] = []
    after = start
    while True:
        word = _word(words, after)
        days: list[WeekdayName] = [day for day in WEEKDAYS if word in {day, f"{day}s"}]
        if word in {"weekend", "weekends"}:
            days = ["saturday", "sunday"]
        elif word in {"weekdays", "workdays"} and start > index:
            days = list(WEEKDAYS[:5])
        if not days:
            break
        found += days
        after += 1
        if _word(words, after) in {"and", "or"}:
            after += 1
    if not found:
        return None
    after -= _word(words, after - 1) in {"and", "or"}
    return Moment(weekdays=tuple(day for day in WEEKDAYS if day in found), after=after)


def _part_of_day(words: Sequence[Token], index: int, _: datetime) -> Moment | None:
    start = _skip(words, index, _BEFORE_PARTS)
    part = _PARTS.get(_word(words, start))
    if part is None:
        return None
    parts, after = [part], start + 1
    while _word(words, after) in {"and", "or"}:
        behind = _skip(words, after + 1, _BEFORE_PARTS)
        if _word(words, behind) not in _PARTS:
            break
        parts.append(_PARTS[_word(words, behind)])
        after = behind + 1
    return Moment(parts_of_day=tuple(dict.fromkeys(parts)), after=after)


def is_time_word(word: str) -> bool:
    """Whether a word belongs to expressions of time."""
    return word in _MONTHS or word in _SEASONS or word in _PARTS or word in _UNITS or word.removesuffix("s") in WEEKDAYS
