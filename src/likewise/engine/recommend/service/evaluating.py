"""How well recommendations would have predicted a tenant's own past, against popularity and chance."""

import asyncio
from collections.abc import Callable
from typing import Literal
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from likewise.engine.recommend import logic
from likewise.engine.recommend.errors import NothingToEvaluate
from likewise.engine.recommend.model import Baseline, Evaluation
from likewise.engine.recommend.service.acting import get_corpus
from likewise.engine.recommend.service.ratings import Deeds, read_deeds
from likewise.engine.recommend.settings import RecommendSettings
from likewise.platform.feature import App

__all__ = ["Split", "evaluate", "evaluate_split"]

Split = Literal["time", "share"]
Floats = NDArray[np.float32]
_USERS_MIN, _INTERACTIONS_MIN = 5, 50
_BLOCK_USERS = 512


async def evaluate(
    app: App, tenant_id: UUID, *, collection: str, k: int = 10, split: Split = "time", seed: int = 42
) -> Evaluation:
    """Learn from the first part of each user's past and predict the rest. `split`: by `time`, or a `share` by lot.

    Raises CollectionNotFound, NothingToEvaluate.
    """
    settings = app.settings.get(RecommendSettings)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        corpus = await get_corpus(tx, name=collection)
    deeds = _bounded(await read_deeds(app, tenant_id, collection_id=corpus.id), settings)
    users = len(np.unique(deeds.ratings.users))
    if users < _USERS_MIN or len(deeds.ratings.users) < _INTERACTIONS_MIN:
        raise NothingToEvaluate(
            collection=collection,
            count=len(deeds.ratings.users),
            users=users,
            count_min=_INTERACTIONS_MIN,
            users_min=_USERS_MIN,
        )

    def work() -> Evaluation:
        share = settings.evaluation_share
        if split == "time":
            parts = logic.split_by_time(deeds.ratings, deeds.times, share=share)
        else:
            parts = logic.split_by_share(deeds.ratings, share=share, seed=seed)
        return evaluate_split(*parts, settings, k=k, split=split, seed=seed)

    return await asyncio.to_thread(work)


def evaluate_split(
    train: logic.Ratings, test: logic.Ratings, settings: RecommendSettings, *, k: int, split: str, seed: int
) -> Evaluation:
    """Every way of recommending, on a given split. What a user turned to in the train part is not recommended."""
    factors = logic.factorise(
        train,
        dimension=settings.factors,
        rounds=settings.factor_rounds,
        regularisation=settings.factor_regularisation,
        confidence=settings.factor_confidence,
        seed=1,
    )
    linear = np.argsort(-train.popularity(), kind="stable")[: settings.affinity_items_max]
    weights = logic.item_weights(train, linear, regularisation=settings.affinity_regularisation)
    popularity = train.popularity().astype(np.float32)
    random = np.random.default_rng(seed)
    share = settings.affinity_share

    def by_weights(rows: NDArray[np.int64], dense: Floats) -> Floats:
        scores = np.zeros((len(rows), train.item_count), dtype=np.float32)
        scores[:, linear] = dense[:, linear] @ weights
        return scores

    def by_factors(rows: NDArray[np.int64], _: Floats) -> Floats:
        return factors.users[rows] @ factors.items.T

    def by_both(rows: NDArray[np.int64], dense: Floats) -> Floats:
        return logic.taste_scores(by_weights(rows, dense), by_factors(rows, dense), linear_share=share)

    ways: dict[str, Callable[[NDArray[np.int64], Floats], Floats]] = {
        "recommend": by_both,
        "weights from item to item": by_weights,
        "matrix factorisation": by_factors,
        "popularity": lambda rows, _: np.tile(popularity, (len(rows), 1)),
        "random": lambda rows, _: random.random((len(rows), train.item_count), dtype=np.float32),
    }
    data = [_judge(name, way, train, test, k=k) for name, way in ways.items()]
    return Evaluation(
        k=k,
        users=len(np.unique(test.users)),
        items=train.item_count,
        trained_on=len(train.users),
        tested_on=len(test.users),
        split=split,
        data=data,
        chosen={"factors": settings.factors, "affinity_share": share},
    )


def _judge(
    name: str,
    way: Callable[[NDArray[np.int64], Floats], Floats],
    train: logic.Ratings,
    test: logic.Ratings,
    *,
    k: int,
) -> Baseline:
    every = np.arange(train.item_count)
    order = np.argsort(train.users, kind="stable")
    users, items, values = train.users[order], train.items[order], train.values[order]
    ranked: list[NDArray[np.int64]] = []
    for start in range(0, train.user_count, _BLOCK_USERS):
        rows = np.arange(start, min(start + _BLOCK_USERS, train.user_count))
        begin, end = np.searchsorted(users, [rows[0], rows[-1] + 1])
        dense = np.zeros((len(rows), len(every)), dtype=np.float32)
        dense[users[begin:end] - start, items[begin:end]] = values[begin:end]
        ranked.append(logic.best_unseen(way(rows, dense), dense > 0, k=k))
    return logic.measure(name, np.concatenate(ranked), train, test)


def _bounded(deeds: Deeds, settings: RecommendSettings) -> Deeds:
    """At most so many users, by lot, and items, the most liked; numbered anew."""
    ratings = deeds.ratings
    random = np.random.default_rng(0)
    users = np.sort(random.permutation(ratings.user_count)[: settings.evaluation_users_max])
    items = np.sort(np.argsort(-ratings.popularity(), kind="stable")[: settings.evaluation_items_max])
    kept = np.isin(ratings.users, users) & np.isin(ratings.items, items)
    part = logic.Ratings(
        np.searchsorted(users, ratings.users[kept]),
        np.searchsorted(items, ratings.items[kept]),
        ratings.values[kept],
        len(users),
        len(items),
    )
    return Deeds(part, deeds.times[kept], [], [])
