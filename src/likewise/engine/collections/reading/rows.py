"""What every reader of a file has in common: rows, their bounds, and going on where an earlier load stopped."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from enum import StrEnum
from types import TracebackType
from typing import Self

import msgspec

from likewise.engine.collections.model import RowProblem

__all__ = ["DEFAULT_BOUNDS", "FileFormat", "Reader", "ReadingBounds", "Row"]


class FileFormat(StrEnum):
    """The kinds of file that hold rows."""

    CSV = "csv"
    JSONL = "jsonl"
    JSON = "json"
    PARQUET = "parquet"
    TEXT = "text"


class Row(msgspec.Struct, frozen=True):
    """One row as it stands in the file.

    `line` counts from 1 as an editor does (Parquet: the row's number); `offset` is where the row begins, in bytes of
    the uncompressed text (Parquet: the row's index).
    """

    line: int
    offset: int
    values: dict[str, object]


class ReadingBounds(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a file is in memory at once, and how long its parts may be."""

    item_bytes_max: int = 10_000_000  # of a text, as UTF-8
    row_bytes_max: int = 32 * 2**20  # of a row as written; above item_bytes_max, because \\uXXXX takes six for two
    key_bytes_max: int = 512  # of a key, an author, a category
    title_bytes_max: int = 4_096
    facets_max: int = 64  # columns
    duplicate_keys_max: int = 20_000_000  # keys remembered to find repeated ones, 24 bytes each
    sample_rows_max: int = 200  # rows looked at to learn columns and kinds


DEFAULT_BOUNDS = ReadingBounds()


class Reader(ABC):
    """The rows of one file, once, in order; memory does not grow with the file. A context manager.

    Iterate it for rows and for the problems of those that cannot be read. `line` is the line last handed out, what to
    remember for going on later: `skip_to(line + 1)` on a new reader of the same file.
    """

    format: FileFormat
    columns: tuple[str, ...]  # as found in the header, the schema or the first rows; empty: not known
    name: str
    line: int = 0
    bytes_total: int | None = None
    first_row_is_data: bool = False  # a CSV whose header looks like a row of data

    @property
    @abstractmethod
    def bytes_read(self) -> int:
        """How far into the file as stored (compressed) this is, for a progress bar; at most `bytes_total`."""

    @abstractmethod
    def skip_to(self, line: int) -> None:
        """Go on with the first row at or after `line`, without looking at the rows before it. Only forwards."""

    @abstractmethod
    def sample(self) -> list[dict[str, object]]:
        """The values of the first rows, at most `sample_rows_max`, without moving on."""

    @abstractmethod
    def __iter__(self) -> Iterator[Row | RowProblem]: ...

    @abstractmethod
    def close(self) -> None:
        """Close what was opened; a stream given by the caller stays the caller's."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
