"""How far found groups agree with true ones: measures that a large number of groups of one do not make slow.

Labels are whole numbers from 0 on, one for each text; what they are does not matter, only who shares them.
"""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

__all__ = ["Labels", "Pairs", "pairs", "scores"]

Labels = NDArray[np.int64]


class Pairs(Struct, frozen=True):
    """Pairs of texts that are together: in both, among the found groups, among the true ones."""

    both: int
    found: int
    true: int

    @property
    def precision(self) -> float:
        """Of the pairs that were put together, the share that belongs together; 1 where none was."""
        return self.both / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Of the pairs that belong together, the share that was put together; 1 where none does."""
        return self.both / self.true if self.true else 1.0


def pairs(truth: Labels, found: Labels) -> Pairs:
    """Counts of pairs, from groups instead of pairs."""
    table = _cells(truth, found)[2]
    return Pairs(both=_pairs(table), found=_pairs(np.bincount(found)), true=_pairs(np.bincount(truth)))


def scores(truth: Labels, found: Labels) -> tuple[float, float, float]:
    """Adjusted mutual information (arithmetic mean), adjusted Rand index, normalised mutual information.

    Each is 1 where both put everything into one group, or each text into its own.
    """
    row, column, table = _cells(truth, found)
    rows, columns = np.bincount(truth), np.bincount(found)
    n = len(truth)
    together = float((table / n * np.log(table * float(n) / (rows[row].astype(float) * columns[column]))).sum())
    rows, columns = rows[rows > 0], columns[columns > 0]
    spread = sum(-float((part / n * np.log(part / n)).sum()) for part in (rows, columns)) / 2
    chance = _chance(rows, columns, n)
    same, found_pairs, true_pairs = _pairs(table), _pairs(columns), _pairs(rows)
    expected = found_pairs * true_pairs / max(1, n * (n - 1) // 2)
    return (
        _share(together - chance, spread - chance),
        _share(same - expected, (found_pairs + true_pairs) / 2 - expected),
        _share(together, spread),
    )


def _cells(truth: Labels, found: Labels) -> tuple[Labels, Labels, Labels]:
    """The filled cells of the table of true groups (rows) and found ones (columns): row, column, texts."""
    width = int(found.max(initial=0)) + 1
    codes, counts = np.unique(truth * width + found, return_counts=True)
    return codes // width, codes % width, counts.astype(np.int64)


def _pairs(sizes: NDArray[np.int64]) -> int:
    return int((sizes * (sizes - 1) // 2).sum())


def _share(part: float, whole: float) -> float:
    return float(part / whole) if abs(whole) > 1e-12 else 1.0


def _chance(rows: Labels, columns: Labels, n: int) -> float:
    """The mutual information that groups of these sizes have by chance."""
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1)))])
    total = 0.0
    for row, row_times in zip(*np.unique(rows, return_counts=True), strict=True):
        for column, column_times in zip(*np.unique(columns, return_counts=True), strict=True):
            shared = np.arange(max(1, row + column - n), min(row, column) + 1)
            log_chance = (
                logs[row] + logs[column] + logs[n - row] + logs[n - column] - logs[n] - logs[shared]
                - logs[row - shared] - logs[column - shared] - logs[n - row - column + shared]
            )  # fmt: skip
            weight = shared / n * np.log(n * shared / (float(row) * column))
            total += row_times * column_times * float((weight * np.exp(log_chance)).sum())
    return total
