"""GraphQL over HTTP: answers, errors, pages, and every bound, with a feature of the test's own."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from graphql import build_client_schema, get_introspection_query
from tests.http.graph_feature import FEATURE, Bell, with_settings

from likewise.http.asgi import build_asgi
from likewise.http.graphql.documents import Asked, Documents
from likewise.http.graphql.schema import build_schema
from likewise.http.graphql.settings import GraphqlSettings
from likewise.platform.db import Database
from likewise.platform.feature import App, Feature, GraphParts
from likewise.platform.tenancy import create_key

ADDRESS = "http://127.0.0.1:8765"
RESPONSE = "application/graphql-response+json"
STRICT = {"Accept": RESPONSE}
MASKED = "Something went wrong on our side. It was logged under this request id."
Open = Callable[..., httpx.AsyncClient]


@pytest.fixture
async def open_graph(app: App) -> AsyncIterator[Open]:
    """Clients of servers with these settings; without a key they are the machine's owner."""
    opened: list[httpx.AsyncClient] = []

    def make(
        *, keyless: bool = True, headers: dict[str, str] | None = None, bell: Bell | None = None, **flags: object
    ) -> httpx.AsyncClient:
        asgi = build_asgi(with_settings(app, bell or Bell(), **flags), [FEATURE], keyless=keyless)
        opened.append(httpx.AsyncClient(transport=httpx.ASGITransport(asgi), base_url=ADDRESS, headers=headers))
        return opened[-1]

    yield make
    for client in opened:
        await client.aclose()


@pytest.fixture
def graph(open_graph: Open) -> httpx.AsyncClient:
    return open_graph()


async def ask(client: httpx.AsyncClient, query: str, **more: Any) -> dict[str, Any]:
    answer = await client.post("/graphql", json={"query": query, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def code_of(answer: dict[str, Any]) -> str:
    assert "data" not in answer, answer
    return answer["errors"][0]["extensions"]["code"]


async def test_query_is_answered_with_what_it_asks_for(graph: httpx.AsyncClient) -> None:
    answer = await ask(graph, "query One($name: String!) { note(name: $name) { id text } }", variables={"name": "3"})
    assert answer == {"data": {"note": {"id": "note_3", "text": "note 3"}}}


async def test_named_operation_is_chosen_and_an_unclear_choice_refused(graph: httpx.AsyncClient) -> None:
    both = 'query A { note(name: "1") { id } } query B { note(name: "2") { id } }'
    assert (await ask(graph, both, operationName="B"))["data"]["note"]["id"] == "note_2"
    assert code_of(await ask(graph, both)) == "operation_unknown"
    assert code_of(await ask(graph, both, operationName="C")) == "operation_unknown"


async def test_mutation_changes_something(graph: httpx.AsyncClient) -> None:
    name = uuid4().hex
    change = "mutation($name: String!) { first: makeKey(name: $name) { text } second: makeKey(name: $name) { text } }"
    assert (await ask(graph, change, variables={"name": name}))["data"]["second"] == {"text": name}
    assert (await ask(graph, f'mutation {{ countKeys(name: "{name}") }}'))["data"]["countKeys"] == 2


async def test_times_carry_their_zone_and_json_any_form(graph: httpx.AsyncClient) -> None:
    query = 'query($at: DateTime!, $data: JSON) { when(at: $at) echo(at: "2026-01-01T00:00:00+01:00", data: $data) }'
    sent = {"at": "2026-11-21T09:00:00+01:00", "data": {"a": [1, None, "x"]}}
    answer = (await ask(graph, query, variables=sent))["data"]
    assert answer["when"] == "2026-11-21T09:00:00+01:00"
    assert answer["echo"] == {"at": 1767222000.0, "data": {"a": [1, None, "x"]}}
    for wrong in ("2026-11-21T09:00:00", "yesterday", 7):
        refused = await ask(graph, query, variables={"at": wrong})
        assert code_of(refused) == "query_invalid"
        assert "zone" in refused["errors"][0]["message"] or "DateTime" in refused["errors"][0]["message"]


async def test_fact_is_an_error_with_code_status_and_place(graph: httpx.AsyncClient) -> None:
    answer = await graph.post("/graphql", json={"query": '{ note(name: "missing") { id } ok: note(name: "1") { id } }'})
    body = answer.json()
    assert body["data"] == {"note": None, "ok": {"id": "note_1"}}
    [error] = body["errors"]
    assert error["message"] == "No note is called 'missing'. `notes` lists them."
    assert (error["path"], error["locations"]) == (["note"], [{"line": 1, "column": 3}])
    assert error["extensions"] == {
        "code": "note_not_found",
        "status": 404,
        "errors": [],
        "request_id": answer.headers["x-request-id"],
    }
    [refused] = (await ask(graph, "mutation { refuse { text } }"))["errors"]
    assert refused["extensions"]["errors"] == [{"pointer": "/text", "detail": "empty"}]
    assert (await ask(graph, '{ sure(name: "x") { id } }'))["data"] is None


async def test_unexpected_failure_is_masked(graph: httpx.AsyncClient) -> None:
    answer = await graph.post("/graphql", json={"query": '{ note(name: "broken") { id } }'})
    assert "hunter2" not in answer.text
    [error] = answer.json()["errors"]
    assert (error["message"], error["extensions"]["code"]) == (MASKED, "internal_error")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("{ note(", "Syntax Error"),
        ("{ nothing }", "nothing"),
        ('{ note(name: "1") { id } ', "Syntax Error"),
        ("{ note { id } }", "name"),
        ("query($n: Int!) { notes(first: $n) { nodes { id } } }", "$n"),
        ("mutation { makeKey }", "makeKey"),
        ("fragment A on Note { id }", "never used"),
        ("type Query { a: Int }", "not executable"),
    ],
)
async def test_invalid_query_is_told_where_it_is_wrong(graph: httpx.AsyncClient, query: str, said: str) -> None:
    answer = await ask(graph, query)
    assert code_of(answer) == "query_invalid"
    assert said in answer["errors"][0]["message"]
    strict = await graph.post("/graphql", json={"query": query}, headers=STRICT)
    assert (strict.status_code, strict.headers["content-type"]) == (400, RESPONSE)


