"""How good a ranking was, by what people did afterwards. Shapes: `ranked` is (users, k) item indices, best first."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from likewise.engine.recommend.logic.factors import Ratings
from likewise.engine.recommend.model import Baseline

__all__ = ["best_unseen", "measure", "split_by_share", "split_by_time"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]


def best_unseen(scores: Floats, seen: NDArray[np.bool_], *, k: int) -> Ints:
    """The k best columns of each row that were not seen; ties go to the lower index."""
    masked: Floats = np.where(seen, np.float32(-np.inf), scores)
    order: Ints = np.argsort(-masked, axis=1, kind="stable")
    return order[:, :k]


def measure(name: str, ranked: Ints, train: Ratings, test: Ratings) -> Baseline:
    """nDCG@k (gain 1 for each item of the test part), recall@k, coverage, novelty, over users with a test part."""
    k = ranked.shape[1]
    relevant = np.zeros((test.user_count, test.item_count), dtype=bool)
    relevant[test.users, test.items] = True
    counts = relevant.sum(axis=1)
    judged = counts > 0
    hits = np.take_along_axis(relevant, ranked, axis=1)
    discounts: NDArray[np.float64] = 1 / np.log2(np.arange(2, k + 2, dtype=np.float64))
    ideal = np.cumsum(discounts)[np.minimum(np.maximum(counts, 1), k) - 1]
    known = np.maximum(train.popularity(), 1) / max(1, train.user_count)
    shown = ranked[judged]
    return Baseline(
        name=name,
        ndcg=round(float(((hits * discounts).sum(axis=1) / ideal)[judged].mean()), 4),
        recall=round(float((hits.sum(axis=1) / np.maximum(counts, 1))[judged].mean()), 4),
        coverage=round(len(np.unique(shown)) / max(1, test.item_count), 4),
        novelty=round(float(-np.log2(known[shown]).mean()), 3),
    )


def split_by_share(ratings: Ratings, *, share: float, seed: int) -> tuple[Ratings, Ratings]:
    """Train and test part, `share` of each user's interactions by lot, rounded, in the train part."""
    random = np.random.default_rng(seed)
    return _split(ratings, random.permutation(len(ratings.users)), share=share)


def split_by_time(ratings: Ratings, times: Floats | NDArray[np.float64], *, share: float) -> tuple[Ratings, Ratings]:
    """Train and test part, the first `share` of each user's interactions in the train part."""
    return _split(ratings, np.argsort(times, kind="stable"), share=share)


def _split(ratings: Ratings, order: Ints, *, share: float) -> tuple[Ratings, Ratings]:
    by_user = order[np.argsort(ratings.users[order], kind="stable")]
    is_train = np.zeros(len(by_user), dtype=bool)
    for begin, end in _runs(ratings.users[by_user]):
        is_train[by_user[begin : begin + round(share * (end - begin))]] = True
    return _part(ratings, is_train), _part(ratings, ~is_train)


def _runs(values: Ints) -> Iterator[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(values)) + 1
    starts = [0, *edges.tolist()] if len(values) else []
    yield from zip(starts, [*edges.tolist(), len(values)], strict=False)


def _part(ratings: Ratings, kept: NDArray[np.bool_]) -> Ratings:
    return Ratings(
        ratings.users[kept], ratings.items[kept], ratings.values[kept], ratings.user_count, ratings.item_count
    )
