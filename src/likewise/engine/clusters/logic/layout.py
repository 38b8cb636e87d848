"""Two dimensions of many: a place for each text that stays where it is when others come.

The axes are the two directions in which clusters lie furthest apart against how wide they are (linear discriminants,
held back towards principal components); new texts are placed by the same axes until the next refinement.
"""

import struct

import msgspec
import numpy as np

from likewise.engine.clusters.logic.fitting import group_sums
from likewise.engine.clusters.logic.graph import Floats, Whole

__all__ = ["Axes", "find_axes", "pack_axes", "place", "unpack_axes"]

_HEAD = "<if"
_TEXTS_MIN = 3
_SHOWN_SHARE = 0.998  # the rest is brought to the edge, so that a few do not press all others together
_HOLD = 0.3  # of the mean variance, added to that within clusters


class Axes(msgspec.Struct, frozen=True):
    """The point taken off, (d,), the two directions, (2, d), and what brings places within -1 and 1."""

    origin: Floats
    directions: Floats
    scale: float


def find_axes(vectors: Floats, labels: Whole, *, before: Axes | None = None) -> Axes | None:
    """The axes of vectors of norm 1, (n, d), in groups; None for fewer than three. `before` keeps the map from
    turning over."""
    if len(vectors) < _TEXTS_MIN:
        return None
    origin = vectors.mean(axis=0)
    rows = (vectors - origin).astype(np.float64)
    sums = group_sums(rows.astype(np.float32), labels).astype(np.float64)
    means = sums / np.bincount(labels)[:, None]
    apart = rows - means[labels]
    within = apart.T @ apart / len(rows)
    within += np.eye(len(within)) * (_HOLD * np.trace(rows.T @ rows) / (len(rows) * len(within)))
    spread, basis = np.linalg.eigh(within)
    white = basis / np.sqrt(spread)
    between = (means * np.sqrt(np.bincount(labels))[:, None]) @ white
    _, turned = np.linalg.eigh(between.T @ between)
    directions = np.linalg.qr(white @ turned[:, ::-1][:, :2])[0].T.astype(np.float32)
    directions = _upright(directions) if before is None else _turned(directions, before.directions)
    scale = float(np.quantile(np.abs((vectors - origin) @ directions.T), _SHOWN_SHARE)) or 1.0
    return Axes(origin.astype(np.float32), directions, scale)


def place(axes: Axes, vectors: Floats) -> Floats:
    """Where vectors are on the map, (n, 2), within -1 and 1; what lies outside is brought to the edge."""
    return np.clip((vectors - axes.origin) @ axes.directions.T / axes.scale, -1, 1).astype(np.float32)


def pack_axes(axes: Axes) -> bytes:
    """Axes as they are stored."""
    whole = np.vstack([axes.origin[None], axes.directions]).astype("<f4")
    return struct.pack(_HEAD, whole.shape[1], axes.scale) + whole.tobytes()


def unpack_axes(data: bytes) -> Axes:
    """Stored axes."""
    dimension, scale = struct.unpack_from(_HEAD, data)
    whole = np.frombuffer(data, dtype="<f4", offset=struct.calcsize(_HEAD)).reshape(3, dimension).astype(np.float32)
    return Axes(whole[0], whole[1:], scale)


def _upright(directions: Floats) -> Floats:
    """Each direction with its largest part positive: the sign of a component is chance."""
    largest = np.take_along_axis(directions, np.abs(directions).argmax(axis=1)[:, None], axis=1)
    return np.asarray(directions * np.where(largest < 0, -1, 1), dtype=np.float32)


def _turned(directions: Floats, before: Floats) -> Floats:
    """The same plane, turned to lie as the plane before lay (orthogonal Procrustes)."""
    if before.shape != directions.shape:
        return _upright(directions)
    left, _, right = np.linalg.svd(before @ directions.T)
    return np.asarray(left @ right @ directions, dtype=np.float32)
