"""Comments: who may write, see, change and take back, and what a comment says of who wrote it."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import pytest
from tests.apps.community_circles import follow
from tests.apps.community_scenes import tell_one
from tests.apps.inbox_runs import rows_of
from tests.apps.inbox_scenes import events_of, open_client
from tests.apps.test_community_acts import assert_acts_of_comments, assert_counted

from likewise.apps.community import service
from likewise.apps.community.errors import (
    CommentNotFound,
    CommentNotYours,
    CommentRefused,
    ExperienceNotFound,
    UserRefused,
)
from likewise.apps.community.model import Comment, CommentDraft, Counters, MemberDraft
from likewise.platform.feature import App
from likewise.platform.ids import encode_id, new_id

ENGAGED = "community.experiences_engaged"


async def say(app: App, tenant_id: UUID, experience_id: UUID, *, author: str = "bob", text: str = "Me too.") -> Comment:
    """Somebody says something."""
    draft = CommentDraft(experience_id=experience_id, author=author, text=text)
    return await service.comment(app, tenant_id, draft=draft)


async def texts(app: App, tenant_id: UUID, experience_id: UUID, *, viewer: str | None = None) -> list[str]:
    """What a viewer reads under an experience."""
    found = await service.list_comments(app, tenant_id, experience_id=experience_id, viewer=viewer)
    return [one.text for one in found]


async def test_comments_stand_in_their_order_with_names(app: App, tenant_id: UUID) -> None:
    one = await tell_one(app, tenant_id)
    await service.put_member(app, tenant_id, user="bob", draft=MemberDraft(name="Bob of the bay"))
    first = await say(app, tenant_id, one, text="  I saw it, too.\r\nAt nine. ")
    second = await say(app, tenant_id, one, author="cleo", text="So did I.")
    assert (first.text, first.author, first.author_name) == ("I saw it, too.\nAt nine.", "bob", "Bob of the bay")
    assert await service.list_comments(app, tenant_id, experience_id=one) == [first, second]
    assert await service.list_comments(app, tenant_id, experience_id=one, after=first.id) == [second]
    assert await service.list_comments(app, tenant_id, experience_id=one, limit=1) == [first]
    assert await service.get_comment(app, tenant_id, comment_id=second.id) == second
    assert await assert_counted(app, tenant_id) == {one: Counters(comments=2)}


async def test_many_comments_are_stored_together_at_their_times(app: App, tenant_id: UUID) -> None:
    ids = [await tell_one(app, tenant_id), await tell_one(app, tenant_id, "A second light.")]
    times = [datetime(2011, 1, day, tzinfo=UTC) for day in (3, 5, 4)]
    drafts = [
        CommentDraft(experience_id=ids[n % 2], author="bob", text=f"word {n}", at=at) for n, at in enumerate(times)
    ]
    made = await service.comment_each(app, tenant_id, drafts=drafts)
    assert [(one.text, one.created_at) for one in made] == [(f"word {n}", at) for n, at in enumerate(times)]
    astray = CommentDraft(experience_id=new_id(), author="bob", text="to nobody")
    with pytest.raises(ExperienceNotFound):
        await service.comment_each(app, tenant_id, drafts=[drafts[0], astray])
    assert await assert_counted(app, tenant_id) == {ids[0]: Counters(comments=2), ids[1]: Counters(comments=1)}


async def test_only_its_author_changes_a_comment_and_takes_it_back(app: App, tenant_id: UUID) -> None:
    one = await tell_one(app, tenant_id)
    made = await say(app, tenant_id, one)
    with pytest.raises(CommentNotYours):
        await service.edit_comment(app, tenant_id, comment_id=made.id, author="cleo", text="No.")
    with pytest.raises(CommentNotYours):
        await service.delete_comment(app, tenant_id, comment_id=made.id, author="cleo")
    edited = await service.edit_comment(app, tenant_id, comment_id=made.id, author="bob", text="Perhaps.")
    assert (edited.text, edited.created_at) == ("Perhaps.", made.created_at)
    assert edited.edited_at is not None
    await service.delete_comment(app, tenant_id, comment_id=made.id, author="bob")
    for attempt in (
        service.edit_comment(app, tenant_id, comment_id=made.id, author="bob", text="Yes."),
        service.delete_comment(app, tenant_id, comment_id=made.id, author="bob"),
        service.get_comment(app, tenant_id, comment_id=made.id, viewer="bob"),
    ):
        with pytest.raises(CommentNotFound):
            await attempt
    assert await texts(app, tenant_id, one) == []
    assert await assert_counted(app, tenant_id) == {}
    assert len(await events_of(app, tenant_id, ENGAGED)) == 3


async def test_comments_under_what_others_keep_to_themselves_are_its_authors(app: App, tenant_id: UUID) -> None:
    private = await tell_one(app, tenant_id, visibility="private")
    own = await say(app, tenant_id, private, author="ada", text="Still true.")
    for viewer in (None, "bob"):
        with pytest.raises(ExperienceNotFound):
            await texts(app, tenant_id, private, viewer=viewer)
        with pytest.raises(CommentNotFound):
            await service.get_comment(app, tenant_id, comment_id=own.id, viewer=viewer)
    with pytest.raises(ExperienceNotFound):
        await say(app, tenant_id, private)
    assert await texts(app, tenant_id, private, viewer="ada") == ["Still true."]


async def test_act_of_a_comment_stands_as_long_as_one_is_shown(app: App, tenant_id: UUID) -> None:
    one = await tell_one(app, tenant_id)
    first, second = await say(app, tenant_id, one), await say(app, tenant_id, one, text="Again.")
    acts = "select user_key, happened_at from recommend.interactions where tenant_id = :t"
    assert len(await rows_of(app, tenant_id, acts)) == 1
    subject = service.Subject("comment", second.id)
    await service.hide(app, tenant_id, subject=subject, actor="ann", reason="abuse")
    [left] = await rows_of(app, tenant_id, acts)
    assert first.created_at.isoformat()[:19] in left
    await service.delete_comment(app, tenant_id, comment_id=first.id, author="bob")
    assert await rows_of(app, tenant_id, acts) == []
    await service.show(app, tenant_id, subject=subject, actor="ann")
    await assert_acts_of_comments(app, tenant_id)
    await service.delete_comment(app, tenant_id, comment_id=second.id, author="bob")
    assert await rows_of(app, tenant_id, acts) == []


async def test_a_last_comment_that_goes_while_the_next_one_comes_leaves_the_act(app: App, tenant_id: UUID) -> None:
    one = await tell_one(app, tenant_id)
    last = await say(app, tenant_id, one)
    for _ in range(12):
        made, _ = await asyncio.gather(
            say(app, tenant_id, one),
            service.delete_comment(app, tenant_id, comment_id=last.id, author="bob"),
        )
        last = made
        await assert_acts_of_comments(app, tenant_id)


async def test_what_says_nothing_or_too_much_is_refused(app: App, tenant_id: UUID) -> None:
    one = await tell_one(app, tenant_id)
    for text in ("", " \n\t ", "x" * 5_001):
        with pytest.raises(CommentRefused):
            await say(app, tenant_id, one, text=text)
    with pytest.raises(UserRefused):
        await say(app, tenant_id, one, author="nul\0")
    made = await say(app, tenant_id, one, text="half \ud800 a character")
    assert made.text == "half \ufffd a character"
    with pytest.raises(CommentRefused):
        await service.edit_comment(app, tenant_id, comment_id=made.id, author="bob", text=" ")


async def test_the_routes_of_comments(app: App, tenant_id: UUID) -> None:
    path = f"/api/v1/community/experiences/{encode_id('exp', await tell_one(app, tenant_id))}/comments"
    async with open_client(app, tenant_id) as client:
        made = []
        for n in range(5):
            answer = await client.post(path, json={"author": f"user {n}", "text": f"word {n}"})
            assert answer.status_code == 201
            made.append(answer.json())
        seen, after = [], None
        while True:
            page = (await client.get(path, params={"limit": 2, **({"after": after} if after else {})})).json()
            seen += page["data"]
            after = page["next_cursor"]
            if not page["has_more"]:
                break
        assert seen == made
        one = f"/api/v1/community/comments/{made[0]['id']}"
        assert (await client.get(one)).json() == made[0]
        edited = await client.patch(one, json={"author": "user 0", "text": "other words"})
        assert edited.json()["text"] == "other words"
        refused = await client.patch(one, json={"author": "user 1", "text": "mine"})
        assert (refused.status_code, refused.json()["code"]) == (403, "comment_not_yours")
        assert (await client.delete(one, params={"author": "user 0"})).status_code == 204
        assert (await client.get(one)).status_code == 404
        subject = {"subject": made[1]["id"], "reason": "abuse"}
        assert (await client.post("/api/v1/community/moderation/hide", json=subject)).status_code == 200
        everybody = (await client.get(path)).json()["data"]
        own = (await client.get(path, params={"viewer": "user 1"})).json()["data"]
        assert [row["id"] for row in everybody] == [row["id"] for row in made[2:]]
        assert [(row["id"], row["is_hidden"], row["hidden_reason"]) for row in own][:1] == [
            (made[1]["id"], True, "abuse")
        ]
        await follow(app)