async def test_status_tells_of_a_refusal_only_where_the_client_knows_the_media_type(open_graph: Open) -> None:
    graph = open_graph(graphql_depth_max=1)
    deep = {"query": '{ note(name: "1") { id } }'}
    assert (await graph.post("/graphql", json=deep)).status_code == 200
    assert (await graph.post("/graphql", json=deep, headers=STRICT)).status_code == 422
    fine = await graph.post("/graphql", json={"query": "{ echo }"}, headers=STRICT)
    assert (fine.status_code, fine.headers["content-type"]) == (200, RESPONSE)


@pytest.mark.parametrize(
    ("content", "media_type", "status", "code"),
    [
        (b"{", "application/json", 400, "request_malformed"),
        (b'[{"query": "{ echo }"}]', "application/json", 400, "request_malformed"),
        (b'{"query": 7}', "application/json", 400, "request_malformed"),
        (b'{"query": "{ echo }", "variables": []}', "application/json", 400, "request_malformed"),
        (b"\xff\xfe", "application/json", 400, "request_malformed"),
        (b"[" * 100_000, "application/json", 400, "request_malformed"),
        (b"", "application/json", 400, "request_malformed"),
        (b"{}", "application/json", 400, "query_missing"),
        (b'{"query": ""}', "application/json", 400, "query_missing"),
        (b'{"query": "{ echo }"}', "text/plain", 415, "media_type_refused"),
        (b"query=%7B+echo+%7D", "application/x-www-form-urlencoded", 415, "media_type_refused"),
        (b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x", 415, "media_type_refused"),
        (b'{"query": "{ echo } ' + b"#" * 2**20 + b'"}', "application/json", 413, "body_too_large"),
    ],
    ids=str,
)
async def test_what_is_no_request_is_a_problem(
    graph: httpx.AsyncClient, content: bytes, media_type: str, status: int, code: str
) -> None:
    answer = await graph.post("/graphql", content=content, headers={"Content-Type": media_type})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["code"] == code


async def test_query_may_come_in_the_address_but_no_change(graph: httpx.AsyncClient) -> None:
    query = {"query": "query($d: JSON) { echo(data: $d) }", "variables": '{"d": [1]}', "operationName": ""}
    answer = await graph.get("/graphql", params=query)
    assert answer.json() == {"data": {"echo": {"at": None, "data": [1]}}}
    assert (
        await graph.get("/graphql", params=query, headers={"If-None-Match": answer.headers["etag"]})
    ).status_code == 304
    change = await graph.get("/graphql", params={"query": 'mutation { ring(text: "x") }'})
    assert (change.status_code, change.json()["code"], change.headers["allow"]) == (405, "change_by_get", "POST")
    wrong = await graph.get("/graphql", params={"query": "{ echo }", "variables": "{"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "request_malformed")


async def test_browser_is_shown_the_schema_and_nothing_foreign(open_graph: Open) -> None:
    for graph in (open_graph(), open_graph(keyless=False)):
        page = await graph.get("/graphql", headers={"Accept": "text/html,*/*"})
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        for word in ("<script", " style=", " src=", "https://cdn"):
            assert word not in page.text
        assert "/graphql/schema.graphql" in page.text
        sdl = await graph.get("/graphql/schema.graphql")
        assert (sdl.status_code, sdl.headers["content-type"]) == (200, "text/plain; charset=utf-8")
        assert "type NoteConnection {" in sdl.text
        bare = await graph.get("/graphql")
        assert (bare.status_code, bare.json()["code"]) == (400, "query_missing")


async def test_introspection_tells_the_whole_schema(graph: httpx.AsyncClient) -> None:
    told = await ask(graph, get_introspection_query())
    assert "NoteConnection" in build_client_schema(told["data"]).type_map


async def test_route_is_not_there_where_no_feature_brings_fields(app: App) -> None:
    asgi = build_asgi(app, [Feature(name="plain")], keyless=True)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(asgi), base_url=ADDRESS) as client:
        assert (await client.post("/graphql", json={"query": "{ a }"})).status_code == 404
        assert (await client.get("/graphql/schema.graphql")).status_code == 404


def test_fields_of_two_features_make_one_schema_unless_they_share_a_name() -> None:
    import strawberry

    @strawberry.type
    class More:
        @strawberry.field
        def more(self) -> int:
            return 1

    more = Feature(name="more", graph=lambda: GraphParts(query=More))
    schema = build_schema([FEATURE, more])
    assert schema is not None
    assert {"more", "notes"} <= schema.core.query_type.fields.keys()  # type: ignore[union-attr]
    with pytest.raises(ValueError, match="several features bring the Query fields more"):
        build_schema([more, Feature(name="again", graph=lambda: GraphParts(query=More))])
    with pytest.raises(ValueError, match="needs a query"):
        build_schema([Feature(name="changes", graph=lambda: GraphParts(mutation=More))])


# Pages


PAGES = """query($first: Int, $after: String, $last: Int, $before: String) {
  notes(first: $first, after: $after, last: $last, before: $before) {
    edges { cursor node { id } }
    nodes { id }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}"""


async def test_pages_lead_forwards_to_the_end_and_backwards_to_the_start(graph: httpx.AsyncClient) -> None:
    forwards: list[str] = []
    page: dict[str, Any] = {"hasNextPage": True, "endCursor": None}
    while page["hasNextPage"]:
        found = (await ask(graph, PAGES, variables={"first": 7, "after": page["endCursor"]}))["data"]["notes"]
        assert [edge["node"] for edge in found["edges"]] == found["nodes"]
        forwards += [node["id"] for node in found["nodes"]]
        assert found["pageInfo"]["hasPreviousPage"] == (page["endCursor"] is not None)
        page = found["pageInfo"]
    assert forwards == [f"note_{number}" for number in range(25)]
    backwards: list[str] = []
    page = {"hasPreviousPage": True, "startCursor": None}
    while page["hasPreviousPage"]:
        found = (await ask(graph, PAGES, variables={"last": 7, "before": page["startCursor"]}))["data"]["notes"]
        backwards = [node["id"] for node in found["nodes"]] + backwards
        assert found["pageInfo"]["hasNextPage"] == (page["startCursor"] is not None)
        page = found["pageInfo"]
    assert backwards == forwards


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"first": 0}, "page_refused"),
        ({"first": -1}, "page_refused"),
        ({"last": 201}, "page_refused"),
        ({"first": 1, "last": 1}, "page_ambiguous"),
        ({"first": 1, "before": "x"}, "page_ambiguous"),
        ({"first": 1, "after": "made up"}, "cursor_refused"),
        ({"last": 1, "before": ""}, "cursor_refused"),
    ],
)
async def test_page_that_cannot_be_is_refused(
    graph: httpx.AsyncClient, arguments: dict[str, object], code: str
) -> None:
    answer = await ask(graph, PAGES, variables=arguments)
    assert answer["data"] is None
    assert answer["errors"][0]["extensions"]["code"] == code


