"""Filling another space, dropping one, changing the model of everybody; and the trim of the cache."""

from collections.abc import Sequence

import msgspec

from likewise.engine.embedding import service
from likewise.platform.feature import App
from likewise.platform.jobs import Job, JobContext, Schedule

__all__ = ["CHANGE_MODEL", "DROP_MODEL", "SCHEDULES", "SpaceArgs", "jobs"]

CHANGE_MODEL = "change_model"
DROP_MODEL = "drop_model"


class TrimArgs(msgspec.Struct, frozen=True):
    """Nothing to say."""


class SpaceArgs(msgspec.Struct, frozen=True):
    """Which space of the tenant's."""

    space_id: int


SCHEDULES = (Schedule(name="trim_embedding_cache", cron="40 * * * *", job="trim_embedding_cache", args=TrimArgs()),)


def jobs(app: App) -> Sequence[Job]:
    """The jobs of this feature."""

    async def trim(_context: JobContext, _args: TrimArgs) -> None:
        await service.trim_cache(app)

    async def change(context: JobContext, args: SpaceArgs) -> None:
        await service.fill_other_space(app, context, space_id=args.space_id)

    async def drop(context: JobContext, args: SpaceArgs) -> None:
        await service.drop_other_space(app, context, space_id=args.space_id)

    return [
        Job(name="trim_embedding_cache", args=TrimArgs, run=trim),
        Job(name=CHANGE_MODEL, args=SpaceArgs, run=change),
        Job(name=DROP_MODEL, args=SpaceArgs, run=drop),
    ]
