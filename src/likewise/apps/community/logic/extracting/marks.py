"""Numbers and names that people keep meeting, and how old they were."""

from typing import Final

from likewise.apps.community.logic.extracting.model import Extracted
from likewise.apps.community.logic.extracting.numbers import Number
from likewise.apps.community.logic.extracting.reading import Reading

__all__ = ["read_age", "read_name_seen", "read_number_seen"]

_NUMBER_MAX: Final = 8
_LADDERS: Final = frozenset(["12:34", "1234", "123", "01:23", "23:45"])
_NAMING: Final = frozenset(["name", "named", "called", "surname", "names"])
_LINKS: Final = frozenset(["was", "is", "of", "the", "a", "woman", "man", "him", "her", "it"])
_AGE_MAX: Final = 110
_NAME_TAIL: Final = 4


def read_number_seen(reading: Reading, numbers: list[Number]) -> list[Extracted]:
    """Numbers told of for their own sake: 11:11, 444, "the number seventeen"."""
    found: list[Extracted] = []
    for index, word in enumerate(reading.words):
        if not word[0].isdigit() or len(word) > _NUMBER_MAX:
            continue
        digits = word.replace(":", "")
        if not digits.isascii() or not digits.isdecimal():
            continue
        if word in _LADDERS or (len(set(digits)) == 1 and len(digits) > 2):  # 11 may be a plain count
            found.append(reading.find("number_seen", word, index, index + 1, 0.9))
        elif ":" in word and len(digits) == 4 and digits[:2] == digits[2:]:
            found.append(reading.find("number_seen", word, index, index + 1, 0.85))
    for number in numbers:
        before = reading.word(number.first - 1)
        if number.bare or before not in {"number", "numbers"} or number.value != int(number.value):
            continue
        found.append(reading.find("number_seen", str(int(number.value)), number.first, number.after, 0.8))
    return found


def read_name_seen(reading: Reading) -> list[Extracted]:
    """A name that is told of: "the name Marta", "her name was Ilse", "a man called Tomas"."""
    found: list[Extracted] = []
    for index, word in enumerate(reading.words):
        if word not in _NAMING:
            continue
        place = index + 1
        while place < index + _NAME_TAIL and reading.word(place) in _LINKS and reading.follows(place):
            place += 1
        if reading.follows(place) and reading.is_capital(place) and reading.words[place] not in {"i", "i'm", "i'd"}:
            after = place + 1
            while after < place + 2 and reading.is_capital(after) and reading.gap(after) == " ":
                after += 1
            name = reading.text[reading.starts[place] : reading.ends[after - 1]]
            found.append(reading.find("name_seen", name, place, after, 0.75 if word != "called" else 0.65))
    return found


def read_age(reading: Reading, numbers: list[Number]) -> list[Extracted]:
    """How old somebody was: "when I was seven", "my three-year-old", "aged 34"; years."""
    found: list[Extracted] = []
    for number in numbers:
        if number.bare or not 0 < number.value <= _AGE_MAX:
            continue
        tail = reading.words[number.after : number.after + 2]
        before = reading.words[max(0, number.first - 3) : number.first]
        if len(tail) == 2 and tail[0] in {"year", "years", "yr"} and tail[1] == "old":
            found.append(reading.find("age_years", number.value, number.first, number.after + 2, number.sure * 0.85))
        elif before[-1:] == ["aged"] or before[-2:] == ["age", "of"]:
            found.append(reading.find("age_years", number.value, number.first, number.after, number.sure * 0.85))
        elif len(before) == 3 and before[0] == "when" and before[2] in {"was", "turned"} and tail[:1] != ["hundred"]:
            if tail[:1] and tail[0] in {"minutes", "miles", "hours", "metres", "feet", "km", "kilometres", "seconds"}:
                continue
            found.append(reading.find("age_years", number.value, number.first, number.after, number.sure * 0.75))
    return found
