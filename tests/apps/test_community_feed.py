"""What is shown to somebody: of their own circle, with reasons, diverse, heeding what they want less of; trending."""

from datetime import UTC, datetime
from uuid import UUID

from tests.apps.community_circles import BAY, CIRCLES, DESERT, circles, do, follow, tell

from likewise.apps.community.model import (
    Act,
    AttributeWish,
    CommentDraft,
    ExperienceDraft,
    ExperienceWish,
    GivenAttribute,
)
from likewise.apps.community.service import Subject, act, comment, feed_of, hide, list_trending
from likewise.engine.recommend import rebuild
from likewise.engine.recommend.service import Recorder
from likewise.platform.feature import App


async def test_feeds_of_two_circles_are_of_their_own_tastes(app: App, tenant_id: UUID) -> None:
    ids = await circles(app, tenant_id)
    for category, users in CIRCLES.items():
        feed = await feed_of(app, tenant_id, user=users[0], k=4)
        assert [one.experience.category for one in feed.data][:2] == [category] * 2
        done = {ids[f"{category}-{number}"] for number in range(4)}
        assert not done & {one.experience.id for one in feed.data}


async def test_reasons_are_in_plain_words_and_name_what_led_to_it(app: App, tenant_id: UUID) -> None:
    ids = await circles(app, tenant_id)
    await rebuild(app, tenant_id, collection="experiences")
    await follow(app)
    feed = await feed_of(app, tenant_id, user="ann", k=5, is_recorded=False)
    whys = [why for one in feed.data for why in one.reasons]
    assert all(one.reasons for one in feed.data)
    led = [why for why in whys if why.experience_id is not None]
    assert led
    titles = {ids[f"haunting-{number}"]: f"The door in the corridor {number}" for number in range(8)}
    for why in led:
        assert why.experience_id is not None
        assert why.text == f"because you upvoted \u201c{titles[why.experience_id]}\u201d"
    for one in feed.data:
        assert len({why.text for why in one.reasons}) == len(one.reasons)


async def test_nearness_and_what_was_asked_for_are_reasons(app: App, tenant_id: UUID) -> None:
    drafts = [
        ExperienceDraft(
            key=f"p{n}", author=f"w{n}", category="dream" if n < 3 else "haunting", text=f"story {n}", place=place
        )
        for n, place in enumerate((BAY, BAY, DESERT, DESERT, BAY, DESERT))
    ]
    await tell(app, tenant_id, drafts)
    feed = await feed_of(app, tenant_id, user="ann", k=6, place=BAY, categories=("dream",))
    texts = {why.text for one in feed.data[:2] for why in one.reasons}
    assert {one.experience.key for one in feed.data[:2]} == {"p0", "p1"}
    assert "right here" in texts
    assert "in Dream, which you asked for" in texts


async def test_less_like_this_holds_in_the_same_answer_and_the_next_ones(app: App, tenant_id: UUID) -> None:
    ids = await circles(app, tenant_id)
    await do(app, tenant_id, "upvote", ("ann", ids["ufo_sighting-0"]))
    before = await feed_of(app, tenant_id, user="ann", k=4, is_recorded=False)
    assert before.data[0].experience.category == "haunting"
    now = await feed_of(app, tenant_id, user="ann", k=4, less=[ids["haunting-5"]], is_recorded=False)
    assert now.data[0].experience.category == "ufo_sighting"
    assert ids["haunting-5"] not in {one.experience.id for one in now.data}
    unasked = await feed_of(app, tenant_id, user="ann", k=4, is_recorded=False)
    assert [one.experience.id for one in unasked.data] == [one.experience.id for one in before.data]
    await act(app, tenant_id, acts=[Act(user="ann", experience_id=ids["haunting-5"], kind="less")])
    after = await feed_of(app, tenant_id, user="ann", k=4, is_recorded=False)
    assert [one.experience.id for one in after.data] == [one.experience.id for one in now.data]


async def test_what_was_shown_and_left_alone_comes_down(app: App, tenant_id: UUID) -> None:
    await circles(app, tenant_id)
    first = await feed_of(app, tenant_id, user="ann", k=3)
    await app.resource(Recorder).flush()
    second = await feed_of(app, tenant_id, user="ann", k=3)
    scores = {one.experience.id: one.score for one in first.data}
    again = [one for one in second.data if one.experience.id in scores]
    assert all(one.score < scores[one.experience.id] for one in again)
    assert [one.experience.id for one in first.data] != [one.experience.id for one in second.data]


