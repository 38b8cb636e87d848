"""What can be followed as it happens."""

from collections.abc import AsyncIterator, Iterator, Sequence
from uuid import UUID

import strawberry

from likewise.apps.inbox import service
from likewise.apps.inbox.graph import types
from likewise.apps.inbox.graph.types import Cluster, Message
from likewise.platform.graph import GraphInfo, require
from likewise.platform.tenancy import Scope

__all__ = ["Subscription"]


_ROWS_MAX = 200  # of one event

_GAP = "Read the lists anew: this has just begun, or something was missed."


@strawberry.type(description="Messages that came in; after a gap there may be others.")
class MessageNews:
    """What one turn of the log brought."""

    messages: list[Message] = strawberry.field(description="Newest first, before they have a group.")
    is_gap: bool = strawberry.field(description=_GAP)


@strawberry.type(description="Clusters that have changed; after a gap, everything may have.")
class ClusterNews:
    """What one turn of the log changed."""

    clusters: list[Cluster] = strawberry.field(description="As they are now.")
    gone_ids: list[strawberry.ID] = strawberry.field(description="Clusters that are no more.")
    is_gap: bool = strawberry.field(description=_GAP)


@strawberry.type
class Subscription:
    """Of the inbox. Each begins with a gap: what is read from then on, and what is heard, leave nothing out."""

    @strawberry.subscription(description="Messages as they come in, of every channel or of one.")
    async def messages_received(self, info: GraphInfo, channel: str | None = None) -> AsyncIterator[MessageNews]:
        """Many at a time where many come at once."""
        context = require(info, Scope.READ)
        app, tenant_id = context.app, context.tenant_id
        if channel is not None:
            await service.get_channel(app, tenant_id, name=channel)
        async with service.follow_inbox(app, tenant_id) as following:
            yield MessageNews(messages=[], is_gap=True)
            async for news in following:
                if news.is_gap:
                    yield MessageNews(messages=[], is_gap=True)
                for ids in _parts(news.message_ids):
                    found = await service.list_messages_of_news(app, tenant_id, mark=news.mark, ids=ids)
                    wanted = [one for one in found if channel is None or one.channel == channel]
                    if wanted:
                        yield MessageNews(messages=[types.message(context, one) for one in wanted], is_gap=False)

    @strawberry.subscription(description="Clusters that grow, shrink, are answered, or are rearranged.")
    async def clusters_changed(self, info: GraphInfo) -> AsyncIterator[ClusterNews]:
        """Each as it is by then; many changes of one cluster come as one."""
        context = require(info, Scope.READ)
        app, tenant_id = context.app, context.tenant_id
        async with service.follow_inbox(app, tenant_id) as following:
            yield ClusterNews(clusters=[], gone_ids=[], is_gap=True)
            async for news in following:
                if news.is_gap:
                    yield ClusterNews(clusters=[], gone_ids=[], is_gap=True)
                for ids in _parts(news.cluster_ids):
                    cards = await service.list_clusters_of_news(app, tenant_id, mark=news.mark, ids=ids)
                    here = {card.id for card in cards}
                    yield ClusterNews(
                        clusters=[types.cluster(context, card) for card in cards],
                        gone_ids=[types.cluster_id(one) for one in ids if one not in here],
                        is_gap=False,
                    )


def _parts(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    for start in range(0, len(ids), _ROWS_MAX):
        yield ids[start : start + _ROWS_MAX]
