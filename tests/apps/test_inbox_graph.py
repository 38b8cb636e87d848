"""The inbox in GraphQL tells what REST tells, page by page, within bounds, in few statements, to its tenant alone."""

import json
from collections.abc import AsyncIterator, Generator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import httpx
import pytest
from tests.apps.inbox_runs import settle

from likewise.app import list_features
from likewise.apps.inbox import MessageDraft, ingest_each
from likewise.apps.inbox.model import VisitorDraft
from likewise.http.asgi import build_asgi
from likewise.http.surface import Service
from likewise.platform.db import Database
from likewise.platform.feature import App
from likewise.platform.ids import encode_id, new_id
from likewise.platform.tenancy import create_key, create_tenant

TOPICS = (
    "my card has not arrived yet after {} days of waiting",
    "what exchange rate do you use for {} euros in dollars",
    "how do I change the {} on my account please",
    "the app crashes when I open page {} of my statement",
    "why was I charged a fee of {} for a transfer abroad",
    "can I have {} extra tickets for the show tonight",
)
CLUSTER = (
    "id label name words state messageCount answeredCount outlierCount trend firstSeenAt lastSeenAt isLocked"
    " answersLate actionId examples { id text visitorName }"
)
MESSAGE = (
    "id externalId channel text status visitorId visitorName avatar sentAt receivedAt clusterId similarity reason"
    " payload"
)
CHANGE = "id kind actor clusterId otherClusterId messageCount createdAt undoneAt"
ACTION = "id clusterId responseText answersLate actor messageCount createdAt leavesAt undoneAt"
CHANGED = f"{{ cluster {{ {CLUSTER} }} change {{ {CHANGE} }} }}"
GONE = encode_id("clu", UUID(int=7))
LONG = "x" * 201


