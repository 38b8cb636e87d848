"""The DDL of attributes: large categories get partitions of their own, while everybody reads and writes.

DDL takes no parameters, so it is composed here from identifiers and literals instead of standing in queries.sql. The
owner, whom no policy lets past the parent, works on the partitions themselves.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import msgspec
import psycopg
from psycopg import AsyncConnection, sql

from likewise.platform.db import Database

__all__ = [
    "CategoryRows",
    "Copies",
    "copy_categories",
    "create_partitions",
    "drop_leftovers",
    "list_large_categories",
    "list_partitions",
    "partitioning_session",
    "settle_partitions",
    "swap_partitions",
]

_LOCK = 7_310_579_031  # any constant: the advisory lock of whoever makes partitions
_SCHEMA = "community"
_OTHERS, _REST, _OLD = "attributes_others", "attributes_rest", "attributes_old"
_PARENT = sql.Identifier(_SCHEMA, "attributes")


class CategoryRows(msgspec.Struct, frozen=True):
    """A category in the table of all others, and how many attributes it has there."""

    category: str
    row_count: int


class Copies(msgspec.Struct, frozen=True):
    """Tables that are to be partitions: one for each category, and one for the rest of those they have been among.

    `since`: what that transaction or a later one wrote may be missing in them. `row_counts` are by category.
    """

    tables: dict[str, str]
    since: str = ""
    row_counts: dict[str, int] = {}
    total: int = 0


@asynccontextmanager
async def partitioning_session(database: Database) -> AsyncGenerator[AsyncConnection | None]:
    """The owner's connection; None where another process is making partitions just now."""
    async with database.owner_connection() as connection:
        row = await (await connection.execute("select pg_try_advisory_lock(%s)", [_LOCK])).fetchone()
        yield connection if row == (True,) else None


async def list_large_categories(connection: AsyncConnection, *, rows_min: int) -> list[CategoryRows]:
    """Categories with at least `rows_min` attributes in the table of all others.

    Statistics say whether to look, counting decides.
    """
    cursor = await connection.execute(
        "select greatest(reltuples, pg_stat_get_live_tuples(oid)) >= %s * 0.8 from pg_class"
        " where oid = 'community.attributes_others'::regclass",
        [rows_min],
    )
    if await cursor.fetchone() != (True,):
        return []
    cursor = await connection.execute(
        sql.SQL(
            "select category, count(*) from {} group by category having count(*) >= {} order by count(*) desc, category"
        ).format(_table(_OTHERS), sql.Literal(rows_min))
    )
    return [CategoryRows(category, count) for category, count in await cursor.fetchall()]


async def list_partitions(connection: AsyncConnection) -> dict[str, str]:
    """The table of each category that has one of its own, by the category."""
    cursor = await connection.execute(
        "select c.relname, pg_get_expr(c.relpartbound, c.oid) from pg_inherits h join pg_class c on c.oid = h.inhrelid"
        " where h.inhparent = 'community.attributes'::regclass and c.relname <> 'attributes_others' order by 1"
    )
    return {bound.removeprefix("FOR VALUES IN ('").removesuffix("')"): name for name, bound in await cursor.fetchall()}


async def drop_leftovers(connection: AsyncConnection) -> list[str]:
    """Drop what an interrupted run left behind: copies that nobody reads, or the table they were made from."""
    cursor = await connection.execute(
        "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname = 'community' and c.relname ~ '^attributes_([0-9]+|rest|old)$' and c.relkind = 'r'"
        " and not c.relispartition order by 1"
    )
    names = [str(row[0]) for row in await cursor.fetchall()]
    for name in names:
        await connection.execute(sql.SQL("drop table {}").format(_table(name)))
    return names


