"""Numbers as people write them: digits, words, ranges, halves, and how exactly they are meant."""

from typing import Final

import msgspec

from likewise.apps.community.logic.extracting.reading import Reading
from likewise.apps.community.logic.extracting.wordlists import words

__all__ = ["Number", "read_numbers"]

_DIGITS_MAX: Final = 9  # longer ones are identifiers
_SMALL: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_TENS_WORDS: Final = "twenty thirty forty fifty sixty seventy eighty ninety"
_UNITS: Final = {word: float(value) for value, word in enumerate(_SMALL.split())}
_TENS: Final = {word: float(value) for value, word in zip(range(20, 100, 10), _TENS_WORDS.split(), strict=True)}
_SCALES: Final = {"hundred": 100.0, "thousand": 1000.0, "dozen": 12.0}
_VAGUE: Final = {
    "couple": (2.0, 0.75),
    "few": (3.0, 0.6),
    "several": (5.0, 0.5),
    "pair": (2.0, 0.9),
    "dozens": (24.0, 0.4),
    "hundreds": (200.0, 0.35),
    "single": (1.0, 0.95),
    "lone": (1.0, 0.9),
    "both": (2.0, 0.8),
}
_NUMBER_WORDS: Final = _UNITS | _TENS | _SCALES
_STARTS: Final = frozenset([*_NUMBER_WORDS, *_VAGUE, "half", "quarter", "a", "an"])
_ABOUT: Final = words(
    "about around approximately approx roughly nearly almost over under maybe perhaps probably some like least than to "
    "estimated circa another only"
)
_EXACTLY: Final = frozenset(["only", "another", "to", "some"])
_APPROXIMATE, _RANGE, _HALF = 0.85, 0.8, 0.9


class Number(msgspec.Struct, frozen=True):
    """The tokens [first, after) say a number; `sure` in (0, 1] is how exactly. `bare`: it is only "a" or "an"."""

    value: float
    sure: float
    first: int
    after: int
    bare: bool = False


def read_numbers(reading: Reading) -> list[Number]:
    """The numbers of a text, in its order; "a" and "an" are numbers too, for "an hour"."""
    found: list[Number] = []
    done = 0
    for index, word in enumerate(reading.words):
        if index < done or not (word in _STARTS or word[0].isdigit()):
            continue
        one = _read_at(reading, index)
        if one is None:
            continue
        other = _range_end(reading, one)
        if other is not None:
            one = Number((one.value + other.value) / 2, _RANGE * min(one.sure, other.sure), one.first, other.after)
        found.append(_rounded(reading, one))
        done = one.after
    return found


def _read_at(reading: Reading, index: int) -> Number | None:
    word = reading.words[index]
    if word in {"a", "an"}:
        following = _read_at(reading, index + 1) if _may_start(reading, index + 1) else None
        if following is not None and not following.bare:
            return Number(following.value, following.sure, index, following.after)
        return Number(1.0, 0.9, index, index + 1, bare=True)
    if word in _VAGUE:
        value, sure = _VAGUE[word]
        return Number(value, sure, index, _past(reading, index + 1, "of"))
    if word in {"half", "quarter"}:
        return _part(reading, index)
    value, after = _digits(reading, index) if word[0].isdigit() else _spelled(reading, index)
    return None if value is None else _with_half(reading, value, index, after)


def _with_half(reading: Reading, value: float, index: int, after: int) -> Number:
    if reading.word(after) == "and" and reading.word(after + 1) in {"a", "half"} and "half" in _next(reading, after, 3):
        return Number(value + 0.5, 1.0, index, after + 1 + _next(reading, after + 1, 2).index("half") + 1)
    return Number(value, 1.0, index, _past(reading, after, "of") if reading.word(after - 1) == "dozen" else after)


def _may_start(reading: Reading, index: int) -> bool:
    return reading.follows(index) and reading.words[index] in {*_VAGUE, *_SCALES, "half", "quarter"}


