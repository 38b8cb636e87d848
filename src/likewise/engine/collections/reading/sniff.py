"""What a file is, by its first bytes and its name: format, encoding, and plain words for what cannot be loaded."""

import codecs
import re
from pathlib import PurePath

from likewise.engine.collections.reading.delimited import find_delimiter
from likewise.engine.collections.reading.errors import FileEmpty, FileNotText, FileNotUtf8, FormatUnknown
from likewise.engine.collections.reading.rows import FileFormat
from likewise.engine.collections.reading.source import Source

__all__ = ["PARQUET_MAGIC", "check_encoded", "find_format", "find_newline", "parse_format"]

PARQUET_MAGIC = b"PAR1"
_COMPRESSED = {".gz", ".gzip", ".zst", ".zstd"}
_BY_SUFFIX = {
    ".csv": FileFormat.CSV,
    ".tsv": FileFormat.CSV,
    ".tab": FileFormat.CSV,
    ".psv": FileFormat.CSV,
    ".jsonl": FileFormat.JSONL,
    ".ndjson": FileFormat.JSONL,
    ".json": FileFormat.JSONL,
    ".txt": FileFormat.TEXT,
    ".text": FileFormat.TEXT,
    ".log": FileFormat.TEXT,
}
_SHEET_ADVICE = "save the sheet as CSV UTF-8 and load that"
_UNPACK_ADVICE = "unpack it and load the files in it"
_DOCUMENT_ADVICE = "load a CSV, JSONL, Parquet or text file with one text in each row"
_BINARY = (
    (b"\xd0\xcf\x11\xe0", "an old Office file", _SHEET_ADVICE),
    (b"%PDF", "a PDF document", _DOCUMENT_ADVICE),
    (b"SQLite format 3\0", "an SQLite database", "export a table as CSV and load that"),
    (b"BZh", "a bzip2 archive", _UNPACK_ADVICE),
    (b"\xfd7zXZ\0", "an xz archive", _UNPACK_ADVICE),
    (b"7z\xbc\xaf", "a 7-zip archive", _UNPACK_ADVICE),
    (b"ARROW1", "an Arrow file", "save it as Parquet and load that"),
    (b"\x89PNG", "an image", _DOCUMENT_ADVICE),
    (b"\xff\xd8\xff", "an image", _DOCUMENT_ADVICE),
    (b"GIF8", "an image", _DOCUMENT_ADVICE),
)
_ZIP_MAGIC = b"PK\x03\x04"
_ZIPPED = (
    (b"xl/", "an Excel workbook", _SHEET_ADVICE),
    (b"word/", "a Word document", _DOCUMENT_ADVICE),
    (b"ppt/", "a PowerPoint presentation", _DOCUMENT_ADVICE),
    (b"", "a zip archive", _UNPACK_ADVICE),
)
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CYRILLIC_SHARE_MIN = 0.4  # of a text's letters; Western languages have far fewer with marks
# Chinese and Cyrillic read as Shift JIS are full of halfwidth katakana, which Japanese hardly uses.
_JAPANESE = re.compile("(?!.*[\uff61-\uff9f]).*(?:[\u3041-\u30ff]|[\u4e00-\u9fff]{2})", re.DOTALL)
_HAN = re.compile(".*[\u4e00-\u9fff]{2}", re.DOTALL)
# Cyrillic words are mostly small letters; Chinese read as Windows-1251 is small and capital letters mixed.
_CYRILLIC = re.compile("(?:.*[^\u0410-\u044f])?[\u0410-\u042f]?[\u0430-\u044f]{3,}(?![\u0410-\u042f])", re.DOTALL)


def parse_format(name: str) -> FileFormat:
    """The format of that name. Raises FormatUnknown."""
    try:
        return FileFormat(name.lower().removeprefix("."))
    except ValueError:
        raise FormatUnknown(format=name, known=", ".join(FileFormat)) from None


