"""A backup holds everything; restoring leaves the old database or the new one, never something between."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psycopg
import pytest

from likewise.platform.db import embedded
from likewise.platform.db.embedded.backup import BackupDamaged, BackupExists, BackupMissing, DatabaseInUse
from likewise.platform.db.embedded.dump_tools import ToolFailed

MEMORY = Path("/dev/shm")


@pytest.fixture
def home() -> Iterator[Path]:
    """A new home whose server is gone afterwards."""
    directory = Path(tempfile.mkdtemp(prefix="likewise-test-", dir=MEMORY if MEMORY.is_dir() else None))
    directory.chmod(0o755)
    yield directory
    embedded.stop(directory, mode="immediate")
    shutil.rmtree(directory)


def _value(url: str, statement: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(statement.encode()).fetchone()
    return row[0] if row else None


def test_backup_restores_rows_rights_and_settings_and_keeps_what_was_there(home: Path) -> None:
    server = embedded.start(home)
    file = home / "backups" / "monday.dump"
    with psycopg.connect(server.owner_url, autocommit=True) as connection:
        connection.execute("create role likewise_reader")
        connection.execute("create schema notes")
        connection.execute("create table notes.note (id int primary key, body text, v vector(2))")
        connection.execute("comment on table notes.note is 'truth: what people wrote'")
        connection.execute("grant select on notes.note to likewise_reader")
        connection.execute("alter table notes.note enable row level security")
        connection.execute("alter table notes.note force row level security")
        connection.execute("create policy everyone on notes.note to likewise_reader using (true)")
        connection.execute("alter database likewise set application_name = 'kept, too'")
    with psycopg.connect(server.superuser_url) as connection:
        connection.execute("insert into notes.note values (1, 'Grüße', '[1,2]'), (2, null, null)")
    manifest = embedded.backup(server.superuser_url, to=file, schema_version="0007")
    assert (manifest.schema_version, manifest.roles) == ("0007", ("likewise_owner", "likewise_reader"))
    with pytest.raises(BackupExists):
        embedded.backup(server.superuser_url, to=file)
    with psycopg.connect(server.superuser_url) as connection:
        connection.execute("delete from notes.note")

    restored = embedded.restore(file, url=server.superuser_url)

    assert restored.manifest == embedded.read_manifest(file) == manifest
    rows = "select string_agg(concat(id, body, v::text), ' ' order by id) from notes.note"
    assert _value(server.superuser_url, rows) == "1Grüße[1,2] 2"
    assert _value(server.owner_url, "show application_name") == "kept, too"
    assert _value(server.owner_url, "select obj_description('notes.note'::regclass)") == "truth: what people wrote"
    assert _value(server.owner_url, "select has_table_privilege('likewise_reader', 'notes.note', 'select')") is True
    assert _value(server.owner_url, "select relforcerowsecurity from pg_class where relname = 'note'") is True
    assert _value(server.owner_url, "select tableowner from pg_tables where tablename = 'note'") == embedded.OWNER
    assert restored.kept_as is not None
    with psycopg.connect(server.superuser_url, dbname=restored.kept_as) as connection:
        assert connection.execute("select count(*) from notes.note").fetchone() == (0,)


def test_restore_refuses_while_others_are_connected_and_changes_nothing(home: Path) -> None:
    server = embedded.start(home)
    file = home / "a.dump"
    embedded.backup(server.superuser_url, to=file)
    with (
        psycopg.connect(server.owner_url, application_name="likewise worker"),
        pytest.raises(DatabaseInUse, match="likewise worker"),
    ):
        embedded.restore(file, url=server.superuser_url)
    assert _value(server.superuser_url, "select count(*) from pg_database where datname like 'likewise%'") == 1


def test_restore_that_fails_half_way_leaves_what_was_there(home: Path) -> None:
    server = embedded.start(home)
    file = home / "a.dump"
    with psycopg.connect(server.owner_url) as connection:
        connection.execute("create table kept as select n from generate_series(1, 1000) n")
    manifest = embedded.backup(server.superuser_url, to=file)
    content = file.read_bytes()[: manifest.bytes * 3 // 4]
    file.write_bytes(content)
    honest = msgspec.structs.replace(manifest, bytes=len(content), sha256=hashlib.sha256(content).hexdigest())
    (home / "a.dump.json").write_bytes(msgspec.json.encode(honest))
    with pytest.raises(ToolFailed):
        embedded.restore(file, url=server.superuser_url)
    assert _value(server.owner_url, "select count(*) from kept") == 1000
    assert _value(server.owner_url, "select count(*) from pg_database where datname like 'likewise%'") == 1


def test_damaged_or_unfinished_backup_is_refused(home: Path) -> None:
    server = embedded.start(home)
    file = home / "a.dump"
    embedded.backup(server.superuser_url, to=file)
    content = file.read_bytes()
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(BackupDamaged):
        embedded.restore(file, url=server.superuser_url)
    file.write_bytes(content)
    (home / "a.dump.json").unlink()
    with pytest.raises(BackupMissing):
        embedded.restore(file, url=server.superuser_url)
