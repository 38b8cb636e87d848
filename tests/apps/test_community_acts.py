"""Upvotes, views and wishes for less: who may, what they count for, and that counters are what a recount says."""

import asyncio
import random
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.apps.community_circles import follow
from tests.apps.community_scenes import tell, tell_one, told
from tests.apps.inbox_runs import rows_of
from tests.apps.inbox_scenes import events_of, open_client, statements

from likewise.apps.community import service, store
from likewise.apps.community.consumers import COUNTERS, consumers
from likewise.apps.community.errors import ExperienceNotFound, TooManyActs, UserRefused
from likewise.apps.community.model import Act, ActKind, CommentDraft, Counters
from likewise.platform.db import before_commit
from likewise.platform.events import drain
from likewise.platform.feature import App
from likewise.platform.ids import encode_id, new_id
from likewise.platform.tenancy import create_tenant

ENGAGED = "community.experiences_engaged"
MANY = [f"user {number}" for number in range(6)]
_RECOUNT = """
select e.id, a.upvotes, a.views, c.comments
from community.experiences e
cross join lateral (
    select count(*) filter (where r.kind = 'upvote') as upvotes, count(*) filter (where r.kind = 'view') as views
    from recommend.interactions r where r.tenant_id = :t and r.item_id = e.id) a
cross join lateral (
    select count(*) as comments from community.comments s
    where s.tenant_id = :t and s.experience_id = e.id and s.hidden_at is null) c
where e.tenant_id = :t"""
_KEPT = "select experience_id as id, upvotes, views, comments from community.counters where tenant_id = :t"


class Counted(msgspec.Struct, frozen=True):
    """A row of counters."""

    id: UUID
    upvotes: int
    views: int
    comments: int


async def counted(app: App, tenant_id: UUID, query: str) -> dict[UUID, Counters]:
    """Counters by plain SQL; those of what nobody touched are left out."""
    rows = [msgspec.json.decode(row, type=Counted) for row in await rows_of(app, tenant_id, query)]
    found = {row.id: Counters(row.upvotes, row.comments, row.views) for row in rows}
    return {one: counters for one, counters in found.items() if counters != Counters()}


async def assert_counted(app: App, tenant_id: UUID) -> dict[UUID, Counters]:
    """Once the consumer has caught up, counters are what counting anew comes to."""
    await drain(app.db, consumers(app))
    kept = await counted(app, tenant_id, _KEPT)
    assert kept == await counted(app, tenant_id, _RECOUNT)
    return kept


async def test_each_person_counts_once_and_can_take_it_back(app: App, tenant_id: UUID) -> None:
    one = await tell_one(app, tenant_id)
    for user in ("bob", "cleo", "bob"):
        await service.act_once(app, tenant_id, one=Act(user=user, experience_id=one, kind="upvote"))
        await service.act_once(app, tenant_id, one=Act(user=user, experience_id=one, kind="view"))
    assert await assert_counted(app, tenant_id) == {one: Counters(upvotes=2, views=2)}
    back = Act(user="bob", experience_id=one, kind="upvote", is_on=False)
    assert await service.act_once(app, tenant_id, one=back)
    assert not await service.act_once(app, tenant_id, one=back)
    assert await assert_counted(app, tenant_id) == {one: Counters(upvotes=1, views=2)}
    assert (await service.get_experience(app, tenant_id, experience_id=one)).counters == Counters(1, 0, 2)


async def test_the_same_upvote_again_does_no_work(app: App, tenant_id: UUID) -> None:
    one = await tell_one(app, tenant_id)
    upvote = Act(user="bob", experience_id=one, kind="upvote")
    assert await service.act_once(app, tenant_id, one=upvote)
    before = await events_of(app, tenant_id, ENGAGED)
    assert [event["experience_ids"] for event in before] == [[str(one)]]
    assert not await service.act_once(app, tenant_id, one=upvote)
    assert await service.act(app, tenant_id, acts=[upvote]) == 0
    assert await events_of(app, tenant_id, ENGAGED) == before


async def test_several_acts_are_stored_together_or_not_at_all(app: App, tenant_id: UUID) -> None:
    ids = [made.id for made in await tell(app, tenant_id, told(), told("Another light over the sea."))]
    acts = [Act(user=user, experience_id=one, kind="upvote") for user in ("bob", "cleo") for one in ids]
    astray = Act(user="bob", experience_id=new_id(), kind="view")
    with pytest.raises(ExperienceNotFound):
        await service.act(app, tenant_id, acts=[*acts, astray])
    assert await assert_counted(app, tenant_id) == {}
    assert await service.act(app, tenant_id, acts=acts) == 4
    assert await assert_counted(app, tenant_id) == dict.fromkeys(ids, Counters(upvotes=2))


