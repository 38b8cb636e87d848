"""The job that learns a collection anew, and the schedule that asks for it."""

from collections.abc import Sequence

import msgspec

from likewise.engine.recommend import service
from likewise.engine.recommend.service import REBUILD, RebuildArgs
from likewise.platform.feature import App
from likewise.platform.jobs import Job, JobContext, Schedule

__all__ = ["SCHEDULES", "jobs"]

_NIGHTLY = "rebuild_old_recommendations"


class RebuildOld(msgspec.Struct, frozen=True):
    """Every collection that was learned long ago."""


def jobs(app: App) -> Sequence[Job]:
    """The jobs of recommendations."""

    async def run(context: JobContext, args: RebuildArgs) -> None:
        async def tell(stage: str, done: int, total: int) -> None:
            await context.progress(done=done, total=total, message=stage)
            await context.checkpoint()

        found = await service.rebuild_collection(app, context.tenant, collection_id=args.collection_id, tell=tell)
        async with context.effects() as tx:
            await context.finish(tx, msgspec.to_builtins(found))

    async def run_nightly(_: JobContext, __: RebuildOld) -> None:
        await service.rebuild_old(app)

    return [
        Job(name=REBUILD, args=RebuildArgs, run=run, lock=lambda args: str(args.collection_id)),
        Job(name=_NIGHTLY, args=RebuildOld, run=run_nightly, lock=lambda _: _NIGHTLY),
    ]


SCHEDULES = (Schedule(name=_NIGHTLY, cron="20 3 * * *", job=_NIGHTLY, args=RebuildOld()),)
