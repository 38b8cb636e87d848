"""Following the log live: order, resuming, gaps, many listeners, other processes, and what it costs.

Polling is switched off nearly everywhere (the first slow look would come after ten minutes), so that what arrives was
rung for, or was looked for since it could not be read yet.
"""

import asyncio
import gc
import random
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from uuid import UUID
from weakref import ref

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from likewise.app import Server
from likewise.platform.config import Settings
from likewise.platform.db import Database, Statement, Tx, embedded
from likewise.platform.errors import Unavailable
from likewise.platform.events import (
    LANES,
    Consumer,
    Doorbell,
    Event,
    EventSettings,
    Following,
    Followings,
    Gap,
    Heard,
    Mark,
    TenantFollowingsTooMany,
    drain,
    lag,
    lane_of,
    publish,
    store,
    trim_events,
)
from likewise.platform.ids import new_id
from likewise.platform.tenancy import create_tenant

NEVER = {"following_poll_ms": 600_000}
PATIENCE_S = 60
PROCESS = Path(__file__).with_name("publishing_process.py")


class NoteEchoed(Event, frozen=True, tag="echo.note_echoed"):
    """A fact of these tests."""

    number: int


class NoteSilenced(Event, frozen=True, tag="echo.note_silenced"):
    """Another one."""

    number: int


@asynccontextmanager
async def opened(db: Database, **settings: int) -> AsyncGenerator[Followings]:
    """What a process follows with. What does not arrive inside the block fails the test instead of hanging it."""
    flags = {f"events_{name}": value for name, value in (NEVER | settings).items()}
    section = Settings(flags).get(EventSettings)
    async with (
        asyncio.timeout(PATIENCE_S),
        Doorbell(db, section) as bell,
        Followings(db, bell, section) as followings,
    ):
        yield followings


async def write(db: Database, tenant_id: UUID, *numbers: int) -> None:
    async with db.tenant(tenant_id) as tx:
        await publish(tx, [NoteEchoed(number=number) for number in numbers])


async def write_readable(db: Database, tenant_id: UUID, *numbers: int) -> None:
    """Write, and wait until it can be read: a transaction of another test, in whatever database, holds that up."""
    await write(db, tenant_id, *numbers)
    behind = _statement(
        "select exists (select from platform.events where tenant_id = %(t)s"
        " and xid >= pg_snapshot_xmin(pg_current_snapshot()))"
    )
    async with asyncio.timeout(PATIENCE_S):
        while True:
            async with db.maintenance() as tx:
                if not await tx.fetch_value(behind, bool, {"t": tenant_id}):
                    return
            await asyncio.sleep(0.01)


async def take(following: Following, count: int) -> list[Heard]:
    """The next `count` events, without a gap, and those that were given together with the last of them."""
    found: list[Heard] = []
    while len(found) < count:
        heard = await anext(following)
        assert not isinstance(heard, Gap), "a gap"
        assert heard
        found += heard
    return found


async def take_up_to(following: Following, number: int) -> list[Heard]:
    """The next events, without a gap, up to this one."""
    found: list[Heard] = []
    while not found or numbers(found)[-1] < number:
        found += await take(following, 1)
    return found


def numbers(heard: Sequence[Heard]) -> list[int]:
    return [one.event.number for one in heard if isinstance(one.event, NoteEchoed)]


async def log_of(db: Database, tenant_id: UUID) -> list[int]:
    """A tenant's numbers in the order of the log."""
    statement = "select (payload ->> 'number')::int from platform.events where tenant_id = %(t)s order by xid, id"
    async with db.maintenance() as tx:
        return await tx.fetch_values(_statement(statement), int, {"t": tenant_id})


def _statement(sql: str) -> Statement:
    return Statement("tests", "", sql, frozenset())


@contextmanager
def observed(db: Database) -> Generator[list[str]]:
    """The names of the statements that are run meanwhile."""
    names: list[str] = []
    db.observe_statements(lambda name, _: names.append(name))
    try:
        yield names
    finally:
        db.observe_statements(lambda _name, _seconds: None)


def silent(name: str) -> Consumer:
    """A consumer that reads everything and derives nothing."""

    async def handle(_tx: Tx, _events: Sequence[Event]) -> None:
        return

    async def reset(_tx: Tx) -> None:
        return

    return Consumer(name=name, events=(NoteEchoed,), handle=handle, reset=reset)


