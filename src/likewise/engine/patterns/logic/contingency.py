"""Tables of two by two: how far what was observed is from chance, and how sure that is.

Fisher's exact test (two-sided by probability, as R and SciPy have it) where chance alone would give fewer than five
items in a cell; Pearson's chi-square with Yates's correction elsewhere. False findings are bounded by Benjamini and
Hochberg (1995) over everything that was looked at, also what is not shown.
"""

import math

import msgspec
import numpy as np
from numpy.typing import NDArray

from likewise.engine.patterns.logic.special import Floats, chi_square_tail, log_factorials, normal_tails

__all__ = ["Comparison", "adjust", "compare", "divergence_bits", "fisher", "g_test", "newcombe", "wilson"]

Integers = NDArray[np.int64]
Z = 1.959963984540054
_EXPECTED_MIN = 5.0
_TIE = 1 + 1e-7  # tables as likely as the observed one, but for rounding
_FISHER_TERMS_MAX = 4_000
P_MIN = 1e-300


class Comparison(msgspec.Struct, frozen=True):
    """Column by column for each table: expected items, lift with its interval, p, and whether it is Fisher's."""

    expected: Floats
    lift: Floats
    lift_low: Floats
    lift_high: Floats
    p: Floats
    is_exact: NDArray[np.bool_]


def compare(both: Integers, group: Integers, value: Integers, total: Integers) -> Comparison:
    """Items with both, in the group, with the value, and at all; `total` are those of whom the value's key is known.

    The interval of the lift is that of its logarithm by the delta method under one multinomial sample.
    """
    n_ab, n_a, n_b, n = (column.astype(np.float64) for column in (both, group, value, total))
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = n_a * n_b / n
        lift = np.where(expected > 0, n_ab / expected, 1.0)
        variance = 1 / n_ab - 1 / n_a - 1 / n_b + 1 / n + 2 * (lift - 1) / n
        spread = np.exp(Z * np.sqrt(np.maximum(variance, 0)))
        low, high = np.where(n_ab > 0, lift / spread, 0.0), np.where(n_ab > 0, lift * spread, np.inf)
        rest = (n_a - n_ab, n_b - n_ab, n - n_a - n_b + n_ab)
        determinant = np.maximum(np.abs(n_ab * rest[2] - rest[0] * rest[1]) - n / 2, 0)
        margins = n_a * n_b * (n - n_a) * (n - n_b)
        statistic = np.where(margins > 0, n * determinant**2 / margins, 0.0)
        least = np.minimum(n_a, n - n_a) * np.minimum(n_b, n - n_b) / n
    p = normal_tails(np.sqrt(statistic))
    is_exact = least < _EXPECTED_MIN
    for place in np.flatnonzero(is_exact).tolist():
        p[place] = fisher(int(both[place]), int(group[place]), int(value[place]), int(total[place]))
    return Comparison(expected, lift, low, high, np.maximum(p, P_MIN), is_exact)


def fisher(both: int, group: int, value: int, total: int) -> float:
    """Fisher's exact test, two-sided: how likely is a table as unlikely as this one, or more so."""
    first, last = max(0, group + value - total), min(group, value)
    if first >= last:
        return 1.0
    # Far from the middle nothing is left to add: the smallest margins decide how far it is worth going.
    middle = (group + 1) * (value + 1) // (total + 2)
    first = max(first, min(both, middle) - _FISHER_TERMS_MAX)
    last = min(last, max(both, middle) + _FISHER_TERMS_MAX)
    k = np.arange(first, last + 1, dtype=np.int64)
    fixed = log_factorials(np.array([group, value, total - group, total - value, total], dtype=np.int64))
    logs = (
        fixed[:4].sum()
        - fixed[4]
        - sum(log_factorials(cell) for cell in (k, group - k, value - k, total - group - value + k))
    )
    chances = np.exp(logs)
    observed = chances[both - first]
    return float(min(1.0, chances[chances <= observed * _TIE].sum()))


def adjust(p: Floats, *, tested: int) -> Floats:
    """Benjamini-Hochberg's q of each p, of `tested` hypotheses in all; those not given are taken to be true."""
    if not len(p):
        return p
    order = np.argsort(p)
    ranks = np.arange(1, len(p) + 1)
    ordered = np.minimum.accumulate((p[order] * max(tested, len(p)) / ranks)[::-1])[::-1]
    found = np.empty_like(p)
    found[order] = np.minimum(ordered, 1.0)
    return found


def wilson(count: Floats | float, total: Floats | float) -> tuple[Floats, Floats]:
    """Wilson's 95 % interval of a share."""
    n = np.maximum(np.asarray(total, dtype=np.float64), 1.0)
    share = np.asarray(count, dtype=np.float64) / n
    middle = share + Z * Z / (2 * n)
    spread = Z * np.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    scale = 1 + Z * Z / n
    return np.maximum((middle - spread) / scale, 0.0), np.minimum((middle + spread) / scale, 1.0)


def newcombe(before: Floats, all_before: float, after: Floats, all_after: float) -> tuple[Floats, Floats]:
    """Newcombe's 95 % interval of the difference of two shares, after less before (method 10, 1998)."""
    p1, p2 = before / max(all_before, 1), after / max(all_after, 1)
    (l1, u1), (l2, u2) = wilson(before, all_before), wilson(after, all_after)
    difference = p2 - p1
    return difference - np.hypot(p2 - l2, u1 - p1), difference + np.hypot(u2 - p2, p1 - l1)


def g_test(before: Floats, after: Floats) -> tuple[float, int, float]:
    """The likelihood-ratio test that two rows of counts come from one distribution: G, degrees of freedom, p."""
    table = np.stack([before, after])
    table = table[:, table.sum(axis=0) > 0]
    total = table.sum()
    if not total or table.shape[1] < 2 or not table.sum(axis=1).all():
        return 0.0, 0, 1.0
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True) / total
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.where(table > 0, table * np.log(table / expected), 0.0)
    g, degrees = float(max(2 * parts.sum(), 0.0)), table.shape[1] - 1
    return g, degrees, max(chi_square_tail(g, degrees), P_MIN)


def divergence_bits(before: Floats, after: Floats) -> float:
    """Jensen-Shannon divergence of two rows of counts, in bits: 0 the same, 1 nothing in common."""
    if not before.sum() or not after.sum():
        return 0.0
    p, q = before / before.sum(), after / after.sum()
    return max(0.0, _entropy((p + q) / 2) - (_entropy(p) + _entropy(q)) / 2)


def _entropy(shares: Floats) -> float:
    some = shares[shares > 0]
    return float(-(some * np.log(some)).sum() / math.log(2))
