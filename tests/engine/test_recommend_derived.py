"""What is derived from what people do equals what the truth says, after any program of changes."""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, cast
from uuid import UUID

import numpy as np
import psycopg
import pytest
from tests.engine.test_search import embedding

from likewise.engine.collections import Collection, ItemAdded, ItemDraft, delete_item, ensure_collection, put_items
from likewise.engine.collections.service import wait_until_searchable
from likewise.engine.recommend import Interaction, PersonChanged, delete_interactions, forget_user, put_interactions
from likewise.engine.recommend.consumers import consumer
from likewise.engine.recommend.model import Kind
from likewise.engine.recommend.service import Keeper
from likewise.platform.db import Tx
from likewise.platform.events import Event, drain
from likewise.platform.events import rebuild as rebuild_consumer
from likewise.platform.feature import App

NAME = "notes"
START = datetime(2026, 1, 1, tzinfo=UTC)
USERS = [f"user{number}" for number in range(6)]
CATEGORIES = ["sea", "hill", "town", None]
KINDS: Sequence[Kind] = ("view", "like", "upvote", "comment", "dislike", "less")


class Truth:
    """What a program has left, kept beside the database in the plainest way."""

    def __init__(self) -> None:
        self.items: dict[str, ItemDraft] = {}
        self.deeds: dict[tuple[str, str, Kind], Interaction] = {}


async def change(app: App, tenant_id: UUID, truth: Truth, random: Random, *, steps: int) -> None:
    """A random program of inserts, updates and deletes."""
    collection = await ensure_collection(app, tenant_id, name=NAME, facets={})
    async with embedding(app):
        for step in range(steps):
            await one_step(app, tenant_id, collection, truth, random=random, step=step)
        await wait_until_searchable(app, tenant_id, collection=NAME)


async def one_step(
    app: App, tenant_id: UUID, collection: Collection, truth: Truth, *, random: Random, step: int
) -> None:
    action = random.choice(["item", "item", "deed", "deed", "deed", "deed", "take back", "delete item"])
    if action == "item" or not truth.items:
        key = f"key{random.randrange(12)}"
        draft = ItemDraft(
            key=key,
            body=f"words {random.randrange(50)} and {random.randrange(50)}",
            author=random.choice(USERS),
            category=random.choice(CATEGORIES),
            happened_at=START + timedelta(hours=random.randrange(1000)),
        )
        truth.items[key] = draft
        await put_items(app, tenant_id, collection=collection, drafts=[draft])
    elif action == "deed":
        deeds = [
            Interaction(
                user=random.choice(USERS),
                item=random.choice(list(truth.items)),
                kind=random.choice(KINDS),
                weight=random.choice([0.2, 0.5, 1.0]),
                at=START + timedelta(hours=step, minutes=place),
            )
            for place in range(random.randrange(1, 5))
        ]
        await put_interactions(app, tenant_id, collection=NAME, interactions=deeds)
        truth.deeds |= {(one.user, one.item, one.kind): one for one in deeds}
    elif action == "take back" and truth.deeds:
        gone = truth.deeds.pop(random.choice(list(truth.deeds)))
        await delete_interactions(app, tenant_id, collection=NAME, interactions=[gone])
    elif action == "delete item":
        key = random.choice(list(truth.items))
        del truth.items[key]
        truth.deeds = {place: one for place, one in truth.deeds.items() if one.item != key}
        await delete_item(app, tenant_id, collection=NAME, key=key)


@pytest.fixture
async def looking(app: App) -> AsyncIterator[psycopg.AsyncConnection]:
    async with await psycopg.AsyncConnection.connect(app.db.owner_url, autocommit=True) as connection:
        await connection.execute("set role likewise_maintenance")
        yield connection


async def settle(app: App) -> None:
    await drain(app.db, [consumer(app)])
    keeper = Keeper(app)
    for _ in range(200):
        if not await keeper.look():
            return
    raise AssertionError("the keeper never comes to rest")


