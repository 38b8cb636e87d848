"""Statements of the record: added up per month, shown, forgotten."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from likewise.engine.search.model import QueryFigures, QueryTotals
from likewise.engine.search.store.statements import QUERIES
from likewise.platform.db import Tx

__all__ = [
    "MonthRow",
    "delete_orphaned_months",
    "delete_orphaned_queries",
    "delete_rare_texts",
    "forget_clicks",
    "forget_query",
    "list_query_months",
    "list_tenants_with_old_queries",
    "list_top_queries",
    "list_top_texts_of_months",
    "roll_up_queries",
    "sum_queries",
]


class MonthRow(msgspec.Struct, frozen=True):
    """A month that was added up; `took_counts` are cumulative, see `logic.TOOK_BOUNDS_MS`."""

    month: date
    searches: int
    without_results: int
    clicked: int
    cached: int
    took_counts: list[int]


async def list_tenants_with_old_queries(tx: Tx, *, before: datetime, rows: int, limit: int) -> list[UUID]:
    params = {"before": before, "rows": rows, "limit": limit}
    return await tx.fetch_values(QUERIES.list_tenants_with_old_queries, UUID, params)


async def roll_up_queries(tx: Tx, *, before: datetime, limit: int) -> int:
    params = {"tenant_id": tx.tenant, "before": before, "limit": limit}
    return await tx.fetch_value(QUERIES.roll_up_queries, int, params) or 0


async def delete_rare_texts(tx: Tx, *, texts_max: int, limit: int) -> int:
    params = {"tenant_id": tx.tenant, "texts_max": texts_max, "limit": limit}
    return await tx.execute(QUERIES.delete_rare_texts, params)


async def delete_orphaned_queries(tx: Tx, *, limit: int) -> int:
    return await tx.execute(QUERIES.delete_orphaned_queries, {"tenant_id": tx.tenant, "limit": limit})


async def delete_orphaned_months(tx: Tx, *, limit: int) -> int:
    return await tx.execute(QUERIES.delete_orphaned_months, {"tenant_id": tx.tenant, "limit": limit})


async def forget_clicks(tx: Tx, *, item_ids: Sequence[UUID]) -> int:
    return await tx.execute(QUERIES.forget_clicks, {"tenant_id": tx.tenant, "item_ids": list(item_ids)})


async def forget_query(tx: Tx, *, hash: bytes) -> int:  # noqa: A002 - the column's word
    return await tx.fetch_value(QUERIES.forget_query, int, {"tenant_id": tx.tenant, "hash": hash}) or 0


async def sum_queries(tx: Tx, *, since: datetime, collection_id: UUID | None) -> QueryTotals:
    params = {"tenant_id": tx.tenant, "since": since, "collection_id": collection_id}
    [row] = await tx.fetch_all(QUERIES.sum_queries, QueryTotals, params)
    return row


async def list_top_queries(
    tx: Tx, *, since: datetime, collection_id: UUID | None, only_empty: bool, limit: int
) -> list[QueryFigures]:
    params = {"tenant_id": tx.tenant, "since": since, "collection_id": collection_id, "limit": limit}
    return await tx.fetch_all(QUERIES.list_top_queries, QueryFigures, params | {"only_empty": only_empty})


async def list_query_months(tx: Tx, *, collection_id: UUID | None, limit: int) -> list[MonthRow]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "limit": limit}
    return await tx.fetch_all(QUERIES.list_query_months, MonthRow, params)


async def list_top_texts_of_months(tx: Tx, *, collection_id: UUID | None, limit: int) -> list[QueryFigures]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "limit": limit}
    return await tx.fetch_all(QUERIES.list_top_texts_of_months, QueryFigures, params)