class Graph:
    """A client of `/graphql`, and of its twins below `/api/v1/inbox`."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def send(self, query: str, **variables: object) -> httpx.Response:
        body = {"query": query, "variables": variables}
        accept = {"Accept": "application/graphql-response+json"}
        return await self.client.post("/graphql", json=body, headers=accept)

    async def ask(self, query: str, **variables: object) -> Any:
        answer = (await self.send(query, **variables)).json()
        assert "errors" not in answer, answer
        return answer["data"]

    async def refused(self, query: str, **variables: object) -> tuple[str, str]:
        """The code and the message of the one error."""
        answer = (await self.send(query, **variables)).json()
        [error] = answer["errors"]
        said = json.dumps(answer)
        assert error["extensions"]["request_id"].startswith("req_")
        assert not any(word in said for word in ("Traceback", "psycopg", "File \\", "select ", "strawberry")), said
        return error["extensions"]["code"], error["message"]

    async def rest(self, path: str, **query: Any) -> Any:
        answer = await self.client.get(f"/api/v1/inbox{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def do(self, method: str, path: str, body: object) -> Any:
        answer = await self.client.request(method, f"/api/v1/inbox{path}", json=body)
        assert answer.status_code in {200, 202}, answer.text
        return answer.json()

    async def clusters(self) -> list[dict[str, Any]]:
        return (await self.ask(f"{{ clusters {{ nodes {{ {CLUSTER} }} }} }}"))["clusters"]["nodes"]

    async def walk(self, field: str, row: str, *, first: int) -> list[dict[str, Any]]:
        """Every row of a connection, and that its pages say where they stand."""
        rows: list[dict[str, Any]] = []
        after: str | None = None
        while True:
            page = (
                f"edges {{ cursor node {{ {row} }} }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}"
            )
            query = f"query ($first: Int, $after: String) {{ {field.replace('PAGE', 'first: $first, after: $after')}"
            [found] = (await self.ask(f"{query} {{ {page} }} }}", first=first, after=after)).values()
            info, edges = found["pageInfo"], found["edges"]
            assert 0 < len(edges) <= first
            assert info["hasPreviousPage"] is (after is not None)
            assert (info["startCursor"], info["endCursor"]) == (edges[0]["cursor"], edges[-1]["cursor"])
            rows += [edge["node"] for edge in edges]
            if not info["hasNextPage"]:
                return rows
            assert len(edges) == first
            after = info["endCursor"]


@pytest.fixture
def asgi(app: App) -> Service:
    return build_asgi(app, list_features(), keyless=False)


async def graph_of(app: App, asgi: Service, tenant_id: UUID, *scopes: str) -> Graph:
    made = await create_key(app.db, tenant_id, name="test", scopes=scopes or ("read", "write"))
    headers = {"Authorization": f"Bearer {made.key}"}
    transport = httpx.ASGITransport(asgi)
    return Graph(httpx.AsyncClient(transport=transport, base_url="http://inbox.example", headers=headers))


@pytest.fixture
async def graph(app: App, asgi: Service, tenant_id: UUID) -> AsyncIterator[Graph]:
    made = await graph_of(app, asgi, tenant_id)
    async with made.client:
        yield made


@contextmanager
def statements(db: Database) -> Generator[list[str]]:
    """The names of the statements that are run meanwhile."""
    names: list[str] = []
    db.observe_statements(lambda name, _: names.append(name))
    try:
        yield names
    finally:
        db.observe_statements(lambda _name, _seconds: None)


async def fill(app: App, tenant_id: UUID, sizes: Sequence[int], *, visitors: int = 3) -> None:
    """So many messages of each topic, in their clusters."""
    drafts = [
        MessageDraft(
            text=TOPICS[topic].format(number),
            id=f"{topic}-{number}",
            visitor=VisitorDraft(id=f"v{number % visitors}", name=f"Visitor {number % visitors}"),
            payload={"topic": topic, "number": number},
        )
        for topic, size in enumerate(sizes)
        for number in range(size)
    ]
    outcomes = await ingest_each(app, tenant_id, drafts=drafts)
    assert all(not isinstance(outcome, Exception) for outcome in outcomes)
    await settle(app, tenant_id)


async def fill_singles(app: App, tenant_id: UUID, count: int) -> None:
    """So many clusters of one message each: nothing that they say is alike."""
    drafts = [
        MessageDraft(
            text=" ".join(f"{word}{number}x{number * 7}" for word in ("alpha", "gamma", "kappa")), id=str(number)
        )
        for number in range(count)
    ]
    await ingest_each(app, tenant_id, drafts=drafts)
    await settle(app, tenant_id)


def camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)


async def test_message_that_is_taken_in_is_the_one_rest_shows(app: App, graph: Graph, tenant_id: UUID) -> None:
    message = {
        "text": "where is my parcel",
        "id": "m1",
        "visitor": {"id": "ada", "name": "Ada Lovelace"},
        "sentAt": "2026-11-20T08:00:00Z",
        "payload": {"note": [1, 2.5, None, True]},
    }
    query = "mutation ($m: MessageInput!) { ingestMessage(message: $m) { id status isNew clusterId error } }"
    made = (await graph.ask(query, m=message))["ingestMessage"]
    assert (made["status"], made["isNew"], made["clusterId"], made["error"]) == ("pending", True, None, None)
    again = (await graph.ask(query, m=message))["ingestMessage"]
    assert (again["id"], again["isNew"]) == (made["id"], False)
    await settle(app, tenant_id)
    found = (await graph.ask(f"query ($id: ID!) {{ message(id: $id) {{ {MESSAGE} }} }}", id=made["id"]))["message"]
    twin = await graph.rest(f"/messages/{made['id']}")
    assert found["payload"] == twin["payload"] == message["payload"]
    assert (found["externalId"], found["visitorName"], found["sentAt"]) == ("m1", "Ada Lovelace", message["sentAt"])
    assert (found["text"], found["status"], found["clusterId"]) == (twin["text"], "grouped", twin["cluster"])
    assert (await graph.ask(query, m={**message, "id": "m2"}))["ingestMessage"]["status"] == "grouped"


async def test_each_of_many_messages_has_its_own_outcome(graph: Graph) -> None:
    messages: list[dict[str, object]] = [
        {"text": "what does it cost", "id": "a"},
        {"text": "   "},
        {"text": "what does it cost", "payload": [1, 2]},
        {"text": "another text", "id": "a"},
        {"text": "where do I go", "channel": "nowhere"},
        {"text": "what time is it", "id": "b"},
    ]
    query = "mutation ($m: [MessageInput!]!) { ingestMessages(messages: $m) { id status isNew error } }"
    found = (await graph.ask(query, m=messages))["ingestMessages"]
    assert [one["status"] for one in found] == ["pending", "rejected", "rejected", "rejected", "rejected", "pending"]
    assert ["the text is empty" in (one["error"] or "") for one in found].index(True) == 1
    assert "JSON object" in found[2]["error"]
    assert [
        one["externalId"] for one in (await graph.ask("{ messages { nodes { externalId } } }"))["messages"]["nodes"]
    ] == [
        "b",
        "a",
    ]
    assert (await graph.ask(query, m=[]))["ingestMessages"] == []


@pytest.mark.parametrize("order", ["SIZE", "NEWEST", "TREND"])
async def test_clusters_are_walked_to_the_end_without_gap_or_doubling(
    app: App, graph: Graph, tenant_id: UUID, order: str
) -> None:
    await fill(app, tenant_id, [5, 3, 3, 2, 2, 1])
    found = await graph.walk(f"clusters(orderBy: {order}, PAGE)", CLUSTER, first=2)
    twins = (await graph.rest("/clusters", order=order.lower()))["data"]
    assert [cluster["id"] for cluster in found] == [twin["id"] for twin in twins]
    assert len({cluster["id"] for cluster in found}) == len(found) >= 5
    for cluster, twin in zip(found, twins, strict=True):
        for name in ("label", "name", "words", "message_count", "answered_count", "is_locked", "answers_late"):
            assert cluster[camel(name)] == twin[name]
        assert cluster["state"] == twin["state"].upper()
        assert [one["text"] for one in cluster["examples"]] == [one["text"] for one in twin["examples"]]
    small = await graph.ask("{ clusters(sizeMin: 3) { nodes { messageCount } } }")
    assert all(cluster["messageCount"] >= 3 for cluster in small["clusters"]["nodes"])
    alone = (await graph.ask(f"query ($id: ID!) {{ cluster(id: $id) {{ {CLUSTER} }} }}", id=found[0]["id"]))["cluster"]
    assert {**alone, "trend": 0} == {**found[0], "trend": 0}


async def test_messages_are_walked_to_the_end_without_gap_or_doubling(app: App, graph: Graph, tenant_id: UUID) -> None:
    await fill(app, tenant_id, [7, 4])
    found = await graph.walk("messages(PAGE)", MESSAGE, first=3)
    twins = (await graph.rest("/messages"))["data"]
    assert [one["id"] for one in found] == [twin["id"] for twin in twins]
    assert len({one["id"] for one in found}) == 11
    visitor = found[0]["visitorId"]
    theirs = await graph.walk(f'messages(visitor: "{visitor}", PAGE)', "id visitorId", first=2)
    assert {one["id"] for one in theirs} == {one["id"] for one in found if one["visitorId"] == visitor}
    assert {one["visitorId"] for one in theirs} == {visitor}
    for cluster in await graph.clusters():
        inside = await graph.walk(f'messages(cluster: "{cluster["id"]}", PAGE)', "id clusterId payload", first=2)
        assert len(inside) == cluster["messageCount"]
        assert {one["clusterId"] for one in inside} == {cluster["id"]}
    assert len(await graph.walk('messages(channel: "api", PAGE)', "id", first=4)) == 11


async def change(graph: Graph, what: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a change makes of its cluster, which REST tells as well, and the change."""
    [done] = (await graph.ask(f"mutation {{ {what} {CHANGED} }}")).values()
    cluster = done["cluster"]
    twin = await graph.rest(f"/clusters/{cluster['id']}")
    for name in ("label", "name", "message_count", "is_locked", "answers_late"):
        assert cluster[camel(name)] == twin[name]
    assert cluster["state"] == twin["state"].upper()
    return cluster, done["change"]


