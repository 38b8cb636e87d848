"""What callers send."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from likewise.apps.inbox.model import DEFAULT_CHANNEL, ClusterState, MessageDraft, VisitorDraft

__all__ = [
    "ActionBody",
    "ChannelBody",
    "ChannelPatch",
    "InboxClusterPatch",
    "InboxMergeBody",
    "InboxMoveBody",
    "MessageBody",
    "PreviewBody",
    "RemoveBody",
    "VisitorBody",
    "draft_of",
]


class VisitorBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who writes, as the channel names them. Without an `id` the name stands for it; an `avatar_url` that is no address
    counts as none."""

    id: str | None = None
    name: str | None = None
    avatar_url: str | None = None


class MessageBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A message. `id` is yours: sent again, it is the same message. `payload` is kept as it is."""

    text: str
    id: str | None = None
    channel: str = DEFAULT_CHANNEL
    visitor: VisitorBody | None = None
    sent_at: datetime | None = None
    payload: dict[str, object] | None = None


class InboxClusterPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Lock or unlock a cluster, name it (an empty name takes the label again), put it away or open it again, or stop
    answering what joins it."""

    is_locked: bool | None = None
    name: Annotated[str, Meta(max_length=200)] | None = None
    state: ClusterState | None = None
    answers_late: bool | None = None


class PreviewBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An answer with slots such as {{first_name|there}}, and messages left out of it."""

    response_text: str
    exceptions: Annotated[list[str], Meta(max_length=10_000)] = []


class ActionBody(PreviewBody, frozen=True, forbid_unknown_fields=True):
    """`answers_late`: what joins the cluster later gets the same answer. `expected_count`: how many messages you saw;
    any other number is refused."""

    answers_late: bool = False
    expected_count: Annotated[int, Meta(ge=0)] | None = None


class RemoveBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The cluster the message goes to; without one it begins its own."""

    into: str | None = None


class InboxMoveBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Messages of a cluster, and the cluster they go to; without one they begin their own."""

    messages: Annotated[list[str], Meta(min_length=1, max_length=10_000)]
    into: str | None = None


class InboxMergeBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The cluster whose id stays."""

    into: str


class ChannelBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A channel. Answers go to `delivery_url`; without one you fetch them from /deliveries."""

    name: str
    delivery_url: str | None = None
    metadata: dict[str, object] = {}


class ChannelPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to change; an empty `delivery_url` takes the address away."""

    delivery_url: str | None = None
    metadata: dict[str, object] | None = None


def draft_of(body: MessageBody) -> MessageDraft:
    """A message as the service takes it."""
    visitor = body.visitor
    return MessageDraft(
        text=body.text,
        id=body.id,
        channel=body.channel,
        visitor=None
        if visitor is None
        else VisitorDraft(id=visitor.id, name=visitor.name, avatar_url=visitor.avatar_url),
        sent_at=body.sent_at,
        payload=body.payload,
    )
