"""The sources of a feed: each brings items with a score of its own and a word on why."""

import math
from collections.abc import Sequence
from typing import cast
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray

from likewise.engine.embedding import Space
from likewise.engine.recommend import logic, store
from likewise.engine.recommend.model import Candidate, FeedRequest, InteractionRow, Kind, Person, SourceName
from likewise.engine.recommend.service.profiling import strengths_of
from likewise.engine.recommend.service.shelves import read_shelf
from likewise.engine.recommend.settings import RecommendSettings
from likewise.platform.db import Tx
from likewise.platform.feature import App

__all__ = ["Reader", "find_candidates", "read_reader"]

_EARTH_KM_PER_DEGREE = 111.32
_LIKED = ("like", "upvote", "comment")
_STRENGTH: dict[str, int] = {"view": 1, "like": 2, "upvote": 3, "comment": 4}
_NEGATIVE = ("dislike", "less")
_TOP_CATEGORIES = 3


class Reader(msgspec.Struct, frozen=True):
    """Whom the feed is for: profile (None for a stranger), place by meaning in a space, what they did last."""

    user_key: str
    person: Person | None
    space: Space
    meaning: NDArray[np.float32] | None
    recent: list[InteractionRow]
    less: list[UUID]

    @property
    def deeds(self) -> dict[UUID, Kind]:
        """What they did with each item they turned to: the strongest deed."""
        found: dict[UUID, Kind] = {}
        for row in self.recent:
            if row.kind in _STRENGTH and _STRENGTH[row.kind] > _STRENGTH.get(found.get(row.item_id, "less"), 0):
                found[row.item_id] = row.kind
        return found

    @property
    def liked(self) -> list[InteractionRow]:
        """What they liked, newest first."""
        return [row for row in self.recent if row.kind in _LIKED]


async def read_reader(
    tx: Tx, *, corpus: store.Corpus, request: FeedRequest, space: Space, settings: RecommendSettings
) -> Reader:
    """The user as known now, with the items they want to see less like of, those of this request first."""
    people = await store.list_persons(tx, collection_id=corpus.id, user_keys=[request.user])
    person = people[0] if people else None
    meaning = None
    if person is not None:
        meaning = await store.find_place(tx, collection_id=corpus.id, kind="meaning", user_id=person.id)
    recent = await store.list_recent(
        tx, collection_id=corpus.id, user_key=request.user, limit=settings.profile_acts_max
    )
    less: list[UUID] = []
    if request.less:
        rows = await store.list_item_ids(tx, collection_id=corpus.id, keys=list(request.less))
        less = [row.id for row in rows]
    less += [row.item_id for row in recent if row.kind in _NEGATIVE]
    return Reader(request.user, person, space, meaning, recent, list(dict.fromkeys(less))[: settings.less_items_max])


async def find_candidates(
    app: App, tx: Tx, *, corpus: store.Corpus, request: FeedRequest, reader: Reader
) -> list[Candidate]:
    """What every source brings. The vector source comes last: it changes how this transaction plans."""
    settings = app.settings.get(RecommendSettings)
    found: list[Candidate] = []
    for name in ("trending", "fresh", "popular"):
        shelf = await read_shelf(app, tx, collection_id=corpus.id, name=name)
        found += _scaled(cast("SourceName", name), shelf[: settings.candidates_of_source])
    found += await _of_taste(tx, reader, settings)
    found += await _of_people(tx, corpus, reader, settings)
    found += await _of_categories(app, tx, corpus=corpus, request=request, reader=reader, settings=settings)
    found += await _of_place(app, tx, corpus, request, settings)
    found += await _of_meaning(tx, corpus, reader, settings)
    return found


def _scaled(source: SourceName, rows: Sequence[store.Scored], because: str = "") -> list[Candidate]:
    scores = logic.scaled({row.item_id: row.score for row in rows})
    return [Candidate(item_id, source, score, because) for item_id, score in scores.items()]


async def _of_taste(tx: Tx, reader: Reader, settings: RecommendSettings) -> list[Candidate]:
    """What goes with their latest likes, by the weights from item to item."""
    strengths = strengths_of(settings)
    seeds: dict[UUID, float] = {}
    for row in reader.recent:
        strength = strengths.get(row.kind, 0.0) * row.weight
        if strength > 0 and len(seeds) < settings.affinity_seeds:
            seeds[row.item_id] = max(seeds.get(row.item_id, 0.0), strength)
    if not seeds:
        return []
    rows = await store.list_affinities(tx, item_ids=list(seeds))
    best = logic.sum_items(
        [row.packed for row in rows], [seeds[row.item_id] for row in rows], limit=settings.candidates_of_source
    )
    scores = logic.scaled({item_id: total for item_id, total, _ in best})
    return [Candidate(item_id, "taste", scores[item_id], seed=rows[giver].item_id) for item_id, _, giver in best]


