"""When it was and which way it went: time of day, weekday, season, direction of the compass."""

from datetime import datetime
from typing import Final

from likewise.apps.community.logic.extracting.model import Extracted
from likewise.apps.community.logic.extracting.reading import Reading
from likewise.apps.community.logic.extracting.wordlists import words

__all__ = ["read_clock", "read_direction", "told_by_time"]

_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SEASONS: Final = ("winter", "spring", "summer", "autumn")
_TROPIC_DEG: Final = 10.0  # nearer to the equator there are no four seasons
_PARTS: Final = ((5, "night"), (7, "dawn"), (12, "morning"), (14, "midday"), (17, "afternoon"), (22, "evening"))
_SPELLED: Final = "one two three four five six seven eight nine ten eleven twelve"
_HOURS: Final = _SPELLED.split()
_HOUR_SUFFIXES: Final = {"am": 0, "pm": 12}
_CLOCK_WORDS: Final = frozenset(["am", "pm", "o'clock", "hours", "hrs", "h", "local"])
_COMPASS: Final = {
    name: value
    for value, names in (
        ("north", "north northern northward northwards northerly northbound"),
        ("south", "south southern southward southwards southerly southbound"),
        ("east", "east eastern eastward eastwards easterly eastbound"),
        ("west", "west western westward westwards westerly westbound"),
        ("northeast", "northeast northeastern northeasterly"),
        ("northwest", "northwest northwestern northwesterly"),
        ("southeast", "southeast southeastern southeasterly"),
        ("southwest", "southwest southwestern southwesterly"),
    )
    for name in names.split()
}
_SHORT: Final = {"NW": "northwest", "SE": "southeast", "SW": "southwest", "NNW": "north", "SSW": "south"}
_COMPASS_WORDS: Final = frozenset([*_COMPASS, *(name.lower() for name in _SHORT)])
_TOWARDS: Final = words("to toward towards heading headed going moving moved travelling traveling flying went")
_AWAY: Final = frozenset(["from", "left", "out"])
_OF_PLACE: Final = frozenset(["sky", "horizon", "direction", "skies", "of", "side"])


def part_of_day(hour: int) -> str:
    """The word for an hour of the local clock, 0 to 23."""
    return next((name for until, name in _PARTS if hour < until), "night")


def told_by_time(happened_at: datetime, *, latitude: float | None) -> list[Extracted]:
    """What follows from when it was: the weekday, the season where the latitude is known, the time of day.

    The hour and the day are those of `happened_at` as it stands, so it should carry the local offset. Midnight to the
    second is taken for a date without a time. Seasons are those of the calendar's months; none within 10 degrees.
    """
    found = [_from_time("weekday", _WEEKDAYS[happened_at.weekday()], 0.95)]
    if latitude is not None and abs(latitude) > _TROPIC_DEG:
        index = happened_at.month % 12 // 3
        found.append(_from_time("season", _SEASONS[index if latitude > 0 else (index + 2) % 4], 0.9))
    if (happened_at.hour, happened_at.minute, happened_at.second) != (0, 0, 0):
        found.append(_from_time("time_of_day", part_of_day(happened_at.hour), 0.6))
    return found


def read_clock(reading: Reading) -> list[Extracted]:
    """The time of day from a clock: "3 am", "10:45pm", "20:15 hours"."""
    found: list[Extracted] = []
    if _CLOCK_WORDS.isdisjoint(reading.words):
        return found
    for index, word in enumerate(reading.words):
        if word in {"am", "pm"} and index > 0 and reading.follows(index):
            hour = _hour(reading.words[index - 1].partition(":")[0].partition(".")[0], most=12)
            if hour is not None and (reading.gap(index) == "" or word == "pm" or reading.words[index - 1][0].isdigit()):
                value = part_of_day(hour % 12 + _HOUR_SUFFIXES[word])
                found.append(reading.find("time_of_day", value, index - 1, index + 1, 0.85))
        elif ":" in word and len(word) == 5 and reading.word(index + 1) in {"hours", "hrs", "h", "local"}:
            hour = _hour(word.partition(":")[0], most=23)
            if hour is not None:
                found.append(reading.find("time_of_day", part_of_day(hour), index, index + 1, 0.85))
        elif word == "o'clock" and index > 0:
            found += _o_clock(reading, index)
    return found


def _o_clock(reading: Reading, index: int) -> list[Extracted]:
    after = set(reading.words[index + 1 : index + 4])
    hour = _hour(reading.words[index - 1], most=12)
    if hour is None or not after & {"morning", "night", "evening", "afternoon"}:
        return []
    late = not after & {"morning"} and not (after & {"night"} and hour < 6)  # "two o'clock at night"
    return [reading.find("time_of_day", part_of_day(hour % 12 + (12 if late else 0)), index - 1, index + 1, 0.8)]


def read_direction(reading: Reading) -> list[Extracted]:
    """The point of the compass it went to, or stood at. "East Orlando" is a place."""
    found: list[Extracted] = []
    if _COMPASS_WORDS.isdisjoint(reading.words):
        return found
    for index, word in enumerate(reading.words):
        value = _COMPASS.get(word) or _SHORT.get(reading.text[reading.starts[index] : reading.ends[index]])
        if value is None or reading.is_denied(index):
            continue
        following = index + 1
        if reading.is_capital(index) and reading.is_capital(following) and reading.gap(following) == " ":
            continue
        if reading.word(following) in {"star", "side", "end", "coast", "carolina", "dakota", "africa", "london"}:
            continue
        joined = _COMPASS.get(reading.word(following), "") if reading.follows(following) else ""
        before = reading.words[max(0, index - 3) : index]
        if before[-1:] and _COMPASS.get(before[-1]) and reading.follows(index):
            continue  # the second half of "north-west"
        after = following
        if joined and value in {"north", "south"} and joined in {"east", "west"}:
            value, after = value + joined, following + 1
        to_another = reading.word(after) == "to" and bool(_compass_after(reading, after + 1))
        if to_another or before[-1:] == ["from"] or before[-2:] == ["from", "the"]:
            found.append(reading.find("direction", value, index, after, 0.45))
        elif _TOWARDS.intersection(before) or word.endswith(("ward", "wards", "bound")):
            found.append(reading.find("direction", value, index, after, 0.85))
        else:
            found.append(reading.find("direction", value, index, after, 0.55))
    return found


def _compass_after(reading: Reading, index: int) -> bool:
    index += reading.word(index) == "the"
    return reading.word(index) in _COMPASS or reading.word(index).upper() in _SHORT


def _hour(word: str, *, most: int) -> int | None:
    if word in _HOURS:
        return _HOURS.index(word) + 1
    return int(word) if len(word) <= 2 and word.isdecimal() and int(word) <= most else None


def _from_time(key: str, value: str, confidence: float) -> Extracted:
    return Extracted(key=key, value=value, confidence=confidence, start=0, end=0, words="", field="")
