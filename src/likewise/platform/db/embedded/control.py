"""The verbs: start, stop, hold, status. Each holds the home's lock for as long as it may change something."""

import os
import secrets
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import msgspec

from likewise.platform.db.embedded.binaries import client_binaries
from likewise.platform.db.embedded.bootstrap import OWNER, without_password
from likewise.platform.db.embedded.cluster import OnStep, Step, read_mark
from likewise.platform.db.embedded.errors import LockTimedOut, ServerNotRunning, os_errors_as_facts
from likewise.platform.db.embedded.files import (
    exclusive_lock,
    read_json,
    try_lock,
    write_atomically,
    write_json,
)
from likewise.platform.db.embedded.layout import Layout, ensure_layout, find_layout, read_secrets
from likewise.platform.db.embedded.process import (
    Postmaster,
    StopMode,
    find_postmaster,
    prune_logs,
    stop_postmaster,
)
from likewise.platform.db.embedded.server import Server, bring_up, server_at

__all__ = ["Hold", "Status", "Urls", "connection_urls", "hold", "psql_command", "start", "status", "stop"]

START_TIMEOUT_S = 300.0
STOP_TIMEOUT_S = 60.0


class Urls(msgspec.Struct, frozen=True):
    """libpq addresses with passwords; printing the struct does not show them."""

    owner_url: str
    superuser_url: str

    def __repr__(self) -> str:
        return "Urls(...)"


class Status(msgspec.Struct, frozen=True):
    """What can be said of a home without touching it. `stays`: it was told to run without users."""

    state: Literal["absent", "stopped", "starting", "running", "stopping"]
    data_dir: Path
    log_dir: Path
    major: int | None = None
    pid: int | None = None
    port: int | None = None
    socket_dir: Path | None = None
    holders: int = 0
    stays: bool = False


class _Stay(msgspec.Struct, frozen=True):
    """Which run of the server was asked to stay; after a restart of the machine it is another one."""

    pid: int
    started_at: int