async def trim(db: Database) -> None:
    """Delete everything that can be read now."""
    consumer = silent(f"trimmed_{new_id().hex}")
    at_once = Settings({"events_retention_days": 0}).get(EventSettings)
    await drain(db, [consumer], settings=at_once)
    await trim_events(db, [consumer], at_once)


async def test_listener_hears_its_types_in_order_from_now_on(database: Database) -> None:
    ada = new_id()
    await write_readable(database, ada, 1)
    async with opened(database) as followings, followings.follow(ada, types=[NoteEchoed]) as following:
        async with database.tenant(ada) as tx:
            await publish(tx, [NoteEchoed(number=2), NoteSilenced(number=9), NoteEchoed(number=3)])
        await write(database, ada, 4)
        heard = await take(following, 3)
        assert numbers(heard) == [2, 3, 4]
        assert [one.mark for one in heard] == sorted(one.mark for one in heard)


async def test_what_is_rolled_back_or_told_to_one_consumer_only_is_not_heard(database: Database) -> None:
    ada = new_id()
    async with opened(database) as followings, followings.follow(ada, types=[NoteEchoed]) as following:
        with pytest.raises(RuntimeError, match="undone"):  # noqa: PT012 - the transaction is what is tried
            async with database.tenant(ada) as tx:
                await publish(tx, [NoteEchoed(number=1)])
                raise RuntimeError("undone")
        async with database.tenant(ada) as tx:
            await publish(tx, [NoteEchoed(number=2)], audience="somebody")
        await write(database, ada, 3)
        assert numbers(await take(following, 1)) == [3]


async def test_order_is_the_logs_under_concurrent_writers_and_nothing_is_skipped(database: Database) -> None:
    ada, random_ = new_id(), random.Random(7)
    async with (
        opened(database, following_page=7) as followings,
        followings.follow(ada, types=[NoteEchoed]) as following,
    ):
        late = database.tenant(ada)
        slow = await late.__aenter__()
        await publish(slow, [NoteEchoed(number=-1)])

        async def writer(base: int) -> None:
            for turn in range(20):
                async with database.tenant(ada) as tx:
                    await publish(tx, [NoteEchoed(number=base + turn)])
                    for _ in range(random_.randrange(4)):
                        await asyncio.sleep(0)
                    await publish(tx, [NoteEchoed(number=base + 100 + turn)])

        writers = [asyncio.create_task(writer(1000 * place)) for place in range(4)]
        await asyncio.gather(*writers[:2])
        await late.__aexit__(None, None, None)
        await asyncio.gather(*writers[2:])
        heard = await take(following, 161)
    assert numbers(heard) == await log_of(database, ada)
    assert numbers(heard)[0] == -1, "the transaction that began first and ended late"


async def test_what_had_to_wait_for_another_transaction_is_heard_when_that_ends(database: Database) -> None:
    """It publishes nothing, so nobody rings when it ends."""
    ada = new_id()
    async with opened(database) as followings, followings.follow(ada, types=[NoteEchoed]) as following:
        async with database.maintenance() as other:
            await other.execute(_statement("select pg_current_xact_id()"))
            await write(database, ada, 1)
            coming = asyncio.ensure_future(anext(following))
            done, _ = await asyncio.wait({coming}, timeout=0.05)
            assert not done
        heard = await coming
        assert not isinstance(heard, Gap)
        assert numbers(heard) == [1]


async def test_listener_goes_on_after_its_mark_page_by_page_while_new_events_come(database: Database) -> None:
    ada, bob = new_id(), new_id()
    async with opened(database, following_page=3, following_queue_max=4) as followings:
        async with followings.follow(ada, types=[NoteEchoed]) as following:
            await write(database, ada, 1, 2)
            mark = (await take(following, 2))[0].mark
        for number in range(3, 40):
            await write(database, ada, number)
            await write(database, bob, number)
        async with (
            followings.follow(ada, types=[NoteEchoed]) as neighbour,
            followings.follow(ada, types=[NoteEchoed], after=mark) as following,
        ):
            found = await take(following, 2)
            for number in range(40, 50):
                await write(database, ada, number)
                assert numbers(await take(neighbour, 1)) == [number]
            found += await take_up_to(following, 49)
            assert numbers(found) == list(range(2, 50))
            await write(database, ada, 50)
            assert numbers(await take(following, 1)) == [50]


