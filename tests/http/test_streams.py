"""Event streams: what happens in a tenant is heard at once, resumed where it broke off, and bounded."""

import asyncio
import copy
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, cast
from uuid import UUID

import httpx
import msgspec
import pytest
from litestar import get
from litestar.params import HeaderParameter
from litestar.response import Stream
from prometheus_client import Gauge

from likewise.app import list_features
from likewise.http.asgi import build_asgi
from likewise.http.server import bind, serving, url_of
from likewise.http.surface import Service
from likewise.platform.config import Settings
from likewise.platform.db import Database
from likewise.platform.errors import NotFound
from likewise.platform.events import Event, Followings, publish
from likewise.platform.feature import App, Feature
from likewise.platform.ids import new_id
from likewise.platform.places import Places, StreamsTaken, TenantStreamsTaken
from likewise.platform.streams import Sent, Streams
from likewise.platform.tenancy import Caller, create_key, revoke_key
from likewise.platform.web import readers

PATIENCE_S = 60
PATH = "/api/v1/chimes/events"


class ChimeRung(Event, frozen=True, tag="chimes.chime_rung"):
    """A fact of these tests."""

    number: int


class ChimeView(msgspec.Struct, frozen=True):
    """How it looks."""

    number: int


class Told(msgspec.Struct, frozen=True):
    """What a client makes of one event; without a name it is only an id."""

    event: str | None
    id: str | None
    data: Any


@get("/chimes/events", guards=[readers], operation_id="watch_chimes", media_type="text/event-stream")
async def watch(
    app: App,
    caller: Caller,
    streams: Streams,
    last_event_id: Annotated[str | None, HeaderParameter(name="Last-Event-ID")] = None,
) -> Stream:
    return await streams.follow(
        app.resource(Followings),
        caller.tenant_id,
        types=[ChimeRung],
        show=lambda event: ChimeView(event.number),
        last_event_id=last_event_id,
    )


@pytest.fixture
async def service(app: App) -> Service:
    return build_asgi(app, [*list_features(), Feature(name="chimes", routes=lambda: [watch])], keyless=True)


@pytest.fixture
async def wire(app: App, service: Service, database: Database, tenant_id: UUID) -> AsyncIterator[httpx.AsyncClient]:
    """A reader of a fresh tenant, over a real connection."""
    made = await create_key(database, tenant_id, name="test", scopes=("read",))
    headers = {"Authorization": f"Bearer {made.key}"}
    listening = bind("127.0.0.1", 0, backlog=128)
    async with (
        serving(app, service, listening),
        httpx.AsyncClient(base_url=url_of(listening), headers=headers) as connected,
    ):
        yield connected


async def ring(database: Database, tenant_id: UUID, *numbers: int) -> None:
    async with database.tenant(tenant_id) as tx:
        await publish(tx, [ChimeRung(number=number) for number in numbers])


async def told(lines: AsyncIterator[str]) -> AsyncIterator[Told]:
    """The events of a stream, as the standard has them read; comments are passed over."""
    fields: dict[str, str] = {}
    async for line in lines:
        name, _, value = line.partition(": ")
        if name:
            fields[name] = value
        elif line == "" and fields:
            data = msgspec.json.decode(fields["data"]) if "data" in fields else None
            if set(fields) - {""}:
                yield Told(fields.get("event"), fields.get("id"), data)
            fields = {}


