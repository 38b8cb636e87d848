"""Signed webhooks in, signed answers out: what is believed, what is sent again, and what never leaves."""

import asyncio
import json
import socket
import threading
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from standardwebhooks import Webhook, WebhookVerificationError
from tests.apps.inbox_runs import FAST, rows_of
from tests.apps.inbox_scenes import CARD, Asked, Receiver, Reply, draft, events_of, home_of, let_pass, open_client, put

from likewise.app import Server, open_app
from likewise.apps.inbox import Channel, Delivery, answer_cluster, create_channel, logic, store
from likewise.apps.inbox.errors import ActionNotUndoable, DeliveryNotRetryable
from likewise.apps.inbox.model import COLLECTION
from likewise.apps.inbox.service import (
    get_message,
    hook_path,
    list_deliveries,
    list_messages,
    retry_delivery,
    rotate_secret,
    run_outbox,
    secret_of,
    send_due,
    undo_answer,
    update_channel,
)
from likewise.engine.collections import delete_item
from likewise.platform.config import Settings
from likewise.platform.egress import PUBLIC
from likewise.platform.feature import App
from likewise.platform.ids import decode_id, encode_id, new_id
from likewise.platform.tenancy import create_tenant

RETRY_FIRST_S, LEASE_S, ATTEMPTS_MAX, HOOKS_MIN, SEND_TIMEOUT_S = 5, 30, 3, 25, 2


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def hidden() -> Iterator[Receiver]:
    """A service of this machine that no answer should reach."""
    made = Receiver()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def closed_port() -> int:
    """A port where nobody listens."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
async def app(
    server: Server, receiver: Receiver, closed_port: int, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[App]:
    """The application whose owner lets answers go to the receiver; they leave at once."""
    flags = {
        **FAST,
        "home": tmp_path_factory.mktemp("home"),
        "egress_public_hosts": (f"127.0.0.1:{receiver.port}", f"127.0.0.1:{closed_port}"),
        "inbox_undo_s": 0,
        "inbox_retry_first_s": RETRY_FIRST_S,
        "inbox_attempts_max": ATTEMPTS_MAX,
        "inbox_lease_s": LEASE_S,
        "inbox_send_timeout_s": SEND_TIMEOUT_S,
        "inbox_outbox_poll_s": 60,
        "inbox_webhook_requests_min": HOOKS_MIN,
    }
    async with open_app(Settings(flags, file=Path("/nonexistent/likewise.toml")), server=server) as opened:
        yield opened


@pytest.fixture
async def client(app: App, tenant_id: UUID) -> AsyncIterator[httpx.AsyncClient]:
    async with open_client(app, tenant_id) as opened:
        opened.headers.pop("Authorization")
        yield opened


class Hook:
    """A channel's own sender of webhooks."""

    def __init__(self, app: App, tenant_id: UUID, channel: Channel, client: httpx.AsyncClient) -> None:
        self.path = hook_path(app, tenant_id, channel.id)
        self.secret = secret_of(app, tenant_id, channel.id, version=channel.secret_version)
        self.client = client

    def headers(self, body: str, *, name: str = "wh-1", at: datetime | None = None) -> dict[str, str]:
        when = at or datetime.now(UTC)
        return {
            "webhook-id": name,
            "webhook-timestamp": str(int(when.timestamp())),
            "webhook-signature": Webhook(self.secret).sign(name, when, body),
        }

    async def post(self, body: str | Mapping[str, object], **changes: Any) -> httpx.Response:
        """Sign a body and post it; `headers` replaces some of them after that."""
        text = body if isinstance(body, str) else json.dumps(body)
        replaced = changes.pop("headers", {})
        headers = {**self.headers(text, **changes), **replaced}
        content = [(name.encode(), v.encode("latin-1")) for name, v in headers.items() if v is not None]
        return await self.client.post(self.path, content=text.encode(), headers=content)


@pytest.fixture
async def hook(app: App, tenant_id: UUID, client: httpx.AsyncClient) -> Hook:
    return Hook(app, tenant_id, await create_channel(app, tenant_id, name="website"), client)


