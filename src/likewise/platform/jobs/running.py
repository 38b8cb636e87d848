"""One attempt of a job, from its stored arguments to its end.

Who may begin: the attempt the queue handed out, and only while it is the current one. Who may end: the same. What
happens in between is the job's own, fenced by its context.
"""

import asyncio

import msgspec

from likewise.platform.db import Database
from likewise.platform.errors import Conflict, Fact, Rejected
from likewise.platform.jobs import store
from likewise.platform.jobs.context import JobContext
from likewise.platform.jobs.errors import (
    AttemptSuperseded,
    JobArgsInvalid,
    JobCancelled,
    JobExhausted,
    JobUnknown,
)
from likewise.platform.jobs.model import Envelope, Job
from likewise.platform.jobs.operations import end_context
from likewise.platform.jobs.settings import JobSettings
from likewise.platform.telemetry import get_log, redact

__all__ = ["AttemptFailed", "Claim", "JobFailed", "perform"]

log = get_log(__name__)
_MESSAGE_CHARS_MAX = 300


class Claim(msgspec.Struct, frozen=True):
    """A job as the queue handed it out: `attempts` ended before this one."""

    job_id: int
    name: str
    attempts: int
    payload: object

    @property
    def attempt(self) -> int:
        """The number of this attempt, from 1."""
        return self.attempts + 1


class AttemptFailed(Conflict):
    """An attempt of job {name} failed; another one follows."""


class JobFailed(Conflict):
    """Job {name} has failed for good; its operation says why."""


async def perform(db: Database, job: Job | None, claim: Claim, settings: JobSettings) -> None:
    """Run one attempt. Raises AttemptFailed, JobFailed, JobCancelled; returns where it succeeded or was superseded."""
    envelope = _envelope(claim)
    context = None if envelope is None else await _begin(db, claim, envelope, settings)
    if envelope is not None and context is None:
        log.info("job_superseded", job=claim.name, job_id=claim.job_id, attempt=claim.attempt)
        return
    try:
        await _run(job, claim, envelope, context)
        if context is not None:
            await end_context(db, context, status="succeeded")
    except AttemptSuperseded:
        log.warning("job_superseded", job=claim.name, job_id=claim.job_id, attempt=claim.attempt)
    except JobCancelled as error:
        if context is not None:
            await end_context(db, context, status="cancelled", error=error)
        raise
    except asyncio.CancelledError:
        if context is not None:
            await asyncio.shield(_requeue(db, context, message="The worker was stopped; another attempt follows."))
        raise
    except Exception as error:  # noqa: BLE001 - a job may fail in any way
        await _after_failure(db, job, claim, context, error)


async def _run(job: Job | None, claim: Claim, envelope: Envelope | None, context: JobContext | None) -> None:
    """The job itself, once everything about it is known to be in order."""
    if job is None:
        raise JobUnknown(name=claim.name)
    if envelope is None or context is None:
        raise JobArgsInvalid(name=claim.name, reason="they are not an envelope of tenant, operation and arguments")
    if claim.attempts >= job.attempts_max:
        raise JobExhausted(name=claim.name, attempts=claim.attempts)
    args = _arguments(job, envelope)
    if context.cancel_requested:
        raise JobCancelled
    await job.run(context, args)


async def _begin(db: Database, claim: Claim, envelope: Envelope, settings: JobSettings) -> JobContext | None:
    """The context of this attempt; None where it is not the current one, or the operation has ended."""
    started = None
    if envelope.tenant_id is not None:
        async with db.tenant(envelope.tenant_id) as tx:
            if not await store.hold_attempt(tx, job_id=claim.job_id, attempt=claim.attempt):
                return None
            if envelope.operation_id is not None:
                started = await store.start_attempt(tx, operation_id=envelope.operation_id, attempt=claim.attempt)
                if started is None:
                    return None
    return JobContext(
        db,
        tenant_id=envelope.tenant_id,
        operation_id=envelope.operation_id,
        job_id=claim.job_id,
        attempt=claim.attempt,
        progress_interval_s=settings.progress_interval_s,
        started=started,
    )


async def _after_failure(
    db: Database, job: Job | None, claim: Claim, context: JobContext | None, error: Exception
) -> None:
    """Put the operation back for another attempt, or end it; then tell the queue by raising."""
    # What is rejected once is rejected always; everything else may go well next time.
    is_last = job is None or claim.attempt >= job.attempts_max or isinstance(error, Rejected | JobExhausted)
    # A fact says itself what happened; of anything else the place is wanted.
    said = {"reason": error.message} if isinstance(error, Fact) else {"exc_info": error}
    log.warning("job_failed", job=claim.name, job_id=claim.job_id, attempt=claim.attempt, is_last=is_last, **said)
    if is_last:
        if context is not None:
            await end_context(db, context, status="failed", error=error)
        raise JobFailed(name=claim.name) from error
    if context is not None:
        reason = error.message if isinstance(error, Fact) else type(error).__name__
        await _requeue(db, context, message=f"Attempt {claim.attempt} failed ({reason}); another one follows.")
    raise AttemptFailed(name=claim.name) from error


async def _requeue(db: Database, context: JobContext, *, message: str) -> None:
    if context.operation_id is None or context.has_ended:
        return
    async with db.tenant(context.tenant) as tx:
        await store.requeue_operation(
            tx,
            operation_id=context.operation_id,
            attempt=context.attempt,
            message=str(redact(message))[:_MESSAGE_CHARS_MAX],
        )


def _envelope(claim: Claim) -> Envelope | None:
    try:
        return msgspec.convert(claim.payload, Envelope)
    except msgspec.ValidationError:
        return None


def _arguments(job: Job, envelope: Envelope) -> msgspec.Struct:
    try:
        return msgspec.convert(envelope.args, job.args)
    except msgspec.ValidationError as error:
        raise JobArgsInvalid(name=job.name, reason=error) from error
