"""Lines of a source, split on one newline byte sequence and nothing else, each bounded in length."""

from collections.abc import Iterator

import msgspec

from likewise.engine.collections.reading.source import CHUNK_BYTES, Source

__all__ = ["Line", "read_lines"]


class Line(msgspec.Struct, frozen=True):
    """One line without its newline. `number` counts from 1, `offset` is in bytes.

    Of a line above the bound only its length and its number of quotes are known: `data` is None.
    """

    number: int
    offset: int
    data: bytes | None
    size: int
    quotes: int = 0


def read_lines(source: Source, *, bytes_max: int, newline: bytes = b"\n") -> Iterator[Line]:
    """Every line in order, in memory bounded by `bytes_max`. What a damaged source cuts short is not a line."""
    number, offset = 0, 0
    pending = _Pending(bytes_max)
    while chunk := source.read(CHUNK_BYTES):
        *ends, rest = chunk.split(newline)
        for end in ends:
            number += 1
            if pending.size:
                pending.add(end)
                line = pending.take(number, offset)
            elif len(end) > bytes_max:
                line = Line(number, offset, None, len(end), end.count(b'"'))
            else:
                line = Line(number, offset, end, len(end))
            yield line
            offset += line.size + len(newline)
        pending.add(rest)
    if pending.size and not source.damage:
        yield pending.take(number + 1, offset)


class _Pending:
    """The beginning of a line whose end has not arrived. Above the bound its bytes are counted and let go."""

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._parts: list[bytes] = []
        self._quotes = 0
        self.size = 0

    def add(self, part: bytes) -> None:
        self.size += len(part)
        self._quotes += part.count(b'"')
        if self.size > self._bytes_max:
            self._parts.clear()
        elif part:
            self._parts.append(part)

    def take(self, number: int, offset: int) -> Line:
        data = None if self.size > self._bytes_max else b"".join(self._parts)
        line = Line(number, offset, data, self.size, self._quotes)
        self._parts, self._quotes, self.size = [], 0, 0
        return line
