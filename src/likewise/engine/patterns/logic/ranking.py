"""What is telling: far from chance even at the cautious end of its interval, and not about next to nobody."""

import numpy as np

from likewise.engine.patterns.logic.special import Floats

__all__ = ["telling"]


def telling(lift: Floats, low: Floats, high: Floats, share: Floats) -> Floats:
    """The cautious end of the lift's interval as powers of two from 1, times the root of the share in the group.

    Nought where the interval holds 1. The share keeps a value that hardly occurs from leading the list.
    """
    with np.errstate(divide="ignore"):
        cautious = np.where(lift >= 1, np.log2(np.maximum(low, 1.0)), -np.log2(np.minimum(high, 1.0)))
    found: Floats = cautious * np.sqrt(share)
    return found
