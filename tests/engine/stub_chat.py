"""A local server that answers like OpenAI's /chat/completions and Anthropic's /messages, and misbehaves on request:
real sockets, no mocks.

Replies are taken from `script`, one per request; when it is empty `mood` says what to do, and without one the stub
answers with a short sentence and its usage.
"""

import json
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

HANG_MAX_S = 30.0
WORDS = ("The ", "kiln ", "is ", "at ", "1,200 ", "degrees ", "[1].")


@dataclass
class ChatAsked:
    """One request as it came in."""

    path: str
    body: dict[str, Any]
    headers: dict[str, str]


@dataclass
class Called:
    """A tool call as the stub makes it; its arguments go out in pieces."""

    name: str
    arguments: str
    id: str = "call_1"


@dataclass
class ChatSays:
    """What the stub does with one request.

    `stall_after`: falls silent after so many words; `reset_after`: closes with RST then; `pace_s`: pause between words;
    `pings`: goes on sending signs that say nothing of the answer while it is silent; `usage` None: tells none; `raw`
    replaces the stream's lines; `ends` False: stops without saying that the answer is complete.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    words: Sequence[str] = WORDS
    calls: Sequence[Called] = ()
    usage: tuple[int, int] | None = (20, 7)
    reason: str | None = None
    stall_after: int | None = None
    reset_after: int | None = None
    pace_s: float = 0.0
    pings: bool = False
    raw: bytes | None = None
    ends: bool = True


def chat_failing(status: int, message: str = "no", **headers: str) -> ChatSays:
    """An error in a provider's form; header names with underscores for dashes."""
    raw = json.dumps({"error": {"message": message}}).encode()
    return ChatSays(status=status, raw=raw, headers={name.replace("_", "-"): value for name, value in headers.items()})


class StubChat:
    """`with StubChat() as stub:`, then `stub.url`, `stub.then(...)`, `stub.asked`, `stub.left`."""

    def __init__(self, mood: Callable[[ChatAsked], ChatSays] | None = None) -> None:
        self.mood = mood
        self.script: deque[ChatSays] = deque()
        self.asked: list[ChatAsked] = []
        self.left = threading.Semaphore(0)
        self.words_sent = 0
        self._release = threading.Event()
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                stub.handle(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base names it so
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._release.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def then(self, *says: ChatSays) -> None:
        """Put replies on the script."""
        self.script.extend(says)

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        body = json.loads(request.rfile.read(int(request.headers["content-length"])))
        asked = ChatAsked(request.path, body, {name.lower(): value for name, value in request.headers.items()})
        self.asked.append(asked)
        says = self.script.popleft() if self.script else self.mood(asked) if self.mood is not None else ChatSays()
        request.close_connection = True
        if says.reset_after == 0:
            self._reset(request)
            return
        if says.stall_after == 0 and not says.pings:
            self._wait_until_left(request)
            return
        request.send_response(says.status)
        kind = "text/event-stream" if says.status == 200 else "application/json"
        for name, value in {**says.headers, "content-type": kind, "connection": "close"}.items():
            request.send_header(name, value)
        request.end_headers()
        if says.raw is not None:
            request.wfile.write(says.raw)
            return
        pieces = anthropic_pieces(says) if request.path.endswith("/messages") else openai_pieces(says, body)
        try:
            self._write(request, says, pieces)
        except OSError:
            self.left.release()

    def _write(self, request: BaseHTTPRequestHandler, says: ChatSays, pieces: Iterator[tuple[bool, bytes]]) -> None:
        words = 0
        for is_word, piece in pieces:
            if is_word and words == says.stall_after:
                self._wait_until_left(request, pings=says.pings)
                return
            if is_word and words == says.reset_after:
                self._reset(request)
                return
            request.wfile.write(piece)
            request.wfile.flush()
            if is_word:
                words += 1
                self.words_sent += 1
                time.sleep(says.pace_s)

    def _wait_until_left(self, request: BaseHTTPRequestHandler, *, pings: bool = False) -> None:
        """Say nothing of the answer until the client hangs up, and note that it did."""
        request.connection.settimeout(0.02)
        until = time.monotonic() + HANG_MAX_S
        while time.monotonic() < until and not self._release.is_set():
            try:
                if pings:
                    request.wfile.write(b": keep alive\n\n")
                if request.connection.recv(1) == b"":
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        self.left.release()

    def _reset(self, request: BaseHTTPRequestHandler) -> None:
        """Close with RST: lingering for no time drops what is unsent."""
        request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.connection.shutdown(socket.SHUT_RDWR)


def openai_pieces(says: ChatSays, body: dict[str, Any]) -> Iterator[tuple[bool, bytes]]:
    """The chunks of a /chat/completions stream; True where one is a word."""

    def chunk(delta: dict[str, Any], reason: str | None = None) -> bytes:
        return event({"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]})

    yield False, chunk({"role": "assistant", "content": ""})
    for word in says.words:
        yield True, chunk({"content": word})
    for place, call in enumerate(says.calls):
        head = {"index": place, "id": call.id, "type": "function", "function": {"name": call.name, "arguments": ""}}
        yield False, chunk({"tool_calls": [head]})
        for start in range(0, len(call.arguments), 5):
            part = {"index": place, "function": {"arguments": call.arguments[start : start + 5]}}
            yield False, chunk({"tool_calls": [part]})
    # What is stalled or reset after every word is so before the end.
    if says.stall_after == len(says.words) or says.reset_after == len(says.words):
        yield True, b""
    if not says.ends:
        return
    yield False, chunk({}, says.reason or ("tool_calls" if says.calls else "stop"))
    if says.usage is not None and body.get("stream_options", {}).get("include_usage"):
        usage = {"prompt_tokens": says.usage[0], "completion_tokens": says.usage[1]}
        yield False, event({"choices": [], "usage": usage})
    yield False, b"data: [DONE]\n\n"


def anthropic_pieces(says: ChatSays) -> Iterator[tuple[bool, bytes]]:
    """The events of a /messages stream; True where one is a word."""
    told, wrote = says.usage or (None, None)
    begun = {"usage": {"input_tokens": told, "output_tokens": 1}} if says.usage else {}
    yield False, named("message_start", {"message": begun})
    yield False, named("content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}})
    yield False, named("ping", {})
    for word in says.words:
        yield True, named("content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": word}})
    yield False, named("content_block_stop", {"index": 0})
    for place, call in enumerate(says.calls, 1):
        block = {"type": "tool_use", "id": call.id, "name": call.name, "input": {}}
        yield False, named("content_block_start", {"index": place, "content_block": block})
        for start in range(0, len(call.arguments), 5):
            delta = {"type": "input_json_delta", "partial_json": call.arguments[start : start + 5]}
            yield False, named("content_block_delta", {"index": place, "delta": delta})
        yield False, named("content_block_stop", {"index": place})
    if not says.ends:
        return
    reason = says.reason or ("tool_use" if says.calls else "end_turn")
    usage = {"usage": {"output_tokens": wrote}} if says.usage else {}
    yield False, named("message_delta", {"delta": {"stop_reason": reason}, **usage})
    yield False, named("message_stop", {})


def event(data: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(data).encode() + b"\n\n"


def named(name: str, data: dict[str, Any]) -> bytes:
    return f"event: {name}\n".encode() + event({"type": name, **data})
