"""What arrives finds its cluster by meaning: the means and thresholds of a collection's clusters, in memory."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
import numpy as np

from likewise.engine.clusters.logic.graph import Floats, Whole, unit

__all__ = ["Choice", "State", "choose", "means_of"]


class State(msgspec.Struct, frozen=True):
    """The clusters of a collection: what they are compared by, one row each.

    `means` have norm 1, (k, d). With exemplars, `rows` has several rows for a cluster and `owner` says whose each is.
    """

    ids: tuple[UUID, ...]
    rows: Floats
    owner: Whole
    thresholds: Floats


class Choice(msgspec.Struct, frozen=True):
    """Where a text goes: a cluster's place in the state, or beyond it the number of a new one; and how near it is."""

    place: int
    similarity: float
    is_new: bool


def choose(state: State, vectors: Floats, *, threshold: float) -> list[Choice]:
    """A cluster for each row of `vectors` (m, d), norm 1, in their order; later rows may join what earlier ones began.

    A text joins the nearest cluster that takes it in: the one whose threshold it exceeds by most. `threshold` is that
    of clusters begun here.
    """
    places, margins, alike = _nearest(state, vectors)
    begun = np.empty_like(vectors)
    count = 0
    choices: list[Choice] = []
    for row, vector in enumerate(vectors):
        place, margin, similarity = int(places[row]), float(margins[row]), float(alike[row])
        if count:
            fresh = begun[:count] @ vector
            best = int(fresh.argmax())
            if fresh[best] - threshold > max(margin, 0.0):
                place, margin, similarity = len(state.ids) + best, float(fresh[best]) - threshold, float(fresh[best])
        if margin >= 0:
            choices.append(Choice(place, similarity, is_new=False))
            continue
        begun[count] = vector
        choices.append(Choice(len(state.ids) + count, 1.0, is_new=True))
        count += 1
    return choices


def _nearest(state: State, vectors: Floats) -> tuple[Whole, Floats, Floats]:
    """For each vector the cluster it exceeds the threshold of by most, by how much, and the similarity."""
    count = len(vectors)
    if not state.ids:
        return np.zeros(count, np.int64), np.full(count, -np.inf, np.float32), np.zeros(count, np.float32)
    alike = vectors @ state.rows.T
    margins = alike - state.thresholds[state.owner]
    best = margins.argmax(axis=1)
    rows = np.arange(count)
    return state.owner[best], margins[rows, best], alike[rows, best]


def means_of(sums: Sequence[bytes], *, dimension: int) -> Floats:
    """Means of norm 1 from stored sums, (k, d)."""
    if not sums:
        return np.zeros((0, dimension), np.float32)
    return unit(np.frombuffer(b"".join(sums), dtype="<f4").reshape(len(sums), -1).astype(np.float32))
