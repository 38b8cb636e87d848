"""What a worker does for the inbox, run by hand until nothing is left to do."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import UUID

from likewise.apps.inbox.consumers import consumers as inbox_consumers
from likewise.apps.inbox.model import COLLECTION
from likewise.engine.clusters.consumers import consumer as clusters_consumer
from likewise.engine.collections import wait_until_searchable
from likewise.engine.embedding.service import run_pipeline
from likewise.platform.db import Statement
from likewise.platform.events import drain
from likewise.platform.feature import App
from likewise.platform.jobs import work

__all__ = ["FAST", "finish_jobs", "rows_of", "settle", "sql"]

FAST: dict[str, object] = {
    "embedding_model": "fake",
    "database_pool_max": 6,
    "jobs_poll_s": 0.02,
    "jobs_retry_delay_s": 0.01,
    "jobs_heartbeat_s": 0.2,
    "jobs_progress_interval_s": 0,
    "jobs_grace_s": 1,
}
_UNFINISHED = {"todo", "doing"}


def sql(text: str) -> Statement:
    """A statement of a test's own."""
    return Statement("tests", "", text, frozenset())


@asynccontextmanager
async def embedding(app: App) -> AsyncGenerator[None]:
    """The pipeline of a worker process."""
    task = asyncio.create_task(run_pipeline(app))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def settle(app: App, tenant_id: UUID) -> None:
    """Embed what waits, let it find its clusters, and tell everyone."""
    async with embedding(app):
        await wait_until_searchable(app, tenant_id, collection=COLLECTION)
    await drain(app.db, [clusters_consumer(app), *inbox_consumers(app)])


async def finish_jobs(app: App, tenant_id: UUID) -> None:
    """Run jobs until this tenant has none left."""
    stop = asyncio.Event()
    worker = asyncio.create_task(work(app.db, app.jobs, stop=stop))
    try:
        async with asyncio.timeout(60):
            while await _has_jobs(app, tenant_id):
                await asyncio.sleep(0.02)
    finally:
        stop.set()
        await worker


async def rows_of(app: App, tenant_id: UUID, query: str) -> list[str]:
    """A query's rows for a tenant (`:t`), each as JSON."""
    text = f"select to_jsonb(r)::text from ({query.replace(':t', '%(tenant_id)s')}) r"
    async with app.db.maintenance() as tx:
        return await tx.fetch_values(sql(text), str, {"tenant_id": tenant_id})


async def _has_jobs(app: App, tenant_id: UUID) -> bool:
    async with app.db.maintenance() as tx:
        return any(job.status in _UNFINISHED for job in await app.jobs.list_jobs(tx, tenant_id, limit=1_000))
