"""Get a value, or compute it once: two levels, single flight, tags that writes bump in their own transaction.

How a stale value is kept out:

- A write bumps tags inside its transaction, so a bump is committed exactly with what it invalidates.
- A computation notes its tags' versions before it starts. Its value is kept, and read, only while they still stand.
- After commit and before the writer goes on, this process moves its tags on; others hear within milliseconds.
- A process that heard nothing asks the database about a tag that it has not asked about for `tag_age_max_s`.

Do not call `get_or_compute` with a transaction open: it may need a connection of its own.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Self, TypeVar, cast
from uuid import UUID

import msgspec
from prometheus_client import Counter

from likewise.platform.cache.announcements import Announcements
from likewise.platform.cache.memory import Entry, Memory
from likewise.platform.cache.model import CacheComputeTooSlow, CacheFigures, Namespace, Place
from likewise.platform.cache.second_level import Packed, SecondLevel
from likewise.platform.cache.settings import CacheSettings
from likewise.platform.cache.store import bump_tags
from likewise.platform.cache.tags import Tag, Tags
from likewise.platform.clock import Clock
from likewise.platform.config import Settings
from likewise.platform.db import Database, Tx
from likewise.platform.telemetry import METRICS, get_log

__all__ = ["Cache", "open_cache"]

T = TypeVar("T")
V = TypeVar("V")
_READS = Counter(
    "likewise_cache_reads_total",
    "Cache reads by outcome: hit, stale, second_level, joined, computed",
    ["namespace", "outcome"],
    registry=METRICS.registry,
)
_ERRORS = Counter(
    "likewise_cache_errors_total", "What went wrong and was done without", ["what"], registry=METRICS.registry
)
_log = get_log("likewise.cache")


def open_cache(settings: Settings, database: Database, *, clock: Clock | None = None) -> "Cache":
    """The cache of this process, for `async with`, with a second level where the settings name one."""
    section = settings.get(CacheSettings)
    url = section.redis_url
    second = None if url is None else SecondLevel(section, url.get_secret_value(), count_error=count_error)
    return Cache(database, settings=section, clock=clock or Clock(), second_level=second)


class _Flight:
    """One computation that several readers wait for. `versions` is None until it has begun."""

    __slots__ = ("tags", "task", "versions")

    def __init__(self, tags: tuple[Tag, ...]) -> None:
        self.tags = tags
        self.versions: tuple[int, ...] | None = None
        self.task: asyncio.Task[object] | None = None

    def begin(self) -> tuple[int, ...]:
        """Note the versions that what is computed from now on is at least as new as."""
        self.versions = tuple(tag.version for tag in self.tags)
        return self.versions

    def is_current(self) -> bool:
        """Whether its value will be as new as every bump this process knows of."""
        return self.versions is None or all(
            tag.version == version for tag, version in zip(self.tags, self.versions, strict=True)
        )


class _Count:
    """One outcome of one namespace, for this cache's own figures and for the process's metrics."""

    __slots__ = ("_metric", "number")

    def __init__(self, namespace: str, outcome: str) -> None:
        self.number = 0
        self._metric = _READS.labels(namespace, outcome)

    def add(self) -> None:
        self.number += 1
        self._metric.inc()


class _Tally:
    """What became of the reads of one namespace."""

    __slots__ = ("computed", "hit", "joined", "name", "second_level", "stale")

    def __init__(self, name: str) -> None:
        self.name = name
        self.hit = _Count(name, "hit")
        self.stale = _Count(name, "stale")
        self.second_level = _Count(name, "second_level")
        self.joined = _Count(name, "joined")
        self.computed = _Count(name, "computed")

    def figures(self) -> CacheFigures:
        return CacheFigures(
            namespace=self.name,
            hits=self.hit.number,
            stale_hits=self.stale.number,
            second_level_hits=self.second_level.number,
            joined=self.joined.number,
            computed=self.computed.number,
        )


class Cache:
    """The cache of one process. `async with cache:` joins it to the other processes."""

    def __init__(
        self,
        database: Database,
        *,
        settings: CacheSettings,
        clock: Clock,
        second_level: SecondLevel | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._monotonic = monotonic
        self._second_level = second_level
        self._memory = Memory(entries_max=settings.entries_max, bytes_max=settings.bytes_max)
        self._tags = Tags(database, age_max_s=settings.tag_age_max_s, monotonic=monotonic)
        self._announcements = Announcements(
            database, self._tags, waiting_max=settings.announcements_max, count_error=count_error
        )
        self._flights: dict[Place, _Flight] = {}
        self._tallies: dict[str, _Tally] = {}
        self._tasks: set[asyncio.Task[object]] = set()
        self._writes: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._spawn(self._announcements.send(), "cache announcements")
        self._spawn(self._announcements.listen(), "cache listener")
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._memory.clear()
        if self._second_level is not None:
            await self._second_level.close()

    async def get_or_compute(
        self,
        namespace: Namespace[V],
        *,
        tenant_id: UUID,
        key: str,
        tags: Sequence[str],
        compute: Callable[[], Awaitable[V]],
    ) -> V:
        """The value of this key, computed at most once at a time in this process. Treat it as immutable: it is shared.

        `tags` name everything the value depends on, as the writes that change it bump them. Errors are not kept, and
        neither is None. A reader that is cancelled leaves the computation to the others. Raises what `compute` raises,
        CacheComputeTooSlow, and DatabaseUnavailable where a value's tags cannot be checked.
        """
        place = Place(namespace.name, tenant_id, key)
        tally = self._tally(namespace.name)
        entry = self._memory.get(place)
        if entry is not None:
            if not entry.is_certain(self._monotonic() - self._settings.tag_age_max_s):
                await self._tags.check(entry.tags)
            now_s = self._monotonic()
            if entry.place != place or not entry.is_current() or now_s >= entry.stale_until_s:
                self._memory.drop(place)
            elif now_s < entry.fresh_until_s:
                tally.hit.add()
                return cast("V", entry.value)
            else:
                tally.stale.add()
                self._join(place, namespace, tags, compute)
                return cast("V", entry.value)
        task, is_new = self._join(place, namespace, tags, compute)
        if not is_new:
            tally.joined.add()
        return cast("V", await asyncio.shield(task))

    async def bump_tags(self, tx: Tx, tags: Sequence[str]) -> None:
        """Say, inside the transaction that changes them, that everything with one of these tags has changed.

        Call it once per transaction and late: the tags stay locked until it ends, and other writers of the same tags
        wait. After the commit no reader of this process gets an older value; other processes follow.
        """
        tenant_id = tx.tenant
        bumps = await bump_tags(tx, tags=tags)

        def apply() -> None:
            self._tags.apply(tenant_id, bumps)
            self._announcements.add(tenant_id, bumps)

        tx.after_commit(apply)

    def figures(self) -> list[CacheFigures]:
        """What became of the reads, per namespace."""
        return [tally.figures() for tally in self._tallies.values()]

    @property
    def size_bytes(self) -> int:
        """Bytes of the values this process keeps."""
        return self._memory.size_bytes

    def _join(
        self, place: Place, namespace: Namespace[V], tags: Sequence[str], compute: Callable[[], Awaitable[V]]
    ) -> tuple[asyncio.Task[object], bool]:
        """The computation to wait for, and whether it is new. One that a bump has overtaken is not joined."""
        flight = self._flights.get(place)
        if flight is not None and flight.task is not None and flight.is_current():
            return flight.task, False
        flight = _Flight(self._tags.get(place.tenant_id, tags))
        task = flight.task = self._spawn(self._fly(flight, place, namespace, compute), f"cache {namespace.name}")
        if len(self._flights) < self._settings.computations_max or place in self._flights:
            self._flights[place] = flight
            task.add_done_callback(lambda _: self._land(place, flight))
        return task, True

    def _land(self, place: Place, flight: _Flight) -> None:
        if self._flights.get(place) is flight:
            del self._flights[place]

    async def _fly(
        self, flight: _Flight, place: Place, namespace: Namespace[V], compute: Callable[[], Awaitable[V]]
    ) -> object:
        await self._tags.check(flight.tags)
        tally = self._tally(namespace.name)
        if self._second_level is not None:
            entry = await self._from_second_level(flight, place, namespace)
            if entry is not None:
                tally.second_level.add()
                return entry.value
        versions = flight.begin()
        tally.computed.add()
        limit = asyncio.timeout(self._settings.compute_timeout_s)
        try:
            async with limit:
                value = await compute()
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise CacheComputeTooSlow(namespace=namespace.name, timeout_s=self._settings.compute_timeout_s) from error
        if value is not None and flight.is_current():
            self._keep(flight.tags, versions, place, namespace, value)
        return value

    def _keep(
        self, tags: tuple[Tag, ...], versions: tuple[int, ...], place: Place, namespace: Namespace[V], value: V
    ) -> None:
        encoded = msgspec.msgpack.encode(value)
        if len(encoded) > self._settings.entry_bytes_max:
            count_error("value_too_large")
            return
        lifetime_s = namespace.ttl_s * (1 - self._settings.ttl_jitter * random.random())  # noqa: S311 - spreads load
        fresh_until_s = self._monotonic() + lifetime_s
        entry = Entry(
            place,
            value,
            tags=tags,
            versions=versions,
            fresh_until_s=fresh_until_s,
            stale_until_s=fresh_until_s + namespace.stale_s,
            size_bytes=len(encoded),
        )
        self._memory.put(entry)
        if self._second_level is None:
            return
        if len(self._writes) >= self._settings.redis_writes_max:
            count_error("second_level_write_dropped")
            return
        packed = Packed(
            place=place,
            revision=namespace.revision,
            tags=tuple(tag.name for tag in tags),
            versions=versions,
            made_at=self._clock.now().timestamp(),
            value=msgspec.Raw(encoded),
        )
        write = self._second_level.write(packed, lifetime_s=lifetime_s + namespace.stale_s)
        task = self._spawn(write, "cache second level")
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)

    async def _from_second_level(self, flight: _Flight, place: Place, namespace: Namespace[V]) -> Entry | None:
        """The shared value, if its tags stand where they stood when it was computed, now in this process too."""
        if self._second_level is None:
            return None
        packed = await self._second_level.read(place, revision=namespace.revision)
        if packed is None or packed.tags != tuple(tag.name for tag in flight.tags):
            return None
        if packed.versions != tuple(tag.version for tag in flight.tags):
            return None
        fresh_s = namespace.ttl_s - max(0.0, self._clock.now().timestamp() - packed.made_at)
        if fresh_s <= 0:
            return None
        try:
            value = msgspec.msgpack.decode(packed.value, type=namespace.value)
        except msgspec.MsgspecError:
            count_error("second_level_malformed")
            return None
        now_s = self._monotonic()
        entry = Entry(
            place,
            value,
            tags=flight.tags,
            versions=packed.versions,
            fresh_until_s=now_s + fresh_s,
            stale_until_s=now_s + fresh_s + namespace.stale_s,
            size_bytes=len(packed.value),
        )
        self._memory.put(entry)
        return entry

    def _tally(self, name: str) -> _Tally:
        tally = self._tallies.get(name)
        if tally is None:
            tally = self._tallies[name] = _Tally(name)
        return tally

    def _spawn(self, work: Coroutine[object, object, T], name: str) -> asyncio.Task[T]:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._finish)
        return task

    def _finish(self, task: asyncio.Task[object]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _log.debug("cache_task_failed", task=task.get_name(), reason=str(task.exception()))


def count_error(what: str) -> None:
    """Count something that went wrong and was done without."""
    _ERRORS.labels(what).inc()