async def test_who_comes_while_the_lane_is_still_being_read_hears_nothing_of_before(database: Database) -> None:
    ada = new_id()
    async with opened(database) as followings, followings.follow(ada, types=[NoteEchoed]) as early:
        begun = early.mark
        await write(database, ada, 1, 2, 3)
        assert numbers(await take_up_to(early, 3)) == [1, 2, 3]
        await asyncio.sleep(0.1)  # so that the reader has nothing to do but wait
        early.lane.place = begun  # as if it had not come further yet
        async with followings.follow(ada, types=[NoteEchoed]) as late:
            await write(database, ada, 4)
            assert numbers(await take(late, 1)) == [4]
            assert numbers(await take(early, 1)) == [4]


async def test_many_come_back_at_different_marks_and_each_hears_the_rest(database: Database) -> None:
    ada = new_id()
    async with opened(database, following_page=5, following_resumes_max=2) as followings:
        async with followings.follow(ada, types=[NoteEchoed]) as following:
            for number in range(30):
                await write(database, ada, number)
            marks = [one.mark for one in await take(following, 30)]

        async def come_back(place: int) -> list[int]:
            async with followings.follow(ada, types=[NoteEchoed], after=marks[place]) as following:
                return numbers(await take(following, 30 - place))

        coming = [asyncio.create_task(come_back(place % 30)) for place in range(60)]
        while followings.count < 60:
            await asyncio.sleep(0)
        await write(database, ada, 30)
        assert await asyncio.gather(*coming) == [list(range(place % 30 + 1, 31)) for place in range(60)]


async def test_mark_counts_what_was_dealt_with_and_moves_on_while_nothing_happens(database: Database) -> None:
    ada = new_id()
    async with opened(database) as followings, followings.follow(ada, types=[NoteEchoed]) as following:
        begun = following.mark
        await write(database, ada, 1)
        [heard] = await take(following, 1)
        assert following.mark == begun, "it may still be at work with what it was given"
        coming = asyncio.ensure_future(anext(following))
        async with database.tenant(ada) as tx:
            mark = await publish(tx, [NoteSilenced(number=1)])
        assert mark is not None
        while following.mark < mark:
            await asyncio.sleep(0)
        assert mark > heard.mark > begun
        coming.cancel()
        await write(database, ada, 2)
        async with followings.follow(ada, types=[NoteEchoed], after=Mark.parse(str(mark))) as again:
            assert numbers(await take(again, 1)) == [2]


async def test_mark_whose_successors_were_trimmed_gives_a_gap_and_then_the_news(database: Database) -> None:
    ada = new_id()
    async with opened(database) as followings:
        async with followings.follow(ada, types=[NoteEchoed]) as following:
            await write(database, ada, 1)
            [first] = await take(following, 1)
            await write(database, ada, 2)
            [second] = await take(following, 1)
        await trim(database)
        async with followings.follow(ada, types=[NoteEchoed], after=first.mark) as following:
            assert isinstance(await anext(following), Gap)
            await write(database, ada, 3)
            assert numbers(await take(following, 1)) == [3]
        async with followings.follow(ada, types=[NoteEchoed], after=second.mark) as following:
            assert numbers(await take(following, 1)) == [3], "nothing behind this mark was trimmed"


async def test_trimming_is_no_consumer_that_is_behind(database: Database) -> None:
    await write(database, new_id(), 1)
    await trim(database)
    assert "events.trimming" not in {entry.consumer for entry in await lag(database)}


async def test_lane_trimmed_before_it_was_read_gives_a_gap(database: Database) -> None:
    """As after an outage: the events came and went while the reader could not look."""
    ada = new_id()
    async with opened(database) as followings, followings.follow(ada, types=[NoteEchoed]) as following:
        await write(database, ada, 1, 2)
        assert numbers(await take(following, 2)) == [1, 2]
        await trim(database)
        following.lane.place = Mark(1, 0)
        await write(database, ada, 3)
        assert isinstance(await anext(following), Gap)
        await write(database, ada, 4)
        assert numbers(await take(following, 1)) == [4]


async def test_mark_of_another_server_gives_a_gap(database: Database) -> None:
    ada = new_id()
    async with (
        opened(database) as followings,
        followings.follow(ada, types=[NoteEchoed], after=Mark(2**60, 1)) as following,
    ):
        assert isinstance(await anext(following), Gap)
        await write(database, ada, 1)
        assert numbers(await take(following, 1)) == [1]


