"""The bytes of a file as UTF-8: opened, uncompressed, converted; the first of them kept, to look before reading.

A damaged file is read as far as it goes: `damage` then says what is wrong, and the end comes early.
"""

import codecs
import getpass
import gzip
import io
import os
import stat
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import zstandard

from likewise.engine.collections.reading.errors import (
    EncodingUnknown,
    FileIsDirectory,
    FileNotFound,
    FileNotPermitted,
    FileUnreadable,
)

__all__ = ["CHUNK_BYTES", "HEAD_BYTES", "Source", "open_file"]

CHUNK_BYTES = 256 * 1024
HEAD_BYTES = 256 * 1024
ZSTD_INPUT_BYTES = 1024  # a block of 4 bytes may hold 128 KiB, so this bounds one step's output by 32 MiB
ZSTD_WINDOW_BYTES_MAX = 128 * 2**20
WRONG_BYTES = "likewise.wrong_bytes"  # the name of an error handler of codecs
GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"

_Read = Callable[[int], bytes]
_DAMAGE = (EOFError, OSError, zlib.error, zstandard.ZstdError)


class Source:
    """UTF-8 bytes of an opened file, read once, in order. `head` is the first HEAD_BYTES of them."""

    def __init__(self, file: BinaryIO, *, name: str, encoding: str | None = None, owned: bool = False) -> None:
        self.name = name
        self.encoding = encoding
        self.damage: str | None = None
        self._file = file
        self._owned = owned
        self._start = file.tell() if file.seekable() else None
        self._bytes_stored = 0
        self.is_compressed = False
        self.is_whole_in_head = False
        self._begin()

    @property
    def bytes_read(self) -> int:
        """Bytes taken from the file as it is stored."""
        return self._bytes_stored

    @property
    def bytes_total(self) -> int | None:
        """Bytes of the file as it is stored; None when only the end will tell."""
        if self._start is None:
            return None
        here = self._file.tell()
        end = self._file.seek(0, io.SEEK_END)
        self._file.seek(here)
        return end - self._start

    @property
    def can_rewind(self) -> bool:
        return self._start is not None

    def seek_start(self) -> BinaryIO | None:
        """The file itself at its first byte, for a reader that seeks; None when it cannot be sought in."""
        if self._start != 0:
            return None
        self._file.seek(0)
        return self._file

    def rewind(self) -> None:
        """Begin again at the first byte."""
        if self._start is None:
            raise io.UnsupportedOperation(self.name)
        self._file.seek(self._start)
        self._bytes_stored = 0
        self.damage = None
        self._begin()

    def read(self, size: int) -> bytes:
        """From 1 to `size` bytes or somewhat more; b"" at the end or where the damage begins."""
        if self._unread:
            chunk, self._unread = self._unread, b""
            return chunk
        return self._read_on(size)

    def close(self) -> None:
        if self._owned:
            self._file.close()

    def _begin(self) -> None:
        magic = self._read_stored(4)
        while 0 < len(magic) < 4 and (more := self._read_stored(4 - len(magic))):
            magic += more
        stored = _Pushback(magic, self._read_stored)
        self.is_compressed = magic.startswith(GZIP_MAGIC) or magic == ZSTD_MAGIC
        if magic.startswith(GZIP_MAGIC):
            # BufferedReader hands out what it has before it reports an early end; GzipFile asks it for `read` only.
            self._decoded: _Read = gzip.GzipFile(fileobj=stored, mode="rb").read1  # pyright: ignore[reportArgumentType]
        elif magic == ZSTD_MAGIC:
            self._decoded = _Zstd(stored.read).read
        else:
            self._decoded = stored.read
        if self.encoding and codecs.lookup(self.encoding).name != "utf-8":
            self._decoded = _Transcoder(self._decoded, self.encoding).read
        head = bytearray()
        while len(head) < HEAD_BYTES and (chunk := self._read_on(HEAD_BYTES)):
            head += chunk
        self.is_whole_in_head = len(head) < HEAD_BYTES
        self.head = bytes(head).removeprefix(codecs.BOM_UTF8)
        self._unread = self.head

    def _read_on(self, size: int) -> bytes:
        if self.damage:
            return b""
        try:
            return self._decoded(size)
        except _DAMAGE as error:
            self.damage = _describe_damage(error)
            return b""

    def _read_stored(self, size: int) -> bytes:
        chunk = self._file.read(size)
        self._bytes_stored += len(chunk)
        return chunk


