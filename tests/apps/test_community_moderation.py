"""Reports, and what is hidden: gone everywhere when the answer comes, and back everywhere when it is shown again."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from uuid import UUID

import pytest
from tests.apps.community_circles import follow, sightings
from tests.apps.community_circles import tell as tell_all
from tests.apps.community_scenes import tell_one
from tests.apps.inbox_runs import rows_of
from tests.apps.inbox_scenes import events_of, open_client
from tests.apps.test_community_acts import assert_counted
from tests.apps.test_community_comments import say, texts

from likewise.apps.community import service
from likewise.apps.community.errors import CommentNotFound, ExperienceNotFound, NotHidden, ReportRefused
from likewise.apps.community.model import Act, AttributeWish, Counters, ExperienceEdit, ExperienceWish, Report
from likewise.apps.community.service import Subject
from likewise.engine.collections import CollectionNotFound
from likewise.engine.recommend.service import Shelves
from likewise.engine.recommend.settings import RecommendSettings
from likewise.platform.errors import NotFound
from likewise.platform.feature import App
from likewise.platform.ids import encode_id, new_id

MODERATED = "community.experiences_moderated"
STRANGER = "nobody in particular"


async def report(app: App, tenant_id: UUID, subject: Subject, *reporters: str, reason: str = "spam") -> list[Report]:
    """People find something unfit."""
    return [
        await service.report(app, tenant_id, subject=subject, reporter=one, reason=reason)  # type: ignore[arg-type]
        for one in reporters
    ]


async def hide(app: App, tenant_id: UUID, subject: Subject, *, reason: str = "not fit to be seen") -> None:
    """A moderator hides something."""
    await service.hide(app, tenant_id, subject=subject, actor="mod", reason=reason)


async def is_seen(app: App, tenant_id: UUID, experience_id: UUID) -> bool:
    """Whether a stranger gets it."""
    with suppress(ExperienceNotFound):
        await service.get_experience(app, tenant_id, experience_id=experience_id, viewer=STRANGER)
        return True
    return False


class World:
    """A community in which one experience is everywhere: told of, liked, commented, evidence of a pattern."""

    def __init__(self, app: App, tenant_id: UUID, ids: dict[str, UUID]) -> None:
        self.app, self.tenant_id, self.ids = app, tenant_id, ids
        self.one = UUID(int=0)
        self.insight_id = UUID(int=0)
        self.comment_id = UUID(int=0)

    @property
    def subject(self) -> Subject:
        return Subject("experience", self.one)

    async def places(self) -> dict[str, bool]:
        """Where a stranger, or somebody who upvoted it, meets the experience now."""
        app, tenant_id, one = self.app, self.tenant_id, self.one
        found = await service.search_experiences(app, tenant_id, words=f"report {self._number}", k=100)
        wish = ExperienceWish(attributes=(AttributeWish(key="shape", values=("triangle",)),))
        wished = await service.search_experiences(app, tenant_id, wish=wish, k=100)
        near = next(other for key, other in self.ids.items() if other != one and key != "s0")
        similar = await service.similar_experiences(app, tenant_id, experience_id=near, k=100)
        feed = await service.feed_of(app, tenant_id, user=STRANGER, k=100, is_recorded=False)
        own = await service.feed_of(app, tenant_id, user="ann", k=100, is_recorded=False)
        trends = await service.list_trending(app, tenant_id, k=100)
        category = await service.list_trending(app, tenant_id, category=self._category, k=100)
        alike = await service.list_similar_members(app, tenant_id, user="ann", by="categories", k=50)
        listed = await service.list_experiences(app, tenant_id, wish=wish, limit=100)
        liked = await service.list_experiences(app, tenant_id, order="upvotes", limit=100)
        _, evidence = await service.pattern_insight(app, tenant_id, insight_id=self.insight_id)
        return {
            "got": await is_seen(app, tenant_id, one),
            "searched": one in {row.experience.id for row in found.data},
            "wished": one in {row.experience.id for row in wished.data},
            "similar": one in {row.experience.id for row in similar.data},
            "like it": await _is_found(service.similar_experiences(app, tenant_id, experience_id=one)),
            "feed": one in {row.experience.id for row in feed.data},
            "reasons": one in {why.experience_id for row in own.data for why in row.reasons},
            "trending": one in {row.experience.id for row in trends},
            "trending of its category": one in {row.experience.id for row in category},
            "listed": one in {row.id for row in listed},
            "most upvoted": one in {row.id for row in liked},
            "comments": await _is_found(service.list_comments(app, tenant_id, experience_id=one)),
            "comment": await _is_found(service.get_comment(app, tenant_id, comment_id=self.comment_id)),
            "pictures": await _is_found(service.list_pictures(app, tenant_id, experience_id=one)),
            "shared ground": one in {row.id for member in alike.data for row in member.experiences},
            "evidence": one in {row.id for row in evidence},
        }

    async def numbers(self) -> dict[str, int]:
        """What is counted of everybody's experiences, at once."""
        app, tenant_id = self.app, self.tenant_id
        wish = ExperienceWish(attributes=(AttributeWish(key="shape", values=("triangle",)),))
        values = {row.value: row.count for row in await service.list_attribute_values(app, tenant_id, key="shape")}
        categories = {row.name: row.count for row in await service.list_categories(app, tenant_id)}
        return {
            "all": await service.count_experiences(app, tenant_id),
            "of its category": await service.count_experiences(
                app, tenant_id, wish=ExperienceWish(category=(self._category,))
            ),
            "triangles": await service.count_experiences(app, tenant_id, wish=wish),
            "the value": values["triangle"],
            "the category": categories[self._category],
        }

    async def derived(self) -> dict[str, object]:
        """What is derived of everybody's experiences, once its consumers have caught up."""
        app, tenant_id = self.app, self.tenant_id
        await follow(app)
        spread = await service.pattern_distribution(app, tenant_id, key="shape")
        author = await service.get_member(app, tenant_id, user=self._author)
        reader = await service.get_member(app, tenant_id, user="ann")
        return {
            "triangles": next(row.count for row in spread.data if row.value == "triangle"),
            "told": None if author.dna is None else author.dna.told,
            "turned to": None if reader.dna is None else reader.dna.categories,
            "counters": (
                await service.get_experience(app, tenant_id, experience_id=self.one, viewer=self._author)
            ).counters,
        }

    @property
    def _key(self) -> str:
        return next(key for key, one in self.ids.items() if one == self.one)

    @property
    def _number(self) -> str:
        return self._key.removeprefix("s")

    @property
    def _category(self) -> str:
        return "ufo_sighting" if int(self._number) // 8 % 2 else "strange_light"

    @property
    def _author(self) -> str:
        return f"witness-{int(self._number) % 30}"


