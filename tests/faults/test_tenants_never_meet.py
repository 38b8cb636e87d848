"""T5: no table, function or route gives one tenant anything of another's; and what is new must say so in tenants.toml.

Generated from the catalogue and from the route table, run as the application's real role and over the whole HTTP
surface. The other tenant, `theirs`, has rows in every table; every text of them begins with `zebrafish`.
"""

import hashlib
import re
import tomllib
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote
from uuid import UUID

import httpx
import msgspec
import psycopg
import pytest
from litestar.routes import HTTPRoute
from psycopg import sql
from psycopg.conninfo import make_conninfo
from tests.rows import TenantTable, fill_all, id_of, insert_one, list_tenant_tables

from likewise.app import Server, list_features, open_app, sections
from likewise.http import front
from likewise.http.asgi import build_asgi, build_routes
from likewise.http.openapi import Documents
from likewise.http.surface import Service, Surface
from likewise.platform.config import Settings
from likewise.platform.db import embedded
from likewise.platform.feature import App
from likewise.platform.ids import encode_id, new_id
from likewise.platform.tenancy import Caller, create_key, create_tenant, revoke_key

MATRIX = tomllib.loads((Path(__file__).parent / "tenants.toml").read_text("utf-8"))
MARKER = "zebrafish"
ROWS = 5
VERBS = ("select", "insert", "update", "delete")


class World(msgspec.Struct, frozen=True):
    """An application on a database of its own, and the tenant whose rows nobody else may meet."""

    app: App
    asgi: Service
    superuser_url: str
    theirs: UUID
    search: UUID
    job: int


@asynccontextmanager
async def open_world(postgres: embedded.Server, template: str, settings: Settings) -> AsyncGenerator[World]:
    name = f"test_{encode_id('meet', new_id())[-20:]}"
    with psycopg.connect(postgres.superuser_url, autocommit=True) as outside:
        create = sql.SQL("create database {} template {} owner likewise_owner")
        outside.execute(create.format(sql.Identifier(name), sql.Identifier(template)))
        url = make_conninfo(postgres.owner_url, dbname=name)
        superuser_url = make_conninfo(postgres.superuser_url, dbname=name)
        server = Server(url, b"0" * 32, embedded=True, release=lambda: None)
        # Nobody works here, so nothing that is written is ever searchable: do not wait for it.
        flags = {"home": settings.home, "embedding_model": "fake", "collections_wait_s": 0, "database_pool_max": 4}
        async with open_app(Settings(flags, file=settings.home / "none.toml"), server=server) as app:
            theirs = (await create_tenant(app.db, name=f"{MARKER}-tenant")).tenant_id
            with psycopg.connect(superuser_url, autocommit=True) as connection:
                search, job = settle(connection, theirs)
            asgi = build_asgi(app, list_features(), keyless=False, sections=sections())
            yield World(app=app, asgi=asgi, superuser_url=superuser_url, theirs=theirs, search=search, job=job)
        outside.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def settle(connection: psycopg.Connection, theirs: UUID) -> tuple[UUID, int]:
    """Rows in every table; a search that a click would find, and a job that runs."""
    fill_all(connection, [theirs], rows=ROWS, marker=MARKER)
    search = new_id()
    connection.execute(
        "update search.queries set id = %s, created_at = to_timestamp(%s / 1000.0) where tenant_id = %s and id = %s",
        (search, search.int >> 80, theirs, id_of(theirs, 0)),
    )
    connection.execute("update platform.operations set error = null where tenant_id = %s", [theirs])
    connection.execute(
        "update platform.operations set status = 'succeeded', ended_at = now() where tenant_id = %s and id = %s",
        (theirs, id_of(theirs, 1)),
    )
    connection.execute(
        """update patterns.insights set body = '{"sentence": "", "terms": [], "facts": {}}' where tenant_id = %s""",
        [theirs],
    )
    job = connection.execute(
        "insert into procrastinate.procrastinate_jobs (queue_name, task_name, args, status, attempts)"
        " values ('default', %s, jsonb_build_object('tenant_id', %s::text), 'doing', 0) returning id",
        [f"{MARKER}-task", str(theirs)],
    ).fetchone()
    assert job is not None
    return search, job[0]


