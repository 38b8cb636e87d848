"""The database as the program sees it: transactions of one tenant, of maintenance, and the owner's connection.

`open_database` finds the server (the embedded one under home, or LIKEWISE_DATABASE_URL), checks its version, its
extensions, its schema and the role it serves with, and refuses with a cure where one of them is wrong.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar
from typing import LiteralString, Self, cast
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.types.json import set_json_loads
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from likewise.platform.config import Settings
from likewise.platform.db import migrations, roles
from likewise.platform.db.faults import DatabaseBusy, DatabaseUnavailable, fact_of
from likewise.platform.db.settings import DatabaseSettings
from likewise.platform.db.tx import StatementObserver, Tx
from likewise.platform.db.vectors import register_vectors
from likewise.platform.errors import Unavailable

__all__ = [
    "Database",
    "DatabaseTooOld",
    "ExtensionMissing",
    "check_server",
    "migrate",
    "owner_connect",
    "refuse_in_transaction",
]

set_json_loads(msgspec.json.decode)

_AT_ONCE_S = 0.001
_EXTENSIONS = {"vector": (0, 7), "pg_trgm": (1, 6), "btree_gin": (1, 3)}


class DatabaseTooOld(Unavailable):
    """The database is PostgreSQL {have}; version 16 or newer is needed."""


class ExtensionMissing(Unavailable):
    """The database lacks the extension {name} ({need} or newer; it has: {have}). Install it on the server, then let an
    administrator run `create extension {name}` (or `alter extension {name} update`) in database {database}."""


_open_transactions: ContextVar[int] = ContextVar("open_transactions", default=0)
_BeforeCommit = Callable[[Tx], Awaitable[None]]
_before_commit: ContextVar[_BeforeCommit | None] = ContextVar("before_commit", default=None)


@contextmanager
def before_commit(hook: _BeforeCommit) -> Generator[None]:
    """Inside the block, `hook` is the last word of every transaction that may write; what it raises rolls it back."""
    token = _before_commit.set(hook)
    try:
        yield
    finally:
        _before_commit.reset(token)


def refuse_in_transaction() -> None:
    """Called before anything slow, such as a model or the network: no transaction may be held across it."""
    if _open_transactions.get():
        raise RuntimeError("a transaction is open; finish it before calling a model or the network")


class Database:
    """Two pools and the owner's address. Open it with `async with Database(...)`."""

    def __init__(self, owner_url: str, settings: Settings, *, fallback_secret: bytes) -> None:
        self.owner_url = owner_url
        self._settings = settings.get(DatabaseSettings)
        self._fallback = fallback_secret
        self._observe: StatementObserver = lambda _name, _seconds: None
        app_url = roles.role_url(owner_url, roles.APP, settings, fallback=fallback_secret)
        maintenance_url = roles.role_url(owner_url, roles.MAINTENANCE, settings, fallback=fallback_secret)
        self.app_url, self.maintenance_url = app_url, maintenance_url
        self._pools = {
            roles.APP: self._pool(app_url, self._settings.pool_min, self._settings.pool_max),
            roles.MAINTENANCE: self._pool(maintenance_url, 1, self._settings.maintenance_pool_max),
        }

    async def __aenter__(self) -> Self:
        try:
            for pool in self._pools.values():
                await pool.open(wait=True, timeout=self._settings.connect_timeout_s)
            async with self._pools[roles.APP].connection() as connection:
                await roles.check_role(connection)
        except BaseException as error:
            await self.__aexit__()
            if isinstance(error, PoolTimeout):
                raise DatabaseUnavailable(reason="no connection as likewise_app could be made") from error
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        for pool in self._pools.values():
            await pool.close(timeout=5)

    def observe_statements(self, observer: StatementObserver) -> None:
        """Tell `observer` each statement's name and its seconds."""
        self._observe = observer

    def secret(self, purpose: str) -> bytes:
        """32 bytes for signing, the same on every host of this database."""
        return roles.derive_secret(self.owner_url, purpose, fallback=self._fallback)

    @asynccontextmanager
    async def tenant(self, tenant_id: UUID, *, read_only: bool = False) -> AsyncGenerator[Tx]:
        """A transaction as the application's role, walled into one tenant."""
        async with self._transaction(roles.APP, _begin(tenant_id, read_only=read_only), tenant_id) as tx:
            yield tx

    @asynccontextmanager
    async def idle_tenant(self, tenant_id: UUID) -> AsyncGenerator[Tx | None]:
        """A second transaction to read in, for who has one already; None where no connection idles.

        Who holds a connection never waits for another: those who do would at last all wait for each other.
        """
        async with AsyncExitStack() as stack:
            tx: Tx | None = None
            if self._pools[roles.APP].get_stats().get("pool_available"):
                with suppress(DatabaseBusy):  # another was quicker
                    tx = await stack.enter_async_context(
                        self._transaction(roles.APP, _begin(tenant_id, read_only=True), tenant_id, wait_s=_AT_ONCE_S)
                    )
            yield tx

    @asynccontextmanager
    async def maintenance(self) -> AsyncGenerator[Tx]:
        """A transaction that sees every tenant: queues, clean-up, authentication."""
        async with self._transaction(roles.MAINTENANCE, "begin", None) as tx:
            yield tx

    @asynccontextmanager
    async def listen(self, channel: LiteralString) -> AsyncGenerator[psycopg.AsyncConnection]:
        """A connection of the maintenance role that listens on a channel; a fact is raised once it is lost."""
        with _as_facts():
            connection = await psycopg.AsyncConnection.connect(self.maintenance_url, autocommit=True)
            async with connection:
                await connection.execute(f"listen {channel}")
                yield connection

    async def notify(self, channel: str, payload: str = "") -> None:
        """One NOTIFY outside any transaction of ours: a hint, never the truth."""
        with _as_facts():
            async with self._pools[roles.MAINTENANCE].connection() as connection:
                await connection.execute("select pg_notify(%s, %s)", (channel, payload))

    @asynccontextmanager
    async def owner_connection(self) -> AsyncGenerator[psycopg.AsyncConnection]:
        """The owner's autocommit connection, for DDL."""
        async with await owner_connect(self.owner_url, self._settings.connect_timeout_s) as connection:
            yield connection

    def pool_figures(self) -> dict[str, dict[str, int]]:
        """Each pool's own statistics: size, available, waiting, requests."""
        return {role: pool.get_stats() for role, pool in self._pools.items()}

    @asynccontextmanager
    async def _transaction(
        self, role: str, begin: LiteralString, tenant_id: UUID | None, *, wait_s: float | None = None
    ) -> AsyncGenerator[Tx]:
        cancelled = _cancellations()
        with _as_facts():
            async with self._pools[role].connection(wait_s) as connection:
                if _cancellations() > cancelled:  # it came with the connection, and the pool's wait_for has lost it
                    raise asyncio.CancelledError
                tx = Tx(connection, tenant_id=tenant_id, begin=begin, observe=self._observe)
                _open_transactions.set(_open_transactions.get() + 1)
                try:
                    yield tx
                    hook = _before_commit.get()
                    if hook is not None and tx.has_begun and "read only" not in begin:
                        await hook(tx)
                    await tx.commit()
                except BaseException:
                    await _quietly(tx.rollback)
                    raise
                finally:
                    _open_transactions.set(_open_transactions.get() - 1)

    def _pool(self, url: str, size_min: int, size_max: int) -> AsyncConnectionPool[psycopg.AsyncConnection]:
        limits = self._settings
        options = " ".join(
            f"-c {name}={int(seconds * 1000)}"
            for name, seconds in (
                ("statement_timeout", limits.statement_timeout_s),
                ("lock_timeout", limits.lock_timeout_s),
                ("idle_in_transaction_session_timeout", limits.idle_in_transaction_timeout_s),
            )
        )
        return AsyncConnectionPool(
            make_conninfo(url, options=options, application_name="likewise"),
            min_size=min(size_min, size_max),
            max_size=size_max,
            timeout=limits.pool_wait_s,
            kwargs={"autocommit": True, "prepare_threshold": 2, "connect_timeout": limits.connect_timeout_s},
            configure=register_vectors,
            open=False,
        )


