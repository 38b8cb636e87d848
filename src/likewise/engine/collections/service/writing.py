"""Items go in: by key, in batches, each batch one transaction together with its facts."""

import asyncio
from collections.abc import Mapping, Sequence
from enum import StrEnum
from uuid import UUID

import msgspec

from likewise.engine.collections import logic, store
from likewise.engine.collections.errors import ItemKeyRefused, WriteContended
from likewise.engine.collections.events import ItemAdded, ItemChanged
from likewise.engine.collections.followers import Followers, PassageRef, Removal
from likewise.engine.collections.model import Collection, ItemDraft
from likewise.engine.collections.settings import CollectionsSettings
from likewise.platform.db import Tx
from likewise.platform.events import publish
from likewise.platform.feature import App
from likewise.platform.foreground import FOREGROUND

__all__ = [
    "KEY_BYTES_MAX",
    "WriteResult",
    "WriteStatus",
    "prepare_items",
    "put_items",
    "settle_items",
    "write_items",
]

KEY_BYTES_MAX = 1_000
_ATTEMPTS_MAX = 5
_THREAD_FROM_ITEMS = 64  # smaller batches are prepared faster than a thread is asked


class WriteStatus(StrEnum):
    """What became of a draft."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


class WriteResult(msgspec.Struct, frozen=True):
    """One draft's outcome."""

    key: str
    id: UUID
    status: WriteStatus


class _Plan(msgspec.Struct, frozen=True):
    """What a transaction has to do."""

    fresh: list[logic.Prepared]
    changed: list[logic.Prepared]
    results: list[WriteResult]


async def put_items(
    app: App, tenant_id: UUID, *, collection: Collection, drafts: Sequence[ItemDraft], urgent: bool = False
) -> list[WriteResult]:
    """Store drafts by key: new ones, changed ones; what is unchanged does no work. One transaction.

    Facets must be declared and of their kind (see `service.declaring.ensure_collection`). Of drafts with the same key
    the last one counts. The results stand in the order of the keys' first appearance.
    """
    if not drafts:
        return []
    rows = await prepare_items(app, drafts)
    for _ in range(_ATTEMPTS_MAX):
        async with app.db.tenant(tenant_id) as tx:
            plan = await _plan(tx, collection, rows)
            if await _write(app, tx, collection, plan, urgent=urgent):
                return plan.results
            await tx.rollback()  # somebody took one of the keys between our look and our insert: look again
    raise WriteContended


async def prepare_items(app: App, drafts: Sequence[ItemDraft]) -> list[logic.Prepared]:
    """What `write_items` takes: drafts with their ids, hashes and passages. Raises ItemKeyRefused."""
    for draft in drafts:
        size = len(draft.key.encode("utf-8", "replace"))
        if not 0 < size <= KEY_BYTES_MAX:
            raise ItemKeyRefused(bytes=size, bytes_max=KEY_BYTES_MAX)
    return await _prepare(app, drafts)


async def write_items(
    app: App, tx: Tx, *, collection: Collection, rows: Sequence[logic.Prepared], urgent: bool = False
) -> list[WriteResult]:
    """`put_items`, as part of a transaction that does more; the counters of the collection are held until its end.

    Raises WriteContended where a key was taken meanwhile: roll back and begin again.
    """
    plan = await _plan(tx, collection, rows)
    if not await _write(app, tx, collection, plan, urgent=urgent):
        raise WriteContended
    return plan.results


async def settle_items(app: App, tenant_id: UUID, *, item_ids: Sequence[UUID]) -> bool:
    """Wait, within bounds, until these items can be found; False where that takes longer."""
    timeout_s = app.settings.get(CollectionsSettings).wait_s
    with FOREGROUND.aside():
        settled = [
            await follower.settle(tenant_id, item_ids=item_ids, timeout_s=timeout_s)
            for follower in app.resource(Followers).all
        ]
    return all(settled)


async def _prepare(app: App, drafts: Sequence[ItemDraft]) -> list[logic.Prepared]:
    settings = app.settings.get(CollectionsSettings)

    def work() -> list[logic.Prepared]:
        return logic.prepare(
            drafts, tokens_max=settings.passage_tokens_max, overlap_tokens=settings.passage_overlap_tokens
        )

    return await asyncio.to_thread(work) if len(drafts) >= _THREAD_FROM_ITEMS else work()


