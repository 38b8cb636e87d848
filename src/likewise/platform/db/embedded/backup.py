"""Backups: one file of `pg_dump`'s custom format, and a manifest beside it that says the file is complete.

The manifest is written last. Restoring fills a new database and exchanges names in one transaction: before it
the old database answers, after it the new one, and the old one is kept under another name.
"""

import hashlib
import os
import secrets
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import LiteralString

import msgspec
import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from likewise.platform.clock import Clock
from likewise.platform.db.embedded.dump_tools import find_tools, run_tool
from likewise.platform.db.embedded.errors import os_errors_as_facts
from likewise.platform.db.embedded.files import read_json, sync_directory, try_lock, write_json
from likewise.platform.errors import Conflict, NotFound, Rejected, Unavailable

__all__ = ["Manifest", "Restored", "backup", "read_manifest", "restore"]

_RESTORE_JOBS = 2
_RESTORE_PREFIX = "likewise_restore_"
_BEFORE_PREFIX = "likewise_before_"
# Its views belong to the server, not to our data, and making it asks for a superuser.
_EXCLUDED_EXTENSION = "pg_stat_statements"
_CONNECTIONS: LiteralString = """
select coalesce(nullif(application_name, ''), 'unnamed') from pg_stat_activity
where datname = %s and backend_type = 'client backend' and pid <> pg_backend_pid()
"""
_ROLES_IN_USE: LiteralString = """
select distinct r.rolname
from pg_shdepend d
join pg_roles r on r.oid = d.refobjid
where d.refclassid = 'pg_authid'::regclass
  and d.dbid = (select oid from pg_database where datname = current_database())
  and not r.rolsuper and not starts_with(r.rolname, 'pg_')
order by 1
"""
# What pg_dump leaves out: statements that give a database the owner, rights and settings of another.
_LIKENESS: LiteralString = """
select format('alter database %%I owner to %%I', %(fresh)s::text, pg_get_userbyid(datdba))
from pg_database where datname = %(like)s
union all
select format('revoke all on database %%I from public', %(fresh)s::text)
from pg_database where datname = %(like)s and datacl is not null
union all
select format('grant %%s on database %%I to %%s', a.privilege_type, %(fresh)s::text,
              case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end)
from pg_database d, aclexplode(d.datacl) a where d.datname = %(like)s
union all
select format('alter %%s %%I set %%I = %%s',
              case s.setrole when 0 then 'database'
              else format('role %%I in database', pg_get_userbyid(s.setrole)) end,
              %(fresh)s::text, split_part(c, '=', 1),
              case when split_part(c, '=', 1) in ('search_path', 'session_preload_libraries')
              then substr(c, strpos(c, '=') + 1) else quote_literal(substr(c, strpos(c, '=') + 1)) end)
from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase, unnest(s.setconfig) c
where d.datname = %(like)s
"""


class BackupExists(Conflict):
    """{path} exists already, or is being written. Nothing was changed. Name another file."""


class BackupMissing(NotFound):
    """{path} is no complete backup: the file or its manifest {manifest} is missing.

    A backup that was interrupted leaves no manifest; make it again.
    """


class BackupDamaged(Rejected):
    """{path} is damaged: it has {found}, its manifest says {expected}. Nothing was changed. Use another copy."""


class DatabaseInUse(Conflict):
    """Database {database!r} is used by {connections} other connection(s) ({who}). Nothing was changed.

    Stop them (`likewise up`, `serve` and `worker` end with Ctrl-C), then restore again.
    """


class DatabaseUnreachable(Unavailable):
    """The database cannot be backed up or restored: {reason}."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup is. `roles` must exist before its objects can; `bytes` and `sha256` are of the file."""

    created_at: datetime
    database: str
    server_version: str
    schema_version: str | None
    roles: tuple[str, ...]
    bytes: int
    sha256: str


class Restored(msgspec.Struct, frozen=True):
    """`database` now holds the backup; what it held before is in `kept_as` (None where there was none)."""

    database: str
    kept_as: str | None
    manifest: Manifest


def backup(
    url: str,
    *,
    to: Path,
    row_security: bool = False,
    schema_version: str | None = None,
    clock: Clock | None = None,
) -> Manifest:
    """Write database `url` to the new file `to` and its manifest beside it; returns the manifest.

    `url` is the embedded superuser's, or that of a role which may read everything; where its policies let it
    see all rows without bypassing them, say `row_security`. Raises BackupExists, ToolsMissing, ToolFailed,
    SpaceMissing.
    """
    now = (clock or Clock()).now()
    with os_errors_as_facts(to):
        to.parent.mkdir(parents=True, exist_ok=True)
        draft = to.with_name(f"{to.name}.part")
        lock = None if to.exists() or _manifest_path(to).exists() else try_lock(draft)
        if lock is None:
            raise BackupExists(path=to)
        try:
            with _connect(url) as connection:
                tools = find_tools(connection)
                roles = _roles_in_use(connection)
                database, server_version = (
                    connection.info.dbname,
                    connection.info.parameter_status("server_version"),
                )
            words = ["--format=custom", f"--file={draft}", f"--exclude-extension={_EXCLUDED_EXTENSION}"]
            run_tool(tools, "pg_dump", [*words, *(["--enable-row-security"] if row_security else [])], url=url)
            manifest = Manifest(
                created_at=now,
                database=database,
                server_version=server_version or "",
                schema_version=schema_version,
                roles=roles,
                bytes=draft.stat().st_size,
                sha256=_digest(draft),
            )
            os.fsync(lock)
            draft.rename(to)
            sync_directory(to.parent)
            write_json(_manifest_path(to), manifest)
        finally:
            draft.unlink(missing_ok=True)
            os.close(lock)
    return manifest


