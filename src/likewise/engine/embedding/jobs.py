"""The nightly trim of the cache."""

from collections.abc import Sequence

import msgspec

from likewise.engine.embedding import service
from likewise.platform.feature import App
from likewise.platform.jobs import Job, JobContext, Schedule

__all__ = ["SCHEDULES", "jobs"]


class TrimArgs(msgspec.Struct, frozen=True):
    """Nothing to say."""


SCHEDULES = (Schedule(name="trim_embedding_cache", cron="40 3 * * *", job="trim_embedding_cache", args=TrimArgs()),)


def jobs(app: App) -> Sequence[Job]:
    """The jobs of this feature."""

    async def trim(_context: JobContext, _args: TrimArgs) -> None:
        await service.trim_cache(app)

    return [Job(name="trim_embedding_cache", args=TrimArgs, run=trim)]
