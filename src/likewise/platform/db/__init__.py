"""The door to Postgres: transactions, statements, vectors, migrations. The embedded server has a door of its own."""

from likewise.platform.db.database import (
    Database,
    before_commit,
    check_server,
    migrate,
    owner_connect,
    refuse_in_transaction,
)
from likewise.platform.db.faults import StatementTooSlow
from likewise.platform.db.migrations import Migration, check_schema, is_empty
from likewise.platform.db.queries import Queries, Statement
from likewise.platform.db.settings import DatabaseSettings
from likewise.platform.db.tx import Json, Tx
from likewise.platform.db.vectors import HalfVector, HalfVectors, half_vectors, register_vectors

__all__ = [
    "Database",
    "DatabaseSettings",
    "HalfVector",
    "HalfVectors",
    "Json",
    "Migration",
    "Queries",
    "Statement",
    "StatementTooSlow",
    "Tx",
    "before_commit",
    "check_schema",
    "check_server",
    "half_vectors",
    "is_empty",
    "migrate",
    "owner_connect",
    "refuse_in_transaction",
    "register_vectors",
]
