"""The way out: deliveries that are due are leased, sent, and marked; in every process that serves or works.

On the wire each delivery goes at least once, always under one `webhook-id`, so that a receiver can tell a repetition;
here it ends once: who lost the lease meanwhile finds nothing to take out of the outbox, and marks nothing.
"""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from uuid import UUID

import httpx
import msgspec
from standardwebhooks import Webhook

from likewise.apps.inbox import logic, store
from likewise.apps.inbox.events import EVENT_IDS_MAX, DeliveriesEnded
from likewise.apps.inbox.service.channels import signing_key
from likewise.apps.inbox.settings import InboxSettings
from likewise.platform.cancelling import heed_cancel
from likewise.platform.egress import PUBLIC
from likewise.platform.errors import Fact
from likewise.platform.events import publish
from likewise.platform.feature import App
from likewise.platform.ids import encode_id, new_id
from likewise.platform.telemetry import get_log

__all__ = ["Outbox", "run_outbox", "send_due"]

log = get_log("likewise.inbox")
_ERROR_CHARACTERS_MAX = 300
_AGAIN_S = 1.0
_GONE = 410


class Outbox:
    """The doorbell of this process's outbox: rung when something was put into it."""

    def __init__(self) -> None:
        self.rung = asyncio.Event()

    def ring(self) -> None:
        """Look soon."""
        self.rung.set()


class _Answer(msgspec.Struct, frozen=True):
    """What became of one attempt; `asked_s`: how long the receiver wants to be left alone."""

    status: int | None
    error: str | None
    asked_s: float | None = None

    @property
    def is_good(self) -> bool:
        return self.error is None


async def run_outbox(app: App) -> None:
    """Send what is due until cancelled."""
    settings = app.settings.get(InboxSettings)
    outbox = app.resource(Outbox)
    async with app.egress.open_client(PUBLIC, read_timeout_s=settings.send_timeout_s, redirects_max=0) as client:
        while True:
            heed_cancel()
            outbox.rung.clear()
            try:
                sent = await send_due(app, client)
            except Exception as error:  # noqa: BLE001 - what is due stays due
                log.warning("outbox_delayed", reason=str(error))
                await asyncio.sleep(_AGAIN_S)
                continue
            if not sent:
                try:
                    async with asyncio.timeout(settings.outbox_poll_s):
                        await outbox.rung.wait()
                except TimeoutError:
                    pass


async def send_due(app: App, client: httpx.AsyncClient) -> int:
    """Send one tenant's due deliveries, a bounded number; how many were begun."""
    settings = app.settings.get(InboxSettings)
    lease = new_id()
    async with app.db.maintenance() as tx:
        tenant_id = await store.find_due_tenant(tx)
        if tenant_id is None:
            return 0
        leased = await store.lease_outbox(
            tx, tenant_id=tenant_id, lease=lease, lease_s=settings.lease_s, limit=settings.outbox_batch
        )
    if not leased:
        return 0
    attempts = {one.delivery_id: one.attempts for one in leased}
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        parcels = await store.list_parcels(tx, ids=list(attempts))
    gate = asyncio.Semaphore(settings.senders)
    ends_at = time.monotonic() + settings.lease_s / 2  # what is not begun by then waits for the next lease

    async def send(parcel: store.Parcel) -> _Answer | None:
        async with gate:
            return await _send(app, client, tenant_id, parcel) if time.monotonic() < ends_at else None

    answers = await asyncio.gather(*(send(parcel) for parcel in parcels))
    pairs = [(parcel, answer) for parcel, answer in zip(parcels, answers, strict=True)]
    await _settle(app, tenant_id, lease, attempts, pairs)
    return len(leased)


