"""Statements about texts and the items that have them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from likewise.engine.clusters.store.groupings import QUERIES
from likewise.platform.db import Tx

__all__ = [
    "Arrival",
    "ClusterSize",
    "MemberText",
    "NearHash",
    "TextRow",
    "TextTimes",
    "count_texts",
    "delete_all_members",
    "delete_all_signatures",
    "delete_all_summaries",
    "delete_members",
    "delete_signatures",
    "delete_texts",
    "empty_groupings",
    "empty_texts",
    "forget_axes",
    "forget_vectors",
    "insert_members",
    "insert_signatures",
    "list_arrivals",
    "list_bodies",
    "list_near_hashes",
    "list_stems",
    "list_texts",
    "list_texts_in_order",
    "list_texts_of_clusters",
    "list_texts_of_items",
    "list_times",
    "move_texts",
    "place_texts",
    "shrink_texts",
    "upsert_texts",
]


class _Stem(msgspec.Struct, frozen=True):
    word: str
    stem: str


class Arrival(msgspec.Struct, frozen=True):
    """An item with its words."""

    item_id: UUID
    title: str | None
    body: str
    seen_at: datetime


class TextRow(msgspec.Struct, frozen=True):
    """A distinct text, the cluster it is in, and the item that stands for it."""

    hash: bytes
    cluster_id: UUID
    item_id: UUID
    item_count: int
    similarity: float
    reason: str


class NearHash(msgspec.Struct, frozen=True):
    """A text that has this band."""

    band: int
    hash: bytes


class MemberText(msgspec.Struct, frozen=True):
    """Which text an item is."""

    item_id: UUID
    hash: bytes


class ClusterSize(msgspec.Struct, frozen=True):
    """How many texts a cluster has."""

    cluster_id: UUID
    text_count: int


class TextTimes(msgspec.Struct, frozen=True):
    """How many items have a text and when they were seen; `heat` is relative to the moment asked for."""

    hash: bytes
    item_count: int
    first_seen_at: datetime
    last_seen_at: datetime
    heat: float


async def list_arrivals(tx: Tx, *, collection_id: UUID, item_ids: Sequence[UUID]) -> list[Arrival]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "item_ids": list(item_ids)}
    return await tx.fetch_all(QUERIES.list_arrivals, Arrival, {**params, "limit": len(item_ids)})


async def list_bodies(tx: Tx, *, item_ids: Sequence[UUID]) -> list[Arrival]:
    params = {"tenant_id": tx.tenant, "item_ids": list(item_ids), "limit": len(item_ids)}
    return await tx.fetch_all(QUERIES.list_bodies, Arrival, params)


async def list_stems(tx: Tx, *, collection_id: UUID, words: Collection[str]) -> dict[str, str]:
    """What each word stems to; words without a meaning of their own are left out."""
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "words": list(words), "limit": len(words)}
    return {row.word: row.stem for row in await tx.fetch_all(QUERIES.list_stems, _Stem, params)}


async def list_texts(tx: Tx, *, collection_id: UUID, hashes: Sequence[bytes]) -> list[TextRow]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "hashes": list(hashes), "limit": len(hashes)}
    return await tx.fetch_all(QUERIES.list_texts, TextRow, params)


async def list_texts_in_order(tx: Tx, *, collection_id: UUID, after: bytes, limit: int) -> list[TextRow]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "after": after, "limit": limit}
    return await tx.fetch_all(QUERIES.list_texts_in_order, TextRow, params)


async def list_texts_of_clusters(
    tx: Tx, *, collection_id: UUID, cluster_ids: Sequence[UUID], after: bytes, limit: int
) -> list[TextRow]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "cluster_ids": list(cluster_ids)}
    return await tx.fetch_all(QUERIES.list_texts_of_clusters, TextRow, {**params, "after": after, "limit": limit})


async def list_texts_of_items(tx: Tx, *, collection_id: UUID, item_ids: Sequence[UUID]) -> list[TextRow]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "item_ids": list(item_ids)}
    return await tx.fetch_all(QUERIES.list_texts_of_items, TextRow, {**params, "limit": len(item_ids)})


async def list_near_hashes(tx: Tx, *, collection_id: UUID, bands: Sequence[int], limit: int) -> list[NearHash]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "bands": list(bands), "limit": limit}
    return await tx.fetch_all(QUERIES.list_near_hashes, NearHash, params)


async def insert_signatures(tx: Tx, *, collection_id: UUID, bands: Sequence[int], hashes: Sequence[bytes]) -> None:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "bands": list(bands), "hashes": list(hashes)}
    await tx.execute(QUERIES.insert_signatures, params)


async def delete_signatures(tx: Tx, *, collection_id: UUID, hashes: Sequence[bytes]) -> None:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "hashes": list(hashes)}
    await tx.execute(QUERIES.delete_signatures, params)


async def upsert_texts(
    tx: Tx, *, collection_id: UUID, rows: Sequence[TextRow], places: Sequence[tuple[float, float] | None]
) -> None:
    params = {
        "tenant_id": tx.tenant,
        "collection_id": collection_id,
        "hashes": [row.hash for row in rows],
        "cluster_ids": [row.cluster_id for row in rows],
        "item_ids": [row.item_id for row in rows],
        "item_counts": [row.item_count for row in rows],
        "similarities": [row.similarity for row in rows],
        "reasons": [row.reason for row in rows],
        "xs": [None if place is None else place[0] for place in places],
        "ys": [None if place is None else place[1] for place in places],
    }
    await tx.execute(QUERIES.upsert_texts, params)


async def insert_members(
    tx: Tx, *, collection_id: UUID, members: Sequence[MemberText], times: Sequence[datetime]
) -> None:
    params = {
        "tenant_id": tx.tenant,
        "collection_id": collection_id,
        "item_ids": [member.item_id for member in members],
        "hashes": [member.hash for member in members],
        "times": list(times),
    }
    await tx.execute(QUERIES.insert_members, params)


async def delete_members(tx: Tx, *, item_ids: Sequence[UUID]) -> list[MemberText]:
    params = {"tenant_id": tx.tenant, "item_ids": list(item_ids)}
    return await tx.fetch_all(QUERIES.delete_members, MemberText, params)


async def shrink_texts(
    tx: Tx, *, collection_id: UUID, hashes: Sequence[bytes], item_counts: Sequence[int]
) -> list[TextRow]:
    params = {
        "tenant_id": tx.tenant,
        "collection_id": collection_id,
        "hashes": list(hashes),
        "item_counts": list(item_counts),
    }
    return await tx.fetch_all(QUERIES.shrink_texts, TextRow, params)


async def delete_texts(tx: Tx, *, collection_id: UUID, hashes: Sequence[bytes]) -> None:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "hashes": list(hashes)}
    await tx.execute(QUERIES.delete_texts, params)


async def move_texts(tx: Tx, *, collection_id: UUID, rows: Sequence[TextRow], from_ids: Sequence[UUID]) -> list[bytes]:
    """`rows` say where the texts are to be."""
    params = {
        "tenant_id": tx.tenant,
        "collection_id": collection_id,
        "hashes": [row.hash for row in rows],
        "from_ids": list(from_ids),
        "to_ids": [row.cluster_id for row in rows],
        "similarities": [row.similarity for row in rows],
        "reasons": [row.reason for row in rows],
    }
    return await tx.fetch_values(QUERIES.move_texts, bytes, params)


async def place_texts(
    tx: Tx, *, collection_id: UUID, hashes: Sequence[bytes], xs: Sequence[float], ys: Sequence[float]
) -> None:
    params = {
        "tenant_id": tx.tenant,
        "collection_id": collection_id,
        "hashes": list(hashes),
        "xs": list(xs),
        "ys": list(ys),
    }
    await tx.execute(QUERIES.place_texts, params)


async def list_times(
    tx: Tx, *, collection_id: UUID, hashes: Sequence[bytes], now: datetime, trend_s: float
) -> list[TextTimes]:
    params = {
        "tenant_id": tx.tenant,
        "collection_id": collection_id,
        "hashes": list(hashes),
        "now": now,
        "trend_s": trend_s,
        "limit": len(hashes),
    }
    return await tx.fetch_all(QUERIES.list_times, TextTimes, params)


async def count_texts(tx: Tx, *, collection_id: UUID, cluster_ids: Sequence[UUID]) -> list[ClusterSize]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "cluster_ids": list(cluster_ids)}
    return await tx.fetch_all(QUERIES.count_texts, ClusterSize, params)


async def delete_all_members(tx: Tx) -> None:
    await tx.execute(QUERIES.delete_all_members, {"tenant_id": tx.tenant})


async def delete_all_signatures(tx: Tx) -> None:
    await tx.execute(QUERIES.delete_all_signatures, {"tenant_id": tx.tenant})


async def delete_all_summaries(tx: Tx) -> None:
    await tx.execute(QUERIES.delete_all_summaries, {"tenant_id": tx.tenant})


async def empty_groupings(tx: Tx) -> None:
    await tx.execute(QUERIES.empty_groupings, {"tenant_id": tx.tenant})


async def forget_vectors(tx: Tx) -> None:
    await tx.execute(QUERIES.forget_vectors, {"tenant_id": tx.tenant})


async def forget_axes(tx: Tx) -> None:
    await tx.execute(QUERIES.forget_axes, {"tenant_id": tx.tenant})


async def empty_texts(tx: Tx) -> None:
    await tx.execute(QUERIES.empty_texts, {"tenant_id": tx.tenant})
