"""Bring the server of one home up: make the cluster, launch, join what runs already, finish what a dead start left.

Callers hold the home's lock. What runs is read from the server's own `postmaster.pid`, checked against the
process itself, never from a file of ours.
"""

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from likewise.platform.db.embedded.account import Account
from likewise.platform.db.embedded.binaries import Binaries, server_binaries
from likewise.platform.db.embedded.bootstrap import DATABASE, OWNER, connection_url, prepare_cluster
from likewise.platform.db.embedded.cluster import (
    SUPERUSER,
    OnStep,
    cluster_state,
    initialise,
    mark_ready,
    read_mark,
    remove_leftovers,
)
from likewise.platform.db.embedded.errors import (
    DatabasePortTaken,
    DataDirectoryInUse,
    SpaceMissing,
    StartFailed,
    StartTimedOut,
)
from likewise.platform.db.embedded.files import try_lock, write_json
from likewise.platform.db.embedded.layout import (
    Layout,
    Secrets,
    State,
    account_for,
    ensure_secrets,
    ensure_state,
    socket_directory,
)
from likewise.platform.db.embedded.process import Postmaster, find_postmaster, is_alive, launch, log_tail

__all__ = ["Server", "bring_up", "server_at"]

_POLL_S = 0.01
_RETRY_S = 0.1
_IN_USE_WAIT_S = 60.0
_LAST_WORDS_WAIT_S = 2.0
_PORT_FIRST = 15432
_PORTS_TRIED_MAX = 64
_READY = frozenset({"ready", "standby"})
_PORT_TROUBLE = ("Address already in use", "could not create any TCP/IP sockets")
_PASSING_TROUBLE = ("pre-existing shared memory block", 'lock file "postmaster.pid" already exists')


class Server(msgspec.Struct, frozen=True):
    """A running server. The URLs name database `likewise`, through the socket in `socket_dir`."""

    pid: int
    port: int
    socket_dir: Path
    owner_url: str
    superuser_url: str
    data_dir: Path
    version: str

    def __repr__(self) -> str:
        return f"Server(pid={self.pid}, port={self.port}, data_dir={str(self.data_dir)!r})"


def bring_up(layout: Layout, *, start_timeout_s: float, port: int | None, on_step: OnStep) -> Server:
    """The running server of a home, made and launched if need be. Raises one of the facts in errors.py.

    Each step may have been reached by an earlier start that died, so each asks what is there and continues.
    """
    layout, account = account_for(layout)
    binaries = server_binaries(account)
    mark = read_mark(layout.data)
    state = ensure_state(layout, cluster_id=mark.cluster_id if mark else None)
    condition = cluster_state(layout, state, major=binaries.major)
    passwords = ensure_secrets(layout, data_exists=condition != "absent")
    if condition == "absent":
        initialise(layout, account, binaries, state=state, passwords=passwords, on_step=on_step)
    else:
        remove_leftovers(layout)
    launcher = _Launcher(layout, account, binaries, ports=_free_ports(port, remembered=state.port), on_step=on_step)
    postmaster = launcher.wait_until_ready(timeout_s=start_timeout_s, port_wanted=port)
    on_step("accepting")
    if condition != "ready":
        prepare_cluster(host=_host_of(postmaster), port=postmaster.port, passwords=passwords, on_step=on_step)
        mark_ready(layout, account, state=state, major=binaries.major)
        on_step("ready")
    known = State(cluster_id=state.cluster_id, established=True, port=postmaster.port)
    if known != state:
        write_json(layout.state, known)
    return server_at(layout, postmaster, passwords=passwords, version=binaries.version)


def server_at(layout: Layout, postmaster: Postmaster, *, passwords: Secrets, version: str) -> Server:
    """The server and its addresses."""
    host = _host_of(postmaster)
    return Server(
        pid=postmaster.pid,
        port=postmaster.port,
        socket_dir=postmaster.socket_dir,
        owner_url=connection_url(
            host=host, port=postmaster.port, user=OWNER, password=passwords.owner_password, database=DATABASE
        ),
        superuser_url=connection_url(
            host=host,
            port=postmaster.port,
            user=SUPERUSER,
            password=passwords.superuser_password,
            database=DATABASE,
        ),
        data_dir=layout.data,
        version=version,
    )


