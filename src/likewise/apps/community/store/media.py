"""Statements on pictures of experiences."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from likewise.apps.community.model import Media
from likewise.platform.db import Queries, Tx

__all__ = [
    "Shown",
    "count_media",
    "delete_media",
    "delete_media_of",
    "find_media",
    "find_picture",
    "insert_media",
    "list_kept_media",
    "list_media",
    "update_media",
]

QUERIES = Queries("likewise.apps.community")


class Shown(msgspec.Struct, frozen=True):
    """The hash of a picture, and who may see the experience it belongs to."""

    digest: bytes
    visibility: str


async def insert_media(tx: Tx, *, media: Media, digest: bytes) -> int:
    params = {
        "tenant_id": tx.tenant,
        "id": media.id,
        "experience_id": media.experience_id,
        "alt": media.alt,
        "width": media.width,
        "height": media.height,
        "bytes": media.bytes,
        "digest": digest,
        "at": media.created_at,
    }
    return await tx.execute(QUERIES.insert_media, params)


async def count_media(tx: Tx, *, experience_id: UUID) -> int:
    params = {"tenant_id": tx.tenant, "experience_id": experience_id}
    return await tx.fetch_value(QUERIES.count_media, int, params) or 0


async def list_media(tx: Tx, *, experience_ids: Sequence[UUID], limit: int) -> list[Media]:
    params = {"tenant_id": tx.tenant, "experience_ids": list(experience_ids), "limit": limit}
    return await tx.fetch_all(QUERIES.list_media, Media, params)


async def find_media(tx: Tx, *, media_id: UUID) -> Media | None:
    return await tx.fetch_one(QUERIES.find_media, Media, {"tenant_id": tx.tenant, "id": media_id})


async def update_media(tx: Tx, *, media_id: UUID, alt: str) -> int:
    return await tx.execute(QUERIES.update_media, {"tenant_id": tx.tenant, "id": media_id, "alt": alt})


async def delete_media(tx: Tx, *, media_id: UUID) -> int:
    return await tx.execute(QUERIES.delete_media, {"tenant_id": tx.tenant, "id": media_id})


async def delete_media_of(tx: Tx, *, experience_ids: Sequence[UUID]) -> list[UUID]:
    params = {"tenant_id": tx.tenant, "experience_ids": list(experience_ids)}
    return await tx.fetch_values(QUERIES.delete_media_of, UUID, params)


async def list_kept_media(tx: Tx, *, ids: Sequence[UUID]) -> list[UUID]:
    return await tx.fetch_values(QUERIES.list_kept_media, UUID, {"tenant_id": tx.tenant, "ids": list(ids)})


async def find_picture(tx: Tx, *, media_id: UUID) -> Shown | None:
    return await tx.fetch_one(QUERIES.find_picture, Shown, {"tenant_id": tx.tenant, "id": media_id})