async def test_acts_on_what_others_keep_to_themselves_are_not_found(app: App, tenant_id: UUID) -> None:
    private = await tell_one(app, tenant_id, visibility="private")
    hidden = await tell_one(app, tenant_id, "A second light over the bay.")
    await service.hide(app, tenant_id, subject=service.Subject("experience", hidden), actor="ann", reason="spam")
    for one in (private, hidden, new_id()):
        wanted = Act(user="bob", experience_id=one, kind="upvote")
        for attempt in (service.act(app, tenant_id, acts=[wanted]), service.act_once(app, tenant_id, one=wanted)):
            with pytest.raises(ExperienceNotFound):
                await attempt
    for one in (private, hidden):
        assert await service.act_once(app, tenant_id, one=Act(user="ada", experience_id=one, kind="view"))
    people = await rows_of(app, tenant_id, "select user_key from community.people where tenant_id = :t")
    assert "bob" not in "".join(people)


async def test_acts_that_come_at_once_are_stored_together_and_fail_alone(app: App, tenant_id: UUID) -> None:
    one = await tell_one(app, tenant_id)
    acts = [Act(user=f"user {n}", experience_id=one, kind="upvote") for n in range(40)]
    acts[7] = Act(user="user 7", experience_id=new_id(), kind="upvote")
    async with statements(app) as seen:
        outcomes = await asyncio.gather(
            *(service.act_once(app, tenant_id, one=act) for act in acts), return_exceptions=True
        )
    assert [n for n, outcome in enumerate(outcomes) if outcome is not True] == [7]
    assert isinstance(outcomes[7], ExperienceNotFound)
    assert seen.count("likewise.engine.recommend.upsert_interactions") <= 2, sorted(set(seen))
    assert await assert_counted(app, tenant_id) == {one: Counters(upvotes=39)}


async def test_writers_of_one_experience_do_not_wait_for_each_other(app: App, tenant_id: UUID) -> None:
    one = await tell_one(app, tenant_id)
    written, go_on = asyncio.Event(), asyncio.Event()

    async def pause(_: object) -> None:
        written.set()
        await go_on.wait()

    async def slow() -> None:
        with before_commit(pause):  # everything is written, nothing is committed
            await service.act(app, tenant_id, acts=[Act(user="slow", experience_id=one, kind="upvote")])

    waiting = asyncio.create_task(slow())
    await written.wait()
    async with asyncio.timeout(20):  # no bar: without it, a writer that waits would wait for ever
        await service.act(app, tenant_id, acts=[Act(user="bob", experience_id=one, kind="upvote")])
        await service.comment(app, tenant_id, draft=CommentDraft(experience_id=one, author="bob", text="Me too."))
    go_on.set()
    await waiting
    assert await assert_counted(app, tenant_id) == {one: Counters(upvotes=2, comments=1)}


async def test_counters_equal_a_recount_whoever_writes_at_once(app: App, tenant_id: UUID) -> None:
    ids = [made.id for made in await tell(app, tenant_id, *(told(f"Light number {n} over the bay.") for n in range(3)))]
    chance = random.Random(11)
    done = asyncio.Event()

    async def write(user: str) -> None:
        said: list[UUID] = []
        for _ in range(12):
            one = chance.choice(ids)
            kind: ActKind | str = chance.choice(["upvote", "view", "less", "say", "unsay", "hide"])
            if kind == "say":
                draft = CommentDraft(experience_id=one, author=user, text="So it was.")
                said.append((await service.comment(app, tenant_id, draft=draft)).id)
            elif kind == "unsay" and said:
                await service.delete_comment(app, tenant_id, comment_id=said.pop(), author=user)
            elif kind == "hide" and said:
                subject = service.Subject("comment", said[-1])
                await service.hide(app, tenant_id, subject=subject, actor="ann", reason="off topic")
            elif kind in ("upvote", "view", "less"):
                act = Act(user=user, experience_id=one, kind=kind, is_on=chance.random() < 0.7)
                await service.act_once(app, tenant_id, one=act)

    async def derive() -> None:
        while not done.is_set():
            await drain(app.db, consumers(app))
            await asyncio.sleep(0)

    deriving = asyncio.create_task(derive())
    await asyncio.gather(*(write(user) for user in MANY))
    done.set()
    await deriving
    kept = await assert_counted(app, tenant_id)
    assert sum(one.upvotes + one.comments + one.views for one in kept.values()) > 5
    await assert_acts_of_comments(app, tenant_id)


async def assert_acts_of_comments(app: App, tenant_id: UUID) -> None:
    """Whoever has a comment standing somewhere has the act of it, at the time of the last, and nobody else has."""
    acts = "select user_key, item_id from recommend.interactions where tenant_id = :t and kind = 'comment'"
    said = (
        "select distinct author as user_key, experience_id as item_id from community.comments"
        " where tenant_id = :t and hidden_at is null"
    )
    assert sorted(await rows_of(app, tenant_id, acts)) == sorted(await rows_of(app, tenant_id, said))


