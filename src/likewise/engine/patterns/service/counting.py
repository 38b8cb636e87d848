"""The counts follow the items: what an item was counted with is taken back, what it has now is added."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from uuid import UUID

from likewise.engine.collections import ItemAdded
from likewise.engine.patterns import store
from likewise.engine.patterns.errors import TermsCollide
from likewise.engine.patterns.logic.counting import Change, Movement, move
from likewise.engine.patterns.logic.terms import item_terms
from likewise.engine.patterns.model import Given, Term
from likewise.platform.db import Database, Tx
from likewise.platform.events import Consumer, Mark, rebuild

__all__ = ["count_anew", "count_items", "drop_counts"]

_REPUBLISHED_ITEMS = 1_000
_THREAD_FROM_ITEMS = 20


async def count_items(tx: Tx, *, item_ids: Sequence[UUID]) -> None:
    """Count these items as they are now; one that is gone or hidden is counted out. Repeating it changes nothing."""
    wanted = await _read_truth(tx, item_ids)
    counted = {row.item_id: row for row in await store.list_counted(tx, item_ids=item_ids)}
    collections = dict.fromkeys(
        [row.collection_id for row in counted.values()] + [collection for collection, _ in wanted.values()]
    )
    for collection_id in collections:
        before = {row.item_id: row.terms for row in counted.values() if row.collection_id == collection_id}
        after = {item: terms for item, (collection, terms) in wanted.items() if collection == collection_id}
        await _count(tx, collection_id, before, after)


async def drop_counts(tx: Tx) -> None:
    """Forget everything counted for this transaction's tenant. Attributes and insights are truth and stay."""
    await store.delete_all_counted(tx)
    await store.delete_all_members(tx)
    await store.delete_all_pairs(tx)
    await store.delete_all_terms(tx)


async def count_anew(db: Database, consumer: Consumer, tenant_id: UUID) -> Mark | None:
    """Throw a tenant's counts away and have the consumer count every item again; the mark to wait for."""

    async def republish(tx: Tx) -> AsyncIterator[Sequence[ItemAdded]]:
        after = UUID(int=0)
        while rows := await store.list_item_batch(tx, after=after, limit=_REPUBLISHED_ITEMS):
            yield [ItemAdded(row.item_id, row.collection_id) for row in rows]
            after = rows[-1].item_id

    return await rebuild(db, consumer, tenant_id, republish)


async def _read_truth(tx: Tx, item_ids: Sequence[UUID]) -> dict[UUID, tuple[UUID, list[Term]]]:
    sources = await store.list_sources(tx, item_ids=item_ids)
    ids = [source.item_id for source in sources]
    given: dict[UUID, list[Given]] = {item_id: [] for item_id in ids}
    for one in [*await store.list_facets(tx, item_ids=ids), *await store.list_given(tx, item_ids=ids)]:
        given[one.item_id].append(one)

    def read() -> dict[UUID, tuple[UUID, list[Term]]]:
        return {source.item_id: (source.collection_id, item_terms(source, given[source.item_id])) for source in sources}

    return await asyncio.to_thread(read) if len(ids) >= _THREAD_FROM_ITEMS else read()


async def _count(
    tx: Tx, collection_id: UUID, before: Mapping[UUID, Sequence[int]], after: Mapping[UUID, Sequence[Term]]
) -> None:
    changes: list[Change] = []
    for item_id in sorted({*before, *after}):
        now = sorted(term.id for term in after.get(item_id, ()))
        if list(before.get(item_id, ())) != now:
            changes.append(Change(item_id, before.get(item_id, ()), now))
    if not changes:
        return
    known = {term.id: term for terms in after.values() for term in terms}
    ids = sorted({term_id for change in changes for term_id in (*change.before, *change.after)})
    stored = {row.id: row for row in await store.list_terms(tx, collection_id=collection_id, ids=ids)}
    known |= {row.id: row.term for row in stored.values() if row.id not in known}
    counts = {row.id: row.item_count for row in stored.values()}

    def work() -> Movement:
        return move(changes, known=known, counts=counts)

    movement = await asyncio.to_thread(work) if len(changes) >= _THREAD_FROM_ITEMS else work()
    await _write_items(tx, collection_id, changes, known)
    await _write_counts(tx, collection_id, movement, known)


async def _write_items(tx: Tx, collection_id: UUID, changes: Sequence[Change], known: Mapping[int, Term]) -> None:
    present = {change.item_id: change.after for change in changes if change.after}
    if present:
        await store.upsert_counted(tx, collection_id=collection_id, terms=present)
    if gone := [change.item_id for change in changes if not change.after]:
        await store.delete_counted(tx, item_ids=gone)

    def listed(change: Change, terms: set[int]) -> list[tuple[int, UUID]]:
        return [(term, change.item_id) for term in sorted(terms) if known[term].kind in {"value", "context"}]

    lost = [one for change in changes for one in listed(change, set(change.before) - set(change.after))]
    won = [one for change in changes for one in listed(change, set(change.after) - set(change.before))]
    if lost:
        await store.delete_members(tx, collection_id=collection_id, members=lost)
    if won:
        await store.insert_members(tx, collection_id=collection_id, members=won)


async def _write_counts(tx: Tx, collection_id: UUID, movement: Movement, known: Mapping[int, Term]) -> None:
    terms = [known[term_id] for term_id in movement.terms]
    if terms:
        moved = await store.add_terms(
            tx, collection_id=collection_id, terms=terms, counts=list(movement.terms.values())
        )
        if moved != len(terms):
            raise TermsCollide(count=len(terms))
    if movement.pairs:
        await store.add_pairs(tx, collection_id=collection_id, pairs=movement.pairs)
    if fewer := [pair for pair, delta in movement.pairs.items() if delta < 0]:
        await store.delete_empty_pairs(tx, collection_id=collection_id, pairs=fewer)
    if movement.fallen:
        await store.delete_pairs_of(tx, collection_id=collection_id, ids=list(movement.fallen))
    if movement.risen:
        risen = [known[term_id] for term_id in movement.risen]
        await store.count_pairs_of(tx, collection_id=collection_id, values=risen)
    if fewer_terms := [term_id for term_id, delta in movement.terms.items() if delta < 0]:
        await store.delete_empty_terms(tx, collection_id=collection_id, ids=fewer_terms)
