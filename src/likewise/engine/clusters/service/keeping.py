"""Places kept for texts that will arrive soon, so that what comes back finds the cluster it left."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from likewise.engine.clusters import logic, store
from likewise.platform.db import Tx

__all__ = ["KeptPlace", "keep_places"]


class KeptPlace(msgspec.Struct, frozen=True):
    """A text by its title and body, the item that will have it, and the cluster it is to be in."""

    title: str | None
    body: str
    item_id: UUID
    cluster_id: UUID
    similarity: float
    reason: str


async def keep_places(tx: Tx, *, collection_id: UUID, places: Sequence[KeptPlace]) -> list[UUID]:
    """Decide where texts go before they arrive; the cluster of each, in their order.

    A text that is in a cluster already stays there: identical texts never part. Nothing is counted or told before the
    items arrive. Of places for the same text the first one counts. Where a collection is not grouped, nothing is kept.
    """
    grouping = await store.lock_grouping(tx, collection_id=collection_id)
    if grouping is None:
        return [place.cluster_id for place in places]
    hashes = [logic.text_hash(place.title, place.body) for place in places]
    known = {row.hash: row for row in await store.list_texts(tx, collection_id=collection_id, hashes=hashes)}
    fresh: dict[bytes, store.TextRow] = {}
    for digest, place in zip(hashes, places, strict=True):
        if digest not in known and digest not in fresh:
            fresh[digest] = store.TextRow(digest, place.cluster_id, place.item_id, 0, place.similarity, place.reason)
    if fresh:
        rows = list(fresh.values())
        await store.insert_clusters(
            tx, collection_id=collection_id, ids=list(dict.fromkeys(row.cluster_id for row in rows))
        )
        await store.upsert_texts(tx, collection_id=collection_id, rows=rows, places=[None] * len(rows))
    return [(known.get(digest) or fresh[digest]).cluster_id for digest in hashes]
