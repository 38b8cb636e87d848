"""`likewise community upvote | view | comment | comments`: what people do with experiences and say under them."""

from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from likewise.apps.community.cli.finding import Count, line_of, tell
from likewise.platform.commands import Context, emit, run_with_app

if TYPE_CHECKING:
    from likewise.apps.community.model import ActKind
    from likewise.apps.community.views import CommentView
    from likewise.platform.feature import App

__all__ = ["ACTS"]

ACTS = typer.Typer()
ExperienceId = Annotated[str, typer.Argument(metavar="EXPERIENCE", help="An experience's id, exp_...")]
Person = Annotated[str, typer.Argument(metavar="PERSON", help="Your own id of who does it.")]
Back = Annotated[bool, typer.Option("--back", help="Take it back.")]


class _CommentRow(msgspec.Struct, frozen=True):
    id: str
    at: str
    author: str
    text: str


@ACTS.command("upvote")
def upvote(experience: ExperienceId, person: Person, *, back: Back = False) -> None:
    """Somebody finds an experience good; the same again changes nothing."""
    _act(experience, person, "upvote", is_on=not back)


@ACTS.command("view")
def view(experience: ExperienceId, person: Person) -> None:
    """Somebody looked at an experience; it counts once for each person."""
    _act(experience, person, "view")


@ACTS.command("less")
def less(experience: ExperienceId, person: Person, *, back: Back = False) -> None:
    """Somebody wants to see less like an experience; their next feed heeds it."""
    _act(experience, person, "less", is_on=not back)


@ACTS.command("comment")
def comment(
    experience: ExperienceId, person: Person, text: Annotated[str, typer.Argument(help="What they say.")]
) -> None:
    """Somebody says something under an experience."""

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.community import service
        from likewise.apps.community.model import CommentDraft
        from likewise.apps.community.views import comment_view
        from likewise.platform.ids import decode_id

        draft = CommentDraft(experience_id=decode_id("exp", experience), author=person, text=text)
        made = comment_view(await service.comment(app, context.tenant_id, draft=draft))
        emit(made, text=lambda: made.id)

    run_with_app(go)


@ACTS.command("comments")
def comments(
    experience: ExperienceId,
    *,
    viewer: Annotated[str | None, typer.Option("--viewer", help="Your own id of who looks.")] = None,
    limit: Count = 50,
) -> None:
    """What is said under an experience, oldest first; what is hidden only where its author looks."""

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.community import service
        from likewise.apps.community.views import comment_view
        from likewise.platform.ids import decode_id

        found = await service.list_comments(
            app, context.tenant_id, experience_id=decode_id("exp", experience), viewer=viewer, limit=limit
        )
        tell(
            [comment_view(one) for one in found],
            _row,
            columns=("id", "at", "author", "text"),
            empty="Nobody has said anything yet.",
        )

    run_with_app(go)


@ACTS.command("load-acts")
def load_acts(
    file: Annotated[str, typer.Argument(metavar="FILE", help="JSONL, CSV or Parquet; -: standard input.")],
) -> None:
    """What people did, a row each: user, experience (its key), kind (view, upvote, less, comment), text, at."""

    async def go(app: "App", context: Context) -> None:
        import sys

        from likewise.apps.community import service
        from likewise.platform.commands import note

        report = await service.load_deeds(app, context.tenant_id, file=sys.stdin.buffer if file == "-" else file)
        for problem in report.problems:
            note(f"line {problem.line}{problem.pointer}: {problem.reason}")
        emit(
            report,
            text=lambda: f"{report.changed:,} new, {report.unchanged:,} were here, {report.rejected:,} refused",
        )
        if report.rejected:
            raise typer.Exit(1)

    run_with_app(go)


def _act(experience: str, person: str, kind: "ActKind", *, is_on: bool = True) -> None:
    async def go(app: "App", context: Context) -> None:
        from likewise.apps.community import service
        from likewise.apps.community.model import Act
        from likewise.apps.community.views import ActDone
        from likewise.platform.ids import decode_id

        one = Act(user=person, experience_id=decode_id("exp", experience), kind=kind, is_on=is_on)
        changed = await service.act_once(app, context.tenant_id, one=one)
        emit(ActDone(changed), text=lambda: "done" if changed else "nothing new")

    run_with_app(go)


def _row(view: "CommentView") -> _CommentRow:
    text = f"(hidden: {view.hidden_reason}) {view.text}" if view.is_hidden else view.text
    return _CommentRow(view.id, view.created_at.isoformat(timespec="seconds"), view.author, line_of(text, 100))