@pytest.fixture(scope="module")
async def world(postgres: embedded.Server, template: str, settings: Settings) -> AsyncGenerator[World]:
    async with open_world(postgres, template, settings) as opened:
        yield opened


@pytest.fixture
async def passing_world(postgres: embedded.Server, template: str, settings: Settings) -> AsyncGenerator[World]:
    """A world for one test, which may ruin it."""
    async with open_world(postgres, template, settings) as opened:
        yield opened


@pytest.fixture
def rows(world: World) -> Generator[psycopg.Connection]:
    """A connection as the application's role."""
    with psycopg.connect(world.app.db.app_url) as connection:
        yield connection


@contextmanager
def acting_for(connection: psycopg.Connection, tenant_id: UUID | None) -> Generator[None]:
    """A transaction of a tenant, or of nobody, that leaves nothing behind."""
    with connection.transaction(force_rollback=True):
        if tenant_id is not None:
            connection.execute(sql.SQL("set local app.tenant_id = {}").format(sql.Literal(str(tenant_id))))
        yield


def leaks(connection: psycopg.Connection, table: TenantTable, *, mine: UUID | None, theirs: UUID) -> list[str]:
    """What `mine` (or nobody) gets of another tenant's rows in a table, verb by verb; nothing, where all is well."""
    where = sql.SQL(" where tenant_id = {}").format(sql.Literal(str(theirs)))
    attempts: list[tuple[str, sql.Composable, list[object]]] = [
        ("select", sql.SQL("select 1 from {}").format(table.identifier), []),
        ("select for update", sql.SQL("select 1 from {} for update").format(table.identifier), []),
        ("copy", sql.SQL("select 1 from (select * from {}) as everything").format(table.identifier) + where, []),
        ("update", sql.SQL("update {} set tenant_id = tenant_id").format(table.identifier) + where, []),
        ("update all", sql.SQL("update {} set tenant_id = tenant_id").format(table.identifier), []),
        ("delete", sql.SQL("delete from {}").format(table.identifier) + where, []),
        ("delete all", sql.SQL("delete from {}").format(table.identifier), []),
        ("insert", *insert_one(table, theirs, number=ROWS, marker="mine")),
        ("truncate", sql.SQL("truncate {} cascade").format(table.identifier), []),
    ]
    found = [verb for verb, statement, values in attempts if reaches(connection, statement, values, mine=mine)]
    if mine is not None and moves(connection, table, mine=mine, theirs=theirs):
        found.append("move")
    return found


def reaches(
    connection: psycopg.Connection, statement: sql.Composable, values: list[object], *, mine: UUID | None
) -> bool:
    """Whether a statement touches any row. Refused is as good as none."""
    with acting_for(connection, mine):
        try:
            return connection.execute(sql.Composed([statement]), values).rowcount != 0
        except psycopg.errors.InsufficientPrivilege:
            return False


def moves(connection: psycopg.Connection, table: TenantTable, *, mine: UUID, theirs: UUID) -> bool:
    """Whether a row of one's own can be given to another tenant. Foreign keys are not what keeps it from that."""
    statement, values = insert_one(table, mine, number=0, marker="mine")
    with acting_for(connection, mine):
        try:
            connection.execute(statement, values)
            give = sql.SQL("update {} set tenant_id = {}").format(table.identifier, sql.Literal(str(theirs)))
            return connection.execute(give).rowcount != 0
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ForeignKeyViolation):
            return False


