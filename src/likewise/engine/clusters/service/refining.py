"""Refinement: the whole collection is looked at again; texts go where the fit would have them, ids stay.

Read in pages, computed in a thread with no transaction open, applied in one. Texts that came or moved meanwhile keep
their place; clusters that people have locked or acted on are not looked at.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import msgspec
import numpy as np

from likewise.engine.clusters import logic, store
from likewise.engine.clusters.model import REFINE, Fit, Grouping, GroupingOptions, RefineArgs, Refinement
from likewise.engine.clusters.service.arriving import arrive
from likewise.engine.clusters.service.changing import Move, record
from likewise.engine.clusters.service.following import mend
from likewise.engine.clusters.service.summing import Content, Summary, joined, read_content, summarise
from likewise.engine.clusters.service.touching import touch
from likewise.engine.clusters.settings import ClustersSettings
from likewise.platform.db import Tx
from likewise.platform.feature import App
from likewise.platform.ids import new_id
from likewise.platform.jobs import JobContext

__all__ = ["build", "refine", "refine_grown"]

_ITEMS_PER_ARRIVAL = 1_000
_FAR_QUANTILE = 0.05


class _Plan(msgspec.Struct, frozen=True):
    """What a refinement would do."""

    moves: list[Move]
    summaries: list[Summary]
    fit: Fit
    axes: logic.Axes | None
    spots: logic.Floats | None
    untouched: int
    clusters: int


async def build(app: App, context: JobContext, collection_id: UUID) -> None:
    """Group every item of a collection: each distinct text stands alone, untold of, until a refinement groups them.

    May be stopped anywhere and begun again: items that are in a cluster are passed over.
    """
    after = context.resumed(UUID) or UUID(int=0)
    done = 0
    while True:
        async with app.db.tenant(context.tenant, read_only=True) as tx:
            grouping = await store.find_grouping(tx, collection_id=collection_id)
            ids = await store.list_item_ids(tx, collection_id=collection_id, after=after, limit=_ITEMS_PER_ARRIVAL)
        if grouping is None or not ids:
            break
        async with context.effects(checkpoint=str(ids[-1])) as tx:
            is_founding = grouping.fitted_at is None
            done += await arrive(app, tx, collection_id=collection_id, item_ids=ids, is_founding=is_founding)
        after = ids[-1]
        await context.progress(done=done, unit="items", message="reading items")
    await refine(app, context, collection_id)


async def refine(app: App, context: JobContext, collection_id: UUID) -> None:
    """Refine the clusters of a collection; the operation's result is a Refinement."""
    settings = app.settings.get(ClustersSettings)
    await _mend_all(app, context, collection_id)
    read = await _read(app, context, collection_id)
    if read is None:
        async with context.effects() as tx:
            await context.finish(tx, {})
        return
    grouping, kept, axes, content = read
    await context.progress(message="comparing texts", total=len(content.texts), unit="texts")
    plan = await asyncio.to_thread(_plan, content, grouping, kept, axes, settings)
    await context.progress(message="applying what was found", done=len(content.texts), total=len(content.texts))
    run_id = new_id()
    async with context.effects() as tx:
        await store.lock_grouping(tx, collection_id=collection_id)
        kinds = await _apply(app, tx, grouping, content, plan, run_id=run_id)
        result = Refinement(
            run_id=run_id,
            text_count=len(content.texts),
            cluster_count=plan.clusters,
            merges=kinds["merge"],
            splits=kinds["split"],
            moves=kinds["move"],
            untouched=plan.untouched,
            threshold=plan.fit.threshold,
            resolution=plan.fit.resolution,
        )
        await context.finish(tx, msgspec.to_builtins(result))


async def _mend_all(app: App, context: JobContext, collection_id: UUID) -> None:
    """Sum every stale cluster anew, some in each transaction."""
    after = UUID(int=0)
    while True:
        async with app.db.tenant(context.tenant) as tx:
            stale = await mend(app, tx, collection_id=collection_id, after=after)
        if not stale:
            return
        after = stale[-1]


async def refine_grown(app: App) -> int:
    """Ask for a refinement of every collection that has grown since its last; how many."""
    limit = app.settings.get(ClustersSettings).grouped_collections_max
    async with app.db.maintenance() as tx:
        grown = await store.list_grown(tx, limit=limit)
    for row in grown:
        async with app.db.tenant(row.tenant_id) as tx:
            await app.jobs.defer(tx, REFINE, RefineArgs(row.collection_id), operation_kind="refine", unit="texts")
    return len(grown)


async def _read(
    app: App, context: JobContext, collection_id: UUID
) -> tuple[Grouping, frozenset[UUID], logic.Axes | None, Content] | None:
    """The collection's texts with all that summaries are made of, a page in each transaction."""
    settings = app.settings.get(ClustersSettings)
    async with app.db.tenant(context.tenant, read_only=True) as tx:
        grouping = await store.find_grouping(tx, collection_id=collection_id)
        kept = frozenset(await store.list_kept(tx, collection_id=collection_id))
        packed = await store.find_axes(tx, collection_id=collection_id)
    if grouping is None:
        return None
    parts: list[Content] = []
    after = b""
    count = 0
    while count < settings.refine_texts_max:
        async with app.db.tenant(context.tenant, read_only=True) as tx:
            texts = await store.list_texts_in_order(
                tx, collection_id=collection_id, after=after, limit=settings.refine_batch
            )
            parts.append(await read_content(app, tx, collection_id=collection_id, texts=texts))
        count += len(texts)
        await context.progress(done=count, unit="texts", message="reading texts")
        if len(texts) < settings.refine_batch:
            break
        after = texts[-1].hash
    return grouping, kept, None if packed is None else logic.unpack_axes(packed), joined(parts)


