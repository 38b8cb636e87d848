"""What people report, and what moderators decide: hide, show again, clear.

What is hidden is gone for everybody but its author in the transaction that hides it. The item's visibility is what
every list, search, feed and count looks at, and what remembers ids (recommend's shelves) looks at it again before it
shows one. What is derived from items (standings, profiles, patterns) follows by its fact; the counters of a comment's
experience and its author's act are put right in the transaction itself.
"""

from typing import Literal
from uuid import UUID

from likewise.apps.community import store
from likewise.apps.community.errors import NotHidden, ReportRefused
from likewise.apps.community.events import ExperiencesModerated
from likewise.apps.community.model import Decision, Report, ReportReason
from likewise.apps.community.service.holding import check_users
from likewise.apps.community.service.subjects import Held, Subject, absent, ground_of, hold, mark
from likewise.apps.community.settings import CommunitySettings
from likewise.engine.collections import clean_text
from likewise.platform.db import Tx
from likewise.platform.errors import FieldError
from likewise.platform.events import publish
from likewise.platform.feature import App
from likewise.platform.ids import new_id

__all__ = ["NOTE_CHARACTERS_MAX", "REPORTS_ACTOR", "clear", "hide", "report", "show"]

REPORTS_ACTOR = "reports"
"""Whose decision it is when so many reports hide something."""

NOTE_CHARACTERS_MAX = 2_000
_BYTES_PER_CHARACTER = 4


async def report(
    app: App, tenant_id: UUID, *, subject: Subject, reporter: str, reason: ReportReason, note: str = ""
) -> Report:
    """Somebody finds something unfit: one word of each person on each thing, another one takes its place.

    Where reports of `hide_reports_min` people wait for a decision, it is hidden until a moderator has looked; not where
    one has cleared it. Raises ExperienceNotFound, CommentNotFound, ReportRefused, UserRefused.
    """
    check_users([reporter])
    words = _words(note)
    collection_id = await ground_of(app, tenant_id, subject=subject)
    async with app.db.tenant(tenant_id) as tx:
        held = await hold(tx, collection_id=collection_id, subject=subject)
        if not held.is_open_to(reporter):
            raise absent(subject)
        await store.ensure_people(tx, user_keys=[reporter])
        changed = await store.upsert_report(
            tx,
            report_id=new_id(),
            subject_kind=subject.kind,
            subject_id=subject.id,
            experience_id=held.experience_id,
            reporter=reporter,
            reason=reason,
            note=words,
            at=app.clock.now(),
        )
        if changed:
            await _heed_reports(app, tx, held)
        made = await store.find_report(tx, subject_kind=subject.kind, subject_id=subject.id, reporter=reporter)
    if made is None:
        raise RuntimeError("a report is there once it was written")
    return made


async def hide(app: App, tenant_id: UUID, *, subject: Subject, actor: str, reason: str) -> Decision:
    """Keep something from everybody but its author, who sees the reason; reports on it are upheld.

    Of what is hidden already for this reason, the decision that did it comes back. Raises ExperienceNotFound,
    CommentNotFound, ReportRefused.
    """
    words = _words(reason)
    collection_id = await ground_of(app, tenant_id, subject=subject)
    async with app.db.tenant(tenant_id) as tx:
        held = await hold(tx, collection_id=collection_id, subject=subject)
        upheld = await _decide_reports(app, tx, subject, "upheld")
        if held.hidden_at is not None and held.hidden_reason == words and not upheld:
            latest = await store.list_decisions(tx, subject_kind=subject.kind, subject_id=subject.id, limit=1)
            if latest:
                return latest[0]
        at = held.hidden_at or app.clock.now()
        await mark(app, tx, held, hidden_at=at, hidden_reason=words, is_cleared=False)
        return await _decide(app, tx, held, action="hide", actor=actor, reason=words)


async def show(app: App, tenant_id: UUID, *, subject: Subject, actor: str, reason: str = "") -> Decision:
    """Let what was hidden be seen as before; reports on it are dismissed, and new ones may hide it again.

    Raises ExperienceNotFound, CommentNotFound, NotHidden, ReportRefused.
    """
    words = _words(reason)
    collection_id = await ground_of(app, tenant_id, subject=subject)
    async with app.db.tenant(tenant_id) as tx:
        held = await hold(tx, collection_id=collection_id, subject=subject)
        if held.hidden_at is None:
            raise NotHidden(id=subject.name)
        await _decide_reports(app, tx, subject, "dismissed")
        await mark(app, tx, held, hidden_at=None, hidden_reason=None, is_cleared=False)
        return await _decide(app, tx, held, action="show", actor=actor, reason=words)


async def clear(app: App, tenant_id: UUID, *, subject: Subject, actor: str, reason: str = "") -> Decision:
    """Say that something is fit to be seen: it is shown if it was hidden, reports on it are dismissed, and new ones do
    not hide it; only a moderator does. Raises ExperienceNotFound, CommentNotFound, ReportRefused."""
    words = _words(reason)
    collection_id = await ground_of(app, tenant_id, subject=subject)
    async with app.db.tenant(tenant_id) as tx:
        held = await hold(tx, collection_id=collection_id, subject=subject)
        await _decide_reports(app, tx, subject, "dismissed")
        await mark(app, tx, held, hidden_at=None, hidden_reason=None, is_cleared=True)
        return await _decide(app, tx, held, action="clear", actor=actor, reason=words)


async def _heed_reports(app: App, tx: Tx, held: Held) -> None:
    """Hide what enough people have reported. The subject is held: of two who report at once, the second counts both."""
    least = app.settings.get(CommunitySettings).hide_reports_min
    await publish(tx, [ExperiencesModerated([held.experience_id])])
    if not least or held.is_cleared or held.hidden_at is not None:
        return
    count = await store.count_open_reports(tx, subject_kind=held.subject.kind, subject_id=held.subject.id)
    if count < least:
        return
    reason = f"reported by {count} {'person' if count == 1 else 'people'}"
    await mark(app, tx, held, hidden_at=app.clock.now(), hidden_reason=reason, is_cleared=False)
    await _decide(app, tx, held, action="hide", actor=REPORTS_ACTOR, reason=reason)


async def _decide_reports(app: App, tx: Tx, subject: Subject, state: Literal["upheld", "dismissed"]) -> int:
    return await store.decide_reports(
        tx, subject_kind=subject.kind, subject_id=subject.id, state=state, at=app.clock.now()
    )


async def _decide(
    app: App, tx: Tx, held: Held, *, action: Literal["hide", "show", "clear"], actor: str, reason: str
) -> Decision:
    made = Decision(
        id=new_id(),
        subject_kind=held.subject.kind,
        subject_id=held.subject.id,
        action=action,
        actor=actor,
        reason=reason,
        created_at=app.clock.now(),
    )
    await store.insert_decision(tx, decision=made)
    await publish(tx, [ExperiencesModerated([held.experience_id])])
    return made


def _words(text: str) -> str:
    """A reason or a note fit to be stored. Raises ReportRefused."""
    if len(text) > NOTE_CHARACTERS_MAX:
        reason = f"{len(text):,} characters are too many to say why, {NOTE_CHARACTERS_MAX:,} are kept"
        raise ReportRefused(reason=reason, errors=[FieldError("/reason", reason)])
    return clean_text(text, bytes_max=_BYTES_PER_CHARACTER * NOTE_CHARACTERS_MAX).text.strip()
