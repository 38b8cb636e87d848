"""Server-sent events from bytes, as the standard has them, bounded."""

from collections.abc import AsyncGenerator, AsyncIterable

from likewise.engine.language.errors import ChatBroken

__all__ = ["read_events"]


async def read_events(chunks: AsyncIterable[bytes], *, label: str, bytes_max: int) -> AsyncGenerator[tuple[str, str]]:
    """(name, data) of each event; comments are passed over. An event that the end cuts short is given if it has data.

    Raises ChatBroken where one event has more than `bytes_max` bytes.
    """
    lines, event = _Lines(), _Event()
    async for chunk in chunks:
        for line in lines.feed(chunk):
            if line:
                event.add(line)
                continue
            is_told, told = event.has_data, event.take()
            if is_told:
                yield told
        if event.size + lines.waiting > bytes_max:
            raise ChatBroken(model=label, reason=f"an event has more than {bytes_max} bytes")
    event.add(lines.rest())
    if event.has_data:
        yield event.take()


class _Event:
    """An event whose lines come one by one."""

    def __init__(self) -> None:
        self.size = 0
        self._name = ""
        self._data: list[str] = []

    @property
    def has_data(self) -> bool:
        return bool(self._data)

    def add(self, line: bytes) -> None:
        self.size += len(line)
        field, _, value = line.partition(b":")
        text = value.removeprefix(b" ").decode("utf-8", "replace")
        if field == b"data":
            self._data.append(text)
        elif field == b"event":
            self._name = text

    def take(self) -> tuple[str, str]:
        taken = self._name or "message", "\n".join(self._data)
        self._name, self._data, self.size = "", [], 0
        return taken


class _Lines:
    """Cuts bytes at LF, CR and CRLF, also where a chunk ends between the two. Text may hold any other separator."""

    def __init__(self) -> None:
        self._rest = b""
        self._ended_with_cr = False

    @property
    def waiting(self) -> int:
        """Bytes of the line that has not ended."""
        return len(self._rest)

    def feed(self, chunk: bytes) -> list[bytes]:
        if self._ended_with_cr:
            chunk = chunk.removeprefix(b"\n")
        self._ended_with_cr = chunk.endswith(b"\r")
        *whole, self._rest = (self._rest + chunk).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        return whole

    def rest(self) -> bytes:
        return self._rest
