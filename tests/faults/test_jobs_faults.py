"""T3: a job ends once, whatever happens to the worker that runs it."""

import asyncio
import os
import random
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from tests.faults.campaign import Campaign, tell

from likewise.platform.config import Settings
from likewise.platform.db import Database, Statement
from likewise.platform.ids import new_id
from likewise.platform.jobs import Job, JobContext, Jobs, JobSettings, Operation, get_operation
from likewise.platform.jobs.running import Claim, perform

KILLS = int(os.environ.get("LIKEWISE_FAULTS_KILLS", "5"))
SEED = int(os.environ.get("LIKEWISE_FAULTS_SEED", "20261121"))
DEADLINE_S = 90
PROCESS = Path(__file__).with_name("job_process.py")


class Steps(msgspec.Struct, frozen=True):
    """How many effects the job has."""

    number: int


class Row(msgspec.Struct, frozen=True):
    """One effect."""

    number: int
    attempt: int


def _statement(sql: str) -> Statement:
    return Statement("tests", "", sql, frozenset())


async def _prepare(database: Database) -> None:
    async with database.owner_connection() as connection:
        await connection.execute("create schema if not exists faults")
        await connection.execute("grant usage on schema faults to likewise_app, likewise_maintenance")
        await connection.execute(
            "create table if not exists faults.steps"
            " (place bigserial, tenant_id uuid not null, number int not null, attempt int not null)"
        )
        await connection.execute("grant all on faults.steps to likewise_app, likewise_maintenance")
        await connection.execute("grant usage on sequence faults.steps_place_seq to likewise_app")


async def _steps(database: Database, tenant_id: UUID) -> list[Row]:
    async with database.tenant(tenant_id, read_only=True) as tx:
        return await tx.fetch_all(
            _statement("select number, attempt from faults.steps where tenant_id = %(t)s order by place"),
            Row,
            {"t": tenant_id},
        )


async def _never(_context: JobContext, _args: Steps) -> None:
    raise AssertionError("jobs run in the worker processes only")


async def _defer(database: Database, tenant_id: UUID, name: str, number: int) -> UUID:
    await _prepare(database)
    jobs = Jobs(Settings())
    jobs.register(Job(name=name, args=Steps, run=_never))
    async with database.tenant(tenant_id) as tx:
        operation_id = await jobs.defer(tx, name, Steps(number), operation_kind="steps")
    assert operation_id is not None
    return operation_id


class Worker:
    """One worker process and what it says."""

    def __init__(self, process: Process) -> None:
        self.process = process

    async def hear(self, *words: str) -> str:
        """The next line that begins with these words. Fails where the process ends first."""
        wanted = " ".join(words)
        assert self.process.stdout is not None
        async with asyncio.timeout(DEADLINE_S):
            while raw := await self.process.stdout.readline():
                line = raw.decode().strip()
                if line.startswith(wanted):
                    return line
        raise AssertionError(f"the worker ended before it said {wanted!r}")

    def send(self, what: signal.Signals) -> None:
        self.process.send_signal(what)


@asynccontextmanager
async def _worker(database: Database, job: str, mode: str = "sound") -> AsyncGenerator[Worker, None]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(PROCESS), database.owner_url, job, mode, stdout=PIPE, limit=2**20
    )
    worker = Worker(process)
    try:
        await worker.hear("ready")
        yield worker
    finally:
        if process.returncode is None:
            process.kill()
        # Read what is left: a pipe that nobody empties would keep wait() from returning.
        await process.communicate()


async def _end(database: Database, tenant_id: UUID, operation_id: UUID) -> Operation:
    async with asyncio.timeout(DEADLINE_S):
        while True:
            async with database.tenant(tenant_id, read_only=True) as tx:
                operation = await get_operation(tx, operation_id)
            if operation.has_ended:
                return operation
            await asyncio.sleep(0.05)


@pytest.mark.slow
async def test_killed_workers_leave_every_effect_done_once(
    database: Database, record_property: Callable[[str, object], None]
) -> None:
    job, ada, chance, steps = f"steps_{new_id().hex}", new_id(), random.Random(SEED), KILLS * 40
    operation_id = await _defer(database, ada, job, steps)
    kills = 0
    for _ in range(KILLS):
        async with _worker(database, job) as worker:
            await worker.hear("began")
            for _ in range(chance.randint(1, 20)):
                await worker.hear("step")
            worker.send(signal.SIGKILL)
            kills += 1
    async with _worker(database, job):
        ended = await _end(database, ada, operation_id)
    rows = await _steps(database, ada)
    done = {row.number for row in rows}
    tell(
        Campaign(
            promise="T3",
            trials=kills,
            faults=kills,
            acknowledged=steps,
            lost=steps - len(done),
            duplicated=len(rows) - len(done),
            leaked=0,
            worst_ms=0,
            seed=SEED,
        ),
        record_property,
    )
    assert ended.status == "succeeded"
    assert [row.number for row in rows] == list(range(steps))
    assert rows[-1].attempt == KILLS + 1


