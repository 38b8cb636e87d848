"""`/api/v1/operations`: what takes a while, to be listed, watched and cancelled."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import HeaderParameter, Parameter
from litestar.response import Stream

from likewise.http.settings import HttpSettings
from likewise.http.surface import Surface
from likewise.platform.feature import App
from likewise.platform.ids import decode_id
from likewise.platform.jobs import (
    Operation,
    cancel_operation,
    get_operation,
    list_operations,
    watch_operation,
)
from likewise.platform.tenancy import Caller
from likewise.platform.views import OperationView, operation_view
from likewise.platform.web import Cursors, Page, readers, writers

__all__ = ["ROUTES"]

_TAGS = ["operations"]
_LISTING = "operations"
Limit = Annotated[int, Parameter(ge=1, le=200, description="rows in one page")]
OperationId = Annotated[str, Parameter(description="an operation's id, opr_...")]
_HEARTBEAT = b": still here\n\n"


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
    surface: Surface,
    operation_id: OperationId,
    last_event_id: Annotated[
        str | None, HeaderParameter(name="Last-Event-ID", description="the last event seen; it is not sent again")
    ] = None,
) -> Stream:
    """Server-sent events: `progress` with the operation each time it changes, then `end`. Signs of life in between.

    After an interruption send the last event's id as `Last-Event-ID`. No database connection is held meanwhile.
    """
    found = decode_id("opr", operation_id)
    async with app.db.tenant(caller.tenant_id, read_only=True) as tx:
        await get_operation(tx, found)  # a missing one is a plain 404, not a broken stream
    events = _events(app, surface, caller.tenant_id, found, seen=last_event_id)
    return Stream(
        events, media_type="text/event-stream", headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )


async def _events(
    app: App, surface: Surface, tenant_id: UUID, operation_id: UUID, *, seen: str | None
) -> AsyncIterator[bytes]:
    heartbeat_s = app.settings.get(HttpSettings).heartbeat_s
    changes = aiter(watch_operation(app.db, tenant_id, operation_id))
    stopped = asyncio.create_task(surface.stopping.wait())
    following = asyncio.ensure_future(anext(changes, None))
    try:
        yield _HEARTBEAT  # so that the client sees at once that somebody is there
        while True:
            done, _ = await asyncio.wait({following, stopped}, timeout=heartbeat_s, return_when=asyncio.FIRST_COMPLETED)
            if stopped in done:
                return  # the client comes back with its Last-Event-ID
            if following not in done:
                yield _HEARTBEAT
                continue
            operation = following.result()
            if operation is None:
                return
            event_id, event = _event(operation)
            if event_id != seen:
                yield event
            if operation.has_ended:
                return
            following = asyncio.ensure_future(anext(changes, None))
    finally:
        for task in (following, stopped):
            task.cancel()
        await asyncio.gather(following, stopped, return_exceptions=True)


def _event(operation: Operation) -> tuple[str, bytes]:
    """An operation as an event; its id follows from what it says."""
    data = msgspec.json.encode(operation_view(operation))
    event_id = hashlib.blake2b(data, digest_size=8).hexdigest()
    name = "end" if operation.has_ended else "progress"
    return event_id, b"id: %s\nevent: %s\ndata: %s\n\n" % (event_id.encode(), name.encode(), data)


ROUTES = (list_all, get_one, cancel, watch)
