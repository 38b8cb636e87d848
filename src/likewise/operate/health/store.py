"""One function per statement."""

import msgspec

from likewise.platform.db import Queries, Tx

__all__ = ["Content", "count_content", "count_dead_letters", "count_pending", "measure_database"]

QUERIES = Queries(__package__)


class Content(msgspec.Struct, frozen=True):
    """Counters of a tenant."""

    items: int
    passages: int
    collections: int


async def count_content(tx: Tx) -> Content:
    found = await tx.fetch_one(QUERIES.count_content, Content, {"tenant_id": tx.tenant})
    return found or Content(0, 0, 0)


async def count_pending(tx: Tx, *, limit: int) -> int:
    return await tx.fetch_value(QUERIES.count_pending, int, {"tenant_id": tx.tenant, "limit": limit}) or 0


async def measure_database(tx: Tx) -> int:
    return await tx.fetch_value(QUERIES.measure_database, int) or 0


async def count_dead_letters(tx: Tx, *, limit: int) -> int:
    return await tx.fetch_value(QUERIES.count_dead_letters, int, {"limit": limit}) or 0