async def _of_people(tx: Tx, corpus: store.Corpus, reader: Reader, settings: RecommendSettings) -> list[Candidate]:
    """The latest likes of the users most alike, by each likeness, weighted by how alike."""
    if reader.person is None:
        return []
    similar: dict[int, float] = {}
    for kind in ("taste", "meaning"):
        found = await store.find_neighbours(tx, collection_id=corpus.id, kind=kind, user_key=reader.user_key)
        if found is None or not found.packed:
            continue
        ids, scores = logic.unpack_users(found.packed)
        for user_id, score in zip(ids[: settings.people_asked].tolist(), scores.tolist(), strict=False):
            similar[user_id] = max(similar.get(user_id, 0.0), score)
    top = sorted(similar, key=lambda user_id: -similar[user_id])[: settings.people_asked]
    if not top:
        return []
    names = {row.user_key: row.id for row in await store.list_names(tx, collection_id=corpus.id, ids=top)}
    likes = await store.list_likes_of_users(
        tx, collection_id=corpus.id, user_keys=list(names), limit=settings.liked_of_each
    )
    sums: dict[UUID, float] = {}
    who: dict[UUID, set[str]] = {}
    for row in likes:
        if row.user_key not in who.setdefault(row.item_id, set()):
            who[row.item_id].add(row.user_key)
            sums[row.item_id] = sums.get(row.item_id, 0.0) + max(0.0, similar[names[row.user_key]])
    return [
        Candidate(item_id, "people", score, _liked_by(len(who[item_id])), people=len(who[item_id]))
        for item_id, score in logic.scaled(sums).items()
    ]


def _liked_by(count: int) -> str:
    return f"liked by {count} {'person' if count == 1 else 'people'} like you"


async def _of_categories(
    app: App, tx: Tx, *, corpus: store.Corpus, request: FeedRequest, reader: Reader, settings: RecommendSettings
) -> list[Candidate]:
    own = [] if reader.person is None else list(reader.person.categories.items())
    top = [name for name, _ in sorted(own, key=lambda pair: (-pair[1], pair[0]))[:_TOP_CATEGORIES]]
    wanted = list(dict.fromkeys([*request.categories, *top]))
    if not wanted:
        return []
    rows = await store.list_of_categories(
        tx,
        collection_id=corpus.id,
        categories=wanted,
        now=app.clock.now(),
        limit=max(1, settings.candidates_of_source // len(wanted)),
    )
    return _scaled("category", rows)


async def _of_place(
    app: App, tx: Tx, corpus: store.Corpus, request: FeedRequest, settings: RecommendSettings
) -> list[Candidate]:
    if request.place is None:
        return []
    reach = request.radius_km / _EARTH_KM_PER_DEGREE
    wide = min(180.0, reach / max(0.01, math.cos(math.radians(request.place.lat))))
    lat, lon = request.place.lat, request.place.lon
    rows = await store.list_near(
        tx,
        collection_id=corpus.id,
        box=(lat - reach, lat + reach, lon - wide, lon + wide),
        now=app.clock.now(),
        limit=settings.candidates_of_source,
    )
    return _scaled("near", rows)


async def _of_meaning(tx: Tx, corpus: store.Corpus, reader: Reader, settings: RecommendSettings) -> list[Candidate]:
    """What lies nearest to the profile: every vector compared, or through the HNSW index where there are many."""
    if reader.meaning is None:
        return []
    space = reader.space
    limit = settings.candidates_of_source
    if corpus.passage_count <= settings.exact_rows_max:
        await tx.settle(plan_cache_mode="force_custom_plan")
        rows = await store.nearest_exact(
            tx, collection_id=corpus.id, space_id=space.space_id, vector=reader.meaning, limit=limit
        )
    else:
        await tx.settle(
            plan_cache_mode="force_custom_plan",
            hnsw__iterative_scan="relaxed_order",
            hnsw__ef_search=settings.ef_search,
        )
        rows = await store.nearest_approximate(
            tx, collection_id=corpus.id, space_id=space.space_id, vector=reader.meaning, limit=limit
        )
    best: dict[UUID, float] = {}
    for row in rows:
        best[row.item_id] = max(best.get(row.item_id, 0.0), row.score)
    return [Candidate(item_id, "meaning", score) for item_id, score in best.items()]
