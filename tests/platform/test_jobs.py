"""Jobs: they run once, fail with a reason, resume, wait their turn; schedules come due once."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from likewise.platform.config import Settings
from likewise.platform.db import Database, Statement, Tx
from likewise.platform.db.database import DatabaseUnavailable
from likewise.platform.ids import new_id
from likewise.platform.jobs import (
    Job,
    JobContext,
    Jobs,
    Operation,
    Schedule,
    ScheduleWaiting,
    cancel_operation,
    get_operation,
    list_schedules,
    run_due,
    run_now,
    tidy_jobs,
    watch_operation,
    work,
)

FAST = {
    "jobs_poll_s": 0.05,
    "jobs_retry_delay_s": 0.01,
    "jobs_heartbeat_s": 0.2,
    "jobs_progress_interval_s": 0,
    "jobs_watch_interval_s": 0.02,
    "jobs_grace_s": 0.1,
    "jobs_schedule_tick_s": 0.1,
}


class CountTo(msgspec.Struct, frozen=True):
    """Arguments of these tests' jobs."""

    number: int


def _statement(sql: str) -> Statement:
    return Statement("tests", "", sql, frozenset())


async def _prepare(database: Database) -> None:
    async with database.owner_connection() as connection:
        await connection.execute("create schema if not exists effects")
        await connection.execute("grant usage on schema effects to likewise_app, likewise_maintenance")
        await connection.execute(
            "create table if not exists effects.done (place bigserial, tenant_id uuid, number int not null)"
        )
        await connection.execute("grant all on effects.done to likewise_app, likewise_maintenance")
        await connection.execute("grant usage on sequence effects.done_place_seq to likewise_app, likewise_maintenance")


async def _do(tx: Tx, number: int) -> None:
    await tx.execute(
        _statement("insert into effects.done (tenant_id, number) values (%(t)s, %(n)s)"),
        {"t": tx.tenant_id, "n": number},
    )


async def _done(database: Database, tenant_id: UUID | None) -> list[int]:
    async with database.maintenance() as tx:
        return await tx.fetch_values(
            _statement("select number from effects.done where tenant_id is not distinct from %(t)s order by place"),
            int,
            {"t": tenant_id},
        )


def _jobs(*jobs: Job, **settings: object) -> Jobs:
    registry = Jobs(Settings(FAST | settings))
    registry.register(*jobs)
    return registry


@asynccontextmanager
async def _worker(database: Database, jobs: Jobs) -> AsyncGenerator[asyncio.Event, None]:
    stop = asyncio.Event()
    running = asyncio.create_task(work(database, jobs, stop=stop))
    try:
        yield stop
    finally:
        stop.set()
        await running


async def _defer(database: Database, jobs: Jobs, tenant_id: UUID, name: str, number: int) -> UUID:
    async with database.tenant(tenant_id) as tx:
        operation_id = await jobs.defer(tx, name, CountTo(number), operation_kind="count")
    assert operation_id is not None
    return operation_id


async def _end(database: Database, jobs: Jobs, tenant_id: UUID, operation_id: UUID) -> Operation:
    last: Operation | None = None
    async with asyncio.timeout(30):
        async for operation in watch_operation(database, tenant_id, operation_id, settings=jobs.settings):
            last = operation
    assert last is not None
    return last


async def test_job_runs_and_its_operation_tells_how_it_went(database: Database) -> None:
    async def count(context: JobContext, args: CountTo) -> None:
        for number in range(args.number):
            await context.progress(done=number + 1, total=args.number, unit="numbers", message="counting")
        async with context.effects() as tx:
            await _do(tx, args.number)
            await context.finish(tx, {"counted": args.number})

    await _prepare(database)
    jobs, ada = _jobs(Job(name="count", args=CountTo, run=count)), new_id()
    operation_id = await _defer(database, jobs, ada, "count", 3)
    async with _worker(database, jobs):
        ended = await _end(database, jobs, ada, operation_id)
    assert (ended.status, ended.result, ended.message) == ("succeeded", {"counted": 3}, "counting")
    assert (ended.progress.done, ended.progress.total, ended.progress.unit) == (3, 3, "numbers")
    assert await _done(database, ada) == [3]


