"""Statements about archives, and about what comes back from them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from likewise.apps.inbox.model import Archive, ArchivedCluster, ArchivedDelivery, ArchivedMessage
from likewise.apps.inbox.store.decisions import Decision
from likewise.apps.inbox.store.messages import QUERIES, SeenVisitor
from likewise.platform.db import Tx

__all__ = [
    "Archivable",
    "Label",
    "LeftOut",
    "WantedAvatar",
    "delete_archived_clusters",
    "find_archive",
    "insert_archive",
    "insert_archived_clusters",
    "insert_decisions",
    "list_archivable",
    "list_archived_clusters",
    "list_archived_deliveries",
    "list_archived_messages",
    "list_archives",
    "list_labels",
    "list_left_out",
    "list_present",
    "list_standing_archives",
    "list_tenants_with_old",
    "list_wanted_avatars",
    "lock_archive",
    "lock_decisions",
    "lock_deliveries_of",
    "lock_messages",
    "mark_archive_restored",
    "restore_deliveries",
    "restore_exceptions",
    "restore_messages",
    "restore_visitors",
    "search_archived_clusters",
]


class WantedAvatar(msgspec.Struct, frozen=True):
    """A visitor whose picture is to be fetched, and from where."""

    id: UUID
    avatar_url: str


class Archivable(msgspec.Struct, frozen=True):
    """A message that may be archived, and the bytes of its text and payload."""

    id: UUID
    sent_at: datetime
    size_bytes: int


class Label(msgspec.Struct, frozen=True):
    """What a cluster is called."""

    cluster_id: UUID
    label: str


class LeftOut(msgspec.Struct, frozen=True):
    """A message, and an answer it was left out of."""

    message_id: UUID
    action_id: UUID


class _MessageRow(msgspec.Struct, frozen=True):
    id: UUID
    channel_id: UUID
    external_id: str
    sent_at: datetime
    received_at: datetime
    visitor_id: UUID | None
    visitor_external_id: str | None
    visitor_name: str | None
    avatar_url: str | None
    key: str
    title: str | None
    text: str
    author: str | None
    category: str | None
    latitude: float | None
    longitude: float | None
    happened_at: datetime | None
    visibility: str
    facets: str
    payload: str
    cluster_id: UUID
    similarity: float
    reason: str
    stands: bool


async def list_wanted_avatars(tx: Tx, *, ids: Sequence[UUID]) -> list[WantedAvatar]:
    params = {"tenant_id": tx.tenant, "ids": list(ids), "limit": len(ids)}
    return await tx.fetch_all(QUERIES.list_wanted_avatars, WantedAvatar, params)


async def list_archivable(
    tx: Tx, *, sent_before: datetime, stored_before: datetime, after: tuple[datetime, UUID], limit: int
) -> list[Archivable]:
    params = {"tenant_id": tx.tenant, "sent_before": sent_before, "stored_before": stored_before}
    return await tx.fetch_all(
        QUERIES.list_archivable, Archivable, {**params, "after_at": after[0], "after_id": after[1], "limit": limit}
    )


async def list_archived_messages(
    tx: Tx,
    *,
    ids: Sequence[UUID],
    deliveries: Mapping[UUID, list[ArchivedDelivery]],
    left_out: Mapping[UUID, list[UUID]],
) -> list[ArchivedMessage]:
    """In the order they were sent; with the deliveries and exceptions that were read before."""
    params = {"tenant_id": tx.tenant, "ids": list(ids), "limit": len(ids)}
    rows = await tx.fetch_all(QUERIES.list_archived_messages, _MessageRow, params)
    return [_message(row, deliveries.get(row.id, []), left_out.get(row.id, [])) for row in rows]


async def list_archived_deliveries(tx: Tx, *, message_ids: Sequence[UUID]) -> list[ArchivedDelivery]:
    """Held until the end of the transaction."""
    params = {"tenant_id": tx.tenant, "message_ids": list(message_ids)}
    return await tx.fetch_all(QUERIES.list_archived_deliveries, ArchivedDelivery, params)


async def list_left_out(tx: Tx, *, message_ids: Sequence[UUID]) -> list[LeftOut]:
    params = {"tenant_id": tx.tenant, "message_ids": list(message_ids)}
    return await tx.fetch_all(QUERIES.list_left_out, LeftOut, params)


async def insert_decisions(tx: Tx, *, cluster_ids: Sequence[UUID]) -> None:
    await tx.execute(QUERIES.insert_decisions, {"tenant_id": tx.tenant, "cluster_ids": sorted(cluster_ids)})


async def lock_decisions(tx: Tx, *, cluster_ids: Sequence[UUID]) -> list[Decision]:
    params = {"tenant_id": tx.tenant, "cluster_ids": list(cluster_ids)}
    return await tx.fetch_all(QUERIES.lock_decisions, Decision, params)


async def lock_deliveries_of(tx: Tx, *, message_ids: Sequence[UUID]) -> list[UUID]:
    params = {"tenant_id": tx.tenant, "message_ids": list(message_ids)}
    return await tx.fetch_values(QUERIES.lock_deliveries_of, UUID, params)


async def lock_messages(tx: Tx, *, ids: Sequence[UUID]) -> list[UUID]:
    return await tx.fetch_values(QUERIES.lock_messages, UUID, {"tenant_id": tx.tenant, "ids": list(ids)})


async def list_labels(tx: Tx, *, collection_id: UUID, cluster_ids: Sequence[UUID]) -> list[Label]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "cluster_ids": list(cluster_ids)}
    return await tx.fetch_all(QUERIES.list_labels, Label, params)


async def insert_archive(tx: Tx, *, archive: Archive) -> None:
    """`created_at` and `restored_at` are the database's."""
    params: dict[str, Any] = msgspec.structs.asdict(archive)
    del params["created_at"], params["restored_at"]
    await tx.execute(QUERIES.insert_archive, {"tenant_id": tx.tenant, **params})


