"""Answers to whole clusters, and how their deliveries stand."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import QueryParameter

from likewise.apps.inbox import service
from likewise.apps.inbox.api.shared import TAGS, Limit
from likewise.apps.inbox.model import DeliveryState
from likewise.apps.inbox.views import (
    ActionBody,
    ActionDetail,
    ActionView,
    DeliveryView,
    PreviewBody,
    PreviewView,
    action_view,
    delivery_view,
    reply_view,
)
from likewise.platform.feature import App
from likewise.platform.ids import decode_id
from likewise.platform.tenancy import Caller
from likewise.platform.web import Cursors, Page, readers, writers

__all__ = ["ROUTES"]

_DELIVERIES = "inbox/deliveries"


@post(
    "/inbox/clusters/{cluster_id:str}/preview",
    tags=TAGS,
    guards=[readers],
    operation_id="preview_inbox_answer",
    summary="Look at an answer before it is given",
    status_code=200,
)
async def preview_answer(
    app: App,
    caller: Caller,
    cursors: Cursors,
    cluster_id: str,
    data: PreviewBody,
    limit: Limit = 50,
    after: str | None = None,
) -> PreviewView:
    """What each message would be answered, newest first; nothing is written."""
    listing = f"inbox/preview/{cluster_id}"
    before = UUID(cursors.read(caller.tenant_id, listing, after)) if after else service.LAST_ID
    found = await service.preview_answer(
        app,
        caller.tenant_id,
        cluster_id=decode_id("clu", cluster_id),
        response_text=data.response_text,
        exceptions=[decode_id("msg", one) for one in data.exceptions],
        before=before,
        limit=limit + 1,
    )
    page, more = found.replies[:limit], len(found.replies) > limit
    return PreviewView(
        data=[reply_view(reply) for reply in page],
        message_count=found.message_count,
        has_more=more,
        next_cursor=cursors.sign(caller.tenant_id, listing, str(page[-1].message.id)) if more else None,
    )


@post(
    "/inbox/clusters/{cluster_id:str}/action",
    tags=TAGS,
    guards=[writers],
    operation_id="action_inbox_cluster",
    summary="Answer a cluster",
    status_code=200,
)
async def action_cluster(app: App, caller: Caller, cluster_id: str, data: ActionBody) -> ActionView:
    """Answers every message that has no answer yet, in one transaction. It leaves a little later; until then it can be
    undone. Of two people who answer at once the second is told."""
    made = await service.answer_cluster(
        app,
        caller.tenant_id,
        cluster_id=decode_id("clu", cluster_id),
        response_text=data.response_text,
        exceptions=[decode_id("msg", one) for one in data.exceptions],
        answers_late=data.answers_late,
        expected_count=data.expected_count,
        actor=service.actor_of(caller),
    )
    return action_view(made)


@get(
    "/inbox/clusters/{cluster_id:str}/actions",
    tags=TAGS,
    guards=[readers],
    operation_id="list_inbox_actions",
    summary="A cluster's answers",
)
async def list_actions(
    app: App, caller: Caller, cursors: Cursors, cluster_id: str, limit: Limit = 50, after: str | None = None
) -> Page[ActionView]:
    """Newest first."""
    listing = f"inbox/actions/{cluster_id}"
    before = UUID(cursors.read(caller.tenant_id, listing, after)) if after else service.LAST_ID
    found = await service.list_actions(
        app, caller.tenant_id, cluster_id=decode_id("clu", cluster_id), before=before, limit=limit + 1
    )
    page, more = found[:limit], len(found) > limit
    return Page(
        data=[action_view(action) for action in page],
        has_more=more,
        next_cursor=cursors.sign(caller.tenant_id, listing, str(page[-1].id)) if more else None,
    )


@get(
    "/inbox/actions/{action_id:str}",
    tags=TAGS,
    guards=[readers],
    operation_id="get_inbox_action",
    summary="Show an answer",
)
async def get_action(app: App, caller: Caller, action_id: str) -> ActionDetail:
    """With how its deliveries stand."""
    wanted = decode_id("act", action_id)
    view = action_view(await service.get_action(app, caller.tenant_id, action_id=wanted))
    counts = await service.count_deliveries(app, caller.tenant_id, action_id=wanted)
    return ActionDetail(**msgspec.structs.asdict(view), deliveries=counts)


@post(
    "/inbox/actions/{action_id:str}/undo",
    tags=TAGS,
    guards=[writers],
    operation_id="undo_inbox_action",
    summary="Take an answer back",
    status_code=200,
)
async def undo_action(app: App, caller: Caller, action_id: str) -> ActionView:
    """Nothing of it is sent, if nothing has left yet; the cluster is open again."""
    return action_view(await service.undo_answer(app, caller.tenant_id, action_id=decode_id("act", action_id)))


@get("/inbox/deliveries", tags=TAGS, guards=[readers], operation_id="list_inbox_deliveries", summary="List deliveries")
async def list_deliveries(
    app: App,
    caller: Caller,
    cursors: Cursors,
    action: str | None = None,
    in_state: Annotated[DeliveryState | None, QueryParameter(name="state", description="how they stand")] = None,
    limit: Limit = 50,
    after: str | None = None,
) -> Page[DeliveryView]:
    """Newest first; of one answer, in one state. `state=ready` is what you fetch for channels without an address."""
    listing = f"{_DELIVERIES}/{action}/{in_state}"
    before = UUID(cursors.read(caller.tenant_id, listing, after)) if after else service.LAST_ID
    found = await service.list_deliveries(
        app,
        caller.tenant_id,
        action_id=None if action is None else decode_id("act", action),
        state=in_state,
        before=before,
        limit=limit + 1,
    )
    page, more = found[:limit], len(found) > limit
    return Page(
        data=[delivery_view(delivery) for delivery in page],
        has_more=more,
        next_cursor=cursors.sign(caller.tenant_id, listing, str(page[-1].id)) if more else None,
    )


@post(
    "/inbox/deliveries/{delivery_id:str}/retry",
    tags=TAGS,
    guards=[writers],
    operation_id="retry_inbox_delivery",
    summary="Send a failed delivery again",
    status_code=200,
)
async def retry_delivery(app: App, caller: Caller, delivery_id: str) -> DeliveryView:
    """At once, whatever the pause would be."""
    wanted = decode_id("dlv", delivery_id)
    return delivery_view(await service.retry_delivery(app, caller.tenant_id, delivery_id=wanted))


@post(
    "/inbox/deliveries/{delivery_id:str}/acknowledge",
    tags=TAGS,
    guards=[writers],
    operation_id="acknowledge_inbox_delivery",
    summary="Say that a ready delivery was passed on",
    status_code=200,
)
async def acknowledge_delivery(app: App, caller: Caller, delivery_id: str) -> DeliveryView:
    """It counts as delivered from now on."""
    wanted = decode_id("dlv", delivery_id)
    return delivery_view(await service.acknowledge_delivery(app, caller.tenant_id, delivery_id=wanted))


ROUTES = (
    preview_answer,
    action_cluster,
    list_actions,
    get_action,
    undo_action,
    list_deliveries,
    retry_delivery,
    acknowledge_delivery,
)
