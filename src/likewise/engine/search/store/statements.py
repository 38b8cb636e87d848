"""One typed function per statement."""

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString, cast
from uuid import UUID

import msgspec

from likewise.engine.collections import Box, Conditions, FacetKind, Range, TimeRange, Words, bounds_of, conditioned
from likewise.engine.embedding import Space
from likewise.engine.search.model import (
    Corpus,
    Hit,
    KnownWord,
    MatchedPassage,
    NearWord,
    Partition,
    QueryRecord,
)
from likewise.platform.db import HalfVector, Queries, Tx

__all__ = [
    "QUERIES",
    "FoundValue",
    "ItemKey",
    "Ranking",
    "Stem",
    "count_facet_values",
    "count_found_values",
    "delete_all_documents",
    "delete_all_lexemes",
    "delete_all_totals",
    "delete_documents",
    "find_corpus",
    "find_corpus_by_id",
    "find_partition",
    "has_backlog",
    "insert_documents",
    "insert_queries",
    "list_item_keys",
    "list_items_of_box",
    "list_items_of_range",
    "list_items_of_time",
    "list_items_of_words",
    "list_matched_passages",
    "list_matching_items",
    "list_near_words",
    "list_stems",
    "lock_vocabulary",
    "mark_clicked",
    "name_lexemes",
    "nearest_approximate",
    "nearest_exact",
    "nearest_of_items",
    "rank_documents",
    "read_words",
    "space_slots",
]

QUERIES = Queries("likewise.engine.search")
Params = dict[str, object]


class ItemKey(msgspec.Struct, frozen=True):
    """An item's id and the key its owner knows it by."""

    id: UUID
    key: str


class Ranking(msgspec.Struct, frozen=True, kw_only=True):
    """What BM25 needs: quoted lexemes with their weights, the mean length of a document, and its two constants."""

    terms: Sequence[str]
    weights: Sequence[float]
    length_mean: float
    k1: float
    b: float


class FoundValue(msgspec.Struct, frozen=True):
    """How many of some items have a value of a facet."""

    name: str
    value: str
    item_count: int


class Stem(msgspec.Struct, frozen=True):
    """A word, and its lexemes in some language."""

    word: str
    lexemes: list[str]


class _CorpusRow(msgspec.Struct, frozen=True):
    id: UUID
    language: str
    facets: dict[str, str]
    item_count: int
    passage_count: int
    document_count: int
    lexeme_count: int


async def find_corpus(tx: Tx, *, name: str) -> Corpus | None:
    row = await tx.fetch_one(QUERIES.find_corpus, _CorpusRow, {"tenant_id": tx.tenant, "name": name})
    return None if row is None else _corpus(row)


async def find_corpus_by_id(tx: Tx, *, collection_id: UUID) -> Corpus | None:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id}
    row = await tx.fetch_one(QUERIES.find_corpus_by_id, _CorpusRow, params)
    return None if row is None else _corpus(row)


def _corpus(row: _CorpusRow) -> Corpus:
    kinds = {facet: FacetKind(kind) for facet, kind in row.facets.items()}
    return Corpus(row.id, row.language, kinds, row.item_count, row.passage_count, row.document_count, row.lexeme_count)


async def find_partition(tx: Tx, *, space: Space) -> Partition | None:
    params = {"tenant_id": tx.tenant, "space_id": space.space_id, "predicate": f"(space_id = {space.space_id})"}
    return await tx.fetch_one(QUERIES.find_partition, Partition, params)


async def count_facet_values(tx: Tx, *, collection_id: UUID, name: str, values: Sequence[str]) -> int:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "name": name, "values": list(values)}
    return await tx.fetch_value(QUERIES.count_facet_values, int, params) or 0


async def list_matching_items(tx: Tx, *, collection_id: UUID, conditions: Conditions, limit: int) -> list[UUID]:
    statement, params = conditioned(QUERIES.list_matching_items, conditions, item="i.id", joined=True)
    params |= {"tenant_id": tx.tenant, "collection_id": collection_id, "limit": limit}
    return await tx.fetch_values(statement, UUID, params)


