"""What routes share: pages of a list, signed cursors, and the guards that read a caller's scopes."""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast
from uuid import UUID

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.handlers import BaseRouteHandler

from likewise.platform.errors import Denied, FieldError, Rejected, Unavailable
from likewise.platform.tenancy import Caller, Scope

if TYPE_CHECKING:
    from likewise.platform.feature import App

__all__ = [
    "ClientGone",
    "CursorRefused",
    "Cursors",
    "Kept",
    "Page",
    "ScopeMissing",
    "admin_only",
    "kept",
    "patiently",
    "readers",
    "writers",
]

T = TypeVar("T")
_TAG_BYTES = 12


class CursorRefused(Rejected):
    """This cursor is not one of yours. Start again without `after`, and pass `next_cursor` back as it came."""


class ScopeMissing(Denied):
    """This key lacks the scope {scope!r}. Make one that has it: `likewise keys create NAME --scope {scope}`."""


class ClientGone(Unavailable):
    """The client went away before its answer was there, and the work for it was stopped."""


class _Seat(Protocol):
    def leave(self) -> None: ...


class Page(msgspec.Struct, Generic[T], frozen=True):
    """One page of a list."""

    data: list[T]
    has_more: bool = False
    next_cursor: str | None = None


class Kept(msgspec.Struct, frozen=True):
    """That a route's finished answers may be kept: until one of their tags is bumped, `ttl_s` at most, and only where
    nothing but `only` is asked in the query. They may depend on the tenant, the caller's scopes and the query."""

    tags: "Callable[[App, UUID], Awaitable[Sequence[str]]]"
    ttl_s: float
    only: frozenset[str]


def kept(
    tags: "Callable[[App, UUID], Awaitable[Sequence[str]]]", *, ttl_s: float, only: Iterable[str]
) -> dict[str, Any]:
    """For a route's `opt`: its finished answers may be kept, see Kept. `tags` is asked for every request, so it should
    hardly ever wait for the database; where it names none, the answer is not kept."""
    return {Kept.__name__: Kept(tags, ttl_s, frozenset(only))}


class Cursors:
    """Opaque cursors: signed, and bound to one tenant and one list, so that they cannot be made up or carried over."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def sign(self, tenant_id: UUID, listing: str, position: str) -> str:
        """A cursor that stands for `position` in this tenant's `listing`."""
        body = position.encode()
        return base64.urlsafe_b64encode(self._tag(tenant_id, listing, body) + body).decode().rstrip("=")

    def read(self, tenant_id: UUID, listing: str, cursor: str) -> str:
        """The position behind a cursor. Raises CursorRefused."""
        try:
            raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            tag, body = raw[:_TAG_BYTES], raw[_TAG_BYTES:]
            if hmac.compare_digest(tag, self._tag(tenant_id, listing, body)):
                return body.decode()
        except (ValueError, UnicodeError):
            pass
        raise CursorRefused(errors=[FieldError("/after", "unknown cursor")])

    def _tag(self, tenant_id: UUID, listing: str, body: bytes) -> bytes:
        message = tenant_id.bytes + listing.encode() + b"\0" + body
        return hmac.new(self._secret, message, hashlib.sha256).digest()[:_TAG_BYTES]


async def patiently(request: Request[Any, Any, Any], work: Coroutine[Any, Any, T]) -> T:
    """What `work` gives, for a request that mostly waits for somebody else's server: meanwhile its seat is another's,
    and the work is cancelled where the client goes away. Raises ClientGone and what the work raises."""
    seat = cast("dict[str, object]", request.scope["state"]).get("seat")
    if seat is not None:
        cast("_Seat", seat).leave()
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise ClientGone
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def _left(request: Request[Any, Any, Any]) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        continue


# Guards are coroutines: the framework runs plain functions in a thread, which takes longer than the check.


async def readers(connection: "ASGIConnection[BaseRouteHandler, Caller, None, State]", _: BaseRouteHandler) -> None:
    """Guard: any key may."""
    _require(connection, Scope.READ)


async def writers(connection: "ASGIConnection[BaseRouteHandler, Caller, None, State]", _: BaseRouteHandler) -> None:
    """Guard: a key that may write."""
    _require(connection, Scope.WRITE)


async def admin_only(connection: "ASGIConnection[BaseRouteHandler, Caller, None, State]", _: BaseRouteHandler) -> None:
    """Guard: a key that may administer its tenant."""
    _require(connection, Scope.ADMIN)


def _require(connection: "ASGIConnection[BaseRouteHandler, Caller, None, State]", scope: Scope) -> None:
    caller: Caller = connection.scope["user"]
    if not caller.may(scope):
        raise ScopeMissing(scope=scope.value)
