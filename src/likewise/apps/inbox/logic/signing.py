"""Secrets of channels and the addresses of their webhooks, all derived: nothing secret is stored."""

import base64
import hashlib
import hmac
from uuid import UUID

__all__ = ["channel_secret", "hook_token", "read_hook_token"]

_TAG_BYTES = 16
_UUID_BYTES = 16


def channel_secret(key: bytes, *, tenant_id: UUID, channel_id: UUID, version: int) -> str:
    """The secret both sides sign with, as Standard Webhooks writes it: `whsec_` and base64 of 32 bytes."""
    message = b"channel" + tenant_id.bytes + channel_id.bytes + version.to_bytes(8, "big")
    return "whsec_" + base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()


def hook_token(key: bytes, *, tenant_id: UUID, channel_id: UUID) -> str:
    """The last part of the address a channel's webhooks go to. It says whose they are; the signature proves it."""
    body = tenant_id.bytes + channel_id.bytes
    return base64.urlsafe_b64encode(body + _tag(key, body)).decode().rstrip("=")


def read_hook_token(key: bytes, token: str) -> tuple[UUID, UUID] | None:
    """Tenant and channel behind a token; None where it is not one of ours."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        return None
    body, tag = raw[: 2 * _UUID_BYTES], raw[2 * _UUID_BYTES :]
    if len(body) != 2 * _UUID_BYTES or not hmac.compare_digest(tag, _tag(key, body)):
        return None
    return UUID(bytes=body[:_UUID_BYTES]), UUID(bytes=body[_UUID_BYTES:])


def _tag(key: bytes, body: bytes) -> bytes:
    return hmac.new(key, b"hook" + body, hashlib.sha256).digest()[:_TAG_BYTES]
