"""Profiles and standings, made from the truth whenever something they depend on has changed.

Nothing is added up: a user's profile is computed from their own latest acts, an item's counts are counted. So an event
heard twice changes nothing, and a rebuild comes to the same. The work is that of one user, however many there are.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray

from likewise.engine.collections import ItemAdded, ItemChanged, ItemRemoved
from likewise.engine.embedding import get_space
from likewise.engine.recommend import logic, store
from likewise.engine.recommend.events import PersonChanged
from likewise.engine.recommend.model import LIKENESSES
from likewise.engine.recommend.settings import RecommendSettings
from likewise.platform.db import Tx
from likewise.platform.feature import App

__all__ = [
    "CONSUMER",
    "VECTOR_KINDS",
    "derive",
    "drop_derived",
    "leave_space",
    "make_profiles",
    "read_gram",
    "strengths_of",
]

CONSUMER = "recommend_profiles"
VECTOR_KINDS = ("meaning", "written", "liked", "categories", "taste")
Vector = NDArray[np.float32]


async def derive(app: App, tx: Tx, events: Sequence[ItemAdded | ItemChanged | ItemRemoved | PersonChanged]) -> None:
    """Make standings and profiles anew, of whatever these events are about."""
    settings = app.settings.get(RecommendSettings)
    users: dict[UUID, dict[str, None]] = {}
    written: dict[UUID, None] = {}
    touched: dict[UUID, None] = {}
    for event in events:
        if isinstance(event, PersonChanged):
            users.setdefault(event.collection_id, {})[event.user_key] = None
            touched |= dict.fromkeys(event.item_ids)
        else:
            written[event.item_id] = None
    # Whoever wrote an item before this change, whoever writes it now, and whoever turned to it.
    affected = await store.list_authors_known(tx, item_ids=list(written), limit=len(written) + 1)
    await _derive_standings(tx, [*written, *touched], settings)
    affected += await store.list_authors_known(tx, item_ids=list(written), limit=len(written) + 1)
    affected += await store.list_users_of_items(tx, item_ids=list(written), limit=settings.fanout_users_max)
    for row in affected:
        users.setdefault(row.collection_id, {})[row.user_key] = None
    for collection_id, keys in users.items():
        await make_profiles(app, tx, collection_id=collection_id, user_keys=list(keys))


async def drop_derived(tx: Tx) -> None:
    """Forget everything derived for this transaction's tenant by events; what a rebuild learned stays."""
    await store.delete_all_neighbours(tx)
    await store.delete_all_vectors(tx)
    await store.delete_all_profiles(tx)
    await store.delete_all_standings(tx)
    await store.delete_all_categories(tx)


async def leave_space(app: App, tx: Tx) -> None:
    """The tenant's vectors are others now: nobody stands anywhere by meaning until the keeper has looked again."""
    await store.delete_meanings(tx)
    await store.look_at_all(tx, now=app.clock.now())


async def make_profiles(app: App, tx: Tx, *, collection_id: UUID, user_keys: Sequence[str], looks: int = 0) -> None:
    """Make the profiles of these users anew; of whom nothing is left, nothing stays.

    Where items have no vector yet, the profile is looked at again soon, and ever more seldom; `looks` counts.
    """
    settings = app.settings.get(RecommendSettings)
    places = await store.list_categories(tx, collection_id=collection_id)
    gram = await read_gram(tx, collection_id=collection_id)
    for start in range(0, len(user_keys), settings.consumer_users_max):
        part = user_keys[start : start + settings.consumer_users_max]
        made = await _make_some(app, tx, collection_id=collection_id, user_keys=part, places=places, gram=gram)
        await _store_made(app, tx, collection_id, made, user_keys=part, looks=looks)


async def read_gram(tx: Tx, *, collection_id: UUID) -> NDArray[np.float64] | None:
    """The Gram matrix of the items' factors, from which a user's taste is solved; None before the first rebuild."""
    model = await store.find_model(tx, collection_id=collection_id)
    if model is None or not model.gram:
        return None
    values = np.frombuffer(model.gram, dtype=np.float64)
    side = round(len(values) ** 0.5)
    return values.reshape(side, side) if side * side == len(values) else None


def strengths_of(settings: RecommendSettings) -> dict[str, float]:
    """How much each kind of act says."""
    return {
        "view": settings.strength_view,
        "like": settings.strength_like,
        "upvote": settings.strength_upvote,
        "comment": settings.strength_comment,
        "wrote": 1.0,
    }


async def _derive_standings(tx: Tx, item_ids: Sequence[UUID], settings: RecommendSettings) -> None:
    ids = list(dict.fromkeys(item_ids))
    if not ids:
        return
    there = await store.upsert_standings(
        tx,
        item_ids=ids,
        upvote=settings.trending_upvote,
        comment=settings.trending_comment,
        view=settings.trending_view,
    )
    gone = sorted(set(ids) - set(there))
    if gone:
        await store.delete_standings(tx, item_ids=gone)
        await store.delete_of_items(tx, item_ids=gone)
    await store.insert_categories(tx, item_ids=there)


