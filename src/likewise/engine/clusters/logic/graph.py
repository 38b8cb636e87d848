"""Who is near whom: vectors with what is common to all taken off, and the graph of nearest neighbours.

Vectors are rows of norm 1. Texts of one collection share a subject, which lifts every similarity; with the mean taken
off, random pairs are about 0 apart from chance, and similarities of different collections can be read alike.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["Edges", "Floats", "Whole", "background", "centred", "merged_edges", "nearest", "neighbour_graph", "unit"]

Floats = NDArray[np.float32]
Whole = NDArray[np.int64]
Edges = tuple[Whole, Whole, NDArray[np.float64]]
"""Sources, targets and weights; each edge stands in both directions."""

_BLOCK_ROWS = 1_024
_PAIRS_ROWS = 1_500
_SCALE_RANK = 6  # the seventh neighbour, as in self-tuning spectral clustering (Zelnik-Manor and Perona, 2004)


def unit(rows: Floats) -> Floats:
    """Rows of norm 1, (n, d); a row of zeros stays."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(norms, 1e-9), dtype=np.float32)


def centred(vectors: Floats) -> Floats:
    """Vectors of norm 1 with the mean of all taken off, of norm 1 again."""
    return unit(vectors - vectors.mean(axis=0))


def background(vectors: Floats, *, seed: int) -> float:
    """The standard deviation of the similarity of random pairs of centred vectors: what chance alone brings about."""
    order = np.random.default_rng(seed).permutation(len(vectors))[:_PAIRS_ROWS]
    sample = vectors[order]
    pairs = (sample @ sample.T)[np.triu_indices(len(sample), 1)]
    return float(pairs.std()) if len(pairs) else 0.0


def nearest(vectors: Floats, *, count: int) -> tuple[Whole, Floats]:
    """The `count` nearest other rows of each row, nearest first, and their similarities; both (n, count).

    Exact, a block of rows at a time: memory is `_BLOCK_ROWS` x n.
    """
    n = len(vectors)
    count = min(count, n - 1)
    places = np.empty((n, count), np.int64)
    alike = np.empty((n, count), np.float32)
    for start in range(0, n, _BLOCK_ROWS):
        block = vectors[start : start + _BLOCK_ROWS] @ vectors.T
        rows = np.arange(len(block))
        block[rows, rows + start] = -2.0
        found = np.argpartition(block, n - count, axis=1)[:, n - count :]
        values = np.take_along_axis(block, found, axis=1)
        order = np.argsort(-values, axis=1, kind="stable")
        places[start : start + len(block)] = np.take_along_axis(found, order, axis=1)
        alike[start : start + len(block)] = np.take_along_axis(values, order, axis=1)
    return places, alike


def neighbour_graph(places: Whole, alike: Floats) -> Edges:
    """The graph of nearest neighbours, weighted by distance against how far neighbours are around both ends.

    In a crowd only the very near count, in the open the not so near as well: no distance is fixed.
    """
    n, count = places.shape
    distances = np.sqrt(np.maximum(2 - 2 * alike.astype(np.float64), 1e-6))
    scale = distances[:, min(_SCALE_RANK, count - 1)]
    weights = np.exp(-(distances**2) / (scale[:, None] * scale[places]))
    sources: Whole = np.repeat(np.arange(n, dtype=np.int64), count)
    targets: Whole = places.ravel()
    both = np.concatenate([weights.ravel(), weights.ravel()])
    return merged_edges(np.concatenate([sources, targets]), np.concatenate([targets, sources]), both, nodes=n)


def merged_edges(sources: Whole, targets: Whole, weights: NDArray[np.float64], *, nodes: int) -> Edges:
    """Edges with the same ends become one."""
    keys = sources * nodes + targets
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    return keys[starts] // nodes, keys[starts] % nodes, np.add.reduceat(weights[order], starts)
