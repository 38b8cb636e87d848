"""What happens between people and items, as facts for whoever derives something from them."""

from uuid import UUID

from likewise.platform.events import Event

__all__ = ["PersonChanged"]


class PersonChanged(Event, tag="recommend.person_changed", frozen=True):
    """What somebody did with these items, or wrote, is another than before."""

    collection_id: UUID
    user_key: str
    item_ids: tuple[UUID, ...]
