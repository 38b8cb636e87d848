"""Looking through all counts of a collection for what is remarkable, with everything looked at counted as a test.

Columns of numpy arrays throughout: a collection may have millions of pairs.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from likewise.engine.patterns.logic.contingency import Comparison, adjust, compare, divergence_bits, g_test
from likewise.engine.patterns.logic.ranking import telling
from likewise.engine.patterns.logic.special import Floats
from likewise.engine.patterns.logic.trending import fit_line, month_number
from likewise.engine.patterns.model import MONTH_KEY, Term

__all__ = ["Bounds", "Candidate", "Counts", "Finding", "find_all"]

Integers = NDArray[np.int64]
_ALIKE_MIN = 0.5
"""Share of one key's uncertainty that another takes away, from which the two are the same thing under two names."""
_RECENT_SHARE = 4  # the last quarter of the months is what drift compares with the time before
_RECENT_MONTHS_MAX = 12


class Counts(msgspec.Struct, frozen=True):
    """Terms with their counts, and pairs (rows of: place of one term, place of the other, items)."""

    terms: Sequence[Term]
    item_counts: Integers
    pairs: Integers


class Bounds(msgspec.Struct, frozen=True):
    """What is remarkable enough: items at least, times as often at least, share of false findings, findings at most."""

    items_min: int
    lift_min: float
    false_share_max: float
    findings_max: int


class Candidate(msgspec.Struct, frozen=True):
    """Something tested: the terms it is about, its p, how strong it would be, and its figures."""

    kind: Literal["association", "trend", "drift"]
    terms: tuple[Term, ...]
    p: float
    strength: float
    facts: Mapping[str, float | int | str]


class Finding(msgspec.Struct, frozen=True):
    """A candidate that chance does not explain."""

    candidate: Candidate
    q: float


class _Table:
    """Counts of pairs by the places of two terms, in whatever order they are named."""

    def __init__(self, counts: Counts) -> None:
        self._size = len(counts.terms)
        low, high = counts.pairs[:, :2].min(axis=1), counts.pairs[:, :2].max(axis=1)
        codes = low * self._size + high
        order = np.argsort(codes)
        self._codes, self._counts = codes[order], counts.pairs[order, 2]

    def look_up(self, one: Integers, other: Integers) -> Integers:
        """Items that have both terms; 0 where none are counted."""
        if not len(self._codes):
            return np.zeros(len(one), dtype=np.int64)
        codes = np.minimum(one, other) * self._size + np.maximum(one, other)
        places = np.minimum(np.searchsorted(self._codes, codes), len(self._codes) - 1)
        found: Integers = np.where(self._codes[places] == codes, self._counts[places], 0)
        return found


def find_all(counts: Counts, bounds: Bounds) -> tuple[list[Finding], int]:
    """What is remarkable, strongest first, and how many hypotheses were tested in all."""
    values = sum(term.kind == "value" for term in counts.terms)
    contexts = sum(term.kind == "context" for term in counts.terms)
    moving = list(_find_moving(counts, bounds))
    # Pairs that never occur, or too seldom to be told of, were looked at as well.
    tested = values * (values - 1) // 2 + values * contexts + len(moving)
    candidates = [*_find_associations(counts, bounds), *moving]
    q = adjust(np.array([one.p for one in candidates], dtype=np.float64), tested=tested)
    sure = [
        Finding(candidate, float(q[n]))
        for n, candidate in enumerate(candidates)
        if q[n] <= bounds.false_share_max and candidate.strength > 0
    ]
    sure.sort(key=lambda finding: -finding.candidate.strength)
    return sure[: bounds.findings_max], tested


