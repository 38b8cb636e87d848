"""What an experience has and an item has no column for is kept in the item's metadata, and taken out of it when shown:
the name of its place, and the offset of the clock by which it happened. Pure.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

__all__ = ["kept_metadata", "local_time", "place_name_of", "shown_metadata"]

_PLACE_NAME = "place_name"
_UTC_OFFSET = "utc_offset_min"
_OURS = frozenset({_PLACE_NAME, _UTC_OFFSET})
_DAY_MIN = 24 * 60


def kept_metadata(
    metadata: Mapping[str, object], *, place_name: str, happened_at: datetime | None
) -> dict[str, object]:
    """What the caller noted, with what is ours."""
    kept = shown_metadata(metadata)
    if place_name:
        kept[_PLACE_NAME] = place_name
    offset = None if happened_at is None else happened_at.utcoffset()
    if offset:
        kept[_UTC_OFFSET] = round(offset.total_seconds() / 60)
    return kept


def shown_metadata(metadata: Mapping[str, object]) -> dict[str, object]:
    """What the caller noted."""
    return {name: value for name, value in metadata.items() if name not in _OURS}


def place_name_of(metadata: Mapping[str, object]) -> str:
    """What the place is called; empty where nobody has said."""
    name = metadata.get(_PLACE_NAME)
    return name if isinstance(name, str) else ""


def local_time(at: datetime | None, metadata: Mapping[str, object]) -> datetime | None:
    """The moment by the clock where it happened: whether it was evening is read from that."""
    offset = metadata.get(_UTC_OFFSET)
    if at is None or not isinstance(offset, int) or not -_DAY_MIN < offset < _DAY_MIN:
        return at
    try:
        return at.astimezone(timezone(timedelta(minutes=offset)))
    except OverflowError:
        return at
