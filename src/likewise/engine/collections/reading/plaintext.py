"""Plain text: one text on each line that is not blank."""

from collections.abc import Iterator

from likewise.engine.collections.model import RowProblem
from likewise.engine.collections.reading.jsonl import describe_bad_byte, too_long
from likewise.engine.collections.reading.lines import Line
from likewise.engine.collections.reading.rows import ReadingBounds, Row

__all__ = ["TEXT_COLUMN", "read_plain_text"]

TEXT_COLUMN = "text"


def read_plain_text(lines: Iterator[Line], bounds: ReadingBounds, *, from_line: int) -> Iterator[Row | RowProblem]:
    """A row with the one column `text` for each line that is not blank, from `from_line` on."""
    for line in lines:
        if line.number < from_line:
            continue
        if line.data is None:
            yield too_long(line.number, line.size, bounds)
            continue
        try:
            text = line.data.decode().strip()
        except UnicodeDecodeError:
            yield RowProblem(line.number, "", describe_bad_byte(line.data))
            continue
        if text:
            yield Row(line.number, line.offset, {TEXT_COLUMN: text})