async def rows_of(looking: psycopg.AsyncConnection, sql: str, tenant_id: UUID) -> list[tuple[Any, ...]]:
    return await (await looking.execute(sql.encode(), [tenant_id])).fetchall()


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_counts_profiles_and_categories_are_those_of_the_truth_after_any_program(
    app: App, tenant_id: UUID, looking: psycopg.AsyncConnection, seed: int
) -> None:
    truth, random = Truth(), Random(seed)
    for _ in range(3):  # what is derived half way must not stay in the way
        await change(app, tenant_id, truth, random, steps=25)
        await settle(app)
    await check_standings(looking, tenant_id, truth)
    await check_profiles(looking, tenant_id, truth)


async def check_standings(looking: psycopg.AsyncConnection, tenant_id: UUID, truth: Truth) -> None:
    found = await rows_of(
        looking,
        "select i.key, s.upvotes, s.comments, s.views, s.dislikes, s.points, s.author, s.category"
        " from recommend.standings s left join collections.items i on i.tenant_id = s.tenant_id and i.id = s.item_id"
        " where s.tenant_id = %s",
        tenant_id,
    )
    expected: set[tuple[Any, ...]] = set()
    for key, draft in truth.items.items():
        counts = Counter(one.kind for one in truth.deeds.values() if one.item == key)
        upvotes, comments = counts["like"] + counts["upvote"], counts["comment"]
        points = 2.0 * upvotes + 3.0 * comments + 0.1 * counts["view"]
        dislikes = counts["dislike"] + counts["less"]
        expected.add((key, upvotes, comments, counts["view"], dislikes, points, draft.author, draft.category))
    assert set(found) == expected


async def check_profiles(looking: psycopg.AsyncConnection, tenant_id: UUID, truth: Truth) -> None:
    """Means and shares, worked out here in another way: over lists, weights relative to no moment in particular."""
    vectors = {
        key: np.array(vector, dtype=np.float64)
        for key, vector in await rows_of(
            looking,
            "select i.key, v.embedding::vector::real[] from embedding.vectors v join collections.items i"
            " on i.tenant_id = v.tenant_id and i.id = v.item_id where v.tenant_id = %s",
            tenant_id,
        )
    }
    stored: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for user, kind, vector in await rows_of(
        looking,
        "select p.user_key, v.kind, v.embedding::vector::real[] from recommend.vectors v join recommend.profiles p"
        " on p.tenant_id = v.tenant_id and p.id = v.user_id where v.tenant_id = %s",
        tenant_id,
    ):
        stored[user][kind] = np.array(vector)
    known = dict(
        cast(
            "list[tuple[str, dict[str, float]]]",
            await rows_of(
                looking, "select user_key, categories from recommend.profiles where tenant_id = %s", tenant_id
            ),
        )
    )
    strengths = {"view": 0.1, "like": 1.0, "upvote": 1.0, "comment": 1.0}
    expected_users: set[str] = set()
    for user in USERS:
        acts = [
            (key, True, 1.0, cast("datetime", draft.happened_at))
            for key, draft in truth.items.items()
            if draft.author == user
        ] + [
            (one.item, False, strengths[one.kind] * np.float32(one.weight), cast("datetime", one.at))
            for one in truth.deeds.values()
            if one.user == user and one.kind in strengths
        ]
        if not acts:
            continue
        expected_users.add(user)
        weights = [strength * 2.0 ** ((at - START).total_seconds() / 86400 / 90) for _, _, strength, at in acts]
        shares: Counter[str] = Counter()
        for (key, *_), weight in zip(acts, weights, strict=True):
            category = truth.items[key].category
            if category is not None:
                shares[category] += weight  # type: ignore[assignment]
        total = sum(shares.values())
        assert known[user] == pytest.approx({name: share / total for name, share in shares.items()}, rel=1e-5)
        for kind, is_own in (("written", True), ("liked", False)):
            parts = [
                weight * vectors[key] / np.linalg.norm(vectors[key])
                for (key, own, _, _), weight in zip(acts, weights, strict=True)
                if own == is_own
            ]
            assert (kind in stored[user]) == bool(parts)
            if parts:
                mean = np.sum(parts, axis=0)
                assert stored[user][kind] == pytest.approx(mean / np.linalg.norm(mean), abs=2e-3)
    assert set(known) == expected_users


