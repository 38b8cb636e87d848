"""Long tasks that somebody asked for, and schedules; what users watch of them are operations.

A job may be stopped anywhere and run again: each start is a new attempt, and only the current attempt can change
anything (`context.effects()`), so killed, paused and doubled workers leave every effect done once.
"""

from likewise.platform.jobs.context import JobContext
from likewise.platform.jobs.errors import (
    AttemptSuperseded,
    JobArgsInvalid,
    JobCancelled,
    JobExhausted,
    JobUnknown,
    OperationEnded,
    OperationNotFound,
    ScheduleNotFound,
    ScheduleWaiting,
)
from likewise.platform.jobs.model import (
    Job,
    JobInfo,
    Operation,
    OperationError,
    OperationStatus,
    Progress,
    Schedule,
    ScheduleState,
)
from likewise.platform.jobs.operations import (
    cancel_operation,
    foreground,
    get_operation,
    list_operations,
    watch_operation,
)
from likewise.platform.jobs.port import Jobs
from likewise.platform.jobs.schedules import keep_schedules, list_schedules, run_due, run_now
from likewise.platform.jobs.settings import JobSettings
from likewise.platform.jobs.working import rescue_jobs, tidy_jobs, work

__all__ = [
    "AttemptSuperseded",
    "Job",
    "JobArgsInvalid",
    "JobCancelled",
    "JobContext",
    "JobExhausted",
    "JobInfo",
    "JobSettings",
    "JobUnknown",
    "Jobs",
    "Operation",
    "OperationEnded",
    "OperationError",
    "OperationNotFound",
    "OperationStatus",
    "Progress",
    "Schedule",
    "ScheduleNotFound",
    "ScheduleState",
    "ScheduleWaiting",
    "cancel_operation",
    "foreground",
    "get_operation",
    "keep_schedules",
    "list_operations",
    "list_schedules",
    "rescue_jobs",
    "run_due",
    "run_now",
    "tidy_jobs",
    "watch_operation",
    "work",
]
