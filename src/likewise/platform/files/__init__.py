"""The door to stored files: one port, a directory or an S3 bucket behind it."""

from pathlib import Path

from likewise.platform.clock import Clock
from likewise.platform.config import Settings
from likewise.platform.files.local import LocalFileStore
from likewise.platform.files.model import (
    Content,
    FileDamaged,
    FileKeyInvalid,
    FileNotStored,
    FileStore,
    FilesUnavailable,
    FileTooLarge,
    SignatureInvalid,
    StorageFull,
    StoredFile,
    WrittenFile,
)
from likewise.platform.files.settings import FilesSettings
from likewise.platform.files.signing import UrlSigner

__all__ = [
    "Content",
    "FileDamaged",
    "FileKeyInvalid",
    "FileNotStored",
    "FileStore",
    "FileTooLarge",
    "FilesSettings",
    "FilesUnavailable",
    "SignatureInvalid",
    "StorageFull",
    "StoredFile",
    "WrittenFile",
    "open_files",
]


def open_files(settings: Settings, *, signing_key: bytes, clock: Clock | None = None) -> FileStore:
    """The store that LIKEWISE_FILES_URL names. `signing_key`: 32 secret bytes, the same on every host."""
    section = settings.get(FilesSettings)
    signer = UrlSigner(signing_key, lifetime_s_max=section.signed_url_s_max, clock=clock or Clock())
    if section.url is not None and "://" in section.url:
        from likewise.platform.files.s3 import S3FileStore  # boto3 is slow to import, and an extra

        return S3FileStore(section.url, settings=section, signer=signer)
    root = settings.home / "files" if section.url is None else Path(section.url).expanduser().absolute()
    return LocalFileStore(root, settings=section, signer=signer)
