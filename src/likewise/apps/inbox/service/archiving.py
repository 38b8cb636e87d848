"""Old messages go into compressed files, batch by batch: the file is written first, then one transaction notes what it
holds and removes the messages. A crash between the two leaves a file that nobody knows, which the next run deletes;
there is no moment at which a message is in neither place.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from likewise.apps.inbox import logic, store
from likewise.apps.inbox.errors import ArchiveContended, ArchiveNotFound
from likewise.apps.inbox.model import (
    ARCHIVE_MESSAGES,
    COLLECTION,
    Archive,
    ArchiveArgs,
    ArchivedCluster,
    ArchivedDelivery,
    ArchivedMessage,
)
from likewise.apps.inbox.settings import InboxSettings
from likewise.engine.collections import remove_items
from likewise.platform.db import Tx
from likewise.platform.feature import App
from likewise.platform.files import WrittenFile
from likewise.platform.ids import encode_id, new_id
from likewise.platform.jobs import JobContext

__all__ = [
    "archive_messages",
    "archive_of_all",
    "get_archive",
    "list_archived_clusters",
    "list_archives",
    "search_archives",
    "start_archive",
]

_FOLDER = "inbox/archives/"
_ENDING = ".jsonl.zst"
_FIRST_ID = UUID(int=0)
_LAST_ID = UUID(int=(1 << 128) - 1)
_EPOCH = datetime(1, 1, 1, tzinfo=UTC)
_ATTEMPTS_MAX = 5
_FILES_PER_LOOK = 1_000
_TENANTS_PER_LOOK = 500
_WORDS_MAX = 12
_WORD_CHARACTERS_MAX = 60
_ALIKE_MIN = 0.5


class _Place(msgspec.Struct, frozen=True):
    """Where a run has come to: the last message looked at."""

    sent_at: datetime
    message_id: UUID


class _Batch(msgspec.Struct, frozen=True):
    """Messages of one file, each as its line; the collection they are in."""

    collection_id: UUID
    messages: list[ArchivedMessage]
    lines: list[bytes]


async def start_archive(app: App, tenant_id: UUID, *, older_than_days: int | None = None) -> UUID:
    """Archive messages that were sent longer ago, in the background; the operation to watch."""
    now = app.clock.now()
    days = app.settings.get(InboxSettings).archive_after_days if older_than_days is None else older_than_days
    args = ArchiveArgs(sent_before=now - timedelta(days=days), stored_before=now)
    async with app.db.tenant(tenant_id) as tx:
        return await _defer(app, tx, args)


async def archive_of_all(app: App) -> int:
    """Have every tenant's old messages archived; of how many. What came here or came back lately stays, however old."""
    moment = app.clock.now() - timedelta(days=app.settings.get(InboxSettings).archive_after_days)
    args = ArchiveArgs(sent_before=moment, stored_before=moment)
    count, after = 0, _FIRST_ID
    while True:
        async with app.db.maintenance() as tx:
            tenants = await store.list_tenants_with_old(tx, sent_before=moment, after=after, limit=_TENANTS_PER_LOOK)
        for tenant_id in tenants:
            async with app.db.tenant(tenant_id) as tx:
                await _defer(app, tx, args)
        count += len(tenants)
        if len(tenants) < _TENANTS_PER_LOOK:
            return count
        after = tenants[-1]


async def archive_messages(app: App, context: JobContext, *, args: ArchiveArgs) -> None:
    """Archive a tenant's old messages; what still waits for its answer to leave stays. Raises ArchiveContended.

    May be stopped anywhere and begun again.
    """
    await _sweep(app, context)
    place = _Place(_EPOCH, _FIRST_ID)
    done = context.state()[0].done
    while True:
        taken = await _archive_next(app, context, args, place)
        if taken is None:
            break
        place, count = taken
        done += count
        await context.progress(done=done, unit="messages", message="archiving")
    await context.progress(done=done, total=done)
    async with context.effects() as tx:
        await context.finish(tx, {"messages": done})


