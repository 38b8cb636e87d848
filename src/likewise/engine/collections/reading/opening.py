"""Opening a file or stream of rows, whatever its format."""

from collections.abc import Callable, Generator, Iterator
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from typing_extensions import override

from likewise.engine.collections.model import RowProblem
from likewise.engine.collections.reading.delimited import (
    find_delimiter,
    looks_like_data,
    read_delimited,
    read_layout,
)
from likewise.engine.collections.reading.errors import FileUnreadable, JsonSpreadOverLines, ParquetNeedsFile
from likewise.engine.collections.reading.jsonl import read_json_array, read_json_lines
from likewise.engine.collections.reading.lines import read_lines
from likewise.engine.collections.reading.parquet import ParquetReader
from likewise.engine.collections.reading.plaintext import TEXT_COLUMN, read_plain_text
from likewise.engine.collections.reading.rows import DEFAULT_BOUNDS, FileFormat, Reader, ReadingBounds, Row
from likewise.engine.collections.reading.sniff import check_encoded, find_format, find_newline, parse_format
from likewise.engine.collections.reading.source import Source, check_encoding, open_file

__all__ = ["open_reader"]

_Rows = Generator[Row | RowProblem, None, int | None]
_Parse = Callable[[Source, int, int], _Rows]
"""Rows of a source: (source, lines to drop unread, first line wanted); returns the line of a quote left open."""


def open_reader(
    file: Path | str | BinaryIO,
    *,
    format: str | None = None,  # noqa: A002  the word every user knows
    filename: str | None = None,
    encoding: str | None = None,
    bounds: ReadingBounds = DEFAULT_BOUNDS,
) -> Reader:
    """A reader of the rows of a file: CSV, JSONL, a JSON array, Parquet or text; .gz and .zst are unpacked.

    `format` and `encoding` are found out when not given; `filename` names a stream. Raises the errors of
    `reading.errors` for what concerns the whole file; trouble with single rows comes with the rows.
    """
    if isinstance(file, str | Path):
        source = open_file(Path(file), encoding=encoding)
        filename = filename or source.name
    else:
        check_encoding(encoding)
        filename = filename or "the stream"
        source = Source(file, name=filename, encoding=encoding)
    try:
        return _open_source(source, format=format, filename=filename, bounds=bounds)
    except BaseException:
        source.close()
        raise


def _open_source(source: Source, *, format: str | None, filename: str, bounds: ReadingBounds) -> Reader:  # noqa: A002
    if source.damage and not source.head:
        raise FileUnreadable(name=filename, reason=source.damage)
    kind = find_format(source, filename=filename)
    if format is not None and kind not in {asked := parse_format(format), FileFormat.JSON}:
        kind = asked
    if kind is FileFormat.PARQUET:
        return _open_parquet(source, filename=filename, bounds=bounds)
    if source.encoding is None:
        check_encoded(source, filename=filename)
    if kind is FileFormat.CSV:
        return _open_delimited(source, filename=filename, bounds=bounds)
    if kind is FileFormat.TEXT:
        return _open_text(source, filename=filename, bounds=bounds)
    return _open_json(source, kind, filename=filename, bounds=bounds)


def _open_parquet(source: Source, *, filename: str, bounds: ReadingBounds) -> Reader:
    if source.is_compressed:
        raise FileUnreadable(name=filename, reason="Parquet is compressed inside already; unpack it once and load that")
    file = source.seek_start()
    if file is None:
        raise ParquetNeedsFile
    return ParquetReader(file, name=filename, bytes_total=source.bytes_total, bounds=bounds, close=source.close)


