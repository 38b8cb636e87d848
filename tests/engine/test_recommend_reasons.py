"""What a feed says of itself: which deed led to an item; what was just hidden is neither shown nor named."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from tests.engine.test_recommend import NAME, act, fill, settle, stories

from likewise.engine.collections import (
    Collection,
    ItemDraft,
    Visibility,
    ensure_collection,
    get_item,
    put_items,
    set_visibility,
)
from likewise.engine.recommend import AGES_FROM_CREATED, FeedRequest, list_trending, recommend
from likewise.engine.recommend.consumers import consumer
from likewise.platform.events import drain
from likewise.platform.feature import App
from likewise.platform.ids import decode_id


async def hide(app: App, tenant_id: UUID, collection: Collection, *keys: str) -> None:
    """Hidden in the truth; nothing that follows has heard of it yet."""
    items = [await get_item(app, tenant_id, collection=NAME, key=key) for key in keys]
    async with app.db.tenant(tenant_id) as tx:
        await set_visibility(
            app,
            tx,
            collection_id=collection.id,
            item_ids=[item.id for item in items],
            visibility=Visibility.HIDDEN,
        )


async def test_reason_names_the_deed_that_led_to_an_item(app: App, tenant_id: UUID) -> None:
    await fill(app, tenant_id, stories())
    await act(app, tenant_id, ("ann", "upvote", "ocean0"))
    await settle(app)
    feed = await recommend(app, tenant_id, FeedRequest(collection=NAME, user="ann", k=5))
    seeds = {reason.seed for one in feed.data if one.category == "ocean" for reason in one.reasons if reason.seed}
    assert [(seed.key, seed.deed) for seed in seeds] == [("ocean0", "upvote")]
    said = {reason.text for one in feed.data for reason in one.reasons if reason.seed}
    assert said == {"close in meaning to \u201cocean story number 0 about ocean\u201d, which you upvoted"}


async def test_item_hidden_this_moment_is_in_no_feed_and_no_reason(app: App, tenant_id: UUID) -> None:
    collection = await fill(app, tenant_id, stories())
    await act(app, tenant_id, ("ann", "upvote", "ocean0"), ("bob", "upvote", "ocean1"))
    await settle(app)
    request = FeedRequest(collection=NAME, user="ann", k=20)
    before = await recommend(app, tenant_id, request)
    assert "ocean1" in {one.key for one in before.data}
    await hide(app, tenant_id, collection, "ocean0", "ocean1")
    after = await recommend(app, tenant_id, request)
    assert "ocean1" not in {one.key for one in after.data}
    assert len(after.data) == len(before.data)
    assert not any(reason.seed for one in after.data for reason in one.reasons)
    trending = await list_trending(app, tenant_id, collection=NAME, k=1)
    assert [one.key for one in trending] == []


async def test_trending_of_a_category_holds_only_that(app: App, tenant_id: UUID) -> None:
    await fill(app, tenant_id, stories())
    await act(app, tenant_id, ("a", "upvote", "ocean1"), ("b", "upvote", "desert2"), ("a", "view", "desert3"))
    await settle(app)
    found = await list_trending(app, tenant_id, collection=NAME, category="desert")
    assert [one.key for one in found] == ["desert2", "desert3"]
    assert all(decode_id("itm", one.id) for one in found)


async def test_item_that_tells_of_long_ago_is_new_where_ages_count_from_its_being_stored(
    app: App, tenant_id: UUID
) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=9_000)
    drafts = [ItemDraft(key="old", body="a dream of the harbour", category="dream", author="eve", happened_at=long_ago)]
    collection = await ensure_collection(app, tenant_id, name=NAME, facets={}, metadata=AGES_FROM_CREATED)
    await put_items(app, tenant_id, collection=collection, drafts=drafts)
    await act(app, tenant_id, ("ann", "upvote", "old"))
    await drain(app.db, [consumer(app)])
    trending = await list_trending(app, tenant_id, collection=NAME)
    assert [one.key for one in trending] == ["old"]
    assert trending[0].age_hours < 1
