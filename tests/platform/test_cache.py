"""T10, short form: the cache tells the truth."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from likewise.platform.cache import Cache, CacheComputeTooSlow, CacheSettings, Namespace, delete_idle_tags
from likewise.platform.cache.memory import Entry, Memory
from likewise.platform.cache.model import Place
from likewise.platform.cache.second_level import Packed, SecondLevel, _name
from likewise.platform.clock import Clock
from likewise.platform.config import Settings
from likewise.platform.db import Database
from likewise.platform.ids import new_id


class Note(msgspec.Struct, frozen=True):
    """A small cached value."""

    text: str
    number: int = 0


NOTES = Namespace("notes", Note, ttl_s=60)
LASTING = Namespace("lasting_notes", Note, ttl_s=60, stale_s=600)


class Stopwatch:
    """Monotonic time that is moved by hand."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


class Source:
    """A value that can be changed, and how often it was computed."""

    def __init__(self, text: str = "first") -> None:
        self.text = text
        self.computed = 0
        self.gate: asyncio.Event | None = None
        self.started = asyncio.Event()

    async def __call__(self) -> Note:
        self.computed += 1
        text = self.text  # read first, as a query would, and answer later
        self.started.set()
        if self.gate is not None:
            await self.gate.wait()
        return Note(text, self.computed)


def settings_with(**changes: object) -> CacheSettings:
    flags = {f"cache_{name}": value for name, value in ({"ttl_jitter": 0} | changes).items()}
    return Settings(flags, file=Path("/nonexistent/likewise.toml")).get(CacheSettings)


def make_cache(
    database: Database, *, watch: Stopwatch | None = None, kind: type[Cache] = Cache, **changes: object
) -> Cache:
    return kind(database, settings=settings_with(**changes), clock=Clock(), monotonic=watch or Stopwatch())


def reading(cache: Cache, tenant_id: UUID, source: Callable[[], Awaitable[Note]], key: str = "k") -> Awaitable[Note]:
    return cache.get_or_compute(NOTES, tenant_id=tenant_id, key=key, tags=["notes"], compute=source)


async def bump(cache: Cache, database: Database, tenant_id: UUID, tag: str = "notes") -> None:
    async with database.tenant(tenant_id) as tx:
        await cache.bump_tags(tx, [tag])


async def test_stampede_computes_once(database: Database, tenant_id: UUID) -> None:
    watch, source = Stopwatch(), Source()
    async with make_cache(database, watch=watch) as cache:
        for expiry in range(1, 4):
            answers = await asyncio.gather(*(reading(cache, tenant_id, source) for _ in range(500)))
            assert {answer.number for answer in answers} == {expiry}
            assert source.computed == expiry
            watch.now_s += NOTES.ttl_s + 1


async def test_cancelled_readers_leave_the_computation_to_the_others(database: Database, tenant_id: UUID) -> None:
    source = Source()
    source.gate = asyncio.Event()
    async with make_cache(database) as cache:
        readers = [asyncio.ensure_future(reading(cache, tenant_id, source)) for _ in range(20)]
        await source.started.wait()
        for reader in readers[:-1]:
            reader.cancel()
        await asyncio.wait(readers[:-1])
        source.gate.set()
        assert (await readers[-1]).text == "first"
        assert source.computed == 1


async def test_computation_whose_readers_all_left_is_still_kept(database: Database, tenant_id: UUID) -> None:
    source = Source()
    source.gate = asyncio.Event()
    async with make_cache(database) as cache:
        reader = asyncio.ensure_future(reading(cache, tenant_id, source))
        await source.started.wait()
        reader.cancel()
        await asyncio.wait([reader])
        source.gate.set()
        assert (await reading(cache, tenant_id, source)).number == 1
        assert source.computed == 1


async def test_own_write_is_seen_at_once(database: Database, tenant_id: UUID) -> None:
    source = Source()
    async with make_cache(database) as cache:
        for round_number in range(20):
            source.text = f"text {round_number}"
            await bump(cache, database, tenant_id)
            assert (await reading(cache, tenant_id, source)).text == f"text {round_number}"
            assert (await reading(cache, tenant_id, source)).text == f"text {round_number}"
        assert source.computed == 20


async def test_value_computed_before_a_bump_is_neither_kept_nor_joined(database: Database, tenant_id: UUID) -> None:
    slow, quick = Source("old"), Source("new")
    slow.gate = asyncio.Event()
    async with make_cache(database) as cache:
        early = asyncio.ensure_future(reading(cache, tenant_id, slow))
        await slow.started.wait()
        await bump(cache, database, tenant_id)
        assert (await reading(cache, tenant_id, quick)).text == "new"
        slow.gate.set()
        assert (await early).text == "old"  # it asked before the write
        assert (await reading(cache, tenant_id, quick)).text == "new"
        assert quick.computed == 1