def fingerprint(world: World) -> dict[str, str]:
    """What `theirs` has, table by table, as a digest."""
    with psycopg.connect(world.superuser_url) as connection:
        found: dict[str, str] = {}
        for table in list_tenant_tables(connection):
            statement = sql.SQL("select t::text from {} t where tenant_id = %s order by 1").format(table.identifier)
            everything = connection.execute(statement, [world.theirs]).fetchall()
            found[str(table)] = hashlib.sha256(repr(everything).encode()).hexdigest()
        return found


async def test_every_table_and_function_is_in_the_matrix(world: World) -> None:
    with psycopg.connect(world.superuser_url) as connection:
        known = {str(table) for table in list_tenant_tables(connection)}
        functions = connection.execute(
            "select distinct n.nspname || '.' || p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
            " where n.nspname not in ('pg_catalog', 'information_schema', 'public')"
            " and has_function_privilege('likewise_app', p.oid, 'execute')"
        ).fetchall()
    assert known == set(MATRIX["tables"]), "say in tenants.toml what another tenant gets of it"
    assert {row[0] for row in functions} == set(MATRIX["functions"])


@pytest.mark.parametrize("name", sorted(MATRIX["tables"]))
async def test_table_gives_nothing_of_another_tenant(world: World, rows: psycopg.Connection, name: str) -> None:
    table = next(table for table in list_tenant_tables(rows) if str(table) == name)
    before = fingerprint(world)
    mine = (await create_tenant(world.app.db, name=encode_id("mine", new_id()))).tenant_id
    stranger = new_id()
    found = leaks(rows, table, mine=stranger, theirs=world.theirs)
    assert found == [], f"another tenant can {found} {name}"
    assert leaks(rows, table, mine=None, theirs=world.theirs) == [], f"without a tenant {name} is open"
    granted = {verb for verb in VERBS if holds(rows, "select has_table_privilege(current_user, %s, %s)", [name, verb])}
    assert granted == set(MATRIX["tables"][name].split())
    if "insert" in granted:
        assert mine_works(rows, table, mine=mine), f"{name} does not serve its own tenant, so this test says nothing"
    assert fingerprint(world) == before


def holds(connection: psycopg.Connection, statement: str, values: list[object]) -> bool:
    row = connection.execute(statement.encode(), values).fetchone()
    connection.rollback()
    return row == (True,)


def mine_works(connection: psycopg.Connection, table: TenantTable, *, mine: UUID) -> bool:
    """Whether the same insert goes in for one's own tenant, once what it refers to is there."""
    with acting_for(connection, mine):
        for other in list_tenant_tables(connection):
            if str(other) == "platform.tenants":
                continue
            statement, values = insert_one(other, mine, number=0, marker="mine")
            connection.execute(statement, values)
            if str(other) == str(table):
                seen = connection.execute(sql.SQL("select count(*) from {}").format(table.identifier)).fetchone()
                return seen == (1,)
    return False


@pytest.mark.parametrize("setting", ["", "zebrafish", "00000000-0000-0000-0000-000000000000"])
@pytest.mark.usefixtures("world")
async def test_tenant_that_is_no_tenant_sees_nothing(rows: psycopg.Connection, setting: str) -> None:
    for table in list_tenant_tables(rows):
        with rows.transaction(force_rollback=True):
            rows.execute(sql.SQL("set local app.tenant_id = {}").format(sql.Literal(setting)))
            try:
                seen = rows.execute(sql.SQL("select count(*) from {}").format(table.identifier)).fetchone()
            except psycopg.errors.InvalidTextRepresentation:
                continue
            assert seen == (0,), str(table)


