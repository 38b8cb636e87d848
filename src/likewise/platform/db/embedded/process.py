"""The server's process: find it without being fooled by a stale or reused number, launch it, end it."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Literal

import msgspec

from likewise.platform.db.embedded.account import Account, server_environment
from likewise.platform.db.embedded.binaries import Binaries
from likewise.platform.db.embedded.cluster import CONFIGURATION
from likewise.platform.db.embedded.errors import StopTimedOut
from likewise.platform.db.embedded.files import write_atomically
from likewise.platform.db.embedded.layout import Layout
from likewise.platform.db.embedded.tuning import measure_machine, server_settings

__all__ = [
    "Postmaster",
    "StopMode",
    "find_postmaster",
    "is_alive",
    "launch",
    "log_tail",
    "prune_logs",
    "read_pid_file",
    "stop_postmaster",
]

StopMode = Literal["smart", "fast", "immediate"]
_SIGNALS: dict[StopMode, signal.Signals] = {
    "smart": signal.SIGTERM,
    "fast": signal.SIGINT,
    "immediate": signal.SIGQUIT,
}
_PID_FILE_LINES = 8
_POLL_S = 0.01
_LOG_FILES_KEPT = 8
_LOG_FILE_MB = 16
_LOG_TAIL_LINES = 20
_LOG_TAIL_BYTES = 16 << 10
_launched: set[int] = set()  # children of this process; nobody else's child may be reaped here


class Postmaster(msgspec.Struct, frozen=True):
    """A line of `postmaster.pid` each; `status` is starting, ready, standby or stopping."""

    pid: int
    started_at: int
    port: int
    socket_dir: Path
    status: str


def read_pid_file(data: Path) -> Postmaster | None:
    """What `postmaster.pid` says; None where it is missing or not yet complete."""
    try:
        lines = (data / "postmaster.pid").read_text("utf-8").splitlines()
        if len(lines) < _PID_FILE_LINES:
            return None
        return Postmaster(
            pid=int(lines[0]),
            started_at=int(lines[2]),
            port=int(lines[3]),
            socket_dir=Path(lines[4]),
            status=lines[7].strip(),
        )
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None


def find_postmaster(data: Path) -> Postmaster | None:
    """The server that really runs on this data directory, or None."""
    found = read_pid_file(data)
    return found if found is not None and is_postgres_of(found.pid, data) else None


def is_postgres_of(pid: int, data: Path) -> bool:
    """Whether this process lives and is a Postgres of this directory: a number alone may be a stranger's by now."""
    if not is_alive(pid):
        return False
    words = _command_line(pid)
    if not words or Path(words[0]).name != "postgres":
        return False
    if str(data) in words:
        return True
    try:  # started by hand, with a relative path
        return Path(f"/proc/{pid}/cwd").readlink() == data
    except OSError:
        return False


def is_alive(pid: int) -> bool:
    """Whether this process runs; a dead one nobody has reaped does not. Those we launched are reaped here."""
    if pid in _launched:
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return not _process_state(pid).startswith("Z")


def _process_state(pid: int) -> str:
    if sys.platform != "linux":
        return _ask_ps(pid, "stat=")
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8", errors="replace").rpartition(")")[2].strip()
    except (FileNotFoundError, ProcessLookupError):
        return "Z"


def _command_line(pid: int) -> list[str]:
    if sys.platform != "linux":
        return _ask_ps(pid, "args=").split()
    try:
        return os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes()).rstrip("\0").split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return []


def _ask_ps(pid: int, column: str) -> str:
    asked = ["/bin/ps", "-ww", "-o", column, "-p", str(pid)]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603 - our own words


