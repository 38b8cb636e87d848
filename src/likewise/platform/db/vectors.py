"""Vectors between numpy and pgvector's `halfvec`, in its binary form: two counts and big-endian float16."""

import struct

import numpy as np
from numpy.typing import NDArray
from psycopg import AsyncConnection
from psycopg.adapt import Buffer, Dumper, Loader
from psycopg.pq import Format
from psycopg.types import TypeInfo
from typing_extensions import override

__all__ = ["HalfVector", "HalfVectors", "half_vectors", "register_vectors"]


class HalfVector:
    """One vector as the wire wants it."""

    __slots__ = ("wire",)

    def __init__(self, vector: NDArray[np.float32]) -> None:
        self.wire = struct.pack("!hh", len(vector), 0) + np.asarray(vector, dtype=">f2").tobytes()


class HalfVectors:
    """Many vectors as one `halfvec[]` parameter, laid out in one go. Made by `half_vectors`."""

    __slots__ = ("elements", "length")

    def __init__(self, matrix: NDArray[np.float32]) -> None:
        self.length, dimension = matrix.shape
        head = struct.pack("!ihh", 4 + 2 * dimension, dimension, 0)  # an element: its bytes, its dimension, unused
        laid = np.empty((self.length, len(head) + 2 * dimension), dtype=np.uint8)
        laid[:, : len(head)] = np.frombuffer(head, dtype=np.uint8)
        laid[:, len(head) :] = np.ascontiguousarray(matrix, dtype=">f2").view(np.uint8)
        self.elements = laid.tobytes()

    def __len__(self) -> int:
        return self.length


def half_vectors(matrix: NDArray[np.float32]) -> HalfVectors:
    """An (n, dimension) matrix as one parameter for `:embeddings::halfvec[]`."""
    return HalfVectors(matrix)


async def register_vectors(connection: AsyncConnection) -> None:
    """Teach a connection about halfvec; does nothing where the extension is not there yet."""
    info = await TypeInfo.fetch(connection, "halfvec")
    if info is None:
        return
    info.register(connection)

    class HalfVectorDumper(Dumper):
        format = Format.BINARY
        oid = info.oid

        @override
        def dump(self, obj: HalfVector) -> Buffer:
            return obj.wire

    class HalfVectorsDumper(Dumper):
        format = Format.BINARY
        oid = info.array_oid

        @override
        def dump(self, obj: HalfVectors) -> Buffer:
            # One dimension, no nulls, elements of halfvec, counted from 1.
            dimensions = 1 if obj.length else 0
            head = struct.pack("!iii", dimensions, 0, info.oid)
            return head + (struct.pack("!ii", obj.length, 1) if dimensions else b"") + obj.elements

    class HalfVectorLoader(Loader):
        format = Format.BINARY

        @override
        def load(self, data: Buffer) -> NDArray[np.float32]:
            return np.frombuffer(data, dtype=">f2", offset=4).astype(np.float32)

    connection.adapters.register_dumper(HalfVector, HalfVectorDumper)
    connection.adapters.register_dumper(HalfVectors, HalfVectorsDumper)
    connection.adapters.register_loader(info.oid, HalfVectorLoader)