async def undo(graph: Graph, made: dict[str, Any]) -> None:
    query = f'mutation {{ undoChange(change: "{made["id"]}") {{ {CHANGE} }} }}'
    done = (await graph.ask(query))["undoChange"]
    assert done["undoneAt"] is not None
    assert {**done, "undoneAt": None} == made
    assert (await graph.refused(query))[0] == "change_not_undoable"


async def test_cluster_is_named_locked_and_put_away_and_each_is_undone(app: App, graph: Graph, tenant_id: UUID) -> None:
    await fill(app, tenant_id, [4, 3])
    one, two = [cluster["id"] for cluster in await graph.clusters()][:2]
    cluster, renamed = await change(graph, f'renameCluster(cluster: "{one}", name: "Cards")')
    assert (cluster["label"], cluster["name"], renamed["kind"]) == ("Cards", "Cards", "rename")
    await undo(graph, renamed)
    assert (await graph.rest(f"/clusters/{one}"))["name"] is None

    cluster, locked = await change(graph, f'lockCluster(cluster: "{one}")')
    assert cluster["isLocked"]
    into_locked = f'mutation {{ mergeClusters(cluster: "{two}", into: "{one}") {CHANGED} }}'
    assert (await graph.refused(into_locked))[0] == "cluster_is_locked"
    await undo(graph, locked)
    assert not (await graph.rest(f"/clusters/{one}"))["is_locked"]

    cluster, archived = await change(graph, f'archiveCluster(cluster: "{one}")')
    assert (cluster["state"], archived["kind"]) == ("ARCHIVED", "archive")
    assert one not in {found["id"] for found in await graph.clusters()}
    away = await graph.ask("{ clusters(state: ARCHIVED) { nodes { id } } }")
    assert [found["id"] for found in away["clusters"]["nodes"]] == [one]
    cluster, _ = await change(graph, f'reopenCluster(cluster: "{one}")')
    assert cluster["state"] == "OPEN"
    too_late = f'mutation {{ undoChange(change: "{archived["id"]}") {{ id }} }}'
    assert (await graph.refused(too_late))[0] == "change_not_undoable"


