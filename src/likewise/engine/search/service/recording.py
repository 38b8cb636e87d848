"""What was asked is written down after the answer has gone out, in batches, and never holds a search up."""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import UUID

from prometheus_client import Counter

from likewise.engine.search import store
from likewise.engine.search.model import QueryRecord
from likewise.engine.search.settings import SearchSettings
from likewise.platform.cancelling import heed_cancel
from likewise.platform.db import Database
from likewise.platform.errors import Fact
from likewise.platform.telemetry import METRICS, get_log

__all__ = ["Recorder", "recording"]

log = get_log(__name__)
DROPPED = Counter(
    "likewise_search_records_dropped_total", "Searches that were not recorded", ["reason"], registry=METRICS.registry
)


class Recorder:
    """A bounded buffer of records and the loop that writes it."""

    def __init__(self, db: Database, settings: SearchSettings) -> None:
        self._db = db
        self._settings = settings
        self._waiting: deque[QueryRecord] = deque()
        self.dropped = 0

    def offer(self, record: QueryRecord) -> None:
        """Keep a record for the next batch; dropped and counted where the buffer is full. Never waits."""
        if len(self._waiting) >= self._settings.record_buffer_max:
            self._drop(1, "full")
        else:
            self._waiting.append(record)

    async def flush(self) -> None:
        """Write what waits; what the database refuses is dropped and counted, for a record is not worth a retry."""
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), self._settings.record_batch_max))]
            tenants: defaultdict[UUID, list[QueryRecord]] = defaultdict(list)
            for record in batch:
                tenants[record.tenant_id].append(record)
            for tenant_id, records in tenants.items():
                try:
                    async with self._db.tenant(tenant_id) as tx:
                        await store.insert_queries(tx, records=records)
                except Fact as error:
                    self._drop(len(records), "refused")
                    log.warning("search_records_dropped", count=len(records), reason=error.message)

    async def keep_writing(self) -> None:
        """Flush now and then, until cancelled."""
        while True:
            heed_cancel()
            await asyncio.sleep(self._settings.record_interval_s)
            await self.flush()

    def _drop(self, count: int, reason: str) -> None:
        self.dropped += count
        DROPPED.labels(reason).inc(count)


@asynccontextmanager
async def recording(db: Database, settings: SearchSettings) -> AsyncGenerator[Recorder]:
    """A recorder whose loop runs as long as the context; what waits at the end is still written."""
    recorder = Recorder(db, settings)
    loop = asyncio.create_task(recorder.keep_writing(), name="search-recorder")
    try:
        yield recorder
    finally:
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)
        await recorder.flush()
