"""A feed from the request to the page: candidates, features, score, diversity, reasons, in one transaction."""

import time
from collections.abc import Mapping, Sequence
from typing import cast
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray

from likewise.engine.collections import Conditions, Place, read_filter
from likewise.engine.embedding import serving_space
from likewise.engine.recommend import logic, store
from likewise.engine.recommend.model import (
    FEATURES,
    Candidate,
    Feed,
    FeedRequest,
    Kind,
    ReasonSeed,
    Recommendation,
    Standing,
)
from likewise.engine.recommend.service.acting import get_corpus
from likewise.engine.recommend.service.learning import default_weights
from likewise.engine.recommend.service.recording import Recorder
from likewise.engine.recommend.service.sourcing import Reader, find_candidates, read_reader
from likewise.engine.recommend.settings import RecommendSettings
from likewise.platform.db import Tx
from likewise.platform.feature import App
from likewise.platform.ids import encode_id

__all__ = ["recommend"]

Floats = NDArray[np.float32]
_TEXT_CHARACTERS = 400
_SEED_CHARACTERS = 60
_SEED_LIKENESS_MIN = 0.5
"""Cosine from which something liked is named as the reason for something close in meaning."""
_DEEDS = {"view": "looked at", "like": "liked", "upvote": "upvoted", "comment": "commented on"}
_DAY_S, _HOUR_S = 86_400.0, 3_600.0
_DIVERSE_OF = 3  # times k of the best are looked at for a diverse page
_DIVERSE_MIN = 50
_CAP_MIN = 2
_EACH_SOURCE = 0.1
"""What an item is worth for each source that brings it, beside the source's score of it."""


class _Ranked(msgspec.Struct, frozen=True):
    """The candidates with what ranking sees of them, in one order."""

    features: logic.Features
    by_item: dict[UUID, list[Candidate]]
    vectors: Floats
    scores: Floats
    contributions: Floats
    liked: list[UUID]
    liked_vectors: Floats

    def closest_liked(self, row: int) -> UUID | None:
        """What the user liked that means most nearly the same as a candidate; None where nothing is near."""
        if not self.liked:
            return None
        cosines = self.liked_vectors @ self.vectors[row]
        best = int(np.argmax(cosines))
        return self.liked[best] if cosines[best] >= _SEED_LIKENESS_MIN else None


async def recommend(app: App, tenant_id: UUID, request: FeedRequest) -> Feed:
    """What to show to a user, best first, with reasons; nothing they wrote themselves.

    A stranger gets what is trending, fresh and popular.

    Raises CollectionNotFound, FilterRefused.
    """
    started = time.perf_counter()
    settings = app.settings.get(RecommendSettings)
    space = await serving_space(app, tenant_id)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        corpus = await get_corpus(tx, name=request.collection)
        conditions = None if request.filter is None else read_filter(request.filter, corpus.facets)
        reader = await read_reader(tx, corpus=corpus, request=request, space=space, settings=settings)
        model = await store.find_model(tx, collection_id=corpus.id)
        learned = {} if model is None else model.weights
        candidates = await find_candidates(app, tx, corpus=corpus, request=request, reader=reader)
        weights = learned or default_weights(settings)
        ranked = await _rank(
            app,
            tx,
            corpus=corpus,
            request=request,
            reader=reader,
            candidates=candidates,
            conditions=conditions,
            weights=weights,
        )
        chosen = _choose(ranked, request, settings)
        ids = [ranked.features.items[row].item_id for row in chosen]
        seeds = {one.seed for item in ids for one in ranked.by_item[item] if one.seed is not None}
        seeds |= {seed for row in chosen if (seed := ranked.closest_liked(row)) is not None}
        rows = await store.list_shown(tx, item_ids=[*ids, *seeds], characters=_TEXT_CHARACTERS)
        shown = {row.id: row for row in rows}
    deeds = reader.deeds
    data = [_recommendation(app, ranked, row, shown, deeds, explain=request.explain) for row in chosen]
    if request.is_recorded:
        _record(app, tenant_id, corpus.id, request=request, ranked=ranked, chosen=chosen)
    return Feed(
        user=request.user,
        data=[one for one in data if one is not None],
        candidates=len(ranked.features.items),
        weights="learned" if learned else "default",
        took_ms=round((time.perf_counter() - started) * 1000, 2),
    )


