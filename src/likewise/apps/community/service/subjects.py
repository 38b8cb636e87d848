"""What is reported and decided on, held for the transaction that does so.

Locks are taken in one order, here and wherever people act: the experience's item, its row, people, the comment, then
the counters.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from likewise.apps.community import store
from likewise.apps.community.errors import CommentNotFound
from likewise.apps.community.model import SubjectKind
from likewise.apps.community.service.commenting import read_comment, settle_comment_act
from likewise.apps.community.service.counting import recount
from likewise.apps.community.service.founding import find_community
from likewise.apps.community.service.holding import missing
from likewise.engine.collections import Visibility, set_visibility
from likewise.platform.db import Tx
from likewise.platform.errors import NotFound
from likewise.platform.feature import App
from likewise.platform.ids import encode_id

__all__ = ["Held", "Subject", "absent", "ground_of", "hold", "mark"]


class Subject(msgspec.Struct, frozen=True):
    """What is reported and decided on: an experience or a comment."""

    kind: SubjectKind
    id: UUID

    @property
    def name(self) -> str:
        """As people see it: `exp_...`, `cmt_...`."""
        return encode_id("exp" if self.kind == "experience" else "cmt", self.id)


class Held(msgspec.Struct, frozen=True):
    """A subject, held until the transaction ends. `is_public`: nothing but a decision on it keeps it from anybody.

    `shown_as`: the visibility of an experience that is not hidden.
    """

    subject: Subject
    collection_id: UUID
    experience_id: UUID
    author: str | None
    is_public: bool
    hidden_at: datetime | None
    hidden_reason: str | None
    is_cleared: bool
    shown_as: Visibility

    def is_open_to(self, viewer: str) -> bool:
        """Whether this person sees it now."""
        return viewer == self.author or (self.is_public and self.hidden_at is None)


def absent(subject: Subject) -> NotFound:
    """That a subject is not there, or not for everybody: nobody learns which."""
    return missing(subject.id) if subject.kind == "experience" else CommentNotFound(id=subject.name)


async def ground_of(app: App, tenant_id: UUID, *, subject: Subject) -> UUID:
    """The collection of a tenant's experiences. Raises ExperienceNotFound, CommentNotFound where there are none."""
    found = await find_community(app, tenant_id)
    if found is None:
        raise absent(subject)
    return found


async def hold(tx: Tx, *, collection_id: UUID, subject: Subject) -> Held:
    """The subject as it is, held until the transaction ends. Raises ExperienceNotFound, CommentNotFound."""
    return await (_hold_experience if subject.kind == "experience" else _hold_comment)(tx, collection_id, subject)


async def mark(
    app: App, tx: Tx, held: Held, *, hidden_at: datetime | None, hidden_reason: str | None, is_cleared: bool
) -> None:
    """Hide a subject, or show it, with everything that goes with it."""
    subject = held.subject
    if subject.kind == "experience":
        await store.mark_experience(
            tx,
            experience_id=subject.id,
            hidden_at=hidden_at,
            hidden_reason=hidden_reason,
            is_cleared=is_cleared,
        )
        visibility = held.shown_as if hidden_at is None else Visibility.HIDDEN
        await set_visibility(app, tx, collection_id=held.collection_id, item_ids=[subject.id], visibility=visibility)
        return
    await store.mark_comment(
        tx, comment_id=subject.id, hidden_at=hidden_at, hidden_reason=hidden_reason, is_cleared=is_cleared
    )
    if (hidden_at is None) != (held.hidden_at is None):
        await settle_comment_act(
            app, tx, collection_id=held.collection_id, experience_id=held.experience_id, author=held.author or ""
        )
        await recount(app, tx, experience_ids=[held.experience_id])


async def _hold_experience(tx: Tx, collection_id: UUID, subject: Subject) -> Held:
    item = await store.lock_experience_item(tx, collection_id=collection_id, experience_id=subject.id)
    state = None if item is None else await store.lock_experience(tx, experience_id=subject.id)
    if item is None or state is None:
        raise absent(subject)
    return Held(
        subject=subject,
        collection_id=collection_id,
        experience_id=subject.id,
        author=item.author,
        is_public=state.wanted_visibility == Visibility.PUBLIC.value,
        hidden_at=state.hidden_at,
        hidden_reason=state.hidden_reason,
        is_cleared=state.is_cleared,
        shown_as=Visibility(state.wanted_visibility),
    )


async def _hold_comment(tx: Tx, collection_id: UUID, subject: Subject) -> Held:
    found = await read_comment(tx, comment_id=subject.id)
    owner = await store.find_owner(tx, collection_id=collection_id, experience_id=found.experience_id)
    await store.lock_people(tx, user_keys=[found.author])
    state = await store.lock_comment(tx, comment_id=subject.id)
    if owner is None or state is None:
        raise absent(subject)
    return Held(
        subject=subject,
        collection_id=collection_id,
        experience_id=state.experience_id,
        author=state.author,
        is_public=owner.visibility == Visibility.PUBLIC.value,
        hidden_at=state.hidden_at,
        hidden_reason=state.hidden_reason,
        is_cleared=state.is_cleared,
        shown_as=Visibility.PUBLIC,
    )
