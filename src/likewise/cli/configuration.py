"""`likewise config show` and `likewise init`: what is set, where it came from, and a file to set it in."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, cast

import msgspec
import typer

from likewise.platform.commands import confirm, emit, emit_rows, run_plain
from likewise.platform.config import Section, Setting, Settings

__all__ = ["COMMANDS"]

COMMANDS = typer.Typer()
_CONFIG = typer.Typer(no_args_is_help=True, help="Settings: what they are, and why.")
COMMANDS.add_typer(_CONFIG, name="config")


class _Value(msgspec.Struct, frozen=True):
    """A setting without its origin."""

    name: str
    value: str


@_CONFIG.command("show")
def show(
    origin: Annotated[bool, typer.Option("--origin", help="Also where each came from, and its variable.")] = False,
    changed: Annotated[bool, typer.Option("--changed", help="Only those that are not at their default.")] = False,
) -> None:
    """Show every setting; secrets are masked."""

    def go(settings: Settings) -> None:
        from likewise.app import sections

        found = [one for section in sections() for one in settings.describe(section)]
        shown = [one for one in found if not changed or one.origin != "default"]
        if origin:
            emit_rows(shown, columns=("name", "value", "origin", "variable", "description"), empty="All at default.")
        else:
            values = [_Value(one.name, one.value) for one in shown]
            emit_rows(values, columns=("name", "value"), empty="All at default.")

    run_plain(go)


@COMMANDS.command()
def init(
    file: Annotated[Path, typer.Argument(help="The file to write.")] = Path("likewise.toml"),
) -> None:
    """Write a settings file in which everything is explained and nothing is changed."""

    def go(settings: Settings) -> None:
        from likewise.app import sections

        if file.exists():
            confirm(f"Overwrite {file}?")
        file.write_text("".join(_template(settings, sections())), "utf-8")
        emit({"file": str(file)}, text=lambda: f"Wrote {file}. Uncomment what you want to change.")

    run_plain(go)


def _template(settings: Settings, known: Sequence[type[Section]]) -> Iterator[str]:
    yield "# Settings of likewise. The environment goes before this file: LIKEWISE_<TABLE>_<NAME>.\n"
    yield "# `likewise config show --origin` tells what is in force and why.\n"
    for section in known:
        yield f"\n[{section.section}]\n" if section.section else "\n"
        for setting in settings.describe(section):
            name = setting.name.rpartition(".")[2]
            yield f"# {setting.description}\n# {name} = {_default(section, name, setting)}\n"


def _default(section: type[Section], name: str, setting: Setting) -> str:
    """The value in TOML; a secret is never written down."""
    value = cast("object", section.model_fields[name].get_default(call_default_factory=True))
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list | tuple | set | frozenset | dict):
        return "{}" if isinstance(value, dict) else "[]"
    return json.dumps("" if value is None or setting.value == "********" else str(value))