async def insert_archived_clusters(tx: Tx, *, archive_id: UUID, clusters: Sequence[ArchivedCluster]) -> None:
    params = {
        "tenant_id": tx.tenant,
        "archive_id": archive_id,
        "cluster_ids": [cluster.cluster_id for cluster in clusters],
        "labels": [cluster.label for cluster in clusters],
        "examples": [msgspec.json.encode(cluster.examples).decode() for cluster in clusters],
        "message_counts": [cluster.message_count for cluster in clusters],
        "first_times": [cluster.first_at for cluster in clusters],
        "last_times": [cluster.last_at for cluster in clusters],
    }
    await tx.execute(QUERIES.insert_archived_clusters, params)


async def list_archives(tx: Tx, *, before: UUID, limit: int) -> list[Archive]:
    return await tx.fetch_all(
        QUERIES.list_archives, Archive, {"tenant_id": tx.tenant, "before": before, "limit": limit}
    )


async def find_archive(tx: Tx, *, archive_id: UUID) -> Archive | None:
    return await tx.fetch_one(QUERIES.find_archive, Archive, {"tenant_id": tx.tenant, "id": archive_id})


async def lock_archive(tx: Tx, *, archive_id: UUID) -> Archive | None:
    return await tx.fetch_one(QUERIES.lock_archive, Archive, {"tenant_id": tx.tenant, "id": archive_id})


async def list_standing_archives(tx: Tx, *, ids: Sequence[UUID]) -> list[UUID]:
    params = {"tenant_id": tx.tenant, "ids": list(ids), "limit": len(ids)}
    return await tx.fetch_values(QUERIES.list_standing_archives, UUID, params)


async def mark_archive_restored(tx: Tx, *, archive_id: UUID, at: datetime) -> None:
    await tx.execute(QUERIES.mark_archive_restored, {"tenant_id": tx.tenant, "id": archive_id, "at": at})


async def delete_archived_clusters(tx: Tx, *, archive_id: UUID) -> None:
    await tx.execute(QUERIES.delete_archived_clusters, {"tenant_id": tx.tenant, "archive_id": archive_id})