async def list_items_of_words(tx: Tx, *, collection_id: UUID, words: Words, limit: int) -> list[UUID]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "name": words.name, "limit": limit}
    return await tx.fetch_values(QUERIES.list_items_of_words, UUID, params | {"values": list(words.values)})


async def list_items_of_range(tx: Tx, *, collection_id: UUID, span: Range, limit: int) -> list[UUID]:
    params: Params = {"tenant_id": tx.tenant, "collection_id": collection_id, "limit": limit}
    statement = QUERIES.list_items_of_range.with_slots(bounds=bounds_of(span, params))
    return await tx.fetch_values(statement, UUID, params)


async def list_items_of_time(tx: Tx, *, collection_id: UUID, moment: TimeRange, limit: int) -> list[UUID]:
    params: Params = {"tenant_id": tx.tenant, "collection_id": collection_id, "limit": limit}
    params |= {"happened_from": moment.gte, "happened_before": moment.lt}
    return await tx.fetch_values(QUERIES.list_items_of_time, UUID, params)


async def list_items_of_box(tx: Tx, *, collection_id: UUID, box: Box, limit: int) -> list[UUID]:
    params: Params = {"tenant_id": tx.tenant, "collection_id": collection_id, "limit": limit}
    params |= {"near_south": box.south, "near_north": box.north, "near_west": box.west, "near_east": box.east}
    return await tx.fetch_values(QUERIES.list_items_of_box, UUID, params)


async def nearest_exact(
    tx: Tx, *, space: Space, collection_id: UUID, vector: HalfVector, conditions: Conditions, limit: int
) -> list[Hit]:
    statement, params = conditioned(QUERIES.nearest_exact, conditions, slots=space_slots(space))
    params |= {"tenant_id": tx.tenant, "collection_id": collection_id, "vector": vector, "limit": limit}
    return await tx.fetch_all(statement, Hit, params)


async def nearest_of_items(
    tx: Tx,
    *,
    space: Space,
    collection_id: UUID,
    vector: HalfVector,
    conditions: Conditions,
    item_ids: Sequence[UUID],
    limit: int,
) -> list[Hit]:
    statement, params = conditioned(QUERIES.nearest_of_items, conditions, slots=space_slots(space))
    params |= {"tenant_id": tx.tenant, "collection_id": collection_id, "vector": vector}
    return await tx.fetch_all(statement, Hit, params | {"item_ids": list(item_ids), "limit": limit})


async def nearest_approximate(
    tx: Tx, *, space: Space, collection_id: UUID, vector: HalfVector, conditions: Conditions, limit: int
) -> list[Hit]:
    statement, params = conditioned(QUERIES.nearest_approximate, conditions, slots=space_slots(space))
    params |= {"tenant_id": tx.tenant, "collection_id": collection_id, "vector": vector, "limit": limit}
    return await tx.fetch_all(statement, Hit, params)


async def list_item_keys(tx: Tx, *, collection_id: UUID, keys: Sequence[str]) -> list[ItemKey]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "keys": list(keys)}
    return await tx.fetch_all(QUERIES.list_item_keys, ItemKey, params)


async def read_words(tx: Tx, *, collection_id: UUID, language: str, words: Sequence[str]) -> list[KnownWord]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "language": language, "words": list(words)}
    return await tx.fetch_all(QUERIES.read_words, KnownWord, params)


async def count_found_values(tx: Tx, *, item_ids: Sequence[UUID], names: Sequence[str], limit: int) -> list[FoundValue]:
    params = {"tenant_id": tx.tenant, "item_ids": list(item_ids), "names": list(names), "limit": limit}
    return await tx.fetch_all(QUERIES.count_found_values, FoundValue, params)


async def list_stems(tx: Tx, *, language: str, words: Sequence[str]) -> list[Stem]:
    return await tx.fetch_all(QUERIES.list_stems, Stem, {"language": language, "words": list(words)})


async def list_near_words(tx: Tx, *, collection_id: UUID, words: Sequence[str], limit: int) -> list[NearWord]:
    params = {"collection_id": collection_id, "words": list(words), "limit": limit}
    return await tx.fetch_all(QUERIES.list_near_words, NearWord, params)


