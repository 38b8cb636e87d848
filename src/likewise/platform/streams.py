"""Streams of server-sent events: routes say piece by piece what happens, with signs of life in between.

A stream begins with its first piece: what goes wrong before it is a plain answer. It ends when its pieces do, or when
the server stops or the key is revoked; a client that was cut off comes back with the last id it saw. No database
connection is held while a stream is sent, but one of the server's connections to clients is: so many in all, and so
many for one tenant.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from copy import copy
from typing import Any, Self
from uuid import UUID

import msgspec
from anyio import CancelScope
from litestar.response import Stream

from likewise.platform.errors import Fact
from likewise.platform.events import Event, Following, Followings, Gap, Heard, Mark, event_type
from likewise.platform.places import Places
from likewise.platform.web import CursorRefused, Cursors

__all__ = ["Sent", "Streams"]

_GAP = "gap"
_LISTING = "events"
_ALIVE = b": still here\n"
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """One server-sent event: its name, what is said as JSON, and the id that comes back as `Last-Event-ID`."""

    event: str
    data: object
    id: str | None = None


class Streams:
    """What routes stream with; a handler asks for it as `streams`."""

    def __init__(self, *, stopping: asyncio.Event, heartbeat_s: float, places: Places, secret: bytes) -> None:
        self._stopping = stopping
        self._heartbeat_s = heartbeat_s
        self._places = places
        self._cursors = Cursors(secret)
        self._kept: Callable[[AsyncGenerator[bytes]], AsyncGenerator[bytes]] = lambda chunks: chunks
        self._revoked: Callable[[], Coroutine[Any, Any, object]] = stopping.wait

    def for_request(
        self,
        *,
        kept: Callable[[AsyncGenerator[bytes]], AsyncGenerator[bytes]],
        revoked: Callable[[], Coroutine[Any, Any, object]],
    ) -> Self:
        """The same for one request: `kept` has its stream closed with it, `revoked` ends when its key may no more."""
        found = copy(self)
        found._kept, found._revoked = kept, revoked  # noqa: SLF001 - its own kind
        return found

    async def send(
        self,
        tenant_id: UUID,
        pieces: AsyncGenerator[Sequence[Sent]],
        *,
        place: Callable[[], str | None] = lambda: None,
    ) -> Stream:
        """A stream of these pieces, each some events; the first, which may be empty, has to come at once.

        `place` gives the id of how far the pieces have come, where that moves on without events as well: it is told
        with each sign of life, so that who comes back after a quiet while need not go far back. Raises StreamsTaken,
        TenantStreamsTaken and what the first piece raises.
        """
        self._places.check(tenant_id)
        first = await anext(pieces, ())
        chunks = self._kept(self._chunks(tenant_id, first, pieces, place))
        return Stream(chunks, media_type="text/event-stream", headers=_HEADERS)

    async def follow(
        self,
        followings: Followings,
        tenant_id: UUID,
        *,
        types: Sequence[type[Event]],
        show: Callable[[Any], object],
        last_event_id: str | None,
    ) -> Stream:
        """A stream of a tenant's events of these types, behind the last one seen or from now on.

        Each is named by its type and says what `show` makes of it. An event `gap` says that something was missed: read
        everything anew; so does the first answer to an id that is none of this tenant's. Raises what following raises.
        """
        after = self.read_id(tenant_id, last_event_id) if last_event_id else None
        opened: list[Following] = []

        async def pieces() -> AsyncGenerator[Sequence[Sent]]:
            async with followings.follow(tenant_id, types=types, after=after) as following:
                opened.append(following)
                is_unknown = last_event_id is not None and after is None
                yield self._told(tenant_id, Gap(following.mark), show) if is_unknown else ()
                async for heard in following:
                    yield self._told(tenant_id, heard, show)

        return await self.send(tenant_id, pieces(), place=lambda: self.write_id(tenant_id, opened[0].mark))

    def write_id(self, tenant_id: UUID, mark: Mark) -> str:
        """A place in the log as an event's id: opaque, and good for this tenant alone."""
        return self._cursors.sign(tenant_id, _LISTING, str(mark))

    def read_id(self, tenant_id: UUID, event_id: str) -> Mark | None:
        """The place behind an id, or None where it is not one of this tenant's."""
        try:
            return Mark.parse(self._cursors.read(tenant_id, _LISTING, event_id))
        except CursorRefused:
            return None

    def _told(self, tenant_id: UUID, heard: tuple[Heard, ...] | Gap, show: Callable[[Any], object]) -> Sequence[Sent]:
        if isinstance(heard, Gap):
            return [Sent(event=_GAP, data={}, id=self.write_id(tenant_id, heard.mark))]
        return [
            Sent(event=event_type(type(one.event)), data=show(one.event), id=self.write_id(tenant_id, one.mark))
            for one in heard
        ]

    async def _chunks(
        self,
        tenant_id: UUID,
        first: Sequence[Sent],
        pieces: AsyncGenerator[Sequence[Sent]],
        place: Callable[[], str | None],
    ) -> AsyncGenerator[bytes]:
        try:
            taken = self._places.enter(tenant_id)
        except Fact:
            await pieces.aclose()
            return  # the places were taken meanwhile; the client comes back, and is told so by a plain answer
        ends = {asyncio.ensure_future(self._stopping.wait()), asyncio.ensure_future(self._revoked())}
        coming: asyncio.Future[Sequence[Sent] | None] | None = None
        try:
            yield _sign_of_life(place()) + _written(first)  # so that the client sees at once that somebody is there
            while True:
                coming = coming or asyncio.ensure_future(anext(pieces, None))
                done, _ = await asyncio.wait(
                    {coming, *ends}, timeout=self._heartbeat_s, return_when=asyncio.FIRST_COMPLETED
                )
                if done - {coming}:
                    return  # the client comes back with the last id it saw
                if coming not in done:
                    yield _sign_of_life(place())
                    continue
                try:
                    piece = coming.result()
                except Fact:
                    return  # the client comes back, and is told what is wrong by a plain answer
                if piece is None:
                    return
                coming = None
                if piece:
                    yield _written(piece)
        finally:
            taken.leave()
            for end in ends:
                end.cancel()
            with CancelScope(shield=True):  # the framework cancels again and again until a stream has ended
                if coming is not None:
                    coming.cancel()
                    await asyncio.gather(coming, return_exceptions=True)
                await pieces.aclose()


def _sign_of_life(place: str | None) -> bytes:
    return _ALIVE + (b"\n" if place is None else b"id: %s\n\n" % place.encode())


def _written(piece: Sequence[Sent]) -> bytes:
    return b"".join(
        b"%sevent: %s\ndata: %s\n\n"
        % (
            b"" if sent.id is None else b"id: %s\n" % sent.id.encode(),
            sent.event.encode(),
            msgspec.json.encode(sent.data),
        )
        for sent in piece
    )
