"""`likewise completion`: a script that teaches a shell the commands."""

from typing import Annotated, Literal

import typer

from likewise.platform.commands import note

__all__ = ["COMMANDS"]

COMMANDS = typer.Typer()


@COMMANDS.command()
def completion(
    shell: Annotated[Literal["bash", "zsh", "fish"], typer.Argument(help="Which shell.")] = "bash",
) -> None:
    """Print the completion script of a shell: `eval "$(likewise completion bash)"`."""
    note("Put this into your shell's start-up file: eval \"$(likewise completion " + shell + ')"')
    from typer.completion import get_completion_script  # pyright: ignore[reportPrivateImportUsage]

    typer.echo(get_completion_script(prog_name="likewise", complete_var="_LIKEWISE_COMPLETE", shell=shell))
