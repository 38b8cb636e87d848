"""What measurements say: recall, the size from which an index pays, percentiles of times kept in classes."""

from collections.abc import Sequence

import numpy as np

__all__ = ["TOOK_BOUNDS_MS", "break_even_rows", "held_share", "middle_of_classes"]

TOOK_BOUNDS_MS = (1, 2, 5, 10, 20, 50, 100, 200, 500)
"""Upper bounds of the classes of times in search.query_months; the last class has none."""
_TIE = 1e-5
"""Two similarities nearer than this are one: halfvec has eleven bits."""


def held_share(found: Sequence[float], nearest: Sequence[float]) -> float:
    """Recall: the share of the nearest that were found, as similarities, best first; a tie with the last counts."""
    if not nearest:
        return 1.0
    held = sum(score >= nearest[-1] - _TIE for score in found[: len(nearest)])
    return held / len(nearest)


def break_even_rows(rows: Sequence[int], exact_us: Sequence[float], *, approximate_us: float) -> tuple[float, int]:
    """Microseconds per row of exact comparing, and the rows at which it costs as much as the index does.

    A straight line through the measured sizes, by least squares; what does not grow with rows is its intercept.
    """
    slope, intercept = np.polyfit(np.asarray(rows, np.float64), np.asarray(exact_us, np.float64), 1)
    slope = max(float(slope), 1e-3)
    return slope, max(0, round((approximate_us - float(intercept)) / slope))


def middle_of_classes(counts: Sequence[int], share: float) -> float | None:
    """The upper bound of the class within which `share` of the times lie; None in the class without one, or of none.

    `counts` are cumulative: times up to each of TOOK_BOUNDS_MS, and all.
    """
    wanted = share * counts[-1] if counts else 0
    if not wanted:
        return None
    within = (float(bound) for bound, count in zip(TOOK_BOUNDS_MS, counts, strict=False) if count >= wanted)
    return next(within, None)
