"""T5: no table, function or route gives one tenant anything of another's; and what is new must say so in tenants.toml.

Generated from the catalogue and from the route table, run as the application's real role and over the whole HTTP
surface. The other tenant, `theirs`, has rows in every table; every text of them begins with `zebrafish`.
"""

import asyncio
import base64
import hashlib
import re
import tomllib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
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
from standardwebhooks import Webhook
from tests.brief import brief
from tests.rows import TenantTable, fill_all, id_of, insert_one, list_tenant_tables

from likewise.app import Server, list_features, open_app, sections
from likewise.apps.community.model import COLLECTION as EXPERIENCES
from likewise.apps.inbox.events import ClusterDecided, MessagesReceived
from likewise.apps.inbox.model import COLLECTION
from likewise.apps.inbox.service import hook_path
from likewise.http import callers
from likewise.http.asgi import build_asgi, build_routes
from likewise.http.graphql.schema import build_schema
from likewise.http.openapi import Documents
from likewise.http.server import bind, serving, url_of
from likewise.http.surface import Service, Surface
from likewise.platform.config import Settings
from likewise.platform.db import embedded
from likewise.platform.events import Mark, publish
from likewise.platform.feature import App
from likewise.platform.ids import encode_id, new_id
from likewise.platform.tenancy import Caller, create_key, create_tenant, revoke_key
from likewise.platform.web import Cursors

MATRIX = tomllib.loads((Path(__file__).parent / "tenants.toml").read_text("utf-8"))
MARKER = "zebrafish"
ROWS = 5
EXPERIENCE = 4  # the row that is an experience: its item is in the collection of experiences, and public
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
    # What the inbox shows is in the collection of its name.
    connection.execute(
        "update collections.collections set name = %s where tenant_id = %s and id = %s",
        (COLLECTION, theirs, id_of(theirs, 0)),
    )
    # What the community shows is in a collection of its own.
    connection.execute(
        "update collections.collections set name = %s, facets = %s where tenant_id = %s and id = %s",
        (EXPERIENCES, '{"habitat": "keywords"}', theirs, id_of(theirs, 1)),
    )
    connection.execute(
        "update collections.items set collection_id = %s, visibility = 'public' where tenant_id = %s and id = %s",
        (id_of(theirs, 1), theirs, id_of(theirs, EXPERIENCE)),
    )
    connection.execute("update community.experiences set hidden_at = null where tenant_id = %s", [theirs])
    connection.execute("update community.comments set hidden_at = null where tenant_id = %s", [theirs])
    connection.execute(
        "update clusters.members m set hash = t.hash from clusters.texts t"
        " where t.tenant_id = m.tenant_id and t.item_id = m.item_id and m.tenant_id = %s",
        [theirs],
    )
    connection.execute(
        "update clusters.summaries set item_count = 1, text_count = 1, label = %s, exemplars = array[cluster_id],"
        " first_seen_at = now(), last_seen_at = now() where tenant_id = %s",
        (f"{MARKER}-label", theirs),
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


def changed(world: World, before: Mapping[str, str]) -> set[str]:
    """The tables in which `theirs` has something else than before."""
    now = fingerprint(world)
    return {name for name in now.keys() | before.keys() if now.get(name) != before.get(name)}


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
        "collection": COLLECTION,
        "key": f"{MARKER}-key-0",
        "author": f"{MARKER}-author-0",
        "person": f"{MARKER}-user_key-0",
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
        "channel": f"{MARKER}-name-0",
        "external": f"{MARKER}-external_id-0",
        "message": encode_id("msg", own),
        "visitor": encode_id("vis", own),
        "action": encode_id("act", own),
        "ready_delivery": encode_id("dlv", id_of(world.theirs, 2)),
        "failed_delivery": encode_id("dlv", id_of(world.theirs, 3)),
        "experience": encode_id("exp", id_of(world.theirs, EXPERIENCE)),
        "comment": encode_id("cmt", id_of(world.theirs, EXPERIENCE)),
        "picture": encode_id("pic", id_of(world.theirs, EXPERIENCE)),
        "file": f"{id_of(world.theirs, EXPERIENCE).hex}-large-all.webp",
        "archive": encode_id("arc", id_of(world.theirs, 1)),
        "event": Cursors(world.app.db.secret("cursors")).sign(world.theirs, "events", str(Mark(1, 1))),
        "token": hook_path(world.app, world.theirs, own).rpartition("/")[2],
        "hex": world.theirs.hex,
        "avatar": f"{MARKER}-avatar_key-0",
    }


