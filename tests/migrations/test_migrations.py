"""The one forward history: what it makes, what it refuses, and that it never leaves a database in between."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from scripts.snapshot_schema import SNAPSHOT, dump_schema

from likewise.app import FEATURES, Server, migrate_server, open_app
from likewise.platform.config import Settings
from likewise.platform.db import check_schema, embedded, migrations, owner_connect
from likewise.platform.db.migrations import (
    Migration,
    MigrationChanged,
    MigrationFailed,
    SchemaNewer,
    SchemaOutdated,
    apply_migrations,
    list_migrations,
)
from likewise.platform.ids import encode_id, new_id

FALLBACK = b"0" * 32


@pytest.fixture
def empty_database(postgres: embedded.Server) -> Iterator[str]:
    """The owner's URL of a database in which nothing was ever done."""
    name = f"test_{encode_id('mig', new_id())[-20:]}"
    with psycopg.connect(postgres.superuser_url, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {} owner likewise_owner").format(sql.Identifier(name)))
        yield make_conninfo(postgres.owner_url, dbname=name)
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def migrated_database(postgres: embedded.Server, template: str) -> Iterator[str]:
    """The owner's URL of a database that has the whole history behind it."""
    name = f"test_{encode_id('mig', new_id())[-20:]}"
    with psycopg.connect(postgres.superuser_url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("create database {} template {} owner likewise_owner").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        yield make_conninfo(postgres.owner_url, dbname=name)
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def with_history(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[Migration]], None]:
    """Give the program another history than its own, as another version of it would have."""

    def use(history: list[Migration]) -> None:
        monkeypatch.setattr(migrations, "list_migrations", lambda: history)

    return use


async def test_history_makes_the_snapshot(empty_database: str, settings: Settings) -> None:
    await migrate_all(empty_database, settings)
    made = await asyncio.to_thread(dump_schema, empty_database)
    assert made == SNAPSHOT.read_text("utf-8"), "run scripts/snapshot_schema.py and look at what changed"


async def test_migrating_again_changes_nothing(migrated_database: str, settings: Settings) -> None:
    before = await asyncio.to_thread(dump_schema, migrated_database)
    assert await migrate_all(migrated_database, settings) == []
    assert await asyncio.to_thread(dump_schema, migrated_database) == before
    async with await owner_connect(migrated_database, 5) as connection:
        await check_schema(connection)


async def test_two_that_migrate_at_once_apply_each_migration_once(empty_database: str, settings: Settings) -> None:
    first, second = await asyncio.gather(migrate_all(empty_database, settings), migrate_all(empty_database, settings))
    assert sorted([*first, *second]) == [migration.name for migration in list_migrations()]
    assert await asyncio.to_thread(dump_schema, empty_database) == SNAPSHOT.read_text("utf-8")


async def test_edited_migration_is_refused_by_name(
    migrated_database: str, settings: Settings, with_history: Callable[[list[Migration]], None]
) -> None:
    first, *rest = list_migrations()
    with_history([Migration(first.number, first.name, first.text + "\n-- one more word"), *rest])
    with pytest.raises(MigrationChanged, match=first.name):
        await migrate_all(migrated_database, settings)
    async with await owner_connect(migrated_database, 5) as connection:
        with pytest.raises(MigrationChanged, match=first.name):
            await check_schema(connection)


async def test_database_of_a_newer_program_is_refused(
    migrated_database: str, with_history: Callable[[list[Migration]], None]
) -> None:
    with_history(list_migrations()[:-1])
    async with await owner_connect(migrated_database, 5) as connection:
        with pytest.raises(SchemaNewer, match="Install the newer version"):
            await check_schema(connection)


async def test_database_of_an_older_program_is_refused_with_its_cure(
    migrated_database: str, tmp_path: Path, with_history: Callable[[list[Migration]], None]
) -> None:
    history = list_migrations()
    with_history([*history, Migration(history[-1].number + 1, "9999_platform_add_word", "select 1;")])
    with pytest.raises(SchemaOutdated, match="likewise db migrate"):
        await start(migrated_database, tmp_path)


async def test_database_without_a_schema_is_refused_with_its_cure(empty_database: str, tmp_path: Path) -> None:
    with pytest.raises(SchemaOutdated, match="likewise db migrate"):
        await start(empty_database, tmp_path)


async def test_failing_migration_leaves_the_database_as_it_was(
    migrated_database: str, with_history: Callable[[list[Migration]], None]
) -> None:
    history = list_migrations()
    number = history[-1].number + 1
    broken = Migration(
        number,
        f"{number:04}_platform_break",
        "create table platform.half (id int primary key);\nselect 1 / 0;\ncreate table platform.whole (id int);",
    )
    with_history([*history, broken])
    before = await asyncio.to_thread(dump_schema, migrated_database)
    async with await owner_connect(migrated_database, 5) as connection:
        with pytest.raises(MigrationFailed, match="division by zero"):
            await apply(connection)
        assert await asyncio.to_thread(dump_schema, migrated_database) == before
        mended = Migration(number, broken.name, "create table platform.half (id int primary key);")
        with_history([*history, mended])
        assert [migration.name for migration in await apply(connection)] == [broken.name]


async def test_migration_that_waits_too_long_for_a_lock_gives_up_and_says_so(
    migrated_database: str, with_history: Callable[[list[Migration]], None]
) -> None:
    history = list_migrations()
    number = history[-1].number + 1
    with_history(
        [*history, Migration(number, f"{number:04}_platform_alter", "alter table platform.tenants add x int;")]
    )
    async with (
        await owner_connect(migrated_database, 5) as holder,
        await owner_connect(migrated_database, 5) as connection,
    ):
        async with holder.transaction():
            await holder.execute("lock table platform.tenants in access share mode")
            with pytest.raises(MigrationFailed, match="lock timeout"):
                await apply(connection, lock_timeout_s=0.05)
        assert len(await apply(connection)) == 1


def test_every_migration_is_named_for_what_it_does() -> None:
    history = list_migrations()
    known = {"platform", *(path.rpartition(".")[2] for path in FEATURES)}
    assert [migration.number for migration in history] == list(range(1, len(history) + 1))
    for migration in history:
        words = migration.name.removesuffix(".notx").split("_")
        assert len(words) >= 4, f"{migration.name}: NNNN_<feature>_<verb>_<object>"
        assert words[1] in known, f"{migration.name}: the second word is a feature's or `platform`"
        assert migration.text.startswith("-- "), f"{migration.name} says first what it is for"


async def migrate_all(owner_url: str, settings: Settings) -> list[str]:
    server = Server(owner_url, FALLBACK, embedded=True, release=lambda: None)
    return [migration.name for migration in await migrate_server(server, settings)]


async def apply(connection: psycopg.AsyncConnection, *, lock_timeout_s: float = 5) -> list[Migration]:
    return await apply_migrations(connection, lock_timeout_s=lock_timeout_s, statement_timeout_s=60)


async def start(owner_url: str, home: Path) -> None:
    """Open the application on somebody else's database, which it must not migrate by itself."""
    server = Server(owner_url, FALLBACK, embedded=False, release=lambda: None)
    async with open_app(Settings({"home": home, "embedding_model": "fake"}, file=home / "none.toml"), server=server):
        raise AssertionError("the program started on a database that does not fit it")
