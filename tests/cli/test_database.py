"""The database by command: status, address, backup and restore; and servers that stop gently."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

STOP_TIMEOUT_S = 60


def test_status_follows_start_and_stop(fresh_cli: Any) -> None:
    assert fresh_cli("db", "status", "--json").json["state"] == "absent"
    assert fresh_cli("db", "url").code == 5
    assert fresh_cli("db", "start").code == 0
    status = fresh_cli("db", "status", "--json").json
    assert (status["state"], status["stays"], status["embedded"]) == ("running", True, True)
    with psycopg.connect(fresh_cli("db", "url").out.strip()) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    assert fresh_cli("db", "migrate").code == 0
    assert fresh_cli("db", "migrate", "--json").json == {"applied": []}
    assert fresh_cli("db", "stop", "--json").json == {"stopped": True}
    assert fresh_cli("db", "stop", "--json").json == {"stopped": False}
    assert fresh_cli("db", "status", "--json").json["state"] == "stopped"


def test_external_database_is_never_started_or_stopped(fresh_cli: Any) -> None:
    for verb in ("start", "stop"):
        said = fresh_cli("db", verb, LIKEWISE_DATABASE_URL="postgresql://u@127.0.0.1:9/x")
        assert (said.code, "LIKEWISE_DATABASE_URL" in said.err) == (6, True)


def test_backup_brings_back_what_was_there(cli: Any, tmp_path: Path) -> None:
    cli("keys", "create", "before")
    file = tmp_path / "copy.dump"
    saved = cli("db", "backup", str(file), "--json")
    assert saved.code == 0, saved.err
    assert saved.json["file"] == str(file)
    cli("keys", "create", "after")
    assert cli("db", "restore", str(file)).code == 2  # nobody can be asked
    restored = cli("db", "restore", str(file), "--yes")
    assert restored.code == 0, restored.err
    names = {key["name"] for key in cli("keys", "list", "--json").json["data"]}
    assert "before" in names
    assert "after" not in names


@contextmanager
def running(cli: Any, *words: str) -> Generator[tuple["subprocess.Popen[str]", list[str]]]:
    """A server, and its first two lines."""
    process = subprocess.Popen(
        [sys.executable, "-m", "likewise", *words],
        env=cli.environment(),
        cwd=cli.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(2 if words[0] in {"up", "demo"} else 1)]
    try:
        yield process, lines
    finally:
        # Its children too: one that lives on would hold the pipes open for ever.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_up_prints_two_lines_serves_and_stops_gently(fresh_cli: Any, sent: signal.Signals) -> None:
    with running(fresh_cli, "up", "--port", "0") as (process, lines):
        assert lines[0].startswith("Likewise is at http://127.0.0.1:"), process.stderr and process.stderr.read()
        assert lines[1].startswith("Try: ")
        url = lines[0].split()[-1]
        assert httpx.get(f"{url}api/v1/collections").json()["data"] == []
        assert httpx.get(f"{url}health/ready").json() == {"status": "ok"}
        process.send_signal(sent)
        rest, errors = process.communicate(timeout=STOP_TIMEOUT_S)
        assert (process.returncode, rest) == (0, ""), errors
        assert "Traceback" not in errors
    assert fresh_cli("db", "status", "--json").json["state"] == "stopped"


def test_chosen_port_that_is_taken_is_refused(cli: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = cli("up", "--port", str(port))
    assert said.code == 6
    assert str(port) in said.err
    assert "--port" in said.err


def answered(client: httpx.Client, url: str) -> httpx.Response:
    """The answer; a connection that the killed process had already taken is lost with it, and the client asks again."""
    for _ in range(20):
        with suppress(httpx.TransportError):
            return client.get(url)
    return client.get(url)


def test_two_processes_share_a_port_and_one_that_dies_is_replaced(cli: Any) -> None:
    with running(cli, "serve", "--workers", "2", "--port", "0") as (process, lines):
        url = lines[0].split()[3]
        retries = httpx.HTTPTransport(retries=5)
        with httpx.Client(transport=retries, timeout=60) as client:
            assert client.get(f"{url}health/ready").json() == {"status": "ok"}
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            assert len(children) == 2
            os.kill(int(children[0]), signal.SIGKILL)
            assert answered(client, f"{url}health/live").json() == {"status": "ok"}
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=STOP_TIMEOUT_S)
        assert process.returncode == 0, errors


def test_processes_end_with_their_parent_though_it_is_killed(cli: Any) -> None:
    with running(cli, "serve", "--workers", "2", "--port", "0") as (process, lines):
        url = lines[0].split()[3]
        with httpx.Client(transport=httpx.HTTPTransport(retries=5), timeout=60) as client:
            assert client.get(f"{url}health/ready").json() == {"status": "ok"}
        process.kill()
        process.communicate(timeout=STOP_TIMEOUT_S)  # the children hold the pipes open until they end
        with pytest.raises(httpx.ConnectError):
            httpx.get(url)


def test_demo_loads_its_samples_and_a_second_time_adds_nothing(fresh_cli: Any) -> None:
    first = fresh_cli("demo", "--no-serve")
    assert first.code == 0, first.err
    counts = {one["name"]: one["item_count"] for one in fresh_cli("collections", "list", "--json").json["data"]}
    assert len(counts) == 5
    assert sum(counts.values()) >= 400
    again = fresh_cli("demo", "--no-serve")
    assert "0 of them new" in again.err
    after = {one["name"]: one["item_count"] for one in fresh_cli("collections", "list", "--json").json["data"]}
    assert after == counts
