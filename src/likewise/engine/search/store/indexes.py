"""The DDL of vector indexes: one partial HNSW index for each partition and space, made and dropped CONCURRENTLY.

DDL takes no parameters and cannot be prepared, so it is composed here from identifiers and whole numbers instead of
standing in queries.sql.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import msgspec
import psycopg
from psycopg import AsyncConnection, sql

from likewise.platform.db import Database

__all__ = [
    "IndexPlan",
    "PartitionSpace",
    "VectorIndex",
    "building_session",
    "create_index",
    "drop_index",
    "list_large_partitions",
    "list_vector_indexes",
]

_LOCK = 7_310_579_006  # any constant: the advisory lock of index builders
_SCHEMA = "embedding"


class PartitionSpace(msgspec.Struct, frozen=True):
    """How many vectors of a space a partition holds."""

    partition: str
    space_id: int
    dimension: int
    row_count: int


class VectorIndex(msgspec.Struct, frozen=True):
    """An HNSW index that exists; one that is not valid was left behind by an interrupted build."""

    name: str
    partition: str
    predicate: str
    is_valid: bool
    is_building: bool


class IndexPlan(msgspec.Struct, frozen=True):
    """An index to build, with HNSW's two parameters."""

    partition: str
    space_id: int
    dimension: int
    m: int
    ef_construction: int

    @property
    def name(self) -> str:
        """Its name says what it is, so that one with other parameters is another."""
        return f"{self.partition}_s{self.space_id}_m{self.m}"

    @property
    def predicate(self) -> str:
        """Its predicate as Postgres prints it."""
        return f"(space_id = {self.space_id})"


@asynccontextmanager
async def building_session(
    database: Database, *, memory_mb: int, workers: int, timeout_s: float
) -> AsyncGenerator[AsyncConnection | None]:
    """The owner's connection, set up for building; None where another process is building just now."""
    async with database.owner_connection() as connection:
        row = await (await connection.execute("select pg_try_advisory_lock(%s)", [_LOCK])).fetchone()
        if row != (True,):
            yield None
            return
        for name, value in (
            ("maintenance_work_mem", f"{int(memory_mb)}MB"),
            ("max_parallel_maintenance_workers", str(int(workers))),
            ("statement_timeout", str(int(timeout_s * 1000))),
        ):
            await connection.execute("select set_config(%s, %s, false)", (name, value))
        yield connection


async def list_large_partitions(connection: AsyncConnection, *, rows_min: int) -> list[PartitionSpace]:
    """The spaces of each partition that hold at least `rows_min` vectors. Statistics choose, counting decides."""
    cursor = await connection.execute(
        """
        select part.relname from pg_inherits h join pg_class part on part.oid = h.inhrelid
        where h.inhparent = 'embedding.vectors'::regclass
          and greatest(part.reltuples, pg_stat_get_live_tuples(part.oid)) >= %s * 0.8
        order by part.relname
        """,
        [rows_min],
    )
    found: list[PartitionSpace] = []
    for (partition,) in await cursor.fetchall():
        counting = sql.SQL(
            "select v.space_id, s.dimension, count(*) from {} v join embedding.spaces s using (space_id)"
            " group by v.space_id, s.dimension having count(*) >= {} order by v.space_id"
        ).format(sql.Identifier(_SCHEMA, partition), sql.Literal(rows_min))
        rows = await (await connection.execute(counting)).fetchall()
        found += [PartitionSpace(partition, space_id, dimension, count) for space_id, dimension, count in rows]
    return found


async def list_vector_indexes(connection: AsyncConnection) -> list[VectorIndex]:
    """Every HNSW index on a partition of the vectors."""
    cursor = await connection.execute(
        """
        select i.relname, part.relname, pg_get_expr(x.indpred, x.indrelid), x.indisvalid,
               exists (select from pg_stat_progress_create_index p where p.index_relid = i.oid)
        from pg_inherits h
        join pg_class part on part.oid = h.inhrelid
        join pg_index x on x.indrelid = part.oid
        join pg_class i on i.oid = x.indexrelid
        join pg_am a on a.oid = i.relam
        where h.inhparent = 'embedding.vectors'::regclass and a.amname = 'hnsw'
        order by i.relname
        """
    )
    return [VectorIndex(*row) for row in await cursor.fetchall()]


async def create_index(connection: AsyncConnection, plan: IndexPlan) -> None:
    """Build an index while everybody goes on reading and writing. Without shared memory for helpers, alone."""
    statement = sql.SQL(
        "create index concurrently if not exists {} on {} using hnsw ((embedding::halfvec({})) halfvec_cosine_ops)"
        " with (m = {}, ef_construction = {}) where space_id = {}"
    ).format(
        sql.Identifier(plan.name),
        sql.Identifier(_SCHEMA, plan.partition),
        sql.Literal(plan.dimension),
        sql.Literal(plan.m),
        sql.Literal(plan.ef_construction),
        sql.Literal(plan.space_id),
    )
    try:
        await connection.execute(statement)
    except (psycopg.errors.DiskFull, psycopg.errors.OutOfMemory, psycopg.errors.InsufficientResources):
        await drop_index(connection, plan.name)
        await connection.execute("set max_parallel_maintenance_workers = 0")
        await connection.execute(statement)


async def drop_index(connection: AsyncConnection, name: str) -> None:
    """Drop an index while everybody goes on reading and writing."""
    statement = sql.SQL("drop index concurrently if exists {}").format(sql.Identifier(_SCHEMA, name))
    await connection.execute(statement)
