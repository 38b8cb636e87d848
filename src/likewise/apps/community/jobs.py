"""Jobs and schedules of the community."""

from collections.abc import Sequence

import msgspec

from likewise.apps.community.service.asking_model import READ_BY_MODEL, ReadByModelArgs, read_by_model
from likewise.apps.community.service.partitioning import make_partitions
from likewise.apps.community.service.picturing import DROP_PICTURES, DropPicturesArgs, drop_pictures
from likewise.apps.community.settings import CommunitySettings
from likewise.platform.feature import App
from likewise.platform.jobs import Job, JobContext, Schedule

__all__ = ["jobs", "schedules"]

_MAKE_PARTITIONS = "partition_community_attributes"


class LargeCategories(msgspec.Struct, frozen=True):
    """Every category whose attributes have become many."""


def jobs(app: App) -> Sequence[Job]:
    """What the community does at its leisure."""

    async def drop(context: JobContext, args: DropPicturesArgs) -> None:
        await drop_pictures(app, context.tenant, ids=args.ids)

    async def read(context: JobContext, args: ReadByModelArgs) -> None:
        await read_by_model(app, context.tenant, experience_ids=args.ids)

    async def partition(_: JobContext, __: LargeCategories) -> None:
        await make_partitions(app)

    return [
        Job(name=DROP_PICTURES, args=DropPicturesArgs, run=drop),
        Job(name=READ_BY_MODEL, args=ReadByModelArgs, run=read),
        Job(name=_MAKE_PARTITIONS, args=LargeCategories, run=partition, lock=lambda _: _MAKE_PARTITIONS),
    ]


def schedules(app: App) -> Sequence[Schedule]:
    """What the community does by the clock: large categories get tables of their own when few are awake."""
    cron = app.settings.get(CommunitySettings).partition_cron
    return [Schedule(name=_MAKE_PARTITIONS, cron=cron, job=_MAKE_PARTITIONS, args=LargeCategories())]
