"""JSON: one object on each line, or one array of objects, read piece by piece."""

import json
import re
from collections.abc import Iterator
from typing import cast

import msgspec

from likewise.engine.collections.model import RowProblem
from likewise.engine.collections.reading.lines import read_lines
from likewise.engine.collections.reading.rows import ReadingBounds, Row
from likewise.engine.collections.reading.source import CHUNK_BYTES, Source

__all__ = ["read_json_array", "read_json_lines"]

_DECODER = msgspec.json.Decoder(dict[str, object])
_BYTE_PLACE = re.compile(r" \(byte (\d+)\)$")
_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")
_NOT_A_NUMBER = re.compile(rb"[:,\[]\s*(NaN|-?Infinity)\b")

# From within an object or array to the next bracket that is not inside a string. Possessive: it never backtracks.
_TO_BRACKET = re.compile(rb'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+")*+([\[\]{}])', re.DOTALL)
_SCALAR = re.compile(rb'(?:"(?:[^"\\]++|\\.)*+"|[^",\]\s])++(?=[\s,\]])', re.DOTALL)
_TOKEN = re.compile(rb'\\.|["\[\]{},]', re.DOTALL)
_BETWEEN = re.compile(rb"[\s,]*+")
_OPENING = (ord("{"), ord("["))


def read_json_lines(source: Source, bounds: ReadingBounds, from_line: int) -> Iterator[Row | RowProblem]:
    """A row for each line that is not blank, from `from_line` on."""
    for line in read_lines(source, bytes_max=bounds.row_bytes_max):
        if line.number < from_line:
            continue
        if line.data is None:
            yield too_long(line.number, line.size, bounds)
        elif line.data and not line.data.isspace():
            values = _decode(line.data)
            if isinstance(values, str):
                yield RowProblem(line.number, "", values)
            else:
                yield Row(line.number, line.offset, values)


def read_json_array(source: Source, bounds: ReadingBounds, from_line: int) -> Iterator[Row | RowProblem]:
    """A row for each element that begins at `from_line` or later. Memory is bounded by the longest element."""
    text = _ArrayText(source, bounds.row_bytes_max)
    while (begin := text.next_element()) is not None:
        line, offset, element = begin
        if element is None:
            if not source.damage:
                yield too_long(line, text.skipped_bytes, bounds)
        elif line >= from_line:
            values = _decode(element)
            yield RowProblem(line, "", values) if isinstance(values, str) else Row(line, offset, values)
    if text.trouble and not source.damage:
        yield RowProblem(text.line, "", text.trouble)


def too_long(line: int, size: int, bounds: ReadingBounds) -> RowProblem:
    """The problem of a row that is longer than may be read at once."""
    return RowProblem(
        line,
        "",
        f"this row has {size:,} bytes and at most {bounds.row_bytes_max:,} are read; split it, "
        "or raise collections.item_bytes_max",
    )


def _decode(data: bytes) -> dict[str, object] | str:
    """The object in the data, or the reason why there is none."""
    try:
        return _DECODER.decode(data)
    except UnicodeDecodeError:
        return describe_bad_byte(data)
    except RecursionError:
        return "the JSON is nested too deeply"
    except msgspec.ValidationError as error:
        return f"a row must be a JSON object: {str(error)[:1].lower()}{str(error)[1:]}".replace(" - at `$`", "")
    except (msgspec.DecodeError, ValueError) as error:
        if _SURROGATE_ESCAPE.search(data):
            return _decode_with_surrogates(data, str(error))
        return _describe(data, str(error))


def _decode_with_surrogates(data: bytes, reason: str) -> dict[str, object] | str:
    """Half a surrogate pair is no text, but the standard library reads it, so that loading can replace it."""
    try:
        values: object = json.loads(data)
    except (ValueError, RecursionError):
        return _describe(data, reason)
    return cast("dict[str, object]", values) if isinstance(values, dict) else "a row must be a JSON object"


def _describe(data: bytes, reason: str) -> str:
    if "truncated" in reason:
        return f"the JSON is not complete: it ends at column {len(data.decode(errors='replace').rstrip()) + 1}"
    if found := _BYTE_PLACE.search(reason):
        place = int(found[1])
        column = len(data[:place].decode(errors="replace")) + 1
        reason = f"{reason[: found.start()]} at column {column}"
        if _NOT_A_NUMBER.search(data):
            reason += "; JSON has no NaN or Infinity, write null"
    return reason.replace("JSON is malformed", "the JSON is malformed", 1)


