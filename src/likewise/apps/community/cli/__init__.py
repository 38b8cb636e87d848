"""`likewise community`."""

import typer

from likewise.apps.community.cli.acts import ACTS
from likewise.apps.community.cli.discovery import DISCOVERY
from likewise.apps.community.cli.experiences import EXPERIENCES
from likewise.apps.community.cli.moderation import MODERATION
from likewise.apps.community.cli.patterns import PATTERNS
from likewise.apps.community.cli.people import PEOPLE
from likewise.apps.community.cli.searching import SEARCHING
from likewise.apps.community.cli.upkeep import UPKEEP

__all__ = ["COMMANDS"]

COMMANDS = typer.Typer()
_community = typer.Typer(help="Experiences, people alike, a feed that knows why.", no_args_is_help=True)
COMMANDS.add_typer(_community, name="community")
for _part in (EXPERIENCES, ACTS, DISCOVERY, MODERATION, PEOPLE, SEARCHING, UPKEEP):
    _community.registered_commands += _part.registered_commands
_community.add_typer(PATTERNS, name="patterns")
