"""The command line. Only what the given command needs is imported: a group is one module, found by its name."""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, cast

import typer

from likewise.cli.host import HOST
from likewise.platform.commands import options, register_host, report_failure
from likewise.platform.errors import Fact

__all__ = ["command_tree", "run"]

_GROUPS = {
    "demo": "serving",
    "up": "serving",
    "serve": "serving",
    "worker": "serving",
    "db": "database",
    "tenants": "tenants",
    "keys": "keys",
    "jobs": "jobs",
    "config": "configuration",
    "init": "configuration",
    "health": "health",
    "completion": "completion",
}
_FLAGS = {"--json", "--jsonl", "-q", "--quiet", "-v", "--verbose", "-y", "--yes", "--no-input"}
_ABOUT = """The backend for what people write: search it by meaning, on Postgres.

Start with `likewise demo`, or with your own data: `likewise load FILE -c NAME --text FIELD`, then
`likewise search "..." -c NAME`. Options below may stand anywhere on the line."""


def run(words: Sequence[str] | None = None) -> int:
    """Run one command; its exit code: 0 ok, 1 failed, 2 usage, 3 connection, 4 authorisation, 5 not found,
    6 conflict or limit, 130 interrupted."""
    given = list(sys.argv[1:] if words is None else words)
    first, rest = _hoisted(given)
    name = next((word for word in rest if not word.startswith("-")), None)
    root = _root(None if "_LIKEWISE_COMPLETE" in os.environ else name)
    register_host(HOST)
    try:
        root(args=[*first, *rest], prog_name="likewise")
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except Fact as fact:  # refused before the command began, such as a question nobody can be asked
        report_failure(fact)
        return fact.exit_code
    return 0


def _hoisted(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The options every command takes, brought to the front from wherever they stand; and the other words."""
    first: list[str] = []
    rest: list[str] = []
    left = list(words)
    while left:
        word = left.pop(0)
        if word == "--":
            return first, [*rest, word, *left]
        if word in _FLAGS or word.startswith("--tenant="):
            first.append(word)
        elif word == "--tenant" and left:
            first += [word, left.pop(0)]
        else:
            rest.append(word)
    return first, rest


def _root(name: str | None) -> typer.Typer:
    """The command tree: of an own command its module alone, of a feature's command the features', else everything."""
    root = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    root.callback(help=_ABOUT)(_take_options)
    if name in _GROUPS:
        _mount(root, _own(_GROUPS[name]))
        return root
    from likewise.app import list_features

    for feature in list_features():
        if feature.commands is not None:
            _mount(root, feature.commands())
    for module in dict.fromkeys(_GROUPS.values()):
        _mount(root, _own(module))
    return root


def command_tree() -> typer.Typer:
    """Every command, as the reference page needs it."""
    return _root(None)


def _own(module: str) -> typer.Typer:
    return cast("typer.Typer", import_module(f"likewise.cli.{module}").COMMANDS)


def _mount(root: typer.Typer, commands: typer.Typer) -> None:
    root.registered_commands += commands.registered_commands
    root.registered_groups += commands.registered_groups


def _take_options(
    as_json: Annotated[bool, typer.Option("--json", help="Answer with one JSON document.")] = False,
    as_lines: Annotated[bool, typer.Option("--jsonl", help="Answer with one JSON document a line.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No remarks, no progress.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say more, with tracebacks.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Answer every question with yes.")] = False,
    no_input: Annotated[bool, typer.Option("--no-input", help="Ask nothing; fail instead.")] = False,
    tenant: Annotated[str, typer.Option(help="Whose data.", envvar="LIKEWISE_TENANT")] = "default",
    version: Annotated[bool, typer.Option("--version", "-V", help="Print the version.")] = False,
) -> None:
    if version:  # alone it is answered before anything is imported, in likewise.__main__
        from likewise import __version__

        typer.echo(f"likewise {__version__}")
        raise typer.Exit
    given = options()
    given.form = "jsonl" if as_lines else "json" if as_json else "text"
    given.quiet, given.verbose, given.yes, given.no_input = quiet, verbose, yes, no_input
    given.tenant = tenant
