"""What patterns bring: their routes, commands, consumer and schedule."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from likewise.engine.patterns.settings import PatternsSettings
from likewise.platform.events import Consumer
from likewise.platform.feature import App, Feature

if TYPE_CHECKING:
    import typer
    from litestar.types import ControllerRouterHandler

__all__ = ["FEATURE"]


def _routes() -> Sequence["ControllerRouterHandler"]:
    from likewise.engine.patterns.api import ROUTES

    return ROUTES


def _commands() -> "typer.Typer":
    from likewise.engine.patterns.cli import COMMANDS

    return COMMANDS


def _consumers(_: App) -> Sequence[Consumer]:
    from likewise.engine.patterns.consumers import PATTERN_COUNTS

    return [PATTERN_COUNTS]


FEATURE = Feature(
    name="patterns",
    settings=PatternsSettings,
    routes=_routes,
    commands=_commands,
    consumers=_consumers,
)
