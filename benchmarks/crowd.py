"""A made-up community for the benchmarks of recommendations: items in topics, users who care for some, what they did.

Rows go in as a load of days would have left them; profiles are made by the program's own code, or, where only
the number of users matters, laid down as vectors around topics.
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import numpy as np
import psycopg
from numpy.typing import NDArray

from likewise.engine.collections import ensure_collection
from likewise.engine.embedding import Embedder
from likewise.engine.recommend import store
from likewise.engine.recommend.service.profiling import make_profiles
from likewise.engine.recommend.settings import RecommendSettings
from likewise.platform.db import half_vectors
from likewise.platform.db.vectors import register_vectors
from likewise.platform.feature import App
from likewise.platform.ids import new_id

TOPICS = 40
NAME = "experiences"
_BATCH = 5_000


class Crowd(msgspec.Struct, frozen=True):
    """Who and what there is."""

    collection_id: UUID
    users: list[str]
    items: list[UUID]
    keys: list[str]


def topic_vectors(dimension: int) -> NDArray[np.float32]:
    """Unit vectors of the topics."""
    random = np.random.default_rng(3)
    matrix = random.normal(size=(TOPICS, dimension)).astype(np.float32)
    return matrix / np.linalg.norm(matrix, axis=1, keepdims=True)


async def gather(app: App, tenant_id: UUID, *, users: int, items: int, interactions: int) -> Crowd:
    """Items with vectors, and what users did with them: popular ones more, of their own two topics more."""
    random = np.random.default_rng(11)
    collection = await ensure_collection(app, tenant_id, name=NAME, facets={})
    space = app.resource(Embedder).space
    topics = topic_vectors(space.dimension)
    of_item = random.integers(0, TOPICS, items)
    ids = [new_id() for _ in range(items)]
    now = datetime.now(UTC)
    ages = random.exponential(30 * 24 * 3600, items)
    names = [f"user-{number}" for number in range(users)]
    async with await psycopg.AsyncConnection.connect(app.db.owner_url, autocommit=True) as connection:
        await register_vectors(connection)
        await connection.execute("set role likewise_maintenance")
        for start in range(0, items, _BATCH):
            places = range(start, min(start + _BATCH, items))
            await connection.execute(
                "insert into collections.items (tenant_id, id, collection_id, key, content_hash, title, body, author,"
                " category, happened_at) select %s, n.id, %s, n.key, n.key::bytea, n.title, n.title, n.author,"
                " n.category, n.at from unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[],"
                " %s::timestamptz[])"
                " as n (id, key, title, author, category, at)",
                (
                    tenant_id,
                    collection.id,
                    ids[start : start + _BATCH],
                    [f"item-{place}" for place in places],
                    [f"What happened with topic {of_item[place]}, number {place}" for place in places],
                    [f"user-{place % users}" for place in places],
                    [f"topic-{of_item[place]}" for place in places],
                    [now - timedelta(seconds=float(ages[place])) for place in places],
                ),
            )
        await connection.execute(
            "update collections.totals set item_count = %s, passage_count = %s"
            " where tenant_id = %s and collection_id = %s",
            (items, items, tenant_id, collection.id),
        )
        for start in range(0, items, _BATCH):
            part = of_item[start : start + _BATCH]
            matrix = topics[part] + random.normal(scale=0.06, size=(len(part), space.dimension)).astype(np.float32)
            matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
            await connection.execute(
                "insert into embedding.vectors (tenant_id, space_id, passage_id, item_id, collection_id, embedding)"
                " select %s, %s, n.id, n.id, %s, n.embedding"
                " from unnest(%s::uuid[], %s::halfvec[]) as n (id, embedding)",
                (tenant_id, space.space_id, collection.id, ids[start : start + _BATCH], half_vectors(matrix)),
            )
        deeds = _deeds(random, users, of_item, interactions)
        await _store_deeds(connection, tenant_id, collection.id, names=names, ids=ids, deeds=deeds, now=now)
        await connection.execute("reset role")
        await connection.execute("vacuum analyze")
    return Crowd(collection.id, names, ids, [f"item-{place}" for place in range(items)])


def _deeds(random: np.random.Generator, users: int, of_item: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Pairs of user and item, each once."""
    items = len(of_item)
    by_topic = [np.flatnonzero(of_item == topic) for topic in range(TOPICS)]
    likes = random.integers(0, TOPICS, (users, 2))
    who = random.integers(0, users, count * 2)
    is_own = random.random(count * 2) < 0.8
    rank = random.random(count * 2) ** 3
    what = (rank * items).astype(np.int64)
    side = likes[who, random.integers(0, 2, count * 2)]
    for topic, members in enumerate(by_topic):
        chosen = is_own & (side == topic)
        what[chosen] = members[(rank[chosen] * len(members)).astype(np.int64)]
    pairs = np.unique(np.stack([who, what], axis=1), axis=0)
    return pairs[np.sort(random.permutation(len(pairs))[:count])]