@pytest.mark.parametrize("name", sorted(MATRIX["functions"]))
async def test_function_does_nothing_for_another_tenant(world: World, rows: psycopg.Connection, name: str) -> None:
    case = MATRIX["functions"][name]
    values = {"theirs": str(world.theirs), "job": world.job, "collection": id_of(world.theirs, 0)}
    for mine in (new_id(), None):
        with acting_for(rows, mine):
            try:
                given = str(rows.execute(case["call"].encode(), values).fetchall())
            except psycopg.errors.InsufficientPrivilege:
                given = "refused"
        assert given == case["gives"]
    with acting_for(rows, world.theirs):
        own = str(rows.execute(case["call"].encode(), values).fetchall())
    assert own != case["gives"], f"{name} does nothing for its own tenant either, so this test says nothing"


async def test_table_without_walls_would_be_found(world: World, rows: psycopg.Connection) -> None:
    with psycopg.connect(world.superuser_url, autocommit=True) as owner:
        try:
            owner.execute("create table collections.open (tenant_id uuid not null, id uuid primary key, note text)")
            owner.execute("grant select, insert, update, delete on collections.open to likewise_app")
            table = next(table for table in list_tenant_tables(owner) if str(table) == "collections.open")
            statement, values = insert_one(table, world.theirs, number=0, marker=MARKER)
            owner.execute(statement, values)
            found = leaks(rows, table, mine=new_id(), theirs=world.theirs)
            assert {"select", "update", "delete", "insert", "move"} <= set(found)
            rows.rollback()
            with pytest.raises(AssertionError, match=r"tenants\.toml"):
                await test_every_table_and_function_is_in_the_matrix(world)
        finally:
            owner.execute("drop table collections.open")


def routes_of(app: App) -> set[str]:
    """Every method and path the application answers, as `GET /api/v1/collections/{name}`."""
    surface = Surface(features=list_features(), sections=sections(), documents=Documents(dict))
    return {
        f"{method} {re.sub(r':[a-z]+}', '}', route.path)}"
        for route in build_routes(app, surface).routes
        if isinstance(route, HTTPRoute)
        for method in route.methods
        if method != "OPTIONS"
    }


def placeholders(world: World) -> dict[str, str]:
    """Names and ids of what `theirs` has."""
    own = id_of(world.theirs, 0)
    return {
        "collection": f"{MARKER}-name-0",
        "key": f"{MARKER}-key-0",
        "author": f"{MARKER}-author-0",
        "item": encode_id("itm", own),
        "operation": encode_id("opr", own),
        "ended_operation": encode_id("opr", id_of(world.theirs, 1)),
        "api_key": encode_id("key", own),
        "letter": encode_id("ltr", own),
        "cluster": encode_id("clu", own),
        "other_cluster": encode_id("clu", id_of(world.theirs, 1)),
        "change": encode_id("chg", own),
        "run": encode_id("run", own),
        "insight": encode_id("ins", own),
        "search": encode_id("sea", world.search),
    }


def request_of(route: str, world: World) -> httpx.Request:
    """The request of the matrix for a route, about what `theirs` has."""
    case = MATRIX["routes"][route]
    method, _, path = route.partition(" ")
    values = placeholders(world)
    filled = {name: quote(value.format(**values), safe="") for name, value in case.get("path", {}).items()}
    headers: dict[str, str] = {}
    content = b""
    if "body" in case:
        content = msgspec.json.encode(_filled(case["body"], values))
        headers["content-type"] = "application/json"
    elif "csv" in case:
        content, headers["content-type"] = case["csv"].format(**values).encode(), "text/csv"
    query: Mapping[str, str] = {name: value.format(**values) for name, value in case.get("query", {}).items()}
    return httpx.Request(
        method, f"http://127.0.0.1{path.format(**filled)}", params=query, headers=headers, content=content
    )


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return value.format(**values)
    if isinstance(value, list):
        return [_filled(one, values) for one in value]
    if isinstance(value, dict):
        return {name: _filled(one, values) for name, one in value.items()}
    return value


async def ask(world: World, request: httpx.Request, *, key: str | None) -> httpx.Response:
    if key is not None:
        request.headers["authorization"] = f"Bearer {key}"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(cast("Any", world.asgi))) as client:
        return await client.send(request)


