"""What only a look at everybody can tell: the factorisation, what goes with what, and everybody's neighbours.

Numbers are worked out in a thread, in blocks of bounded memory, while no transaction is open; rows are written in
bounded statements. Profiles that move meanwhile stay marked and are matched one by one afterwards.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray

from likewise.engine.recommend import logic, store
from likewise.engine.recommend.model import LIKENESSES, Likeness
from likewise.engine.recommend.service.acting import get_corpus
from likewise.engine.recommend.service.learning import learn_weights
from likewise.engine.recommend.service.ratings import Deeds, read_deeds
from likewise.engine.recommend.settings import RecommendSettings
from likewise.platform.db import Tx
from likewise.platform.feature import App

__all__ = ["Rebuilt", "Tell", "rebuild", "rebuild_collection"]

Tell = Callable[[str, int, int], Awaitable[None]]
Floats = NDArray[np.float32]
_PAGE_USERS = 5_000


class Rebuilt(msgspec.Struct, frozen=True):
    """What a rebuild went over. `weights`: whether learned ranking weights proved better than the settings'."""

    users: int
    items: int
    interactions: int
    matched: dict[str, int]
    weights: str


async def _silent(_: str, __: int, ___: int) -> None:
    """Nobody wants to know how far it is."""


async def rebuild(app: App, tenant_id: UUID, *, collection: str, tell: Tell = _silent) -> Rebuilt:
    """Learn a collection anew and match everybody with everybody. Raises CollectionNotFound.

    `tell` hears of each stage: its name, how much of it is done, and how much there is.
    """
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        corpus = await get_corpus(tx, name=collection)
    return await rebuild_collection(app, tenant_id, collection_id=corpus.id, tell=tell)


async def rebuild_collection(app: App, tenant_id: UUID, *, collection_id: UUID, tell: Tell = _silent) -> Rebuilt:
    """`rebuild` by the collection's id."""
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        begun = await store.read_moment(tx)
    await tell("reading what people did", 0, 1)
    deeds = await read_deeds(app, tenant_id, collection_id=collection_id)
    weights: Mapping[str, float] = {}
    if len(deeds.ratings.users):
        await tell("factorising", 0, 1)
        learned = await asyncio.to_thread(_learn, deeds, app.settings.get(RecommendSettings))
        weights, report = await learn_weights(app, tenant_id, collection_id=collection_id)
        await _write_learned(app, tenant_id, collection_id, deeds, learned, weights=weights, report=report)
    matched: dict[str, int] = {}
    for kind in LIKENESSES:
        matched[kind] = await _match_all(app, tenant_id, collection_id, kind, tell)
    async with app.db.tenant(tenant_id) as tx:
        await store.mark_all_matched(tx, collection_id=collection_id, before=begun)
    return Rebuilt(
        users=len(deeds.user_keys),
        items=len(deeds.item_ids),
        interactions=len(deeds.ratings.users),
        matched=matched,
        weights="learned" if weights else "default",
    )


class _Learned(msgspec.Struct, frozen=True):
    """Factors of both sides, and for items with weights: their numbers, the others' numbers and the weights."""

    factors: logic.Factors
    seeds: NDArray[np.int64]
    others: NDArray[np.int64]
    weights: Floats


def _learn(deeds: Deeds, settings: RecommendSettings) -> _Learned:
    ratings = deeds.ratings
    factors = logic.factorise(
        ratings,
        dimension=settings.factors,
        rounds=settings.factor_rounds,
        regularisation=settings.factor_regularisation,
        confidence=settings.factor_confidence,
        seed=1,
    )
    order = np.argsort(-ratings.popularity(), kind="stable")
    linear = np.sort(order[: settings.affinity_items_max])
    weights = logic.item_weights(ratings, linear, regularisation=settings.affinity_regularisation)
    kept = min(settings.affinities_kept, max(1, len(linear) - 1))
    top = np.argpartition(-weights, kept - 1, axis=1)[:, :kept]
    values = np.take_along_axis(weights, top, axis=1)
    # Items beyond the most liked go with those whose factors are nearest, scaled to weights of the same size.
    rest = np.sort(order[settings.affinity_items_max :])
    if not len(rest):
        return _Learned(factors, linear, linear[top], values)
    unit = _unit(factors.items)
    scale = float(np.abs(values).mean()) if values.size else 1.0
    seeds, others, scores = [linear], [linear[top]], [values]
    for start, near, similarity in logic.nearest_rows(
        unit[rest], others=unit, k=kept + 1, block_rows=settings.block_rows
    ):
        seeds.append(rest[start : start + len(near)])
        others.append(near[:, 1:])  # the nearest is the item itself
        scores.append(similarity[:, 1:] * scale)
    return _Learned(factors, np.concatenate(seeds), np.concatenate(others), np.concatenate(scores))