async def test_job_of_a_rolled_back_transaction_does_not_exist(database: Database) -> None:
    async def count(context: JobContext, args: CountTo) -> None:
        async with context.effects() as tx:
            await _do(tx, args.number)

    await _prepare(database)
    jobs, ada = _jobs(Job(name="count", args=CountTo, run=count)), new_id()
    with pytest.raises(RuntimeError, match="undone"):  # noqa: PT012 - the transaction is what is tried
        async with database.tenant(ada) as tx:
            await jobs.defer(tx, "count", CountTo(1))
            raise RuntimeError("undone")
    async with database.maintenance() as tx:
        assert await jobs.list_jobs(tx, ada) == []


async def test_failed_attempt_is_followed_by_one_that_resumes_at_the_checkpoint(database: Database) -> None:
    attempts: list[int] = []

    async def count(context: JobContext, args: CountTo) -> None:
        attempts.append(context.attempt)
        for number in range(context.resumed(int) or 0, args.number):
            async with context.effects(checkpoint=number + 1) as tx:
                await _do(tx, number)
            if number == 1 and context.attempt == 1:
                raise RuntimeError("stumbled")

    await _prepare(database)
    jobs, ada = _jobs(Job(name="count", args=CountTo, run=count)), new_id()
    operation_id = await _defer(database, jobs, ada, "count", 4)
    async with _worker(database, jobs):
        ended = await _end(database, jobs, ada, operation_id)
    assert ended.status == "succeeded"
    assert attempts == [1, 2]
    assert await _done(database, ada) == [0, 1, 2, 3]


async def test_job_that_always_fails_is_given_up_with_its_reason(database: Database) -> None:
    async def fail(context: JobContext, _args: CountTo) -> None:
        raise DatabaseUnavailable(reason=f"nobody home, attempt {context.attempt}")

    jobs, ada = _jobs(Job(name="fail", args=CountTo, run=fail, attempts_max=3)), new_id()
    operation_id = await _defer(database, jobs, ada, "fail", 1)
    async with _worker(database, jobs):
        ended = await _end(database, jobs, ada, operation_id)
    assert ended.status == "failed"
    assert ended.error is not None
    assert (ended.error.code, "attempt 3" in ended.error.detail) == ("database_unavailable", True)


async def test_fault_of_ours_keeps_its_details_to_the_log(database: Database) -> None:
    async def fail(_context: JobContext, _args: CountTo) -> None:
        raise ValueError("a text somebody wrote")

    jobs, ada = _jobs(Job(name="fail", args=CountTo, run=fail, attempts_max=1)), new_id()
    operation_id = await _defer(database, jobs, ada, "fail", 1)
    async with _worker(database, jobs):
        ended = await _end(database, jobs, ada, operation_id)
    assert ended.error is not None
    assert ended.error.code == "internal"
    assert "somebody wrote" not in ended.error.detail


@pytest.mark.parametrize(
    ("payload", "code"),
    [('{"number": "many"}', "job_args_invalid"), ("{}", "job_args_invalid")],
)
async def test_poison_arguments_end_their_operation_and_not_the_worker(
    database: Database, payload: str, code: str
) -> None:
    async def count(context: JobContext, args: CountTo) -> None:
        async with context.effects() as tx:
            await _do(tx, args.number)

    await _prepare(database)
    jobs, ada = _jobs(Job(name="count", args=CountTo, run=count)), new_id()
    poisoned = await _defer(database, jobs, ada, "count", 1)
    async with database.maintenance() as tx:
        await tx.execute(
            _statement(
                "update procrastinate.procrastinate_jobs set args = jsonb_set(args, '{args}', %(p)s::jsonb)"
                " where args ->> 'operation_id' = %(o)s::text"
            ),
            {"p": payload, "o": str(poisoned)},
        )
    sound = await _defer(database, jobs, ada, "count", 2)
    async with _worker(database, jobs):
        ended = await _end(database, jobs, ada, poisoned)
        assert (await _end(database, jobs, ada, sound)).status == "succeeded"
    assert ended.status == "failed"
    assert ended.error is not None
    assert ended.error.code == code
    assert await _done(database, ada) == [2]