def _open_delimited(source: Source, *, filename: str, bounds: ReadingBounds) -> Reader:
    newline = find_newline(source.head)
    head = source.head.replace(newline, b"\n").decode(errors="replace")
    layout = read_layout(head, delimiter=find_delimiter(head))

    def parse(source: Source, dropped: int, from_line: int) -> _Rows:
        lines = islice(read_lines(source, bytes_max=bounds.row_bytes_max, newline=newline), dropped, None)
        after_line = max(from_line - 1, layout.header_line)
        return read_delimited(lines, layout, bounds, after_line=after_line)

    reader = _TextReader(source, FileFormat.CSV, parse, name=filename, bounds=bounds, problems=layout.problems)
    reader.columns = layout.columns
    reader.first_row_is_data = looks_like_data(layout.columns)
    return reader


def _open_text(source: Source, *, filename: str, bounds: ReadingBounds) -> Reader:
    newline = find_newline(source.head)

    def parse(source: Source, _dropped: int, from_line: int) -> _Rows:
        lines = read_lines(source, bytes_max=bounds.row_bytes_max, newline=newline)
        yield from read_plain_text(lines, bounds, from_line=from_line)
        return None

    reader = _TextReader(source, FileFormat.TEXT, parse, name=filename, bounds=bounds)
    reader.columns = (TEXT_COLUMN,)
    return reader


def _open_json(source: Source, kind: FileFormat, *, filename: str, bounds: ReadingBounds) -> Reader:
    start = source.head.lstrip()
    if start.split(b"\n", 1)[0].strip() == b"{":
        raise JsonSpreadOverLines(name=filename)
    read = read_json_array if kind is FileFormat.JSON and start.startswith(b"[") else read_json_lines

    def parse(source: Source, _dropped: int, from_line: int) -> _Rows:
        yield from read(source, bounds, from_line)
        return None

    reader = _TextReader(source, kind, parse, name=filename, bounds=bounds)
    reader.columns = tuple(dict.fromkeys(name for values in reader.sample() for name in values))
    return reader


class _TextReader(Reader):
    """The rows of a source by a parser of its format."""

    def __init__(
        self,
        source: Source,
        kind: FileFormat,
        parse: _Parse,
        *,
        name: str,
        bounds: ReadingBounds,
        problems: tuple[RowProblem, ...] = (),
    ) -> None:
        self.format = kind
        self.name = name
        self.columns = ()
        self.bytes_total = source.bytes_total
        self._source = source
        self._parse = parse
        self._bounds = bounds
        self._problems = problems
        self._from_line = 1

    @property
    @override
    def bytes_read(self) -> int:
        return self._source.bytes_read

    @override
    def skip_to(self, line: int) -> None:
        self._from_line = max(self._from_line, line)

    @override
    def sample(self) -> list[dict[str, object]]:
        head = self._source.head
        if self.format is not FileFormat.JSON and not self._source.is_whole_in_head:
            head = head[: head.rfind(find_newline(head)) + 1]
        rows = self._parse(Source(BytesIO(head), name=self.name), 0, 1)
        found = (row.values for row in rows if isinstance(row, Row))
        return list(islice(found, self._bounds.sample_rows_max))

    @override
    def __iter__(self) -> Iterator[Row | RowProblem]:
        if self._from_line == 1:
            yield from self._problems
        dropped = 0
        while (opened := (yield from self._follow(self._parse(self._source, dropped, self._from_line)))) is not None:
            if self._source.damage:
                break
            goes_on = self._source.can_rewind
            if opened >= self._from_line:
                lost = "" if goes_on else "; the rows after it are lost in it"
                yield RowProblem(opened, "", f"a quote opened on this line is never closed{lost}")
            if not goes_on:
                break
            self._source.rewind()
            dropped = opened
        if self._source.damage:
            reason = f"the file breaks off here: {self._source.damage}; the rows before are read"
            yield RowProblem(self.line + 1, "", reason)

    @override
    def close(self) -> None:
        self._source.close()

    def _follow(self, rows: _Rows) -> _Rows:
        """The same rows, keeping account of the line."""
        while True:
            try:
                row = next(rows)
            except StopIteration as end:
                opened: int | None = end.value
                return opened
            self.line = row.line
            yield row
