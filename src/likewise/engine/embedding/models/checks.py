"""Vectors are checked before anybody sees them: providers do answer 200 with short, NaN and zero vectors."""

import numpy as np
from numpy.typing import NDArray

from likewise.engine.embedding.models.port import BadAnswer, Embeddings

__all__ = ["NORM_MIN", "check_vectors", "normalise_rows"]

NORM_MIN = 1e-6
"""A vector shorter than this has no direction: the index would never return it."""


def check_vectors(vectors: NDArray[np.float32], *, texts: int, dimension: int) -> Embeddings:
    """The same vectors with norm 1. Raises BadAnswer naming what is wrong: shape, finiteness or norm."""
    if len(vectors) != texts:
        raise BadAnswer(reason=f"{texts} vectors were asked for, {len(vectors)} came")
    if vectors.shape[1] != dimension:
        raise BadAnswer(reason=f"{dimension} dimensions were asked for, {vectors.shape[1]} came")
    finite = np.isfinite(vectors).all(axis=1)
    if not finite.all():
        raise BadAnswer(reason=f"vector {int(np.argmin(finite))} has a component that is not a finite number")
    norms = np.linalg.norm(vectors.astype(np.float64), axis=1)
    if texts and norms.min() < NORM_MIN:
        raise BadAnswer(reason=f"vector {int(np.argmin(norms))} is zero")
    return (vectors / norms[:, None]).astype(np.float32)


def normalise_rows(vectors: NDArray[np.float32]) -> Embeddings:
    """Rows brought to norm 1; no row may be zero."""
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
