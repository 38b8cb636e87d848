"""Who is like whom: kept up to date user by user as profiles move, and looked up with the ground two users share."""

from collections.abc import Sequence
from typing import TypedDict, cast
from uuid import UUID

import numpy as np

from likewise.engine.collections import explain_missing
from likewise.engine.recommend import logic, store
from likewise.engine.recommend.errors import UserUnknown
from likewise.engine.recommend.model import (
    LIKENESSES,
    Likeness,
    Person,
    Profile,
    SharedGround,
    SharedItem,
    SimilarUser,
    SimilarUsers,
)
from likewise.engine.recommend.service.acting import get_corpus
from likewise.engine.recommend.settings import RecommendSettings
from likewise.platform.db import Tx
from likewise.platform.feature import App
from likewise.platform.ids import encode_id

__all__ = [
    "find_meaning",
    "get_profile",
    "list_categories",
    "list_people",
    "list_similar_users",
    "match_users",
    "shared_ground",
]

_SHARED_CATEGORIES = 5
_SHARED_ITEMS = 5


async def match_users(app: App, moved: Sequence[store.Moved]) -> None:
    """Bring the lists of users whose profile has moved up to date, and their place in the lists of others.

    A moved user is compared with everybody. Their new neighbours, and those who had them in their own list by being in
    theirs, get them put in, moved or taken out. What this cannot see (a list of a third user, where the moved one
    should stand without the converse) is put right by the next rebuild.
    """
    settings = app.settings.get(RecommendSettings)
    for one in moved:
        for kind in LIKENESSES:
            async with app.db.tenant(one.tenant_id) as tx:
                await _match(tx, one, kind, limit=settings.neighbours_max)
        async with app.db.tenant(one.tenant_id) as tx:
            await store.mark_matched(tx, collection_id=one.collection_id, ids=[one.id], moments=[one.updated_at])


class _Where(TypedDict):
    """Which lists."""

    collection_id: UUID
    kind: Likeness


async def _match(tx: Tx, one: store.Moved, kind: Likeness, *, limit: int) -> None:
    where = _Where(collection_id=one.collection_id, kind=kind)
    vector = await store.find_place(tx, collection_id=one.collection_id, kind=kind, user_id=one.id)
    if vector is None:
        return
    nearest = await store.nearest_users(tx, **where, user_id=one.id, vector=vector, limit=limit)
    await store.hold_neighbours(tx, collection_id=one.collection_id)
    found = {row.id: row.similarity for row in nearest}
    before = await store.find_neighbours(tx, collection_id=one.collection_id, kind=kind, user_key=one.user_key)
    old: list[int] = []
    if before is not None and before.packed is not None:
        old = [int(user) for user in logic.unpack_users(before.packed)[0] if int(user) not in found]
    similar = found | {row.id: row.similarity for row in await store.compare_users(tx, **where, ids=old, vector=vector)}
    lists = {
        row.user_id: logic.merge_neighbour(row.packed, user_id=one.id, similarity=similar.get(row.user_id), limit=limit)
        for row in await store.list_neighbours(tx, **where, user_ids=sorted({*found, *old}))
    }
    for user, similarity in found.items():
        if user not in lists:
            lists[user] = logic.merge_neighbour(b"", user_id=one.id, similarity=similarity, limit=limit)
    ids, scores = _columns(nearest)
    lists[one.id] = logic.pack_users(ids, scores)
    await store.upsert_neighbours(tx, **where, lists=lists)


def _columns(rows: Sequence[store.Alike]) -> tuple[logic.Ids, logic.Scores]:
    return logic.user_columns([row.id for row in rows], [row.similarity for row in rows])


async def list_similar_users(
    app: App,
    tenant_id: UUID,
    *,
    collection: str,
    user: str,
    by: Likeness = "meaning",
    k: int = 10,
    with_shared: bool = True,
) -> SimilarUsers:
    """The users most alike, best first, with what they share. Raises CollectionNotFound, UserUnknown."""
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        found = await store.look_up_neighbours(tx, name=collection, kind=by, user_key=user)
        if found is None:
            raise await explain_missing(tx, name=collection)
        if found.id is None:
            raise UserUnknown(user=user, collection=collection)
        if not found.packed:
            return SimilarUsers(user=user, by=by, data=[])
        ids, scores = logic.unpack_users(found.packed)
        names = {
            row.id: row.user_key
            for row in await store.list_names(tx, collection_id=found.collection_id, ids=ids[: 2 * k].tolist())
        }
        pairs = [(names[int(one)], float(score)) for one, score in zip(ids, scores, strict=True) if int(one) in names][
            :k
        ]
        shared = await _shared(tx, found.collection_id, user, [name for name, _ in pairs]) if with_shared else {}
    return SimilarUsers(
        user=user,
        by=by,
        data=[SimilarUser(user=name, similarity=round(score, 4), shared=shared.get(name)) for name, score in pairs],
    )


