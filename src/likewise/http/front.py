"""The front door of every request, as plain ASGI around the routes: a request id, the host check, who is asking,
limits, metrics and the headers every answer carries.

A browser may send requests to this machine on behalf of any page. So without a key, only loopback names are
accepted as Host, and only our own origin as Origin: a foreign page can neither read nor write.
"""

import ipaddress
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import structlog
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from likewise.http.admission import Admission, Seat
from likewise.http.cursors import next_link
from likewise.http.problems import MEDIA_TYPE, fact_headers, problem_bytes, unexpected_problem
from likewise.http.settings import HttpSettings
from likewise.http.wire import (
    Headers,
    answer_body,
    answer_start,
    http_scope,
    request_headers,
    state_of,
    template_of,
)
from likewise.platform.errors import Denied, Fact
from likewise.platform.ids import encode_id, new_id
from likewise.platform.limits import Policy, RateLimited, rate_limit_headers
from likewise.platform.telemetry import METRICS
from likewise.platform.tenancy import DEFAULT_TENANT, Caller, authenticate
from likewise.platform.tenancy import Scope as KeyScope

if TYPE_CHECKING:
    from likewise.platform.feature import App

__all__ = ["PROTECTED", "front_door", "is_loopback"]

PROTECTED = ("/api/", "/metrics", "/graphql", "/v1/", "/mcp")
"""Paths below which a caller must be known."""

_SEATED = tuple(path for path in PROTECTED if path != "/metrics")
"""Paths whose requests are admitted only while there is room; who looks after the server is let in always."""

_OWNER = Caller(tenant_id=DEFAULT_TENANT, scopes=frozenset({KeyScope.ADMIN.value}))
_SECURITY = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (
        b"content-security-policy",
        (
            b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
            b" font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        ),
    ),
]


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


def front_door(inner: ASGIApp, app: "App", settings: HttpSettings, *, keyless: bool) -> ASGIApp:
    """Wrap the routes. `keyless`: the server is bound to loopback, and callers without a key are its owner."""
    policy = Policy("api", settings.key_requests, 60, settings.key_burst)
    admission = Admission(settings)

    async def door(scope: Scope, receive: Receive, send: Send) -> None:
        request = http_scope(scope)
        if request is None:
            await inner(scope, receive, send)
            return
        request_id = encode_id("req", new_id())
        state_of(request)["request_id"] = request_id
        structlog.contextvars.bind_contextvars(request_id=request_id)
        answer = _Answer(send, request, request_id)
        if answer.is_head:
            request["method"] = "GET"
        started = time.perf_counter()
        try:
            if request["path"].startswith(_SEATED):
                answer.seat = state_of(request)["seat"] = await admission.enter()
            if request["path"].startswith(PROTECTED):
                caller = await _caller(request, app, keyless=keyless)
                request["user"] = caller
                answer.headers += await _within_limits(app, policy, caller)
            await inner(request, receive, answer.pass_on)
        except Fact as fact:
            await answer.refuse(fact)
        except Exception as error:  # noqa: BLE001 - the routes answer for themselves; this is about what surrounds them
            await answer.fail(error, path=request["path"])
        finally:
            if answer.seat is not None:
                answer.seat.leave()
            METRICS.requests.labels(request["method"], template_of(request), answer.status).observe(
                time.perf_counter() - started
            )
            structlog.contextvars.unbind_contextvars("request_id")

    return door


class _Answer:
    """The answer on its way out: given its headers, and without a body where only the head was asked for."""

    def __init__(self, send: Send, request: HTTPScope, request_id: str) -> None:
        self.status = 0
        self.seat: Seat | None = None
        self.is_head = request["method"] == "HEAD"
        self._request = request
        self.headers: Headers = [(b"x-request-id", request_id.encode())]
        self._request_id = request_id
        self._send = send

    async def pass_on(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            if self.seat is not None and (b"content-type", b"text/event-stream") in _kinds(message["headers"]):
                self.seat.leave()  # it listens from here on, for as long as it likes
            present = {name.lower() for name, _ in message["headers"]}
            link = next_link(self._request) if self._request["method"] == "GET" else None
            own = self.headers if link is None else [*self.headers, (b"link", link)]
            extra = [pair for pair in (*_SECURITY, *own) if pair[0] not in present]
            message = answer_start(self.status, [*message["headers"], *extra])
        elif self.is_head and message["type"] == "http.response.body":
            message = answer_body(b"", has_more=message["more_body"])
        await self._send(message)

    async def refuse(self, fact: Fact) -> None:
        """Answer with what was wrong, unless an answer has begun."""
        body = problem_bytes(
            status=fact.status,
            detail=fact.message,
            code=fact.code,
            request_id=self._request_id,
            errors=fact.errors,
        )
        known = [(name.lower().encode(), value.encode()) for name, value in fact_headers(fact).items()]
        await self._problem(fact.status, body, known)

    async def fail(self, error: Exception, *, path: str) -> None:
        """Answer that something went wrong on our side, and log it."""
        await self._problem(500, unexpected_problem(error, path=path, request_id=self._request_id), [])

    async def _problem(self, status: int, body: bytes, headers: Headers) -> None:
        if self.status:
            return
        headers = [
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
            *headers,
        ]
        await self.pass_on(answer_start(status, headers))
        await self.pass_on(answer_body(body))


def _kinds(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Headers as far as they can be compared: their names in lower case, their values without parameters."""
    return [(name.lower(), value.partition(b";")[0].strip()) for name, value in headers]


async def _caller(request: HTTPScope, app: "App", *, keyless: bool) -> Caller:
    headers = request_headers(request)
    given = headers.get(b"authorization")
    if given is not None:
        scheme, _, key = given.partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            raise AuthorizationMalformed
        return await authenticate(app.db, key=key.strip(), at=app.clock.now())
    if not keyless:
        raise KeyNeeded
    _check_own_pages(headers)
    return _OWNER


def _check_own_pages(headers: dict[bytes, str]) -> None:
    host = headers.get(b"host", "")
    if not is_loopback(_hostname(host)):
        raise ForeignOrigin(origin=host)
    origin = headers.get(b"origin")
    if origin is not None and origin not in {f"http://{host}", f"https://{host}"}:
        raise ForeignOrigin(origin=origin)
    # Browsers say of images and scripts, which carry no Origin, who asks for them.
    asks = headers.get(b"sec-fetch-site", "none")
    if asks not in {"none", "same-origin"} and headers.get(b"sec-fetch-mode") != "navigate":
        raise ForeignOrigin(origin=f"a {asks} page")


def _hostname(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


async def _within_limits(app: "App", policy: Policy, caller: Caller) -> Headers:
    """Count the request against its key's policy; the owner of this machine is not limited. Raises RateLimited."""
    if caller.key_id is None:
        return []
    decision = await app.limits.take(policy, tenant_id=caller.tenant_id, key=str(caller.key_id))
    if not decision.allowed:
        raise RateLimited(decision)
    return [(name.lower().encode(), value.encode()) for name, value in rate_limit_headers(decision).items()]
