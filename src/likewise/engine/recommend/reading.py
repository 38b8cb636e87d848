"""Interactions from files: CSV or JSON lines, plain or gzipped, columns by name; a bad row is told by its line."""

import csv
import gzip
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO, cast, get_args

import msgspec

from likewise.engine.recommend.errors import InteractionsRefused
from likewise.engine.recommend.model import Interaction, Kind, RowProblem

__all__ = ["Columns", "read_interactions"]

_KINDS = frozenset(get_args(Kind))
_LINE_CHARACTERS_MAX = 1_000_000


class Columns(msgspec.Struct, frozen=True, kw_only=True):
    """Which column holds what. Without a column for the kind every row is of `kind_of_all`.

    Weights are divided by `weight_max`: a rating of 4 of 5 stars counts 0.8.
    """

    user: str
    item: str
    kind: str | None = None
    weight: str | None = None
    time: str | None = None
    kind_of_all: Kind = "like"
    weight_max: float = 1.0


def read_interactions(path: Path, columns: Columns) -> Iterator[Interaction | RowProblem]:
    """The rows of a file, one by one; memory does not grow with the file. Raises InteractionsRefused, OSError."""
    is_packed = path.suffix == ".gz"
    name = path.with_suffix("").name if is_packed else path.name
    with _opened(path, is_packed=is_packed) as file:
        is_csv = name.endswith((".csv", ".tsv"))
        rows = _delimited(file, "\t" if name.endswith(".tsv") else ",") if is_csv else _json_lines(file)
        for line, row in rows:
            yield row if isinstance(row, RowProblem) else _interaction(line, row, columns)


def _opened(path: Path, *, is_packed: bool) -> TextIO:
    if is_packed:
        return cast("TextIO", gzip.open(path, "rt", encoding="utf-8-sig", newline=""))
    return path.open(encoding="utf-8-sig", newline="")


def _delimited(file: TextIO, delimiter: str) -> Iterator[tuple[int, Mapping[str, object] | RowProblem]]:
    reader = csv.DictReader(file, delimiter=delimiter)
    for row in reader:
        yield reader.line_num, row


def _json_lines(file: TextIO) -> Iterator[tuple[int, Mapping[str, object] | RowProblem]]:
    number = 0
    while line := file.readline(_LINE_CHARACTERS_MAX):
        number += 1
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            yield number, RowProblem(number, f"is not JSON: {error}")
            continue
        yield number, cast("Mapping[str, object]", row) if isinstance(row, dict) else RowProblem(number, "is no object")


def _interaction(line: int, row: Mapping[str, object], columns: Columns) -> Interaction | RowProblem:
    missing = [name for name in (columns.user, columns.item) if row.get(name) in (None, "")]
    if missing and line <= 2 and not any(name in row for name in missing):
        raise InteractionsRefused(reason=f"no column is named {missing[0]!r}; there are: {', '.join(map(str, row))}")
    if missing:
        return RowProblem(line, f"has no {missing[0]}")
    kind = columns.kind_of_all if columns.kind is None else str(row.get(columns.kind, ""))
    if kind not in _KINDS:
        return RowProblem(line, f"{kind!r} is no kind of interaction")
    try:
        weight = 1.0 if columns.weight is None else float(str(row.get(columns.weight))) / columns.weight_max
        at = None if columns.time is None else _moment(row.get(columns.time))
    except ValueError as error:
        return RowProblem(line, str(error))
    return Interaction(
        user=str(row[columns.user]), item=str(row[columns.item]), kind=cast("Kind", kind), weight=weight, at=at
    )


def _moment(value: object) -> datetime | None:
    """Seconds since 1970, or ISO 8601; without a zone it is UTC."""
    if value in (None, ""):
        return None
    text = str(value)
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except (ValueError, OverflowError, OSError):
        found = datetime.fromisoformat(text)
        return found if found.tzinfo else found.replace(tzinfo=UTC)
