"""What the inbox tells: clusters with their messages, messages, deliveries, changes."""

import math
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from likewise.apps.inbox import store
from likewise.apps.inbox.errors import ActionNotFound, ClusterNotFound, DeliveryNotFound, MessageNotFound
from likewise.apps.inbox.model import (
    COLLECTION,
    Action,
    Card,
    Change,
    ClusterOrder,
    ClusterState,
    Delivery,
    DeliveryState,
    Message,
)
from likewise.apps.inbox.service.channels import find_inbox
from likewise.apps.inbox.settings import InboxSettings
from likewise.engine.clusters import tag_of
from likewise.engine.collections import CollectionNotFound
from likewise.engine.search import SearchRequest, search
from likewise.platform.cache import Namespace
from likewise.platform.db import Tx
from likewise.platform.feature import App
from likewise.platform.ids import decode_id, encode_id

__all__ = [
    "LAST_ID",
    "CardPlace",
    "Counts",
    "MomentPlace",
    "count_clusters",
    "count_deliveries",
    "find_inbox_of",
    "get_action",
    "get_card",
    "get_cluster",
    "get_delivery",
    "get_message",
    "get_payload",
    "list_actions",
    "list_changes",
    "list_clusters",
    "list_clusters_by_id",
    "list_deliveries",
    "list_messages",
    "list_messages_by_id",
    "list_messages_of_cluster",
    "list_payloads",
    "list_tags",
    "place_of",
    "search_clusters",
    "trend_of",
]

LAST_ID = UUID(int=(1 << 128) - 1)
_FIRST_ID = UUID(int=0)
_DAY_S = 86_400.0
_HEAT_MAX = 50.0
_LISTS = Namespace("inbox.clusters", list[Card], ttl_s=60)


class CardPlace(msgspec.Struct, frozen=True, array_like=True):
    """Where a page of clusters ended: the value it is ordered by, and the cluster."""

    value: int | float | datetime
    cluster_id: UUID


class MomentPlace(msgspec.Struct, frozen=True, array_like=True):
    """A CardPlace of a list ordered by time, as it is read from JSON."""

    value: datetime
    cluster_id: UUID

    def as_place(self) -> CardPlace:
        """The same, as lists take it."""
        return CardPlace(self.value, self.cluster_id)


class Counts(msgspec.Struct, frozen=True):
    """How many clusters are answered and archived."""

    actioned: int
    archived: int


async def list_clusters(
    app: App,
    tenant_id: UUID,
    *,
    state: ClusterState = "open",
    order: ClusterOrder = "size",
    size_min: int = 1,
    behind: CardPlace | None = None,
    limit: int = 50,
) -> list[Card]:
    """One page of clusters, each with a few messages; kept until something of the inbox changes, never stale."""
    settings = app.settings.get(InboxSettings)
    bounded = min(limit, settings.page_max + 1)
    collection_id = await find_inbox(app, tenant_id)
    if collection_id is None:
        return []

    async def read() -> list[Card]:
        async with app.db.tenant(tenant_id, read_only=True) as tx:
            return await store.list_clusters(
                tx,
                collection_id=collection_id,
                state=state,
                order=order,
                size_min=size_min,
                behind=None if behind is None else (behind.value, behind.cluster_id),
                examples=settings.examples_max,
                characters=settings.example_characters_max,
                limit=bounded,
            )

    key = msgspec.json.encode((collection_id, state, order, size_min, behind, bounded)).decode()
    return await app.cache.get_or_compute(
        msgspec.structs.replace(_LISTS, ttl_s=settings.list_ttl_s),
        tenant_id=tenant_id,
        key=key,
        tags=[tag_of(collection_id)],
        compute=read,
    )


async def list_tags(app: App, tenant_id: UUID) -> list[str]:
    """What a list of clusters depends on, as cache tags; none where there is no inbox yet."""
    collection_id = await find_inbox(app, tenant_id)
    return [] if collection_id is None else [tag_of(collection_id)]


