"""Experiences found by words, by wishes and by likeness; what is hidden or private never."""

from datetime import UTC, datetime
from uuid import UUID

from tests.apps.community_circles import BAY, circles, follow, sightings, tell
from tests.apps.inbox_scenes import open_client

from likewise.apps.community.model import AttributeWish, ExperienceDraft, ExperienceEdit, ExperienceWish
from likewise.apps.community.service import (
    Subject,
    edit_experience,
    hide,
    search_experiences,
    show,
    similar_experiences,
)
from likewise.engine.collections import Radius, TimeRange
from likewise.platform.feature import App
from likewise.platform.ids import encode_id


async def test_words_find_what_is_told_and_show_where(app: App, tenant_id: UUID) -> None:
    ids = await circles(app, tenant_id)
    found = await search_experiences(app, tenant_id, words="footsteps in the corridor", k=5)
    assert [one.experience.category for one in found.data] == ["haunting"] * 5
    first = found.data[0]
    assert {first.passage[start:end] for start, end in first.highlights} >= {"footsteps", "corridor"}
    assert first.experience.id in ids.values()
    counted = {one.experience.key: one.experience.counters.upvotes for one in found.data}
    assert all(counted[key] == 3 for key in counted if key in {"haunting-0", "haunting-1", "haunting-2"})
    assert found.search_id is not None


async def test_wishes_hold_together(app: App, tenant_id: UUID) -> None:
    drafts = sightings(80)
    await tell(app, tenant_id, drafts)
    wish = ExperienceWish(
        category=("ufo_sighting",),
        attributes=(AttributeWish(key="shape", values=("Triangle",)), AttributeWish(key="duration_s", gte=60)),
        near=Radius(BAY.lat, BAY.lon, 50.0),
        happened=TimeRange(gte=datetime(2013, 5, 1, tzinfo=UTC)),
    )
    wanted = {
        one.key
        for one in drafts
        if one.category == "ufo_sighting"
        and one.attributes[0].value == "triangle"
        and float(one.attributes[3].value) >= 60
        and one.place == BAY
        and one.happened_at is not None
        and one.happened_at.month >= 5
    }
    assert wanted
    by_words = await search_experiences(app, tenant_id, words="something was there", wish=wish, k=50)
    assert {one.experience.key for one in by_words.data} == wanted
    alone = await search_experiences(app, tenant_id, wish=wish, k=50)
    assert {one.experience.key for one in alone.data} == wanted
    assert alone.search_id is None


async def test_pages_of_a_wish_alone_tell_everything_once(app: App, tenant_id: UUID) -> None:
    drafts = sightings(20)
    await tell(app, tenant_id, drafts)
    keys: list[str] = []
    async with open_client(app, tenant_id) as client:
        body: dict[str, object] = {"wish": {"attributes": [{"key": "shape", "values": ["disk"]}]}, "k": 4}
        while True:
            page = (await client.post("/api/v1/community/search", json=body)).json()
            keys += [one["experience"]["key"] for one in page["data"]]
            if not page["has_more"]:
                break
            body["after"] = page["next_cursor"]
    assert sorted(keys) == sorted(one.key or "" for one in drafts if one.attributes[0].value == "disk")


async def test_similar_ones_are_of_the_same_circle_and_never_the_one_itself(app: App, tenant_id: UUID) -> None:
    ids = await circles(app, tenant_id)
    found = await similar_experiences(app, tenant_id, experience_id=ids["haunting-0"], k=5)
    assert [one.experience.category for one in found.data] == ["haunting"] * 5
    assert ids["haunting-0"] not in {one.experience.id for one in found.data}


async def test_hidden_and_private_ones_are_found_by_nobody(app: App, tenant_id: UUID) -> None:
    ids = await circles(app, tenant_id)
    await hide(app, tenant_id, subject=Subject("experience", ids["haunting-0"]), actor="mod", reason="spam")
    await edit_experience(app, tenant_id, experience_id=ids["haunting-1"], edit=ExperienceEdit(visibility="private"))
    gone = {ids["haunting-0"], ids["haunting-1"]}
    for found in (
        await search_experiences(app, tenant_id, words="footsteps in the corridor", k=20),
        await search_experiences(app, tenant_id, wish=ExperienceWish(category=("haunting",)), k=20),
        await similar_experiences(app, tenant_id, experience_id=ids["haunting-2"], k=20),
    ):
        assert not gone & {one.experience.id for one in found.data}
        assert found.data
    await show(app, tenant_id, subject=Subject("experience", ids["haunting-0"]), actor="mod")
    again = await search_experiences(app, tenant_id, words="footsteps in the corridor", k=20)
    assert ids["haunting-0"] in {one.experience.id for one in again.data}


async def test_author_sees_what_is_like_their_own_private_one_and_others_do_not(app: App, tenant_id: UUID) -> None:
    await circles(app, tenant_id)
    draft = ExperienceDraft(key="own", author="eve", text="footsteps in the old house", visibility="private")
    own = (await tell(app, tenant_id, [draft]))["own"]
    seen = await similar_experiences(app, tenant_id, experience_id=own, viewer="eve", k=3)
    assert [one.experience.category for one in seen.data] == ["haunting"] * 3
    async with open_client(app, tenant_id) as client:
        address = f"/api/v1/community/experiences/{encode_id('exp', own)}/similar"
        assert (await client.get(address)).status_code == 404
        assert (await client.get(address, params={"viewer": "eve"})).status_code == 200


async def test_search_that_was_opened_is_noted_by_its_id(app: App, tenant_id: UUID) -> None:
    ids = await circles(app, tenant_id)
    async with open_client(app, tenant_id) as client:
        page = (await client.post("/api/v1/community/search", json={"query": "silent craft"})).json()
        click = {"search_id": page["search_id"], "id": encode_id("itm", ids["ufo_sighting-0"]), "rank": 1}
        assert (await client.post("/api/v1/search/clicks", json=click)).is_success
        figures = (await client.get("/api/v1/search/analytics", params={"collection": "experiences"})).json()
    assert figures["totals"]["clicked"] == 1


async def test_community_without_experiences_finds_nothing(app: App, tenant_id: UUID) -> None:
    await follow(app)
    assert (await search_experiences(app, tenant_id, words="anything")).data == []
    assert (await search_experiences(app, tenant_id)).data == []
