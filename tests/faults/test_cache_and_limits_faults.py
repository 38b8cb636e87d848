"""T10: cache and limits tell the truth: one computation per expiry, and never more admitted than the limit.

Crowds of readers meet a value that has just expired, some of them give up, some computations fail. Four processes burst
on one limit. The long form is LIKEWISE_FAULTS_EXPIRIES=100000.
"""

import asyncio
import os
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import msgspec
from tests.faults.campaign import Campaign, tell
from tests.platform.test_limits import run_processes
from typing_extensions import override

from likewise.app import Server
from likewise.platform.cache import Cache, CacheSettings, Namespace
from likewise.platform.cache.model import Place
from likewise.platform.clock import Clock
from likewise.platform.config import Settings
from likewise.platform.db import Database
from likewise.platform.errors import Unavailable

V = TypeVar("V")
EXPIRIES = int(os.environ.get("LIKEWISE_FAULTS_EXPIRIES", "200"))
SEED = int(os.environ.get("LIKEWISE_FAULTS_SEED", "20261121"))
READERS = 40
TTL_S = 60
LIMIT, PROCESSES, ASKED = 60, 4, 100


class Number(msgspec.Struct, frozen=True):
    """A value that says which computation made it."""

    number: int


class SourceAway(Unavailable):
    """The source is away."""


NUMBERS = Namespace("faults", value=Number, ttl_s=TTL_S)


class Loner(Cache):
    """The broken variant: whoever finds nothing computes for himself."""

    @override
    def _join(
        self, place: Place, namespace: Namespace[V], tags: Sequence[str], compute: Callable[[], Awaitable[V]]
    ) -> tuple[asyncio.Task[object], bool]:
        self._flights.clear()
        return super()._join(place, namespace, tags, compute)


class Seen(msgspec.Struct):
    """What a campaign saw. `computed`: for each expiry how often, where no computation failed."""

    computed: list[int] = []
    stale: int = 0
    unanswered: int = 0
    cancelled: int = 0
    failed: int = 0
    worst_ms: float = 0


async def stampedes(database: Database, tenant_id: UUID, kind: type[Cache], *, expiries: int) -> Seen:
    """Crowds at each expiry."""
    chance, seen, now_s = random.Random(SEED), Seen(), 0.0
    settings = Settings({"cache_ttl_jitter": 0}, file=Path("/nonexistent")).get(CacheSettings)
    async with kind(database, settings=settings, clock=Clock(), monotonic=lambda: now_s) as cache:
        for expiry in range(expiries):
            now_s += TTL_S + 1
            fails = chance.random() < 0.1
            computed = 0

            async def compute(number: int = expiry, *, fails: bool = fails) -> Number:
                nonlocal computed
                computed += 1
                for _ in range(chance.randrange(1, 4)):
                    await asyncio.sleep(0)
                if fails:
                    raise SourceAway
                return Number(number)

            started = time.perf_counter()
            readers = [
                asyncio.create_task(
                    cache.get_or_compute(NUMBERS, tenant_id=tenant_id, key="k", tags=["faults"], compute=compute)
                )
                for _ in range(READERS)
            ]
            await asyncio.sleep(0)
            impatient = chance.sample(readers, chance.randrange(READERS))
            for reader in impatient:
                seen.cancelled += reader.cancel()
            answers = await asyncio.gather(*readers, return_exceptions=True)
            seen.worst_ms = max(seen.worst_ms, 1000 * (time.perf_counter() - started))
            patient = [answer for reader, answer in zip(readers, answers, strict=True) if reader not in impatient]
            seen.failed += fails
            seen.stale += sum(isinstance(answer, Number) and answer.number != expiry for answer in answers)
            seen.unanswered += sum(not isinstance(answer, SourceAway if fails else Number) for answer in patient)
            if not fails:
                seen.computed.append(computed)
    return seen


async def test_crowds_compute_once_at_each_expiry_and_four_processes_keep_one_limit(
    server: Server, database: Database, tenant_id: UUID, record_property: Callable[[str, object], None]
) -> None:
    seen = await stampedes(database, tenant_id, Cache, expiries=EXPIRIES)
    secret = server.fallback_secret.decode()
    admitted = sum(await asyncio.to_thread(run_processes, database.owner_url, secret, tenant_id, "shared"))
    tell(
        Campaign(
            promise="T10",
            trials=EXPIRIES + PROCESSES * ASKED,
            faults=seen.cancelled + seen.failed,
            acknowledged=EXPIRIES * READERS + admitted,
            lost=seen.unanswered,
            duplicated=sum(count - 1 for count in seen.computed) + max(0, admitted - LIMIT),
            leaked=seen.stale,
            worst_ms=seen.worst_ms,
            seed=SEED,
        ),
        record_property,
    )
    assert set(seen.computed) == {1}
    assert (seen.stale, seen.unanswered) == (0, 0)
    assert seen.cancelled > 0
    assert seen.failed > 0
    assert admitted == LIMIT


async def test_readers_who_compute_for_themselves_would_be_caught(database: Database, tenant_id: UUID) -> None:
    seen = await stampedes(database, tenant_id, Loner, expiries=20)
    assert max(seen.computed) > 1


async def test_counters_of_each_process_would_be_caught(server: Server, database: Database, tenant_id: UUID) -> None:
    secret = server.fallback_secret.decode()
    admitted = await asyncio.to_thread(run_processes, database.owner_url, secret, tenant_id, "apart")
    assert sum(admitted) > LIMIT
