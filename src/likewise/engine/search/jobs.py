"""The schedules that keep vector indexes fitting and true, and the record of searches short."""

from collections.abc import Awaitable, Callable, Sequence

import msgspec

from likewise.engine.search import service
from likewise.platform.feature import App
from likewise.platform.jobs import Job, JobContext, Schedule

__all__ = ["SCHEDULES", "jobs"]


class Everything(msgspec.Struct, frozen=True):
    """Every tenant, partition and space."""


def jobs(app: App) -> Sequence[Job]:
    """The jobs of search; of each, one runs at a time."""
    return [
        _job("build_vector_indexes", lambda: service.build_vector_indexes(app)),
        _job("sample_search_recall", lambda: service.sample_recalls(app)),
        _job("calibrate_search", lambda: service.calibrate(app)),
        _job("roll_up_searches", lambda: service.roll_up_searches(app)),
    ]


def _job(name: str, work: Callable[[], Awaitable[object]]) -> Job:
    async def run(_: JobContext, __: Everything) -> None:
        await work()

    return Job(name=name, args=Everything, run=run, lock=lambda _: name)


SCHEDULES = (
    Schedule(name="build_vector_indexes", cron="*/2 * * * *", job="build_vector_indexes", args=Everything()),
    Schedule(name="sample_search_recall", cron="20 2 * * *", job="sample_search_recall", args=Everything()),
    Schedule(name="roll_up_searches", cron="50 2 * * *", job="roll_up_searches", args=Everything()),
    Schedule(name="calibrate_search", cron="10 4 * * 0", job="calibrate_search", args=Everything()),
)
