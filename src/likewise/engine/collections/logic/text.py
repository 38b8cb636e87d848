"""What text may be stored, and the fingerprints of it.

Postgres refuses NUL, UTF-8 has no lone surrogates, and the same word must not be stored in two spellings: so every
text is checked once, here. Loading a file scrubs what cannot be stored and says so; an API call is refused instead.
"""

import re
import unicodedata
from datetime import datetime
from functools import cache, partial
from hashlib import sha256
from typing import cast

import msgspec

from likewise.engine.collections.model import ItemDraft
from likewise.platform.errors import Rejected

__all__ = [
    "CleanText",
    "TextNotStorable",
    "TextTooLong",
    "check_text",
    "clean_text",
    "clean_value",
    "content_hash",
    "default_key",
    "normalised_text",
]

MARKS_RUN_MAX = 30  # combining marks on one character; UAX 15 calls text within this bound stream-safe
MARKS_CHECK_MIN = 512  # characters; below this even the worst run costs less than a millisecond
INTEGER_MAX = 2**63 - 1
VALUE_DEPTH_MAX = 32  # levels of lists and objects in metadata
UTF8_BYTES_PER_CHARACTER_MAX = 4

_UNSTORABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_UNSTORABLE_ASCII = bytes(code for code in range(128) if _UNSTORABLE.match(chr(code)))
_SURROGATE = re.compile("[\ud800-\udfff]")
_LINE_BREAK = re.compile("\r\n|[\r\x0b\x0c\x85]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")


class TextTooLong(Rejected):
    """The text has {bytes} bytes; at most {bytes_max} are stored. Split it, or raise collections.item_bytes_max."""


class TextNotStorable(Rejected):
    """The text holds what cannot be stored ({flaws}). Remove it and send the text again."""


class CleanText(msgspec.Struct, frozen=True):
    """Text fit to be stored, and one sentence for each kind of thing that had to be changed."""

    text: str
    warnings: tuple[str, ...] = ()


def clean_text(text: str, *, bytes_max: int) -> CleanText:
    """Scrub what cannot be stored and bring the rest to NFC. Raises TextTooLong above `bytes_max` bytes of UTF-8.

    Line ends become newlines; lone surrogates become U+FFFD; control characters except newline and tab go, and so do
    combining marks beyond MARKS_RUN_MAX on one character, because normalising such a run costs its length squared.
    """
    _check_size(text, bytes_max=bytes_max)
    if text.isascii():
        if text.isprintable():
            return CleanText(text)
        code = text.encode("ascii")
        return CleanText(text) if len(code.translate(None, _UNSTORABLE_ASCII)) == len(code) else _scrub(text)
    cleaned = _scrub(text) if _UNSTORABLE.search(text) else CleanText(text)
    text, warnings = cleaned.text, cleaned.warnings
    if len(text) >= MARKS_CHECK_MIN:
        text, runs = _marks_run().subn(r"\1", text)
        warnings += (f"combining marks removed in {runs} places",) if runs else ()
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
        _check_size(text, bytes_max=bytes_max)
    return CleanText(text, warnings)


def check_text(text: str, *, bytes_max: int) -> str:
    """The text in NFC with newlines as line ends. Raises TextNotStorable naming what cannot be stored, TextTooLong."""
    cleaned = clean_text(text, bytes_max=bytes_max)
    if cleaned.warnings:
        raise TextNotStorable(flaws=", ".join(cleaned.warnings).replace(" removed", "").replace(" replaced", ""))
    return cleaned.text


def clean_value(value: object, *, bytes_max: int) -> tuple[object, tuple[str, ...]]:
    """A JSON value with every text in it cleaned, keys too, and the warnings. Raises TextTooLong.

    Deeper than VALUE_DEPTH_MAX levels it is cut, with a warning.
    """
    warnings: dict[str, None] = {}
    cleaned = _clean_value(value, bytes_max=bytes_max, warnings=warnings, depth=0)
    return cleaned, tuple(warnings)


def content_hash(draft: ItemDraft) -> bytes:
    """sha256 (32 bytes) over everything but the key: an item whose hash is unchanged needs no work."""
    content = (
        draft.body,
        draft.title,
        draft.facets,
        draft.author,
        draft.category,
        draft.place,
        draft.happened_at,
        draft.visibility,
        draft.metadata,
    )
    return sha256(_CANONICAL.encode(content)).digest()


def default_key(draft: ItemDraft) -> str:
    """The key of an item that brings none: 32 hexadecimal digits of its content, so loading twice doubles nothing."""
    return content_hash(draft).hex()[:32]


def normalised_text(text: str) -> str:
    """The text as the embedding cache knows it: NFC, every run of white space one space, none at the ends."""
    return unicodedata.normalize("NFC", " ".join(text.split()))


_CANONICAL = msgspec.msgpack.Encoder(order="deterministic")


def _check_size(text: str, *, bytes_max: int) -> None:
    if len(text) * UTF8_BYTES_PER_CHARACTER_MAX > bytes_max:
        size = len(text.encode("utf-8", "surrogatepass"))
        if size > bytes_max:
            raise TextTooLong(bytes=size, bytes_max=bytes_max)


def _scrub(text: str) -> CleanText:
    text = _LINE_BREAK.sub("\n", text)
    text, surrogates = _SURROGATE.subn("\ufffd", text)
    nuls = text.count("\0")
    text, controls = _CONTROL.subn("", text)
    warnings = [
        f"{count} {name} {done}"
        for count, name, done in (
            (nuls, "NUL characters" if nuls > 1 else "NUL character", "removed"),
            (controls - nuls, "control characters" if controls - nuls > 1 else "control character", "removed"),
            (surrogates, "lone surrogates" if surrogates > 1 else "lone surrogate", "replaced"),
        )
        if count
    ]
    return CleanText(text, tuple(warnings))


@cache
def _marks_run() -> re.Pattern[str]:
    """Matches a run of more than MARKS_RUN_MAX combining marks, keeping the allowed ones as group 1.

    Built on first use, because finding the marks takes some 15 ms.
    """
    marks = [code for code in range(0x300, 0x1E94B) if unicodedata.combining(chr(code))]
    ranges: list[tuple[int, int]] = []
    for code in marks:
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1] = (ranges[-1][0], code)
        else:
            ranges.append((code, code))
    letters = "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges)
    return re.compile(f"([{letters}]{{{MARKS_RUN_MAX}}})[{letters}]+")


def _clean_value(  # noqa: PLR0911  one case for each type of JSON
    value: object, *, bytes_max: int, warnings: dict[str, None], depth: int
) -> object:
    clean = partial(_clean_value, bytes_max=bytes_max, warnings=warnings, depth=depth + 1)
    match value:
        case str():
            cleaned = clean_text(value, bytes_max=bytes_max)
            warnings.update(dict.fromkeys(cleaned.warnings))
            return cleaned.text
        case list() | dict() if depth >= VALUE_DEPTH_MAX:
            warnings[f"nesting deeper than {VALUE_DEPTH_MAX} levels removed"] = None
            return None
        case list():
            return [clean(part) for part in cast("list[object]", value)]
        case dict():
            return {str(clean(name)): clean(part) for name, part in cast("dict[object, object]", value).items()}
        case datetime():
            return value.isoformat()
        case int() if abs(value) > INTEGER_MAX:
            warnings["whole numbers of more than 64 bits rounded"] = None
            return _rounded(value)
        case _:
            return value


def _rounded(value: int) -> float | None:
    try:
        return float(value)
    except OverflowError:
        return None
