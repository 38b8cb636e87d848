"""One function per statement: routing tables, money, calls and their months."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from likewise.engine.language.model import CallEnd, CallStart, Difficulty, Routing, Tier
from likewise.platform.db import Json, Queries, Tx

__all__ = [
    "CostSum",
    "GroupSum",
    "adjust_spend",
    "delete_routing",
    "end_call",
    "find_routing",
    "find_spent",
    "insert_call",
    "list_costs",
    "list_groups",
    "list_tenants_with_old_calls",
    "reserve_spend",
    "roll_up_calls",
    "sum_open",
    "upsert_routing",
]

QUERIES = Queries(__package__)


class CostSum(msgspec.Struct, frozen=True):
    """What a task cost with one model in a month; money in millionths of a US dollar."""

    task: str
    tier: Tier
    model: str
    calls: int
    failed_calls: int
    input_tokens: int
    output_tokens: int
    estimated_calls: int
    unpriced_calls: int
    cost_micro: int


class GroupSum(msgspec.Struct, frozen=True):
    """A month's calls of one task and difficulty."""

    task: str
    difficulty: Difficulty
    calls: int
    input_tokens: int
    output_tokens: int
    cost_micro: int
    failed_cost_micro: int


class _Row(msgspec.Struct, frozen=True):
    routing: dict[str, Any]


async def find_routing(tx: Tx) -> Routing | None:
    row = await tx.fetch_one(QUERIES.find_routing, _Row, {"tenant_id": tx.tenant})
    return None if row is None else msgspec.convert(row.routing, Routing)


async def upsert_routing(tx: Tx, *, routing: Routing) -> int:
    return await tx.execute(QUERIES.upsert_routing, {"tenant_id": tx.tenant, "routing": Json(routing)})


async def delete_routing(tx: Tx) -> int:
    return await tx.execute(QUERIES.delete_routing, {"tenant_id": tx.tenant})


async def reserve_spend(tx: Tx, *, month: date, micro: int, cap_micro: int) -> int | None:
    params = {"tenant_id": tx.tenant, "month": month, "micro": micro, "cap_micro": cap_micro}
    return await tx.fetch_value(QUERIES.reserve_spend, int, params)


async def adjust_spend(tx: Tx, *, month: date, micro: int) -> int:
    return await tx.execute(QUERIES.adjust_spend, {"tenant_id": tx.tenant, "month": month, "micro": micro})


async def find_spent(tx: Tx, *, month: date) -> int:
    return await tx.fetch_value(QUERIES.find_spent, int, {"tenant_id": tx.tenant, "month": month}) or 0


async def insert_call(tx: Tx, *, call_id: UUID, start: CallStart, end: CallEnd) -> int:
    params = {"tenant_id": tx.tenant, "id": call_id, **msgspec.structs.asdict(start), **msgspec.structs.asdict(end)}
    return await tx.execute(QUERIES.insert_call, params)


async def end_call(tx: Tx, *, call_id: UUID, end: CallEnd) -> int:
    return await tx.execute(QUERIES.end_call, {"tenant_id": tx.tenant, "id": call_id, **msgspec.structs.asdict(end)})


async def list_costs(tx: Tx, *, month: date, starts_at: datetime, ends_at: datetime, limit: int) -> list[CostSum]:
    params = {"tenant_id": tx.tenant, "month": month, "starts_at": starts_at, "ends_at": ends_at, "limit": limit}
    return await tx.fetch_all(QUERIES.list_costs, CostSum, params)


async def list_groups(tx: Tx, *, month: date, starts_at: datetime, ends_at: datetime, limit: int) -> list[GroupSum]:
    params = {"tenant_id": tx.tenant, "month": month, "starts_at": starts_at, "ends_at": ends_at, "limit": limit}
    return await tx.fetch_all(QUERIES.list_groups, GroupSum, params)


async def sum_open(tx: Tx, *, starts_at: datetime, ends_at: datetime) -> int:
    params = {"tenant_id": tx.tenant, "starts_at": starts_at, "ends_at": ends_at}
    return await tx.fetch_value(QUERIES.sum_open, int, params) or 0


async def list_tenants_with_old_calls(tx: Tx, *, before: datetime, rows: int, limit: int) -> list[UUID]:
    params = {"before": before, "rows": rows, "limit": limit}
    return await tx.fetch_values(QUERIES.list_tenants_with_old_calls, UUID, params)


async def roll_up_calls(tx: Tx, *, before: datetime, limit: int) -> int:
    return (
        await tx.fetch_value(QUERIES.roll_up_calls, int, {"tenant_id": tx.tenant, "before": before, "limit": limit})
        or 0
    )
