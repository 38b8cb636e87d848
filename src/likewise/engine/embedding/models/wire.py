"""What goes over the wire to a provider and what comes back, as bytes and structs; no network here."""

import binascii
from base64 import b64decode
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from likewise.engine.embedding.models.checks import check_vectors
from likewise.engine.embedding.models.port import BadAnswer, Embeddings
from likewise.engine.embedding.settings import EmbeddingSettings

__all__ = ["answer_bytes_max", "encode_request", "read_answer"]

COMPONENT_BYTES_MAX = 32
"""One number of a vector, written out in JSON with its comma."""
ENVELOPE_BYTES_MAX = 65_536
TEXT_ENVELOPE_BYTES_MAX = 256


class _Request(msgspec.Struct, frozen=True, omit_defaults=True):
    model: str
    input: Sequence[str]
    encoding_format: str
    dimensions: int | None = None


class _Vector(msgspec.Struct, frozen=True):
    index: int
    embedding: str | list[float]


class _Answer(msgspec.Struct, frozen=True):
    data: list[_Vector]


def encode_request(texts: Sequence[str], settings: EmbeddingSettings, *, model: str) -> bytes:
    """The JSON body of one request; `model` is the server's name for it."""
    return msgspec.json.encode(
        _Request(
            model=model,
            input=texts,
            encoding_format=settings.provider_encoding,
            dimensions=settings.provider_dimension if settings.provider_send_dimension else None,
        )
    )


def answer_bytes_max(texts: int, dimension: int) -> int:
    """More bytes than any honest answer of this size has."""
    return ENVELOPE_BYTES_MAX + texts * (TEXT_ENVELOPE_BYTES_MAX + dimension * COMPONENT_BYTES_MAX)


def read_answer(body: bytes, *, texts: int, dimension: int) -> Embeddings:
    """The vectors in the order of the texts, whatever order they came in: (texts, dimension), norm 1.

    Raises BadAnswer where the body is not JSON of the right form, an index is missing or doubled, or a vector
    is of the wrong length, not finite or zero.
    """
    try:
        answer = msgspec.json.decode(body, type=_Answer)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadAnswer(reason=f"the answer is not of the expected form: {error}") from error
    if len(answer.data) != texts:
        raise BadAnswer(reason=f"{texts} vectors were asked for, {len(answer.data)} came")
    ordered = sorted(answer.data, key=lambda vector: vector.index)
    if [vector.index for vector in ordered] != list(range(texts)):
        raise BadAnswer(reason=f"the indexes are not 0 to {texts - 1}, each once")
    rows = np.empty((texts, dimension), np.float32)
    for row, vector in zip(rows, ordered, strict=True):
        components = _components(vector)
        if len(components) != dimension:
            raise BadAnswer(
                reason=f"{dimension} dimensions were asked for, vector {vector.index} has {len(components)}"
            )
        row[:] = components
    return check_vectors(rows, texts=texts, dimension=dimension)


def _components(vector: _Vector) -> NDArray[np.float32]:
    """Numbers, or base64 of little-endian float32: servers answer with either, whatever was asked for."""
    if isinstance(vector.embedding, str):
        try:
            return np.frombuffer(b64decode(vector.embedding, validate=True), "<f4")
        except (binascii.Error, ValueError) as error:
            raise BadAnswer(reason=f"vector {vector.index} is not base64 of float32: {error}") from error
    with np.errstate(over="ignore"):  # too large for float32 becomes infinite, which the check then names
        return np.array(vector.embedding, np.float64).astype(np.float32)
