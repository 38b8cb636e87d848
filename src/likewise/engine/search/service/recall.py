"""Recall: each night the indexes' answers are compared with exact ones, and ef_search is tuned until they suffice.

A large tenant's own recent searches are asked again, or, where there were too few, some of its passages. Their vectors
come from the cache of embeddings or the model; none is kept here.
"""

from datetime import timedelta

import numpy as np

from likewise.engine.collections import Conditions, Filter, read_filter
from likewise.engine.embedding import Space, embed_query, serving_space
from likewise.engine.search import logic, store
from likewise.engine.search.model import Corpus, LargeCorpus, Recall
from likewise.engine.search.service.catalog import PartitionCatalog
from likewise.engine.search.service.meaning import prepare_index_scan
from likewise.engine.search.settings import SearchSettings
from likewise.platform.db import HalfVector, Tx
from likewise.platform.feature import App
from likewise.platform.telemetry import get_log

__all__ = ["measure_recall", "sample_recalls"]

log = get_log(__name__)
_TOP = 10
_OLD_ROWS_MAX = 10_000
_SCAN_TUPLES_MAX = 20_000


async def sample_recalls(app: App) -> list[Recall]:
    """Measure every large tenant's index, tune its ef_search, and keep what was found."""
    settings = app.settings.get(SearchSettings)
    async with app.db.maintenance() as tx:
        settings = await app.resource(PartitionCatalog).calibrated(tx, settings)
        large = await store.list_large_corpora(tx, rows=settings.exact_rows_max, limit=settings.recall_tenants_max)
        before = app.clock.now() - timedelta(days=settings.recalls_kept_days)
        await store.delete_old_recalls(tx, before=before, limit=_OLD_ROWS_MAX)
    measured = [await measure_recall(app, corpus) for corpus in large]
    app.resource(PartitionCatalog).forget()
    return [recall for recall in measured if recall is not None]


async def measure_recall(app: App, large: LargeCorpus) -> Recall | None:
    """Recall@10 of the index that serves a collection, with the smallest ef_search that reaches the goal.

    None where there is nothing to measure: the collection or its index is gone. Each query has its own transaction.
    """
    settings = app.settings.get(SearchSettings)
    space = await serving_space(app, large.tenant_id)
    vectors, own = await _vectors(app, large, space=space, limit=settings.recall_queries)
    async with app.db.tenant(large.tenant_id, read_only=True) as tx:
        corpus = await store.find_corpus_by_id(tx, collection_id=large.collection_id)
        partition = await store.find_partition(tx, space=space)
    if corpus is None or partition is None or not partition.has_index or not vectors:
        return None
    conditions = read_filter(Filter(), corpus.facets)
    nearest: list[list[float]] = []
    for vector in vectors:
        async with app.db.tenant(large.tenant_id, read_only=True) as tx:
            nearest.append(await _exactly(tx, space, corpus, conditions, vector))
    ef_search, share = 0, 0.0
    # A passage is easier to find than what people type: without searches of its own, ef_search only goes up.
    least = 0 if own * 2 >= len(vectors) else settings.ef_search
    for ef_search in (size for size in logic.EF_SEARCHES if size >= least):
        found: list[float] = []
        for vector, wanted in zip(vectors, nearest, strict=True):
            async with app.db.tenant(large.tenant_id, read_only=True) as tx:
                scores = await _by_index(tx, space, corpus, conditions, vector, ef_search=ef_search)
            found.append(logic.held_share(scores, wanted))
        share = float(np.mean(found))
        if share >= settings.recall_goal:
            break
    recall = Recall(
        measured_at=app.clock.now(),
        index_name=partition.index_name,
        vector_count=corpus.passage_count,
        query_count=len(vectors),
        ef_search=ef_search,
        recall=round(share, 4),
        goal=settings.recall_goal,
    )
    async with app.db.tenant(large.tenant_id) as tx:
        await store.insert_recall(tx, recall, space=space, collection_id=corpus.id)
    if share < settings.recall_goal:
        log.warning("search_recall_poor", tenant_id=str(large.tenant_id), recall=recall.recall, goal=recall.goal)
    return recall


async def _vectors(app: App, large: LargeCorpus, *, space: Space, limit: int) -> tuple[list[HalfVector], int]:
    """What the tenant asked last, and, if that is little, its passages, evenly spread; how many of them it asked."""
    async with app.db.tenant(large.tenant_id, read_only=True) as tx:
        texts = await store.list_recent_texts(tx, collection_id=large.collection_id, limit=limit)
    vectors = [(await embed_query(app, large.tenant_id, text=text, space=space)).vector for text in texts]
    own = len(vectors)
    missing = limit - own
    if missing:
        async with app.db.tenant(large.tenant_id, read_only=True) as tx:
            rows = await store.list_sampled_vectors(
                tx,
                space=space,
                collection_id=large.collection_id,
                step=max(1, large.passage_count // missing),
                limit=missing,
            )
        vectors += [HalfVector(row) for row in rows]
    return vectors, own


async def _exactly(tx: Tx, space: Space, corpus: Corpus, conditions: Conditions, vector: HalfVector) -> list[float]:
    await tx.settle(plan_cache_mode="force_custom_plan")
    hits = await store.nearest_exact(
        tx, space=space, collection_id=corpus.id, vector=vector, conditions=conditions, limit=_TOP
    )
    return [hit.score for hit in hits]


async def _by_index(
    tx: Tx, space: Space, corpus: Corpus, conditions: Conditions, vector: HalfVector, *, ef_search: int
) -> list[float]:
    await prepare_index_scan(tx, ef_search=ef_search, scan_tuples_max=_SCAN_TUPLES_MAX)
    hits = await store.nearest_approximate(
        tx, space=space, collection_id=corpus.id, vector=vector, conditions=conditions, limit=_TOP
    )
    return [hit.score for hit in hits]
