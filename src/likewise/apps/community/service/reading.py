"""What a community tells: experiences in an order or one by one, how many there are, what is known of them."""

import difflib
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from likewise.apps.community import store
from likewise.apps.community.errors import AttributeUnknown, ExperienceNotFound
from likewise.apps.community.logic.categories import CATEGORIES, GENERAL_KEYS
from likewise.apps.community.logic.keeping import local_time, place_name_of, shown_metadata
from likewise.apps.community.model import (
    COLLECTION,
    TAGS_FACET,
    AttributeValue,
    AttributeWish,
    Counters,
    Experience,
    ExperienceAttribute,
    ExperienceOrder,
    ExperienceWish,
)
from likewise.apps.community.service.founding import Community, find_community, read_community
from likewise.apps.community.settings import CommunitySettings
from likewise.apps.community.store import ExperiencePlace, ExperienceRow
from likewise.engine.collections import Conditions, FacetKind, Place, Visibility, read_filter
from likewise.engine.patterns import get_distribution, list_keys
from likewise.platform.db import Tx
from likewise.platform.errors import NotFound
from likewise.platform.feature import App
from likewise.platform.ids import encode_id

__all__ = [
    "AttributeKeySummary",
    "AttributeValueCount",
    "CategorySummary",
    "count_experiences",
    "get_experience",
    "list_attribute_keys",
    "list_attribute_values",
    "list_attributes_of",
    "list_by_ids",
    "list_categories",
    "list_experiences",
    "place_of",
    "read_attributes_of",
    "read_place",
    "write_place",
]

_COUNT_MAX = 100_000_000
_USES_COUNT_MAX = 1_000
_CATEGORIES_MAX = 1_000
_EVERYTHING = ExperienceWish()


class CategorySummary(msgspec.Struct, frozen=True, kw_only=True):
    """A category, how many public experiences it has, and which attributes are read from them."""

    name: str
    title: str
    description: str
    count: int
    extracts: tuple[str, ...]
    is_built_in: bool


class AttributeKeySummary(msgspec.Struct, frozen=True, kw_only=True):
    """An attribute, the kind of its values, and how many experiences have it."""

    key: str
    kind: FacetKind
    count: int


class AttributeValueCount(msgspec.Struct, frozen=True, kw_only=True):
    """A value and how many public experiences have it; of numbers a range, from `low` to `high`."""

    value: str
    count: int
    low: float | None = None
    high: float | None = None


async def list_experiences(
    app: App,
    tenant_id: UUID,
    *,
    wish: ExperienceWish | None = None,
    order: ExperienceOrder = "newest",
    viewer: str | None = None,
    after: ExperiencePlace | None = None,
    limit: int = 50,
) -> list[Experience]:
    """One page of public experiences that are as wished; `viewer` sees their own besides.

    `happened` is the order of those whose time is known. Raises FilterRefused.
    """
    bounded = min(limit, app.settings.get(CommunitySettings).page_max + 1)
    community = await read_community(app, tenant_id)
    if community is None:
        return []
    conditions = _conditions(wish or _EVERYTHING, community, viewer=viewer)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        rows = await store.list_experiences(
            tx,
            collection_id=community.id,
            conditions=conditions,
            viewer=viewer,
            order=order,
            after=after,
            limit=bounded,
        )
    return [_experience(row) for row in rows]


async def count_experiences(app: App, tenant_id: UUID, *, wish: ExperienceWish | None = None) -> int:
    """How many public experiences are as wished. Raises FilterRefused."""
    community = await read_community(app, tenant_id)
    if community is None:
        return 0
    asked = wish or _EVERYTHING
    conditions = _conditions(asked, community, viewer=None)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        if asked == _EVERYTHING:
            return await store.count_public(tx, collection_id=community.id)
        if asked == ExperienceWish(category=asked.category):
            categories = sorted(set(asked.category))
            return await store.count_in_categories(tx, collection_id=community.id, categories=categories)
        return await store.count_experiences(tx, collection_id=community.id, conditions=conditions, limit=_COUNT_MAX)