def describe_bad_byte(data: bytes) -> str:
    """Where a line that is not UTF-8 goes wrong, in words."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        where = f"byte 0x{data[error.start]:02x} at byte {error.start + 1} of the line"
        return f"{where} is not UTF-8; if the whole file is in another encoding, say so with --encoding"
    return "the row is not UTF-8"


class _ArrayText:
    """The text of a JSON array and a place in it. `trouble` tells, at the end, why the array is not whole."""

    def __init__(self, source: Source, bytes_max: int) -> None:
        self._source = source
        self._bytes_max = bytes_max
        self._text = source.read(CHUNK_BYTES)
        self._place = self._text.index(b"[") + 1
        self._offset = 0  # of the text's first byte
        self.line = 1 + self._text.count(b"\n", 0, self._place)
        self.skipped_bytes = 0
        self.trouble = ""

    def next_element(self) -> tuple[int, int, bytes | None] | None:
        """Line, offset and bytes of the next element; None instead of bytes when it is too long; None at the end."""
        first = self._find_first()
        if first is None:
            return None
        line, offset = self.line, self._offset + self._place
        end = self._find_end(first)
        while end is None and len(self._text) - self._place <= self._bytes_max and self._read_more():
            end = self._find_end(first)
        if end is not None and end - self._place <= self._bytes_max:
            element = self._text[self._place : end]
            self._move(end)
            return line, offset, element
        if end is None and len(self._text) - self._place <= self._bytes_max:
            self._move(len(self._text))
            self.line, self.trouble = line, "the file ends inside this element; the array is not closed"
            return None
        self._skip_element()
        return line, offset, None

    def _find_first(self) -> int | None:
        """The first byte of the next element, at the place."""
        while True:
            found = _BETWEEN.match(self._text, self._place)
            self._move(found.end() if found else self._place)
            if self._place < len(self._text):
                break
            if not self._read_more():
                self.trouble = "the file ends here, but the array is not closed"
                return None
        if self._text[self._place] != ord("]"):
            return self._text[self._place]
        rest = self._text[self._place + 1 :].strip()
        while not rest and (chunk := self._source.read(CHUNK_BYTES)):
            rest = chunk.strip()
        self.trouble = "there is more after the end of the array; it is not read" if rest else ""
        return None

    def _find_end(self, first: int) -> int | None:
        if first not in _OPENING:
            found = _SCALAR.match(self._text, self._place)
            return found.end() if found else None
        depth, place = 1, self._place + 1
        while depth and (found := _TO_BRACKET.match(self._text, place)):
            place = found.end()
            depth += 1 if found[1] in b"{[" else -1
        return None if depth else place

    def _skip_element(self) -> None:
        """Move behind an element without keeping it: over brackets and strings to the comma or end it stops at."""
        depth, inside, size = 0, False, 0
        while True:
            place = self._place
            for found in _TOKEN.finditer(self._text, self._place):
                token = found[0]
                if token == b'"':
                    inside = not inside
                elif not inside and token in (b"{", b"["):
                    depth += 1
                elif not inside and depth and token in (b"}", b"]"):
                    depth -= 1
                elif not inside and not depth and token in (b",", b"]"):
                    self.skipped_bytes = size + found.start() - self._place
                    self._move(found.start())
                    return
                place = found.end()
            keep = 1 if self._text.endswith(b"\\", place) else 0
            size += len(self._text) - keep - self._place
            self._move(len(self._text) - keep)
            if not self._read_more():
                self.skipped_bytes = size
                return

    def _read_more(self) -> bool:
        """Append as much as is held already, so that looking again costs no more than the element's length."""
        held = self._text[self._place :]
        parts, size, wanted = [held], 0, max(CHUNK_BYTES, len(held))
        while size < wanted and (chunk := self._source.read(CHUNK_BYTES)):
            parts.append(chunk)
            size += len(chunk)
        self._offset += self._place
        self._text, self._place = b"".join(parts), 0
        return size > 0

    def _move(self, place: int) -> None:
        self.line += self._text.count(b"\n", self._place, place)
        self._place = place