async def _store_deeds(
    connection: psycopg.AsyncConnection,
    tenant_id: UUID,
    collection_id: UUID,
    *,
    names: list[str],
    ids: list[UUID],
    deeds: NDArray[np.int64],
    now: datetime,
) -> None:
    random = np.random.default_rng(5)
    kinds = np.array(["view", "like", "upvote", "comment"])[random.choice(4, len(deeds), p=[0.4, 0.3, 0.2, 0.1])]
    ages = random.exponential(20 * 24 * 3600, len(deeds))
    for start in range(0, len(deeds), 10 * _BATCH):
        part = deeds[start : start + 10 * _BATCH]
        await connection.execute(
            "insert into recommend.interactions"
            " (tenant_id, collection_id, user_key, item_id, kind, weight, happened_at)"
            " select %s, %s, n.who, n.what, n.kind, 1, n.at from unnest(%s::text[], %s::uuid[], %s::text[],"
            " %s::timestamptz[]) as n (who, what, kind, at)",
            (
                tenant_id,
                collection_id,
                [names[who] for who, _ in part],
                [ids[what] for _, what in part],
                kinds[start : start + len(part)].tolist(),
                [now - timedelta(seconds=float(age)) for age in ages[start : start + len(part)]],
            ),
        )


async def derive(app: App, tenant_id: UUID, crowd: Crowd, *, with_profiles: bool = True) -> None:
    """Standings of every item and profiles of every user, by the code that the consumer runs."""
    settings = app.settings.get(RecommendSettings)
    for start in range(0, len(crowd.items), _BATCH):
        async with app.db.tenant(tenant_id) as tx:
            there = await store.upsert_standings(
                tx,
                item_ids=crowd.items[start : start + _BATCH],
                upvote=settings.trending_upvote,
                comment=settings.trending_comment,
                view=settings.trending_view,
            )
            await store.insert_categories(tx, item_ids=there)
    for start in range(0, len(crowd.users) if with_profiles else 0, 500):
        async with app.db.tenant(tenant_id) as tx:
            await make_profiles(app, tx, collection_id=crowd.collection_id, user_keys=crowd.users[start : start + 500])


async def lay_down(app: App, tenant_id: UUID, crowd: Crowd) -> None:
    """Profiles of all users as vectors around two topics each, without looking at what they did."""
    random = np.random.default_rng(7)
    topics = topic_vectors(app.resource(Embedder).space.dimension)
    for start in range(0, len(crowd.users), _BATCH):
        names = crowd.users[start : start + _BATCH]
        pairs = random.integers(0, TOPICS, (len(names), 2))
        mix = random.random((len(names), 1)).astype(np.float32)
        meaning = mix * topics[pairs[:, 0]] + (1 - mix) * topics[pairs[:, 1]]
        meaning += random.normal(scale=0.05, size=meaning.shape).astype(np.float32)
        shares = np.zeros((len(names), 256), dtype=np.float32)
        rows = np.arange(len(names))
        shares[rows, pairs[:, 0]] += mix[:, 0]
        shares[rows, pairs[:, 1]] += 1 - mix[:, 0]
        async with app.db.tenant(tenant_id) as tx:
            ids = await store.upsert_profiles(
                tx,
                collection_id=crowd.collection_id,
                profiles=[
                    store.NewProfile(
                        user_key=name,
                        categories={f"topic-{one}": 0.5 for one in pair},
                        written_count=1,
                        liked_count=10,
                        last_at=None,
                        look_at=None,
                        looks=1,
                    )
                    for name, pair in zip(names, pairs.tolist(), strict=True)
                ],
            )
            for kind, matrix in (("meaning", meaning.astype(np.float32)), ("categories", np.sqrt(shares))):
                await store.upsert_vectors(
                    tx,
                    collection_id=crowd.collection_id,
                    kinds=[kind] * len(names),
                    user_ids=[ids[name] for name in names],
                    matrix=matrix,
                )
