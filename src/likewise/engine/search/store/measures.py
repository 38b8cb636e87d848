"""Statements of what is measured: recall of indexes, and what comparing vectors costs on this machine."""

from collections.abc import Sequence
from datetime import datetime
from time import perf_counter
from typing import LiteralString
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray
from psycopg import AsyncConnection, sql

from likewise.engine.embedding import Space
from likewise.engine.search.model import Calibration, LargeCorpus, Recall
from likewise.engine.search.store.statements import QUERIES, space_slots
from likewise.platform.db import HalfVector, Tx, register_vectors

__all__ = [
    "PoorRecalls",
    "count_poor_recalls",
    "delete_old_recalls",
    "find_calibration",
    "find_recall",
    "insert_calibration",
    "insert_recall",
    "list_large_corpora",
    "list_loose_indexes",
    "list_recent_texts",
    "list_sampled_vectors",
    "time_comparing",
]


class PoorRecalls(msgspec.Struct, frozen=True):
    """Tenants whose index was measured, those below their goal, and the worst of them."""

    measured: int
    poor: int
    worst: float


async def list_loose_indexes(tx: Tx, *, ef_search: int) -> list[str]:
    return await tx.fetch_values(QUERIES.list_loose_indexes, str, {"ef_search": ef_search})


async def list_large_corpora(tx: Tx, *, rows: int, limit: int) -> list[LargeCorpus]:
    return await tx.fetch_all(QUERIES.list_large_corpora, LargeCorpus, {"rows": rows, "limit": limit})


async def list_recent_texts(tx: Tx, *, collection_id: UUID, limit: int) -> list[str]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "limit": limit}
    return await tx.fetch_values(QUERIES.list_recent_texts, str, params)


async def list_sampled_vectors(
    tx: Tx, *, space: Space, collection_id: UUID, step: int, limit: int
) -> list[NDArray[np.float32]]:
    statement = QUERIES.list_sampled_vectors.with_slots(space=space_slots(space)["space"])
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "step": step, "limit": limit}
    return await tx.fetch_values(statement, np.ndarray, params)


async def insert_recall(tx: Tx, recall: Recall, *, space: Space, collection_id: UUID) -> None:
    params = msgspec.structs.asdict(recall)
    params |= {"tenant_id": tx.tenant, "space_id": space.space_id, "collection_id": collection_id}
    await tx.execute(QUERIES.insert_recall, params)


async def find_recall(tx: Tx, *, space: Space) -> Recall | None:
    return await tx.fetch_one(QUERIES.find_recall, Recall, {"tenant_id": tx.tenant, "space_id": space.space_id})


async def count_poor_recalls(tx: Tx, *, since: datetime) -> PoorRecalls:
    [row] = await tx.fetch_all(QUERIES.count_poor_recalls, PoorRecalls, {"since": since})
    return row


async def delete_old_recalls(tx: Tx, *, before: datetime, limit: int) -> int:
    return await tx.execute(QUERIES.delete_old_recalls, {"before": before, "limit": limit})


async def insert_calibration(tx: Tx, calibration: Calibration) -> None:
    await tx.execute(QUERIES.insert_calibration, msgspec.structs.asdict(calibration))


async def find_calibration(tx: Tx) -> Calibration | None:
    return await tx.fetch_one(QUERIES.find_calibration, Calibration)


async def time_comparing(
    connection: AsyncConnection, vectors: NDArray[np.float32], *, sizes: Sequence[int], ef_search: int, depth: int
) -> tuple[list[float], float]:
    """Median microseconds of the nearest `depth` among the first n vectors, for each n, and by an index of all.

    The table is temporary; nothing of it stays. The parameters are those of the smallest partitions.
    """
    dimension = vectors.shape[1]
    await register_vectors(connection)
    await connection.execute("create temp table compared (place int, embedding halfvec) on commit preserve rows")
    try:
        async with connection.cursor().copy("copy compared (place, embedding) from stdin (format binary)") as copy:
            copy.set_types(["int4", "halfvec"])
            for place, vector in enumerate(vectors):
                await copy.write_row((place, HalfVector(vector)))
        await connection.execute("create index on compared (place)")
        await connection.execute("analyze compared")
        asked = vectors[:: max(1, len(vectors) // _COMPARISONS)][:_COMPARISONS]
        exactly = "select place from compared where place < %s order by embedding <=> %s, place limit %s"
        exact_us = [await _median_us(connection, exactly, asked, before=(size,), depth=depth) for size in sizes]
        typed = sql.SQL("(embedding::halfvec({}))").format(sql.Literal(dimension))
        await connection.execute(sql.SQL("create index on compared using hnsw ({} halfvec_cosine_ops)").format(typed))
        await connection.execute(sql.SQL("set hnsw.ef_search = {}").format(sql.Literal(ef_search)))
        await connection.execute("set enable_sort = off")
        by_index: LiteralString = (
            f"select place from compared order by embedding::halfvec({dimension})"  # type: ignore[assignment]  # an int
            f" <=> %s::halfvec({dimension}) limit %s"
        )
        return exact_us, await _median_us(connection, by_index, asked, before=(), depth=depth)
    finally:
        await connection.execute("drop table if exists compared")


_COMPARISONS = 30


async def _median_us(
    connection: AsyncConnection,
    statement: LiteralString,
    asked: NDArray[np.float32],
    *,
    before: tuple[int, ...],
    depth: int,
) -> float:
    taken: list[float] = []
    for vector in asked:
        started = perf_counter()
        await (await connection.execute(statement, (*before, HalfVector(vector), depth))).fetchall()
        taken.append(perf_counter() - started)
    return float(np.median(taken)) * 1e6
