"""Ranking weights from a tenant's own impressions: logistic regression by Newton's method, judged before it is used."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["fit_weights", "pairwise_accuracy"]

Floats = NDArray[np.float64]


def fit_weights(features: Floats, clicks: Floats, *, ridge: float = 1.0, rounds: int = 25) -> Floats:
    """Weights of the features, shapes (n, d) and (n,) to (d,), with an intercept that is fitted and left out.

    Weights below zero are set to zero: a feature may be of no use, but it does not turn into its contrary.
    """
    design = np.hstack([features, np.ones((len(features), 1))])
    weights = np.zeros(design.shape[1])
    penalty = np.diag([ridge] * features.shape[1] + [1e-6])
    for _ in range(rounds):
        chance = 1 / (1 + np.exp(-np.clip(design @ weights, -30, 30)))
        slope = design.T @ (clicks - chance) - penalty @ weights
        curve = (design * (chance * (1 - chance))[:, None]).T @ design + penalty
        step = np.linalg.solve(curve, slope)
        weights = weights + step
        if float(np.abs(step).max()) < 1e-8:
            break
    return np.maximum(weights[:-1], 0.0)


def pairwise_accuracy(features: Floats, clicks: Floats, users: NDArray[np.int64], weights: Floats) -> float | None:
    """Share of pairs of one user, one clicked and one not, that the weights put in this order; ties count half.

    None where there is no such pair.
    """
    scores = features @ weights
    right, pairs = 0.0, 0
    for user in np.unique(users):
        mine = users == user
        liked, left = scores[mine & (clicks > 0)], scores[mine & (clicks == 0)]
        if len(liked) and len(left):
            difference = liked[:, None] - left[None, :]
            right += float((difference > 0).sum() + 0.5 * (difference == 0).sum())
            pairs += difference.size
    return right / pairs if pairs else None