def request_of(route: str, world: World) -> httpx.Request:
    """The request of the matrix for a route, about what `theirs` has."""
    case = MATRIX["routes"][route]
    method, _, path = route.partition(" ")
    values = placeholders(world)
    filled = {name: quote(value.format(**values), safe="") for name, value in case.get("path", {}).items()}
    headers = {name: value.format(**values) for name, value in case.get("headers", {}).items()}
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
    async with httpx.AsyncClient(transport=httpx.ASGITransport(brief(world.asgi))) as client:
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
    assert changed(world, before) <= set(MATRIX["routes"][route].get("changes", ())), "what another tenant has changed"


@pytest.mark.parametrize("route", sorted(MATRIX["routes"]))
async def test_route_gives_nothing_to_nobody(world: World, route: str) -> None:
    mine = (await create_tenant(world.app.db, name=encode_id("mine", new_id()))).tenant_id
    revoked = await create_key(world.app.db, mine, name="mine", scopes=["admin"])
    await revoke_key(world.app.db, mine, key_id=revoked.id)
    before = fingerprint(world)
    for key in (None, "lw_" + "a" * 43, revoked.key):
        answer = await ask(world, request_of(route, world), key=key)
        case = MATRIX["routes"][route]
        assert answer.status_code == (case["gives"] if case.get("open") else 401), answer.text
        assert not shows_theirs(answer, world)
    assert changed(world, before) <= set(MATRIX["routes"][route].get("changes", ()))


KNOWN = [route for route, case in MATRIX["routes"].items() if case["gives"] == 404 and not case.get("public")]
READS = [route for route in KNOWN if route.startswith("GET")]
WRITES = [route for route in KNOWN if route not in READS]
LISTS = [
    "GET /api/v1/collections",
    "GET /api/v1/community/moderation/cases",
    "GET /api/v1/inbox/archives",
    "GET /api/v1/inbox/archives/search",
    "GET /api/v1/inbox/changes",
    "GET /api/v1/inbox/channels",
    "GET /api/v1/inbox/clusters",
    "GET /api/v1/inbox/clusters/{cluster_id}/actions",
    "GET /api/v1/inbox/deliveries",
    "GET /api/v1/inbox/messages",
    "GET /api/v1/jobs/dead_letters",
    "GET /api/v1/keys",
    "GET /api/v1/operations",
    "GET /graphql",
    "POST /graphql",
]


@pytest.fixture
def mistaken(monkeypatch: pytest.MonkeyPatch) -> Callable[[World], None]:
    """Break the one place the tenant comes from: every key speaks for `theirs`."""

    def mistake(world: World) -> None:
        async def everybody(*_: object, **__: object) -> Caller:
            return Caller(tenant_id=world.theirs, scopes=frozenset({"admin"}), key_id=new_id())

        monkeypatch.setattr(callers, "authenticate", everybody)

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


FIELDS = sorted(name for name in MATRIX["graphql"] if not name.startswith("Subscription."))
EARS = ["GET /api/v1/inbox/events", *sorted(name for name in MATRIX["graphql"] if name.startswith("Subscription."))]
PATIENCE_S = 60


def test_every_field_of_graphql_is_in_the_matrix() -> None:
    schema = build_schema(list_features())
    assert schema is not None
    roots = [schema.get_type_by_name(name) for name in ("Query", "Mutation", "Subscription")]
    known = {
        f"{root.name}.{schema.config.name_converter.get_graphql_name(field)}"
        for root in cast("list[Any]", roots)
        for field in root.fields
    }
    assert known == set(MATRIX["graphql"]), "say in tenants.toml what another tenant gets of it"


