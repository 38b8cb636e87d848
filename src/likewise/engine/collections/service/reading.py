"""Items and facets come out: one, a page, all of them."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from likewise.engine.collections import logic, store
from likewise.engine.collections.errors import ItemNotFound
from likewise.engine.collections.followers import Followers
from likewise.engine.collections.model import (
    Collection,
    FacetKind,
    FacetValue,
    Filter,
    Item,
    ItemStatus,
    Place,
    Visibility,
)
from likewise.engine.collections.service.declaring import read_collection
from likewise.engine.collections.settings import CollectionsSettings
from likewise.platform.db import Tx
from likewise.platform.feature import App

__all__ = ["FacetSummary", "export_items", "get_item", "items_of", "list_facets", "list_items", "list_passage_texts"]

_LAST_ID = UUID(int=(1 << 128) - 1)
_EXPORT_PAGE_ITEMS = 500
_EVERYTHING = Filter()


class FacetSummary(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a collection holds of one facet: the commonest values of a countable one, the ends of an ordered one."""

    name: str
    type: FacetKind
    values: list[store.ValueCount] | None = None
    min: float | datetime | None = None
    max: float | datetime | None = None


async def get_item(app: App, tenant_id: UUID, *, collection: str, key: str) -> Item:
    """The item with this key. Raises CollectionNotFound, ItemNotFound."""
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        found = await read_collection(app, tx, name=collection)
        row = await store.find_item(tx, collection_id=found.id, key=key)
        if row is None:
            raise ItemNotFound(collection=collection, key=key)
        return (await items_of(app, tx, [row]))[0]


async def list_items(
    app: App,
    tenant_id: UUID,
    *,
    collection: str,
    before: UUID | None = None,
    limit: int = 50,
    filter: Filter = _EVERYTHING,  # noqa: A002 - the word of a search
) -> list[Item]:
    """One page of the items that meet a filter, newest first. Raises CollectionNotFound, FilterRefused."""
    bounded = min(limit, app.settings.get(CollectionsSettings).page_items_max + 1)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        found = await read_collection(app, tx, name=collection)
        rows = await store.list_items(
            tx,
            collection_id=found.id,
            conditions=logic.read_filter(filter, found.facets, visibility=tuple(Visibility)),
            before=before or _LAST_ID,
            limit=bounded,
        )
        return await items_of(app, tx, rows)


async def list_facets(
    app: App, tenant_id: UUID, *, collection: str, names: Sequence[str] | None = None, limit: int = 20
) -> list[FacetSummary]:
    """What the collection holds of each facet, author and category among them."""
    bounded = min(limit, app.settings.get(CollectionsSettings).facet_values_max)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        found = await read_collection(app, tx, name=collection)
        kinds = {logic.AUTHOR: FacetKind.KEYWORD, logic.CATEGORY: FacetKind.KEYWORD, **found.facets}
        wanted = kinds.keys() if names is None else [name for name in names if name in kinds]
        summaries = [await _summary(tx, found, name, kinds[name], bounded) for name in wanted]
        return [one for one in summaries if one.values or one.min is not None or not one.name.startswith("$")]


async def export_items(app: App, tenant_id: UUID, *, collection: str) -> AsyncIterator[list[Item]]:
    """Every item in the order they came, a page at a time; no connection is held between pages."""
    after = UUID(int=0)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        found = await read_collection(app, tx, name=collection)
    while True:
        async with app.db.tenant(tenant_id, read_only=True) as tx:
            rows = await store.list_items_in_order(tx, collection_id=found.id, after=after, limit=_EXPORT_PAGE_ITEMS)
            items = await items_of(app, tx, rows)
        if items:
            yield items
        if len(rows) < _EXPORT_PAGE_ITEMS:
            return
        after = rows[-1].id


async def list_passage_texts(tx: Tx, *, ids: Sequence[UUID]) -> list[store.PassageText]:
    """The words of these passages, with their titles."""
    return await store.list_passage_texts(tx, ids=ids)


async def items_of(app: App, tx: Tx, rows: Sequence[store.ItemRow]) -> list[Item]:
    """Rows as items, with how far each one is."""
    states: dict[UUID, ItemStatus] = {}
    for follower in app.resource(Followers).all:
        states |= await follower.states(tx, item_ids=[row.id for row in rows])
    return [_item(row, states.get(row.id, ItemStatus.READY)) for row in rows]


async def _summary(tx: Tx, collection: Collection, name: str, kind: FacetKind, limit: int) -> FacetSummary:
    if kind is FacetKind.NUMBER:
        numbers = await store.find_number_range(tx, collection_id=collection.id, name=name)
        return FacetSummary(name, kind, min=numbers and numbers.low, max=numbers and numbers.high)
    if kind is FacetKind.TIME:
        times = await store.find_time_range(tx, collection_id=collection.id, name=name)
        return FacetSummary(name, kind, min=times and times.low, max=times and times.high)
    values = await store.list_facet_values(tx, collection_id=collection.id, name=name, limit=limit)
    return FacetSummary(name, kind, values=values)


def _item(row: store.ItemRow, status: ItemStatus) -> Item:
    place = None if row.latitude is None or row.longitude is None else Place(row.latitude, row.longitude)
    return Item(
        id=row.id,
        collection_id=row.collection_id,
        key=row.key,
        version=row.version,
        content_hash=row.content_hash,
        title=row.title,
        body=row.body,
        facets=msgspec.convert(row.facets, dict[str, FacetValue]),
        author=row.author,
        category=row.category,
        place=place,
        happened_at=row.happened_at,
        visibility=row.visibility,
        metadata=row.metadata,
        status=status,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
