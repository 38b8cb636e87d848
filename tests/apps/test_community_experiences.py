"""Experiences told, edited, listed, taken back."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.apps import community_scenes as scenes
from tests.apps.community_scenes import TRIANGLE, counted_of, facets_of, list_all, rows_of, tell, tell_one, told
from tests.apps.inbox_scenes import statements

from likewise.apps.community import store
from likewise.apps.community.errors import ExperienceNotFound, ExperienceRefused, TooManyExperiences
from likewise.apps.community.model import (
    Act,
    AttributeWish,
    CommentDraft,
    Counters,
    Experience,
    ExperienceDraft,
    ExperienceEdit,
    ExperienceOrder,
    ExperienceWish,
    GivenAttribute,
    MemberDraft,
    WrittenExperience,
)
from likewise.apps.community.service import (
    ExperienceColumns,
    Subject,
    act,
    comment,
    count_experiences,
    delete_experience,
    edit_experience,
    find_community,
    forget_person,
    get_experience,
    hide,
    list_attributes_of,
    list_by_ids,
    list_categories,
    list_experiences,
    list_members,
    load_experiences,
    put_member,
    show,
    write_experience,
    write_experiences,
)
from likewise.engine.collections import FilterRefused, Place, Radius, TimeRange
from likewise.platform.db import Tx
from likewise.platform.feature import App
from likewise.platform.ids import encode_id, new_id
from likewise.platform.tenancy import create_tenant

ORDERS: tuple[ExperienceOrder, ...] = ("newest", "happened", "upvotes", "comments", "views")


async def test_experience_is_told_with_all_that_belongs_to_it(app: App, tenant_id: UUID) -> None:
    at = datetime(2013, 6, 21, 23, 15, tzinfo=timezone(timedelta(hours=-5)))
    made = await write_experience(
        app,
        tenant_id,
        draft=told(
            title="  Three lights ",
            tags=("Night", "night", "lake side"),
            place=Place(40.7, -74.0),
            place_name="Hudson, NY",
            happened_at=at,
            metadata={"from": "form", "place_name": "not ours"},
        ),
    )
    assert (made.status, made.key) == ("created", encode_id("exp", made.id))
    shown = await get_experience(app, tenant_id, experience_id=made.id)
    assert (shown.title, shown.tags, shown.place, shown.place_name) == (
        "Three lights",
        ["night", "lake side"],
        Place(40.7, -74.0),
        "Hudson, NY",
    )
    assert shown.happened_at is not None
    assert shown.happened_at == at
    assert shown.happened_at.utcoffset() == timedelta(hours=-5), "by the clock where it happened"
    assert shown.metadata == {"from": "form"}
    assert (shown.state, shown.author, shown.author_name, shown.counters.upvotes) == ("public", "ada", None, 0)


async def test_same_key_again_is_an_edit_of_the_whole_and_nothing_where_nothing_is_new(
    app: App, tenant_id: UUID
) -> None:
    first = (await tell(app, tenant_id, told(key="a", attributes=scenes.given(craft="wedge"))))[0]
    async with statements(app) as seen:
        again = (await tell(app, tenant_id, told(key="a", attributes=scenes.given(craft="wedge"))))[0]
    assert (again.id, again.status) == (first.id, "unchanged")
    assert not [name for name in seen if name.partition(".")[2].startswith(("insert", "update", "upsert", "delete"))]
    surer = (GivenAttribute(key="craft", value="wedge", confidence=0.7),)
    assert (await tell(app, tenant_id, told(key="a", attributes=surer)))[0].status == "updated"
    other = (await tell(app, tenant_id, told("It was nothing.", key="a", author="bob")))[0]
    assert (other.id, other.status) == (first.id, "updated")
    shown = await get_experience(app, tenant_id, experience_id=first.id)
    assert (shown.text, shown.author, shown.edited_at is not None) == ("It was nothing.", "bob", True)
    known = (await list_attributes_of(app, tenant_id, experience_ids=[first.id]))[first.id]
    assert {"craft", "shape"} & {one.key for one in known} == set()


async def test_batch_is_one_transaction_of_few_statements_and_each_has_its_outcome(app: App, tenant_id: UUID) -> None:
    await tell_one(app, tenant_id, key="known")
    drafts = [
        *(told(f"{TRIANGLE} {n}", key=f"k{n}", author=f"user {n % 7}") for n in range(50)),
        told("", key="empty"),
        told(category="Not A Name"),
        told(key="known"),
        told("first of two", key="twice"),
        told("last of two", key="twice"),
    ]
    async with statements(app) as seen:
        outcomes = await write_experiences(app, tenant_id, drafts=drafts)
    assert len(seen) < 25, seen
    assert [type(one) for one in outcomes[50:52]] == [ExperienceRefused, ExperienceRefused]
    made = [one for one in outcomes if isinstance(one, WrittenExperience)]
    assert [one.status for one in made] == ["created"] * 50 + ["unchanged", "created", "created"]
    assert made[-1].id == made[-2].id
    assert (await get_experience(app, tenant_id, experience_id=made[-1].id)).text == "last of two"
    assert await count_experiences(app, tenant_id) == 52
    assert {person.user for person in await list_members(app, tenant_id)} == {"ada", *(f"user {n}" for n in range(7))}
    with pytest.raises(TooManyExperiences):
        await write_experiences(app, tenant_id, drafts=[told()] * 1_001)


async def test_many_who_tell_at_once_share_transactions_and_all_get_their_own(app: App, tenant_id: UUID) -> None:
    await tell_one(app, tenant_id)
    async with statements(app) as seen:
        made = await asyncio.gather(
            *(write_experience(app, tenant_id, draft=told(f"story {n}", key=f"s{n % 30}")) for n in range(40))
        )
    assert len({one.id for one in made}) == 30
    assert sum(name == "collections.insert_items" for name in seen) < 10
    assert await count_experiences(app, tenant_id) == 31


@pytest.mark.parametrize(
    ("draft", "pointer"),
    [
        (ExperienceDraft(author="", text="x"), "/author"),
        (ExperienceDraft(author="ada", text="  "), "/text"),
        (ExperienceDraft(author="ada", text="x\0y"), "/text"),
        (ExperienceDraft(author="ada", text="x", title="t" * 301), "/title"),
        (ExperienceDraft(author="ada", text="x", tags=tuple(f"t{n}" for n in range(31))), "/tags"),
        (ExperienceDraft(author="ada", text="x", tags=(" ",)), "/tags/0"),
        (ExperienceDraft(author="ada", text="x", place=Place(91, 0)), "/place"),
        (ExperienceDraft(author="ada", text="x", attributes=scenes.given(tags="night")), "/attributes/0/key"),
        (ExperienceDraft(author="ada", text="x", attributes=scenes.given(size=float("nan"))), "/attributes/0/value"),
        (ExperienceDraft(author="ada", text="x", attributes=scenes.given(shape="")), "/attributes/0/value"),
        (
            ExperienceDraft(author="ada", text="x", attributes=scenes.given(**{f"k{n}": 1.0 for n in range(64)})),
            "/attributes",
        ),
    ],
)
async def test_what_cannot_be_kept_is_refused_with_its_place(
    app: App, tenant_id: UUID, draft: ExperienceDraft, pointer: str
) -> None:
    with pytest.raises(ExperienceRefused) as caught:
        await write_experience(app, tenant_id, draft=draft)
    assert [error.pointer for error in caught.value.errors] == [pointer]
    assert await find_community(app, tenant_id) is None


async def test_edit_changes_what_it_names_and_leaves_the_rest(app: App, tenant_id: UUID) -> None:
    at = datetime(2013, 6, 21, 21, 15, tzinfo=timezone(timedelta(hours=2)))
    experience_id = await tell_one(
        app, tenant_id, attributes=scenes.given(craft="wedge"), tags=("night",), happened_at=at, place_name="Bern"
    )
    before = (await list_attributes_of(app, tenant_id, experience_ids=[experience_id]))[experience_id]
    shown, written = await edit_experience(
        app, tenant_id, experience_id=experience_id, edit=ExperienceEdit(title="A title", visibility="private")
    )
    assert (shown.title, shown.text, shown.tags, shown.happened_at, shown.place_name) == (
        "A title",
        TRIANGLE,
        ["night"],
        at,
        "Bern",
    )
    assert shown.state == "private"
    assert sorted(written.attributes, key=str) == sorted(before, key=str), "the evening is still one"
    _, written = await edit_experience(
        app, tenant_id, experience_id=experience_id, edit=ExperienceEdit(text="A sphere.", attributes=())
    )
    assert "craft" not in {one.key for one in written.attributes}
    assert {one.value for one in written.attributes if one.key == "shape"} == {"sphere"}
    assert await counted_of(app, tenant_id) == await facets_of(app, tenant_id)
    with pytest.raises(ExperienceNotFound):
        await edit_experience(app, tenant_id, experience_id=new_id(), edit=ExperienceEdit(title="x"))


async def test_edits_at_the_same_time_lose_nothing(app: App, tenant_id: UUID) -> None:
    experience_id = await tell_one(app, tenant_id)
    edits = [ExperienceEdit(title="T"), ExperienceEdit(tags=("a",)), ExperienceEdit(place_name="Bern")]
    await asyncio.gather(*(edit_experience(app, tenant_id, experience_id=experience_id, edit=edit) for edit in edits))
    shown = await get_experience(app, tenant_id, experience_id=experience_id)
    assert (shown.title, shown.tags, shown.place_name) == ("T", ["a"], "Bern")


async def test_private_and_hidden_experiences_are_their_authors_alone_and_edits_do_not_uncover_them(
    app: App, tenant_id: UUID
) -> None:
    private = await tell_one(app, tenant_id, key="p", visibility="private")
    hidden = await tell_one(app, tenant_id, key="h")
    public = await tell_one(app, tenant_id, author="bob")
    await hide(app, tenant_id, subject=Subject("experience", hidden), actor="moderator", reason="spam")
    assert [one.id for one in await list_experiences(app, tenant_id)] == [public]
    assert {one.id for one in await list_experiences(app, tenant_id, viewer="ada")} == {private, hidden, public}
    assert [one.id for one in await list_experiences(app, tenant_id, viewer="bob")] == [public]
    assert await count_experiences(app, tenant_id) == 1
    assert await count_experiences(app, tenant_id, wish=ExperienceWish(category=("ufo_sighting",))) == 1
    for one in (private, hidden):
        with pytest.raises(ExperienceNotFound):
            await get_experience(app, tenant_id, experience_id=one, viewer="bob")
    await tell(app, tenant_id, told("now it is harmless", key="h"))
    await edit_experience(app, tenant_id, experience_id=hidden, edit=ExperienceEdit(visibility="public"))
    shown = await get_experience(app, tenant_id, experience_id=hidden, viewer="ada")
    assert (shown.state, shown.text, shown.hidden_reason) == ("hidden", "now it is harmless", "spam")
    await show(app, tenant_id, subject=Subject("experience", hidden), actor="moderator")
    assert (await get_experience(app, tenant_id, experience_id=hidden)).state == "public"


async def test_deleted_experience_leaves_nothing(app: App, tenant_id: UUID) -> None:
    experience_id = await tell_one(app, tenant_id, attributes=scenes.given(craft="wedge"))
    receipt = await delete_experience(app, tenant_id, experience_id=experience_id)
    assert (receipt["experiences"], receipt["attributes"] > 0) == (1, True)
    assert await counted_of(app, tenant_id) == await facets_of(app, tenant_id) == {}
    assert await list_by_ids(app, tenant_id, ids=[experience_id]) == {}
    with pytest.raises(ExperienceNotFound):
        await delete_experience(app, tenant_id, experience_id=experience_id)


async def settled(app: App, tenant_id: UUID) -> list[Experience]:
    """A community where what people did is counted, half of it with a time."""
    drafts = [
        told(
            f"story {n}",
            key=f"k{n}",
            author=f"user {n % 3}",
            category=("ufo_sighting", "dream")[n % 2],
            tags=("even",) if n % 2 == 0 else (),
            attributes=scenes.given(colour=("red", "blue", "green")[n % 3], size=float(n), loud=n % 4 == 0),
            happened_at=datetime(2013, 1, 1 + n % 5, tzinfo=UTC) if n % 2 else None,
            place=Place(40 + n / 100, -74),
        )
        for n in range(25)
    ]
    made = await tell(app, tenant_id, *drafts)
    async with app.db.tenant(tenant_id) as tx:
        await count(tx, [one.id for one in made])
    return list((await list_by_ids(app, tenant_id, ids=[one.id for one in made])).values())


async def count(tx: Tx, ids: list[UUID]) -> None:
    """Counters of some of these, many alike."""
    some = ids[::2]
    await store.insert_counters(tx, ids=some)
    counted = [Counters(n % 3, n % 2, n % 4) for n in range(len(some))]
    await store.update_counters(tx, ids=some, counters=counted, at=datetime.now(UTC))


def rank(one: Experience, *, order: ExperienceOrder) -> tuple[object, UUID]:
    counts = {"upvotes": one.counters.upvotes, "comments": one.counters.comments, "views": one.counters.views}
    return {"newest": 0, "happened": one.happened_at, **counts}[order], one.id


WISHES = [
    (ExperienceWish(), lambda _: True),
    (ExperienceWish(category=("dream",)), lambda one: one.category == "dream"),
    (ExperienceWish(category=("dream", "ufo_sighting")), lambda _: True),
    (ExperienceWish(tags=("Even",)), lambda one: one.tags == ["even"]),
    (ExperienceWish(author=("user 1", "user 2")), lambda one: one.author != "user 0"),
    (ExperienceWish(attributes=(AttributeWish(key="colour", values=("Red",)),)), lambda one: int(one.key[1:]) % 3 == 0),
    (
        ExperienceWish(attributes=(AttributeWish(key="colour", values=("red", "blue")),), category=("dream",)),
        lambda one: int(one.key[1:]) % 3 < 2 and one.category == "dream",
    ),
    (ExperienceWish(attributes=(AttributeWish(key="loud", values=(True,)),)), lambda one: int(one.key[1:]) % 4 == 0),
    (ExperienceWish(attributes=(AttributeWish(key="size", values=("7",)),)), lambda one: one.key == "k7"),
    (
        ExperienceWish(
            attributes=(AttributeWish(key="size", gte=3, lte=15), AttributeWish(key="colour", values=("blue",)))
        ),
        lambda one: 3 <= int(one.key[1:]) <= 15 and int(one.key[1:]) % 3 == 1,
    ),
    (ExperienceWish(near=Radius(40.0, -74.0, 5.7)), lambda one: int(one.key[1:]) <= 5),
    (
        ExperienceWish(happened=TimeRange(gte=datetime(2013, 1, 2, tzinfo=UTC), lt=datetime(2013, 1, 4, tzinfo=UTC))),
        lambda one: one.happened_at is not None and one.happened_at.day in {2, 3},
    ),
]


async def test_every_order_of_every_wish_pages_without_gap_or_overlap(app: App, tenant_id: UUID) -> None:
    everything = await settled(app, tenant_id)
    for wish, is_meant in WISHES:
        meant = [one for one in everything if is_meant(one)]
        assert await count_experiences(app, tenant_id, wish=wish) == len(meant)
        for order in ORDERS:
            there = [one for one in meant if order != "happened" or one.happened_at is not None]
            wanted = sorted(there, key=partial(rank, order=order), reverse=True)
            for page in (1, 4, 30):
                found = await list_all(app, tenant_id, page=page, wish=wish, order=order)
                assert [one.key for one in found] == [one.key for one in wanted], (wish, order, page)


async def test_list_is_one_statement_whatever_is_asked(app: App, tenant_id: UUID) -> None:
    await settled(app, tenant_id)
    for wish, _ in WISHES:
        for order in ORDERS:
            async with statements(app) as seen:
                await list_experiences(app, tenant_id, wish=wish, order=order)
            assert [name for name in seen if not name.startswith("cache.")] == ["community.list_experiences"]


async def test_wish_for_what_nobody_knows_is_refused_and_other_tenants_are_not_seen(app: App, tenant_id: UUID) -> None:
    await settled(app, tenant_id)
    wish = ExperienceWish(attributes=(AttributeWish(key="no_such_key", values=("x",)),))
    with pytest.raises(FilterRefused):
        await list_experiences(app, tenant_id, wish=wish)
    other = (await create_tenant(app.db, name=f"other {tenant_id}")).tenant_id
    assert await list_experiences(app, other) == []
    await tell_one(app, other)
    assert len(await list_experiences(app, other)) == 1


async def test_categories_tell_the_built_in_and_the_invented_with_counts_of_public_ones(
    app: App, tenant_id: UUID
) -> None:
    await tell_one(app, tenant_id)
    await tell_one(app, tenant_id, visibility="private")
    await tell_one(app, tenant_id, category="my_own_kind")
    found = {one.name: one for one in await list_categories(app, tenant_id)}
    assert (found["ufo_sighting"].count, found["my_own_kind"].count) == (1, 1)
    assert "shape" in found["ufo_sighting"].extracts
    assert (found["my_own_kind"].title, found["my_own_kind"].is_built_in) == ("My own kind", False)
    assert len(found) > 40


async def test_person_says_who_they_are_and_is_named_where_they_told(app: App, tenant_id: UUID) -> None:
    experience_id = await tell_one(app, tenant_id)
    said = await put_member(
        app, tenant_id, user="ada", draft=MemberDraft(name=" Ada  L. ", about="counts", metadata={"n": 1})
    )
    assert (said.name, said.about, said.metadata) == ("Ada L.", "counts", {"n": 1})
    assert (await get_experience(app, tenant_id, experience_id=experience_id)).author_name == "Ada L."
    await put_member(app, tenant_id, user="ada", draft=MemberDraft())
    assert (await get_experience(app, tenant_id, experience_id=experience_id)).author_name is None
    await put_member(app, tenant_id, user="bob", draft=MemberDraft(name="Bob"))
    assert [one.user for one in await list_members(app, tenant_id, limit=1)] == ["ada"]
    assert [one.user for one in await list_members(app, tenant_id, after="ada")] == ["bob"]


async def test_forgotten_person_leaves_nothing_and_others_keep_theirs(app: App, tenant_id: UUID) -> None:
    mine = [await tell_one(app, tenant_id, f"story {n}", author="bob") for n in range(3)]
    other = await tell_one(app, tenant_id)
    await put_member(app, tenant_id, user="bob", draft=MemberDraft(name="Robert"))
    await act(
        app,
        tenant_id,
        acts=[Act(user="bob", experience_id=other, kind="upvote"), Act(user="ada", experience_id=other, kind="view")],
    )
    await comment(app, tenant_id, draft=CommentDraft(experience_id=other, author="bob", text="me too"))
    receipt = await forget_person(app, tenant_id, user="bob")
    assert {name: receipt[name] for name in ("experiences", "comments", "people")} == {
        "experiences": 3,
        "comments": 1,
        "people": 1,
    }
    assert receipt["acts"] >= 2
    assert await list_by_ids(app, tenant_id, ids=mine) == {}
    for table, column in (
        ("community.people", "user_key"),
        ("community.comments", "author"),
        ("collections.items", "author"),
        ("recommend.interactions", "user_key"),
        ("recommend.impressions", "user_key"),
        ("community.reports", "reporter"),
    ):
        query = f"select {column} from {table} where tenant_id = %(t)s and {column} = 'bob'"
        assert await rows_of(app, tenant_id, query) == [], table
    rest = await rows_of(app, tenant_id, "select user_key from recommend.interactions where tenant_id = %(t)s")
    assert rest == [{"user_key": "ada"}]
    assert set((await forget_person(app, tenant_id, user="bob")).values()) == {0}


async def test_file_goes_in_with_its_bad_rows_told_and_again_does_nothing(
    app: App, tenant_id: UUID, tmp_path: Path
) -> None:
    file = tmp_path / "told.jsonl"
    good = [f'{{"author": "ada", "text": "story {n}", "category": "dream", "tags": ["x"]}}' for n in range(30)]
    file.write_text("\n".join([*good, '{"author": "ada"}', "not json", '{"author": "ada", "text": " "}']) + "\n")
    report = await load_experiences(app, tenant_id, file=str(file))
    assert (report.created, report.rejected) == (30, 3)
    assert [problem.line for problem in report.problems] == [31, 32, 33]
    again = await load_experiences(app, tenant_id, file=str(file))
    assert (again.created, again.updated, again.unchanged, again.rejected) == (0, 0, 30, 3)
    assert await count_experiences(app, tenant_id) == 30


async def test_table_goes_in_by_its_columns(app: App, tenant_id: UUID, tmp_path: Path) -> None:
    file = tmp_path / "sightings.csv"
    file.write_text(
        "what,Shape,seconds,lat,lon,city,when,who,labels\n"
        "a light over the sea,Light,120,40.7,-74.0,Hudson,2013-06-21 21:00,bob,night;sea\n"
        "a disk,Disk,many,95,0,Bern,someday,,\n"
        ",Disk,1,0,0,Bern,2013-01-01,ada,\n"
    )
    columns = ExperienceColumns(
        text="what",
        author="who",
        default_author="nobody",
        default_category="ufo_sighting",
        attributes={"shape": "Shape", "told_duration_s": "seconds"},
        tags="labels",
        time="when",
        place=("lat", "lon"),
        place_name="city",
    )
    report = await load_experiences(app, tenant_id, file=str(file), columns=columns)
    assert (report.created, report.rejected) == (2, 1)
    assert report.warnings >= 2, "a place off the earth and a time that is none are left out and told"
    second, first = await list_experiences(app, tenant_id)
    assert (first.author, first.tags, first.place_name, first.category) == (
        "bob",
        ["night", "sea"],
        "Hudson",
        "ufo_sighting",
    )
    assert (second.author, second.place, second.happened_at) == ("nobody", None, None)
    known = await list_attributes_of(app, tenant_id, experience_ids=[first.id])
    assert {(one.key, one.value) for one in known[first.id] if one.source == "author"} >= {("shape", "light")}
    assert (await load_experiences(app, tenant_id, file=str(file), columns=columns)).unchanged == 2


KEYED = {"colour": ["red", "Blue", "green"], "size": [1.0, 2.5, 3.0], "loud": [True, False]}
ATTRIBUTES = st.lists(
    st.sampled_from(sorted(KEYED)).flatmap(
        lambda key: st.builds(
            GivenAttribute,
            key=st.just(key),
            value=st.sampled_from(KEYED[key]),
            confidence=st.sampled_from([0.2, 0.5, 0.9, 1.0]),
        )
    ),
    max_size=5,
).map(tuple)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["tell", "tell", "edit", "delete", "hide", "show"]),
        st.sampled_from(["a", "b", "c"]),
        ATTRIBUTES,
        st.sampled_from(["A red triangle.", "A blue sphere hummed for two minutes.", "Nothing much."]),
        st.sampled_from(["ufo_sighting", "dream", "ghost"]),
    ),
    min_size=1,
    max_size=12,
)


@given(steps=STEPS)
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
async def test_facets_are_the_counted_attributes_after_any_program_of_writes(
    app: App, steps: list[tuple[str, str, tuple[GivenAttribute, ...], str, str]]
) -> None:
    tenant_id = (await create_tenant(app.db, name=encode_id("test", new_id()))).tenant_id
    there: dict[str, UUID] = {}
    for what, key, attributes, text, category in steps:
        if what == "tell":
            draft = told(text, key=key, attributes=attributes, category=category)
            there[key] = (await tell(app, tenant_id, draft))[0].id
        elif key in there and what == "edit":
            edit = ExperienceEdit(attributes=attributes, category=category)
            await edit_experience(app, tenant_id, experience_id=there[key], edit=edit)
        elif key in there and what == "delete":
            await delete_experience(app, tenant_id, experience_id=there.pop(key))
        elif key in there and what == "hide":
            await hide(app, tenant_id, subject=Subject("experience", there[key]), actor="m", reason="x")
        elif key in there and (await list_by_ids(app, tenant_id, ids=[there[key]]))[there[key]].state == "hidden":
            await show(app, tenant_id, subject=Subject("experience", there[key]), actor="m")
        assert await counted_of(app, tenant_id) == await facets_of(app, tenant_id)
    places = await rows_of(
        app,
        tenant_id,
        "select a.experience_id from community.attributes a left join collections.items i"
        " on i.tenant_id = a.tenant_id and i.id = a.experience_id and i.category = a.category"
        " where a.tenant_id = %(t)s and i.id is null",
    )
    assert places == [], "attributes lie under their experience's category"
    counts = await rows_of(
        app,
        tenant_id,
        "select c.name, c.text_value, c.item_count - (select count(*) from collections.item_facets f"
        " where f.tenant_id = c.tenant_id and f.name = c.name and f.text_value = c.text_value) as off"
        " from collections.facet_counts c where c.tenant_id = %(t)s",
    )
    assert [row for row in counts if row["off"]] == []
