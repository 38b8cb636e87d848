"""The special functions that tests of significance need, exact to some 1e-12, without a further dependency.

Sources: Abramowitz and Stegun 6.1.41 (Stirling), 6.5.29 and 6.5.31 (incomplete gamma), 26.5.8 (incomplete beta, the
continued fraction by Lentz's method as in Numerical Recipes).
"""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["chi_square_tail", "log_factorials", "normal_tails", "student_quantile", "student_tails"]

Floats = NDArray[np.float64]
_TERMS_MAX = 500
_PRECISION = 1e-15
_TINY = 1e-300
_HALVINGS = 80
_HALF_LOG_TAU = 0.5 * math.log(math.tau)
_TABLE: Floats = np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, 1024, dtype=np.float64)))))


def log_factorials(numbers: NDArray[np.int64]) -> Floats:
    """log(n!) for each n >= 0."""
    n = np.maximum(numbers, 1).astype(np.float64)
    inverse = 1 / n
    square = inverse * inverse
    series = inverse * (1 / 12 - square * (1 / 360 - square / 1260))
    stirling = (n + 0.5) * np.log(n) - n + _HALF_LOG_TAU + series
    small = numbers < len(_TABLE)
    found: Floats = np.where(small, _TABLE[np.where(small, numbers, 0)], stirling)
    return found


def normal_tails(z: Floats) -> Floats:
    """The two-sided p of each z."""
    return np.array([math.erfc(abs(one) / math.sqrt(2)) for one in z.tolist()], dtype=np.float64)


def chi_square_tail(x: float, degrees: int) -> float:
    """P(X >= x) for chi-square with that many degrees of freedom."""
    if x <= 0 or degrees <= 0:
        return 1.0
    a, half = degrees / 2, x / 2
    scale = math.exp(a * math.log(half) - half - math.lgamma(a))
    if half < a + 1:
        term = total = 1 / a
        for n in range(1, _TERMS_MAX):
            term *= half / (a + n)
            total += term
            if term < total * _PRECISION:
                break
        return max(0.0, 1 - total * scale)
    b = half + 1 - a
    c, d = 1 / _TINY, 1 / b
    fraction = d
    for n in range(1, _TERMS_MAX):
        step = -n * (n - a)
        b += 2
        d = 1 / _away(step * d + b)
        c = _away(b + step / c)
        fraction *= d * c
        if abs(d * c - 1) < _PRECISION:
            break
    return scale * fraction


def student_tails(t: float, degrees: float) -> float:
    """The two-sided p of Student's t."""
    return _beta(degrees / (degrees + t * t), degrees / 2, 0.5)


@lru_cache(maxsize=1_024)
def student_quantile(degrees: float, *, tails: float = 0.05) -> float:
    """The t whose two-sided p is `tails`."""
    low, high = 0.0, 1e6
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if student_tails(middle, degrees) > tails else (low, middle)
    return (low + high) / 2


def _beta(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta(1 - x, b, a)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    c, d = 1.0, 1 / _away(1 - (a + b) * x / (a + 1))
    fraction = d
    for m in range(1, _TERMS_MAX):
        for step in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _away(1 + step * d)
            c = _away(1 + step / c)
            fraction *= d * c
        if abs(d * c - 1) < _PRECISION:
            break
    return front * fraction / a


def _away(number: float) -> float:
    """The number, or something that can be divided by."""
    return number if abs(number) > _TINY else _TINY
