"""The nouns of stored files, the port, and what a key may look like."""

import re
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

import msgspec

from likewise.platform.errors import Denied, FieldError, NotFound, Rejected, Unavailable

__all__ = [
    "Content",
    "FileDamaged",
    "FileKeyInvalid",
    "FileNotStored",
    "FileStore",
    "FileTooLarge",
    "FilesUnavailable",
    "SignatureInvalid",
    "StorageFull",
    "StoredFile",
    "WrittenFile",
    "check_key",
    "chunks_of",
]

Content = bytes | AsyncIterable[bytes]

KEY_LENGTH_MAX = 512
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}", re.ASCII)


class FileNotStored(NotFound):
    """No file is stored under {key!r}."""


class FileKeyInvalid(Rejected):
    """{key!r} cannot name a stored file. A key is parts joined by '/', each of letters, digits, '.', '_' and '-' that
    starts with a letter, a digit or '_', and 512 characters at most in all.
    """


class FileTooLarge(Rejected):
    """The file is larger than {bytes_max} bytes, and nothing was kept. LIKEWISE_FILES_FILE_BYTES_MAX sets the bound."""


class FileDamaged(Unavailable):
    """What was received or stored as {key!r} is not what it should be: its sha256 is {found}, not {expected}."""


class StorageFull(Unavailable):
    """{place} is full, and nothing of this file was kept. Free space there, or point LIKEWISE_FILES_URL elsewhere."""


class FilesUnavailable(Unavailable):
    """Files at {place} cannot be reached: {reason}. LIKEWISE_FILES_URL says where they are kept."""


class SignatureInvalid(Denied):
    """The address is not signed by us, or it is no longer good. Ask for a new one."""


class StoredFile(msgspec.Struct, frozen=True):
    """A stored file as it is found."""

    key: str
    size_bytes: int
    modified_at: datetime


class WrittenFile(msgspec.Struct, frozen=True):
    """What was just stored; `sha256` in hexadecimal."""

    key: str
    size_bytes: int
    sha256: str


class FileStore(Protocol):
    """Files of tenants. Every key is a tenant's own: two tenants may use the same one and never meet.

    Each method raises FileKeyInvalid for a bad key and FilesUnavailable where the storage cannot be used.
    """

    async def write(self, tenant_id: UUID, *, key: str, content: Content, sha256: str | None = None) -> WrittenFile:
        """Store content under a key, whole or not at all, in place of what was there.

        Raises FileTooLarge, StorageFull, and FileDamaged where the content does not have the sha256 it should.
        """
        ...

    def read(self, tenant_id: UUID, *, key: str) -> AsyncIterator[bytes]:
        """The content in chunks; the file as it was when reading began. Raises FileNotStored at the first chunk."""
        ...

    async def find_file(self, tenant_id: UUID, *, key: str) -> StoredFile | None:
        """What is stored under a key."""
        ...

    async def list_files(
        self, tenant_id: UUID, *, prefix: str = "", after: str = "", rows_max: int = 100
    ) -> Sequence[StoredFile]:
        """Files whose keys start with `prefix` and sort behind `after`, by key, at most `rows_max`."""
        ...

    async def delete_file(self, tenant_id: UUID, *, key: str) -> bool:
        """Delete what is stored under a key; whether there was anything."""
        ...

    async def delete_tenant(self, tenant_id: UUID) -> int:
        """Delete everything of a tenant; the number of files."""
        ...

    def sign_url(self, tenant_id: UUID, *, key: str, lifetime_s: int) -> str:
        """A path and query under which the file may be read by whoever knows it, for so long. Not to be logged."""
        ...

    def verify_url(self, tenant_id: UUID, *, key: str, expires: int, signature: str) -> None:
        """Raise SignatureInvalid unless `sign_url` made these and their time is not over."""
        ...


def check_key(key: str) -> str:
    """The key, or FileKeyInvalid. What passes cannot leave its folder, hide, or mean something to a shell or a URL."""
    if len(key) > KEY_LENGTH_MAX or not all(_PART.fullmatch(part) for part in key.split("/")):
        shown = key[:80]
        raise FileKeyInvalid(key=shown, errors=[FieldError("/key", "not a key of a stored file")])
    return key


async def chunks_of(content: Content, *, bytes_each: int, bytes_max: int) -> AsyncIterator[bytes]:
    """Content in chunks of `bytes_each` (the last may be shorter). Raises FileTooLarge past `bytes_max`."""
    size_bytes = 0
    waiting = bytearray()
    async for piece in _pieces(content):
        size_bytes += len(piece)
        if size_bytes > bytes_max:
            raise FileTooLarge(bytes_max=bytes_max)
        waiting += piece
        while len(waiting) >= bytes_each:
            yield bytes(waiting[:bytes_each])
            del waiting[:bytes_each]
    if waiting:
        yield bytes(waiting)


async def _pieces(content: Content) -> AsyncIterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    async for piece in content:
        yield piece
