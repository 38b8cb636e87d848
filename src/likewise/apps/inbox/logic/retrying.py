"""How long to wait before an answer is sent again."""

import random

__all__ = ["pause_s"]

_FACTOR = 4.0
_SPREAD = 0.2


def pause_s(attempt: int, *, first_s: float, longest_s: float, asked_s: float | None = None) -> float:
    """Seconds before the attempt after `attempt` (from 1): four times longer each, spread by a fifth so that what
    failed together does not come back together. `asked_s`: what the receiver asked for, within `longest_s`."""
    base = first_s * _FACTOR ** min(attempt - 1, 30)
    spread = base * (1 + _SPREAD * (2 * random.random() - 1))  # noqa: S311 - spreads load
    return min(longest_s, max(spread, asked_s or 0.0))