async def test_feed_leaves_out_what_is_hidden_private_or_ones_own(app: App, tenant_id: UUID) -> None:
    ids = await circles(app, tenant_id)
    private = ExperienceDraft(key="mine", author="bea", category="haunting", text="a house", visibility="private")
    own = ExperienceDraft(key="own", author="ann", category="haunting", text="footsteps in the old house")
    told = await tell(app, tenant_id, [private, own])
    await hide(app, tenant_id, subject=Subject("experience", ids["haunting-7"]), actor="mod", reason="spam")
    feed = await feed_of(app, tenant_id, user="ann", k=50)
    shown = {one.experience.id for one in feed.data}
    assert shown
    assert not {ids["haunting-7"], *told.values()} & shown
    others = await feed_of(app, tenant_id, user="cid", k=50)
    assert told["own"] in {one.experience.id for one in others.data}
    assert told["mine"] not in {one.experience.id for one in others.data}


async def test_wish_bounds_the_feed(app: App, tenant_id: UUID) -> None:
    await circles(app, tenant_id)
    drafts = [
        ExperienceDraft(
            key=f"red{n}",
            author="eve",
            category="haunting",
            text=f"a red door {n}",
            attributes=(GivenAttribute(key="colour", value="red"),),
        )
        for n in range(3)
    ]
    await tell(app, tenant_id, drafts)
    wish = ExperienceWish(attributes=(AttributeWish(key="colour", values=("red",)),))
    feed = await feed_of(app, tenant_id, user="ann", k=20, wish=wish)
    assert {one.experience.key for one in feed.data} == {"red0", "red1", "red2"}


async def test_no_author_and_no_category_fills_a_feed_alone(app: App, tenant_id: UUID) -> None:
    await circles(app, tenant_id, each=24)
    feed = await feed_of(app, tenant_id, user="ann", k=10)
    authors = [one.experience.author for one in feed.data]
    categories = [one.experience.category for one in feed.data]
    assert len(feed.data) == 10
    assert max(authors.count(author) for author in authors) <= 2
    assert categories.count("haunting") == 5


async def test_stranger_gets_what_others_turn_to_and_is_told_so(app: App, tenant_id: UUID) -> None:
    ids = await circles(app, tenant_id)
    feed = await feed_of(app, tenant_id, user="nobody", k=3)
    assert {one.experience.id for one in feed.data} <= {ids[f"{name}-{n}"] for name in CIRCLES for n in range(3)}
    said = {why.text for one in feed.data for why in one.reasons}
    assert "trending: 3 upvotes" in said


async def test_trending_counts_from_the_telling_not_from_what_is_told_of(app: App, tenant_id: UUID) -> None:
    long_ago = datetime(1974, 7, 1, tzinfo=UTC)
    drafts = [
        ExperienceDraft(
            key="old", author="eve", category="dream", text="A dream I had as a child.", happened_at=long_ago
        ),
        ExperienceDraft(key="new", author="eve", category="haunting", text="A door that closes."),
    ]
    ids = await tell(app, tenant_id, drafts)
    await do(app, tenant_id, "upvote", ("ann", ids["old"]), ("bob", ids["old"]), ("ann", ids["new"]))
    await comment(app, tenant_id, draft=CommentDraft(experience_id=ids["new"], author="cid", text="Mine too."))
    await follow(app)
    found = await list_trending(app, tenant_id)
    assert [one.experience.key for one in found] == ["new", "old"]
    assert [one.experience.counters.upvotes for one in found] == [1, 2]
    assert found[0].experience.counters.comments == 1
    dreams = await list_trending(app, tenant_id, category="dream")
    assert [one.experience.key for one in dreams] == ["old"]
    await hide(app, tenant_id, subject=Subject("experience", ids["new"]), actor="mod", reason="spam")
    assert [one.experience.key for one in await list_trending(app, tenant_id)] == ["old"]


async def test_community_without_experiences_has_an_empty_feed(app: App, tenant_id: UUID) -> None:
    assert (await feed_of(app, tenant_id, user="ann")).data == []
    assert await list_trending(app, tenant_id) == []