async def _rank(
    app: App,
    tx: Tx,
    *,
    corpus: store.Corpus,
    request: FeedRequest,
    reader: Reader,
    candidates: Sequence[Candidate],
    conditions: Conditions | None,
    weights: Mapping[str, float],
) -> _Ranked:
    settings = app.settings.get(RecommendSettings)
    by_item = await _eligible(
        tx, corpus=corpus, reader=reader, candidates=candidates, conditions=conditions, settings=settings
    )
    standings = await store.list_standings(tx, item_ids=[*by_item, *reader.less])
    less = [one for one in standings if one.item_id in set(reader.less)]
    items = [one for one in standings if one.item_id in by_item and one.author != request.user]
    liked = list(dict.fromkeys(row.item_id for row in reader.liked))[: settings.affinity_seeds]
    wanted = [*(one.item_id for one in (*items, *less)), *liked]
    vectors = await store.read_item_vectors(tx, item_ids=wanted, space_id=reader.space.space_id)
    dimension = len(next(iter(vectors.values()))) if vectors else 1
    matrix = _unit_rows([one.item_id for one in items], vectors, dimension)
    less_matrix = _unit_rows([one.item_id for one in less], vectors, dimension)
    features = _features(app, request=request, reader=reader, items=items, by_item=by_item, matrix=matrix)
    contributions = features.values * np.array([weights.get(name, 0.0) for name in FEATURES], dtype=np.float32)
    scores = contributions.sum(axis=1)
    scores -= settings.less_weight * logic.penalties(items, matrix, less=less, less_vectors=less_matrix)
    seen = await store.list_impressions(
        tx, collection_id=corpus.id, user_key=request.user, item_ids=[one.item_id for one in items]
    )
    now = app.clock.now()
    past = {row.item_id: logic.Shown(row.shown_count, (now - row.shown_at).total_seconds() / _DAY_S) for row in seen}
    factors = np.array(
        [
            logic.seen_factor(
                past.get(one.item_id), decay=settings.seen_decay, half_life_days=settings.seen_half_life_days
            )
            for one in items
        ],
        dtype=np.float32,
    )
    decayed = cast("Floats", np.where(scores > 0, scores * factors, scores))
    return _Ranked(features, by_item, matrix, decayed, contributions, liked, _unit_rows(liked, vectors, dimension))


async def _eligible(
    tx: Tx,
    *,
    corpus: store.Corpus,
    reader: Reader,
    candidates: Sequence[Candidate],
    conditions: Conditions | None,
    settings: RecommendSettings,
) -> dict[UUID, list[Candidate]]:
    """Candidates by item, without what the user has turned to already or does not want, the most promising ones."""
    by_item: dict[UUID, list[Candidate]] = {}
    for one in candidates:
        by_item.setdefault(one.item_id, []).append(one)
    done = {row.item_id for row in reader.recent if row.kind != "view"} | set(reader.less)
    if len(reader.recent) >= settings.profile_acts_max:
        done |= set(
            await store.list_done(tx, collection_id=corpus.id, user_key=reader.user_key, item_ids=list(by_item))
        )
    if conditions is not None:
        passing = await store.list_passing(tx, collection_id=corpus.id, item_ids=list(by_item), conditions=conditions)
        done |= set(by_item) - set(passing)
    promises = sorted(
        (-sum(one.score for one in found) - _EACH_SOURCE * len(found), item.bytes)
        for item, found in by_item.items()
        if item not in done
    )
    best = [UUID(bytes=raw) for _, raw in promises[: settings.candidates_max]]
    return {item: by_item[item] for item in best}


def _features(
    app: App,
    *,
    request: FeedRequest,
    reader: Reader,
    items: Sequence[Standing],
    by_item: Mapping[UUID, Sequence[Candidate]],
    matrix: Floats,
) -> logic.Features:
    settings = app.settings.get(RecommendSettings)
    found: dict[str, dict[UUID, float]] = {"taste": {}, "people": {}}
    for item_id, candidates in by_item.items():
        for one in candidates:
            if one.source in found:
                found[one.source][item_id] = one.score
    meaning: dict[UUID, float] = {}
    if reader.meaning is not None and matrix.shape[1] == len(reader.meaning):
        cosines = matrix @ reader.meaning
        meaning = {one.item_id: float(cosine) for one, cosine in zip(items, cosines, strict=True)}
    own = {} if reader.person is None else dict(reader.person.categories)
    top = max(own.values(), default=1.0)
    near = {} if request.place is None else {one.item_id: _nearness(one, request) for one in items}
    return logic.feature_matrix(
        items,
        meaning=meaning,
        taste=found["taste"],
        people=found["people"],
        categories=own | dict.fromkeys(request.categories, top),
        near=near,
        now=app.clock.now(),
        recency_half_life_hours=settings.recency_half_life_hours,
    )


