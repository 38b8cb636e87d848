"""What people say under experiences.

Somebody's `comment` act on an experience stands as long as a comment of theirs is shown there: writing, taking back,
hiding and showing again settle it in their own transaction. Whoever settles it holds the row of the person, so that a
person's last comment cannot go while the same person writes the next one.
"""

from collections.abc import Sequence
from uuid import UUID

from likewise.apps.community import store
from likewise.apps.community.errors import CommentNotFound, CommentNotYours, CommentRefused
from likewise.apps.community.model import Comment, CommentDraft
from likewise.apps.community.service.acting import engaged
from likewise.apps.community.service.founding import find_community
from likewise.apps.community.service.holding import check_users, get_community, hold_experiences, missing, read_owner
from likewise.apps.community.settings import CommunitySettings
from likewise.engine.collections import clean_text
from likewise.engine.recommend import InteractionRow, write_interactions
from likewise.platform.db import Tx
from likewise.platform.errors import FieldError
from likewise.platform.events import publish
from likewise.platform.feature import App
from likewise.platform.ids import encode_id, new_id

__all__ = [
    "comment",
    "comment_each",
    "delete_comment",
    "edit_comment",
    "get_comment",
    "list_comments",
    "read_comment",
    "settle_comment_act",
]

_FIRST_ID = UUID(int=0)
_BYTES_PER_CHARACTER = 4


async def comment(app: App, tenant_id: UUID, *, draft: CommentDraft) -> Comment:
    """Say something under an experience. Raises ExperienceNotFound, CommentRefused, UserRefused."""
    return (await comment_each(app, tenant_id, drafts=[draft]))[0]


async def comment_each(app: App, tenant_id: UUID, *, drafts: Sequence[CommentDraft]) -> list[Comment]:
    """Store comments in one transaction, all or none; in the order they are given.

    Raises ExperienceNotFound where one is about what its author does not see, CommentRefused, UserRefused.
    """
    settings = app.settings.get(CommunitySettings)
    limit = settings.batch_acts_max
    if len(drafts) > limit:
        raise CommentRefused(reason=f"{len(drafts)} at once are too many, at most {limit} are taken together")
    check_users(draft.author for draft in drafts)
    texts = [_checked(draft.text, characters_max=settings.comment_characters_max) for draft in drafts]
    if not drafts:
        return []
    now = app.clock.now()
    rows = [
        store.NewComment(new_id(), draft.experience_id, draft.author, text, draft.at or now)
        for draft, text in zip(drafts, texts, strict=True)
    ]
    collection_id = await get_community(app, tenant_id, experience_id=drafts[0].experience_id)
    async with app.db.tenant(tenant_id) as tx:
        held = await hold_experiences(tx, collection_id=collection_id, ids=[row.experience_id for row in rows])
        for row in rows:
            if row.experience_id not in held or not held[row.experience_id].is_open_to(row.author):
                raise missing(row.experience_id)
        authors = list(dict.fromkeys(row.author for row in rows))
        await store.ensure_people(tx, user_keys=authors)
        await store.lock_people(tx, user_keys=authors)
        await store.insert_comments(tx, rows=rows)
        acts = {
            (row.author, row.experience_id): InteractionRow(
                row.author, row.experience_id, "comment", 1.0, row.created_at
            )
            for row in rows
        }
        await write_interactions(app, tx, collection_id=collection_id, rows=list(acts.values()))
        await publish(tx, engaged([row.experience_id for row in rows]))
        found = {one.id: one for one in await store.list_comments_by_id(tx, ids=[row.id for row in rows])}
    return [found[row.id] for row in rows]


async def get_comment(app: App, tenant_id: UUID, *, comment_id: UUID, viewer: str | None = None) -> Comment:
    """A comment, where this person sees it. Raises CommentNotFound."""
    collection_id = await find_community(app, tenant_id)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        found = await store.list_comments_by_id(tx, ids=[comment_id])
        if not found or collection_id is None:
            raise CommentNotFound(id=encode_id("cmt", comment_id))
        owner = await store.find_owner(tx, collection_id=collection_id, experience_id=found[0].experience_id)
    is_seen = found[0].hidden_at is None or (viewer is not None and viewer == found[0].author)
    if owner is None or not owner.is_open_to(viewer) or not is_seen:
        raise CommentNotFound(id=encode_id("cmt", comment_id))
    return found[0]


