"""Transactions: what a second one beside an open one may take."""

import asyncio
from pathlib import Path
from uuid import UUID

from likewise.app import Server
from likewise.platform.config import Settings
from likewise.platform.db import Database


def pooled(settings_home: Path, *, connections: int) -> Settings:
    flags = {"home": settings_home, "database_pool_min": connections, "database_pool_max": connections}
    return Settings(flags, file=Path("/nonexistent/likewise.toml"))


async def test_second_transaction_is_given_only_where_a_connection_idles(
    server: Server, tmp_path: Path, tenant_id: UUID
) -> None:
    settings = pooled(tmp_path, connections=2)
    async with Database(server.owner_url, settings, fallback_secret=server.fallback_secret) as database:
        async with database.tenant(tenant_id, read_only=True), database.idle_tenant(tenant_id) as second:
            assert second is not None
            assert second.tenant == tenant_id
            async with asyncio.timeout(5), database.idle_tenant(tenant_id) as third:
                assert third is None
        async with database.tenant(tenant_id), database.idle_tenant(tenant_id) as again:
            assert again is not None


async def test_many_who_ask_for_a_second_connection_never_wait_for_each_other(
    server: Server, tmp_path: Path, tenant_id: UUID
) -> None:
    settings = pooled(tmp_path, connections=2)
    given = 0

    async def hold_two(database: Database) -> None:
        nonlocal given
        async with database.tenant(tenant_id, read_only=True):
            await asyncio.sleep(0)
            async with database.idle_tenant(tenant_id) as second:
                given += second is not None
                await asyncio.sleep(0)

    async with (
        Database(server.owner_url, settings, fallback_secret=server.fallback_secret) as database,
        asyncio.timeout(20),
        asyncio.TaskGroup() as group,
    ):
        for _ in range(40):
            group.create_task(hold_two(database))
    assert given < 40
