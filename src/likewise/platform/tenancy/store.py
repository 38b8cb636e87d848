"""One function per statement."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from likewise.platform.db import Queries, Tx
from likewise.platform.tenancy.model import ApiKey, Tenant

__all__ = [
    "KeyRow",
    "delete_key",
    "delete_tenant_row",
    "find_key_by_hash",
    "find_tenant_by_name",
    "has_keys",
    "insert_key",
    "insert_tenant",
    "list_keys",
    "list_tenants",
    "mark_key_used",
]

QUERIES = Queries(__package__)


class KeyRow(msgspec.Struct, frozen=True):
    """A key as authentication sees it."""

    tenant_id: UUID
    id: UUID
    scopes: list[str]
    hash: bytes
    stale: bool


async def insert_tenant(tx: Tx, *, tenant_id: UUID, name: str) -> bool:
    return await tx.execute(QUERIES.insert_tenant, {"tenant_id": tenant_id, "name": name}) == 1


async def find_tenant_by_name(tx: Tx, *, name: str) -> Tenant | None:
    return await tx.fetch_one(QUERIES.find_tenant_by_name, Tenant, {"name": name})


async def list_tenants(tx: Tx, *, after: UUID, limit: int) -> list[Tenant]:
    return await tx.fetch_all(QUERIES.list_tenants, Tenant, {"after": after, "limit": limit})


async def delete_tenant_row(tx: Tx, *, tenant_id: UUID) -> int:
    return await tx.execute(QUERIES.delete_tenant_row, {"tenant_id": tenant_id})


async def insert_key(tx: Tx, *, key_id: UUID, name: str, key_hash: bytes, hint: str, scopes: Sequence[str]) -> None:
    await tx.execute(
        QUERIES.insert_key,
        {
            "tenant_id": tx.tenant,
            "id": key_id,
            "name": name,
            "hash": key_hash,
            "hint": hint,
            "scopes": list(scopes),
        },
    )


async def list_keys(tx: Tx, *, limit: int) -> list[ApiKey]:
    return await tx.fetch_all(QUERIES.list_keys, ApiKey, {"tenant_id": tx.tenant, "limit": limit})


async def delete_key(tx: Tx, *, key_id: UUID) -> int:
    return await tx.execute(QUERIES.delete_key, {"tenant_id": tx.tenant, "id": key_id})


async def find_key_by_hash(tx: Tx, *, key_hash: bytes) -> KeyRow | None:
    return await tx.fetch_one(QUERIES.find_key_by_hash, KeyRow, {"hash": key_hash})


async def mark_key_used(tx: Tx, *, tenant_id: UUID, key_id: UUID, at: datetime) -> None:
    await tx.execute(QUERIES.mark_key_used, {"tenant_id": tenant_id, "id": key_id, "at": at})


async def has_keys(tx: Tx) -> bool:
    return bool(await tx.fetch_value(QUERIES.has_keys, bool))
