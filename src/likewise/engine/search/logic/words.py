"""Words of a query: splitting, weighing, quoting, and recognising a misspelt one."""

import math
import re
from collections.abc import Mapping, Sequence

import msgspec

from likewise.engine.search.model import KnownWord, NearWord

__all__ = [
    "Correction",
    "correct",
    "edit_distance",
    "inverse_frequency",
    "is_near",
    "quote_lexeme",
    "replace_words",
    "split_words",
    "suspicious_words",
]

_PLAIN = re.compile(r"[^\W\d_]+")
_EDGES = re.compile(r"^\W+|\W+$")
_LETTERS_MIN = 4
"""Shorter words have too many neighbours to be corrected."""
_SIMILARITY_MIN = 0.5
_SLIP_RATIO = 20
"""How many times as common a word must be to be meant rather than one that is a letter nearer (Norvig's error model in
one number): a letter that was replaced may be another name, Smyth or Smith."""
_SWAP_RATIO = 4
"""The same for letters swapped, doubled or left out, which hardly ever make another word."""
_RARE_DOCUMENTS = 2
_TIE = 1e-9


class Correction(msgspec.Struct, frozen=True):
    """What a misspelt word may have meant: lexemes with their likeness (0..1), and the words to show."""

    likeness: dict[str, float]
    document_counts: dict[str, int]
    shown: dict[str, str]


def split_words(text: str, *, words_max: int) -> list[str]:
    """The distinct words of a query, parted by white space, in lower case, without punctuation at their edges."""
    words = (_EDGES.sub("", part).lower() for part in text.split())
    return list(dict.fromkeys(word for word in words if word))[:words_max]


def inverse_frequency(document_count: int, *, total: int) -> float:
    """BM25's weight of a lexeme that `document_count` of `total` documents hold; never negative."""
    return math.log1p((max(total - document_count, 0) + 0.5) / (document_count + 0.5))


def quote_lexeme(lexeme: str) -> str:
    """A lexeme as Postgres reads it inside a tsquery."""
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


def suspicious_words(words: Sequence[KnownWord]) -> list[str]:
    """Words that may be misspelt: plain, long enough, and nearly or wholly unknown to the vocabulary."""
    return [
        known.word
        for known in words
        if known.lexemes
        and max(known.document_counts) <= _RARE_DOCUMENTS
        and len(known.word) >= _LETTERS_MIN
        and _PLAIN.fullmatch(known.word)
    ]


def correct(words: Sequence[KnownWord], near: Sequence[NearWord]) -> Correction:
    """Choose among the near words by how common they are and how many letters away: the commoner, the farther.

    A word that is in use itself is doubted by the same measure: it is its own candidate, no letter away.
    """
    counts = {known.word: max(known.document_counts, default=0) for known in words}
    stems = {known.word: set(known.lexemes) for known in words}
    likeness: dict[str, float] = {}
    documents: dict[str, int] = {}
    best: dict[str, tuple[float, str]] = {}
    for candidate in near:
        typed = candidate.typed
        if candidate.lexeme in stems.get(typed, ()) or not is_near(typed, candidate.word, candidate.similarity):
            continue
        # In the logarithm of documents; what is unknown has none, and every candidate is more likely.
        quality = math.log(max(candidate.document_count, 1)) - _slip_cost(typed, candidate.word)
        if counts.get(typed, 0) and quality < math.log(counts[typed]) - _TIE:
            continue
        likeness[candidate.lexeme] = max(likeness.get(candidate.lexeme, 0.0), candidate.similarity)
        documents[candidate.lexeme] = candidate.document_count
        if typed not in best or quality > best[typed][0]:
            best[typed] = (quality, candidate.word)
    return Correction(likeness, documents, {typed: word for typed, (_, word) in best.items()})


def _slip_cost(typed: str, word: str) -> float:
    """How much less likely each changed letter makes a word, in the logarithm."""
    slips = edit_distance(typed, word)
    is_swap = sorted(set(typed)) == sorted(set(word))
    return slips * math.log(_SWAP_RATIO if is_swap else _SLIP_RATIO)


def replace_words(text: str, shown: Mapping[str, str]) -> str:
    """The text with misspelt words replaced; a capital first letter stays one."""

    def swap(match: re.Match[str]) -> str:
        word = shown.get(match[0].lower())
        if word is None:
            return match[0]
        return word.capitalize() if match[0][0].isupper() else word

    return _PLAIN.sub(swap, text)


def is_near(typed: str, word: str, similarity: float) -> bool:
    """Whether `word` may have been meant: alike by trigrams, or only a letter or two away."""
    slips = 1 if len(typed) < 6 else 2
    return similarity >= _SIMILARITY_MIN or edit_distance(typed, word) <= slips


def edit_distance(left: str, right: str) -> int:
    """Letters to insert, delete, replace or swap with a neighbour (optimal string alignment)."""
    before: list[int] = []
    last = list(range(len(right) + 1))
    for i, a in enumerate(left, start=1):
        row = [i] + [0] * len(right)
        for j, b in enumerate(right, start=1):
            row[j] = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                row[j] = min(row[j], before[j - 2] + 1)
        before, last = last, row
    return last[-1]