async def test_signed_message_is_taken_in_without_a_key(app: App, tenant_id: UUID, hook: Hook) -> None:
    answer = await hook.post(
        {"text": "Do you gift wrap?", "visitor": {"id": "v-7", "name": "Ida"}, "payload": {"a": 1}}
    )
    assert (answer.status_code, answer.json()["status"], answer.json()["is_new"]) == (202, "pending", True)
    message = await get_message(app, tenant_id, message_id=decode_id("msg", answer.json()["id"]))
    assert (message.channel, message.external_id, message.visitor_name) == ("website", "wh-1", "Ida")
    wrapped = {"type": "message", "data": {"text": "And by post?", "id": "own", "channel": "api"}}
    answer = await hook.post(wrapped, name="wh-2")
    message = await get_message(app, tenant_id, message_id=decode_id("msg", answer.json()["id"]))
    assert (message.channel, message.external_id) == ("website", "own"), "whose message it is says the address alone"


async def test_webhook_that_is_sent_again_is_the_same_message(app: App, tenant_id: UUID, hook: Hook) -> None:
    first = (await hook.post({"text": "Do you gift wrap?"})).json()
    headers = hook.headers(json.dumps({"text": "Do you gift wrap?"}))
    for _ in range(2):
        again = await hook.post({"text": "Do you gift wrap?"}, headers=headers)
        assert (again.status_code, again.json()["id"], again.json()["is_new"]) == (202, first["id"], False)
    changed = await hook.post({"text": "Do you gift wrap at all?"})
    assert (changed.status_code, changed.json()["code"]) == (409, "message_changed")
    assert len(await list_messages(app, tenant_id)) == 1


async def test_what_is_not_signed_by_the_channels_secret_is_refused(app: App, tenant_id: UUID, hook: Hook) -> None:
    body = json.dumps({"text": "Do you gift wrap?"})
    other = Hook(app, tenant_id, await create_channel(app, tenant_id, name="other"), hook.client)
    now = datetime.now(UTC)
    unsigned: list[dict[str, str | None]] = [
        {"webhook-signature": other.headers(body)["webhook-signature"]},
        {"webhook-signature": hook.headers("{}")["webhook-signature"]},
        {"webhook-signature": hook.headers(body, name="wh-2")["webhook-signature"]},
        {"webhook-signature": hook.headers(body, at=now - timedelta(seconds=2))["webhook-signature"]},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "x" * 5_000},
        {"webhook-signature": "v1," + b64encode(bytes(32)).decode()},
        {"webhook-signature": None},
        {"webhook-timestamp": None},
        {"webhook-id": None},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "\N{SUPERSCRIPT TWO}"},
        {"webhook-timestamp": "9" * 5_000},
        {"webhook-timestamp": f"-{int(now.timestamp())}"},
    ]
    for headers in unsigned:
        answer = await hook.post(body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "hook_refused"), headers
    assert not await list_messages(app, tenant_id)


async def test_old_and_early_signatures_are_refused(app: App, tenant_id: UUID, hook: Hook) -> None:
    now = datetime.now(UTC)
    for seconds in (-310, 310, -86_400):
        answer = await hook.post({"text": "x"}, at=now + timedelta(seconds=seconds))
        assert answer.status_code == 401
        assert "not within 300 s" in answer.json()["detail"]
    for seconds in (-250, 250):
        answer = await hook.post({"text": f"x{seconds}"}, at=now + timedelta(seconds=seconds), name=f"wh{seconds}")
        assert answer.status_code == 202
    assert len(await list_messages(app, tenant_id)) == 2


