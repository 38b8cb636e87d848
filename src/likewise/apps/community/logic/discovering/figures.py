"""Figures of discovery: shares, differences that are more than chance, trends, classes of numbers. Pure."""

import math
from collections.abc import Mapping, Sequence
from typing import Final, Literal

import msgspec

__all__ = [
    "Slope",
    "adjusted",
    "chance_of",
    "class_edges",
    "difference_p",
    "fill_periods",
    "fit_slope",
    "share_of",
    "together_of",
]

_Z: Final = 1.959963984540054
_EXPECTED_MIN: Final = 5.0
_PERIODS_MIN: Final = 4
_CLASSES: Final = 8
_WIDE: Final = 20.0
_COUNTED_MAX: Final = 12
_MONTHS_OF_YEAR: Final = 12
_LADDER: Final = (1.0, 2.0, 5.0)
_TIMES_S: Final = (10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_800.0, 3_600.0, 7_200.0, 21_600.0, 86_400.0, 604_800.0)


class Slope(msgspec.Struct, frozen=True):
    """Points of the share per year, with a 95 % interval."""

    per_year: float
    low: float
    high: float


def share_of(count: int, known: int) -> float | None:
    """A share, or None of nothing."""
    return count / known if known else None


def chance_of(statistic: float) -> float:
    """How likely a chi-square of one degree of freedom is at least this large."""
    return math.erfc(math.sqrt(max(statistic, 0.0) / 2))


def together_of(both: int, first: int, second: int, known: int) -> tuple[float | None, float | None, float | None]:
    """What chance would bring together, how many times as often it is, and p (Pearson with Yates's correction).

    p is None where chance alone would give fewer than five in a cell: too few to tell.
    """
    if not known:
        return None, None, None
    expected = first * second / known
    lift = both / expected if expected else None
    least = min(first, known - first) * min(second, known - second) / known
    if least < _EXPECTED_MIN:
        return expected, lift, None
    rest = known - first - second + both
    apart = max(abs(both * rest - (first - both) * (second - both)) - known / 2, 0.0)
    return expected, lift, chance_of(known * apart**2 / (first * second * (known - first) * (known - second)))


def difference_p(left: int, left_known: int, right: int, right_known: int) -> float:
    """How likely two shares differ as much by chance; 1 where there are too few to tell."""
    _, _, p = together_of(left, left_known, left + right, left_known + right_known)
    return 1.0 if p is None else p


def adjusted(chances: Sequence[float], *, tested: int | None = None) -> list[float]:
    """False discovery rates (q) of p values after Benjamini and Hochberg (1995), in the order given."""
    total = max(tested or 0, len(chances))
    order = sorted(range(len(chances)), key=lambda place: chances[place], reverse=True)
    found, least = [1.0] * len(chances), 1.0
    for step, place in enumerate(order):
        least = min(least, chances[place] * total / (len(chances) - step))
        found[place] = least
    return found


def fill_periods(counts: Mapping[str, int], of: Mapping[str, int], *, by: Literal["month", "year"]) -> list[str]:
    """Every month (2013-06) or year from the first that anything is of to the last, the empty ones among them."""
    named = sorted(counts.keys() | of.keys())
    if not named:
        return []
    if by == "year":
        return [f"{year:04d}" for year in range(int(named[0]), int(named[-1]) + 1)]
    first, last = (int(one[:4]) * 12 + int(one[5:7]) - 1 for one in (named[0], named[-1]))
    return [f"{month // 12:04d}-{month % 12 + 1:02d}" for month in range(first, last + 1)]


def fit_slope(counts: Sequence[int], of: Sequence[int], *, by: Literal["month", "year"], least: int) -> Slope | None:
    """A straight line through the shares, weighted by how many each is of, with the lack of fit as its error.

    None where there are fewer than four periods or fewer than `least` in all: too few to tell.
    """
    points = [
        (place, count / total, total) for place, (count, total) in enumerate(zip(counts, of, strict=True)) if total
    ]
    if len(points) < _PERIODS_MIN or sum(counts) < least:
        return None
    weight = sum(total for _, _, total in points)
    middle = sum(place * total for place, _, total in points) / weight
    level = sum(share * total for _, share, total in points) / weight
    spread = sum(total * (place - middle) ** 2 for place, _, total in points)
    slope = sum(total * (place - middle) * (share - level) for place, share, total in points) / spread
    degrees = len(points) - 2
    left = sum(total * (share - level - slope * (place - middle)) ** 2 for place, share, total in points) / degrees
    # No surer than the counts themselves allow, however well a line happens to fit.
    variance = max(left, level * (1 - level)) / spread
    reach = _t(degrees) * math.sqrt(variance)
    year = _MONTHS_OF_YEAR if by == "month" else 1
    return Slope(slope * year, (slope - reach) * year, (slope + reach) * year)


def class_edges(least: float, most: float, median: float, *, key: str) -> list[float]:
    """Edges of some eight classes of numbers, round ones, the first not above `least`, the last above `most`."""
    if key.endswith("_count") and most <= _COUNTED_MAX:
        return [float(edge) for edge in range(max(0, math.floor(least)), math.floor(most) + 2)]
    if key.endswith("_s"):
        inner = [edge for edge in _TIMES_S if least < edge <= most]
    elif least >= 0 and most > _WIDE * max(median, 1e-9):
        powers = range(math.floor(math.log10(max(least, most / 1e6))), math.ceil(math.log10(most)) + 1)
        inner = [step * 10.0**power for power in powers for step in _LADDER]
        inner = [edge for edge in inner if least < edge <= most]
        inner = inner[-2 * _CLASSES :]
    else:
        width = _round_width((most - least) / _CLASSES) if most > least else 1.0
        first = math.floor(least / width) * width
        inner = [round(first + width * n, 9) for n in range(1, _CLASSES + 3) if least < first + width * n <= most]
    above = math.nextafter(most, math.inf)
    return sorted({min(least, 0.0) if least >= 0 else least, *inner, max(above, inner[-1] if inner else above)})


def _round_width(width: float) -> float:
    power = 10.0 ** math.floor(math.log10(width))
    return next(step * power for step in (1.0, 2.0, 2.5, 5.0, 10.0) if step * power >= width * (1 - 1e-9))


def _t(degrees: int) -> float:
    """The 97.5 % point of Student's t, by its expansion around the normal one (exact to 1 % from four degrees on)."""
    z = _Z
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / degrees + second / degrees**2 + third / degrees**3
