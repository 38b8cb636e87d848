"""A model for tests: instant, the same everywhere, and texts that share words are close."""

import hashlib
import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from likewise.engine.embedding.models.checks import NORM_MIN, normalise_rows
from likewise.engine.embedding.models.graph import DIMENSION
from likewise.engine.embedding.models.port import Embeddings, Purpose, Purse

__all__ = ["FakeModel"]


class FakeModel:
    """An EmbeddingModel made of hashed words and word pairs; `calls` and `texts_embedded` count its work."""

    name = "fake"
    version = "1"
    dimension = DIMENSION
    local = True
    price_per_million_tokens_usd = 0.0
    tokens_max = 256

    def __init__(self, *, batch_texts_max: int = 1024) -> None:
        self.batch_texts_max = batch_texts_max
        self.calls = 0
        self.texts_embedded = 0

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Words of each text, at least one."""
        return [max(1, len(_words(text))) for text in texts]

    async def embed(self, texts: Sequence[str], *, purpose: Purpose, purse: Purse | None = None) -> Embeddings:
        """One unit vector per text, (len(texts), 384); `purpose` makes no difference."""
        del purpose, purse
        self.calls += 1
        self.texts_embedded += len(texts)
        vectors = np.zeros((len(texts), DIMENSION), np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            words = _words(text)
            for gram in [*words, *map(" ".join, pairwise(words))] or [text]:
                places = np.frombuffer(hashlib.sha256(gram.encode()).digest(), np.uint32)
                np.add.at(vector, places % DIMENSION, np.where(places >> 31, np.float32(1), np.float32(-1)))
            if np.linalg.norm(vector) < NORM_MIN:
                vector[0] = 1.0
        return normalise_rows(vectors)

    async def close(self) -> None:
        """Nothing is held open."""


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())
