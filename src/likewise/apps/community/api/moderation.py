"""Reports, and what moderators make of them."""

from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import Parameter

from likewise.apps.community import service
from likewise.apps.community.api.shared import TAGS, Limit
from likewise.apps.community.errors import SubjectMalformed
from likewise.apps.community.model import SubjectKind
from likewise.apps.community.views import (
    CaseFileView,
    CaseView,
    DecisionBody,
    DecisionView,
    ReportBody,
    ReportView,
    case_file_view,
    case_view,
    decision_view,
    read_subject,
    report_view,
)
from likewise.platform.feature import App
from likewise.platform.ids import decode_id
from likewise.platform.tenancy import Caller
from likewise.platform.web import Cursors, Page, admin_only, writers

__all__ = ["ROUTES"]


@post(
    "/community/experiences/{experience_id:str}/reports",
    tags=TAGS,
    guards=[writers],
    operation_id="report_experience",
    summary="Report an experience",
    status_code=200,
)
async def report_experience(app: App, caller: Caller, experience_id: str, data: ReportBody) -> ReportView:
    """One word of each person; another one takes its place. Enough different people's reports hide it until a moderator
    has looked (LIKEWISE_COMMUNITY_HIDE_REPORTS_MIN)."""
    return await _report(app, caller, service.Subject("experience", decode_id("exp", experience_id)), data)


@post(
    "/community/comments/{comment_id:str}/reports",
    tags=TAGS,
    guards=[writers],
    operation_id="report_comment",
    summary="Report a comment",
    status_code=200,
)
async def report_comment(app: App, caller: Caller, comment_id: str, data: ReportBody) -> ReportView:
    """As an experience is reported."""
    return await _report(app, caller, service.Subject("comment", decode_id("cmt", comment_id)), data)


@get(
    "/community/moderation/cases",
    tags=TAGS,
    guards=[admin_only],
    operation_id="list_moderation_cases",
    summary="What waits for a moderator",
)
async def list_cases(
    app: App,
    caller: Caller,
    cursors: Cursors,
    open_only: Annotated[bool, Parameter(description="only what is reported and not decided on")] = False,
    limit: Limit = 50,
    after: str | None = None,
) -> Page[CaseView]:
    """What most people reported comes first, of these what waits longest; then what is hidden and nobody waits for."""
    listing = f"community/cases/{open_only}"
    behind = None
    if after:
        behind = msgspec.json.decode(cursors.read(caller.tenant_id, listing, after), type=service.CasePlace)
    found = await service.list_cases(app, caller.tenant_id, is_open=open_only, behind=behind, limit=limit + 1)
    page, more = found[:limit], len(found) > limit
    place = msgspec.json.encode(page[-1][1]).decode() if more else ""
    return Page(
        data=[case_view(case) for case, _ in page],
        has_more=more,
        next_cursor=cursors.sign(caller.tenant_id, listing, place) if more else None,
    )


@get(
    "/community/moderation/cases/{kind:str}/{subject_id:str}",
    tags=TAGS,
    guards=[admin_only],
    operation_id="get_moderation_case",
    summary="A case with its reports and decisions",
)
async def get_case(app: App, caller: Caller, kind: SubjectKind, subject_id: str) -> CaseFileView:
    """Everything moderators know of an experience or a comment."""
    subject = read_subject(subject_id)
    if subject.kind != kind:
        raise SubjectMalformed(text=f"{kind}/{subject_id}"[:60])
    return case_file_view(await service.get_case(app, caller.tenant_id, subject=subject))


@post(
    "/community/moderation/hide",
    tags=TAGS,
    guards=[admin_only],
    operation_id="hide_subject",
    summary="Hide an experience or a comment",
    status_code=200,
)
async def hide(app: App, caller: Caller, data: DecisionBody) -> DecisionView:
    """When this answers, nobody but its author finds it anywhere any more. Reports on it are upheld."""
    made = await service.hide(
        app,
        caller.tenant_id,
        subject=read_subject(data.subject),
        actor=service.actor_of(caller),
        reason=data.reason,
    )
    return decision_view(made)


@post(
    "/community/moderation/show",
    tags=TAGS,
    guards=[admin_only],
    operation_id="show_subject_again",
    summary="Show what was hidden again",
    status_code=200,
)
async def show(app: App, caller: Caller, data: DecisionBody) -> DecisionView:
    """It is seen as before. Reports on it are dismissed; new ones may hide it again."""
    made = await service.show(
        app,
        caller.tenant_id,
        subject=read_subject(data.subject),
        actor=service.actor_of(caller),
        reason=data.reason,
    )
    return decision_view(made)


@post(
    "/community/moderation/clear",
    tags=TAGS,
    guards=[admin_only],
    operation_id="clear_subject",
    summary="Say that something is fit to be seen",
    status_code=200,
)
async def clear(app: App, caller: Caller, data: DecisionBody) -> DecisionView:
    """It is shown if it was hidden, reports on it are dismissed, and from now on only a moderator hides it."""
    made = await service.clear(
        app,
        caller.tenant_id,
        subject=read_subject(data.subject),
        actor=service.actor_of(caller),
        reason=data.reason,
    )
    return decision_view(made)


async def _report(app: App, caller: Caller, subject: service.Subject, data: ReportBody) -> ReportView:
    made = await service.report(
        app, caller.tenant_id, subject=subject, reporter=data.reporter, reason=data.reason, note=data.note
    )
    return report_view(made)


ROUTES = (report_experience, report_comment, list_cases, get_case, hide, show, clear)