async def search_clusters(app: App, tenant_id: UUID, *, query: str, limit: int = 50) -> list[Card]:
    """Clusters of messages that a search finds, in the order it finds them, whatever their state."""
    settings = app.settings.get(InboxSettings)
    request = SearchRequest(query=query, collection=COLLECTION, k=settings.search_hits_max)
    try:
        answer = await search(app, tenant_id, request)
    except CollectionNotFound:
        return []  # nobody has written yet
    collection_id = await find_inbox(app, tenant_id)
    if collection_id is None:
        return []
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        hits = [decode_id("itm", hit.id) for hit in answer.data]
        home = {place.message_id: place.cluster_id for place in await store.list_clusters_of(tx, message_ids=hits)}
        ids = list(dict.fromkeys(home[message_id] for message_id in hits if message_id in home))[:limit]
        cards = await _cards(app, tx, collection_id, ids)
    return [cards[cluster_id] for cluster_id in ids if cluster_id in cards]


async def count_clusters(app: App, tenant_id: UUID) -> Counts:
    """How many clusters with messages are answered and archived."""
    collection_id = await find_inbox(app, tenant_id)
    if collection_id is None:
        return Counts(actioned=0, archived=0)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        found = {row.state: row.count for row in await store.count_states(tx, collection_id=collection_id)}
    return Counts(actioned=found.get("actioned", 0), archived=found.get("archived", 0))


async def find_inbox_of(app: App, tenant_id: UUID, *, cluster_id: UUID) -> UUID:
    """The inbox's collection, for a cluster of it. Raises ClusterNotFound where there is no inbox."""
    found = await find_inbox(app, tenant_id)
    if found is None:
        raise ClusterNotFound(id=encode_id("clu", cluster_id))
    return found


async def get_cluster(app: App, tenant_id: UUID, *, cluster_id: UUID) -> Card:
    """One cluster. Raises ClusterNotFound."""
    collection_id = await find_inbox_of(app, tenant_id, cluster_id=cluster_id)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        return await get_card(app, tx, collection_id=collection_id, cluster_id=cluster_id)


async def get_card(app: App, tx: Tx, *, collection_id: UUID, cluster_id: UUID) -> Card:
    """One cluster, inside a transaction that is open already. Raises ClusterNotFound."""
    cards = await _cards(app, tx, collection_id, [cluster_id])
    if cluster_id not in cards:
        raise ClusterNotFound(id=encode_id("clu", cluster_id))
    return cards[cluster_id]


async def list_messages_of_cluster(
    app: App, tenant_id: UUID, *, cluster_id: UUID, before: UUID = LAST_ID, limit: int = 50
) -> list[Message]:
    """One page of a cluster's messages, newest first. Raises ClusterNotFound."""
    bounded = min(limit, app.settings.get(InboxSettings).page_max + 1)
    collection_id = await find_inbox_of(app, tenant_id, cluster_id=cluster_id)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        found = await store.list_messages_of_cluster(
            tx, collection_id=collection_id, cluster_id=cluster_id, before=before, limit=bounded
        )
        if not found and before == LAST_ID:
            raise ClusterNotFound(id=encode_id("clu", cluster_id))
    return found


async def list_messages(
    app: App,
    tenant_id: UUID,
    *,
    channel_id: UUID | None = None,
    visitor_id: UUID | None = None,
    before: UUID = LAST_ID,
    limit: int = 50,
) -> list[Message]:
    """One page of messages, newest first."""
    bounded = min(limit, app.settings.get(InboxSettings).page_max + 1)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        return await store.list_messages(tx, channel_id=channel_id, visitor_id=visitor_id, before=before, limit=bounded)


async def get_message(app: App, tenant_id: UUID, *, message_id: UUID) -> Message:
    """One message. Raises MessageNotFound."""
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        found = await store.list_messages_by_id(tx, ids=[message_id])
    if not found:
        raise MessageNotFound(id=encode_id("msg", message_id))
    return found[0]


async def list_messages_by_id(app: App, tenant_id: UUID, *, ids: Sequence[UUID]) -> list[Message]:
    """These messages, newest first; those that are gone are left out."""
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        return await store.list_messages_by_id(tx, ids=ids)


async def list_clusters_by_id(app: App, tenant_id: UUID, *, ids: Sequence[UUID]) -> list[Card]:
    """These clusters, in their order; those that are gone are left out."""
    collection_id = await find_inbox(app, tenant_id)
    if collection_id is None:
        return []
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        cards = await _cards(app, tx, collection_id, ids)
    return [cards[cluster_id] for cluster_id in ids if cluster_id in cards]


