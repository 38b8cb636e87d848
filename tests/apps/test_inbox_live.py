"""The inbox as it happens, by events and by web sockets: heard at once, resumed without loss, never at others' cost."""

import asyncio
import copy
import json
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import httpx
import pytest
from tests.apps.inbox_runs import FAST, settle
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from likewise.app import Server, list_features, open_app
from likewise.apps.inbox import ClusterMarked, DeliveriesEnded, MessagesReceived, VisitorSeen, store
from likewise.apps.inbox.model import COLLECTION
from likewise.engine.collections import remove_items
from likewise.http.asgi import build_asgi
from likewise.http.server import bind, serving, url_of
from likewise.platform.config import Settings
from likewise.platform.events import Followings, publish
from likewise.platform.feature import App
from likewise.platform.ids import decode_id, encode_id, new_id
from likewise.platform.telemetry import METRICS
from likewise.platform.tenancy import create_key, create_tenant, revoke_key

PATIENCE_S = 60
QUEUE_MAX = 40
MANY = 500
NARROW_BYTES = 8_192
PATH = "/api/v1/inbox/events"
PROTOCOL = Subprotocol("graphql-transport-ws")
MESSAGES = "subscription { messagesReceived { isGap messages { id text channel status } } }"
CLUSTERS = "subscription { clustersChanged { isGap goneIds clusters { id name state messageCount answeredCount } } }"


class Told(NamedTuple):
    """What a client makes of one event; a sign of life has no name."""

    event: str | None
    id: str | None
    data: Any


