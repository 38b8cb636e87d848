"""Language over HTTP: answers as JSON and as events, refusals as plain answers, and clients that go away."""

import asyncio
import io
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
import structlog
from tests.engine.stub_chat import ChatSays, StubChat, chat_failing

from likewise.app import Server, list_features, open_app, sections
from likewise.http.asgi import build_asgi
from likewise.http.server import bind, serving, url_of
from likewise.platform.config import Settings
from likewise.platform.db import Database, Statement
from likewise.platform.telemetry import configure_logs
from likewise.platform.tenancy import create_key

KEY = "canary-7e57ab1e-0f-a-provider"  # of no form that the log would mask by itself
PATIENCE_S = 30
NEEDED = {"collections", "embedding", "language"}
PATH = "/api/v1/language/chat"
STREAM = {"Accept": "text/event-stream"}
BODY = {"messages": [{"role": "user", "content": "How hot?"}], "difficulty": "easy"}


@pytest.fixture
def stub() -> Iterator[StubChat]:
    with StubChat() as running:
        yield running


@pytest.fixture
async def wire(
    server: Server, settings: Settings, database: Database, tenant_id: UUID, stub: StubChat
) -> AsyncIterator[httpx.AsyncClient]:
    """An admin of a fresh tenant, over a real connection, to a server whose chat models are the stub's."""
    flags = {
        "home": settings.home,
        "embedding_model": "fake",
        "database_pool_max": 4,
        "language_openai_url": stub.url,
        "language_openai_api_key": KEY,
        "language_cheap": ("openai/small",),
        "language_standard": (),
        "language_strong": (),
        "language_prices": {"small": (1.0, 2.0)},
        "language_backoff_s": 0.001,
        "http_heartbeat_s": 0.1,
    }
    made = await create_key(database, tenant_id, name="test", scopes=("admin",))
    headers = {"Authorization": f"Bearer {made.key}"}
    async with AsyncExitStack() as stack:
        own = Settings(flags, file=settings.home / "none.toml")
        features = [feature for feature in list_features() if feature.name in NEEDED]
        app = await stack.enter_async_context(open_app(own, server=server, features=features))
        listening = bind("127.0.0.1", 0, backlog=128)
        await stack.enter_async_context(
            serving(app, build_asgi(app, features, keyless=False, sections=sections()), listening)
        )
        client = httpx.AsyncClient(base_url=url_of(listening), headers=headers, timeout=PATIENCE_S)
        yield await stack.enter_async_context(client)


async def events_of(client: httpx.AsyncClient, body: Any) -> list[tuple[str, Any]]:
    """The events of a stream, (name, data)."""
    found: list[tuple[str, Any]] = []
    async with client.stream("POST", PATH, json=body, headers=STREAM) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream"), await answer.aread()
        name = ""
        async for line in answer.aiter_lines():
            field, _, value = line.partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                found.append((name, msgspec.json.decode(value)))
    return found


async def test_answer_comes_as_json(wire: httpx.AsyncClient) -> None:
    body = {**BODY, "passages": [{"id": "k", "text": "The kiln runs at 1,200 degrees."}]}
    answer = (await wire.post(PATH, json=body)).raise_for_status().json()
    assert answer["text"] == "The kiln is at 1,200 degrees [1]."
    assert answer["citations"] == [{"type": "citation", "passage_id": "k", "start": 0, "end": 31, "number": 1}]
    assert answer["finished"]["model"] == "openai/small"
    assert answer["finished"]["cost_usd"] == pytest.approx(34e-6)


async def test_answer_streams_word_by_word(wire: httpx.AsyncClient) -> None:
    found = await events_of(wire, BODY)
    assert [name for name, _ in found] == ["picked", *["text"] * 7, "finished"]
    assert "".join(data["text"] for name, data in found if name == "text") == "The kiln is at 1,200 degrees [1]."


async def test_trouble_before_a_model_is_asked_is_a_plain_answer(wire: httpx.AsyncClient, stub: StubChat) -> None:
    routing = (await wire.get("/api/v1/language/routing")).json()["routing"]
    tight = {**routing, "budget_month_usd": 0, "routes": [{"task": "*", "otherwise": "refuse"}]}
    assert (await wire.put("/api/v1/language/routing", json=tight)).is_success
    for headers in ({}, STREAM):
        answer = await wire.post(PATH, json=BODY, headers=headers)
        assert answer.status_code == 429
        assert answer.json()["code"] == "chat_budget_spent"
        assert int(answer.headers["retry-after"]) > 0
    refused = await wire.post(PATH, json={"messages": [{"role": "assistant", "content": "x"}]}, headers=STREAM)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/messages")
    assert not stub.asked


async def test_trouble_on_the_way_is_an_event(wire: httpx.AsyncClient, stub: StubChat) -> None:
    stub.then(ChatSays(reset_after=2))
    found = await events_of(wire, BODY)
    assert [name for name, _ in found] == ["picked", "text", "text", "error"]
    assert found[-1][1]["code"] == "chat_broken"


async def test_fallback_is_told(wire: httpx.AsyncClient, stub: StubChat) -> None:
    stub.then(chat_failing(401))
    found = await events_of(wire, {**BODY, "passages": [{"id": "k", "text": "Glaze is hot. It is how hot?"}]})
    assert [data["model"] for name, data in found if name == "picked"] == ["openai/small", "extractive"]
    assert found[-1][1]["trouble"] == "chat_denied"


@pytest.mark.parametrize("headers", [STREAM, {}])
async def test_client_that_goes_away_stops_the_model(
    wire: httpx.AsyncClient, stub: StubChat, headers: dict[str, str]
) -> None:
    stub.then(ChatSays(stall_after=2))
    task = asyncio.create_task(read(wire, headers))
    async with asyncio.timeout(PATIENCE_S):
        while stub.words_sent < 2:
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await asyncio.to_thread(stub.left.acquire, timeout=PATIENCE_S), "the model went on"
    async with asyncio.timeout(PATIENCE_S):
        while (await costs(wire))["reserved_usd"]:
            await asyncio.sleep(0.01)
    assert (await costs(wire))["spent_usd"] > 0


async def read(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    async with client.stream("POST", PATH, json=BODY, headers=headers) as answer:
        await answer.aread()


async def costs(client: httpx.AsyncClient) -> dict[str, Any]:
    return (await client.get("/api/v1/language/costs")).raise_for_status().json()["data"][0]


async def test_answers_under_way_take_no_seat(wire: httpx.AsyncClient, stub: StubChat) -> None:
    stub.mood = lambda _: ChatSays(stall_after=0)
    count = 30  # of 64 seats, with 32 answers under way per server
    tasks = [asyncio.create_task(read(wire, STREAM if place % 2 else {})) for place in range(count)]
    async with asyncio.timeout(PATIENCE_S):
        while len(stub.asked) < count:
            await asyncio.sleep(0.01)
        for _ in range(40):
            assert (await wire.get("/api/v1/language/models")).is_success
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for _ in range(count):
        assert await asyncio.to_thread(stub.left.acquire, timeout=PATIENCE_S)


async def test_table_and_prices_are_shown_and_recomputed(wire: httpx.AsyncClient) -> None:
    await wire.post(PATH, json=BODY)
    shown = (await wire.get("/api/v1/language/routing")).json()
    assert not shown["is_own"]
    month = (await costs(wire))["month"]
    body = {"routing": {"tiers": {"cheap": ["openai/gpt-4o"]}, "routes": [{"task": "*"}]}, "month": month}
    found = (await wire.post("/api/v1/language/what-if", json=body)).raise_for_status().json()
    assert found["what_if_usd"] == pytest.approx((20 * 2.5 + 7 * 10) / 1e6)
    assert found["actual_usd"] == pytest.approx(34e-6)
    models = (await wire.get("/api/v1/language/models")).json()["data"]
    assert {one["model"] for one in models} == {"extractive", "openai/small"}
    assert (await wire.delete("/api/v1/language/routing")).json() == shown


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Everything that is logged, at every level."""
    written = io.StringIO()
    before = list(logging.getLogger().handlers)
    configure_logs(level="debug", style="json")
    for handler in logging.getLogger().handlers:
        monkeypatch.setattr(handler, "stream", written)
    logging.getLogger().setLevel(logging.DEBUG)
    yield written
    logging.getLogger().handlers[:] = before
    logging.getLogger().setLevel(logging.WARNING)
    structlog.reset_defaults()


async def test_key_of_a_provider_is_written_nowhere(
    wire: httpx.AsyncClient, stub: StubChat, log: io.StringIO, database: Database
) -> None:
    stub.then(
        chat_failing(400, f"bad key {KEY}"),
        chat_failing(500, KEY),
        chat_failing(401, KEY),
        ChatSays(raw=b"data: {]\n\n"),
        ChatSays(reset_after=1),
    )
    said = [(await wire.post(PATH, json=BODY, headers=headers)).text for headers in ({}, STREAM, {}, STREAM, {})]
    said += [(await wire.get(f"/api/v1/language/{path}")).text for path in ("models", "routing", "costs")]
    said += [(await wire.get("/metrics")).text, (await wire.get("/api/v1/settings")).text, log.getvalue()]
    assert stub.asked[0].headers["authorization"] == f"Bearer {KEY}"
    assert "chat_attempt_failed" in log.getvalue()
    assert not [text for text in said if KEY in text]
    async with database.maintenance() as tx:
        look = "select count(*) from language.calls t where t::text like '%%canary%%'"
        assert not await tx.fetch_value(Statement("tests.look", "", look, frozenset()), int)
