"""What users watch: list, get, follow, cancel; and operations that run without a job, in the foreground."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from likewise.platform.config import Settings
from likewise.platform.db import Database, Tx
from likewise.platform.errors import Fact
from likewise.platform.ids import encode_id, new_id
from likewise.platform.jobs import store
from likewise.platform.jobs.context import JobContext
from likewise.platform.jobs.errors import JobCancelled, OperationAbandoned, OperationEnded, OperationNotFound
from likewise.platform.jobs.model import Operation, OperationError, OperationStatus, Progress
from likewise.platform.jobs.settings import JobSettings
from likewise.platform.telemetry import redact

__all__ = [
    "cancel_operation",
    "end_context",
    "error_of",
    "fail_abandoned",
    "foreground",
    "get_operation",
    "list_operations",
    "watch_operation",
]

_PAGE_MAX = 1000
_DETAIL_CHARS_MAX = 1000
_LAST_ID = UUID(int=2**128 - 1)


async def get_operation(tx: Tx, operation_id: UUID) -> Operation:
    """The operation with this id. Raises OperationNotFound."""
    found = await store.find_operation(tx, operation_id=operation_id)
    if found is None:
        raise OperationNotFound(id=encode_id("opr", operation_id))
    return found


async def list_operations(tx: Tx, *, before: UUID | None = None, limit: int = 50) -> list[Operation]:
    """One page of the tenant's operations, newest first; `before` is the last id of the page before."""
    return await store.list_operations(tx, before=before or _LAST_ID, limit=min(limit, _PAGE_MAX))


async def cancel_operation(tx: Tx, operation_id: UUID) -> None:
    """Ask an operation to stop at its next checkpoint; one that has not begun never will.

    Raises OperationNotFound, OperationEnded.
    """
    if not await store.cancel_operation(tx, operation_id=operation_id):
        found = await get_operation(tx, operation_id)
        raise OperationEnded(status=found.status)


async def watch_operation(
    db: Database, tenant_id: UUID, operation_id: UUID, *, settings: JobSettings | None = None
) -> AsyncIterator[Operation]:
    """The operation now, then each time it has changed, until it has ended. Holds no connection in between.

    Raises OperationNotFound.
    """
    interval_s = (settings or Settings().get(JobSettings)).watch_interval_s
    seen: Operation | None = None
    while seen is None or not seen.has_ended:
        if seen is not None:
            await asyncio.sleep(interval_s)
        async with db.tenant(tenant_id, read_only=True) as tx:
            now = await get_operation(tx, operation_id)
        if now != seen:
            yield now
        seen = now


@asynccontextmanager
async def foreground(
    db: Database,
    tenant_id: UUID,
    *,
    kind: str,
    total: int | None = None,
    unit: str = "",
    settings: JobSettings | None = None,
) -> AsyncGenerator[JobContext, None]:
    """An operation that this process works on itself; others can watch and cancel it.

    It succeeds, fails or is cancelled with the block. `context.finish` gives it a result.
    """
    section = settings or Settings().get(JobSettings)
    operation_id = new_id()
    async with db.tenant(tenant_id) as tx:
        await store.insert_operation(
            tx,
            operation_id=operation_id,
            kind=kind,
            job_id=None,
            status="running",
            attempt=1,
            progress=Progress(total=total, unit=unit),
        )
    context = JobContext(
        db,
        tenant_id=tenant_id,
        operation_id=operation_id,
        job_id=None,
        attempt=1,
        progress_interval_s=section.progress_interval_s,
    )
    await context.progress(total=total, unit=unit)
    try:
        yield context
    except JobCancelled as error:
        await end_context(db, context, status="cancelled", error=error)
        raise
    except BaseException as error:
        await asyncio.shield(end_context(db, context, status="failed", error=error))
        raise
    await end_context(db, context, status="succeeded")


async def end_context(
    db: Database, context: JobContext, *, status: OperationStatus, error: BaseException | None = None
) -> bool:
    """Write the end of an attempt; False where it had ended or was taken over."""
    if context.operation_id is None or context.has_ended:
        return False
    progress, message = context.state()
    async with db.tenant(context.tenant) as tx:
        return await store.end_operation(
            tx,
            operation_id=context.operation_id,
            attempt=context.attempt,
            status=status,
            progress=progress,
            message=message,
            error=None if error is None else error_of(error),
        )


async def fail_abandoned(db: Database, settings: JobSettings) -> int:
    """Give up foreground operations whose process is gone; how many."""
    error = error_of(OperationAbandoned())
    async with db.maintenance() as tx:
        silent = await store.list_silent_operations(tx, silent_s=settings.abandoned_after_s, limit=_PAGE_MAX)
    failed = 0
    for operation in silent:
        async with db.tenant(operation.tenant_id) as tx:
            found = await get_operation(tx, operation.id)
            failed += await store.end_operation(
                tx,
                operation_id=operation.id,
                attempt=operation.attempt,
                status="failed",
                progress=found.progress,
                message=found.message,
                error=error,
            )
    return failed


def error_of(error: BaseException) -> OperationError:
    """An exception as people may see it; what is not a fact of ours keeps its details to the log."""
    if isinstance(error, Fact):
        return OperationError(code=error.code, detail=str(redact(error.message))[:_DETAIL_CHARS_MAX])
    return OperationError(
        code="internal", detail=f"The program failed unexpectedly ({type(error).__name__}); the worker's log says more."
    )