async def list_archives(app: App, tenant_id: UUID, *, before: UUID = _LAST_ID, limit: int = 50) -> list[Archive]:
    """One page of archives, newest first; those that were restored, too."""
    bounded = min(limit, app.settings.get(InboxSettings).page_max + 1)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        return await store.list_archives(tx, before=before, limit=bounded)


async def get_archive(app: App, tenant_id: UUID, *, archive_id: UUID) -> Archive:
    """One archive. Raises ArchiveNotFound."""
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        found = await store.find_archive(tx, archive_id=archive_id)
    if found is None:
        raise ArchiveNotFound(id=encode_id("arc", archive_id))
    return found


async def list_archived_clusters(
    app: App, tenant_id: UUID, *, archive_id: UUID, after: UUID = _FIRST_ID, limit: int = 50
) -> list[ArchivedCluster]:
    """One page of what an archive holds of each cluster; nothing once it is restored. Raises ArchiveNotFound."""
    await get_archive(app, tenant_id, archive_id=archive_id)
    bounded = min(limit, app.settings.get(InboxSettings).page_max + 1)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        return await store.list_archived_clusters(tx, archive_id=archive_id, after=after, limit=bounded)


async def search_archives(app: App, tenant_id: UUID, query: str, *, limit: int = 50) -> list[ArchivedCluster]:
    """What archives hold of clusters whose label or examples say this, or something written alike; the best first."""
    words = [word[:_WORD_CHARACTERS_MAX] for word in dict.fromkeys(query.replace("\0", " ").lower().split())]
    if not words:
        return []
    bounded = min(limit, app.settings.get(InboxSettings).archive_hits_max)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        return await store.search_archived_clusters(tx, words=words[:_WORDS_MAX], least=_ALIKE_MIN, limit=bounded)


async def _defer(app: App, tx: Tx, args: ArchiveArgs) -> UUID:
    operation = await app.jobs.defer(tx, ARCHIVE_MESSAGES, args, operation_kind="archive", unit="messages")
    if operation is None:
        raise RuntimeError("a job with an operation kind has an operation")
    return operation


async def _sweep(app: App, context: JobContext) -> None:
    """Delete files that no archive needs: a run was stopped before it noted them, or their messages are back.

    Only the current attempt notes an archive, and one of a tenant runs at a time: what is not noted now never will be.
    """
    after = ""
    while True:
        files = await app.files.list_files(context.tenant, prefix=_FOLDER, after=after, rows_max=_FILES_PER_LOOK)
        ids = {file.key: _archive_id(file.key) for file in files}
        # A replica might not know of the newest archive yet, so this asks the primary.
        async with context.effects() as tx:
            kept = await store.list_standing_archives(tx, ids=[one for one in ids.values() if one is not None])
        for key, archive_id in ids.items():
            if archive_id is not None and archive_id not in kept:
                await app.files.delete_file(context.tenant, key=key)
        if len(files) < _FILES_PER_LOOK:
            return
        after = files[-1].key


async def _archive_next(app: App, context: JobContext, args: ArchiveArgs, place: _Place) -> tuple[_Place, int] | None:
    """Archive the messages behind a place; the place behind them and how many they were. None where there are none."""
    for _ in range(_ATTEMPTS_MAX):
        async with app.db.tenant(context.tenant) as tx:
            collection_id = await store.find_collection(tx, name=COLLECTION)
            chosen = [] if collection_id is None else await _choose(app, tx, args, place)
            if collection_id is None or not chosen:
                return None
            batch = await _read(tx, collection_id, [one.id for one in chosen])
        behind = _Place(chosen[-1].sent_at, chosen[-1].id)
        if not batch.messages:
            return behind, 0  # all of them were deleted between two looks
        archive_id = new_id()
        content = await asyncio.to_thread(logic.pack, batch.lines)
        file = await app.files.write(context.tenant, key=_key(archive_id), content=content)
        if await _put_away(app, context, archive_id, file, batch):
            return behind, len(batch.messages)
        await app.files.delete_file(context.tenant, key=file.key)
    raise ArchiveContended


