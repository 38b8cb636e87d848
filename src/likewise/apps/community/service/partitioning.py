"""Categories that have grown large get tables of their own: smaller to search, to vacuum, to keep in memory.

They, and the rest of those they have been among, are copied while everybody reads and writes, brought up to date and
put in place in one transaction. Killed at any point it has either happened or not: what nobody reads is dropped by the
next run.
"""

import asyncio
import time
from collections.abc import Sequence

import msgspec

from likewise.apps.community import store
from likewise.apps.community.errors import PartitionContended
from likewise.apps.community.settings import CommunitySettings
from likewise.platform.feature import App
from likewise.platform.telemetry import get_log

__all__ = ["PartitionMade", "find_interrupted", "list_category_partitions", "make_partitions"]

log = get_log(__name__)
_LOCK_TIMEOUT_S = 3.0
_ATTEMPTS_MAX = 20
_PAUSE_S = 1.0


class PartitionMade(msgspec.Struct, frozen=True):
    """A category that has a table of its own now, how many attributes it took along, and how long all of it took."""

    category: str
    partition: str
    row_count: int
    seconds: float


async def make_partitions(app: App, *, categories: Sequence[str] | None = None) -> list[PartitionMade]:
    """Give each large category a table of its own, or the categories named here; those that were made.

    Does nothing while another process does it. Raises PartitionContended where writers and readers never let go.
    """
    rows_min = app.settings.get(CommunitySettings).partition_rows_min
    started = time.monotonic()
    async with store.partitioning_session(app.db) as connection:
        if connection is None:
            return []
        for name in await store.drop_leftovers(connection):
            log.info("partition_dropped", partition=name, reason="its making was interrupted")
        existing = await store.list_partitions(connection)
        if categories is None:
            large = await store.list_large_categories(connection, rows_min=rows_min)
            wanted = [one.category for one in large if one.category not in existing]
        else:
            wanted = [category for category in dict.fromkeys(categories) if category not in existing]
        if not wanted:
            return []
        copies = await store.copy_categories(connection, await store.create_partitions(connection, categories=wanted))
        for attempt in range(_ATTEMPTS_MAX):
            if await store.swap_partitions(connection, copies, lock_timeout_s=_LOCK_TIMEOUT_S):
                break
            await asyncio.sleep(_PAUSE_S * min(attempt + 1, 5))
        else:
            await store.drop_leftovers(connection)
            raise PartitionContended(categories=", ".join(wanted))
        await store.settle_partitions(connection)
    seconds = time.monotonic() - started
    log.info("partitions_made", tables=copies.tables, rows=copies.row_counts, seconds=seconds)
    return [
        PartitionMade(category, table, copies.row_counts[category], seconds)
        for category, table in copies.tables.items()
    ]


async def list_category_partitions(app: App) -> dict[str, str]:
    """The table of each category that has one of its own, by the category."""
    async with app.db.owner_connection() as connection:
        return await store.list_partitions(connection)


async def find_interrupted(app: App) -> list[str]:
    """Tables that an interrupted run has left behind, while no other run is under way."""
    async with app.db.maintenance() as tx:
        return await store.list_interrupted_partitions(tx)
