"""The facts of jobs and operations."""

from likewise.platform.errors import Conflict, NotFound, Rejected

__all__ = [
    "AttemptSuperseded",
    "JobArgsInvalid",
    "JobCancelled",
    "JobExhausted",
    "JobUnknown",
    "OperationAbandoned",
    "OperationEnded",
    "OperationNotFound",
    "ScheduleNotFound",
    "ScheduleWaiting",
]


class OperationNotFound(NotFound):
    """No operation has the id {id}. `likewise jobs list` shows those there are."""


class OperationEnded(Conflict):
    """The operation has already ended ({status}); it cannot be cancelled."""


class OperationAbandoned(Conflict):
    """The process that ran this operation went away before its end. Start it again; what it had finished is kept."""


class AttemptSuperseded(Conflict):
    """Attempt {attempt} of this job was taken over or has ended; what it tried to change was rolled back."""


class JobCancelled(Conflict):
    """The operation was cancelled on request; what it had finished until then is kept."""


class JobArgsInvalid(Rejected):
    """The arguments of job {name} cannot be read: {reason}. It was not run; start it again with this version."""


class JobUnknown(Rejected):
    """No job is named {name} in this version of the program. It was not run; start it again."""


class JobExhausted(Conflict):
    """Job {name} was given up: its worker was lost {attempts} times while at it (killed, or out of memory?)."""


class ScheduleNotFound(NotFound):
    """No schedule is named {name!r}. `likewise jobs schedules` lists them."""


class ScheduleWaiting(Conflict):
    """Schedule {name!r} is already waiting for its turn."""
