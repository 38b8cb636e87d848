"""Keep the log short, and make it fit the server it lies on."""

from collections.abc import Sequence

from likewise.platform.db import Database
from likewise.platform.events import store
from likewise.platform.events.model import LANES, Consumer
from likewise.platform.events.settings import EventSettings
from likewise.platform.telemetry import get_log

__all__ = ["rebase_if_foreign", "trim_events"]

log = get_log(__name__)
_REBASE_TIMEOUT_S = 3600
_TRIM_BATCHES_MAX = 1000


async def trim_events(db: Database, consumers: Sequence[Consumer], settings: EventSettings) -> int:
    """Delete events that every one of these consumers has read and whose days are over; how many.

    Each transaction deletes a bounded batch; a consumer that is stuck keeps what it has not read.
    """
    names = [consumer.name for consumer in consumers]
    deleted = 0
    for lane in range(LANES):
        for _ in range(_TRIM_BATCHES_MAX):
            async with db.maintenance() as tx:
                gone = await store.delete_read_events(
                    tx, consumers=names, lane=lane, retention_days=settings.retention_days, limit=settings.trim_batch
                )
            deleted += gone
            if gone < settings.trim_batch:
                break
    return deleted


async def rebase_if_foreign(db: Database) -> int:
    """After a restore on another server, number the log anew; the events renumbered, 0 where it fits already.

    A log from a server that had counted further would order everything new before everything old. Order and each
    reader's progress are kept. Call it before anything is published on the new server.
    """
    async with db.maintenance() as tx:
        if not await store.has_foreign_marks(tx):
            return 0
        await tx.settle(statement_timeout=_REBASE_TIMEOUT_S * 1000)
        await store.lock_log(tx)
        if not await store.has_foreign_marks(tx):
            return 0  # another process was faster
        await store.rebase_cursors(tx)
        await store.rebase_positions(tx)
        renumbered = await store.renumber_events(tx)
        await store.rebase_events(tx)
    log.warning("events_rebased", events=renumbered)
    return renumbered
