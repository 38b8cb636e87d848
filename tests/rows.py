"""Rows for every table of a tenant, made from the catalogue, so that a table nobody has thought of has rows as well."""

import os
from collections.abc import Callable, Sequence
from datetime import date
from typing import LiteralString, cast
from uuid import UUID, uuid5

import psycopg
from psycopg import sql

__all__ = ["Column", "TenantTable", "fill", "fill_all", "id_of", "insert_one", "list_tenant_tables"]

_MANY_PER_COLLECTION = 1000
_NAMES_PER_COLLECTION = 5
_SPACE = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")


class Column:
    """A column as the catalogue describes it."""

    def __init__(self, name: str, kind: str, *, is_required: bool, has_default: bool) -> None:
        self.name = name
        self.kind = kind
        self.is_required = is_required
        self.has_default = has_default


class TenantTable:
    """A table whose rows belong to tenants; of a partitioned one the parent."""

    def __init__(self, schema: str, name: str, columns: Sequence[Column]) -> None:
        self.schema = schema
        self.name = name
        self.columns = columns

    @property
    def identifier(self) -> sql.Identifier:
        return sql.Identifier(self.schema, self.name)

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"


def list_tenant_tables(connection: psycopg.Connection) -> list[TenantTable]:
    """Every table with a tenant_id, in an order in which foreign keys hold."""
    rows = connection.execute(
        """
        select n.nspname, c.relname, a.attname, format_type(a.atttypid, null), a.attnotnull, a.atthasdef
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where c.relkind in ('r', 'p') and not c.relispartition and n.nspname not in ('pg_catalog', 'information_schema')
          and exists (select from pg_attribute t where t.attrelid = c.oid and t.attname = 'tenant_id')
        order by c.oid, a.attnum
        """
    ).fetchall()
    tables: dict[tuple[str, str], list[Column]] = {}
    for schema, table, name, kind, is_required, has_default in rows:
        column = Column(name, kind, is_required=is_required, has_default=has_default)
        tables.setdefault((schema, table), []).append(column)
    return [TenantTable(schema, name, columns) for (schema, name), columns in tables.items()]


def id_of(tenant_id: UUID, number: int) -> UUID:
    """The id that row `number` of a tenant has in every table, so that rows of different tables belong together."""
    return uuid5(tenant_id, str(number))


def fill_all(connection: psycopg.Connection, tenant_ids: Sequence[UUID], *, rows: int, marker: str = "word") -> None:
    """`rows` rows for each tenant, which exists, in every table; every text is `marker-column-number`."""
    for table in list_tenant_tables(connection):
        if str(table) != "platform.tenants":
            fill(connection, table, tenant_ids, rows=rows, marker=marker)


def fill(
    connection: psycopg.Connection, table: TenantTable, tenant_ids: Sequence[UUID], *, rows: int, marker: str
) -> None:
    """`rows` rows of each tenant; of rows that come out with the same key, one."""
    columns = sql.SQL(", ").join(sql.Identifier(column.name) for column in _given(table))
    names = {"rows": sql.Identifier("rows_of_test"), "table": table.identifier, "columns": columns}
    connection.execute(
        sql.SQL("create temporary table {rows} as select {columns} from {table} with no data").format(**names)
    )
    with connection.cursor() as cursor:
        with cursor.copy(sql.SQL("copy {rows} from stdin").format(**names)) as copy:
            for tenant in tenant_ids:
                ids = [str(id_of(tenant, number)) for number in range(rows)]
                for number in range(rows):
                    copy.write_row(_values(table, tenant, ids, number, marker))
        cursor.execute(
            sql.SQL("insert into {table} ({columns}) select * from {rows} on conflict do nothing").format(**names)
        )
    connection.execute(sql.SQL("drop table {rows}").format(**names))


def insert_one(table: TenantTable, tenant_id: UUID, *, number: int, marker: str) -> tuple[sql.Composed, list[object]]:
    """The statement and the values of one more row of a tenant, valid but for who may write it."""
    ids = [str(id_of(tenant_id, place)) for place in range(number + 1)]
    return _insert(table), _values(table, tenant_id, ids, number, marker)