async def _settle(
    app: App,
    tenant_id: UUID,
    lease: UUID,
    attempts: dict[UUID, int],
    pairs: Sequence[tuple[store.Parcel, _Answer | None]],
) -> None:
    """Write down how it went, in one transaction; only for what is still ours."""
    settings = app.settings.get(InboxSettings)
    ended: dict[UUID, store.Outcome] = {}
    again: dict[UUID, tuple[store.Outcome | None, float]] = {}
    for parcel, answer in pairs:
        tries = attempts[parcel.id]
        if answer is None:
            again[parcel.id] = (None, 0.0)
        elif answer.is_good:
            ended[parcel.id] = store.Outcome(parcel.id, "delivered", 1, answer.status)
        elif tries >= settings.attempts_max or answer.status == _GONE:
            ended[parcel.id] = store.Outcome(parcel.id, "failed", 1, answer.status, answer.error)
        else:
            pause_s = logic.pause_s(
                tries, first_s=settings.retry_first_s, longest_s=settings.retry_longest_s, asked_s=answer.asked_s
            )
            again[parcel.id] = (store.Outcome(parcel.id, "waiting", 1, answer.status, answer.error), pause_s)
    lost = [delivery_id for delivery_id in attempts if delivery_id not in {parcel.id for parcel, _ in pairs}]
    async with app.db.tenant(tenant_id) as tx:
        # What was cancelled or deleted since is out of the outbox, too, if it was still ours to take.
        taken = set(await store.take_leased(tx, lease=lease, delivery_ids=[*ended, *lost]))
        kept = set(
            await store.return_leased(
                tx,
                lease=lease,
                delivery_ids=list(again),
                pauses_s=[pause for _, pause in again.values()],
                begun=[outcome is not None for outcome, _ in again.values()],
            )
        )
        outcomes = [outcome for delivery_id, outcome in ended.items() if delivery_id in taken]
        outcomes += [outcome for key, (outcome, _) in again.items() if outcome is not None and key in kept]
        if outcomes:
            marked = await store.end_deliveries(tx, outcomes=outcomes)
            over = list(dict.fromkeys(one.action_id for one in marked if one.state in {"delivered", "failed"}))
            await publish(
                tx,
                [DeliveriesEnded(over[start : start + EVENT_IDS_MAX]) for start in range(0, len(over), EVENT_IDS_MAX)],
            )


async def _send(app: App, client: httpx.AsyncClient, tenant_id: UUID, parcel: store.Parcel) -> _Answer:
    if parcel.delivery_url is None:
        return _Answer(None, "the channel has no address any more; give it one and try again")
    body = _body(parcel)
    name = encode_id("dlv", parcel.id)
    at = datetime.now(UTC)
    secret = logic.channel_secret(
        signing_key(app), tenant_id=tenant_id, channel_id=parcel.channel_id, version=parcel.secret_version
    )
    headers = {
        "content-type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(name, at, body.decode()),
    }
    timeout_s = app.settings.get(InboxSettings).send_timeout_s
    try:
        # For all of it: who answers a byte now and then must hold up neither the lease nor the others.
        async with asyncio.timeout(timeout_s):
            answer = await client.post(parcel.delivery_url, content=body, headers=headers)
    except TimeoutError:
        return _Answer(None, f"it had not answered after {timeout_s:g} s")
    except Fact as fact:
        return _Answer(None, fact.message[:_ERROR_CHARACTERS_MAX])
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return _Answer(None, f"{type(error).__name__}: {error}"[:_ERROR_CHARACTERS_MAX])
    if answer.is_success:
        return _Answer(answer.status_code, None)
    return _Answer(answer.status_code, f"it answered {answer.status_code}", _asked_s(answer))


def _body(parcel: store.Parcel) -> bytes:
    visitor = None
    if parcel.visitor_external_id is not None:
        visitor = {"id": parcel.visitor_external_id, "name": parcel.visitor_name}
    return msgspec.json.encode(
        {
            "type": "inbox.answer",
            "timestamp": parcel.created_at,
            "data": {
                "delivery": encode_id("dlv", parcel.id),
                "action": encode_id("act", parcel.action_id),
                "channel": parcel.channel,
                "message": {"id": parcel.external_id, "message": encode_id("msg", parcel.message_id)},
                "visitor": visitor,
                "text": parcel.text,
            },
        }
    )


def _asked_s(answer: httpx.Response) -> float | None:
    """What Retry-After asks for, seconds."""
    value = answer.headers.get("retry-after", "").strip()
    if value.isdecimal():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None