def open_file(path: Path, *, encoding: str | None = None) -> Source:
    """The file's bytes. Raises FileNotFound, FileIsDirectory, FileNotPermitted, FileUnreadable, EncodingUnknown."""
    check_encoding(encoding)
    try:
        file = path.open("rb")
        try:
            if stat.S_ISDIR(os.fstat(file.fileno()).st_mode):
                raise FileIsDirectory(path=path)
            return Source(file, name=path.name, encoding=encoding, owned=True)
        except BaseException:
            file.close()
            raise
    except IsADirectoryError:
        raise FileIsDirectory(path=path) from None
    except (FileNotFoundError, NotADirectoryError):
        raise FileNotFound(path=path, directory=Path.cwd()) from None
    except PermissionError:
        raise FileNotPermitted(path=path, user=_user_name()) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise FileUnreadable(name=path.name, reason=_describe_damage(error)) from error


def check_encoding(encoding: str | None) -> None:
    """Raises EncodingUnknown for a name that is no text encoding."""
    try:
        if encoding is not None:
            "".encode(encoding)
    except (LookupError, UnicodeError, ValueError):
        raise EncodingUnknown(encoding=encoding) from None


class _Pushback(io.RawIOBase):
    """A readable whose first bytes were already taken."""

    def __init__(self, first: bytes, read: _Read) -> None:
        super().__init__()
        self._first = first
        self._read = read

    def readable(self) -> bool:
        return True

    def read(self, size: int = CHUNK_BYTES, /) -> bytes:
        if self._first:
            chunk, self._first = self._first[:size], self._first[size:]
            return chunk
        return self._read(size)


class _Zstd:
    """Reads Zstandard frames; unlike the library's own stream it notices a missing end."""

    def __init__(self, read: _Read) -> None:
        self._read = read
        self._frames = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_BYTES_MAX)
        self._frame = self._frames.decompressobj()
        self._input = b""

    def read(self, _size: int) -> bytes:
        while True:
            stored = self._input or self._read(ZSTD_INPUT_BYTES)
            self._input = b""
            if not stored:
                if self._frame is not None:
                    raise EOFError
                return b""
            if self._frame is None:
                self._frame = self._frames.decompressobj()
            chunk = self._frame.decompress(stored)
            if self._frame.eof:
                self._input = self._frame.unused_data
                self._frame = None
            if chunk:
                return chunk


def _mark_wrong_bytes(error: UnicodeError) -> tuple[str, int]:
    """Stand-ins that become the byte 0xff, which no UTF-8 has."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\udcff" * (error.end - error.start), error.end


codecs.register_error(WRONG_BYTES, _mark_wrong_bytes)


class _Transcoder:
    """Reads another encoding as UTF-8. What is wrong in it comes out as no UTF-8 either, for the row to be refused."""

    def __init__(self, read: _Read, encoding: str) -> None:
        self._read = read
        self._decoder = codecs.getincrementaldecoder(encoding)(WRONG_BYTES)

    def read(self, size: int) -> bytes:
        while stored := self._read(size):
            if text := self._decoder.decode(stored):
                return text.encode("utf-8", "surrogateescape")
        return self._decoder.decode(b"", final=True).encode("utf-8", "surrogateescape")


def _describe_damage(error: Exception) -> str:
    if isinstance(error, EOFError):
        return "the compressed data ends too early"
    if isinstance(error, gzip.BadGzipFile | zlib.error | zstandard.ZstdError):
        return f"the compressed data is damaged ({error})"
    if isinstance(error, OSError) and error.errno is not None:
        return os.strerror(error.errno)
    return str(error)


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
