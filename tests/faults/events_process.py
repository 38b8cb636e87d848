"""A worker process for test_events_faults: reads the log until it is killed. `events_process.py URL CONSUMER MODE`.

MODE `broken` forgets positions, so that only the lanes' cursors stand between a kill and a doubled effect.
"""

import asyncio
import random
import sys
from collections.abc import Sequence
from typing import Any

from likewise.platform.config import Settings
from likewise.platform.db import Database, Statement, Tx
from likewise.platform.errors import Unavailable
from likewise.platform.events import Consumer, Doorbell, Event, EventSettings, Mark, consume, store

LOSSES_SHARE = 0.2  # of the batches of the broken variant
INSERT = Statement(
    "tests.insert_heard",
    "",
    "insert into faults.heard (consumer, tenant_id, number)"
    " select %(consumer)s, %(tenant_id)s, number"
    " from unnest(%(numbers)s::int[]) with ordinality as told (number, place) order by place",
    frozenset(),
)


class ConnectionLost(Unavailable):
    """The connection was lost."""


class Counted(Event, frozen=True, tag="faults.counted"):
    """The fact of this campaign."""

    number: int


def consumer(name: str) -> Consumer:
    """Writes down what it hears, in order."""

    async def handle(tx: Tx, events: Sequence[Counted]) -> None:
        numbers = [event.number for event in events]
        await tx.execute(INSERT, {"consumer": name, "tenant_id": tx.tenant, "numbers": numbers})

    async def reset(_tx: Tx) -> None:
        return

    return Consumer(name=name, events=(Counted,), handle=handle, reset=reset, batch_max=200)


async def main(url: str, name: str, mode: str) -> None:
    """Say `ready`, then read until killed."""
    if mode == "broken":
        _forget_positions()
    settings = Settings({"database_pool_max": 4, "database_maintenance_pool_max": 4})
    async with Database(url, settings, fallback_secret=b"") as db:
        section = settings.get(EventSettings)
        async with Doorbell(db, section) as bell:
            sys.stdout.write("ready\n")
            sys.stdout.flush()
            await consume(db, [consumer(name)], bell=bell, settings=section, stop=asyncio.Event())


def _forget_positions() -> None:
    async def lock_position(_tx: Tx, *, consumer: str) -> Mark:
        del consumer
        return Mark(0, 0)

    async def mark_position(_tx: Tx, *, consumer: str, old: Mark, new: Mark) -> bool:
        del consumer, old, new
        return True

    move = store.mark_cursor

    async def mark_cursor(*arguments: Any, **named: Any) -> Any:
        # The worst moment to lose the connection: every tenant's effects are committed, the lane's cursor is not.
        if random.random() < LOSSES_SHARE:
            raise ConnectionLost
        return await move(*arguments, **named)

    store.lock_position = lock_position
    store.mark_position = mark_position
    store.mark_cursor = mark_cursor


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