async def edit_comment(app: App, tenant_id: UUID, *, comment_id: UUID, author: str, text: str) -> Comment:
    """Say it in other words; one that is hidden stays hidden.

    Raises CommentNotFound, CommentNotYours, CommentRefused.
    """
    settings = app.settings.get(CommunitySettings)
    body = _checked(text, characters_max=settings.comment_characters_max)
    async with app.db.tenant(tenant_id) as tx:
        own = await _get_own(tx, comment_id=comment_id, author=author)
        await store.update_comment(tx, comment_id=comment_id, body=body, at=app.clock.now())
        await publish(tx, engaged([own.experience_id]))
        return (await store.list_comments_by_id(tx, ids=[comment_id]))[0]


async def delete_comment(app: App, tenant_id: UUID, *, comment_id: UUID, author: str) -> None:
    """Take a comment back, with what was reported of it. Raises CommentNotFound, CommentNotYours."""
    collection_id = await find_community(app, tenant_id)
    if collection_id is None:
        raise CommentNotFound(id=encode_id("cmt", comment_id))
    async with app.db.tenant(tenant_id) as tx:
        await store.lock_people(tx, user_keys=[author])
        own = await _get_own(tx, comment_id=comment_id, author=author)
        await store.delete_comment(tx, comment_id=comment_id)
        await store.delete_reports(tx, subject_kind="comment", subject_ids=[comment_id])
        await settle_comment_act(app, tx, collection_id=collection_id, experience_id=own.experience_id, author=author)


async def list_comments(
    app: App,
    tenant_id: UUID,
    *,
    experience_id: UUID,
    viewer: str | None = None,
    after: UUID = _FIRST_ID,
    limit: int = 50,
) -> list[Comment]:
    """One page of comments, oldest first, from behind `after` on; a hidden one is shown to its author only.

    Raises ExperienceNotFound.
    """
    bounded = min(limit, app.settings.get(CommunitySettings).page_max + 1)
    collection_id = await get_community(app, tenant_id, experience_id=experience_id)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        await read_owner(tx, collection_id=collection_id, experience_id=experience_id, viewer=viewer)
        return await store.list_comments(tx, experience_id=experience_id, viewer=viewer, after=after, limit=bounded)


async def settle_comment_act(app: App, tx: Tx, *, collection_id: UUID, experience_id: UUID, author: str) -> None:
    """Make somebody's `comment` act on an experience what follows from their comments there that are shown."""
    last = await store.find_last_shown(tx, experience_id=experience_id, author=author)
    weight = 0.0 if last is None else 1.0
    row = InteractionRow(author, experience_id, "comment", weight, last or app.clock.now())
    await write_interactions(app, tx, collection_id=collection_id, rows=[row])
    await publish(tx, engaged([experience_id]))


async def read_comment(tx: Tx, *, comment_id: UUID) -> Comment:
    """A comment, hidden or not. Raises CommentNotFound."""
    found = await store.list_comments_by_id(tx, ids=[comment_id])
    if not found:
        raise CommentNotFound(id=encode_id("cmt", comment_id))
    return found[0]


async def _get_own(tx: Tx, *, comment_id: UUID, author: str) -> store.CommentState:
    """A comment that this person wrote, held until the transaction ends. Nobody else learns of a hidden one."""
    state = await store.lock_comment(tx, comment_id=comment_id)
    if state is None or (state.author != author and state.hidden_at is not None):
        raise CommentNotFound(id=encode_id("cmt", comment_id))
    if state.author != author:
        raise CommentNotYours(id=encode_id("cmt", comment_id), author=author[:100])
    return state


def _checked(text: str, *, characters_max: int) -> str:
    """Text fit to be stored. Raises CommentRefused."""
    if len(text) > characters_max:
        reason = f"it has {len(text):,} characters, and at most {characters_max:,} are kept"
        raise CommentRefused(reason=reason, errors=[FieldError("/text", reason)])
    clean = clean_text(text, bytes_max=_BYTES_PER_CHARACTER * characters_max).text.strip()
    if not clean:
        raise CommentRefused(reason="it says nothing", errors=[FieldError("/text", "it says nothing")])
    return clean
