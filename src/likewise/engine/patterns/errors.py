"""What can be wrong with a question about patterns."""

from likewise.platform.errors import Conflict, NotFound, Rejected

__all__ = [
    "AttributesRefused",
    "GroupRefused",
    "GroupTooSmall",
    "InsightNotFound",
    "ItemUnknown",
    "KeyUnknown",
    "TermsCollide",
]


class GroupRefused(Rejected):
    """The group cannot be read: {reason}."""


class GroupTooSmall(Rejected):
    """Fewer than {items_min} items are {group}; nothing is told of so few. Look at a larger one."""


class KeyUnknown(Rejected):
    """No item of {collection!r} has the attribute {key!r}, or too few have.
    `likewise patterns keys -c {collection}` lists the keys there are."""


class InsightNotFound(NotFound):
    """There is no insight with this id. `likewise patterns insights -c COLLECTION` lists those there are."""


class ItemUnknown(NotFound):
    """Collection {collection!r} has no item with the key {key!r}."""


class AttributesRefused(Rejected):
    """The attributes were not stored: {reason}."""


class TermsCollide(Conflict):
    """Two of {count} attribute values share one 64-bit id in a collection. Rename one of the values put last."""