async def test_secret_that_was_replaced_signs_nothing_any_more(app: App, tenant_id: UUID, hook: Hook) -> None:
    channel = await rotate_secret(app, tenant_id, name="website")
    assert (await hook.post({"text": "x"})).status_code == 401
    new = Hook(app, tenant_id, channel, hook.client)
    assert (new.path, new.secret == hook.secret) == (hook.path, False)
    body = json.dumps({"text": "x"})
    both = f"{hook.headers(body)['webhook-signature']} {new.headers(body)['webhook-signature']}"
    assert (await new.post(body, headers={"webhook-signature": both})).status_code == 202


async def test_address_that_is_not_ours_is_refused_like_a_bad_signature(app: App, tenant_id: UUID, hook: Hook) -> None:
    token = hook.path.rsplit("/", 1)[1]
    key = app.db.secret("inbox channels")
    nobody = logic.hook_token(key, tenant_id=tenant_id, channel_id=new_id())
    forged = logic.hook_token(b"k" * 32, tenant_id=tenant_id, channel_id=new_id())
    for unknown in (token[:-2] + "AA", "x", token + "AAAA", nobody, forged, "%C3%A9"):
        hook.path = f"/public/v1/inbox/hooks/{unknown}"
        answer = await hook.post({"text": "x"})
        assert (answer.status_code, answer.json()["code"]) == (401, "hook_refused"), unknown
    assert not await list_messages(app, tenant_id)


async def test_signed_body_that_is_no_message_is_told_what_is_wrong(app: App, tenant_id: UUID, hook: Hook) -> None:
    for number, (body, reason) in enumerate(
        [("{", "truncated"), ("[]", "object"), ('{"txt": 1}', "text"), ('{"data": {"text": 5}}', "$.data.text")]
    ):
        answer = await hook.post(body, name=f"wh-{number}")
        assert (answer.status_code, answer.json()["code"]) == (422, "message_refused"), body
        assert reason in answer.json()["detail"], answer.text
    assert (await hook.post({"text": " "})).status_code == 422
    assert (await hook.post({"text": "x"}, name="x" * 501)).status_code == 422
    assert not await list_messages(app, tenant_id)


async def test_channel_that_sends_too_much_is_asked_to_wait(app: App, tenant_id: UUID, hook: Hook) -> None:
    other = Hook(app, tenant_id, await create_channel(app, tenant_id, name="other"), hook.client)
    statuses = [(await hook.post({"text": "x"})).status_code for _ in range(HOOKS_MIN)]
    assert set(statuses) == {202}
    limited = await hook.post({"text": "x"})
    assert limited.status_code == 429
    assert int(limited.headers["retry-after"]) >= 1
    assert (await other.post({"text": "x"})).status_code == 202


async def given(app: App, tenant_id: UUID, url: str, *, count: int = 1) -> tuple[UUID, Channel]:
    """Messages of a channel are answered; the action that is on its way to this address."""
    channel = await create_channel(app, tenant_id, name="shop", delivery_url=url)
    drafts = [draft(CARD[n % 8], key=f"m{n}", channel="shop", visitor=f"v{n}", name="Ada Lovell") for n in range(count)]
    ids = await put(app, tenant_id, drafts)
    home = await home_of(app, tenant_id, ids[0])
    made = await answer_cluster(
        app, tenant_id, cluster_id=home, response_text="Hi {{first_name}}, yes — soon.", actor="ada"
    )
    return made.id, channel


async def send(app: App) -> None:
    """What a process of the outbox does, until nothing is due."""
    async with app.egress.open_client(PUBLIC, read_timeout_s=SEND_TIMEOUT_S, redirects_max=0) as client:
        while await send_due(app, client):
            pass


async def delivery_of(app: App, tenant_id: UUID) -> Delivery:
    (found,) = await list_deliveries(app, tenant_id)
    return found


async def due_in_s(app: App, tenant_id: UUID) -> float:
    """Seconds until the one delivery in the outbox is due."""
    (row,) = await rows_of(
        app, tenant_id, "select extract(epoch from due_at - now()) as s from inbox.outbox where tenant_id = :t"
    )
    return float(json.loads(row)["s"])


