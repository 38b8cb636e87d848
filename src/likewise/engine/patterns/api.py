"""`/api/v1/patterns`: attributes, and what the counts of them tell."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import Parameter

from likewise.engine.patterns import service
from likewise.engine.patterns.errors import GroupRefused
from likewise.engine.patterns.jobs import REFRESH_INSIGHTS, RefreshInsights
from likewise.engine.patterns.model import (
    Associations,
    Attribute,
    AttributeDraft,
    Distribution,
    Drift,
    Group,
    InsightKind,
    KeySummary,
    Trends,
)
from likewise.engine.patterns.views import InsightDetail, InsightView, insight_view
from likewise.platform.errors import FieldError
from likewise.platform.feature import App
from likewise.platform.ids import decode_id
from likewise.platform.tenancy import Caller
from likewise.platform.views import Started, started
from likewise.platform.web import Cursors, Page, readers, writers

__all__ = ["ROUTES"]

_TAGS: Sequence[str] = ("patterns",)

Name = Annotated[str, Parameter(description="the collection's name")]
Key = Annotated[str, Parameter(min_length=1, description="an attribute's key, such as a facet's name")]
Segment = Annotated[str | None, Parameter(description="items with a value: shape:triangle")]
Category = Annotated[str | None, Parameter(description="items of a category")]
First = Annotated[str | None, Parameter(description="items from this month on: 2013-06")]
Last = Annotated[str | None, Parameter(description="items up to this month")]
Point = Annotated[str | None, Parameter(description="items near a point, in the same cell of 5 degrees: 40.7,-74.0")]
Limit = Annotated[int, Parameter(ge=1, le=2_000, description="rows in the answer")]


class AttributesBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Attributes of items of one collection."""

    collection: str
    attributes: list[AttributeDraft]


class AttributesReceipt(msgspec.Struct, frozen=True):
    """What became of each attribute, in their order: stored, removed, unknown item."""

    data: list[str]


@get("/patterns/keys", tags=_TAGS, guards=[readers], operation_id="list_pattern_keys", summary="List keys")
async def list_keys(app: App, caller: Caller, collection: Name) -> Page[KeySummary]:
    """The keys that items of a collection have attributes of, commonest first."""
    return Page(data=await service.list_keys(app, caller.tenant_id, collection=collection))


@get(
    "/patterns/distribution",
    tags=_TAGS,
    guards=[readers],
    operation_id="get_distribution",
    summary="How a key's values are distributed",
)
async def get_distribution(
    app: App,
    caller: Caller,
    collection: Name,
    key: Key,
    segment: Segment = None,
    category: Category = None,
    first: First = None,
    last: Last = None,
    place: Point = None,
    limit: Limit = 50,
) -> Distribution:
    """Counts and shares of a key's values, among all items or in one group. Groups too small are not told of."""
    group = service.read_group(segment=segment, category=category, first=first, last=last, place=place)
    return await service.get_distribution(
        app, caller.tenant_id, collection=collection, key=key, group=group, limit=limit
    )


@get(
    "/patterns/together",
    tags=_TAGS,
    guards=[readers],
    operation_id="find_together",
    summary="What occurs together with a value",
)
async def find_together(
    app: App, caller: Caller, collection: Name, key: Key, value: str, other: str | None = None, limit: Limit = 50
) -> Associations:
    """Values that items with this value have more often, or less often, than others; `other` looks at one key."""
    group = Group(kind="value", key=key, value=value)
    return await service.find_associations(
        app, caller.tenant_id, collection=collection, group=group, key=other, limit=limit
    )


@get(
    "/patterns/significant",
    tags=_TAGS,
    guards=[readers],
    operation_id="find_significant",
    summary="What is significant for a group",
)
async def find_significant(
    app: App,
    caller: Caller,
    collection: Name,
    segment: Segment = None,
    category: Category = None,
    first: First = None,
    last: Last = None,
    place: Point = None,
    key: str | None = None,
    limit: Limit = 50,
) -> Associations:
    """Values significant for a segment, a category, a period or a place against all items: lift with its interval,
    p (Fisher or chi-square) and q (Benjamini-Hochberg). Name one group; only what is significant is listed."""
    group = service.read_group(segment=segment, category=category, first=first, last=last, place=place)
    if group is None:
        reason = "name one of segment, category, first and last, place"
        raise GroupRefused(reason=reason, errors=[FieldError("/segment", reason)])
    return await service.find_associations(
        app, caller.tenant_id, collection=collection, group=group, key=key, significant_only=True, limit=limit
    )


