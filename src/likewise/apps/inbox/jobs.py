"""Pictures fetched and deleted, old messages archived and brought back, and every month those of all tenants."""

from collections.abc import Sequence

import msgspec

from likewise.apps.inbox import service
from likewise.apps.inbox.model import (
    ARCHIVE_MESSAGES,
    DELETE_AVATARS,
    FETCH_AVATAR,
    RESTORE_ARCHIVE,
    ArchiveArgs,
    DeleteAvatarsArgs,
    FetchAvatarArgs,
    RestoreArgs,
)
from likewise.apps.inbox.settings import InboxSettings
from likewise.platform.feature import App
from likewise.platform.jobs import Job, JobContext, Schedule

__all__ = ["jobs", "schedules"]

_ARCHIVE_OF_ALL = "archive_old_messages"


class ArchiveOldMessages(msgspec.Struct, frozen=True):
    """Old messages of every tenant."""


def jobs(app: App) -> Sequence[Job]:
    """The jobs of the inbox."""

    async def fetch(context: JobContext, args: FetchAvatarArgs) -> None:
        await service.fetch_avatar(app, context, visitor_id=args.visitor_id)

    async def delete(context: JobContext, args: DeleteAvatarsArgs) -> None:
        await service.delete_avatars(app, context.tenant, keys=args.keys)

    async def archive(context: JobContext, args: ArchiveArgs) -> None:
        await service.archive_messages(app, context, args=args)

    async def archive_of_all(_: JobContext, __: ArchiveOldMessages) -> None:
        await service.archive_of_all(app)

    async def restore(context: JobContext, args: RestoreArgs) -> None:
        await service.restore_archive(app, context, archive_id=args.archive_id)

    return [
        Job(
            name=FETCH_AVATAR,
            args=FetchAvatarArgs,
            run=fetch,
            attempts_max=service.AVATAR_ATTEMPTS_MAX,
            lock=lambda args: str(args.visitor_id),
        ),
        Job(name=DELETE_AVATARS, args=DeleteAvatarsArgs, run=delete),
        Job(name=ARCHIVE_MESSAGES, args=ArchiveArgs, run=archive, lock=lambda _: "inbox"),
        Job(name=RESTORE_ARCHIVE, args=RestoreArgs, run=restore, lock=lambda args: str(args.archive_id)),
        Job(name=_ARCHIVE_OF_ALL, args=ArchiveOldMessages, run=archive_of_all),
    ]


def schedules(app: App) -> Sequence[Schedule]:
    """Once a month, when few are awake."""
    cron = app.settings.get(InboxSettings).archive_cron
    return [Schedule(name=_ARCHIVE_OF_ALL, cron=cron, job=_ARCHIVE_OF_ALL, args=ArchiveOldMessages())]
