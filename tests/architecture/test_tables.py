"""Every table keeps the rules that make isolation and distribution possible, read from the catalogue itself."""

import re
from typing import LiteralString
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from likewise.platform.config import Settings
from likewise.platform.db import Database
from likewise.platform.db.migrations import list_migrations
from likewise.platform.db.roles import RoleTooStrong, check_role
from likewise.platform.ids import encode_id, new_id

OURS = "n.nspname not in ('pg_catalog', 'information_schema', 'public', 'procrastinate') and n.nspname !~ '^pg_'"
ISOLATION = "(tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)"
APP, MAINTENANCE = "likewise_app", "likewise_maintenance"

# Tables without row level security: nothing in them belongs to a tenant.
EVERYBODYS = {
    "embedding.cache": "vectors by the hash of a text, read by the maintenance role only",
    "embedding.spaces": "which models are in use",
    "platform.event_cursors": "how far each consumer is, by lane",
    "platform.migrations": "the schema's history",
    "platform.schedules": "when schedules last came due",
    "search.calibrations": "what comparing vectors costs on this machine",
}
# What the application role may do to tables of everybody.
READABLE = {
    "embedding.spaces": {"SELECT"},
    "platform.migrations": {"SELECT"},
    "search.calibrations": {"SELECT"},
}


def tables(connection: psycopg.Connection) -> list[str]:
    rows = connection.execute(
        "select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        f" where c.relkind in ('r', 'p') and not c.relispartition and {OURS} order by 1"
    ).fetchall()
    return [str(row[0]) for row in rows]


def tenant_tables(connection: psycopg.Connection) -> list[str]:
    return [table for table in tables(connection) if table not in EVERYBODYS]


def directives() -> dict[str, str]:
    """`{table: "distribute" | "reference" | "local"}` from the migrations' first lines."""
    text = "\n".join(migration.text for migration in list_migrations())
    return {table: kind for kind, table in re.findall(r"^-- @(distribute|reference|local) (\S+)", text, re.MULTILINE)}


def test_every_table_says_whether_it_is_truth_derived_or_cache(filled: psycopg.Connection) -> None:
    for table in tables(filled):
        row = filled.execute("select obj_description(%s::regclass)", [table]).fetchone()
        assert row is not None
        assert re.match(r"^(truth|derived|cache): \S", row[0] or ""), f"comment on table {table} is 'kind: what it is'"


def test_every_table_says_how_a_cluster_spreads_it(filled: psycopg.Connection) -> None:
    assert set(directives()) == set(tables(filled))
    distributed = {table for table, kind in directives().items() if kind == "distribute"}
    assert distributed <= set(tenant_tables(filled))
    assert not distributed & set(EVERYBODYS)


def test_tenant_comes_first_in_every_key(filled: psycopg.Connection) -> None:
    kinds = directives()
    rows = filled.execute(
        """
        select x.indrelid::regclass::text, i.relname, x.indisprimary,
               (select a.attname from pg_attribute a where a.attrelid = x.indrelid and a.attnum = x.indkey[0])
        from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class c on c.oid = x.indrelid
        where x.indisunique and not c.relispartition
        """
    ).fetchall()
    seen: set[str] = set()
    for table, index, is_primary, first in rows:
        if kinds.get(table) == "distribute":
            assert first == "tenant_id", f"{index} of {table} begins with {first}"
            seen |= {table} if is_primary else set()
    assert seen == {table for table, kind in kinds.items() if kind == "distribute"}, "each has a primary key"


def test_tenant_is_a_uuid_that_is_always_there(filled: psycopg.Connection) -> None:
    for table in tenant_tables(filled):
        row = filled.execute(
            "select format_type(atttypid, null), attnotnull from pg_attribute"
            " where attrelid = %s::regclass and attname = 'tenant_id'",
            [table],
        ).fetchone()
        assert row == ("uuid", True), table


def test_foreign_keys_stay_within_a_tenant(filled: psycopg.Connection) -> None:
    rows = filled.execute(
        """
        select k.conname, k.conrelid::regclass::text, k.confrelid::regclass::text, k.confdeltype::text,
               array(select a.attname::text from unnest(k.conkey) n
                     join pg_attribute a on a.attrelid = k.conrelid and a.attnum = n)
        from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
        where k.contype = 'f' and """
        + OURS
    ).fetchall()
    assert rows
    kinds = directives()
    for name, table, target, on_delete, columns in rows:
        assert columns[0] == "tenant_id", f"{name}: the tenant is its first column"
        assert on_delete in {"a", "c"}, f"{name}: neither set null nor set default"
        assert kinds[table] != "local", f"{name}: local tables have no foreign keys"
        assert kinds[target] != "local", f"{name}: nobody refers to local tables"


def test_every_tenant_table_is_walled_in(filled: psycopg.Connection) -> None:
    for table in tenant_tables(filled):
        row = filled.execute(
            "select relrowsecurity, relforcerowsecurity from pg_class where oid = %s::regclass", [table]
        ).fetchone()
        assert row == (True, True), f"{table}: enable and force row level security"
        policies = filled.execute(
            "select polname, polpermissive, polcmd::text, array(select r::regrole::text from unnest(polroles) r),"
            " pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)"
            " from pg_policy where polrelid = %s::regclass order by polname",
            [table],
        ).fetchall()
        assert policies == [
            ("maintenance", True, "*", [MAINTENANCE], "true", "true"),
            ("tenant", True, "*", [APP], ISOLATION, ISOLATION),
        ], table