async def test_messages_are_merged_removed_and_moved_and_each_is_undone(
    app: App, graph: Graph, tenant_id: UUID
) -> None:
    await fill(app, tenant_id, [4, 3])
    before = await graph.clusters()
    one, two = before[0], before[1]
    inside = [message["id"] for message in (await graph.rest(f"/clusters/{one['id']}/messages"))["data"]]

    cluster, merged = await change(graph, f'mergeClusters(cluster: "{two["id"]}", into: "{one["id"]}")')
    assert cluster["messageCount"] == one["messageCount"] + two["messageCount"]
    assert (merged["kind"], merged["clusterId"], merged["otherClusterId"]) == ("merge", two["id"], one["id"])
    await undo(graph, merged)

    cluster, removed = await change(graph, f'removeMessage(message: "{inside[0]}")')
    assert (cluster["messageCount"], removed["kind"]) == (1, "remove")
    assert (await graph.rest(f"/messages/{inside[0]}"))["cluster"] == cluster["id"]
    alone = f'mutation {{ removeMessage(message: "{inside[0]}") {CHANGED} }}'
    assert (await graph.refused(alone))[0] == "message_stands_alone"
    await undo(graph, removed)

    moving = f'cluster: "{one["id"]}", messages: ["{inside[1]}"]'
    cluster, moved = await change(graph, f'moveMessages({moving}, into: "{two["id"]}")')
    assert (cluster["id"], cluster["messageCount"], moved["kind"]) == (two["id"], two["messageCount"] + 1, "move")
    await undo(graph, moved)
    cluster, split = await change(graph, f"moveMessages({moving})")
    assert (cluster["messageCount"], split["kind"]) == (1, "split")
    await undo(graph, split)
    counts = {cluster["id"]: cluster["messageCount"] for cluster in await graph.clusters()}
    assert counts == {cluster["id"]: cluster["messageCount"] for cluster in before}

    walked = await graph.walk("changes(PAGE)", CHANGE, first=3)
    assert [found["id"] for found in walked] == [twin["id"] for twin in (await graph.rest("/changes"))["data"]]
    assert [found["kind"] for found in walked] == ["split", "move", "remove", "merge"]
    mine = await graph.walk(f'changes(cluster: "{one["id"]}", PAGE)', CHANGE, first=2)
    twins = (await graph.rest("/changes", cluster=one["id"]))["data"]
    assert [found["id"] for found in mine] == [twin["id"] for twin in twins]
    assert [found["kind"] for found in mine] == ["split", "move", "remove"]


