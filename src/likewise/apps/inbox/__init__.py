"""The door to the inbox: messages that ask the same thing, answered once."""

from likewise.apps.inbox.events import ClusterDecided, ClusterMarked, DeliveriesEnded, MessagesReceived, VisitorSeen
from likewise.apps.inbox.model import Action, Card, Change, Channel, Delivery, Ingested, Message, MessageDraft
from likewise.apps.inbox.service import (
    IngestReport,
    answer_cluster,
    create_channel,
    ingest,
    ingest_each,
    ingest_file,
    list_channels,
    list_clusters,
    wait_until_grouped,
)

__all__ = [
    "Action",
    "Card",
    "Change",
    "Channel",
    "ClusterDecided",
    "ClusterMarked",
    "DeliveriesEnded",
    "Delivery",
    "IngestReport",
    "Ingested",
    "Message",
    "MessageDraft",
    "MessagesReceived",
    "VisitorSeen",
    "answer_cluster",
    "create_channel",
    "ingest",
    "ingest_each",
    "ingest_file",
    "list_channels",
    "list_clusters",
    "wait_until_grouped",
]