async def rank_documents(
    tx: Tx,
    *,
    collection_id: UUID,
    candidates: str,
    ranking: Ranking,
    conditions: Conditions,
    item_ids: Sequence[UUID] | None,
    scanned_max: int | None,
    limit: int | None,
) -> list[Hit]:
    statement, params = conditioned(QUERIES.rank_documents, conditions)
    params |= {
        "tenant_id": tx.tenant,
        "collection_id": collection_id,
        "candidates": candidates,
        "terms": list(ranking.terms),
        "weights": list(ranking.weights),
        "length_mean": ranking.length_mean,
        "k1": ranking.k1,
        "b": ranking.b,
        "item_ids": None if item_ids is None else list(item_ids),
        "scanned_max": scanned_max,
        # A filter that is tested afterwards must find its matches among all that were ranked.
        "ranked_max": None if limit is None or (conditions.count and item_ids is None) else limit * 2,
        "limit": limit,
    }
    return await tx.fetch_all(statement, Hit, params)


async def list_matched_passages(tx: Tx, *, ids: Sequence[UUID]) -> list[MatchedPassage]:
    params = {"tenant_id": tx.tenant, "ids": list(ids), "limit": len(ids)}
    return await tx.fetch_all(QUERIES.list_matched_passages, MatchedPassage, params)


async def lock_vocabulary(tx: Tx) -> None:
    await tx.execute(QUERIES.lock_vocabulary, {"tenant_id": tx.tenant})


async def delete_documents(tx: Tx, *, item_ids: Sequence[UUID]) -> int:
    params = {"tenant_id": tx.tenant, "item_ids": list(item_ids)}
    return await tx.fetch_value(QUERIES.delete_documents, int, params) or 0


async def has_backlog(tx: Tx, *, rows: int) -> bool:
    return await tx.fetch_value(QUERIES.has_backlog, bool, {"rows": rows}) or False


async def insert_documents(tx: Tx, *, item_ids: Sequence[UUID]) -> int:
    params = {"tenant_id": tx.tenant, "item_ids": list(item_ids)}
    return await tx.fetch_value(QUERIES.insert_documents, int, params) or 0


async def name_lexemes(tx: Tx, *, item_ids: Sequence[UUID]) -> int:
    return await tx.execute(QUERIES.name_lexemes, {"tenant_id": tx.tenant, "item_ids": list(item_ids)})


async def delete_all_documents(tx: Tx) -> int:
    return await tx.execute(QUERIES.delete_all_documents, {"tenant_id": tx.tenant})


async def delete_all_lexemes(tx: Tx) -> int:
    return await tx.execute(QUERIES.delete_all_lexemes, {"tenant_id": tx.tenant})


async def delete_all_totals(tx: Tx) -> int:
    return await tx.execute(QUERIES.delete_all_totals, {"tenant_id": tx.tenant})


async def insert_queries(tx: Tx, *, records: Sequence[QueryRecord]) -> int:
    params: Params = {
        "tenant_id": tx.tenant,
        "times": [record.created_at for record in records],
        "ids": [record.id for record in records],
        "collection_ids": [record.collection_id for record in records],
        "texts": [record.text for record in records],
        "hashes": [record.hash for record in records],
        "arms": [",".join(record.arms) for record in records],
        "plans": [record.plan for record in records],
        "candidate_counts": [record.candidate_count for record in records],
        "result_counts": [record.result_count for record in records],
        "tooks": [record.took_ms for record in records],
        "cached": [record.is_cached for record in records],
    }
    return await tx.execute(QUERIES.insert_queries, params)


async def mark_clicked(
    tx: Tx, *, search_id: UUID, created_at: datetime, item_id: UUID, rank: int, now: datetime
) -> bool:
    params = {"tenant_id": tx.tenant, "id": search_id, "created_at": created_at}
    return await tx.execute(QUERIES.mark_clicked, params | {"item_id": item_id, "rank": rank, "now": now}) == 1


def space_slots(space: Space) -> dict[str, LiteralString]:
    """The space as literals, digits and nothing else: only so can Postgres match the partial index of the space."""
    return {
        "space": cast("LiteralString", str(int(space.space_id))),
        "dimension": cast("LiteralString", str(int(space.dimension))),
    }
