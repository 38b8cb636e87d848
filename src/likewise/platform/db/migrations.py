"""One forward history of plain SQL: `migrations/NNNN_<feature>_<verb>_<object>.sql`, applied under one advisory lock.

Each file runs in its own transaction, one statement per round trip, and is recorded with its checksum; a file that
was changed afterwards is refused. `*.notx.sql` run without a transaction (CREATE INDEX CONCURRENTLY). A line
`-- @library procrastinate` stands for the schema that library ships. Where the database is a Citus coordinator,
`-- @distribute schema.table column` and `-- @reference schema.table` say how a table is spread; elsewhere they are
comments.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import LiteralString, cast

import msgspec
import psycopg
import sqlparse

from likewise.platform.errors import Conflict, Unavailable

__all__ = [
    "Migration",
    "SchemaNewer",
    "SchemaOutdated",
    "apply_migrations",
    "check_schema",
    "is_empty",
    "list_migrations",
]

_LOCK = 7_310_579_001  # any constant: the advisory lock of migrations
_DIRECTIVE = re.compile(r"^-- @(distribute|reference|library) (\S+)(?: (\S+))?$", re.MULTILINE)


class SchemaOutdated(Conflict):
    """The database's schema is at {have}, this program needs {want}. Run `likewise db migrate` (a backup first:
    `likewise db backup`)."""


class SchemaNewer(Conflict):
    """The database's schema is at {have}, newer than this program's {want}. Install the newer version of likewise."""


class MigrationChanged(Conflict):
    """Migration {name} was applied in another form than the one in this program. A migration is never edited: install
    the version of likewise that this database was made with."""


class MigrationFailed(Unavailable):
    """Migration {name} failed and was rolled back: {reason}. The database is as it was before it."""


class Migration(msgspec.Struct, frozen=True):
    """One file of the history."""

    number: int
    name: str
    text: str

    @property
    def checksum(self) -> str:
        """sha256 of the file."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def in_transaction(self) -> bool:
        """Whether the file may run inside a transaction."""
        return not self.name.endswith(".notx")


def list_migrations() -> list[Migration]:
    """The whole history, oldest first."""
    found = [
        Migration(number=int(entry.name[:4]), name=entry.name.removesuffix(".sql"), text=entry.read_text("utf-8"))
        for entry in files("likewise.migrations").iterdir()
        if re.match(r"^\d{4}_.*\.sql$", entry.name)
    ]
    return sorted(found, key=lambda migration: migration.number)


async def apply_migrations(
    connection: psycopg.AsyncConnection,
    *,
    lock_timeout_s: float,
    statement_timeout_s: float,
    report: Callable[[Migration], None] = lambda _: None,
) -> list[Migration]:
    """Apply what is missing, with the owner's autocommit connection; the migrations that were applied now."""
    limit = "select set_config(%s, %s, false)"
    await connection.execute(limit, ("lock_timeout", f"{lock_timeout_s * 1000:.0f}"))
    await connection.execute(limit, ("statement_timeout", f"{statement_timeout_s * 1000:.0f}"))
    await connection.execute("select pg_advisory_lock(%s)", [_LOCK])
    try:
        applied = await _applied(connection)
        _check_history(applied)
        is_citus = await _has_citus(connection)
        done: list[Migration] = []
        for migration in list_migrations():
            if migration.number not in applied:
                await _apply(connection, migration, is_citus=is_citus)
                report(migration)
                done.append(migration)
        return done
    finally:
        await connection.execute("select pg_advisory_unlock(%s)", [_LOCK])


async def check_schema(connection: psycopg.AsyncConnection) -> None:
    """Raise SchemaOutdated or SchemaNewer unless the database is exactly at this program's schema."""
    applied = await _applied(connection)
    history = list_migrations()
    want = history[-1].number
    have = max(applied, default=0)
    if have > want:
        raise SchemaNewer(have=have, want=want)
    _check_history(applied)
    if have < want:
        raise SchemaOutdated(have=have or "nothing (an empty database)", want=want)


async def is_empty(connection: psycopg.AsyncConnection) -> bool:
    """Whether no migration was ever applied here."""
    return not await _applied(connection)


async def _apply(connection: psycopg.AsyncConnection, migration: Migration, *, is_citus: bool) -> None:
    record = "insert into platform.migrations (number, name, checksum) values (%s, %s, %s)"
    values = (migration.number, migration.name, migration.checksum)
    try:
        if migration.in_transaction:
            async with connection.transaction():
                await _run(connection, migration, is_citus=is_citus)
                await connection.execute(record, values)
        else:
            await _run(connection, migration, is_citus=is_citus)
            await connection.execute(record, values)
    except psycopg.Error as error:
        raise MigrationFailed(name=migration.name, reason=str(error).split("\n")[0]) from error


async def _run(connection: psycopg.AsyncConnection, migration: Migration, *, is_citus: bool) -> None:
    for statement in _statements(migration.text):
        await connection.execute(cast("LiteralString", statement))
    for kind, subject, column in _DIRECTIVE.findall(migration.text):
        if kind == "library":
            await _apply_library(connection, subject)
        elif is_citus and kind == "distribute":
            await connection.execute("select create_distributed_table(%s, %s)", (subject, column))
        elif is_citus and kind == "reference":
            await connection.execute("select create_reference_table(%s)", (subject,))


def _statements(text: str) -> Sequence[str]:
    pieces = (sqlparse.format(piece, strip_comments=True).strip() for piece in sqlparse.split(text))
    return [piece for piece in pieces if piece.strip("; \n")]


async def _apply_library(connection: psycopg.AsyncConnection, name: str) -> None:
    """The schema of procrastinate, into a Postgres schema of its own."""
    schema = files(name).joinpath("sql", "schema.sql").read_text("utf-8")
    await connection.execute("set local search_path = procrastinate, pg_temp")
    await connection.execute(cast("LiteralString", schema), prepare=False)
    await connection.execute("set local search_path to default")


async def _applied(connection: psycopg.AsyncConnection) -> dict[int, tuple[str, str]]:
    there = await (await connection.execute("select to_regclass('platform.migrations')")).fetchone()
    if there == (None,):
        return {}
    cursor = await connection.execute("select number, name, checksum from platform.migrations")
    return {number: (name, checksum) for number, name, checksum in await cursor.fetchall()}


def _check_history(applied: dict[int, tuple[str, str]]) -> None:
    for migration in list_migrations():
        known = applied.get(migration.number)
        if known is not None and known[1] != migration.checksum:
            raise MigrationChanged(name=migration.name)


async def _has_citus(connection: psycopg.AsyncConnection) -> bool:
    cursor = await connection.execute("select 1 from pg_extension where extname = 'citus'")
    return await cursor.fetchone() is not None
