"""A look at the beginning of a file: its format, its columns, and what they probably mean."""

from io import BytesIO

import msgspec

from likewise.engine.collections.logic import infer_facet_kinds, is_empty
from likewise.engine.collections.model import FacetKind, Mapping
from likewise.engine.collections.reading.errors import FileUnreadable
from likewise.engine.collections.reading.mapping import suggest_mapping
from likewise.engine.collections.reading.opening import open_reader
from likewise.engine.collections.reading.rows import FileFormat
from likewise.engine.collections.reading.sniff import PARQUET_MAGIC

__all__ = ["ColumnPreview", "Preview", "preview_file"]

EXAMPLE_CHARACTERS_MAX = 120


class ColumnPreview(msgspec.Struct, frozen=True):
    """A column, the facet kind its values suggest ("text" for the suggested text), and one of its values."""

    name: str
    type: str
    example: str


class Preview(msgspec.Struct, frozen=True):
    """What the first bytes of a file tell; `notes` says in sentences what a person should know before loading."""

    format: FileFormat
    columns: list[ColumnPreview]
    suggestion: Mapping | None
    notes: list[str] = []


def preview_file(head: bytes, *, filename: str, encoding: str | None = None) -> Preview:
    """A preview by the first bytes of a file, 64 KiB or so. Raises the errors of `reading.errors`.

    Of a Parquet file that is longer than the head only the format is known.
    """
    try:
        reader = open_reader(BytesIO(head), filename=filename, encoding=encoding)
    except FileUnreadable:
        if not head.startswith(PARQUET_MAGIC):
            raise
        note = "A Parquet file lists its columns at its end; they are known once it is loaded."
        return Preview(FileFormat.PARQUET, [], None, [note])
    with reader:
        rows = reader.sample()
        samples = rows[:-1] or rows  # the head may end inside the last row
        suggestion = suggest_mapping(reader.columns, samples)
        kinds = infer_facet_kinds(samples)
        notes: list[str] = []
        if reader.first_row_is_data:
            notes.append("The first row looks like data; a CSV begins with a row of column names.")
        if suggestion is None:
            notes.append("No column looks like text.")
        columns = [
            ColumnPreview(
                name,
                "text" if suggestion and name == suggestion.text else kinds.get(name, FacetKind.KEYWORD).value,
                next((_example(row[name]) for row in samples if not is_empty(row.get(name))), ""),
            )
            for name in reader.columns
        ]
        return Preview(reader.format, columns, suggestion, notes)


def _example(value: object) -> str:
    text = " ".join(value.split()) if isinstance(value, str) else str(value)
    return text if len(text) <= EXAMPLE_CHARACTERS_MAX else f"{text[:EXAMPLE_CHARACTERS_MAX]}..."
