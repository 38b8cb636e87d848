"""The nearest rows of a matrix to each of its rows, exactly: products of blocks, then only what passes a threshold."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

__all__ = ["nearest_rows"]

Matrix = NDArray[np.float32]
_SAMPLE = 4_096
_EXPECTED = 3  # times k rows pass the threshold, so that less than k hardly ever do


def nearest_rows(
    matrix: Matrix, *, k: int, block_rows: int, others: Matrix | None = None
) -> Iterator[tuple[int, NDArray[np.int64], Matrix]]:
    """Blocks of (first row, indices, similarities), both (rows, k'), best first, k' = min(k, rows there are to find).

    Rows are compared with `others` where given, else with each other, never with themselves. Memory: block_rows times
    the rows compared with, five bytes each. Source: exact top-k by a sampled threshold, as in FAISS's block search.
    """
    against = matrix if others is None else others
    found = min(k, len(against) - (others is None))
    if found <= 0:
        return
    stride = max(1, len(against) // _SAMPLE)
    for start in range(0, len(matrix), block_rows):
        scores = matrix[start : start + block_rows] @ against.T
        rows = np.arange(len(scores))
        if others is None:
            scores[rows, start + rows] = -np.inf
        yield (start, *_best(scores, k=found, stride=stride))


def _best(scores: Matrix, *, k: int, stride: int) -> tuple[NDArray[np.int64], Matrix]:
    sample = scores[:, ::stride]
    place = min(sample.shape[1], int(np.ceil(_EXPECTED * k * sample.shape[1] / scores.shape[1])) + 8)
    threshold = np.partition(sample, sample.shape[1] - place, axis=1)[:, sample.shape[1] - place]
    indices = np.empty((len(scores), k), dtype=np.int64)
    flat = np.flatnonzero(scores >= threshold[:, None])
    edges: NDArray[np.int64] = np.arange(1, len(scores) + 1, dtype=np.int64) * scores.shape[1]
    ends: list[int] = np.searchsorted(flat, edges).tolist()
    begin = 0
    for row, end in enumerate(ends):
        columns = flat[begin:end] - row * scores.shape[1]
        begin = end
        values = scores[row]
        if len(columns) < k:
            columns = np.argpartition(values, len(values) - k)[-k:]
        elif len(columns) > k:
            columns = columns[np.argpartition(values[columns], len(columns) - k)[-k:]]
        indices[row] = columns[np.lexsort((columns, -values[columns]))]
    return indices, np.take_along_axis(scores, indices, axis=1)
