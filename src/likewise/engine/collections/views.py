"""What callers send and see."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from likewise.engine.collections.model import Collection, FacetKind, Item, ItemStatus, Place, Visibility
from likewise.platform.ids import encode_id

__all__ = [
    "BatchBody",
    "BatchResult",
    "BatchRow",
    "CollectionBody",
    "CollectionPatch",
    "CollectionView",
    "ForgetBody",
    "ItemBody",
    "ItemView",
    "collection_view",
    "item_view",
]

FacetJson = bool | int | float | str | list[str] | None


class CollectionBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A collection to make."""

    name: Annotated[str, Meta(min_length=1, max_length=100, examples=["reviews"])]
    facets: dict[str, FacetKind] = {}
    language: str = "english"
    metadata: dict[str, object] = {}


class CollectionPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Facets to declare besides those there are, another language, other metadata."""

    facets: dict[str, FacetKind] = {}
    language: str | None = None
    metadata: dict[str, object] | None = None


class CollectionView(msgspec.Struct, frozen=True):
    """A collection as callers see it. `pending_count`: passages that still wait for their vector."""

    id: str
    name: str
    item_count: int
    pending_count: int
    facets: dict[str, FacetKind]
    language: str
    metadata: dict[str, object]
    created_at: datetime
    updated_at: datetime


class ItemBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An item to store. `key` may be left out where the URL holds it."""

    body: Annotated[str, Meta(examples=["The handle came off after the first wash."])]
    key: str | None = None
    title: str | None = None
    facets: dict[str, FacetJson] = {}
    author: str | None = None
    category: str | None = None
    place: Place | None = None
    happened_at: datetime | None = None
    visibility: Visibility = Visibility.PUBLIC
    metadata: dict[str, object] = {}


class ItemView(msgspec.Struct, frozen=True):
    """An item as callers see it. `status`: pending until it can be found by meaning."""

    id: str
    key: str
    version: int
    title: str | None
    body: str
    facets: dict[str, object]
    author: str | None
    category: str | None
    place: Place | None
    happened_at: datetime | None
    visibility: Visibility
    metadata: dict[str, object]
    status: ItemStatus
    created_at: datetime
    updated_at: datetime


class BatchBody(msgspec.Struct, frozen=True):
    """Items to store. Each is judged by itself: what is wrong with one does not keep the others out."""

    items: list[msgspec.Raw]


class BatchRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one item of a batch."""

    status: Literal["created", "updated", "unchanged", "rejected"]
    key: str | None = None
    id: str | None = None
    error: str | None = None


class BatchResult(msgspec.Struct, frozen=True):
    """The outcomes, in the order of the items. `searchable`: whether all can be found by meaning already."""

    data: list[BatchRow]
    searchable: bool


class ForgetBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose words shall go."""

    author: Annotated[str, Meta(min_length=1)]


def collection_view(collection: Collection) -> CollectionView:
    """Render a collection."""
    return CollectionView(
        id=encode_id("col", collection.id),
        name=collection.name,
        item_count=collection.item_count,
        pending_count=collection.pending_count,
        facets=collection.facets,
        language=collection.language,
        metadata=collection.metadata,
        created_at=collection.created_at,
        updated_at=collection.updated_at,
    )


def item_view(item: Item) -> ItemView:
    """Render an item."""
    return ItemView(
        id=encode_id("itm", item.id),
        key=item.key,
        version=item.version,
        title=item.title,
        body=item.body,
        facets=dict(item.facets),
        author=item.author,
        category=item.category,
        place=item.place,
        happened_at=item.happened_at,
        visibility=item.visibility,
        metadata=item.metadata,
        status=item.status,
        created_at=item.created_at,
        updated_at=item.updated_at,
    )
