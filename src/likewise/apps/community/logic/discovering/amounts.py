"""Numbers in a question: "longer than five minutes", "with more than two witnesses", "between 100 and 200 metres"."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal, cast

import msgspec

from likewise.apps.community.logic.discovering.synonyms import UNITS
from likewise.apps.community.logic.discovering.vocabulary import KnownKey, Lexicon, Vocabulary
from likewise.apps.community.logic.discovering.words import SMALL, Token, number_of, stem

__all__ = ["STEP", "Amount", "read_amount"]

Side = Literal["low", "low_open", "high", "high_open", "exact"]

STEP: Final = 0.001
"""How much more than N is the least that is "more than N" seconds or metres; of things that are counted it is 1."""

_COMPARISONS: Final[Mapping[tuple[str, ...], tuple[Side, str]]] = {
    tuple(said.split()): (cast("Side", side), dimension)
    for side, dimension, phrases in (
        ("low_open", "", "more than; over; above; greater than; exceeding; in excess of"),
        ("low_open", "duration", "longer than; lasting over; lasting more than; lasting longer than"),
        ("low_open", "size", "bigger than; larger than; wider than"),
        ("low_open", "altitude", "higher than"),
        ("low_open", "distance", "further than; farther than; further away than; farther away than"),
        ("low_open", "height", "taller than"),
        ("low_open", "age", "older than"),
        ("low", "", "at least; no less than; not less than; no fewer than; minimum; a minimum of"),
        ("high_open", "", "less than; fewer than; under; below"),
        ("high_open", "duration", "shorter than; briefer than; lasting under; lasting less than"),
        ("high_open", "size", "smaller than"),
        ("high_open", "altitude", "lower than"),
        ("high_open", "distance", "closer than; nearer than"),
        ("high_open", "age", "younger than"),
        ("high", "", "at most; no more than; not more than; up to; maximum; a maximum of; no longer than; within"),
        ("exact", "", "exactly; precisely; equal to"),
    )
    for said in phrases.split("; ")
}
_SYMBOLS: Final[Mapping[str, Side]] = {
    ">": "low_open",
    ">=": "low",
    "≥": "low",
    "<": "high_open",
    "<=": "high",
    "≤": "high",
}
_ORS: Final[Mapping[str, Side]] = {"more": "low", "fewer": "high", "less": "high", "longer": "low", "shorter": "high"}
_EXACT_BEFORE: Final = frozenset(["with", "by", "of", "for", "lasting", "lasted", "last"])
_NOUNS: Final = {
    stem(word): bare
    for word, bare in {
    "person": "witness", "witness": "witness", "observer": "witness", "onlooker": "witness", "friend": "witness",
    "object": "object", "light": "object", "craft": "object", "orb": "object", "ufo": "object", "thing": "object",
    "being": "being", "entity": "being", "figure": "being",
    }.items()
}  # fmt: skip
_LENGTHS: Final = ("size", "distance", "altitude", "height")
_TAILS: Final = {
    "long": "", "wide": "size", "across": "size", "big": "size", "away": "distance", "high": "altitude",
    "up": "altitude",
    "tall": "height", "old": "age",
}  # fmt: skip
_PHRASE_WORDS_MAX: Final = 3
_BACK: Final = 4


class Amount(msgspec.Struct, frozen=True):
    """A key of numbers and its bounds; the question's tokens `first` to `after` say so."""

    key: str
    gte: float | None
    lte: float | None
    first: int
    after: int


class _Number(msgspec.Struct, frozen=True):
    value: float
    after: int


def read_amount(words: Sequence[Token], index: int, vocabulary: Vocabulary, known: Lexicon) -> Amount | None:
    """The bounds of a number that begin at a token; None where none do, or where no key here holds such numbers."""
    return _between(words, index, vocabulary, known) or _compared(words, index, vocabulary, known)


def _between(words: Sequence[Token], index: int, vocabulary: Vocabulary, known: Lexicon) -> Amount | None:
    is_led = _word(words, index) in {"between", "from"}
    low = _number(words, index + is_led)
    if low is None:
        return None
    unit = low.after + (_word(words, low.after) in UNITS or _stem(words, low.after) in UNITS)
    is_dash = low.after < len(words) and words[low.after].gap.strip() in {"-", "–"}  # noqa: RUF001 - dashes of ranges
    joined = _word(words, unit) in ({"and", "to"} if is_led else {"to"})
    if not joined and not is_dash:
        return None
    high = _number(words, unit + joined)
    if high is None or (not is_led and not _has_unit(words, high.after)):
        return None
    found = _key_of(words, high.after, index, dimension="", vocabulary=vocabulary, known=known)
    if found is None:
        return None
    key, factor, after = found
    bounds = sorted((low.value * (_factor(words, low.after) or factor), high.value * factor))
    return Amount(key.key, bounds[0], bounds[1], index, after)


