"""A local server that answers like OpenAI's /v1/embeddings, and misbehaves on request: real sockets, no mocks.

Replies are taken from `script`, one per request; when it is empty `mood` says what to do with the texts, and without
one the stub answers properly.
"""

import hashlib
import json
import math
import socket
import struct
import threading
from base64 import b64encode
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

HANG_MAX_S = 30.0


@dataclass
class Asked:
    """One request as it came in."""

    texts: list[str]
    body: dict[str, Any]
    headers: dict[str, str]


@dataclass
class Reply:
    """What the stub does with one request. `vectors` rewrites the proper data list; `raw` replaces the body."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    vectors: Callable[[list[dict[str, Any]]], list[dict[str, Any]]] = list
    raw: bytes | None = None
    reset: bool = False
    hang: bool = False


def failing(status: int, message: str = "no", **headers: str) -> Reply:
    """An error in the provider's form; header names with underscores for dashes."""
    raw = json.dumps({"error": {"message": message}}).encode()
    return Reply(status=status, raw=raw, headers={name.replace("_", "-"): value for name, value in headers.items()})


def vector_of(text: str, dimension: int) -> list[float]:
    """The stub's own embedding of a text: deterministic, of some norm other than 1."""
    seed = hashlib.sha256(text.encode()).digest()
    return [math.sin(seed[place % 32] + place) * 3 for place in range(dimension)]


class StubProvider:
    """`with StubProvider(dimension=8) as stub:`, then `stub.url`, `stub.script`, `stub.asked`."""

    def __init__(
        self,
        *,
        dimension: int,
        poison: str | None = None,
        mood: Callable[[Sequence[str]], Reply] | None = None,
    ) -> None:
        self.dimension = dimension
        self.poison = poison
        self.mood = mood
        self.script: deque[Reply] = deque()
        self.asked: list[Asked] = []
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

    def then(self, *replies: Reply) -> None:
        """Put replies on the script."""
        self.script.extend(replies)

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        body = json.loads(request.rfile.read(int(request.headers["content-length"])))
        texts: list[str] = body["input"]
        self.asked.append(Asked(texts, body, {name.lower(): value for name, value in request.headers.items()}))
        reply = self.script.popleft() if self.script else self.mood(texts) if self.mood is not None else Reply()
        if reply.hang:
            self._release.wait(HANG_MAX_S)
            request.close_connection = True
            return
        if reply.reset:
            self._reset(request)
            return
        if reply.status == 200 and self.poison is not None and any(self.poison in text for text in texts):
            reply = failing(400, "a text is not acceptable")
        content = reply.raw if reply.raw is not None else self._answer(texts, body, reply)
        request.send_response(reply.status)
        for name, value in {**reply.headers, "content-length": str(len(content))}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(content)

    def _answer(self, texts: Sequence[str], body: dict[str, Any], reply: Reply) -> bytes:
        data = [{"index": place, "embedding": vector_of(text, self.dimension)} for place, text in enumerate(texts)]
        data = reply.vectors(data)
        if body.get("encoding_format") == "base64":
            for entry in data:
                if isinstance(entry["embedding"], list):
                    entry["embedding"] = b64encode(
                        struct.pack(f"<{len(entry['embedding'])}f", *entry["embedding"])
                    ).decode()
        return json.dumps({"object": "list", "data": data, "usage": {"prompt_tokens": 1}}).encode()

    def _reset(self, request: BaseHTTPRequestHandler) -> None:
        """Close with RST: lingering for no time drops what is unsent."""
        request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.connection.shutdown(socket.SHUT_RDWR)
        request.close_connection = True
