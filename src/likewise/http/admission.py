"""How many requests are worked on at once, and how many wait for it: more are refused at once, not served slowly.

A server that takes everything serves nobody in time: each request waits longer than its client does, and its work is
thrown away. So there are seats; who finds none waits in a short queue, in the order of arrival; who finds that full, or
waits too long in it, gets 503 with Retry-After before any work was done for it (Welsh, SEDA, SOSP 2001).
"""

import asyncio
from collections import deque

from prometheus_client import Counter, Gauge

from likewise.http.settings import HttpSettings
from likewise.platform.errors import Unavailable
from likewise.platform.foreground import FOREGROUND
from likewise.platform.telemetry import METRICS

__all__ = ["Admission", "Overloaded", "Seat"]

_REFUSED = Counter(
    "likewise_http_refused_total", "Requests refused because too many were under way", registry=METRICS.registry
)
_SEATED = Gauge("likewise_http_seated", "Requests being worked on", registry=METRICS.registry)


class Overloaded(Unavailable):
    """More requests came than this server can work on. Nothing was done for this one: send it again in a second, and
    run more processes with `likewise serve --workers N` where it lasts."""


class Seat:
    """A place among the requests that are worked on, until it is left; leaving twice is leaving once."""

    __slots__ = ("_admission", "_is_left")

    def __init__(self, admission: "Admission") -> None:
        self._admission = admission
        self._is_left = False

    def leave(self) -> None:
        """Make room for the next one: the work is done, or only waiting is left."""
        if not self._is_left:
            self._is_left = True
            self._admission.free()


class Admission:
    """The seats of one process, and the queue before them."""

    def __init__(self, settings: HttpSettings) -> None:
        self._seats_max = settings.seats_max
        self._queue_max = settings.queue_max
        self._wait_s = settings.queue_wait_s
        self._taken = 0
        self._queue: deque[asyncio.Future[None]] = deque()

    async def enter(self) -> Seat:
        """Take a seat, or wait for one. Raises Overloaded."""
        if self._taken < self._seats_max:
            self._taken += 1
            _SEATED.set(self._taken)
            FOREGROUND.enter()
            return Seat(self)
        if len(self._queue) >= self._queue_max:
            _REFUSED.inc()
            raise Overloaded
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        try:
            async with asyncio.timeout(self._wait_s):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self.free()  # the seat came in the very moment of giving up
            elif turn in self._queue:
                self._queue.remove(turn)
            if isinstance(error, TimeoutError):
                _REFUSED.inc()
                raise Overloaded from None
            raise
        return Seat(self)

    def free(self) -> None:
        """Hand a seat to who waits longest, or keep it free."""
        while self._queue:
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._taken -= 1
        _SEATED.set(self._taken)
        FOREGROUND.leave()