def _nearness(item: Standing, request: FeedRequest) -> float:
    """1 at the place, a half at the radius, by the great circle."""
    place = request.place
    if place is None or item.latitude is None or item.longitude is None:
        return 0.0
    return 1 / (1 + (_distance_km(place, item.latitude, item.longitude) / request.radius_km) ** 2)


def _distance_km(place: Place, latitude: float, longitude: float) -> float:
    lat, lat2 = np.radians(place.lat), np.radians(latitude)
    turn = np.radians(longitude - place.lon)
    half = np.sin((lat2 - lat) / 2) ** 2 + np.cos(lat) * np.cos(lat2) * np.sin(turn / 2) ** 2
    return float(12_742.0176 * np.arcsin(min(1.0, float(np.sqrt(half)))))


def _unit_rows(ids: Sequence[UUID], vectors: Mapping[UUID, Floats], dimension: int) -> Floats:
    matrix = np.zeros((len(ids), dimension), dtype=np.float32)
    for row, item_id in enumerate(ids):
        if item_id in vectors:
            matrix[row] = vectors[item_id]
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    return (matrix / np.where(lengths > 0, lengths, 1)).astype(np.float32)


def _choose(ranked: _Ranked, request: FeedRequest, settings: RecommendSettings) -> list[int]:
    """Rows of the page, best first: caps first need enough to choose from, so the best are taken generously."""
    scores = ranked.scores
    order: list[int] = np.argsort(-scores, kind="stable").tolist()
    best = order[: max(_DIVERSE_OF * request.k, request.k + _DIVERSE_MIN)]
    items = [ranked.features.items[row] for row in best]
    chosen = logic.choose_diverse(
        scores[best],
        ranked.vectors[best],
        k=request.k,
        diversity=settings.diversity,
        authors=[one.author for one in items],
        categories=[one.category for one in items],
        author_max=max(_CAP_MIN, round(settings.author_share_max * request.k)),
        category_max=max(_CAP_MIN, round(settings.category_share_max * request.k)),
    )
    return [best[row] for row in chosen]


def _recommendation(
    app: App,
    ranked: _Ranked,
    row: int,
    shown: Mapping[UUID, store.ShownItem],
    deeds: Mapping[UUID, Kind],
    *,
    explain: bool,
) -> Recommendation | None:
    item = ranked.features.items[row]
    words = shown.get(item.item_id)
    if words is None:
        return None
    brought = ranked.by_item[item.item_id]
    closest = ranked.closest_liked(row)
    if closest is not None:
        brought = [
            *(one for one in brought if one.source != "meaning"),
            Candidate(item.item_id, "meaning", 0.0, seed=closest),
        ]
    candidates = [_worded(one, shown, deeds) for one in brought]
    age_hours = max(0.0, (app.clock.now() - item.born_at).total_seconds() / _HOUR_S)
    return Recommendation(
        id=encode_id("itm", item.item_id),
        key=words.key,
        title=words.title,
        text=words.text,
        author=words.author,
        category=words.category,
        score=round(float(ranked.scores[row]), 5),
        reasons=logic.reasons_of(ranked.contributions[row], item, candidates, age_hours=age_hours),
        sources=sorted({one.source for one in ranked.by_item[item.item_id]}),
        features=dict(zip(FEATURES, map(float, ranked.features.values[row]), strict=True)) if explain else None,
    )


def _worded(candidate: Candidate, shown: Mapping[UUID, store.ShownItem], deeds: Mapping[UUID, Kind]) -> Candidate:
    """The candidate with what led to it as its word on why."""
    if candidate.seed is None or candidate.seed not in shown or candidate.seed not in deeds:
        return candidate
    item, deed = shown[candidate.seed], deeds[candidate.seed]
    title = item.title or item.text[:_SEED_CHARACTERS]
    how = "goes with" if candidate.source == "taste" else "close in meaning to"
    return msgspec.structs.replace(
        candidate,
        because=f"{how} \u201c{title}\u201d, which you {_DEEDS[deed]}",
        led_by=ReasonSeed(encode_id("itm", item.id), item.key, title, deed),
    )


def _record(
    app: App, tenant_id: UUID, collection_id: UUID, *, request: FeedRequest, ranked: _Ranked, chosen: Sequence[int]
) -> None:
    now = app.clock.now()
    app.resource(Recorder).offer(
        [
            store.NewImpression(
                tenant_id=tenant_id,
                collection_id=collection_id,
                user_key=request.user,
                item_id=ranked.features.items[row].item_id,
                shown_at=now,
                features=tuple(float(value) for value in ranked.features.values[row]),
            )
            for row in chosen
        ]
    )