def launch(layout: Layout, account: Account, binaries: Binaries, *, port: int, socket_dir: Path, lock: int) -> int:
    """Start the server's process and return its number; it is not ready yet.

    `lock` is the descriptor holding `server.lock`: the server inherits it, so the lock tells for certain, to
    other containers too, whether any process of this server still lives.
    """
    _write_settings(layout, account)
    prune_logs(layout)
    for left in socket_dir.glob(".s.PGSQL.*"):  # of a dead server: a lock naming a reused number blocks a start
        left.unlink(missing_ok=True)
    environment = server_environment()
    stale = _stale_pid(layout.data)
    if stale is not None:
        # We hold server.lock and have looked at the process: the number in postmaster.pid is not the
        # server's. Postgres takes the number of its own grandparent for stale, and still checks the shared
        # memory itself; deleting the file would switch that check off.
        environment["PG_GRANDPARENT_PID"] = str(stale)
    with layout.start_log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - no shell, words of ours
            _command(layout, binaries, port=port, socket_dir=socket_dir),
            cwd=layout.data,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C in our terminal is not for the server
            pass_fds=(lock,),
            user=account.uid if account.foreign else None,
            group=account.gid if account.foreign else None,
            extra_groups=[] if account.foreign else None,
        )
    process.returncode = 0  # it outlives this object on purpose; is_alive reaps it
    _launched.add(process.pid)
    return process.pid


def _command(layout: Layout, binaries: Binaries, *, port: int, socket_dir: Path) -> list[str]:
    settings = {
        "port": port,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": socket_dir,
        "unix_socket_permissions": "0700",
        "logging_collector": "on",
        "log_directory": layout.log,
        "log_filename": "postgres-%Y%m%d-%H%M%S.log",
        "log_rotation_size": f"{_LOG_FILE_MB}MB",
        "log_rotation_age": "1d",
    }
    command = [str(binaries.program("postgres")), "-D", str(layout.data)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    return command


def _write_settings(layout: Layout, account: Account) -> None:
    settings = server_settings(measure_machine(layout.private))
    content = "".join(f"{name} = {value}\n" for name, value in settings.items()).encode()
    path = layout.data / CONFIGURATION
    if not path.exists() or path.read_bytes() != content:
        write_atomically(path, content, owner=account.owner)


def _stale_pid(data: Path) -> int | None:
    try:
        return abs(int((data / "postmaster.pid").read_text("utf-8").split("\n", 1)[0]))
    except (FileNotFoundError, ValueError):
        return None


def stop_postmaster(server: Postmaster, *, data: Path, mode: StopMode, timeout_s: float) -> None:
    """Ask the server to end and wait until it has. Raises StopTimedOut."""
    os.kill(server.pid, _SIGNALS[mode])
    deadline = time.monotonic() + timeout_s
    while is_postgres_of(server.pid, data):
        if time.monotonic() > deadline:
            raise StopTimedOut(pid=server.pid, waited_s=timeout_s)
        time.sleep(_POLL_S)
    if server.socket_dir.name.startswith("likewise-"):
        with suppress(OSError):  # not empty, or gone: both are fine
            server.socket_dir.rmdir()


def prune_logs(layout: Layout) -> None:
    """Keep the newest log files; the server begins a new one each day and every 16 MB."""
    for old in sorted(layout.log.glob("postgres-*.log"))[:-_LOG_FILES_KEPT]:
        old.unlink(missing_ok=True)


def log_tail(layout: Layout) -> str:
    """The last 20 lines the server wrote since its last launch."""
    lines: list[str] = []
    launched_at = layout.start_log.stat().st_mtime if layout.start_log.exists() else 0.0
    newest = sorted(layout.log.glob("postgres-*.log"))[-1:]
    for path in (layout.start_log, *newest):
        if path.exists() and (path == layout.start_log or path.stat().st_mtime >= launched_at):
            with path.open("rb") as file:
                file.seek(max(0, path.stat().st_size - _LOG_TAIL_BYTES))
                lines += file.read().decode("utf-8", "replace").splitlines()
    return "\n".join(lines[-_LOG_TAIL_LINES:])