steps = st.one_of(
    st.tuples(st.sampled_from(["upvote", "view", "less"]), st.integers(0, 2), st.integers(0, 1), st.booleans()),
    st.tuples(st.sampled_from(["say", "unsay", "hide", "show"]), st.integers(0, 2), st.integers(0, 1), st.just(True)),
    st.tuples(st.just("count"), st.just(0), st.just(0), st.just(True)),
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(program=st.lists(steps, min_size=1, max_size=14))
async def test_counters_agree_with_a_recount_after_any_program_and_after_a_rebuild(
    app: App, program: list[tuple[str, int, int, bool]]
) -> None:
    tenant_id = (await create_tenant(app.db, name=encode_id("acts", new_id()))).tenant_id
    ids = [made.id for made in await tell(app, tenant_id, told("One light."), told("Two lights."))]
    model: set[tuple[str, str, UUID]] = set()
    said: dict[tuple[str, UUID], list[UUID]] = {}
    hidden: list[UUID] = []
    for what, who, which, is_on in program:
        user, one = f"user {who}", ids[which]
        mine = said.setdefault((user, one), [])
        if what == "count":
            await drain(app.db, consumers(app))
        elif what in ("upvote", "view", "less"):
            act = Act(user=user, experience_id=one, kind=what, is_on=is_on)  # type: ignore[arg-type]
            await service.act(app, tenant_id, acts=[act])
            (model.add if is_on else model.discard)((what, user, one))
        elif what == "say":
            draft = CommentDraft(experience_id=one, author=user, text="So it was.")
            mine.append((await service.comment(app, tenant_id, draft=draft)).id)
        elif what == "unsay" and mine:
            gone = mine.pop()
            await service.delete_comment(app, tenant_id, comment_id=gone, author=user)
            hidden = [other for other in hidden if other != gone]
        elif what == "hide" and mine and mine[0] not in hidden:
            await service.hide(app, tenant_id, subject=service.Subject("comment", mine[0]), actor="a", reason="b")
            hidden.append(mine[0])
        elif what == "show" and hidden:
            await service.show(app, tenant_id, subject=service.Subject("comment", hidden.pop()), actor="a")
    kept = await assert_counted(app, tenant_id)
    for one in ids:
        wanted = Counters(
            upvotes=sum(what == "upvote" and about == one for what, _, about in model),
            views=sum(what == "view" and about == one for what, _, about in model),
            comments=sum(
                comment not in hidden for (_, about), mine in said.items() for comment in mine if about == one
            ),
        )
        assert kept.get(one, Counters()) == wanted
    await assert_acts_of_comments(app, tenant_id)
    [counters] = [consumer for consumer in consumers(app) if consumer.name == COUNTERS]
    await service.count_again(app.db, counters, tenant_id)
    assert await counted(app, tenant_id, _KEPT) == {}
    assert await assert_counted(app, tenant_id) == kept


async def test_counters_go_with_their_experience(app: App, tenant_id: UUID) -> None:
    one = await tell_one(app, tenant_id)
    await service.act(app, tenant_id, acts=[Act(user="bob", experience_id=one, kind="upvote")])
    await service.delete_experience(app, tenant_id, experience_id=one)
    assert await assert_counted(app, tenant_id) == {}  # also where the count comes after the end of it
    async with app.db.tenant(tenant_id) as tx:
        assert await store.lock_counters(tx, ids=[one]) == []


async def test_what_cannot_be_is_refused(app: App, tenant_id: UUID) -> None:
    with pytest.raises(ExperienceNotFound):  # of a community where nothing was told yet
        await service.act(app, tenant_id, acts=[Act(user="bob", experience_id=new_id(), kind="view")])
    one = await tell_one(app, tenant_id)
    for user in ("", "x" * 501, "nul\0", "half \ud800"):
        with pytest.raises(UserRefused):
            await service.act_once(app, tenant_id, one=Act(user=user, experience_id=one, kind="view"))
    many = [Act(user=f"u{n}", experience_id=one, kind="view") for n in range(1_001)]
    with pytest.raises(TooManyActs):
        await service.act(app, tenant_id, acts=many)


async def test_the_routes_of_acts(app: App, tenant_id: UUID) -> None:
    one = encode_id("exp", await tell_one(app, tenant_id))
    path = f"/api/v1/community/experiences/{one}"
    asked: list[tuple[str, str, dict[str, Any] | None, bool]] = [
        ("PUT", "/upvotes/bob", None, True),
        ("PUT", "/upvotes/bob", None, False),
        ("DELETE", "/upvotes/bob", None, True),
        ("DELETE", "/upvotes/bob", None, False),
        ("POST", "/views", {"user": "bob"}, True),
        ("POST", "/less", {"user": "bob"}, True),
        ("DELETE", "/less/bob", None, True),
    ]
    async with open_client(app, tenant_id) as client:
        for method, rest, body, changed in asked:
            answer = await client.request(method, path + rest, json=body)
            assert (answer.status_code, answer.json()) == (200, {"changed": changed}), (method, rest)
        await follow(app)
        shown = (await client.get(path)).json()
        assert shown["counters"] == {"upvotes": 0, "comments": 0, "views": 1}
        missing = encode_id("exp", new_id())
        answer = await client.put(f"/api/v1/community/experiences/{missing}/upvotes/bob")
        assert (answer.status_code, answer.json()["code"]) == (404, "experience_not_found")
    async with open_client(app, tenant_id, "read") as reader:
        assert (await reader.put(f"{path}/upvotes/bob")).status_code == 403
