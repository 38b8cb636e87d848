"""Parquet: read in batches, its values as JSON would have them. pyarrow is slow to load, so on first use only."""

import base64
import importlib
import math
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import BinaryIO, Protocol, cast

from typing_extensions import override

from likewise.engine.collections.model import RowProblem
from likewise.engine.collections.reading.errors import FileUnreadable
from likewise.engine.collections.reading.rows import FileFormat, Reader, ReadingBounds, Row

__all__ = ["ParquetReader"]

BATCH_ROWS = 1_000
VALUE_DEPTH_MAX = 32


# pyarrow carries no types; this is as much of it as is used here.
class _Batch(Protocol):
    @property
    def num_rows(self) -> int: ...
    def slice(self, offset: int) -> "_Batch": ...
    def to_pylist(self) -> list[dict[str, object]]: ...


class _RowGroup(Protocol):
    num_rows: int


class _Metadata(Protocol):
    num_rows: int
    num_row_groups: int

    def row_group(self, index: int) -> _RowGroup: ...


class _Schema(Protocol):
    names: Sequence[str]


class _ParquetFile(Protocol):
    metadata: _Metadata
    schema_arrow: _Schema

    def iter_batches(self, batch_size: int, row_groups: Sequence[int]) -> Iterator[_Batch]: ...


class _Parquet(Protocol):
    def ParquetFile(self, source: BinaryIO) -> _ParquetFile: ...  # noqa: N802  pyarrow's name


class _Arrow(Protocol):
    ArrowException: type[Exception]


class ParquetReader(Reader):
    """The rows of a Parquet file that can be sought in; `line` is the number of the row, from 1."""

    def __init__(
        self, file: BinaryIO, *, name: str, bytes_total: int | None, bounds: ReadingBounds, close: Callable[[], None]
    ) -> None:
        arrow = cast("_Arrow", importlib.import_module("pyarrow"))
        parquet = cast("_Parquet", importlib.import_module("pyarrow.parquet"))

        self.format = FileFormat.PARQUET
        self.name = name
        self.bytes_total = bytes_total
        self._bounds = bounds
        self._close = close
        self._from_line = 1
        self._errors = (arrow.ArrowException, OSError)
        try:
            self._file = parquet.ParquetFile(file)
        except self._errors as error:
            raise FileUnreadable(name=name, reason=_one_line(error)) from error
        self.columns = tuple(dict.fromkeys(self._file.schema_arrow.names))

    @property
    @override
    def bytes_read(self) -> int:
        """The share of rows read, of the file's bytes."""
        return (self.bytes_total or 0) * self.line // max(1, self._file.metadata.num_rows)

    @override
    def skip_to(self, line: int) -> None:
        self._from_line = max(self._from_line, line)

    @override
    def sample(self) -> list[dict[str, object]]:
        if not self._file.metadata.num_row_groups:
            return []
        try:
            first = next(self._file.iter_batches(self._bounds.sample_rows_max, [0]), None)
            return [_plain_row(values) for values in first.to_pylist()] if first else []
        except self._errors as error:
            raise FileUnreadable(name=self.name, reason=_one_line(error)) from error

    @override
    def __iter__(self) -> Iterator[Row | RowProblem]:
        before = 0
        for group in range(self._file.metadata.num_row_groups):
            after = before + self._file.metadata.row_group(group).num_rows
            if after >= self._from_line:
                try:
                    yield from self._read_group(group, before)
                except self._errors as error:
                    yield RowProblem(self.line + 1, "", f"rows to {after} cannot be read: {_one_line(error)}")
            before = after

    @override
    def close(self) -> None:
        self._close()

    def _read_group(self, group: int, before: int) -> Iterator[Row]:
        for batch in self._file.iter_batches(BATCH_ROWS, [group]):
            unwanted = min(batch.num_rows, max(0, self._from_line - 1 - before))
            for index, values in enumerate(batch.slice(unwanted).to_pylist(), start=before + unwanted):
                self.line = index + 1
                yield Row(self.line, index, _plain_row(values))
            before += batch.num_rows


def _plain_row(values: dict[str, object]) -> dict[str, object]:
    return {name: value if isinstance(value, str) else _plain(value, 0) for name, value in values.items()}


def _plain(value: object, depth: int) -> object:  # noqa: C901, PLR0911  one case for each type of Arrow
    """A value of Arrow as one of JSON, times as datetimes; None for what JSON has no word for."""
    match value:
        case None | str() | bool() | int() | datetime():
            return value
        case float():
            return value if math.isfinite(value) else None
        case Decimal():
            return _plain(int(value) if value == value.to_integral_value() else float(value), depth)
        case date():
            return datetime(value.year, value.month, value.day, tzinfo=UTC)
        case time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case bytes():
            try:
                return value.decode()
            except UnicodeDecodeError:
                return base64.b64encode(value).decode()
        case list() if depth < VALUE_DEPTH_MAX:
            return [_plain(part, depth + 1) for part in cast("list[object]", value)]
        case dict() if depth < VALUE_DEPTH_MAX:
            return {str(name): _plain(part, depth + 1) for name, part in cast("dict[object, object]", value).items()}
        case _:
            return str(value)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
