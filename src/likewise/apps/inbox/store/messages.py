"""Statements about channels, visitors and messages."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec

from likewise.apps.inbox.model import Channel, Message, Visitor
from likewise.platform.db import Json, Queries, Tx

__all__ = [
    "QUERIES",
    "Known",
    "Payload",
    "Placed",
    "Removed",
    "SeenVisitor",
    "delete_deliveries_of",
    "delete_exceptions_of",
    "delete_messages",
    "delete_outbox",
    "delete_visitors_of",
    "find_collection",
    "find_visitor",
    "insert_channel",
    "insert_messages",
    "list_channels",
    "list_channels_by_id",
    "list_channels_named",
    "list_clusters_of",
    "list_known",
    "list_messages",
    "list_messages_by_id",
    "list_messages_of_cluster",
    "list_payloads",
    "mark_avatar",
    "update_channel",
    "upsert_visitors",
]

QUERIES = Queries("likewise.apps.inbox")

_ALL: LiteralString = (
    "select m.id from inbox.messages m where m.tenant_id = %(tenant_id)s and m.id < %(before)s"
    " and (%(channel_id)s::uuid is null or m.channel_id = %(channel_id)s)"
    " and (%(visitor_id)s::uuid is null or m.visitor_id = %(visitor_id)s)"
    " order by m.id desc limit %(limit)s"
)
_OF_CLUSTER: LiteralString = (
    "select g.item_id as id from clusters.texts t"
    " join clusters.members g on g.tenant_id = %(tenant_id)s and g.collection_id = t.collection_id and g.hash = t.hash"
    " where t.tenant_id = %(tenant_id)s and t.collection_id = %(collection_id)s and t.cluster_id = %(cluster_id)s"
    " and g.item_id < %(before)s order by g.item_id desc limit %(limit)s"
)
_THESE: LiteralString = "select n.id from unnest(%(ids)s::uuid[]) as n (id)"


class SeenVisitor(msgspec.Struct, frozen=True):
    """A visitor after they were stored. `wants_avatar`: their picture was not fetched from its address yet."""

    id: UUID
    channel_id: UUID
    external_id: str
    wants_avatar: bool


class Known(msgspec.Struct, frozen=True):
    """A message that is here already."""

    id: UUID
    channel_id: UUID
    external_id: str
    text: str


class Payload(msgspec.Struct, frozen=True):
    """What came with a message, as JSON."""

    id: UUID
    payload: str


class Removed(msgspec.Struct, frozen=True):
    """A message that went."""

    id: UUID
    visitor_id: UUID | None


class Placed(msgspec.Struct, frozen=True):
    """A message and the cluster it is in."""

    message_id: UUID
    cluster_id: UUID


async def find_collection(tx: Tx, *, name: str) -> UUID | None:
    return await tx.fetch_value(QUERIES.find_collection, UUID, {"tenant_id": tx.tenant, "name": name})


async def insert_channel(
    tx: Tx, *, channel_id: UUID, name: str, delivery_url: str | None, metadata: Mapping[str, object]
) -> bool:
    """Whether the name was free."""
    params = {"tenant_id": tx.tenant, "id": channel_id, "name": name, "delivery_url": delivery_url}
    return await tx.execute(QUERIES.insert_channel, {**params, "metadata": Json(metadata)}) > 0


async def list_channels(tx: Tx, *, after: str, limit: int) -> list[Channel]:
    return await tx.fetch_all(QUERIES.list_channels, Channel, {"tenant_id": tx.tenant, "after": after, "limit": limit})


async def list_channels_named(tx: Tx, *, names: Sequence[str]) -> list[Channel]:
    params = {"tenant_id": tx.tenant, "names": list(names), "limit": len(names)}
    return await tx.fetch_all(QUERIES.list_channels_named, Channel, params)


async def list_channels_by_id(tx: Tx, *, ids: Sequence[UUID]) -> list[Channel]:
    params = {"tenant_id": tx.tenant, "ids": list(ids), "limit": len(ids)}
    return await tx.fetch_all(QUERIES.list_channels_by_id, Channel, params)


async def update_channel(tx: Tx, *, channel: Channel) -> None:
    params = {
        "tenant_id": tx.tenant,
        "id": channel.id,
        "delivery_url": channel.delivery_url,
        "secret_version": channel.secret_version,
        "metadata": Json(channel.metadata),
    }
    await tx.execute(QUERIES.update_channel, params)


async def upsert_visitors(tx: Tx, *, columns: Mapping[str, Sequence[object]]) -> list[SeenVisitor]:
    """`columns`: ids, channel_ids, external_ids, names, avatar_urls; each visitor once."""
    return await tx.fetch_all(QUERIES.upsert_visitors, SeenVisitor, {"tenant_id": tx.tenant, **columns})


async def find_visitor(tx: Tx, *, visitor_id: UUID) -> Visitor | None:
    return await tx.fetch_one(QUERIES.find_visitor, Visitor, {"tenant_id": tx.tenant, "id": visitor_id})


async def mark_avatar(
    tx: Tx, *, visitor_id: UUID, avatar_url: str, avatar_key: str | None, reason: str | None, at: datetime
) -> bool:
    params = {"tenant_id": tx.tenant, "id": visitor_id, "avatar_url": avatar_url, "avatar_key": avatar_key}
    return await tx.execute(QUERIES.mark_avatar, {**params, "reason": reason, "at": at}) > 0


async def delete_visitors_of(tx: Tx, *, ids: Sequence[UUID]) -> list[str]:
    """The keys of the pictures that nobody needs any more."""
    return await tx.fetch_values(QUERIES.delete_visitors_of, str, {"tenant_id": tx.tenant, "ids": list(ids)})


async def list_known(tx: Tx, *, channel_ids: Sequence[UUID], external_ids: Sequence[str]) -> list[Known]:
    params = {"tenant_id": tx.tenant, "channel_ids": list(channel_ids), "external_ids": list(external_ids)}
    return await tx.fetch_all(QUERIES.list_known, Known, {**params, "limit": len(external_ids)})


async def insert_messages(tx: Tx, *, columns: Mapping[str, Sequence[object]], at: datetime) -> list[UUID]:
    """`columns`: ids, channel_ids, external_ids, visitor_ids, times."""
    return await tx.fetch_values(QUERIES.insert_messages, UUID, {"tenant_id": tx.tenant, "at": at, **columns})


async def delete_deliveries_of(tx: Tx, *, message_ids: Sequence[UUID]) -> list[UUID]:
    params = {"tenant_id": tx.tenant, "message_ids": list(message_ids)}
    return await tx.fetch_values(QUERIES.delete_deliveries_of, UUID, params)


async def delete_outbox(tx: Tx, *, delivery_ids: Sequence[UUID]) -> None:
    await tx.execute(QUERIES.delete_outbox, {"tenant_id": tx.tenant, "delivery_ids": list(delivery_ids)})


async def delete_exceptions_of(tx: Tx, *, message_ids: Sequence[UUID]) -> None:
    await tx.execute(QUERIES.delete_exceptions_of, {"tenant_id": tx.tenant, "message_ids": list(message_ids)})


async def delete_messages(tx: Tx, *, ids: Sequence[UUID]) -> list[Removed]:
    return await tx.fetch_all(QUERIES.delete_messages, Removed, {"tenant_id": tx.tenant, "ids": list(ids)})


async def list_messages(
    tx: Tx, *, channel_id: UUID | None, visitor_id: UUID | None, before: UUID, limit: int
) -> list[Message]:
    params = {"tenant_id": tx.tenant, "channel_id": channel_id, "visitor_id": visitor_id}
    statement = QUERIES.list_messages.with_slots(source=_ALL)
    return await tx.fetch_all(statement, Message, {**params, "before": before, "limit": limit})


async def list_messages_of_cluster(
    tx: Tx, *, collection_id: UUID, cluster_id: UUID, before: UUID, limit: int
) -> list[Message]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "cluster_id": cluster_id}
    statement = QUERIES.list_messages.with_slots(source=_OF_CLUSTER)
    return await tx.fetch_all(statement, Message, {**params, "before": before, "limit": limit})


async def list_messages_by_id(tx: Tx, *, ids: Sequence[UUID]) -> list[Message]:
    statement = QUERIES.list_messages.with_slots(source=_THESE)
    return await tx.fetch_all(statement, Message, {"tenant_id": tx.tenant, "ids": list(ids), "limit": len(ids)})


async def list_payloads(tx: Tx, *, message_ids: Sequence[UUID]) -> list[Payload]:
    params = {"tenant_id": tx.tenant, "message_ids": list(message_ids), "limit": len(message_ids)}
    return await tx.fetch_all(QUERIES.list_payloads, Payload, params)


async def list_clusters_of(tx: Tx, *, message_ids: Sequence[UUID]) -> list[Placed]:
    params = {"tenant_id": tx.tenant, "message_ids": list(message_ids), "limit": len(message_ids)}
    return await tx.fetch_all(QUERIES.list_clusters_of, Placed, params)
