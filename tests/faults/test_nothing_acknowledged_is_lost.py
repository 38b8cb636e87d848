"""T1: an acknowledged write survives kill -9 of anything, is there exactly once, and what is derived from it agrees.

Eight writers work over HTTP against real processes while one of them after the other is killed: the postmaster, any
process of Postgres, the server, the worker. A ledger outside the database, fsynced line by line, knows what was
acknowledged; a writer that got no answer asks again, as clients do. At the end the database is counted against the
ledger and against itself. The long form is LIKEWISE_FAULTS_VICTIMS=10000.
"""

import asyncio
import os
import random
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import httpx
import msgspec
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from tests.faults.audit import count_acknowledged, count_derived, wait_until_derived
from tests.faults.campaign import Campaign, tell
from tests.faults.installation import Installation, Victim, installation

from likewise.platform.db import embedded
from likewise.platform.db.embedded.binaries import client_binaries

VICTIMS = int(os.environ.get("LIKEWISE_FAULTS_VICTIMS", "8"))
SEED = int(os.environ.get("LIKEWISE_FAULTS_SEED", "20261121"))
WRITERS = 8
COLLECTION = "diary"
PAUSE_S = (0.1, 0.9)
RECOVER_S = 120.0
RETRY_S = 0.05
WRITTEN_BEFORE_THE_CUT = 100


class Entry(msgspec.Struct, frozen=True):
    """An acknowledged state of an item: its words and how often they were changed; gone where there are none."""

    key: str
    words: str | None
    version: int


