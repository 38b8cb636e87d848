"""What a feed showed is written down after the answer has gone out, in batches, and never holds a feed up."""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

from prometheus_client import Counter

from likewise.engine.recommend import store
from likewise.engine.recommend.settings import RecommendSettings
from likewise.platform.cancelling import heed_cancel
from likewise.platform.db import Database
from likewise.platform.errors import Fact
from likewise.platform.telemetry import METRICS, get_log

__all__ = ["Recorder", "recording"]

log = get_log(__name__)
DROPPED = Counter(
    "likewise_recommend_impressions_dropped_total",
    "Impressions that were not recorded",
    ["reason"],
    registry=METRICS.registry,
)


class Recorder:
    """A bounded buffer of impressions and the loop that writes it."""

    def __init__(self, db: Database, settings: RecommendSettings) -> None:
        self._db = db
        self._settings = settings
        self._waiting: deque[store.NewImpression] = deque()

    def offer(self, impressions: Sequence[store.NewImpression]) -> None:
        """Keep impressions for the next batch; dropped and counted where the buffer is full. Never waits."""
        room = self._settings.record_buffer_max - len(self._waiting)
        self._waiting.extend(impressions[:room])
        if len(impressions) > room:
            DROPPED.labels("full").inc(len(impressions) - room)

    async def flush(self) -> None:
        """Write what waits; what the database refuses is dropped and counted: it is not worth a retry."""
        tenants: defaultdict[UUID, dict[tuple[UUID, str, UUID], store.NewImpression]] = defaultdict(dict)
        while self._waiting:
            one = self._waiting.popleft()
            tenants[one.tenant_id][one.collection_id, one.user_key, one.item_id] = one
        for tenant_id, impressions in tenants.items():
            try:
                async with self._db.tenant(tenant_id) as tx:
                    await store.upsert_impressions(tx, impressions=list(impressions.values()))
            except Fact as error:
                DROPPED.labels("refused").inc(len(impressions))
                log.warning("impressions_dropped", count=len(impressions), reason=error.message)

    async def keep_writing(self) -> None:
        """Flush now and then, until cancelled."""
        while True:
            heed_cancel()
            await asyncio.sleep(self._settings.record_interval_s)
            await self.flush()


@asynccontextmanager
async def recording(db: Database, settings: RecommendSettings) -> AsyncGenerator[Recorder]:
    """A recorder whose loop runs as long as the context; what waits at the end is still written."""
    recorder = Recorder(db, settings)
    loop = asyncio.create_task(recorder.keep_writing(), name="recommend-recorder")
    try:
        yield recorder
    finally:
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)
        await recorder.flush()
