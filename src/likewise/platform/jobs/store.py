"""One function per statement."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from likewise.platform.db import Json, Queries, Tx
from likewise.platform.jobs.model import (
    Envelope,
    JobInfo,
    Operation,
    OperationError,
    OperationStatus,
    Progress,
)

__all__ = [
    "QUERIES",
    "ScheduleRow",
    "SilentOperation",
    "StartedAttempt",
    "beat",
    "cancel_operation",
    "defer_job",
    "delete_old_jobs",
    "end_attempt",
    "end_operation",
    "find_operation",
    "finish_job",
    "hold_attempt",
    "hold_operation",
    "insert_operation",
    "insert_schedules",
    "is_waiting",
    "list_jobs",
    "list_operations",
    "list_schedules",
    "list_silent_operations",
    "requeue_operation",
    "rescue_jobs",
    "retry_job",
    "start_attempt",
    "take_due",
]

QUERIES = Queries(__package__ or "")


class OperationRow(msgspec.Struct, frozen=True):
    """An operation as the table has it."""

    id: UUID
    kind: str
    status: OperationStatus
    done: int
    total: int | None
    unit: str
    rejected: int
    message: str
    result: str | None
    error: str | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


class StartedAttempt(msgspec.Struct, frozen=True):
    """Where the attempt before this one had come to."""

    done: int
    total: int | None
    unit: str
    rejected: int
    message: str
    checkpoint: str | None
    cancel_requested: bool

    @property
    def progress(self) -> Progress:
        return Progress(self.done, self.total, self.unit, self.rejected)


class SilentOperation(msgspec.Struct, frozen=True):
    """An operation nobody seems to be working on."""

    tenant_id: UUID
    id: UUID
    attempt: int


class ScheduleRow(msgspec.Struct, frozen=True):
    """When a schedule last came due, and the database's time."""

    name: str
    last_at: datetime
    now: datetime


async def insert_operation(
    tx: Tx,
    *,
    operation_id: UUID,
    kind: str,
    job_id: int | None,
    status: OperationStatus,
    attempt: int,
    progress: Progress,
    message: str = "",
) -> None:
    await tx.execute(
        QUERIES.insert_operation,
        {
            "tenant_id": tx.tenant,
            "id": operation_id,
            "kind": kind,
            "job_id": job_id,
            "status": status,
            "attempt": attempt,
            "total": progress.total,
            "unit": progress.unit,
            "message": message,
        },
    )


async def find_operation(tx: Tx, *, operation_id: UUID) -> Operation | None:
    row = await tx.fetch_one(QUERIES.find_operation, OperationRow, {"tenant_id": tx.tenant, "id": operation_id})
    return None if row is None else _operation(row)


async def list_operations(tx: Tx, *, before: UUID, limit: int) -> list[Operation]:
    values = {"tenant_id": tx.tenant, "before": before, "limit": limit}
    return [_operation(row) for row in await tx.fetch_all(QUERIES.list_operations, OperationRow, values)]


async def cancel_operation(tx: Tx, *, operation_id: UUID) -> bool:
    return await tx.execute(QUERIES.cancel_operation, {"tenant_id": tx.tenant, "id": operation_id}) == 1


async def start_attempt(tx: Tx, *, operation_id: UUID, attempt: int) -> StartedAttempt | None:
    values = {"tenant_id": tx.tenant, "id": operation_id, "attempt": attempt}
    return await tx.fetch_one(QUERIES.start_attempt, StartedAttempt, values)


async def hold_operation(
    tx: Tx, *, operation_id: UUID, attempt: int, progress: Progress, message: str, checkpoint: object = None
) -> bool | None:
    """Whether cancelling was asked for; None where the attempt is no longer the current one."""
    values = _attempt(tx, operation_id, attempt) | _progress(progress, message)
    values["checkpoint"] = None if checkpoint is None else Json(checkpoint)
    return await tx.fetch_value(QUERIES.hold_operation, bool, values)


async def end_operation(
    tx: Tx,
    *,
    operation_id: UUID,
    attempt: int,
    status: OperationStatus,
    progress: Progress,
    message: str,
    result: object = None,
    error: OperationError | None = None,
) -> bool:
    values = _attempt(tx, operation_id, attempt) | _progress(progress, message)
    values["status"] = status
    values["result"] = None if result is None else Json(result)
    values["error"] = None if error is None else Json(error)
    return await tx.execute(QUERIES.end_operation, values) == 1


