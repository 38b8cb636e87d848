"""Cursors of one request: the next page's is remembered, so that the answer can also name it in a Link header."""

from collections.abc import MutableMapping
from urllib.parse import parse_qsl, quote, urlencode
from uuid import UUID

from litestar.types import HTTPScope
from typing_extensions import override

from likewise.http.wire import state_of
from likewise.platform.web import Cursors

__all__ = ["RequestCursors", "next_cursor", "next_link", "set_next_cursor"]

_STATE = "next_cursor"


class RequestCursors(Cursors):
    """Signs like any other, and notes what it signed last in the request's state."""

    def __init__(self, secret: bytes, state: MutableMapping[str, object]) -> None:
        super().__init__(secret)
        self._state = state

    @override
    def sign(self, tenant_id: UUID, listing: str, position: str) -> str:
        cursor = super().sign(tenant_id, listing, position)
        self._state[_STATE] = cursor
        return cursor


def next_cursor(scope: HTTPScope) -> str | None:
    """The cursor of the next page, where there is one."""
    cursor = state_of(scope).get(_STATE)
    return cursor if isinstance(cursor, str) else None


def set_next_cursor(scope: HTTPScope, cursor: str | None) -> None:
    """Say which is the next page of an answer that was not made for this request."""
    state_of(scope)[_STATE] = cursor


def next_link(scope: HTTPScope) -> bytes | None:
    """The Link header of a page that has a next one (RFC 8288)."""
    cursor = next_cursor(scope)
    if cursor is None:
        return None
    given = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    query = [pair for pair in given if pair[0] != "after"]
    address = f"{quote(scope['path'])}?{urlencode([*query, ('after', cursor)])}"
    return f'<{address}>; rel="next"'.encode("latin-1")
