"""The arithmetic of patterns against values that are known from elsewhere, and against counting by hand."""

import math
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from math import comb
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from likewise.engine.patterns.logic.contingency import (
    adjust,
    compare,
    divergence_bits,
    fisher,
    g_test,
    newcombe,
    wilson,
)
from likewise.engine.patterns.logic.special import chi_square_tail, log_factorials, student_quantile, student_tails
from likewise.engine.patterns.logic.terms import bin_of, item_terms, month_of, place_of
from likewise.engine.patterns.logic.trending import fit_line, months_between
from likewise.engine.patterns.model import ITEM_VALUES_MAX, Given, Source


@pytest.mark.parametrize(
    ("table", "p"),
    [
        ((3, 4, 4, 8), 0.4857142857142857),  # the lady who tasted tea
        ((8, 10, 9, 16), 0.03496503496503495),
        ((0, 5, 5, 10), 2 / comb(10, 5)),
    ],
)
def test_fisher_gives_what_the_books_say(table: tuple[int, int, int, int], p: float) -> None:
    assert fisher(*(np.array([cell]) for cell in table)).tolist() == pytest.approx([p])


@given(st.lists(st.tuples(*[st.integers(0, 25)] * 4), min_size=1, max_size=5))
def test_fisher_agrees_with_counting_every_table(cells: list[tuple[int, int, int, int]]) -> None:
    rows: list[tuple[int, int, int, int]] = []
    counted: list[float] = []
    for both, only_group, only_value, neither in cells:
        group, value, total = both + only_group, both + only_value, both + only_group + only_value + neither
        ways = {
            k: comb(group, k) * comb(total - group, value - k)
            for k in range(max(0, group + value - total), min(group, value) + 1)
        }
        rows.append((both, group, value, total))
        counted.append(sum(way for way in ways.values() if way <= ways[both]) / sum(ways.values()))
    found = fisher(*(np.array(column) for column in zip(*rows, strict=True)))
    assert found.tolist() == pytest.approx(counted, rel=1e-6)


@pytest.mark.parametrize(
    ("x", "degrees", "p"), [(3.841458821, 1, 0.05), (18.30703805, 10, 0.05), (1.145476226, 5, 0.95), (0, 3, 1.0)]
)
def test_chi_square_tail_is_that_of_the_tables(x: float, degrees: int, p: float) -> None:
    assert chi_square_tail(x, degrees) == pytest.approx(p, rel=1e-7)


@pytest.mark.parametrize(("t", "degrees"), [(12.70620474, 1), (2.228138852, 10), (1.984217, 99.0)])
def test_student_is_that_of_the_tables(t: float, degrees: float) -> None:
    assert student_tails(t, degrees) == pytest.approx(0.05, rel=1e-5)
    assert student_quantile(degrees) == pytest.approx(t, rel=1e-6)


def test_log_factorials_are_those_of_gamma() -> None:
    numbers = np.array([0, 1, 5, 1023, 1024, 10_000_000])
    assert log_factorials(numbers).tolist() == pytest.approx([math.lgamma(n + 1) for n in numbers.tolist()], rel=1e-13)


def test_wilson_and_newcombe_give_what_was_published() -> None:
    low, high = wilson(10, 100)
    assert (float(low), float(high)) == pytest.approx((0.0552, 0.1744), abs=1e-4)
    # Newcombe (1998), table II: 56/70 against 48/80 by method 10.
    low, high = newcombe(np.array([48.0]), 80, np.array([56.0]), 70)
    assert (float(low[0]), float(high[0])) == pytest.approx((0.0524, 0.3339), abs=1e-4)


def test_q_counts_what_was_looked_at_but_is_not_shown() -> None:
    p = np.array([0.01, 0.05, 0.02, 0.04, 0.03])
    assert adjust(p, tested=5).tolist() == pytest.approx([0.05] * 5)
    assert adjust(p[:1], tested=100).tolist() == [1.0]
    assert adjust(np.array([1e-6, 0.5]), tested=1000).tolist() == pytest.approx([1e-3, 1.0])
    assert len(adjust(np.array([]), tested=7)) == 0


def test_comparison_uses_the_exact_test_where_little_is_expected() -> None:
    result = compare(np.array([8, 300]), np.array([10, 1000]), np.array([9, 500]), np.array([16, 5000]))
    assert result.is_exact.tolist() == [True, False]
    assert result.p[0] == pytest.approx(0.03496503496503495)
    # Pearson's statistic with Yates's correction, by hand: 300 700 / 200 3800.
    determinant = abs(300 * 3800 - 700 * 200) - 2500
    statistic = 5000 * determinant**2 / (1000 * 500 * 4000 * 4500)
    assert result.p[1] == pytest.approx(chi_square_tail(statistic, 1), rel=1e-6)
    assert result.lift[1] == pytest.approx(3.0)
    assert result.lift_low[1] < 3 < result.lift_high[1]