async def test_slow_listener_is_told_of_one_gap_and_everybody_else_hears_everything(database: Database) -> None:
    ada = new_id()
    async with (
        opened(database, following_queue_max=5, following_page=3) as followings,
        followings.follow(ada, types=[NoteEchoed]) as slow,
        followings.follow(ada, types=[NoteEchoed]) as quick,
    ):
        for number in range(40):
            await write(database, ada, number)
            assert numbers(await take(quick, 1)) == [number]
        gap = await anext(slow)
        assert isinstance(gap, Gap)
        await write(database, ada, 40)
        assert numbers(await take(quick, 1)) == [40]
        rest = await take_up_to(slow, 40)
        assert numbers(rest) == list(range(numbers(rest)[0], 41))
        assert rest[0].mark > gap.mark
        assert len(rest) <= 6, "no more than its queue holds was kept for it"


async def test_event_that_cannot_be_read_is_a_gap_for_who_wants_it(database: Database) -> None:
    ada = new_id()
    async with (
        opened(database) as followings,
        followings.follow(ada, types=[NoteEchoed]) as wants,
        followings.follow(ada, types=[NoteSilenced]) as other,
    ):
        async with database.tenant(ada) as tx:
            await publish(tx, [NoteEchoed(number=1), NoteSilenced(number=2)])
            await tx.execute(
                _statement(
                    "insert into platform.events (lane, tenant_id, type, payload)"
                    " values (%(lane)s, %(t)s, 'echo.note_echoed', '{\"number\": \"one\"}')"
                ),
                {"lane": lane_of(ada), "t": ada},
            )
        assert isinstance(await anext(wants), Gap)
        [heard] = await take(other, 1)
        assert isinstance(heard.event, NoteSilenced)


async def test_thousand_listeners_of_a_tenant_hear_one_decoded_event(database: Database) -> None:
    ada = new_id()
    with observed(database) as names:
        async with opened(database) as followings:
            arrived = asyncio.Semaphore(0)

            async def follow() -> list[Heard]:
                async with followings.follow(ada, types=[NoteEchoed]) as following:
                    arrived.release()
                    return await take(following, 3)

            listeners = [asyncio.create_task(follow()) for _ in range(1000)]
            for _ in listeners:
                await arrived.acquire()
            assert followings.count == 1000
            assert names.count("events.list_lane_bounds") < 20, "those who come together are let in together"
            names.clear()
            await write(database, ada, 1, 2, 3)
            heard = await asyncio.gather(*listeners)
        assert followings.count == 0
    assert all(numbers(found) == [1, 2, 3] for found in heard)
    assert len({id(one) for found in heard for one in found}) == 3
    reads = [name for name in names if name.startswith("events.list_")]
    assert len(reads) < 20, reads