async def list_payloads(app: App, tenant_id: UUID, *, message_ids: Sequence[UUID]) -> dict[UUID, dict[str, object]]:
    """What came with these messages, by message."""
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        found = await store.list_payloads(tx, message_ids=message_ids)
    return {row.id: msgspec.json.decode(row.payload, type=dict[str, object]) for row in found}


async def get_payload(app: App, tenant_id: UUID, *, message_id: UUID) -> dict[str, object]:
    """What came with a message. Raises MessageNotFound."""
    found = await list_payloads(app, tenant_id, message_ids=[message_id])
    if message_id not in found:
        raise MessageNotFound(id=encode_id("msg", message_id))
    return found[message_id]


async def get_action(app: App, tenant_id: UUID, *, action_id: UUID) -> Action:
    """One answer. Raises ActionNotFound."""
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        found = await store.find_action(tx, action_id=action_id)
    if found is None:
        raise ActionNotFound(id=encode_id("act", action_id))
    return found


async def list_actions(
    app: App, tenant_id: UUID, *, cluster_id: UUID, before: UUID = LAST_ID, limit: int = 50
) -> list[Action]:
    """One page of a cluster's answers, newest first."""
    bounded = min(limit, app.settings.get(InboxSettings).page_max + 1)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        return await store.list_actions(tx, cluster_id=cluster_id, before=before, limit=bounded)


async def list_deliveries(
    app: App,
    tenant_id: UUID,
    *,
    action_id: UUID | None = None,
    state: DeliveryState | None = None,
    before: UUID = LAST_ID,
    limit: int = 50,
) -> list[Delivery]:
    """One page of deliveries, newest first. What is ready is shown once its answer cannot be undone any more."""
    bounded = min(limit, app.settings.get(InboxSettings).page_max + 1)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        return await store.list_deliveries(tx, action_id=action_id, state=state, before=before, limit=bounded)


async def get_delivery(app: App, tx: Tx, *, delivery_id: UUID) -> Delivery:
    """One delivery. Raises DeliveryNotFound."""
    del app
    after = UUID(int=min(delivery_id.int + 1, LAST_ID.int))
    found = await store.list_deliveries(tx, action_id=None, state=None, before=after, limit=1)
    if not found or found[0].id != delivery_id:
        raise DeliveryNotFound(id=encode_id("dlv", delivery_id))
    return found[0]


async def count_deliveries(app: App, tenant_id: UUID, *, action_id: UUID) -> dict[str, int]:
    """How the deliveries of an answer stand, by state."""
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        return {row.state: row.count for row in await store.count_deliveries(tx, action_id=action_id)}


async def list_changes(
    app: App, tenant_id: UUID, *, cluster_id: UUID | None = None, before: UUID = LAST_ID, limit: int = 50
) -> list[Change]:
    """One page of what people changed, newest first."""
    bounded = min(limit, app.settings.get(InboxSettings).page_max + 1)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        if cluster_id is None:
            return await store.list_changes(tx, before=before, limit=bounded)
        return await store.list_changes_of_cluster(tx, cluster_id=cluster_id, before=before, limit=bounded)


def place_of(card: Card, order: ClusterOrder) -> CardPlace:
    """Where the next page begins if this card ends one."""
    value: int | float | datetime = card.message_count
    if order == "trend":
        value = card.heat
    elif order == "newest":
        value = card.last_seen_at
    return CardPlace(value, card.id)


def trend_of(card: Card, *, now: datetime, trend_days: float) -> float:
    """Messages of late, an old one counting less and less."""
    return math.exp(min(card.heat - now.timestamp() / (trend_days * _DAY_S), _HEAT_MAX))


async def _cards(app: App, tx: Tx, collection_id: UUID, ids: Sequence[UUID]) -> dict[UUID, Card]:
    settings = app.settings.get(InboxSettings)
    found = await store.list_clusters_by_id(
        tx,
        collection_id=collection_id,
        ids=ids,
        examples=settings.examples_max,
        characters=settings.example_characters_max,
    )
    return {card.id: card for card in found}
