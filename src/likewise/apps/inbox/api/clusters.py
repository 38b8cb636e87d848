"""`/api/v1/inbox/clusters`: messages that ask the same thing, and what people change about them."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, patch, post
from litestar.params import Parameter, QueryParameter

from likewise.apps.inbox import service
from likewise.apps.inbox.api.shared import TAGS, Limit
from likewise.apps.inbox.model import Card, Change, ClusterOrder, ClusterState
from likewise.apps.inbox.views import (
    TREND_DAYS,
    ClusterChanged,
    InboxChangeView,
    InboxClusterPatch,
    InboxClusterView,
    InboxMergeBody,
    InboxMoveBody,
    MessageView,
    change_view,
    cluster_view,
    message_view,
)
from likewise.platform.feature import App
from likewise.platform.ids import decode_id
from likewise.platform.tenancy import Caller
from likewise.platform.web import Cursors, Page, kept, readers, writers

__all__ = ["ROUTES"]

_SEARCH_MAX = 100
_KEPT_S = 60.0  # a trend fades in days
_place = msgspec.json.Decoder(service.CardPlace)
_place_newest = msgspec.json.Decoder(service.MomentPlace)


class CountsView(msgspec.Struct, frozen=True):
    """How many clusters are answered, and how many are put away."""

    actioned: int
    archived: int


@get(
    "/inbox/clusters",
    tags=TAGS,
    guards=[readers],
    operation_id="list_inbox_clusters",
    summary="List clusters",
    opt=kept(service.list_tags, ttl_s=_KEPT_S, only=("state", "order", "size_min", "limit", "after")),
)
async def list_clusters(
    app: App,
    caller: Caller,
    cursors: Cursors,
    in_state: Annotated[ClusterState, QueryParameter(name="state", description="open, actioned or archived")] = "open",
    order: Annotated[ClusterOrder, Parameter(description="by size, newest message, or trend")] = "size",
    size_min: Annotated[int, Parameter(ge=1, description="messages a cluster has at least")] = 1,
    wanted: Annotated[
        str | None, QueryParameter(name="query", description="clusters whose messages a search finds, best first")
    ] = None,
    limit: Limit = 50,
    after: str | None = None,
) -> Page[InboxClusterView]:
    """Each with its size and a few messages. A search looks through every state and has one page."""
    now = app.clock.now()
    if wanted is not None and wanted.strip():
        cards = await service.search_clusters(app, caller.tenant_id, query=wanted, limit=min(limit, _SEARCH_MAX))
        return Page([cluster_view(card, now=now, trend_days=TREND_DAYS) for card in cards])
    listing = f"inbox/clusters/{in_state}/{order}/{size_min}"
    behind = None
    if after:
        text = cursors.read(caller.tenant_id, listing, after)
        behind = _place_newest.decode(text).as_place() if order == "newest" else _place.decode(text)
    found = await service.list_clusters(
        app, caller.tenant_id, state=in_state, order=order, size_min=size_min, behind=behind, limit=limit + 1
    )
    page, more = found[:limit], len(found) > limit
    cursor = None
    if more:
        position = msgspec.json.encode(service.place_of(page[-1], order)).decode()
        cursor = cursors.sign(caller.tenant_id, listing, position)
    return Page([cluster_view(card, now=now, trend_days=TREND_DAYS) for card in page], more, cursor)


@get("/inbox/counts", tags=TAGS, guards=[readers], operation_id="count_inbox_clusters", summary="Count clusters")
async def count_clusters(app: App, caller: Caller) -> CountsView:
    """How many clusters are answered, and how many are put away."""
    counts = await service.count_clusters(app, caller.tenant_id)
    return CountsView(counts.actioned, counts.archived)


@get(
    "/inbox/clusters/{cluster_id:str}",
    tags=TAGS,
    guards=[readers],
    operation_id="get_inbox_cluster",
    summary="Show a cluster",
)
async def get_cluster(app: App, caller: Caller, cluster_id: str) -> InboxClusterView:
    """One cluster."""
    card = await service.get_cluster(app, caller.tenant_id, cluster_id=decode_id("clu", cluster_id))
    return cluster_view(card, now=app.clock.now(), trend_days=TREND_DAYS)


@get(
    "/inbox/clusters/{cluster_id:str}/messages",
    tags=TAGS,
    guards=[readers],
    operation_id="list_inbox_cluster_messages",
    summary="A cluster's messages",
)
async def list_cluster_messages(
    app: App, caller: Caller, cursors: Cursors, cluster_id: str, limit: Limit = 50, after: str | None = None
) -> Page[MessageView]:
    """Newest first, each with why it is here and how its answer stands."""
    listing = f"inbox/clusters/{cluster_id}/messages"
    before = UUID(cursors.read(caller.tenant_id, listing, after)) if after else service.LAST_ID
    found = await service.list_messages_of_cluster(
        app, caller.tenant_id, cluster_id=decode_id("clu", cluster_id), before=before, limit=limit + 1
    )
    page, more = found[:limit], len(found) > limit
    return Page(
        data=[message_view(message, avatar=service.avatar_url(app, caller.tenant_id, message)) for message in page],
        has_more=more,
        next_cursor=cursors.sign(caller.tenant_id, listing, str(page[-1].id)) if more else None,
    )


@patch(
    "/inbox/clusters/{cluster_id:str}",
    tags=TAGS,
    guards=[writers],
    operation_id="change_inbox_cluster",
    summary="Change a cluster",
)
async def change_cluster(app: App, caller: Caller, cluster_id: str, data: InboxClusterPatch) -> InboxClusterView:
    """Lock it, name it, put it away or open it again; each of these can be undone. `answers_late: false` stops
    answering what joins it; to begin, answer it with `answers_late`."""
    wanted, actor = decode_id("clu", cluster_id), service.actor_of(caller)
    if data.is_locked is not None:
        await service.lock_cluster(app, caller.tenant_id, cluster_id=wanted, locked=data.is_locked, actor=actor)
    if data.name is not None:
        await service.rename_cluster(app, caller.tenant_id, cluster_id=wanted, name=data.name, actor=actor)
    if data.answers_late is not None:
        await service.set_answers_late(app, caller.tenant_id, cluster_id=wanted, wanted=data.answers_late)
    if data.state is not None:
        await service.set_cluster_state(app, caller.tenant_id, cluster_id=wanted, state=data.state, actor=actor)
    return cluster_view(
        await service.get_cluster(app, caller.tenant_id, cluster_id=wanted),
        now=app.clock.now(),
        trend_days=TREND_DAYS,
    )


@post(
    "/inbox/clusters/{cluster_id:str}/merge",
    tags=TAGS,
    guards=[writers],
    operation_id="merge_inbox_cluster",
    summary="Merge a cluster into another",
    status_code=200,
)
async def merge_cluster(app: App, caller: Caller, cluster_id: str, data: InboxMergeBody) -> ClusterChanged:
    """Every message of this cluster goes to the other, whose id stays."""
    done = await service.merge_clusters(
        app,
        caller.tenant_id,
        cluster_id=decode_id("clu", cluster_id),
        into_id=decode_id("clu", data.into),
        actor=service.actor_of(caller),
    )
    return _changed(app, done)


@post(
    "/inbox/clusters/{cluster_id:str}/move",
    tags=TAGS,
    guards=[writers],
    operation_id="move_inbox_messages",
    summary="Split messages off, or move them",
    status_code=200,
)
async def move_messages(app: App, caller: Caller, cluster_id: str, data: InboxMoveBody) -> ClusterChanged:
    """The messages, and all others that say exactly the same, go to another cluster or begin one."""
    done = await service.move_messages(
        app,
        caller.tenant_id,
        cluster_id=decode_id("clu", cluster_id),
        message_ids=[decode_id("msg", one) for one in data.messages],
        into_id=None if data.into is None else decode_id("clu", data.into),
        actor=service.actor_of(caller),
    )
    return _changed(app, done)


@get("/inbox/changes", tags=TAGS, guards=[readers], operation_id="list_inbox_changes", summary="List changes")
async def list_changes(
    app: App,
    caller: Caller,
    cursors: Cursors,
    cluster: str | None = None,
    limit: Limit = 50,
    after: str | None = None,
) -> Page[InboxChangeView]:
    """What people changed, newest first; of one cluster."""
    listing = f"inbox/changes/{cluster}"
    before = UUID(cursors.read(caller.tenant_id, listing, after)) if after else service.LAST_ID
    found = await service.list_changes(
        app,
        caller.tenant_id,
        cluster_id=None if cluster is None else decode_id("clu", cluster),
        before=before,
        limit=limit + 1,
    )
    page, more = found[:limit], len(found) > limit
    return Page(
        data=[change_view(change) for change in page],
        has_more=more,
        next_cursor=cursors.sign(caller.tenant_id, listing, str(page[-1].id)) if more else None,
    )


@post(
    "/inbox/changes/{change_id:str}/undo",
    tags=TAGS,
    guards=[writers],
    operation_id="undo_inbox_change",
    summary="Undo a change",
    status_code=200,
)
async def undo_change(app: App, caller: Caller, change_id: str) -> InboxChangeView:
    """Take back what a person changed, if nothing stands in the way since."""
    return change_view(await service.undo_change(app, caller.tenant_id, change_id=decode_id("chg", change_id)))


def _changed(app: App, done: tuple[Card, Change]) -> ClusterChanged:
    card, change = done
    return ClusterChanged(cluster_view(card, now=app.clock.now(), trend_days=TREND_DAYS), change_view(change))


ROUTES = (
    list_clusters,
    count_clusters,
    get_cluster,
    list_cluster_messages,
    change_cluster,
    merge_cluster,
    move_messages,
    list_changes,
    undo_change,
)
