"""The blocks of a Markdown or plain text: paragraphs, list items, tables, fenced code and headings, by position."""

import re
from collections.abc import Iterator
from enum import Enum, auto

import msgspec

__all__ = ["Block", "read_blocks"]

TITLE_CHARACTERS_MAX = 300

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*\S)")
_CLOSING_MARKS = re.compile(r"[ \t]+#+$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_TABLE_ROW = re.compile(r"[ \t]*\|")
_LIST_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+\S")


class Block(msgspec.Struct, frozen=True):
    """A stretch of a text that wants to stay whole, with the titles above it, outermost first.

    A heading's own title is the last of its path.
    """

    start: int
    end: int
    path: list[str]
    is_heading: bool


class _Line(Enum):
    BLANK = auto()
    HEADING = auto()
    CODE = auto()
    TABLE = auto()
    ITEM = auto()
    TEXT = auto()


# Which line goes on with which kind of block; a heading and a list item always begin one.
_GOES_ON = {
    (_Line.CODE, _Line.CODE),
    (_Line.TABLE, _Line.TABLE),
    (_Line.TEXT, _Line.TEXT),
    (_Line.ITEM, _Line.TEXT),
}


def read_blocks(text: str) -> Iterator[Block]:
    """The blocks in order. Between them is white space only; together they hold everything else."""
    path: list[str] = []
    levels: list[int] = []
    kind, start, end = _Line.BLANK, 0, 0
    fence = ""
    position = 0
    for line in text.split("\n"):
        begin, position = position, position + len(line) + 1
        was_fenced = bool(fence)
        line_kind, fence = _classify(line, fence)
        if (kind, line_kind) in _GOES_ON and (kind is not _Line.CODE or was_fenced):
            end = begin + len(line)
            continue
        if kind is not _Line.BLANK:
            yield Block(start, end, path, kind is _Line.HEADING)
        kind, start, end = line_kind, begin, begin + len(line)
        if line_kind is _Line.HEADING:
            level, title = _read_heading(line)
            kept = sum(1 for above in levels if above < level)
            levels, path = [*levels[:kept], level], [*path[:kept], title]
    if kind is not _Line.BLANK:
        yield Block(start, end, path, kind is _Line.HEADING)


def _classify(line: str, fence: str) -> tuple[_Line, str]:
    """The kind of a line and the fence that is open after it, "" for none. A fence ends with the longest marks."""
    marks = _FENCE.match(line)
    if fence:
        closes = marks is not None and marks[1].startswith(fence) and not marks[2].strip()
        return _Line.CODE, "" if closes else fence
    if not line or line.isspace():
        return _Line.BLANK, ""
    if marks and not (marks[1][0] == "`" and "`" in marks[2]):
        return _Line.CODE, marks[1]
    if _HEADING.match(line):
        return _Line.HEADING, ""
    if _TABLE_ROW.match(line):
        return _Line.TABLE, ""
    return (_Line.ITEM if _LIST_ITEM.match(line) else _Line.TEXT), ""


def _read_heading(line: str) -> tuple[int, str]:
    found = _HEADING.match(line)
    if found is None:
        raise ValueError(line)
    return len(found[1]), _CLOSING_MARKS.sub("", found[2])[:TITLE_CHARACTERS_MAX]