def _find_associations(counts: Counts, bounds: Bounds) -> Iterator[Candidate]:
    """Pairs of values, and values in contexts, that are frequent enough to be told of."""
    kinds = np.array([term.kind for term in counts.terms])
    pairs = counts.pairs
    told = (counts.item_counts >= bounds.items_min) & ((kinds == "value") | (kinds == "context"))
    is_value = kinds == "value"
    pairs = pairs[
        (pairs[:, 2] >= bounds.items_min)
        & told[pairs[:, 0]]
        & told[pairs[:, 1]]
        & (is_value[pairs[:, 0]] | is_value[pairs[:, 1]])
    ]
    if not len(pairs):
        return
    # The group comes first: the context or, of two values, the rarer one.
    sizes = counts.item_counts
    swap = (kinds[pairs[:, 1]] == "context") | (
        (kinds[pairs[:, 0]] != "context") & (sizes[pairs[:, 1]] < sizes[pairs[:, 0]])
    )
    group, value = np.where(swap, pairs[:, 1], pairs[:, 0]), np.where(swap, pairs[:, 0], pairs[:, 1])
    table = _margins(counts, group, value, pairs[:, 2], kinds)
    result = compare(table[:, 0], table[:, 1], table[:, 2], table[:, 3])
    strength = _strengths(table, result, bounds)
    alike = _keys_alike(counts, group, value, table)
    groups, values = cast("list[int]", group.tolist()), cast("list[int]", value.tolist())
    for n in range(len(table)):
        one, other = counts.terms[groups[n]], counts.terms[values[n]]
        is_exclusive = one.key == other.key and result.lift[n] < 1  # that says only how short lists are
        if (one.key, other.key) not in alike and not is_exclusive:
            yield Candidate(
                "association", (one, other), float(result.p[n]), float(strength[n]), _facts(table[n], result, n)
            )


def _margins(counts: Counts, group: Integers, value: Integers, both: Integers, kinds: NDArray[np.str_]) -> Integers:
    """Both, group, value, total for each pair, among items whose keys are known."""
    table = _Table(counts)
    keys = {term.key: place for place, term in enumerate(counts.terms) if term.kind == "key"}
    key_of = np.array([keys.get(term.key, -1) for term in counts.terms], dtype=np.int64)
    sizes = counts.item_counts
    group_key, value_key = key_of[group], key_of[value]
    is_context = kinds[group] == "context"
    is_own = ~is_context & (group_key == value_key)
    n_a = np.where(is_own, sizes[group], table.look_up(group, value_key))
    n_b = np.where(is_context | is_own, sizes[value], table.look_up(value, group_key))
    total = np.where(is_context | is_own, sizes[value_key], table.look_up(group_key, value_key))
    # Items may have come and gone between two pages of the counts: keep the table one that can be.
    n_a, n_b = np.maximum(n_a, both), np.maximum(n_b, both)
    return np.stack([both, n_a, n_b, np.maximum(total, n_a + n_b - both)], axis=1)


def _strengths(table: Integers, result: Comparison, bounds: Bounds) -> Floats:
    """Nought where the cautious end of the interval is not far enough from 1."""
    share = table[:, 0] / np.maximum(table[:, 3], 1)
    strength = telling(result.lift, result.lift_low, result.lift_high, share)
    far = np.where(result.lift >= 1, result.lift_low >= bounds.lift_min, result.lift_high <= 1 / bounds.lift_min)
    return np.where(far, strength, 0.0)


