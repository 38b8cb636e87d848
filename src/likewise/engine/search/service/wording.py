"""The arms that read words: lexical (BM25) and trigram (what a misspelt word may have meant)."""

import math
from collections import OrderedDict
from collections.abc import Mapping, Sequence

import msgspec

from likewise.engine.search import logic, store
from likewise.engine.search.model import Corpus, Hit, KnownWord
from likewise.engine.search.service.meaning import Aim, Sight
from likewise.engine.search.settings import SearchSettings
from likewise.platform.db import Tx

__all__ = ["Stems", "Wording", "find_highlights", "look_by_likeness", "look_by_words", "read_wording"]

_HIGHLIGHT_WORDS_MAX = 500
_NOTHING = logic.Correction({}, {}, {})


class Wording(msgspec.Struct, frozen=True):
    """A query's words as the collection knows them, and what the unknown ones may have meant."""

    words: Sequence[KnownWord]
    correction: logic.Correction

    @property
    def lexemes(self) -> dict[str, int]:
        """The query's lexemes that some document holds, and how many do."""
        pairs = (pair for word in self.words for pair in zip(word.lexemes, word.document_counts, strict=True))
        return {lexeme: count for lexeme, count in pairs if count}

    @property
    def doubted(self) -> set[str]:
        """Lexemes of the words that are taken for slips."""
        return {lexeme for word in self.words if word.word in self.correction.shown for lexeme in word.lexemes}


class Stems:
    """What words stem to in a language, remembered by a process: Postgres's dictionaries say the same each time."""

    def __init__(self, settings: SearchSettings) -> None:
        self._words_max = settings.stems_max
        self._known: OrderedDict[tuple[str, str], list[str]] = OrderedDict()

    async def find(self, tx: Tx, *, language: str, words: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """The lexemes of each word."""
        unknown = [word for word in words if (language, word) not in self._known]
        fresh = await store.list_stems(tx, language=language, words=unknown) if unknown else []
        found = {word.word: word.lexemes for word in fresh}
        for word in words:
            if word not in found:
                found[word] = self._known[language, word]
            self._known[language, word] = found[word]
            self._known.move_to_end((language, word))
        while len(self._known) > self._words_max:
            self._known.popitem(last=False)
        return found


async def read_wording(
    tx: Tx, *, corpus: Corpus, text: str, with_corrections: bool, settings: SearchSettings
) -> Wording:
    """Split a query into words and look each up in the collection's vocabulary."""
    split = logic.split_words(text, words_max=settings.query_words_max)
    words = await store.read_words(tx, collection_id=corpus.id, language=corpus.language, words=split)
    suspects = logic.suspicious_words(words) if with_corrections else []
    if not suspects:
        return Wording(words, _NOTHING)
    near = await store.list_near_words(tx, collection_id=corpus.id, words=suspects, limit=settings.near_words_max)
    return Wording(words, logic.correct(words, near))


async def look_by_words(tx: Tx, *, aim: Aim, wording: Wording, settings: SearchSettings) -> Sight:
    """Items that hold words of the query, by BM25."""
    counts = wording.lexemes
    return await _look(tx, aim=aim, wanted=counts, counts=counts, likeness={}, settings=settings)


async def look_by_likeness(tx: Tx, *, aim: Aim, wording: Wording, settings: SearchSettings) -> Sight:
    """Items that hold what a misspelt word may have meant, by BM25 times likeness; the right words count as well."""
    wanted = wording.correction.document_counts
    doubted = wording.doubted
    sure = {lexeme: count for lexeme, count in wording.lexemes.items() if lexeme not in doubted}
    return await _look(
        tx,
        aim=aim,
        wanted=wanted,
        counts={**sure, **wanted},
        likeness=wording.correction.likeness,
        settings=settings,
    )


async def find_highlights(
    tx: Tx, memory: Stems, *, corpus: Corpus, wording: Wording, texts: Sequence[str]
) -> list[tuple[tuple[int, int], ...]]:
    """For each text the spans, in code points, of words that stem to one of the query's lexemes."""
    lexemes = {lexeme for word in wording.words for lexeme in word.lexemes} | set(wording.correction.likeness)
    words = logic.find_words(texts, lexemes, words_max=_HIGHLIGHT_WORDS_MAX)
    if not words:
        return [() for _ in texts]
    stems = await memory.find(tx, language=corpus.language, words=words)
    return [logic.spans_of(text, stems, lexemes) for text in texts]


async def _look(
    tx: Tx,
    *,
    aim: Aim,
    wanted: Mapping[str, int],
    counts: Mapping[str, int],
    likeness: Mapping[str, float],
    settings: SearchSettings,
) -> Sight:
    """Rank documents that hold one of `wanted` by all of `counts`, narrow candidates first."""
    plan = logic.plan_words(wanted, ranked_max=settings.documents_ranked_max)
    if not plan.candidates:
        return Sight([], 0, is_complete=True)
    total = max(aim.corpus.document_count, 1)
    ranking = store.Ranking(
        terms=[logic.quote_lexeme(lexeme) for lexeme in counts],
        weights=[logic.inverse_frequency(n, total=total) * likeness.get(lexeme, 1.0) for lexeme, n in counts.items()],
        length_mean=max(aim.corpus.lexeme_count / total, 1.0),
        k1=settings.term_saturation,
        b=settings.length_share,
    )
    scanned_max = settings.documents_scanned_max
    # An item may take several places of the list, one for each of its passages.
    passages = min(2.0, aim.corpus.passage_count / max(aim.corpus.item_count, 1))
    usual = max(aim.depth, math.ceil(aim.depth * passages))
    stages: list[tuple[str, int | None, int | None]] = [(each, scanned_max, usual) for each in plan.candidates]
    is_cut = sum(wanted.values()) > scanned_max
    found: list[Hit] = []
    hits: list[Hit] = []
    for candidates, scanned, limit in [*stages, (plan.candidates[-1], None, None)]:
        # What was left out for speed is read after all where the answer would be short without it.
        if len(hits) >= aim.enough or (scanned is None and not is_cut):
            break
        is_cut = is_cut and scanned is not None
        rows = await store.rank_documents(
            tx,
            collection_id=aim.corpus.id,
            candidates=candidates,
            ranking=ranking,
            conditions=aim.conditions,
            item_ids=aim.matching,
            scanned_max=scanned,
            limit=limit,
        )
        is_cut = is_cut or len(rows) == limit
        found = sorted([*found, *rows], key=lambda hit: (-hit.score, hit.passage_id)) if found else rows
        hits = logic.best_of_items(found)
    is_complete = not is_cut and len(hits) < aim.enough
    return Sight(hits[: aim.depth], min(sum(wanted.values()), scanned_max), is_complete)
