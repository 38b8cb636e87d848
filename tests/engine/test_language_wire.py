"""Chat servers over real sockets: what is sent, how streams are put together, and what each kind of trouble becomes."""

import asyncio
import json
import traceback
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import Any

import httpx
import pytest
from tests.engine.stub_chat import Called, ChatSays, StubChat, chat_failing

from likewise.engine.language import Message, TextDelta, Tool, ToolCall
from likewise.engine.language.errors import (
    ChatBroken,
    ChatBusy,
    ChatDenied,
    ChatFailed,
    ChatMisconfigured,
    ChatRefused,
    ChatTimedOut,
)
from likewise.engine.language.models import Alive, Asked, ChatServer, Ended, Usage, WireEvent, choose_servers
from likewise.engine.language.models.sse import read_events
from likewise.engine.language.settings import LanguageSettings

KEY = "sk-canary-51c0ffee51c0ffee"
PATIENCE_S = 20
TOOL = Tool("find_kiln", "Find a kiln.", {"type": "object", "properties": {"city": {"type": "string"}}})


@pytest.fixture
def stub() -> Iterator[StubChat]:
    with StubChat() as running:
        yield running


def server_of(stub: StubChat, name: str = "openai", **changes: object) -> ChatServer:
    values: dict[str, Any] = {
        f"{name}_url": stub.url,
        f"{name}_api_key": KEY,
        "first_token_s": 10.0,
        "next_token_s": 10.0,
        **changes,
    }
    found = choose_servers(
        LanguageSettings(**values), open_for=lambda _: lambda: httpx.AsyncClient(trust_env=False, timeout=60)
    )
    return found[name]


def asked(*messages: Message, tools: tuple[Tool, ...] = ()) -> Asked:
    return Asked(
        model="kiln-1",
        label="openai/kiln-1",
        messages=messages or (Message("user", "How hot?"),),
        tools=tools,
        tokens_max=50,
        temperature=0.2,
    )


async def collect(server: ChatServer, wanted: Asked | None = None) -> list[WireEvent]:
    try:
        async with asyncio.timeout(PATIENCE_S), aclosing(server.stream(wanted or asked())) as events:
            return [event async for event in events if not isinstance(event, Alive)]
    finally:
        await server.close()