@get("/patterns/trend", tags=_TAGS, guards=[readers], operation_id="list_trends", summary="How shares move by month")
async def list_trends(
    app: App, caller: Caller, collection: Name, key: Key, value: str | None = None, limit: Limit = 20
) -> Trends:
    """The slope of a value's share, with its significance, and the monthly points; the commonest values, or one."""
    return await service.list_trends(app, caller.tenant_id, collection=collection, key=key, value=value, limit=limit)


@get(
    "/patterns/drift",
    tags=_TAGS,
    guards=[readers],
    operation_id="get_drift",
    summary="Whether a distribution has changed",
)
async def get_drift(
    app: App,
    caller: Caller,
    collection: Name,
    key: Key,
    before_first: str,
    before_last: str,
    after_first: str,
    after_last: str,
) -> Drift:
    """Compare a key's distribution in two periods of months: G-test, Jensen-Shannon divergence, and which values."""
    return await service.get_drift(
        app,
        caller.tenant_id,
        collection=collection,
        key=key,
        before=(before_first, before_last),
        after=(after_first, after_last),
    )


@get("/patterns/attributes", tags=_TAGS, guards=[readers], operation_id="list_attributes", summary="List attributes")
async def list_attributes(app: App, caller: Caller, collection: Name, item: str) -> Page[Attribute]:
    """What is known of one item: its facets (source `facet`, confidence 1) and what callers say of it."""
    return Page(data=await service.list_attributes(app, caller.tenant_id, collection=collection, item=item))


@post(
    "/patterns/attributes:batch",
    tags=_TAGS,
    guards=[writers],
    operation_id="put_attributes",
    summary="Say something of items",
    status_code=200,
)
async def put_attributes(app: App, caller: Caller, data: AttributesBody) -> AttributesReceipt:
    """Store attributes of items, with source and confidence; those of 0.5 and more are counted, seconds later.

    Saying the same again replaces its confidence; confidence 0 takes it back.
    """
    return AttributesReceipt(
        await service.put_attributes(app, caller.tenant_id, collection=data.collection, attributes=data.attributes)
    )


@get("/patterns/insights", tags=_TAGS, guards=[readers], operation_id="list_insights", summary="List insights")
async def list_insights(
    app: App,
    caller: Caller,
    cursors: Cursors,
    collection: Name,
    kind: InsightKind | None = None,
    limit: Annotated[int, Parameter(ge=1, le=200, description="rows in one page")] = 50,
    after: str | None = None,
) -> Page[InsightView]:
    """What is remarkable in a collection and still holds, strongest first."""
    listing = f"insights/{collection}/{kind}"
    before: tuple[float, UUID] | None = None
    if after:
        strength, _, insight_id = cursors.read(caller.tenant_id, listing, after).partition(" ")
        before = (float(strength), UUID(insight_id))
    found = await service.list_insights(
        app, caller.tenant_id, collection=collection, kind=kind, before=before, limit=limit + 1
    )
    more, page = len(found) > limit, found[:limit]
    return Page(
        data=[insight_view(insight) for insight in page],
        has_more=more,
        next_cursor=cursors.sign(caller.tenant_id, listing, f"{page[-1].strength!r} {page[-1].id}") if more else None,
    )


@get(
    "/patterns/insights/{insight_id:str}",
    tags=_TAGS,
    guards=[readers],
    operation_id="get_insight",
    summary="Show an insight with its evidence",
)
async def get_insight(app: App, caller: Caller, insight_id: str) -> InsightDetail:
    """An insight, whether it still holds or has expired, and keys of the newest items it rests on."""
    insight, evidence = await service.get_insight(app, caller.tenant_id, insight_id=decode_id("ins", insight_id))
    return InsightDetail(insight=insight_view(insight), evidence=evidence)


@post(
    "/patterns/insights/refresh",
    tags=_TAGS,
    guards=[writers],
    operation_id="refresh_insights",
    summary="Look for insights now",
    status_code=202,
)
async def refresh_insights(app: App, caller: Caller, data: RefreshInsights) -> Started:
    """Look through all counts of a collection again; answers at once with an operation to watch."""
    await service.list_keys(app, caller.tenant_id, collection=data.collection)  # unknown collections are told of now
    async with app.db.tenant(caller.tenant_id) as tx:
        operation = await app.jobs.defer(tx, REFRESH_INSIGHTS, data, operation_kind="insights", unit="collections")
    if operation is None:
        raise RuntimeError("a job with an operation kind has an operation")
    return started(operation)


ROUTES = (
    list_keys,
    get_distribution,
    find_together,
    find_significant,
    list_trends,
    get_drift,
    list_attributes,
    put_attributes,
    list_insights,
    get_insight,
    refresh_insights,
)