def _host_of(postmaster: Postmaster) -> str:
    """The socket's directory; the loopback address where we cannot see it (a private /tmp, a cleaned one)."""
    visible = os.access(postmaster.socket_dir / f".s.PGSQL.{postmaster.port}", os.R_OK | os.W_OK)
    return str(postmaster.socket_dir) if visible else "127.0.0.1"


class _Launcher:
    """Launches until a server is ready, or a reason is found that launching again would not cure."""

    def __init__(
        self, layout: Layout, account: Account, binaries: Binaries, *, ports: Iterator[int], on_step: OnStep
    ) -> None:
        self._layout = layout
        self._account = account
        self._binaries = binaries
        self._ports = ports
        self._port: int | None = None
        self._on_step = on_step
        self._pid: int | None = None

    def wait_until_ready(self, *, timeout_s: float, port_wanted: int | None) -> Postmaster:
        """Join, launch, wait. Raises StartTimedOut, StartFailed, DatabasePortTaken, DataDirectoryInUse ..."""
        begun = time.monotonic()
        while True:
            found = find_postmaster(self._layout.data)
            if found is not None and found.status in _READY:
                return found
            running = found is not None or (self._pid is not None and is_alive(self._pid))
            waited_s = time.monotonic() - begun
            if running and waited_s > timeout_s:
                raise StartTimedOut(waited_s=waited_s, log=self._layout.log)
            if not running and waited_s > min(timeout_s, _IN_USE_WAIT_S):
                raise DataDirectoryInUse(path=self._layout.data, waited_s=waited_s)
            if not running:
                if self._pid is not None:
                    self._judge_failure(port_wanted)
                self._launch()
            time.sleep(_POLL_S)

    def _launch(self) -> None:
        """Launch, unless processes of an earlier server still live: the caller looks again."""
        lock = try_lock(self._layout.server_lock)
        if lock is None:
            return
        try:
            if self._port is None:
                self._port = next(self._ports)
            self._pid = launch(
                self._layout,
                self._account,
                self._binaries,
                port=self._port,
                socket_dir=socket_directory(self._layout, self._account),
                lock=lock,
            )
        finally:
            os.close(lock)
        self._on_step("launched")

    def _judge_failure(self, port_wanted: int | None) -> None:
        """Return where another launch may succeed, raise where it cannot."""
        tail = self._last_words()
        self._pid = None
        if any(words in tail for words in _PORT_TROUBLE):
            if port_wanted is not None:
                raise DatabasePortTaken(port=port_wanted)
            self._port = None
        elif any(words in tail for words in _PASSING_TROUBLE):
            time.sleep(_RETRY_S)
        elif "No space left on device" in tail:
            raise SpaceMissing(path=self._layout.data, reason="Postgres could not start")
        else:
            raise StartFailed(log=self._layout.log, tail=tail)

    def _last_words(self) -> str:
        """The end of the log. Another process writes it, which may come to that after the server is gone."""
        ends_at = time.monotonic() + _LAST_WORDS_WAIT_S
        while "FATAL" not in (tail := log_tail(self._layout)) and time.monotonic() < ends_at:
            time.sleep(_POLL_S)
        return tail


def _free_ports(wanted: int | None, *, remembered: int | None) -> Iterator[int]:
    """The wanted port alone; else the last one, then ours that are free, then any. Raises DatabasePortTaken."""
    if wanted is not None:
        if not _is_free(wanted):
            raise DatabasePortTaken(port=wanted)
        yield wanted
        return
    if remembered is not None and _is_free(remembered):
        yield remembered
    yield from (port for port in range(_PORT_FIRST, _PORT_FIRST + _PORTS_TRIED_MAX) if _is_free(port))
    for _ in range(_PORTS_TRIED_MAX):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        yield port
    raise DatabasePortTaken(port="each one tried")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as Postgres does: closed ones may linger
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
