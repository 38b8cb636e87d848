"""What can be asked."""

from uuid import UUID

import msgspec
import strawberry

from likewise.apps.inbox import service
from likewise.apps.inbox.graph import types
from likewise.apps.inbox.graph.types import Change, Cluster, ClusterOrder, ClusterState, Message, Preview
from likewise.platform.errors import FieldError, Rejected
from likewise.platform.graph import Connection, GraphInfo, make_page, read_page, require
from likewise.platform.ids import decode_id
from likewise.platform.tenancy import Scope

__all__ = ["Query"]

_PREVIEW_MAX = 200
_SEARCH_MAX = 100
_SIZE_MAX = 2**31 - 1


class NumberRefused(Rejected):
    """`{argument}` is 1 to {most}, not {given}."""


class MessagesOfBoth(Rejected):
    """Ask for the messages of a `cluster`, or for those of a `channel` and a `visitor`, not for both at once."""


@strawberry.type
class Query:
    """Of the inbox."""

    @strawberry.field(description="Clusters, each with a few messages.")
    async def clusters(
        self,
        info: GraphInfo,
        state: ClusterState = ClusterState.OPEN,
        order_by: ClusterOrder = ClusterOrder.SIZE,
        size_min: int = 1,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[Cluster]:
        """One statement, whatever is asked of them."""
        context = require(info, Scope.READ)
        order = order_by.value
        wish = read_page(info, f"inbox/clusters/{state.value}/{order}/{size_min}", first=first, after=after)
        behind = None
        if wish.position is not None:
            kind = service.MomentPlace if order == "newest" else service.CardPlace
            place = msgspec.json.decode(wish.position, type=kind)
            behind = place.as_place() if isinstance(place, service.MomentPlace) else place
        found = await service.list_clusters(
            context.app,
            context.tenant_id,
            state=state.value,
            order=order,
            size_min=_bounded("sizeMin", size_min, _SIZE_MAX),
            behind=behind,
            limit=wish.rows_read,
        )
        return make_page(
            info,
            wish,
            found,
            node=lambda card: types.cluster(context, card),
            position=lambda card: msgspec.json.encode(service.place_of(card, order)).decode(),
        )

    @strawberry.field(description="Clusters whose messages a search finds, best first, whatever their state.")
    async def search_clusters(self, info: GraphInfo, text: str, limit: int = 20) -> list[Cluster]:
        """By meaning and by words."""
        context = require(info, Scope.READ)
        found = await service.search_clusters(
            context.app, context.tenant_id, query=text, limit=_bounded("limit", limit, _SEARCH_MAX)
        )
        return [types.cluster(context, card) for card in found]

    @strawberry.field(description="One cluster.")
    async def cluster(self, info: GraphInfo, id: strawberry.ID) -> Cluster:  # noqa: A002 - GraphQL's word
        """By its id."""
        context = require(info, Scope.READ)
        card = await service.get_cluster(context.app, context.tenant_id, cluster_id=decode_id("clu", id))
        return types.cluster(context, card)

    @strawberry.field(description="Messages, newest first; of a cluster, of a channel, of a visitor.")
    async def messages(
        self,
        info: GraphInfo,
        cluster: strawberry.ID | None = None,
        channel: str | None = None,
        visitor: strawberry.ID | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[Message]:
        """A cluster's own, or everybody's. Raises MessagesOfBoth."""
        context = require(info, Scope.READ)
        if cluster is not None and (channel is not None or visitor is not None):
            raise MessagesOfBoth
        wish = read_page(info, f"inbox/messages/{cluster}/{channel}/{visitor}", first=first, after=after)
        before = service.LAST_ID if wish.position is None else UUID(wish.position)
        if cluster is not None:
            found = await service.list_messages_of_cluster(
                context.app,
                context.tenant_id,
                cluster_id=decode_id("clu", cluster),
                before=before,
                limit=wish.rows_read,
            )
        else:
            found = await service.list_messages(
                context.app,
                context.tenant_id,
                channel_id=None
                if channel is None
                else (await service.get_channel(context.app, context.tenant_id, name=channel)).id,
                visitor_id=None if visitor is None else decode_id("vis", visitor),
                before=before,
                limit=wish.rows_read,
            )
        return make_page(
            info, wish, found, node=lambda one: types.message(context, one), position=lambda one: str(one.id)
        )

    @strawberry.field(description="One message.")
    async def message(self, info: GraphInfo, id: strawberry.ID) -> Message:  # noqa: A002 - GraphQL's word
        """By its id."""
        context = require(info, Scope.READ)
        found = await service.get_message(context.app, context.tenant_id, message_id=decode_id("msg", id))
        return types.message(context, found)

    @strawberry.field(description="What the messages of a cluster would be answered; nothing is written.")
    async def preview_answer(
        self,
        info: GraphInfo,
        cluster: strawberry.ID,
        response_text: str,
        exceptions: list[strawberry.ID] | None = None,
        limit: int = 50,
    ) -> Preview:
        """The first of them; REST has them all, page by page."""
        context = require(info, Scope.READ)
        found = await service.preview_answer(
            context.app,
            context.tenant_id,
            cluster_id=decode_id("clu", cluster),
            response_text=response_text,
            exceptions=[decode_id("msg", one) for one in exceptions or ()],
            limit=_bounded("limit", limit, _PREVIEW_MAX),
        )
        return Preview(message_count=found.message_count, replies=[types.reply(one) for one in found.replies])

    @strawberry.field(description="What people changed, newest first.")
    async def changes(
        self,
        info: GraphInfo,
        cluster: strawberry.ID | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[Change]:
        """Of a cluster, or of all."""
        context = require(info, Scope.READ)
        wish = read_page(info, f"inbox/changes/{cluster}", first=first, after=after)
        found = await service.list_changes(
            context.app,
            context.tenant_id,
            cluster_id=None if cluster is None else decode_id("clu", cluster),
            before=service.LAST_ID if wish.position is None else UUID(wish.position),
            limit=wish.rows_read,
        )
        return make_page(info, wish, found, node=types.change, position=lambda one: str(one.id))


def _bounded(argument: str, given: int, most: int) -> int:
    if not 1 <= given <= most:
        problem = FieldError(f"/{argument}", f"1 to {most}")
        raise NumberRefused(argument=argument, given=given, most=most, errors=[problem])
    return given
