"""A database of these tests' own, filled so that the planner has something to choose from."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from tests.rows import fill_all

from likewise.platform.db import embedded
from likewise.platform.ids import encode_id, new_id

TENANTS = 5
ROWS = 2000


@pytest.fixture(scope="session")
def filled(
    anyio_backend: str,  # noqa: ARG001 - the template is made by an asynchronous fixture
    postgres: embedded.Server,
    template: str,
) -> Iterator[psycopg.Connection]:
    """A superuser's connection to a migrated database with 5 tenants' rows in every tenant table, analysed."""
    name = f"test_{encode_id('arch', new_id())[-20:]}"
    with psycopg.connect(postgres.superuser_url, autocommit=True) as outside:
        outside.execute(
            sql.SQL("create database {} template {} owner likewise_owner").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        with psycopg.connect(make_conninfo(postgres.superuser_url, dbname=name), autocommit=True) as connection:
            tenants = [new_id() for _ in range(TENANTS)]
            for tenant in tenants:
                connection.execute(
                    "insert into platform.tenants (tenant_id, name) values (%s, %s)", (tenant, str(tenant))
                )
            with connection.transaction():
                fill_all(connection, tenants, rows=ROWS)
            connection.execute(
                """
                insert into procrastinate.procrastinate_jobs (queue_name, task_name, queueing_lock, args, status)
                select 'default', 'word', 'word ' || n, jsonb_build_object('tenant_id', md5((n % 200)::text)::uuid),
                       (case when n % 100 = 0 then 'todo' else 'succeeded' end)::procrastinate.procrastinate_job_status
                from generate_series(1, 4000) n
                """
            )
            connection.execute("vacuum analyze")
            yield connection
        outside.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
