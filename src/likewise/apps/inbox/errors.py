"""What can go wrong in the inbox, as facts."""

from likewise.platform.errors import Conflict, Denied, NotFound, Rejected, Unavailable

__all__ = [
    "ActionNotFound",
    "ActionNotUndoable",
    "ArchiveContended",
    "ArchiveDamaged",
    "ArchiveNotFound",
    "ArchiveRestored",
    "AvatarNotFound",
    "ChangeNotFound",
    "ChangeNotUndoable",
    "ChannelExists",
    "ChannelNameRefused",
    "ChannelNotFound",
    "ChannelUrlRefused",
    "ClusterAnswered",
    "ClusterGrewMeanwhile",
    "ClusterNotAnswered",
    "ClusterNotFound",
    "ClusterNotOpen",
    "ClusterNotOther",
    "DeliveryNotFound",
    "DeliveryNotRetryable",
    "HookRefused",
    "MessageChanged",
    "MessageKeyRefused",
    "MessageNotFound",
    "MessageRefused",
    "MessageStandsAlone",
    "NothingToAnswer",
    "PictureRefused",
    "PictureUnreachable",
    "SlotUnknown",
    "TooManyMessages",
]


class ChannelNotFound(NotFound):
    """No channel is named {name!r}. {hint}"""


class ChannelExists(Conflict):
    """There is a channel named {name!r} already."""


class ChannelNameRefused(Rejected):
    """{name!r} cannot name a channel: letters, digits, '-' and '_', 1 to 100 of them, the first a letter or a digit."""


class ChannelUrlRefused(Rejected):
    """{url!r} is no address answers can be sent to: it reads https://host/path, or http:// for a host of your own."""


class MessageNotFound(NotFound):
    """There is no message {id}. It may have been deleted or archived: GET /api/v1/inbox/archives tells."""


class MessageRefused(Rejected):
    """The message cannot be taken in: {reason}"""


class MessageKeyRefused(Rejected):
    """An id of a message or a visitor has 1 to 500 bytes, not {bytes}."""


class MessageChanged(Conflict):
    """Message {id!r} of channel {channel!r} is here already, with another text. Send a changed message under a new
    id."""


class TooManyMessages(Rejected):
    """{count} messages in one batch are too many; send at most {count_max} at once."""


class ClusterNotFound(NotFound):
    """There is no cluster {id} in the inbox; it may have been merged into another. GET /api/v1/inbox/changes tells."""


class ClusterAnswered(Conflict):
    """Cluster {id} was answered by {actor} at {at}. Look at it again; undo that answer first to give another."""


class ClusterNotAnswered(Conflict):
    """Cluster {id} has no answer that what joins it could be given. Answer it with `answers_late`."""


class ClusterNotOpen(Conflict):
    """Cluster {id} is {state}; only an open one can be changed like this. Reopen it first."""


class ClusterNotOther(Rejected):
    """Cluster {id} is where the messages are already. Name another one as `into`."""


class ClusterGrewMeanwhile(Conflict):
    """Cluster {id} has {count} messages to answer now, not {expected}. Look at it again, then send."""


class NothingToAnswer(Conflict):
    """Every message of cluster {id} is answered already or left out."""


class MessageStandsAlone(Conflict):
    """Message {id} cannot leave: every message of its cluster says the same, and identical texts stay together. Leave
    it out of the answer instead (`exceptions`)."""


class SlotUnknown(Rejected):
    """The answer has the slot {{{{{slot}}}}}, which nothing fills. Slots are: {known}; {{{{first_name|there}}}} says
    "there" where no name is known."""


class ActionNotFound(NotFound):
    """There is no answer {id}."""


class ActionNotUndoable(Conflict):
    """The answer {id} cannot be undone: {reason}."""


class ChangeNotFound(NotFound):
    """There is no change {id} in the inbox."""


class ChangeNotUndoable(Conflict):
    """The change {id} cannot be undone: {reason}."""


class DeliveryNotFound(NotFound):
    """There is no delivery {id}."""


class DeliveryNotRetryable(Conflict):
    """Delivery {id} is {state}; only a failed one can be tried again, and only a ready one acknowledged."""


class HookRefused(Denied):
    """The signature of this webhook does not fit: {reason}. It is made by the Standard Webhooks scheme with the
    channel's secret (`likewise inbox channels secret NAME`)."""

    status = 401


class AvatarNotFound(NotFound):
    """There is no picture at this address, or its time is over. The message it belongs to has a new one."""


class ArchiveNotFound(NotFound):
    """There is no archive {id}."""


class ArchiveRestored(Conflict):
    """Archive {id} was restored already, at {at}."""


class ArchiveContended(Unavailable):
    """Messages changed again and again while they were archived; nothing of them was. Archive again later."""


class ArchiveDamaged(Unavailable):
    """The file of archive {id} is not what was written: {reason}. Bring {key} back from a backup of the files, then
    restore again."""


class PictureRefused(Rejected):
    """The picture is not taken: {reason}."""


class PictureUnreachable(Unavailable):
    """The picture cannot be fetched: {reason}."""
