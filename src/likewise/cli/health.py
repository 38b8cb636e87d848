"""`likewise health`: how everything is, line by line, each with its cure."""

from typing import TYPE_CHECKING

import typer

from likewise.platform.commands import Context, emit, run_with_app

if TYPE_CHECKING:
    from rich.text import Text

    from likewise.operate.health import Report
    from likewise.platform.feature import App

__all__ = ["COMMANDS"]

COMMANDS = typer.Typer()
_MARKS = {"ok": ("ok", "green"), "degraded": ("look", "yellow"), "failing": ("FAIL", "bold red")}


@COMMANDS.command()
def health() -> None:
    """Look at everything that can be unwell. The exit code is 1 where something is."""

    async def go(app: "App", context: Context) -> int:
        from likewise.app import list_features
        from likewise.operate.health import look

        report = await look(app, context.tenant_id, features=list_features())
        emit(report, text=lambda: _lines(report))
        return 0 if report.status == "ok" else 1

    run_with_app(go)


def _lines(report: "Report") -> "Text":
    from rich.text import Text

    text = Text()
    for check in report.checks:
        mark, style = _MARKS[check.status]
        text.append(f"{mark:<5}", style=style)
        text.append(f" {check.name}: {check.summary}\n")
        if check.fix is not None:
            text.append(f"      {check.fix}\n")
    figures = report.figures
    text.append(
        f"{figures.items:,} items in {figures.collections:,} collections, {figures.passages:,} passages,"
        f" {figures.pending:,} waiting for their vector."
    )
    return text
