"""What a feature's commands share: one way to open the program, one way to answer, one way to fail.

    @COMMANDS.command()
    def forget(author: str) -> None:
        "Remove everything one author wrote."

        async def go(app: App, context: Context) -> None:
            receipt = await forget_author(app, context.tenant_id, author=author)
            emit(receipt, text=lambda: f"{receipt['items']} items are gone")

        run_with_app(go)

Data goes to standard output, everything else to standard error. How the program is put together is the command line's
business: it registers a Host, so that nothing here knows of features.
"""

import asyncio
import signal
import sys
import traceback
from collections.abc import Awaitable, Callable, Coroutine, Generator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import TYPE_CHECKING, NoReturn, cast
from uuid import UUID

import msgspec
import typer

from likewise.platform.config import Settings
from likewise.platform.errors import Fact, Rejected

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from likewise.platform.feature import App

__all__ = [
    "Context",
    "Host",
    "Options",
    "confirm",
    "emit",
    "emit_lines",
    "emit_rows",
    "end",
    "note",
    "options",
    "progress",
    "register_host",
    "report_failure",
    "run_async",
    "run_plain",
    "run_with_app",
]

INTERRUPTED = 130


class ConfirmationNeeded(Rejected):
    """{question} Nothing was done: nobody can be asked here. Say yes with --yes."""


class Options:
    """The options every command takes, wherever on the line they stand."""

    def __init__(self) -> None:
        self.tenant = "default"
        self.form = "text"  # or "json", "jsonl"
        self.quiet = False
        self.verbose = False
        self.yes = False
        self.no_input = False

    @property
    def machine_readable(self) -> bool:
        """Whether another program reads the answer."""
        return self.form != "text"


class Context(msgspec.Struct, frozen=True):
    """What a command runs in."""

    settings: Settings
    options: Options
    tenant_id: UUID


class Host(msgspec.Struct, frozen=True):
    """How the command line opens the program: the app, what a worker does beside it, and a tenant by its name."""

    open_app: Callable[[Settings], AbstractAsyncContextManager["App"]]
    work: Callable[["App"], AbstractAsyncContextManager[None]]
    find_tenant: Callable[["App", str], Awaitable[UUID]]


AppCommand = Callable[["App", Context], Awaitable[int | None]]
_hosts: list[Host] = []
_options = Options()  # a process runs one command


def register_host(host: Host) -> None:
    """Called once by the command line, before any command runs."""
    _hosts[:] = [host]


def options() -> Options:
    """The options of the command that runs now."""
    return _options


def run_with_app(command: AppCommand, *, worker: bool = False, flags: Mapping[str, object] | None = None) -> None:
    """Open the program, choose the tenant, run `command`, and leave with its exit code.

    `worker`: consumers, jobs, schedules and features' loops run in this process meanwhile. `flags`: settings given on
    the command's line.
    """
    given = options()

    async def go(settings: Settings) -> int | None:
        host = _host()
        async with host.open_app(settings) as app:
            context = Context(settings, given, await host.find_tenant(app, given.tenant))
            if not worker:
                return await command(app, context)
            async with host.work(app):
                return await command(app, context)

    run_plain(lambda settings: run_async(go(settings)), flags=flags)


def run_async(work: Coroutine[object, object, int | None]) -> int | None:
    """Run a command's coroutine to its end. SIGTERM cancels it, so that what it holds is let go."""
    import uvloop

    async def main() -> int | None:
        task = asyncio.current_task()
        if task is not None:
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        return await work

    return uvloop.run(main())


def run_plain(command: Callable[[Settings], int | None], *, flags: Mapping[str, object] | None = None) -> None:
    """Run a command that opens nothing by itself; facts become messages and exit codes."""
    from likewise.platform.telemetry import configure_logs

    given = options()
    configure_logs(level="debug" if given.verbose else "error", style="auto")
    try:
        code = command(Settings(flags)) or 0
    except Fact as fact:
        report_failure(fact)
        code = fact.exit_code
    except (KeyboardInterrupt, asyncio.CancelledError):
        note("Interrupted.")
        code = INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # nobody reads any more, also not the interpreter's own complaint about it
        code = 0
    except OSError as error:
        _explain(f"{error.strerror or error}: {error.filename}" if error.filename else str(error))
        code = 1
    if code:
        end(code)