async def _choose(app: App, tx: Tx, args: ArchiveArgs, place: _Place) -> list[store.Archivable]:
    """The next messages, as many as one file takes."""
    settings = app.settings.get(InboxSettings)
    found = await store.list_archivable(
        tx,
        sent_before=args.sent_before,
        stored_before=args.stored_before,
        after=(place.sent_at, place.message_id),
        limit=settings.archive_batch,
    )
    size_bytes = 0
    for count, one in enumerate(found):
        size_bytes += one.size_bytes
        if size_bytes > settings.archive_batch_bytes and count:
            return found[:count]
    return found


async def _read(tx: Tx, collection_id: UUID, ids: Sequence[UUID]) -> _Batch:
    """These messages as they are now, with their answers."""
    deliveries: dict[UUID, list[ArchivedDelivery]] = {}
    for delivery in await store.list_archived_deliveries(tx, message_ids=ids):
        deliveries.setdefault(delivery.message_id, []).append(delivery)
    left_out: dict[UUID, list[UUID]] = {}
    for one in await store.list_left_out(tx, message_ids=ids):
        left_out.setdefault(one.message_id, []).append(one.action_id)
    messages = await store.list_archived_messages(tx, ids=ids, deliveries=deliveries, left_out=left_out)
    return _Batch(collection_id, messages, logic.lines_of(messages))


async def _put_away(app: App, context: JobContext, archive_id: UUID, file: WrittenFile, batch: _Batch) -> bool:
    """Note an archive and remove its messages; False, and nothing done, where they are others than its file has."""
    messages = batch.messages
    ids = [message.id for message in messages]
    async with context.effects() as tx:
        # Whoever answers holds what is decided about the cluster: from here on nobody gives these messages an answer.
        clusters = list(dict.fromkeys(message.cluster_id for message in messages))
        await store.insert_decisions(tx, cluster_ids=clusters)
        # Messages that are elsewhere by now are others' to hold.
        places = {row.message_id: row.cluster_id for row in await store.list_clusters_of(tx, message_ids=ids)}
        if any(places.get(message.id) != message.cluster_id for message in messages):
            await tx.rollback()
            return False
        await store.lock_messages(tx, ids=ids)
        await store.lock_deliveries_of(tx, message_ids=ids)
        if (await _read(tx, batch.collection_id, ids)).lines != batch.lines:
            await tx.rollback()
            return False
        found = await store.list_labels(tx, collection_id=batch.collection_id, cluster_ids=clusters)
        labels = {row.cluster_id: row.label for row in found}
        receipt = await remove_items(app, tx, collection_id=batch.collection_id, item_ids=ids)
        if receipt.get("messages") != len(ids) or receipt["items"] != len(ids):
            raise RuntimeError(f"{len(ids)} messages were to go, {receipt} went")
        archive = Archive(
            id=archive_id,
            file_key=file.key,
            sha256=file.sha256,
            size_bytes=file.size_bytes,
            message_count=len(ids),
            first_at=messages[0].sent_at,
            last_at=messages[-1].sent_at,
            created_at=app.clock.now(),
            restored_at=None,
        )
        await store.insert_archive(tx, archive=archive)
        await store.insert_archived_clusters(
            tx, archive_id=archive_id, clusters=_summaries(app, archive_id, messages, labels)
        )
    return True


def _summaries(
    app: App, archive_id: UUID, messages: Sequence[ArchivedMessage], labels: Mapping[UUID, str]
) -> list[ArchivedCluster]:
    settings = app.settings.get(InboxSettings)
    found = logic.digests(messages, examples=settings.examples_max, characters=settings.example_characters_max)
    return [
        ArchivedCluster(
            archive_id=archive_id,
            cluster_id=digest.cluster_id,
            label=labels.get(digest.cluster_id, ""),
            examples=digest.examples,
            message_count=digest.message_count,
            first_at=digest.first_at,
            last_at=digest.last_at,
        )
        for digest in found
    ]


def _key(archive_id: UUID) -> str:
    return f"{_FOLDER}{archive_id.hex}{_ENDING}"


def _archive_id(key: str) -> UUID | None:
    """The archive a file is of; None where it is not named like one of ours."""
    try:
        return UUID(hex=key.removeprefix(_FOLDER).removesuffix(_ENDING))
    except ValueError:
        return None
