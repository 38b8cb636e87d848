"""procrastinate, made to fit: its queue, its worker and its listening; our fence, our clock, our signs of life.

What it lacks, and where that is mended here:
- its finish and retry go by the job's id alone, so a worker that was taken for dead could end another's attempt:
  ours also ask for the attempt, and keep trying while the database is away;
- its retry time comes from the worker's clock: ours from the database's;
- a payload that is no object, or a job nobody knows, leaves its worker hanging: ours end with a reason;
- it stops watching its heartbeat once its (unused) periodic task has ended: ours is sent by `beat`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import Any

import procrastinate
import psycopg
from procrastinate import exceptions, jobs, manager, retry
from procrastinate.job_context import JobContext as LibraryContext
from procrastinate.worker import Worker
from psycopg.conninfo import make_conninfo
from typing_extensions import override

from likewise.platform.db import Database
from likewise.platform.errors import Unavailable
from likewise.platform.jobs import store
from likewise.platform.jobs.errors import JobCancelled
from likewise.platform.jobs.port import Jobs
from likewise.platform.jobs.running import AttemptFailed, Claim, perform
from likewise.platform.jobs.settings import JobSettings
from likewise.platform.telemetry import get_log

__all__ = ["LIBRARY_FAULTS", "JobWorker"]

# What ends the library's worker early: its own errors, and those of the driver that it lets through.
LIBRARY_FAULTS: tuple[type[Exception], ...] = (exceptions.ProcrastinateException, psycopg.Error)

log = get_log(__name__)
_TASK = "likewise"
_PAYLOAD = "claim"
_PERSIST_TRIES_MAX = 30
_PERSIST_DELAY_MAX_S = 5.0


class JobWorker:
    """One run of a worker: registered with the queue from `run` until it returns."""

    def __init__(self, db: Database, registry: Jobs) -> None:
        self._db = db
        self._registry = registry
        self._settings = registry.settings
        self._worker: Worker | None = None
        url = make_conninfo(
            db.maintenance_url, options="-c search_path=procrastinate", application_name="likewise jobs"
        )
        self._connector = procrastinate.PsycopgConnector(conninfo=url, min_size=1, max_size=2 + self._settings.parallel)

    async def run(self, *, stop: asyncio.Event) -> None:
        """Take and run jobs until `stop`, then give running ones their grace. Raises whatever ended it early."""
        app = procrastinate.App(connector=self._connector)
        app.job_manager = _FencedManager(self._connector, self._db, self._settings, on_lost=self.leave)
        app.task(name=_TASK, pass_context=True, retry=_Later())(self._perform)
        await self._connector.open_async()
        try:
            self._worker = worker = Worker(
                app,
                name=None,
                concurrency=self._settings.parallel,
                fetch_job_polling_interval=self._settings.poll_s,
                shutdown_graceful_timeout=self._settings.grace_s,
                update_heartbeat_interval=self._settings.heartbeat_s,
                stalled_worker_timeout=self._settings.lease_s,
                install_signal_handlers=False,
            )
            running = asyncio.create_task(worker.run(), name="job worker")
            stopping = asyncio.create_task(stop.wait())
            try:
                await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
                worker.stop()
                await running
            finally:
                stopping.cancel()
                if not running.done():
                    running.cancel()
                    await asyncio.gather(running, return_exceptions=True)
        finally:
            self._worker = None
            await self._connector.close_async()

    async def beat(self) -> None:
        """Give a sign of life. A worker that was taken for dead leaves, to come back under a new number."""
        worker_id = None if self._worker is None else self._worker.worker_id
        if worker_id is None:
            return
        async with self._db.maintenance() as tx:
            is_known = await store.beat(tx, worker_id=worker_id)
        if not is_known:
            log.warning("job_worker_taken_for_dead", worker_id=worker_id)
            self.leave()

    def leave(self) -> None:
        """Stop taking jobs; `run` returns when the running ones have ended or their grace is over."""
        if self._worker is not None:
            self._worker.stop()

    async def _perform(self, _context: LibraryContext, **payload: Any) -> None:  # noqa: ANN401 - the library's signature
        claim: Claim = payload[_PAYLOAD]
        try:
            await perform(self._db, self._registry.registered.get(claim.name), claim, self._settings)
        except JobCancelled as cancelled:
            raise exceptions.JobAborted from cancelled


class _Later(retry.BaseRetryStrategy):
    """Another attempt where ours says so, or where the worker was stopped in the middle."""

    @override
    def get_retry_decision(self, *, exception: BaseException, job: jobs.Job) -> retry.RetryDecision | None:
        if isinstance(exception, AttemptFailed | asyncio.CancelledError | Unavailable):
            return retry.RetryDecision(retry_in={"seconds": 0})  # the manager below decides how long
        return None


class _FencedManager(manager.JobManager):
    """The library's word to its tables, fenced by the attempt."""

    def __init__(
        self,
        connector: procrastinate.BaseConnector,
        db: Database,
        settings: JobSettings,
        *,
        on_lost: Callable[[], None],
    ) -> None:
        super().__init__(connector)
        self._db = db
        self._settings = settings
        self._on_lost = on_lost

    @override
    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> jobs.Job | None:
        """The next job, whatever its name and payload, as a call of our one task."""
        job = await super().fetch_job(queues=queues, worker_id=worker_id)
        if job is None or job.id is None:
            return None
        claim = Claim(job_id=job.id, name=job.task_name, attempts=job.attempts, payload=job.task_kwargs)
        return job.evolve(task_name=_TASK, task_kwargs={_PAYLOAD: claim})

    @override
    async def finish_job(self, job: jobs.Job, status: jobs.Status, delete_job: bool) -> None:
        async def finish() -> bool:
            async with self._db.maintenance() as tx:
                return await store.finish_job(tx, job_id=job.id or 0, attempts=job.attempts, status=status.value)

        await self._persist(job, finish)

    @override
    async def retry_job(
        self,
        job: jobs.Job,
        retry_at: datetime | None = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        delay_s = min(self._settings.retry_delay_s * 2**job.attempts, self._settings.retry_delay_max_s)

        async def put_back() -> bool:
            async with self._db.maintenance() as tx:
                return await store.retry_job(tx, job_id=job.id or 0, attempts=job.attempts, delay_s=delay_s)

        await self._persist(job, put_back)

    async def _persist(self, job: jobs.Job, write: Callable[[], Awaitable[bool]]) -> None:
        """Write a job's outcome, also when the database is away for a while.

        Where it stays away, the worker leaves: its number goes with it, and the job is rescued.
        """
        delay_s = 0.1
        for _ in range(_PERSIST_TRIES_MAX):
            try:
                is_current = await write()
            except Unavailable:
                await asyncio.sleep(delay_s)
                delay_s = min(delay_s * 2, _PERSIST_DELAY_MAX_S)
            else:
                if not is_current:
                    log.info("job_outcome_refused", job_id=job.id, attempt=job.attempts + 1)
                return
        self._on_lost()
