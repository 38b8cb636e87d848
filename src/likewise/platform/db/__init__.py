"""The door to Postgres: transactions, statements, vectors, migrations."""

from likewise.platform.db.database import Database, refuse_in_transaction
from likewise.platform.db.queries import Queries, Statement
from likewise.platform.db.tx import Json, Tx
from likewise.platform.db.vectors import HalfVector, HalfVectors, half_vectors

__all__ = ["Database", "HalfVector", "HalfVectors", "Json", "Queries", "Statement", "Tx", "half_vectors", "refuse_in_transaction"]
