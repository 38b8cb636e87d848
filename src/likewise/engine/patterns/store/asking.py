"""What the counts tell; one typed function per statement."""

from collections.abc import Sequence
from typing import cast
from uuid import UUID

import msgspec

from likewise.engine.patterns.model import KeySummary, TermKind
from likewise.engine.patterns.store.counting import QUERIES, TermRow
from likewise.platform.db import Tx

__all__ = [
    "Matrix",
    "PairRow",
    "PartnerRow",
    "TermRow",
    "count_matrix",
    "count_values",
    "list_evidence",
    "list_frequent_terms",
    "list_keys",
    "list_pairs",
    "list_pairs_with",
    "list_partners",
    "list_values",
]

Matrix = dict[tuple[int, int], int]
"""Items by (term, group)."""


class PartnerRow(TermRow, frozen=True):
    """A term, and how many items have it and are in the group."""

    both: int


class PairRow(msgspec.Struct, frozen=True):
    """Two terms, and how many items have both."""

    a: int
    b: int
    item_count: int


class _CountRow(msgspec.Struct, frozen=True):
    id: int
    item_count: int


class _MatrixRow(msgspec.Struct, frozen=True):
    term_id: int
    group_id: int
    item_count: int


async def list_keys(tx: Tx, *, collection_id: UUID, items_min: int, limit: int) -> list[KeySummary]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "items_min": items_min, "limit": limit}
    return await tx.fetch_all(QUERIES.list_keys, KeySummary, params)


async def list_values(
    tx: Tx, *, collection_id: UUID, key: str, items_min: int, limit: int, kind: TermKind = "value"
) -> list[TermRow]:
    params: dict[str, object] = {"tenant_id": tx.tenant, "collection_id": collection_id, "key": key, "kind": kind}
    return await tx.fetch_all(QUERIES.list_values, TermRow, params | {"items_min": items_min, "limit": limit})


async def count_values(tx: Tx, *, collection_id: UUID, key: str | None, items_min: int, limit: int) -> int:
    params: dict[str, object] = {"tenant_id": tx.tenant, "collection_id": collection_id, "key": key}
    found = await tx.fetch_value(QUERIES.count_values, int, params | {"items_min": items_min, "limit": limit})
    return cast("int", found)


async def list_partners(
    tx: Tx,
    *,
    collection_id: UUID,
    groups: Sequence[int],
    items_min: int,
    limit: int,
    key: str | None = None,
    kinds: Sequence[TermKind] = ("value", "key"),
) -> list[PartnerRow]:
    params: dict[str, object] = {"tenant_id": tx.tenant, "collection_id": collection_id, "groups": list(groups)}
    params |= {"items_min": items_min, "limit": limit, "key": key, "kinds": list(kinds)}
    # Nothing is added up where there is one group: what is too rare can be left lying at once.
    params["pair_items_min"] = items_min if len(groups) == 1 else 1
    return await tx.fetch_all(QUERIES.list_partners, PartnerRow, params)


async def list_pairs_with(tx: Tx, *, collection_id: UUID, term_id: int, others: Sequence[int]) -> dict[int, int]:
    params: dict[str, object] = {"tenant_id": tx.tenant, "collection_id": collection_id, "term_id": term_id}
    rows = await tx.fetch_all(QUERIES.list_pairs_with, _CountRow, params | {"others": list(others)})
    return {row.id: row.item_count for row in rows}


async def count_matrix(tx: Tx, *, collection_id: UUID, term_ids: Sequence[int], groups: Sequence[int]) -> Matrix:
    params: dict[str, object] = {"tenant_id": tx.tenant, "collection_id": collection_id, "groups": list(groups)}
    rows = await tx.fetch_all(QUERIES.count_matrix, _MatrixRow, params | {"term_ids": list(term_ids)})
    return {(row.term_id, row.group_id): row.item_count for row in rows}


async def list_pairs(tx: Tx, *, collection_id: UUID, after: tuple[int, int], limit: int) -> list[PairRow]:
    params: dict[str, object] = {"tenant_id": tx.tenant, "collection_id": collection_id, "limit": limit}
    return await tx.fetch_all(QUERIES.list_pairs, PairRow, params | {"after_a": after[0], "after_b": after[1]})


async def list_frequent_terms(tx: Tx, *, collection_id: UUID, items_min: int, limit: int) -> list[TermRow]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "items_min": items_min, "limit": limit}
    return await tx.fetch_all(QUERIES.list_frequent_terms, TermRow, params)


async def list_evidence(
    tx: Tx, *, collection_id: UUID, term_id: int, others: Sequence[int], scanned_max: int, limit: int
) -> list[str]:
    params: dict[str, object] = {"tenant_id": tx.tenant, "collection_id": collection_id, "term_id": term_id}
    params |= {"others": list(others), "scanned_max": scanned_max, "limit": limit}
    return await tx.fetch_values(QUERIES.list_evidence, str, params)