async def list_archived_clusters(tx: Tx, *, archive_id: UUID, after: UUID, limit: int) -> list[ArchivedCluster]:
    params = {"tenant_id": tx.tenant, "archive_id": archive_id, "after": after, "limit": limit}
    return await tx.fetch_all(QUERIES.list_archived_clusters, ArchivedCluster, params)


async def search_archived_clusters(tx: Tx, *, words: Sequence[str], least: float, limit: int) -> list[ArchivedCluster]:
    """`least`: how alike on average the words must be to some in a label or example, 0 to 1."""
    params = {"tenant_id": tx.tenant, "words": list(words), "least": least, "limit": limit}
    return await tx.fetch_all(QUERIES.search_archived_clusters, ArchivedCluster, params)


async def list_tenants_with_old(tx: Tx, *, sent_before: datetime, after: UUID, limit: int) -> list[UUID]:
    params = {"sent_before": sent_before, "after": after, "limit": limit}
    return await tx.fetch_values(QUERIES.list_tenants_with_old, UUID, params)


async def list_present(tx: Tx, *, collection_id: UUID, messages: Sequence[ArchivedMessage]) -> list[UUID]:
    params = {
        "tenant_id": tx.tenant,
        "collection_id": collection_id,
        "ids": [message.id for message in messages],
        "channel_ids": [message.channel_id for message in messages],
        "external_ids": [message.external_id for message in messages],
        "keys": [message.key for message in messages],
    }
    return await tx.fetch_values(QUERIES.list_present, UUID, params)


async def restore_visitors(tx: Tx, *, columns: Mapping[str, Sequence[object]]) -> list[SeenVisitor]:
    """`columns`: ids, channel_ids, external_ids, names, avatar_urls; each visitor once."""
    return await tx.fetch_all(QUERIES.restore_visitors, SeenVisitor, {"tenant_id": tx.tenant, **columns})


async def restore_messages(
    tx: Tx, *, messages: Sequence[ArchivedMessage], visitor_ids: Sequence[UUID | None]
) -> list[UUID]:
    params = {
        "tenant_id": tx.tenant,
        "ids": [message.id for message in messages],
        "channel_ids": [message.channel_id for message in messages],
        "external_ids": [message.external_id for message in messages],
        "visitor_ids": list(visitor_ids),
        "sent_times": [message.sent_at for message in messages],
        "received_times": [message.received_at for message in messages],
    }
    return await tx.fetch_values(QUERIES.restore_messages, UUID, params)


async def restore_deliveries(tx: Tx, *, deliveries: Sequence[ArchivedDelivery], cluster_ids: Sequence[UUID]) -> None:
    params = {
        "tenant_id": tx.tenant,
        "ids": [delivery.id for delivery in deliveries],
        "action_ids": [delivery.action_id for delivery in deliveries],
        "message_ids": [delivery.message_id for delivery in deliveries],
        "channel_ids": [delivery.channel_id for delivery in deliveries],
        "cluster_ids": list(cluster_ids),
        "texts": [delivery.text for delivery in deliveries],
        "states": [delivery.state for delivery in deliveries],
        "attempts": [delivery.attempts for delivery in deliveries],
        "statuses": [delivery.last_status for delivery in deliveries],
        "errors": [delivery.last_error for delivery in deliveries],
        "created_times": [delivery.created_at for delivery in deliveries],
        "ended_times": [delivery.ended_at for delivery in deliveries],
    }
    await tx.execute(QUERIES.restore_deliveries, params)


async def restore_exceptions(tx: Tx, *, left_out: Sequence[LeftOut]) -> None:
    params = {
        "tenant_id": tx.tenant,
        "action_ids": [one.action_id for one in left_out],
        "message_ids": [one.message_id for one in left_out],
    }
    await tx.execute(QUERIES.restore_exceptions, params)


def _message(row: _MessageRow, deliveries: list[ArchivedDelivery], left_out: list[UUID]) -> ArchivedMessage:
    fields: dict[str, Any] = msgspec.structs.asdict(row)
    fields["facets"] = msgspec.Raw(row.facets.encode())
    fields["payload"] = msgspec.Raw(row.payload.encode())
    return ArchivedMessage(**fields, deliveries=deliveries, left_out_of=left_out)
