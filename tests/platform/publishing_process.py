"""Another process that publishes, for test_following: `publishing_process.py URL TENANT_ID`.

It says `ready`, then publishes a fact for each number it reads from standard input, until that ends.
"""

import asyncio
import sys
from uuid import UUID

from likewise.platform.config import Settings
from likewise.platform.db import Database
from likewise.platform.events import Doorbell, Event, EventSettings, publish


class NoteEchoed(Event, frozen=True, tag="echo.note_echoed"):
    """The fact of test_following."""

    number: int


async def main(url: str, tenant_id: UUID) -> None:
    settings = Settings({"database_pool_max": 2, "database_maintenance_pool_max": 2})
    async with (
        Database(url, settings, fallback_secret=b"") as db,
        Doorbell(db, settings.get(EventSettings)),
    ):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while line := await asyncio.to_thread(sys.stdin.readline):
            async with db.tenant(tenant_id) as tx:
                await publish(tx, [NoteEchoed(number=int(line))])


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], UUID(sys.argv[2])))
