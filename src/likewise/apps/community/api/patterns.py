"""`/api/v1/community/patterns`: what the attributes of experiences tell, of everything or of a group."""

from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.params import Parameter

from likewise.apps.community import service
from likewise.apps.community.api.shared import TAGS
from likewise.apps.community.errors import GroupMissing
from likewise.apps.community.views import (
    CommunityAssociations,
    CommunityContexts,
    CommunityDistribution,
    CommunityDrift,
    CommunityInsight,
    CommunityInsightDetail,
    CommunityMap,
    CommunityMoments,
    CommunityTrends,
    PatternKeyView,
    associations_view,
    contexts_view,
    distribution_view,
    drift_view,
    insight_detail_view,
    insight_view,
    key_view,
    map_view,
    moments_view,
    trends_view,
)
from likewise.engine.patterns import ContextKey, Group, InsightKind
from likewise.platform.errors import FieldError
from likewise.platform.feature import App
from likewise.platform.ids import decode_id
from likewise.platform.tenancy import Caller
from likewise.platform.views import Started, started
from likewise.platform.web import Cursors, Page, readers, writers

__all__ = ["ROUTES"]

Key = Annotated[str, Parameter(min_length=1, description="an attribute's key, such as shape")]
Segment = Annotated[str | None, Parameter(description="experiences with a value: shape:triangle")]
Category = Annotated[str | None, Parameter(description="experiences of a category")]
First = Annotated[str | None, Parameter(description="experiences from this month on: 2013-06")]
Last = Annotated[str | None, Parameter(description="experiences up to this month")]
Point = Annotated[str | None, Parameter(description="experiences in the same cell of 5 degrees as a point: 40.7,-74.0")]
Limit = Annotated[int, Parameter(ge=1, le=500, description="rows in the answer")]


@get(
    "/community/patterns/keys",
    tags=TAGS,
    guards=[readers],
    operation_id="list_community_keys",
    summary="What is known of experiences",
)
async def list_keys(app: App, caller: Caller) -> Page[PatternKeyView]:
    """The keys that experiences have attributes of, commonest first."""
    return Page([key_view(row) for row in await service.pattern_keys(app, caller.tenant_id)])


@get(
    "/community/patterns/distribution",
    tags=TAGS,
    guards=[readers],
    operation_id="get_community_distribution",
    summary="How a key's values are distributed",
)
async def get_distribution(
    app: App,
    caller: Caller,
    key: Key,
    segment: Segment = None,
    category: Category = None,
    first: First = None,
    last: Last = None,
    place: Point = None,
    limit: Limit = 50,
) -> CommunityDistribution:
    """Counts and shares, among all experiences or in one group. Groups too small are not told of."""
    group = service.pattern_group(segment=segment, category=category, first=first, last=last, place=place)
    found = await service.pattern_distribution(app, caller.tenant_id, key=key, group=group, limit=limit)
    return distribution_view(found, group)


@get(
    "/community/patterns/associations",
    tags=TAGS,
    guards=[readers],
    operation_id="find_community_associations",
    summary="What goes with a group",
)
async def find_associations(
    app: App,
    caller: Caller,
    segment: Segment = None,
    category: Category = None,
    first: First = None,
    last: Last = None,
    place: Point = None,
    key: Annotated[str | None, Parameter(description="look at this key's values only")] = None,
    significant: Annotated[bool, Parameter(description="only what chance does not explain")] = True,
    limit: Limit = 50,
) -> CommunityAssociations:
    """Values that a group has more often, or less often, than all whose key is known: lift with its interval, p (Fisher
    or chi-square) and q (Benjamini-Hochberg over everything that was looked at). Name one group."""
    group = _group(segment=segment, category=category, first=first, last=last, place=place)
    found = await service.pattern_associations(
        app, caller.tenant_id, group=group, key=key, significant_only=significant, limit=limit
    )
    return associations_view(found, group)


@get(
    "/community/patterns/contexts",
    tags=TAGS,
    guards=[readers],
    operation_id="get_community_contexts",
    summary="Of which category, when or where a group is",
)
async def get_contexts(
    app: App,
    caller: Caller,
    by: Annotated[ContextKey, Parameter(description="category, month, calendar (months of all years) or place")],
    segment: Segment = None,
    category: Category = None,
    first: First = None,
    last: Last = None,
    place: Point = None,
) -> CommunityContexts:
    """Each with its share and how far that is from the background; of everything, shares alone."""
    group = service.pattern_group(segment=segment, category=category, first=first, last=last, place=place)
    return contexts_view(await service.pattern_contexts(app, caller.tenant_id, by=by, group=group), group)


