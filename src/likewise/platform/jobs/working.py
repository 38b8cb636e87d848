"""What a worker process does about jobs: run them, give signs of life, rescue the jobs of dead workers, tidy up."""

import asyncio
import logging

from likewise.platform.db import Database
from likewise.platform.errors import Unavailable
from likewise.platform.jobs import store
from likewise.platform.jobs.library import LIBRARY_FAULTS, JobWorker
from likewise.platform.jobs.operations import fail_abandoned
from likewise.platform.jobs.port import Jobs
from likewise.platform.telemetry import get_log

__all__ = ["rescue_jobs", "tidy_jobs", "work"]

log = get_log(__name__)
_RESTART_S = (0.5, 10.0)
_DELETE_BATCH = 1000
_DELETE_BATCHES_MAX = 1000


async def work(db: Database, jobs: Jobs, *, stop: asyncio.Event) -> None:
    """Run jobs until `stop`; a worker that ends early (the database went away) is started again."""
    logging.getLogger("procrastinate").setLevel(logging.CRITICAL)  # it logs outcomes that we log with their reasons
    worker = JobWorker(db, jobs)
    signs = asyncio.create_task(_keep_alive(db, jobs, worker, stop=stop), name="job heartbeat")
    delay_s = _RESTART_S[0]
    try:
        while not stop.is_set():
            try:
                await worker.run(stop=stop)
                delay_s = _RESTART_S[0]
            except (*LIBRARY_FAULTS, Unavailable) as error:
                log.warning("job_worker_restarts", reason=str(error.__cause__ or error), delay_s=delay_s)
                await _pause(stop, delay_s)
                delay_s = min(delay_s * 2, _RESTART_S[1])
    finally:
        signs.cancel()
        await asyncio.gather(signs, return_exceptions=True)


async def rescue_jobs(db: Database, jobs: Jobs) -> int:
    """Put the jobs of silent workers back into the queue, by the database's clock; how many."""
    async with db.maintenance() as tx:
        rescued = await store.rescue_jobs(tx, lease_s=jobs.settings.lease_s, limit=jobs.settings.rescue_max)
    if rescued:
        log.warning("jobs_rescued", jobs=rescued)
    return rescued


async def tidy_jobs(db: Database, jobs: Jobs) -> int:
    """Delete jobs that ended long ago and give up abandoned operations; how many jobs."""
    await fail_abandoned(db, jobs.settings)
    deleted = 0
    for _ in range(_DELETE_BATCHES_MAX):
        async with db.maintenance() as tx:
            gone = await store.delete_old_jobs(tx, retention_days=jobs.settings.retention_days, limit=_DELETE_BATCH)
        deleted += gone
        if gone < _DELETE_BATCH:
            break
    return deleted


async def _keep_alive(db: Database, jobs: Jobs, worker: JobWorker, *, stop: asyncio.Event) -> None:
    """Signs of life and rescue go on while running jobs are given their grace, hence not only until `stop`."""
    while True:
        try:
            await worker.beat()
            if not stop.is_set():
                await rescue_jobs(db, jobs)
        except (*LIBRARY_FAULTS, Unavailable) as error:
            log.warning("job_heartbeat_failed", reason=str(error))
        await asyncio.sleep(jobs.settings.heartbeat_s)


async def _pause(stop: asyncio.Event, timeout_s: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), timeout=timeout_s)
    except TimeoutError:
        return
