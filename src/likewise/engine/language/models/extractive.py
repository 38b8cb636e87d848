"""The offline model: it answers with sentences of the passages, chosen and ordered, each with its citation.

It never says what no passage says. Where no sentence supports an answer it says so. Sentences are chosen by the share
of the question's weighty words they hold (weights: inverse document frequency among the sentences; what only the title
or the rest of the passage holds counts half) and, where vectors are given, by likeness in meaning; then by maximal
marginal relevance (Carbonell and Goldstein, SIGIR 1998), so that no two say the same.
"""

import math
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from likewise.engine.language.model import ChatRequest, Citation, Passage, TextDelta
from likewise.engine.language.models.port import Ended
from likewise.engine.language.models.sentences import Sentence, split_sentences, words_of
from likewise.engine.language.settings import LanguageSettings

__all__ = ["NOTHING_SUPPORTS", "Likeness", "extract", "question_of"]

NOTHING_SUPPORTS = "Nothing here answers that."
"""What is said where no sentence supports an answer."""

Likeness = Callable[[str, Sequence[str]], Awaitable[NDArray[np.float32]]]
"""Cosines of sentences to a question, shape (sentences,)."""

_SENTENCES_MAX = 5_000
_WORDS_MIN = 4
_ELSEWHERE = 0.5
_BESIDE_BEST = 0.6
_DIVERSITY = 0.5
_MEANING = 0.6
_SAME = 0.8
_FOLLOW_UP_WORDS = 4
_ENDS = (".", "!", "?", "\u2026", ":", "\u3002", "\uff01", "\uff1f", '"', "\u201d", ")")
_LEANING_WORDS = "it this that these those they he she such however therefore but also then otherwise and"
_LEANING = frozenset(_LEANING_WORDS.split())


class _Scored(msgspec.Struct):
    """A sentence that might answer: where it is, and how well it supports an answer."""

    passage: int
    place: int
    sentence: Sentence
    words: frozenset[str]
    support: float
    likeness: float = 0.0

    @property
    def score(self) -> float:
        return self.support + _MEANING * max(0.0, self.likeness)


async def extract(
    request: ChatRequest, settings: LanguageSettings, *, likeness: Likeness | None = None
) -> AsyncGenerator[TextDelta | Citation | Ended]:
    """The answer, sentence by sentence, each followed by what it cites."""
    question = question_of(request)
    found = _score(question, request.passages)
    if likeness is not None and found and settings.extract_embedded_max:
        near = _worth_comparing(found, settings.extract_embedded_max)
        cosines = await likeness(question, [one.sentence.text for one in near])
        for one, cosine in zip(near, cosines, strict=True):
            one.likeness = float(cosine)
    chosen = _choose(found, settings)
    if not chosen:
        yield TextDelta(NOTHING_SUPPORTS)
        yield Ended("unsupported")
        return
    for place, one in enumerate(_ordered(chosen)):
        passage, sentence = request.passages[one.passage], one.sentence
        gap = " " if place else ""
        yield TextDelta(f"{gap}{' '.join(sentence.text.split())} [{one.passage + 1}]")
        yield Citation(passage.id, sentence.start, sentence.end, one.passage + 1)
    yield Ended("stop")


def _worth_comparing(found: Sequence[_Scored], limit: int) -> list[_Scored]:
    """Half of them by their words; half from the front of the passages, since what has none of the words may mean the
    same."""
    by_words = sorted((one for one in found if one.support), key=lambda one: -one.support)[: limit - limit // 2]
    known = {id(one) for one in by_words}
    rest = sorted((one for one in found if id(one) not in known), key=lambda one: (one.place, one.passage))
    return [*by_words, *rest[: limit - len(by_words)]]


def question_of(request: ChatRequest) -> str:
    """The last thing the user said; a very short one with what was said before it, which it leans on."""
    said = [message.content for message in request.messages if message.role == "user"]
    if len(said) > 1 and len(said[-1].split()) < _FOLLOW_UP_WORDS:
        return f"{said[-2]} {said[-1]}"
    return said[-1] if said else ""


def _score(question: str, passages: Sequence[Passage]) -> list[_Scored]:
    """Every sentence that could stand as an answer, with the share of the question's weight it holds."""
    asked = frozenset(words_of(question)) or frozenset(question.casefold().split())
    found: list[_Scored] = []
    around: list[frozenset[str]] = []
    for number, passage in enumerate(passages):
        sentences = list(split_sentences(passage.text))[: _SENTENCES_MAX - len(found)]
        words = [frozenset(words_of(sentence.text)) for sentence in sentences]
        around.append(frozenset(words_of(passage.title)).union(*words))
        found += [
            _Scored(number, place, sentence, own, 0.0)
            for place, (sentence, own) in enumerate(zip(sentences, words, strict=True))
            if _can_stand(sentence.text)
        ]
    weights = _weights(asked, [one.words for one in found])
    total = sum(weights.values()) or 1.0
    for one in found:
        own = asked & one.words
        beside = (asked & around[one.passage]) - own
        held = sum(weights[word] for word in own) + _ELSEWHERE * sum(weights[word] for word in beside)
        one.support = held / total if own else 0.0
    return found


def _can_stand(text: str) -> bool:
    """Whether a sentence says something by itself: headings and single words do not."""
    return text.endswith(_ENDS) or len(text.split()) > _WORDS_MIN or not text.isascii()


def _weights(asked: frozenset[str], sentences: Sequence[frozenset[str]]) -> dict[str, float]:
    """Inverse document frequency of each word of the question, smoothed: among few sentences one that none of them has
    weighs not much more than the others."""
    counts = Counter(word for words in sentences for word in words & asked)
    total = len(sentences)
    return {word: 1 + math.log(1 + total / (counts[word] + 1)) for word in asked}


def _choose(found: Sequence[_Scored], settings: LanguageSettings) -> list[_Scored]:
    """The sentences of the answer, best first; none where the best one does not support any."""
    supported = [
        one
        for one in found
        if one.support >= settings.extract_support_min or one.likeness >= settings.extract_likeness_min
    ]
    if not supported:
        return []
    best = max(one.score for one in supported)
    pool = [one for one in supported if one.score >= _BESIDE_BEST * best]
    chosen: list[_Scored] = []
    while pool and len(chosen) < settings.extract_sentences_max:
        first = max(
            pool, key=lambda one: (one.score - _DIVERSITY * best * _nearest(one, chosen), -one.passage, -one.place)
        )
        pool.remove(first)
        if _nearest(first, chosen) < _SAME:
            chosen.append(first)
    return chosen


def _nearest(one: _Scored, chosen: Sequence[_Scored]) -> float:
    """How much of it is said already: the greatest share of words it has in common with a chosen sentence (Jaccard)."""
    return max((len(one.words & other.words) / (len(one.words | other.words) or 1) for other in chosen), default=0.0)


def _ordered(chosen: Sequence[_Scored]) -> list[_Scored]:
    """Passages by their best sentence, within one as they stand there; what leans on something before is not first."""
    ranks: dict[int, int] = {}
    for rank, one in enumerate(sorted(chosen, key=_leans)):
        ranks.setdefault(one.passage, rank)
    return sorted(chosen, key=lambda one: (ranks[one.passage], one.place))


def _leans(one: _Scored) -> bool:
    return one.sentence.text.split(maxsplit=1)[0].strip(",").casefold() in _LEANING