def text_of(events: list[WireEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


@pytest.mark.parametrize("name", ["openai", "anthropic", "other"])
async def test_answer_comes_in_pieces_with_its_usage_and_its_end(stub: StubChat, name: str) -> None:
    events = await collect(server_of(stub, name))
    pieces = [event for event in events if isinstance(event, TextDelta)]
    assert text_of(events) == "The kiln is at 1,200 degrees [1]."
    assert len(pieces) == 7
    usages = [event for event in events if isinstance(event, Usage)]
    assert any(usage.input_tokens == 20 for usage in usages)
    assert usages[-1].output_tokens == 7
    assert events[-1] == Ended("stop")


async def test_openai_is_asked_in_its_form(stub: StubChat) -> None:
    call = ToolCall("call_7", "find_kiln", {"city": "Oslo"})
    await collect(
        server_of(stub),
        asked(
            Message("system", "Be brief."),
            Message("user", "Where?"),
            Message("assistant", "", (call,)),
            Message("tool", "Two kilns.", tool_call_id="call_7"),
            tools=(TOOL,),
        ),
    )
    request = stub.asked[0]
    assert request.path == "/v1/chat/completions"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    body = request.body
    assert (body["model"], body["stream"], body["temperature"]) == ("kiln-1", True, 0.2)
    assert body["max_tokens"] == 50
    assert body["stream_options"] == {"include_usage": True}
    assert [message["role"] for message in body["messages"]] == ["system", "user", "assistant", "tool"]
    told = body["messages"][2]["tool_calls"][0]
    assert told["id"] == body["messages"][3]["tool_call_id"] == "call_7"
    assert json.loads(told["function"]["arguments"]) == {"city": "Oslo"}
    assert body["tools"][0]["function"]["parameters"] == TOOL.parameters


async def test_servers_that_refuse_to_count_are_not_asked_to(stub: StubChat) -> None:
    events = await collect(server_of(stub, stream_usage=False))
    assert "stream_options" not in stub.asked[0].body
    assert not [event for event in events if isinstance(event, Usage)]


async def test_anthropic_is_asked_in_its_form(stub: StubChat) -> None:
    call = ToolCall("toolu_1", "find_kiln", {"city": "Oslo"})
    await collect(
        server_of(stub, "anthropic"),
        asked(
            Message("system", "Be brief."),
            Message("system", "Be kind."),
            Message("user", "Where?"),
            Message("assistant", "Looking.", (call,)),
            Message("tool", "Two kilns.", tool_call_id="toolu_1"),
            Message("user", "And now?"),
            tools=(TOOL,),
        ),
    )
    request = stub.asked[0]
    assert request.path == "/v1/messages"
    assert request.headers["x-api-key"] == KEY
    assert request.headers["anthropic-version"] == "2023-06-01"
    assert "authorization" not in request.headers
    body = request.body
    assert body["system"] == "Be brief.\n\nBe kind."
    assert body["max_tokens"] == 50
    assert [turn["role"] for turn in body["messages"]] == ["user", "assistant", "user"]
    assert body["messages"][1]["content"] == [
        {"type": "text", "text": "Looking."},
        {"type": "tool_use", "id": "toolu_1", "name": "find_kiln", "input": {"city": "Oslo"}},
    ]
    assert body["messages"][2]["content"] == [
        {"type": "tool_result", "tool_use_id": "toolu_1", "content": "Two kilns."},
        {"type": "text", "text": "And now?"},
    ]
    assert body["tools"][0]["input_schema"] == TOOL.parameters


@pytest.mark.parametrize("name", ["openai", "anthropic"])
async def test_calls_of_tools_are_put_together(stub: StubChat, name: str) -> None:
    calls = [Called("find_kiln", '{"city": "Oslo", "most": 3}', "a"), Called("find_clay", "", "b")]
    stub.then(ChatSays(words=("One moment.",), calls=calls))
    events = await collect(server_of(stub, name))
    assert [event for event in events if isinstance(event, ToolCall)] == [
        ToolCall("a", "find_kiln", {"city": "Oslo", "most": 3}),
        ToolCall("b", "find_clay", {}),
    ]
    assert events[-1] == Ended("tool_calls")


@pytest.mark.parametrize("name", ["openai", "anthropic"])
async def test_arguments_that_are_no_json_are_refused(stub: StubChat, name: str) -> None:
    stub.then(ChatSays(words=(), calls=[Called("find_kiln", '{"city": "Os')]))
    with pytest.raises(ChatBroken, match="call of 'find_kiln' are no JSON object"):
        await collect(server_of(stub, name))


@pytest.mark.parametrize(
    ("name", "said", "meant"),
    [
        ("openai", "length", "length"),
        ("openai", "content_filter", "refused"),
        ("anthropic", "max_tokens", "length"),
        ("anthropic", "refusal", "refused"),
    ],
)
async def test_why_an_answer_ended_is_told(stub: StubChat, name: str, said: str, meant: str) -> None:
    stub.then(ChatSays(reason=said))
    assert (await collect(server_of(stub, name)))[-1] == Ended(meant)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("says", "fact", "words"),
    [
        (chat_failing(429, retry_after="7"), ChatBusy, "in 7 s"),
        (chat_failing(529), ChatBusy, "slow down"),
        (chat_failing(401), ChatDenied, r"refused our key \(401\)"),
        (chat_failing(403), ChatDenied, "LIKEWISE_LANGUAGE_OPENAI_API_KEY_FILE"),
        (chat_failing(400, "too long"), ChatRefused, "status 400: too long"),
        (chat_failing(404, "no such model"), ChatRefused, "no such model"),
        (chat_failing(500, "oops"), ChatFailed, "status 500: oops"),
        (chat_failing(302), ChatFailed, "status 302"),
        (ChatSays(raw=b"<html>busy</html>"), ChatBroken, "broke off"),
        (ChatSays(raw=b"data: {]\n\n"), ChatBroken, "expected form"),
        (ChatSays(raw=b"data: \xff\xfe\n\n"), ChatBroken, "expected form"),
        (ChatSays(raw=b'data: {"choices": 7}\n\n'), ChatBroken, "expected form"),
        (ChatSays(raw=b'data: {"error": {"message": "overloaded"}}\n\n'), ChatFailed, "overloaded"),
        (ChatSays(raw=b"data: " + b"x" * 70_000), ChatBroken, "more than 65536 bytes"),
        (ChatSays(raw=b""), ChatBroken, "broke off"),
        (ChatSays(ends=False), ChatBroken, "broke off"),
        (ChatSays(reset_after=0), ChatBroken, "connection broke"),
        (ChatSays(reset_after=3), ChatBroken, "connection broke|broke off"),
    ],
)
async def test_each_trouble_is_named_for_what_it_is(
    stub: StubChat, says: ChatSays, fact: type[Exception], words: str
) -> None:
    stub.then(says)
    with pytest.raises(fact, match=words):
        await collect(server_of(stub, event_bytes_max=65_536))


async def test_server_that_is_not_there_did_nothing(stub: StubChat) -> None:
    url = stub.url
    with StubChat() as gone:
        url = gone.url
    server = choose_servers(
        LanguageSettings(other_url=url), open_for=lambda _: lambda: httpx.AsyncClient(trust_env=False)
    )["other"]
    with pytest.raises(ChatFailed, match="ConnectError") as caught:
        await collect(server)
    assert not caught.value.may_be_billed


@pytest.mark.parametrize(
    ("says", "changes", "words"),
    [
        (ChatSays(stall_after=0), {"first_token_s": 0.2}, "no token came within 0.2 s"),
        (ChatSays(words=("a", "b"), stall_after=0, pings=True), {"first_token_s": 0.2}, "no token came"),
        (ChatSays(stall_after=2), {"next_token_s": 0.2}, "fell silent for 0.2 s"),
        (ChatSays(stall_after=2, pings=True), {"next_token_s": 0.2}, "fell silent"),
        (ChatSays(words=("x",) * 500, pace_s=0.01), {"answer_s": 0.4}, "longer than 0.4 s"),
    ],
)
async def test_patience_ends(stub: StubChat, says: ChatSays, changes: dict[str, Any], words: str) -> None:
    stub.then(says)
    with pytest.raises(ChatTimedOut, match=words) as caught:
        await collect(server_of(stub, **changes))
    assert caught.value.may_be_billed
    assert await asyncio.to_thread(stub.left.acquire, timeout=PATIENCE_S), "the request went on"


async def test_who_stops_listening_ends_the_request(stub: StubChat) -> None:
    stub.then(ChatSays(stall_after=3))
    server = server_of(stub)
    async with aclosing(server.stream(asked())) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                break
    assert await asyncio.to_thread(stub.left.acquire, timeout=PATIENCE_S), "the request went on"
    await server.close()


async def first_of(server: ChatServer) -> WireEvent:
    async with aclosing(server.stream(asked())) as events:
        return await anext(events)


async def test_retry_after_holds_back_the_next_request(stub: StubChat) -> None:
    stub.then(chat_failing(429, retry_after="40"))
    server = server_of(stub)
    said: ChatBusy | None = None
    for _ in range(2):
        with pytest.raises(ChatBusy) as caught:
            await first_of(server)
        said = caught.value
    assert said is not None
    assert 39 < said.retry_after_s <= 40
    assert len(stub.asked) == 1
    await server.close()


async def test_server_that_fails_repeatedly_is_left_alone(stub: StubChat) -> None:
    stub.then(*[chat_failing(500)] * 3)
    server = server_of(stub, breaker_failures_max=2, breaker_open_s=60.0)
    said: ChatFailed | None = None
    for _ in range(3):
        with pytest.raises(ChatFailed) as caught:
            await first_of(server)
        said = caught.value
    assert said is not None
    assert "left alone" in said.message
    assert len(stub.asked) == 2
    assert server.is_left_alone
    await server.close()


async def test_key_that_a_server_quotes_back_is_not_repeated(stub: StubChat) -> None:
    stub.then(chat_failing(400, f"the key {KEY} is odd"), chat_failing(500, KEY))
    for _ in range(2):
        with pytest.raises((ChatRefused, ChatFailed)) as caught:
            await collect(server_of(stub))
        said = "".join(traceback.format_exception(caught.value)) + repr(caught.value.facts)
        assert KEY not in said
        assert "***" in caught.value.message


def test_address_that_is_none_is_refused() -> None:
    with pytest.raises(ChatMisconfigured, match="LIKEWISE_LANGUAGE_OTHER_URL"):
        choose_servers(LanguageSettings(other_url="localhost:8000"), open_for=lambda _: httpx.AsyncClient)


def test_nothing_is_configured_without_a_key_or_an_address() -> None:
    assert not choose_servers(LanguageSettings(), open_for=lambda _: httpx.AsyncClient)


async def pieces(*chunks: bytes) -> AsyncGenerator[bytes]:
    for chunk in chunks:
        yield chunk


@pytest.mark.parametrize(
    "chunks",
    [
        (b"event: a\ndata: 1\ndata: 2\n\n", b": note\n\ndata: 3\n\n"),
        (b"event: a\r\ndata: 1\r", b"\ndata: 2\r\n\r", b"\ndata: 3\r\n\r\n"),
        (b"event: a\rdata: 1\rdata: 2\r\rdata: 3\r\r",),
        tuple(bytes([byte]) for byte in b"event:a\ndata:1\ndata:2\n\ndata:3"),
    ],
)
async def test_events_are_read_however_they_are_cut(chunks: tuple[bytes, ...]) -> None:
    found = [told async for told in read_events(pieces(*chunks), label="x", bytes_max=1_000)]
    assert found == [("a", "1\n2"), ("message", "3")]


async def test_separators_that_are_text_do_not_cut_an_event() -> None:
    data = '{"text": "a\u2028b\x85c\x0bd"}'
    found = [told async for told in read_events(pieces(f"data: {data}\n\n".encode()), label="x", bytes_max=1_000)]
    assert found == [("message", data)]
