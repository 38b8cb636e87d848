"""CSV and its relatives: quoted fields may hold newlines, and a row has as many fields as the header."""

import csv
import io
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import suppress

import msgspec

from likewise.engine.collections.model import RowProblem
from likewise.engine.collections.reading.jsonl import describe_bad_byte, too_long
from likewise.engine.collections.reading.lines import Line
from likewise.engine.collections.reading.rows import ReadingBounds, Row

__all__ = ["Layout", "find_delimiter", "looks_like_data", "read_delimited", "read_layout"]

DELIMITERS = (",", ";", "\t", "|")
SNIFFED_ROWS_MAX = 50
COLUMN_CHARACTERS_MAX = 80  # a longer name is more likely a text
COLUMNS_MAX = 4_096


class Layout(msgspec.Struct, frozen=True):
    """How a delimited file is laid out. `header_line` is where its header ends; `problems` are about the header."""

    delimiter: str
    columns: tuple[str, ...]
    header_line: int
    problems: tuple[RowProblem, ...] = ()


def find_delimiter(head: str) -> str:
    """The delimiter that parts the header and most rows into the same number of fields, more than one; else a comma."""
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        rows = _first_rows(head, delimiter)
        if not rows:
            continue
        width, count = Counter(len(row) for row in rows).most_common(1)[0]
        score = (count / len(rows), width)
        if width > 1 and len(rows[0]) == width and score > best_score:
            best, best_score = delimiter, score
    return best


def read_layout(head: str, *, delimiter: str) -> Layout:
    """The columns by the first row that is not blank. Unnamed and repeated columns get a name of their own."""
    reader = csv.reader(io.StringIO(head, newline="\n"), delimiter=delimiter)
    header: list[str] = []
    with suppress(csv.Error):
        header = next((row for row in reader if row), header)
    columns: dict[str, int] = {}
    problems: list[RowProblem] = []
    for number, cell in enumerate(header[:COLUMNS_MAX], start=1):
        name = " ".join(cell.replace("\0", "").split()) or f"column_{number}"
        if name in columns:
            twin, name = name, _free_name(name, columns)
            reason = f"columns {columns[twin]} and {number} are both named {twin!r}; the second is read as {name!r}"
            problems.append(RowProblem(reader.line_num, "", reason, refused=False))
        columns[name] = number
    return Layout(delimiter, tuple(columns), reader.line_num, tuple(problems))


def looks_like_data(columns: tuple[str, ...]) -> bool:
    """Whether a header is more likely a first row: a field is a number, or too long for a name."""
    return any(len(name) > COLUMN_CHARACTERS_MAX or _is_number(name) for name in columns)


def read_delimited(
    lines: Iterator[Line], layout: Layout, bounds: ReadingBounds, *, after_line: int
) -> Generator[Row | RowProblem, None, int | None]:
    """A row for each record that begins after `after_line`. Returns the line of a quote that is never closed, or None.

    Too long and wrongly encoded rows are refused and the rows after them read, because quotes are counted even in
    text that is not kept.
    """
    csv.field_size_limit(max(csv.field_size_limit(), bounds.row_bytes_max))  # of the whole process; only ever raised
    feed = _Feed(lines, bounds)
    columns, width = layout.columns, len(layout.columns)
    records = csv.reader(feed, delimiter=layout.delimiter)
    while True:
        feed.begin_record()
        try:
            cells = next(records)
        except StopIteration:
            return None
        except csv.Error as error:
            if feed.first_line > after_line:
                yield RowProblem(feed.first_line, "", _describe(error))
            continue
        if feed.ends_in_quotes:
            return feed.first_line
        line = feed.first_line
        if line <= after_line:
            continue
        if feed.problem:
            yield feed.problem
        elif len(cells) == width or (len(cells) > width and not any(cells[width:])):
            yield Row(line, feed.first_offset, dict(zip(columns, cells, strict=False)))
        elif cells:
            yield RowProblem(line, "", f"expected {width} fields, found {len(cells)}")


class _Feed:
    """Gives the CSV parser its lines as text and keeps account of the record they belong to."""

    def __init__(self, lines: Iterator[Line], bounds: ReadingBounds) -> None:
        self._lines = lines
        self._bounds = bounds
        self._size = 0
        self.first_line = 0
        self.first_offset = 0
        self.problem: RowProblem | None = None
        self.ends_in_quotes = False
        self.begin_record()

    def begin_record(self) -> None:
        self._is_first = True
        self._size = 0
        self.problem = None

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines, None)
        if line is None:
            self.ends_in_quotes = not self._is_first
            raise StopIteration
        if self._is_first:
            self._is_first = False
            self.first_line, self.first_offset = line.number, line.offset
        self._size += line.size + 1
        if line.data is None or self._size > self._bounds.row_bytes_max:
            return self._skip(line)
        try:
            return line.data.decode() + "\n"
        except UnicodeDecodeError:
            self.problem = self.problem or RowProblem(self.first_line, "", describe_bad_byte(line.data))
            return line.data.decode(errors="replace") + "\n"

    def _skip(self, line: Line) -> str:
        """What the parser needs to see of a record that is too long: whether the quotes in it are closed."""
        quotes = line.quotes if line.data is None else line.data.count(b'"')
        self.problem = too_long(self.first_line, self._size, self._bounds)
        if line.number == self.first_line:
            return '"\n' if quotes % 2 else "\n"
        while quotes % 2 == 0 and (more := next(self._lines, None)) is not None:
            self._size += more.size + 1
            quotes += more.quotes if more.data is None else more.data.count(b'"')
        self.problem = too_long(self.first_line, self._size, self._bounds)
        self.ends_in_quotes = quotes % 2 == 0
        return '"\n'


def _describe(error: csv.Error) -> str:
    if "new-line character" in str(error):
        return "a carriage return stands in a field without quotes; put the field in quotes"
    return f"the row is not valid CSV: {error}"


def _first_rows(head: str, delimiter: str) -> list[list[str]]:
    rows: list[list[str]] = []
    with suppress(csv.Error):
        for row in csv.reader(io.StringIO(head, newline="\n"), delimiter=delimiter):
            if row:
                rows.append(row)
            if len(rows) == SNIFFED_ROWS_MAX:
                break
    return rows


def _free_name(name: str, taken: dict[str, int]) -> str:
    number = 2
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
