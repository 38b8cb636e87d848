"""How far, how high, how large and how tall something was; metres. And how fast, in words."""

from typing import Final

from likewise.apps.community.logic.extracting.model import Extracted
from likewise.apps.community.logic.extracting.numbers import Number
from likewise.apps.community.logic.extracting.reading import Reading
from likewise.apps.community.logic.extracting.wordlists import APOSTROPHES, words

__all__ = ["read_lengths", "read_speeds"]

_METRES: Final = {
    word: metres
    for metres, words in (
        (0.0254, "inch inches"),
        (0.3048, "foot feet ft"),
        (0.9144, "yard yards yd yds"),
        (1609.344, "mile miles mi"),
        (1.0, "metre metres meter meters mtrs"),
        (1000.0, "kilometre kilometres kilometer kilometers km kms"),
        (0.01, "centimetre centimetres centimeter centimeters cm"),
    )
    for word in words.split()
}
_INCH, _FOOT = 0.0254, 0.3048
_HIGH: Final = words("up high above altitude overhead elevation air ground treetops asl agl")
_FAR: Final = words("away distance distant from infront front behind down ahead apart range further")
_LARGE: Final = words("long wide across diameter length width thick round sized big large size wingspan circumference")
_TALL: Final = frozenset(["tall", "height"])
_TALL_MAX_M: Final = 15.0
_PER: Final = frozenset(["per", "an", "a", "every"])
_SPEEDS_KMH: Final = {"mph": 1.609, "kmh": 1.0, "kph": 1.0, "knots": 1.852, "kts": 1.852}
_SLOW_KMH, _FAST_KMH = 60.0, 300.0
_TAIL: Final = 4


def read_lengths(reading: Reading, numbers: list[Number]) -> list[Extracted]:
    """Every length, under the key that the words after it (or before it) call for; lengths of roads say nothing."""
    found: list[Extracted] = []
    for number in numbers:
        if number.bare:
            continue
        metres, after = _metres(reading, number)
        if metres is None or reading.word(after) in _PER or reading.word(after) == "hour":
            continue
        key, weight = _meaning(reading, number, after, metres)
        if key:
            found.append(reading.find(key, round(metres, 3), number.first, after, number.sure * weight))
    return found


def read_speeds(reading: Reading, numbers: list[Number]) -> list[Extracted]:
    """Speeds told as numbers, as the words that others use: slow, fast."""
    found: list[Extracted] = []
    for number in numbers:
        factor, after = _speed_unit(reading, number.after)
        if factor is None:
            continue
        kmh = number.value * factor
        if kmh < _SLOW_KMH or kmh > _FAST_KMH:
            value = "slow" if kmh < _SLOW_KMH else "fast"
            found.append(reading.find("speed", value, number.first, after, number.sure * 0.75))
    return found


def _speed_unit(reading: Reading, index: int) -> tuple[float | None, int]:
    word = reading.word(index)
    if word in _SPEEDS_KMH:
        return _SPEEDS_KMH[word], index + 1
    if word in {"miles", "kilometres", "kilometers", "km"} and reading.word(index + 1) in {"per", "an", "a"}:
        return (1.609 if word == "miles" else 1.0), index + 3
    return None, index


def _metres(reading: Reading, number: Number) -> tuple[float | None, int]:
    """The length in metres, and the token after it; seven feet six and 7'6" too."""
    index = number.after
    word, gap = reading.word(index), reading.gap(index)
    tail = reading.text[reading.ends[index - 1] :][:2]
    if word in _METRES and (reading.follows(index) or gap.strip() == "."):
        metres, index = number.value * _METRES[word], index + 1
        inches = reading.word(index)
        if word in {"foot", "feet", "ft"} and inches.isdecimal() and len(inches) <= 2 and reading.gap(index) == " ":
            following = reading.word(index + 1)
            if int(inches) < 12 and (following in {"in", "inch", "inches", "tall"}):
                return metres + int(inches) * _INCH, index + (2 if following != "tall" else 1)
        return metres, index
    if word == "m" and gap in {"", " "}:
        return number.value, index + 1
    if tail[:1] and tail[:1] in APOSTROPHES and reading.words[index - 1][0].isdigit() and not tail[1:].isalpha():
        inches = word if word.isdecimal() and len(word) <= 2 and gap and gap in APOSTROPHES else ""
        return number.value * _FOOT + (int(inches) * _INCH if inches else 0), index + (1 if inches else 0)
    return None, index


def _meaning(reading: Reading, number: Number, after: int, metres: float) -> tuple[str, float]:
    unit = reading.word(after - 1)
    tail: list[str] = []
    for index in range(after, min(after + _TAIL, len(reading.words))):
        if not reading.follows(index):
            break
        tail.append(reading.words[index])
    following = tail[0] if tail else ""
    noun = tail[1] if following == "in" and len(tail) > 1 else following  # "300 feet in length", "300 feet long"
    if noun in _TALL:
        return ("height_m", 0.9) if metres < _TALL_MAX_M else ("size_m", 0.8)
    for key, nouns in (("size_m", _LARGE), ("distance_m", _FAR), ("altitude_m", _HIGH)):
        if noun in nouns:
            return key, 0.86
    if following in {"in", "over", "of", "off"} and _HIGH.intersection(tail[1:]):
        return "altitude_m", 0.8
    if following == "off":
        return "distance_m", 0.8
    return _by_words_before(reading, number, unit, following, metres)


def _by_words_before(reading: Reading, number: Number, unit: str, following: str, metres: float) -> tuple[str, float]:
    before = reading.words[max(0, number.first - 5) : number.first]
    if _HIGH.intersection(before) or "altitude" in before:
        return "altitude_m", 0.7
    if _LARGE.intersection(before):
        return "size_m", 0.7
    if "within" in before or "distance" in before:
        return "distance_m", 0.75
    if "at" in before and metres >= 30:  # "at 500 feet"
        return "altitude_m", 0.55
    if unit in {"foot", "inch", "metre", "meter"} and following and number.value != 1:
        return "size_m", 0.65
    return "", 0.0
