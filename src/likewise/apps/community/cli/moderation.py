"""`likewise community report | review | hide | show-again | clear`: what is unfit, and what is made of it."""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from likewise.apps.community.cli.finding import Count, line_of, tell
from likewise.platform.commands import Context, emit, run_with_app

if TYPE_CHECKING:
    from likewise.apps.community.model import Decision
    from likewise.apps.community.views import CaseFileView, CaseView
    from likewise.platform.feature import App

__all__ = ["MODERATION"]

MODERATION = typer.Typer()
SubjectId = Annotated[
    str, typer.Argument(metavar="SUBJECT", help="The id of an experience (exp_...) or of a comment (cmt_...).")
]
Why = Annotated[str, typer.Option("--reason", help="Why; its author is told the reason something is hidden.")]


class ReasonName(StrEnum):
    """Why something is unfit, as the command line offers it."""

    SPAM = "spam"
    ABUSE = "abuse"
    FALSE = "false"
    PRIVATE = "private"
    OFF_TOPIC = "off_topic"
    OTHER = "other"


class _CaseRow(msgspec.Struct, frozen=True):
    subject: str
    reports: int
    reasons: str
    hidden: str
    author: str
    text: str


@MODERATION.command("report")
def report(
    subject: SubjectId,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Your own id of who reports it.")],
    *,
    reason: Annotated[ReasonName, typer.Option("--reason", help="Why it is unfit.")] = ReasonName.OTHER,
    note: Annotated[str, typer.Option("--note", help="In their words.")] = "",
) -> None:
    """Somebody finds something unfit; enough people's reports hide it until a moderator has looked."""

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.community import service
        from likewise.apps.community.views import read_subject, report_view

        made = await service.report(
            app, context.tenant_id, subject=read_subject(subject), reporter=person, reason=reason.value, note=note
        )
        emit(report_view(made), text=lambda: f"{subject} is reported; `likewise community review` lists what waits")

    run_with_app(go)


@MODERATION.command("review")
def review(
    subject: Annotated[
        str | None, typer.Argument(metavar="SUBJECT", help="One case: exp_... or cmt_...; without it, the queue.")
    ] = None,
    *,
    open_only: Annotated[bool, typer.Option("--open", help="Only what is reported and not decided on.")] = False,
    limit: Count = 50,
) -> None:
    """What is reported or hidden: what most people reported first. Or one case with its reports and decisions."""

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.community import service
        from likewise.apps.community.views import case_file_view, case_view, read_subject

        if subject is not None:
            found = await service.get_case(app, context.tenant_id, subject=read_subject(subject))
            file = case_file_view(found)
            emit(file, text=lambda: _told(file))
            return
        cases = await service.list_cases(app, context.tenant_id, is_open=open_only, limit=limit)
        tell(
            [case_view(case) for case, _ in cases],
            _row,
            columns=("subject", "reports", "reasons", "hidden", "author", "text"),
            empty="Nothing waits for a moderator.",
        )

    run_with_app(go)


@MODERATION.command("hide")
def hide(subject: SubjectId, *, reason: Why = "") -> None:
    """Keep something from everybody but its author; reports on it are upheld."""
    from likewise.apps.community import service

    _decide(subject, reason, service.hide)


@MODERATION.command("show-again")
def show_again(subject: SubjectId, *, reason: Why = "") -> None:
    """Let what was hidden be seen as before; reports on it are dismissed."""
    from likewise.apps.community import service

    _decide(subject, reason, service.show)


@MODERATION.command("clear")
def clear(subject: SubjectId, *, reason: Why = "") -> None:
    """Say that something is fit to be seen: from now on reports do not hide it."""
    from likewise.apps.community import service

    _decide(subject, reason, service.clear)


def _decide(subject: str, reason: str, verb: "Callable[..., Awaitable[Decision]]") -> None:
    async def go(app: "App", context: Context) -> None:
        from likewise.apps.community import service
        from likewise.apps.community.views import decision_view, read_subject

        made = await verb(app, context.tenant_id, subject=read_subject(subject), actor=service.OWNER, reason=reason)
        done = {"hide": "is hidden", "show": "is shown again", "clear": "is cleared"}[made.action]
        emit(decision_view(made), text=lambda: f"{subject} {done}")

    run_with_app(go)


def _row(view: "CaseView") -> _CaseRow:
    reasons = ", ".join(f"{reason} {count}" for reason, count in view.reasons.items())
    hidden = (view.hidden_reason or "yes") if view.is_hidden else ""
    return _CaseRow(view.subject, view.open_reports, reasons, hidden, view.author, line_of(view.title or view.text, 80))


def _told(file: "CaseFileView") -> str:
    case = file.case
    lines = [f"{case.subject} by {case.author}: {line_of(case.title, 100)}", f"  {line_of(case.text, 400)}"]
    if case.is_hidden:
        lines.append(f"  hidden: {case.hidden_reason or 'no reason was given'}")
    lines += [
        f"  {one.created_at:%Y-%m-%d} {one.reporter}: {one.reason} ({one.state}) {one.note}" for one in file.reports
    ]
    lines += [f"  {one.created_at:%Y-%m-%d} {one.actor}: {one.action} {one.reason}" for one in file.decisions]
    return "\n".join(lines)
