"""What a new cluster needs before anyone uses it. Every step may run again: starts may die in between."""

from typing import LiteralString

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from likewise.platform.db.embedded.cluster import SUPERUSER, OnStep
from likewise.platform.db.embedded.layout import Secrets

__all__ = ["DATABASE", "OWNER", "connection_url", "prepare_cluster", "without_password"]

DATABASE = "likewise"
OWNER = "likewise_owner"
_CONNECT_TIMEOUT_S = 30
_EXTENSIONS: tuple[LiteralString, ...] = (
    "create extension if not exists vector",
    "create extension if not exists pg_trgm",
    "create extension if not exists btree_gin",
    "create extension if not exists pg_stat_statements",
)


def connection_url(*, host: str, port: int, user: str, password: str, database: str) -> str:
    """A libpq address; `host` is the socket's directory or an address. Our passwords need no quoting."""
    return f"postgresql://{user}:{password}@/{database}?host={host}&port={port}"


def without_password(url: str, **changed: str) -> str:
    """The same connection for a command line, which everybody can read."""
    parts = {name: str(value) for name, value in conninfo_to_dict(url).items() if name != "password"}
    return make_conninfo("", **(parts | changed))


def prepare_cluster(*, host: str, port: int, passwords: Secrets, on_step: OnStep) -> None:
    """Extensions in template1, the owner's role, the database, its extensions.

    The owner may make roles and its own schemas, is no superuser and cannot pass row level security.
    """
    with _connect("template1", host=host, port=port, passwords=passwords) as connection:
        _make_extensions(connection)
    on_step("extensions")
    with _connect("postgres", host=host, port=port, passwords=passwords) as connection:
        _make_owner(connection, passwords)
        on_step("roles")
        if connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone() is None:
            connection.execute(
                sql.SQL("create database {} owner {} template template1").format(
                    sql.Identifier(DATABASE), sql.Identifier(OWNER)
                )
            )
    on_step("database")
    with _connect(DATABASE, host=host, port=port, passwords=passwords) as connection:
        _make_extensions(connection)


def _connect(database: str, *, host: str, port: int, passwords: Secrets) -> psycopg.Connection:
    return psycopg.connect(
        host=host,
        port=port,
        user=SUPERUSER,
        password=passwords.superuser_password,
        dbname=database,
        autocommit=True,
        connect_timeout=_CONNECT_TIMEOUT_S,
        application_name="likewise bootstrap",
    )


def _make_extensions(connection: psycopg.Connection) -> None:
    for statement in _EXTENSIONS:
        connection.execute(statement)


def _make_owner(connection: psycopg.Connection, passwords: Secrets) -> None:
    """One transaction. The server gets a verifier, so the password is in no log and no statistics."""
    verifier = connection.pgconn.encrypt_password(
        passwords.owner_password.encode(), OWNER.encode(), b"scram-sha-256"
    ).decode()
    owner = sql.Identifier(OWNER)
    with connection.transaction():
        if connection.execute("select 1 from pg_roles where rolname = %s", [OWNER]).fetchone() is None:
            connection.execute(sql.SQL("create role {}").format(owner))
        connection.execute(
            sql.SQL("alter role {} login createrole nosuperuser nobypassrls password {}").format(
                owner, sql.Literal(verifier)
            )
        )
        connection.execute(sql.SQL("grant pg_monitor to {} with admin option").format(owner))
