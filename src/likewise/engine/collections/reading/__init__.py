"""Files of what people wrote, row by row: opened, understood, and made into item drafts, in flat memory."""

from likewise.engine.collections.reading.drafts import check_mapping, read_drafts
from likewise.engine.collections.reading.errors import (
    ColumnNotFound,
    EncodingUnknown,
    FileEmpty,
    FileIsDirectory,
    FileNotFound,
    FileNotPermitted,
    FileNotText,
    FileNotUtf8,
    FileUnreadable,
    FormatUnknown,
    JsonSpreadOverLines,
    ParquetNeedsFile,
    TooManyFacets,
)
from likewise.engine.collections.reading.mapping import suggest_mapping
from likewise.engine.collections.reading.opening import open_reader
from likewise.engine.collections.reading.preview import ColumnPreview, Preview, preview_file
from likewise.engine.collections.reading.rows import DEFAULT_BOUNDS, FileFormat, Reader, ReadingBounds, Row

__all__ = [
    "DEFAULT_BOUNDS",
    "ColumnNotFound",
    "ColumnPreview",
    "EncodingUnknown",
    "FileEmpty",
    "FileFormat",
    "FileIsDirectory",
    "FileNotFound",
    "FileNotPermitted",
    "FileNotText",
    "FileNotUtf8",
    "FileUnreadable",
    "FormatUnknown",
    "JsonSpreadOverLines",
    "ParquetNeedsFile",
    "Preview",
    "Reader",
    "ReadingBounds",
    "Row",
    "TooManyFacets",
    "check_mapping",
    "open_reader",
    "preview_file",
    "read_drafts",
    "suggest_mapping",
]