class Ledger:
    """What was acknowledged, in a file that is synced before the next request is made."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self.lost: list[str] = []
        self.acknowledged = asyncio.Event()
        self._file = path.open("ab", buffering=0)

    def note(self, entries: Sequence[Entry]) -> None:
        """Write entries down."""
        self._file.write(b"".join(msgspec.json.encode(entry) + b"\n" for entry in entries))
        os.fsync(self._file.fileno())
        self.count += len(entries)
        self.acknowledged.set()

    def close(self) -> None:
        """No more will be noted."""
        self._file.close()

    def read(self) -> dict[str, Entry]:
        """The last acknowledged state of each item."""
        entries = [msgspec.json.decode(line, type=Entry) for line in self.path.read_bytes().splitlines()]
        return {entry.key: entry for entry in entries}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger(tmp_path / "ledger")
    yield made
    made.close()


class Writer:
    """One client: new items one by one and in batches, changes, deletions, until told to stop."""

    def __init__(self, client: httpx.AsyncClient, ledger: Ledger, *, number: int) -> None:
        self._client, self._ledger, self._number = client, ledger, number
        self._chance = random.Random(SEED + number)
        self._mine: dict[str, Entry] = {}
        self._made = 0

    async def run(self, *, stop: asyncio.Event) -> None:
        """Write; the request at hand is brought to its end, whatever happens."""
        while not stop.is_set():
            turn = self._chance.random()
            if turn < 0.6 or not self._mine:
                await self._put_batch([self._fresh() for _ in range(self._chance.randint(1, 5))])
            elif turn < 0.75:
                await self._put_one(self._fresh())
            elif turn < 0.9:
                old = self._chance.choice(list(self._mine.values()))
                await self._put_one(Entry(old.key, f"{old.words} Then again.", old.version + 1))
            else:
                await self._delete(self._mine.pop(self._chance.choice(list(self._mine))))

    def _fresh(self) -> Entry:
        self._made += 1
        return Entry(f"w{self._number}-{self._made}", f"Writer {self._number} wrote page {self._made}.", 1)

    async def _put_batch(self, entries: Sequence[Entry]) -> None:
        items = [{"key": entry.key, **_body(entry, self._number)} for entry in entries]
        answer, _ = await self._ask("POST", f"/collections/{COLLECTION}/items:batch", {"items": items})
        rows = answer.json()["data"]
        assert [row["key"] for row in rows] == [entry.key for entry in entries], rows
        assert {row["status"] for row in rows} <= {"created", "unchanged"}, rows
        self._note(entries)

    async def _put_one(self, entry: Entry) -> None:
        answer, _ = await self._ask("PUT", f"/collections/{COLLECTION}/items/{entry.key}", _body(entry, self._number))
        assert answer.json()["body"] == entry.words
        self._note([entry])

    async def _delete(self, entry: Entry) -> None:
        answer, was_asked_before = await self._ask("DELETE", f"/collections/{COLLECTION}/items/{entry.key}", None)
        if answer.status_code == 404 and not was_asked_before:
            self._ledger.lost.append(entry.key)
        self._ledger.note([Entry(entry.key, None, entry.version)])

    def _note(self, entries: Sequence[Entry]) -> None:
        self._ledger.note(entries)
        self._mine |= {entry.key: entry for entry in entries}

    async def _ask(self, method: str, path: str, body: Mapping[str, object] | None) -> tuple[httpx.Response, bool]:
        """The same request until it is answered, and whether an earlier one may have taken effect unanswered."""
        was_asked_before = False
        while True:
            try:
                answer = await self._client.request(method, f"/api/v1{path}", json=body)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code < 500 and answer.status_code != 409:
                assert answer.is_success or (method == "DELETE" and answer.status_code == 404), answer.text
                return answer, was_asked_before
            assert answer is None or answer.status_code in {409, 503}, answer.text
            was_asked_before = True
            await asyncio.sleep(RETRY_S)


def _body(entry: Entry, number: int) -> dict[str, object]:
    return {"body": entry.words, "facets": {"writer": f"writer {number}", "length": len(entry.words or "")}}


async def _write_under_fire(
    broken: Installation, ledger: Ledger, victims: Sequence[Victim], *, written_min: int = 0
) -> float:
    """Write while these are killed, one after the other; the longest wait for the next acknowledgement, in ms."""
    chance, stop, worst_ms = random.Random(SEED), asyncio.Event(), 0.0
    limits = httpx.Limits(max_connections=WRITERS)
    async with (
        httpx.AsyncClient(base_url=broken.url, timeout=30, limits=limits) as client,
        asyncio.TaskGroup() as group,
    ):
        for number in range(WRITERS):
            group.create_task(Writer(client, ledger, number=number).run(stop=stop))
        while ledger.count < written_min:
            await _next_acknowledgement(ledger)
        for victim in victims:
            await asyncio.sleep(chance.uniform(*PAUSE_S))
            started = time.perf_counter()
            await broken.strike(victim, chance)
            await _next_acknowledgement(ledger)
            worst_ms = max(worst_ms, (time.perf_counter() - started) * 1000)
        stop.set()
    return worst_ms


async def _make_collection(broken: Installation) -> None:
    async with httpx.AsyncClient(base_url=broken.url, timeout=30) as client:
        (await client.post("/api/v1/collections", json={"name": COLLECTION})).raise_for_status()


async def _next_acknowledgement(ledger: Ledger) -> None:
    ledger.acknowledged.clear()
    await asyncio.wait_for(ledger.acknowledged.wait(), RECOVER_S)


def _superuser(broken: Installation) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(embedded.connection_urls(broken.home).superuser_url, autocommit=True)


def _check_files(broken: Installation) -> str:
    """What pg_amcheck has to say about every table and index; nothing where all is well."""
    given = conninfo_to_dict(embedded.connection_urls(broken.home).superuser_url)
    names = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGPASSWORD": "password"}
    done = subprocess.run(
        [
            client_binaries().program("pg_amcheck"),
            "--install-missing",
            "--heapallindexed",
            "--parent-check",
            "--database=likewise",
        ],
        env={**os.environ, **{variable: str(given[name]) for variable, name in names.items()}},
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def _victims(count: int) -> list[Victim]:
    """As many of each, in an order nobody chose."""
    kinds = list(Victim)
    chosen = [kinds[place % len(kinds)] for place in range(count)]
    random.Random(SEED).shuffle(chosen)
    return chosen


@pytest.mark.slow
async def test_acknowledged_writes_survive_the_killing_of_any_process(
    ledger: Ledger, record_property: Callable[[str, object], None]
) -> None:
    async with installation() as broken:
        await _make_collection(broken)
        worst_ms = await _write_under_fire(broken, ledger, _victims(VICTIMS))
        with _superuser(broken) as connection:
            counted = count_acknowledged(connection, COLLECTION, ledger.read())
            await wait_until_derived(connection, timeout_s=RECOVER_S)
            derived = count_derived(connection)
        await broken.stop_programs()
        corruption = await asyncio.to_thread(_check_files, broken)
    lost = [*ledger.lost, *counted.lost]
    tell(
        Campaign(
            promise="T1",
            trials=VICTIMS,
            faults=VICTIMS,
            acknowledged=ledger.count,
            lost=len(lost),
            duplicated=len(counted.duplicated) + len(derived.duplicated),
            leaked=len(counted.leaked) + len(derived.leaked),
            worst_ms=worst_ms,
            seed=SEED,
        ),
        record_property,
    )
    assert ledger.count > VICTIMS * WRITERS
    assert lost == []
    assert counted.duplicated == derived.duplicated == []
    assert counted.leaked == derived.leaked == []
    assert derived.miscounted == []
    assert corruption == ""


@pytest.mark.slow
async def test_a_server_that_answers_before_its_log_is_written_is_caught(ledger: Ledger) -> None:
    async with installation() as broken:
        await _make_collection(broken)
        with _superuser(broken) as connection:
            for setting in ("synchronous_commit = off", "wal_writer_delay = '10s'", "wal_writer_flush_after = '1GB'"):
                connection.execute(f"alter system set {setting}")
            connection.execute("select pg_reload_conf()")
        await _write_under_fire(broken, ledger, [Victim.POSTMASTER], written_min=WRITTEN_BEFORE_THE_CUT)
        with _superuser(broken) as connection:
            counted = count_acknowledged(connection, COLLECTION, ledger.read())
    assert [*ledger.lost, *counted.lost] != []
