"""What callers see."""

from datetime import datetime
from uuid import UUID

import msgspec

from likewise.apps.inbox.model import (
    Action,
    Card,
    Change,
    ChangeKind,
    Channel,
    ClusterState,
    Delivery,
    DeliveryState,
    Message,
)
from likewise.apps.inbox.service import Reply, trend_of
from likewise.platform.ids import encode_id

__all__ = [
    "TREND_DAYS",
    "ActionDetail",
    "ActionView",
    "ChannelSecret",
    "ChannelView",
    "ClusterChanged",
    "DeliveryView",
    "ExampleView",
    "InboxBatchRow",
    "InboxChangeView",
    "InboxClusterView",
    "IngestedView",
    "MessageDetail",
    "MessageView",
    "PreviewView",
    "ReplyView",
    "action_view",
    "change_view",
    "channel_view",
    "cluster_view",
    "delivery_view",
    "message_view",
    "reply_view",
]

TREND_DAYS = 7.0
"""Days after which a message counts e times less for the trend."""


class IngestedView(msgspec.Struct, frozen=True):
    """What became of a message. `pending`: its group is being found; `grouped`: its text is in `cluster` already."""

    id: str
    status: str
    is_new: bool
    cluster: str | None = None


class InboxBatchRow(msgspec.Struct, frozen=True):
    """What became of one message of a batch; `error` says why it was rejected."""

    status: str
    id: str | None = None
    cluster: str | None = None
    is_new: bool = False
    error: str | None = None


class MessageView(msgspec.Struct, frozen=True):
    """A message. `status`: pending, grouped, or how its answer stands: waiting, ready, delivered, failed. `reason` says
    why it is in its cluster: identical, near_verbatim, meaning, new, refined or person."""

    id: str
    external_id: str
    channel: str
    text: str
    status: str
    visitor: str | None
    visitor_name: str | None
    avatar: str | None
    sent_at: datetime
    received_at: datetime
    cluster: str | None
    similarity: float | None
    reason: str | None
    delivery: str | None


class MessageDetail(MessageView, frozen=True):
    """A message with what came with it."""

    payload: dict[str, object]


class ExampleView(msgspec.Struct, frozen=True):
    """A message that stands for its cluster."""

    id: str
    text: str
    visitor_name: str | None


class InboxClusterView(msgspec.Struct, frozen=True):
    """Messages that ask the same thing. `trend`: messages of the last days, one counting less the older it is."""

    id: str
    label: str
    name: str | None
    words: list[str]
    state: ClusterState
    message_count: int
    answered_count: int
    outlier_count: int
    trend: float
    first_seen_at: datetime
    last_seen_at: datetime
    is_locked: bool
    answers_late: bool
    action: str | None
    examples: list[ExampleView]


class ReplyView(msgspec.Struct, frozen=True):
    """What one message would be answered."""

    message: str
    visitor_name: str | None
    message_text: str
    text: str


class PreviewView(msgspec.Struct, frozen=True):
    """A page of replies, and how many messages would be answered in all."""

    data: list[ReplyView]
    message_count: int
    has_more: bool = False
    next_cursor: str | None = None


class ActionView(msgspec.Struct, frozen=True):
    """An answer to a cluster. It can be undone until `leaves_at`."""

    id: str
    cluster: str
    response_text: str
    answers_late: bool
    actor: str
    message_count: int
    created_at: datetime
    leaves_at: datetime
    undone_at: datetime | None


class ActionDetail(ActionView, frozen=True):
    """With how its deliveries stand, by state."""

    deliveries: dict[str, int]


class DeliveryView(msgspec.Struct, frozen=True):
    """One answer to one message. `waiting`: on its way; `ready`: to be fetched by you, then acknowledged."""

    id: str
    action: str
    message: str
    channel: str
    external_id: str
    text: str
    state: DeliveryState
    attempts: int
    last_status: int | None
    last_error: str | None
    created_at: datetime
    ended_at: datetime | None


class InboxChangeView(msgspec.Struct, frozen=True):
    """Something a person changed; POST .../changes/{id}/undo takes it back."""

    id: str
    kind: ChangeKind
    actor: str
    cluster: str
    other_cluster: str | None
    action: str | None
    message_count: int
    created_at: datetime
    undone_at: datetime | None