def graph_request(name: str, world: World) -> httpx.Request:
    """The request of the matrix for a field of GraphQL, about what `theirs` has."""
    query = MATRIX["graphql"][name]["ask"]
    values = {name: value for name, value in placeholders(world).items() if f"${name}:" in query}
    body = msgspec.json.encode({"query": query, "variables": values})
    return httpx.Request("POST", "http://127.0.0.1/graphql", headers={"content-type": "application/json"}, content=body)


@pytest.mark.parametrize("name", FIELDS)
async def test_field_of_graphql_gives_nothing_of_another_tenant(world: World, name: str) -> None:
    mine = (await create_tenant(world.app.db, name=encode_id("mine", new_id()))).tenant_id
    made = await create_key(world.app.db, mine, name="mine", scopes=["admin"])
    before = fingerprint(world)
    answer = await ask(world, graph_request(name, world), key=made.key)
    told, gives = answer.json(), MATRIX["graphql"][name]["gives"]
    if isinstance(gives, str):
        assert [error["extensions"]["code"] for error in told["errors"]] == [gives], answer.text
    else:
        assert told == {"data": {name.partition(".")[2]: gives}}
    assert not shows_theirs(answer, world), answer.text
    assert changed(world, before) == set(), "what another tenant has was changed"


@pytest.mark.parametrize("name", FIELDS)
async def test_field_of_graphql_that_mistakes_the_tenant_would_be_found(
    passing_world: World, mistaken: Callable[[World], None], name: str
) -> None:
    mistaken(passing_world)
    told = (await ask(passing_world, graph_request(name, passing_world), key="lw_mine")).json()
    gives = MATRIX["graphql"][name]["gives"]
    codes = [error["extensions"]["code"] for error in told.get("errors", ())]
    assert gives not in codes, "what the matrix asks for is not there, so its error says nothing"
    assert told.get("data") != {name.partition(".")[2]: gives}


@asynccontextmanager
async def listening(world: World, ear: str, *, key: str) -> AsyncGenerator[AsyncIterator[str]]:
    """The lines of a stream, over a real connection, from where nothing is missed any more."""
    request = graph_request(ear, world) if ear.startswith("Subscription.") else request_of(ear, world)
    socket = bind("127.0.0.1", 0, backlog=128)
    headers = {**request.headers, "accept": "text/event-stream", "authorization": f"Bearer {key}"}
    headers.pop("host")
    async with (
        asyncio.timeout(PATIENCE_S),
        serving(world.app, world.asgi, socket),
        httpx.AsyncClient(base_url=url_of(socket), headers=headers, timeout=PATIENCE_S) as client,
        client.stream(request.method, request.url.path, content=request.content) as answer,
    ):
        assert answer.status_code == 200
        lines = answer.aiter_lines()
        if ear.startswith("Subscription."):
            await until(lines, '"isGap":true')
        else:
            await anext(lines)
        yield lines


async def until(lines: AsyncIterator[str], *names: str) -> str:
    """Everything up to the line with one of these names."""
    said = ""
    async for line in lines:
        said += line + "\n"
        if any(name in line for name in names):
            return said
    raise AssertionError(f"the stream ended without {names}: {said}")


async def tell_theirs(world: World) -> list[str]:
    """Something happens to what `theirs` has; the names of that."""
    own = id_of(world.theirs, 0)
    async with world.app.db.tenant(world.theirs) as tx:
        await publish(tx, [MessagesReceived([own]), ClusterDecided(own, "open")])
    return [encode_id("msg", own), encode_id("clu", own)]


async def tell_mine(world: World, mine: UUID, *, key: str) -> list[str]:
    """Something happens to a tenant's own inbox; the names of that."""
    request = httpx.Request("POST", "http://127.0.0.1/api/v1/inbox/messages", json={"text": "mine"})
    message = (await ask(world, request, key=key)).json()["id"]
    cluster = new_id()
    async with world.app.db.tenant(mine) as tx:
        await publish(tx, [ClusterDecided(cluster, "open")])
    return [message, encode_id("clu", cluster)]