async def _is_found(asked: Awaitable[object]) -> bool:
    try:
        await asked
    except (NotFound, CollectionNotFound):
        return False
    return True


async def make_world(app: App, tenant_id: UUID) -> World:
    """The experience is the newest evidence of an insight on triangles; who is asked for is nobody of the scene."""
    ids = await tell_all(app, tenant_id, sightings(96))
    world = World(app, tenant_id, ids)
    await service.refresh_patterns_now(app, tenant_id)
    for insight in await service.pattern_insights(app, tenant_id):
        _, evidence = await service.pattern_insight(app, tenant_id, insight_id=insight.id)
        keys = [row.id for row in evidence if int(row.key.removeprefix("s")) % 2 == 0]
        if keys:
            world.one, world.insight_id = keys[0], insight.id
            break
    assert world.one.int, "no insight rests on a triangle"
    others = [one for one in ids.values() if one != world.one][:3]
    acts = [Act(user=user, experience_id=world.one, kind="upvote") for user in ("ann", "bea", "cid", "dan")]
    acts += [Act(user=user, experience_id=one, kind="upvote") for user in ("ann", "bea") for one in others]
    await service.act(app, tenant_id, acts=acts)
    world.comment_id = (await say(app, tenant_id, world.one, author="bea")).id
    await follow(app)
    return world


async def test_what_is_hidden_is_gone_everywhere_at_once_and_back_when_shown_again(app: App, tenant_id: UUID) -> None:
    world = await make_world(app, tenant_id)
    before, numbers, derived = await world.places(), await world.numbers(), await world.derived()
    assert [place for place, is_there in before.items() if not is_there] == []
    await hide(app, tenant_id, world.subject)
    # No consumer has run since.
    after = await world.places()
    assert [place for place, is_there in after.items() if is_there] == []
    assert await world.numbers() == {name: count - 1 for name, count in numbers.items()}
    mine = await service.get_experience(app, tenant_id, experience_id=world.one, viewer=world._author)
    assert (mine.state, mine.hidden_reason) == ("hidden", "not fit to be seen")
    changed = await world.derived()
    assert changed["triangles"] == int(str(derived["triangles"])) - 1
    assert changed["told"] == int(str(derived["told"])) - 1
    assert changed["turned to"] != derived["turned to"]
    assert changed["counters"] == derived["counters"] == Counters(upvotes=4, comments=1)
    assert [place for place, is_there in (await world.places()).items() if is_there] == []
    await service.show(app, tenant_id, subject=world.subject, actor="mod")
    assert await world.numbers() == numbers
    assert await world.derived() == derived
    # What is the same for everybody is remembered for `recommend.shelf_s`: as if that were over.
    app.provide(Shelves(app.settings.get(RecommendSettings)))
    assert await world.places() == before


