"""`/api/v1/collections/{name}/items`: stored one by one or in batches, read, listed, deleted."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import MediaType, Request, delete, get, post, put
from litestar.params import Parameter

from likewise.engine.collections import logic, service
from likewise.engine.collections.errors import ItemRefused, TooManyItems
from likewise.engine.collections.model import Collection, FacetKind, Filter, ItemDraft
from likewise.engine.collections.settings import CollectionsSettings
from likewise.engine.collections.views import (
    BatchBody,
    BatchResult,
    BatchRow,
    ForgetBody,
    ItemBody,
    ItemView,
    item_view,
)
from likewise.platform.errors import Fact, FieldError
from likewise.platform.feature import App
from likewise.platform.ids import encode_id
from likewise.platform.tenancy import Caller
from likewise.platform.web import Cursors, Page, admin_only, readers, writers

__all__ = ["ROUTES"]

_TAGS = ["items"]


Limit = Annotated[int, Parameter(ge=1, le=200, description="rows in one page")]


@get("/collections/{name:str}/items", tags=_TAGS, guards=[readers], operation_id="list_items", summary="List items")
async def list_items(
    app: App,
    caller: Caller,
    cursors: Cursors,
    name: str,
    limit: Limit = 50,
    after: str | None = None,
    author: str | None = None,
    category: str | None = None,
    facet: Annotated[str | None, Parameter(description="a facet and its value: shape:triangle")] = None,
    filter: Annotated[  # noqa: A002 - the word of a search
        str | None,
        Parameter(
            description='a filter as JSON, as a search takes it: {"facets": {"shape": ["disk"]}, "author": ["ann"]}'
        ),
    ] = None,
) -> Page[ItemView]:
    """Items, newest first: all, or those that meet everything asked for."""
    wish = _read_filter(filter, author, category, facet)
    listing = f"items/{name}/{author}/{category}/{facet}/{filter}"
    before = UUID(cursors.read(caller.tenant_id, listing, after)) if after else None
    found = await service.list_items(
        app, caller.tenant_id, collection=name, before=before, limit=limit + 1, filter=wish
    )
    more = len(found) > limit
    page = found[:limit]
    return Page(
        data=[item_view(item) for item in page],
        has_more=more,
        next_cursor=cursors.sign(caller.tenant_id, listing, str(page[-1].id)) if more else None,
    )


@get(
    "/collections/{name:str}/items/{key:str}",
    tags=_TAGS,
    guards=[readers],
    operation_id="get_item",
    summary="Show an item",
)
async def get_item(app: App, caller: Caller, name: str, key: str) -> ItemView:
    """One item by its key."""
    return item_view(await service.get_item(app, caller.tenant_id, collection=name, key=key))


@put(
    "/collections/{name:str}/items/{key:str}",
    tags=_TAGS,
    guards=[writers],
    operation_id="put_item",
    summary="Store an item under its key",
)
async def put_item(app: App, caller: Caller, name: str, key: str, data: ItemBody) -> ItemView:
    """Make or replace an item. Waits, within bounds, until it can be found by meaning."""
    body = msgspec.structs.replace(data, key=key)
    target = await _declared(app, caller.tenant_id, name, [body])
    draft = _draft(app, body, target)
    results = await service.put_items(app, caller.tenant_id, collection=target, drafts=[draft], urgent=True)
    await service.settle_items(app, caller.tenant_id, item_ids=[result.id for result in results])
    return item_view(await service.get_item(app, caller.tenant_id, collection=name, key=draft.key))


@delete(
    "/collections/{name:str}/items/{key:str}",
    tags=_TAGS,
    guards=[writers],
    operation_id="delete_item",
    summary="Delete an item",
    status_code=200,
)
async def delete_item(app: App, caller: Caller, name: str, key: str) -> dict[str, int]:
    """Removes the item and all that came of it; answers with a receipt."""
    return await service.delete_item(app, caller.tenant_id, collection=name, key=key)


@post(
    "/collections/{name:str}/items:batch",
    tags=_TAGS,
    guards=[writers],
    operation_id="put_items",
    summary="Store many items",
    status_code=200,
    media_type=MediaType.JSON,
)
async def put_items(app: App, caller: Caller, name: str, request: Request[Any, Any, Any]) -> BatchResult:
    """Store items by key: a JSON object `{"items": [...]}` or NDJSON, one item a line.

    Items without a key get one made of their content. Each has its own outcome; a small batch waits until it can be
    found by meaning.
    """
    settings = app.settings.get(CollectionsSettings)
    raw = _raw_items(await request.body(), request.headers.get("content-type", ""))
    if len(raw) > settings.batch_items_max:
        raise TooManyItems(count=len(raw), count_max=settings.batch_items_max)
    rows: list[BatchRow | None] = [None] * len(raw)
    bodies = {place: body for place, one in enumerate(raw) if (body := _decoded(one, rows, place)) is not None}
    target = await _declared(app, caller.tenant_id, name, list(bodies.values()))
    drafts: dict[int, ItemDraft] = {}
    for place, body in bodies.items():
        try:
            drafts[place] = _draft(app, body, target)
        except Fact as fact:
            rows[place] = BatchRow(status="rejected", key=body.key, error=fact.message)
    is_small = len(drafts) <= settings.wait_items_max
    results = await service.put_items(
        app, caller.tenant_id, collection=target, drafts=list(drafts.values()), urgent=is_small
    )
    by_key = {result.key: result for result in results}
    for place, draft in drafts.items():
        result = by_key[draft.key]
        rows[place] = BatchRow(status=result.status.value, key=result.key, id=encode_id("itm", result.id))
    searchable = is_small and await service.settle_items(
        app, caller.tenant_id, item_ids=[result.id for result in results]
    )
    return BatchResult(data=[row for row in rows if row is not None], searchable=searchable)


@post("/forget", tags=_TAGS, guards=[admin_only], operation_id="forget", summary="Forget an author", status_code=200)
async def forget(app: App, caller: Caller, data: ForgetBody) -> dict[str, int]:
    """Removes everything one author wrote, in every collection; answers with a receipt."""
    return await service.forget_author(app, caller.tenant_id, author=data.author)


def _read_filter(text: str | None, author: str | None, category: str | None, facet: str | None) -> Filter:
    wish = logic.parse_filter(text)
    name, _, value = (facet or "").partition(":")
    return msgspec.structs.replace(
        wish,
        facets=wish.facets | {name: value} if facet else wish.facets,
        author=wish.author if author is None else (author,),
        category=wish.category if category is None else (category,),
    )


def _raw_items(body: bytes, content_type: str) -> list[msgspec.Raw]:
    if "ndjson" in content_type or "jsonl" in content_type:
        return [msgspec.Raw(line) for line in body.split(b"\n") if line.strip()]
    try:
        return msgspec.json.decode(body, type=BatchBody).items
    except msgspec.DecodeError as error:
        raise ItemRefused(
            reason=f'the body is not {{"items": [...]}}: {error}', errors=[FieldError("", str(error))]
        ) from error


def _decoded(raw: msgspec.Raw, rows: list[BatchRow | None], place: int) -> ItemBody | None:
    try:
        return msgspec.json.decode(raw, type=ItemBody)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        rows[place] = BatchRow(status="rejected", error=str(error))
        return None


async def _declared(app: App, tenant_id: UUID, name: str, bodies: list[ItemBody]) -> Collection:
    """The collection, with kinds for facets nobody declared yet. Raises CollectionNotFound."""
    target = await service.get_collection(app, tenant_id, name=name)
    fresh: dict[str, FacetKind] = {}
    for body in bodies:
        for facet, value in body.facets.items():
            if facet not in target.facets and facet not in fresh and value is not None and not facet.startswith("$"):
                fresh[facet] = logic.guess_kind(value)
    if not fresh:
        return target
    return await service.ensure_collection(app, tenant_id, name=name, facets=fresh, language=target.language)


def _draft(app: App, body: ItemBody, target: Collection) -> ItemDraft:
    draft = logic.make_draft(
        key=body.key or "-",
        body=body.body,
        title=body.title,
        facets=body.facets,
        kinds=target.facets,
        author=body.author,
        category=body.category,
        place=body.place,
        happened_at=body.happened_at,
        visibility=body.visibility,
        metadata=body.metadata,
        body_bytes_max=app.settings.get(CollectionsSettings).item_bytes_max,
    )
    return draft if body.key else msgspec.structs.replace(draft, key=logic.default_key(draft))


ROUTES = (list_items, get_item, put_item, delete_item, put_items, forget)
