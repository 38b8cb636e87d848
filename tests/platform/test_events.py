"""The log of facts: order, exactly once, failures, rebuilding, trimming, restoring."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import msgspec
import pytest

from likewise.platform.config import Settings
from likewise.platform.db import Database, Statement, Tx
from likewise.platform.events import (
    Consumer,
    ConsumerBehind,
    Doorbell,
    Event,
    EventSettings,
    EventTooLarge,
    caught_up,
    consume,
    drain,
    lag,
    list_dead_letters,
    publish,
    rebase_if_foreign,
    rebuild,
    retry_dead_letters,
    trim_events,
)
from likewise.platform.ids import new_id

FAST = {"events_retry_delay_ms": 1, "events_poll_max_ms": 20}
SETTINGS = Settings(FAST).get(EventSettings)


class NoteWritten(Event, frozen=True, tag="notes.note_written"):
    """A fact of these tests."""

    number: int


class NoteRead(Event, frozen=True, tag="notes.note_read"):
    """A fact nobody here listens to."""

    number: int


class NoteBook:
    """A consumer that derives, for each tenant, the numbers it heard, in order, in a table."""

    def __init__(self, name: str, *, batch_max: int = 500) -> None:
        self.name = name
        self.poison: set[int] = set()
        self.failures_left = 0
        self.consumer = Consumer(
            name=name, events=(NoteWritten,), handle=self.handle, reset=self.reset, batch_max=batch_max
        )

    async def handle(self, tx: Tx, events: Sequence[NoteWritten]) -> None:
        for event in events:
            await tx.execute(
                _statement("insert into notes.heard (tenant_id, consumer, number) values (%(t)s, %(c)s, %(n)s)"),
                {"t": tx.tenant, "c": self.name, "n": event.number},
            )
        if self.failures_left:
            self.failures_left -= 1
            raise RuntimeError("the consumer stumbled after writing")
        if any(event.number in self.poison for event in events):
            raise ValueError("poison")

    async def reset(self, tx: Tx) -> None:
        await tx.execute(
            _statement("delete from notes.heard where tenant_id = %(t)s and consumer = %(c)s"),
            {"t": tx.tenant, "c": self.name},
        )

    async def heard(self, database: Database, tenant_id: UUID) -> list[int]:
        async with database.tenant(tenant_id, read_only=True) as tx:
            return await tx.fetch_values(
                _statement(
                    "select number from notes.heard where tenant_id = %(t)s and consumer = %(c)s order by place"
                ),
                int,
                {"t": tenant_id, "c": self.name},
            )


def _statement(sql: str) -> Statement:
    return Statement("tests", "", sql, frozenset())


async def _prepare(database: Database) -> None:
    async with database.owner_connection() as connection:
        await connection.execute("create schema if not exists notes")
        await connection.execute("grant usage on schema notes to likewise_app, likewise_maintenance")
        await connection.execute(
            "create table if not exists notes.heard"
            " (place bigserial, tenant_id uuid not null, consumer text not null, number int not null)"
        )
        await connection.execute("grant all on notes.heard to likewise_app, likewise_maintenance")
        await connection.execute("grant usage on sequence notes.heard_place_seq to likewise_app")


async def _book(database: Database, *, batch_max: int = 500) -> NoteBook:
    await _prepare(database)
    return NoteBook(f"book_{new_id().hex}", batch_max=batch_max)


async def _write(database: Database, tenant_id: UUID, *numbers: int) -> None:
    async with database.tenant(tenant_id) as tx:
        await publish(tx, [NoteWritten(number=number) for number in numbers])


async def test_committed_facts_are_heard_once_in_order(database: Database) -> None:
    book, ada, bob = await _book(database, batch_max=3), new_id(), new_id()
    await _write(database, ada, 1, 2, 3, 4)
    await _write(database, bob, 7, 8)
    await _write(database, ada, 5)
    await drain(database, [book.consumer], settings=SETTINGS)
    assert await drain(database, [book.consumer], settings=SETTINGS) == 0
    assert await book.heard(database, ada) == [1, 2, 3, 4, 5]
    assert await book.heard(database, bob) == [7, 8]


async def test_facts_of_a_rolled_back_transaction_are_never_heard(database: Database) -> None:
    book, ada = await _book(database), new_id()
    with pytest.raises(RuntimeError, match="undone"):  # noqa: PT012 - the transaction is what is tried
        async with database.tenant(ada) as tx:
            await publish(tx, [NoteWritten(number=1)])
            raise RuntimeError("undone")
    await _write(database, ada, 2)
    await drain(database, [book.consumer], settings=SETTINGS)
    assert await book.heard(database, ada) == [2]


async def test_writer_that_commits_late_is_not_stepped_over(database: Database) -> None:
    book, ada = await _book(database), new_id()
    async with database.tenant(ada) as slow:
        await publish(slow, [NoteWritten(number=1)])
        await _write(database, ada, 2)
        await drain(database, [book.consumer], settings=SETTINGS)
        assert await book.heard(database, ada) == []
    await drain(database, [book.consumer], settings=SETTINGS)
    assert await book.heard(database, ada) == [1, 2]


async def test_facts_of_no_concern_do_not_count_as_behind(database: Database) -> None:
    book, ada = await _book(database), new_id()
    async with database.tenant(ada) as tx:
        await publish(tx, [NoteRead(number=1), NoteWritten(number=2), NoteRead(number=3)])
    await drain(database, [book.consumer], settings=SETTINGS)
    assert await book.heard(database, ada) == [2]
    async with database.tenant(ada) as tx:
        await publish(tx, [NoteRead(number=4)])
    assert {entry.consumer: entry.behind for entry in await lag(database)}[book.name] == 1
    await drain(database, [book.consumer], settings=SETTINGS)
    assert {entry.consumer: entry.behind for entry in await lag(database)}[book.name] == 0


async def test_consumer_that_stumbles_leaves_no_trace_and_is_tried_again(database: Database) -> None:
    book, ada = await _book(database), new_id()
    book.failures_left = 2
    await _write(database, ada, 1, 2)
    await drain(database, [book.consumer], settings=SETTINGS)
    assert await book.heard(database, ada) == [1, 2]


async def test_poison_is_put_aside_and_everything_else_goes_on_in_order(database: Database) -> None:
    book, ada, bob = await _book(database), new_id(), new_id()
    book.poison = {3}
    await _write(database, ada, 1, 2, 3, 4, 5)
    await _write(database, bob, 9)
    await drain(database, [book.consumer], settings=SETTINGS)
    assert await book.heard(database, ada) == [1, 2, 4, 5]
    assert await book.heard(database, bob) == [9]
    async with database.tenant(ada) as tx:
        [letter] = await list_dead_letters(tx)
    assert (letter.consumer, letter.type, letter.reason) == (book.name, "notes.note_written", "ValueError: poison")


async def test_dead_letter_is_heard_again_by_its_own_consumer_only(database: Database) -> None:
    book, other, ada = await _book(database), await _book(database), new_id()
    book.poison = {1}
    await _write(database, ada, 1)
    await drain(database, [book.consumer, other.consumer], settings=SETTINGS)
    book.poison = set()
    async with database.tenant(ada) as tx:
        [letter] = await list_dead_letters(tx)
        assert await retry_dead_letters(tx, [letter.id]) == 1
    await drain(database, [book.consumer, other.consumer], settings=SETTINGS)
    assert await book.heard(database, ada) == [1]
    assert await other.heard(database, ada) == [1]


async def test_event_of_another_form_becomes_a_dead_letter(database: Database) -> None:
    book, ada = await _book(database), new_id()
    await _write(database, ada, 1, 2)
    async with database.maintenance() as tx:
        await tx.execute(
            _statement(
                'update platform.events set payload = \'{"number": "one"}\''
                " where tenant_id = %(t)s and payload ->> 'number' = '1'"
            ),
            {"t": ada},
        )
    await drain(database, [book.consumer], settings=SETTINGS)
    assert await book.heard(database, ada) == [2]
    async with database.tenant(ada) as tx:
        [letter] = await list_dead_letters(tx)
    assert letter.reason.startswith("EventUnreadable")


async def test_rebuild_gives_the_same_rows_as_listening_did(database: Database) -> None:
    book, other, ada, bob = await _book(database), await _book(database), new_id(), new_id()
    await _write(database, ada, 1, 2, 3)
    await _write(database, bob, 4)
    await drain(database, [book.consumer, other.consumer], settings=SETTINGS)
    before = await book.heard(database, ada)

    async def republish(_tx: Tx) -> AsyncIterator[Sequence[Event]]:
        yield [NoteWritten(number=1), NoteWritten(number=2)]
        yield [NoteWritten(number=3)]

    mark = await rebuild(database, book.consumer, ada, republish)
    assert await book.heard(database, ada) == []
    await drain(database, [book.consumer, other.consumer], settings=SETTINGS)
    await caught_up(database, book.consumer, ada, after=mark)
    assert await book.heard(database, ada) == before
    assert await other.heard(database, ada) == before
    assert await book.heard(database, bob) == [4]


async def test_log_is_trimmed_only_where_everybody_has_read_it(database: Database) -> None:
    book, slow, ada = await _book(database), await _book(database), new_id()
    at_once = Settings(FAST | {"events_retention_days": 0, "events_trim_batch": 2}).get(EventSettings)
    await drain(database, [slow.consumer], settings=SETTINGS)
    await _write(database, ada, 1, 2, 3)
    await drain(database, [book.consumer], settings=SETTINGS)
    await trim_events(database, [book.consumer, slow.consumer], at_once)
    assert await _count(database, ada) == 3
    await drain(database, [slow.consumer], settings=SETTINGS)
    await trim_events(database, [book.consumer, slow.consumer], at_once)
    assert await _count(database, ada) == 0
    assert await slow.heard(database, ada) == [1, 2, 3]


async def test_log_restored_on_a_younger_server_keeps_order_and_progress(database: Database) -> None:
    book, late, ada = await _book(database), await _book(database), new_id()
    await drain(database, [late.consumer], settings=SETTINGS)
    await _write(database, ada, 1, 2)
    await drain(database, [book.consumer], settings=SETTINGS)
    await _write(database, ada, 3)
    await _write(database, ada, 4)
    async with database.maintenance() as tx:  # as if the log came from a server that had counted much further
        for table in ("events", "event_cursors", "event_positions"):
            await tx.execute(
                _statement(f"update platform.{table} set xid = (xid::text::bigint + 1000000000)::text::xid8")
            )
    assert await rebase_if_foreign(database) >= 4
    assert await rebase_if_foreign(database) == 0
    await _write(database, ada, 5)
    await drain(database, [book.consumer, late.consumer], settings=SETTINGS)
    assert await book.heard(database, ada) == [1, 2, 3, 4, 5]
    assert await late.heard(database, ada) == [1, 2, 3, 4, 5]


async def test_worker_hears_at_once_and_readers_can_wait_for_it(database: Database) -> None:
    book, ada, stop = await _book(database), new_id(), asyncio.Event()
    async with Doorbell(database, SETTINGS) as bell:
        worker = asyncio.create_task(consume(database, [book.consumer], bell=bell, settings=SETTINGS, stop=stop))
        async with database.tenant(ada) as tx:
            mark = await publish(tx, [NoteWritten(number=1)])
        await caught_up(database, book.consumer, ada, after=mark, timeout_s=30)
        assert await book.heard(database, ada) == [1]
        stop.set()
        await worker


async def test_waiting_for_a_consumer_that_does_not_run_ends_with_a_reason(database: Database) -> None:
    book, ada = await _book(database), new_id()
    await _write(database, ada, 1)
    with pytest.raises(ConsumerBehind, match="Is a worker running"):
        await caught_up(database, book.consumer, ada, timeout_s=0)


async def test_ring_in_one_process_is_heard_in_another(database: Database) -> None:
    async with Doorbell(database, SETTINGS) as here, Doorbell(database, SETTINGS) as there:
        listening = asyncio.create_task(there.listen())
        ear, rang = there.ear(), False
        for _ in range(200):  # the listener may still be connecting: ring until it is heard
            here.ring()
            if rang := await ear.wait(stop=asyncio.Event(), timeout_s=0.1):
                break
        listening.cancel()
        assert rang


async def test_events_carry_ids_not_contents(database: Database) -> None:
    class TextWritten(Event, frozen=True, tag="notes.text_written"):
        text: str

    with pytest.raises(EventTooLarge):
        async with database.tenant(new_id()) as tx:
            await publish(tx, [TextWritten(text="x" * 5000)])


async def test_event_without_a_type_is_refused(database: Database) -> None:
    class Nameless(Event, frozen=True):
        number: int

    with pytest.raises(TypeError, match="needs a type"):
        async with database.tenant(new_id()) as tx:
            await publish(tx, [Nameless(number=1)])


async def test_tenants_cannot_read_each_others_facts(database: Database) -> None:
    ada, bob = new_id(), new_id()
    await _write(database, ada, 1)
    async with database.tenant(bob) as tx:
        assert await tx.fetch_values(_statement("select id from platform.events"), int) == []


async def _count(database: Database, tenant_id: UUID) -> int:
    class Count(msgspec.Struct):
        rows: int

    async with database.tenant(tenant_id, read_only=True) as tx:
        found = await tx.fetch_one(
            _statement("select count(*) as rows from platform.events where tenant_id = %(t)s"),
            Count,
            {"t": tenant_id},
        )
    return found.rows if found else 0