async def test_cursor_is_good_for_one_list_of_one_tenant(
    open_graph: Open, database: Database, tenant_id: UUID, other_tenant_id: UUID
) -> None:
    cursors = []
    for tenant in (tenant_id, other_tenant_id):
        made = await create_key(database, tenant, name="reader", scopes=["read"])
        client = open_graph(headers={"Authorization": f"Bearer {made.key}"})
        found = (await ask(client, PAGES, variables={"first": 1}))["data"]["notes"]["pageInfo"]["endCursor"]
        cursors.append((client, found))
    (mine, my_cursor), (_, foreign_cursor) = cursors
    assert my_cursor != foreign_cursor
    refused = await ask(mine, PAGES, variables={"first": 1, "after": foreign_cursor})
    assert refused["errors"][0]["extensions"]["code"] == "cursor_refused"
    elsewhere = f'{{ note(name: "1") {{ replies(first: 1, after: "{my_cursor}") {{ nodes {{ id }} }} }} }}'
    assert (await ask(mine, elsewhere))["errors"][0]["extensions"]["code"] == "cursor_refused"


async def test_loader_gathers_what_is_asked_side_by_side(open_graph: Open) -> None:
    bell = Bell()
    query = "{ notes(first: 5) { nodes { size } edges { node { size } } } }"
    found = (await ask(open_graph(bell=bell), query))["data"]["notes"]
    assert [node["size"] for node in found["nodes"]] == [0, 10, 20, 30, 40]
    assert bell.loads == [[0, 1, 2, 3, 4]]


