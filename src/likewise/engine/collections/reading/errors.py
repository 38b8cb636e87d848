"""What can be wrong with a file as a whole. What is wrong with one row is a RowProblem, and the rest goes in."""

from likewise.platform.errors import Denied, NotFound, Rejected

__all__ = [
    "ColumnNotFound",
    "EncodingUnknown",
    "FileEmpty",
    "FileIsDirectory",
    "FileNotFound",
    "FileNotPermitted",
    "FileNotText",
    "FileNotUtf8",
    "FileUnreadable",
    "FormatUnknown",
    "JsonSpreadOverLines",
    "ParquetNeedsFile",
    "TooManyFacets",
]


class FileNotFound(NotFound):
    """There is no file {path}. Check the path; a relative one starts at {directory}."""


class FileIsDirectory(Rejected):
    """{path} is a directory. Give one of the files in it; several files are loaded one after the other."""


class FileNotPermitted(Denied):
    """{path} may not be read by this user ({user}). Change its permissions, or copy it to where you may read."""


class FileUnreadable(Rejected):
    """{name} cannot be read: {reason}. Check that it was copied or downloaded completely."""


class FileEmpty(Rejected):
    """{name} is empty. A file needs at least one row{header}."""


class FileNotText(Rejected):
    """{name} is {kind}, not a table of texts: {advice}."""


class FileNotUtf8(Rejected):
    """{name} is not UTF-8: byte 0x{byte:02x} on line {line} (byte {offset} of the text).

    It looks like {looks_like}: say `--encoding {encoding}` to read it so, or save it again as UTF-8.
    """


class EncodingUnknown(Rejected):
    """No text encoding is called {encoding!r}. Common ones: utf-8, cp1252, latin-1, utf-16, shift_jis, gb18030."""


class FormatUnknown(Rejected):
    """No format is called {format!r}. Known formats: {known}."""


class JsonSpreadOverLines(Rejected):
    """{name} holds one JSON object spread over several lines.

    Write one object on each line, `jq -c . {name}` does it, or one array of objects.
    """


class ParquetNeedsFile(Rejected):
    """A Parquet file is read from its end, so not while it arrives. Save it and load the file."""


class ColumnNotFound(Rejected):
    """{name} has no column {column!r}.{nearest}{header} The columns are: {columns}."""


class TooManyFacets(Rejected):
    """{count} columns are named as facets; at most {facets_max} are kept. Name fewer, or keep the rest as metadata."""
