"""Vocabularies, and how they are found: many phrases at once, along the tokens of a text.

A vocabulary is written as `{value: "phrase; another phrase"}`. In a phrase,
- `light|lamp` stands for either word,
- `hover*` for every form of a verb (hover, hovers, hovered, hovering),
- `=0.5` at its end for a confidence other than the vocabulary's,
- the last word also for its plural.
Between the words of a phrase a text may have "my", "the", "very" and the like. The longest phrase of a key wins, and
its words mean nothing else for this key; a phrase of the value None therefore keeps "Orange County" from being a
colour.
"""

from collections.abc import Iterable, Mapping
from itertools import product
from typing import Final

import msgspec

from likewise.apps.community.logic.extracting.model import Extracted, Value
from likewise.apps.community.logic.extracting.reading import SAME, Reading
from likewise.apps.community.logic.extracting.wordlists import words

__all__ = ["Lexicon", "Phrase", "vocabulary"]

_SKIPPED: Final = words(
    "a an the my his her our their your its this that these those very so really some any quite all of extremely "
    "completely totally slightly rather absolutely"
)
_SKIPS_MAX: Final = 2
_CONFIDENCE: Final = 0.85
_VOWELS: Final = "aeiou"


class Phrase(msgspec.Struct, frozen=True):
    """Words that say a value of a key; the value None says only that they do not say another."""

    key: str
    value: Value | None
    words: tuple[str, ...]
    confidence: float


def vocabulary(key: str, values: Mapping[Value | None, str], *, confidence: float = _CONFIDENCE) -> tuple[Phrase, ...]:
    """The phrases of a key, written out."""
    plain: dict[tuple[Value | None, tuple[str, ...]], Phrase] = {}
    derived: dict[tuple[Value | None, tuple[str, ...]], Phrase] = {}  # what is written out outweighs these
    for value, listed in values.items():
        for written in listed.split(";"):
            said, _, weight = written.partition("=")
            words = said.split()
            sure = float(weight) if weight else confidence
            for chosen in product(*(_alternatives(word) for word in words)):
                plain.setdefault((value, chosen), Phrase(key, value, chosen, sure))
            forms = [_forms(word, last=index == len(words) - 1) for index, word in enumerate(words)]
            for chosen in product(*forms):
                derived.setdefault((value, chosen), Phrase(key, value, chosen, sure))
    return tuple({**derived, **plain}.values())


class Lexicon:
    """The phrases of some keys as one tree of words: a text is read once, however many phrases there are."""

    __slots__ = ("_root",)

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._root = _Node()
        for phrase in phrases:
            node = self._root
            for word in phrase.words:
                node = node.following.setdefault(word, _Node())
            if not any((one.key, one.value) == (phrase.key, phrase.value) for one in node.phrases):
                node.phrases = (*node.phrases, phrase)

    def read(self, reading: Reading) -> list[Extracted]:
        """What the phrases say, in the order of the text. What is denied says nothing, or No of a yes-or-no key."""
        found: list[Extracted] = []
        free: dict[str, int] = {}  # the first token that is not yet used up, by key
        roots = self._root.following
        for first, word in enumerate(reading.words):
            node = roots.get(word)
            if node is None:
                continue
            for phrase, after in _longest(reading, node, first).values():
                if free.get(phrase.key, 0) > first:
                    continue
                free[phrase.key] = after
                value, confidence = phrase.value, phrase.confidence
                if value is None:
                    continue
                if reading.is_denied(first):
                    if value is not True:
                        continue
                    value, confidence = False, confidence * 0.9
                found.append(reading.find(phrase.key, value, first, after, confidence))
        return found


class _Node:
    __slots__ = ("following", "phrases")

    def __init__(self) -> None:
        self.following: dict[str, _Node] = {}
        self.phrases: tuple[Phrase, ...] = ()


def _longest(reading: Reading, node: _Node, first: int) -> dict[str, tuple[Phrase, int]]:
    """Of each key the longest phrase that begins here, and the token after it."""
    best: dict[str, tuple[Phrase, int]] = {}
    words, parted, index, skips = reading.words, reading.parted, first + 1, 0
    while True:
        for phrase in node.phrases:
            best[phrase.key] = (phrase, index)
        if not node.following:
            return best
        step = None
        while index < len(words) and parted[index] == SAME:
            step = node.following.get(words[index])
            if step is not None or words[index] not in _SKIPPED or skips == _SKIPS_MAX:
                break
            index, skips = index + 1, skips + 1
        if step is None:
            return best
        node, index = step, index + 1


def _alternatives(word: str) -> list[str]:
    """As a text has them: without verbs' stars and a final "'s"."""
    return [part.removesuffix("*").removesuffix("'s") for part in word.split("|")]


def _forms(word: str, *, last: bool) -> Iterable[str]:
    for one in (part.removesuffix("'s") for part in word.split("|")):
        if one.endswith("*"):
            yield from _verb(one[:-1])
        else:
            yield one
            if last and len(one) > 2 and one[-1] != "s":
                yield _plural(one)


def _plural(word: str) -> str:
    if word.endswith(("sh", "ch", "x", "z")):
        return word + "es"
    if word.endswith("y") and word[-2] not in _VOWELS:
        return word[:-1] + "ies"
    return word + "s"


def _verb(word: str) -> Iterable[str]:
    yield word
    if word.endswith("e"):
        yield from (word + "s", word + "d", word[:-1] + "ing")
    elif word.endswith("y") and word[-2] not in _VOWELS:
        yield from (word[:-1] + "ies", word[:-1] + "ied", word + "ing")
    else:
        yield from (_plural(word), word + "ed", word + "ing")
        if (
            word[-1] not in "wxy"
            and word[-1] not in _VOWELS
            and word[-2] in _VOWELS
            and word[-3:-2] not in set(_VOWELS)
        ):
            yield from (word + word[-1] + "ed", word + word[-1] + "ing")