class _Made(msgspec.Struct, frozen=True):
    """A user's new portrait and places."""

    user_key: str
    portrait: logic.Portrait
    vectors: dict[str, Vector]


async def _make_some(
    app: App,
    tx: Tx,
    *,
    collection_id: UUID,
    user_keys: Sequence[str],
    places: Mapping[str, int],
    gram: NDArray[np.float64] | None,
) -> list[_Made]:
    settings = app.settings.get(RecommendSettings)
    rows = await store.list_acts(tx, collection_id=collection_id, user_keys=user_keys, limit=settings.profile_acts_max)
    item_ids = list({row.item_id for row in rows})
    space_id = (await get_space(tx)).space_id
    vectors = await store.read_item_vectors(tx, item_ids=item_ids, space_id=space_id)
    factors = await store.list_factors(tx, item_ids=item_ids) if gram is not None else {}

    def work() -> list[_Made]:
        by_user: dict[str, list[store.Act]] = {}
        for row in rows:
            by_user.setdefault(row.user_key, []).append(row)
        return [
            _portray(key, acts, vectors=vectors, factors=factors, gram=gram, places=places, settings=settings)
            for key, acts in by_user.items()
        ]

    return await asyncio.to_thread(work)


def _portray(
    user_key: str,
    rows: Sequence[store.Act],
    *,
    vectors: Mapping[UUID, Vector],
    factors: Mapping[UUID, Vector],
    gram: NDArray[np.float64] | None,
    places: Mapping[str, int],
    settings: RecommendSettings,
) -> _Made:
    strengths = strengths_of(settings)
    acts = [
        logic.Act(row.item_id, row.is_own, strengths[row.kind] * row.weight, row.at, row.category)
        for row in sorted(rows, key=lambda row: (row.at, row.item_id, row.kind))
    ]
    portrait = logic.portray(
        acts, vectors, half_life_days=settings.half_life_days, written_share=settings.written_share
    )
    found: dict[str, Vector | None] = {
        "meaning": portrait.meaning,
        "written": portrait.written,
        "liked": portrait.liked,
        "categories": logic.category_vector(portrait.categories, places),
    }
    turned_to: dict[UUID, float] = {}
    for act in acts:
        if not act.is_own and act.item_id in factors:
            turned_to[act.item_id] = max(turned_to.get(act.item_id, 0.0), act.strength)
    if gram is not None and turned_to:
        found["taste"] = logic.fold_in(
            gram,
            np.stack([factors[item] for item in turned_to]),
            np.array(list(turned_to.values()), dtype=np.float32),
            regularisation=settings.factor_regularisation,
            confidence=settings.factor_confidence,
        )
    return _Made(user_key, portrait, {kind: vector for kind, vector in found.items() if vector is not None})


async def _store_made(
    app: App, tx: Tx, collection_id: UUID, made: Sequence[_Made], *, user_keys: Sequence[str], looks: int
) -> None:
    settings = app.settings.get(RecommendSettings)
    look_at = None
    if looks < settings.vector_looks_max:
        look_at = app.clock.now() + timedelta(seconds=settings.vector_look_s * 2**looks)
    profiles = [
        store.NewProfile(
            user_key=one.user_key,
            categories=one.portrait.categories,
            written_count=one.portrait.written_count,
            liked_count=one.portrait.liked_count,
            last_at=one.portrait.last_at,
            look_at=look_at if one.portrait.lacks_vectors else None,
            looks=looks + 1,
        )
        for one in made
    ]
    ids = await store.upsert_profiles(tx, collection_id=collection_id, profiles=profiles) if profiles else {}
    for kind in VECTOR_KINDS:
        there = [one for one in made if kind in one.vectors]
        if there:
            await store.upsert_vectors(
                tx,
                collection_id=collection_id,
                kinds=[kind] * len(there),
                user_ids=[ids[one.user_key] for one in there],
                matrix=np.stack([one.vectors[kind] for one in there]),
            )
    lost = [(kind, ids[one.user_key]) for one in made for kind in VECTOR_KINDS if kind not in one.vectors]
    await _drop_places(tx, collection_id, lost)
    known = {one.user_key for one in made}
    gone = await store.list_profile_ids(
        tx, collection_id=collection_id, user_keys=[key for key in user_keys if key not in known]
    )
    if gone:
        await _drop_places(tx, collection_id, [(kind, row.id) for row in gone for kind in VECTOR_KINDS])
        await store.delete_profiles(tx, collection_id=collection_id, ids=[row.id for row in gone])


async def _drop_places(tx: Tx, collection_id: UUID, places: Iterable[tuple[str, int]]) -> None:
    given = list(places)
    if not given:
        return
    kinds, ids = [kind for kind, _ in given], [user_id for _, user_id in given]
    await store.delete_vectors(tx, collection_id=collection_id, kinds=kinds, user_ids=ids)
    matched = [(kind, user_id) for kind, user_id in given if kind in LIKENESSES]
    if matched:
        await store.hold_neighbours(tx, collection_id=collection_id)
        await store.delete_neighbours(
            tx,
            collection_id=collection_id,
            kinds=[kind for kind, _ in matched],
            user_ids=[user_id for _, user_id in matched],
        )
