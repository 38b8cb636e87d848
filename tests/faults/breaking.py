"""Make one database call of an operation fail, as servers and networks do, and see what the operation left behind.

The fault sits in the driver: a call is refused by the server, or the server's process is ended before or after it has
executed the call. Every error is the real one of the real server; nothing of our own code is replaced.
"""

import re
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from psycopg import sql

__all__ = ["Fault", "How", "Watcher", "failing_calls"]


class How(StrEnum):
    """In which way a call fails."""

    REFUSED = "refused"  # the server answers with an error instead of executing
    CUT_AFTER = "cut after"  # the server has executed it, but the answer never arrives
    CUT_BEFORE = "cut before"  # the server is gone when the call arrives


_REFUSAL = "do $$ begin raise exception 'the disk is full' using errcode = '53100'; end $$"
# An id as it is stored, or as it is written where people see it.
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[a-z]{3}_[0-9a-hjkmnp-tv-z]{26}\b")
_HINT = "select pg_notify"  # a hint may be lost at any time; nothing waits for it

# What differs between two runs of the same story: times, places in the log, secrets, and the tries of a lease.
_ONLY_THERE = {"timestamp with time zone", "xid8"}
_FLUENT = {
    ("platform.tenants", "name"),
    ("platform.cache_tags", "version"),
    ("clusters.summaries", "heat"),  # a sum whose last digits are the order of its parts
    ("platform.events", "id"),
    ("platform.events", "lane"),
    ("platform.event_positions", "event_id"),
    ("platform.operations", "job_id"),
    ("platform.api_keys", "hash"),
    ("platform.api_keys", "hint"),
    ("embedding.pending", "lease"),
    ("embedding.pending", "attempts"),
    ("embedding.pending", "reason"),
}

# What is counted beside the operations, a moment later.
_APART = {"embedding.usage"}


class Fault:
    """Counts the database calls of what runs in its block; the one with number `at` (from 1) fails, once."""

    def __init__(
        self, watcher: "Watcher", *, at: int = 0, how: How = How.REFUSED, tenant_id: UUID | None = None
    ) -> None:
        self.calls = 0
        self.struck = False
        self.borders: list[str] = []
        self._watcher, self._at, self._how, self._tenant_id = watcher, at, how, tenant_id

    async def call(self, connection: psycopg.AsyncConnection, execute: Callable[[], Awaitable[Any]], text: str) -> Any:
        """Execute, unless it is this call's turn to fail."""
        if self.struck or text.startswith(_HINT):
            return await execute()
        self.calls += 1
        if self.calls != self._at:
            result = await execute()
            if text == "commit" and self._tenant_id is not None:
                self.borders.append(self._watcher.state(self._tenant_id))
            return result
        self.struck = True
        if self._how is How.REFUSED:
            return await _EXECUTE(connection, _REFUSAL)
        if self._how is How.CUT_AFTER:
            await execute()
        self._watcher.end_backend(connection.info.backend_pid)
        if self._how is How.CUT_AFTER:
            return await _EXECUTE(connection, "select 1")  # where the driver finds out
        return await execute()


_EXECUTE = psycopg.AsyncConnection.execute
_fault: ContextVar[Fault | None] = ContextVar("fault", default=None)


async def _execute(connection: psycopg.AsyncConnection, query: Any, *args: Any, **options: Any) -> Any:
    fault = _fault.get()
    if fault is None:
        return await _EXECUTE(connection, query, *args, **options)
    return await fault.call(connection, lambda: _EXECUTE(connection, query, *args, **options), str(query))


@contextmanager
def failing_calls(fault: Fault) -> Generator[Fault]:
    """Inside the block, calls of this task and those it starts go through `fault`."""
    psycopg.AsyncConnection.execute = _execute  # type: ignore[method-assign,assignment]
    token = _fault.set(fault)
    try:
        yield fault
    finally:
        _fault.reset(token)
        psycopg.AsyncConnection.execute = _EXECUTE  # type: ignore[method-assign]


class _Table(msgspec.Struct, frozen=True):
    name: str
    columns: Sequence[tuple[str, str]]


class Watcher:
    """Looks at a database from outside, as its superuser."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._dump = _dump_query(_tenant_tables(connection))

    def end_backend(self, pid: int) -> None:
        """End a server process, and wait until it is gone."""
        self._connection.execute("select pg_terminate_backend(%s, 10000)", [pid])

    def state(self, tenant_id: UUID) -> str:
        """Everything a tenant has, in a form in which two runs of the same story are equal: ids are numbered in the
        order in which they came, times are only there or not."""
        rows = self._connection.execute(self._dump, {"tenant": tenant_id}).fetchall()
        lines = [f"{table} {row}" for table, row in rows]
        lines.sort(key=lambda line: (_UUID.sub("", line), line))  # uuid7: equal but for ids, the older comes first
        names: dict[str, str] = {str(tenant_id): "tenant"}

        def name(match: re.Match[str]) -> str:
            return names.setdefault(match[0], f"id{len(names)}")

        return "\n".join(sorted(_UUID.sub(name, line) for line in lines))


def _tenant_tables(connection: psycopg.Connection[Any]) -> list[_Table]:
    rows = connection.execute(
        """
        select n.nspname || '.' || c.relname,
               array_agg(a.attname::text order by a.attnum), array_agg(format_type(a.atttypid, null) order by a.attnum)
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where c.relkind in ('r', 'p') and not c.relispartition and n.nspname not in ('pg_catalog', 'information_schema')
        group by 1 having bool_or(a.attname = 'tenant_id') order by 1
        """
    ).fetchall()
    return [_Table(name, list(zip(columns, kinds, strict=True))) for name, columns, kinds in rows if name not in _APART]


def _dump_query(tables: Sequence[_Table]) -> sql.Composed:
    parts: list[sql.Composable] = [_rows_of(table) for table in tables]
    parts.append(
        sql.SQL(
            "select 'jobs', jsonb_build_object('task', task_name, 'status', status, 'args', args, 'lock', lock)::text"
            " from procrastinate.procrastinate_jobs where args ->> 'tenant_id' = %(tenant)s::text"
        )
    )
    return sql.SQL(" union all ").join(parts)


def _rows_of(table: _Table) -> sql.Composed:
    shown: list[sql.Composable] = []
    for column, kind in table.columns:
        if (table.name, column) in _FLUENT:
            continue
        value = sql.SQL("{} is not null" if kind in _ONLY_THERE else "{}").format(sql.Identifier(column))
        shown += [sql.Literal(column), value]
    return sql.SQL("select {}, jsonb_build_object({})::text from {} where tenant_id = %(tenant)s").format(
        sql.Literal(table.name), sql.SQL(", ").join(shown), sql.Identifier(*table.name.split("."))
    )
