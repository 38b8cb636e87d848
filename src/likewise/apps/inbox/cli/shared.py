"""What the commands of the inbox share: their arguments, and how rows are told."""

from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

import typer

from likewise.platform.commands import emit_rows, options

__all__ = ["ACTOR", "ClusterId", "Count", "Exceptions", "count_of", "line_of", "tell"]

ACTOR = "owner"
"""Whose doing it is: whoever can run commands here owns this machine."""

ClusterId = Annotated[str, typer.Argument(metavar="CLUSTER", help="A cluster's id, clu_...")]
Count = Annotated[int, typer.Option("--limit", "-n", min=1, max=200, help="How many rows.")]
Exceptions = Annotated[
    list[str] | None,
    typer.Option("--except", metavar="MSG", help="A message that is left out, msg_...; may be given again."),
]
View = TypeVar("View")
_LINE_CHARACTERS = 100


def tell(
    views: Sequence[View],
    line: Callable[[View], object],
    *,
    columns: Sequence[str],
    empty: str = "Nothing is here yet.",
) -> None:
    """Answer with a list: whole views to programs, a line for each to people."""
    rows = list(views) if options().machine_readable else [line(view) for view in views]
    emit_rows(rows, columns=columns, empty=empty)


def count_of(messages: int) -> str:
    """`1 message`, `2,000 messages`."""
    return f"{messages:,} message{'' if messages == 1 else 's'}"


def line_of(text: str, *, characters: int = _LINE_CHARACTERS) -> str:
    """A text on one line, cut where it is long."""
    flat = " ".join(text.split())
    return flat if len(flat) <= characters else f"{flat[: characters - 1]}…"
