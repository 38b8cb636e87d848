"""What happens to attributes, as a fact for whoever counts them."""

from uuid import UUID

from likewise.platform.events import Event

__all__ = ["AttributesPut"]


class AttributesPut(Event, tag="patterns.attributes_put", frozen=True):
    """Somebody said something of an item, or took it back."""

    item_id: UUID
