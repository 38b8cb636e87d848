"""`/api/v1/jobs`: the queue behind operations, the schedules, and events nobody could digest."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import Parameter

from likewise.http.guards import operator_only
from likewise.platform.errors import FieldError, Rejected
from likewise.platform.events import list_dead_letters, retry_dead_letters
from likewise.platform.feature import App
from likewise.platform.ids import decode_id, encode_id
from likewise.platform.jobs import ScheduleState, list_schedules, run_now
from likewise.platform.tenancy import Caller
from likewise.platform.web import Cursors, Page, admin_only, readers

__all__ = ["ROUTES"]

_TAGS = ["jobs"]
_RETRY_MAX = 1000
Limit = Annotated[int, Parameter(ge=1, le=200, description="rows in one page")]


class TooManyIds(Rejected):
    """At most {ids_max} ids are taken at once."""


class JobView(msgspec.Struct, frozen=True):
    """One waiting, running or recently ended job."""

    id: int
    name: str
    status: str
    attempts: int
    scheduled_at: datetime | None
    operation_id: str | None


class JobStarted(msgspec.Struct, frozen=True):
    """The job that was put into the queue."""

    job: int


class DeadLetterView(msgspec.Struct, frozen=True):
    """An event that a consumer could not digest, and why."""

    id: str
    consumer: str
    type: str
    reason: str
    attempts: int
    created_at: datetime


class RetryBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which dead letters."""

    ids: Annotated[list[str], msgspec.Meta(min_length=1)]


class LettersRetried(msgspec.Struct, frozen=True):
    """How many are tried again."""

    retried: int


@get("/jobs", tags=_TAGS, guards=[readers], operation_id="list_jobs", summary="List jobs")
async def list_jobs(
    app: App, caller: Caller, cursors: Cursors, limit: Limit = 50, after: str | None = None
) -> Page[JobView]:
    """The tenant's jobs, newest first."""
    before = int(cursors.read(caller.tenant_id, "jobs", after)) if after else None
    async with app.db.maintenance() as tx:
        found = await app.jobs.list_jobs(tx, caller.tenant_id, before=before, limit=limit + 1)
    page, more = found[:limit], len(found) > limit
    return Page(
        data=[
            JobView(
                id=job.id,
                name=job.name,
                status=job.status,
                attempts=job.attempts,
                scheduled_at=job.scheduled_at,
                operation_id=None if job.operation_id is None else encode_id("opr", UUID(job.operation_id)),
            )
            for job in page
        ],
        has_more=more,
        next_cursor=cursors.sign(caller.tenant_id, "jobs", str(page[-1].id)) if more else None,
    )


@get("/jobs/schedules", tags=_TAGS, guards=[readers], operation_id="list_schedules", summary="List schedules")
async def schedules(app: App) -> Page[ScheduleState]:
    """What comes due by the calendar, when it last did and when it next will."""
    return Page(data=await list_schedules(app.db, app.jobs))


@post(
    "/jobs/schedules/{name:str}/run",
    tags=_TAGS,
    guards=[operator_only],
    operation_id="run_schedule",
    summary="Run a schedule now",
    status_code=202,
)
async def run_schedule(app: App, name: str) -> JobStarted:
    """Put a schedule's job into the queue, whatever its calendar says."""
    return JobStarted(job=await run_now(app.db, app.jobs, name))


@get(
    "/jobs/dead_letters",
    tags=_TAGS,
    guards=[readers],
    operation_id="list_dead_letters",
    summary="List events nobody could digest",
)
async def dead_letters(
    app: App, caller: Caller, cursors: Cursors, limit: Limit = 50, after: str | None = None
) -> Page[DeadLetterView]:
    """Events that a consumer gave up, oldest first, with the reason."""
    start = UUID(cursors.read(caller.tenant_id, "dead_letters", after)) if after else None
    async with app.db.tenant(caller.tenant_id, read_only=True) as tx:
        found = await list_dead_letters(tx, after=start, limit=limit + 1)
    page, more = found[:limit], len(found) > limit
    return Page(
        data=[
            DeadLetterView(encode_id("ltr", one.id), one.consumer, one.type, one.reason, one.attempts, one.created_at)
            for one in page
        ],
        has_more=more,
        next_cursor=cursors.sign(caller.tenant_id, "dead_letters", str(page[-1].id)) if more else None,
    )


@post(
    "/jobs/dead_letters/retry",
    tags=_TAGS,
    guards=[admin_only],
    operation_id="retry_dead_letters",
    summary="Try dead letters again",
    status_code=200,
)
async def retry(app: App, caller: Caller, data: RetryBody) -> LettersRetried:
    """Publish these events again, each for the consumer that gave it up."""
    if len(data.ids) > _RETRY_MAX:
        raise TooManyIds(ids_max=_RETRY_MAX, errors=[FieldError("/ids", "too many")])
    ids = [decode_id("ltr", one) for one in data.ids]
    async with app.db.tenant(caller.tenant_id) as tx:
        return LettersRetried(retried=await retry_dead_letters(tx, ids))


ROUTES = (list_jobs, schedules, run_schedule, dead_letters, retry)