async def test_shown_again_is_what_its_author_wants(app: App, tenant_id: UUID) -> None:
    one = await tell_one(app, tenant_id)
    subject = Subject("experience", one)
    await hide(app, tenant_id, subject)
    await service.edit_experience(app, tenant_id, experience_id=one, edit=ExperienceEdit(visibility="private"))
    assert (await service.get_experience(app, tenant_id, experience_id=one, viewer="ada")).state == "hidden"
    await service.show(app, tenant_id, subject=subject, actor="mod")
    assert (await service.get_experience(app, tenant_id, experience_id=one, viewer="ada")).state == "private"
    assert not await is_seen(app, tenant_id, one)


async def test_hidden_comment_is_gone_from_lists_and_counters_at_once(app: App, tenant_id: UUID) -> None:
    one = await tell_one(app, tenant_id)
    made = await say(app, tenant_id, one)
    await say(app, tenant_id, one, author="cleo", text="Me three.")
    assert await assert_counted(app, tenant_id) == {one: Counters(comments=2)}
    subject = Subject("comment", made.id)
    await hide(app, tenant_id, subject)
    assert await texts(app, tenant_id, one) == ["Me three."]
    assert (await service.get_experience(app, tenant_id, experience_id=one)).counters == Counters(comments=1)
    with pytest.raises(CommentNotFound):
        await service.get_comment(app, tenant_id, comment_id=made.id, viewer="cleo")
    own = await service.get_comment(app, tenant_id, comment_id=made.id, viewer="bob")
    assert own.hidden_reason == "not fit to be seen"
    assert await texts(app, tenant_id, one, viewer="bob") == ["Me too.", "Me three."]
    await service.show(app, tenant_id, subject=subject, actor="mod")
    assert await texts(app, tenant_id, one) == ["Me too.", "Me three."]
    assert (await service.get_experience(app, tenant_id, experience_id=one)).counters == Counters(comments=2)


async def test_who_counts_while_a_comment_is_being_hidden_does_not_bring_it_back(app: App, tenant_id: UUID) -> None:
    """Hiding counts anew after whoever is counting: otherwise what they saw could be written over what it says."""
    one = await tell_one(app, tenant_id)
    made = await say(app, tenant_id, one)
    await assert_counted(app, tenant_id)
    waits = "select 1 as one from pg_locks l join pg_stat_activity a using (pid) where not l.granted"
    async with app.db.tenant(tenant_id) as tx:
        await service.recount(app, tx, experience_ids=[one])
        hiding = asyncio.create_task(hide(app, tenant_id, Subject("comment", made.id)))
        async with asyncio.timeout(20):
            while not await rows_of(app, tenant_id, f"{waits} and a.datname = current_database() and :t is not null"):
                assert not hiding.done()
                await asyncio.sleep(0.01)
    await hiding
    assert (await service.get_experience(app, tenant_id, experience_id=one)).counters == Counters()


async def test_one_word_of_each_person_on_each_thing(app: App, tenant_id: UUID) -> None:
    subject = Subject("experience", await tell_one(app, tenant_id))
    [first] = await report(app, tenant_id, subject, "bob")
    assert (first.reason, first.note, first.state) == ("spam", "", "open")
    again = await service.report(
        app, tenant_id, subject=subject, reporter="bob", reason="abuse", note=" It names my sister. "
    )
    assert (again.id, again.reason, again.note) == (first.id, "abuse", "It names my sister.")
    before = await events_of(app, tenant_id, MODERATED)
    same = await service.report(
        app, tenant_id, subject=subject, reporter="bob", reason="abuse", note="It names my sister."
    )
    assert same == again
    assert await events_of(app, tenant_id, MODERATED) == before
    found = await service.get_case(app, tenant_id, subject=subject)
    assert (found.reports, found.case.open_reports, found.case.reasons) == ([again], 1, {"abuse": 1})


