"""What happens in the inbox, as facts for screens, subscriptions and whoever derives something from them."""

from uuid import UUID

from likewise.platform.events import Event

__all__ = ["EVENT_IDS_MAX", "ClusterDecided", "ClusterMarked", "DeliveriesEnded", "MessagesReceived", "VisitorSeen"]

EVENT_IDS_MAX = 80


class MessagesReceived(Event, tag="inbox.messages_received", frozen=True):
    """New messages are stored; at most EVENT_IDS_MAX in one event."""

    message_ids: list[UUID]


class ClusterDecided(Event, tag="inbox.cluster_decided", frozen=True):
    """A cluster was answered, archived, reopened, or something of that was undone."""

    cluster_id: UUID
    state: str


class ClusterMarked(Event, tag="inbox.cluster_marked", frozen=True):
    """A cluster was named, locked or unlocked, or something of that was undone."""

    cluster_id: UUID


class DeliveriesEnded(Event, tag="inbox.deliveries_ended", frozen=True):
    """Answers have reached their channel, or were given up."""

    action_ids: list[UUID]


class VisitorSeen(Event, tag="inbox.visitor_seen", frozen=True):
    """A visitor came with a picture that is not here yet."""

    visitor_id: UUID