async def test_rolled_back_write_invalidates_nothing(database: Database, tenant_id: UUID) -> None:
    source = Source()
    async with make_cache(database) as cache:
        await reading(cache, tenant_id, source)
        with contextlib.suppress(ZeroDivisionError):
            async with database.tenant(tenant_id) as tx:
                await cache.bump_tags(tx, ["notes"])
                raise ZeroDivisionError
        await reading(cache, tenant_id, source)
        assert source.computed == 1


async def test_only_entries_with_the_tag_are_invalidated(database: Database, tenant_id: UUID) -> None:
    source = Source()
    async with make_cache(database) as cache:
        await reading(cache, tenant_id, source)
        await bump(cache, database, tenant_id, "other")
        await bump(cache, database, new_id(), "notes")
        await reading(cache, tenant_id, source)
        assert source.computed == 1


async def test_another_process_hears_of_a_write(database: Database, tenant_id: UUID) -> None:
    """Two caches stand for two processes; the clock stands still, so only a notification can tell."""
    source = Source("old")
    async with make_cache(database) as here, make_cache(database) as there:
        await wait_until_listening(here, there, database)
        assert (await reading(there, tenant_id, source)).text == "old"
        source.text = "new"
        await bump(here, database, tenant_id)
        async with asyncio.timeout(10):
            while (await reading(there, tenant_id, source)).text != "new":
                await asyncio.sleep(0)


async def wait_until_listening(here: Cache, there: Cache, database: Database) -> None:
    """Bump until the other one notices: from then on its connection listens."""
    probe, source = new_id(), Source()
    async with asyncio.timeout(10):
        while True:
            await reading(there, probe, source)
            await bump(here, database, probe)
            for _ in range(50):
                await asyncio.sleep(0)
                before = source.computed
                await reading(there, probe, source)
                if source.computed > before:
                    return


async def test_lost_notification_delays_by_the_allowed_age_at_most(database: Database, tenant_id: UUID) -> None:
    watch, source = Stopwatch(), Source("old")
    writer, deaf = (
        make_cache(database),
        make_cache(database, watch=watch, tag_age_max_s=1),
    )  # neither is entered: no news
    assert (await reading(deaf, tenant_id, source)).text == "old"
    source.text = "new"
    await bump(writer, database, tenant_id)
    watch.now_s += 0.9
    assert (await reading(deaf, tenant_id, source)).text == "old"
    watch.now_s += 0.2
    assert (await reading(deaf, tenant_id, source)).text == "new"
    assert source.computed == 2


async def test_checking_tags_takes_one_query_for_all_readers(database: Database, tenant_id: UUID) -> None:
    watch, source, asked = Stopwatch(), Source(), list[str]()
    database.observe_statements(lambda name, _: asked.append(name))
    cache = make_cache(database, watch=watch)
    await reading(cache, tenant_id, source)
    watch.now_s += 2
    asked.clear()
    await asyncio.gather(*(reading(cache, tenant_id, source) for _ in range(100)))
    assert asked == ["cache.list_tag_versions"]
    assert source.computed == 1


class NotingLate(Cache):
    """A broken cache: it notes the versions of tags after computing, not before."""

    async def _fly(
        self, flight: Any, place: Place, namespace: Namespace[Any], compute: Callable[[], Awaitable[Any]]
    ) -> object:
        value = await compute()
        await self._tags.check(flight.tags)
        self._keep(flight.tags, flight.begin(), place, namespace, value)
        return value


@pytest.mark.parametrize(("kind", "seen"), [(Cache, "new"), (NotingLate, "old")])
async def test_write_during_a_computation_elsewhere_is_noticed_unless_versions_are_noted_late(
    database: Database, tenant_id: UUID, kind: type[Cache], seen: str
) -> None:
    watch, source = Stopwatch(), Source("old")
    writer = make_cache(database)
    reader = make_cache(database, watch=watch, kind=kind)
    source.gate = asyncio.Event()
    early = asyncio.ensure_future(reading(reader, tenant_id, source))
    await source.started.wait()
    source.text = "new"
    await bump(writer, database, tenant_id)
    watch.now_s += 2
    source.gate.set()
    assert (await early).text == "old"  # it asked before the write
    watch.now_s += 2
    assert (await reading(reader, tenant_id, source)).text == seen


