"""The data directory: made aside, renamed into place, and trusted only by our own mark.

`initdb` killed half-way leaves a directory that has a PG_VERSION and never starts. So it works in
`data.tmp-<id>`, which gets `likewise-origin.json` when initdb has ended, and then its name.
`likewise-ready.json` follows once roles, database and extensions are there too. What lies at the final path
without our mark is never trusted.
"""

import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec

from likewise.platform.db.embedded.account import Account, run_as
from likewise.platform.db.embedded.binaries import Binaries
from likewise.platform.db.embedded.errors import (
    DataDirectoryForeign,
    DataDirectoryMissing,
    DataDirectoryNewer,
    DataDirectoryOlder,
    InitialisationFailed,
    SpaceMissing,
)
from likewise.platform.db.embedded.files import read_json, sync_directory, write_atomically, write_json
from likewise.platform.db.embedded.layout import Layout, Secrets, State

__all__ = [
    "CONFIGURATION",
    "SUPERUSER",
    "Mark",
    "OnStep",
    "Step",
    "cluster_state",
    "initialise",
    "mark_ready",
    "read_mark",
    "remove_leftovers",
]

Step = Literal[
    "initialise", "initialised", "placed", "launched", "accepting", "extensions", "roles", "database", "ready"
]
OnStep = Callable[[Step], None]
SUPERUSER = "postgres"
CONFIGURATION = "likewise.conf"
_ORIGIN = "likewise-origin.json"
_READY = "likewise-ready.json"
_SPACE_NEEDED_BYTES = 192 << 20
# Character classes for trigrams and the text-search parser; collation itself is Postgres' own C.UTF-8
# everywhere.
_CHARACTER_TYPES = ("C.UTF-8", "en_US.UTF-8", "C")


class Mark(msgspec.Struct, frozen=True):
    """What we leave in a data directory: which cluster it is and which Postgres made it."""

    cluster_id: str
    major: int


def read_mark(data: Path) -> Mark | None:
    """Our mark in a data directory, whether or not it was finished."""
    return read_json(data / _READY, Mark) or read_json(data / _ORIGIN, Mark)


def cluster_state(layout: Layout, state: State, *, major: int) -> Literal["absent", "begun", "ready"]:
    """What lies at the data directory. Raises a fact where it must not be touched.

    A half-made directory without our mark is moved aside, never deleted, where no database was ever complete.
    """
    data = layout.data
    if not data.exists() or not any(data.iterdir()):
        if state.established:
            reason = "the directory is empty" if data.exists() else "there is no such directory"
            raise DataDirectoryMissing(path=data, reason=reason, state=layout.state)
        return "absent"
    mark = read_mark(data)
    if mark is None:
        if not state.established and _is_half_made(data):
            data.rename(data.with_name(f"data.broken-{secrets.token_hex(4)}"))
            return "absent"
        raise DataDirectoryForeign(path=data, reason="it has no mark of ours")
    if mark.cluster_id != state.cluster_id:
        raise DataDirectoryForeign(path=data, reason="it is the database of another LIKEWISE_HOME")
    if mark.major < major:
        raise DataDirectoryOlder(path=data, found=mark.major, major=major)
    if mark.major > major:
        raise DataDirectoryNewer(path=data, found=mark.major, major=major)
    return "ready" if (data / _READY).exists() else "begun"


def _is_half_made(data: Path) -> bool:
    """Whether initdb stopped in the middle of it: the database `postgres` (always number 5) is made last."""
    return (data / "PG_VERSION").exists() and not (data / "base" / "5" / "PG_VERSION").exists()


def initialise(
    layout: Layout, account: Account, binaries: Binaries, *, state: State, passwords: Secrets, on_step: OnStep
) -> None:
    """Make the cluster aside and move it into place. Raises InitialisationFailed, SpaceMissing."""
    remove_leftovers(layout)
    free_bytes = shutil.disk_usage(layout.private).free
    if free_bytes < _SPACE_NEEDED_BYTES:
        reason = f"{_SPACE_NEEDED_BYTES >> 20} MB are needed, {free_bytes >> 20} MB are free"
        raise SpaceMissing(path=layout.private, reason=reason)
    draft = layout.private / f"data.tmp-{secrets.token_hex(4)}"
    password_file = draft.with_name(f"{draft.name}.password")
    on_step("initialise")
    try:
        write_atomically(password_file, passwords.superuser_password.encode() + b"\n", owner=account.owner)
        _run_initdb(draft, account, binaries, password_file=password_file)
        with (draft / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write("\n# From the size of the machine, written at every start. ALTER SYSTEM wins over it.\n")
            file.write(f"include_if_exists = '{CONFIGURATION}'\n")
            file.flush()
            os.fsync(file.fileno())
        write_json(draft / _ORIGIN, Mark(cluster_id=state.cluster_id, major=binaries.major), owner=account.owner)
        on_step("initialised")
        draft.rename(layout.data)
        sync_directory(layout.private)
    finally:
        password_file.unlink(missing_ok=True)
        shutil.rmtree(draft, ignore_errors=True)
    on_step("placed")


def _run_initdb(draft: Path, account: Account, binaries: Binaries, *, password_file: Path) -> None:
    problem = ""
    for character_type in _CHARACTER_TYPES:
        draft.mkdir(mode=0o700)
        os.chown(draft, *account.owner)
        done = run_as(
            account,
            [
                binaries.program("initdb"),
                f"--pgdata={draft}",
                f"--username={SUPERUSER}",
                f"--pwfile={password_file}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                f"--lc-ctype={character_type}",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--no-instructions",
            ],
        )
        if done.returncode == 0:
            return
        problem = (done.stderr or done.stdout).strip()
        shutil.rmtree(draft)
        if "invalid locale name" not in problem:
            break
    if "No space left on device" in problem:
        raise SpaceMissing(path=draft.parent, reason="initdb ran out of it")
    raise InitialisationFailed(path=draft.parent, reason=problem)


def remove_leftovers(layout: Layout) -> None:
    """Remove what dead starts left: whoever made it held the lock that we hold now.

    Its initdb may still be running, so the directory may fill again; then the next start removes the rest.
    """
    for leftover in layout.private.glob("data.tmp-*"):
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            leftover.unlink(missing_ok=True)


def mark_ready(layout: Layout, account: Account, *, state: State, major: int) -> None:
    """Say that roles, database and extensions are complete. Written last."""
    write_json(layout.data / _READY, Mark(cluster_id=state.cluster_id, major=major), owner=account.owner)
