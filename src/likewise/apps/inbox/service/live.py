"""The inbox as it happens: new messages, and clusters that are another than before."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Self
from uuid import UUID

import msgspec

from likewise.apps.inbox.events import ClusterDecided, ClusterMarked, DeliveriesEnded, MessagesReceived
from likewise.apps.inbox.model import Card, Message
from likewise.apps.inbox.service.channels import ensure_inbox
from likewise.apps.inbox.service.reading import list_clusters_by_id, list_messages_by_id
from likewise.engine.clusters import ClusterChanged, ClusterGrew, ClusterShrank
from likewise.platform.cache import Namespace
from likewise.platform.events import Event, Following, Followings, Gap, Heard, Mark
from likewise.platform.feature import App

__all__ = [
    "FOLLOWED",
    "InboxFollowing",
    "InboxNews",
    "follow_inbox",
    "list_clusters_of_news",
    "list_messages_of_news",
    "news_of",
]

FOLLOWED: tuple[type[Event], ...] = (
    MessagesReceived,
    ClusterGrew,
    ClusterShrank,
    ClusterChanged,
    ClusterDecided,
    ClusterMarked,
    DeliveriesEnded,
)
"""The facts an inbox on a screen needs to hear."""

# Everybody who follows an inbox hears the same news at the same moment. Their key holds the place in the log, so that
# what is kept is as new as the news it is read for.
_SHARED_S = 2.0
_MESSAGES = Namespace("inbox.news.messages", list[Message], ttl_s=_SHARED_S)
_CLUSTERS = Namespace("inbox.news.clusters", list[Card], ttl_s=_SHARED_S)


class InboxNews(msgspec.Struct, frozen=True):
    """What some events say together: ids only, each once. After a gap anything may have changed."""

    mark: Mark
    message_ids: list[UUID] = []
    cluster_ids: list[UUID] = []
    action_ids: list[UUID] = []
    is_gap: bool = False


class InboxFollowing:
    """Iterate over it: each turn gives the next news. It ends when the program stops."""

    def __init__(self, app: App, following: Following) -> None:
        self._app = app
        self._following = following

    @property
    def mark(self) -> Mark:
        """How far everything was heard and dealt with; it moves on while nothing happens."""
        return self._following.mark

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> InboxNews:
        while True:
            heard = await anext(self._following)
            if isinstance(heard, Gap):
                return InboxNews(heard.mark, is_gap=True)
            news = news_of(heard, await ensure_inbox(self._app, self._following.tenant_id))
            if news.message_ids or news.cluster_ids or news.action_ids:
                return news


@asynccontextmanager
async def follow_inbox(app: App, tenant_id: UUID, *, after: Mark | None = None) -> AsyncGenerator[InboxFollowing]:
    """What happens in a tenant's inbox, from a mark on or from now, for as long as the block lasts.

    Inside the block nothing is missed: read the lists after entering it. Raises what following the log raises.
    """
    async with app.resource(Followings).follow(tenant_id, types=FOLLOWED, after=after) as following:
        yield InboxFollowing(app, following)


async def list_messages_of_news(app: App, tenant_id: UUID, *, mark: Mark, ids: Sequence[UUID]) -> list[Message]:
    """Messages that news are about, newest first; read once for everybody who hears of them."""
    return await app.cache.get_or_compute(
        _MESSAGES,
        tenant_id=tenant_id,
        key=_key(mark, ids),
        tags=[],
        compute=lambda: list_messages_by_id(app, tenant_id, ids=ids),
    )


async def list_clusters_of_news(app: App, tenant_id: UUID, *, mark: Mark, ids: Sequence[UUID]) -> list[Card]:
    """Clusters that news are about, those that are still there; read once for everybody who hears of them."""
    return await app.cache.get_or_compute(
        _CLUSTERS,
        tenant_id=tenant_id,
        key=_key(mark, ids),
        tags=[],
        compute=lambda: list_clusters_by_id(app, tenant_id, ids=ids),
    )


def news_of(heard: Sequence[Heard], collection_id: UUID) -> InboxNews:
    """Several events as one: clusters of other collections are none of the inbox's."""
    messages: list[UUID] = []
    clusters: list[UUID] = []
    actions: list[UUID] = []
    for one in heard:
        match one.event:
            case MessagesReceived(message_ids=ids):
                messages += ids
            case (ClusterGrew() | ClusterShrank()) as sized if sized.collection_id == collection_id:
                clusters.append(sized.cluster_id)
            case ClusterChanged(collection_id=where, from_id=from_id, to_id=to_id) if where == collection_id:
                clusters += [from_id, to_id]
            case ClusterDecided(cluster_id=cluster_id) | ClusterMarked(cluster_id=cluster_id):
                clusters.append(cluster_id)
            case DeliveriesEnded(action_ids=ids):
                actions += ids
            case _:
                pass
    return InboxNews(
        heard[-1].mark,
        message_ids=list(dict.fromkeys(messages)),
        cluster_ids=list(dict.fromkeys(clusters)),
        action_ids=list(dict.fromkeys(actions)),
    )


def _key(mark: Mark, ids: Sequence[UUID]) -> str:
    return f"{mark}/{len(ids)}/{ids[0]}" if ids else str(mark)
