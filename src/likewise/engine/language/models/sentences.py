"""Text cut into sentences, and sentences into the words that tell them apart."""

import re
from collections.abc import Iterator

import msgspec

__all__ = ["Sentence", "split_sentences", "words_of"]

SENTENCE_CHARACTERS_MAX = 1_000
"""What runs on longer than this is cut at a space: no answer quotes more at once."""

# A full stop after these ends no sentence.
_SHORTENED = re.compile(
    r"\b(?:e\.g|i\.e|etc|vs|cf|al|approx|figs?|mr|mrs|ms|dr|prof|jr|sr|st|resp|bzw|usw|z\.b|d\.h|[a-z])\.$",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\d\.$")
_BREAK = re.compile(
    r"(?<=[.!?\u2026])[\"'\u201d\u2019)\]]*\s+|(?<=[\u3002\uff01\uff1f])|\s*\n\s*\n\s*"
    r"|\s*\n(?=\s*(?:[-*+\u2022]|\d+[.)]|#)\s)"
)
_EDGE = re.compile(r"^[\s\-*+\u2022>#|]*(?:\d{1,3}[.)]\s+)?")
_WORD = re.compile(r"[\w']+")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_SUFFIXES = ("ations", "ation", "ings", "ing", "ies", "ied", "ers", "er", "ed", "es", "ly", "s", "e")
_STEM_MIN = 4
_STOP_WORDS = """
a about all also an and any are as at be been being but by can could did do does doing don for from get had has have how
i if in into is it its itself just like may me might more most much my need no not of on one only or other our out over
own please should so some such tell than that the their them then there these they this those to too under up upon use
used using very was we were what whats when where which while who whom whose why will with would you your yours
"""
_STOP = frozenset(_STOP_WORDS.split())


class Sentence(msgspec.Struct, frozen=True):
    """Characters `start` to `end` of a text."""

    start: int
    end: int
    text: str


def split_sentences(text: str) -> Iterator[Sentence]:
    """The sentences of a text with their places, without list marks and headings' signs. Nothing is changed in them."""
    start = 0
    for match in _BREAK.finditer(text):
        end = match.start() + len(match[0].rstrip())  # quotation marks belong to what they close
        if "\n" not in match[0] and _goes_on(text, start, match):
            continue
        yield from _trimmed(text, start, end)
        start = match.end()
    yield from _trimmed(text, start, len(text))


def _goes_on(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether a full stop only shortens a word, or follows a list's number or one that a sentence goes on after."""
    piece = text[start : match.start()]
    if _SHORTENED.search(piece):
        return True
    is_mark = piece.strip(" \n-*+\u2022>#").rstrip(".").isdigit()
    return bool(_NUMBERED.search(piece)) and (is_mark or text[match.end() : match.end() + 1].islower())


def _trimmed(text: str, start: int, end: int) -> Iterator[Sentence]:
    piece = text[start:end]
    left = _EDGE.match(piece)
    start += left.end() if left else 0
    end = start + len(text[start:end].rstrip())
    while end - start > SENTENCE_CHARACTERS_MAX:
        cut = text.rfind(" ", start + 1, start + SENTENCE_CHARACTERS_MAX)
        cut = cut if cut > start else start + SENTENCE_CHARACTERS_MAX
        yield Sentence(start, cut, text[start:cut])
        start = cut + len(text[cut:end]) - len(text[cut:end].lstrip())
    if end > start:
        yield Sentence(start, end, text[start:end])


def words_of(text: str) -> list[str]:
    """The words that carry meaning, shortened to something like their stems; of scripts without spaces, pairs of
    characters."""
    found: list[str] = []
    for match in _WORD.finditer(text.casefold()):
        word = match[0].strip("'_").removesuffix("'s")
        run = _CJK.search(word)
        if run is not None:
            found += [run[0][place : place + 2] for place in range(max(1, len(run[0]) - 1))]
        elif word and word not in _STOP:
            found.append(_stem(word))
    return found


def _stem(word: str) -> str:
    """Without its last suffix, where enough of the word remains: refunds, refunded and refunding are refund."""
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _STEM_MIN and not word.endswith("ss"):
            return word[: -len(suffix)]
    return word
