"""Visitors' pictures: fetched by us and nobody else, made small, served at addresses that prove they were given."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import pytest
from PIL import Image
from tests.apps.inbox_runs import FAST, finish_jobs, rows_of, settle

from likewise.app import Server, list_features, open_app
from likewise.apps.inbox import MessageDraft, ingest, logic
from likewise.apps.inbox.model import COLLECTION, Message, VisitorDraft
from likewise.apps.inbox.service import avatar_url, get_message, list_messages
from likewise.engine.collections import delete_item
from likewise.http.asgi import build_asgi
from likewise.platform.clock import FixedClock
from likewise.platform.config import Settings
from likewise.platform.feature import App
from likewise.platform.ids import encode_id, new_id
from likewise.platform.tenancy import create_tenant

BYTES_MAX = 200_000
EDGE_PX = 64


class Answer:
    """What the picture's server answers: a status, headers and a body; a body given as None never comes."""

    def __init__(
        self,
        body: bytes | None = b"",
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        length: bool = True,
    ) -> None:
        self.body, self.status, self.headers, self.has_length = body, status, dict(headers or {}), length


class Site:
    """A server of pictures on loopback: real sockets. `answers` maps paths; several answers are given in turn."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Answer]] = {}
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.release = threading.Event()
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.handle(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base names it so
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread.start()

    def stop(self) -> None:
        self.release.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def put(self, *answers: Answer) -> str:
        """The address where these answers are given, the last one for ever."""
        path = f"/{new_id().hex}"
        self.answers[path] = list(answers)
        return f"{self.url}{path}"

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        self.asked.append(request.path)
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        answers = self.answers.get(request.path, [Answer(status=404)])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        request.close_connection = True
        request.send_response(answer.status)
        for name, value in answer.headers.items():
            request.send_header(name, value)
        if answer.body is None:
            request.send_header("content-length", "10")
            request.end_headers()
            self.release.wait(30)
            return
        if answer.has_length:
            request.send_header("content-length", str(len(answer.body)))
        request.send_header("connection", "close")
        request.end_headers()
        try:
            request.wfile.write(answer.body)
        except OSError:
            return  # whoever asked has read enough


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """The server whose pictures the owner's settings let through."""
    made = Site()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def hidden() -> Iterator[Site]:
    """A service of this machine that nobody outside should reach."""
    made = Site()
    yield made
    made.stop()