async def requeue_operation(tx: Tx, *, operation_id: UUID, attempt: int, message: str) -> bool:
    values = _attempt(tx, operation_id, attempt) | {"message": message}
    return await tx.execute(QUERIES.requeue_operation, values) == 1


async def list_silent_operations(tx: Tx, *, silent_s: float, limit: int) -> list[SilentOperation]:
    values = {"silent_s": silent_s, "limit": limit}
    return await tx.fetch_all(QUERIES.list_silent_operations, SilentOperation, values)


async def defer_job(
    tx: Tx,
    *,
    queue: str,
    name: str,
    lock: str | None,
    queueing_lock: str | None,
    envelope: Envelope,
    scheduled_at: datetime | None,
) -> int:
    values = {
        "queue": queue,
        "name": name,
        "lock": lock,
        "queueing_lock": queueing_lock,
        "args": Json(envelope),
        "scheduled_at": scheduled_at,
    }
    job_id = await tx.fetch_value(QUERIES.defer_job, int, values)
    if job_id is None:
        raise RuntimeError("platform.defer_job gave no id")
    return job_id


async def hold_attempt(tx: Tx, *, job_id: int, attempt: int) -> bool:
    return bool(await tx.fetch_value(QUERIES.hold_attempt, bool, {"job_id": job_id, "attempt": attempt}))


async def end_attempt(tx: Tx, *, job_id: int, attempt: int) -> bool:
    return bool(await tx.fetch_value(QUERIES.end_attempt, bool, {"job_id": job_id, "attempt": attempt}))


async def list_jobs(tx: Tx, *, tenant_id: UUID, before: int, limit: int) -> list[JobInfo]:
    return await tx.fetch_all(QUERIES.list_jobs, JobInfo, {"tenant_id": tenant_id, "before": before, "limit": limit})


async def finish_job(tx: Tx, *, job_id: int, attempts: int, status: str) -> bool:
    values = {"job_id": job_id, "attempts": attempts, "status": status}
    return await tx.execute(QUERIES.finish_job, values) == 1


async def retry_job(tx: Tx, *, job_id: int, attempts: int, delay_s: float) -> bool:
    values = {"job_id": job_id, "attempts": attempts, "delay_s": delay_s}
    return await tx.execute(QUERIES.retry_job, values) == 1


async def rescue_jobs(tx: Tx, *, lease_s: float, limit: int) -> int:
    return await tx.execute(QUERIES.rescue_jobs, {"lease_s": lease_s, "limit": limit})


async def beat(tx: Tx, *, worker_id: int) -> bool:
    return await tx.execute(QUERIES.beat, {"worker_id": worker_id}) == 1


async def delete_old_jobs(tx: Tx, *, retention_days: int, limit: int) -> int:
    return await tx.execute(QUERIES.delete_old_jobs, {"retention_days": retention_days, "limit": limit})


async def insert_schedules(tx: Tx, *, names: Sequence[str]) -> None:
    await tx.execute(QUERIES.insert_schedules, {"names": list(names)})


async def list_schedules(tx: Tx, *, names: Sequence[str]) -> list[ScheduleRow]:
    return await tx.fetch_all(QUERIES.list_schedules, ScheduleRow, {"names": list(names), "limit": len(names)})


async def take_due(tx: Tx, *, name: str, due_at: datetime) -> bool:
    return await tx.execute(QUERIES.take_due, {"name": name, "due_at": due_at}) == 1


async def is_waiting(tx: Tx, *, queueing_lock: str) -> bool:
    return bool(await tx.fetch_value(QUERIES.is_waiting, bool, {"queueing_lock": queueing_lock}))


def _attempt(tx: Tx, operation_id: UUID, attempt: int) -> dict[str, object]:
    return {"tenant_id": tx.tenant, "id": operation_id, "attempt": attempt}


def _progress(progress: Progress, message: str) -> dict[str, object]:
    return {
        "done": progress.done,
        "total": progress.total,
        "unit": progress.unit,
        "rejected": progress.rejected,
        "message": message,
    }


def _operation(row: OperationRow) -> Operation:
    return Operation(
        id=row.id,
        kind=row.kind,
        status=row.status,
        progress=Progress(row.done, row.total, row.unit, row.rejected),
        message=row.message,
        result=None if row.result is None else msgspec.json.decode(row.result, type=dict[str, object]),
        error=None if row.error is None else msgspec.json.decode(row.error, type=OperationError),
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )
