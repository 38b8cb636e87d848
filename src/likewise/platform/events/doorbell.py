"""Wake who reads the log when something was published: at once in this process, by a NOTIFY now and then in the others.

A ring is a hint and may be lost; readers look at the log by themselves too. NOTIFY takes a lock of the whole
database at commit, so it is sent outside the publishing transaction and at most once per interval.
"""

import asyncio
import os
from contextvars import Context
from typing import LiteralString, Self
from weakref import WeakSet

from likewise.platform.db import Database
from likewise.platform.errors import Unavailable
from likewise.platform.events.settings import EventSettings

__all__ = ["Doorbell", "Ear", "ring_all"]

_CHANNEL: LiteralString = "likewise_events"
_RECONNECT_S = (0.5, 10.0)
_bells: "WeakSet[Doorbell]" = WeakSet()


class Ear:
    """One reader's own: each hears every ring, however many listen; a ring that comes while it reads is not lost."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Let this reader look, now or as soon as it waits."""
        self._rung.set()

    async def wait(self, *, stop: asyncio.Event, timeout_s: float) -> bool:
        """Wait for a ring, at most `timeout_s` or until `stop`; whether it rang."""
        waits = [asyncio.ensure_future(self._rung.wait()), asyncio.ensure_future(stop.wait())]
        try:
            await asyncio.wait(waits, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        rang = self._rung.is_set()
        self._rung.clear()
        return rang


class Doorbell:
    """One per process and database: `async with Doorbell(db, settings) as bell`."""

    def __init__(self, db: Database, settings: EventSettings) -> None:
        self._db = db
        self._interval_s = settings.notify_interval_ms / 1000
        self._name = f"{os.getpid()}-{os.urandom(6).hex()}"
        self._ears: WeakSet[Ear] = WeakSet()
        self._wanted = False
        self._sent_at = 0.0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._announcing: asyncio.Task[None] | None = None
        self._listeners = 0
        self._listening: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        _bells.add(self)
        return self

    async def __aexit__(self, *_: object) -> None:
        _bells.discard(self)
        if self._announcing is not None:
            self._announcing.cancel()
            await asyncio.gather(self._announcing, return_exceptions=True)

    def ring(self) -> None:
        """Wake this process's readers and let the other processes know soon. Callable from any thread."""
        loop = self._loop
        if loop is None or loop.is_closed():
            return
        try:
            here = asyncio.get_running_loop()
        except RuntimeError:
            here = None
        if here is loop:
            self._ring()
        else:
            loop.call_soon_threadsafe(self._ring)

    def ear(self) -> Ear:
        """An ear that hears this bell for as long as somebody keeps it."""
        ear = Ear()
        self._ears.add(ear)
        return ear

    async def listen(self) -> None:
        """Hear the other processes' rings until cancelled; over one connection, however many ask for it."""
        self._listeners += 1
        if self._listening is None:
            # In a context of its own: it outlives the request that may have begun it.
            self._listening = asyncio.create_task(self._listen(), name="events listener", context=Context())
        listening = self._listening
        try:
            await asyncio.shield(listening)
        finally:
            self._listeners -= 1
            if not self._listeners:
                self._listening = None
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)

    async def _listen(self) -> None:
        """Listen, connecting again where the connection is lost; what rang in between is looked for after that."""
        delay_s = _RECONNECT_S[0]
        while True:
            try:
                async with self._db.listen(_CHANNEL) as connection:
                    delay_s = _RECONNECT_S[0]
                    self._ring_here()
                    async for notice in connection.notifies():
                        if notice.payload != self._name:
                            self._ring_here()
            except Unavailable:
                await asyncio.sleep(delay_s)
                delay_s = min(delay_s * 2, _RECONNECT_S[1])

    def _ring_here(self) -> None:
        for ear in tuple(self._ears):
            ear.ring()

    def _ring(self) -> None:
        self._ring_here()
        self._wanted = True
        if self._announcing is None or self._announcing.done():
            self._announcing = asyncio.create_task(self._announce(), name="events doorbell")

    async def _announce(self) -> None:
        loop = asyncio.get_running_loop()
        while self._wanted:
            await asyncio.sleep(max(0.0, self._sent_at + self._interval_s - loop.time()))
            self._wanted = False
            self._sent_at = loop.time()
            try:
                await self._db.notify(_CHANNEL, self._name)
            except Unavailable:
                continue  # only a hint


def ring_all() -> None:
    """Ring every doorbell of this process."""
    for bell in tuple(_bells):
        bell.ring()
