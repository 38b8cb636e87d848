"""What people ask in these campaigns: as many different questions as are wanted, none nearly the same as another."""

import random

__all__ = ["question"]

_WORDS = (
    *("lamp", "river", "engine", "cloud", "market", "paper", "garden", "signal", "window", "bridge", "copper"),
    *("violin", "harbor", "meadow", "pepper", "rocket", "castle", "walnut", "mirror", "tunnel", "saddle", "lantern"),
    *("glacier", "orchard", "compass", "feather", "kettle", "marble", "ribbon", "thunder"),
)


def question(number: int) -> str:
    """The question with this number."""
    return f"{' '.join(random.Random(number).sample(_WORDS, 7))} {number}?"