async def test_cluster_is_answered_as_it_was_previewed_and_taken_back(app: App, graph: Graph, tenant_id: UUID) -> None:
    await fill(app, tenant_id, [4])
    [cluster] = await graph.clusters()
    text = "Hello {{first_name|there}}, it is on its way"
    left_out = (await graph.rest(f"/clusters/{cluster['id']}/messages"))["data"][0]["id"]
    preview = await graph.ask(
        "query ($c: ID!, $t: String!, $x: [ID!]) { previewAnswer(cluster: $c, responseText: $t, exceptions: $x,"
        " limit: 2) { messageCount replies { messageId visitorName messageText text } } }",
        c=cluster["id"],
        t=text,
        x=[left_out],
    )
    assert preview["previewAnswer"]["messageCount"] == 3
    replies = preview["previewAnswer"]["replies"]
    assert len(replies) == 2
    assert all(one["text"] == "Hello Visitor, it is on its way" and one["messageId"] != left_out for one in replies)
    answer = (
        "mutation ($c: ID!, $t: String!, $x: [ID!], $n: Int) { actionCluster(cluster: $c, responseText: $t,"
        f" exceptions: $x, expectedCount: $n) {{ {ACTION} }} }}"
    )
    asked = {"c": cluster["id"], "t": text, "x": [left_out]}
    assert (await graph.refused(answer, **asked, n=4))[0] == "cluster_grew_meanwhile"
    action = (await graph.ask(answer, **asked, n=3))["actionCluster"]
    twin = await graph.rest(f"/actions/{action['id']}")
    assert (action["messageCount"], action["actor"]) == (twin["message_count"], twin["actor"])
    assert twin["deliveries"] == {"ready": 3}
    assert (await graph.refused(answer, **asked))[0] == "cluster_answered"
    [answered] = (await graph.ask(f"{{ clusters(state: ACTIONED) {{ nodes {{ {CLUSTER} }} }} }}"))["clusters"]["nodes"]
    assert (answered["answeredCount"], answered["actionId"]) == (3, action["id"])
    undo = "mutation ($a: ID!) { undoAction(action: $a) { id undoneAt } }"
    assert (await graph.ask(undo, a=action["id"]))["undoAction"]["undoneAt"] is not None
    assert (await graph.refused(undo, a=action["id"]))[0] == "action_not_undoable"
    [again] = await graph.clusters()
    assert (again["state"], again["answeredCount"]) == ("OPEN", 0)


async def test_search_finds_clusters_in_every_state(app: App, graph: Graph, tenant_id: UUID) -> None:
    await fill(app, tenant_id, [3, 2])
    first = (await graph.clusters())[0]
    await graph.do("PATCH", f"/clusters/{first['id']}", {"state": "archived"})
    found = (await graph.ask('{ searchClusters(text: "card has not arrived") { id state } }'))["searchClusters"]
    twins = (await graph.rest("/clusters", query="card has not arrived"))["data"]
    assert [one["id"] for one in found] == [twin["id"] for twin in twins]
    assert first["id"] in {one["id"] for one in found if one["state"] == "ARCHIVED"}
    assert len((await graph.ask('{ searchClusters(text: "card", limit: 1) { id } }'))["searchClusters"]) == 1


