"""Archived messages come back: under the ids they had, into the clusters they were in, with their answers.

In bounded transactions, each of which passes over what is here already; the archive counts as restored with the last.
"""

import asyncio
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from likewise.apps.inbox import logic, store
from likewise.apps.inbox.errors import ArchiveDamaged, ArchiveNotFound, ArchiveRestored
from likewise.apps.inbox.events import VisitorSeen
from likewise.apps.inbox.model import RESTORE_ARCHIVE, Archive, ArchivedMessage, RestoreArgs
from likewise.apps.inbox.service.archiving import get_archive
from likewise.apps.inbox.service.channels import ensure_inbox
from likewise.apps.inbox.service.ingesting import as_collection
from likewise.apps.inbox.settings import InboxSettings
from likewise.engine.clusters import KeptPlace, find_cluster_ids, keep_places
from likewise.engine.collections import (
    ItemDraft,
    Place,
    Prepared,
    Visibility,
    WriteContended,
    prepare_items,
    write_items,
)
from likewise.platform.db import Tx
from likewise.platform.events import publish
from likewise.platform.feature import App
from likewise.platform.files import FileNotStored
from likewise.platform.ids import encode_id, new_id
from likewise.platform.jobs import JobContext

__all__ = ["restore_archive", "start_restore"]

_ATTEMPTS_MAX = 5


async def start_restore(app: App, tenant_id: UUID, *, archive_id: UUID) -> UUID:
    """Bring an archive's messages back in the background; the operation to watch. Raises ArchiveNotFound,
    ArchiveRestored."""
    found = await get_archive(app, tenant_id, archive_id=archive_id)
    if found.restored_at is not None:
        raise ArchiveRestored(id=encode_id("arc", archive_id), at=f"{found.restored_at:%Y-%m-%d %H:%M} UTC")
    async with app.db.tenant(tenant_id) as tx:
        operation = await app.jobs.defer(
            tx,
            RESTORE_ARCHIVE,
            RestoreArgs(archive_id),
            operation_kind="restore",
            total=found.message_count,
            unit="messages",
        )
    if operation is None:
        raise RuntimeError("a job with an operation kind has an operation")
    return operation


async def restore_archive(app: App, context: JobContext, *, archive_id: UUID) -> None:
    """Bring an archive's messages back, then delete its file. Raises ArchiveNotFound, ArchiveDamaged.

    A message that was sent again meanwhile is not doubled. What comes back unanswered gets no answer by itself. May be
    stopped anywhere and begun again; of an archive that is restored only a file left behind is deleted.
    """
    async with app.db.tenant(context.tenant) as tx:
        archive = await store.find_archive(tx, archive_id=archive_id)
    if archive is None:
        raise ArchiveNotFound(id=encode_id("arc", archive_id))
    if archive.restored_at is None:
        messages = await _load(app, context.tenant, archive)
        collection_id = await ensure_inbox(app, context.tenant)
        batch = app.settings.get(InboxSettings).restore_batch
        restored = 0
        for start in range(0, len(messages), batch):
            restored += await _put_back(app, context, collection_id, messages[start : start + batch])
            await context.progress(done=min(start + batch, len(messages)), total=len(messages), unit="messages")
        async with context.effects() as tx:
            await store.mark_archive_restored(tx, archive_id=archive_id, at=app.clock.now())
            await store.delete_archived_clusters(tx, archive_id=archive_id)
            await context.finish(tx, {"messages": restored, "passed_over": len(messages) - restored})
    await app.files.delete_file(context.tenant, key=archive.file_key)


async def _load(app: App, tenant_id: UUID, archive: Archive) -> list[ArchivedMessage]:
    """The messages of an archive's file, which is what was written, to the bit."""
    name = encode_id("arc", archive.id)
    try:
        content = b"".join([chunk async for chunk in app.files.read(tenant_id, key=archive.file_key)])
    except FileNotStored as error:
        raise ArchiveDamaged(id=name, key=archive.file_key, reason="it is not there") from error
    try:
        return await asyncio.to_thread(logic.unpack, content, sha256=archive.sha256)
    except ValueError as error:
        raise ArchiveDamaged(id=name, key=archive.file_key, reason=error) from error


async def _put_back(app: App, context: JobContext, collection_id: UUID, messages: Sequence[ArchivedMessage]) -> int:
    """Bring some messages back in one transaction; how many were not here."""
    rows = {row.draft.key: row for row in await prepare_items(app, [_draft(message) for message in messages])}
    for attempt in range(_ATTEMPTS_MAX):
        try:
            async with context.effects() as tx:
                present = set(await store.list_present(tx, collection_id=collection_id, messages=messages))
                fresh = [message for message in messages if message.id not in present]
                if fresh:
                    await _write(app, tx, collection_id, fresh, rows)
                return len(fresh)
        except WriteContended:
            # Somebody has sent one of these again at the same moment; the next look finds it.
            if attempt == _ATTEMPTS_MAX - 1:
                raise
    raise WriteContended


