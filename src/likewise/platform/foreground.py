"""Work that nobody waits for gives way to requests that somebody does, where both run in one process.

They share one loop and the machine's processors. A batch of background work takes tens of milliseconds, and a request
that comes meanwhile waits for its end; where many come, each waits for several. So before each batch such work asks
whether many are being answered, and if so waits until they are fewer, or for a bounded time: it becomes slower, but
never stands still.
"""

import asyncio
import time
from collections.abc import Generator
from contextlib import contextmanager

__all__ = ["FOREGROUND", "Foreground"]

_BUSY_FROM = 4
_CALM_S = 0.03
_LOOK_S = _CALM_S + 0.005
_LONGEST_S = 0.2


class Foreground:
    """How many requests this process is answering, and who waits for them to be few."""

    def __init__(self) -> None:
        self._count = 0
        self._busy_at = 0.0
        self._waiting: set[asyncio.Future[None]] = set()

    @property
    def is_busy(self) -> bool:
        """Whether many are being answered, or were just now: who was answered may be about to ask again."""
        return self._count >= _BUSY_FROM or time.monotonic() < self._busy_at + _CALM_S

    def enter(self) -> None:
        """One more is being answered."""
        self._count += 1

    def leave(self) -> None:
        """One is answered."""
        if self._count == _BUSY_FROM:
            self._busy_at = time.monotonic()
            if self._waiting:
                asyncio.get_running_loop().call_later(_LOOK_S, self._look)
        self._count -= 1

    @contextmanager
    def aside(self) -> Generator[None]:
        """For a request that waits for background work itself: meanwhile it holds that up no longer."""
        self.leave()
        try:
            yield
        finally:
            self.enter()

    async def give_way(self) -> None:
        """Return when few requests are being answered, or after a while: who waits goes on one after the other."""
        if not self.is_busy:
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(turn)
        if self._count < _BUSY_FROM:
            asyncio.get_running_loop().call_later(_LOOK_S, self._look)
        try:
            async with asyncio.timeout(_LONGEST_S * len(self._waiting)):
                await turn
        except TimeoutError:
            return
        finally:
            self._waiting.discard(turn)

    def _look(self) -> None:
        if not self.is_busy:
            for turn in self._waiting:
                if not turn.done():
                    turn.set_result(None)


FOREGROUND = Foreground()
