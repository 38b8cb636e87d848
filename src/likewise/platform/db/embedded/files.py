"""Small files that survive a crash, and locks that end with the process holding them."""

import fcntl
import os
import secrets
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

from likewise.platform.db.embedded.errors import LockTimedOut

__all__ = ["exclusive_lock", "read_json", "sync_directory", "try_lock", "write_atomically", "write_json"]

T = TypeVar("T", bound=msgspec.Struct)
_POLL_S = 0.02


def write_atomically(path: Path, content: bytes, *, mode: int = 0o600, owner: tuple[int, int] | None = None) -> None:
    """Replace `path` by `content`: after a crash it holds the old bytes or the new ones. `owner` is (uid, gid)."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if owner is not None:
                os.fchown(file.fileno(), *owner)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def write_json(path: Path, value: msgspec.Struct, *, mode: int = 0o600, owner: tuple[int, int] | None = None) -> None:
    """`value` as indented JSON, atomically."""
    write_atomically(path, msgspec.json.format(msgspec.json.encode(value)) + b"\n", mode=mode, owner=owner)


def read_json(path: Path, kind: type[T]) -> T | None:
    """The struct kept in `path`; None where the file is missing or is not one."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (FileNotFoundError, NotADirectoryError, msgspec.DecodeError):
        return None


def sync_directory(path: Path) -> None:
    """Make the names in a directory survive a power failure."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def try_lock(path: Path) -> int | None:
    """The descriptor that holds an exclusive lock on `path`, made if missing; None where someone else holds it.

    The kernel drops the lock when the last copy of the descriptor is closed, however its processes end.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


@contextmanager
def exclusive_lock(path: Path, *, timeout_s: float) -> Generator[None, None, None]:
    """Hold `path` alone among all processes and threads. Raises LockTimedOut after `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while (descriptor := try_lock(path)) is None:
        if time.monotonic() > deadline:
            raise LockTimedOut(path=path, waited_s=timeout_s)
        time.sleep(_POLL_S)
    try:
        yield
    finally:
        os.close(descriptor)
