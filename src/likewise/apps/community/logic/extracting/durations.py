"""How long something took, and how long before or after something else it was; seconds."""

from typing import Final

import msgspec

from likewise.apps.community.logic.extracting.model import Extracted
from likewise.apps.community.logic.extracting.numbers import Number
from likewise.apps.community.logic.extracting.reading import Reading
from likewise.apps.community.logic.extracting.wordlists import words

__all__ = ["Span", "read_duration", "read_lead_time", "read_lost_minutes", "read_spans"]

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86_400.0
_WEEK, _MONTH, _YEAR = 7 * _DAY, 30.44 * _DAY, 365.25 * _DAY
_UNITS: Final = {
    word: seconds
    for seconds, words in (
        (1.0, "second seconds sec secs secounds seconde"),
        (_MINUTE, "minute minutes min mins minuets minutos"),
        (_HOUR, "hour hours hr hrs"),
        (_DAY, "day days"),
        (_WEEK, "week weeks"),
        (_MONTH, "month months"),
        (_YEAR, "year years yr yrs"),
    )
    for word in words.split()
}
_SHORT_UNITS: Final = {"s": 1.0, "m": _MINUTE, "h": _HOUR}
_FILLERS: Final = frozenset(["full", "solid", "good", "whole", "long", "short", "more", "odd", "straight", "entire"])
_NOT_LASTING_AFTER: Final = words(
    "ago old later away before after earlier early late prior from per walk drive flight ride behind older younger "
    "apart previously exposure exposures intervals interval to delay left delayed break lunch nap shift each "
    "meeting"
)
_NOT_LASTING_BEFORE: Final = words(
    "after every each per within next following once twice times mph miles feet km meters metres kilometres "
    "kilometers knots age aged until till in this same that by previous takes need"
)
_LASTING_BEFORE: Final = words(
    "for lasted lasting lasts last took during over watched duration total observed viewed visible seen stayed "
    "hovered entire whole full filmed continued spent"
)
_WATCHED: Final = frozenset(["watched", "lasted", "lasting", "visible", "duration", "total"])
_FIXED: Final = {
    ("split", "second"): (0.5, 0.5),
    ("all", "night"): (8 * _HOUR, 0.5),
    ("all", "day"): (12 * _HOUR, 0.4),
    ("whole", "night"): (8 * _HOUR, 0.5),
}
_FIXED_WORDS: Final = frozenset(first for first, _ in _FIXED)
_STRONG, _PLAIN, _PART, _LONG, _WEAK = 0.92, 0.8, 0.66, 0.55, 0.5
_ROUGHLY: Final = words("about around approximately approx roughly nearly almost the least than")
_SPLITTING: Final = words("hovered hover hovering stopped paused stationary still stood followed lingered")
_UNMOVED: Final = frozenset(["move", "moving", "stop", "stopping", "change", "budge", "speak"])
_REPEATING: Final = frozenset(["intervals", "interval", "apart", "every"])
_SETTLED: Final = words("lived live been worked known married here living cleaned driven taught fished past last")
_BARE_BEFORE: Final = words("for lasted lasting in within about maybe took only just almost than least")
_SHORT_MAX_S, _HOURS_MAX = 120.0, 12.0
_DECADES: Final = frozenset(["the", "my", "his", "her", "their", "early", "late", "mid"])
_AFTER_LENGTH: Final = words(
    "then before at when until it i we she he they and the of but in as with while to from however over"
)
_LOST: Final = words(
    "lost lose missing gone unaccounted account vanished skipped blank remember memory disappeared hole late"
)
_NEAR: Final = 8


class Span(msgspec.Struct, frozen=True):
    """A length of time said by the tokens [first, after); `sure` in (0, 1] is how exactly."""

    seconds: float
    unit_s: float
    sure: float
    first: int
    after: int


def read_spans(reading: Reading, numbers: list[Number]) -> list[Span]:
    """Every length of time in a text: "two hours and ten minutes" is one."""
    spans: list[Span] = []
    for number in numbers:
        span = _span(reading, number)
        if span is None:
            continue
        before = spans[-1] if spans else None
        joined = before is not None and span.unit_s < before.unit_s and not number.bare
        if before is not None and joined and _touch(reading, before.after, span.first):
            sure = min(before.sure, span.sure)
            spans[-1] = Span(before.seconds + span.seconds, span.unit_s, sure, before.first, span.after)
        else:
            spans.append(span)
    return spans


def read_duration(reading: Reading, spans: list[Span]) -> list[Extracted]:
    """How long it lasted: of all lengths of time the one most plainly said to be that."""
    found = [
        reading.find("duration_s", round(span.seconds, 3), span.first, span.after, span.sure * weight)
        for span in spans
        if (weight := _lasting(reading, span)) > 0
    ]
    if not found:
        found = _fixed(reading) or _from_clocks(reading)
    return found


def read_lost_minutes(reading: Reading, spans: list[Span]) -> list[Extracted]:
    """Minutes that somebody cannot account for."""
    found: list[Extracted] = []
    for span in spans:
        if span.unit_s > _DAY:
            continue
        near = set(reading.words[max(0, span.first - _NEAR) : span.after + _NEAR])
        weight = 0.9 if near & _LOST else 0.45
        found.append(
            reading.find("missing_minutes", round(span.seconds / 60, 2), span.first, span.after, span.sure * weight)
        )
    return found


def read_lead_time(reading: Reading, spans: list[Span]) -> list[Extracted]:
    """How long before what was foreseen came: "three days later", "a week before"."""
    found: list[Extracted] = []
    for span in spans:
        following = reading.word(span.after)
        before = reading.word(span.first - 1)
        if following in {"later", "before", "earlier", "beforehand", "prior", "afterwards", "after"}:
            weight = 0.85
        elif before in {"after", "within"}:
            weight = 0.65
        else:
            continue
        found.append(reading.find("lead_time_s", round(span.seconds), span.first, span.after, span.sure * weight))
    return found


def _span(reading: Reading, number: Number) -> Span | None:
    index = number.after
    word = reading.word(index)
    if reading.follows(index) and word in _FILLERS:
        index += 1
        word = reading.word(index)
    if not word or (not reading.follows(index) and reading.gap(index).strip() != "."):
        return None
    unit_s = _UNITS.get(word)
    if unit_s is None and word in _SHORT_UNITS and reading.gap(index) == "" and word != "m":
        unit_s = None if word == "s" and _is_plural(reading, number) else _SHORT_UNITS[word]
    if unit_s is None or (unit_s == _HOUR and number.value > 24):  # "1900 hours" is a time of day
        return None
    if number.bare and unit_s < _HOUR and not _is_length(reading, number, index + 1):
        return None  # "a second light"
    value, after = number.value, index + 1
    tail = reading.words[after : after + 3]
    sure = number.sure * (0.85 if number.bare and unit_s < _HOUR else 1.0)
    if tail[:1] == ["and"] and "half" in tail[1:2] + tail[2:3] * (tail[1:2] == ["a"]):
        value, after = value + 0.5, after + 1 + tail[1:].index("half") + 1
    elif tail[:2] == ["or", "two"]:
        value, sure, after = value + 0.5, sure * 0.85, after + 2
    return Span(value * unit_s, unit_s, sure, number.first, after)


def _is_plural(reading: Reading, number: Number) -> bool:
    """Whether "16s" is no time: "two F-16s", "the 90s", "on the 295s"."""
    before = reading.word(number.first - 1)
    return number.value > _SHORT_MAX_S or before in _DECADES or reading.gap(number.first).strip() != ""


def _is_length(reading: Reading, number: Number, after: int) -> bool:
    """Whether "a second" or "a minute" is a length of time, by the words around it."""
    before = reading.word(number.first - 1) if reading.follows(number.first) else ""
    following = reading.word(after) if reading.follows(after) else ""
    if following in {"or", "later", "ago", "and", "before", "after"}:
        return True
    return before in _BARE_BEFORE and (following == "" or following in _AFTER_LENGTH)


def _touch(reading: Reading, after: int, first: int) -> bool:
    return after == first or (first == after + 1 and reading.words[after] == "and")


def _lasting(reading: Reading, span: Span) -> float:
    """How plainly a length of time is said to be that of the experience; 0: it is something else."""
    following = reading.word(span.after) if reading.follows(span.after) else ""
    back = [reading.word(index) for index in range(span.first - 1, max(-1, span.first - 5), -1)]
    before = back[0] if back and reading.follows(span.first) else ""
    if before in _ROUGHLY:
        before = next((word for word in back[1:] if word not in {"at", "more", "less"}), "")
    follows_on = following in _NOT_LASTING_AFTER and not (following == "before" and before in _LASTING_BEFORE)
    denied = reading.is_denied(span.first) and not _UNMOVED.intersection(back)  # "it did not move for ten minutes"
    if follows_on or denied or _REPEATING.intersection(back):
        return 0.0
    if span.unit_s > _HOUR:
        lasting = before in {"for", "lasted", "lasting", "over"} and not _SETTLED.intersection(back)
        return _LONG if lasting else 0.0
    if span.seconds > _HOURS_MAX * _HOUR or following in {"then", "before"} or _SPLITTING.intersection(back):
        return _PART
    return _by_word_before(reading, span, before, back)


def _by_word_before(reading: Reading, span: Span, before: str, back: list[str]) -> float:
    if before in _LASTING_BEFORE or back[:2] in (["of", "period"], ["of", "space"]):
        return _STRONG
    if before in {"in", "within"}:
        return _WEAK
    if before in _NOT_LASTING_BEFORE or (before in {"an", "a"} and span.unit_s == _HOUR):
        return 0.0
    tail = reading.words[span.after : span.after + 3]
    return _STRONG if _WATCHED.intersection(tail) else _PLAIN


def _fixed(reading: Reading) -> list[Extracted]:
    if _FIXED_WORDS.isdisjoint(reading.words):
        return []
    pairs = zip(reading.words, reading.words[1:], strict=False)
    return [
        reading.find("duration_s", _FIXED[pair][0], index, index + 2, _FIXED[pair][1])
        for index, pair in enumerate(pairs)
        if pair in _FIXED
    ]


def _from_clocks(reading: Reading) -> list[Extracted]:
    """What lies between two times of day: "from 9:10 to 9:45 pm"."""
    found: list[Extracted] = []
    for index, word in enumerate(reading.words if "from" in reading.words else ()):
        start_s = _clock_s(word)
        if start_s is None or reading.word(index - 1) != "from":
            continue
        link = index + 1 + (reading.word(index + 1) in {"am", "pm"})
        end_s = _clock_s(reading.word(link + 1))
        if end_s is not None and reading.word(link) in {"to", "till", "until"}:
            seconds = (end_s - start_s) % (12 * _HOUR)
            if seconds > 0:
                found.append(reading.find("duration_s", seconds, index, link + 2, 0.7))
    return found


def _clock_s(word: str) -> float | None:
    hours, colon, minutes = word.partition(":")
    if not colon or not (len(hours) <= 2 and len(minutes) == 2 and hours.isdecimal() and minutes.isdecimal()):
        return None
    return int(hours) * _HOUR + int(minutes) * _MINUTE if int(hours) < 24 and int(minutes) < 60 else None