async def get_experience(app: App, tenant_id: UUID, *, experience_id: UUID, viewer: str | None = None) -> Experience:
    """One experience, as this viewer may see it. Raises ExperienceNotFound."""
    found = (await list_by_ids(app, tenant_id, ids=[experience_id])).get(experience_id)
    if found is None or not (found.state == "public" or (viewer is not None and viewer == found.author)):
        raise ExperienceNotFound(id=encode_id("exp", experience_id))
    return found


async def list_by_ids(app: App, tenant_id: UUID, *, ids: Sequence[UUID]) -> dict[UUID, Experience]:
    """These experiences, whoever may see them: look at `state` before you show one. What is gone is left out."""
    collection_id = await find_community(app, tenant_id)
    if not ids or collection_id is None:
        return {}
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        rows = await store.list_experiences_by_id(tx, collection_id=collection_id, ids=ids)
    return {row.id: _experience(row) for row in rows}


async def list_attributes_of(
    app: App, tenant_id: UUID, *, experience_ids: Sequence[UUID]
) -> dict[UUID, list[ExperienceAttribute]]:
    """What is known of each of these, by key, what the author said first."""
    if not experience_ids:
        return {}
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        return await read_attributes_of(tx, experience_ids=experience_ids)


async def read_attributes_of(tx: Tx, *, experience_ids: Sequence[UUID]) -> dict[UUID, list[ExperienceAttribute]]:
    """`list_attributes_of`, inside a transaction that is open already."""
    known: dict[UUID, list[ExperienceAttribute]] = {experience_id: [] for experience_id in experience_ids}
    for row in await store.list_attributes_of(tx, experience_ids=experience_ids):
        known[row.experience_id].append(row.as_attribute())
    return known


async def list_categories(app: App, tenant_id: UUID) -> list[CategorySummary]:
    """The built-in categories and those this community has invented, the fullest first."""
    collection_id = await find_community(app, tenant_id)
    counts: dict[str, int] = {}
    if collection_id is not None:
        async with app.db.tenant(tenant_id, read_only=True) as tx:
            rows = await store.list_category_counts(tx, collection_id=collection_id, limit=_CATEGORIES_MAX)
        counts = {row.name: row.count for row in rows}
    known = {one.name: one for one in CATEGORIES}
    names = sorted({*known, *counts}, key=lambda name: (-counts.get(name, 0), name))
    return [
        CategorySummary(
            name=name,
            title=known[name].title if name in known else name.replace("_", " ").capitalize(),
            description=known[name].description if name in known else "",
            count=counts.get(name, 0),
            extracts=known[name].extracts if name in known else GENERAL_KEYS,
            is_built_in=name in known,
        )
        for name in names
    ]


async def list_attribute_keys(app: App, tenant_id: UUID) -> list[AttributeKeySummary]:
    """The attributes of a community, commonest first. Counts follow writes within a second; one that few experiences
    have is counted as it is."""
    community = await read_community(app, tenant_id)
    if community is None:
        return []
    kinds = {key: kind for key, kind in community.kinds.items() if key != TAGS_FACET}
    counts = {one.key: one.item_count for one in await list_keys(app, tenant_id, collection=COLLECTION)}
    rare = sorted(kinds.keys() - counts.keys())
    if rare:
        async with app.db.tenant(tenant_id, read_only=True) as tx:
            uses = await store.count_key_uses(tx, keys=rare, limit=_USES_COUNT_MAX)
        counts |= {row.name: row.count for row in uses}
    found = [AttributeKeySummary(key=key, kind=kind, count=counts.get(key, 0)) for key, kind in kinds.items()]
    return sorted((one for one in found if one.count), key=lambda one: (-one.count, one.key))


