"""What happens to vectors, as a fact for whoever derives something from them."""

from collections.abc import Iterable
from uuid import UUID

from likewise.platform.events import Event

__all__ = ["ItemsEmbedded", "SpaceChanged", "items_embedded"]

_ITEMS_MAX = 80  # 40 bytes each, so that an event stays within the log's bound


class ItemsEmbedded(Event, tag="embedding.items_embedded", frozen=True):
    """Passages of these items got their vectors; an item of several passages may be told of several times."""

    collection_id: UUID
    item_ids: tuple[UUID, ...]


class SpaceChanged(Event, tag="embedding.space_changed", frozen=True):
    """A tenant is searched in another space from now on: what was derived from vectors has to be derived anew."""

    space_id: int


def items_embedded(pairs: Iterable[tuple[UUID, UUID]]) -> list[ItemsEmbedded]:
    """Events for (collection, item) pairs, each item once, as many items in one event as fit."""
    by_collection: dict[UUID, dict[UUID, None]] = {}
    for collection_id, item_id in pairs:
        by_collection.setdefault(collection_id, {})[item_id] = None
    events: list[ItemsEmbedded] = []
    for collection_id, items in by_collection.items():
        ids = tuple(items)
        events += [
            ItemsEmbedded(collection_id, ids[start : start + _ITEMS_MAX]) for start in range(0, len(ids), _ITEMS_MAX)
        ]
    return events