async def _write(
    app: App, tx: Tx, collection_id: UUID, messages: Sequence[ArchivedMessage], rows: Mapping[str, Prepared]
) -> None:
    ours = [msgspec.structs.replace(rows[message.key], id=message.id) for message in messages]
    # Decisions before anything of the engine: the order of everyone who answers.
    texts = [(message.title, message.text) for message in messages]
    known = await find_cluster_ids(tx, collection_id=collection_id, texts=texts)
    clusters = {home or message.cluster_id for home, message in zip(known, messages, strict=True)}
    standing = {
        row.cluster_id: row.action_id
        for row in await store.lock_decisions(tx, cluster_ids=sorted(clusters))
        if row.state == "actioned" and row.action_id is not None
    }
    visitors = await _visitors(tx, messages)
    homes = await _places(tx, collection_id, messages)
    await write_items(app, tx, collection=as_collection(collection_id, app), rows=ours)
    stored = await store.restore_messages(
        tx, messages=messages, visitor_ids=[_visitor_of(visitors, message) for message in messages]
    )
    if len(stored) != len(messages):
        raise WriteContended
    deliveries = [delivery for message in messages for delivery in message.deliveries]
    if deliveries:
        await store.restore_deliveries(
            tx, deliveries=deliveries, cluster_ids=[homes[delivery.message_id] for delivery in deliveries]
        )
    left_out = [store.LeftOut(message.id, action) for message in messages for action in message.left_out_of]
    for message in messages:
        action_id = standing.get(homes[message.id])
        if action_id is not None and all(delivery.state == "cancelled" for delivery in message.deliveries):
            left_out.append(store.LeftOut(message.id, action_id))
    if left_out:
        await store.restore_exceptions(tx, left_out=left_out)
    await publish(tx, [VisitorSeen(seen.id) for seen in visitors.values() if seen.wants_avatar])


async def _places(tx: Tx, collection_id: UUID, messages: Sequence[ArchivedMessage]) -> dict[UUID, UUID]:
    """Keep the clusters that these messages were in for them; the cluster of each, once it has arrived."""
    ordered = sorted(messages, key=lambda message: not message.stands)  # who stood for a text does so again
    places = [
        KeptPlace(
            title=message.title,
            body=message.text,
            item_id=message.id,
            cluster_id=message.cluster_id,
            similarity=message.similarity,
            reason=message.reason,
        )
        for message in ordered
    ]
    homes = await keep_places(tx, collection_id=collection_id, places=places)
    return {message.id: home for message, home in zip(ordered, homes, strict=True)}


async def _visitors(tx: Tx, messages: Sequence[ArchivedMessage]) -> dict[tuple[UUID, str], store.SeenVisitor]:
    """Whoever wrote these; who wrote again meanwhile is the one that is here."""
    named = {
        (message.channel_id, message.visitor_external_id): message
        for message in messages
        if message.visitor_external_id is not None
    }
    if not named:
        return {}
    seen = await store.restore_visitors(
        tx,
        columns={
            "ids": [message.visitor_id or new_id() for message in named.values()],
            "channel_ids": [channel_id for channel_id, _ in named],
            "external_ids": [external_id for _, external_id in named],
            "names": [message.visitor_name for message in named.values()],
            "avatar_urls": [message.avatar_url for message in named.values()],
        },
    )
    return {(visitor.channel_id, visitor.external_id): visitor for visitor in seen}


def _visitor_of(visitors: Mapping[tuple[UUID, str], store.SeenVisitor], message: ArchivedMessage) -> UUID | None:
    if message.visitor_external_id is None:
        return None
    return visitors[message.channel_id, message.visitor_external_id].id


def _draft(message: ArchivedMessage) -> ItemDraft:
    """A message's item. It happened when it was sent: else it would seem to be of today, and so would its cluster."""
    place = None
    if message.latitude is not None and message.longitude is not None:
        place = Place(message.latitude, message.longitude)
    return ItemDraft(
        key=message.key,
        body=message.text,
        title=message.title,
        facets=msgspec.json.decode(message.facets),
        author=message.author,
        category=message.category,
        place=place,
        happened_at=message.happened_at or message.sent_at,
        visibility=Visibility(message.visibility),
        metadata=logic.read_payload(message.payload),
    )
