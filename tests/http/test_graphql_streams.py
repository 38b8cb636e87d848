"""Subscriptions over web sockets and events, on a real connection: who may, what ends them, that nothing piles up."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from typing import Any
from uuid import UUID

import httpx
import pytest
from tests.http.graph_feature import FEATURE, Bell, until, with_settings
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from likewise.http.asgi import build_asgi
from likewise.http.server import bind, serving, url_of
from likewise.platform.db import Database
from likewise.platform.feature import App
from likewise.platform.tenancy import DEFAULT_TENANT, create_key, revoke_key

PROTOCOL = "graphql-transport-ws"
EVENTS = {"Accept": "text/event-stream"}


class Served:
    """A server with the test's feature."""

    def __init__(self, app: App, url: str) -> None:
        self.app = app
        self.url = url
        self.bell = app.resource(Bell)

    @asynccontextmanager
    async def socket(
        self, *, key: str | None = None, init: dict[str, Any] | None = None, greet: bool = True, **options: Any
    ) -> AsyncGenerator["Talk"]:
        headers = dict(options.pop("headers", {}))
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        async with connect(
            self.url.replace("http", "ws") + "/graphql",
            subprotocols=options.pop("subprotocols", [PROTOCOL]),
            additional_headers=headers,
            **options,
        ) as connection:
            talk = Talk(connection)
            if greet:
                await talk.send("connection_init", payload=init)
                assert (await talk.hear())["type"] == "connection_ack"
            yield talk

    def client(self, *, key: str | None = None) -> httpx.AsyncClient:
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        return httpx.AsyncClient(base_url=self.url, headers=headers, timeout=20)


