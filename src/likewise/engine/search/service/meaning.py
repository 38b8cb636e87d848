"""The vector arm: exact or through the index, and never short."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from operator import itemgetter
from uuid import UUID

import msgspec

from likewise.engine.collections import Conditions, Words
from likewise.engine.embedding import Space
from likewise.engine.search import logic, store
from likewise.engine.search.model import Corpus, Hit, Partition, Plan
from likewise.engine.search.settings import SearchSettings
from likewise.platform.db import HalfVector, Tx

__all__ = ["Aim", "Sight", "find_matching", "look_by_meaning", "prepare_index_scan"]

_EF_SEARCH_MAX = 1_000  # pgvector's own bound
_SCAN_TUPLES_MAX = 2**31 - 1
_WIDER = 10
_WIDENINGS = 2
"""How many times an iterative scan is widened, tenfold each, before every vector is compared."""


class Aim(msgspec.Struct, frozen=True):
    """Where to look: the collection, its filter, and how many items to bring.

    `matching` holds few items among which all that pass the filter are; None where there are no few. `depth` items are
    wanted; an arm that has found `enough` need not look further to find them.
    """

    corpus: Corpus
    conditions: Conditions
    matching: Sequence[UUID] | None
    depth: int
    enough: int


class Sight(msgspec.Struct, frozen=True):
    """What an arm found, one passage of each item, best first, and how many passages it looked at.

    `is_complete`: there is no more to find, however deep one looks.
    """

    hits: list[Hit]
    looked_at: int
    is_complete: bool
    plan: Plan = "exact"


async def find_matching(
    tx: Tx, *, corpus: Corpus, conditions: Conditions, depth: int, settings: SearchSettings
) -> list[UUID] | None:
    """Few items among which all are that pass the filter: those that meet its narrowest part. None where they are many.

    Kept counters say how many items have a value; of other parts one item more than is worth it is read from an index.
    """
    if corpus.passage_count <= settings.exact_rows_max or not conditions.count:
        return None
    limit = logic.selective_items_max(
        passages=corpus.passage_count, depth=depth, exact_rows_max=settings.exact_rows_max
    )
    where = {"tx": tx, "collection_id": corpus.id}
    counted: list[tuple[int, Words]] = []
    for words in conditions.words:
        count = await store.count_facet_values(tx, collection_id=corpus.id, name=words.name, values=words.values)
        counted.append((count, words))
    reads: list[Callable[..., Awaitable[list[UUID]]]] = [
        partial(store.list_items_of_words, **where, words=words)
        for count, words in sorted(counted, key=itemgetter(0))
        if count <= limit
    ]
    reads += [partial(store.list_items_of_range, **where, span=span) for span in conditions.ranges]
    if conditions.happened_at is not None:
        reads.append(partial(store.list_items_of_time, **where, moment=conditions.happened_at))
    if conditions.near is not None:
        reads.append(partial(store.list_items_of_box, **where, box=conditions.near))
    for read in reads:
        found = await read(limit=limit + 1)
        if len(found) <= limit:
            return list(dict.fromkeys(found))
    return None


async def look_by_meaning(
    tx: Tx, *, aim: Aim, space: Space, vector: HalfVector, partition: Partition, settings: SearchSettings
) -> Sight:
    """The nearest items. The settings it makes for this transaction are those of its last statement."""
    plan = logic.plan_vector(
        passages=aim.corpus.passage_count,
        matching=None if aim.matching is None else len(aim.matching),
        partition=partition,
        depth=aim.depth,
        exact_rows_max=settings.exact_rows_max,
    )
    if plan != "approximate":
        return await _look_exactly(tx, aim=aim, space=space, vector=vector)
    ef_search = partition.ef_search or settings.ef_search
    for widening in range(1 + _WIDENINGS):
        hits = await _look_approximately(
            tx, aim=aim, space=space, vector=vector, settings=settings, ef_search=ef_search, factor=_WIDER**widening
        )
        if len(hits) >= min(aim.enough, aim.corpus.item_count):
            looked_at = max(ef_search, len(hits))
            return Sight(hits, looked_at, is_complete=False, plan="approximate")
        await tx.settle(enable_sort="on")
        if widening == 0:
            # Each part of the filter is wide, but the whole may be narrow: then its items can be looked at one by one.
            limit = settings.exact_rows_max
            found = await store.list_matching_items(
                tx, collection_id=aim.corpus.id, conditions=aim.conditions, limit=limit + 1
            )
            if len(found) <= limit:
                aim = msgspec.structs.replace(aim, matching=found)
                break
    return await _look_exactly(tx, aim=aim, space=space, vector=vector)


async def _look_exactly(tx: Tx, *, aim: Aim, space: Space, vector: HalfVector) -> Sight:
    # A plan for any tenant would have to open every partition; making one takes longer than many searches. Few items,
    # nearest first, are tested one by one until enough pass, which no other join does.
    joins = {} if aim.matching is None else {"enable_hashjoin": "off", "enable_mergejoin": "off"}
    await tx.settle(plan_cache_mode="force_custom_plan", **joins)
    looked_at = aim.corpus.passage_count
    hits: list[Hit] = []
    is_complete = False
    # Long items may fill the list with their own passages: then more are asked for, at last all.
    for limit in (aim.depth, aim.depth * 4, max(aim.depth * 16, aim.corpus.passage_count)):
        if aim.matching is not None:
            rows = await store.nearest_of_items(
                tx,
                space=space,
                collection_id=aim.corpus.id,
                vector=vector,
                conditions=aim.conditions,
                item_ids=aim.matching,
                limit=limit,
            )
            looked_at = max(len(aim.matching), len(rows))
        else:
            rows = await store.nearest_exact(
                tx, space=space, collection_id=aim.corpus.id, vector=vector, conditions=aim.conditions, limit=limit
            )
        hits = logic.best_of_items(rows)
        is_complete = len(rows) < limit and len(hits) <= aim.depth
        if len(rows) < limit or len(hits) >= aim.depth:
            break
    return Sight(hits[: aim.depth], looked_at, is_complete)


async def _look_approximately(
    tx: Tx, *, aim: Aim, space: Space, vector: HalfVector, settings: SearchSettings, ef_search: int, factor: int
) -> list[Hit]:
    """One iterative scan of the HNSW index; `factor` times as many tuples and passages as usual."""
    await prepare_index_scan(
        tx,
        ef_search=max(ef_search, aim.depth),
        scan_tuples_max=min(settings.scan_tuples_max * factor, _SCAN_TUPLES_MAX),
    )
    rows = await store.nearest_approximate(
        tx,
        space=space,
        collection_id=aim.corpus.id,
        vector=vector,
        conditions=aim.conditions,
        limit=aim.depth * factor,
    )
    return logic.best_of_items(rows)[: aim.depth]


async def prepare_index_scan(tx: Tx, *, ef_search: int, scan_tuples_max: int) -> None:
    """Set this transaction for scans of an HNSW index, and for nothing else."""
    # Without sorting, only the index gives the order. A custom plan sees the tenant: only its partition is opened, and
    # a promoted tenant's own graph is known to fit.
    await tx.settle(
        plan_cache_mode="force_custom_plan",
        enable_sort="off",
        hnsw__iterative_scan="strict_order",
        hnsw__ef_search=min(_EF_SEARCH_MAX, ef_search),
        hnsw__max_scan_tuples=scan_tuples_max,
    )
