"""Models with no encoder at work: a table of token vectors and, where there are no weights at all, hashing.

The static table (after model2vec, Tulkens and van Dongen, 2024) holds what the encoder makes of each
vocabulary token alone; a text is the weighted mean of its tokens. It is ten times as fast as the encoder and
clearly worse: on short banking questions the nearest neighbour has the right intent in 0.82 of cases instead
of 0.92.
"""

import asyncio
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from likewise.engine.embedding.models.checks import NORM_MIN, normalise_rows
from likewise.engine.embedding.models.files import WEIGHTS_SHA256, WeightsFiles, models_folder
from likewise.engine.embedding.models.graph import DIMENSION
from likewise.engine.embedding.models.minilm import MiniLM
from likewise.engine.embedding.models.port import Embeddings, Purpose, Purse
from likewise.engine.embedding.models.tokens import WordPieces
from likewise.engine.embedding.settings import EmbeddingSettings

__all__ = ["HashingModel", "StaticModel", "load_static_model"]

CHUNK_TEXTS_MAX = 512
"""Texts averaged at once: their gathered rows (some 15 MB) stay near the processor."""
GRAM_SIZES = (3, 4, 5)
HASH_BYTES_MAX = 16_384
"""Bytes of a text that hashing looks at."""


class StaticModel:
    """An EmbeddingModel: the mean of a text's token vectors, `table` being (vocabulary, 384), weighted."""

    name = "static"
    version = f"{WEIGHTS_SHA256[:12]}-1"
    dimension = DIMENSION
    local = True
    price_per_million_tokens_usd = 0.0

    def __init__(self, table: NDArray[np.float32], pieces: WordPieces, settings: EmbeddingSettings) -> None:
        self.tokens_max = settings.tokens_max
        self.batch_texts_max = settings.local_batch_texts_max
        self._table = table
        self._pieces = pieces

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, uncut, with the two special ones."""
        return self._pieces.count(texts)

    async def embed(self, texts: Sequence[str], *, purpose: Purpose, purse: Purse | None = None) -> Embeddings:
        """One unit vector per text, (len(texts), 384); `purpose` makes no difference."""
        del purpose, purse
        return await asyncio.to_thread(self._embed, texts)

    async def close(self) -> None:
        """Nothing is held open."""

    def _embed(self, texts: Sequence[str]) -> Embeddings:
        vectors = np.empty((len(texts), DIMENSION), np.float32)
        for start in range(0, len(texts), CHUNK_TEXTS_MAX):
            tokens = self._pieces.encode(texts[start : start + CHUNK_TEXTS_MAX], tokens_max=self.tokens_max)
            # The special tokens say nothing, except where they are all there is.
            inner = [ids[1:-1] or ids[:1] for ids in tokens]
            starts = np.cumsum([0, *map(len, inner[:-1])])
            rows = self._table[np.fromiter((token for ids in inner for token in ids), np.int64)]
            vectors[start : start + len(inner)] = normalise_rows(np.add.reduceat(rows, starts, axis=0))
        return vectors


async def load_static_model(files: WeightsFiles, settings: EmbeddingSettings, *, home: Path) -> StaticModel:
    """The static model; its table is computed once (6 s on two cores) and kept under home with a checksum."""
    pieces = await asyncio.to_thread(WordPieces, files.tokenizer)
    path = models_folder(home) / f"static-{StaticModel.version}.f16"
    table = await asyncio.to_thread(_read_table, path, pieces.size)
    if table is None:
        encoder = await asyncio.to_thread(MiniLM, files, settings)
        try:
            table = await _compute_table(encoder, pieces)
        finally:
            await encoder.close()
        await asyncio.to_thread(_write_table, path, table)
    return StaticModel(table.astype(np.float32), pieces, settings)


async def _compute_table(encoder: MiniLM, pieces: WordPieces) -> NDArray[np.float16]:
    """Every vocabulary token through the encoder, centred, and weighted by the logarithm of its rank.

    The vocabulary is in order of frequency, and a frequent word says little.
    """
    first, last = pieces.special_ids()
    vectors = await encoder.embed_tokens([[first, token, last] for token in range(pieces.size)])
    weights = np.log1p(np.arange(1, pieces.size + 1, dtype=np.float32))
    table = normalise_rows(vectors - vectors.mean(axis=0)) * weights[:, None]
    return table.astype(np.float16)


def _read_table(path: Path, size: int) -> NDArray[np.float16] | None:
    """The stored table, or None where there is none or it is damaged."""
    try:
        content = path.read_bytes()
        expected = path.with_suffix(".sha256").read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    body = size * DIMENSION * np.dtype(np.float16).itemsize
    if hashlib.sha256(content).hexdigest() != expected or len(content) != body:
        return None
    return np.frombuffer(content, np.float16).reshape(size, DIMENSION)


def _write_table(path: Path, table: NDArray[np.float16]) -> None:
    """Best effort: where home cannot be written the table is computed again at the next start."""
    content = table.tobytes()
    digest = hashlib.sha256(content).hexdigest().encode("ascii")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for target, data in ((path, content), (path.with_suffix(".sha256"), digest)):
            part = target.with_name(f"{target.name}.{uuid4().hex}.part")
            part.write_bytes(data)
            part.replace(target)
    except OSError:
        return


class HashingModel:
    """An EmbeddingModel that needs no weights: character n-grams hashed to 384 signed counts.

    It finds shared spelling, not shared meaning. It is there so that the product works on a machine to which
    the weights cannot come, and says so in a warning.
    """

    name = "hashing"
    version = "1"
    dimension = DIMENSION
    local = True
    price_per_million_tokens_usd = 0.0
    tokens_max = HASH_BYTES_MAX // 4

    def __init__(self, settings: EmbeddingSettings) -> None:
        self.batch_texts_max = settings.local_batch_texts_max

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Words of each text."""
        return [max(1, len(text.split())) for text in texts]

    async def embed(self, texts: Sequence[str], *, purpose: Purpose, purse: Purse | None = None) -> Embeddings:
        """One unit vector per text, (len(texts), 384); `purpose` makes no difference."""
        del purpose, purse
        return await asyncio.to_thread(self._embed, texts)

    async def close(self) -> None:
        """Nothing is held open."""

    def _embed(self, texts: Sequence[str]) -> Embeddings:
        return normalise_rows(np.array([_hash_text(text) for text in texts], np.float32).reshape(-1, DIMENSION))