class Hold:
    """A use of the server by this process. The server is stopped with its last use, unless it was told to stay."""

    def __init__(self, layout: Layout, *, server: Server, file: Path, lock: int) -> None:
        self.server = server
        self._layout = layout
        self._file = file
        self._lock: int | None = lock

    def release(self) -> None:
        """End this use; the second time nothing happens. Raises StopTimedOut, LockTimedOut."""
        if self._lock is None:
            return
        lock, self._lock = self._lock, None
        self._file.unlink(missing_ok=True)
        os.close(lock)  # from here on we do not count, whatever happens next
        with exclusive_lock(self._layout.lock, timeout_s=START_TIMEOUT_S):
            running = find_postmaster(self._layout.data)
            if running is None or _count_holders(self._layout) or _stays(self._layout, running):
                return
            stop_postmaster(running, data=self._layout.data, mode="fast", timeout_s=STOP_TIMEOUT_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def _silent(step: Step) -> None:
    """Nobody wants to hear of the steps."""


def start(
    home: Path,
    *,
    start_timeout_s: float = START_TIMEOUT_S,
    port: int | None = None,
    on_step: OnStep = _silent,
) -> Server:
    """Start the server of `home`, or join the one that runs, and let it stay until `stop`.

    `port` holds for a server that is launched now; one that runs keeps its own. Raises a fact of errors.py.
    """
    with os_errors_as_facts(home):
        layout = ensure_layout(home)
        with exclusive_lock(layout.lock, timeout_s=start_timeout_s):
            server = bring_up(layout, start_timeout_s=start_timeout_s, port=port, on_step=on_step)
            layout = find_layout(home)
            running = find_postmaster(layout.data)
            if running is not None and not _stays(layout, running):
                write_json(layout.stay, _Stay(pid=running.pid, started_at=running.started_at))
    return server


def hold(
    home: Path,
    *,
    start_timeout_s: float = START_TIMEOUT_S,
    port: int | None = None,
    on_step: OnStep = _silent,
) -> Hold:
    """Use the server of `home`, started if it does not run; the last one to release it stops it.

    A process that is killed counts no longer: the kernel drops its lock. Raises a fact of errors.py.
    """
    with os_errors_as_facts(home):
        layout = ensure_layout(home)
        with exclusive_lock(layout.lock, timeout_s=start_timeout_s):
            server = bring_up(layout, start_timeout_s=start_timeout_s, port=port, on_step=on_step)
            layout = find_layout(home)
            prune_logs(layout)
            file, lock = _enter(layout)
    return Hold(layout, server=server, file=file, lock=lock)


def _enter(layout: Layout) -> tuple[Path, int]:
    """A locked file that counts for us. It is locked before it has its name, so nobody can take it for a dead one's."""
    draft = layout.root / "holder.tmp"
    lock = try_lock(draft)
    if lock is None:  # only who holds the home's lock comes here
        raise LockTimedOut(path=draft, waited_s=0)
    file = layout.holders / f"{os.getpid()}-{secrets.token_hex(4)}"
    draft.rename(file)
    return file, lock


def stop(home: Path, *, mode: StopMode = "fast", stop_timeout_s: float = STOP_TIMEOUT_S) -> bool:
    """Stop the server of `home`; whether one ran. Raises StopTimedOut, LockTimedOut.

    fast: open transactions are rolled back; smart: waits for clients; immediate: the next start recovers from
    the log.
    """
    layout = find_layout(home)
    if not layout.root.is_dir():
        return False
    with os_errors_as_facts(home), exclusive_lock(layout.lock, timeout_s=stop_timeout_s):
        layout.stay.unlink(missing_ok=True)
        running = find_postmaster(layout.data)
        if running is None:
            return False
        stop_postmaster(running, data=layout.data, mode=mode, timeout_s=stop_timeout_s)
        return True


def status(home: Path) -> Status:
    """Look, change nothing, wait for nobody."""
    with os_errors_as_facts(home):
        layout = find_layout(home)
        mark = read_mark(layout.data)
        running = find_postmaster(layout.data)
        seen = Status(
            state="stopped" if mark else "absent",
            data_dir=layout.data,
            log_dir=layout.log,
            major=mark.major if mark else None,
        )
        if running is None:
            return seen
        return msgspec.structs.replace(
            seen,
            state={"starting": "starting", "stopping": "stopping"}.get(running.status, "running"),
            pid=running.pid,
            port=running.port,
            socket_dir=running.socket_dir,
            holders=_count_holders(layout),
            stays=_stays(layout, running),
        )


def connection_urls(home: Path) -> Urls:
    """Addresses of the running server. Raises ServerNotRunning, SecretsMissing."""
    server = _running_server(home)
    return Urls(owner_url=server.owner_url, superuser_url=server.superuser_url)


def psql_command(home: Path) -> list[str]:
    """Words to execute for a psql on database `likewise` as its owner; the password stays in a file of mode 0600.

    Raises ServerNotRunning, BinariesMissing.
    """
    layout = find_layout(home)
    server = _running_server(home)
    password = read_secrets(layout).owner_password
    with os_errors_as_facts(home):
        write_atomically(layout.passwords, f"*:*:*:{OWNER}:{password}\n".encode())
    return [
        str(client_binaries().program("psql")),
        without_password(server.owner_url, passfile=str(layout.passwords)),
    ]


def _running_server(home: Path) -> Server:
    with os_errors_as_facts(home):
        layout = find_layout(home)
        running = find_postmaster(layout.data)
        if running is None:
            raise ServerNotRunning(home=home)
        return server_at(layout, running, passwords=read_secrets(layout), version=client_binaries().version)


def _count_holders(layout: Layout) -> int:
    """Processes using the server now; files of those that died are removed."""
    count = 0
    for file in layout.holders.glob("*"):
        lock = try_lock(file)
        if lock is None:
            count += 1
        else:
            file.unlink(missing_ok=True)
            os.close(lock)
    return count


def _stays(layout: Layout, running: Postmaster) -> bool:
    return read_json(layout.stay, _Stay) == _Stay(pid=running.pid, started_at=running.started_at)
