"""The nouns of the inbox."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

__all__ = [
    "ARCHIVE_MESSAGES",
    "COLLECTION",
    "DEFAULT_CHANNEL",
    "DELETE_AVATARS",
    "FETCH_AVATAR",
    "RESTORE_ARCHIVE",
    "Action",
    "Answerable",
    "Archive",
    "ArchiveArgs",
    "ArchivedCluster",
    "ArchivedDelivery",
    "ArchivedMessage",
    "Avatar",
    "Card",
    "Change",
    "ChangeKind",
    "Channel",
    "ClusterOrder",
    "ClusterState",
    "DeleteAvatarsArgs",
    "Delivery",
    "DeliveryState",
    "Example",
    "FetchAvatarArgs",
    "Ingested",
    "Message",
    "MessageDraft",
    "RestoreArgs",
    "Visitor",
    "VisitorDraft",
]

COLLECTION = "inbox"
"""The collection whose items the messages are."""

DEFAULT_CHANNEL = "api"
"""The channel of messages that name none; made with the first of them."""

ClusterState = Literal["open", "actioned", "archived"]
ClusterOrder = Literal["size", "newest", "trend"]
DeliveryState = Literal["waiting", "ready", "delivered", "failed", "cancelled"]
ChangeKind = Literal["answer", "remove", "move", "merge", "split", "lock", "unlock", "rename", "archive", "reopen"]


class Channel(msgspec.Struct, frozen=True):
    """Where messages come from. Answers go to `delivery_url`; without one a client fetches them."""

    id: UUID
    name: str
    delivery_url: str | None
    secret_version: int
    metadata: dict[str, object]
    created_at: datetime


class VisitorDraft(msgspec.Struct, frozen=True, kw_only=True):
    """Who writes, as the channel names them. Without an `id` the name stands for it."""

    id: str | None = None
    name: str | None = None
    avatar_url: str | None = None


class MessageDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A message as it arrives. `id` is the caller's own, unique in its channel: the same again is the same message."""

    text: str
    id: str | None = None
    channel: str = DEFAULT_CHANNEL
    visitor: VisitorDraft | None = None
    sent_at: datetime | None = None
    payload: dict[str, object] | None = None


class Ingested(msgspec.Struct, frozen=True):
    """What became of a draft: the stored message, whether it is new, and the cluster its text is in already."""

    id: UUID
    is_new: bool
    cluster_id: UUID | None


class Visitor(msgspec.Struct, frozen=True):
    """Somebody who writes. `avatar_reason` says why there is no picture of theirs."""

    id: UUID
    channel_id: UUID
    external_id: str
    name: str | None
    avatar_url: str | None
    avatar_key: str | None
    avatar_reason: str | None


class Message(msgspec.Struct, frozen=True):
    """A stored message. Without a cluster it still waits for its place; `reason` says why it is where it is."""

    id: UUID
    channel: str
    external_id: str
    text: str
    visitor_id: UUID | None
    visitor_name: str | None
    avatar_key: str | None
    sent_at: datetime
    received_at: datetime
    cluster_id: UUID | None
    similarity: float | None
    reason: str | None
    delivery_id: UUID | None
    delivery_state: DeliveryState | None


class Example(msgspec.Struct, frozen=True):
    """A message that stands for its cluster, cut to a line or two."""

    id: UUID
    text: str
    visitor: str | None = None


class Card(msgspec.Struct, frozen=True):
    """A cluster in a list. `heat`: logarithm of the trend, see engine/clusters; `answered_count` of its messages have
    an answer that stands."""

    id: UUID
    name: str | None
    label: str
    words: list[str]
    state: ClusterState
    message_count: int
    text_count: int
    answered_count: int
    outlier_count: int
    heat: float
    first_seen_at: datetime
    last_seen_at: datetime
    is_locked: bool
    answers_late: bool
    action_id: UUID | None
    examples: list[Example]


class Answerable(msgspec.Struct, frozen=True):
    """A message that an answer would go to, with what its slots are filled from."""

    id: UUID
    channel_id: UUID
    channel: str
    has_url: bool
    visitor_name: str | None
    sent_at: datetime
    text: str


class Action(msgspec.Struct, frozen=True):
    """An answer to a whole cluster. It can be undone until `leaves_at`."""

    id: UUID
    cluster_id: UUID
    response_text: str
    answers_late: bool
    actor: str
    message_count: int
    leaves_at: datetime
    created_at: datetime
    undone_at: datetime | None


class Delivery(msgspec.Struct, frozen=True):
    """One answer to one message, and how it went."""

    id: UUID
    action_id: UUID
    message_id: UUID
    channel: str
    external_id: str
    text: str
    state: DeliveryState
    attempts: int
    last_status: int | None
    last_error: str | None
    created_at: datetime
    ended_at: datetime | None


class Change(msgspec.Struct, frozen=True):
    """Something a person changed. `before` is the name, lock or state the cluster had."""

    id: UUID
    kind: ChangeKind
    actor: str
    cluster_id: UUID
    other_id: UUID | None
    run_id: UUID | None
    action_id: UUID | None
    message_count: int
    before: str | None
    created_at: datetime
    undone_at: datetime | None


class Archive(msgspec.Struct, frozen=True):
    """Old messages in a compressed file."""

    id: UUID
    file_key: str
    sha256: str
    size_bytes: int
    message_count: int
    first_at: datetime
    last_at: datetime
    created_at: datetime
    restored_at: datetime | None


class ArchivedCluster(msgspec.Struct, frozen=True):
    """What an archive holds of one cluster."""

    archive_id: UUID
    cluster_id: UUID
    label: str
    examples: list[str]
    message_count: int
    first_at: datetime
    last_at: datetime


class ArchivedDelivery(msgspec.Struct, frozen=True):
    """An answer to an archived message, as it stood."""

    id: UUID
    action_id: UUID
    message_id: UUID
    channel_id: UUID
    text: str
    state: DeliveryState
    attempts: int
    last_status: int | None
    last_error: str | None
    created_at: datetime
    ended_at: datetime | None


class ArchivedMessage(msgspec.Struct, frozen=True):
    """A line of an archive: a message with everything that brings it back as it was.

    `key` to `payload` are its item's; `stands`: its cluster's text was shown by this message. `left_out_of`: answers.
    """

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
    facets: msgspec.Raw
    payload: msgspec.Raw
    cluster_id: UUID
    similarity: float
    reason: str
    stands: bool
    deliveries: list[ArchivedDelivery]
    left_out_of: list[UUID]


class Avatar(msgspec.Struct, frozen=True):
    """A visitor's picture as it is served. `content` is None where the asker has it already; `age_max_s`: how long the
    address holds."""

    content: bytes | None
    etag: str
    age_max_s: int


FETCH_AVATAR = "fetch_avatar"
DELETE_AVATARS = "delete_avatars"
ARCHIVE_MESSAGES = "archive_messages"
RESTORE_ARCHIVE = "restore_archive"


class FetchAvatarArgs(msgspec.Struct, frozen=True):
    """The visitor whose picture is wanted."""

    visitor_id: UUID


class DeleteAvatarsArgs(msgspec.Struct, frozen=True):
    """The keys of pictures that nobody has any more."""

    keys: list[str]


class ArchiveArgs(msgspec.Struct, frozen=True):
    """What is archived: messages sent before one moment that came here before another."""

    sent_before: datetime
    stored_before: datetime


class RestoreArgs(msgspec.Struct, frozen=True):
    """The archive whose messages come back."""

    archive_id: UUID
