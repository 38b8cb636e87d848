"""The community's operations of T12; see `operations`."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import msgspec
from tests.apps.community_scenes import given, tell, told
from tests.faults.operations import Act, Prepare

from likewise.apps.community import service
from likewise.apps.community.consumers import consumers
from likewise.apps.community.model import Act as Deed
from likewise.apps.community.model import Comment, CommentDraft, ExperienceEdit
from likewise.apps.community.service import Subject
from likewise.platform.events import drain
from likewise.platform.feature import App

__all__ = ["COMMUNITY_WHOLE"]

SEEN_AT = datetime(2013, 6, 1, 21, tzinfo=UTC)


async def prepare_community(app: App, tenant_id: UUID) -> list[UUID]:
    """Two experiences, the first of them upvoted, viewed and counted."""
    drafts = [
        told("A triangle over the lake.", key="first", attributes=given(shape="triangle"), happened_at=SEEN_AT),
        told("A light over the bay.", key="second", attributes=given(shape="light")),
    ]
    ids = [made.id for draft in drafts for made in await tell(app, tenant_id, draft)]
    deeds = [Deed(user="bob", experience_id=ids[0], kind=kind) for kind in ("upvote", "view")]
    await service.act(app, tenant_id, acts=deeds)
    await drain(app.db, consumers(app))
    return ids


async def prepare_comment(app: App, tenant_id: UUID) -> Comment:
    """What somebody said under the first."""
    [first, _] = await prepare_community(app, tenant_id)
    draft = CommentDraft(experience_id=first, author="bob", text="Me too.")
    made = await service.comment(app, tenant_id, draft=draft)
    await drain(app.db, consumers(app))
    return made


async def telling_experiences(app: App, tenant_id: UUID, _folder: Path) -> Act:
    """One that is known, one that is told anew, and a new one; their keys are declared, which is done beforehand."""
    await prepare_community(app, tenant_id)
    drafts = [
        told("A triangle over the lake.", key="first", attributes=given(shape="triangle"), happened_at=SEEN_AT),
        told("Two lights over the bay.", key="second", attributes=given(shape="disk")),
        told("Footsteps in the attic.", key="third", category="haunting"),
    ]
    for draft in drafts:
        await tell(app, tenant_id, msgspec.structs.replace(draft, key=f"like {draft.key}"))
    return lambda: service.write_experiences(app, tenant_id, drafts=drafts)


async def editing_an_experience(app: App, tenant_id: UUID, _folder: Path) -> Act:
    """To words whose keys are declared."""
    [first, _] = await prepare_community(app, tenant_id)
    edit = ExperienceEdit(text="A disk over the lake.", attributes=given(shape="disk"), visibility="private")
    await tell(app, tenant_id, told("A disk over the lake.", key="like it", happened_at=SEEN_AT))
    return lambda: service.edit_experience(app, tenant_id, experience_id=first, edit=edit)


async def deleting_an_experience(app: App, tenant_id: UUID, _folder: Path) -> Act:
    made = await prepare_comment(app, tenant_id)
    return lambda: service.delete_experience(app, tenant_id, experience_id=made.experience_id)


async def acting(app: App, tenant_id: UUID, _folder: Path) -> Act:
    """One act that is there already, one that is taken back, and new ones of somebody new."""
    ids = await prepare_community(app, tenant_id)
    deeds = [
        Deed(user="bob", experience_id=ids[0], kind="upvote"),
        Deed(user="bob", experience_id=ids[0], kind="view", is_on=False),
        *(Deed(user="cleo", experience_id=one, kind="upvote") for one in ids),
    ]
    return lambda: service.act(app, tenant_id, acts=deeds)


async def commenting(app: App, tenant_id: UUID, _folder: Path) -> Act:
    ids = await prepare_community(app, tenant_id)
    drafts = [
        CommentDraft(experience_id=one, author=author, text="Me too.") for one in ids for author in ("bob", "eve")
    ]
    return lambda: service.comment_each(app, tenant_id, drafts=drafts)


async def taking_a_comment_back(app: App, tenant_id: UUID, _folder: Path) -> Act:
    made = await prepare_comment(app, tenant_id)
    await service.report(app, tenant_id, subject=Subject("comment", made.id), reporter="eve", reason="spam")
    return lambda: service.delete_comment(app, tenant_id, comment_id=made.id, author="bob")


async def hiding_an_experience(app: App, tenant_id: UUID, _folder: Path) -> Act:
    [first, _] = await prepare_community(app, tenant_id)
    subject = Subject("experience", first)
    await service.report(app, tenant_id, subject=subject, reporter="eve", reason="spam")
    return lambda: service.hide(app, tenant_id, subject=subject, actor="mod", reason="spam")


async def hiding_a_comment(app: App, tenant_id: UUID, _folder: Path) -> Act:
    """With the act of it, and the counters of its experience."""
    subject = Subject("comment", (await prepare_comment(app, tenant_id)).id)
    return lambda: service.hide(app, tenant_id, subject=subject, actor="mod", reason="spam")


async def showing_an_experience_again(app: App, tenant_id: UUID, _folder: Path) -> Act:
    [first, _] = await prepare_community(app, tenant_id)
    subject = Subject("experience", first)
    await service.hide(app, tenant_id, subject=subject, actor="mod", reason="spam")
    return lambda: service.clear(app, tenant_id, subject=subject, actor="mod", reason="not spam at all")


async def reporting_what_others_reported(app: App, tenant_id: UUID, _folder: Path) -> Act:
    """The report that hides it."""
    [first, _] = await prepare_community(app, tenant_id)
    subject = Subject("experience", first)
    for reporter in ("bob", "cleo"):
        await service.report(app, tenant_id, subject=subject, reporter=reporter, reason="spam")
    return lambda: service.report(app, tenant_id, subject=subject, reporter="eve", reason="abuse")


COMMUNITY_WHOLE: tuple[Prepare, ...] = (
    telling_experiences,
    editing_an_experience,
    deleting_an_experience,
    acting,
    commenting,
    taking_a_comment_back,
    hiding_an_experience,
    hiding_a_comment,
    showing_an_experience_again,
    reporting_what_others_reported,
)
