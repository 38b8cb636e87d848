"""What the attributes of experiences tell: how often, what goes together, where, when, and what moves."""

from uuid import UUID

import msgspec

from likewise.apps.community import store
from likewise.apps.community.errors import CommunityEmpty
from likewise.apps.community.model import COLLECTION, Experience, folded
from likewise.apps.community.service.founding import find_community
from likewise.apps.community.service.reading import list_by_ids
from likewise.engine.patterns import (
    REFRESH_INSIGHTS,
    Association,
    Associations,
    ContextKey,
    Contexts,
    Distribution,
    Drift,
    Group,
    Insight,
    InsightKind,
    KeySummary,
    PatternMap,
    Refreshed,
    RefreshInsights,
    Trends,
    find_associations,
    get_contexts,
    get_distribution,
    get_drift,
    get_insight,
    get_map,
    list_insights,
    list_keys,
    list_trends,
    read_group,
    refresh_insights,
)
from likewise.platform.feature import App

__all__ = [
    "Moments",
    "pattern_associations",
    "pattern_contexts",
    "pattern_distribution",
    "pattern_drift",
    "pattern_group",
    "pattern_insight",
    "pattern_insights",
    "pattern_keys",
    "pattern_map",
    "pattern_moments",
    "pattern_trend",
    "refresh_patterns",
    "refresh_patterns_now",
]

_MOMENT_KEYS = ("season", "weekday", "time_of_day", "hour")
"""Attributes that tell when, beside the month; as far as experiences have them."""
_MOMENT_VALUES_MAX = 24


class Moments(msgspec.Struct, frozen=True, kw_only=True):
    """When the experiences of a group happened: by month, by month of the calendar over all years, and by the
    attributes that tell of time, each value with its share, that of the background, and how sure the difference is."""

    group: str
    item_count: int
    months: Contexts
    calendar: Contexts
    keys: dict[str, list[Association]]


def pattern_group(
    *,
    segment: str | None = None,
    category: str | None = None,
    first: str | None = None,
    last: str | None = None,
    place: str | None = None,
) -> Group | None:
    """The group of one of: `shape:triangle`, a category, months from `first` to `last`, a point `40.7,-74.0`; None
    where none is given. Values are looked for as they are searched by. Raises GroupRefused."""
    group = read_group(segment=segment, category=category, first=first, last=last, place=place)
    if group is None or group.kind != "value":
        return group
    return msgspec.structs.replace(group, value=folded(group.value))


async def pattern_keys(app: App, tenant_id: UUID) -> list[KeySummary]:
    """The keys that experiences have attributes of, commonest first."""
    if await find_community(app, tenant_id) is None:
        return []
    return await list_keys(app, tenant_id, collection=COLLECTION)


async def pattern_distribution(
    app: App, tenant_id: UUID, *, key: str, group: Group | None = None, limit: int | None = None
) -> Distribution:
    """How often each value of a key occurs, among all experiences or in a group.

    Raises CommunityEmpty, AttributeUnknown, GroupRefused, GroupTooSmall.
    """
    await _there(app, tenant_id)
    return await get_distribution(app, tenant_id, collection=COLLECTION, key=key, group=group, limit=limit)


async def pattern_associations(
    app: App,
    tenant_id: UUID,
    *,
    group: Group,
    key: str | None = None,
    significant_only: bool = False,
    limit: int | None = None,
) -> Associations:
    """What goes with a group more or less often than with all whose key is known, most telling first.

    Raises CommunityEmpty, GroupRefused, GroupTooSmall.
    """
    await _there(app, tenant_id)
    return await find_associations(
        app, tenant_id, collection=COLLECTION, group=group, key=key, significant_only=significant_only, limit=limit
    )


async def pattern_contexts(app: App, tenant_id: UUID, *, by: ContextKey, group: Group | None = None) -> Contexts:
    """The categories, months or places of a group, or of all, each against the background.

    Raises CommunityEmpty, GroupRefused, GroupTooSmall.
    """
    await _there(app, tenant_id)
    return await get_contexts(app, tenant_id, collection=COLLECTION, key=by, group=group)


