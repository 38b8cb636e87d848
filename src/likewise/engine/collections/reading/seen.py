"""Which keys a file has had so far, in little memory: 12 bytes a slot, and at most two thirds of the slots taken."""

from array import array

__all__ = ["SeenKeys"]

SLOTS_AT_FIRST = 1 << 12
HASH_MASK = (1 << 64) - 1
LINE_MAX = (1 << 32) - 1


class SeenKeys:
    """Remembers the line of each key, of the first `keys_max` different ones.

    Keys are told apart by 64 bits of their hash: among 20 million, two of them meet by accident once in 90,000 files.
    """

    def __init__(self, keys_max: int) -> None:
        self._keys_max = keys_max
        self._count = 0
        self._allocate(SLOTS_AT_FIRST)

    def put(self, key: str, *, line: int) -> int | None:
        """Remember the key's line; the line it had before, or None when it is new or no longer remembered."""
        code = (hash(key) & HASH_MASK) or 1  # 0 marks a free slot
        slot = self._find(code)
        if self._codes[slot]:
            before = self._lines[slot]
            self._lines[slot] = min(line, LINE_MAX)
            return before
        if self._count < self._keys_max:
            self._codes[slot] = code
            self._lines[slot] = min(line, LINE_MAX)
            self._count += 1
            if self._count * 3 > len(self._codes) * 2:
                self._grow()
        return None

    def _find(self, code: int) -> int:
        """The slot of this code, or the free one where it belongs."""
        codes = self._codes
        slot = code & self._mask
        while codes[slot] and codes[slot] != code:
            slot = (slot + 1) & self._mask
        return slot

    def _grow(self) -> None:
        codes, lines = self._codes, self._lines
        self._allocate(len(codes) * 2)
        for code, line in zip(codes, lines, strict=True):
            if code:
                slot = self._find(code)
                self._codes[slot] = code
                self._lines[slot] = line

    def _allocate(self, slots: int) -> None:
        self._codes = array("Q", bytes(8 * slots))
        self._lines = array("L" if array("L").itemsize == 4 else "I", bytes(4 * slots))
        self._mask = slots - 1
