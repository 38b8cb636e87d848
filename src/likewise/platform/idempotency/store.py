"""One function per statement."""

from uuid import UUID

from likewise.platform.db import Queries, Tx
from likewise.platform.idempotency.model import KeyRow, StoredAnswer

__all__ = [
    "claim_key",
    "delete_old_keys",
    "find_key",
    "has_written",
    "mark_effect",
    "release_key",
    "store_answer",
    "unlock_key",
]

QUERIES = Queries(__package__)


async def claim_key(tx: Tx, *, key: str, fingerprint: bytes, owner: UUID, lock_s: float, kept_h: int) -> bool:
    values = _named(tx.tenant, key, owner) | {"fingerprint": fingerprint, "lock_s": lock_s, "kept_h": kept_h}
    return await tx.execute(QUERIES.claim_key, values) == 1


async def find_key(tx: Tx, *, key: str) -> KeyRow | None:
    return await tx.fetch_one(QUERIES.find_key, KeyRow, {"tenant_id": tx.tenant, "key": key})


async def has_written(tx: Tx) -> bool:
    return bool(await tx.fetch_value(QUERIES.has_written, bool))


async def mark_effect(tx: Tx, *, tenant_id: UUID, key: str, owner: UUID) -> bool:
    return await tx.execute(QUERIES.mark_effect, _named(tenant_id, key, owner)) == 1


async def store_answer(tx: Tx, *, key: str, owner: UUID, answer: StoredAnswer) -> bool:
    values = _named(tx.tenant, key, owner) | {
        "status": answer.status,
        "media_type": answer.media_type,
        "location": answer.location,
        "body": answer.body,
    }
    return await tx.execute(QUERIES.store_answer, values) == 1


async def release_key(tx: Tx, *, key: str, owner: UUID) -> bool:
    return await tx.execute(QUERIES.release_key, _named(tx.tenant, key, owner)) == 1


async def unlock_key(tx: Tx, *, key: str, owner: UUID) -> bool:
    return await tx.execute(QUERIES.unlock_key, _named(tx.tenant, key, owner)) == 1


async def delete_old_keys(tx: Tx, *, kept_h: int, limit: int) -> int:
    return await tx.execute(QUERIES.delete_old_keys, {"kept_h": kept_h, "limit": limit})


def _named(tenant_id: UUID, key: str, owner: UUID) -> dict[str, object]:
    return {"tenant_id": tenant_id, "key": key, "owner": owner}
