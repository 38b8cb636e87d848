"""Files in a directory: `<root>/<tenant>/<key>`, each folder of a key marked with a `+`.

A file is written under another name in the same directory tree, made durable, and only then renamed to its key: a
reader sees the old file or the new one, a crash leaves one of the two, a full disk leaves the old one.
"""

import asyncio
import errno
import hashlib
import heapq
import os
import shutil
import time
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeVar
from uuid import UUID

from typing_extensions import override

from likewise.platform.files.model import (
    Content,
    FileDamaged,
    FileNotStored,
    FileStore,
    FilesUnavailable,
    StorageFull,
    StoredFile,
    WrittenFile,
    check_key,
    chunks_of,
)
from likewise.platform.files.settings import FilesSettings
from likewise.platform.files.signing import UrlSigner
from likewise.platform.ids import new_id

__all__ = ["LocalFileStore"]

T = TypeVar("T")
_UNFINISHED = ".unfinished"  # no tenant and no key can be called that
_UNFINISHED_AGE_S = 86_400
_TRIES = 5
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class LocalFileStore(FileStore):
    """Files under a directory, which is made if it is missing."""

    def __init__(self, root: Path, *, settings: FilesSettings, signer: UrlSigner) -> None:
        self._root = root
        self._settings = settings
        self._signer = signer
        try:
            (root / _UNFINISHED).mkdir(parents=True, exist_ok=True, mode=0o700)
            self._sweep()
        except OSError as error:
            raise FilesUnavailable(place=root, reason=error.strerror or error) from error

    @override
    async def write(self, tenant_id: UUID, *, key: str, content: Content, sha256: str | None = None) -> WrittenFile:
        target = self._path(tenant_id, key)
        unfinished = self._root / _UNFINISHED / new_id().hex
        digest, size_bytes = hashlib.sha256(), 0
        limits = self._settings
        try:
            file = await self._call(lambda: unfinished.open("xb"))
            try:
                async for chunk in chunks_of(content, bytes_each=limits.chunk_bytes, bytes_max=limits.file_bytes_max):
                    await self._call(partial(file.write, chunk))
                    digest.update(chunk)
                    size_bytes += len(chunk)
                if sha256 is not None and digest.hexdigest() != sha256:
                    raise FileDamaged(key=key, found=digest.hexdigest(), expected=sha256)
                await self._call(lambda: _make_durable(file))
            finally:
                with suppress(OSError):  # closing writes what is buffered; a full disk was reported already
                    file.close()
            await self._call(lambda: self._put_in_place(unfinished, target))
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
        return WrittenFile(key=key, size_bytes=size_bytes, sha256=digest.hexdigest())

    @override
    async def read(self, tenant_id: UUID, *, key: str) -> AsyncIterator[bytes]:
        path = self._path(tenant_id, key)
        try:
            file = await self._call(lambda: path.open("rb"))
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
            raise FileNotStored(key=key) from error
        try:
            while chunk := await self._call(lambda: file.read(self._settings.chunk_bytes)):
                yield chunk
        finally:
            file.close()

    @override
    async def find_file(self, tenant_id: UUID, *, key: str) -> StoredFile | None:
        path = self._path(tenant_id, key)
        return await self._call(lambda: _stored(path, key))

    @override
    async def list_files(
        self, tenant_id: UUID, *, prefix: str = "", after: str = "", rows_max: int = 100
    ) -> Sequence[StoredFile]:
        folder = self._folder(tenant_id)

        def collect() -> list[StoredFile]:
            keys = (key for key in _keys_under(folder) if key.startswith(prefix) and key > after)
            found = (_stored(_path_of(folder, key), key) for key in heapq.nsmallest(rows_max, keys))
            return [file for file in found if file is not None]

        return await self._call(collect)

    @override
    async def delete_file(self, tenant_id: UUID, *, key: str) -> bool:
        path = self._path(tenant_id, key)

        def delete() -> bool:
            try:
                path.unlink()
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                return False
            _remove_empty(path.parent, stop=self._folder(tenant_id))
            return True

        return await self._call(delete)

    @override
    async def delete_tenant(self, tenant_id: UUID) -> int:
        folder = self._folder(tenant_id)

        def delete() -> int:
            count = sum(1 for _ in _keys_under(folder))
            if folder.exists():
                # Out of sight in one step, so that a crash half-way leaves nothing that can still be read.
                gone = self._root / _UNFINISHED / new_id().hex
                folder.rename(gone)
                shutil.rmtree(gone)
            return count

        return await self._call(delete)

    @override
    def sign_url(self, tenant_id: UUID, *, key: str, lifetime_s: int) -> str:
        return self._signer.sign(tenant_id, key=key, lifetime_s=lifetime_s)

    @override
    def verify_url(self, tenant_id: UUID, *, key: str, expires: int, signature: str) -> None:
        self._signer.verify(tenant_id, key=key, expires=expires, signature=signature)

    def _folder(self, tenant_id: UUID) -> Path:
        return self._root / tenant_id.hex

    def _path(self, tenant_id: UUID, key: str) -> Path:
        return _path_of(self._folder(tenant_id), check_key(key))

    def _put_in_place(self, unfinished: Path, target: Path) -> None:
        for _ in range(_TRIES - 1):
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                unfinished.replace(target)
                break
            except FileNotFoundError:  # a deletion has just removed the empty folder
                continue
        else:
            unfinished.replace(target)
        _sync_folder(target.parent)

    def _sweep(self) -> None:
        """Remove what a crash left a day or more ago."""
        for path in (self._root / _UNFINISHED).iterdir():
            with suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > _UNFINISHED_AGE_S:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()

    async def _call(self, work: Callable[[], T]) -> T:
        """Run blocking work in a thread, its errors as facts."""
        with self._as_facts():
            return await asyncio.to_thread(work)

    @contextmanager
    def _as_facts(self) -> Generator[None]:
        try:
            yield
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise
        except OSError as error:
            if error.errno in _FULL:
                raise StorageFull(place=self._root) from error
            raise FilesUnavailable(place=self._root, reason=error.strerror or error) from error


def _path_of(folder: Path, key: str) -> Path:
    """Folders get a `+`, which no key has, so that `a` and `a/b` can both be files."""
    return folder / key.replace("/", "+/")


def _make_durable(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _stored(path: Path, key: str) -> StoredFile | None:
    try:
        found = path.stat(follow_symlinks=False)
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not path.is_file():
        return None
    return StoredFile(key=key, size_bytes=found.st_size, modified_at=datetime.fromtimestamp(found.st_mtime, UTC))


def _keys_under(folder: Path) -> Iterator[str]:
    """Every key of a tenant's folder, in no order; links are not followed."""
    for parent, _, names in os.walk(folder):
        for name in names:
            yield (Path(parent) / name).relative_to(folder).as_posix().replace("+/", "/")


def _remove_empty(folder: Path, *, stop: Path) -> None:
    """Remove a folder and those above it as long as they are empty, up to `stop`."""
    while folder != stop:
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent
