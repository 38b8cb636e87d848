"""A search from the question to the answer: every arm looks, what they find is fused, cut to a page and shown."""

import asyncio
import hashlib
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from likewise.engine.collections import (
    AUTHOR,
    CATEGORY,
    Conditions,
    FacetKind,
    Filter,
    Place,
    explain_missing,
    read_filter,
    read_wishes,
)
from likewise.engine.embedding import Space, embed_query, serving_space
from likewise.engine.search import logic, store
from likewise.engine.search.model import (
    Answer,
    Arm,
    Corpus,
    Explanation,
    Fusion,
    Hit,
    MatchedPassage,
    QueryRecord,
    Result,
    SearchRequest,
    Source,
    ValueCount,
)
from likewise.engine.search.service.catalog import PartitionCatalog
from likewise.engine.search.service.errors import QuestionRefused
from likewise.engine.search.service.meaning import Aim, Sight, find_matching, look_by_meaning
from likewise.engine.search.service.recording import Recorder
from likewise.engine.search.service.wording import (
    Stems,
    Wording,
    find_highlights,
    look_by_likeness,
    look_by_words,
    read_wording,
)
from likewise.engine.search.settings import SearchSettings
from likewise.platform.db import HalfVector, Tx
from likewise.platform.errors import FieldError
from likewise.platform.feature import App
from likewise.platform.ids import encode_id, new_id

__all__ = ["Question", "answer", "clean", "get_corpus", "hash_query", "moment_of", "read_facet_wishes", "search"]

_COUNTED_KINDS = (FacetKind.KEYWORD, FacetKind.KEYWORDS, FacetKind.BOOLEAN)
_OWN_FACETS = {"author": AUTHOR, "category": CATEGORY}


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked, with the model's part already done: `vector` lies in `space`. `text` is empty where only a vector
    is asked about."""

    text: str
    collection: str
    vector: HalfVector | None
    space: Space
    arms: Sequence[Arm]
    filter: Filter
    k: int
    start: int
    explain: bool
    highlight: bool = False
    weights: Mapping[Arm, float] = {}
    fusion: Fusion = "rrf"
    is_cached: bool = False
    left_out: frozenset[UUID] = frozenset()
    facets: Sequence[str] = ()


async def search(app: App, tenant_id: UUID, request: SearchRequest, *, start: int = 0) -> Answer:
    """Answer a query, from the result at `start` on. Raises CollectionNotFound, QuestionRefused, FilterRefused."""
    started = time.perf_counter()
    settings = app.settings.get(SearchSettings)
    text = clean(request.query)
    if not text or len(text) > settings.query_characters_max:
        raise _refusal("/query", f"a query has 1 to {settings.query_characters_max} characters")
    if not request.arms:
        raise _refusal("/arms", "name at least one of vector, lexical, trigram")
    space = await serving_space(app, tenant_id)
    query = await embed_query(app, tenant_id, text=text, space=space) if "vector" in request.arms else None
    question = Question(
        text=text,
        collection=request.collection,
        vector=None if query is None else query.vector,
        space=space,
        arms=list(dict.fromkeys(request.arms)),
        filter=request.filter,
        k=request.k,
        start=start,
        explain=request.explain,
        highlight=request.highlight,
        weights=request.weights,
        fusion=request.fusion,
        is_cached=query is not None and query.cached,
        facets=list(dict.fromkeys(request.facets)),
    )
    return await answer(app, tenant_id, question, started=started)


async def answer(app: App, tenant_id: UUID, question: Question, *, started: float) -> Answer:
    """Look with every arm, fuse, and show the page asked for. `started` is a reading of time.perf_counter."""
    settings = app.settings.get(SearchSettings)
    if question.k > settings.results_max:
        raise _refusal("/k", f"at most {settings.results_max} results at once; page on with `after`")
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        corpus = await get_corpus(tx, name=question.collection)
        settings = await app.resource(PartitionCatalog).calibrated(tx, settings)
        conditions = read_filter(question.filter, corpus.facets)
        # The order of one arm is the same however deep it looks; several are fused from what each brings.
        depth = settings.depth if len(question.arms) > 1 else min(settings.depth, settings.depth_alone)
        matching = await find_matching(tx, corpus=corpus, conditions=conditions, depth=depth, settings=settings)
        extra = len(question.left_out)
        enough = min(settings.enough, depth) + extra
        aim = Aim(corpus, conditions, matching, depth=depth + extra, enough=enough)
        wording, sights = await _look(app, tx, aim, question, settings=settings)
        fused = _fuse(sights, question)
        end = question.start + question.k
        if len(fused) <= end and not all(sight.is_complete for sight in sights.values()):
            thorough = msgspec.structs.replace(aim, depth=settings.depth_max + extra, enough=settings.depth_max + extra)
            await tx.settle(enable_sort="on")
            _, sights = await _look(app, tx, thorough, question, wording=wording, settings=settings)
            fused = logic.extend_order(fused, _fuse(sights, question))
        counted = await _count(tx, question, corpus, found=fused, settings=settings)
        page, looked_up = await _read_page(tx, fused[question.start :], k=question.k)
        results = await _show(app, tx, corpus, question, conditions, page=page, wording=wording)
    search_id = new_id()
    reply = Answer(
        data=results,
        plan="approximate" if any(sight.plan == "approximate" for sight in sights.values()) else "exact",
        candidates=sum(sight.looked_at for sight in sights.values()),
        took_ms=round((time.perf_counter() - started) * 1000, 2),
        has_more=len(fused) > question.start + looked_up,
        next_cursor=None,
        query_cached=question.is_cached,
        corrected=_corrected(question, wording),
        arms=tuple(question.arms),
        search_id=encode_id("sea", search_id),
        found=len(fused),
        facets=counted,
    )
    app.resource(Recorder).offer(_record(tenant_id, search_id, corpus, question, reply))
    return reply


async def get_corpus(tx: Tx, *, name: str) -> Corpus:
    """The collection with this name. Raises CollectionNotFound."""
    corpus = await store.find_corpus(tx, name=name)
    if corpus is None:
        raise await explain_missing(tx, name=name)
    return corpus


async def read_facet_wishes(app: App, tenant_id: UUID, *, collection: str, wishes: Sequence[str]) -> dict[str, object]:
    """A filter's facets from wishes as people type them. Raises CollectionNotFound, FilterRefused."""
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        corpus = await get_corpus(tx, name=collection)
    return read_wishes(wishes, corpus.facets)


