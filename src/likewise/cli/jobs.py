"""`likewise jobs`: operations, the queue, schedules, and events nobody could digest."""

from typing import TYPE_CHECKING, Annotated

import typer

from likewise.platform.commands import Context, emit, emit_rows, note, run_with_app

if TYPE_CHECKING:
    from likewise.platform.feature import App

__all__ = ["COMMANDS"]

COMMANDS = typer.Typer()
_JOBS = typer.Typer(no_args_is_help=True, help="What takes a while: watch, cancel, run, retry.")
COMMANDS.add_typer(_JOBS, name="jobs")
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="How many at most.")]
_RETRY_PAGE = 500


@_JOBS.command("list")
def list_command(limit: Limit = 50) -> None:
    """List operations, newest first: what somebody asked for, and how far it is."""

    async def go(app: "App", context: Context) -> None:
        from likewise.platform.jobs import list_operations
        from likewise.platform.views import operation_view

        async with app.db.tenant(context.tenant_id, read_only=True) as tx:
            found = await list_operations(tx, limit=limit)
        emit_rows(
            [operation_view(operation) for operation in found],
            columns=("id", "kind", "status", "message", "created_at", "ended_at"),
            empty="Nothing was asked for yet.",
        )

    run_with_app(go)


@_JOBS.command("cancel")
def cancel_command(operation_id: Annotated[str, typer.Argument(metavar="ID", help="opr_...")]) -> None:
    """Ask an operation to stop."""

    async def go(app: "App", context: Context) -> None:
        from likewise.platform.ids import decode_id
        from likewise.platform.jobs import cancel_operation, get_operation
        from likewise.platform.views import operation_view

        found = decode_id("opr", operation_id)
        async with app.db.tenant(context.tenant_id) as tx:
            await cancel_operation(tx, found)
            view = operation_view(await get_operation(tx, found))
        emit(view, text=lambda: f"{view.id} {view.status}: it stops at its next checkpoint")

    run_with_app(go)


@_JOBS.command("schedules")
def schedules_command() -> None:
    """List what comes due by the calendar."""

    async def go(app: "App", _: Context) -> None:
        from likewise.platform.jobs import list_schedules

        emit_rows(await list_schedules(app.db, app.jobs), columns=("name", "cron", "job", "last_at", "next_at"))

    run_with_app(go)


@_JOBS.command("run")
def run_command(name: Annotated[str, typer.Argument(help="A schedule's name.")]) -> None:
    """Put a schedule's job into the queue now; a worker takes it."""

    async def go(app: "App", _: Context) -> None:
        from likewise.platform.jobs import run_now

        job = await run_now(app.db, app.jobs, name)
        emit({"job": job}, text=lambda: f"Job {job} waits for a worker.")

    run_with_app(go)


@_JOBS.command("dead-letters")
def dead_letters_command(limit: Limit = 100) -> None:
    """List events that a consumer gave up, with the reason."""

    async def go(app: "App", context: Context) -> None:
        from likewise.platform.events import list_dead_letters

        async with app.db.tenant(context.tenant_id, read_only=True) as tx:
            found = await list_dead_letters(tx, limit=limit)
        emit_rows(found, columns=("created_at", "consumer", "type", "attempts", "reason"), empty="None.")

    run_with_app(go)


@_JOBS.command("retry")
def retry_command() -> None:
    """Try every dead letter of the tenant again."""

    async def go(app: "App", context: Context) -> None:
        from likewise.platform.events import list_dead_letters, retry_dead_letters

        retried = 0
        while True:
            async with app.db.tenant(context.tenant_id) as tx:
                page = await list_dead_letters(tx, limit=_RETRY_PAGE)
                retried += await retry_dead_letters(tx, [letter.id for letter in page])
            if len(page) < _RETRY_PAGE:
                break
        note("A worker takes them up: `likewise jobs dead-letters` shows those that fail again.")
        emit({"retried": retried}, text=lambda: f"{retried} events are tried again.")

    run_with_app(go)
