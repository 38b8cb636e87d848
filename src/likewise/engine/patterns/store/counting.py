"""The truth that is counted, and the counts; one typed function per statement."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from likewise.engine.patterns.model import CONFIDENCE_MIN, PAIR_ITEMS_MIN, Given, Source, Term, TermKind
from likewise.platform.db import Queries, Tx

__all__ = [
    "CountedRow",
    "ItemRow",
    "TermRow",
    "add_pairs",
    "add_terms",
    "count_pairs_of",
    "delete_all_counted",
    "delete_all_members",
    "delete_all_pairs",
    "delete_all_terms",
    "delete_counted",
    "delete_empty_pairs",
    "delete_empty_terms",
    "delete_members",
    "delete_pairs_of",
    "find_collection",
    "insert_members",
    "list_collection_ids",
    "list_counted",
    "list_facets",
    "list_given",
    "list_item_batch",
    "list_sources",
    "list_terms",
    "upsert_counted",
]

QUERIES = Queries("likewise.engine.patterns")


class CountedRow(msgspec.Struct, frozen=True):
    """What an item was counted with."""

    item_id: UUID
    collection_id: UUID
    terms: list[int]


class TermRow(msgspec.Struct, frozen=True):
    """A term and how many items have it."""

    id: int
    kind: TermKind
    key: str
    value: str
    low: float | None
    high: float | None
    item_count: int

    @property
    def term(self) -> Term:
        """The term alone."""
        return Term(self.id, self.kind, self.key, self.value, self.low, self.high)


class ItemRow(msgspec.Struct, frozen=True):
    """An item and the collection it is in."""

    item_id: UUID
    collection_id: UUID


class NamedRow(msgspec.Struct, frozen=True):
    """A collection."""

    id: UUID
    name: str


async def find_collection(tx: Tx, *, name: str) -> UUID | None:
    return await tx.fetch_value(QUERIES.find_collection, UUID, {"tenant_id": tx.tenant, "name": name})


async def list_collection_ids(tx: Tx, *, after: UUID, limit: int) -> list[NamedRow]:
    params = {"tenant_id": tx.tenant, "after": after, "limit": limit}
    return await tx.fetch_all(QUERIES.list_collection_ids, NamedRow, params)


async def list_item_batch(tx: Tx, *, after: UUID, limit: int) -> list[ItemRow]:
    params = {"tenant_id": tx.tenant, "after": after, "limit": limit}
    return await tx.fetch_all(QUERIES.list_item_batch, ItemRow, params)


async def list_sources(tx: Tx, *, item_ids: Sequence[UUID]) -> list[Source]:
    return await tx.fetch_all(QUERIES.list_sources, Source, {"tenant_id": tx.tenant, "item_ids": list(item_ids)})


async def list_facets(tx: Tx, *, item_ids: Sequence[UUID]) -> list[Given]:
    return await tx.fetch_all(QUERIES.list_facets, Given, {"tenant_id": tx.tenant, "item_ids": list(item_ids)})


async def list_given(tx: Tx, *, item_ids: Sequence[UUID]) -> list[Given]:
    params = {"tenant_id": tx.tenant, "item_ids": list(item_ids), "confidence_min": CONFIDENCE_MIN}
    return await tx.fetch_all(QUERIES.list_given, Given, params)


async def list_counted(tx: Tx, *, item_ids: Sequence[UUID]) -> list[CountedRow]:
    return await tx.fetch_all(QUERIES.list_counted, CountedRow, {"tenant_id": tx.tenant, "item_ids": list(item_ids)})


async def upsert_counted(tx: Tx, *, collection_id: UUID, terms: Mapping[UUID, Sequence[int]]) -> int:
    # A rectangle is what arrays of arrays must be in Postgres, and items differ in length: hence JSON.
    params = {
        "tenant_id": tx.tenant,
        "collection_id": collection_id,
        "item_ids": list(terms),
        "terms": [msgspec.json.encode(list(ids)).decode() for ids in terms.values()],
    }
    return await tx.execute(QUERIES.upsert_counted, params)


async def delete_counted(tx: Tx, *, item_ids: Sequence[UUID]) -> int:
    return await tx.execute(QUERIES.delete_counted, {"tenant_id": tx.tenant, "item_ids": list(item_ids)})


async def insert_members(tx: Tx, *, collection_id: UUID, members: Sequence[tuple[int, UUID]]) -> int:
    return await tx.execute(QUERIES.insert_members, _members(tx, collection_id, members))


async def delete_members(tx: Tx, *, collection_id: UUID, members: Sequence[tuple[int, UUID]]) -> int:
    return await tx.execute(QUERIES.delete_members, _members(tx, collection_id, members))


async def list_terms(tx: Tx, *, collection_id: UUID, ids: Sequence[int]) -> list[TermRow]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "ids": list(ids)}
    return await tx.fetch_all(QUERIES.list_terms, TermRow, params)


async def add_terms(tx: Tx, *, collection_id: UUID, terms: Sequence[Term], counts: Sequence[int]) -> int:
    """Move counts; how many terms took part. Fewer than were given: an id is another term's already."""
    params = {
        "tenant_id": tx.tenant,
        "collection_id": collection_id,
        "ids": [term.id for term in terms],
        "kinds": [term.kind for term in terms],
        "keys": [term.key for term in terms],
        "values": [term.value for term in terms],
        "lows": [term.low for term in terms],
        "highs": [term.high for term in terms],
        "counts": list(counts),
    }
    return await tx.execute(QUERIES.add_terms, params)


