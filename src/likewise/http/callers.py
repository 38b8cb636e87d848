"""Who is asking: a key's tenant, or, on a server bound to loopback, the owner of this machine.

A browser may send requests to this machine on behalf of any page. So without a key, only loopback names are accepted
as Host, and only our own origin as Origin: a foreign page can neither read nor write.
"""

import ipaddress
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from likewise.http.settings import HttpSettings
from likewise.http.wire import Headers
from likewise.platform.errors import Denied
from likewise.platform.limits import Policy, RateLimited, rate_limit_headers
from likewise.platform.tenancy import DEFAULT_TENANT, Caller, authenticate
from likewise.platform.tenancy import Scope as KeyScope

if TYPE_CHECKING:
    from likewise.platform.feature import App

__all__ = ["AuthorizationMalformed", "Callers", "ForeignOrigin", "KeyNeeded", "is_loopback"]

_OWNER = Caller(tenant_id=DEFAULT_TENANT, scopes=frozenset({KeyScope.ADMIN.value}))


class KeyNeeded(Denied):
    """This server is not bound to loopback, so every request needs a key: send `Authorization: Bearer lw_...`. Make one
    with `likewise keys create NAME`."""

    status = 401


class ForeignOrigin(Denied):
    """A request without a key is only taken from this machine's own pages, not from {origin!r}. Send an API key."""


class AuthorizationMalformed(Denied):
    """The Authorization header has another form than `Bearer lw_...`."""

    status = 401


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's own loopback."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class Callers:
    """Tells callers by their requests, and counts what they ask."""

    def __init__(self, app: "App", settings: HttpSettings, *, keyless: bool) -> None:
        self._app = app
        self._keyless = keyless
        self._policy = Policy("api", settings.key_requests, 60, settings.key_burst)

    async def of(self, headers: Mapping[bytes, str]) -> Caller:
        """Who a request with these headers speaks for.

        Raises AuthorizationMalformed, KeyRefused, KeyNeeded, ForeignOrigin.
        """
        given = headers.get(b"authorization")
        if given is not None:
            return await self.of_key(given)
        if not self._keyless:
            raise KeyNeeded
        _check_own_pages(headers)
        return _OWNER

    async def of_key(self, authorization: str) -> Caller:
        """Who `Bearer lw_...` speaks for. Raises AuthorizationMalformed, KeyRefused."""
        scheme, _, key = authorization.partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            raise AuthorizationMalformed
        return await authenticate(self._app.db, key=key.strip(), at=self._app.clock.now())

    async def count(self, caller: Caller) -> Headers:
        """Count a request against its key's policy; the owner of this machine is not limited. Raises RateLimited."""
        if caller.key_id is None:
            return []
        decision = await self._app.limits.take(self._policy, tenant_id=caller.tenant_id, key=str(caller.key_id))
        if not decision.allowed:
            raise RateLimited(decision)
        return [(name.lower().encode(), value.encode()) for name, value in rate_limit_headers(decision).items()]


def _check_own_pages(headers: Mapping[bytes, str]) -> None:
    host = headers.get(b"host", "")
    if not _names_loopback(host):
        raise ForeignOrigin(origin=host)
    origin = headers.get(b"origin")
    if origin is not None and origin not in {f"http://{host}", f"https://{host}"}:
        raise ForeignOrigin(origin=origin)
    # Browsers say of images and scripts, which carry no Origin, who asks for them.
    asks = headers.get(b"sec-fetch-site", "none")
    if asks not in {"none", "same-origin"} and headers.get(b"sec-fetch-mode") != "navigate":
        raise ForeignOrigin(origin=f"a {asks} page")


@lru_cache(maxsize=256)
def _names_loopback(host: str) -> bool:
    """Whether a Host header names this machine's own loopback; of most requests it is the same one."""
    try:
        return is_loopback(urlsplit(f"//{host}").hostname or "")
    except ValueError:
        return False
