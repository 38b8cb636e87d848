"""Follow the log live: whoever follows a tenant hears its events as they become readable, and derives nothing.

One reader per process reads for everybody, and only while somebody follows. It wakes on the doorbell, or now and then
by itself; each time one statement reads what is new in the lanes of the followed tenants, up to the horizon that
consumers read up to as well, and no connection is held in between. A lane is read on from the last event looked at, not
from the horizon: transaction ids that left no trace are given out again after a crash.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager
from contextvars import Context
from itertools import groupby
from typing import Self, TypeVar
from uuid import UUID

import msgspec
from prometheus_client import Gauge

from likewise.platform.db import Database, Tx
from likewise.platform.errors import Limited, Unavailable
from likewise.platform.events import store
from likewise.platform.events.doorbell import Doorbell
from likewise.platform.events.following import Following, Lane, Page
from likewise.platform.events.model import LANES, Event, Mark, Received, lane_of
from likewise.platform.events.settings import EventSettings
from likewise.platform.telemetry import METRICS, get_log

__all__ = ["Followings", "FollowingsTooMany", "TenantFollowingsTooMany"]

K = TypeVar("K")

log = get_log(__name__)
_FOLLOWINGS = Gauge("likewise_events_followings", "Who follows the log in this process", registry=METRICS.registry)
_TROUBLE_WAIT_S = 1.0
_RETRY_S = 5.0


class FollowingsTooMany(Unavailable):
    """In this process {followings_max} follow the log, which is all it lets do so (LIKEWISE_EVENTS_FOLLOWINGS_MAX). Try
    again in a moment, and run more processes with `likewise serve --workers N` where it lasts."""


class TenantFollowingsTooMany(Limited):
    """In this process {followings_max} follow this tenant's events, which is all one tenant gets
    (LIKEWISE_EVENTS_TENANT_FOLLOWINGS_MAX). Close some, then try again."""


class FollowingStops(Unavailable):
    """The program is stopping. Follow again in a moment, with the last mark."""


class Followings:
    """One per process and database: `async with Followings(db, bell, settings) as followings`."""

    def __init__(self, db: Database, bell: Doorbell, settings: EventSettings) -> None:
        self._db = db
        self._bell = bell
        self._ear = bell.ear()
        self._settings = settings
        self._lanes = tuple(Lane(number) for number in range(LANES))
        self._count = 0
        self._tenants: Counter[UUID] = Counter()
        self._types: Counter[str] = Counter()
        self._wishes: tuple[str, list[str]] | None = None  # who is followed, and for what; None where that changed
        self._arrivals: dict[Following, asyncio.Future[None]] = {}
        self._behind: dict[Following, None] = {}
        self._reader: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stopping.set()
        for lane in self._lanes:
            for following in lane.everybody():
                following.end()
        self._refuse_arrivals(FollowingStops())
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)

    @property
    def count(self) -> int:
        """How many follow."""
        return self._count

    @asynccontextmanager
    async def follow(
        self, tenant_id: UUID, *, types: Sequence[type[Event]], after: Mark | None = None
    ) -> AsyncGenerator[Following]:
        """Hear a tenant's events of these types, `after` a mark or from now on, for as long as the block lasts.

        Inside the block nothing is missed: read what there is after entering it. Now is up to where the log can be
        read, so what was committed beside a transaction that is still running may be heard as well. A mark whose
        successors are no longer in the log gives a Gap first. Raises FollowingsTooMany, TenantFollowingsTooMany, and
        Unavailable where the database does not answer.
        """
        following = self._enter(tenant_id, types, after)
        try:
            arrived = asyncio.get_running_loop().create_future()
            self._arrivals[following] = arrived
            self._wake()
            await arrived
            yield following
        finally:
            self._leave(following)

    def _enter(self, tenant_id: UUID, types: Sequence[type[Event]], after: Mark | None) -> Following:
        if not types:
            raise ValueError("follow at least one type of event")
        if self._stopping.is_set():
            raise FollowingStops
        settings = self._settings
        if self._count >= settings.followings_max:
            raise FollowingsTooMany(followings_max=settings.followings_max)
        if self._tenants[tenant_id] >= settings.tenant_followings_max:
            raise TenantFollowingsTooMany(retry_after_s=_RETRY_S, followings_max=settings.tenant_followings_max)
        following = Following(
            tenant_id,
            types,
            after=after,
            lane=self._lanes[lane_of(tenant_id)],
            queue_max=settings.following_queue_max,
            ask=self._ear.ring,
        )
        self._count += 1
        self._tenants[tenant_id] += 1
        self._types.update(following.names)
        self._wishes = None
        _FOLLOWINGS.inc()
        return following

    def _leave(self, following: Following) -> None:
        self._arrivals.pop(following, None)
        self._behind.pop(following, None)
        following.lane.remove(following)
        self._count -= 1
        _take_away(self._tenants, following.tenant_id)
        for name in following.names:
            _take_away(self._types, name)
        self._wishes = None
        _FOLLOWINGS.dec()
        if not self._count:
            self._ear.ring()  # the reader has nothing to wait for

    def _wake(self) -> None:
        if self._reader is None:
            # In a context of its own: it outlives the request of the first following, and is no part of it.
            self._reader = asyncio.create_task(self._read(), name="followings' reader", context=Context())
        self._ear.ring()

    async def _read(self) -> None:
        """Read for as long as somebody follows."""
        listening = asyncio.create_task(self._bell.listen(), name="followings' bell")
        least_s, most_s = self._settings.poll_min_ms / 1000, self._settings.poll_max_ms / 1000
        again_s = least_s
        try:
            while self._count:
                seen = await self._look_safely()
                if seen.has_more:
                    await asyncio.sleep(0)
                    continue
                # What is committed beside an older transaction becomes readable without a ring: look again soon, then
                # less and less often.
                wait_s = again_s if seen.is_waiting else seen.quiet_s
                await asyncio.sleep(self._settings.following_interval_ms / 1000)
                rang = await self._ear.wait(stop=self._stopping, timeout_s=wait_s)
                again_s = min(again_s * 2, most_s) if seen.is_waiting and not rang else least_s
        finally:
            self._reader = None
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def _look_safely(self) -> "_Seen":
        """Look; where that fails, who waits to follow is told, and everybody else waits for better times."""
        try:
            return await self._look()
        except Unavailable as error:
            log.warning("following_waits_for_database", reason=error.message)
            self._refuse_arrivals(error)
        except Exception as error:
            log.exception("following_failed")
            self._refuse_arrivals(error)
        return _Seen(quiet_s=_TROUBLE_WAIT_S)

    async def _look(self) -> "_Seen":
        """Let arrivals in, tell what is new to those who keep up, and a page of the past to those who do not yet."""
        async with self._db.maintenance() as tx:
            await self._admit(tx)
            seen = await self._hear_new(tx)
            is_hungry = await self._hear_missed(tx)
        return _Seen(
            has_more=seen.has_more or is_hungry,
            is_waiting=seen.is_waiting,
            quiet_s=self._settings.following_poll_ms / 1000,
        )

    def _refuse_arrivals(self, error: Exception) -> None:
        for arrived in self._arrivals.values():
            if not arrived.done():
                arrived.set_exception(error)
        self._arrivals.clear()

    async def _admit(self, tx: Tx) -> None:
        """Find the place from which each arrival hears, and anew that of lanes that lost it."""
        arrivals = dict(self._arrivals)
        lost = [lane for lane in self._lanes if lane.tenants and lane.place is None]
        numbers = sorted({following.lane.number for following in arrivals} | {lane.number for lane in lost})
        if not numbers:
            return
        bounds = {found.lane: found for found in await store.list_lane_bounds(tx, lanes=numbers)}
        for lane in lost:
            if lane.tenants:
                lane.place = bounds[lane.number].end
                for following in lane.everybody():
                    self._behind.pop(following, None)
                    following.lose(lane.place)
        for following, arrived in arrivals.items():
            if self._arrivals.pop(following, None) is not None and not arrived.done():
                self._begin(following, bounds[following.lane.number])
                arrived.set_result(None)

    def _begin(self, following: Following, bounds: store.LaneBounds) -> None:
        lane, after = following.lane, following.after
        lane.place = lane.place or bounds.end
        lane.add(following)
        if after is None:
            following.begin(bounds.end)
        elif after.xid >= bounds.horizon:  # a mark of another server
            following.lose(bounds.end)
        elif after < lane.place:
            following.begin(after, is_behind=True)
            self._behind[following] = None
        else:
            following.begin(after)

    async def _hear_new(self, tx: Tx) -> "_Seen":
        """Read on in every followed lane, and tell those who keep up."""
        read = [(lane, lane.place) for lane in self._lanes if lane.place is not None]
        if not read:
            return _Seen()
        tenants, types = self._wishes = self._wishes or (store.written(self._tenants), list(self._types))
        looked = await store.list_new_events(
            tx,
            lanes=[lane.number for lane, _ in read],
            places=[place for _, place in read],
            tenants=tenants,
            types=types,
            limit=self._settings.following_page,
        )
        has_more = is_waiting = False
        stretches = _stretches([place for _, place in read], looked, limit=self._settings.following_page)
        for (lane, _), stretch in zip(read, stretches, strict=True):
            if lane.place is None:
                continue  # everybody has left meanwhile
            for tenant_id, rows in _by_tenant(stretch.rows):
                Page(rows).tell(lane.members(tenant_id), reached=stretch.reached)
            # Not before everybody was told what came up to there: the mark of who waits follows the lane's place.
            lane.place = None if stretch.is_lost else stretch.reached
            has_more |= stretch.is_full
            is_waiting |= stretch.is_waiting or stretch.is_lost
        return _Seen(has_more=has_more, is_waiting=is_waiting)

    async def _hear_missed(self, tx: Tx) -> bool:
        """Tell a page of the past to those who are behind and took the page before; whether others wait for theirs.

        Who stands at the same mark is told the same page.
        """
        groups = self._hungry()
        if not groups:
            return False
        places = [members[0].reached for members in groups]
        looked = await store.list_missed_events(
            tx,
            lanes=[members[0].lane.number for members in groups],
            places=places,
            tenants=[members[0].tenant_id for members in groups],
            types=list({name for members in groups for following in members for name in following.names}),
            limit=self._settings.following_page,
        )
        stretches = _stretches(places, looked, limit=self._settings.following_page)
        for members, stretch in zip(groups, stretches, strict=True):
            present = [following for following in members if following in self._behind]
            for following in present:
                del self._behind[following]
            self._catch_up(present, stretch)
        return any(following.is_hungry for following in self._behind)

    def _hungry(self) -> list[list[Following]]:
        groups: dict[tuple[UUID, Mark], list[Following]] = {}
        for following in self._behind:
            if following.is_hungry and following.lane.place is not None:
                key = (following.tenant_id, following.reached)
                if key in groups or len(groups) < self._settings.following_resumes_max:
                    groups.setdefault(key, []).append(following)
        return list(groups.values())

    def _catch_up(self, members: Sequence[Following], stretch: "_Stretch") -> None:
        if stretch.is_lost:
            for following in members:
                following.lose(following.lane.place or stretch.reached)
            return
        Page(stretch.rows).tell(members, reached=stretch.reached)
        for following in members:
            # A page that is not full was the last one: from here on the news are for it as well.
            following.is_behind = following.is_behind and stretch.is_full
            if following.is_behind:
                self._behind[following] = None  # at the end of the line


class _Seen(msgspec.Struct, frozen=True):
    """What a look came to. `has_more`: look again at once; `is_waiting`: there are events nobody can read yet."""

    has_more: bool = False
    is_waiting: bool = False
    quiet_s: float = 0.0


class _Stretch(msgspec.Struct, frozen=True):
    """What was looked at behind a place: the events of concern, and how far.

    `is_lost`: events behind the place are gone, or the place is none of this server's. `is_full`: there may be more.
    `is_waiting`: there are events that cannot be read yet.
    """

    rows: list[Received]
    reached: Mark
    is_lost: bool
    is_full: bool
    is_waiting: bool


def _stretches(places: Sequence[Mark], looked: Sequence[store.Looked], *, limit: int) -> Iterator[_Stretch]:
    """A stretch for each place, in their order; `limit` is how many events were looked at behind each, at most."""
    by_place = {number: list(found) for number, found in groupby(looked, key=lambda one: one.place)}
    for number, place in enumerate(places, start=1):
        yield _stretch(place, by_place[number], limit=limit)


def _stretch(place: Mark, looked: Sequence[store.Looked], *, limit: int) -> _Stretch:
    rows: list[Received] = []
    reached, last_row, is_waiting = place, 0, False
    for one in looked:
        if one.xid is None or one.id is None or one.row is None:
            break  # nothing lies behind this place
        if one.xid >= one.horizon:
            is_waiting = True
            break
        reached, last_row = Mark(one.xid, one.id), one.row
        if one.payload is not None and one.tenant_id is not None and one.type is not None:
            rows.append(Received(one.xid, one.id, one.tenant_id, one.type, one.payload))
    if looked[0].is_trimmed or place.xid >= looked[0].horizon:
        return _Stretch([], place, is_lost=True, is_full=False, is_waiting=False)
    return _Stretch(rows, reached, is_lost=False, is_full=last_row == limit, is_waiting=is_waiting)


def _take_away(counts: Counter[K], key: K) -> None:
    counts[key] -= 1
    if not counts[key]:
        del counts[key]


def _by_tenant(rows: Sequence[Received]) -> Iterator[tuple[UUID, list[Received]]]:
    found: dict[UUID, list[Received]] = {}
    for row in rows:
        found.setdefault(row.tenant_id, []).append(row)
    yield from found.items()
