"""`/api/v1/collections`: made, listed, changed, deleted; and what their facets hold."""

from typing import Annotated

from litestar import delete, get, patch, post
from litestar.params import Parameter

from likewise.engine.collections import service
from likewise.engine.collections.service import FacetSummary
from likewise.engine.collections.views import CollectionBody, CollectionPatch, CollectionView, collection_view
from likewise.platform.feature import App
from likewise.platform.tenancy import Caller
from likewise.platform.web import Cursors, Page, admin_only, readers, writers

__all__ = ["ROUTES"]

_TAGS = ["collections"]
Limit = Annotated[int, Parameter(ge=1, le=200, description="rows in one page")]


@get("/collections", tags=_TAGS, guards=[readers], operation_id="list_collections", summary="List collections")
async def list_collections(
    app: App, caller: Caller, cursors: Cursors, limit: Limit = 100, after: str | None = None
) -> Page[CollectionView]:
    """Collections by name, with how many items each has and how many still wait for their vector."""
    position = cursors.read(caller.tenant_id, "collections", after) if after else ""
    found = await service.list_collections(app, caller.tenant_id, after=position, limit=limit + 1)
    page = found[:limit]
    more = len(found) > limit
    return Page(
        data=[collection_view(one) for one in page],
        has_more=more,
        next_cursor=cursors.sign(caller.tenant_id, "collections", page[-1].name) if more else None,
    )


@post("/collections", tags=_TAGS, guards=[writers], operation_id="create_collection", summary="Make a collection")
async def create_collection(app: App, caller: Caller, data: CollectionBody) -> CollectionView:
    """A new, empty collection. Its facets may also be declared by the first items that have them."""
    made = await service.create_collection(
        app,
        caller.tenant_id,
        name=data.name,
        facets=data.facets,
        language=data.language,
        metadata=data.metadata,
    )
    return collection_view(made)


@get(
    "/collections/{name:str}", tags=_TAGS, guards=[readers], operation_id="get_collection", summary="Show a collection"
)
async def get_collection(app: App, caller: Caller, name: str) -> CollectionView:
    """One collection."""
    return collection_view(await service.get_collection(app, caller.tenant_id, name=name))


@patch(
    "/collections/{name:str}",
    tags=_TAGS,
    guards=[writers],
    operation_id="update_collection",
    summary="Change a collection's declaration",
)
async def update_collection(app: App, caller: Caller, name: str, data: CollectionPatch) -> CollectionView:
    """Declare more facets, or change language or metadata. A declared facet keeps its kind."""
    changed = await service.update_collection(
        app, caller.tenant_id, name=name, facets=data.facets, language=data.language, metadata=data.metadata
    )
    return collection_view(changed)


@delete(
    "/collections/{name:str}",
    tags=_TAGS,
    guards=[admin_only],
    operation_id="delete_collection",
    summary="Delete a collection and all its items",
    status_code=200,
)
async def delete_collection(app: App, caller: Caller, name: str) -> dict[str, int]:
    """Removes items, passages, vectors and what was derived from them; answers with a receipt."""
    return await service.delete_collection(app, caller.tenant_id, name=name)


@get(
    "/collections/{name:str}/facets",
    tags=_TAGS,
    guards=[readers],
    operation_id="list_facets",
    summary="What a collection's facets hold",
)
async def list_facets(
    app: App, caller: Caller, name: str, names: str | None = None, limit: Limit = 20
) -> Page[FacetSummary]:
    """The commonest values of keyword facets with their counts, the ends of number and time facets.

    `names`: a comma-separated choice. Author and category appear as `$author` and `$category`.
    """
    wanted = [part.strip() for part in names.split(",") if part.strip()] if names else None
    return Page(data=await service.list_facets(app, caller.tenant_id, collection=name, names=wanted, limit=limit))


ROUTES = (list_collections, create_collection, get_collection, update_collection, delete_collection, list_facets)
