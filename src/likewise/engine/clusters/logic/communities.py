"""Communities of a graph by modularity (Louvain's local moving and aggregation), in numpy.

All nodes look for their best community at once and half of them, chosen at random, go there: what one node at a time
does in a loop, whole arrays do here, a hundred times as fast in Python and as good.
"""

import numpy as np
from numpy.typing import NDArray

from likewise.engine.clusters.logic.graph import Edges, Whole, merged_edges

__all__ = ["communities", "relabelled"]

_SWEEPS_MAX = 25
_SETTLED_SHARE = 0.002
_GAIN_MIN = 1e-12


def communities(edges: Edges, *, nodes: int, resolution: float, seed: int) -> Whole:
    """The community of each node, 0 to k - 1. A higher resolution makes more and smaller ones."""
    random = np.random.default_rng(seed)
    labels = np.arange(nodes)
    if not len(edges[0]):
        return labels
    count = nodes
    while True:
        found = relabelled(_settle(edges, nodes=count, resolution=resolution, random=random))
        labels = found[labels]
        fewer = int(found.max()) + 1
        if fewer >= count * (1 - _SETTLED_SHARE):
            return relabelled(labels)
        sources, targets, weights = edges
        edges = merged_edges(found[sources], found[targets], weights, nodes=fewer)
        count = fewer


def relabelled(labels: Whole) -> Whole:
    """The same groups, numbered from 0 without gaps."""
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


def _settle(edges: Edges, *, nodes: int, resolution: float, random: np.random.Generator) -> Whole:
    """Each node in its best community, until hardly one wants to move."""
    sources, targets, weights = edges
    degrees = np.bincount(sources, weights, nodes).astype(np.float64)
    scale = resolution / weights.sum()
    apart = sources != targets
    sources, targets, weights = sources[apart], targets[apart], weights[apart]
    own = np.arange(nodes)
    if not len(sources):
        return own
    for _ in range(_SWEEPS_MAX):
        places, best, gains, stay = _best((sources, targets, weights), own, degrees=degrees, scale=scale)
        wants = gains > stay[places] + _GAIN_MIN
        if wants.sum() <= nodes * _SETTLED_SHARE:
            break
        moves = wants & (random.random(len(places)) < 0.5)  # two that want to swap must not chase each other
        own[places[moves]] = best[moves]
    return own


def _best(
    edges: Edges,
    own: Whole,
    *,
    degrees: NDArray[np.float64],
    scale: float,
) -> tuple[Whole, Whole, NDArray[np.float64], NDArray[np.float64]]:
    """Nodes with neighbours, the best community of each, the gain there, and (for all nodes) the gain of staying."""
    sources, targets, weights = edges
    nodes = len(own)
    totals = np.bincount(own, degrees, nodes)
    node, community, weight = merged_edges(sources, own[targets], weights, nodes=nodes)
    is_own = community == own[node]
    gains = weight - scale * degrees[node] * (totals[community] - np.where(is_own, degrees[node], 0))
    stay = -scale * degrees * (totals[own] - degrees)
    stay[node[is_own]] = gains[is_own]
    starts = np.flatnonzero(np.concatenate([[True], node[1:] != node[:-1]]))
    highest = np.maximum.reduceat(gains, starts)
    at = np.flatnonzero(gains == np.repeat(highest, np.diff(np.append(starts, len(node)))))
    best = np.zeros(nodes, np.int64)
    best[node[at]] = community[at]
    places = node[starts]
    return places, best[places], highest, stay