async def create_partitions(connection: AsyncConnection, *, categories: Sequence[str]) -> Copies:
    """Empty tables with every index of the parent, attached to nothing yet."""
    cursor = await connection.execute(
        "select coalesce(max(substring(c.relname from '[0-9]+$')::int), 0) from pg_class c"
        " join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname = 'community' and c.relname ~ '^attributes_[0-9]+$' and c.relkind = 'r'"
    )
    row = await cursor.fetchone()
    last = 0 if row is None else int(row[0])
    tables = {category: f"attributes_{last + place}" for place, category in enumerate(categories, start=1)}
    apart = [*await list_partitions(connection), *categories]
    for category, name in tables.items():
        await _create(connection, name, check=sql.SQL("category = {}").format(sql.Literal(category)))
    # The words of the bound it will have, so that attaching need not read it: see get_qual_for_list in Postgres.
    listed = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Literal(category)) for category in apart)
    among = sql.SQL("category = {}" if len(apart) == 1 else "category = any (array[{}])").format(listed)
    await _create(connection, _REST, check=sql.SQL("not (category is not null and {})").format(among))
    return Copies(tables)


async def copy_categories(connection: AsyncConnection, copies: Copies) -> Copies:
    """Copy the rows of the table of all others to where they will be, while everybody reads and writes."""
    cursor = await connection.execute("select pg_snapshot_xmin(pg_current_snapshot())::xid::text")
    row = await cursor.fetchone()
    since = "" if row is None else str(row[0])
    counts: dict[str, int] = {}
    copying = sql.SQL("insert into {} select * from {} where {}")
    for category, name in copies.tables.items():
        condition = sql.SQL("category = {}").format(sql.Literal(category))
        cursor = await connection.execute(copying.format(_table(name), _table(_OTHERS), condition))
        counts[category] = cursor.rowcount
        await connection.execute(sql.SQL("analyze {}").format(_table(name)))
    condition = sql.SQL("category <> all ({})").format(sql.Literal(list(copies.tables)))
    cursor = await connection.execute(copying.format(_table(_REST), _table(_OTHERS), condition))
    await connection.execute(sql.SQL("analyze {}").format(_table(_REST)))
    total = sum(counts.values()) + cursor.rowcount
    return Copies(copies.tables, since=since, row_counts=counts, total=total)


async def swap_partitions(connection: AsyncConnection, copies: Copies, *, lock_timeout_s: float) -> bool:
    """Bring the copies up to date and put them in place of what they were made from, in one transaction.

    Writers wait meanwhile, readers for the moment of its end. False where others held the table too long: then nothing
    has changed, try again. A writer's first touch of attributes is never a plain read (see `lock_attributes`), so that
    nobody who reads already waits to write.
    """
    names = [*copies.tables.values(), _REST]
    try:
        async with connection.transaction():
            await connection.execute(
                sql.SQL("set local lock_timeout = {}").format(sql.Literal(f"{int(lock_timeout_s * 1000)}ms"))
            )
            # The parent first, where every writer comes by: one who waited further in would be sent to the old place.
            await connection.execute(sql.SQL("lock table only {} in exclusive mode").format(_PARENT))
            await connection.execute(sql.SQL("lock table {} in exclusive mode").format(_table(_OTHERS)))
            await _catch_up(connection, copies, names)
            # A reader who has learnt of the parent's partitions must have read them before the rows are in others.
            await connection.execute(sql.SQL("lock table only {} in access exclusive mode").format(_PARENT))
            await _put_in_place(connection, copies)
    except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
        return False
    return True


async def settle_partitions(connection: AsyncConnection) -> None:
    """Drop what the copies were made from, and tell the planner how things are."""
    await drop_leftovers(connection)
    await connection.execute(sql.SQL("analyze {}").format(_PARENT))


async def _create(connection: AsyncConnection, name: str, *, check: sql.Composable) -> None:
    await connection.execute(
        sql.SQL("create table {} (like {} including all, constraint {} check ({}))").format(
            _table(name), _PARENT, sql.Identifier(f"{name}_category"), check
        )
    )
    cursor = await connection.execute(
        "select stxname from pg_statistic_ext where stxrelid = %s::regclass", [f"{_SCHEMA}.{name}"]
    )
    for (statistics,) in await cursor.fetchall():
        await connection.execute(sql.SQL("alter statistics {} set statistics 1000").format(_table(statistics)))


