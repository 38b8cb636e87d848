"""Who may find an item, changed without touching what was derived from its text."""

from collections.abc import Sequence
from typing import cast
from uuid import UUID

import msgspec

from likewise.engine.collections import logic, store
from likewise.engine.collections.events import ItemChanged
from likewise.engine.collections.model import FacetValue, ItemDraft, Place, Visibility
from likewise.platform.db import Tx
from likewise.platform.events import publish
from likewise.platform.feature import App

__all__ = ["set_visibility"]

_METADATA_BYTES_MAX = 10_000_000  # it was stored before: this only reads numbers as they were read then


async def set_visibility(
    app: App, tx: Tx, *, collection_id: UUID, item_ids: Sequence[UUID], visibility: Visibility
) -> list[UUID]:
    """Let others find these items, or nobody; the ids of those for which that is news.

    Passages and vectors stay as they are, so an item shown again is found at once. Counts of facet values are of all
    items whoever may see them, and stay too. Lists, searches and feeds read the visibility itself: they follow with the
    commit, what is derived follows `ItemChanged`.
    """
    rows = await store.lock_items(tx, collection_id=collection_id, ids=item_ids)
    changed = [row for row in rows if row.visibility != visibility]
    if not changed:
        return []
    ids = [row.id for row in changed]
    hashes = [logic.content_hash(_draft(row, visibility)) for row in changed]
    await store.mark_visibility(tx, ids=ids, hashes=hashes, visibility=visibility, at=app.clock.now())
    await publish(tx, [ItemChanged(item_id, collection_id) for item_id in ids])
    return ids


def _draft(row: store.ItemRow, visibility: Visibility) -> ItemDraft:
    place = None if row.latitude is None or row.longitude is None else Place(row.latitude, row.longitude)
    metadata, _ = logic.clean_value(row.metadata, bytes_max=_METADATA_BYTES_MAX)
    return ItemDraft(
        key=row.key,
        body=row.body,
        title=row.title,
        facets=msgspec.convert(row.facets, dict[str, FacetValue]),
        author=row.author,
        category=row.category,
        place=place,
        happened_at=row.happened_at,
        visibility=visibility,
        metadata=cast("dict[str, object]", metadata),
    )
