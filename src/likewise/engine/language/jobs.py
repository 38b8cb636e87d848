"""Old calls added to their months, every night."""

from collections.abc import Sequence

import msgspec

from likewise.engine.language import service
from likewise.engine.language.settings import LanguageSettings
from likewise.platform.feature import App
from likewise.platform.jobs import Job, JobContext, Schedule

__all__ = ["jobs", "schedules"]

_ROLL_UP = "roll_up_calls"


class RollUpCalls(msgspec.Struct, frozen=True):
    """Calls of every tenant."""


def jobs(app: App) -> Sequence[Job]:
    """The jobs of language."""

    async def roll_up(_: JobContext, __: RollUpCalls) -> None:
        await service.roll_up_calls(app)

    return [Job(name=_ROLL_UP, args=RollUpCalls, run=roll_up, lock=lambda _: _ROLL_UP)]


def schedules(app: App) -> Sequence[Schedule]:
    """When few are awake."""
    cron = app.settings.get(LanguageSettings).roll_up_cron
    return [Schedule(name=_ROLL_UP, cron=cron, job=_ROLL_UP, args=RollUpCalls())]
