"""Who somebody is by what they tell and turn to, fresh within a second of the deed, and who is like them."""

import math
from uuid import UUID

import pytest
from tests.apps.community_circles import CIRCLES, circles, do, follow, tell

from likewise.apps.community.errors import PersonNotFound
from likewise.apps.community.model import Act, ExperienceDraft, ExperienceEdit
from likewise.apps.community.service import (
    Subject,
    act,
    edit_experience,
    get_member,
    hide,
    list_similar_members,
)
from likewise.engine.recommend import rebuild
from likewise.engine.recommend.consumers import consumer
from likewise.platform.events import drain
from likewise.platform.feature import App


async def test_dna_is_the_share_of_each_category_in_what_somebody_tells_and_turns_to(app: App, tenant_id: UUID) -> None:
    ids = await circles(app, tenant_id)
    await do(app, tenant_id, "upvote", ("ann", ids["ufo_sighting-0"]))
    member = await get_member(app, tenant_id, user="ann", with_meaning=True)
    dna = member.dna
    assert dna is not None
    assert dna.categories == {"haunting": pytest.approx(0.8), "ufo_sighting": pytest.approx(0.2)}
    assert dna.top == ["haunting", "ufo_sighting"]
    assert (dna.told, dna.turned_to, dna.total) == (0, 5, 5)
    assert sorted(dna.axes) == ["haunting", "ufo_sighting"]
    assert math.hypot(*dna.vector) == pytest.approx(1)
    assert dna.vector[dna.axes.index("haunting")] == pytest.approx(math.sqrt(0.8))
    assert dna.meaning is not None
    assert math.hypot(*dna.meaning) == pytest.approx(1, abs=0.01)
    teller = await get_member(app, tenant_id, user="teller-haunting-0")
    assert teller.dna is not None
    assert (teller.experiences, teller.dna.told, teller.dna.categories) == (2, 2, {"haunting": 1.0})
    assert teller.dna.meaning is None


async def test_deed_changes_the_dna_by_the_event_it_is(app: App, tenant_id: UUID) -> None:
    ids = await circles(app, tenant_id)
    before = (await get_member(app, tenant_id, user="ann")).dna
    await act(app, tenant_id, acts=[Act(user="ann", experience_id=ids["ufo_sighting-4"], kind="upvote")])
    await drain(app.db, [consumer(app)])
    after = (await get_member(app, tenant_id, user="ann")).dna
    assert before is not None
    assert after is not None
    assert (before.categories, before.total) == ({"haunting": 1.0}, 4)
    assert (after.categories["ufo_sighting"], after.total) == (pytest.approx(0.2), 5)
    assert before.updated_at is not None
    assert after.updated_at is not None
    assert after.updated_at > before.updated_at
    await act(app, tenant_id, acts=[Act(user="ann", experience_id=ids["ufo_sighting-4"], kind="upvote", is_on=False)])
    await drain(app.db, [consumer(app)])
    again = (await get_member(app, tenant_id, user="ann")).dna
    assert again is not None
    assert again.categories == before.categories


async def test_what_is_told_taken_back_or_hidden_is_told_of_no_more(app: App, tenant_id: UUID) -> None:
    ids = await circles(app, tenant_id)
    await hide(app, tenant_id, subject=Subject("experience", ids["haunting-0"]), actor="mod", reason="spam")
    await edit_experience(app, tenant_id, experience_id=ids["haunting-4"], edit=ExperienceEdit(visibility="private"))
    await follow(app)
    teller = await get_member(app, tenant_id, user="teller-haunting-0")
    assert teller.experiences == 0
    assert teller.dna is None or teller.dna.told == 0


@pytest.mark.parametrize("by", ["meaning", "categories", "taste"])
async def test_people_of_one_circle_are_alike_and_share_what_they_upvoted(app: App, tenant_id: UUID, by: str) -> None:
    ids = await circles(app, tenant_id)
    await rebuild(app, tenant_id, collection="experiences")
    await follow(app)
    for category, users in CIRCLES.items():
        found = await list_similar_members(app, tenant_id, user=users[0], by=by, k=20)  # type: ignore[arg-type]
        assert by in found.known_by
        others = [one for one in found.data if not one.user.startswith("teller")]
        assert {one.user for one in others[:2]} == set(users[1:])
        assert others[0].categories == [category]
        shared = {ids[f"{category}-{number}"] for number in range(3)}
        assert {one.id for one in others[0].experiences} == shared
        assert [one.similarity for one in found.data] == sorted((one.similarity for one in found.data), reverse=True)


async def test_hidden_experience_is_no_shared_ground(app: App, tenant_id: UUID) -> None:
    ids = await circles(app, tenant_id)
    await hide(app, tenant_id, subject=Subject("experience", ids["haunting-0"]), actor="mod", reason="abuse")
    found = await list_similar_members(app, tenant_id, user="ann", by="meaning", k=5)
    bea = next(one for one in found.data if one.user == "bea")
    assert {one.id for one in bea.experiences} == {ids["haunting-1"], ids["haunting-2"]}


async def test_stranger_is_told_honestly_that_nobody_is_known_to_be_alike(app: App, tenant_id: UUID) -> None:
    assert (await list_similar_members(app, tenant_id, user="nobody")).data == []
    await tell(app, tenant_id, [ExperienceDraft(key="one", author="eve", text="A quiet light over the marsh.")])
    found = await list_similar_members(app, tenant_id, user="nobody")
    assert (found.data, found.known_by) == ([], [])
    with pytest.raises(PersonNotFound):
        await get_member(app, tenant_id, user="nobody")
    eve = await list_similar_members(app, tenant_id, user="eve", by="taste")
    assert eve.data == []
    assert "meaning" in eve.known_by
    assert "taste" not in eve.known_by
