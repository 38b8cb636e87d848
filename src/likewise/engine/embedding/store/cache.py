"""One function per statement of the cache: vectors by text, what must be forgotten, what was used and spent."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from likewise.engine.embedding.model import DayUsage
from likewise.engine.embedding.store.rows import Cached, Spend
from likewise.platform.db import HalfVectors, Queries, Tx

__all__ = [
    "add_usage",
    "count_cached",
    "delete_cached",
    "delete_cached_of_space",
    "insert_cached",
    "insert_forgotten",
    "list_cached",
    "list_spends",
    "list_usage",
    "mark_cached_used",
    "release_spend",
    "reserve_spend",
    "sweep_forgotten",
    "trim_cache_by_age",
    "trim_cache_by_count",
]

QUERIES = Queries("likewise.engine.embedding")
_PERIODS_MAX = 10


async def delete_cached_of_space(tx: Tx, *, space_id: int, limit: int) -> int:
    return await tx.execute(QUERIES.delete_cached_of_space, {"space_id": space_id, "limit": limit})


async def list_cached(tx: Tx, *, space_id: int, hashes: Sequence[bytes]) -> list[Cached]:
    params = {"space_id": space_id, "hashes": list(hashes), "limit": len(hashes)}
    return await tx.fetch_all(QUERIES.list_cached, Cached, params)


async def insert_cached(tx: Tx, *, space_id: int, hashes: Sequence[bytes], embeddings: HalfVectors) -> int:
    params = {"space_id": space_id, "hashes": list(hashes), "embeddings": embeddings}
    return await tx.execute(QUERIES.insert_cached, params)


async def mark_cached_used(tx: Tx, *, space_id: int, hashes: Sequence[bytes], at: datetime) -> int:
    return await tx.execute(QUERIES.mark_cached_used, {"space_id": space_id, "hashes": list(hashes), "at": at})


async def delete_cached(tx: Tx, *, hashes: Sequence[bytes]) -> int:
    return await tx.execute(QUERIES.delete_cached, {"hashes": list(hashes)})


async def trim_cache_by_age(tx: Tx, *, before: datetime, limit: int) -> int:
    return await tx.execute(QUERIES.trim_cache_by_age, {"before": before, "limit": limit})


async def trim_cache_by_count(tx: Tx, *, limit: int) -> int:
    return await tx.execute(QUERIES.trim_cache_by_count, {"limit": limit})


async def count_cached(tx: Tx, *, limit: int) -> int:
    return await tx.fetch_value(QUERIES.count_cached, int, {"limit": limit}) or 0


async def insert_forgotten(tx: Tx, *, space_ids: Sequence[int], hashes: Sequence[bytes]) -> int:
    params = {"tenant_id": tx.tenant, "space_ids": list(space_ids), "hashes": list(hashes)}
    return await tx.execute(QUERIES.insert_forgotten, params)


async def sweep_forgotten(tx: Tx, *, before: datetime, limit: int) -> int:
    return await tx.execute(QUERIES.sweep_forgotten, {"before": before, "limit": limit})


async def reserve_spend(tx: Tx, *, period: str, starts_at: datetime, nano_usd: int, cap_nano_usd: int) -> int | None:
    params = {
        "tenant_id": tx.tenant,
        "period": period,
        "starts_at": starts_at,
        "nano_usd": nano_usd,
        "cap_nano_usd": cap_nano_usd,
    }
    return await tx.fetch_value(QUERIES.reserve_spend, int, params)


async def release_spend(tx: Tx, *, period: str, starts_at: datetime, nano_usd: int) -> int:
    params = {"tenant_id": tx.tenant, "period": period, "starts_at": starts_at, "nano_usd": nano_usd}
    return await tx.execute(QUERIES.release_spend, params)


async def list_spends(tx: Tx, *, starts_at: Sequence[datetime]) -> list[Spend]:
    params = {"tenant_id": tx.tenant, "starts_at": list(starts_at), "limit": _PERIODS_MAX}
    return await tx.fetch_all(QUERIES.list_spends, Spend, params)


async def add_usage(tx: Tx, *, usage: DayUsage) -> int:
    return await tx.execute(QUERIES.add_usage, {"tenant_id": tx.tenant, **msgspec.structs.asdict(usage)})


async def list_usage(tx: Tx, *, since: datetime, limit: int) -> list[DayUsage]:
    params = {"tenant_id": tx.tenant, "since": since, "limit": limit}
    return await tx.fetch_all(QUERIES.list_usage, DayUsage, params)
