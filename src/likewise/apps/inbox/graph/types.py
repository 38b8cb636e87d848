"""The types of the inbox in GraphQL, made of what the services give."""

from datetime import datetime
from enum import Enum
from uuid import UUID

import strawberry

from likewise.apps.inbox import model, service
from likewise.apps.inbox.views import TREND_DAYS
from likewise.platform.graph import JSON, GraphContext, GraphInfo
from likewise.platform.ids import encode_id

__all__ = [
    "Action",
    "Change",
    "Cluster",
    "ClusterOrder",
    "ClusterState",
    "Example",
    "Message",
    "Preview",
    "Reply",
    "action",
    "change",
    "cluster",
    "cluster_id",
    "message",
    "reply",
]


@strawberry.enum(description="Whether a cluster waits for an answer, has one, or was put away.")
class ClusterState(Enum):
    """See model.ClusterState."""

    OPEN = "open"
    ACTIONED = "actioned"
    ARCHIVED = "archived"


@strawberry.enum(description="What clusters are ordered by, the most first.")
class ClusterOrder(Enum):
    """See model.ClusterOrder."""

    SIZE = "size"
    NEWEST = "newest"
    TREND = "trend"


@strawberry.type(description="A message that stands for its cluster.")
class Example:
    """See model.Example."""

    id: strawberry.ID
    text: str
    visitor_name: str | None


@strawberry.type(description="Messages that ask the same thing.")
class Cluster:
    """See model.Card."""

    id: strawberry.ID
    label: str
    name: str | None
    words: list[str]
    state: ClusterState
    message_count: int
    answered_count: int
    outlier_count: int
    trend: float = strawberry.field(description="Messages of the last days, one counting less the older it is.")
    first_seen_at: datetime
    last_seen_at: datetime
    is_locked: bool
    answers_late: bool = strawberry.field(description="Whether what joins it gets its answer.")
    action_id: strawberry.ID | None
    examples: list[Example]


@strawberry.type(description="A message that was taken in.")
class Message:
    """See model.Message."""

    key: strawberry.Private[UUID]
    id: strawberry.ID
    external_id: str
    channel: str
    text: str
    status: str = strawberry.field(description="pending, grouped, or how its answer stands.")
    visitor_id: strawberry.ID | None
    visitor_name: str | None
    avatar: str | None = strawberry.field(description="The signed address of the visitor's picture.")
    sent_at: datetime
    received_at: datetime
    cluster_id: strawberry.ID | None
    similarity: float | None
    reason: str | None = strawberry.field(description="Why it is in its cluster.")

    @strawberry.field(description="What came with it.")
    async def payload(self, info: GraphInfo) -> JSON:
        """Read only where it is asked for, and for all messages of a page at once."""
        return await info.context.loader(_payloads).load(self.key)


@strawberry.type(description="What one message would be answered.")
class Reply:
    """See service.Reply."""

    message_id: strawberry.ID
    visitor_name: str | None
    message_text: str
    text: str


@strawberry.type(description="What the messages of a cluster would be answered.")
class Preview:
    """See service.Preview."""

    message_count: int
    replies: list[Reply]


@strawberry.type(description="An answer to a cluster; it can be undone until it leaves.")
class Action:
    """See model.Action."""

    id: strawberry.ID
    cluster_id: strawberry.ID
    response_text: str
    answers_late: bool
    actor: str
    message_count: int
    created_at: datetime
    leaves_at: datetime
    undone_at: datetime | None


@strawberry.type(description="Something a person changed.")
class Change:
    """See model.Change."""

    id: strawberry.ID
    kind: str
    actor: str
    cluster_id: strawberry.ID
    other_cluster_id: strawberry.ID | None
    message_count: int
    created_at: datetime
    undone_at: datetime | None


def cluster(context: GraphContext, card: model.Card) -> Cluster:
    """A cluster as GraphQL has it."""
    return Cluster(
        id=strawberry.ID(encode_id("clu", card.id)),
        label=card.name or card.label,
        name=card.name,
        words=card.words,
        state=ClusterState(card.state),
        message_count=card.message_count,
        answered_count=card.answered_count,
        outlier_count=card.outlier_count,
        trend=round(service.trend_of(card, now=context.app.clock.now(), trend_days=TREND_DAYS), 3),
        first_seen_at=card.first_seen_at,
        last_seen_at=card.last_seen_at,
        is_locked=card.is_locked,
        answers_late=card.answers_late,
        action_id=_id("act", card.action_id),
        examples=[
            Example(id=strawberry.ID(encode_id("msg", one.id)), text=one.text, visitor_name=one.visitor)
            for one in card.examples
        ],
    )


def cluster_id(value: UUID) -> strawberry.ID:
    """The id of a cluster as it is written."""
    return strawberry.ID(encode_id("clu", value))


def message(context: GraphContext, found: model.Message) -> Message:
    """A message as GraphQL has it."""
    return Message(
        key=found.id,
        id=strawberry.ID(encode_id("msg", found.id)),
        external_id=found.external_id,
        channel=found.channel,
        text=found.text,
        status=found.delivery_state or ("pending" if found.cluster_id is None else "grouped"),
        visitor_id=_id("vis", found.visitor_id),
        visitor_name=found.visitor_name,
        avatar=service.avatar_url(context.app, context.tenant_id, found),
        sent_at=found.sent_at,
        received_at=found.received_at,
        cluster_id=_id("clu", found.cluster_id),
        similarity=found.similarity,
        reason=found.reason,
    )


def reply(found: service.Reply) -> Reply:
    """A reply as GraphQL has it."""
    return Reply(
        message_id=strawberry.ID(encode_id("msg", found.message.id)),
        visitor_name=found.message.visitor_name,
        message_text=found.message.text,
        text=found.text,
    )


def action(found: model.Action) -> Action:
    """An answer as GraphQL has it."""
    return Action(
        id=strawberry.ID(encode_id("act", found.id)),
        cluster_id=strawberry.ID(encode_id("clu", found.cluster_id)),
        response_text=found.response_text,
        answers_late=found.answers_late,
        actor=found.actor,
        message_count=found.message_count,
        created_at=found.created_at,
        leaves_at=found.leaves_at,
        undone_at=found.undone_at,
    )


def change(found: model.Change) -> Change:
    """A change as GraphQL has it."""
    return Change(
        id=strawberry.ID(encode_id("chg", found.id)),
        kind=found.kind,
        actor=found.actor,
        cluster_id=strawberry.ID(encode_id("clu", found.cluster_id)),
        other_cluster_id=_id("clu", found.other_id),
        message_count=found.message_count,
        created_at=found.created_at,
        undone_at=found.undone_at,
    )


async def _payloads(context: GraphContext, message_ids: list[UUID]) -> list[JSON]:
    found = await service.list_payloads(context.app, context.tenant_id, message_ids=message_ids)
    return [JSON(found.get(message_id, {})) for message_id in message_ids]


def _id(prefix: str, value: UUID | None) -> strawberry.ID | None:
    return None if value is None else strawberry.ID(encode_id(prefix, value))
