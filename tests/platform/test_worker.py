"""The worker room: everything runs in it, and it stops gently."""

import asyncio
from collections.abc import Sequence

import msgspec
import pytest

from likewise import worker
from likewise.app import Server, open_app
from likewise.cli.serving import work
from likewise.platform.config import Settings
from likewise.platform.db import Tx
from likewise.platform.events import Consumer, Event, caught_up, publish
from likewise.platform.feature import App
from likewise.platform.ids import new_id
from likewise.platform.jobs import Job, JobContext, watch_operation


class Knocked(Event, frozen=True, tag="worker.knocked"):
    """A fact of this test."""

    number: int


class Nothing(msgspec.Struct, frozen=True):
    """No arguments."""


async def test_worker_reads_events_runs_jobs_and_loops_until_it_is_told_to_stop(app: App) -> None:
    heard: list[int] = []
    laps, starts = 0, 0

    async def handle(_tx: Tx, events: Sequence[Knocked]) -> None:
        heard.extend(event.number for event in events)

    async def reset(_tx: Tx) -> None:
        heard.clear()

    async def answer(context: JobContext, _args: Nothing) -> None:
        async with context.effects() as tx:
            await context.finish(tx, {"answer": 42})

    async def loop(stop: asyncio.Event) -> None:
        nonlocal laps
        laps += 1
        await stop.wait()

    async def stumbling(stop: asyncio.Event) -> None:
        nonlocal starts
        starts += 1
        if starts == 1:
            raise RuntimeError("stumbled")
        await stop.wait()

    name, ada, stop = f"answer_{new_id().hex}", new_id(), asyncio.Event()
    consumer = Consumer(name=name, events=(Knocked,), handle=handle, reset=reset)
    job = Job(name=name, args=Nothing, run=answer)
    running = asyncio.create_task(worker.run(app, [consumer], [job], loops=[loop, stumbling], stop=stop))
    async with asyncio.timeout(60):
        while name not in app.jobs.registered:
            await asyncio.sleep(0)
        async with app.db.tenant(ada) as tx:
            await publish(tx, [Knocked(number=1), Knocked(number=2)])
            operation_id = await app.jobs.defer(tx, name, Nothing(), operation_kind="answer")
        assert operation_id is not None
        last = [operation async for operation in watch_operation(app.db, ada, operation_id)][-1]
        await caught_up(app.db, consumer, ada, timeout_s=60)
        while starts < 2:
            await asyncio.sleep(0.01)
        stop.set()
        await running
    assert heard == [1, 2]
    assert last.result == {"answer": 42}
    assert laps == 1


async def test_start_that_fails_ends_instead_of_waiting_for_its_loops(server: Server, settings: Settings) -> None:
    with pytest.raises(RuntimeError, match="the port is taken"):
        async with open_app(settings, server=server) as app, work(app):
            raise RuntimeError("the port is taken")