def shows_theirs(answer: httpx.Response, world: World) -> bool:
    """Whether an answer holds anything of `theirs` that the question did not hold."""
    said = answer.text + str(answer.headers.multi_items())
    for known in sorted(placeholders(world).values(), key=len, reverse=True):
        said = said.replace(known, "")
    return MARKER in said or str(world.theirs) in said or encode_id("tnt", world.theirs) in said


async def test_every_route_is_in_the_matrix(world: World) -> None:
    assert routes_of(world.app) == set(MATRIX["routes"]), "say in tenants.toml what another tenant gets of it"


@pytest.mark.parametrize("scope", ["admin", "write", "read"])
@pytest.mark.parametrize("route", sorted(MATRIX["routes"]))
async def test_route_gives_nothing_of_another_tenant(world: World, route: str, scope: str) -> None:
    mine = (await create_tenant(world.app.db, name=encode_id("mine", new_id()))).tenant_id
    made = await create_key(world.app.db, mine, name="mine", scopes=[scope])
    before = fingerprint(world)
    answer = await ask(world, request_of(route, world), key=made.key)
    allowed = {MATRIX["routes"][route]["gives"]} | ({403} if scope != "admin" else set())
    assert answer.status_code in allowed, answer.text
    assert not shows_theirs(answer, world), answer.text
    assert fingerprint(world) == before, "what another tenant has was changed"


@pytest.mark.parametrize("route", sorted(MATRIX["routes"]))
async def test_route_gives_nothing_to_nobody(world: World, route: str) -> None:
    mine = (await create_tenant(world.app.db, name=encode_id("mine", new_id()))).tenant_id
    revoked = await create_key(world.app.db, mine, name="mine", scopes=["admin"])
    await revoke_key(world.app.db, mine, key_id=revoked.id)
    before = fingerprint(world)
    for key in (None, "lw_" + "a" * 43, revoked.key):
        answer = await ask(world, request_of(route, world), key=key)
        assert answer.status_code == (200 if MATRIX["routes"][route].get("open") else 401), answer.text
        assert not shows_theirs(answer, world)
    assert fingerprint(world) == before


READS = [route for route, case in MATRIX["routes"].items() if route.startswith("GET") and case["gives"] == 404]
WRITES = [route for route, case in MATRIX["routes"].items() if route not in READS and case["gives"] == 404]
LISTS = ["GET /api/v1/collections", "GET /api/v1/jobs/dead_letters", "GET /api/v1/keys", "GET /api/v1/operations"]


@pytest.fixture
def mistaken(monkeypatch: pytest.MonkeyPatch) -> Callable[[World], None]:
    """Break the one place the tenant comes from: every key speaks for `theirs`."""

    def mistake(world: World) -> None:
        async def everybody(*_: object, **__: object) -> Caller:
            return Caller(tenant_id=world.theirs, scopes=frozenset({"admin"}), key_id=new_id())

        monkeypatch.setattr(front, "authenticate", everybody)

    return mistake


@pytest.mark.parametrize("route", [*LISTS, *READS])
async def test_read_that_mistakes_the_tenant_would_be_found(
    world: World, mistaken: Callable[[World], None], route: str
) -> None:
    mistaken(world)
    answer = await ask(world, request_of(route, world), key="lw_mine")
    assert answer.status_code != 404, "what the matrix asks for is not there, so its 404 says nothing"
    assert route not in LISTS or shows_theirs(answer, world), answer.text


@pytest.mark.parametrize("route", WRITES)
async def test_write_that_mistakes_the_tenant_would_be_found(
    passing_world: World, mistaken: Callable[[World], None], route: str
) -> None:
    mistaken(passing_world)
    answer = await ask(passing_world, request_of(route, passing_world), key="lw_mine")
    assert answer.status_code != 404, "what the matrix asks for is not there, so its 404 says nothing"