def find_format(source: Source, *, filename: str) -> FileFormat:
    """The format of a source by its bytes, and by its name where these leave a choice.

    Raises FileEmpty, FileNotText.
    """
    head = source.head
    if head.startswith(PARQUET_MAGIC):
        return FileFormat.PARQUET
    _check_text(head, filename=filename)
    start = head.lstrip()
    by_name = _format_of_name(filename)
    if not start and source.damage is None:
        raise FileEmpty(name=filename, header=" and a header" if by_name is FileFormat.CSV else "")
    if by_name is FileFormat.CSV or by_name is FileFormat.TEXT:
        return by_name
    if start.startswith(b"<"):
        raise FileNotText(name=filename, kind="an HTML or XML document", advice=_DOCUMENT_ADVICE)
    if start.startswith(b"["):
        return FileFormat.JSON
    if by_name is FileFormat.JSONL or start.startswith(b"{"):
        return FileFormat.JSONL
    text = head.decode(errors="replace")
    has_columns = len(text.split("\n", 1)[0].split(find_delimiter(text))) > 1
    return FileFormat.CSV if has_columns else FileFormat.TEXT


def find_newline(head: bytes) -> bytes:
    """What ends a line: a newline, or a carriage return alone in files of old spreadsheets."""
    return b"\r" if b"\r" in head and b"\n" not in head else b"\n"


def check_encoded(source: Source, *, filename: str) -> None:
    """Raises FileNotUtf8, with the encoding the source looks like, when it is plainly not meant to be UTF-8.

    A file that has good UTF-8 besides the bad bytes is taken as UTF-8; its bad rows are refused one by one.
    """
    head = _without_split_character(source.head)
    offset = _first_bad_byte(head)
    looks_like = _looks_like_utf16(head)
    if looks_like is None:
        if offset is None or _is_mostly_good(head):
            return
        looks_like = _guess_encoding(head)
    place = offset or 0
    line = head.count(b"\n", 0, place) + 1
    raise FileNotUtf8(
        name=filename, byte=head[place], line=line, offset=place, looks_like=looks_like[0], encoding=looks_like[1]
    )


def _check_text(head: bytes, *, filename: str) -> None:
    """Raises FileNotText for the kinds of file people try that hold no rows of text."""
    for magic, kind, advice in _BINARY:
        if head.startswith(magic):
            raise FileNotText(name=filename, kind=kind, advice=advice)
    if head.startswith(_ZIP_MAGIC):
        kind, advice = next((kind, advice) for folder, kind, advice in _ZIPPED if folder in head)
        raise FileNotText(name=filename, kind=kind, advice=advice)


def _format_of_name(filename: str) -> FileFormat | None:
    path = PurePath(filename.lower())
    if path.suffix in _COMPRESSED:
        path = path.with_suffix("")
    return _BY_SUFFIX.get(path.suffix)


def _first_bad_byte(head: bytes) -> int | None:
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.start
    return None


def _is_mostly_good(head: bytes) -> bool:
    """Whether more characters of several bytes are right than bytes wrong: by accident that hardly happens."""
    text = head.decode(errors="replace")
    bad = text.count("\ufffd")
    return sum(character > "\x7f" for character in text) - bad > bad


def _without_split_character(head: bytes) -> bytes:
    """The head without the first bytes of a character that goes on behind it."""
    for back in range(1, 4):
        if len(head) >= back and head[-back] >= 0xC0:
            return head[:-back]
    return head


def _looks_like_utf16(head: bytes) -> tuple[str, str] | None:
    if head.startswith(_UTF16_MARKS):
        return "UTF-16", "utf-16"
    start = head[:4096]
    pairs = len(start) // 2
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        high, low = start[first::2].count(0), start[1 - first :: 2].count(0)
        if pairs >= 2 and high > pairs * 0.6 and low < pairs * 0.1:
            return "UTF-16 without its mark", encoding
    return None


def _guess_encoding(head: bytes) -> tuple[str, str]:
    """A name for people and one for `--encoding`: Japanese, Chinese, Cyrillic, or else Western."""
    letters = sum(head.count(code) for code in range(0x41, 0x7B)) + 1
    high = len(re.findall(rb"[\x80-\xff]", head))
    if high / (high + letters) >= _CYRILLIC_SHARE_MIN:
        for name, encoding, script in (
            ("Japanese (Shift JIS)", "cp932", _JAPANESE),
            ("Cyrillic (Windows-1251)", "cp1251", _CYRILLIC),
            ("Chinese (GB 18030)", "gb18030", _HAN),
        ):
            try:
                if script.match(head.decode(encoding)):
                    return name, encoding
            except UnicodeDecodeError:
                continue
    return "Western European (Windows-1252)", "cp1252"