def _hash_text(text: str) -> NDArray[np.float32]:
    """Signed n-gram counts under a square root, which keeps one repeated word from drowning the rest."""
    words = " ".join(re.findall(r"\w+", text.lower())) or text
    codes = np.frombuffer(f"  {words}  ".encode()[:HASH_BYTES_MAX], np.uint8).astype(np.uint64)
    hashes = np.concatenate([_mix(_gram_codes(codes, size)) for size in GRAM_SIZES if len(codes) >= size])
    signs = np.where(hashes >> np.uint64(63), 1.0, -1.0)
    counts = np.bincount((hashes % np.uint64(DIMENSION)).astype(np.int64), weights=signs, minlength=DIMENSION)
    vector = np.sign(counts) * np.sqrt(np.abs(counts))
    if np.linalg.norm(vector) < NORM_MIN:  # every sign cancelled: no direction left, so take the first gram's
        vector[int(hashes[0]) % DIMENSION] = 1.0
    return vector.astype(np.float32)


def _gram_codes(codes: NDArray[np.uint64], size: int) -> NDArray[np.uint64]:
    """Each run of `size` bytes as one number, with its size in front so that sizes do not meet."""
    grams = np.full(len(codes) - size + 1, size, np.uint64)
    for offset in range(size):
        grams = (grams << np.uint64(8)) | codes[offset : offset + len(grams)]
    return grams


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finalizer of SplitMix64 (Steele et al., 2014): neighbouring numbers come out unrelated."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