class Talk:
    """A client's side of a socket. It answers pings as the protocol asks, and does not mention them."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.pings = 0

    async def send(self, kind: str, **more: Any) -> None:
        await self.connection.send(json.dumps({"type": kind, **more}))

    async def subscribe(self, name: str, query: str, **more: Any) -> None:
        await self.send("subscribe", id=name, payload={"query": query, **more})

    async def hear(self) -> dict[str, Any]:
        async with asyncio.timeout(20):
            while True:
                message = json.loads(await self.connection.recv())
                if message["type"] != "ping":
                    return message
                self.pings += 1
                await self.send("pong")

    async def hear_all(self, name: str) -> list[dict[str, Any]]:
        """What an operation is answered, to its last word."""
        heard: list[dict[str, Any]] = []
        while not heard or heard[-1]["type"] == "next":
            message = await self.hear()
            assert message["id"] == name
            heard.append(message)
        return heard

    async def end(self) -> tuple[int, str]:
        """Why the server closed."""
        with suppress(ConnectionClosed):
            while True:
                await self.hear()
        await self.connection.wait_closed()
        return self.connection.close_code or 0, self.connection.close_reason or ""


Serve = Callable[..., AbstractAsyncContextManager[Served]]


@pytest.fixture
def serve(app: App) -> Serve:
    @asynccontextmanager
    async def start(*, keyless: bool = True, **flags: object) -> AsyncGenerator[Served]:
        made = with_settings(app, Bell(), **flags)
        listening = bind("127.0.0.1", 0, backlog=1024)
        asgi = build_asgi(made, [FEATURE], keyless=keyless)
        async with serving(made, asgi, listening):
            yield Served(made, url_of(listening))

    return start


@pytest.fixture
async def served(serve: Serve) -> AsyncIterator[Served]:
    async with serve() as found:
        yield found


async def events_of(answer: httpx.Response) -> AsyncIterator[tuple[str, dict[str, Any] | None]]:
    kind = ""
    async for line in answer.aiter_lines():
        name, _, value = line.partition(":")
        if name == "event":
            kind = value.strip()
        elif name == "data":
            yield kind, json.loads(value) if value.strip() else None


# Web sockets


async def test_socket_carries_operations_of_every_kind_side_by_side(served: Served) -> None:
    async with served.socket() as talk:
        assert talk.connection.subprotocol == PROTOCOL
        await talk.subscribe("rings", "subscription { rings { text } }")
        await served.bell.is_heard.wait()
        await talk.subscribe("count", "subscription($to: Int!) { count(to: $to) }", variables={"to": 2})
        heard = await talk.hear_all("count")
        assert [one["payload"] for one in heard[:-1]] == [{"data": {"count": 0}}, {"data": {"count": 1}}]
        assert heard[-1] == {"type": "complete", "id": "count"}
        await talk.subscribe("ask", 'query A { echo } query B { note(name: "1") { id } }', operationName="B")
        assert (await talk.hear())["payload"] == {"data": {"note": {"id": "note_1"}}}
        assert await talk.hear() == {"type": "complete", "id": "ask"}
        await talk.subscribe("ask", 'mutation { ring(text: "hello") }')
        heard = [await talk.hear() for _ in range(3)]
        assert {"type": "next", "id": "rings", "payload": {"data": {"rings": {"text": "hello"}}}} in heard
        assert {"type": "next", "id": "ask", "payload": {"data": {"ring": 1}}} in heard


async def test_error_is_an_operations_last_word_and_the_socket_goes_on(served: Served) -> None:
    async with served.socket() as talk:
        for query, code in (
            ("subscription { nothing }", "query_invalid"),
            ("{", "query_invalid"),
            ("", "query_missing"),
            ("{ notes(first: 100000) { nodes { id } } }", "too_many_rows"),
        ):
            await talk.subscribe("same", query)
            message = await talk.hear()
            assert (message["type"], message["id"]) == ("error", "same")
            assert message["payload"][0]["extensions"]["code"] == code
        await talk.subscribe("same", "subscription { breaks(after: 1) }")
        first, broken, last = await talk.hear_all("same")
        assert first["payload"] == {"data": {"breaks": 0}}
        assert broken["payload"]["errors"][0]["extensions"]["code"] == "internal_error"
        assert "hunter2" not in json.dumps(broken)
        assert last["type"] == "complete"
        await talk.subscribe("same", "subscription { refused }")
        refused, _ = await talk.hear_all("same")
        assert refused["payload"]["errors"][0]["extensions"]["code"] == "note_refused"


async def test_client_that_has_enough_or_leaves_ends_what_it_followed(served: Served) -> None:
    async with served.socket() as talk:
        for name in ("one", "two"):
            await talk.subscribe(name, "subscription { rings { text } }")
        await until(lambda: served.bell.count() == 2)
        await talk.send("complete", id="one")
        await until(lambda: served.bell.count() == 1)
        await talk.send("complete", id="never begun")
        await talk.subscribe("one", "subscription { count(to: 0) }")  # its name is free again
        assert (await talk.hear_all("one"))[0]["type"] == "complete"
    await until(lambda: served.bell.count() == 0)
    async with served.socket() as talk:
        await talk.subscribe("one", "subscription { rings { text } }")
        await until(lambda: served.bell.count() == 1)
        talk.connection.transport.abort()
        await until(lambda: served.bell.count() == 0)


async def test_ping_is_answered(served: Served) -> None:
    async with served.socket(greet=False) as talk:
        await talk.send("ping", payload={"a": 1})
        assert (await talk.hear())["type"] == "pong"


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("{", 4400),
        ("[]", 4400),
        ('{"type": "unknown"}', 4400),
        ('{"type": "subscribe", "id": 7, "payload": {"query": "{ echo }"}}', 4400),
        ('{"type": "subscribe", "id": "", "payload": {"query": "{ echo }"}}', 4400),
        ('{"type": "connection_init", "payload": "x"}', 4400),
        ("[" * 100_000, 4400),
        (b"\x00", 4400),
        ("x" * 3000, 1009),
        ('{"type": "subscribe", "id": "a", "payload": {"query": "{ echo }"}}', 4401),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_message_against_the_protocol_closes_the_socket(serve: Serve, sent: str | bytes, code: int) -> None:
    async with (
        serve(graphql_request_bytes_max=2048 if len(sent) < 10_000 else 2**20) as served,
        served.socket(greet=False) as talk,
    ):
        await talk.connection.send(sent)
        assert (await talk.end())[0] == code


async def test_socket_is_greeted_once_and_each_operation_has_a_name_of_its_own(served: Served) -> None:
    async with served.socket() as talk:
        await talk.send("connection_init")
        assert (await talk.end())[0] == 4429
    async with served.socket() as talk:
        for _ in range(2):
            await talk.subscribe("same", "subscription { rings { text } }")
        assert (await talk.end())[0] == 4409
    async with served.socket(greet=False, subprotocols=["graphql-ws"]) as talk:
        assert (await talk.end())[0] == 4406


async def test_socket_that_says_nothing_is_closed(serve: Serve) -> None:
    async with serve(graphql_init_wait_s=0.05) as served, served.socket(greet=False) as talk:
        assert (await talk.end())[0] == 4408


async def test_client_that_answers_no_ping_is_cut_off_and_one_that_does_is_kept(serve: Serve) -> None:
    async with serve(graphql_ping_s=0.5) as served, served.socket() as talk, served.socket() as silent:
        await talk.subscribe("rings", "subscription { rings { text } }")
        hearing = asyncio.create_task(talk.hear())
        async with asyncio.timeout(20):
            await silent.connection.wait_closed()
        assert silent.connection.close_code == 4499
        await until(lambda: talk.pings >= 3)
        served.bell.ring(DEFAULT_TENANT, "still here")
        assert (await hearing)["payload"] == {"data": {"rings": {"text": "still here"}}}


# Who may


async def test_owner_needs_no_key_on_loopback_but_a_foreign_page_is_turned_away(served: Served) -> None:
    async with served.socket() as talk:
        await talk.subscribe("a", "{ tenant }")
        assert (await talk.hear())["payload"]["data"]["tenant"] == str(DEFAULT_TENANT)
    async with served.socket(headers={"Origin": served.url}) as talk:
        await talk.subscribe("a", "{ tenant }")
        assert (await talk.hear())["type"] == "next"
    for origin in ("https://evil.example", "null", "http://127.0.0.1:9"):
        with pytest.raises(InvalidStatus) as refused:
            async with served.socket(headers={"Origin": origin}):
                pass
        assert refused.value.response.status_code == 403
        assert json.loads(refused.value.response.body or b"{}")["code"] == "foreign_origin"


async def test_key_comes_in_the_header_or_with_the_greeting(serve: Serve, database: Database, tenant_id: UUID) -> None:
    made = await create_key(database, tenant_id, name="browser", scopes=["read"])
    async with serve(keyless=False) as served:
        ways: tuple[dict[str, Any], ...] = (
            {"key": made.key},
            {"init": {"authorization": f"Bearer {made.key}"}},
            {"init": {"Authorization": f"Bearer {made.key}"}, "headers": {"Origin": "https://app.example"}},
        )
        for way in ways:
            async with served.socket(**way) as talk:
                await talk.subscribe("a", "{ tenant }")
                assert (await talk.hear())["payload"]["data"]["tenant"] == str(tenant_id)
                await talk.hear()
                await talk.subscribe("a", 'mutation { ring(text: "x") }')
                refused = await talk.hear()
                assert (refused["type"], refused["payload"][0]["extensions"]["code"]) == ("error", "scope_missing")
                await talk.subscribe("a", "subscription { count(to: 1) }")
                assert (await talk.hear())["payload"]["data"]["count"] == 0


async def test_key_with_the_greeting_counts_for_more_than_being_on_loopback(
    served: Served, database: Database, tenant_id: UUID
) -> None:
    made = await create_key(database, tenant_id, name="browser", scopes=["read"])
    async with served.socket(init={"authorization": f"Bearer {made.key}"}) as talk:
        await talk.subscribe("a", "{ tenant }")
        assert (await talk.hear())["payload"]["data"]["tenant"] == str(tenant_id)


@pytest.mark.parametrize(
    "payload", [None, {}, {"authorization": "Bearer lw_wrong"}, {"authorization": "lw_x"}, {"authorization": 7}]
)
async def test_who_does_not_say_who_it_is_or_says_it_wrong_is_not_let_in(
    serve: Serve, payload: dict[str, Any] | None
) -> None:
    async with serve(keyless=False) as served:
        async with served.socket(greet=False) as talk:
            await talk.send("connection_init", payload=payload)
            code, reason = await talk.end()
            assert code == 4401
            assert "Bearer lw_" in reason
        with pytest.raises(InvalidStatus) as refused:
            async with served.socket(key="lw_wrong"):
                pass
        assert refused.value.response.status_code == 401


async def test_revoked_keys_streams_end(serve: Serve, database: Database, tenant_id: UUID) -> None:
    async with serve(keyless=False, http_key_check_s=0.05) as served:
        made = await create_key(database, tenant_id, name="short", scopes=["read"])
        kept = await create_key(database, tenant_id, name="long", scopes=["read"])
        query = "subscription { rings { text } }"
        async with AsyncExitStack() as stack:
            talks = [
                await stack.enter_async_context(served.socket(key=made.key)),
                await stack.enter_async_context(served.socket(init={"authorization": f"Bearer {made.key}"})),
            ]
            other = await stack.enter_async_context(served.socket(key=kept.key))
            for talk in (*talks, other):
                await talk.subscribe("a", query)
            client = await stack.enter_async_context(served.client(key=made.key))
            events = events_of(
                await stack.enter_async_context(
                    client.stream("POST", "/graphql", json={"query": query}, headers=EVENTS)
                )
            )
            await until(lambda: served.bell.count() == 4)
            await revoke_key(database, tenant_id, key_id=made.id)
            for talk in talks:
                assert (await talk.end())[0] == 4401
            kind, said = await anext(events)
            assert kind == "next"
            assert said is not None
            assert said["errors"][0]["extensions"]["code"] == "key_refused"
            assert [event async for event in events] == [("complete", None)]
            served.bell.ring(tenant_id, "for the other")
            assert (await other.hear())["payload"]["data"]["rings"]["text"] == "for the other"


async def test_each_operation_on_a_socket_counts_as_a_request_of_its_key(
    serve: Serve, database: Database, tenant_id: UUID
) -> None:
    made = await create_key(database, tenant_id, name="limited", scopes=["read"])
    async with serve(http_key_requests=3, http_key_burst=3) as served, served.socket(key=made.key) as talk:
        answers = []
        for number in range(3):
            await talk.subscribe(str(number), "{ echo }")
            answers.append((await talk.hear_all(str(number)))[0])
        assert [answer["type"] for answer in answers] == ["next", "next", "error"]
        assert answers[2]["payload"][0]["extensions"]["code"] == "rate_limited"
        assert answers[2]["payload"][0]["extensions"]["retry_after_s"] >= 1


# Bounds


async def test_operations_of_a_socket_and_subscriptions_of_a_tenant_are_bounded(
    serve: Serve, database: Database, tenant_id: UUID
) -> None:
    bounds = {
        "graphql_socket_operations_max": 3,
        "graphql_tenant_subscriptions_max": 2,
        "graphql_subscriptions_max": 3,
    }
    query = "subscription { rings { text } }"
    made = await create_key(database, tenant_id, name="one", scopes=["read"])
    async with serve(**bounds) as served, served.socket(key=made.key) as talk, served.socket() as other:

        async def refused(name: str, *, by: Talk) -> str:
            await by.subscribe(name, query)
            message = await by.hear()
            assert message["type"] == "error"
            return message["payload"][0]["extensions"]["code"]

        for name in ("a", "b"):
            await talk.subscribe(name, query)
        await until(lambda: served.bell.count() == 2)
        assert await refused("c", by=talk) == "tenant_streams_taken"
        await other.subscribe("a", query)
        await until(lambda: served.bell.count() == 3)
        assert await refused("b", by=other) == "streams_taken"
        await talk.subscribe("slow", "{ endless }")
        assert await refused("more", by=talk) == "too_many_operations"
        await talk.send("complete", id="a")
        await until(lambda: served.bell.count() == 2)
        await talk.subscribe("c", query)
        await until(lambda: served.bell.count() == 3)


async def test_sockets_and_event_streams_are_bounded_together(serve: Serve) -> None:
    body = {"query": "subscription { rings { text } }"}
    async with serve(http_streams_max=2) as served, served.client() as client:
        async with served.socket(), client.stream("POST", "/graphql", json=body, headers=EVENTS) as answer:
            assert answer.status_code == 200
            await until(lambda: served.bell.count() == 1)
            async with served.socket(greet=False) as talk:
                code, reason = await talk.end()
                assert (code, "http.streams_max" in reason) == (1013, True)
            refused = await client.post("/graphql", json=body, headers=EVENTS)
            assert (refused.status_code, refused.json()["code"]) == (503, "streams_taken")
            assert int(refused.headers["retry-after"]) > 0
        await until(lambda: served.bell.count() == 0)
        async with served.socket(), served.socket():
            pass


async def test_sockets_that_do_not_say_who_they_are_are_few_and_keep_nobody_else_out(
    serve: Serve, database: Database, tenant_id: UUID
) -> None:
    made = await create_key(database, tenant_id, name="reader", scopes=["read"])
    init = {"authorization": f"Bearer {made.key}"}
    async with (
        serve(keyless=False, graphql_unnamed_max=2) as served,
        served.socket(greet=False),
        served.socket(greet=False) as second,
    ):
        async with served.socket(greet=False) as third:
            code, reason = await third.end()
            assert (code, "graphql.unnamed_max" in reason) == (1013, True)
        async with served.socket(key=made.key):  # its handshake says it
            pass
        await second.send("connection_init", payload=init)
        assert (await second.hear())["type"] == "connection_ack"
        async with served.socket(init=init):
            pass


async def test_streams_keep_no_seat_from_those_who_ask(serve: Serve) -> None:
    body = {"query": "subscription { rings { text } }"}
    async with (
        serve(http_seats_max=1, http_queue_max=0) as served,
        served.client() as client,
        served.socket() as talk,
        client.stream("POST", "/graphql", json=body, headers=EVENTS),
    ):
        await talk.subscribe("a", body["query"])
        await until(lambda: served.bell.count() == 2)
        for _ in range(3):
            assert (await client.post("/graphql", json={"query": "{ echo }"})).status_code == 200
        await talk.subscribe("b", "{ echo }")
        assert (await talk.hear())["type"] == "next"


async def test_client_that_does_not_read_is_cut_off_before_its_answers_pile_up(serve: Serve) -> None:
    async with serve(http_send_wait_s=0.3) as served, served.client() as client:
        async with served.socket(max_queue=1) as talk:
            await talk.subscribe("a", "subscription { flood }")
            await until(lambda: len(served.bell.floods) == 1)
            talk.connection.transport.abort()
        body = {"query": "subscription { flood }"}
        async with client.stream("POST", "/graphql", json=body, headers=EVENTS):
            await until(lambda: len(served.bell.floods) == 2)
        assert all(1 < megabytes < 60 for megabytes in served.bell.floods)
        assert (await client.post("/graphql", json={"query": "{ echo }"})).status_code == 200


async def test_two_hundred_sockets_hear_the_same_and_are_closed_when_the_server_stops(serve: Serve) -> None:
    async with AsyncExitStack() as stack:
        async with serve() as served:
            talks = [await stack.enter_async_context(served.socket()) for _ in range(200)]
            for talk in talks:
                await talk.subscribe("rings", "subscription { rings { text } }")
            await until(lambda: served.bell.count() == 200)
            served.bell.ring(DEFAULT_TENANT, "to all")
            heard = await asyncio.gather(*(talk.hear() for talk in talks))
            assert [one["payload"]["data"]["rings"]["text"] for one in heard] == ["to all"] * 200
            async with served.client() as client:
                figures = (await client.get("/metrics")).text
                assert "likewise_http_streams 200.0" in figures
                assert "likewise_graphql_subscriptions 200.0" in figures
            ends = [asyncio.create_task(talk.end()) for talk in talks]
        assert {code for code, _ in await asyncio.gather(*ends)} == {1001}
        assert served.bell.count() == 0


# Server-sent events


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_subscription_comes_as_events(served: Served, method: str) -> None:
    query = {"query": "subscription($to: Int!) { count(to: $to) }"}
    sent: dict[str, Any] = (
        {"json": {**query, "variables": {"to": 2}}}
        if method == "POST"
        else {"params": {**query, "variables": '{"to": 2}'}}
    )
    async with served.client() as client, client.stream(method, "/graphql", headers=EVENTS, **sent) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        assert [event async for event in events_of(answer)] == [
            ("next", {"data": {"count": 0}}),
            ("next", {"data": {"count": 1}}),
            ("complete", None),
        ]


async def test_query_and_what_is_wrong_come_as_events_too(served: Served) -> None:
    async def events(query: str) -> list[tuple[str, dict[str, Any] | None]]:
        async with served.client() as client:
            answer = await client.post("/graphql", json={"query": query}, headers=EVENTS)
            return [event async for event in events_of(answer)]

    assert await events("{ echo }") == [("next", {"data": {"echo": {"at": None, "data": None}}}), ("complete", None)]
    for query, code in (("subscription { nothing }", "query_invalid"), ("subscription { refused }", "note_refused")):
        (kind, said), last = await events(query)
        assert (kind, last) == ("next", ("complete", None))
        assert said is not None
        assert said["errors"][0]["extensions"]["code"] == code


async def test_subscription_without_a_way_for_events_is_refused(served: Served) -> None:
    async with served.client() as client:
        headers = {"Accept": "application/graphql-response+json"}
        answer = await client.post("/graphql", json={"query": "subscription { count(to: 1) }"}, headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (406, "events_needed")


async def test_events_show_signs_of_life_and_end_when_the_client_leaves(serve: Serve) -> None:
    async with serve(http_heartbeat_s=0.02) as served, served.client() as client:
        body = {"query": "subscription { rings { text } }"}
        async with client.stream("POST", "/graphql", json=body, headers=EVENTS) as answer:
            lines = answer.aiter_lines()
            alive = [line async for line in _first(lines, 3)]
            assert alive == [": still here"] * 3
            await until(lambda: served.bell.count() == 1)
        await until(lambda: served.bell.count() == 0)


async def _first(lines: AsyncIterator[str], count: int) -> AsyncIterator[str]:
    async for line in lines:
        if line:
            count -= 1
            yield line
        if not count:
            return


async def test_events_end_without_complete_when_the_server_stops(serve: Serve) -> None:
    async with AsyncExitStack() as stack:
        async with serve() as served:
            client = await stack.enter_async_context(served.client())
            body = {"query": "subscription { rings { text } }"}
            answer = await stack.enter_async_context(client.stream("POST", "/graphql", json=body, headers=EVENTS))
            await until(lambda: served.bell.count() == 1)
            rest = asyncio.create_task(_all(events_of(answer)))
        assert await rest == []


async def _all(events: AsyncIterator[Any]) -> list[Any]:
    return [event async for event in events]


async def test_events_come_at_once_though_an_idempotency_key_was_sent(served: Served) -> None:
    async with served.client() as client:
        body = {"query": "subscription { rings { text } }"}
        for _ in range(2):
            headers = {**EVENTS, "Idempotency-Key": "follow"}
            async with client.stream("POST", "/graphql", json=body, headers=headers) as answer:
                await until(lambda: served.bell.count() == 1)
                served.bell.ring(DEFAULT_TENANT, "now")
                assert await anext(events_of(answer)) == ("next", {"data": {"rings": {"text": "now"}}})
            await until(lambda: served.bell.count() == 0)


async def test_socket_elsewhere_is_turned_away(served: Served) -> None:
    for path in ("/nothing", "/api/v1/operations", "/"):
        with pytest.raises(InvalidStatus):
            async with connect(served.url.replace("http", "ws") + path, subprotocols=[PROTOCOL]):  # type: ignore[list-item]
                pass
