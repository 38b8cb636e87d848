"""Telling other processes of bumped tags: one NOTIFY at a time, with everything that gathered meanwhile.

These are hints. A process that misses one finds out when it next asks about the tag.
"""

import asyncio
import random
from collections.abc import Callable, Iterable
from uuid import UUID

import msgspec

from likewise.platform.cache.model import TagBump
from likewise.platform.cache.tags import Tags
from likewise.platform.cancelling import heed_cancel
from likewise.platform.db import Database
from likewise.platform.telemetry import get_log

__all__ = ["Announcements"]

_CHANNEL = "likewise_cache"
_PAYLOAD_BYTES_MAX = 7_900  # Postgres allows 7,999
_PAUSE_S_MAX = 5.0
_log = get_log("likewise.cache")


class _News(msgspec.Struct, frozen=True, array_like=True):
    tenant_id: UUID
    tag: str
    version: int


class Announcements:
    """Sends this process's bumps and hears the others'."""

    def __init__(self, database: Database, tags: Tags, *, waiting_max: int, count_error: Callable[[str], None]) -> None:
        self._database = database
        self._tags = tags
        self._waiting_max = waiting_max
        self._count_error = count_error
        self._waiting: dict[tuple[UUID, str], int] = {}
        self._wake = asyncio.Event()
        self._heard = msgspec.json.Decoder(list[_News])

    def add(self, tenant_id: UUID, bumps: Iterable[TagBump]) -> None:
        """Tell the others soon. Where too many wait, the rest is left to the others' own asking."""
        for bump in bumps:
            if len(self._waiting) >= self._waiting_max:
                self._count_error("announcement_dropped")
                break
            self._waiting[tenant_id, bump.tag] = bump.version
        self._wake.set()

    async def send(self) -> None:
        """Send what gathers, for ever."""
        while True:
            heed_cancel()
            await self._wake.wait()
            self._wake.clear()
            waiting, self._waiting = self._waiting, {}
            for payload in _payloads(_News(tenant_id, tag, version) for (tenant_id, tag), version in waiting.items()):
                try:
                    await self._database.notify(_CHANNEL, payload)
                except Exception as error:  # noqa: BLE001 - a hint that is not sent must stop nothing
                    self._count_error("announcement_failed")
                    _log.warning("cache_announcement_failed", reason=str(error))

    async def listen(self) -> None:
        """Hear the others, for ever; after each new connection every tag is asked about anew."""
        failures = 0
        while True:
            try:
                async with self._database.listen(_CHANNEL) as connection:
                    self._tags.doubt()
                    failures = 0
                    async for notification in connection.notifies():
                        self._hear(notification.payload)
            except Exception as error:  # noqa: BLE001 - whatever ends the connection, a new one is tried
                failures += 1
                self._count_error("listening_failed")
                _log.warning("cache_listening_failed", reason=str(error))
            heed_cancel()
            await asyncio.sleep(min(_PAUSE_S_MAX, 0.1 * 2 ** min(failures, 10)) * random.uniform(0.5, 1))  # noqa: S311 - spreads load

    def _hear(self, payload: str) -> None:
        try:
            news = self._heard.decode(payload)
        except msgspec.MsgspecError:
            self._count_error("announcement_malformed")
            return
        for item in news:
            self._tags.apply(item.tenant_id, (TagBump(item.tag, item.version),))


def _payloads(news: Iterable[_News]) -> Iterable[str]:
    """The news as JSON lists that each fit a notification."""
    pieces: list[bytes] = []
    size_bytes = 2
    for item in news:
        piece = msgspec.json.encode(item)
        if pieces and size_bytes + len(piece) + 1 > _PAYLOAD_BYTES_MAX:
            yield f"[{b','.join(pieces).decode()}]"
            pieces, size_bytes = [], 2
        pieces.append(piece)
        size_bytes += len(piece) + 1
    if pieces:
        yield f"[{b','.join(pieces).decode()}]"
