"""Experiences found by words, by wishes, or by being like another."""

import time
from collections.abc import Mapping, Sequence
from typing import Literal
from uuid import UUID

import msgspec

from likewise.apps.community.model import COLLECTION, Experience, ExperienceWish
from likewise.apps.community.service.reading import get_experience, list_by_ids, list_experiences
from likewise.apps.community.store import ExperiencePlace
from likewise.engine.collections import CollectionNotFound
from likewise.engine.search import (
    ARMS,
    Answer,
    Arm,
    Explanation,
    SearchRequest,
    SimilarRequest,
    ValueCount,
    find_similar,
    search,
)
from likewise.platform.feature import App
from likewise.platform.ids import decode_id

__all__ = ["ExperienceFound", "ExperiencesFound", "search_experiences", "similar_experiences"]

_ITEM = "itm"
_PASSAGE_CHARACTERS = 400


class ExperienceFound(msgspec.Struct, frozen=True, kw_only=True):
    """An experience that answers. `passage` is the stretch of its text (from `start`, in code points) it was found by,
    `highlights` are spans of `passage`."""

    experience: Experience
    score: float
    passage: str
    start: int
    highlights: tuple[tuple[int, int], ...]
    explain: Explanation | None


class ExperiencesFound(msgspec.Struct, frozen=True, kw_only=True):
    """One page of what was found, best first. `search_id` is for telling which result was opened; None where nobody was
    asked. `found` is how many the arms brought, `candidates` how many passages were compared. `next_place`: where the
    next page begins, None after the last one."""

    data: list[ExperienceFound]
    search_id: str | None
    arms: tuple[Arm, ...]
    plan: Literal["exact", "approximate"]
    candidates: int
    found: int
    took_ms: float
    next_place: str | None
    corrected: str | None
    facets: Mapping[str, Sequence[ValueCount]]


_NOTHING = ExperiencesFound(
    data=[],
    search_id=None,
    arms=(),
    plan="exact",
    candidates=0,
    found=0,
    took_ms=0.0,
    next_place=None,
    corrected=None,
    facets={},
)


async def search_experiences(
    app: App,
    tenant_id: UUID,
    *,
    words: str = "",
    wish: ExperienceWish | None = None,
    k: int = 10,
    place: str = "",
    arms: Sequence[Arm] = ARMS,
    facets: Sequence[str] = (),
    explain: bool = False,
) -> ExperiencesFound:
    """Public experiences that answer words and a wish, best first, from a page's `next_place` on; without words those
    that are as wished, newest first.

    Raises QuestionRefused, FilterRefused.
    """
    if not words.strip():
        return await _as_wished(app, tenant_id, wish=wish, k=k, place=place)
    request = SearchRequest(
        query=words,
        collection=COLLECTION,
        k=k,
        arms=tuple(arms),
        filter=(wish or ExperienceWish()).as_filter(),
        facets=tuple(facets),
        explain=explain,
    )
    start = int(place or 0)
    try:
        answer = await search(app, tenant_id, request, start=start)
    except CollectionNotFound:
        return _NOTHING  # nobody has told anything yet
    return await _shown(app, tenant_id, answer, end=start + k)


async def similar_experiences(
    app: App,
    tenant_id: UUID,
    *,
    experience_id: UUID,
    viewer: str | None = None,
    wish: ExperienceWish | None = None,
    k: int = 10,
    place: str = "",
    explain: bool = False,
) -> ExperiencesFound:
    """Public experiences that tell of the like, nearest first; the score is the cosine of their meanings. One that only
    its author may see is looked at for them.

    Raises ExperienceNotFound, ExampleWithoutVector, QuestionRefused, FilterRefused.
    """
    to = await get_experience(app, tenant_id, experience_id=experience_id, viewer=viewer)
    request = SimilarRequest(
        collection=COLLECTION, key=to.key, k=k, filter=(wish or ExperienceWish()).as_filter(), explain=True
    )
    start = int(place or 0)
    answer = await find_similar(app, tenant_id, request, start=start)
    found = await _shown(app, tenant_id, answer, end=start + k)
    return msgspec.structs.replace(found, data=[_by_cosine(one, explain=explain) for one in found.data])


def _by_cosine(one: ExperienceFound, *, explain: bool) -> ExperienceFound:
    vector = None if one.explain is None else one.explain.vector
    score = one.score if vector is None else round(vector.score, 4)
    return msgspec.structs.replace(one, score=score, explain=one.explain if explain else None)


async def _as_wished(app: App, tenant_id: UUID, *, wish: ExperienceWish | None, k: int, place: str) -> ExperiencesFound:
    started = time.perf_counter()
    after = ExperiencePlace(None, UUID(place)) if place else None
    rows = await list_experiences(app, tenant_id, wish=wish, order="newest", after=after, limit=k + 1)
    data = [
        ExperienceFound(
            experience=one, score=0.0, passage=one.text[:_PASSAGE_CHARACTERS], start=0, highlights=(), explain=None
        )
        for one in rows[:k]
    ]
    return msgspec.structs.replace(
        _NOTHING,
        data=data,
        candidates=len(rows),
        found=len(data),
        took_ms=round((time.perf_counter() - started) * 1000, 2),
        next_place=str(data[-1].experience.id) if len(rows) > k else None,
    )


async def _shown(app: App, tenant_id: UUID, answer: Answer, *, end: int) -> ExperiencesFound:
    """The answer with experiences as they are now; what was hidden since an arm saw it is left out."""
    ids = [decode_id(_ITEM, result.id) for result in answer.data]
    known = await list_by_ids(app, tenant_id, ids=ids)
    return ExperiencesFound(
        data=[
            ExperienceFound(
                experience=known[experience_id],
                score=result.score,
                passage=result.text,
                start=result.passage.start,
                highlights=result.highlights,
                explain=result.explain,
            )
            for experience_id, result in zip(ids, answer.data, strict=True)
            if experience_id in known and known[experience_id].state == "public"
        ],
        search_id=answer.search_id,
        arms=answer.arms,
        plan=answer.plan,
        candidates=answer.candidates,
        found=answer.found,
        took_ms=answer.took_ms,
        next_place=str(end) if answer.has_more else None,
        corrected=answer.corrected,
        facets=answer.facets,
    )