@get(
    "/community/patterns/map",
    tags=TAGS,
    guards=[readers],
    operation_id="get_community_map",
    summary="Where a group happened",
)
async def get_map(
    app: App,
    caller: Caller,
    segment: Segment = None,
    category: Category = None,
    first: First = None,
    last: Last = None,
    place: Point = None,
) -> CommunityMap:
    """Cells of 5 degrees with counts, shares and the lift against the background; of everything, counts and shares."""
    group = service.pattern_group(segment=segment, category=category, first=first, last=last, place=place)
    return map_view(await service.pattern_map(app, caller.tenant_id, group=group), group)


@get(
    "/community/patterns/when",
    tags=TAGS,
    guards=[readers],
    operation_id="get_community_moments",
    summary="When a group happened",
)
async def get_moments(
    app: App,
    caller: Caller,
    segment: Segment = None,
    category: Category = None,
    first: First = None,
    last: Last = None,
    place: Point = None,
) -> CommunityMoments:
    """By month, by month of the calendar over all years, and by season, weekday, time of day and hour as far as these
    are known; each against the background. Name one group."""
    group = _group(segment=segment, category=category, first=first, last=last, place=place)
    return moments_view(await service.pattern_moments(app, caller.tenant_id, group=group), group)


@get(
    "/community/patterns/trend",
    tags=TAGS,
    guards=[readers],
    operation_id="list_community_trends",
    summary="How shares move by month",
)
async def list_trends(
    app: App, caller: Caller, key: Key, value: str | None = None, limit: Annotated[int, Parameter(ge=1, le=100)] = 20
) -> CommunityTrends:
    """The slope of a value's share, with its significance, and the monthly points; the commonest values, or one."""
    return trends_view(await service.pattern_trend(app, caller.tenant_id, key=key, value=value, limit=limit))


@get(
    "/community/patterns/drift",
    tags=TAGS,
    guards=[readers],
    operation_id="get_community_drift",
    summary="Whether a distribution has changed",
)
async def get_drift(
    app: App, caller: Caller, key: Key, before_first: str, before_last: str, after_first: str, after_last: str
) -> CommunityDrift:
    """Compare a key's distribution in two periods of months: G-test, Jensen-Shannon divergence, and which values."""
    found = await service.pattern_drift(
        app, caller.tenant_id, key=key, before=(before_first, before_last), after=(after_first, after_last)
    )
    return drift_view(found)


@get(
    "/community/patterns/insights",
    tags=TAGS,
    guards=[readers],
    operation_id="list_community_insights",
    summary="What is remarkable",
)
async def list_insights(
    app: App,
    caller: Caller,
    cursors: Cursors,
    kind: InsightKind | None = None,
    limit: Annotated[int, Parameter(ge=1, le=100, description="rows in one page")] = 50,
    after: str | None = None,
) -> Page[CommunityInsight]:
    """What holds now, strongest first. What does not hold any more has expired."""
    listing = f"community insights/{kind}"
    before: tuple[float, UUID] | None = None
    if after:
        strength, _, insight_id = cursors.read(caller.tenant_id, listing, after).partition(" ")
        before = (float(strength), UUID(insight_id))
    found = await service.pattern_insights(app, caller.tenant_id, kind=kind, before=before, limit=limit + 1)
    more, page = len(found) > limit, found[:limit]
    return Page(
        data=[insight_view(insight) for insight in page],
        has_more=more,
        next_cursor=cursors.sign(caller.tenant_id, listing, f"{page[-1].strength!r} {page[-1].id}") if more else None,
    )


@get(
    "/community/patterns/insights/{insight_id:str}",
    tags=TAGS,
    guards=[readers],
    operation_id="get_community_insight",
    summary="Show an insight with its evidence",
)
async def get_insight(app: App, caller: Caller, insight_id: str) -> CommunityInsightDetail:
    """An insight, whether it still holds or has expired, and the newest experiences it rests on."""
    insight, evidence = await service.pattern_insight(app, caller.tenant_id, insight_id=decode_id("ins", insight_id))
    return insight_detail_view(insight, evidence)


@post(
    "/community/patterns/refresh",
    tags=TAGS,
    guards=[writers],
    operation_id="refresh_community_patterns",
    summary="Look for insights now",
    status_code=202,
)
async def refresh(app: App, caller: Caller) -> Started:
    """Look through all counts; otherwise that happens every night. Answers at once with an operation to watch."""
    return started(await service.refresh_patterns(app, caller.tenant_id))


def _group(
    *, segment: str | None, category: str | None, first: str | None, last: str | None, place: str | None
) -> Group:
    group = service.pattern_group(segment=segment, category=category, first=first, last=last, place=place)
    if group is None:
        raise GroupMissing(errors=[FieldError("/segment", "name one of segment, category, first and last, place")])
    return group


ROUTES = (
    list_keys,
    get_distribution,
    find_associations,
    get_contexts,
    get_map,
    get_moments,
    list_trends,
    get_drift,
    list_insights,
    get_insight,
    refresh,
)