def read_manifest(path: Path) -> Manifest:
    """The manifest of a complete backup. Raises BackupMissing."""
    manifest = read_json(_manifest_path(path), Manifest)
    if manifest is None or not path.is_file():
        raise BackupMissing(path=path, manifest=_manifest_path(path))
    return manifest


def restore(path: Path, *, url: str, clock: Clock | None = None) -> Restored:
    """Put a backup in the place of the database `url` names, whose role may make databases.

    Until the last step nothing changes; if that is refused, what was filled is dropped again.
    Raises BackupMissing, BackupDamaged, DatabaseInUse, ToolsMissing, ToolFailed.
    """
    manifest = read_manifest(path)
    found = f"{path.stat().st_size} bytes and sha256 {_digest(path)}"
    expected = f"{manifest.bytes} bytes and sha256 {manifest.sha256}"
    if found != expected:
        raise BackupDamaged(path=path, found=found, expected=expected)
    with _connect(url, database="postgres") as admin:
        database = str(conninfo_to_dict(url).get("dbname") or manifest.database)
        tools = find_tools(admin)
        _refuse_if_used(admin, database)
        _drop_leftovers(admin)
        _make_roles(admin, manifest.roles)
        fresh = f"{_RESTORE_PREFIX}{secrets.token_hex(4)}"
        try:
            _make_database(admin, fresh, like=database)
            words = ["--exit-on-error", f"--jobs={_RESTORE_JOBS}", str(path)]
            run_tool(tools, "pg_restore", words, url=url, database=fresh)
            with _connect(url, database=fresh) as connection:
                connection.execute("analyze")
            kept_as = _exchange(admin, database, fresh, now=(clock or Clock()).now())
        except BaseException:
            with suppress(psycopg.Error):  # the reason above counts; the next restore drops it too
                admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(fresh)))
            raise
    return Restored(database=database, kept_as=kept_as, manifest=manifest)


def _manifest_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _connect(url: str, *, database: str | None = None) -> psycopg.Connection:
    try:
        if database is None:
            return psycopg.connect(url, autocommit=True, application_name="likewise backup")
        return psycopg.connect(url, dbname=database, autocommit=True, application_name="likewise backup")
    except psycopg.OperationalError as error:
        raise DatabaseUnreachable(reason=error) from error


def _roles_in_use(connection: psycopg.Connection) -> tuple[str, ...]:
    """Roles that own or are granted something in this database; the server's own ones exist everywhere."""
    rows = connection.execute(_ROLES_IN_USE).fetchall()
    return tuple(str(name) for (name,) in rows)


def _refuse_if_used(admin: psycopg.Connection, database: str) -> None:
    rows = admin.execute(
        _CONNECTIONS,
        [database],
    ).fetchall()
    if rows:
        raise DatabaseInUse(database=database, connections=len(rows), who=", ".join(sorted({str(n) for (n,) in rows})))


def _drop_leftovers(admin: psycopg.Connection) -> None:
    """Databases that killed restores were filling."""
    rows = admin.execute("select datname from pg_database where starts_with(datname, %s)", [_RESTORE_PREFIX]).fetchall()
    for (name,) in rows:
        admin.execute(sql.SQL("drop database if exists {}").format(sql.Identifier(str(name))))


def _make_roles(admin: psycopg.Connection, roles: tuple[str, ...]) -> None:
    """Names only, so that grants and policies find them; `likewise db migrate` gives them their rights."""
    for role in roles:
        if admin.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone() is None:
            admin.execute(sql.SQL("create role {}").format(sql.Identifier(role)))


def _make_database(admin: psycopg.Connection, fresh: str, *, like: str) -> None:
    """An empty database that belongs to the owner of `like` and has its rights and settings."""
    admin.execute(sql.SQL("create database {} template template1").format(sql.Identifier(fresh)))
    rows = admin.execute(
        _LIKENESS,
        {"fresh": fresh, "like": like},
    ).fetchall()
    for (statement,) in rows:
        admin.execute(str(statement).encode())


def _exchange(admin: psycopg.Connection, database: str, fresh: str, *, now: datetime) -> str | None:
    """Give `fresh` the name of `database`, and that one another: both or neither. Raises DatabaseInUse."""
    kept_as = f"{_BEFORE_PREFIX}{now.astimezone(UTC):%Y%m%d_%H%M%S}_{secrets.token_hex(2)}"
    rename = sql.SQL("alter database {} rename to {}")
    _refuse_if_used(admin, database)
    exists = admin.execute("select 1 from pg_database where datname = %s", [database]).fetchone() is not None
    try:
        with admin.transaction():
            if exists:
                admin.execute(rename.format(sql.Identifier(database), sql.Identifier(kept_as)))
            admin.execute(rename.format(sql.Identifier(fresh), sql.Identifier(database)))
    except psycopg.errors.ObjectInUse as error:
        raise DatabaseInUse(
            database=database, connections=1, who=error.diag.message_detail or "it just came"
        ) from error
    return kept_as if exists else None
