"""Addresses that carry their own permission: an expiry and an HMAC over tenant, key and expiry."""

import hashlib
import hmac
from urllib.parse import quote, urlencode
from uuid import UUID

from likewise.platform.clock import Clock
from likewise.platform.errors import FieldError, Rejected
from likewise.platform.files.model import SignatureInvalid, check_key

__all__ = ["PATH", "UrlSigner"]

PATH = "/api/v1/files"


class LifetimeInvalid(Rejected):
    """A signed address can live between 1 and {lifetime_s_max} s, not {lifetime_s}."""


class UrlSigner:
    """Signs and verifies with one secret, the same on every host."""

    def __init__(self, secret: bytes, *, lifetime_s_max: int, clock: Clock) -> None:
        self._secret = secret
        self._lifetime_s_max = lifetime_s_max
        self._clock = clock

    def sign(self, tenant_id: UUID, *, key: str, lifetime_s: int) -> str:
        """`/api/v1/files/<tenant>/<key>?expires=...&signature=...`."""
        check_key(key)
        if not 1 <= lifetime_s <= self._lifetime_s_max:
            problem = FieldError("/lifetime_s", "out of range")
            raise LifetimeInvalid(errors=[problem], lifetime_s=lifetime_s, lifetime_s_max=self._lifetime_s_max)
        expires = int(self._clock.now().timestamp()) + lifetime_s
        query = urlencode({"expires": expires, "signature": self._signature(tenant_id, key, expires)})
        return f"{PATH}/{tenant_id}/{quote(key)}?{query}"

    def verify(self, tenant_id: UUID, *, key: str, expires: int, signature: str) -> None:
        """Raise SignatureInvalid unless `sign` made these and their time is not over."""
        expected = self._signature(tenant_id, key, expires)
        genuine = hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace"))
        if not genuine or expires <= self._clock.now().timestamp():
            raise SignatureInvalid

    def _signature(self, tenant_id: UUID, key: str, expires: int) -> str:
        message = f"file\n{tenant_id}\n{expires}\n{key}".encode()
        return hmac.new(self._secret, message, hashlib.sha256).hexdigest()