def _begin(tenant_id: UUID, *, read_only: bool) -> LiteralString:
    mode = "begin read only" if read_only else "begin"
    return cast("LiteralString", f"{mode}; set local app.tenant_id = '{tenant_id}'")


def _cancellations() -> int:
    """How often this task was asked to end."""
    task = asyncio.current_task()
    return 0 if task is None else task.cancelling()


async def owner_connect(owner_url: str, connect_timeout_s: int) -> psycopg.AsyncConnection:
    """The owner's connection, in autocommit. Raises DatabaseUnavailable where nobody answers."""
    try:
        return await psycopg.AsyncConnection.connect(
            owner_url, autocommit=True, connect_timeout=connect_timeout_s, application_name="likewise owner"
        )
    except psycopg.OperationalError as error:
        reason = str(error).strip().split("\n")[0]
        raise DatabaseUnavailable(reason=f"{_shown(owner_url)}: {reason}") from error


async def check_server(connection: psycopg.AsyncConnection) -> None:
    """Refuse a server that is too old or lacks an extension, saying which."""
    if connection.info.server_version < 160000:
        raise DatabaseTooOld(have=connection.info.server_version // 10000)
    cursor = await connection.execute("select extname, extversion from pg_extension")
    have = dict(await cursor.fetchall())
    for name, need in _EXTENSIONS.items():
        version = have.get(name)
        if version is None or tuple(int(part) for part in version.split(".")[:2]) < need:
            raise ExtensionMissing(
                name=name,
                need=".".join(map(str, need)),
                have=version or "not installed",
                database=connection.info.dbname,
            )


async def migrate(
    owner_url: str,
    settings: Settings,
    *,
    fallback_secret: bytes,
    report: Callable[[migrations.Migration], None] = lambda _: None,
) -> list[migrations.Migration]:
    """Roles, extensions and every missing migration; the migrations applied now."""
    section = settings.get(DatabaseSettings)
    async with await owner_connect(owner_url, section.connect_timeout_s) as connection:
        for name in _EXTENSIONS:
            try:
                await connection.execute(cast("LiteralString", f"create extension if not exists {name}"))
            except psycopg.Error:
                continue  # check_server says which one is missing and what to do
        await check_server(connection)
        await roles.ensure_roles(connection, owner_url, fallback=fallback_secret)
        return await migrations.apply_migrations(
            connection,
            lock_timeout_s=section.migration_lock_timeout_s,
            statement_timeout_s=section.migration_statement_timeout_s,
            report=report,
        )


@contextmanager
def _as_facts() -> Generator[None]:
    """What the driver and the pool raise, as facts; what has no fact goes on as it is."""
    try:
        yield
    except (PoolTimeout, psycopg.Error) as error:
        fact = fact_of(error)
        if fact is None:
            raise
        raise fact from error


async def _quietly(undo: Callable[[], object]) -> None:
    """Roll back without hiding the error that made it necessary."""
    try:
        result = undo()
        if asyncio.iscoroutine(result):
            await result
    except (psycopg.Error, Unavailable):
        return


def _shown(url: str) -> str:
    """A URL without its password."""
    parts = urlsplit(url)
    return f"{parts.hostname or 'local socket'}{':' + str(parts.port) if parts.port else ''}{parts.path}"
