"""Whether a share moves with time: a weighted straight line, honest about everything the line does not explain."""

import math

import msgspec

from likewise.engine.patterns.logic.contingency import P_MIN
from likewise.engine.patterns.logic.special import Floats, student_quantile, student_tails

__all__ = ["MONTHS_MIN", "Line", "fit_line", "month_number", "months_between"]

MONTHS_MIN = 6
"""Months from which a trend is worth a test."""
_MONTHS_A_YEAR = 12


class Line(msgspec.Struct, frozen=True):
    """A share's slope in points per year with its 95 % interval, and the two-sided p of its being level."""

    slope_per_year: float
    low: float
    high: float
    p: float


def fit_line(months: Floats, counts: Floats, known: Floats) -> Line | None:
    """The line through monthly shares, weighted by the items whose key is known; None where there is too little.

    Its error is binomial or, where the shares jump about more than chance explains, what is left over (quasi-binomial);
    p by Student's t with two degrees of freedom less than months.
    """
    some = known > 0
    t, k, n = months[some] / _MONTHS_A_YEAR, counts[some], known[some]
    if len(t) < MONTHS_MIN:
        return None
    overall = float(k.sum() / n.sum())
    if overall <= 0 or overall >= 1:
        return None
    share = k / n
    middle = float((n * t).sum() / n.sum())
    spread = float((n * (t - middle) ** 2).sum())
    if spread <= 0:
        return None
    slope = float((n * (t - middle) * (share - overall)).sum()) / spread
    fitted = overall + slope * (t - middle)
    degrees = len(t) - 2
    dispersion = max(1.0, float((n * (share - fitted) ** 2).sum()) / (overall * (1 - overall)) / degrees)
    error = math.sqrt(dispersion * overall * (1 - overall) / spread)
    reach = student_quantile(degrees) * error
    return Line(slope, slope - reach, slope + reach, max(student_tails(slope / error, degrees), P_MIN))


def month_number(month: str) -> int:
    """Months since the year 0 of a month like 2013-06."""
    return int(month[:4]) * _MONTHS_A_YEAR + int(month[5:7]) - 1


def months_between(first: str, last: str) -> list[str]:
    """Every month from the first to the last, both within."""
    numbers = range(month_number(first), month_number(last) + 1)
    return [f"{number // _MONTHS_A_YEAR:04}-{number % _MONTHS_A_YEAR + 1:02}" for number in numbers]
