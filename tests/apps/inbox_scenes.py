"""What tests of the inbox begin with: messages in clusters, a client, a receiver of answers, time passing by hand."""

import json
import threading
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

import httpx
from tests.apps.inbox_runs import rows_of, settle, sql

from likewise.app import list_features
from likewise.apps.inbox import Ingested, MessageDraft, ingest_each
from likewise.apps.inbox.model import Message, VisitorDraft
from likewise.apps.inbox.service import list_messages
from likewise.http.asgi import build_asgi
from likewise.http.surface import Service
from likewise.platform.feature import App
from likewise.platform.ids import new_id
from likewise.platform.tenancy import create_key

__all__ = [
    "CARD",
    "RATE",
    "ZEBRA",
    "Asked",
    "Receiver",
    "Reply",
    "draft",
    "events_of",
    "home_of",
    "homes",
    "let_pass",
    "open_client",
    "put",
    "statements",
]

CARD = [f"my card has not arrived yet after {n} days of waiting" for n in range(8)]
RATE = [f"what exchange rate do you use for {n} euros in dollars" for n in range(8)]
_surfaces: dict[int, Service] = {}
ZEBRA = "zebras graze quietly beside purple volcanoes"


def draft(
    text: str, *, key: str | None = None, name: str | None = None, channel: str = "api", visitor: str | None = None
) -> MessageDraft:
    """A message of somebody with a name, or of nobody."""
    known = name is not None or visitor is not None
    return MessageDraft(
        text=text, id=key, channel=channel, visitor=VisitorDraft(id=visitor, name=name) if known else None
    )


async def put(app: App, tenant_id: UUID, drafts: Sequence[MessageDraft | str]) -> list[UUID]:
    """Store messages and let them find their clusters; their ids."""
    whole = [draft(one) if isinstance(one, str) else one for one in drafts]
    made = await ingest_each(app, tenant_id, drafts=whole)
    await settle(app, tenant_id)
    ids = [one.id for one in made if isinstance(one, Ingested)]
    assert len(ids) == len(whole)
    return ids


async def homes(app: App, tenant_id: UUID) -> dict[UUID, UUID | None]:
    """The cluster of each message."""
    messages: list[Message] = []
    while page := await list_messages(app, tenant_id, limit=200, **({"before": messages[-1].id} if messages else {})):
        messages += page
    return {message.id: message.cluster_id for message in messages}


async def home_of(app: App, tenant_id: UUID, message_id: UUID) -> UUID:
    """The cluster of one message."""
    found = (await homes(app, tenant_id))[message_id]
    assert found is not None
    return found


@asynccontextmanager
async def open_client(app: App, tenant_id: UUID, *scopes: str) -> AsyncGenerator[httpx.AsyncClient]:
    """A client with a key of this tenant, over the whole HTTP application."""
    asgi = _surfaces.get(id(app)) or build_asgi(app, list_features(), keyless=False)
    _surfaces[id(app)] = asgi
    made = await create_key(app.db, tenant_id, name="test", scopes=scopes or ("admin",))
    headers = {"Authorization": f"Bearer {made.key}"}
    transport = httpx.ASGITransport(asgi)
    async with httpx.AsyncClient(transport=transport, base_url="http://inbox.example", headers=headers) as client:
        yield client


async def let_pass(app: App, tenant_id: UUID, *, seconds: float) -> None:
    """Time passes for what waits to leave: it was all decided that much longer ago."""
    async with app.db.maintenance() as tx:
        for change in (
            "update inbox.outbox set due_at = due_at - make_interval(secs => %(s)s) where tenant_id = %(t)s",
            "update inbox.actions set leaves_at = leaves_at - make_interval(secs => %(s)s) where tenant_id = %(t)s",
        ):
            await tx.execute(sql(change), {"t": tenant_id, "s": seconds})


async def events_of(app: App, tenant_id: UUID, *types: str) -> list[dict[str, Any]]:
    """What the log tells of a tenant, the oldest first: facts of these types."""
    rows = await rows_of(
        app, tenant_id, "select type, payload from platform.events where tenant_id = :t order by xid, id"
    )
    told = [json.loads(row) for row in rows]
    return [one["payload"] for one in told if one["type"] in types]


@asynccontextmanager
async def statements(app: App) -> AsyncGenerator[list[str]]:
    """The names of the statements that are executed in the block."""
    seen: list[str] = []
    kept = app.db._observe  # pyright: ignore[reportPrivateUsage]
    app.db.observe_statements(lambda name, _: seen.append(name))
    try:
        yield seen
    finally:
        app.db.observe_statements(kept)


@dataclass
class Reply:
    """What the receiver does with one request; without a status it hangs up. `drip`: it never stops answering.
    `held`: it answers once this is set."""

    status: int | None = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    drip: bool = False
    held: threading.Event | None = None


@dataclass
class Asked:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes


class Receiver:
    """Channels' own server on loopback, real sockets. Each path gives the replies put there in turn, then 200 for
    ever."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self._script: dict[str, list[Reply]] = {}
        self._release = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                receiver.handle(self)

            def do_GET(self) -> None:
                receiver.handle(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base names it so
                """Quiet."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread.start()

    def stop(self) -> None:
        self._release.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def put(self, *replies: Reply) -> str:
        """A new address where these replies are given."""
        path = f"/{new_id().hex}"
        self._script[path] = list(replies)
        return f"{self.url}{path}"

    def asked_at(self, url: str) -> list[Asked]:
        """The requests to an address."""
        return [one for one in self.asked if url == f"{self.url}{one.path}"]

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("content-length") or 0))
        self.asked.append(Asked(request.path, {name.lower(): v for name, v in request.headers.items()}, body))
        script = self._script.get(request.path)
        reply = script.pop(0) if script else Reply()
        request.close_connection = True
        if reply.held is not None:
            reply.held.wait(30)
        if reply.status is None:
            return
        request.send_response(reply.status)
        for name, value in reply.headers.items():
            request.send_header(name, value)
        request.send_header("content-length", "1000000" if reply.drip else "0")
        request.send_header("connection", "close")
        request.end_headers()
        while reply.drip and not self._release.wait(0.02):
            try:
                request.wfile.write(b".")
            except OSError:
                return  # whoever asked has had enough