async def _write_learned(
    app: App,
    tenant_id: UUID,
    collection_id: UUID,
    deeds: Deeds,
    learned: _Learned,
    *,
    weights: Mapping[str, float],
    report: Mapping[str, object],
) -> None:
    """Replace what was learned before, and where everybody stands by taste, in one transaction."""
    settings = app.settings.get(RecommendSettings)
    raw = np.array([np.void(item_id.bytes) for item_id in deeds.item_ids], dtype="V16")
    step = settings.write_rows
    packed = await asyncio.to_thread(_pack_affinities, learned, raw)
    async with app.db.tenant(tenant_id) as tx:
        await store.delete_affinities(tx, collection_id=collection_id)
        await store.delete_factors(tx, collection_id=collection_id)
        for start in range(0, len(learned.seeds), step):
            ids = [deeds.item_ids[int(place)] for place in learned.seeds[start : start + step]]
            await store.upsert_affinities(
                tx, collection_id=collection_id, item_ids=ids, packed=packed[start : start + step]
            )
        for start in range(0, len(deeds.item_ids), step):
            await store.upsert_factors(
                tx,
                collection_id=collection_id,
                item_ids=deeds.item_ids[start : start + step],
                matrix=learned.factors.items[start : start + step],
            )
        await store.upsert_model(
            tx, collection_id=collection_id, gram=learned.factors.gram.tobytes(), weights=weights, report=report
        )
        for start in range(0, len(deeds.user_keys), step):
            await _place_by_taste(tx, collection_id, deeds, learned.factors.users, start=start, end=start + step)


def _pack_affinities(learned: _Learned, raw: NDArray[np.void]) -> list[bytes]:
    packed: list[bytes] = []
    for others, weights in zip(learned.others, learned.weights, strict=True):
        order = np.argsort(-weights, kind="stable")
        packed.append(logic.pack_items(raw[others[order]], weights[order]))
    return packed


async def _place_by_taste(tx: Tx, collection_id: UUID, deeds: Deeds, users: Floats, *, start: int, end: int) -> None:
    keys = deeds.user_keys[start:end]
    numbers = {key: place for place, key in enumerate(keys, start)}
    known = await store.list_profile_ids(tx, collection_id=collection_id, user_keys=keys)
    if known:
        await store.upsert_vectors(
            tx,
            collection_id=collection_id,
            kinds=["taste"] * len(known),
            user_ids=[row.id for row in known],
            matrix=users[[numbers[row.user_key] for row in known]],
        )


async def _match_all(app: App, tenant_id: UUID, collection_id: UUID, kind: Likeness, tell: Tell) -> int:
    """Everybody's neighbours of one kind; how many users have any."""
    settings = app.settings.get(RecommendSettings)
    ids, matrix = await _read_places(app, tenant_id, collection_id, kind)
    if len(ids) < 2:
        return len(ids)
    blocks = logic.nearest_rows(matrix, k=settings.neighbours_max, block_rows=settings.block_rows)
    waiting: dict[int, bytes] = {}
    while (block := await asyncio.to_thread(next, blocks, None)) is not None:
        start, near, similarity = block
        for row in range(len(near)):
            waiting[int(ids[start + row])] = logic.pack_users(ids[near[row]], similarity[row])
        if len(waiting) >= settings.write_rows:
            await _write_lists(app, tenant_id, collection_id, kind, waiting)
            await tell(f"matching by {kind}", start + len(near), len(ids))
            waiting = {}
    await _write_lists(app, tenant_id, collection_id, kind, waiting)
    return len(ids)


async def _write_lists(
    app: App, tenant_id: UUID, collection_id: UUID, kind: Likeness, lists: Mapping[int, bytes]
) -> None:
    if lists:
        async with app.db.tenant(tenant_id) as tx:
            await store.hold_neighbours(tx, collection_id=collection_id)
            await store.upsert_neighbours(tx, collection_id=collection_id, kind=kind, lists=lists)


async def _read_places(
    app: App, tenant_id: UUID, collection_id: UUID, kind: Likeness
) -> tuple[NDArray[np.int64], Floats]:
    """Numbers of all users who stand somewhere, and their vectors of unit length, without columns nobody uses."""
    blocks: list[store.Block] = []
    after = 0
    while True:
        async with app.db.tenant(tenant_id, read_only=True) as tx:
            block = await store.read_vectors(tx, collection_id=collection_id, kind=kind, after=after, limit=_PAGE_USERS)
        if block is None:
            break
        blocks.append(block)
        after = int(block.ids[-1])
    if not blocks:
        return np.empty(0, dtype=np.int64), np.empty((0, 1), dtype=np.float32)
    return await asyncio.to_thread(_joined, blocks)


def _joined(blocks: Sequence[store.Block]) -> tuple[NDArray[np.int64], Floats]:
    matrix = np.concatenate([block.vectors for block in blocks])
    used = matrix.any(axis=0)
    return np.concatenate([block.ids for block in blocks]), _unit(np.ascontiguousarray(matrix[:, used]))


def _unit(matrix: Floats) -> Floats:
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    return (matrix / np.where(lengths > 0, lengths, 1)).astype(np.float32)