class Talk:
    """A client's side of a web socket, with subscriptions that have begun."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def send(self, kind: str, **more: Any) -> None:
        await self.connection.send(json.dumps({"type": kind, **more}))

    async def hear(self) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                message = json.loads(await self.connection.recv())
                if message["type"] != "ping":
                    return message
                await self.send("pong")

    async def subscribe(self, query: str, name: str = "s") -> None:
        """Begin to follow; the first answer says that from here on nothing is missed."""
        await self.send("subscribe", id=name, payload={"query": query})
        first = await self.news()
        assert first["isGap"], first

    async def news(self) -> dict[str, Any]:
        message = await self.hear()
        assert message["type"] == "next", message
        [news] = message["payload"]["data"].values()
        return news


class Served:
    """A server, and clients of one tenant with a key of theirs."""

    def __init__(self, app: App, url: str, tenant_id: UUID, key: str) -> None:
        self.app = app
        self.url = url
        self.tenant_id = tenant_id
        self.headers = {"Authorization": f"Bearer {key}"}
        limits = httpx.Limits(max_connections=None)
        self.client = httpx.AsyncClient(base_url=url, headers=self.headers, timeout=PATIENCE_S, limits=limits)

    async def do(self, method: str, path: str, body: object = None) -> Any:
        answer = await self.client.request(method, f"/api/v1/inbox{path}", json=body)
        assert answer.status_code in {200, 201, 202}, answer.text
        return answer.json()

    async def post(self, text: str) -> str:
        """A message comes in; its id."""
        return (await self.do("POST", "/messages", {"text": text}))["id"]

    async def settle(self) -> None:
        await settle(self.app, self.tenant_id)

    @asynccontextmanager
    async def events(self, after: str | None = None) -> AsyncGenerator[AsyncIterator[Told]]:
        """The events of a stream behind its first sign of life."""
        headers = {} if after is None else {"Last-Event-ID": after}
        async with asyncio.timeout(PATIENCE_S), self.client.stream("GET", PATH, headers=headers) as answer:
            assert answer.status_code == 200, await answer.aread()
            events = told(answer.aiter_lines())
            first = await anext(events)
            assert (first.event, first.id is None) == (None, False)
            yield events

    @asynccontextmanager
    async def socket(self, *queries: str, **options: Any) -> AsyncGenerator[Talk]:
        async with connect(
            self.url.replace("http", "ws") + "/graphql",
            subprotocols=[PROTOCOL],
            additional_headers=self.headers,
            open_timeout=PATIENCE_S,
            **options,
        ) as connection:
            talk = Talk(connection)
            await talk.send("connection_init")
            assert (await talk.hear())["type"] == "connection_ack"
            for query in queries:
                await talk.subscribe(query, query.split()[2])
            yield talk


Serve = Callable[..., AbstractAsyncContextManager[Served]]


async def told(lines: AsyncIterator[str]) -> AsyncIterator[Told]:
    """The events of a stream, as the standard has them read, and its signs of life."""
    fields: dict[str, str] = {}
    async for line in lines:
        name, _, value = line.partition(": ")
        if line:
            fields[name] = value
        else:
            data = json.loads(fields["data"]) if "data" in fields else None
            yield Told(fields.get("event"), fields.get("id"), data)
            fields = {}


async def named(events: AsyncIterator[Told], name: str) -> Told:
    """The next event of this name."""
    async for event in events:
        if event.event == name:
            return event
    raise AssertionError(f"the stream ended before {name!r}")


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            await asyncio.sleep(0.005)


def gauge(name: str) -> float:
    return METRICS.registry.get_sample_value(name) or 0.0


async def tell(served: Served, counts: Sequence[int]) -> list[list[UUID]]:
    """The log says at once that so many messages came in, event by event, and that clusters changed."""
    news = [[new_id() for _ in range(count)] for count in counts]
    async with served.app.db.tenant(served.tenant_id) as tx:
        await publish(tx, [MessagesReceived(ids) for ids in news])
        await publish(tx, [ClusterMarked(ids[0]) for ids in news])
    return news


async def remove(served: Served, message: str) -> None:
    """A message is deleted."""
    async with served.app.db.tenant(served.tenant_id) as tx:
        collection_id = await store.find_collection(tx, name=COLLECTION)
        assert collection_id is not None
        await remove_items(served.app, tx, collection_id=collection_id, item_ids=[decode_id("msg", message)])


@pytest.fixture(scope="module")
async def app(server: Server, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[App]:
    """The whole application; who lets more than a few events wait is told of a gap."""
    flags = {**FAST, "home": tmp_path_factory.mktemp("home"), "events_following_queue_max": QUEUE_MAX}
    async with open_app(Settings(flags, file=Path("/nonexistent/likewise.toml")), server=server) as opened:
        yield opened


@pytest.fixture
def serve(app: App, tenant_id: UUID) -> Serve:
    @asynccontextmanager
    async def start(*, of: UUID | None = None, is_narrow: bool = False, **flags: object) -> AsyncGenerator[Served]:
        made = copy.copy(app)
        whole = {"home": app.settings.home, "embedding_model": "fake", "http_key_burst": 10_000, **flags}
        made.settings = Settings(whole, file=Path("/nonexistent/likewise.toml"))
        listening = bind("127.0.0.1", 0, backlog=1024)
        if is_narrow:  # the system keeps little of what a client has not read
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, NARROW_BYTES)
        owner = of or tenant_id
        key = await create_key(app.db, owner, name="test", scopes=("read", "write"))
        service = build_asgi(made, list_features(), keyless=False)
        async with serving(made, service, listening):
            served = Served(app, url_of(listening), owner, key.key)
            async with served.client:
                yield served

    return start


@pytest.fixture
async def served(serve: Serve) -> AsyncIterator[Served]:
    async with serve() as found:
        yield found


# What is heard


async def test_stream_tells_of_messages_clusters_and_deliveries(served: Served) -> None:
    async with served.events() as events:
        ids = [await served.post(f"where is my parcel number {number}") for number in range(2)]
        assert [(await named(events, "messages")).data["ids"] for _ in ids] == [[one] for one in ids]
        await served.settle()
        grown = (await named(events, "clusters")).data["ids"]
        [cluster] = (await served.do("GET", "/clusters"))["data"]
        assert grown == [cluster["id"]]
        action = await served.do("POST", f"/clusters/{cluster['id']}/action", {"response_text": "Tomorrow"})
        assert (await named(events, "clusters")).data["ids"] == [cluster["id"]]
        [ready, _] = (await served.do("GET", f"/deliveries?action={action['id']}"))["data"]
        await served.do("POST", f"/deliveries/{ready['id']}/acknowledge", {})
        assert (await named(events, "deliveries")).data["ids"] == [action["id"]]


async def test_every_change_of_a_cluster_is_heard(served: Served) -> None:
    ids = [await served.post(f"where is my parcel number {number}") for number in range(3)]
    await served.settle()
    [cluster] = (await served.do("GET", "/clusters"))["data"]
    path = f"/clusters/{cluster['id']}"
    async with served.events() as events, served.socket(CLUSTERS) as talk:

        async def heard(**now: object) -> None:
            assert cluster["id"] in (await named(events, "clusters")).data["ids"]
            news = await talk.news()
            [found] = [one for one in news["clusters"] if one["id"] == cluster["id"]]
            assert found == {**found, **now}

        for patch, now in (
            ({"name": "Parcels"}, {"name": "Parcels"}),
            ({"is_locked": True}, {}),
            ({"is_locked": False}, {}),
            ({"state": "archived"}, {"state": "ARCHIVED"}),
            ({"state": "open"}, {"state": "OPEN"}),
        ):
            await served.do("PATCH", path, patch)
            await heard(**now)
        [renamed] = [one for one in (await served.do("GET", "/changes"))["data"] if one["kind"] == "rename"]
        await served.do("POST", f"/changes/{renamed['id']}/undo", {})
        await heard(name=None)
        await served.do("POST", f"{path}/move", {"messages": ids[:1]})
        await heard(messageCount=2)
        await remove(served, ids[1])
        await heard(messageCount=1)
        await remove(served, ids[2])
        assert (await named(events, "clusters")).data["ids"] == [cluster["id"]]
        assert (await talk.news())["goneIds"] == [cluster["id"]]


async def test_subscriptions_deliver_what_rest_wrote(served: Served) -> None:
    await served.post("the first one makes the channel")
    await served.settle()
    await served.do("POST", "/channels", {"name": "shop"})
    only = 'subscription { messagesReceived(channel: "shop") { isGap messages { id channel } } }'
    async with served.socket(MESSAGES) as all_of_them, served.socket(only) as shop, served.socket(CLUSTERS) as clusters:
        first = await served.post("do you sell green tea")
        second = (await served.do("POST", "/messages", {"text": "do you ship to Norway", "channel": "shop"}))["id"]
        found = (await all_of_them.news())["messages"] + (await all_of_them.news())["messages"]
        assert [(one["id"], one["text"], one["channel"], one["status"]) for one in found] == [
            (first, "do you sell green tea", "api", "pending"),
            (second, "do you ship to Norway", "shop", "pending"),
        ]
        assert (await shop.news())["messages"] == [{"id": second, "channel": "shop"}]
        await served.settle()
        grown = (await clusters.news())["clusters"]
        twins = {one["id"]: one["message_count"] for one in (await served.do("GET", "/clusters"))["data"]}
        assert {one["id"]: one["messageCount"] for one in grown}.items() <= twins.items()
    async with served.socket() as talk:
        await talk.send("subscribe", id="x", payload={"query": only.replace("shop", "nowhere")})
        message = await talk.hear()
        assert message["payload"]["errors"][0]["extensions"]["code"] == "channel_not_found"


async def test_batch_comes_in_bounded_parts_and_whole(served: Served) -> None:
    messages = [{"text": f"message of its own kind {number}"} for number in range(600)]
    async with served.events() as events, served.socket(MESSAGES) as talk:
        found = await served.do("POST", "/messages:batch", {"messages": messages})
        wanted = {one["id"] for one in found["data"]}
        heard: set[str] = set()
        while heard != wanted:
            event = await named(events, "messages")
            assert len(event.data["ids"]) <= 500
            assert not heard & set(event.data["ids"])
            heard |= set(event.data["ids"])
        shown: set[str] = set()
        while shown != wanted:
            part = [one["id"] for one in (await talk.news())["messages"]]
            assert len(part) <= 200
            assert not shown & set(part)
            shown |= set(part)


async def test_another_tenant_hears_nothing(serve: Serve, app: App) -> None:
    other_id = (await create_tenant(app.db, name=encode_id("test", new_id()))).tenant_id
    async with (
        serve() as ours,
        serve(of=other_id) as theirs,
        theirs.events() as events,
        theirs.socket(MESSAGES, CLUSTERS) as talk,
    ):
        await ours.post("a secret of ours")
        await ours.settle()
        mine = await theirs.post("something of theirs")
        assert (await named(events, "messages")).data["ids"] == [mine]
        assert [one["id"] for one in (await talk.news())["messages"]] == [mine]


async def test_news_are_read_once_for_everybody_who_hears_them(served: Served) -> None:
    async with AsyncExitStack() as stack:
        talks = [await stack.enter_async_context(served.socket(MESSAGES)) for _ in range(20)]
        names: list[str] = []
        served.app.db.observe_statements(lambda name, _: names.append(name))
        try:
            wanted = await served.post("who is there")
            heard = await asyncio.gather(*(talk.news() for talk in talks))
        finally:
            served.app.db.observe_statements(lambda _name, _seconds: None)
        assert [[one["id"] for one in news["messages"]] for news in heard] == [[wanted]] * 20
        assert names.count("inbox.list_messages") == 1


# What is resumed


async def test_nothing_is_missed_from_the_first_sign_of_life_on(served: Served) -> None:
    for number in range(15):
        async with served.events() as events:
            wanted = await served.post(f"hello number {number}")
            assert (await named(events, "messages")).data["ids"] == [wanted]


async def test_stream_goes_on_behind_each_id_without_loss_and_without_doubling(served: Served) -> None:
    async with served.events() as events:
        for number in range(3):
            await served.post(f"where is my parcel number {number}")
        await served.settle()
        last = await served.post("the last of them")
        seen: list[Told] = []
        while not seen or last not in seen[-1].data["ids"]:
            seen.append(await anext(events))
    places = [place for place, event in enumerate(seen) if event.id is not None]
    assert places[-1] == len(seen) - 1
    for place in places[:-1]:
        async with served.events(after=seen[place].id) as events:
            again: list[Told] = []
            while ids_of(again) != ids_of(seen[place + 1 :]):
                again.append(await anext(events))
                assert ids_of(again) <= ids_of(seen[place + 1 :])


def ids_of(events: Sequence[Told]) -> set[tuple[str | None, str]]:
    """What events say together; news that were heard one by one may come as one."""
    return {(event.event, one) for event in events for one in event.data["ids"]}


async def test_only_the_last_of_what_comes_together_has_an_id(served: Served) -> None:
    """Who is cut off between them is told all of them again."""
    message, cluster, action = new_id(), new_id(), new_id()
    async with served.events() as events:
        async with served.app.db.tenant(served.tenant_id) as tx:
            await publish(tx, [MessagesReceived([message]), ClusterMarked(cluster), DeliveriesEnded([action])])
        heard = [await anext(events) for _ in range(3)]
    assert [event.event for event in heard] == ["messages", "clusters", "deliveries"]
    assert [event.id is None for event in heard] == [True, True, False]


async def test_id_that_is_none_of_this_tenants_is_a_gap_once(serve: Serve, app: App) -> None:
    other_id = (await create_tenant(app.db, name=encode_id("test", new_id()))).tenant_id
    async with serve() as ours, serve(of=other_id) as theirs:
        async with theirs.events() as events:
            await theirs.post("something of theirs")
            foreign = (await named(events, "messages")).id
        for unknown in (foreign, "made up"):
            async with ours.events(after=unknown) as events:
                gap = await named(events, "gap")
            assert gap.id is not None
            wanted = await ours.post("something of ours")
            async with ours.events(after=gap.id) as events:
                event = await anext(events)
                assert (event.event, event.data["ids"]) == ("messages", [wanted])


async def test_quiet_stream_says_how_far_it_has_come(serve: Serve) -> None:
    async with serve(http_heartbeat_s=0.02) as served, served.events() as events:
        first = await anext(events)
        async with served.app.db.tenant(served.tenant_id) as tx:  # what happens is none of the inbox's
            await publish(tx, [VisitorSeen(new_id())])
        while (later := await anext(events)).id == first.id:
            assert later.event is None
        assert later.id is not None


# What ends it


async def test_client_that_reads_too_late_is_told_of_a_gap_and_goes_on(serve: Serve) -> None:
    """What waits for it is bounded; it loses what it let wait, and hears of it. Who reads hears everything."""
    async with serve(is_narrow=True) as served, slow_reader(served) as reader, served.events() as events:
        for _ in range(80):
            sent = [encode_id("msg", one) for ids in await tell(served, [80] * (QUEUE_MAX // 2)) for one in ids]
            heard: list[str] = []
            while len(heard) < len(sent):
                heard += (await named(events, "messages")).data["ids"]
            assert heard == sent
        late = told(reader.lines())
        assert (await named(late, "gap")).id is not None
        again = await served.post("where were you")
        while again not in (await named(late, "messages")).data["ids"]:
            pass


async def test_client_that_does_not_read_is_cut_off_and_others_are_not(serve: Serve) -> None:
    async with (
        serve(is_narrow=True, http_send_wait_s=0.3) as served,
        slow_reader(served),
        narrow_socket(served) as narrow,
        served.socket(CLUSTERS, sock=narrow, max_queue=1) as silent,
        served.events() as events,
        served.socket(CLUSTERS) as talk,
    ):
        silent.connection.transport.pause_reading()
        followings = served.app.resource(Followings)
        assert followings.count == 4

        async def read() -> None:
            async for _ in events:
                pass

        async def hear() -> None:
            while True:
                await talk.news()

        reading = [asyncio.create_task(read()), asyncio.create_task(hear())]
        async with asyncio.timeout(PATIENCE_S):
            while followings.count > 2:
                await tell(served, [80] * (QUEUE_MAX // 2))
        assert not any(task.done() for task in reading)
        await until(lambda: gauge("likewise_http_streams") == 2)
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)
        silent.connection.transport.abort()


async def test_subscription_that_is_dropped_leaves_nothing_behind(served: Served) -> None:
    followings = served.app.resource(Followings)
    await served.post("so that the inbox is there")
    tasks = len(asyncio.all_tasks())
    for _ in range(3):
        async with served.events(), served.socket(MESSAGES, CLUSTERS) as talk, slow_reader(served) as reader:
            await until(lambda: followings.count == 4)
            assert gauge("likewise_http_streams") == 3
            assert gauge("likewise_graphql_subscriptions") == 2
            talk.connection.transport.abort()
            reader.abort()
        async with served.socket(MESSAGES) as talk:
            await talk.send("complete", id=MESSAGES.split()[2])
            await until(lambda: followings.count == 0)
        await until(lambda: not gauge("likewise_http_streams") and not gauge("likewise_graphql_subscriptions"))
    await until(lambda: len(asyncio.all_tasks()) <= tasks + 2)  # the reader of the log and its bell end in their time


async def test_streams_of_a_revoked_key_end_and_others_go_on(serve: Serve, app: App, tenant_id: UUID) -> None:
    async with serve(http_key_check_s=0.05) as served, served.events() as kept:
        made = await create_key(app.db, tenant_id, name="short", scopes=("read",))
        short = Served(app, served.url, tenant_id, made.key)
        async with short.client, short.events() as events, short.socket(MESSAGES) as talk:
            wanted = await served.post("before")
            assert (await named(events, "messages")).data["ids"] == [wanted]
            assert [one["id"] for one in (await talk.news())["messages"]] == [wanted]
            await revoke_key(app.db, tenant_id, key_id=made.id)
            assert [event async for event in events if event.event is not None] == []
            with suppress(ConnectionClosed):
                while True:
                    await talk.hear()
            assert talk.connection.close_code == 4401
            assert (await short.client.get(PATH)).status_code == 401
        await named(kept, "messages")
        wanted = await served.post("after")
        assert (await named(kept, "messages")).data["ids"] == [wanted]


async def test_event_streams_and_web_sockets_share_one_bound(serve: Serve) -> None:
    async with serve(http_streams_max=3, http_tenant_streams_max=2) as served, served.events(), served.socket(MESSAGES):
        refused = await served.client.get(PATH)
        assert (refused.status_code, refused.json()["code"]) == (429, "tenant_streams_taken")
        assert "http.tenant_streams_max" in refused.json()["detail"]
        assert int(refused.headers["retry-after"]) > 0
        with pytest.raises(ConnectionClosed):
            async with served.socket():
                pass


async def test_a_thousand_hear_each_message(serve: Serve) -> None:
    async with serve(http_streams_max=1_200, http_tenant_streams_max=1_200) as served, AsyncExitStack() as stack:
        door = asyncio.Semaphore(32)

        async def open_stream() -> AsyncIterator[Told]:
            async with door:
                return await stack.enter_async_context(served.events())

        async def open_socket() -> Talk:
            async with door:
                return await stack.enter_async_context(served.socket(MESSAGES))

        streams = await asyncio.gather(*(open_stream() for _ in range(MANY)))
        sockets = await asyncio.gather(*(open_socket() for _ in range(MANY)))
        assert served.app.resource(Followings).count == 2 * MANY
        assert gauge("likewise_http_streams") == 2 * MANY
        for number in range(3):
            wanted = await served.post(f"to everybody, {number}")
            for event in await asyncio.gather(*(named(events, "messages") for events in streams)):
                assert event.data["ids"] == [wanted]
            for news in await asyncio.gather(*(talk.news() for talk in sockets)):
                assert [one["id"] for one in news["messages"]] == [wanted]
        assert (await served.client.get("/api/v1/inbox/clusters")).status_code == 200


class SlowReader:
    """A client that reads nothing of its stream until it is asked to, and whose system keeps little of it."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    async def lines(self) -> AsyncIterator[str]:
        """What it was sent, line by line, without the frames of the transport."""
        loop = asyncio.get_running_loop()
        parts = b""
        while part := await loop.sock_recv(self._connection, 2**20):
            parts += part
            *whole, parts = parts.split(b"\n")
            for line in whole:
                if not line.endswith(b"\r"):
                    yield line.decode()

    def abort(self) -> None:
        """Leave without a word."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        self._connection.close()


@asynccontextmanager
async def narrow_socket(served: Served) -> AsyncGenerator[socket.socket]:
    """A connection to the server for which the system keeps little."""
    url = httpx.URL(served.url)
    with socket.socket() as connection:
        connection.setblocking(False)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, NARROW_BYTES)
        await asyncio.get_running_loop().sock_connect(connection, (url.host, url.port))
        yield connection


@asynccontextmanager
async def slow_reader(served: Served) -> AsyncGenerator[SlowReader]:
    """A stream that has begun, and is not read on."""
    loop = asyncio.get_running_loop()
    async with narrow_socket(served) as connection:
        host = httpx.URL(served.url).netloc.decode()
        head = f"GET {PATH} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {served.headers['Authorization']}\r\n\r\n"
        await loop.sock_sendall(connection, head.encode())
        begun = b""
        while b"still here" not in begun:
            begun += await loop.sock_recv(connection, 512)
        yield SlowReader(connection)