def test_application_can_do_no_more_than_it_needs(filled: psycopg.Connection) -> None:
    for table in tables(filled):
        held = {
            privilege
            for privilege in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN")
            for row in filled.execute("select has_table_privilege(%s, %s, %s)", [APP, table, privilege]).fetchall()
            if row[0]
        }
        allowed = READABLE.get(table, set()) if table in EVERYBODYS else {"SELECT", "INSERT", "UPDATE", "DELETE"}
        assert held <= allowed, f"{APP} may {sorted(held - allowed)} {table}"


def test_partitions_cannot_be_entered_past_their_parent(filled: psycopg.Connection) -> None:
    rows = filled.execute(
        f"select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        f" where c.relispartition and c.relkind = 'r' and {OURS}"
    ).fetchall()
    assert len(rows) == 33  # of vectors, and attributes of every category without a table of its own
    for (partition,) in rows:
        for role in (APP, MAINTENANCE):
            row = filled.execute("select has_table_privilege(%s, %s, 'SELECT')", [role, partition]).fetchone()
            assert row == (False,), f"{role} can read {partition}, which has no policy of its own"


def test_application_cannot_make_or_own_anything(filled: psycopg.Connection) -> None:
    schemas = filled.execute(
        "select n.nspname from pg_namespace n where n.nspname !~ '^pg_' and has_schema_privilege(%s, n.oid, 'CREATE')",
        [APP],
    ).fetchall()
    assert schemas == []
    owned = filled.execute("select count(*) from pg_class where pg_get_userbyid(relowner) = %s", [APP]).fetchone()
    assert owned == (0,)


def test_the_queue_is_reached_through_its_doors_only(filled: psycopg.Connection) -> None:
    rows = filled.execute(
        "select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname = 'procrastinate' and c.relkind in ('r', 'S')"
        " and (c.relkind = 'r' and has_table_privilege(%s, c.oid, 'SELECT, INSERT, UPDATE, DELETE')"
        "      or c.relkind = 'S' and has_sequence_privilege(%s, c.oid, 'USAGE'))",
        [APP, APP],
    ).fetchall()
    assert rows == []


def test_functions_with_their_owners_rights_fix_their_path(filled: psycopg.Connection) -> None:
    rows = filled.execute(
        "select p.oid::regprocedure::text, p.proconfig, p.proacl::text from pg_proc p"
        f" join pg_namespace n on n.oid = p.pronamespace where p.prosecdef and {OURS}"
    ).fetchall()
    assert rows
    for function, configuration, grants in rows:
        path = [word for word in configuration or [] if word.startswith("search_path=")]
        assert path, f"{function} can be led astray by the caller's search_path"
        assert path[0].endswith("pg_temp"), f"{function}: temporary objects come last"
        assert not re.search(r"(^\{|,)=X", grants or "=X"), f"{function} is open to everybody"


def test_no_triggers_identities_or_rules(filled: psycopg.Connection) -> None:
    found = filled.execute(
        f"""
        select 'trigger ' || t.tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid
        join pg_namespace n on n.oid = c.relnamespace where not t.tgisinternal and {OURS}
        union all
        select 'identity ' || c.relname || '.' || a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid
        join pg_namespace n on n.oid = c.relnamespace where a.attidentity <> '' and {OURS}
        union all
        select 'rule ' || r.rulename from pg_rewrite r join pg_class c on c.oid = r.ev_class
        join pg_namespace n on n.oid = c.relnamespace where c.relkind <> 'v' and {OURS}
        """
    ).fetchall()
    assert found == []


async def test_database_opens_with_the_role_that_was_made_for_it(database: Database) -> None:
    connection = await psycopg.AsyncConnection.connect(database.app_url)
    async with connection:
        await check_role(connection)


@pytest.mark.parametrize(
    ("attributes", "member_of", "reason"),
    [
        ("superuser", None, "it is a superuser"),
        ("bypassrls", None, "it has BYPASSRLS"),
        ("", "likewise_owner", "it owns the tables"),
        ("", MAINTENANCE, "it is a member of likewise_maintenance"),
    ],
)
async def test_role_that_could_step_over_the_walls_is_refused(
    filled: psycopg.Connection, attributes: LiteralString, member_of: str | None, reason: str
) -> None:
    role, password = encode_id("strong", new_id()), new_id().hex
    create = sql.SQL("create role {} login {} password {}")
    filled.execute(create.format(sql.Identifier(role), sql.SQL(attributes), sql.Literal(password)))
    try:
        if member_of is not None:
            filled.execute(sql.SQL("grant {} to {}").format(sql.Identifier(member_of), sql.Identifier(role)))
        url = make_conninfo(filled.info.dsn, user=role, password=password)
        connection = await psycopg.AsyncConnection.connect(url)
        async with connection:
            with pytest.raises(RoleTooStrong, match=reason):
                await check_role(connection)
    finally:
        filled.execute(sql.SQL("drop role {}").format(sql.Identifier(role)))


async def test_program_does_not_start_with_such_a_role(settings: Settings, database: Database) -> None:
    strong = Settings({"home": settings.home, "database_app_url": database.maintenance_url})
    with pytest.raises(RoleTooStrong, match="member of likewise_maintenance"):
        async with Database(database.owner_url, strong, fallback_secret=b"0" * 32):
            raise AssertionError("it started")


async def test_plain_role_without_rights_over_the_tables_is_accepted(filled: psycopg.Connection) -> None:
    role, password = encode_id("plain", new_id()), UUID(int=7).hex
    filled.execute(sql.SQL("create role {} login password {}").format(sql.Identifier(role), sql.Literal(password)))
    try:
        connection = await psycopg.AsyncConnection.connect(make_conninfo(filled.info.dsn, user=role, password=password))
        async with connection:
            await check_role(connection)
    finally:
        filled.execute(sql.SQL("drop role {}").format(sql.Identifier(role)))