async def delete_empty_terms(tx: Tx, *, collection_id: UUID, ids: Sequence[int]) -> int:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "ids": list(ids)}
    return await tx.execute(QUERIES.delete_empty_terms, params)


async def add_pairs(tx: Tx, *, collection_id: UUID, pairs: Mapping[tuple[int, int], int]) -> int:
    return await tx.execute(
        QUERIES.add_pairs, _pairs(tx, collection_id, list(pairs)) | {"counts": list(pairs.values())}
    )


async def delete_empty_pairs(tx: Tx, *, collection_id: UUID, pairs: Sequence[tuple[int, int]]) -> int:
    return await tx.execute(QUERIES.delete_empty_pairs, _pairs(tx, collection_id, pairs))


async def delete_pairs_of(tx: Tx, *, collection_id: UUID, ids: Sequence[int]) -> int:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "ids": list(ids)}
    return await tx.execute(QUERIES.delete_pairs_of, params)


async def count_pairs_of(tx: Tx, *, collection_id: UUID, values: Sequence[Term]) -> int:
    params: dict[str, object] = {
        "tenant_id": tx.tenant,
        "collection_id": collection_id,
        "ids": [value.id for value in values],
        "keys": [value.key for value in values],
        "items_min": PAIR_ITEMS_MIN,
    }
    return await tx.execute(QUERIES.count_pairs_of, params)


async def delete_all_counted(tx: Tx) -> int:
    return await tx.execute(QUERIES.delete_all_counted, {"tenant_id": tx.tenant})


async def delete_all_members(tx: Tx) -> int:
    return await tx.execute(QUERIES.delete_all_members, {"tenant_id": tx.tenant})


async def delete_all_terms(tx: Tx) -> int:
    return await tx.execute(QUERIES.delete_all_terms, {"tenant_id": tx.tenant})


async def delete_all_pairs(tx: Tx) -> int:
    return await tx.execute(QUERIES.delete_all_pairs, {"tenant_id": tx.tenant})


def _members(tx: Tx, collection_id: UUID, members: Sequence[tuple[int, UUID]]) -> dict[str, object]:
    return {
        "tenant_id": tx.tenant,
        "collection_id": collection_id,
        "term_ids": [term_id for term_id, _ in members],
        "item_ids": [item_id for _, item_id in members],
    }


def _pairs(tx: Tx, collection_id: UUID, pairs: Sequence[tuple[int, int]]) -> dict[str, object]:
    return {
        "tenant_id": tx.tenant,
        "collection_id": collection_id,
        "firsts": [first for first, _ in pairs],
        "seconds": [second for _, second in pairs],
    }