async def _read_wording(tx: Tx, corpus: Corpus, question: Question, *, settings: SearchSettings) -> Wording | None:
    if not question.text or not (question.highlight or {"lexical", "trigram"} & set(question.arms)):
        return None
    return await read_wording(
        tx, corpus=corpus, text=question.text, with_corrections="trigram" in question.arms, settings=settings
    )


async def _look(
    app: App, tx: Tx, aim: Aim, question: Question, *, settings: SearchSettings, wording: Wording | None = None
) -> tuple[Wording | None, dict[Arm, Sight]]:
    """What each arm finds, and how the query's words were read, unless they were already.

    The vector arm looks beside the others where a connection idles. Otherwise it comes last: it changes how its
    transaction plans.
    """
    if question.vector is None or not question.text:
        wording, sights = await _look_at_words(tx, aim, question, wording=wording, settings=settings)
        return wording, sights | await _look_at_vector(app, tx, aim, question, settings=settings)
    beside = asyncio.create_task(_look_beside(app, tx.tenant, aim, question, settings=settings))
    try:
        wording, sights = await _look_at_words(tx, aim, question, wording=wording, settings=settings)
        seen = await beside
    finally:
        beside.cancel()
        await asyncio.gather(beside, return_exceptions=True)
    if seen is None:
        seen = await _look_at_vector(app, tx, aim, question, settings=settings)
    return wording, sights | seen


async def _look_beside(
    app: App, tenant_id: UUID, aim: Aim, question: Question, *, settings: SearchSettings
) -> dict[Arm, Sight] | None:
    """What the vector arm finds on a connection of its own; None where none idles."""
    async with app.db.idle_tenant(tenant_id) as tx:
        return None if tx is None else await _look_at_vector(app, tx, aim, question, settings=settings)


async def _look_at_words(
    tx: Tx, aim: Aim, question: Question, *, wording: Wording | None, settings: SearchSettings
) -> tuple[Wording | None, dict[Arm, Sight]]:
    if wording is None:
        wording = await _read_wording(tx, aim.corpus, question, settings=settings)
    sights: dict[Arm, Sight] = {}
    if "lexical" in question.arms and wording is not None:
        sights["lexical"] = await look_by_words(tx, aim=aim, wording=wording, settings=settings)
    if "trigram" in question.arms and wording is not None:
        sights["trigram"] = await look_by_likeness(tx, aim=aim, wording=wording, settings=settings)
    return wording, sights


async def _look_at_vector(
    app: App, tx: Tx, aim: Aim, question: Question, *, settings: SearchSettings
) -> dict[Arm, Sight]:
    if question.vector is None:
        return {}
    partition = await app.resource(PartitionCatalog).find(tx, space=question.space)
    sight = await look_by_meaning(
        tx, aim=aim, space=question.space, vector=question.vector, partition=partition, settings=settings
    )
    return {"vector": sight}


def _fuse(sights: Mapping[Arm, Sight], question: Question) -> list[logic.Fused]:
    """One order out of what the arms found, without what the question leaves out."""
    found: dict[Arm, Sequence[Hit]] = {arm: sight.hits for arm, sight in sights.items()}
    if question.left_out:
        found = {arm: [hit for hit in hits if hit.item_id not in question.left_out] for arm, hits in found.items()}
    return logic.fuse(found, method=question.fusion, weights=question.weights)


