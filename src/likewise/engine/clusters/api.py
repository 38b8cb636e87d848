"""`/api/v1/clusters/{collection}`: group a collection, look at its clusters, change them, undo that, the map."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from litestar import delete, get, patch, post, put
from litestar.params import Parameter

from likewise.engine.clusters import service
from likewise.engine.clusters.model import ClusterOrder, GroupingOptions
from likewise.engine.clusters.settings import ClustersSettings
from likewise.engine.clusters.views import (
    ChangeView,
    ClusterDetail,
    ClusterPatch,
    ClusterView,
    GroupingView,
    MapView,
    MemberView,
    MergeBody,
    MoveBody,
    Undone,
    change_view,
    cluster_detail,
    cluster_view,
    grouping_view,
    map_view,
    member_view,
)
from likewise.engine.collections import parse_filter
from likewise.platform.feature import App
from likewise.platform.ids import decode_id
from likewise.platform.tenancy import Caller
from likewise.platform.views import Started, started
from likewise.platform.web import Cursors, Page, readers, writers

__all__ = ["ROUTES"]

_TAGS: Sequence[str] = ("clusters",)
_LISTED_EXEMPLARS = 3
_IDS_MAX = 200
Limit = Annotated[int, Parameter(ge=1, le=200, description="rows in one page")]


@put(
    "/clusters/{collection:str}",
    tags=_TAGS,
    guards=[writers],
    operation_id="group_collection",
    summary="Group a collection",
    status_code=202,
)
async def group_collection(app: App, caller: Caller, collection: str, data: GroupingOptions) -> Started:
    """From now on items find their clusters as they arrive; those that are there do so in an operation to watch.

    Without a threshold the grouping fits itself to the collection. Asked again, it takes the new options.
    """
    operation = await service.group_collection(app, caller.tenant_id, collection=collection, options=data)
    return started(operation)


@get(
    "/clusters/{collection:str}",
    tags=_TAGS,
    guards=[readers],
    operation_id="get_grouping",
    summary="How a collection is grouped",
)
async def get_grouping(app: App, caller: Caller, collection: str) -> GroupingView:
    """Its options, and what the last refinement fitted."""
    return grouping_view(await service.get_grouping(app, caller.tenant_id, collection=collection))


@patch(
    "/clusters/{collection:str}",
    tags=_TAGS,
    guards=[writers],
    operation_id="regroup_collection",
    summary="Change how a collection is grouped",
)
async def regroup_collection(app: App, caller: Caller, collection: str, data: GroupingOptions) -> GroupingView:
    """What arrives follows at once, what is there with the next refinement."""
    return grouping_view(await service.regroup_collection(app, caller.tenant_id, collection=collection, options=data))


@delete(
    "/clusters/{collection:str}",
    tags=_TAGS,
    guards=[writers],
    operation_id="ungroup_collection",
    summary="Forget a collection's clusters",
    status_code=200,
)
async def ungroup_collection(app: App, caller: Caller, collection: str) -> dict[str, int]:
    """The items stay; their clusters, changes and the map go."""
    return {"texts": await service.ungroup_collection(app, caller.tenant_id, collection=collection)}


@get(
    "/clusters/{collection:str}/list",
    tags=_TAGS,
    guards=[readers],
    operation_id="list_clusters",
    summary="List clusters",
)
async def list_clusters(
    app: App,
    caller: Caller,
    cursors: Cursors,
    collection: str,
    order: ClusterOrder = "size",
    size_min: Annotated[int | None, Parameter(ge=1, description="items a cluster has at least")] = None,
    limit: Limit = 50,
    after: str | None = None,
) -> Page[ClusterView]:
    """Clusters by size, by trend or by their newest item, each with three of its exemplars."""
    listing = f"clusters/{collection}/{order}/{size_min}"
    start = int(cursors.read(caller.tenant_id, listing, after)) if after else 0
    found = await service.list_clusters(
        app,
        caller.tenant_id,
        collection=collection,
        order=order,
        size_min=size_min,
        start=start,
        limit=limit + 1,
    )
    page = found[:limit]
    exemplars = await service.list_exemplars(
        app, caller.tenant_id, collection=collection, clusters=page, count=_LISTED_EXEMPLARS
    )
    now, days = app.clock.now(), app.settings.get(ClustersSettings).trend_days
    more = len(found) > limit
    return Page(
        data=[cluster_view(one, exemplars, now=now, trend_days=days, count=_LISTED_EXEMPLARS) for one in page],
        has_more=more,
        next_cursor=cursors.sign(caller.tenant_id, listing, str(start + limit)) if more else None,
    )


@get(
    "/clusters/{collection:str}/map",
    tags=_TAGS,
    guards=[readers],
    operation_id="list_map_points",
    summary="The map's points",
)
async def list_map_points(
    app: App,
    caller: Caller,
    cursors: Cursors,
    collection: str,
    limit: Annotated[int, Parameter(ge=1, le=100_000, description="points in one page")] = 20_000,
    after: str | None = None,
) -> MapView:
    """A point for each distinct text, in columns; x and y lie within -1 and 1 and stay between refinements."""
    listing = f"map/{collection}"
    start = UUID(cursors.read(caller.tenant_id, listing, after)) if after else None
    points = await service.list_points(app, caller.tenant_id, collection=collection, after=start, limit=limit + 1)
    page = points[:limit]
    more = len(points) > limit
    cursor = cursors.sign(caller.tenant_id, listing, str(page[-1].item_id)) if more else None
    return map_view(page, next_cursor=cursor)


@get(
    "/clusters/{collection:str}/items",
    tags=_TAGS,
    guards=[readers],
    operation_id="list_grouped_items",
    summary="Items by their ids",
)
async def list_grouped_items(
    app: App,
    caller: Caller,
    collection: str,
    ids: Annotated[str, Parameter(description="ids of items, itm_..., with commas between; at most 200", min_length=1)],
) -> Page[MemberView]:
    """Items as the map names them, in this order, each with why it is where it is; those that went are left out."""
    wanted = [decode_id("itm", one) for one in ids.split(",")[:_IDS_MAX]]
    found = await service.list_items_by_id(app, caller.tenant_id, collection=collection, item_ids=wanted)
    return Page(data=[member_view(member) for member in found])


@post(
    "/clusters/{collection:str}/refine",
    tags=_TAGS,
    guards=[writers],
    operation_id="refine_clusters",
    summary="Refine a collection's clusters",
    status_code=202,
)
async def refine_clusters(app: App, caller: Caller, collection: str) -> Started:
    """Look at the whole again: merges, splits and moves, each of which can be undone. Answers with an operation."""
    operation = await service.start_refinement(app, caller.tenant_id, collection=collection)
    return started(operation)


@get(
    "/clusters/{collection:str}/changes",
    tags=_TAGS,
    guards=[readers],
    operation_id="list_cluster_changes",
    summary="List changes of clusters",
)
async def list_cluster_changes(
    app: App, caller: Caller, cursors: Cursors, collection: str, limit: Limit = 50, after: str | None = None
) -> Page[ChangeView]:
    """What people and refinements changed, newest first."""
    listing = f"changes/{collection}"
    before = UUID(cursors.read(caller.tenant_id, listing, after)) if after else None
    found = await service.list_changes(app, caller.tenant_id, collection=collection, before=before, limit=limit + 1)
    page = found[:limit]
    more = len(found) > limit
    return Page(
        data=[change_view(change) for change in page],
        has_more=more,
        next_cursor=cursors.sign(caller.tenant_id, listing, str(page[-1].id)) if more else None,
    )


@post(
    "/clusters/{collection:str}/changes/{change_id:str}/undo",
    tags=_TAGS,
    guards=[writers],
    operation_id="undo_cluster_change",
    summary="Undo a change",
    status_code=200,
)
async def undo_cluster_change(app: App, caller: Caller, collection: str, change_id: str) -> ChangeView:
    """The texts it moved go back, where they are still where it put them."""
    change = await service.undo(app, caller.tenant_id, collection=collection, change_id=decode_id("chg", change_id))
    return change_view(change)


@post(
    "/clusters/{collection:str}/runs/{run_id:str}/undo",
    tags=_TAGS,
    guards=[writers],
    operation_id="undo_cluster_run",
    summary="Undo everything changed together",
    status_code=200,
)
async def undo_cluster_run(app: App, caller: Caller, collection: str, run_id: str) -> Undone:
    """All changes of a refinement, or of one request, that hold still."""
    return Undone(await service.undo_run(app, caller.tenant_id, collection=collection, run_id=decode_id("run", run_id)))


@get(
    "/clusters/{collection:str}/{cluster_id:str}",
    tags=_TAGS,
    guards=[readers],
    operation_id="get_cluster",
    summary="One cluster",
)
async def get_cluster(app: App, caller: Caller, collection: str, cluster_id: str) -> ClusterDetail:
    """With its exemplars, the first of which represents it, and its outliers, the furthest first."""
    cluster, exemplars, outliers = await service.show_cluster(
        app, caller.tenant_id, collection=collection, cluster_id=decode_id("clu", cluster_id)
    )
    days = app.settings.get(ClustersSettings).trend_days
    return cluster_detail(cluster, exemplars, outliers, now=app.clock.now(), trend_days=days)


@patch(
    "/clusters/{collection:str}/{cluster_id:str}",
    tags=_TAGS,
    guards=[writers],
    operation_id="change_cluster",
    summary="Lock or name a cluster",
)
async def change_cluster(
    app: App, caller: Caller, collection: str, cluster_id: str, data: ClusterPatch
) -> ClusterDetail:
    """A locked cluster still takes in what arrives, but no refinement and no merge touches it."""
    wanted = decode_id("clu", cluster_id)
    await service.set_state(
        app, caller.tenant_id, collection=collection, cluster_id=wanted, is_locked=data.is_locked, name=data.name
    )
    return await _detail(app, caller, collection, wanted)


@get(
    "/clusters/{collection:str}/{cluster_id:str}/items",
    tags=_TAGS,
    guards=[readers],
    operation_id="list_cluster_items",
    summary="A cluster's items",
)
async def list_cluster_items(
    app: App,
    caller: Caller,
    cursors: Cursors,
    collection: str,
    cluster_id: str,
    limit: Limit = 50,
    after: str | None = None,
    filter: Annotated[  # noqa: A002 - the word of a search
        str | None, Parameter(description="a filter as JSON, as a search takes it")
    ] = None,
) -> Page[MemberView]:
    """In the order they came, each with why it is here."""
    listing = f"cluster/{collection}/{cluster_id}/{filter}"
    start = UUID(cursors.read(caller.tenant_id, listing, after)) if after else None
    found = await service.list_items(
        app,
        caller.tenant_id,
        collection=collection,
        cluster_id=decode_id("clu", cluster_id),
        after=start,
        limit=limit + 1,
        filter=parse_filter(filter),
    )
    page = found[:limit]
    more = len(found) > limit
    return Page(
        data=[member_view(member) for member in page],
        has_more=more,
        next_cursor=cursors.sign(caller.tenant_id, listing, str(page[-1].item_id)) if more else None,
    )


@post(
    "/clusters/{collection:str}/{cluster_id:str}/merge",
    tags=_TAGS,
    guards=[writers],
    operation_id="merge_cluster",
    summary="Merge a cluster into another",
    status_code=200,
)
async def merge_cluster(app: App, caller: Caller, collection: str, cluster_id: str, data: MergeBody) -> ClusterDetail:
    """Everything of this cluster goes to the other, whose id stays."""
    into = decode_id("clu", data.into)
    await service.merge(
        app, caller.tenant_id, collection=collection, cluster_id=decode_id("clu", cluster_id), into_id=into
    )
    return await _detail(app, caller, collection, into)


@post(
    "/clusters/{collection:str}/{cluster_id:str}/move",
    tags=_TAGS,
    guards=[writers],
    operation_id="move_cluster_items",
    summary="Split items off, or move them",
    status_code=200,
)
async def move_cluster_items(
    app: App, caller: Caller, collection: str, cluster_id: str, data: MoveBody
) -> ClusterDetail:
    """The items, and all others with the same text, go to another cluster or begin one; the answer is that cluster."""
    made = await service.move_items(
        app,
        caller.tenant_id,
        collection=collection,
        cluster_id=decode_id("clu", cluster_id),
        keys=data.keys,
        into_id=None if data.into is None else decode_id("clu", data.into),
    )
    return await _detail(app, caller, collection, made.id)


async def _detail(app: App, caller: Caller, collection: str, cluster_id: UUID) -> ClusterDetail:
    found = await service.show_cluster(app, caller.tenant_id, collection=collection, cluster_id=cluster_id)
    days = app.settings.get(ClustersSettings).trend_days
    return cluster_detail(*found, now=app.clock.now(), trend_days=days)


ROUTES = (
    group_collection,
    get_grouping,
    regroup_collection,
    ungroup_collection,
    list_clusters,
    list_map_points,
    list_grouped_items,
    refine_clusters,
    list_cluster_changes,
    undo_cluster_change,
    undo_cluster_run,
    get_cluster,
    change_cluster,
    list_cluster_items,
    merge_cluster,
    move_cluster_items,
)