async def test_old_value_is_returned_while_a_new_one_is_computed(database: Database, tenant_id: UUID) -> None:
    watch, source = Stopwatch(), Source("old")
    async with make_cache(database, watch=watch) as cache:

        async def read() -> Note:
            return await cache.get_or_compute(LASTING, tenant_id=tenant_id, key="k", tags=["notes"], compute=source)

        await read()
        watch.now_s += LASTING.ttl_s + 1
        source.text, source.gate = "new", asyncio.Event()
        source.started.clear()
        assert [(await read()).text for _ in range(10)] == ["old"] * 10
        await source.started.wait()
        source.gate.set()
        async with asyncio.timeout(10):
            while (await read()).text != "new":
                await asyncio.sleep(0)
        assert source.computed == 2


async def test_bumped_value_is_never_returned_as_stale(database: Database, tenant_id: UUID) -> None:
    watch, source = Stopwatch(), Source("old")
    async with make_cache(database, watch=watch) as cache:

        async def read() -> Note:
            return await cache.get_or_compute(LASTING, tenant_id=tenant_id, key="k", tags=["notes"], compute=source)

        await read()
        watch.now_s += LASTING.ttl_s + 1
        source.text = "new"
        await bump(cache, database, tenant_id)
        assert (await read()).text == "new"


async def test_errors_and_nothing_are_not_kept(database: Database, tenant_id: UUID) -> None:
    calls = 0

    async def fail() -> Note:
        nonlocal calls
        calls += 1
        raise ZeroDivisionError

    async def nothing() -> Note | None:
        nonlocal calls
        calls += 1
        return None

    async with make_cache(database) as cache:
        for _ in range(3):
            results = await asyncio.gather(*(reading(cache, tenant_id, fail) for _ in range(5)), return_exceptions=True)
            assert all(isinstance(result, ZeroDivisionError) for result in results)
        assert calls == 3
        maybe: Namespace[Note | None] = Namespace("maybe", Note, ttl_s=60)
        for _ in range(3):
            assert await cache.get_or_compute(maybe, tenant_id=tenant_id, key="k", tags=[], compute=nothing) is None
        assert calls == 6


async def test_tenants_never_meet(database: Database) -> None:
    ours, theirs, source = new_id(), new_id(), Source()
    async with make_cache(database) as cache:
        await reading(cache, ours, source)
        source.text = "theirs"
        assert (await reading(cache, theirs, source)).text == "theirs"
        assert (await reading(cache, ours, source)).text == "first"


async def test_entry_of_another_tenant_at_our_place_is_not_believed(database: Database, tenant_id: UUID) -> None:
    source = Source("ours")
    async with make_cache(database) as cache:
        stranger = Place("notes", new_id(), "k")
        entry = Entry(
            stranger, Note("stranger"), tags=(), versions=(), fresh_until_s=9e9, stale_until_s=9e9, size_bytes=1
        )
        memory = cache._memory
        memory._entries[Place("notes", tenant_id, "k")] = entry
        assert (await reading(cache, tenant_id, source)).text == "ours"


async def test_computation_that_hangs_ends_with_a_fact(database: Database, tenant_id: UUID) -> None:
    source = Source()
    source.gate = asyncio.Event()
    async with make_cache(database, compute_timeout_s=0.01) as cache:
        with pytest.raises(CacheComputeTooSlow, match="LIKEWISE_CACHE_COMPUTE_TIMEOUT_S"):
            await reading(cache, tenant_id, source)


async def test_computation_that_runs_out_of_its_own_time_raises_its_own_error(
    database: Database, tenant_id: UUID
) -> None:
    async def compute() -> Note:
        raise TimeoutError("theirs")

    async with make_cache(database) as cache:
        with pytest.raises(TimeoutError, match="theirs"):
            await reading(cache, tenant_id, compute)


async def test_figures_count_what_became_of_reads(database: Database, tenant_id: UUID) -> None:
    source = Source()
    async with make_cache(database) as cache:
        await asyncio.gather(*(reading(cache, tenant_id, source) for _ in range(4)))
        for _ in range(6):
            await reading(cache, tenant_id, source)
        (figures,) = cache.figures()
    assert (figures.computed, figures.joined, figures.hits) == (1, 3, 6)
    assert figures.hit_rate == pytest.approx(0.9)


async def test_forgotten_tags_never_return_to_an_old_version(database: Database, tenant_id: UUID) -> None:
    watch, source = Stopwatch(), Source()
    cache = make_cache(database, watch=watch)
    await bump(cache, database, tenant_id)
    assert (await reading(cache, tenant_id, source)).number == 1
    async with database.tenant(tenant_id) as tx:
        assert await delete_idle_tags(tx, before=datetime.now(UTC) + timedelta(days=1), rows_max=10) == 1
    await bump(make_cache(database), database, tenant_id)
    watch.now_s += 2
    assert (await reading(cache, tenant_id, source)).number == 2


