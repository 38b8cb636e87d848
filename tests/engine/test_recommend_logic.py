"""Recommendation's mathematics, without a database."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from likewise.engine.recommend import logic
from likewise.engine.recommend.errors import InteractionsRefused
from likewise.engine.recommend.model import Interaction, RowProblem
from likewise.engine.recommend.reading import Columns, read_interactions


@pytest.mark.parametrize("rows", [2, 50, 700])
def test_nearest_rows_are_those_that_comparing_everything_finds(rows: int) -> None:
    random = np.random.default_rng(rows)
    matrix = random.normal(size=(rows, 8)).astype(np.float32)
    matrix[: rows // 3] = matrix[0]  # many that are the same
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    scores = matrix @ matrix.T
    np.fill_diagonal(scores, -np.inf)
    expected = -np.sort(-scores, axis=1)[:, : min(10, rows - 1)]
    seen = 0
    for start, near, similarity in logic.nearest_rows(matrix, k=10, block_rows=64):
        assert similarity == pytest.approx(expected[start : start + len(near)], abs=1e-5)
        assert all(start + place not in line for place, line in enumerate(near))
        assert all(len(set(line.tolist())) == len(line) for line in near)
        seen += len(near)
    assert seen == rows


def test_user_folded_in_stands_where_the_factorisation_put_them() -> None:
    random = np.random.default_rng(4)
    pairs = np.unique(random.integers(0, 30, (300, 2)), axis=0)
    values = random.random(len(pairs)).astype(np.float32)
    ratings = logic.Ratings(pairs[:, 0], pairs[:, 1], values, 30, 30)
    found = logic.factorise(ratings, dimension=4, rounds=3, regularisation=2.0, confidence=3.0, seed=1)
    mine = pairs[:, 0] == 7
    again = logic.fold_in(found.gram, found.items[pairs[mine, 1]], values[mine], regularisation=2.0, confidence=3.0)
    assert again == pytest.approx(found.users[7], abs=1e-3)


def test_weights_from_item_to_item_solve_the_ridge_regression() -> None:
    random = np.random.default_rng(2)
    pairs = np.unique(random.integers(0, 12, (90, 2)), axis=0)
    ratings = logic.Ratings(pairs[:, 0], pairs[:, 1], np.ones(len(pairs), dtype=np.float32), 12, 12)
    weights = logic.item_weights(ratings, np.arange(12), regularisation=3.0).astype(np.float64)
    dense = ratings.dense(np.arange(12)).astype(np.float64)
    dense *= np.maximum(dense.sum(axis=1, keepdims=True), 1) ** -0.25
    assert np.diag(weights) == pytest.approx(np.zeros(12))
    slope = dense.T @ (dense @ weights - dense) + 3.0 * weights
    np.fill_diagonal(slope, 0)  # the diagonal is held at nought
    assert slope == pytest.approx(np.zeros((12, 12)), abs=1e-3)


def test_caps_hold_while_there_is_a_choice_and_give_way_before_a_feed_is_short() -> None:
    scores = np.linspace(1, 0.5, 10).astype(np.float32)
    vectors = np.zeros((10, 2), dtype=np.float32)
    given = {"diversity": 0.0, "author_max": 2, "category_max": 9, "categories": [None] * 10}
    authors = ["ann"] * 8 + ["bob", "cid"]
    chosen = logic.choose_diverse(scores, vectors, k=4, authors=authors, **given)  # type: ignore[arg-type]
    assert chosen == [0, 1, 8, 9]
    chosen = logic.choose_diverse(scores, vectors, k=6, authors=authors, **given)  # type: ignore[arg-type]
    assert chosen == [0, 1, 8, 9, 2, 3]


def test_diversity_puts_something_else_before_more_of_the_same() -> None:
    vectors = np.array([[1, 0], [1, 0], [0, 1]], dtype=np.float32)
    scores = np.array([1.0, 0.99, 0.8], dtype=np.float32)
    none = [None] * 3
    found = {
        diversity: logic.choose_diverse(
            scores, vectors, k=3, diversity=diversity, authors=none, categories=none, author_max=9, category_max=9
        )
        for diversity in (0.0, 0.4)
    }
    assert found == {0.0: [0, 1, 2], 0.4: [0, 2, 1]}


def test_what_was_shown_and_left_alone_fades_and_comes_back() -> None:
    decay = {"decay": 0.5, "half_life_days": 7.0}
    assert logic.seen_factor(None, **decay) == 1.0
    assert logic.seen_factor(logic.Shown(2, 0.0), **decay) == 0.25
    assert logic.seen_factor(logic.Shown(2, 7.0), **decay) == 0.5


def test_learned_weights_find_the_feature_that_people_follow() -> None:
    random = np.random.default_rng(1)
    features = random.random((4000, 3))
    clicks = (random.random(4000) < 1 / (1 + np.exp(-(4 * features[:, 1] - 3)))).astype(float)
    weights = logic.fit_weights(features, clicks)
    assert weights[1] > 3 > 5 * weights[[0, 2]].max()
    users = np.repeat(np.arange(40), 100)
    usual = logic.pairwise_accuracy(features, clicks, users, np.array([1.0, 0.0, 0.0]))
    better = logic.pairwise_accuracy(features, clicks, users, weights)
    assert usual is not None
    assert better is not None
    assert better > usual + 0.1


def test_neighbour_is_put_in_at_its_place_moved_and_taken_out() -> None:
    packed = logic.pack_users(*logic.user_columns([1, 2, 3], [0.9, 0.5, 0.1]))
    added = logic.merge_neighbour(packed, user_id=4, similarity=0.7, limit=3)
    assert logic.unpack_users(added)[0].tolist() == [1, 4, 2]
    moved = logic.merge_neighbour(added, user_id=4, similarity=0.95, limit=3)
    assert logic.unpack_users(moved)[0].tolist() == [4, 1, 2]
    gone = logic.merge_neighbour(moved, user_id=4, similarity=None, limit=3)
    assert logic.unpack_users(gone)[0].tolist() == [1, 2]


def test_file_of_interactions_tells_bad_rows_by_their_line(tmp_path: Path) -> None:
    file = tmp_path / "deeds.csv"
    file.write_text("who,what,stars,at\nann,a,4,1000\nbob,,5,1000\ncid,c,many,1000\ndan,d,5,2026-01-02\n", "utf-8")
    columns = Columns(user="who", item="what", weight="stars", time="at", weight_max=5)
    first, second, third, fourth = read_interactions(file, columns)
    assert first == Interaction(user="ann", item="a", weight=0.8, at=datetime.fromtimestamp(1000, UTC))
    assert isinstance(second, RowProblem)
    assert isinstance(third, RowProblem)
    assert (second.row, third.row) == (3, 4)
    assert isinstance(fourth, Interaction)
    assert fourth.at == datetime(2026, 1, 2, tzinfo=UTC)
    with pytest.raises(InteractionsRefused, match="no column is named"):
        list(read_interactions(file, Columns(user="nobody", item="what")))
