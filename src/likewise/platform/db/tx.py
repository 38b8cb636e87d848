"""One open transaction. It begins with its first statement, in the same round trip as the tenant's setting."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, LiteralString, TypeVar, cast
from uuid import UUID

import msgspec
import psycopg
from psycopg import AsyncConnection, AsyncCursor
from psycopg.types.json import Jsonb

from likewise.platform.db.faults import fact_of
from likewise.platform.db.queries import Statement

__all__ = ["Json", "StatementObserver", "Tx"]

R = TypeVar("R", bound=msgspec.Struct)
V = TypeVar("V")
StatementObserver = Callable[[str, float], None]
_NONE: Mapping[str, object] = {}


def Json(value: object) -> Jsonb:  # noqa: N802 - it stands for a type
    """A jsonb parameter from anything msgspec can encode."""
    return Jsonb(value, dumps=msgspec.json.encode)


class Tx:
    """A transaction of one tenant, or of maintenance (`tenant_id` is None). Made by `Database` only."""

    def __init__(
        self, connection: AsyncConnection, *, tenant_id: UUID | None, begin: LiteralString, observe: StatementObserver
    ) -> None:
        self.tenant_id = tenant_id
        self._connection = connection
        self._begin: LiteralString = begin
        self._begun = False
        self._observe = observe
        self._after_commit: list[Callable[[], None]] = []

    @property
    def tenant(self) -> UUID:
        """The tenant of this transaction; only code that runs for a tenant may ask."""
        if self.tenant_id is None:
            raise RuntimeError("this transaction belongs to no tenant")
        return self.tenant_id

    @property
    def has_begun(self) -> bool:
        """Whether a statement was run that is neither committed nor rolled back."""
        return self._begun

    async def execute(self, statement: Statement, params: Mapping[str, object] = _NONE) -> int:
        """Run a statement; the number of rows it touched."""
        return (await self._run(statement, params)).rowcount

    async def fetch_all(self, statement: Statement, row: type[R], params: Mapping[str, object] = _NONE) -> list[R]:
        """Every row as a struct, columns matched to fields by name."""
        cursor = await self._run(statement, params)
        rows = await cursor.fetchall()
        return _structs(cursor, rows, row)

    async def fetch_one(self, statement: Statement, row: type[R], params: Mapping[str, object] = _NONE) -> R | None:
        """The first row, or None."""
        rows = await self.fetch_all(statement, row, params)
        return rows[0] if rows else None

    async def fetch_values(self, statement: Statement, kind: type[V], params: Mapping[str, object] = _NONE) -> list[V]:
        """The first column of every row."""
        cursor = await self._run(statement, params)
        return [_checked(row[0], kind) for row in await cursor.fetchall()]

    async def fetch_value(self, statement: Statement, kind: type[V], params: Mapping[str, object] = _NONE) -> V | None:
        """The first column of the first row; None where there is no row or it is null."""
        cursor = await self._run(statement, params)
        row = await cursor.fetchone()
        return None if row is None or row[0] is None else _checked(row[0], kind)

    async def settle(self, **settings: int | str) -> None:
        """SET LOCAL for the rest of this transaction, all of them in one round trip.

        Names are code's own, values numbers or plain words.
        """
        commands = "; ".join(f"set local {name.replace('__', '.')} = '{value}'" for name, value in settings.items())
        await self._send(cast("LiteralString", commands), None, is_simple=True)

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call this once the transaction has been committed; never if it is rolled back."""
        self._after_commit.append(callback)

    async def commit(self) -> None:
        """Commit what was begun, then run the callbacks."""
        if self._begun:
            await self._end("commit")
        for callback in self._after_commit:
            callback()

    async def rollback(self) -> None:
        """Undo everything; a connection that is already lost is left to the pool."""
        self._after_commit.clear()
        if self._begun and not self._connection.closed:
            await self._end("rollback")

    async def _end(self, command: LiteralString) -> None:
        self._begun = False
        await self._send(command, None)

    async def _run(self, statement: Statement, params: Mapping[str, object]) -> AsyncCursor[tuple[Any, ...]]:
        started = time.perf_counter()
        try:
            return await self._send(statement.sql, params)
        finally:
            self._observe(statement.name, time.perf_counter() - started)

    async def _send(
        self, sql: LiteralString, params: Mapping[str, object] | None, *, is_simple: bool = False
    ) -> AsyncCursor[tuple[Any, ...]]:
        # Several commands at once go by the simple protocol only: no parameters, no binary results, not prepared.
        form: dict[str, bool] = {"prepare": False} if is_simple else {"binary": True}
        try:
            if self._begun or sql in {"commit", "rollback"}:
                return await self._connection.execute(sql, params, **form)
            self._begun = True
            # BEGIN and SET LOCAL travel together, without parameters, in the simple protocol: one round trip.
            if is_simple:
                both: LiteralString = f"{self._begin}; {sql}"
                return await self._connection.execute(both, None, **form)
            await self._connection.execute(self._begin, prepare=False)
            return await self._connection.execute(sql, params, **form)
        except psycopg.Error as error:
            fact = fact_of(error)
            if fact is None:
                raise
            raise fact from error


def _structs(cursor: AsyncCursor[tuple[Any, ...]], rows: Sequence[tuple[Any, ...]], row: type[R]) -> list[R]:
    names = [column.name for column in cursor.description or ()]
    if tuple(names) == row.__match_args__:  # all of them fields that may be given by position
        return [row(*values) for values in rows]
    return [row(**dict(zip(names, values, strict=True))) for values in rows]


def _checked(value: object, kind: type[V]) -> V:
    if not isinstance(value, kind):
        raise TypeError(f"expected {kind.__name__}, the database returned {type(value).__name__}")
    return value