async def test_payload_without_an_envelope_and_unknown_jobs_do_not_stop_the_worker(database: Database) -> None:
    async def count(context: JobContext, args: CountTo) -> None:
        async with context.effects() as tx:
            await _do(tx, args.number)

    async def never(_context: JobContext, _args: CountTo) -> None:
        raise AssertionError("an unknown job was run")

    await _prepare(database)
    job = Job(name="count", args=CountTo, run=count)
    jobs, newer, ada = _jobs(job), _jobs(job, Job(name="from_the_future", args=CountTo, run=never)), new_id()
    async with database.maintenance() as tx:
        await tx.execute(
            _statement(
                "insert into procrastinate.procrastinate_jobs (queue_name, task_name, args)"
                " values ('default', 'count', '[1, 2]'), ('default', 'count', '7'), ('default', 'count', '{}')"
            )
        )
    unknown = await _defer(database, newer, ada, "from_the_future", 1)
    sound = await _defer(database, jobs, ada, "count", 5)
    async with _worker(database, jobs):
        assert (await _end(database, jobs, ada, sound)).status == "succeeded"
        ended = await _end(database, jobs, ada, unknown)
    assert ended.error is not None
    assert ended.error.code == "job_unknown"
    async with database.maintenance() as tx:
        left = await tx.fetch_values(
            _statement(
                "select id from procrastinate.procrastinate_jobs"
                " where status in ('todo', 'doing') and not args ? 'tenant_id'"
            ),
            int,
        )
    assert left == []


async def test_running_job_stops_at_its_next_checkpoint_when_cancelled(database: Database) -> None:
    began = asyncio.Event()

    async def wait(context: JobContext, _args: CountTo) -> None:
        async with context.effects() as tx:
            await _do(tx, 1)
        began.set()
        while True:
            await context.checkpoint()
            await asyncio.sleep(0.005)

    await _prepare(database)
    jobs, ada = _jobs(Job(name="wait", args=CountTo, run=wait)), new_id()
    operation_id = await _defer(database, jobs, ada, "wait", 1)
    async with _worker(database, jobs):
        await asyncio.wait_for(began.wait(), timeout=30)
        async with database.tenant(ada) as tx:
            await cancel_operation(tx, operation_id)
        ended = await _end(database, jobs, ada, operation_id)
    assert ended.status == "cancelled"
    assert await _done(database, ada) == [1]


async def test_job_cancelled_before_it_began_never_begins(database: Database) -> None:
    async def count(context: JobContext, args: CountTo) -> None:
        async with context.effects() as tx:
            await _do(tx, args.number)

    await _prepare(database)
    jobs, ada = _jobs(Job(name="count", args=CountTo, run=count)), new_id()
    cancelled = await _defer(database, jobs, ada, "count", 1)
    async with database.tenant(ada) as tx:
        await cancel_operation(tx, cancelled)
    other = await _defer(database, jobs, ada, "count", 2)
    async with _worker(database, jobs):
        await _end(database, jobs, ada, other)
    assert await _done(database, ada) == [2]


async def test_stopped_worker_puts_its_job_back_for_the_next_one(database: Database) -> None:
    began = asyncio.Event()

    async def stay(context: JobContext, _args: CountTo) -> None:
        if context.attempt == 1:
            began.set()
            await asyncio.Event().wait()
        async with context.effects() as tx:
            await _do(tx, context.attempt)

    await _prepare(database)
    jobs, ada = _jobs(Job(name="stay", args=CountTo, run=stay)), new_id()
    operation_id = await _defer(database, jobs, ada, "stay", 1)
    async with _worker(database, jobs):
        await asyncio.wait_for(began.wait(), timeout=30)
    async with database.tenant(ada) as tx:
        assert (await get_operation(tx, operation_id)).status == "queued"
    async with _worker(database, jobs):
        assert (await _end(database, jobs, ada, operation_id)).status == "succeeded"
    assert await _done(database, ada) == [2]


async def test_jobs_with_the_same_lock_take_turns(database: Database) -> None:
    running, most = 0, 0

    async def alone(context: JobContext, args: CountTo) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        async with context.effects() as tx:
            await _do(tx, args.number)
        running -= 1

    await _prepare(database)
    job = Job(name="alone", args=CountTo, run=alone, lock=lambda _: "one at a time")
    jobs, ada = _jobs(job, jobs_parallel=4), new_id()
    ids = [await _defer(database, jobs, ada, "alone", number) for number in range(4)]
    async with _worker(database, jobs):
        for operation_id in ids:
            await _end(database, jobs, ada, operation_id)
    assert most == 1
    assert await _done(database, ada) == [0, 1, 2, 3]


async def test_tenant_cannot_add_a_job_for_another_tenant(database: Database) -> None:
    ada, bob = new_id(), new_id()
    with pytest.raises(Exception, match="a job belongs to the tenant"):
        async with database.tenant(ada) as tx:
            await tx.fetch_value(
                _statement("select platform.defer_job('default', 'count', null, null, %(a)s::jsonb, null)"),
                int,
                {"a": f'{{"tenant_id": "{bob}"}}'},
            )


