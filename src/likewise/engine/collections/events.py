"""What happens to items, as facts for whoever derives something from them."""

from uuid import UUID

from likewise.platform.events import Event

__all__ = ["ItemAdded", "ItemChanged", "ItemRemoved"]


class ItemAdded(Event, tag="collections.item_added", frozen=True):
    """A new item and its passages are stored."""

    item_id: UUID
    collection_id: UUID


class ItemChanged(Event, tag="collections.item_changed", frozen=True):
    """An item's content is another; its passages were made anew."""

    item_id: UUID
    collection_id: UUID


class ItemRemoved(Event, tag="collections.item_removed", frozen=True):
    """An item and everything of it is gone."""

    item_id: UUID
    collection_id: UUID