def test_interval_of_the_lift_holds_the_truth_as_often_as_it_says() -> None:
    chance = np.random.default_rng(7)
    cells = chance.multinomial(4000, [0.06, 0.14, 0.24, 0.56], size=2000)
    table = (cells[:, 0], cells[:, 0] + cells[:, 1], cells[:, 0] + cells[:, 2], cells.sum(axis=1))
    result = compare(*(column.astype(np.int64) for column in table))
    held = np.mean((result.lift_low <= 1.0) & (result.lift_high >= 1.0))
    assert 0.94 <= held <= 0.96


def test_g_and_divergence_of_the_same_and_of_others() -> None:
    same, other = np.array([30.0, 70.0]), np.array([60.0, 140.0])
    assert g_test(same, other) == (pytest.approx(0), 1, pytest.approx(1))
    assert divergence_bits(same, other) == pytest.approx(0)
    g, degrees, p = g_test(np.array([30.0, 70.0]), np.array([70.0, 30.0]))
    assert (g, degrees) == (pytest.approx(4 * (30 * math.log(0.6) + 70 * math.log(1.4))), 1)
    assert p == pytest.approx(chi_square_tail(g, 1))
    assert divergence_bits(np.array([5.0, 0.0]), np.array([0.0, 9.0])) == pytest.approx(1)
    assert g_test(np.array([0.0, 0.0]), np.array([1.0, 2.0])) == (0.0, 0, 1.0)


def test_false_trends_are_as_rare_as_they_should_be() -> None:
    chance = np.random.default_rng(11)
    months, known = np.arange(24, dtype=np.float64), np.full(24, 200.0)
    lines = [fit_line(months, chance.binomial(200, 0.3, size=24).astype(np.float64), known) for _ in range(1000)]
    alarms = sum(line is not None and line.p < 0.05 for line in lines)
    # A dispersion that is never taken to be below 1 makes the test a little cautious.
    assert 20 <= alarms <= 60


def test_jumpy_share_does_not_pass_for_a_trend_as_chance_alone_would_have_it() -> None:
    months, known = np.arange(12, dtype=np.float64), np.full(12, 1000.0)
    counts = np.array([100.0, 400, 100, 400, 100, 400, 100, 400, 100, 400, 150, 450])
    line = fit_line(months, counts, known)
    assert line is not None
    assert line.p > 0.3
    steady = fit_line(months, 100 + 10 * months, known)
    assert steady is not None
    assert steady.slope_per_year == pytest.approx(0.12)
    assert steady.p < 1e-4
    assert fit_line(months[:5], counts[:5], known[:5]) is None


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (0, "0"),
        (7, "7"),
        (-3, "-3"),
        (10, "10..20"),
        (19.99, "10..20"),
        (20, "20..50"),
        (50, "50..100"),
        (100, "100..200"),
        (0.3, "0.2..0.5"),
        (2.5, "2..5"),
        (-45, "-50..-20"),
        (1e-12, "0"),
        (1e16, "1e+15..inf"),
        (0.1 + 0.2, "0.2..0.5"),
        (1e-9, "1e-09..2e-09"),
    ],
)
def test_number_falls_into_its_bin(number: float, name: str) -> None:
    assert bin_of(number).name == name


@given(st.floats(-1e15, 1e15, allow_nan=False, exclude_min=True, exclude_max=True))
def test_every_number_lies_in_its_bin(number: float) -> None:
    found = bin_of(number)
    if found.name == "0":
        assert abs(number) < 1e-9
    elif found.low == found.high:
        assert number == found.low
    else:
        assert found.low <= abs(number) < found.high or found.low < number <= found.high


def test_months_and_places_are_those_of_utc_and_of_the_grid() -> None:
    late = datetime(2013, 12, 31, 23, 30, tzinfo=timezone(-timedelta(hours=5)))
    assert month_of(late) == "2014-01"
    assert months_between("2013-11", "2014-02") == ["2013-11", "2013-12", "2014-01", "2014-02"]
    assert place_of(41.2, -73.1) == "40,-75"
    assert place_of(-0.1, 0) == "-5,0"
    assert place_of(90, 180) == "85,175"


def test_item_with_very_many_values_is_counted_with_a_bounded_number_always_the_same() -> None:
    source = Source(UUID(int=1), UUID(int=2), "report", datetime(2013, 1, 1, tzinfo=UTC), None, None)
    many = [Given(UUID(int=1), "tags", f"tag {n}", None, None) for n in range(100)]
    terms = item_terms(source, many)
    assert sum(term.kind == "value" for term in terms) == ITEM_VALUES_MAX
    assert sorted(term.id for term in item_terms(source, many[::-1])) == sorted(term.id for term in terms)
    assert {term.key for term in terms if term.kind == "context"} == {"$category", "$month"}


def test_no_value_is_left_out_of_all_items_that_have_very_many() -> None:
    counted: Counter[str] = Counter()
    for number in range(200):
        source = Source(UUID(int=number * 7_919), UUID(int=2), None, None, None, None)
        given = [Given(source.item_id, "tags", f"tag {n}", None, None) for n in range(2 * ITEM_VALUES_MAX)]
        counted.update(term.value for term in item_terms(source, given) if term.kind == "value")
    assert len(counted) == 2 * ITEM_VALUES_MAX
    assert all(60 <= count <= 140 for count in counted.values())
