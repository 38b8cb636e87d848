"""Recommendations on a real database."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from tests.engine.test_search import embedding

from likewise.engine.collections import Collection, ItemDraft, delete_item, ensure_collection, put_items
from likewise.engine.collections.service import wait_until_searchable
from likewise.engine.recommend import (
    FeedRequest,
    Interaction,
    get_profile,
    list_similar_users,
    list_trending,
    put_interactions,
    rebuild,
    recommend,
)
from likewise.engine.recommend.consumers import consumer
from likewise.engine.recommend.service import Keeper, show_less
from likewise.platform.events import drain
from likewise.platform.feature import App

NAME = "stories"
NOW = datetime.now(UTC)


async def fill(app: App, tenant_id: UUID, drafts: Sequence[ItemDraft]) -> Collection:
    collection = await ensure_collection(app, tenant_id, name=NAME, facets={})
    async with embedding(app):
        await put_items(app, tenant_id, collection=collection, drafts=drafts)
        await wait_until_searchable(app, tenant_id, collection=NAME)
    return collection


async def settle(app: App) -> None:
    await drain(app.db, [consumer(app)])
    keeper = Keeper(app)
    while await keeper.look():
        pass


def stories() -> list[ItemDraft]:
    return [
        ItemDraft(
            key=f"{topic}{number}",
            body=f"{topic} story number {number} about {topic}",
            category=topic,
            author=f"{topic}-writer{number % 2}",
            happened_at=NOW - timedelta(hours=number + 1),
        )
        for topic in ("ocean", "mountain", "desert")
        for number in range(8)
    ]


async def act(app: App, tenant_id: UUID, *deeds: tuple[str, str, str]) -> None:
    given = [Interaction(user=user, item=item, kind=kind, at=NOW) for user, kind, item in deeds]  # type: ignore[arg-type]
    await put_interactions(app, tenant_id, collection=NAME, interactions=given)


async def test_feed_follows_what_somebody_likes_and_says_why(app: App, tenant_id: UUID) -> None:
    await fill(app, tenant_id, stories())
    await act(app, tenant_id, ("ann", "like", "ocean0"), ("ann", "like", "ocean1"), ("bob", "like", "ocean2"))
    await settle(app)
    feed = await recommend(app, tenant_id, FeedRequest(collection=NAME, user="ann", k=3))
    assert feed.data[0].category == "ocean"
    assert all(one.key not in {"ocean0", "ocean1"} for one in feed.data)
    assert all(one.reasons for one in feed.data)
    assert len(feed.data) == 3
    own = await recommend(app, tenant_id, FeedRequest(collection=NAME, user="ocean-writer0", k=24))
    assert own.data
    assert all(one.author != "ocean-writer0" for one in own.data)


async def test_similar_users(app: App, tenant_id: UUID) -> None:
    await fill(app, tenant_id, stories())
    for number, (user, topic) in enumerate((("ann", "ocean"), ("bob", "ocean"), ("cid", "desert"), ("dan", "desert"))):
        await act(app, tenant_id, (user, "like", f"{topic}{number % 2}"), (user, "like", f"{topic}3"))
    await settle(app)
    await rebuild(app, tenant_id, collection=NAME)
    for by in ("meaning", "categories", "taste"):
        found = await list_similar_users(app, tenant_id, collection=NAME, user="ann", by=by)  # type: ignore[arg-type]
        mine = [one.user for one in found.data if "writer" not in one.user]
        assert mine[0] == "bob", by
    profile = await get_profile(app, tenant_id, collection=NAME, user="ann")
    assert profile.categories == {"ocean": 1.0}


async def test_less(app: App, tenant_id: UUID) -> None:
    await fill(app, tenant_id, stories())
    await act(app, tenant_id, ("ann", "like", "ocean0"), ("ann", "like", "desert1"))
    await settle(app)
    before = await recommend(app, tenant_id, FeedRequest(collection=NAME, user="ann", k=6))
    after = await show_less(app, tenant_id, FeedRequest(collection=NAME, user="ann", k=6, less=("ocean1",)))
    assert any(one.category == "ocean" for one in before.data)
    assert after.data[0].category == "desert"


async def test_trending(app: App, tenant_id: UUID) -> None:
    await fill(app, tenant_id, stories())
    await act(app, tenant_id, ("a", "upvote", "ocean1"), ("b", "comment", "ocean1"), ("a", "view", "desert2"))
    await settle(app)
    found = await list_trending(app, tenant_id, collection=NAME)
    assert [one.key for one in found] == ["ocean1", "desert2"]
    await delete_item(app, tenant_id, collection=NAME, key="ocean1")