async def test_other_tenants_events_are_never_heard(database: Database) -> None:
    ada = new_id()
    bob = next(found for found in iter(new_id, None) if lane_of(found) == lane_of(ada))
    async with (
        opened(database, following_page=4) as followings,
        followings.follow(ada, types=[NoteEchoed]) as adas,
        followings.follow(bob, types=[NoteEchoed]) as bobs,
    ):
        begun = adas.mark
        for number in range(20):
            await write(database, bob, 100 + number, 200 + number)
            await write(database, ada, number)
        assert numbers(await take_up_to(adas, 19)) == list(range(20))
        assert {number // 100 for number in numbers(await take(bobs, 40))} == {1, 2}
        async with followings.follow(ada, types=[NoteEchoed], after=begun) as again:
            assert numbers(await take_up_to(again, 19)) == list(range(20))


async def test_payloads_of_tenants_nobody_follows_stay_in_the_database(database: Database) -> None:
    ada = new_id()
    bob = next(found for found in iter(new_id, None) if lane_of(found) == lane_of(ada))
    async with database.maintenance() as tx:
        [bounds] = await store.list_lane_bounds(tx, lanes=[lane_of(ada)])
    await write(database, bob, 1, 2)
    await write(database, ada, 3)
    await write_readable(database, bob, 4, 5)
    async with database.maintenance() as tx:
        looked = await store.list_new_events(
            tx,
            lanes=[lane_of(ada)],
            places=[bounds.end],
            tenants=store.written([ada]),
            types=["echo.note_echoed"],
            limit=100,
        )
    assert [(one.row, one.tenant_id, one.payload is None) for one in looked] == [(3, ada, False), (5, bob, True)]


async def test_tenants_of_every_lane_are_heard_by_one_reader(database: Database) -> None:
    tenants: dict[int, UUID] = {}
    while len(tenants) < LANES:
        found = new_id()
        tenants[lane_of(found)] = found
    async with opened(database) as followings:

        async def follow(tenant_id: UUID) -> list[int]:
            async with followings.follow(tenant_id, types=[NoteEchoed]) as following:
                return numbers(await take(following, 2))

        listeners = [asyncio.create_task(follow(tenant)) for tenant in tenants.values()]
        while followings.count < LANES or not all(_is_let_in(followings, tenant) for tenant in tenants.values()):
            await asyncio.sleep(0)
        assert len(_readers()) == 1
        for lane, tenant in tenants.items():
            await write(database, tenant, lane)
            await write(database, tenant, lane + 100)
        assert await asyncio.gather(*listeners) == [[lane, lane + 100] for lane in tenants]


def _is_let_in(followings: Followings, tenant_id: UUID) -> bool:
    return tenant_id in followings._lanes[lane_of(tenant_id)].tenants


def _readers() -> list["asyncio.Task[object]"]:
    return [task for task in asyncio.all_tasks() if task.get_name() == "followings' reader"]


async def test_cancelled_listener_leaves_nothing_behind(database: Database) -> None:
    ada = new_id()
    async with opened(database) as followings:
        kept: list[ref[Following]] = []

        async def follow() -> None:
            async with followings.follow(ada, types=[NoteEchoed]) as following:
                kept.append(ref(following))
                async for _ in following:
                    pass

        listener = asyncio.create_task(follow())
        while not kept:
            await asyncio.sleep(0)
        [reader] = _readers()
        await asyncio.sleep(0.1)  # so that the reader has nothing to do but wait
        listener.cancel()
        await asyncio.gather(listener, return_exceptions=True)
        assert followings.count == 0
        await reader
        assert not [task for task in asyncio.all_tasks() if "followings" in task.get_name()]
        assert not [task for task in asyncio.all_tasks() if task.get_name() == "events listener"]
        del listener
        gc.collect()
        assert kept[0]() is None
        assert not _is_let_in(followings, ada)


async def test_listener_cancelled_before_it_was_let_in_leaves_nothing_behind(database: Database) -> None:
    ada = new_id()
    async with opened(database) as followings:

        async def follow() -> None:
            async with followings.follow(ada, types=[NoteEchoed]):
                raise AssertionError("let in")

        listener = asyncio.create_task(follow())
        await asyncio.sleep(0)
        assert followings.count == 1
        listener.cancel()
        await asyncio.gather(listener, return_exceptions=True)
        assert followings.count == 0
        await asyncio.gather(*_readers())
        assert not _is_let_in(followings, ada)


async def test_without_listeners_there_are_no_statements(database: Database) -> None:
    ada = new_id()
    async with opened(database, following_poll_ms=10) as followings:
        with observed(database) as names:
            await write(database, ada, 1)
            assert names == ["events.insert_events"]
            async with followings.follow(ada, types=[NoteEchoed]) as following:
                await write(database, ada, 2)
                await take(following, 1)
                [reader] = _readers()
            await reader
            names.clear()
            await write(database, ada, 3)
            assert names == ["events.insert_events"]
            assert not _readers()


async def test_wake_costs_one_statement_and_no_connection_is_held(database: Database) -> None:
    ada, bob = new_id(), new_id()
    async with (
        opened(database) as followings,
        followings.follow(ada, types=[NoteEchoed]) as adas,
        followings.follow(bob, types=[NoteEchoed]) as bobs,
    ):
        for following, tenant in ((adas, ada), (bobs, bob)):
            await write(database, tenant, 1)
            await take(following, 1)
        with observed(database) as names:
            await write(database, ada, 2)
            await take(adas, 1)
        assert set(names) == {"events.insert_events", "events.list_new_events"}
        figures = database.pool_figures()["likewise_maintenance"]
        while figures["pool_available"] < figures["pool_size"]:
            await asyncio.sleep(0)
            figures = database.pool_figures()["likewise_maintenance"]


@asynccontextmanager
async def another_process(db: Database, tenant_id: UUID) -> AsyncGenerator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(PROCESS), db.owner_url, str(tenant_id), stdin=PIPE, stdout=PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        assert await process.stdout.readline() == b"ready\n"
        yield process
    finally:
        process.stdin.close()
        await process.wait()


def tell(process: Process, number: int) -> None:
    assert process.stdin is not None
    process.stdin.write(b"%d\n" % number)


async def test_what_another_process_publishes_is_heard(database: Database) -> None:
    ada = (await create_tenant(database, name=new_id().hex)).tenant_id
    async with (
        opened(database) as followings,
        another_process(database, ada) as process,
        followings.follow(ada, types=[NoteEchoed]) as following,
    ):
        for number in range(10):
            tell(process, number)
            assert numbers(await take(following, 1)) == [number]


async def test_events_arrive_after_the_doorbells_connection_was_killed(
    database: Database, server: Server, postgres: embedded.Server
) -> None:
    ada = (await create_tenant(database, name=new_id().hex)).tenant_id
    async with (
        opened(database) as followings,
        another_process(database, ada) as process,
        followings.follow(ada, types=[NoteEchoed]) as following,
    ):
        tell(process, 0)
        await take(following, 1)
        for number in range(1, 4):
            assert await asyncio.to_thread(_kill_listeners, postgres, server) == 1
            tell(process, number)
            assert numbers(await take(following, 1)) == [number]


def _kill_listeners(postgres: embedded.Server, server: Server) -> int:
    """End the connections that listen to the doorbell, once there are any; how many there were."""
    name = conninfo_to_dict(server.owner_url)["dbname"]
    with psycopg.connect(postgres.superuser_url, autocommit=True) as connection:
        while True:
            ended = connection.execute(
                "select pg_terminate_backend(pid, 10000) from pg_stat_activity"
                " where datname = %s and query = 'listen likewise_events' and state = 'idle'",
                [name],
            ).fetchall()
            if ended:
                return len(ended)


async def test_poll_finds_what_nobody_rang_for(database: Database) -> None:
    ada = new_id()
    async with (
        opened(database, following_poll_ms=20) as followings,
        followings.follow(ada, types=[NoteEchoed]) as following,
    ):
        async with database.maintenance() as tx:
            await tx.execute(
                _statement(
                    "insert into platform.events (lane, tenant_id, type, payload) values (%(lane)s, %(t)s,"
                    ' \'echo.note_echoed\', \'{"type": "echo.note_echoed", "number": 1}\')'
                ),
                {"lane": lane_of(ada), "t": ada},
            )
        assert numbers(await take(following, 1)) == [1]


async def test_every_reader_hears_each_ring_of_a_bell(database: Database) -> None:
    async with Doorbell(database, Settings().get(EventSettings)) as bell:
        first, second, stop = bell.ear(), bell.ear(), asyncio.Event()
        bell.ring()
        assert await first.wait(stop=stop, timeout_s=PATIENCE_S)
        assert await second.wait(stop=stop, timeout_s=PATIENCE_S)


async def test_who_arrives_while_the_database_is_away_is_told(server: Server, settings: Settings) -> None:
    async with Database(server.owner_url, settings, fallback_secret=server.fallback_secret) as db:
        pass
    async with opened(db) as followings:
        with pytest.raises(Unavailable):
            async with followings.follow(new_id(), types=[NoteEchoed]):
                raise AssertionError("let in")
        assert followings.count == 0


async def test_listeners_are_bounded_by_tenant_and_by_process(database: Database) -> None:
    ada, bob = new_id(), new_id()
    async with (
        opened(database, tenant_followings_max=1, followings_max=2) as followings,
        followings.follow(ada, types=[NoteEchoed]),
    ):
        with pytest.raises(TenantFollowingsTooMany):
            await followings.follow(ada, types=[NoteEchoed]).__aenter__()
        async with followings.follow(bob, types=[NoteEchoed]):
            with pytest.raises(Unavailable, match="2 follow the log"):
                await followings.follow(new_id(), types=[NoteEchoed]).__aenter__()
        async with followings.follow(bob, types=[NoteEchoed]):
            assert followings.count == 2


async def test_following_ends_when_the_program_stops(database: Database) -> None:
    ada = new_id()
    async with opened(database) as followings:
        arrived = asyncio.Event()

        async def follow() -> str:
            async with followings.follow(ada, types=[NoteEchoed]) as following:
                arrived.set()
                async for _ in following:
                    pass
            return "ended"

        listener = asyncio.create_task(follow())
        await arrived.wait()
    assert await listener == "ended"
    assert followings.count == 0
    with pytest.raises(Unavailable, match="stopping"):
        await followings.follow(ada, types=[NoteEchoed]).__aenter__()