def _insert(table: TenantTable) -> sql.Composed:
    columns = _given(table)
    return sql.SQL("insert into {} ({}) values ({})").format(
        table.identifier,
        sql.SQL(", ").join(sql.Identifier(column.name) for column in columns),
        sql.SQL(", ").join(
            sql.SQL("%s::{}").format(sql.SQL(cast("LiteralString", column.kind))) for column in columns
        ),  # kinds are the catalogue's words
    )


def _values(table: TenantTable, tenant_id: UUID, ids: Sequence[str], number: int, marker: str) -> list[object]:
    return [_value(table, column, tenant=tenant_id, ids=ids, number=number, marker=marker) for column in _given(table)]


def _given(table: TenantTable) -> list[Column]:
    return [column for column in table.columns if not column.has_default]


def _value(table: TenantTable, column: Column, *, tenant: UUID, ids: Sequence[str], number: int, marker: str) -> object:
    if column.name == "tenant_id":
        return str(tenant)
    is_one_per_collection = str(table) in _ONE_PER_COLLECTION
    if column.kind == "uuid":
        is_shared = column.name == "collection_id" and not is_one_per_collection
        return ids[number // _MANY_PER_COLLECTION if is_shared else number]
    if column.name in _NULL:
        return None
    words = _WORDS.get(f"{table}.{column.name}")
    if words is not None or column.name in _FIXED:
        return _FIXED[column.name] if words is None else words[number % len(words)]
    if not column.is_required and column.kind == "timestamp with time zone" and number % 2:
        return None
    is_facet = column.name == "name" and not is_one_per_collection and table.schema == "collections"
    text = f"{marker}-{column.name}-{number % _NAMES_PER_COLLECTION if is_facet else number}"
    return _BY_KIND[column.kind](number, text)


_ONE_PER_COLLECTION = frozenset({"collections.collections", "collections.totals", "search.totals"})
_NULL = frozenset({"status", "lease", "failed_at", "audience"})
_FIXED: dict[str, object] = {
    "latitude": 1.5,
    "longitude": 2.5,
    "lane": 0,
    "space_id": 1,
    "dimension": 3,
    "categories": '{"topic": 1}',
}
# What a check constraint lets in.
_WORDS: dict[str, Sequence[str]] = {
    "community.attributes.field": ("", "title", "text"),
    "community.attributes.source": ("author", "extracted", "model"),
    "community.decisions.action": ("hide", "show", "clear"),
    "community.decisions.subject_kind": ("experience", "comment"),
    "community.reports.subject_kind": ("experience", "comment"),
    "language.calls.difficulty": ("easy", "normal", "hard"),
    "language.calls.tier": ("extractive", "cheap", "standard", "strong"),
    "language.months.difficulty": ("easy", "normal", "hard"),
    "language.months.tier": ("extractive", "cheap", "standard", "strong"),
    "inbox.changes.kind": ("answer", "move", "merge", "rename"),
    "inbox.deliveries.state": ("delivered", "waiting", "ready", "failed", "cancelled"),
}
_BY_KIND: dict[str, Callable[[int, str], object]] = {
    "text": lambda _, text: text,
    "text[]": lambda _, text: [text],
    "bytea": lambda number, _: os.urandom(12) + number.to_bytes(4, "big"),
    "jsonb": lambda _, text: f'{{"note": "{text}"}}',
    "integer": lambda number, _: number,
    "bigint": lambda number, _: number,
    "smallint": lambda number, _: number % 100,
    "real": lambda number, _: float(number),
    "double precision": lambda number, _: float(number),
    "bigint[]": lambda number, _: [number] * 10,
    "date": lambda number, _: date.fromordinal(730_000 + number),
    "boolean": lambda number, _: number % 2 == 0,
    "xid8": lambda number, _: str(number),
    "tsvector": lambda number, text: f"'{text}':1 'n{number}':2",
    "halfvec": lambda number, _: f"[1,{number % 7},{number % 11}]",
    "timestamp with time zone": lambda number, _: f"2026-01-01T00:00:{number % 60:02}Z",
}