async def shared_ground(app: App, tenant_id: UUID, *, collection: str, user: str, other: str) -> SharedGround:
    """What two users have in common. Raises CollectionNotFound, UserUnknown."""
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        corpus = await get_corpus(tx, name=collection)
        found = await _shared(tx, corpus.id, user, [other])
    if other not in found:
        raise UserUnknown(user=f"{user} or {other}", collection=collection)
    return found[other]


async def get_profile(app: App, tenant_id: UUID, *, collection: str, user: str) -> Profile:
    """Who somebody is by what they did. Raises CollectionNotFound, UserUnknown."""
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        corpus = await get_corpus(tx, name=collection)
        found = await store.list_persons(tx, collection_id=corpus.id, user_keys=[user])
        if not found:
            raise UserUnknown(user=user, collection=collection)
        known = await store.list_kinds_known(tx, collection_id=corpus.id, user_id=found[0].id, kinds=list(LIKENESSES))
    return _profile(found[0], [kind for kind in LIKENESSES if kind in known])


async def find_meaning(app: App, tenant_id: UUID, *, collection: str, user: str) -> list[float] | None:
    """Where somebody stands by the meaning of what they write and like, a unit vector; None who stands nowhere yet.

    Raises CollectionNotFound.
    """
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        corpus = await get_corpus(tx, name=collection)
        found = await store.list_persons(tx, collection_id=corpus.id, user_keys=[user])
        if not found:
            return None
        vector = await store.find_place(tx, collection_id=corpus.id, kind="meaning", user_id=found[0].id)
    return None if vector is None else cast("list[float]", vector.astype(np.float32).tolist())


async def list_categories(app: App, tenant_id: UUID, *, collection: str) -> list[str]:
    """Every category there is, in the order of the components of users' category vectors. Raises CollectionNotFound."""
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        corpus = await get_corpus(tx, name=collection)
        places = await store.list_categories(tx, collection_id=corpus.id)
    return sorted(places, key=lambda name: places[name])


async def list_people(app: App, tenant_id: UUID, *, collection: str, after: str = "", limit: int = 50) -> list[Profile]:
    """One page of users with a profile, by name. Raises CollectionNotFound."""
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        corpus = await get_corpus(tx, name=collection)
        found = await store.list_people(tx, collection_id=corpus.id, after=after, limit=limit)
    return [_profile(person, []) for person in found]


def _profile(person: Person, known_by: list[Likeness]) -> Profile:
    return Profile(
        user=person.user_key,
        categories=dict(sorted(person.categories.items(), key=lambda pair: (-pair[1], pair[0]))),
        written=person.written_count,
        liked=person.liked_count,
        last_at=person.last_at,
        updated_at=person.updated_at,
        known_by=known_by,
    )


async def _shared(tx: Tx, collection_id: UUID, user: str, others: Sequence[str]) -> dict[str, SharedGround]:
    people = {
        person.user_key: person.categories
        for person in await store.list_persons(tx, collection_id=collection_id, user_keys=[user, *others])
    }
    if user not in people:
        return {}
    items: dict[str, list[SharedItem]] = {}
    for row in await store.list_shared_items(
        tx, collection_id=collection_id, user_key=user, user_keys=others, limit=_SHARED_ITEMS
    ):
        items.setdefault(row.user_key, []).append(SharedItem(encode_id("itm", row.id), row.key, row.title))
    mine = people[user]
    ground: dict[str, SharedGround] = {}
    for other in others:
        if other in people:
            theirs = people[other]
            common = sorted(set(mine) & set(theirs), key=lambda name: (-min(mine[name], theirs[name]), name))
            ground[other] = SharedGround(common[:_SHARED_CATEGORIES], items.get(other, []))
    return ground
