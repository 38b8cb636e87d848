"""Rows into item drafts: columns found, text cleaned, facets read, keys given and repeated ones noticed.

What makes a row unusable (no text, no storable key, an unknown visibility) refuses it. A facet, time or place that
cannot be read is left out and said, because the text is worth more.
"""

import difflib
from collections.abc import Iterator
from collections.abc import Mapping as Map
from datetime import datetime

import msgspec
from msgspec.structs import replace

from likewise.engine.collections.logic import (
    FacetUnreadable,
    PlaceUnreadable,
    TextTooLong,
    TimeUnreadable,
    clean_text,
    clean_value,
    default_key,
    infer_facet_kinds,
    is_empty,
    read_facet,
    read_place,
    read_time,
)
from likewise.engine.collections.model import FacetKind, FacetValue, ItemDraft, Mapping, Place, RowProblem, Visibility
from likewise.engine.collections.reading.errors import ColumnNotFound, TooManyFacets
from likewise.engine.collections.reading.rows import DEFAULT_BOUNDS, Reader, ReadingBounds, Row
from likewise.engine.collections.reading.seen import SeenKeys
from likewise.platform.errors import FieldError

__all__ = ["check_mapping", "read_drafts"]

COLUMNS_SHOWN_MAX = 40


def read_drafts(
    reader: Reader,
    mapping: Mapping,
    kinds: Map[str, FacetKind],
    *,
    bounds: ReadingBounds = DEFAULT_BOUNDS,
) -> Iterator[ItemDraft | RowProblem]:
    """The drafts of a file's rows and the problems of those that cannot be, or not wholly. Checks the mapping at once.

    A facet without a declared kind gets the one its first values suggest. Without a key column the key is a hash of
    the content, so loading twice doubles nothing. Of a key's several rows all are given, the later to replace the
    earlier, each with a problem that is not a refusal. After each draft `reader.line` is its row's line, and what was
    left out of it follows: whoever stops between two of these values and goes on at `reader.line + 1` loses no draft.
    """
    check_mapping(reader, mapping, bounds=bounds)
    inferred = infer_facet_kinds(reader.sample()) if any(name not in kinds for name in mapping.facets) else {}
    facets = {name: kinds.get(name) or inferred.get(name, FacetKind.KEYWORD) for name in mapping.facets}
    return _read(reader, _DraftMaker(mapping, facets, bounds), SeenKeys(bounds.duplicate_keys_max))


def check_mapping(reader: Reader, mapping: Mapping, *, bounds: ReadingBounds = DEFAULT_BOUNDS) -> None:
    """Raises ColumnNotFound for a column the file does not have, naming the nearest, and TooManyFacets.

    A file whose columns could not be learnt from its first rows passes; its rows then tell what they lack.
    """
    if len(mapping.facets) > bounds.facets_max:
        raise TooManyFacets(count=len(mapping.facets), facets_max=bounds.facets_max)
    if not reader.columns:
        return
    for role, column in _columns_of(mapping):
        if column not in reader.columns:
            raise _column_not_found(reader, role=role, column=column)


def _columns_of(mapping: Mapping) -> Iterator[tuple[str, str]]:
    yield "text", mapping.text
    for role in ("title", "key", "time", "author", "category", "visibility"):
        column: str | None = getattr(mapping, role)
        if column is not None:
            yield role, column
    yield from (("facets", column) for column in mapping.facets)
    yield from (("place", column) for column in mapping.place or ())


def _column_not_found(reader: Reader, *, role: str, column: str) -> ColumnNotFound:
    by_folded = {name.lower(): name for name in reader.columns}
    near = difflib.get_close_matches(column.lower(), by_folded, n=1, cutoff=0.6)
    shown = ", ".join(reader.columns[:COLUMNS_SHOWN_MAX])
    left = len(reader.columns) - COLUMNS_SHOWN_MAX
    return ColumnNotFound(
        name=reader.name,
        column=column,
        nearest=f" Did you mean {by_folded[near[0]]!r}?" if near else "",
        columns=f"{shown} and {left} more" if left > 0 else shown,
        header=" The first row looks like data: a CSV begins with a row of column names." * reader.first_row_is_data,
        errors=[FieldError(f"/{role}", f"no column {column!r}")],
    )


def _read(reader: Reader, maker: "_DraftMaker", seen: SeenKeys) -> Iterator[ItemDraft | RowProblem]:
    for row in reader:
        if isinstance(row, RowProblem):
            yield row
            continue
        maker.problems.clear()
        try:
            draft = maker.make(row)
        except _UnusableError as error:
            yield RowProblem(row.line, error.pointer, error.reason)
            continue
        before = seen.put(draft.key, line=row.line)
        if before is None or maker.has_key_column:
            yield draft
        yield from maker.problems
        if before is None:
            continue
        if maker.has_key_column:
            reason = f"key {draft.key!r} duplicate of line {before}; this later row replaces it"
        else:
            reason = f"duplicate of line {before}: the same content, stored once"
        yield RowProblem(row.line, maker.key_pointer, reason, refused=False)