@asynccontextmanager
async def listening_to(client: httpx.AsyncClient, after: str | None = None) -> AsyncGenerator[AsyncIterator[Told]]:
    headers = {} if after is None else {"Last-Event-ID": after}
    async with asyncio.timeout(PATIENCE_S), client.stream("GET", PATH, headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield told(answer.aiter_lines())


async def until_nobody_follows(app: App) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while app.resource(Followings).count:
            await asyncio.sleep(0.001)


async def test_stream_tells_what_happens_and_goes_on_after_the_last_id_seen(
    wire: httpx.AsyncClient, database: Database, tenant_id: UUID
) -> None:
    async with listening_to(wire) as events:
        start = await anext(events)
        await ring(database, tenant_id, 1, 2)
        first, second = await anext(events), await anext(events)
    assert (first.event, first.data, second.data) == ("chimes.chime_rung", {"number": 1}, {"number": 2})
    await ring(database, tenant_id, 3)
    for seen, missed in ((start, [1, 2, 3]), (first, [2, 3]), (second, [3])):
        async with listening_to(wire, after=seen.id) as events:
            assert (await anext(events)).id == seen.id
            assert [(await anext(events)).data["number"] for _ in missed] == missed


async def test_ids_are_good_for_their_own_tenant_alone_and_unknown_ones_give_a_gap(
    wire: httpx.AsyncClient, database: Database, tenant_id: UUID, other_tenant_id: UUID
) -> None:
    made = await create_key(database, other_tenant_id, name="test", scopes=("read",))
    async with listening_to(wire) as events:
        await ring(database, tenant_id, 1)
        await anext(events)
        seen = await anext(events)
    for after in (seen.id or "", "AAAA", "no id at all"):
        headers = {"Authorization": f"Bearer {made.key}", "Last-Event-ID": after}
        async with asyncio.timeout(PATIENCE_S), wire.stream("GET", PATH, headers=headers) as answer:
            events = told(answer.aiter_lines())
            assert (await anext(events)).event is None
            assert (await anext(events)).event == "gap"
            await ring(database, other_tenant_id, 7)
            assert (await anext(events)).data == {"number": 7}


async def test_client_that_closes_its_connection_is_gone_at_once(
    app: App, wire: httpx.AsyncClient, database: Database, tenant_id: UUID
) -> None:
    async with listening_to(wire) as events:
        await anext(events)
        assert app.resource(Followings).count == 1
    await until_nobody_follows(app)
    await ring(database, tenant_id, 1)
    async with listening_to(wire) as events:
        await anext(events)
        assert app.resource(Followings).count == 1
    await until_nobody_follows(app)


async def test_streams_end_when_the_server_stops(
    app: App, wire: httpx.AsyncClient, service: Service, database: Database, tenant_id: UUID
) -> None:
    async with listening_to(wire) as events:
        await anext(events)
        await ring(database, tenant_id, 1)
        assert (await anext(events)).data == {"number": 1}
        service.stopping.set()
        assert [event async for event in events] == []
    await until_nobody_follows(app)


async def test_streams_of_a_revoked_key_end(app: App, database: Database, tenant_id: UUID) -> None:
    watchful = copy.copy(app)
    watchful.settings = Settings(
        {"home": app.settings.home, "embedding_model": "fake", "http_key_check_s": 0.02},
        file=Path("/nonexistent/likewise.toml"),
    )
    service = build_asgi(watchful, [*list_features(), Feature(name="chimes", routes=lambda: [watch])], keyless=False)
    made = await create_key(database, tenant_id, name="short", scopes=("read",))
    listening = bind("127.0.0.1", 0, backlog=128)
    async with (
        serving(watchful, service, listening),
        httpx.AsyncClient(base_url=url_of(listening), headers={"Authorization": f"Bearer {made.key}"}) as client,
    ):
        async with listening_to(client) as events:
            await anext(events)
            await ring(database, tenant_id, 1)
            assert (await anext(events)).data == {"number": 1}
            await revoke_key(database, tenant_id, key_id=made.id)
            assert [event async for event in events] == []
        assert (await client.get(PATH)).status_code == 401
    await until_nobody_follows(app)


async def test_many_streams_hold_no_connection_and_no_seat(
    wire: httpx.AsyncClient, database: Database, tenant_id: UUID
) -> None:
    """More than there are seats and connections in the pools together."""
    arrived = asyncio.Semaphore(0)

    async def listen() -> int:
        async with listening_to(wire) as events:
            await anext(events)
            arrived.release()
            return (await anext(events)).data["number"]

    listeners = [asyncio.create_task(listen()) for _ in range(90)]
    for _ in listeners:
        await arrived.acquire()
    for _ in range(10):
        assert (await wire.get("/api/v1/operations")).status_code == 200
    await ring(database, tenant_id, 5)
    assert await asyncio.gather(*listeners) == [5] * 90


def streams_of(*, stopping: asyncio.Event | None = None, streams_max: int = 9, tenant_streams_max: int = 9) -> Streams:
    return Streams(
        stopping=stopping or asyncio.Event(),
        heartbeat_s=0.005,
        places=Places(
            "streams",
            section="http",
            setting="streams_max",
            total_max=streams_max,
            tenant_max=tenant_streams_max,
            gauge=Gauge("open", "Streams of a test", registry=None),
        ),
        secret=b"secret",
    )


def chunks_of(stream: Stream) -> AsyncGenerator[bytes]:
    """What the framework would send."""
    return cast("AsyncGenerator[bytes]", stream.iterator)


async def silence() -> AsyncGenerator[Sequence[Sent]]:
    yield ()
    await asyncio.Event().wait()


async def test_signs_of_life_say_how_far_a_quiet_stream_has_come(app: App, database: Database, tenant_id: UUID) -> None:
    streams = streams_of()
    stream = await streams.follow(
        app.resource(Followings), tenant_id, types=[ChimeRung], show=lambda event: event, last_event_id=None
    )
    chunks = chunks_of(stream)
    async with asyncio.timeout(PATIENCE_S):
        begun = await anext(chunks)
        assert begun.startswith(b": still here\nid: ")
        async with database.tenant(tenant_id) as tx:
            mark = await publish(tx, [SomethingElse()])
        assert mark is not None
        reached = b": still here\nid: %s\n\n" % streams.write_id(tenant_id, mark).encode()
        assert reached != begun
        while await anext(chunks) != reached:
            pass
    await chunks.aclose()


class SomethingElse(Event, frozen=True, tag="chimes.something_else"):
    """A fact nobody here asks for."""


async def test_what_goes_wrong_before_the_first_piece_is_a_plain_answer_and_later_ends_the_stream() -> None:
    class Gone(NotFound):
        """It is gone."""

    async def pieces(*, is_late: bool) -> AsyncGenerator[Sequence[Sent]]:
        if is_late:
            yield [Sent(event="first", data=1)]
        raise Gone

    with pytest.raises(Gone):
        await streams_of().send(new_id(), pieces(is_late=False))
    stream = await streams_of().send(new_id(), pieces(is_late=True))
    assert [chunk async for chunk in chunks_of(stream)] == [b": still here\n\nevent: first\ndata: 1\n\n"]


async def test_streams_are_bounded_in_a_process_and_for_a_tenant() -> None:
    streams, ada, bob = streams_of(streams_max=2, tenant_streams_max=1), new_id(), new_id()
    first = chunks_of(await streams.send(ada, silence()))
    await anext(first)
    with pytest.raises(TenantStreamsTaken, match=r"http\.tenant_streams_max"):
        await streams.send(ada, silence())
    second = chunks_of(await streams.send(bob, silence()))
    await anext(second)
    with pytest.raises(StreamsTaken, match=r"http\.streams_max"):
        await streams.send(new_id(), silence())
    await second.aclose()
    third = chunks_of(await streams.send(bob, silence()))
    await anext(third)
    for chunks in (first, third):
        await chunks.aclose()


async def test_stream_that_is_never_sent_leaves_nobody_behind(app: App, tenant_id: UUID) -> None:
    followings = app.resource(Followings)
    stream = await streams_of().follow(
        followings, tenant_id, types=[ChimeRung], show=lambda event: event, last_event_id=None
    )
    assert followings.count == 1
    del stream
    await until_nobody_follows(app)
