"""A load that is killed and run again ends as if nothing had happened: every row there, once."""

import asyncio
import csv
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec
import psycopg
import pytest
from tests.faults.audit import count_acknowledged, count_derived, wait_until_derived
from tests.faults.campaign import Campaign, tell

from likewise.platform.db import embedded

SEED = int(os.environ.get("LIKEWISE_FAULTS_SEED", "20261121"))
KILLS = int(os.environ.get("LIKEWISE_FAULTS_LOADS", "3"))
ROWS_PER_KILL = 3_000
START_S = RECOVER_S = 120.0
_POLL_S = 0.01


class Row(msgspec.Struct, frozen=True):
    """What the file says of one key."""

    words: str
    version: int = 1


@pytest.fixture
def home() -> Iterator[Path]:
    """A running database of its own."""
    folder = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    made = Path(tempfile.mkdtemp(prefix="lw-load-", dir=folder))
    made.chmod(0o755)  # the server's user has to pass
    embedded.start(made)
    yield made
    embedded.stop(made, mode="immediate")
    shutil.rmtree(made, ignore_errors=True)


def write_file(path: Path, *, count: int) -> dict[str, Row]:
    """Texts of which some repeat under other keys; what is in it by key."""
    chance = random.Random(SEED)
    words = ["lamp", "river", "engine", "cloud", "market", "paper", "garden", "signal", "window", "bridge"]
    rows = {f"row-{number}": Row(" ".join(chance.choices(words, k=6))) for number in range(count)}
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("id", "text"), *((key, row.words) for key, row in rows.items())])
    return rows


async def start_load(home: Path, path: Path, *columns: str) -> Process:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LIKEWISE_")} | {
        "LIKEWISE_HOME": str(home),
        "LIKEWISE_EMBEDDING_MODEL": "fake",
        "LIKEWISE_EMBEDDING_LEASE_S": "1",  # what a killed load had at hand is taken over this much later
    }
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "likewise", "load", str(path), "-c", "rows", "--text", "text", "--json", *columns),
        env=environment,
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
    )


async def kill_after(load: Process, connection: psycopg.Connection[tuple[object, ...]], *, items: int) -> None:
    """Kill the load once so many items are stored."""
    deadline = time.monotonic() + START_S
    while _count(connection) < items:
        assert load.returncode is None, (await load.communicate())[1].decode()
        assert time.monotonic() < deadline, "the load stores nothing"
        await asyncio.sleep(_POLL_S)
    load.send_signal(signal.SIGKILL)
    await load.communicate()


def _count(connection: psycopg.Connection[tuple[object, ...]]) -> int:
    known = connection.execute("select to_regclass('collections.items')").fetchone()
    if known is None or known[0] is None:
        return 0
    row = connection.execute("select count(*) from collections.items").fetchone()
    return int(str(row[0])) if row else 0


@pytest.mark.slow
async def test_killed_load_goes_on_where_it_was(
    home: Path, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    path = tmp_path / "rows.csv"
    rows: Mapping[str, Row] = write_file(path, count=ROWS_PER_KILL * (KILLS + 1))
    with psycopg.connect(embedded.connection_urls(home).superuser_url, autocommit=True) as connection:
        for kill in range(KILLS):
            load = await start_load(home, path, "--key", "id")
            await kill_after(load, connection, items=1 + kill * ROWS_PER_KILL)
        stored = _count(connection)
        last = await start_load(home, path, "--key", "id")
        said, complaint = await last.communicate()
        assert last.returncode == 0, complaint.decode()
        counted = count_acknowledged(connection, "rows", rows)
        await wait_until_derived(connection, timeout_s=RECOVER_S)
        derived = count_derived(connection)
    assert 0 < stored < len(rows), "the kills came too late to prove anything"
    report = json.loads(said)
    assert (report["created"], report["unchanged"]) == (len(rows) - stored, stored)
    tell(
        Campaign(
            promise="load",
            trials=KILLS,
            faults=KILLS,
            acknowledged=len(rows),
            lost=len(counted.lost),
            duplicated=len(counted.duplicated) + len(derived.duplicated),
            leaked=len(counted.leaked) + len(derived.leaked),
            worst_ms=0,
            seed=SEED,
        ),
        record_property,
    )
    assert counted.lost == counted.duplicated == counted.leaked == []
    assert derived.duplicated == derived.leaked == derived.miscounted == []


@pytest.mark.slow
async def test_load_that_forgets_the_keys_it_gave_is_caught(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    rows = write_file(path, count=ROWS_PER_KILL)
    with psycopg.connect(embedded.connection_urls(home).superuser_url, autocommit=True) as connection:
        await kill_after(await start_load(home, path, "--key", "id"), connection, items=1)
        text = path.read_text("utf-8").replace("row-", "line-")
        path.write_text(text, "utf-8")
        last = await start_load(home, path, "--key", "id")
        _, complaint = await last.communicate()
        assert last.returncode == 0, complaint.decode()
        counted = count_acknowledged(connection, "rows", rows)
    assert counted.leaked != []
