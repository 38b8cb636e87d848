"""Tables of two by two: how far what was observed is from chance, and how sure that is.

Fisher's exact test (two-sided by probability, as R and SciPy have it) where chance alone would give fewer than five
items in a cell; Pearson's chi-square with Yates's correction elsewhere. False findings are bounded by Benjamini and
Hochberg (1995) over everything that was looked at, also what is not shown.
"""

import math
from typing import cast

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
_FISHER_REACH_MIN, _FISHER_DEVIATIONS = 30, 20
_FISHER_BLOCK_TERMS = 1_000_000
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
    if is_exact.any():
        p[is_exact] = fisher(both[is_exact], group[is_exact], value[is_exact], total[is_exact])
    return Comparison(expected, lift, low, high, np.maximum(p, P_MIN), is_exact)


def fisher(both: Integers, group: Integers, value: Integers, total: Integers) -> Floats:
    """Fisher's exact test of each table, two-sided: how likely is a table as unlikely as this one, or more so."""
    first, last = np.maximum(0, group + value - total), np.minimum(group, value)
    # Far from the middle nothing is left to add: the deviation is at most the root of the least expected cell.
    middle = (group + 1) * (value + 1) // (total + 2)
    least = np.minimum(group, total - group) * np.minimum(value, total - value) / np.maximum(total, 1)
    reach = np.minimum(_FISHER_TERMS_MAX, _FISHER_REACH_MIN + (_FISHER_DEVIATIONS * np.sqrt(least)).astype(np.int64))
    first = np.maximum(first, np.minimum(both, middle) - reach)
    last = np.minimum(last, np.maximum(both, middle) + reach)
    sizes = last - first + 1
    found = np.ones(len(both), dtype=np.float64)
    # As many tables at a time as have a bounded number of terms between them.
    blocks = np.cumsum(sizes) // _FISHER_BLOCK_TERMS
    for block in cast("list[int]", np.unique(blocks).tolist()):
        rows = np.flatnonzero(blocks == block)
        found[rows] = _fisher(np.stack([both, group, value, total])[:, rows], first[rows], sizes[rows])
    return found


def _fisher(tables: Integers, first: Integers, sizes: Integers) -> Floats:
    """The tables one after the other in one row of terms, `sizes` of them for each, the first one with `first`."""
    both, group, value, total = tables
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    k: Integers = np.arange(int(sizes.sum()), dtype=np.int64) - np.repeat(starts - first, sizes)
    fixed = (
        log_factorials(group)
        + log_factorials(value)
        + log_factorials(total - group)
        + log_factorials(total - value)
        - log_factorials(total)
    )
    a, b, n = (np.repeat(column, sizes) for column in (group, value, total))
    logs = np.repeat(fixed, sizes)
    cells: tuple[Integers, ...] = (k, a - k, b - k, n - a - b + k)
    for cell in cells:
        logs -= log_factorials(cell)
    chances = np.exp(logs)
    observed = np.repeat(chances[starts + both - first], sizes)
    unlikely = np.add.reduceat(np.where(chances <= observed * _TIE, chances, 0.0), starts)
    certain: Floats = np.where(sizes == 1, 1.0, np.minimum(unlikely, 1.0))
    return certain


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
