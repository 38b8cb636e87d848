"""`/api/v1/inbox/archives`: old messages in files: list them, search in summary, archive, bring back."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import Parameter
from msgspec import Meta

from likewise.apps.inbox import service
from likewise.apps.inbox.api.shared import TAGS, Limit
from likewise.apps.inbox.model import Archive, ArchivedCluster
from likewise.platform.feature import App
from likewise.platform.ids import decode_id, encode_id
from likewise.platform.tenancy import Caller
from likewise.platform.views import Started, started
from likewise.platform.web import Cursors, Page, readers, writers

__all__ = ["ROUTES"]

_LISTING = "inbox/archives"
_FIRST_ID = UUID(int=0)


class ArchiveBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How old messages are to be that go; without it LIKEWISE_INBOX_ARCHIVE_AFTER_DAYS."""

    older_than_days: Annotated[int, Meta(ge=1, le=36_500)] | None = None


class ArchiveView(msgspec.Struct, frozen=True):
    """An archive: a compressed file of `size_bytes` with messages sent between two moments."""

    id: str
    message_count: int
    size_bytes: int
    sha256: str
    first_at: datetime
    last_at: datetime
    created_at: datetime
    restored_at: datetime | None


class ArchivedClusterView(msgspec.Struct, frozen=True):
    """What an archive holds of a cluster: how many messages, sent when, and some of their texts."""

    archive: str
    cluster: str
    label: str
    examples: list[str]
    message_count: int
    first_at: datetime
    last_at: datetime


@get("/inbox/archives", tags=TAGS, guards=[readers], operation_id="list_inbox_archives", summary="List archives")
async def list_archives(
    app: App, caller: Caller, cursors: Cursors, limit: Limit = 50, after: str | None = None
) -> Page[ArchiveView]:
    """Archives, newest first; those whose messages are back, too."""
    before = UUID(cursors.read(caller.tenant_id, _LISTING, after)) if after else service.LAST_ID
    found = await service.list_archives(app, caller.tenant_id, before=before, limit=limit + 1)
    page, more = found[:limit], len(found) > limit
    return Page(
        data=[_view(archive) for archive in page],
        has_more=more,
        next_cursor=cursors.sign(caller.tenant_id, _LISTING, str(page[-1].id)) if more else None,
    )


@get(
    "/inbox/archives/search",
    tags=TAGS,
    guards=[readers],
    operation_id="search_inbox_archives",
    summary="Search in archives",
)
async def search_archives(
    app: App,
    caller: Caller,
    q: Annotated[str, Parameter(min_length=1, max_length=1_000, description="words, also misspelt")],
    limit: Limit = 50,
) -> Page[ArchivedClusterView]:
    """Archived clusters whose label or examples have these words, the best first. No file is read for it."""
    found = await service.search_archives(app, caller.tenant_id, q, limit=limit)
    return Page(data=[_cluster_view(cluster) for cluster in found])


@post(
    "/inbox/archives",
    tags=TAGS,
    guards=[writers],
    operation_id="archive_messages",
    summary="Archive old messages",
    status_code=202,
)
async def archive_messages(app: App, caller: Caller, data: ArchiveBody) -> Started:
    """Messages go into compressed files, with what brings them back; those whose answer has not left yet stay. Answers
    with an operation."""
    return started(await service.start_archive(app, caller.tenant_id, older_than_days=data.older_than_days))


@get(
    "/inbox/archives/{archive_id:str}",
    tags=TAGS,
    guards=[readers],
    operation_id="get_inbox_archive",
    summary="Show an archive",
)
async def get_archive(app: App, caller: Caller, archive_id: str) -> ArchiveView:
    """One archive."""
    return _view(await service.get_archive(app, caller.tenant_id, archive_id=decode_id("arc", archive_id)))


@get(
    "/inbox/archives/{archive_id:str}/clusters",
    tags=TAGS,
    guards=[readers],
    operation_id="list_archived_clusters",
    summary="What an archive holds",
)
async def list_archived_clusters(
    app: App, caller: Caller, cursors: Cursors, archive_id: str, limit: Limit = 50, after: str | None = None
) -> Page[ArchivedClusterView]:
    """Its clusters in summary; none once its messages are back."""
    listing = f"{_LISTING}/{archive_id}"
    found = await service.list_archived_clusters(
        app,
        caller.tenant_id,
        archive_id=decode_id("arc", archive_id),
        after=UUID(cursors.read(caller.tenant_id, listing, after)) if after else _FIRST_ID,
        limit=limit + 1,
    )
    page, more = found[:limit], len(found) > limit
    return Page(
        data=[_cluster_view(cluster) for cluster in page],
        has_more=more,
        next_cursor=cursors.sign(caller.tenant_id, listing, str(page[-1].cluster_id)) if more else None,
    )


@post(
    "/inbox/archives/{archive_id:str}/restore",
    tags=TAGS,
    guards=[writers],
    operation_id="restore_archive",
    summary="Bring an archive's messages back",
    status_code=202,
)
async def restore_archive(app: App, caller: Caller, archive_id: str) -> Started:
    """Under the ids they had, into the clusters they were in, with their answers. Answers with an operation."""
    return started(await service.start_restore(app, caller.tenant_id, archive_id=decode_id("arc", archive_id)))


def _view(archive: Archive) -> ArchiveView:
    return ArchiveView(
        id=encode_id("arc", archive.id),
        message_count=archive.message_count,
        size_bytes=archive.size_bytes,
        sha256=archive.sha256,
        first_at=archive.first_at,
        last_at=archive.last_at,
        created_at=archive.created_at,
        restored_at=archive.restored_at,
    )


def _cluster_view(cluster: ArchivedCluster) -> ArchivedClusterView:
    return ArchivedClusterView(
        archive=encode_id("arc", cluster.archive_id),
        cluster=encode_id("clu", cluster.cluster_id),
        label=cluster.label,
        examples=cluster.examples,
        message_count=cluster.message_count,
        first_at=cluster.first_at,
        last_at=cluster.last_at,
    )


ROUTES = (list_archives, search_archives, archive_messages, get_archive, list_archived_clusters, restore_archive)