class ClusterChanged(msgspec.Struct, frozen=True):
    """A cluster as it is now, and the change that can be undone."""

    cluster: InboxClusterView
    change: InboxChangeView


class ChannelView(msgspec.Struct, frozen=True):
    """A channel. Signed webhooks go to `hook_path` on this server."""

    id: str
    name: str
    delivery_url: str | None
    hook_path: str
    metadata: dict[str, object]
    created_at: datetime


class ChannelSecret(msgspec.Struct, frozen=True):
    """What both sides sign with, by the Standard Webhooks scheme."""

    secret: str


def message_view(message: Message, *, avatar: str | None = None) -> MessageView:
    """A message for callers; `avatar`: the signed address of its visitor's picture."""
    return MessageView(
        id=encode_id("msg", message.id),
        external_id=message.external_id,
        channel=message.channel,
        text=message.text,
        status=message.delivery_state or ("pending" if message.cluster_id is None else "grouped"),
        visitor=_named("vis", message.visitor_id),
        visitor_name=message.visitor_name,
        avatar=avatar,
        sent_at=message.sent_at,
        received_at=message.received_at,
        cluster=_named("clu", message.cluster_id),
        similarity=None if message.similarity is None else round(message.similarity, 4),
        reason=message.reason,
        delivery=_named("dlv", message.delivery_id),
    )


def cluster_view(card: Card, *, now: datetime, trend_days: float) -> InboxClusterView:
    """A cluster for callers."""
    return InboxClusterView(
        id=encode_id("clu", card.id),
        label=card.name or card.label,
        name=card.name,
        words=card.words,
        state=card.state,
        message_count=card.message_count,
        answered_count=card.answered_count,
        outlier_count=card.outlier_count,
        trend=round(trend_of(card, now=now, trend_days=trend_days), 3),
        first_seen_at=card.first_seen_at,
        last_seen_at=card.last_seen_at,
        is_locked=card.is_locked,
        answers_late=card.answers_late,
        action=_named("act", card.action_id),
        examples=[ExampleView(encode_id("msg", one.id), one.text, one.visitor) for one in card.examples],
    )


def reply_view(reply: Reply) -> ReplyView:
    """A reply for callers."""
    message = reply.message
    return ReplyView(encode_id("msg", message.id), message.visitor_name, message.text, reply.text)


def action_view(action: Action) -> ActionView:
    """An answer for callers."""
    return ActionView(
        id=encode_id("act", action.id),
        cluster=encode_id("clu", action.cluster_id),
        response_text=action.response_text,
        answers_late=action.answers_late,
        actor=action.actor,
        message_count=action.message_count,
        created_at=action.created_at,
        leaves_at=action.leaves_at,
        undone_at=action.undone_at,
    )


def delivery_view(delivery: Delivery) -> DeliveryView:
    """A delivery for callers."""
    return DeliveryView(
        id=encode_id("dlv", delivery.id),
        action=encode_id("act", delivery.action_id),
        message=encode_id("msg", delivery.message_id),
        channel=delivery.channel,
        external_id=delivery.external_id,
        text=delivery.text,
        state=delivery.state,
        attempts=delivery.attempts,
        last_status=delivery.last_status,
        last_error=delivery.last_error,
        created_at=delivery.created_at,
        ended_at=delivery.ended_at,
    )


def change_view(change: Change) -> InboxChangeView:
    """A change for callers."""
    return InboxChangeView(
        id=encode_id("chg", change.id),
        kind=change.kind,
        actor=change.actor,
        cluster=encode_id("clu", change.cluster_id),
        other_cluster=_named("clu", change.other_id),
        action=_named("act", change.action_id),
        message_count=change.message_count,
        created_at=change.created_at,
        undone_at=change.undone_at,
    )


def channel_view(channel: Channel, *, hook_path: str) -> ChannelView:
    """A channel for callers."""
    return ChannelView(
        id=encode_id("chn", channel.id),
        name=channel.name,
        delivery_url=channel.delivery_url,
        hook_path=hook_path,
        metadata=channel.metadata,
        created_at=channel.created_at,
    )


def _named(prefix: str, value: UUID | None) -> str | None:
    return None if value is None else encode_id(prefix, value)