def test_memory_keeps_within_its_bounds_and_what_was_read_last() -> None:
    def entry(number: int, size_bytes: int = 0) -> Entry:
        place = Place("n", UUID(int=1), str(number))
        return Entry(place, number, tags=(), versions=(), fresh_until_s=1, stale_until_s=1, size_bytes=size_bytes)

    memory = Memory(entries_max=3, bytes_max=100_000)
    for number in range(3):
        memory.put(entry(number))
    memory.get(entry(0).place)
    memory.put(entry(3))
    assert memory.get(entry(1).place) is None
    assert memory.get(entry(0).place) is not None
    memory.put(entry(4, 90_000))
    memory.put(entry(5, 50_000))
    assert memory.size_bytes <= 100_000
    assert memory.get(entry(4).place) is None
    memory.put(entry(5, 10))
    memory.drop(entry(5).place)
    assert memory.size_bytes == sum(e.size_bytes for e in memory._entries.values())


async def test_value_larger_than_allowed_is_returned_but_not_kept(database: Database, tenant_id: UUID) -> None:
    source = Source("x" * 2000)
    async with make_cache(database, entry_bytes_max=1000) as cache:
        assert len((await reading(cache, tenant_id, source)).text) == 2000
        await reading(cache, tenant_id, source)
        assert source.computed == 2
        assert cache.size_bytes == 0


async def test_random_writes_and_reads_never_show_a_value_older_than_ones_own_write(
    database: Database, tenant_id: UUID
) -> None:
    """Eight writers and readers on four keys of one cache; whoever reads after a write sees it or a newer one."""
    truth = dict.fromkeys("abcd", 0)
    stale = 0

    async def compute(key: str) -> Note:
        seen = truth[key]
        await asyncio.sleep(0)
        return Note(key, seen)

    async with make_cache(database) as cache:

        async def live(number: int) -> None:
            nonlocal stale
            for step in range(30):
                key, floor = "abcd"[(number + step) % 4], 0
                if step % 3 == 0:
                    async with database.tenant(tenant_id) as tx:
                        await cache.bump_tags(tx, [key])
                        truth[key] += 1
                        floor = truth[key]  # our own; by the time of the commit somebody else may be writing
                note = await cache.get_or_compute(
                    NOTES, tenant_id=tenant_id, key=key, tags=[key], compute=lambda key=key: compute(key)
                )
                stale += note.number < floor

        await asyncio.gather(*(live(number) for number in range(8)))
    assert stale == 0


# The second level


async def test_without_its_second_level_the_cache_works_alone(database: Database, tenant_id: UUID) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        errors: list[str] = []
        settings = settings_with(redis_timeout_s=0.2)
        level = SecondLevel(settings, f"redis://127.0.0.1:{port}", count_error=errors.append)
        source = Source()
        async with Cache(database, settings=settings, clock=Clock(), second_level=level) as cache:
            assert (await reading(cache, tenant_id, source)).text == "first"
            await reading(cache, tenant_id, source)
            for key in "abc":
                await reading(cache, tenant_id, source, key)
        assert source.computed == 4
        assert errors == ["second_level_read"]  # after one failure it is left alone


@contextlib.asynccontextmanager
async def shared(database: Database, url: str) -> AsyncGenerator[tuple[Cache, SecondLevel]]:
    settings = settings_with(redis_timeout_s=5)
    level = SecondLevel(settings, url, count_error=pytest.fail)
    async with Cache(database, settings=settings, clock=Clock(), second_level=level) as cache:
        yield cache, level


async def test_second_level_serves_another_process(database: Database, tenant_id: UUID, redis_url: str) -> None:
    source = Source()
    async with shared(database, redis_url) as (here, level):
        await reading(here, tenant_id, source)
        async with asyncio.timeout(10):
            while await level.read(Place("notes", tenant_id, "k"), revision=1) is None:
                await asyncio.sleep(0)
        async with shared(database, redis_url) as (there, _):
            assert (await reading(there, tenant_id, source)).number == 1
            assert there.figures()[0].second_level_hits == 1
            await bump(here, database, tenant_id)
        async with shared(database, redis_url) as (after, _):
            assert (await reading(after, tenant_id, source)).number == 2


async def test_second_level_value_of_another_tenant_is_not_believed(tenant_id: UUID, redis_url: str) -> None:
    errors: list[str] = []
    level = SecondLevel(settings_with(redis_timeout_s=5), redis_url, count_error=errors.append)
    ours = Place("notes", tenant_id, "k")
    value = msgspec.Raw(msgspec.msgpack.encode(Note("stranger")))
    packed = Packed(Place("notes", new_id(), "k"), 1, (), (), 0.0, value)
    await level._client.set(_name(ours, 1), msgspec.msgpack.encode(packed), px=60_000)
    assert await level.read(ours, revision=1) is None
    assert errors == ["second_level_mismatch"]
    await level.close()