@pytest.mark.parametrize("ear", EARS)
async def test_stream_tells_nothing_of_another_tenant(passing_world: World, ear: str) -> None:
    world = passing_world
    mine = (await create_tenant(world.app.db, name="mine")).tenant_id
    own = await create_key(world.app.db, mine, name="mine", scopes=["write"])
    others = await create_key(world.app.db, world.theirs, name="theirs", scopes=["read"])
    async with listening(world, ear, key=own.key) as heard, listening(world, ear, key=others.key) as told:
        names = await tell_theirs(world)
        assert await until(told, *names), "nobody hears it, so this test says nothing"
        said = await until(heard, *await tell_mine(world, mine, key=own.key))
    assert MARKER not in said
    assert not any(name in said for name in names)
    assert ("event: gap" in said) == ear.startswith("GET"), "an id of another tenant's is not this tenant's"


@pytest.mark.parametrize("ear", EARS)
async def test_stream_that_mistakes_the_tenant_would_be_found(
    passing_world: World, mistaken: Callable[[World], None], ear: str
) -> None:
    mistaken(passing_world)
    async with listening(passing_world, ear, key="lw_mine") as heard:
        assert await until(heard, *await tell_theirs(passing_world))


async def test_webhook_is_taken_in_for_the_tenant_alone_whose_secret_signed_it(world: World) -> None:
    keys = [
        (
            await create_key(
                world.app.db, (await create_tenant(world.app.db, name=name)).tenant_id, name=name, scopes=["admin"]
            )
        ).key
        for name in ("mine", "other")
    ]
    paths, secrets = [], []
    for key in keys:
        made = await call(world, "POST", "/api/v1/inbox/channels", key=key, json={"name": "shop"})
        paths.append(made.json()["hook_path"])
        secrets.append((await call(world, "GET", "/api/v1/inbox/channels/shop/secret", key=key)).json()["secret"])
    body, now = '{"text": "do you gift wrap?"}', datetime.now(UTC)

    async def post(path: str, secret: str) -> int:
        headers = {
            "webhook-id": "w-1",
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(secret).sign("w-1", now, body),
        }
        return (await call(world, "POST", path, headers=headers, content=body)).status_code

    async def counts() -> list[int]:
        found = [await call(world, "GET", "/api/v1/inbox/messages", key=key) for key in keys]
        return [len(answer.json()["data"]) for answer in found]

    mixed = [base64.urlsafe_b64decode(path.rpartition("/")[2] + "==") for path in paths]
    forged = base64.urlsafe_b64encode(mixed[0][:16] + mixed[1][16:]).decode().rstrip("=")
    for path, secret in ((paths[1], secrets[0]), (paths[0], secrets[1])):
        assert await post(path, secret) == 401
    for secret in secrets:
        assert await post(f"/public/v1/inbox/hooks/{forged}", secret) == 401
    assert await counts() == [0, 0]
    assert await post(paths[1], secrets[1]) == 202
    assert await counts() == [0, 1]


async def test_picture_is_given_at_the_address_of_its_own_tenant_alone(passing_world: World) -> None:
    world = passing_world
    mine = (await create_tenant(world.app.db, name="mine")).tenant_id
    others = await create_key(world.app.db, world.theirs, name="theirs", scopes=["read"])
    names = [f"{MARKER}-avatar_key-{number}" for number in range(2)]
    for tenant_id in (mine, world.theirs):
        for name in names:
            content = f"{tenant_id} {name}".encode()
            await world.app.files.write(tenant_id, key=f"inbox/avatars/{name}", content=content)
    messages = (await call(world, "GET", "/api/v1/inbox/messages", key=others.key)).json()["data"]
    address = next(message["avatar"] for message in messages if names[0] in message["avatar"])
    given = await call(world, "GET", address)
    assert (given.status_code, given.text) == (200, f"{world.theirs} {names[0]}")
    for other in (
        address.replace(world.theirs.hex, mine.hex),
        address.replace(names[0], names[1]),
        address.replace("expires=", "expires=1"),
        address[:-1] + ("0" if address[-1] != "0" else "1"),
    ):
        refused = await call(world, "GET", other)
        assert refused.status_code == 404
        assert MARKER not in refused.text


async def call(world: World, method: str, path: str, *, key: str | None = None, **more: Any) -> httpx.Response:
    """An answer to a request that is not the matrix's."""
    return await ask(world, httpx.Request(method, f"http://127.0.0.1{path}", **more), key=key)