async def until(found: Callable[[], Awaitable[object]] | Callable[[], object]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(30):
        while True:
            seen = found()
            if await seen if isinstance(seen, Awaitable) else seen:
                return
            await asyncio.sleep(0.01)


async def test_answer_arrives_signed_and_is_sent_once(app: App, tenant_id: UUID, receiver: Receiver) -> None:
    url = receiver.put()
    action_id, channel = await given(app, tenant_id, url, count=5)
    await send(app)
    asked = receiver.asked_at(url)
    secret = secret_of(app, tenant_id, channel.id, version=1)
    bodies = [Webhook(secret).verify(one.body, one.headers) for one in asked]
    assert sorted(body["data"]["message"]["id"] for body in bodies) == [f"m{n}" for n in range(5)]
    (first,) = [body for body in bodies if body["data"]["message"]["id"] == "m0"]
    assert first["type"] == "inbox.answer"
    assert first["data"]["text"] == "Hi Ada, yes — soon."
    assert first["data"]["visitor"] == {"id": "v0", "name": "Ada Lovell"}
    assert (first["data"]["action"], first["data"]["channel"]) == (encode_id("act", action_id), "shop")
    assert {one.headers["webhook-id"] for one in asked} == {body["data"]["delivery"] for body in bodies}
    found = await list_deliveries(app, tenant_id, action_id=action_id)
    assert {(one.state, one.attempts, one.last_status, one.last_error) for one in found} == {
        ("delivered", 1, 200, None)
    }
    assert all(one.ended_at for one in found)
    (ended,) = await events_of(app, tenant_id, "inbox.deliveries_ended")
    assert ended["action_ids"] == [str(action_id)]
    stranger = secret_of(app, tenant_id, new_id(), version=1)
    with pytest.raises(WebhookVerificationError):
        Webhook(stranger).verify(asked[0].body, asked[0].headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(asked[0].body + b" ", asked[0].headers)
    await let_pass(app, tenant_id, seconds=3_600)
    await send(app)
    assert len(receiver.asked_at(url)) == 5


async def test_what_leaves_after_a_secret_was_replaced_is_signed_by_the_new_one(
    app: App, tenant_id: UUID, receiver: Receiver
) -> None:
    url = receiver.put()
    _, channel = await given(app, tenant_id, url)
    await rotate_secret(app, tenant_id, name="shop")
    await send(app)
    (asked,) = receiver.asked_at(url)
    Webhook(secret_of(app, tenant_id, channel.id, version=2)).verify(asked.body, asked.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret_of(app, tenant_id, channel.id, version=1)).verify(asked.body, asked.headers)


async def test_outbox_is_rung_when_an_answer_is_given(app: App, tenant_id: UUID, receiver: Receiver) -> None:
    url = receiver.put()
    running = asyncio.create_task(run_outbox(app))  # by itself it looks once a minute
    try:
        await given(app, tenant_id, url)
        await until(lambda: receiver.asked_at(url))
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@pytest.mark.parametrize(
    ("reply", "status", "error"),
    [
        (Reply(500), 500, "it answered 500"),
        (Reply(404), 404, "it answered 404"),
        (Reply(401), 401, "it answered 401"),
        (Reply(302), 302, "it answered 302"),
        (Reply(None), None, "RemoteProtocolError"),
        (Reply(drip=True), None, f"after {SEND_TIMEOUT_S} s"),
        (None, None, "ConnectError"),
    ],
    ids=["500", "404", "401", "302", "hung up", "never ends", "refused"],
)
async def test_whatever_is_no_success_is_tried_again(  # noqa: PLR0917  cases and fixtures come by name
    app: App,
    tenant_id: UUID,
    receiver: Receiver,
    closed_port: int,
    reply: Reply | None,
    status: int | None,
    error: str,
) -> None:
    url = f"http://127.0.0.1:{closed_port}/" if reply is None else receiver.put(reply)
    await given(app, tenant_id, url)
    await send(app)
    found = await delivery_of(app, tenant_id)
    assert (found.state, found.attempts, found.last_status, found.ended_at) == ("waiting", 1, status, None)
    assert found.last_error is not None
    assert error in found.last_error
    assert not await events_of(app, tenant_id, "inbox.deliveries_ended")
    if reply is None:
        url = receiver.put()
        await update_channel(app, tenant_id, name="shop", delivery_url=url)
    await let_pass(app, tenant_id, seconds=2 * RETRY_FIRST_S)
    await send(app)
    found = await delivery_of(app, tenant_id)
    assert (found.state, found.attempts, found.last_status, found.last_error) == ("delivered", 2, 200, None)
    assert len({one.headers["webhook-id"] for one in receiver.asked_at(url)}) == 1


async def test_redirect_is_not_followed(app: App, tenant_id: UUID, receiver: Receiver, hidden: Receiver) -> None:
    elsewhere = [receiver.put(), hidden.put(), receiver.put()]
    url = receiver.put(
        *(Reply(code, headers={"location": to}) for code, to in zip((302, 307, 308), elsewhere, strict=True))
    )
    await given(app, tenant_id, url)
    for _ in elsewhere:
        await send(app)
        await let_pass(app, tenant_id, seconds=1_000)
    assert len(receiver.asked_at(url)) == 3
    assert not any(receiver.asked_at(to) + hidden.asked_at(to) for to in elsewhere)
    assert (await delivery_of(app, tenant_id)).last_status == 308


async def test_pauses_grow_until_a_delivery_is_given_up_and_may_be_tried_again(
    app: App, tenant_id: UUID, receiver: Receiver
) -> None:
    url = receiver.put(*[Reply(503)] * ATTEMPTS_MAX)
    action_id, _ = await given(app, tenant_id, url)
    pauses: list[float] = []
    for attempt in range(1, ATTEMPTS_MAX):
        await send(app)
        assert len(receiver.asked_at(url)) == attempt, "not again before its time"
        pauses.append(await due_in_s(app, tenant_id))
        with pytest.raises(DeliveryNotRetryable):
            await retry_delivery(app, tenant_id, delivery_id=(await delivery_of(app, tenant_id)).id)
        await let_pass(app, tenant_id, seconds=pauses[-1] + 0.5)
    assert all(0.5 * RETRY_FIRST_S * 4**n < pause <= 1.2 * RETRY_FIRST_S * 4**n for n, pause in enumerate(pauses))
    await send(app)
    found = await delivery_of(app, tenant_id)
    assert (found.state, found.attempts, found.last_status) == ("failed", ATTEMPTS_MAX, 503)
    assert found.ended_at is not None
    assert len(await events_of(app, tenant_id, "inbox.deliveries_ended")) == 1
    await let_pass(app, tenant_id, seconds=100_000)
    await send(app)
    assert len(receiver.asked_at(url)) == ATTEMPTS_MAX
    with pytest.raises(ActionNotUndoable):
        await undo_answer(app, tenant_id, action_id=action_id)
    again = await retry_delivery(app, tenant_id, delivery_id=found.id)
    assert (again.state, again.ended_at) == ("waiting", None)
    with pytest.raises(ActionNotUndoable, match="left already"):
        await undo_answer(app, tenant_id, action_id=action_id)
    await send(app)
    found = await delivery_of(app, tenant_id)
    assert (found.state, found.attempts, found.last_status, found.last_error) == (
        "delivered",
        ATTEMPTS_MAX + 1,
        200,
        None,
    )
    assert len({one.headers["webhook-id"] for one in receiver.asked_at(url)}) == 1


def test_pauses_are_four_times_longer_each_within_their_bound() -> None:
    for attempt, base in ((1, 5), (2, 20), (3, 80), (7, 20_480)):
        some = [logic.pause_s(attempt, first_s=5, longest_s=21_600) for _ in range(50)]
        assert all(0.8 * base <= pause <= min(21_600, 1.2 * base) for pause in some)
        assert len(set(some)) > 1, "what failed together does not come back together"
    assert logic.pause_s(400, first_s=5, longest_s=21_600) == 21_600
    assert logic.pause_s(1, first_s=5, longest_s=21_600, asked_s=600) == 600
    assert logic.pause_s(1, first_s=5, longest_s=21_600, asked_s=1e9) == 21_600


@pytest.mark.parametrize(
    ("asked", "between"),
    [
        ("120", (80, 120)),
        ("date", (60, 101)),
        ("9" * 400, (21_000, 21_600)),
        ("soon", (0, 6)),
        ("-5", (0, 6)),
        ("\N{SUPERSCRIPT TWO}", (0, 6)),
        ("", (0, 6)),
    ],
)
async def test_receiver_is_left_alone_as_long_as_it_asks(
    app: App, tenant_id: UUID, receiver: Receiver, asked: str, between: tuple[float, float]
) -> None:
    wish = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True) if asked == "date" else asked
    url = receiver.put(Reply(429, headers={"retry-after": wish}))
    await given(app, tenant_id, url)
    await send(app)
    assert (await delivery_of(app, tenant_id)).last_status == 429
    assert between[0] <= await due_in_s(app, tenant_id) <= between[1]


async def test_gone_ends_a_delivery_at_once(app: App, tenant_id: UUID, receiver: Receiver) -> None:
    url = receiver.put(Reply(410))
    await given(app, tenant_id, url)
    await send(app)
    found = await delivery_of(app, tenant_id)
    assert (found.state, found.attempts, found.last_status) == ("failed", 1, 410)
    assert not await rows_of(app, tenant_id, "select delivery_id from inbox.outbox where tenant_id = :t")


async def test_answers_go_to_no_private_address_that_the_owner_has_not_named(
    app: App, tenant_id: UUID, hidden: Receiver
) -> None:
    urls = [
        hidden.put(),
        "http://localhost/answers",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://0x7f.1/",
    ]
    for number, url in enumerate(urls):
        other = (await create_tenant(app.db, name=encode_id("test", new_id()))).tenant_id if number else tenant_id
        await given(app, other, url)
        await send(app)
        found = await delivery_of(app, other)
        assert (found.state, found.attempts, found.last_status) == ("waiting", 1, None)
        assert found.last_error is not None
        assert "LIKEWISE_EGRESS_PUBLIC_HOSTS" in found.last_error or "port" in found.last_error, found.last_error
    assert not hidden.asked


async def test_delivery_whose_sender_died_is_taken_over_when_its_lease_ends(
    app: App, tenant_id: UUID, receiver: Receiver
) -> None:
    url = receiver.put()
    action_id, _ = await given(app, tenant_id, url)
    async with app.db.maintenance() as tx:  # somebody takes it and is never heard of again
        leased = await store.lease_outbox(tx, tenant_id=tenant_id, lease=new_id(), lease_s=LEASE_S, limit=10)
    assert len(leased) == 1
    await send(app)
    assert not receiver.asked_at(url), "it is somebody's"
    with pytest.raises(ActionNotUndoable):
        await undo_answer(app, tenant_id, action_id=action_id)
    await let_pass(app, tenant_id, seconds=LEASE_S)
    await send(app)
    assert len(receiver.asked_at(url)) == 1
    assert (await delivery_of(app, tenant_id)).state == "delivered"


async def test_who_lost_the_lease_meanwhile_marks_nothing(app: App, tenant_id: UUID, receiver: Receiver) -> None:
    held = threading.Event()
    url = receiver.put(Reply(500, held=held))
    action_id, _ = await given(app, tenant_id, url)
    slow = asyncio.create_task(send(app))
    try:
        await until(lambda: receiver.asked_at(url))
        with pytest.raises(ActionNotUndoable, match="left already"):
            await undo_answer(app, tenant_id, action_id=action_id)
        await let_pass(app, tenant_id, seconds=LEASE_S)
        await send(app)
        before = await delivery_of(app, tenant_id)
        assert before.state == "delivered"
    finally:
        held.set()
        await slow
    assert await delivery_of(app, tenant_id) == before
    assert len({one.headers["webhook-id"] for one in receiver.asked_at(url)}) == 1
    assert not await rows_of(app, tenant_id, "select delivery_id from inbox.outbox where tenant_id = :t")


@pytest.mark.parametrize("status", [200, 410, 500])
async def test_while_somebody_else_has_the_lease_nothing_is_marked(
    app: App, tenant_id: UUID, receiver: Receiver, status: int
) -> None:
    first, second = threading.Event(), threading.Event()
    url = receiver.put(Reply(status, held=first), Reply(200, held=second))
    await given(app, tenant_id, url)
    slow = asyncio.create_task(send(app))
    await until(lambda: receiver.asked_at(url))
    await let_pass(app, tenant_id, seconds=LEASE_S)
    quick = asyncio.create_task(send(app))
    try:
        await until(lambda: len(receiver.asked_at(url)) == 2)
        before = await delivery_of(app, tenant_id)
        first.set()
        await slow
        assert await delivery_of(app, tenant_id) == before
        assert 0 < await due_in_s(app, tenant_id) <= LEASE_S, "it is still the other's"
    finally:
        first.set()
        second.set()
        await asyncio.gather(slow, quick)
    found = await delivery_of(app, tenant_id)
    assert (found.state, found.attempts, found.last_status) == ("delivered", 1, 200)


async def test_several_processes_send_each_answer_once(app: App, tenant_id: UUID, receiver: Receiver) -> None:
    url = receiver.put()
    action_id, _ = await given(app, tenant_id, url, count=24)
    await asyncio.gather(*(send(app) for _ in range(4)))
    asked = receiver.asked_at(url)
    assert len(asked) == len({one.headers["webhook-id"] for one in asked}) == 24
    found = await list_deliveries(app, tenant_id, action_id=action_id)
    assert {(one.state, one.attempts) for one in found} == {("delivered", 1)}


async def test_answer_whose_message_is_deleted_is_not_sent(app: App, tenant_id: UUID, receiver: Receiver) -> None:
    url = receiver.put()
    await given(app, tenant_id, url, count=2)
    rows = await rows_of(app, tenant_id, "select i.key from collections.items i where i.tenant_id = :t order by i.id")
    await delete_item(app, tenant_id, collection=COLLECTION, key=json.loads(rows[0])["key"])
    await send(app)
    asked: list[Asked] = receiver.asked_at(url)
    assert [json.loads(one.body)["data"]["message"]["id"] for one in asked] == ["m1"]


async def test_channel_that_lost_its_address_gets_its_answers_once_it_has_one(
    app: App, tenant_id: UUID, receiver: Receiver
) -> None:
    await given(app, tenant_id, "https://shop.example/answers")
    await update_channel(app, tenant_id, name="shop", delivery_url="")
    await send(app)
    found = await delivery_of(app, tenant_id)
    assert found.state == "waiting"
    assert "no address" in (found.last_error or "")
    url = receiver.put()
    await update_channel(app, tenant_id, name="shop", delivery_url=url)
    await let_pass(app, tenant_id, seconds=2 * RETRY_FIRST_S)
    await send(app)
    assert len(receiver.asked_at(url)) == 1
    assert (await delivery_of(app, tenant_id)).state == "delivered"


async def test_secret_is_shown_to_admins_only_and_stored_nowhere(app: App, tenant_id: UUID) -> None:
    await create_channel(app, tenant_id, name="shop")
    path = "/api/v1/inbox/channels/shop/secret"
    async with open_client(app, tenant_id) as admin, open_client(app, tenant_id, "write") as writer:
        secret = (await admin.get(path)).json()["secret"]
        assert secret.startswith("whsec_")
        assert (await writer.get(path)).status_code == 403
        assert (await writer.post(path)).status_code == 403
        assert (await admin.post(path)).json()["secret"] != secret
    rows = await rows_of(app, tenant_id, "select * from inbox.channels where tenant_id = :t")
    assert not any(secret.removeprefix("whsec_") in row for row in rows)