@pytest.mark.parametrize("kind", ["experience", "comment"])
async def test_enough_people_hide_it_until_a_moderator_has_looked(app: App, tenant_id: UUID, kind: str) -> None:
    one = await tell_one(app, tenant_id)
    made = await say(app, tenant_id, one, author="zed")
    subject = Subject("experience", one) if kind == "experience" else Subject("comment", made.id)

    async def is_there() -> bool:
        return await is_seen(app, tenant_id, one) if kind == "experience" else await texts(app, tenant_id, one) != []

    await report(app, tenant_id, subject, "bob", "cleo", "bob", reason="abuse")
    assert await is_there()
    await report(app, tenant_id, subject, "dan")
    assert not await is_there()
    found = await service.get_case(app, tenant_id, subject=subject)
    assert [(row.action, row.actor, row.reason) for row in found.decisions] == [
        ("hide", "reports", "reported by 3 people")
    ]
    assert (found.case.is_hidden, found.case.open_reports) == (True, 3)
    with pytest.raises(NotFound):  # whoever does not see it has nothing to report
        await report(app, tenant_id, subject, "eve")
    await service.clear(app, tenant_id, subject=subject, actor="mod", reason="they do not like each other")
    assert await is_there()
    await report(app, tenant_id, subject, *"abcde", reason="other")
    assert await is_there()
    found = await service.get_case(app, tenant_id, subject=subject)
    assert (found.case.open_reports, sum(row.state == "dismissed" for row in found.reports)) == (5, 3)
    await hide(app, tenant_id, subject)
    assert not await is_there()
    assert {row.state for row in (await service.get_case(app, tenant_id, subject=subject)).reports} == {
        "dismissed",
        "upheld",
    }


async def test_reports_that_come_at_once_hide_it_once(app: App, tenant_id: UUID) -> None:
    subject = Subject("experience", await tell_one(app, tenant_id))
    outcomes = await asyncio.gather(
        *(report(app, tenant_id, subject, f"user {n}") for n in range(6)), return_exceptions=True
    )
    assert sum(isinstance(outcome, list) for outcome in outcomes) == 3
    assert all(isinstance(outcome, list | ExperienceNotFound) for outcome in outcomes)
    found = await service.get_case(app, tenant_id, subject=subject)
    assert [row.actor for row in found.decisions] == ["reports"]


async def test_shown_again_may_be_hidden_by_new_reports(app: App, tenant_id: UUID) -> None:
    one = await tell_one(app, tenant_id)
    subject = Subject("experience", one)
    await report(app, tenant_id, subject, "bob", "cleo", "dan")
    await service.show(app, tenant_id, subject=subject, actor="mod")
    await report(app, tenant_id, subject, "bob", "cleo", "eve", "fay")  # two words were heard already
    assert await is_seen(app, tenant_id, one)
    await report(app, tenant_id, subject, "gus")
    assert not await is_seen(app, tenant_id, one)


async def test_hiding_the_same_again_is_the_same_decision(app: App, tenant_id: UUID) -> None:
    subject = Subject("experience", await tell_one(app, tenant_id))
    first = await service.hide(app, tenant_id, subject=subject, actor="mod", reason="spam")
    before = await events_of(app, tenant_id, MODERATED)
    assert await service.hide(app, tenant_id, subject=subject, actor="other", reason="spam") == first
    assert await events_of(app, tenant_id, MODERATED) == before
    other = await service.hide(app, tenant_id, subject=subject, actor="other", reason="abuse")
    assert other.id != first.id
    found = await service.get_case(app, tenant_id, subject=subject)
    assert (found.case.hidden_reason, found.decisions) == ("abuse", [other, first])