def end(code: int) -> NoReturn:
    """Leave the command with an exit code."""
    raise typer.Exit(code)


def report_failure(fact: Fact) -> None:
    """Say on standard error what happened and what helps; as JSON where a program reads the answers."""
    given = options()
    if given.machine_readable:
        body = {"code": fact.code, "detail": fact.message, "errors": fact.errors}
        sys.stderr.buffer.write(msgspec.json.encode(body) + b"\n")
        return
    _explain(fact.message)
    for problem in fact.errors:
        if problem.detail not in fact.message:
            sys.stderr.write(f"  {problem.pointer or '/'}: {problem.detail}\n")
    if given.verbose:
        traceback.print_exception(fact, file=sys.stderr)


def emit(data: object, *, text: "Callable[[], RenderableType] | None" = None) -> None:
    """Answer with `data`: as JSON if asked for, else as `text` says (by default: indented JSON)."""
    form = options().form
    if form == "jsonl":
        rows = getattr(data, "data", data)
        emit_lines(cast("list[object]", rows) if isinstance(rows, list) else [data])
    elif form == "json" or text is None:
        encoded = msgspec.json.encode(data, enc_hook=str)
        sys.stdout.write(msgspec.json.format(encoded, indent=2 if sys.stdout.isatty() else 0).decode() + "\n")
    else:
        _print(text())
    sys.stdout.flush()


def emit_lines(rows: Sequence[object]) -> None:
    """One JSON document a line."""
    for row in rows:
        sys.stdout.write(msgspec.json.encode(row, enc_hook=str).decode() + "\n")


def emit_rows(rows: Sequence[object], *, columns: Sequence[str], empty: str = "Nothing is there yet.") -> None:
    """Answer with a list of structs: `{"data": [...]}`, a line each, or a table of these fields.

    Without a terminal the table is plain: a heading and rows, separated by tabs.
    """
    if options().machine_readable:
        emit({"data": rows} if options().form == "json" else list(rows))
        return
    if not rows:
        note(empty)
        return
    cells = [[_cell(getattr(row, column)) for column in columns] for row in rows]
    headings = [column.replace("_", " ") for column in columns]
    if not sys.stdout.isatty():
        sys.stdout.writelines("\t".join(line) + "\n" for line in [headings, *cells])
        return
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(*headings, box=box.SIMPLE_HEAD, pad_edge=False)
    for line in cells:
        table.add_row(*(Text(cell) for cell in line))
    _print(table)


def note(text: str) -> None:
    """A remark on standard error, unless --quiet."""
    if not options().quiet:
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


def confirm(question: str) -> None:
    """Ask before something that cannot be undone. Raises ConfirmationNeeded where nobody can be asked."""
    given = options()
    if given.yes:
        return
    if given.no_input or not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise ConfirmationNeeded(question=question)
    if not typer.confirm(question, err=True):
        note("Nothing was done.")
        end(1)


@contextmanager
def progress(label: str, *, total: int | None = None) -> Generator[Callable[[int, int | None], None]]:
    """A bar on standard error where that is a terminal; call what it gives with (done, total)."""
    if options().quiet or not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    parts = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*parts, console=_console(stderr=True)) as bars:
        task = bars.add_task(label, total=total)

        def move(done: int, of: int | None) -> None:
            bars.update(task, completed=done, total=of)

        yield move


def _host() -> Host:
    if not _hosts:
        raise RuntimeError("no host is registered; commands are run through likewise.cli")
    return _hosts[0]


def _explain(message: str) -> None:
    _console(stderr=True).print(f"[bold red]error:[/] {_escaped(message)}", soft_wrap=True, highlight=False)


def _escaped(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def _print(text: "RenderableType") -> None:
    _console(stderr=False).print(text, soft_wrap=isinstance(text, str), highlight=False, markup=False)


def _console(*, stderr: bool) -> "Console":
    from rich.console import Console

    return Console(stderr=stderr)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple | frozenset):
        return ", ".join(str(item) for item in cast("Sequence[object]", value))
    isoformat = getattr(value, "isoformat", None)
    text = str(isoformat(timespec="seconds")) if isoformat is not None else str(value)
    return text.replace("\t", " ").replace("\n", " ")