def _keys_alike(counts: Counts, group: Integers, value: Integers, table: Integers) -> set[tuple[str, str]]:
    """Keys of which one all but tells the other, like a state and its country: everything between them is told then."""
    names = sorted({term.key for term in counts.terms})
    number = {name: place for place, name in enumerate(names)}
    key_of = np.array([number[term.key] for term in counts.terms], dtype=np.int64)
    codes = key_of[group] * len(names) + key_of[value]
    alike: set[tuple[str, str]] = set()
    for code in cast("list[int]", np.unique(codes).tolist()):
        rows = table[codes == code].astype(np.float64)
        total = rows[:, 3].max()
        information = float((rows[:, 0] * np.log2(rows[:, 0] * rows[:, 3] / (rows[:, 1] * rows[:, 2]))).sum()) / total
        first, second = names[code // len(names)], names[code % len(names)]
        least = min(_uncertainty(counts, first, total), _uncertainty(counts, second, total))
        if first != second and least > 0 and information / least >= _ALIKE_MIN:
            alike |= {(first, second), (second, first)}
    return alike


def _uncertainty(counts: Counts, key: str, total: float) -> float:
    """The entropy in bits of a key's or context's values."""
    shares = np.array(
        [
            count / total
            for term, count in zip(counts.terms, counts.item_counts.tolist(), strict=True)
            if term.key == key and term.kind in {"value", "context"}
        ]
    )
    shares = shares[(shares > 0) & (shares < 1)]
    return float(-(shares * np.log2(shares)).sum())


def _facts(row: Integers, result: Comparison, n: int) -> dict[str, float | int | str]:
    both, group, value, total = (int(one) for one in row)
    return {
        "count": both,
        "expected": round(float(result.expected[n]), 2),
        "share": both / group,
        "background_share": value / total,
        "lift": float(result.lift[n]),
        "lift_low": float(result.lift_low[n]),
        "lift_high": float(result.lift_high[n]),
        "test": "fisher" if result.is_exact[n] else "chi_square",
    }


def _find_moving(counts: Counts, bounds: Bounds) -> Iterator[Candidate]:
    """Trends of every frequent value, and drift of every key."""
    places = [n for n, term in enumerate(counts.terms) if term.key == MONTH_KEY]
    places.sort(key=lambda n: counts.terms[n].value)
    if len(places) < 2:
        return
    months = [counts.terms[n].value for n in places]
    moments = np.array([month_number(month) for month in months], dtype=np.float64)
    table, columns = _Table(counts), np.array(places, dtype=np.int64)
    keys = {term.key: n for n, term in enumerate(counts.terms) if term.kind == "key"}
    rows = {n: table.look_up(np.full(len(columns), n), columns).astype(np.float64) for n in keys.values()}
    by_key: dict[str, list[tuple[Term, Floats]]] = {}
    for n, term in enumerate(counts.terms):
        if term.kind == "value" and counts.item_counts[n] >= bounds.items_min and term.key in keys:
            series = table.look_up(np.full(len(columns), n), columns).astype(np.float64)
            by_key.setdefault(term.key, []).append((term, series))
            candidate = _trend(term, moments, series, rows[keys[term.key]])
            if candidate is not None:
                yield candidate
    for key, listed in by_key.items():
        candidate = _drift(counts.terms[keys[key]], months, listed, rows[keys[key]], bounds)
        if candidate is not None:
            yield candidate


def _trend(term: Term, moments: Floats, series: Floats, known: Floats) -> Candidate | None:
    line = fit_line(moments, series, known)
    if line is None:
        return None
    share = float(series.sum() / known.sum())
    cautious = max(0.0, line.low, -line.high)
    return Candidate(
        "trend",
        (term,),
        line.p,
        math.log2(1 + cautious / share) * math.sqrt(share),
        {
            "count": int(series.sum()),
            "share": share,
            "slope_per_year": line.slope_per_year,
            "slope_low": line.low,
            "slope_high": line.high,
        },
    )


def _drift(
    key: Term, months: Sequence[str], listed: Sequence[tuple[Term, Floats]], known: Floats, bounds: Bounds
) -> Candidate | None:
    """The last quarter of the months, a year at most, against the time before."""
    recent = min(max(1, len(months) // _RECENT_SHARE), _RECENT_MONTHS_MAX)
    split = len(months) - recent
    sides = np.array([[series[:split].sum(), series[split:].sum()] for _, series in listed], dtype=np.float64).T
    totals = np.array([known[:split].sum(), known[split:].sum()])
    if totals.min() < bounds.items_min:
        return None
    pooled = np.column_stack([sides, np.maximum(totals - sides.sum(axis=1), 0)])
    g, degrees, p = g_test(pooled[0], pooled[1])
    bits = divergence_bits(pooled[0], pooled[1])
    changes = sides[1] / totals[1] - sides[0] / totals[0]
    most = int(np.argmax(np.abs(changes)))
    facts: dict[str, float | int | str] = {
        "count": int(totals.sum()),
        "divergence_bits": bits,
        "g": g,
        "degrees": degrees,
        "before": f"{months[0]} to {months[split - 1]}",
        "after": " to ".join(dict.fromkeys((months[split], months[-1]))),
        "share": float(sides[0, most] / totals[0]),
        "share_after": float(sides[1, most] / totals[1]),
    }
    return Candidate("drift", (key, listed[most][0]), p, math.sqrt(bits) / 2, facts)