def _plan(
    content: Content, grouping: Grouping, kept: frozenset[UUID], axes: logic.Axes | None, settings: ClustersSettings
) -> _Plan:
    """Runs in a thread; holds n x d floats several times over."""
    old = [text.cluster_id for text in content.texts]
    free = [row for row, cluster_id in enumerate(old) if cluster_id not in kept]
    vectors = content.vectors[free]
    options = grouping.options
    partition = logic.fit_partition(vectors, threshold=options.threshold) if free else None
    owners = list(old)
    fit = grouping.fit
    if partition is not None:
        threshold = _join_threshold(vectors, partition.labels, options, before=fit.threshold)
        labels = logic.merged_small(partition.labels, vectors, size_min=options.size_min, threshold=threshold)
        groups = labels.tolist()
        weights = [content.texts[row].item_count for row in free]
        ids = logic.target_ids([old[row] for row in free], groups, weights=weights, kept=kept)
        for row, group in zip(free, groups, strict=True):
            owners[row] = ids[group]
        fit = Fit(background=partition.background, resolution=partition.resolution, threshold=threshold)
    summaries = summarise(content, owners, settings=settings, threshold=fit.threshold)
    names = {owner: place for place, owner in enumerate(dict.fromkeys(owners))}
    labels = np.array([names[owner] for owner in owners], dtype=np.int64)
    found = logic.find_axes(content.vectors, labels, before=axes)
    return _Plan(
        moves=_moves(content, old, owners, labels),
        summaries=summaries,
        fit=fit,
        axes=found,
        spots=None if found is None else logic.place(found, content.vectors),
        untouched=len(set(old) & kept),
        clusters=len(summaries),
    )


def _moves(content: Content, old: Sequence[UUID], owners: Sequence[UUID], labels: logic.Whole) -> list[Move]:
    means = logic.group_means(content.vectors, labels) if len(labels) else content.vectors
    alike = np.einsum("nd,nd->n", content.vectors, means[labels]) if len(labels) else np.zeros(0)
    return [
        Move(text, owner, float(alike[row]))
        for row, (text, before, owner) in enumerate(zip(content.texts, old, owners, strict=True))
        if before != owner
    ]


def _join_threshold(vectors: logic.Floats, labels: logic.Whole, options: GroupingOptions, *, before: float) -> float:
    """How near a text must be to a mean to join: as near as all but few of the texts that are in groups."""
    if options.threshold is not None:
        return options.threshold
    sizes = np.bincount(labels)[labels]
    means = logic.group_means(vectors, labels)
    alike = np.einsum("nd,nd->n", vectors, means[labels])[sizes > 1]
    return float(np.quantile(alike, _FAR_QUANTILE)) if len(alike) else before


async def _apply(app: App, tx: Tx, grouping: Grouping, content: Content, plan: _Plan, *, run_id: UUID) -> Counter[str]:
    """Write what was found; how many changes of each kind there were. The first fit founds, it changes nothing."""
    settings = app.settings.get(ClustersSettings)
    collection_id = grouping.collection_id
    kinds: Counter[str] = Counter()
    if plan.moves:
        is_founding = grouping.fitted_at is None
        kinds = await record(
            app,
            tx,
            collection_id=collection_id,
            moves=plan.moves,
            actor="refinement",
            run_id=run_id,
            is_told=not is_founding,
        )
    for start in range(0, len(plan.summaries), settings.refine_batch):
        some = plan.summaries[start : start + settings.refine_batch]
        ids = [one.state.cluster_id for one in some]
        await store.insert_clusters(tx, collection_id=collection_id, ids=ids)
        await store.upsert_summaries(
            tx,
            collection_id=collection_id,
            states=[one.state for one in some],
            told=[one.told for one in some],
            at=app.clock.now(),
        )
        await store.recount_summaries(tx, collection_id=collection_id, cluster_ids=ids)
    if plan.spots is not None:
        for start in range(0, len(content.texts), settings.refine_batch):
            spots = plan.spots[start : start + settings.refine_batch].tolist()
            await store.place_texts(
                tx,
                collection_id=collection_id,
                hashes=[text.hash for text in content.texts[start : start + settings.refine_batch]],
                xs=[x for x, _ in spots],
                ys=[y for _, y in spots],
            )
    left = list({move.text.cluster_id for move in plan.moves} - {one.state.cluster_id for one in plan.summaries})
    for start in range(0, len(left), settings.refine_batch):
        ids = left[start : start + settings.refine_batch]
        await store.recount_summaries(tx, collection_id=collection_id, cluster_ids=ids)
        await store.delete_empty_summaries(tx, collection_id=collection_id, cluster_ids=ids)
    axes = None if plan.axes is None else logic.pack_axes(plan.axes)
    await store.mark_fitted(tx, collection_id=collection_id, fit=plan.fit, axes=axes, at=app.clock.now())
    await touch(app, tx, collection_id=collection_id)
    return kinds
