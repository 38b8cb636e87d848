"""Several examples as one direction (Rocchio, 1971)."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["NEGATIVE_WEIGHT", "rocchio"]

NEGATIVE_WEIGHT = 0.5
"""How strongly the mean of the negative examples pushes away: half as much as the positive ones pull."""


def rocchio(positive: NDArray[np.float32], negative: NDArray[np.float32]) -> NDArray[np.float32]:
    """The unit vector towards the mean of `positive` and away from that of `negative`; (n, d) and (m, d) -> (d,).

    Each row is brought to unit length first. Where both sides cancel out, the positive mean alone is used.
    """
    pull = _unit(_unit(positive).mean(axis=0, keepdims=True))
    if not len(negative):
        return pull[0]
    push = _unit(_unit(negative).mean(axis=0, keepdims=True))
    difference = pull - NEGATIVE_WEIGHT * push
    return (_unit(difference) if np.linalg.norm(difference) > 1e-6 else pull)[0]


def _unit(rows: NDArray[np.floating]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.where(lengths > 0, lengths, 1)).astype(np.float32)
