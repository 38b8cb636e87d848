"""What is told of a cluster: its mean and spread, the items nearest to it, those that stray, and its telling words."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from likewise.engine.clusters.logic.graph import Floats, unit

__all__ = ["Shape", "label_of", "shape_of", "telling_words", "words_of"]

_WORD = re.compile(r"[^\W\d_][\w'\u2019-]*", re.UNICODE)
_STRAY_DEVIATIONS = 3.0
_STRAY_TEXTS_MIN = 5
_WORD_CHARACTERS = (2, 40)
_PRIOR = 0.5
_LIFT_MIN = 2.0  # times as common in the cluster as in all: "the" and "over" tell nothing, however certain they are
_STEM_CHARACTERS = 5  # hovering, hovered and hovers are told once


class Shape(msgspec.Struct, frozen=True):
    """A cluster's rows as a whole. `order` is nearest to the mean first; `strays` are the last ones of it, furthest
    first; `spread` is the mean cosine distance to the mean."""

    order: tuple[int, ...]
    strays: tuple[int, ...]
    similarities: Floats
    spread: float


def shape_of(vectors: Floats) -> Shape:
    """The shape of a cluster of vectors of norm 1, (n, d). Strays lie `_STRAY_DEVIATIONS` deviations further than
    the median, by the median deviation, which they themselves do not move."""
    mean = unit(vectors.sum(axis=0, keepdims=True))[0]
    alike = vectors @ mean
    order = np.argsort(-alike, kind="stable")
    middle = float(np.median(alike))
    deviation = 1.4826 * float(np.median(np.abs(alike - middle)))
    bar = middle - _STRAY_DEVIATIONS * deviation
    strays = [int(row) for row in order[::-1] if alike[row] < bar] if len(vectors) >= _STRAY_TEXTS_MIN else []
    return Shape(
        order=tuple(int(row) for row in order),
        strays=tuple(strays),
        similarities=np.asarray(alike, dtype=np.float32),
        spread=float(1 - alike.mean()),
    )


def words_of(text: str) -> set[str]:
    """The words of a text, case folded, as often as it may say them once."""
    least, most = _WORD_CHARACTERS
    return {word for word in _WORD.findall(text.casefold()) if least <= len(word) <= most}


def telling_words(
    inside: Counter[str],
    *,
    stems: Mapping[str, str],
    texts: int,
    whole: Mapping[str, int],
    whole_texts: int,
    count: int,
) -> list[str]:
    """The words that tell a cluster from the rest, best first: log odds with an informative prior, in deviations.

    `inside` and `whole` count texts that have a word, in the cluster and in all. Of words with the same stem in
    `stems`, and of those that begin alike, one is told. After Monroe, Colaresi and Quinn, "Fightin' Words" (2008).
    """
    rest_texts = max(whole_texts - texts, 0)
    scored: list[tuple[float, str]] = []
    for word, here in inside.items():
        there = max(whole.get(word, here) - here, 0)
        prior = _PRIOR * (here + there) / max(whole_texts, 1)
        a, b = here + prior, texts - here + _PRIOR
        c, d = there + prior + 1e-3, rest_texts - there + _PRIOR
        odds = math.log(a / b) - math.log(c / d)
        scored.append((odds / math.sqrt(1 / a + 1 / c) * math.sqrt(here / texts), word))
    least = min(2, texts)
    ranked = sorted(((score, word) for score, word in scored if inside[word] >= least and score > 0), reverse=True)
    told: list[str] = []
    for _, word in ranked:
        lift = inside[word] / texts / (whole.get(word, 1) / max(whole_texts, 1))
        is_said = any(
            word[:_STEM_CHARACTERS] == other[:_STEM_CHARACTERS] or stems.get(word, word) == stems.get(other, other)
            for other in told
        )
        if lift >= _LIFT_MIN and not is_said and len(told) < count:
            told.append(word)
    return told


def label_of(words: Sequence[str], text: str, *, characters_max: int = 80) -> str:
    """A cluster's label: its telling words, or the beginning of its representative text where it has none."""
    if words:
        return ", ".join(words)
    line = " ".join(text.split())
    return line if len(line) <= characters_max else f"{line[: characters_max - 1]}\u2026"
