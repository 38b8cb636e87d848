"""The first level: what this process keeps, the least recently read thrown out first."""

from collections import OrderedDict

from likewise.platform.cache.model import Place
from likewise.platform.cache.tags import Tag

__all__ = ["Entry", "Memory"]

_OVERHEAD_BYTES = 600  # an entry's own objects, measured roughly, so that many tiny values count too


class Entry:
    """A value with what makes it good: its tags' versions from before it was computed, and its times."""

    __slots__ = ("fresh_until_s", "place", "size_bytes", "stale_until_s", "tags", "value", "versions")

    def __init__(
        self,
        place: Place,
        value: object,
        *,
        tags: tuple[Tag, ...],
        versions: tuple[int, ...],
        fresh_until_s: float,
        stale_until_s: float,
        size_bytes: int,
    ) -> None:
        self.place = place
        self.value = value
        self.tags = tags
        self.versions = versions
        self.fresh_until_s = fresh_until_s
        self.stale_until_s = stale_until_s
        self.size_bytes = size_bytes + _OVERHEAD_BYTES

    def is_current(self) -> bool:
        """Whether none of its tags is known to have been bumped since."""
        return all(tag.version == version for tag, version in zip(self.tags, self.versions, strict=True))

    def is_certain(self, oldest_s: float) -> bool:
        """Whether the database was asked about every tag since `oldest_s`."""
        return all(tag.asked_s >= oldest_s for tag in self.tags)


class Memory:
    """Entries within a bound of number and of bytes."""

    def __init__(self, *, entries_max: int, bytes_max: int) -> None:
        self._entries_max = entries_max
        self._bytes_max = bytes_max
        self._entries: OrderedDict[Place, Entry] = OrderedDict()
        self.size_bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, place: Place) -> Entry | None:
        """The entry at a place, now the most recently read."""
        entry = self._entries.get(place)
        if entry is not None:
            self._entries.move_to_end(place)
        return entry

    def put(self, entry: Entry) -> None:
        """Keep an entry in place of the one that was there; the least recently read make room."""
        self.drop(entry.place)
        self._entries[entry.place] = entry
        self.size_bytes += entry.size_bytes
        while self._entries and (len(self._entries) > self._entries_max or self.size_bytes > self._bytes_max):
            _, oldest = self._entries.popitem(last=False)
            self.size_bytes -= oldest.size_bytes

    def drop(self, place: Place) -> None:
        """Forget what is at a place."""
        entry = self._entries.pop(place, None)
        if entry is not None:
            self.size_bytes -= entry.size_bytes

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self.size_bytes = 0