async def _pause_past_the_lease(database: Database, mode: str) -> tuple[Operation, list[Row], str]:
    """Stop one worker in the middle, let another one finish the job, wake the first one up again."""
    job, ada = f"steps_{new_id().hex}", new_id()
    operation_id = await _defer(database, ada, job, 60)
    async with _worker(database, job, mode) as sleeper:
        await sleeper.hear("step 5")
        sleeper.send(signal.SIGSTOP)
        async with _worker(database, job) as rescuer:
            await rescuer.hear("began 2")
            ended = await _end(database, ada, operation_id)
        sleeper.send(signal.SIGCONT)
        last_word = await sleeper.hear("left 1")
    return ended, await _steps(database, ada), last_word


@pytest.mark.slow
async def test_worker_paused_past_its_lease_is_refused_when_it_wakes(database: Database) -> None:
    ended, rows, last_word = await _pause_past_the_lease(database, "sound")
    assert ended.status == "succeeded"
    assert "well" not in last_word
    assert [row.number for row in rows] == list(range(60))


@pytest.mark.slow
async def test_without_the_fence_a_paused_worker_doubles_effects(database: Database) -> None:
    _, rows, last_word = await _pause_past_the_lease(database, "broken")
    assert "well" in last_word
    assert len(rows) > len({row.number for row in rows})


async def _set_heartbeats(database: Database, job: str, hours: int) -> None:
    """As the signs of life look once the database's clock was set back (they lie ahead) or forward (behind)."""
    async with database.maintenance() as tx:
        await tx.execute(
            _statement(
                "update procrastinate.procrastinate_workers set last_heartbeat = now() + make_interval(hours => %(h)s)"
                " where id in (select worker_id from procrastinate.procrastinate_jobs where task_name = %(n)s)"
            ),
            {"h": hours, "n": job},
        )


@pytest.mark.slow
@pytest.mark.parametrize("hours", [-1, 1])
async def test_clock_that_is_set_by_an_hour_neither_strands_a_dead_workers_job_nor_doubles_a_living_ones(
    database: Database, hours: int
) -> None:
    job, ada = f"steps_{new_id().hex}", new_id()
    operation_id = await _defer(database, ada, job, 40)
    async with _worker(database, job) as dead:
        await dead.hear("step 3")
        dead.send(signal.SIGKILL)
        await dead.process.wait()
    await _set_heartbeats(database, job, hours)
    async with _worker(database, job), _worker(database, job):
        await _set_heartbeats(database, job, hours)
        ended = await _end(database, ada, operation_id)
    assert ended.status == "succeeded"
    assert [row.number for row in await _steps(database, ada)] == list(range(40))


@pytest.mark.slow
async def test_job_that_kills_its_worker_is_given_up(database: Database) -> None:
    job, ada = f"die_{new_id().hex}", new_id()
    operation_id = await _defer(database, ada, job, 1)
    for attempt in ("1", "2"):
        async with _worker(database, job) as worker:
            await worker.hear("began", attempt)
            await worker.process.wait()
    async with _worker(database, job):
        ended = await _end(database, ada, operation_id)
    assert ended.status == "failed"
    assert ended.error is not None
    assert ended.error.code == "job_exhausted"


@pytest.mark.slow
async def test_worker_goes_on_after_all_its_queue_connections_were_cut(database: Database) -> None:
    job, ada = f"steps_{new_id().hex}", new_id()
    first = await _defer(database, ada, job, 30)
    async with _worker(database, job) as worker:
        await worker.hear("step 3")
        async with database.maintenance() as tx:
            cut = await tx.fetch_values(
                _statement(
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where application_name = 'likewise jobs' and datname = current_database()"
                ),
                bool,
            )
        assert len(cut) >= 2
        second = await _defer(database, ada, job, 5)
        assert (await _end(database, ada, first)).status == "succeeded"
        assert (await _end(database, ada, second)).status == "succeeded"
    assert sorted(row.number for row in await _steps(database, ada)) == sorted([*range(30), *range(5)])


async def test_attempt_that_is_run_twice_at_once_has_its_effects_once(database: Database) -> None:
    began = 0

    async def once(context: JobContext, args: Steps) -> None:
        nonlocal began
        began += 1
        async with context.effects() as tx:
            await tx.execute(
                _statement("insert into faults.steps (tenant_id, number, attempt) values (%(t)s, %(n)s, %(a)s)"),
                {"t": context.tenant, "n": args.number, "a": context.attempt},
            )
            await context.finish(tx)

    settings, name, ada = Settings(), f"once_{new_id().hex}", new_id()
    operation_id = await _defer(database, ada, name, 7)
    async with database.maintenance() as tx:
        job_id = await tx.fetch_value(
            _statement(
                "update procrastinate.procrastinate_jobs set status = 'doing' where task_name = %(n)s returning id"
            ),
            int,
            {"n": name},
        )
    assert job_id is not None
    payload = {"tenant_id": str(ada), "operation_id": str(operation_id), "args": {"number": 7}}
    claim = Claim(job_id=job_id, name=name, attempts=0, payload=payload)
    job, section = Job(name=name, args=Steps, run=once), settings.get(JobSettings)
    await asyncio.gather(*(perform(database, job, claim, section) for _ in range(3)))
    await perform(database, job, claim, section)
    assert began == 1
    assert [row.number for row in await _steps(database, ada)] == [7]
