"""The grouping that fits a collection, from its vectors alone: how many groups there are is not known beforehand.

Texts that are nearly the same are folded into one, for a question that hundreds send with a greeting or a slip of the
pen fills its own neighbourhood, and would fall into as many groups as it has wordings. Then communities of the graph of
nearest neighbours, at the resolution that trades best how alike the pairs within groups are against how many they are;
the consensus of several such partitions; each text where both its neighbours and the mean of the group would have it.
Last, groups that are as like each other as each is within are one: communities at one resolution are of one order of
size, and what people ask is not.

PAIRS_EXPONENT, and everything else here that is a number, holds for every collection; the numbers were chosen on the
training half of BANKING77, as it is and as months of messages made from it, with an eye on other sets.
"""

from collections.abc import Callable

import msgspec
import numpy as np

from likewise.engine.clusters.logic.communities import communities, relabelled
from likewise.engine.clusters.logic.graph import (
    Edges,
    Floats,
    Whole,
    background,
    centred,
    nearest,
    neighbour_graph,
    unit,
)

__all__ = ["Partition", "fit_partition", "group_means", "group_sums", "merged_small"]

SEED = 0
NEIGHBOURS = 15
PAIRS_EXPONENT = 0.7
FOLDED_FROM = 0.9
JOINED_FROM = 0.8
_STEP = 1.25
_START = 2.0
_WIDE, _NARROW = 4.0, 1.0
_PLACE_MIN, _PLACE_MAX = -10.0, 30.0
_CONSENSUS = tuple((seed, factor) for seed in range(1, 4) for factor in (0.8, 1.25))
_CONSENSUS_FACTOR = 0.65
_POLISH_ROUNDS = 4
_TINY = 3


class Partition(msgspec.Struct, frozen=True):
    """A group for each row, 0 to k - 1, and what was measured on the way."""

    labels: Whole
    resolution: float
    background: float


def fit_partition(vectors: Floats, *, threshold: float | None = None) -> Partition:
    """The groups of vectors of norm 1, (n, d), in O(n^2 d) time and O(n (d + NEIGHBOURS)) memory.

    With a `threshold` the resolution is the one whose groups hold most similarity beyond it, pair by pair, and a text
    less alike than that to the mean of the others in its group stands alone; nothing is folded or joined then.
    """
    n = len(vectors)
    rows = centred(vectors)
    noise = background(rows, seed=SEED)
    if n <= _TINY or noise == 0.0:
        return Partition(np.arange(n), 1.0, noise)
    if threshold is not None:
        edges = neighbour_graph(*nearest(rows, count=NEIGHBOURS))
        resolution = _best_resolution(edges, n, worth=lambda labels: _excess(vectors, labels, threshold))
        labels = _polished(_consensus(edges, nodes=n, resolution=resolution), edges, rows)
        return Partition(_held(labels, vectors, threshold), resolution, noise)
    folds, folded, edges = _folded(rows)
    resolution = _best_resolution(edges, len(folded), worth=lambda labels: _worth(folded, labels))
    labels = _polished(_consensus(edges, nodes=len(folded), resolution=resolution), edges, folded)
    return Partition(_joined(folded, labels)[folds], resolution, noise)