@pytest.mark.parametrize(
    ("query", "code", "cure"),
    [
        ('{ cluster(id: "clu_x") { id } }', "id_malformed", "it reads clu_ and 26 digits"),
        ('{ message(id: "nonsense") { id } }', "id_malformed", "it reads msg_ and 26 digits"),
        (f'{{ cluster(id: "{GONE}") {{ id }} }}', "cluster_not_found", "inbox/changes tells"),
        (f'{{ messages(cluster: "{GONE}") {{ nodes {{ id }} }} }}', "cluster_not_found", "inbox/changes tells"),
        (f'{{ message(id: "{encode_id("msg", UUID(int=1))}") {{ id }} }}', "message_not_found", "inbox/archives tells"),
        ('{ messages(channel: "nowhere") { nodes { id } } }', "channel_not_found", "inbox channels create"),
        (f'{{ messages(cluster: "{GONE}", channel: "api") {{ nodes {{ id }} }} }}', "messages_of_both", "not for both"),
        ("{ clusters(first: 0) { nodes { id } } }", "page_refused", "1 to 200 rows"),
        ("{ clusters(first: 201) { nodes { id } } }", "page_refused", "1 to 200 rows"),
        ("{ clusters(sizeMin: 0) { nodes { id } } }", "number_refused", "`sizeMin` is 1 to"),
        ('{ searchClusters(text: "x", limit: 101) { id } }', "number_refused", "`limit` is 1 to 100"),
        ('{ searchClusters(text: "") { id } }', "question_refused", "1 to 4000 characters"),
        ('{ clusters(after: "made up") { nodes { id } } }', "cursor_refused", "Start again without `after`"),
        ("{ clusters(state: LOST) { nodes { id } } }", "query_invalid", "does not exist in 'ClusterState'"),
        ("{ clusters { nodes { lable } } }", "query_invalid", "Did you mean 'label'"),
        (f'mutation {{ mergeClusters(cluster: "{GONE}", into: "{GONE}") {CHANGED} }}', "cluster_not_other", "`into`"),
        (f'mutation {{ renameCluster(cluster: "{GONE}", name: "{LONG}") {CHANGED} }}', "name_too_long", "shorter"),
        (f'mutation {{ lockCluster(cluster: "{GONE}") {CHANGED} }}', "cluster_not_found", "inbox/changes"),
        (f'mutation {{ undoChange(change: "chg{GONE[3:]}") {{ id }} }}', "change_not_found", "no change"),
        (f'mutation {{ undoAction(action: "act{GONE[3:]}") {{ id }} }}', "action_not_found", "no answer"),
        ('mutation { ingestMessage(message: {text: " "}) { id } }', "message_refused", "the text is empty"),
        ('mutation { ingestMessage(message: {text: "a", payload: "b"}) { id } }', "message_refused", "JSON object"),
        ('mutation { ingestMessage(message: {text: "a", id: ""}) { id } }', "message_key_refused", "1 to 500 bytes"),
        ('mutation { ingestMessage(message: {text: "a", sentAt: "now"}) { id } }', "query_invalid", "2026-11-21T08"),
    ],
)
async def test_error_has_a_code_and_says_what_to_do(graph: Graph, query: str, code: str, cure: str) -> None:
    found, message = await graph.refused(query)
    assert found == code
    assert cure in message


