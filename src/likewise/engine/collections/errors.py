"""What can go wrong with collections and items, as facts."""

from likewise.platform.errors import Conflict, NotFound, Rejected, Unavailable

__all__ = [
    "CollectionExists",
    "CollectionNameRefused",
    "CollectionNotFound",
    "ItemKeyRefused",
    "ItemNotFound",
    "ItemRefused",
    "LanguageUnknown",
    "LoadStalled",
    "TooManyItems",
    "WriteContended",
]


class CollectionNotFound(NotFound):
    """No collection is named {name!r}. {hint}"""


class CollectionExists(Conflict):
    """A collection named {name!r} is already there. Write to it, or choose another name."""


class CollectionNameRefused(Rejected):
    """{name!r} cannot name a collection: use 1 to 100 letters, digits, - or _, starting with a letter or digit."""


class LanguageUnknown(Rejected):
    """{language!r} is no language Postgres has a text search configuration for. Known: {known}."""


class ItemNotFound(NotFound):
    """Collection {collection!r} has no item with the key {key!r}."""


class ItemKeyRefused(Rejected):
    """An item's key must have 1 to {bytes_max} bytes; this one has {bytes}."""


class ItemRefused(Rejected):
    """The item cannot be stored: {reason}."""


class TooManyItems(Rejected):
    """{count} items in one batch; at most {count_max} are taken. Send them in several batches, or load a file."""


class WriteContended(Conflict):
    """Others are writing the same keys at this moment. Nothing was stored; try again."""


class LoadStalled(Unavailable):
    """{waiting} passages wait for their vector and none got one for {stall_s:.0f} s. Everything read so far is stored:
    `likewise health` tells what is wrong, and any worker goes on where this one stopped."""
