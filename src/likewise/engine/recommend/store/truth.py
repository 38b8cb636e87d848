"""Statements on what people did, and on the items it was about."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from likewise.engine.collections import FacetKind
from likewise.engine.recommend.model import InteractionRow, Kind, Standing
from likewise.platform.db import Queries, Tx

__all__ = [
    "Act",
    "Corpus",
    "ItemActs",
    "ItemKey",
    "ShownItem",
    "Touched",
    "count_acts",
    "delete_all_categories",
    "delete_all_standings",
    "delete_impressions_of_items",
    "delete_impressions_of_user",
    "delete_interactions",
    "delete_interactions_of_items",
    "delete_interactions_of_user",
    "delete_standings",
    "find_corpus",
    "insert_categories",
    "list_acts",
    "list_authors_known",
    "list_categories",
    "list_collections_of_user",
    "list_done",
    "list_item_ids",
    "list_likes_of_users",
    "list_recent",
    "list_shown",
    "list_standings",
    "list_users_of_items",
    "read_interactions",
    "upsert_interactions",
    "upsert_standings",
]

QUERIES = Queries("likewise.engine.recommend")
_CATEGORIES_MAX = 10_000


class Corpus(msgspec.Struct, frozen=True):
    """A collection as recommendations see it."""

    id: UUID
    facets: dict[str, FacetKind]
    passage_count: int


class ItemKey(msgspec.Struct, frozen=True):
    """An item's id and the key its owner knows it by."""

    id: UUID
    key: str


class ItemActs(msgspec.Struct, frozen=True):
    """How many people did what with an item."""

    item_id: UUID
    upvotes: int
    views: int
    comments: int


class Touched(msgspec.Struct, frozen=True):
    """An interaction that was stored or removed."""

    user_key: str
    item_id: UUID
    kind: str = ""


class UserOf(msgspec.Struct, frozen=True):
    """A user in a collection."""

    collection_id: UUID
    user_key: str


class Act(msgspec.Struct, frozen=True):
    """Something a user did or wrote, with the item's category."""

    user_key: str
    item_id: UUID
    is_own: bool
    kind: str
    weight: float
    at: datetime
    category: str | None


class CategoryPlace(msgspec.Struct, frozen=True):
    """A category's place in category vectors."""

    name: str
    place: int


class ShownItem(msgspec.Struct, frozen=True):
    """An item as a feed shows it."""

    id: UUID
    key: str
    title: str
    text: str
    author: str | None
    category: str | None


class _CorpusRow(msgspec.Struct, frozen=True):
    id: UUID
    facets: dict[str, str]
    passage_count: int


async def find_corpus(tx: Tx, *, name: str) -> Corpus | None:
    row = await tx.fetch_one(QUERIES.find_corpus, _CorpusRow, {"tenant_id": tx.tenant, "name": name})
    if row is None:
        return None
    return Corpus(row.id, {facet: FacetKind(kind) for facet, kind in row.facets.items()}, row.passage_count)


async def list_item_ids(tx: Tx, *, collection_id: UUID, keys: Sequence[str]) -> list[ItemKey]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "keys": list(keys)}
    return await tx.fetch_all(QUERIES.list_item_ids, ItemKey, params)


def _columns(rows: Sequence[InteractionRow]) -> dict[str, object]:
    return {
        "user_keys": [row.user_key for row in rows],
        "item_ids": [row.item_id for row in rows],
        "kinds": [row.kind for row in rows],
    }


async def upsert_interactions(
    tx: Tx, *, collection_id: UUID, rows: Sequence[InteractionRow], lasting: Collection[Kind] = ()
) -> list[Touched]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "lasting": list(lasting), **_columns(rows)}
    params |= {"weights": [row.weight for row in rows], "times": [row.happened_at for row in rows]}
    return await tx.fetch_all(QUERIES.upsert_interactions, Touched, params)


async def delete_interactions(tx: Tx, *, collection_id: UUID, rows: Sequence[InteractionRow]) -> list[Touched]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, **_columns(rows)}
    return await tx.fetch_all(QUERIES.delete_interactions, Touched, params)


async def count_acts(tx: Tx, *, item_ids: Sequence[UUID]) -> list[ItemActs]:
    params = {"tenant_id": tx.tenant, "item_ids": list(item_ids)}
    return await tx.fetch_all(QUERIES.count_acts, ItemActs, params)


async def delete_interactions_of_items(tx: Tx, *, item_ids: Sequence[UUID]) -> list[Touched]:
    params = {"tenant_id": tx.tenant, "item_ids": list(item_ids)}
    return await tx.fetch_all(QUERIES.delete_interactions_of_items, Touched, params)


async def delete_impressions_of_items(tx: Tx, *, item_ids: Sequence[UUID]) -> int:
    params = {"tenant_id": tx.tenant, "item_ids": list(item_ids)}
    return await tx.execute(QUERIES.delete_impressions_of_items, params)