async def pattern_map(app: App, tenant_id: UUID, *, group: Group | None = None) -> PatternMap:
    """Where a group happened, or everything: cells of the map, each against the background.

    Raises CommunityEmpty, GroupRefused, GroupTooSmall.
    """
    await _there(app, tenant_id)
    return await get_map(app, tenant_id, collection=COLLECTION, group=group)


async def pattern_moments(app: App, tenant_id: UUID, *, group: Group) -> Moments:
    """When a group happened. Raises CommunityEmpty, GroupRefused, GroupTooSmall."""
    await _there(app, tenant_id)
    months = await get_contexts(app, tenant_id, collection=COLLECTION, key="month", group=group)
    calendar = await get_contexts(app, tenant_id, collection=COLLECTION, key="calendar", group=group)
    known = {one.key for one in await list_keys(app, tenant_id, collection=COLLECTION)}
    told: dict[str, list[Association]] = {}
    for key in _MOMENT_KEYS:
        if key in known:
            found = await find_associations(
                app, tenant_id, collection=COLLECTION, group=group, key=key, limit=_MOMENT_VALUES_MAX
            )
            if found.data:
                told[key] = sorted(found.data, key=lambda one: -one.share)
    return Moments(
        group=months.group,
        item_count=months.item_count,
        months=months,
        calendar=calendar,
        keys=told,
    )


async def pattern_trend(
    app: App, tenant_id: UUID, *, key: str, value: str | None = None, limit: int | None = None
) -> Trends:
    """How the shares of a key's values move by the month. Raises CommunityEmpty, AttributeUnknown."""
    await _there(app, tenant_id)
    wanted = None if value is None else folded(value)
    return await list_trends(app, tenant_id, collection=COLLECTION, key=key, value=wanted, limit=limit)


async def pattern_drift(
    app: App, tenant_id: UUID, *, key: str, before: tuple[str, str], after: tuple[str, str]
) -> Drift:
    """Whether a key is distributed otherwise in one period (first and last month) than in an earlier one.

    Raises CommunityEmpty, AttributeUnknown, GroupRefused.
    """
    await _there(app, tenant_id)
    return await get_drift(app, tenant_id, collection=COLLECTION, key=key, before=before, after=after)


async def pattern_insights(
    app: App,
    tenant_id: UUID,
    *,
    kind: InsightKind | None = None,
    before: tuple[float, UUID] | None = None,
    limit: int = 50,
) -> list[Insight]:
    """What is remarkable and still holds, strongest first, from `before` (strength and id) on."""
    if await find_community(app, tenant_id) is None:
        return []
    return await list_insights(app, tenant_id, collection=COLLECTION, kind=kind, before=before, limit=limit)


async def pattern_insight(app: App, tenant_id: UUID, *, insight_id: UUID) -> tuple[Insight, list[Experience]]:
    """An insight, and the newest experiences it rests on. Raises CommunityEmpty, InsightNotFound."""
    collection_id = await _there(app, tenant_id)
    insight, keys = await get_insight(app, tenant_id, insight_id=insight_id)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        ids = await store.list_ids_of_keys(tx, collection_id=collection_id, keys=keys)
    known = await list_by_ids(app, tenant_id, ids=[ids[key] for key in keys if key in ids])
    return insight, [one for one in known.values() if one.state == "public"]


async def refresh_patterns(app: App, tenant_id: UUID) -> UUID:
    """Look through all counts for insights now; the operation to watch. Raises CommunityEmpty."""
    await _there(app, tenant_id)
    async with app.db.tenant(tenant_id) as tx:
        operation = await app.jobs.defer(
            tx, REFRESH_INSIGHTS, RefreshInsights(COLLECTION), operation_kind="insights", unit="collections"
        )
    if operation is None:
        raise RuntimeError("a job with an operation kind has an operation")
    return operation


async def refresh_patterns_now(app: App, tenant_id: UUID) -> Refreshed:
    """The same at once, for who waits for it. Raises CommunityEmpty."""
    await _there(app, tenant_id)
    return await refresh_insights(app, tenant_id, collection=COLLECTION)


async def _there(app: App, tenant_id: UUID) -> UUID:
    found = await find_community(app, tenant_id)
    if found is None:
        raise CommunityEmpty
    return found