def _compared(words: Sequence[Token], index: int, vocabulary: Vocabulary, known: Lexicon) -> Amount | None:
    side, dimension, start = _comparison(words, index)
    number = _number(words, start)
    if number is None:
        return None
    after = number.after
    if side is None and _word(words, after) == "or" and _word(words, after + 1) in _ORS:
        side, after = _ORS[_word(words, after + 1)], after + 2
    if side is None:
        symbol = words[start].gap.strip()
        side = _SYMBOLS.get(symbol)
    is_plain = side is None
    is_led = start > 0 and _word(words, start - 1) in _EXACT_BEFORE
    is_followed = any(
        _word(words, place) == "or" and _word(words, place + 1) in _ORS for place in (after + 1, after + 2)
    )
    if is_plain and not (is_led or is_followed):
        return None
    found = _key_of(words, after, index, dimension=dimension, vocabulary=vocabulary, known=known)
    if found is None:
        return None
    key, factor, after = found
    if _word(words, after) == "or" and _word(words, after + 1) in _ORS and is_plain:
        side, after = _ORS[_word(words, after + 1)], after + 2
    return _bounded(key, number.value * factor, side or "exact", index, after)


def _bounded(key: KnownKey, value: float, side: Side, first: int, after: int) -> Amount:
    step = 1.0 if key.key.endswith("_count") and value == int(value) else STEP
    value = round(value, 6)
    match side:
        case "low":
            return Amount(key.key, value, None, first, after)
        case "low_open":
            return Amount(key.key, round(value + step, 6), None, first, after)
        case "high":
            return Amount(key.key, None, value, first, after)
        case "high_open":
            return Amount(key.key, None, round(value - step, 6), first, after)
        case "exact":
            return Amount(key.key, value, value, first, after)


def _comparison(words: Sequence[Token], index: int) -> tuple[Side | None, str, int]:
    for length in range(_PHRASE_WORDS_MAX, 0, -1):
        said = tuple(_word(words, place) for place in range(index, index + length))
        if said in _COMPARISONS:
            side, dimension = _COMPARISONS[said]
            return side, dimension, index + length
    return None, "", index


def _number(words: Sequence[Token], index: int) -> _Number | None:
    word = _word(words, index)
    value = number_of(word)
    if value is not None:
        after = index + 1
        if word == "half" and _word(words, after) in {"a", "an"}:
            after += 1
        elif _word(words, after) in {"hundred", "thousand"}:
            value, after = value * (number_of(_word(words, after)) or 1), after + 1
        return _Number(value, after)
    if word in {"a", "an"} and _word(words, index + 1) == "couple":
        return _Number(2, index + 2 + (_word(words, index + 2) == "of"))
    if word in {"a", "an"} and _word(words, index + 1) in {"half", "dozen"}:
        return _number(words, index + 1)
    if word in {"a", "an"} and _has_unit(words, index + 1):
        return _Number(1, index + 1)
    return None


def _key_of(
    words: Sequence[Token], index: int, first: int, *, dimension: str, vocabulary: Vocabulary, known: Lexicon
) -> tuple[KnownKey, float, int] | None:
    """The key that a number is of, by the unit or noun behind it or a key before it; and the token after all that."""
    unit = _stem(words, index)
    if unit in UNITS:
        kind, factor = UNITS[unit]
        after = index + 1
        tail = _TAILS.get(_word(words, after))
        dimension = dimension or tail or ""
        after += tail is not None
        if kind == "duration":
            key = vocabulary.key_like("duration", kind="number")
        else:
            wanted = (dimension, *_LENGTHS) if dimension in _LENGTHS else _LENGTHS
            key = vocabulary.key_like(*wanted, kind="number")
        return None if key is None else (key, factor, after)
    place = index
    while (
        _word(words, place) in {"different", "other", "people", "separate", "independent"}
        and _stem(words, place + 1) in _NOUNS
    ):
        place += 1
    noun = _NOUNS.get(_stem(words, place), _stem(words, place))
    key = vocabulary.key_like(noun, kind="number") if noun else None
    if key is not None:
        return key, 1.0, place + 1
    return _key_before(words, first, dimension, vocabulary, known, after=index)


def _key_before(
    words: Sequence[Token], first: int, dimension: str, vocabulary: Vocabulary, known: Lexicon, *, after: int
) -> tuple[KnownKey, float, int] | None:
    """The key of numbers that stands just before the comparison: "a duration over 300", "intensity > 7"."""
    for place in range(first - 1, max(-1, first - 1 - _BACK), -1):
        for start in range(max(0, place - 1), place + 1):
            form = tuple(token.stem for token in words[start : place + 1])
            for sense in known.senses(form):
                key = vocabulary.find_key(sense.key) if sense.kind == "key" else None
                if key is not None and key.kind == "number":
                    return key, 1.0, after
        if _word(words, place) not in SMALL:
            break
    key = vocabulary.key_like(dimension, kind="number") if dimension == "age" else None
    return None if key is None else (key, 1.0, after)


def _has_unit(words: Sequence[Token], index: int) -> bool:
    return _stem(words, index) in UNITS


def _factor(words: Sequence[Token], index: int) -> float | None:
    return UNITS[_stem(words, index)][1] if _has_unit(words, index) else None


def _word(words: Sequence[Token], index: int) -> str:
    return words[index].word if 0 <= index < len(words) else ""


def _stem(words: Sequence[Token], index: int) -> str:
    return words[index].stem if 0 <= index < len(words) else ""
