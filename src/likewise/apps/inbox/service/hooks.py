"""Messages by signed webhook: the signature is the key, and the address says whose channel it is."""

import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

import msgspec
from standardwebhooks import Webhook, WebhookVerificationError

from likewise.apps.inbox import logic, store
from likewise.apps.inbox.errors import HookRefused, MessageRefused
from likewise.apps.inbox.model import Channel, Ingested, MessageDraft
from likewise.apps.inbox.service.channels import secret_of, signing_key
from likewise.apps.inbox.service.ingesting import ingest
from likewise.apps.inbox.settings import InboxSettings
from likewise.platform.feature import App
from likewise.platform.limits import Policy, RateLimited

__all__ = ["HookMessage", "receive_hook"]

_STAMP = re.compile("[0-9]{1,15}")
_HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")


class HookMessage(msgspec.Struct, frozen=True):
    """A webhook's body: `{"type": "message", "data": {...}}`, or the message itself."""

    data: MessageDraft


class _Envelope(msgspec.Struct, frozen=True):
    """As much of a body as tells whether the message is inside it or is all of it."""

    data: msgspec.Raw = msgspec.Raw()


async def receive_hook(app: App, *, token: str, headers: Mapping[str, str], body: bytes) -> Ingested:
    """Store the message of a signed webhook; sent again it is the same message. Raises HookRefused, MessageRefused,
    RateLimited."""
    settings = app.settings.get(InboxSettings)
    known = logic.read_hook_token(signing_key(app), token)
    if known is None:
        raise HookRefused(reason="no channel has this address")
    tenant_id, channel_id = known
    policy = Policy("inbox_webhooks", settings.webhook_requests_min, 60, settings.webhook_requests_min)
    decision = await app.limits.take(policy, tenant_id=tenant_id, key=str(channel_id))
    if not decision.allowed:
        raise RateLimited(decision)
    channel = await _channel(app, tenant_id, channel_id)
    _verify(app, tenant_id, channel, headers, body)
    draft = _draft(body)
    draft = msgspec.structs.replace(
        draft, channel=channel.name, id=draft.id if draft.id is not None else headers["webhook-id"]
    )
    return await ingest(app, tenant_id, draft=draft)


async def _channel(app: App, tenant_id: UUID, channel_id: UUID) -> Channel:
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        found = await store.list_channels_by_id(tx, ids=[channel_id])
    if not found:
        raise HookRefused(reason="no channel has this address")
    return found[0]


def _verify(app: App, tenant_id: UUID, channel: Channel, headers: Mapping[str, str], body: bytes) -> None:
    missing = [name for name in _HEADERS if not headers.get(name)]
    if missing:
        raise HookRefused(reason=f"the header {missing[0]} is missing")
    stamp = headers["webhook-timestamp"]
    tolerance_s = app.settings.get(InboxSettings).webhook_tolerance_s
    if not _STAMP.fullmatch(stamp) or abs(int(stamp) - app.clock.now().timestamp()) > tolerance_s:
        raise HookRefused(reason=f"its time is not within {tolerance_s:g} s of now")
    secret = secret_of(app, tenant_id, channel.id, version=channel.secret_version)
    try:
        text = body.decode()
        expected = Webhook(secret).sign(headers["webhook-id"], datetime.fromtimestamp(int(stamp), UTC), text)
        _compare(expected, headers["webhook-signature"])
    except (UnicodeDecodeError, OverflowError, ValueError, WebhookVerificationError) as error:
        raise HookRefused(reason="it was made with another secret, or of another body") from error


def _compare(expected: str, given: str) -> None:
    """Any of the signatures given may be the right one: senders name several while a secret changes."""
    if not any(hmac.compare_digest(expected.encode(), one.encode()) for one in given.split()):
        raise WebhookVerificationError("no signature fits")


def _draft(body: bytes) -> MessageDraft:
    try:
        if msgspec.json.decode(body, type=_Envelope).data:
            return msgspec.json.decode(body, type=HookMessage).data
        return msgspec.json.decode(body, type=MessageDraft)
    except msgspec.DecodeError as error:
        raise MessageRefused(reason=f"the body is no message: {error}") from error
