"""T1b: no event is skipped or doubled, whatever happens to writers and readers.

Writers stall and roll back, readers are killed; a ledger outside the database knows what was acknowledged.
The long form is LIKEWISE_FAULTS_EVENTS=1000000.
"""

import asyncio
import os
import random
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from tests.faults.campaign import Campaign, tell

from likewise.platform.config import Settings
from likewise.platform.db import Database, Statement
from likewise.platform.events import Event, caught_up, publish
from likewise.platform.ids import new_id

EVENTS = int(os.environ.get("LIKEWISE_FAULTS_EVENTS", "20000"))
SEED = int(os.environ.get("LIKEWISE_FAULTS_SEED", "20261121"))
WRITERS = 6
READERS = 2
KILLS_MIN = 6
CATCH_UP_S = 120
PROCESS = Path(__file__).with_name("events_process.py")


class Counted(Event, frozen=True, tag="faults.counted"):
    """The fact of this campaign."""

    number: int


class Heard(msgspec.Struct, frozen=True):
    """One effect of a consumer."""

    tenant_id: UUID
    number: int


class Logged(msgspec.Struct, frozen=True):
    """One event as the broken reader meets it."""

    id: int
    tenant_id: UUID


class Ledger:
    """What was acknowledged, and what the broken reader saw."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.own = [new_id() for _ in range(WRITERS * 3)]
        self.shared = new_id()
        self.acknowledged: dict[UUID, list[int]] = {tenant_id: [] for tenant_id in [*self.own, self.shared]}
        self.rolled_back = 0
        self.kills = 0
        self.met_by_id: set[int] = set()

    @property
    def total(self) -> int:
        return sum(len(numbers) for numbers in self.acknowledged.values())


def _statement(sql: str) -> Statement:
    return Statement("tests", "", sql, frozenset())


async def _prepare(database: Database) -> None:
    async with database.owner_connection() as connection:
        await connection.execute("create schema if not exists faults")
        await connection.execute("grant usage on schema faults to likewise_app, likewise_maintenance")
        await connection.execute(
            "create table if not exists faults.heard"
            " (place bigserial, consumer text not null, tenant_id uuid not null, number int not null)"
        )
        await connection.execute("grant all on faults.heard to likewise_app, likewise_maintenance")
        await connection.execute("grant usage on sequence faults.heard_place_seq to likewise_app")


async def _write(db: Database, ledger: Ledger, writer: int, events: int) -> None:
    """One writer: batches to a tenant of its own or to the shared one; some stall while open, some roll back.

    It goes on, slowly, until enough readers have died.
    """
    chance = random.Random(ledger.random.random())
    number = writer * 10_000_000
    while ledger.total < events or ledger.kills < KILLS_MIN:
        if ledger.total >= events:
            await asyncio.sleep(0.1)
        tenant_id = chance.choice([*ledger.own[writer::WRITERS], ledger.shared])
        numbers = list(range(number, number := number + chance.randint(1, 20)))
        try:
            async with db.tenant(tenant_id) as tx:
                await publish(tx, [Counted(number=number) for number in numbers])
                if chance.random() < 0.15:
                    await asyncio.sleep(chance.random() * 0.05)
                if chance.random() < 0.1:
                    raise InterruptedError
        except InterruptedError:
            ledger.rolled_back += len(numbers)
        else:
            ledger.acknowledged[tenant_id] += numbers


async def _read_by_id(db: Database, ledger: Ledger, *, stop: asyncio.Event) -> None:
    """The broken variant, in the same setting: remember the last id, ask for what is greater."""
    last = 0
    is_last_look = False
    while not is_last_look:
        is_last_look = stop.is_set()
        async with db.maintenance() as tx:
            rows = await tx.fetch_all(
                _statement("select id, tenant_id from platform.events where id > %(last)s order by id limit 5000"),
                Logged,
                {"last": last},
            )
        if rows:
            is_last_look = False
            last = rows[-1].id
        ledger.met_by_id |= {row.id for row in rows if row.tenant_id in ledger.acknowledged}
        await asyncio.sleep(0.002)


async def _start(db: Database, consumer: str, mode: str) -> Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(PROCESS), db.owner_url, consumer, mode, stdout=PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    return process


async def _read_and_die(db: Database, ledger: Ledger, consumer: str, mode: str, *, stop: asyncio.Event) -> None:
    """One reader: killed at a random moment and started again, until `stop`; the last one stays to the end."""
    while True:
        process = await _start(db, consumer, mode)
        try:
            await asyncio.wait_for(stop.wait(), timeout=ledger.random.uniform(0.05, 0.8))
        except TimeoutError:
            ledger.kills += 1
        else:
            for tenant_id in ledger.acknowledged:
                await caught_up(db, consumer, tenant_id, timeout_s=CATCH_UP_S)
            return
        finally:
            process.send_signal(signal.SIGKILL)
            await process.wait()


async def _campaign(owner_url: str, *, mode: str, events: int) -> tuple[Ledger, list[Heard]]:
    """Write and read under faults; the ledger, and what the consumer made of it."""
    consumer, ledger, written = f"faults_{new_id().hex}", Ledger(SEED), asyncio.Event()
    settings = Settings({"database_pool_max": WRITERS + 2})
    async with Database(owner_url, settings, fallback_secret=b"") as db:
        await _prepare(db)
        async with asyncio.TaskGroup() as group:
            for _ in range(READERS):
                group.create_task(_read_and_die(db, ledger, consumer, mode, stop=written))
            group.create_task(_read_by_id(db, ledger, stop=written))
            await asyncio.gather(*(_write(db, ledger, writer, events) for writer in range(WRITERS)))
            written.set()
        async with db.maintenance() as tx:
            heard = await tx.fetch_all(
                _statement(
                    "select tenant_id, number from faults.heard"
                    " where consumer = %(c)s and tenant_id = any(%(tenants)s) order by place"
                ),
                Heard,
                # The log is the worker's: a new consumer also hears what an earlier campaign wrote there.
                {"c": consumer, "tenants": list(ledger.acknowledged)},
            )
    return ledger, heard


@pytest.mark.slow
async def test_events_are_neither_skipped_nor_doubled_and_keep_their_order(
    database: Database, record_property: Callable[[str, object], None]
) -> None:
    ledger, heard = await _campaign(database.owner_url, mode="sound", events=EVENTS)
    times = Counter((effect.tenant_id, effect.number) for effect in heard)
    wanted = {(tenant_id, number) for tenant_id, numbers in ledger.acknowledged.items() for number in numbers}
    missed, doubled = wanted - times.keys(), [key for key, count in times.items() if count > 1]
    tell(
        Campaign(
            promise="T1b",
            trials=ledger.total,
            faults=ledger.kills + ledger.rolled_back,
            acknowledged=ledger.total,
            lost=len(missed),
            duplicated=len(doubled),
            leaked=len(times.keys() - wanted),
            worst_ms=0,
            seed=SEED,
        ),
        record_property,
    )
    assert ledger.total >= EVENTS
    assert ledger.kills >= KILLS_MIN
    assert missed == set()
    assert doubled == []
    assert times.keys() == wanted
    for tenant_id in ledger.own:
        assert [effect.number for effect in heard if effect.tenant_id == tenant_id] == ledger.acknowledged[tenant_id]
    # The broken variant ran beside it: asking for greater ids steps over what commits late.
    assert len(ledger.met_by_id) < ledger.total


@pytest.mark.slow
async def test_without_positions_killed_readers_double_events(database: Database) -> None:
    _, heard = await _campaign(database.owner_url, mode="broken", events=min(EVENTS, 8000))
    times = Counter((effect.tenant_id, effect.number) for effect in heard)
    assert any(count > 1 for count in times.values())
