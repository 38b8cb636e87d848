"""The vector arm: exact or through the index, and never short."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from likewise.engine.embedding import Space
from likewise.engine.search import logic, store
from likewise.engine.search.model import Conditions, Corpus, Hit, Partition, Plan
from likewise.engine.search.settings import SearchSettings
from likewise.platform.db import HalfVector, Tx

__all__ = ["Aim", "Sight", "find_matching", "look_by_meaning"]

_EF_SEARCH_MAX = 1_000  # pgvector's own bound
_WIDENINGS = 2
"""How many times an iterative scan is widened, tenfold each, before every vector is compared."""


class Aim(msgspec.Struct, frozen=True, kw_only=True):
    """Where to look: the collection, its filter, and how many items to bring.

    `matching` holds the items that pass the filter where they are few, else None. `depth` items are wanted; fewer than
    `needed` are accepted only if no more exist.
    """

    corpus: Corpus
    conditions: Conditions
    matching: Sequence[UUID] | None
    depth: int
    needed: int


class Sight(msgspec.Struct, frozen=True):
    """What an arm found, one passage of each item, best first, and how many passages it looked at."""

    hits: list[Hit]
    looked_at: int
    plan: Plan = "exact"


async def find_matching(
    tx: Tx, *, corpus: Corpus, conditions: Conditions, settings: SearchSettings
) -> list[UUID] | None:
    """The items that pass a filter, if they are few enough to look at each; None where they are many.

    The kept counters answer for most filters without reading an item.
    """
    limit = logic.selective_items_max(
        passages=corpus.passage_count, depth=settings.depth, exact_rows_max=settings.exact_rows_max
    )
    matching_max: int | None = None
    if corpus.passage_count > settings.exact_rows_max:
        for words in conditions.words:
            count = await store.count_facet_values(tx, collection_id=corpus.id, name=words.name, values=words.values)
            matching_max = count if matching_max is None else min(matching_max, count)
    if not logic.needs_probe(
        passages=corpus.passage_count,
        exact_rows_max=settings.exact_rows_max,
        items_max=limit,
        conditions=conditions.count,
        matching_max=matching_max,
    ):
        return None
    found = await store.list_matching_items(tx, collection_id=corpus.id, conditions=conditions, limit=limit + 1)
    return None if len(found) > limit else found


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
    if plan == "approximate":
        hits = await _look_approximately(tx, aim=aim, space=space, vector=vector, settings=settings)
        if len(hits) >= min(aim.needed, aim.corpus.item_count):
            return Sight(hits, max(settings.ef_search, len(hits)), "approximate")
        await tx.settle(enable_sort="on")
    return await _look_exactly(tx, aim=aim, space=space, vector=vector)


async def _look_exactly(tx: Tx, *, aim: Aim, space: Space, vector: HalfVector) -> Sight:
    looked_at = aim.corpus.passage_count
    hits: list[Hit] = []
    # Long items may fill the list with their own passages: then more are asked for, at last all.
    for limit in (aim.depth, aim.depth * 4, max(aim.depth * 16, aim.corpus.passage_count)):
        if aim.matching is not None:
            rows = await store.nearest_of_items(
                tx, space=space, collection_id=aim.corpus.id, vector=vector, item_ids=aim.matching, limit=limit
            )
            looked_at = max(len(aim.matching), len(rows))
        else:
            rows = await store.nearest_exact(
                tx, space=space, collection_id=aim.corpus.id, vector=vector, conditions=aim.conditions, limit=limit
            )
        hits = logic.best_of_items(rows)[: aim.depth]
        if len(rows) < limit or len(hits) >= aim.depth:
            break
    return Sight(hits, looked_at)


async def _look_approximately(
    tx: Tx, *, aim: Aim, space: Space, vector: HalfVector, settings: SearchSettings
) -> list[Hit]:
    scanned_max, limit = settings.scan_tuples_max, aim.depth
    hits: list[Hit] = []
    for _ in range(1 + _WIDENINGS):
        # Without sorting, only the index gives the order. A custom plan sees the tenant: only its partition is opened.
        await tx.settle(
            plan_cache_mode="force_custom_plan",
            enable_sort="off",
            hnsw__iterative_scan="strict_order",
            hnsw__ef_search=min(_EF_SEARCH_MAX, max(settings.ef_search, aim.depth)),
            hnsw__max_scan_tuples=scanned_max,
        )
        rows = await store.nearest_approximate(
            tx, space=space, collection_id=aim.corpus.id, vector=vector, conditions=aim.conditions, limit=limit
        )
        hits = logic.best_of_items(rows)[: aim.depth]
        if len(hits) >= aim.needed:
            break
        scanned_max, limit = scanned_max * 10, limit * 4
    return hits