@pytest.fixture(scope="module")
async def app(server: Server, site: Site, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[App]:
    flags = {
        **FAST,
        "home": tmp_path_factory.mktemp("home"),
        "egress_public_hosts": [f"127.0.0.1:{site.port}"],
        "inbox_avatar_bytes_max": BYTES_MAX,
        "inbox_avatar_edge_px": EDGE_PX,
        "inbox_avatar_timeout_s": 1,
    }
    async with open_app(Settings(flags, file=Path("/nonexistent/likewise.toml")), server=server) as opened:
        yield opened


@pytest.fixture
async def anyone(app: App) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without a key, on a server that asks for keys."""
    asgi = build_asgi(app, list_features(), keyless=False)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(asgi), base_url="http://inbox.example") as client:
        yield client


def picture(colour: str = "red", *, size: tuple[int, int] = (300, 200), kind: str = "PNG") -> bytes:
    drawn = BytesIO()
    Image.new("RGB", size, colour).save(drawn, kind)
    return drawn.getvalue()


async def seen(app: App, tenant_id: UUID, url: str, *, visitor: str = "ada") -> Message:
    """A message of a visitor with a picture, once everything was done about it."""
    draft = MessageDraft(text=f"hello {new_id()}", visitor=VisitorDraft(id=visitor, name="Ada", avatar_url=url))
    made = await ingest(app, tenant_id, draft=draft)
    await settle(app, tenant_id)
    await finish_jobs(app, tenant_id)
    return await get_message(app, tenant_id, message_id=made.id)


def address_of(app: App, tenant_id: UUID, message: Message) -> str:
    url = avatar_url(app, tenant_id, message)
    assert url is not None
    return url


async def reason_of(app: App, tenant_id: UUID, message: Message) -> str:
    """Why a message's visitor has no picture."""
    assert message.avatar_key is None
    (row,) = await rows_of(
        app, tenant_id, "select avatar_reason, avatar_at is not null as done from inbox.visitors where tenant_id = :t"
    )
    assert '"done": true' in row
    return row


async def files_of(app: App, tenant_id: UUID) -> list[str]:
    return [file.key for file in await app.files.list_files(tenant_id, prefix="inbox/avatars/")]


async def test_picture_is_fetched_once_made_small_and_served_by_us(
    app: App, tenant_id: UUID, site: Site, anyone: httpx.AsyncClient
) -> None:
    url = site.put(Answer(picture(), headers={"content-type": "image/png"}))
    message = await seen(app, tenant_id, url)
    again = await seen(app, tenant_id, url)
    assert site.asked.count(urlsplit(url).path) == 1
    assert not {"cookie", "referer", "authorization"} & site.headers[-1].keys()
    address = address_of(app, tenant_id, message)
    assert address == address_of(app, tenant_id, again)
    assert site.url not in address
    answer = await anyone.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/webp"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert {"public", "immutable"} <= set(answer.headers["cache-control"].split(", "))
    with Image.open(BytesIO(answer.content)) as drawn:
        assert (drawn.format, drawn.size) == ("WEBP", (EDGE_PX, EDGE_PX))


async def test_who_has_the_picture_is_not_sent_it_again(
    app: App, tenant_id: UUID, site: Site, anyone: httpx.AsyncClient
) -> None:
    address = address_of(app, tenant_id, await seen(app, tenant_id, site.put(Answer(picture("blue")))))
    first = await anyone.get(address)
    second = await anyone.get(address, headers={"if-none-match": f'"other", W/{first.headers["etag"]}'})
    assert (second.status_code, second.content) == (304, b"")
    assert second.headers["etag"] == first.headers["etag"]
    assert second.headers["cache-control"] == first.headers["cache-control"]
    other = await anyone.get(address, headers={"if-none-match": '"other"'})
    assert other.content == first.content


async def test_address_stays_the_same_all_day_and_ends_a_week_later(
    app: App, tenant_id: UUID, site: Site, anyone: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = await seen(app, tenant_id, site.put(Answer(picture("green"))))
    clock = FixedClock(datetime(2030, 5, 1, 0, 0, 1, tzinfo=UTC))
    monkeypatch.setattr(app, "clock", clock)
    morning = address_of(app, tenant_id, message)
    clock.advance(timedelta(hours=23))
    assert address_of(app, tenant_id, message) == morning
    clock.advance(timedelta(hours=2))
    assert address_of(app, tenant_id, message) != morning
    clock.advance(timedelta(days=6))
    answer = await anyone.get(morning)
    assert answer.status_code == 200
    left_s = int(answer.headers["cache-control"].partition("max-age=")[2].partition(",")[0])
    assert left_s == int(parse_qs(urlsplit(morning).query)["expires"][0]) - int(clock.now().timestamp())
    clock.advance(timedelta(days=1))
    assert (await anyone.get(morning)).status_code == 404


async def test_address_that_was_not_given_out_shows_nothing(
    app: App, tenant_id: UUID, site: Site, anyone: httpx.AsyncClient
) -> None:
    message = await seen(app, tenant_id, site.put(Answer(picture("black"))))
    other_id = (await create_tenant(app.db, name=encode_id("test", new_id()))).tenant_id
    theirs = await seen(app, other_id, site.put(Answer(picture("white"))))
    parts = urlsplit(address_of(app, tenant_id, message))
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    tenant, name = parts.path.split("/")[-2:]
    their_name = logic.avatar_name(theirs.avatar_key or "")
    flipped = ("0" if query["signature"][0] != "0" else "1") + query["signature"][1:]
    changes: list[tuple[str, dict[str, Any]]] = [
        (parts.path, {**query, "signature": flipped}),
        (parts.path, {**query, "signature": ""}),
        (parts.path, {**query, "signature": "\N{SNOWMAN}"}),
        (parts.path, {**query, "expires": int(query["expires"]) + 1}),
        (parts.path, {**query, "expires": 10**30}),
        (parts.path, {**query, "expires": -1}),
        (parts.path.replace(name, their_name), query),
        (parts.path.replace(tenant, other_id.hex), query),
        (parts.path.replace(tenant, other_id.hex).replace(name, their_name), query),
        (parts.path.replace(tenant, "nobody"), query),
        (parts.path.replace(name, "..%2f..%2fsecret"), query),
    ]
    for path, changed in changes:
        answer = await anyone.get(path, params=changed)
        assert answer.status_code == 404, path
        assert "image" not in answer.headers["content-type"]
    assert (await anyone.get(parts.path)).status_code == 422
    assert (await anyone.get(parts.path, params=query)).status_code == 200


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1/me.png",
        "http://169.254.169.254/latest/meta-data",
        "http://localhost:{port}/me.png",
        "http://127.0.0.1:{port}/me.png",
        "http://[::1]:{port}/me.png",
        "http://2130706433:{port}/me.png",
    ],
)
async def test_private_address_is_never_asked(app: App, tenant_id: UUID, hidden: Site, url: str) -> None:
    message = await seen(app, tenant_id, url.format(port=hidden.port))
    assert "No request is sent" in await reason_of(app, tenant_id, message)
    assert not hidden.asked
    assert not await files_of(app, tenant_id)


