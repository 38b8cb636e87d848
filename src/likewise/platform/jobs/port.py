"""Ask for a job. Everything a feature needs of jobs, whatever runs them."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

import msgspec

from likewise.platform.config import Settings
from likewise.platform.db import Tx
from likewise.platform.ids import new_id
from likewise.platform.jobs import store
from likewise.platform.jobs.model import Envelope, Job, JobInfo, Progress, Schedule
from likewise.platform.jobs.settings import JobSettings

__all__ = ["Jobs"]

ARGS_BYTES_MAX = 8192
_PAGE_MAX = 1000
_LAST_ID = 2**63 - 1


class Jobs:
    """The jobs and schedules of this program.

    Built once; features' jobs are registered when the program is put together, so that a service can defer by name.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings.get(JobSettings)
        self._jobs: dict[str, Job] = {}
        self._schedules: dict[str, Schedule] = {}

    @property
    def registered(self) -> Mapping[str, Job]:
        """Every job by its name."""
        return MappingProxyType(self._jobs)

    @property
    def schedules(self) -> Mapping[str, Schedule]:
        """Every schedule by its name, with the cron expressions of the settings."""
        return MappingProxyType(self._schedules)

    def register(self, *jobs: Job) -> None:
        """Make jobs known. Raises ValueError where a name is taken."""
        for job in jobs:
            if job.name in self._jobs:
                raise ValueError(f"two jobs are named {job.name}")
            self._jobs[job.name] = job

    def schedule(self, *schedules: Schedule) -> None:
        """Make schedules known; their jobs are registered before. Raises ValueError, LookupError."""
        for given in schedules:
            if given.name in self._schedules:
                raise ValueError(f"two schedules are named {given.name}")
            self._checked(given.job, given.args)
            cron = self.settings.schedules.get(given.name, given.cron)
            self._schedules[given.name] = msgspec.structs.replace(given, cron=cron)

    async def defer(
        self,
        tx: Tx,
        name: str,
        args: msgspec.Struct,
        *,
        operation_kind: str | None = None,
        total: int | None = None,
        unit: str = "",
        scheduled_at: datetime | None = None,
    ) -> UUID | None:
        """Add a job for `tx`'s tenant; it exists if and only if the transaction commits.

        With `operation_kind` there is an operation to watch and cancel, whose id is returned; without, effects are
        fenced all the same, but nobody sees progress. `scheduled_at`: not before this moment (database's clock).
        """
        job = self._checked(name, args)
        operation_id = None if operation_kind is None else new_id()
        lock = None if job.lock is None else f"{tx.tenant_id}:{name}:{job.lock(args)}"
        job_id = await store.defer_job(
            tx,
            queue=job.queue,
            name=name,
            lock=lock,
            queueing_lock=None,
            envelope=envelope_of(tx.tenant_id, operation_id, args),
            scheduled_at=scheduled_at,
        )
        if operation_id is not None and operation_kind is not None:
            await store.insert_operation(
                tx,
                operation_id=operation_id,
                kind=operation_kind,
                job_id=job_id,
                status="queued",
                attempt=0,
                progress=Progress(total=total, unit=unit),
            )
        return operation_id

    async def list_jobs(self, tx: Tx, tenant_id: UUID, *, before: int | None = None, limit: int = 50) -> list[JobInfo]:
        """One page of a tenant's jobs, newest first. `tx` is a maintenance transaction."""
        return await store.list_jobs(tx, tenant_id=tenant_id, before=before or _LAST_ID, limit=min(limit, _PAGE_MAX))

    def _checked(self, name: str, args: msgspec.Struct) -> Job:
        job = self._jobs.get(name)
        if job is None:
            raise LookupError(f"no job is named {name}; is its feature in the list of features?")
        if not isinstance(args, job.args):
            raise TypeError(f"job {name} takes {job.args.__name__}, not {type(args).__name__}")
        return job


def envelope_of(tenant_id: UUID | None, operation_id: UUID | None, args: msgspec.Struct) -> Envelope:
    """The stored form of a job's arguments. Raises ValueError where they are more than ids."""
    size = len(msgspec.json.encode(args))
    if size > ARGS_BYTES_MAX:
        raise ValueError(f"job arguments are {size} bytes; they hold ids, not contents")
    return Envelope(tenant_id, operation_id, msgspec.to_builtins(args))