async def delete_interactions_of_user(tx: Tx, *, collection_id: UUID, user_key: str, limit: int) -> list[Touched]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "user_key": user_key, "limit": limit}
    return await tx.fetch_all(QUERIES.delete_interactions_of_user, Touched, params)


async def delete_impressions_of_user(tx: Tx, *, collection_id: UUID, user_key: str) -> int:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "user_key": user_key}
    return await tx.execute(QUERIES.delete_impressions_of_user, params)


async def list_collections_of_user(tx: Tx, *, user_key: str, limit: int) -> list[UUID]:
    params = {"tenant_id": tx.tenant, "user_key": user_key, "limit": limit}
    return await tx.fetch_values(QUERIES.list_collections_of_user, UUID, params)


async def list_authors_known(tx: Tx, *, item_ids: Sequence[UUID], limit: int) -> list[UserOf]:
    params = {"tenant_id": tx.tenant, "item_ids": list(item_ids), "limit": limit}
    return await tx.fetch_all(QUERIES.list_authors_known, UserOf, params)


async def list_users_of_items(tx: Tx, *, item_ids: Sequence[UUID], limit: int) -> list[UserOf]:
    params = {"tenant_id": tx.tenant, "item_ids": list(item_ids), "limit": limit}
    return await tx.fetch_all(QUERIES.list_users_of_items, UserOf, params)


async def upsert_standings(
    tx: Tx, *, item_ids: Sequence[UUID], upvote: float, comment: float, view: float
) -> list[UUID]:
    params = {"tenant_id": tx.tenant, "item_ids": list(item_ids), "upvote": upvote, "comment": comment, "view": view}
    return await tx.fetch_values(QUERIES.upsert_standings, UUID, params)


async def delete_standings(tx: Tx, *, item_ids: Sequence[UUID]) -> int:
    return await tx.execute(QUERIES.delete_standings, {"tenant_id": tx.tenant, "item_ids": list(item_ids)})


async def insert_categories(tx: Tx, *, item_ids: Sequence[UUID]) -> int:
    return await tx.execute(QUERIES.insert_categories, {"tenant_id": tx.tenant, "item_ids": list(item_ids)})


async def list_categories(tx: Tx, *, collection_id: UUID) -> dict[str, int]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "limit": _CATEGORIES_MAX}
    return {row.name: row.place for row in await tx.fetch_all(QUERIES.list_categories, CategoryPlace, params)}


async def list_acts(tx: Tx, *, collection_id: UUID, user_keys: Sequence[str], limit: int) -> list[Act]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "user_keys": list(user_keys), "limit": limit}
    return await tx.fetch_all(QUERIES.list_acts, Act, params)


async def list_recent(tx: Tx, *, collection_id: UUID, user_key: str, limit: int) -> list[InteractionRow]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "user_key": user_key, "limit": limit}
    return await tx.fetch_all(QUERIES.list_recent, InteractionRow, params)


async def list_done(tx: Tx, *, collection_id: UUID, user_key: str, item_ids: Sequence[UUID]) -> list[UUID]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "user_key": user_key, "item_ids": list(item_ids)}
    return await tx.fetch_values(QUERIES.list_done, UUID, params)


async def list_likes_of_users(
    tx: Tx, *, collection_id: UUID, user_keys: Sequence[str], limit: int
) -> list[InteractionRow]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "user_keys": list(user_keys), "limit": limit}
    return await tx.fetch_all(QUERIES.list_likes_of_users, InteractionRow, params)


async def list_standings(tx: Tx, *, item_ids: Sequence[UUID]) -> list[Standing]:
    params = {"tenant_id": tx.tenant, "item_ids": list(item_ids)}
    return await tx.fetch_all(QUERIES.list_standings, Standing, params)


async def list_shown(tx: Tx, *, item_ids: Sequence[UUID], characters: int) -> list[ShownItem]:
    params = {"tenant_id": tx.tenant, "item_ids": list(item_ids), "characters": characters}
    return await tx.fetch_all(QUERIES.list_shown, ShownItem, params)


async def read_interactions(
    tx: Tx, *, collection_id: UUID, after: InteractionRow | None, limit: int
) -> list[InteractionRow]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "limit": limit}
    params |= {
        "after_user": "" if after is None else after.user_key,
        "after_item": UUID(int=0) if after is None else after.item_id,
        "after_kind": "" if after is None else after.kind,
    }
    return await tx.fetch_all(QUERIES.read_interactions, InteractionRow, params)


async def delete_all_standings(tx: Tx) -> int:
    return await tx.execute(QUERIES.delete_all_standings, {"tenant_id": tx.tenant})


async def delete_all_categories(tx: Tx) -> int:
    return await tx.execute(QUERIES.delete_all_categories, {"tenant_id": tx.tenant})