async def _catch_up(connection: AsyncConnection, copies: Copies, names: Sequence[str]) -> None:
    """Make the copies what the table is now. Rows are written once and deleted, never updated, and an experience's all
    together: those with a row younger than the copy are copied again, those without any are gone."""
    parts = {
        "others": _table(_OTHERS),
        # Written by the transaction that was the oldest when the copy began, or by a later one.
        "recent": sql.SQL("age(o.xmin) <= age({}::xid)").format(sql.Literal(copies.since)),
    }
    await connection.execute(
        sql.SQL(
            "create temporary table moved on commit drop as"
            " select distinct tenant_id, experience_id from {others} o where {recent}"
        ).format(**parts)
    )
    await connection.execute("analyze moved")
    left = copies.total
    for name in names:
        left -= await _forget_moved(connection, name)
    cursor = await connection.execute(
        sql.SQL(
            "select count(*) from {others} o where not exists (select from moved m where m.tenant_id = o.tenant_id"
            " and m.experience_id = o.experience_id)"
        ).format(**parts)
    )
    if await cursor.fetchone() != (left,):
        for name in names:
            await connection.execute(
                sql.SQL(
                    "insert into moved select c.tenant_id, c.experience_id from"
                    " (select tenant_id, experience_id, count(*) as count from {copy} group by 1, 2) c"
                    " left join (select tenant_id, experience_id, count(*) as count from {others} group by 1, 2)"
                    " o on o.tenant_id = c.tenant_id and o.experience_id = c.experience_id"
                    " where o.count is distinct from c.count"
                ).format(copy=_table(name), **parts)
            )
        for name in names:
            await _forget_moved(connection, name)
    for category, name in copies.tables.items():
        await _copy_moved(connection, name, sql.SQL("o.category = {}").format(sql.Literal(category)))
    rest = sql.SQL("o.category <> all ({})").format(sql.Literal(list(copies.tables)))
    await _copy_moved(connection, _REST, rest)


async def _forget_moved(connection: AsyncConnection, name: str) -> int:
    cursor = await connection.execute(
        sql.SQL(
            "delete from {} n using moved m where n.tenant_id = m.tenant_id and n.experience_id = m.experience_id"
        ).format(_table(name))
    )
    return cursor.rowcount


async def _copy_moved(connection: AsyncConnection, name: str, condition: sql.Composable) -> None:
    await connection.execute(
        sql.SQL(
            "insert into {} select o.* from (select distinct tenant_id, experience_id from moved) m join {} o"
            " on o.tenant_id = m.tenant_id and o.experience_id = m.experience_id where {}"
        ).format(_table(name), _table(_OTHERS), condition)
    )


async def _put_in_place(connection: AsyncConnection, copies: Copies) -> None:
    await connection.execute(sql.SQL("alter table {} detach partition {}").format(_PARENT, _table(_OTHERS)))
    for category, name in copies.tables.items():
        await connection.execute(
            sql.SQL("alter table {} attach partition {} for values in ({})").format(
                _PARENT, _table(name), sql.Literal(category)
            )
        )
    renaming = sql.SQL("alter table {} rename to {}")
    await connection.execute(renaming.format(_table(_OTHERS), sql.Identifier(_OLD)))
    await connection.execute(renaming.format(_table(_REST), sql.Identifier(_OTHERS)))
    await connection.execute(sql.SQL("alter table {} attach partition {} default").format(_PARENT, _table(_OTHERS)))
    for name, check in [*((name, name) for name in copies.tables.values()), (_OTHERS, _REST)]:
        await connection.execute(
            sql.SQL("alter table {} drop constraint {}").format(_table(name), sql.Identifier(f"{check}_category"))
        )


def _table(name: str) -> sql.Identifier:
    return sql.Identifier(_SCHEMA, name)
