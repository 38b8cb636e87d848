"""What waits for a moderator: the queue, and each case with who reported it and what was decided."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from likewise.apps.community import store
from likewise.apps.community.model import CaseFile, ReviewCase
from likewise.apps.community.service.subjects import Subject, absent
from likewise.apps.community.settings import CommunitySettings
from likewise.platform.db import Tx
from likewise.platform.feature import App

__all__ = ["CasePlace", "get_case", "list_cases"]

_ALL = (2**62, datetime(1, 1, 1, tzinfo=UTC), UUID(int=0))
_TEXT_CHARACTERS = 1_000
_ROWS_MAX = 200


class CasePlace(msgspec.Struct, frozen=True, array_like=True):
    """Where a page of the queue ended."""

    open_reports: int
    waits_since: datetime
    subject_id: UUID


async def list_cases(
    app: App, tenant_id: UUID, *, is_open: bool = False, behind: CasePlace | None = None, limit: int = 50
) -> list[tuple[ReviewCase, CasePlace]]:
    """One page of cases with their places: what most people reported first, of these what waits longest; then what is
    hidden and waits for nobody. `is_open`: only where reports wait."""
    bounded = min(limit, app.settings.get(CommunitySettings).page_max + 1)
    place = _ALL if behind is None else (behind.open_reports, behind.waits_since, behind.subject_id)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        keys = await store.list_cases(tx, with_closed=not is_open, behind=place, limit=bounded)
        cases = await _describe(tx, [Subject(key.subject_kind, key.subject_id) for key in keys])
    return [
        (cases[key.subject_id], CasePlace(key.open_reports, key.waits_since, key.subject_id))
        for key in keys
        if key.subject_id in cases
    ]


async def get_case(app: App, tenant_id: UUID, *, subject: Subject) -> CaseFile:
    """A case with its latest reports and decisions; also of what nobody has reported. Raises ExperienceNotFound,
    CommentNotFound."""
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        found = (await _describe(tx, [subject])).get(subject.id)
        if found is None:
            raise absent(subject)
        return CaseFile(
            case=found,
            reports=await store.list_reports(tx, subject_kind=subject.kind, subject_id=subject.id, limit=_ROWS_MAX),
            decisions=await store.list_decisions(tx, subject_kind=subject.kind, subject_id=subject.id, limit=_ROWS_MAX),
        )


async def _describe(tx: Tx, subjects: Sequence[Subject]) -> Mapping[UUID, ReviewCase]:
    """What moderators see of these; what is gone is left out."""
    comments = {
        one.id: one
        for one in await store.list_comments_by_id(tx, ids=[one.id for one in subjects if one.kind == "comment"])
    }
    ids = [one.id for one in subjects if one.kind == "experience"]
    ids += [one.experience_id for one in comments.values()]
    words = {
        one.id: one
        for one in await store.list_experiences_of_cases(tx, ids=list(dict.fromkeys(ids)), characters=_TEXT_CHARACTERS)
    }
    counts = await store.count_reasons(
        tx, subject_kinds=["experience", "comment"], subject_ids=[one.id for one in subjects]
    )
    cases: dict[UUID, ReviewCase] = {}
    for subject in subjects:
        comment = comments.get(subject.id)
        experience = words.get(subject.id if comment is None else comment.experience_id)
        if experience is None:
            continue
        own = [row for row in counts if row.subject_id == subject.id]
        shown = experience if comment is None else comment
        cases[subject.id] = ReviewCase(
            subject_kind=subject.kind,
            subject_id=subject.id,
            experience_id=experience.id,
            author=shown.author,
            title=experience.title,
            text=shown.text,
            is_hidden=shown.hidden_at is not None,
            hidden_reason=shown.hidden_reason,
            open_reports=sum(row.reports for row in own),
            reasons={row.reason: row.reports for row in sorted(own, key=lambda row: (-row.reports, row.reason))},
            first_report_at=min((row.first_at for row in own), default=None),
            last_report_at=max((row.last_at for row in own), default=None),
        )
    return cases
