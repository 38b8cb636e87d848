"""The nouns of jobs and operations."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

import msgspec

if TYPE_CHECKING:
    from likewise.platform.jobs.context import JobContext

__all__ = [
    "Envelope",
    "Job",
    "JobInfo",
    "Operation",
    "OperationError",
    "OperationStatus",
    "Progress",
    "Schedule",
    "ScheduleState",
]

OperationStatus = Literal["queued", "running", "succeeded", "failed", "cancelled"]
ENDED: frozenset[str] = frozenset({"succeeded", "failed", "cancelled"})


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of long task.

    `run(context, args)` may be stopped anywhere and begun again with a higher `context.attempt`; what it changes it
    changes inside `context.effects()`. `args` is a struct of ids, never of contents or secrets. Two jobs of a tenant
    with the same `lock(args)` do not run at the same time.
    """

    name: str
    args: type[msgspec.Struct]
    run: Callable[["JobContext", Any], Awaitable[None]]
    queue: str = "default"
    attempts_max: int = 5
    lock: Callable[[Any], str] | None = None


class Envelope(msgspec.Struct, frozen=True):
    """A job's arguments as they are stored; `tenant_id` is None for the work of schedules."""

    tenant_id: UUID | None
    operation_id: UUID | None
    args: dict[str, object]


class JobInfo(msgspec.Struct, frozen=True):
    """One waiting, running or recently ended job."""

    id: int
    name: str
    status: str
    attempts: int
    scheduled_at: datetime | None
    operation_id: str | None


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """A job that comes due by a cron expression (five fields, UTC). It never runs twice at once."""

    name: str
    cron: str
    job: str
    args: msgspec.Struct


class ScheduleState(msgspec.Struct, frozen=True):
    """A schedule as people see it. `next_at` is None where it is switched off."""

    name: str
    cron: str
    job: str
    last_at: datetime | None
    next_at: datetime | None


class Progress(msgspec.Struct, frozen=True):
    """How far an operation is, in `unit`s; `total` is None where nobody knows."""

    done: int = 0
    total: int | None = None
    unit: str = ""
    rejected: int = 0


class OperationError(msgspec.Struct, frozen=True):
    """Why an operation failed."""

    code: str
    detail: str


class Operation(msgspec.Struct, frozen=True):
    """What somebody asked for and may watch or cancel."""

    id: UUID
    kind: str
    status: OperationStatus
    progress: Progress
    message: str
    result: dict[str, object] | None
    error: OperationError | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None

    @property
    def has_ended(self) -> bool:
        """Whether nothing will change any more."""
        return self.status in ENDED
