"""`likewise inbox`."""

import typer

from likewise.apps.inbox.cli.answers import ANSWERS
from likewise.apps.inbox.cli.channels import CHANNELS
from likewise.apps.inbox.cli.clusters import CLUSTERS
from likewise.apps.inbox.cli.messages import MESSAGES

__all__ = ["COMMANDS"]

COMMANDS = typer.Typer()
_inbox = typer.Typer(
    help="Messages that ask the same thing, answered once: take in, look, answer, undo.", no_args_is_help=True
)
COMMANDS.add_typer(_inbox, name="inbox")
for _part in (MESSAGES, CLUSTERS, ANSWERS):
    _inbox.registered_commands += _part.registered_commands
_inbox.add_typer(CHANNELS, name="channels")