async def test_queue_tells_what_most_people_reported_first(app: App, tenant_id: UUID) -> None:
    ids = [await tell_one(app, tenant_id, f"Light number {n}.", title=f"Light {n}") for n in range(4)]
    said = await say(app, tenant_id, ids[3], author="zed", text="You are a liar.")
    subjects = [Subject("experience", ids[0]), Subject("experience", ids[1]), Subject("comment", said.id)]
    for subject, reporters in zip(subjects, (("bob",), ("bob", "cleo"), ("bob",)), strict=True):
        await report(app, tenant_id, subject, *reporters)
    await hide(app, tenant_id, Subject("experience", ids[2]))
    wanted = [subjects[1], subjects[0], subjects[2], Subject("experience", ids[2])]
    rows = await service.list_cases(app, tenant_id)
    assert [(case.subject_kind, case.subject_id) for case, _ in rows] == [(one.kind, one.id) for one in wanted]
    assert [case.open_reports for case, _ in rows] == [2, 1, 1, 0]
    comment = rows[2][0]
    assert (comment.title, comment.text, comment.author) == ("Light 3", "You are a liar.", "zed")
    paged: list[UUID] = []
    behind = None
    while page := await service.list_cases(app, tenant_id, behind=behind, limit=1):
        paged.append(page[0][0].subject_id)
        behind = page[0][1]
    assert paged == [one.id for one in wanted]
    await service.clear(app, tenant_id, subject=subjects[1], actor="mod")
    await service.delete_comment(app, tenant_id, comment_id=said.id, author="zed")
    left = await service.list_cases(app, tenant_id, is_open=True)
    assert [case.subject_id for case, _ in left] == [ids[0]]


async def test_what_is_not_there_cannot_be_judged(app: App, tenant_id: UUID) -> None:
    nothing = Subject("experience", new_id())
    with pytest.raises(ExperienceNotFound):  # of a community where nothing was told yet
        await hide(app, tenant_id, nothing)
    private = await tell_one(app, tenant_id, visibility="private")
    made = await say(app, tenant_id, private, author="ada")
    for subject in (nothing, Subject("experience", private)):
        with pytest.raises(ExperienceNotFound):
            await report(app, tenant_id, subject, "bob")
    for subject in (Subject("comment", new_id()), Subject("comment", made.id)):
        with pytest.raises(CommentNotFound):
            await report(app, tenant_id, subject, "bob")
    with pytest.raises(NotHidden):
        await service.show(app, tenant_id, subject=Subject("experience", private), actor="mod")
    with pytest.raises(ReportRefused):
        await hide(app, tenant_id, Subject("experience", private), reason="x" * 2_001)
    with pytest.raises(CommentNotFound):
        await service.get_case(app, tenant_id, subject=Subject("comment", new_id()))


async def test_the_routes_of_moderation(app: App, tenant_id: UUID) -> None:
    one = await tell_one(app, tenant_id, title="A light")
    exp = encode_id("exp", one)
    cmt = encode_id("cmt", (await say(app, tenant_id, one)).id)
    base = "/api/v1/community"
    async with open_client(app, tenant_id) as client:
        for path in (f"/experiences/{exp}/reports", f"/comments/{cmt}/reports"):
            answer = await client.post(base + path, json={"reporter": "bob", "reason": "spam", "note": "again"})
            assert (answer.status_code, answer.json()["state"]) == (200, "open")
        queue = (await client.get(f"{base}/moderation/cases", params={"limit": 1})).json()
        rest = (await client.get(f"{base}/moderation/cases", params={"after": queue["next_cursor"]})).json()
        assert [row["subject"] for row in queue["data"] + rest["data"]] == [exp, cmt]
        answer = await client.post(f"{base}/moderation/hide", json={"subject": exp, "reason": "spam"})
        assert (answer.status_code, answer.json()["action"], answer.json()["actor"][:4]) == (200, "hide", "key_")
        assert (await client.get(f"{base}/experiences/{exp}")).status_code == 404
        case = (await client.get(f"{base}/moderation/cases/experience/{exp}")).json()
        assert (case["case"]["is_hidden"], len(case["reports"]), len(case["decisions"])) == (True, 1, 1)
        assert (await client.get(f"{base}/moderation/cases/comment/{exp}")).status_code == 422
        assert (await client.post(f"{base}/moderation/show", json={"subject": exp})).status_code == 200
        again = await client.post(f"{base}/moderation/show", json={"subject": exp})
        assert (again.status_code, again.json()["code"]) == (409, "not_hidden")
        assert (await client.post(f"{base}/moderation/clear", json={"subject": cmt})).json()["action"] == "clear"
        wrong = await client.post(f"{base}/moderation/hide", json={"subject": "usr_1"})
        assert (wrong.status_code, wrong.json()["code"]) == (422, "subject_malformed")
        assert (await client.get(f"{base}/moderation/cases", params={"open_only": True})).json()["data"] == []
    async with open_client(app, tenant_id, "read", "write") as writer:
        for method, path in (("POST", "hide"), ("POST", "show"), ("POST", "clear"), ("GET", "cases")):
            asked = await writer.request(method, f"{base}/moderation/{path}", json={"subject": exp})
            assert asked.status_code == 403
