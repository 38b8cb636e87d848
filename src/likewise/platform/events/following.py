"""What one following hears: a bounded queue of what it has not taken yet, and how far it has heard.

The reader of the process (`hearing`) fills the queues. It never waits for a following: one that lets too much gather
loses it all, is told so by a Gap, and hears on from there.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Self
from uuid import UUID

import msgspec
from prometheus_client import Counter

from likewise.platform.events.model import Event, Gap, Heard, Mark, Received, event_type
from likewise.platform.telemetry import METRICS, get_log

__all__ = ["Following", "Lane", "Page"]

log = get_log(__name__)
_GAPS = Counter(
    "likewise_events_gaps_total", "Times somebody who follows the log missed something", registry=METRICS.registry
)


class Following:
    """Iterate over it: each turn gives the next events, in the order of the log and never none, or a Gap.

    Made by `Followings.follow`, for one task. The iteration ends when the program stops.
    """

    def __init__(
        self,
        tenant_id: UUID,
        types: Sequence[type[Event]],
        *,
        after: Mark | None,
        lane: "Lane",
        queue_max: int,
        ask: Callable[[], None],
    ) -> None:
        self.tenant_id = tenant_id
        self.types = frozenset(types)
        self.names = frozenset(event_type(kind) for kind in types)
        self.after = after
        self.lane = lane
        self.is_behind = False  # it still hears of the past, page by page; the lane's news are not for it yet
        self._queue_max = queue_max
        self._ask = ask
        self._queue: deque[tuple[Heard, ...]] = deque()
        self._queued = 0
        self._gap: Mark | None = None
        self._reached = self._given = self._settled = after or Mark(0, 0)
        self._news = asyncio.Event()
        self._is_idle = False
        self._has_ended = False

    @property
    def mark(self) -> Mark:
        """How far everything was heard and dealt with: what was given last counts once more is asked for.

        It moves on while nothing happens. Follow `after` it to go on from here.
        """
        if not self._is_idle:
            return self._settled
        if self.is_behind or self.lane.place is None:
            return self._reached
        return max(self._reached, self.lane.place)

    @property
    def reached(self) -> Mark:
        """How far it was told, where it is behind."""
        return self._reached

    @property
    def is_hungry(self) -> bool:
        """Whether it is behind and has taken all it was given."""
        return self.is_behind and not self._queue and self._gap is None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> tuple[Heard, ...] | Gap:
        self._settled = self._given
        while self._gap is None and not self._queue:
            if self._has_ended:
                raise StopAsyncIteration
            self._is_idle = True
            self._news.clear()
            try:
                await self._news.wait()
            finally:
                self._is_idle = False
        if self._gap is not None:
            gap, self._gap = Gap(self._gap), None
            self._given = gap.mark
            return gap
        heard = self._queue.popleft()
        self._queued -= len(heard)
        self._given = heard[-1].mark
        if self.is_hungry:
            self._ask()
        return heard

    def begin(self, at: Mark, *, is_behind: bool = False) -> None:
        """Hear from here on: first what was missed, page by page, where it is behind."""
        self._reached = self._given = self._settled = at
        self.is_behind = is_behind

    def offer(self, heard: tuple[Heard, ...], *, reached: Mark) -> None:
        """Queue what it has not heard of these; everything of concern up to `reached` is among them."""
        fresh = heard
        if heard and heard[0].mark <= self._reached:
            fresh = tuple(one for one in heard if one.mark > self._reached)
        if self._queue and self._queued + len(fresh) > self._queue_max:
            self.lose(reached)
            return
        self._settled = self.mark
        self._reached = max(self._reached, reached)
        if fresh:
            self._queue.append(fresh)
            self._queued += len(fresh)
            self._stir()

    def lose(self, at: Mark) -> None:
        """Give up everything up to `at`, which may be lost to it, and hear on from there."""
        self._settled = self.mark
        _GAPS.inc()
        self._queue.clear()
        self._queued = 0
        self._gap = self._reached = at
        self.is_behind = False
        self._stir()

    def end(self) -> None:
        """Nothing more comes after what is queued."""
        self._has_ended = True
        self._stir()

    def _stir(self) -> None:
        self._is_idle = False
        self._news.set()


class Lane:
    """A lane, how far it is read, and who hears it, by tenant. `place` is None where nobody does or it is not known."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.place: Mark | None = None
        self.tenants: dict[UUID, dict[Following, None]] = {}

    def add(self, following: Following) -> None:
        """Let it hear this lane."""
        self.tenants.setdefault(following.tenant_id, {})[following] = None

    def remove(self, following: Following) -> None:
        """Forget it; with the last one, how far the lane was read."""
        others = self.tenants.get(following.tenant_id, {})
        others.pop(following, None)
        if not others:
            self.tenants.pop(following.tenant_id, None)
        if not self.tenants:
            self.place = None

    def members(self, tenant_id: UUID) -> list[Following]:
        """A tenant's followings that keep up with the lane."""
        return [following for following in self.tenants.get(tenant_id, ()) if not following.is_behind]

    def everybody(self) -> list[Following]:
        """Every following of the lane, those who are behind too."""
        return [following for tenant in self.tenants.values() for following in tenant]


class Page:
    """Some events of one tenant as they lie in the log. Each is decoded when it is first wanted, once for everybody."""

    def __init__(self, rows: Sequence[Received]) -> None:
        self._rows = rows
        self._heard: dict[tuple[int, type[Event]], Heard] = {}
        self._by_types: dict[frozenset[type[Event]], tuple[Heard, ...] | None] = {}

    def heard(self, types: frozenset[type[Event]]) -> tuple[Heard, ...] | None:
        """The events of these types; None where one of them cannot be read."""
        if types not in self._by_types:
            try:
                self._by_types[types] = self._decoded(types)
            except msgspec.MsgspecError as error:
                log.warning("event_unreadable", reason=str(error))
                self._by_types[types] = None
        return self._by_types[types]

    def tell(self, followings: Sequence[Following], *, reached: Mark) -> None:
        """Offer each its events; one that wants what cannot be read is told of a gap."""
        for following in followings:
            heard = self.heard(following.types)
            if heard is None:
                following.lose(reached)
            else:
                following.offer(heard, reached=reached)

    def _decoded(self, types: frozenset[type[Event]]) -> tuple[Heard, ...]:
        kinds = {event_type(kind): kind for kind in types}
        return tuple(self._one(place, kinds[row.type]) for place, row in enumerate(self._rows) if row.type in kinds)

    def _one(self, place: int, kind: type[Event]) -> Heard:
        found = self._heard.get((place, kind))
        if found is None:
            row = self._rows[place]
            found = self._heard[place, kind] = Heard(row.mark, msgspec.json.decode(row.payload, type=kind))
        return found