async def list_attribute_values(app: App, tenant_id: UUID, *, key: str, limit: int = 50) -> list[AttributeValueCount]:
    """The commonest values of an attribute, or of a number the ranges it falls into. Raises AttributeUnknown."""
    community = await read_community(app, tenant_id)
    kind = None if community is None else community.kinds.get(key)
    if community is None or kind is None:
        raise AttributeUnknown(key=key, hint=_nearest(key, {} if community is None else community.kinds))
    bounded = min(limit, app.settings.get(CommunitySettings).page_max)
    if kind is FacetKind.NUMBER:
        try:
            spread = await get_distribution(app, tenant_id, collection=COLLECTION, key=key, limit=bounded)
        except NotFound:
            return []  # nothing of it is counted yet
        return [
            AttributeValueCount(value=one.value, count=one.count, low=one.low, high=one.high) for one in spread.data
        ]
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        rows = await store.list_value_counts(tx, collection_id=community.id, key=key, limit=bounded)
    return [AttributeValueCount(value=row.name, count=row.count) for row in rows if row.count > 0]


def place_of(one: Experience, order: ExperienceOrder) -> ExperiencePlace:
    """Where the next page begins if this experience ends one."""
    if order == "newest":
        return ExperiencePlace(None, one.id)
    if order == "happened":
        return ExperiencePlace(one.happened_at, one.id)
    counts = {"upvotes": one.counters.upvotes, "comments": one.counters.comments, "views": one.counters.views}
    return ExperiencePlace(counts[order], one.id)


def write_place(place: ExperiencePlace) -> str:
    """A place as text, to be given out and taken back."""
    return msgspec.json.encode(place).decode()


def read_place(text: str, order: ExperienceOrder) -> ExperiencePlace:
    """The place in an order that `write_place` has written."""
    value = {"newest": type(None), "happened": datetime}.get(order, int)
    place = msgspec.json.decode(text, type=tuple[value, UUID])
    return ExperiencePlace(place[0], place[1])


def _conditions(wish: ExperienceWish, community: Community, *, viewer: str | None) -> Conditions:
    """What is asked for, checked; who looks for themselves may be shown what others are not."""
    visibility = (Visibility.PUBLIC,) if viewer is None else tuple(Visibility)
    asked = msgspec.structs.replace(wish, attributes=tuple(_typed(one, community.kinds) for one in wish.attributes))
    return read_filter(asked.as_filter(), community.kinds, visibility=visibility)


def _typed(wish: AttributeWish, kinds: Mapping[str, FacetKind]) -> AttributeWish:
    """A wish whose values are of the key's kind: in an address everything is text."""
    if kinds.get(wish.key) is not FacetKind.NUMBER or not wish.values:
        return wish
    return msgspec.structs.replace(wish, values=tuple(_number(value) for value in wish.values))


def _number(value: AttributeValue) -> AttributeValue:
    try:
        return float(value)
    except ValueError:
        return value  # the filter says what is wrong with it


def _nearest(key: str, kinds: Mapping[str, FacetKind]) -> str:
    near = difflib.get_close_matches(key, [known for known in kinds if known != TAGS_FACET], n=1)
    return f"Did you mean {near[0]!r}?" if near else "GET /api/v1/community/attributes lists those there are."


def _experience(row: ExperienceRow) -> Experience:
    return Experience(
        id=row.id,
        key=row.key,
        author=row.author,
        author_name=row.author_name,
        title=row.title,
        text=row.text,
        category=row.category,
        tags=row.tags or [],
        place=None if row.latitude is None or row.longitude is None else Place(row.latitude, row.longitude),
        place_name=place_name_of(row.metadata),
        happened_at=local_time(row.happened_at, row.metadata),
        state=row.visibility,
        hidden_reason=row.hidden_reason,
        metadata=shown_metadata(row.metadata),
        counters=Counters(row.upvotes, row.comments, row.views),
        created_at=row.created_at,
        edited_at=row.edited_at,
    )
