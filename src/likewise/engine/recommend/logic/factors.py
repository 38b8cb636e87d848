"""What people did with items, factorised: alternating least squares, and linear weights from item to item.

Both are closed forms in blocks, seeded, with no learning rate to go wrong. Sources: Hu, Koren, Volinsky 2008 (implicit
ALS); Steck 2019 (EASE: a ridge regression of every item on all others, whose solution is one inverse).
"""

from collections.abc import Iterator

import msgspec
import numpy as np
from numpy.typing import NDArray

__all__ = ["Factors", "Ratings", "factorise", "item_weights", "taste_scores"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
_CHUNK_VALUES = 4_000_000
_USER_POWER = 0.25
"""Users count by their number of likes to minus this power on each side of the product."""


class Ratings(msgspec.Struct, frozen=True):
    """Who turned to what, how much: three arrays of one length, and how many users and items there are."""

    users: Ints
    items: Ints
    values: Floats
    user_count: int
    item_count: int

    def dense(self, items: Ints) -> Floats:
        """The (users, len(items)) matrix of these items."""
        place = np.full(self.item_count, -1)
        place[items] = np.arange(len(items))
        kept = place[self.items] >= 0
        matrix = np.zeros((self.user_count, len(items)), dtype=np.float32)
        matrix[self.users[kept], place[self.items[kept]]] = self.values[kept]
        return matrix

    def popularity(self) -> Ints:
        """How many users turned to each item."""
        return np.bincount(self.items, minlength=self.item_count)


class Factors(msgspec.Struct, frozen=True):
    """The two sides of a factorisation, and the items' Gram matrix, from which new users are solved."""

    users: Floats
    items: Floats
    gram: NDArray[np.float64]


def factorise(
    ratings: Ratings, *, dimension: int, rounds: int, regularisation: float, confidence: float, seed: int
) -> Factors:
    """Implicit ALS, every block solved exactly. A user with no item, and an item with no user, stands at the origin."""
    random = np.random.default_rng(seed)
    items = random.normal(0, 0.1, (ratings.item_count, dimension)).astype(np.float32)
    users = np.zeros((ratings.user_count, dimension), dtype=np.float32)
    by_user = _ordered(ratings.users, ratings.items, ratings.values, ratings.user_count)
    by_item = _ordered(ratings.items, ratings.users, ratings.values, ratings.item_count)
    for _ in range(rounds):
        users = _solve_side(by_user, items, regularisation=regularisation, confidence=confidence)
        items = _solve_side(by_item, users, regularisation=regularisation, confidence=confidence)
    wide = items.astype(np.float64)
    users = _solve_side(by_user, items, regularisation=regularisation, confidence=confidence)
    return Factors(users, items, wide.T @ wide)


def item_weights(ratings: Ratings, items: Ints, *, regularisation: float) -> Floats:
    """EASE's weights among these items, shape (len(items), len(items)), row: the item liked, column: the item scored.

    Costs the third power of the number of items; use it for the few thousand that most likes are about.
    """
    per_user = np.maximum(np.bincount(ratings.users, minlength=ratings.user_count), 1)
    gram = np.zeros((len(items), len(items)), dtype=np.float64)
    place = np.full(ratings.item_count, -1)
    place[items] = np.arange(len(items))
    kept = place[ratings.items] >= 0
    order = np.argsort(ratings.users[kept], kind="stable")
    users = ratings.users[kept][order]
    columns, values = place[ratings.items[kept]][order], ratings.values[kept][order]
    rows_max = max(1, _CHUNK_VALUES // max(1, len(items)))
    for low in range(0, ratings.user_count, rows_max):
        begin, end = np.searchsorted(users, [low, low + rows_max])
        block = np.zeros((min(rows_max, ratings.user_count - low), len(items)), dtype=np.float32)
        block[users[begin:end] - low, columns[begin:end]] = values[begin:end]
        block *= (per_user[low : low + len(block)] ** -_USER_POWER).astype(np.float32)[:, None]
        gram += block.T @ block
    gram[np.diag_indices(len(items))] += regularisation
    inverse = np.linalg.inv(gram)
    weights = -inverse / np.diag(inverse)[None, :]
    np.fill_diagonal(weights, 0.0)
    return weights.astype(np.float32)


def taste_scores(linear: Floats, factored: Floats, *, linear_share: float) -> Floats:
    """Two scores of the same items, each brought to mean 0 and deviation 1 for every user (row), as one."""
    mixed = linear_share * _standard(linear) + (1 - linear_share) * _standard(factored)
    return mixed.astype(np.float32)


def _standard(scores: Floats) -> Floats:
    spread = scores.std(axis=-1, keepdims=True)
    centred = scores - scores.mean(axis=-1, keepdims=True)
    return (centred / np.where(spread > 0, spread, 1)).astype(np.float32)


class _Side(msgspec.Struct, frozen=True):
    """Entries ordered by row: those of row r are at starts[r] to starts[r + 1]; rows in the order of their length."""

    starts: Ints
    columns: Ints
    values: Floats
    by_length: Ints


def _ordered(rows: Ints, columns: Ints, values: Floats, count: int) -> _Side:
    order = np.lexsort((columns, rows))
    lengths = np.bincount(rows, minlength=count)
    starts = np.concatenate(([0], np.cumsum(lengths)))
    return _Side(starts, columns[order], values[order], np.argsort(lengths, kind="stable"))


def _solve_side(side: _Side, fixed: Floats, *, regularisation: float, confidence: float) -> Floats:
    dimension = fixed.shape[1]
    wide = np.vstack([fixed, np.zeros((1, dimension), dtype=np.float32)])  # its last row pads
    base = fixed.T.astype(np.float64) @ fixed
    solved = np.zeros((len(side.starts) - 1, dimension), dtype=np.float32)
    for rows in _chunks(side, dimension):
        lengths: Ints = side.starts[rows + 1] - side.starts[rows]
        steps: Ints = np.arange(int(lengths.max()), dtype=np.int64)[None, :]
        places: Ints = side.starts[rows][:, None] + steps
        is_padding: NDArray[np.bool_] = steps >= lengths[:, None]
        places[is_padding] = 0
        columns = np.where(is_padding, len(fixed), side.columns[places])
        extra = np.where(is_padding, 0, confidence * side.values[places]).astype(np.float32)
        picked = wide[columns]
        left = base + (picked * extra[..., None]).transpose(0, 2, 1) @ picked
        ridge = regularisation * np.sqrt(lengths)  # who did more is held back more, or would dominate
        left[:, np.arange(dimension), np.arange(dimension)] += ridge[:, None]
        right = ((1 + extra)[..., None] * picked).sum(axis=1)
        solved[rows] = np.linalg.solve(left, right[..., None].astype(np.float64))[..., 0]
    return solved


def _chunks(side: _Side, dimension: int) -> Iterator[Ints]:
    """Rows of about one length together, so that padding is little, bounded in memory; empty rows are left out."""
    lengths = np.diff(side.starts)
    rows = side.by_length[lengths[side.by_length] > 0]
    start = 0
    while start < len(rows):
        # Shortest first: the last row of a chunk is its longest.
        size = max(1, _CHUNK_VALUES // (dimension * max(dimension, int(lengths[rows[start]]))))
        end = min(len(rows), start + size)
        longest = int(lengths[rows[end - 1]])
        end = min(end, start + max(1, _CHUNK_VALUES // (dimension * max(dimension, longest))))
        yield rows[start:end]
        start = end