async def _read_page(
    tx: Tx, ranked: Sequence[logic.Fused], *, k: int
) -> tuple[list[tuple[logic.Fused, MatchedPassage]], int]:
    """The first k that are still there, with their passages, and how many were looked up for it.

    What was deleted since an arm saw it is passed over, and the next one shown in its place.
    """
    page: list[tuple[logic.Fused, MatchedPassage]] = []
    looked_up = 0
    while len(page) < k and looked_up < len(ranked):
        batch = ranked[looked_up : looked_up + k - len(page)]
        looked_up += len(batch)
        rows = await store.list_matched_passages(tx, ids=[item.passage_id for item in batch])
        by_item = {row.item_id: row for row in rows}
        page += [(item, by_item[item.item_id]) for item in batch if item.item_id in by_item]
    return page, looked_up


async def _show(
    app: App,
    tx: Tx,
    corpus: Corpus,
    question: Question,
    conditions: Conditions,
    *,
    page: Sequence[tuple[logic.Fused, MatchedPassage]],
    wording: Wording | None,
) -> list[Result]:
    spans = [()] * len(page)
    if question.highlight and wording is not None:
        texts = [row.text for _, row in page]
        spans = await find_highlights(tx, app.resource(Stems), corpus=corpus, wording=wording, texts=texts)
    return [
        _result(item, row, marks, explain=_explain(item, row, conditions) if question.explain else None)
        for (item, row), marks in zip(page, spans, strict=True)
    ]


async def _count(
    tx: Tx,
    question: Question,
    corpus: Corpus,
    *,
    found: Sequence[logic.Fused],
    settings: SearchSettings,
) -> dict[str, list[ValueCount]]:
    """The commonest values of the facets asked for, among all that was found. Raises QuestionRefused."""
    if not question.facets:
        return {}
    if len(question.facets) > settings.facets_max:
        raise _refusal("/facets", f"at most {settings.facets_max} facets")
    for name in question.facets:
        if corpus.facets.get(name) not in _COUNTED_KINDS and name not in _OWN_FACETS:
            raise _refusal(
                "/facets", f"{name!r} is no facet with values to count; declared: {', '.join(corpus.facets)}"
            )
    names = [_OWN_FACETS.get(name, name) for name in question.facets]
    rows = await store.count_found_values(
        tx, item_ids=[item.item_id for item in found], names=names, limit=settings.facet_values_max
    )
    counted: dict[str, list[ValueCount]] = {name: [] for name in question.facets}
    for row in rows:
        counted[row.name.removeprefix("$")].append(ValueCount(row.value, row.item_count))
    return counted


def _result(
    item: logic.Fused, row: MatchedPassage, spans: tuple[tuple[int, int], ...], *, explain: Explanation | None
) -> Result:
    return Result(
        id=encode_id("itm", row.item_id),
        key=row.key,
        score=item.score,
        title=row.title,
        text=row.text,
        passage=Source(row.ordinal, row.heading_path, row.span_start, row.span_end),
        facets=row.facets,
        author=row.author,
        category=row.category,
        place=None if row.latitude is None or row.longitude is None else Place(row.latitude, row.longitude),
        happened_at=row.happened_at,
        highlights=spans,
        explain=explain,
    )


def _explain(item: logic.Fused, row: MatchedPassage, conditions: Conditions) -> Explanation:
    """Each arm's view, and the values of those facets that the filter looked at."""
    own: dict[str, object] = {**row.facets, AUTHOR: row.author, CATEGORY: row.category}
    names = [condition.name for condition in (*conditions.words, *conditions.ranges)]
    return Explanation(
        vector=item.arms.get("vector"),
        lexical=item.arms.get("lexical"),
        trigram=item.arms.get("trigram"),
        fused=item.score,
        facets={name.removeprefix("$"): own.get(name) for name in names},
    )


def _corrected(question: Question, wording: Wording | None) -> str | None:
    if wording is None or not wording.correction.shown:
        return None
    return logic.replace_words(question.text, wording.correction.shown)


def _record(tenant_id: UUID, search_id: UUID, corpus: Corpus, question: Question, reply: Answer) -> QueryRecord:
    return QueryRecord(
        id=search_id,
        tenant_id=tenant_id,
        collection_id=corpus.id,
        created_at=moment_of(search_id),
        text=question.text,
        hash=hash_query(question.text),
        arms=list(reply.arms),
        plan=reply.plan,
        candidate_count=reply.candidates,
        result_count=len(reply.data),
        took_ms=reply.took_ms,
        is_cached=reply.query_cached,
    )


def hash_query(text: str) -> bytes:
    """What queries that differ only in capitals have in common."""
    return hashlib.sha256(text.casefold().encode()).digest()


def moment_of(search_id: UUID) -> datetime:
    """When an id was made, to the millisecond: a UUIDv7 begins with it, so a click finds its row by the key."""
    return datetime.fromtimestamp((search_id.int >> 80) / 1000, UTC)


def clean(text: str) -> str:
    """A text as the database and the models can take it: without NUL and lone surrogates, without blank edges."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", " ").strip()


def _refusal(pointer: str, reason: str) -> QuestionRefused:
    return QuestionRefused(reason=reason, errors=[FieldError(pointer, reason)])
