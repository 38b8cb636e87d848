"""The DDL of vector indexes: partial HNSW indexes, made and dropped CONCURRENTLY.

A partition has one index for each space, and one more for each promoted tenant, whom the first then leaves out. DDL
takes no parameters and cannot be prepared, so it is composed here from identifiers, ids and whole numbers instead of
standing in queries.sql.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from hashlib import sha256
from uuid import UUID

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
    """How many vectors of a space a partition holds, and which tenants hold very many of them."""

    partition: str
    space_id: int
    dimension: int
    row_count: int
    giants: dict[UUID, int] = {}


class VectorIndex(msgspec.Struct, frozen=True):
    """An HNSW index that exists; one that is not valid was left behind by an interrupted build."""

    name: str
    partition: str
    predicate: str
    is_valid: bool
    is_building: bool
    row_count: int
    size_bytes: int


class IndexPlan(msgspec.Struct, frozen=True):
    """An index to build, with HNSW's two parameters: of everybody but `left_out`, or of one promoted tenant alone."""

    partition: str
    space_id: int
    dimension: int
    row_count: int
    m: int = 0
    ef_construction: int = 0
    promoted: UUID | None = None
    left_out: tuple[UUID, ...] = ()

    @property
    def scope(self) -> str:
        """What its name begins with: the same for every index that would hold the same vectors."""
        own = f"{self.partition}_s{self.space_id}"
        if self.promoted is not None:
            return f"{own}_t{_digest(self.promoted)}"
        return f"{own}_x{_digest(*self.left_out)}" if self.left_out else own

    @property
    def name(self) -> str:
        """Its name says what it is, so that one with other parameters is another."""
        return f"{self.scope}_m{self.m}"


def _digest(*tenant_ids: UUID) -> str:
    return sha256(b"".join(tenant_id.bytes for tenant_id in sorted(tenant_ids))).hexdigest()[:12]


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


async def list_large_partitions(
    connection: AsyncConnection, *, rows_min: int, giant_rows_min: int
) -> list[PartitionSpace]:
    """The spaces of each partition that hold at least `rows_min` vectors, and tenants with `giant_rows_min` of them.

    Statistics choose, counting decides.
    """
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
            """
            select t.space_id, s.dimension, sum(t.row_count)::bigint,
                   array_agg(t.tenant_id order by t.tenant_id) filter (where t.row_count >= {giant}),
                   array_agg(t.row_count order by t.tenant_id) filter (where t.row_count >= {giant})
            from (select space_id, tenant_id, count(*) as row_count from {partition} group by space_id, tenant_id) t
            join embedding.spaces s using (space_id)
            group by t.space_id, s.dimension having sum(t.row_count) >= {least} order by t.space_id
            """
        ).format(
            partition=sql.Identifier(_SCHEMA, partition),
            giant=sql.Literal(giant_rows_min),
            least=sql.Literal(rows_min),
        )
        for space_id, dimension, count, tenants, counts in await (await connection.execute(counting)).fetchall():
            giants: dict[UUID, int] = dict(zip(tenants or (), counts or (), strict=True))
            found.append(PartitionSpace(partition, space_id, dimension, count, giants))
    return found


async def list_vector_indexes(connection: AsyncConnection) -> list[VectorIndex]:
    """Every HNSW index on a partition of the vectors."""
    cursor = await connection.execute(
        """
        select i.relname, part.relname, pg_get_expr(x.indpred, x.indrelid), x.indisvalid,
               exists (select from pg_stat_progress_create_index p where p.index_relid = i.oid),
               greatest(i.reltuples, 0)::bigint, pg_relation_size(i.oid)
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
        " with (m = {}, ef_construction = {}) where space_id = {}{}"
    ).format(
        sql.Identifier(plan.name),
        sql.Identifier(_SCHEMA, plan.partition),
        sql.Literal(plan.dimension),
        sql.Literal(plan.m),
        sql.Literal(plan.ef_construction),
        sql.Literal(plan.space_id),
        _tenants_of(plan),
    )
    try:
        await connection.execute(statement)
    except (psycopg.errors.DiskFull, psycopg.errors.OutOfMemory, psycopg.errors.InsufficientResources):
        await drop_index(connection, plan.name)
        await connection.execute("set max_parallel_maintenance_workers = 0")
        await connection.execute(statement)


def _tenants_of(plan: IndexPlan) -> sql.Composable:
    """Whose vectors: one tenant's, or everybody's but some. A search for one tenant implies either by itself."""
    if plan.promoted is not None:
        return sql.SQL(" and tenant_id = {}").format(sql.Literal(plan.promoted))
    return sql.Composed([sql.SQL(" and tenant_id <> {}").format(sql.Literal(other)) for other in plan.left_out])


async def drop_index(connection: AsyncConnection, name: str) -> None:
    """Drop an index while everybody goes on reading and writing."""
    statement = sql.SQL("drop index concurrently if exists {}").format(sql.Identifier(_SCHEMA, name))
    await connection.execute(statement)
