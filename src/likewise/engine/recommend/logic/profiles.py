"""Profiles as a function of what somebody did and wrote: means that favour what is recent, and shares of categories.

Weights fall by half every `half_life_days`, counted back from the user's own latest act. As every weight would be
multiplied by the same number later on, profiles do not change by the mere passing of time.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray

__all__ = ["CATEGORY_PLACES", "Act", "Portrait", "category_vector", "fold_in", "portray"]

Vector = NDArray[np.float32]
CATEGORY_PLACES = 256
"""Dimension of category vectors; categories beyond share places."""
_DAY_S = 86_400.0


class Act(msgspec.Struct, frozen=True):
    """Something somebody liked (`strength` says how much) or wrote."""

    item_id: UUID
    is_own: bool
    strength: float
    at: datetime
    category: str | None


class Portrait(msgspec.Struct, frozen=True):
    """What acts come to. Vectors are of unit length; None where there was nothing to take the mean of."""

    written: Vector | None
    liked: Vector | None
    meaning: Vector | None
    categories: dict[str, float]
    written_count: int
    liked_count: int
    last_at: datetime | None
    lacks_vectors: bool


def portray(
    acts: Sequence[Act], vectors: Mapping[UUID, Vector], *, half_life_days: float, written_share: float
) -> Portrait:
    """The portrait of one user. `written_share`: how much of the meaning is what they wrote, if they did both."""
    last_at = max((act.at for act in acts), default=None)
    shares: dict[str, float] = {}
    sums: dict[bool, Vector | None] = {True: None, False: None}
    for act in acts:
        age_days = 0.0 if last_at is None else (last_at - act.at).total_seconds() / _DAY_S
        weight = act.strength * 0.5 ** (age_days / half_life_days)
        if act.category is not None:
            shares[act.category] = shares.get(act.category, 0.0) + weight
        vector = vectors.get(act.item_id)
        if vector is not None:
            part = _unit(vector.astype(np.float64)) * weight
            before = sums[act.is_own]
            sums[act.is_own] = part if before is None else before + part
    total = sum(shares.values())
    written, liked = (None if one is None else _unit(one).astype(np.float32) for one in (sums[True], sums[False]))
    if written is not None and liked is not None:
        meaning = _unit(written_share * written + (1 - written_share) * liked).astype(np.float32)
    else:
        meaning = liked if written is None else written
    return Portrait(
        written=written,
        liked=liked,
        meaning=meaning,
        categories={name: value / total for name, value in sorted(shares.items())} if total > 0 else {},
        written_count=sum(act.is_own for act in acts),
        liked_count=sum(not act.is_own for act in acts),
        last_at=last_at,
        lacks_vectors=any(act.item_id not in vectors for act in acts),
    )


def category_vector(categories: Mapping[str, float], places: Mapping[str, int]) -> Vector | None:
    """Square roots of shares, so that the product of two is their Bhattacharyya coefficient: 1 for equal tastes."""
    vector = np.zeros(CATEGORY_PLACES, dtype=np.float64)
    for name, share in categories.items():
        if name in places:
            vector[places[name] % CATEGORY_PLACES] += share
    return _unit(np.sqrt(vector)).astype(np.float32) if vector.any() else None


def fold_in(
    gram: NDArray[np.float64],
    item_factors: NDArray[np.float32],
    strengths: NDArray[np.float32],
    *,
    regularisation: float,
    confidence: float,
) -> Vector:
    """A user's side of the factorisation, solved exactly from the items they turned to, shapes (k, k), (n, k), (n,)."""
    factors = item_factors.astype(np.float64)
    extra = confidence * strengths.astype(np.float64)
    ridge = regularisation * np.sqrt(len(factors)) * np.eye(len(gram))
    left: NDArray[np.float64] = gram + (factors.T * extra) @ factors + ridge
    right: NDArray[np.float64] = factors.T @ (1.0 + extra)
    return np.linalg.solve(left, right).astype(np.float32)


def _unit(vector: NDArray[np.float32] | NDArray[np.float64]) -> NDArray[np.float64]:
    wide: NDArray[np.float64] = np.asarray(vector, dtype=np.float64)
    length = float(np.linalg.norm(wide))
    return wide / length if length > 0 else wide
