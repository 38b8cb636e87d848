"""Lists of who or what is near, as the bytes they are stored in: an id and a score each, best first."""

from collections.abc import Sequence
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Ids",
    "Scores",
    "merge_neighbour",
    "pack_items",
    "pack_users",
    "sum_items",
    "unpack_users",
    "user_columns",
]

Ids = NDArray[np.int64]
Scores = NDArray[np.float32]
_USER = np.dtype([("id", "<i8"), ("score", "<f4")])
_ITEM = np.dtype([("id", "V16"), ("score", "<f4")])


def pack_users(ids: Ids, scores: Scores) -> bytes:
    """Users and their similarities."""
    packed = np.empty(len(ids), dtype=_USER)
    packed["id"], packed["score"] = ids, scores
    return packed.tobytes()


def unpack_users(packed: bytes) -> tuple[Ids, Scores]:
    """The arrays behind `pack_users`."""
    rows = np.frombuffer(packed, dtype=_USER)
    return rows["id"].astype(np.int64), rows["score"].astype(np.float32)


def user_columns(ids: Sequence[int], scores: Sequence[float]) -> tuple[Ids, Scores]:
    """Plain lists as the arrays that are packed."""
    return np.array(ids, dtype=np.int64), np.array(scores, dtype=np.float32)


def pack_items(ids: NDArray[np.void], scores: Scores) -> bytes:
    """Items, their ids as 16 raw bytes each, and their weights."""
    packed = np.empty(len(ids), dtype=_ITEM)
    packed["id"], packed["score"] = ids, scores
    return packed.tobytes()


def sum_items(lists: Sequence[bytes], strengths: Sequence[float], *, limit: int) -> list[tuple[UUID, float, int]]:
    """Lists behind `pack_items`, each times its strength, added up: the best items, their sums, and which list gave
    most. Ties go to the smaller id."""
    parts = [np.frombuffer(packed, dtype=_ITEM) for packed in lists]
    rows = np.concatenate([np.empty(0, dtype=_ITEM), *parts])
    if not len(rows):
        return []
    givers = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    values = rows["score"].astype(np.float64) * np.asarray(strengths, dtype=np.float64)[givers]
    ids = np.ascontiguousarray(rows["id"])
    halves = ids.view(">u8").reshape(-1, 2)
    order = np.lexsort((-values, halves[:, 1], halves[:, 0]))  # within an id, the largest first
    sorted_ids = halves[order]
    starts = np.flatnonzero(np.concatenate([[True], (sorted_ids[1:] != sorted_ids[:-1]).any(axis=1)]))
    sums = np.add.reduceat(values[order], starts)
    best = np.argsort(-sums, kind="stable")[:limit]
    firsts = order[starts[best]]
    return [
        (UUID(bytes=ids[first].tobytes()), float(sums[place]), int(givers[first]))
        for place, first in zip(best, firsts, strict=True)
    ]


def merge_neighbour(packed: bytes, *, user_id: int, similarity: float | None, limit: int) -> bytes:
    """A list with one user put in at its place, moved there, or (None) taken out."""
    ids, scores = unpack_users(packed)
    kept = ids != user_id
    ids, scores = ids[kept], scores[kept]
    if similarity is not None:
        ids = np.append(ids, np.int64(user_id))
        scores = np.append(scores, np.float32(similarity))
        order = np.argsort(-scores, kind="stable")[:limit]
        ids, scores = ids[order], scores[order]
    return pack_users(ids, scores)