async def test_what_is_heard_again_from_the_beginning_comes_to_the_same(
    app: App, tenant_id: UUID, looking: psycopg.AsyncConnection
) -> None:
    await change(app, tenant_id, Truth(), Random(7), steps=40)
    await settle(app)
    before = await derived(looking, tenant_id)
    items = await rows_of(looking, "select id, collection_id from collections.items where tenant_id = %s", tenant_id)
    people = await rows_of(
        looking, "select distinct collection_id, user_key from recommend.interactions where tenant_id = %s", tenant_id
    )

    async def republish(_: Tx) -> AsyncIterator[Sequence[Event]]:
        yield [ItemAdded(item_id, collection_id) for item_id, collection_id in items]
        yield [PersonChanged(collection_id, user, ()) for collection_id, user in people]

    await rebuild_consumer(app.db, consumer(app), tenant_id, republish)
    assert await rows_of(looking, "select 1 from recommend.standings where tenant_id = %s", tenant_id) == []
    await settle(app)
    assert await derived(looking, tenant_id) == before


async def derived(looking: psycopg.AsyncConnection, tenant_id: UUID) -> list[list[tuple[Any, ...]]]:
    """Everything derived, by the names of users instead of their numbers."""
    return [
        await rows_of(
            looking,
            "select item_id, author, category, upvotes, comments, views, dislikes, points, born_at"
            " from recommend.standings where tenant_id = %s order by 1",
            tenant_id,
        ),
        await rows_of(
            looking,
            "select user_key, categories, written_count, liked_count, last_at from recommend.profiles"
            " where tenant_id = %s order by 1",
            tenant_id,
        ),
        await rows_of(
            looking,
            "select p.user_key, v.kind, v.embedding::text from recommend.vectors v"
            " join recommend.profiles p on p.tenant_id = v.tenant_id and p.id = v.user_id"
            " where v.tenant_id = %s and v.kind <> 'categories' order by 1, 2",
            tenant_id,
        ),
    ]


async def test_the_same_deed_again_does_no_work_and_is_no_news(
    app: App, tenant_id: UUID, looking: psycopg.AsyncConnection
) -> None:
    truth = Truth()
    await change(app, tenant_id, truth, Random(3), steps=1)
    deed = Interaction(user="ann", item=next(iter(truth.items)), kind="like", at=START)
    first = await put_interactions(app, tenant_id, collection=NAME, interactions=[deed])
    again = await put_interactions(app, tenant_id, collection=NAME, interactions=[deed])
    assert (first.changed, again.changed, again.unchanged) == (1, 0, 1)
    news = await rows_of(
        looking, "select 1 from platform.events where tenant_id = %s and type = 'recommend.person_changed'", tenant_id
    )
    assert len(news) == 1


async def test_forgotten_user_leaves_nothing_and_is_nobodys_neighbour(
    app: App, tenant_id: UUID, looking: psycopg.AsyncConnection
) -> None:
    truth = Truth()
    await change(app, tenant_id, truth, Random(5), steps=8)
    key = next(iter(truth.items))
    deeds = [Interaction(user=user, item=key, kind="like", at=START) for user in ("ann", "bob")]
    await put_interactions(app, tenant_id, collection=NAME, interactions=deeds)
    await settle(app)
    receipt = await forget_user(app, tenant_id, user="ann")
    await settle(app)
    assert receipt["interactions"] == 1
    for table in ("interactions", "impressions", "profiles"):
        sql = f"select user_key from recommend.{table} where tenant_id = %s"
        assert "ann" not in {row[0] for row in await rows_of(looking, sql, tenant_id)}
    orphans = await rows_of(
        looking,
        "select 1 from recommend.vectors v where v.tenant_id = %s and not exists (select from recommend.profiles p"
        " where p.tenant_id = v.tenant_id and p.id = v.user_id)",
        tenant_id,
    )
    assert orphans == []