async def test_application_role_cannot_touch_the_queue_directly(database: Database) -> None:
    for sql in ("select id from procrastinate.procrastinate_jobs", "delete from procrastinate.procrastinate_jobs"):
        with pytest.raises(Exception, match="permission denied"):
            async with database.tenant(new_id()) as tx:
                await tx.execute(_statement(sql))


async def test_ended_jobs_are_tidied_away(database: Database) -> None:
    async def count(_context: JobContext, _args: CountTo) -> None:
        return

    jobs, ada = _jobs(Job(name="count", args=CountTo, run=count), jobs_retention_days=0), new_id()
    operation_id = await _defer(database, jobs, ada, "count", 1)
    async with _worker(database, jobs):
        await _end(database, jobs, ada, operation_id)
    await tidy_jobs(database, jobs)
    async with database.maintenance() as tx:
        assert await jobs.list_jobs(tx, ada) == []
    async with database.tenant(ada) as tx:
        assert (await get_operation(tx, operation_id)).status == "succeeded"


async def _scheduled(database: Database) -> tuple[Jobs, str, asyncio.Event]:
    ran = asyncio.Event()

    async def sweep(context: JobContext, args: CountTo) -> None:
        async with context.effects() as tx:
            await _do(tx, args.number)
            await context.finish(tx)
        ran.set()

    await _prepare(database)
    name = f"sweep_{new_id().hex}"
    jobs = _jobs(Job(name=name, args=CountTo, run=sweep))
    jobs.schedule(Schedule(name=name, cron="0 3 * * *", job=name, args=CountTo(new_id().int % 2**31)))
    return jobs, name, ran


async def _last_ran(database: Database, name: str, at: datetime) -> None:
    async with database.maintenance() as tx:
        await tx.execute(
            _statement("update platform.schedules set last_at = %(at)s where name = %(n)s"), {"at": at, "n": name}
        )


async def test_new_schedule_waits_for_its_first_moment(database: Database) -> None:
    jobs, name, _ = await _scheduled(database)
    assert await run_due(database, jobs) == []
    [state] = await list_schedules(database, jobs)
    assert state.name == name
    assert state.next_at is not None
    assert state.next_at > datetime.now(UTC)


async def test_moment_missed_while_no_worker_ran_is_made_up_for_once(database: Database) -> None:
    jobs, name, ran = await _scheduled(database)
    await run_due(database, jobs)
    await _last_ran(database, name, datetime.now(UTC) - timedelta(days=10))
    taken = await asyncio.gather(*(run_due(database, jobs) for _ in range(4)))
    assert sum(len(names) for names in taken) == 1
    async with _worker(database, jobs):
        await asyncio.wait_for(ran.wait(), timeout=30)
    number = jobs.schedules[name].args.number  # type: ignore[attr-defined]
    assert (await _done(database, None)).count(number) == 1


async def test_schedule_run_by_hand_waits_only_once(database: Database) -> None:
    jobs, name, ran = await _scheduled(database)
    await run_now(database, jobs, name)
    with pytest.raises(ScheduleWaiting):
        await run_now(database, jobs, name)
    await run_due(database, jobs)
    await _last_ran(database, name, datetime.now(UTC) - timedelta(days=10))
    await run_due(database, jobs)
    async with _worker(database, jobs):
        await asyncio.wait_for(ran.wait(), timeout=30)
    number = jobs.schedules[name].args.number  # type: ignore[attr-defined]
    assert (await _done(database, None)).count(number) == 1


async def test_schedule_can_be_moved_and_switched_off_by_settings(database: Database) -> None:
    async def sweep(_context: JobContext, _args: CountTo) -> None:
        return

    names = [f"{word}_{new_id().hex}" for word in ("moved", "off")]
    jobs = _jobs(Job(name="sweep", args=CountTo, run=sweep), jobs_schedules={names[0]: "30 4 * * *", names[1]: "off"})
    jobs.schedule(*(Schedule(name=name, cron="0 3 * * *", job="sweep", args=CountTo(1)) for name in names))
    moved, off = await list_schedules(database, jobs)
    assert moved.next_at is not None
    assert (moved.next_at.hour, moved.next_at.minute) == (4, 30)
    assert off.next_at is None
