"""The schedule that keeps vector indexes fitting to what lies in the partitions."""

from collections.abc import Sequence

import msgspec

from likewise.engine.search import service
from likewise.platform.feature import App
from likewise.platform.jobs import Job, JobContext, Schedule

__all__ = ["SCHEDULES", "jobs"]


class BuildVectorIndexes(msgspec.Struct, frozen=True):
    """Every partition and space."""


def jobs(app: App) -> Sequence[Job]:
    """The jobs of search."""

    async def run(_: JobContext, __: BuildVectorIndexes) -> None:
        await service.build_vector_indexes(app)

    return [Job(name="build_vector_indexes", args=BuildVectorIndexes, run=run, lock=lambda _: "build_vector_indexes")]


SCHEDULES = (
    Schedule(name="build_vector_indexes", cron="*/2 * * * *", job="build_vector_indexes", args=BuildVectorIndexes()),
)