async def test_redirect_to_a_private_address_is_not_followed(
    app: App, tenant_id: UUID, site: Site, hidden: Site
) -> None:
    secret = hidden.put(Answer(picture()))
    message = await seen(app, tenant_id, site.put(Answer(status=302, headers={"location": secret})))
    assert "No request is sent" in await reason_of(app, tenant_id, message)
    assert not hidden.asked


async def test_redirect_to_a_public_place_is_followed_but_not_for_ever(app: App, tenant_id: UUID, site: Site) -> None:
    url = site.put(Answer(picture("pink")))
    message = await seen(app, tenant_id, site.put(Answer(status=302, headers={"location": url})), visitor="moved")
    assert message.avatar_key is not None
    other_id = (await create_tenant(app.db, name=encode_id("test", new_id()))).tenant_id
    loop = site.put(Answer())
    site.answers[urlsplit(loop).path] = [Answer(status=302, headers={"location": loop})]
    message = await seen(app, other_id, loop)
    assert "TooManyRedirects" in await reason_of(app, other_id, message)


@pytest.mark.parametrize(
    "answer",
    [Answer(b"x" * BYTES_MAX * 20), Answer(b"x" * BYTES_MAX * 20, length=False)],
    ids=["announced", "unannounced"],
)
async def test_picture_that_is_too_large_is_not_read_to_its_end(
    app: App, tenant_id: UUID, site: Site, answer: Answer
) -> None:
    message = await seen(app, tenant_id, site.put(answer))
    assert f"{BYTES_MAX:,} " in await reason_of(app, tenant_id, message)


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"<html>hello</html>", "image/png"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "image/svg+xml"),
        (picture()[:60], "image/png"),
        (b"", "image/png"),
    ],
)
async def test_what_is_no_picture_is_refused(
    app: App, tenant_id: UUID, site: Site, body: bytes, media_type: str
) -> None:
    message = await seen(app, tenant_id, site.put(Answer(body, headers={"content-type": media_type})))
    assert "cannot be read" in await reason_of(app, tenant_id, message)
    assert not await files_of(app, tenant_id)


