"""Operations over HTTP: listed, watched, waited for, cancelled; a stream holds no connection."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import UUID

import httpx
import msgspec
import pytest

from likewise.http.bodies import steady_bodies
from likewise.http.server import PortTaken, bind
from likewise.http.settings import HttpSettings
from likewise.platform.db import Database
from likewise.platform.ids import encode_id
from likewise.platform.jobs import JobContext, foreground

MakeClient = Callable[..., Awaitable[httpx.AsyncClient]]


class SentEvent(msgspec.Struct):
    """One server-sent event."""

    id: str
    event: str
    data: dict[str, object]


async def events_of(answer: httpx.Response) -> AsyncIterator[SentEvent]:
    fields: dict[str, str] = {}
    async for line in answer.aiter_lines():
        if line.startswith(":"):
            continue
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif fields:
            yield SentEvent(fields["id"], fields["event"], msgspec.json.decode(fields["data"]))
            fields = {}


@asynccontextmanager
async def running(database: Database, tenant_id: UUID) -> AsyncGenerator[tuple[str, JobContext]]:
    async with foreground(database, tenant_id, kind="load", total=10, unit="rows") as context:
        assert context.operation_id is not None
        yield encode_id("opr", context.operation_id), context


async def test_operation_is_listed_shown_and_its_result_kept(
    client: httpx.AsyncClient, database: Database, tenant_id: UUID
) -> None:
    async with running(database, tenant_id) as (operation_id, context):
        shown = (await client.get(f"/api/v1/operations/{operation_id}")).json()
        assert (shown["status"], shown["progress"]["total"], shown["ended_at"]) == ("running", 10, None)
        async with context.effects() as tx:
            await context.finish(tx, {"created": 3})
    [listed] = (await client.get("/api/v1/operations")).json()["data"]
    assert (listed["id"], listed["status"], listed["result"]) == (operation_id, "succeeded", {"created": 3})


async def test_operation_of_another_tenant_is_not_there(
    client_of: MakeClient, database: Database, tenant_id: UUID, other_tenant_id: UUID
) -> None:
    stranger = await client_of(other_tenant_id)
    async with running(database, tenant_id) as (operation_id, _):
        for method, path in [("GET", ""), ("POST", "/cancel"), ("GET", "/events")]:
            answer = await stranger.request(method, f"/api/v1/operations/{operation_id}{path}")
            assert (answer.status_code, answer.json()["code"]) == (404, "operation_not_found")
        assert (await stranger.get("/api/v1/operations")).json()["data"] == []


async def test_cancelling_reaches_the_work_and_an_ended_one_is_refused(
    client: httpx.AsyncClient, database: Database, tenant_id: UUID
) -> None:
    from likewise.platform.jobs import JobCancelled

    operation_id = ""
    with pytest.raises(JobCancelled):  # noqa: PT012 - the work that is cancelled
        async with running(database, tenant_id) as (operation_id, context):
            assert (await client.post(f"/api/v1/operations/{operation_id}/cancel")).status_code == 200
            await context.checkpoint()
    assert (await client.get(f"/api/v1/operations/{operation_id}")).json()["status"] == "cancelled"
    again = await client.post(f"/api/v1/operations/{operation_id}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "operation_ended")


async def test_stream_tells_progress_then_the_end_and_goes_on_after_the_last_event_seen(
    wire: httpx.AsyncClient, database: Database, tenant_id: UUID
) -> None:
    async with running(database, tenant_id) as (operation_id, context):
        path = f"/api/v1/operations/{operation_id}/events"
        async with wire.stream("GET", path) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            first = await anext(events_of(answer))
        assert (first.event, first.data["id"], first.data["status"]) == ("progress", operation_id, "running")
        async with wire.stream("GET", path, headers={"Last-Event-ID": first.id}) as answer:
            events = events_of(answer)
            async with context.effects() as tx:
                await context.progress(done=10)
                await context.finish(tx)
            last = [event async for event in events][-1]
    assert last.event == "end"
    assert last.id != first.id
    assert last.data["status"] == "succeeded"


async def test_stream_begins_with_what_changed_not_with_what_was_seen(
    wire: httpx.AsyncClient, database: Database, tenant_id: UUID
) -> None:
    async with running(database, tenant_id) as (operation_id, context), context.effects() as tx:
        await context.finish(tx)
    path = f"/api/v1/operations/{operation_id}/events"
    whole = [event async for event in events_of(await wire.get(path))]
    assert [event.event for event in whole] == ["end"]
    rest = await wire.get(path, headers={"Last-Event-ID": whole[0].id})
    assert [event async for event in events_of(rest)] == []


async def test_many_streams_hold_no_connection(wire: httpx.AsyncClient, database: Database, tenant_id: UUID) -> None:
    """Three times as many streams as the pool has connections, and requests are answered meanwhile."""
    async with running(database, tenant_id) as (operation_id, context):
        path = f"/api/v1/operations/{operation_id}/events"
        begun = asyncio.Semaphore(0)

        async def follow() -> str:
            async with wire.stream("GET", path) as answer:
                events = events_of(answer)
                assert (await anext(events)).event == "progress"
                begun.release()
                return [event async for event in events][-1].event

        followers = [asyncio.create_task(follow()) for _ in range(18)]
        for _ in followers:
            await begun.acquire()
        for _ in range(10):
            assert (await wire.get("/api/v1/operations")).status_code == 200
        async with context.effects() as tx:
            await context.finish(tx)
        assert await asyncio.gather(*followers) == ["end"] * 18


async def test_prefer_wait_answers_with_the_ended_operation(
    client: httpx.AsyncClient, database: Database, tenant_id: UUID
) -> None:
    async with running(database, tenant_id) as (operation_id, context):
        path = f"/api/v1/operations/{operation_id}"
        impatient = await client.get(path, headers={"Prefer": "wait=0"})
        assert (impatient.status_code, impatient.json()["status"]) == (200, "running")
        patient = asyncio.create_task(client.get(path, headers={"Prefer": "respond-async, wait=30"}))
        async with context.effects() as tx:
            await context.finish(tx, {"rows": 3})
    answer = await patient
    assert (answer.status_code, answer.json()["status"], answer.json()["result"]) == (200, "succeeded", {"rows": 3})
    assert answer.headers["preference-applied"] == "wait=30"


async def test_taken_port_is_named_and_a_default_gives_way() -> None:
    first = bind("127.0.0.1", 0, backlog=128)
    port = first.getsockname()[1]
    with first:
        with pytest.raises(PortTaken, match=str(port)):
            bind("127.0.0.1", port, backlog=128)
        with bind("127.0.0.1", port, backlog=128, or_any=True) as second:
            assert second.getsockname()[1] not in {0, port}


async def test_client_that_does_not_send_its_body_is_given_up() -> None:
    from likewise.http.bodies import BodyTooSlow, read_body

    async def silent() -> dict[str, object]:
        await asyncio.Event().wait()
        raise AssertionError

    async def inner(_scope: object, receive: object, _send: object) -> None:
        await read_body(receive, bytes_max=10, hint="")  # type: ignore[arg-type]

    steady = steady_bodies(inner, HttpSettings.model_validate({"body_wait_s": 0.01}))  # type: ignore[arg-type]
    with pytest.raises(BodyTooSlow):
        await steady({"type": "http"}, silent, silent)  # type: ignore[arg-type,typeddict-item]


async def test_body_sent_in_drops_is_given_up_though_each_drop_is_in_time() -> None:
    from likewise.http.bodies import BodyTooSlow, read_body

    async def drip() -> dict[str, object]:
        await asyncio.sleep(0.002)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def inner(_scope: object, receive: object, _send: object) -> None:
        await read_body(receive, bytes_max=10_000_000, hint="")  # type: ignore[arg-type]

    settings = HttpSettings.model_validate({"body_wait_s": 0.05, "body_bytes_per_s_min": 10_000_000})
    steady = steady_bodies(inner, settings)  # type: ignore[arg-type]
    started = time.monotonic()
    with pytest.raises(BodyTooSlow):
        await steady({"type": "http"}, drip, drip)  # type: ignore[arg-type,typeddict-item]
    assert time.monotonic() - started < 10