def group_sums(rows: Floats, labels: Whole) -> Floats:
    """The sum of each group's rows, (k, d)."""
    order = np.argsort(labels, kind="stable")
    ordered = labels[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    return np.asarray(np.add.reduceat(rows[order], starts, axis=0), dtype=np.float32)


def group_means(rows: Floats, labels: Whole) -> Floats:
    """The mean direction of each group, of norm 1, (k, d)."""
    return unit(group_sums(rows, labels))


def merged_small(labels: Whole, vectors: Floats, *, size_min: int, threshold: float) -> Whole:
    """Groups of fewer than `size_min` rows join the group whose mean is nearest, where it is within `threshold`."""
    sizes = np.bincount(labels)
    small = np.flatnonzero(sizes < size_min)
    large = np.flatnonzero(sizes >= size_min)
    if not len(small) or not len(large):
        return labels
    means = group_means(vectors, labels)
    alike = means[small] @ means[large].T
    target = np.arange(len(sizes))
    near = alike.max(axis=1) >= threshold
    target[small[near]] = large[alike.argmax(axis=1)[near]]
    return relabelled(target[labels])


def _folded(rows: Floats) -> tuple[Whole, Floats, Edges]:
    """Rows nearly the same as one: the fold of each row, the folds' mean directions, and the graph of those.

    Who has most such neighbours begins; again where somebody had more of them than the NEIGHBOURS a row knows.
    """
    folds, folded = np.arange(len(rows)), rows
    is_folded = False
    while True:
        places, alike = nearest(folded, count=NEIGHBOURS)
        close = alike >= FOLDED_FROM
        if is_folded or not close.any():
            return folds, folded, neighbour_graph(places, alike)
        step = np.full(len(folded), -1)
        count = 0
        for row in np.argsort(-close.sum(axis=1), kind="stable"):
            if step[row] < 0:
                others = places[row][close[row]]
                step[others[step[others] < 0]] = count
                step[row] = count
                count += 1
        is_folded = not close.all(axis=1).any()
        folds = step[folds]
        folded = group_means(rows, folds)


def _joined(rows: Floats, labels: Whole) -> Whole:
    """Groups whose rows are, from one to the other, JOINED_FROM times as alike as within (the geometric mean of both)
    are one, the most alike first; groups of less than _TINY rows stay, for they say little of how alike theirs are."""
    sums = group_sums(rows, labels).astype(np.float64)
    sizes = np.bincount(labels).astype(np.float64)
    products = sums @ sums.T
    target = np.arange(len(sizes))
    is_open = sizes >= _TINY
    while is_open.sum() > 1:
        within = (np.diag(products) - sizes) / np.maximum(sizes * (sizes - 1), 1)
        root = np.sqrt(np.maximum(within, np.finfo(np.float64).tiny))
        share = products / np.outer(sizes * root, sizes * root)
        share[~is_open], share[:, ~is_open] = -1.0, -1.0
        np.fill_diagonal(share, -1.0)
        one, other = divmod(int(share.argmax()), len(sizes))
        if share[one, other] < JOINED_FROM:
            break
        products[one] += products[other]
        products[:, one] += products[:, other]
        sizes[one] += sizes[other]
        is_open[other] = False
        target[target == other] = one
    return relabelled(target[labels])


def _held(labels: Whole, vectors: Floats, threshold: float) -> Whole:
    """Rows less alike than `threshold` to the mean of the others in their group stand alone, until none is left."""
    while True:
        others = group_sums(vectors, labels)[labels] - vectors
        alike = np.einsum("nd,nd->n", unit(others), vectors)
        loose = np.flatnonzero((alike < threshold) & (np.bincount(labels)[labels] > 1))
        if not len(loose):
            return labels
        parted = labels.copy()
        parted[loose] = labels.max() + 1 + np.arange(len(loose))
        labels = relabelled(parted)


def _best_resolution(edges: Edges, nodes: int, *, worth: Callable[[Whole], float]) -> float:
    """The resolution whose communities are worth most, found by steps that become smaller."""
    known: dict[float, float] = {}

    def value(place: float) -> float:
        if place not in known:
            known[place] = worth(communities(edges, nodes=nodes, resolution=_STEP**place, seed=SEED))
        return known[place]

    return _STEP ** _climb(value)


def _climb(worth: Callable[[float], float]) -> float:
    at, step = _START, _WIDE
    while step >= _NARROW:
        around = [place for place in (at - step, at, at + step) if _PLACE_MIN <= place <= _PLACE_MAX]
        best = max(around, key=lambda place: (worth(place), -abs(place - at)))
        if best == at:
            step /= 2
        at = best
    return at


def _worth(rows: Floats, labels: Whole) -> float:
    """log(sum of similarities within groups) - PAIRS_EXPONENT * log(number of pairs within groups).

    With an exponent of 1/2 this is the correlation of similarity and togetherness over all pairs (Hubert's gamma),
    which is blind to small groups; with 1 it is the mean similarity, which is best where everybody is alone. It does
    not change where all similarities are multiplied, so that it carries over from one collection to another.
    """
    sizes = np.bincount(labels).astype(np.float64)
    sums = group_sums(rows, labels).astype(np.float64)
    within, pairs = (sums * sums).sum() - len(rows), (sizes * (sizes - 1)).sum()
    if within <= 0 or pairs <= 0:
        return -np.inf
    return float(np.log(within) - PAIRS_EXPONENT * np.log(pairs))


def _excess(rows: Floats, labels: Whole, threshold: float) -> float:
    """The similarity beyond `threshold`, over all pairs within groups: what average linkage looks at."""
    sizes = np.bincount(labels).astype(np.float64)
    sums = group_sums(rows, labels).astype(np.float64)
    return float((sums * sums).sum() - len(rows) - threshold * (sizes * (sizes - 1)).sum())


def _consensus(edges: Edges, *, nodes: int, resolution: float) -> Whole:
    """Communities of the graph in which an edge counts as often as several partitions keep its ends together."""
    sources, targets, weights = edges
    together = np.zeros(len(weights))
    for seed, factor in _CONSENSUS:
        labels = communities(edges, nodes=nodes, resolution=resolution * factor, seed=seed)
        together += labels[sources] == labels[targets]
    share = together / len(_CONSENSUS)
    kept = share > 0
    agreed = (sources[kept], targets[kept], weights[kept] * share[kept] ** 2)
    return communities(agreed, nodes=nodes, resolution=resolution * _CONSENSUS_FACTOR, seed=SEED)


def _polished(labels: Whole, edges: Edges, rows: Floats) -> Whole:
    """Each row where its neighbours' share and the similarity to the mean, added up, are highest."""
    sources, targets, weights = edges
    degrees = np.bincount(sources, weights, len(rows))
    for _ in range(_POLISH_ROUNDS):
        scores = rows @ group_means(rows, labels).T
        share = (weights / degrees[sources]).astype(np.float32)
        np.add.at(scores, (sources, labels[targets]), share)
        better = relabelled(scores.argmax(axis=1))
        if np.array_equal(better, labels):
            break
        labels = better
    return labels
