"""`/api/v1/operations`: what takes a while, to be listed, watched and cancelled."""

import hashlib
from collections.abc import AsyncGenerator, Sequence
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import HeaderParameter, Parameter
from litestar.response import Stream

from likewise.platform.feature import App
from likewise.platform.ids import decode_id
from likewise.platform.jobs import (
    Operation,
    cancel_operation,
    get_operation,
    list_operations,
    watch_operation,
)
from likewise.platform.streams import Sent, Streams
from likewise.platform.tenancy import Caller
from likewise.platform.views import OperationView, operation_view
from likewise.platform.web import Cursors, Page, readers, writers

__all__ = ["ROUTES"]

_TAGS = ["operations"]
_LISTING = "operations"
Limit = Annotated[int, Parameter(ge=1, le=200, description="rows in one page")]
OperationId = Annotated[str, Parameter(description="an operation's id, opr_...")]


@get("/operations", tags=_TAGS, guards=[readers], operation_id="list_operations", summary="List operations")
async def list_all(
    app: App, caller: Caller, cursors: Cursors, limit: Limit = 50, after: str | None = None
) -> Page[OperationView]:
    """Operations, newest first."""
    before = UUID(cursors.read(caller.tenant_id, _LISTING, after)) if after else None
    async with app.db.tenant(caller.tenant_id, read_only=True) as tx:
        found = await list_operations(tx, before=before, limit=limit + 1)
    page, more = found[:limit], len(found) > limit
    return Page(
        data=[operation_view(operation) for operation in page],
        has_more=more,
        next_cursor=cursors.sign(caller.tenant_id, _LISTING, str(page[-1].id)) if more else None,
    )


@get(
    "/operations/{operation_id:str}",
    tags=_TAGS,
    guards=[readers],
    operation_id="get_operation",
    summary="Show an operation",
)
async def get_one(app: App, caller: Caller, operation_id: OperationId) -> OperationView:
    """One operation: how far it is, and its result or error once it has ended. `Prefer: wait=N` waits for the end."""
    async with app.db.tenant(caller.tenant_id, read_only=True) as tx:
        return operation_view(await get_operation(tx, decode_id("opr", operation_id)))


@post(
    "/operations/{operation_id:str}/cancel",
    tags=_TAGS,
    guards=[writers],
    operation_id="cancel_operation",
    summary="Cancel an operation",
    status_code=200,
)
async def cancel(app: App, caller: Caller, operation_id: OperationId) -> OperationView:
    """Ask an operation to stop: one that waits never begins, one that runs stops at its next checkpoint."""
    found = decode_id("opr", operation_id)
    async with app.db.tenant(caller.tenant_id) as tx:
        await cancel_operation(tx, found)
        return operation_view(await get_operation(tx, found))


@get(
    "/operations/{operation_id:str}/events",
    tags=_TAGS,
    guards=[readers],
    operation_id="watch_operation",
    summary="Follow an operation",
    media_type="text/event-stream",
)
async def watch(
    app: App,
    caller: Caller,
    streams: Streams,
    operation_id: OperationId,
    last_event_id: Annotated[
        str | None, HeaderParameter(name="Last-Event-ID", description="the last event seen; it is not sent again")
    ] = None,
) -> Stream:
    """Server-sent events: `progress` with the operation each time it changes, then `end`. Signs of life in between.

    After an interruption send the last event's id as `Last-Event-ID`. No database connection is held meanwhile.
    """
    changes = _changes(app, caller.tenant_id, decode_id("opr", operation_id), seen=last_event_id)
    return await streams.send(caller.tenant_id, changes)


async def _changes(
    app: App, tenant_id: UUID, operation_id: UUID, *, seen: str | None
) -> AsyncGenerator[Sequence[Sent]]:
    async for operation in watch_operation(app.db, tenant_id, operation_id):
        sent = _sent(operation)
        yield [sent] if sent.id != seen else []


def _sent(operation: Operation) -> Sent:
    """An operation as an event; its id follows from what it says."""
    view = operation_view(operation)
    digest = hashlib.blake2b(msgspec.json.encode(view), digest_size=8).hexdigest()
    return Sent(event="end" if operation.has_ended else "progress", data=view, id=digest)


ROUTES = (list_all, get_one, cancel, watch)