# Bounds


def nested(levels: int) -> str:
    return '{ note(name: "1") { ' + "again { " * levels + "id" + " }" * levels + " } }"


def aliased(count: int) -> str:
    return "{ " + " ".join(f'a{number}: note(name: "1") {{ id }}' for number in range(count)) + " }"


def changes(count: int) -> str:
    return "mutation { " + " ".join(f'a{number}: ring(text: "x")' for number in range(count)) + " }"


@pytest.mark.parametrize(
    ("bound", "fits", "exceeds", "code"),
    [
        ({"graphql_depth_max": 5}, nested(3), nested(4), "too_deep"),
        ({"graphql_aliases_max": 4}, aliased(4), aliased(5), "too_many_aliases"),
        ({"graphql_changes_max": 2}, changes(2), changes(3), "too_many_changes"),
        ({"graphql_tokens_max": 40}, "{ echo }" + " #" * 39, aliased(4), "too_many_tokens"),
        ({"graphql_query_chars_max": 100}, "{ echo }" + " " * 92, "{ echo }" + " " * 93, "query_too_long"),
        (
            {"graphql_rows_max": 50},
            "{ notes { nodes { id } } }",
            "{ notes(first: 51) { nodes { id } } }",
            "too_many_rows",
        ),
        (
            {"graphql_rows_max": 60},
            "{ notes(first: 5) { nodes { replies(first: 10) { nodes { id } } recent(limit: 1) { id } } } }",
            "{ notes(first: 5) { nodes { replies(first: 10) { nodes { id } } recent(limit: 2) { id } } } }",
            "too_many_rows",
        ),
        (
            {"graphql_rows_max": 30, "graphql_list_rows": 5},
            '{ note(name: "1") { recent { recent { id } } } }'.replace("recent {", "recent(limit: 5) {"),
            '{ note(name: "1") { recent(limit: 5) { recent(limit: 6) { id } } } }',
            "too_many_rows",
        ),
        (
            {"graphql_values_max": 62},
            "{ notes(first: 20) { nodes { id text } } }",
            "{ notes(first: 21) { nodes { id text } } }",
            "too_many_values",
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
async def test_operation_within_its_bound_is_answered_and_above_it_refused(
    open_graph: Open, bound: dict[str, object], fits: str, exceeds: str, code: str
) -> None:
    graph = open_graph(**bound)
    assert "errors" not in await ask(graph, fits)
    refused = await ask(graph, exceeds)
    assert code_of(refused) == code
    message = refused["errors"][0]["message"]
    assert f"graphql.{next(iter(bound)).removeprefix('graphql_')}" in message
    assert refused["errors"][0]["extensions"]["status"] == 422


async def test_rows_are_counted_with_the_variables_that_were_sent(open_graph: Open) -> None:
    graph = open_graph(graphql_rows_max=100)
    query = "query($n: Int = 5) { notes(first: 10) { nodes { replies(first: $n) { nodes { id } } } } }"
    assert "errors" not in await ask(graph, query)
    assert "errors" not in await ask(graph, query, variables={"n": 9})
    assert code_of(await ask(graph, query, variables={"n": 10})) == "too_many_rows"
    assert code_of(await ask(graph, query, variables={"n": None})) == "too_many_rows"


async def test_same_field_asked_for_in_several_fragments_counts_once(open_graph: Open) -> None:
    graph = open_graph(graphql_rows_max=10)
    query = """{ ...A ...B notes(first: 10) { nodes { id } } }
    fragment A on Query { notes(first: 10) { nodes { id text } } }
    fragment B on Query { notes(first: 10) { nodes { text } pageInfo { endCursor } } }"""
    assert len((await ask(graph, query))["data"]["notes"]["nodes"]) == 10


async def test_body_above_its_bound_is_refused(open_graph: Open) -> None:
    graph = open_graph(graphql_request_bytes_max=1024)
    body = {"query": "query($d: JSON) { echo(data: $d) }", "variables": {"d": "x" * 1024}}
    answer = await graph.post("/graphql", json=body)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_operation_that_takes_too_long_is_stopped(open_graph: Open) -> None:
    graph = open_graph(graphql_operation_wait_s=0.05)
    refused = await ask(graph, "{ endless }")
    assert code_of(refused) == "operation_too_slow"
    assert (await graph.post("/graphql", json={"query": "{ endless }"}, headers=STRICT)).status_code == 503


def chain(levels: int, body: str) -> str:
    """Fragments each of which spreads the next one, as often as `body` says NEXT."""
    parts = [f"fragment F{level} on Note {{ {body.replace('NEXT', f'F{level + 1}')} }}" for level in range(levels)]
    return " ".join(['{ note(name: "1") { ...F0 } }', *parts, f"fragment F{levels} on Note {{ id }}"])


HOSTILE = {
    "deep": nested(199),
    "deeper": nested(10_000),
    "aliases": aliased(10_000),
    "aliases within the tokens": aliased(150),
    "one field a thousand times": '{ note(name: "1") { ' + "id " * 1900 + "} }",
    "one object hundreds of times": "{ " + 'note(name: "1") { id } ' * 200 + "}",
    "huge name": "{ " + "a" * 49_000 + " }",
    "huge string": '{ note(name: "' + "a" * 40_000 + '") { nothing } }',
    "comments": "#\n" * 20_000 + "{ echo }",
    "circle": "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
    "circle through a field": '{ note(name: "1") { ...A } } fragment A on Note { again { ...A } }',
    "bomb of spreads": chain(100, "...NEXT ...NEXT again { ...NEXT }"),
    "bomb of fields": chain(60, "again { ...NEXT } twin { ...NEXT }"),
    "bomb of aliases": chain(9, "a: again { ...NEXT } b: again { ...NEXT }"),
    "bomb of lists": chain(5, "recent(limit: 1000000) { ...NEXT }"),
    "bomb of pages": chain(3, "replies(first: 200) { nodes { ...NEXT } }"),
    "huge page": "{ notes(first: 2000000000) { nodes { id } } }",
    "no page": "{ notes(first: -2000000000) { nodes { id } } }",
    "number too large": "{ notes(first: 99999999999999999999) { nodes { id } } }",
    "unknown fields": '{ note(name: "1") { ' + " ".join(f"x{number}" for number in range(1500)) + " } }",
    "directives": "{ echo " + "@skip(if: false) " * 300 + "}",
    "variables": "query(" + " ".join(f"$v{number}: Int" for number in range(400)) + ") { echo }",
    "lists in lists": "{ echo(data: " + "[" * 190 + "]" * 190 + ") }",
    "introspection in itself": "{ __schema { types { " + "fields { type { " * 3 + "name" + " } }" * 3 + " } } }",
    "introspection many times": "{ "
    + " ".join(
        f"a{n}: __schema {{ types {{ name fields {{ name args {{ name }} type {{ name }} }} }} }}" for n in range(60)
    )
    + " }",
    "empty": "{ }",
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_query_is_refused_without_executing_it(graph: httpx.AsyncClient, name: str) -> None:
    answer = await graph.post("/graphql", json={"query": HOSTILE[name]}, headers=STRICT)
    body = answer.json()
    assert 200 <= answer.status_code < 500, body
    if answer.status_code == 200:
        assert name in {"bomb of spreads", "lists in lists", "no page", "empty"}
    assert len(answer.content) < 20_000


async def test_deep_variables_are_refused_or_read(graph: httpx.AsyncClient) -> None:
    deep: Any = []
    for _ in range(500):
        deep = [deep]
    content = json.dumps({"query": "query($d: JSON) { echo(data: $d) }", "variables": {"d": deep}})
    answer = await graph.post("/graphql", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code in {200, 400}


def test_queries_kept_in_memory_are_bounded() -> None:
    schema = build_schema([FEATURE])
    assert schema is not None
    documents = Documents(schema.core, GraphqlSettings.model_validate({"known_chars_max": 100}))
    for number in range(50):
        documents.prepare(Asked(query=f'{{ note(name: "{number}") {{ id }} }}'))
    assert sum(map(len, documents._known)) <= 100
    assert len(documents._known) == 3


# Callers


async def test_caller_must_be_known_where_keys_are_needed(open_graph: Open) -> None:
    graph = open_graph(keyless=False)
    for request in (
        graph.build_request("POST", "/graphql", json={"query": "{ tenant }"}),
        graph.build_request("GET", "/graphql", params={"query": "{ tenant }"}),
        graph.build_request("GET", "/graphql?"),
        graph.build_request("POST", "/graphql/schema.graphql"),
    ):
        answer = await graph.send(request)
        if request.url.query or request.method == "POST":
            assert (answer.status_code, answer.json()["code"]) == (401, "key_needed")
        else:
            assert answer.status_code == 400
    wrong = await graph.post("/graphql", json={"query": "{ tenant }"}, headers={"Authorization": "Bearer lw_wrong"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "key_refused")


@pytest.mark.parametrize(
    "headers", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}]
)
async def test_foreign_page_can_neither_ask_nor_change(graph: httpx.AsyncClient, headers: dict[str, str]) -> None:
    for query in ("{ tenant }", 'mutation { ring(text: "x") }'):
        answer = await graph.post("/graphql", json={"query": query}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")


async def test_key_asks_for_its_tenant_and_changes_only_with_the_scope(
    open_graph: Open, database: Database, tenant_id: UUID
) -> None:
    for scope, may_change in (("read", False), ("write", True), ("admin", True)):
        made = await create_key(database, tenant_id, name=scope, scopes=[scope])
        graph = open_graph(keyless=False, headers={"Authorization": f"Bearer {made.key}"})
        assert (await ask(graph, "{ tenant }"))["data"]["tenant"] == str(tenant_id)
        answer = await ask(graph, 'mutation { ring(text: "x") }')
        if may_change:
            assert answer == {"data": {"ring": 0}}
        else:
            assert code_of(answer) == "scope_missing"
            strict = await graph.post("/graphql", json={"query": 'mutation { ring(text: "x") }'}, headers=STRICT)
            assert strict.status_code == 403


# The layers around


async def test_repeated_change_has_one_effect_and_a_refusal_frees_the_key(graph: httpx.AsyncClient) -> None:
    name = uuid4().hex

    async def send(query: str, key: str) -> httpx.Response:
        return await graph.post("/graphql", json={"query": query}, headers={"Idempotency-Key": key})

    key = uuid4().hex
    first = await send(f'mutation {{ makeKey(name: "{name}") {{ text }} }}', key)
    again = await send(f'mutation {{ makeKey(name: "{name}") {{ text }} }}', key)
    assert first.json() == again.json() == {"data": {"makeKey": {"text": name}}}
    assert again.headers["idempotency-replayed"] == "true"
    assert (await send("{ echo }", key)).status_code == 422
    assert (await ask(graph, f'mutation {{ countKeys(name: "{name}") }}'))["data"]["countKeys"] == 1
    refused, after = uuid4().hex, uuid4().hex
    for _ in range(2):  # it did nothing, so it is tried again
        answer = await send("mutation { refuse { text } }", refused)
        assert "idempotency-replayed" not in answer.headers

    async def make_and_fail() -> httpx.Response:
        return await send(f'mutation {{ makeKey(name: "{name}", then: "fail") {{ text }} }}', after)

    answers = [await make_and_fail() for _ in range(2)]  # it did something and then failed: that is what came of it
    assert [one.json()["errors"][0]["extensions"]["code"] for one in answers] == ["note_refused"] * 2
    assert answers[1].headers["idempotency-replayed"] == "true"
    assert (await ask(graph, f'mutation {{ countKeys(name: "{name}") }}'))["data"]["countKeys"] == 2


async def test_query_by_post_needs_no_key_and_leaves_none(graph: httpx.AsyncClient) -> None:
    answer = await graph.post("/graphql", json={"query": "{ echo }"})
    assert answer.status_code == 200
    assert "idempotency-replayed" not in answer.headers
    assert "link" not in answer.headers


@pytest.mark.parametrize("media_type", ["application/json", RESPONSE])
async def test_long_answer_is_compressed(graph: httpx.AsyncClient, media_type: str) -> None:
    headers = {"Accept": media_type, "Accept-Encoding": "gzip"}
    answer = await graph.post(
        "/graphql", json={"query": "{ notes { nodes { id text } edges { cursor } } }"}, headers=headers
    )
    assert answer.headers["content-encoding"] == "gzip"
    assert len(answer.json()["data"]["notes"]["nodes"]) == 25


async def test_operations_are_told_apart_in_metrics_up_to_a_bound(open_graph: Open) -> None:
    graph = open_graph(graphql_names_max=2)
    for name in ("First", "Second", "Third"):
        await ask(graph, f"query {name} {{ echo }}")
    await ask(graph, "{ echo }")
    figures = (await graph.get("/metrics")).text
    for label in ("First", "Second", "other", "anonymous"):
        assert f'likewise_graphql_operation_seconds_count{{kind="query",operation="{label}",outcome="ok"}}' in figures
    assert 'operation="Third"' not in figures
    assert 'likewise_http_request_seconds_count{method="POST",route="/graphql",status="200"}' in figures