async def _plan(tx: Tx, collection: Collection, rows: Sequence[logic.Prepared]) -> _Plan:
    known = {
        found.key: found
        for found in await store.lock_existing(tx, collection_id=collection.id, keys=[row.draft.key for row in rows])
    }
    plan = _Plan(fresh=[], changed=[], results=[])
    for row in rows:
        found = known.get(row.draft.key)
        if found is None:
            plan.fresh.append(row)
            plan.results.append(WriteResult(row.draft.key, row.id, WriteStatus.CREATED))
        elif found.content_hash != row.hash:
            plan.changed.append(msgspec.structs.replace(row, id=found.id))
            plan.results.append(WriteResult(row.draft.key, found.id, WriteStatus.UPDATED))
        else:
            plan.results.append(WriteResult(row.draft.key, found.id, WriteStatus.UNCHANGED))
    return plan


async def _write(app: App, tx: Tx, collection: Collection, plan: _Plan, *, urgent: bool) -> bool:
    """Carry out a plan; False where a fresh key was taken meanwhile."""
    if plan.fresh:
        inserted = await store.insert_items(tx, collection_id=collection.id, columns=logic.item_columns(plan.fresh))
        if len(inserted) != len(plan.fresh):
            return False
    removed_passages, removed_counts = 0, dict[tuple[str, str], int]()
    if plan.changed:
        removed_passages, removed_counts = await _replace(app, tx, collection, plan.changed)
    rows = [*plan.fresh, *plan.changed]
    if not rows:
        return True
    passages = logic.passage_columns(rows)
    await store.insert_passages(tx, collection_id=collection.id, columns=passages)
    facets = logic.facet_columns(rows, collection.facets)
    if facets.columns:
        await store.insert_facets(tx, collection_id=collection.id, columns=facets.columns)
    refs = [PassageRef(p, i) for p, i in zip(passages["ids"], passages["item_ids"], strict=True)]  # type: ignore[arg-type]
    for follower in app.resource(Followers).all:
        await follower.written(tx, collection_id=collection.id, passages=refs, urgent=urgent)
    await publish(
        tx,
        [ItemAdded(row.id, collection.id) for row in plan.fresh]
        + [ItemChanged(row.id, collection.id) for row in plan.changed],
    )
    counts = dict(facets.counts)
    for value, count in removed_counts.items():
        counts[value] = counts.get(value, 0) - count
    await move_counts(tx, collection.id, counts, items=len(plan.fresh), passages=len(refs) - removed_passages)
    return True


async def _replace(
    app: App, tx: Tx, collection: Collection, rows: Sequence[logic.Prepared]
) -> tuple[int, dict[tuple[str, str], int]]:
    """Store changed items and take away what was derived from their old form; what the counters lose."""
    ids = [row.id for row in rows]
    old = await store.delete_passages(tx, item_ids=ids)
    gone = await store.delete_facets(tx, item_ids=ids)
    await store.update_items(tx, columns=logic.item_columns(rows), at=app.clock.now())
    removal = Removal(collection_id=collection.id, item_ids=ids, passage_ids=old, texts=(), is_change=True)
    for follower in app.resource(Followers).all:
        await follower.removed(tx, removal)
    return len(old), {(row.name, row.text_value): row.item_count for row in gone}


async def move_counts(
    tx: Tx, collection_id: UUID, counts: Mapping[tuple[str, str], int], *, items: int, passages: int
) -> None:
    """Move the counters of a collection, last in its transaction, so that their rows are held for a moment only."""
    moved = {value: count for value, count in counts.items() if count}
    names, texts = [name for name, _ in moved], [text for _, text in moved]
    if moved:
        await store.add_facet_counts(
            tx, collection_id=collection_id, columns={"names": names, "texts": texts, "counts": list(moved.values())}
        )
    if any(count < 0 for count in moved.values()):
        await store.delete_empty_facet_counts(tx, collection_id=collection_id, names=names, texts=texts)
    if items or passages:
        await store.add_totals(tx, collection_id=collection_id, items=items, passages=passages)