def _part(reading: Reading, index: int) -> Number | None:
    """The part, up to the unit: "half an hour", "half a dozen", "quarter of an hour"."""
    value = 0.5 if reading.words[index] == "half" else 0.25
    after = _past(reading, index + 1, "of")
    if reading.word(after) in {"a", "an"} and reading.follows(after):
        after += 1
    if reading.word(after) == "dozen" and reading.follows(after):
        return Number(value * 12, _HALF, index, after + 1)
    return Number(value, _HALF, index, after)


def _digits(reading: Reading, index: int) -> tuple[float | None, int]:
    word = reading.words[index]
    if len(word) > _DIGITS_MAX or ":" in word:
        return None, index
    value = _decimal(word)
    after = index + 1
    if value is not None and reading.gap(after) == "/" and reading.gap(after + 1) != "/":
        below = _decimal(reading.words[after])
        is_range = value > 1 and reading.word(after + 1)[:3] in {"min", "sec"}  # "3/4 min" is three or four
        if below in {2.0, 3.0, 4.0} and 0 < value < below and reading.gap(index) != "/" and not is_range:
            return value / below, after + 1
    if (
        value is not None
        and reading.gap(after) == " "
        and reading.words[after] == "1"
        and reading.gap(after + 1) == "/"
    ):
        below = _decimal(reading.word(after + 1))
        if below in {2.0, 3.0, 4.0}:
            return value + 1 / below, after + 2
    if value is not None and reading.word(after) in {"hundred", "thousand"} and reading.follows(after):
        return value * _SCALES[reading.words[after]], after + 1
    return value, after


def _decimal(word: str) -> float | None:
    """Digits with points or commas: "1,200" and "1.5" and "1,5"; None where it is a date or a version."""
    if len(word) > _DIGITS_MAX:
        return None
    whole, comma, rest = word.partition(",")
    plain = whole + rest if comma and len(rest) == 3 else word.replace(",", ".")  # thousands
    try:
        return float(plain)
    except ValueError:
        return None


def _spelled(reading: Reading, index: int) -> tuple[float | None, int]:
    total, current, after = 0.0, 0.0, index
    for _ in range(6):
        if after > index and not reading.follows(after):
            break
        word = reading.word(after)
        if word in _UNITS and (current % 10 == 0 and (current == 0 or current % 100 >= 20 or current >= 100)):
            current += _UNITS[word]
        elif word in _TENS and current % 100 == 0:
            current += _TENS[word]
        elif word in _SCALES:
            current = (current or 1.0) * _SCALES[word]
            if word == "thousand":
                total, current = total + current, 0.0
        else:
            break
        after += 1
    return (total + current, after) if after > index else (None, index)


def _range_end(reading: Reading, one: Number) -> Number | None:
    """The upper end, where a number goes on as a range: "10-15", "two or three", "between 5 and 6", "5/6"."""
    index = one.after
    if one.bare or index >= len(reading.words):
        return None
    gap, word = reading.gap(index), reading.words[index]
    if gap.strip() in {"-", "\u2013", "\u2014", "/"} and gap.strip():
        start = index
    elif word in {"to", "or", "till"} or (word == "and" and reading.word(one.first - 1) == "between"):
        start = index + 1
    else:
        return None
    word = reading.word(start)
    if not word or not (word in _NUMBER_WORDS or word[0].isdigit()):
        return None
    other = _read_at(reading, start)
    if other is None or other.value < one.value or reading.gap(other.after).startswith("/"):
        return None
    return other


def _rounded(reading: Reading, one: Number) -> Number:
    """The same number, less sure where words around it say so: "about", "or so", "30+"."""
    before = reading.word(one.first - 1) if reading.follows(one.first) else ""
    wide = before in _ABOUT and before not in _EXACTLY
    wide = wide or reading.text[reading.ends[one.after - 1] :][:1] in {"+", "~"}
    wide = wide or (reading.word(one.after + 1), reading.word(one.after + 2)) in {("or", "so"), ("or", "more")}
    return Number(one.value, one.sure * _APPROXIMATE, one.first, one.after, one.bare) if wide else one


def _past(reading: Reading, index: int, word: str) -> int:
    return index + 1 if reading.word(index) == word else index


def _next(reading: Reading, index: int, count: int) -> list[str]:
    return reading.words[index : index + count]