async def test_picture_that_is_gone_is_asked_for_once(app: App, tenant_id: UUID, site: Site) -> None:
    url = site.put(Answer(status=410))
    message = await seen(app, tenant_id, url)
    assert "410" in await reason_of(app, tenant_id, message)
    await seen(app, tenant_id, url)
    assert site.asked.count(urlsplit(url).path) == 1


async def test_server_that_is_busy_is_asked_again(app: App, tenant_id: UUID, site: Site) -> None:
    url = site.put(Answer(status=503), Answer(status=429), Answer(picture("grey")))
    message = await seen(app, tenant_id, url)
    assert message.avatar_key is not None
    assert site.asked.count(urlsplit(url).path) == 3


@pytest.mark.parametrize("answer", [Answer(status=500), Answer(None)], ids=["fails", "hangs"])
async def test_server_that_never_answers_well_is_given_up(
    app: App, tenant_id: UUID, site: Site, answer: Answer
) -> None:
    url = site.put(answer)
    message = await seen(app, tenant_id, url)
    assert "cannot be fetched" in await reason_of(app, tenant_id, message)
    assert site.asked.count(urlsplit(url).path) == 4


async def test_another_picture_takes_the_place_of_the_old_one(
    app: App, tenant_id: UUID, site: Site, anyone: httpx.AsyncClient
) -> None:
    old = await seen(app, tenant_id, site.put(Answer(picture("red"))))
    old_address = address_of(app, tenant_id, old)
    new = await seen(app, tenant_id, site.put(Answer(picture("blue"))))
    assert new.avatar_key != old.avatar_key
    assert await files_of(app, tenant_id) == [new.avatar_key]
    assert (await anyone.get(old_address)).status_code == 404
    assert (await anyone.get(address_of(app, tenant_id, new))).status_code == 200
    shown = {message.avatar_key for message in await list_messages(app, tenant_id)}
    assert shown == {new.avatar_key}


async def test_address_that_is_refused_takes_the_old_picture_away(app: App, tenant_id: UUID, site: Site) -> None:
    assert (await seen(app, tenant_id, site.put(Answer(picture())))).avatar_key is not None
    message = await seen(app, tenant_id, "http://10.0.0.1/me.png")
    assert "No request is sent" in await reason_of(app, tenant_id, message)
    assert not await files_of(app, tenant_id)


async def test_picture_goes_with_the_last_message_of_its_visitor(app: App, tenant_id: UUID, site: Site) -> None:
    url = site.put(Answer(picture()))
    for _ in range(2):
        await seen(app, tenant_id, url)
    rows = await rows_of(app, tenant_id, "select key from collections.items where tenant_id = :t order by id")
    first, second = (json.loads(row)["key"] for row in rows)
    await delete_item(app, tenant_id, collection=COLLECTION, key=first)
    await finish_jobs(app, tenant_id)
    assert len(await files_of(app, tenant_id)) == 1
    await delete_item(app, tenant_id, collection=COLLECTION, key=second)
    await finish_jobs(app, tenant_id)
    assert not await files_of(app, tenant_id)


async def test_visitors_of_a_burst_each_get_their_own_picture(app: App, tenant_id: UUID, site: Site) -> None:
    colours = ["red", "green", "blue", "white", "black"]
    drafts = [
        MessageDraft(
            text=f"i am {colour}", visitor=VisitorDraft(id=colour, avatar_url=site.put(Answer(picture(colour))))
        )
        for colour in colours
    ]
    await asyncio.gather(*(ingest(app, tenant_id, draft=draft) for draft in drafts))
    await settle(app, tenant_id)
    await finish_jobs(app, tenant_id)
    messages = await list_messages(app, tenant_id)
    assert len({message.avatar_key for message in messages}) == len(colours)
    assert sorted(await files_of(app, tenant_id)) == sorted(message.avatar_key or "" for message in messages)
