"""How reports, cases and decisions look from outside."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from likewise.apps.community.errors import SubjectMalformed
from likewise.apps.community.model import (
    CaseFile,
    Decision,
    Report,
    ReportReason,
    ReviewCase,
    SubjectKind,
    UserKey,
)
from likewise.apps.community.service import NOTE_CHARACTERS_MAX, Subject
from likewise.platform.errors import FieldError
from likewise.platform.ids import IdMalformed, decode_id, encode_id

__all__ = [
    "CaseFileView",
    "CaseView",
    "DecisionBody",
    "DecisionView",
    "ReportBody",
    "ReportView",
    "case_file_view",
    "case_view",
    "decision_view",
    "read_subject",
    "report_view",
]

_KINDS: dict[str, SubjectKind] = {"exp": "experience", "cmt": "comment"}
Note = Annotated[str, Meta(max_length=NOTE_CHARACTERS_MAX)]


class ReportBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who finds it unfit, why, and in which words."""

    reporter: UserKey
    reason: ReportReason
    note: Note = ""


class DecisionBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is decided on (`exp_...` or `cmt_...`), and why; its author is told the reason something is hidden."""

    subject: str
    reason: Note = ""


class ReportView(msgspec.Struct, frozen=True):
    """Somebody's word on something. `state`: open until a moderator decides, then upheld or dismissed."""

    id: str
    subject: str
    experience: str
    reporter: str
    reason: ReportReason
    note: str
    state: Literal["open", "upheld", "dismissed"]
    created_at: datetime
    decided_at: datetime | None


class CaseView(msgspec.Struct, frozen=True):
    """Something reported, hidden or both. `title` is the experience's, `text` the words in question, cut where they are
    long; `reasons` counts the reports that wait."""

    subject: str
    kind: SubjectKind
    experience: str
    author: str
    title: str
    text: str
    is_hidden: bool
    hidden_reason: str | None
    open_reports: int
    reasons: dict[str, int]
    first_report_at: datetime | None
    last_report_at: datetime | None


class DecisionView(msgspec.Struct, frozen=True):
    """What was decided. `actor`: the key whose doing it is, `owner` for who runs this machine, `reports` where so many
    people's reports hid it."""

    id: str
    subject: str
    action: Literal["hide", "show", "clear"]
    actor: str
    reason: str
    created_at: datetime


class CaseFileView(msgspec.Struct, frozen=True):
    """A case with its reports and what was decided, the latest first."""

    case: CaseView
    reports: list[ReportView]
    decisions: list[DecisionView]


def read_subject(text: str) -> Subject:
    """What `exp_...` or `cmt_...` names. Raises SubjectMalformed."""
    kind = _KINDS.get(text[:3])
    try:
        if kind is not None:
            return Subject(kind, decode_id(text[:3], text))
    except IdMalformed:
        pass
    raise SubjectMalformed(text=text[:60], errors=[FieldError("/subject", "exp_... or cmt_...")])


def report_view(report: Report) -> ReportView:
    """A report with its id spelled `rpt_...`."""
    return ReportView(
        id=encode_id("rpt", report.id),
        subject=Subject(report.subject_kind, report.subject_id).name,
        experience=encode_id("exp", report.experience_id),
        reporter=report.reporter,
        reason=report.reason,
        note=report.note,
        state=report.state,
        created_at=report.created_at,
        decided_at=report.decided_at,
    )


def case_view(case: ReviewCase) -> CaseView:
    """A case as moderators see it."""
    return CaseView(
        subject=Subject(case.subject_kind, case.subject_id).name,
        kind=case.subject_kind,
        experience=encode_id("exp", case.experience_id),
        author=case.author,
        title=case.title,
        text=case.text,
        is_hidden=case.is_hidden,
        hidden_reason=case.hidden_reason,
        open_reports=case.open_reports,
        reasons=case.reasons,
        first_report_at=case.first_report_at,
        last_report_at=case.last_report_at,
    )


def decision_view(decision: Decision) -> DecisionView:
    """A decision with its id spelled `dec_...`."""
    return DecisionView(
        id=encode_id("dec", decision.id),
        subject=Subject(decision.subject_kind, decision.subject_id).name,
        action=decision.action,
        actor=decision.actor,
        reason=decision.reason,
        created_at=decision.created_at,
    )


def case_file_view(found: CaseFile) -> CaseFileView:
    """A case with everything about it."""
    return CaseFileView(
        case=case_view(found.case),
        reports=[report_view(one) for one in found.reports],
        decisions=[decision_view(one) for one in found.decisions],
    )