class _UnusableError(Exception):
    """A row that cannot become an item."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.pointer = _pointer(column)
        self.reason = reason


class _DraftMaker:
    """Makes drafts of rows by one mapping; what it leaves out of a row is in `problems` until the next row."""

    def __init__(self, mapping: Mapping, facets: Map[str, FacetKind], bounds: ReadingBounds) -> None:
        self.problems: list[RowProblem] = []
        self.has_key_column = mapping.key is not None
        self.key_pointer = _pointer(mapping.key or "")
        self._mapping = mapping
        self._facets = tuple(facets.items())
        self._bounds = bounds
        self._used = frozenset(column for _, column in _columns_of(mapping))

    def make(self, row: Row) -> ItemDraft:
        """The draft of a row. Raises _UnusableError."""
        mapping, values = self._mapping, row.values
        draft = ItemDraft(
            key="",
            body=self._body(row),
            title=self._words(row, mapping.title, bytes_max=self._bounds.title_bytes_max),
            facets={} if not self._facets else self._read_facets(row),
            author=self._words(row, mapping.author, bytes_max=self._bounds.key_bytes_max),
            category=self._words(row, mapping.category, bytes_max=self._bounds.key_bytes_max),
            place=self._place(row),
            happened_at=self._time(row),
            visibility=self._visibility(row),
            metadata=self._rest(row) if mapping.metadata == "rest" else {},
        )
        if mapping.key is None:
            return replace(draft, key=default_key(draft))
        key = self._text(row, mapping.key, values.get(mapping.key), bytes_max=self._bounds.key_bytes_max)
        key = " ".join(key.split())
        if not key:
            raise _UnusableError(mapping.key, f"the key column {mapping.key!r} is empty")
        return replace(draft, key=key)

    def _body(self, row: Row) -> str:
        column = self._mapping.text
        value = row.values.get(column)
        body = "" if is_empty(value) else self._text(row, column, value, bytes_max=self._bounds.item_bytes_max)
        if not body or body.isspace():
            missing = "" if column in row.values else "missing or "
            raise _UnusableError(column, f"the text column {column!r} is {missing}empty")
        return body

    def _text(self, row: Row, column: str, value: object, *, bytes_max: int) -> str:
        """The value as clean text; what had to be scrubbed is a problem. Raises _UnusableError."""
        match value:
            case None:
                return ""
            case str():
                text = value
            case bool():
                text = "true" if value else "false"
            case int() | float():
                text = _number_text(value)
            case datetime():
                text = value.isoformat()
            case _:
                raise _UnusableError(column, f"column {column!r} holds {_kind_of(value)} where text is needed")
        try:
            cleaned = clean_text(text, bytes_max=bytes_max)
        except TextTooLong as error:
            size, size_max = error.facts["bytes"], error.facts["bytes_max"]
            raise _UnusableError(
                column, f"column {column!r} has {size:,} bytes; at most {size_max:,} are stored"
            ) from None
        for warning in cleaned.warnings:
            self._leave_out(row, column, warning)
        return cleaned.text

    def _words(self, row: Row, column: str | None, *, bytes_max: int) -> str | None:
        """A short text beside the body; left out, with a problem, when it cannot be stored."""
        if column is None or is_empty(value := row.values.get(column)):
            return None
        try:
            return " ".join(self._text(row, column, value, bytes_max=bytes_max).split()) or None
        except _UnusableError as error:
            self._leave_out(row, column, f"{error.reason}; left out")
            return None

    def _read_facets(self, row: Row) -> dict[str, FacetValue]:
        facets: dict[str, FacetValue] = {}
        for name, kind in self._facets:
            value = row.values.get(name)
            if is_empty(value):
                continue
            try:
                if not isinstance(value, bool | int | float):
                    value, warnings = clean_value(value, bytes_max=self._bounds.item_bytes_max)
                    self.problems += (
                        RowProblem(row.line, _pointer(name), warning, refused=False) for warning in warnings
                    )
                if not is_empty(value):
                    facets[name] = read_facet(kind, value, day_first=self._mapping.day_first)
            except (FacetUnreadable, TextTooLong) as error:
                self._leave_out(row, name, f"{error.message.rstrip('.')}; left out")
        return facets

    def _place(self, row: Row) -> Place | None:
        if self._mapping.place is None:
            return None
        lat, lon = self._mapping.place
        try:
            return read_place(row.values.get(lat), row.values.get(lon))
        except PlaceUnreadable as error:
            self._leave_out(row, lat, f"{error.message.rstrip('.')}; left out")
            return None

    def _time(self, row: Row) -> datetime | None:
        column = self._mapping.time
        if column is None or is_empty(value := row.values.get(column)):
            return None
        try:
            return read_time(value, day_first=self._mapping.day_first)
        except TimeUnreadable as error:
            self._leave_out(row, column, f"{error.message.rstrip('.')}; left out")
            return None

    def _visibility(self, row: Row) -> Visibility:
        column = self._mapping.visibility
        if column is None or is_empty(value := row.values.get(column)):
            return Visibility.PUBLIC
        try:
            return Visibility(str(value).strip().lower())
        except ValueError:
            known = ", ".join(Visibility)
            raise _UnusableError(column, f"{str(value)[:40]!r} is no visibility; known are {known}") from None

    def _rest(self, row: Row) -> dict[str, object]:
        rest = {name: value for name, value in row.values.items() if name not in self._used and not is_empty(value)}
        try:
            cleaned, warnings = clean_value(rest, bytes_max=self._bounds.item_bytes_max)
        except TextTooLong as error:
            raise _UnusableError("", f"the metadata is too long: {error.message}") from None
        for warning in warnings:
            self.problems.append(RowProblem(row.line, "", f"metadata: {warning}", refused=False))
        return msgspec.convert(cleaned, dict[str, object])

    def _leave_out(self, row: Row, column: str, reason: str) -> None:
        self.problems.append(RowProblem(row.line, _pointer(column), reason, refused=False))


def _pointer(column: str) -> str:
    """The JSON pointer (RFC 6901) of a column; "" for the row itself."""
    return f"/{column.replace('~', '~0').replace('/', '~1')}" if column else ""


def _number_text(value: float) -> str:
    try:
        return str(value)
    except ValueError:  # Python writes no integer of more than 4,300 digits
        return f"{value:x}"


def _kind_of(value: object) -> str:
    return "a list" if isinstance(value, list) else "an object"
