"""Grouping what is there, refining on demand, and refining every night what has grown."""

from collections.abc import Sequence

import msgspec

from likewise.engine.clusters import service
from likewise.engine.clusters.model import BUILD, REFINE, BuildArgs, RefineArgs
from likewise.platform.feature import App
from likewise.platform.jobs import Job, JobContext, Schedule

__all__ = ["SCHEDULES", "jobs"]


class RefineGrownClusters(msgspec.Struct, frozen=True):
    """Every grouped collection that has grown."""


def jobs(app: App) -> Sequence[Job]:
    """The jobs of clusters."""

    async def build(context: JobContext, args: BuildArgs) -> None:
        await service.build(app, context, args.collection_id)

    async def refine(context: JobContext, args: RefineArgs) -> None:
        await service.refine(app, context, args.collection_id)

    async def refine_grown(_: JobContext, __: RefineGrownClusters) -> None:
        await service.refine_grown(app)

    return [
        Job(name=BUILD, args=BuildArgs, run=build, lock=lambda args: str(args.collection_id)),
        Job(name=REFINE, args=RefineArgs, run=refine, lock=lambda args: str(args.collection_id)),
        Job(name="refine_grown_clusters", args=RefineGrownClusters, run=refine_grown),
    ]


SCHEDULES = (
    Schedule(name="refine_grown_clusters", cron="0 4 * * *", job="refine_grown_clusters", args=RefineGrownClusters()),
)