def times(count: int, field: str) -> str:
    """The same field under so many names."""
    return "{ " + " ".join(f"a{number}: {field}" for number in range(count)) + " }"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        (times(31, "clusters(first: 1) { nodes { id } }"), "too_many_aliases"),
        (times(26, "messages(first: 200) { nodes { id } }"), "too_many_rows"),
        (times(8, f"messages(first: 200) {{ nodes {{ {MESSAGE} }} }}"), "too_many_values"),
        ("{ clusters { nodes { " + "id " * 2_000 + "} } }", "too_many_tokens"),
        ("{ clusters { nodes { id } } } # " + "x" * 50_001, "query_too_long"),
        ("mutation " + times(11, 'ingestMessage(message: {text: "x"}) { id }'), "too_many_changes"),
    ],
    ids=["aliases", "rows", "values", "tokens", "length", "changes"],
)
async def test_operation_that_asks_for_too_much_is_refused_before_anything_is_read(
    app: App, graph: Graph, query: str, code: str
) -> None:
    await graph.ask("{ clusters { nodes { id } } }")
    with statements(app.db) as names:
        found, message = await graph.refused(query)
    assert found == code
    assert f"setting graphql.{code.removeprefix('too_many_').replace('query_too_long', 'query_chars')}_max" in message
    assert not [name for name in names if name.startswith("inbox.")]


async def test_page_takes_as_many_statements_as_a_single_row(app: App, graph: Graph, tenant_id: UUID) -> None:
    await fill_singles(app, tenant_id, 55)
    await graph.ask("{ clusters(first: 2) { nodes { id } } }")  # from here on it is known which collection it is

    async def asked(query: str) -> list[str]:
        await graph.do("POST", "/messages", {"text": f"one more {new_id()}"})  # what was kept of lists is stale now
        with statements(app.db) as names:
            [page] = (await graph.ask(query)).values()
        counts.append(len(page["nodes"]))
        return [name for name in names if name.startswith(("inbox.", "collections.", "clusters."))]

    counts: list[int] = []
    for field, row in (("clusters", CLUSTER), ("messages", MESSAGE)):
        one = await asked(f"{{ {field}(first: 1) {{ nodes {{ {row} }} }} }}")
        many = await asked(f"{{ {field}(first: 50) {{ nodes {{ {row} }} }} }}")
        assert sorted(many) == sorted(one)
        assert many.count(f"inbox.list_{field}") == 1
        assert len(many) <= 4, many
    assert counts == [1, 50, 1, 50]


async def test_another_tenant_sees_and_changes_nothing(app: App, graph: Graph, asgi: Service, tenant_id: UUID) -> None:
    await fill(app, tenant_id, [3])
    [cluster] = await graph.clusters()
    message = (await graph.rest("/messages"))["data"][0]["id"]
    cursor = (await graph.ask("{ messages(first: 1) { pageInfo { endCursor } } }"))["messages"]["pageInfo"]["endCursor"]
    other_id = (await create_tenant(app.db, name=encode_id("test", new_id()))).tenant_id
    other = await graph_of(app, asgi, other_id)
    async with other.client:
        assert await other.clusters() == []
        assert (await other.ask("{ messages { nodes { id } } }"))["messages"]["nodes"] == []
        for query, code in (
            (f'{{ cluster(id: "{cluster["id"]}") {{ id }} }}', "cluster_not_found"),
            (f'{{ message(id: "{message}") {{ id payload }} }}', "message_not_found"),
            (f'{{ messages(after: "{cursor}") {{ nodes {{ id }} }} }}', "cursor_refused"),
            (f'mutation {{ archiveCluster(cluster: "{cluster["id"]}") {{ change {{ id }} }} }}', "cluster_not_found"),
            (f'mutation {{ removeMessage(message: "{message}") {{ change {{ id }} }} }}', "message_not_found"),
        ):
            assert (await other.refused(query))[0] == code
    reader = await graph_of(app, asgi, tenant_id, "read")
    async with reader.client:
        assert await reader.clusters() == [cluster]
        refused = await reader.refused(
            f'mutation {{ archiveCluster(cluster: "{cluster["id"]}") {{ change {{ id }} }} }}'
        )
        assert refused[0] == "scope_missing"
    assert await graph.clusters() == [cluster]
