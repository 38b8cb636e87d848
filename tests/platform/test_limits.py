"""T10, short form: what the limit admits is at most the limit, over all processes."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from likewise.app import Server
from likewise.platform.config import Settings
from likewise.platform.db import Database
from likewise.platform.ids import encode_id, new_id
from likewise.platform.limits import (
    Decision,
    Limiter,
    LimitsSettings,
    Policy,
    RateLimited,
    delete_full_buckets,
    rate_limit_headers,
)
from likewise.platform.limits.buckets import Buckets, DatabaseBuckets, RedisBuckets
from likewise.platform.limits.model import Bucket, CostTooHigh, Grant, LimiterOverloaded, LimiterUnavailable

# A token every minute: within a test none comes back, so what is admitted is exactly what a bucket holds.
SLOW = Policy("slow", amount=60, period_s=3600)


class Stopwatch:
    """Monotonic time that is moved by hand."""

    def __init__(self) -> None:
        self.now_s = 50.0

    def __call__(self) -> float:
        return self.now_s


class Handmade:
    """Buckets by a clock that is moved by hand: the algorithm of queries.sql, in Python."""

    def __init__(self) -> None:
        self.now_us = 1_000_000_000
        self.full_us: dict[tuple[UUID, str], int] = {}
        self.asked = 0
        self.gate: asyncio.Event | None = None

    async def take(self, bucket: Bucket, wanted: int) -> Grant:
        self.asked += 1
        if self.gate is not None:
            await self.gate.wait()
        token_us = bucket.policy.token_us * bucket.cost
        full_us = max(self.full_us.get((bucket.tenant_id, bucket.key), 0), self.now_us)
        room_us = self.now_us + bucket.policy.token_us * bucket.policy.capacity - full_us
        granted = max(0, min(wanted, room_us // token_us))
        self.full_us[bucket.tenant_id, bucket.key] = full_us + granted * token_us
        return Grant(granted, full_us + granted * token_us, self.now_us)

    async def close(self) -> None:
        pass


def settings_with(**changes: object) -> LimitsSettings:
    flags = {f"limits_{name}": value for name, value in changes.items()}
    return Settings(flags, file=Path("/nonexistent/likewise.toml")).get(LimitsSettings)


def make_limiter(database: Database, **changes: object) -> Limiter:
    return Limiter(DatabaseBuckets(database), settings=settings_with(**changes))


@pytest.fixture(params=["database", "redis"])
async def kept(request: pytest.FixtureRequest) -> AsyncIterator[Buckets]:
    """Each of the two keepers of buckets."""
    if request.param == "database":
        yield DatabaseBuckets(request.getfixturevalue("database"))
        return
    buckets = RedisBuckets(settings_with(backend="redis", redis_url=request.getfixturevalue("redis_url")))
    yield buckets
    await buckets.close()


async def burst(limiter: Limiter, tenant_id: UUID, count: int, policy: Policy = SLOW) -> int:
    """The number of `count` requests at once that were admitted."""
    decisions = await asyncio.gather(*(limiter.take(policy, tenant_id=tenant_id) for _ in range(count)))
    return sum(decision.allowed for decision in decisions)


async def test_burst_of_one_process_is_admitted_up_to_the_limit(kept: Buckets, tenant_id: UUID) -> None:
    async with Limiter(kept, settings=settings_with()) as limiter:
        assert await burst(limiter, tenant_id, 200) == 60
        assert await burst(limiter, tenant_id, 200) == 0


PROCESS = """
import asyncio, sys
from pathlib import Path
from uuid import UUID
from likewise.platform.config import Settings
from likewise.platform.db import Database
from likewise.platform.limits import Limiter, LimitsSettings, Policy
from likewise.platform.limits.buckets import DatabaseBuckets

owner_url, secret, tenant_id, shared = sys.argv[1], sys.argv[2], UUID(sys.argv[3]), sys.argv[4] == "shared"

async def main():
    settings = Settings({"database_pool_max": 2}, file=Path("/nonexistent"))
    async with Database(owner_url, settings, fallback_secret=secret.encode()) as database:
        async with Limiter(DatabaseBuckets(database), settings=settings.get(LimitsSettings)) as limiter:
            # The broken variant counts for each process apart, as a counter in memory would.
            key = "" if shared else str(asyncio.current_task()) + sys.argv[5]
            policy = Policy("slow", 60, 3600)
            print("ready", flush=True)
            sys.stdin.readline()
            admitted = 0
            for _ in range(10):
                answers = await asyncio.gather(*(limiter.take(policy, tenant_id=tenant_id, key=key) for _ in range(10)))
                admitted += sum(answer.allowed for answer in answers)
            print(admitted, flush=True)

asyncio.run(main())
"""


def run_processes(owner_url: str, secret: str, tenant_id: UUID, mode: str) -> list[int]:
    """Four processes that wait for each other and then burst together; what each was granted."""
    arguments = [sys.executable, "-c", PROCESS, owner_url, secret, str(tenant_id), mode]
    processes = [
        subprocess.Popen([*arguments, str(number)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for number in range(4)
    ]
    admitted: list[int] = []
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        admitted = [int(process.communicate(timeout=60)[0]) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    return admitted


async def test_four_processes_bursting_are_admitted_up_to_the_limit_together(
    server: Server, database: Database, tenant_id: UUID
) -> None:
    secret = server.fallback_secret.decode()
    admitted = await asyncio.to_thread(run_processes, database.owner_url, secret, tenant_id, "shared")
    assert sum(admitted) == 60


async def test_counters_of_each_process_would_admit_more(server: Server, database: Database, tenant_id: UUID) -> None:
    secret = server.fallback_secret.decode()
    admitted = await asyncio.to_thread(run_processes, database.owner_url, secret, tenant_id, "apart")
    assert sum(admitted) == 240


async def test_tokens_come_back_at_the_policys_rate() -> None:
    buckets, watch = Handmade(), Stopwatch()
    policy, tenant_id = Policy("steady", amount=10, period_s=10, burst=3), new_id()
    async with Limiter(buckets, settings=settings_with(), monotonic=watch) as limiter:
        assert await burst(limiter, tenant_id, 10, policy) == 3
        admitted = 0
        for _ in range(100):
            buckets.now_us += 100_000
            watch.now_s += 0.1
            admitted += await burst(limiter, tenant_id, 2, policy)
        assert admitted == 10
        buckets.now_us += 3_600_000_000
        watch.now_s += 3600
        assert await burst(limiter, tenant_id, 10, policy) == 3


async def test_keepers_and_model_of_the_algorithm_agree(kept: Buckets, tenant_id: UUID) -> None:
    policy = Policy("agree", amount=7, period_s=7000, burst=5)
    model = Handmade()
    for wanted, cost in [(2, 1), (1, 2), (3, 1), (1, 5), (4, 1), (1, 1)]:
        bucket = Bucket(tenant_id, policy, "k", cost)
        theirs, ours = await kept.take(bucket, wanted), await model.take(bucket, wanted)
        assert theirs.granted == ours.granted
        # The keeper's clock runs, the model's stands: they differ by the milliseconds of this test.
        assert theirs.full_at_us - theirs.asked_at_us == pytest.approx(ours.full_at_us - ours.asked_at_us, abs=60e6)


async def test_flood_of_a_refused_key_costs_no_queries() -> None:
    buckets, watch, tenant_id = Handmade(), Stopwatch(), new_id()
    async with Limiter(buckets, settings=settings_with(), monotonic=watch) as limiter:
        assert await burst(limiter, tenant_id, 100) == 60
        asked = buckets.asked
        for _ in range(10):
            assert await burst(limiter, tenant_id, 1000) == 0
        assert buckets.asked == asked
        watch.now_s += 60  # now one token has come back
        buckets.now_us += 60_000_000
        assert await burst(limiter, tenant_id, 10) == 1


async def test_remembered_refusal_refuses_only_what_the_keeper_would_refuse_too() -> None:
    """Every refusal without a query is put to the keeper as well, which has to refuse it."""
    buckets, watch = Handmade(), Stopwatch()
    policy, tenant_id = Policy("costs", amount=10, period_s=10, burst=10), new_id()
    async with Limiter(buckets, settings=settings_with(), monotonic=watch) as limiter:
        for step in range(400):
            cost = 1 + step * 7 % 10
            asked = buckets.asked
            before = dict(buckets.full_us)
            decision = await limiter.take(policy, tenant_id=tenant_id, cost=cost)
            if buckets.asked == asked:
                assert not decision.allowed
                buckets.full_us = before
                grant = await buckets.take(Bucket(tenant_id, policy, "", cost), 1)
                assert grant.granted == 0
            watch.now_s += 0.13
            buckets.now_us += 130_000


async def test_costly_request_is_refused_while_a_cheap_one_passes(kept: Buckets, tenant_id: UUID) -> None:
    policy = Policy("costs", amount=10, period_s=36_000)
    async with Limiter(kept, settings=settings_with()) as limiter:
        assert (await limiter.take(policy, tenant_id=tenant_id, cost=7)).remaining == 3
        assert not (await limiter.take(policy, tenant_id=tenant_id, cost=4)).allowed
        assert (await limiter.take(policy, tenant_id=tenant_id, cost=3)).allowed
        with pytest.raises(CostTooHigh, match="at once"):
            await limiter.take(policy, tenant_id=tenant_id, cost=11)


async def test_tenants_keys_and_policies_count_apart(kept: Buckets, tenant_id: UUID) -> None:
    one, two, key = Policy("one", 1, 3600), Policy("two", 1, 3600), encode_id("key", new_id())
    async with Limiter(kept, settings=settings_with()) as limiter:
        for tenant in (tenant_id, UUID(int=0)):  # the nil UUID: a caller who is not known yet
            for policy in (one, two):
                for name in (key, f"{key} login"):
                    assert (await limiter.take(policy, tenant_id=tenant, key=name)).allowed
                    assert not (await limiter.take(policy, tenant_id=tenant, key=name)).allowed


async def test_clock_of_the_database_set_back_an_hour_does_not_lock_out(database: Database, tenant_id: UUID) -> None:
    """A bucket whose state lies an hour ahead is what such a step leaves behind."""
    policy = Policy("stepped", amount=10, period_s=10)
    async with make_limiter(database) as limiter:
        await limiter.take(policy, tenant_id=tenant_id)
        await set_bucket_ahead(database, tenant_id, seconds=3600)
        decision = await limiter.take(policy, tenant_id=tenant_id)
        assert not decision.allowed
        assert decision.retry_after_s <= 61


async def set_bucket_ahead(database: Database, tenant_id: UUID, *, seconds: int) -> None:
    async with database.owner_connection() as connection:
        await connection.execute("set role likewise_maintenance")
        await connection.execute(
            "update platform.limits set full_at_us = full_at_us + %s where tenant_id = %s",
            (seconds * 1_000_000, tenant_id),
        )


async def test_full_buckets_are_forgotten_and_others_kept(database: Database, tenant_id: UUID) -> None:
    async with make_limiter(database) as limiter:
        await limiter.take(SLOW, tenant_id=tenant_id, key="used")
        async with database.tenant(tenant_id) as tx:
            assert await delete_full_buckets(tx, before_us=1, rows_max=10) == 0
        async with database.tenant(tenant_id) as tx:
            assert await delete_full_buckets(tx, before_us=2**62, rows_max=10) == 1


async def test_settings_give_a_policy_another_size(database: Database, tenant_id: UUID) -> None:
    override = {"slow": {"amount": 2, "period_s": 3600, "burst": 1}}
    async with make_limiter(database, overrides=override) as limiter:
        assert await burst(limiter, tenant_id, 5) == 1
        decision = await limiter.take(SLOW, tenant_id=tenant_id)
        assert (decision.limit, decision.window_s) == (2, 3600)


async def test_cancelled_request_takes_nobody_elses_answer() -> None:
    buckets = Handmade()
    buckets.gate = asyncio.Event()
    async with Limiter(buckets, settings=settings_with()) as limiter:
        tenant_id = new_id()
        requests = [asyncio.ensure_future(limiter.take(SLOW, tenant_id=tenant_id)) for _ in range(3)]
        await asyncio.sleep(0)
        requests[0].cancel()
        await asyncio.wait(requests[:1])
        buckets.gate.set()
        assert [decision.allowed for decision in await asyncio.gather(*requests[1:])] == [True, True]


async def test_keeper_that_fails_fails_every_request_that_waited_and_the_next_one_is_asked_again() -> None:
    class Failing(Handmade):
        async def take(self, bucket: Bucket, wanted: int) -> Grant:
            if self.asked == 0:
                self.asked += 1
                raise LimiterUnavailable(reason="away")
            return await super().take(bucket, wanted)

    async with Limiter(Failing(), settings=settings_with()) as limiter:
        tenant_id = new_id()
        waiting = (limiter.take(SLOW, tenant_id=tenant_id) for _ in range(5))
        results = await asyncio.gather(*waiting, return_exceptions=True)
        assert all(isinstance(result, LimiterUnavailable) for result in results)
        assert (await limiter.take(SLOW, tenant_id=tenant_id)).allowed


async def test_queue_for_one_bucket_is_bounded() -> None:
    buckets = Handmade()
    buckets.gate = asyncio.Event()
    async with Limiter(buckets, settings=settings_with(waiting_max=5)) as limiter:
        tenant_id = new_id()
        first = asyncio.ensure_future(limiter.take(SLOW, tenant_id=tenant_id))
        for _ in range(2):
            await asyncio.sleep(0)
        waiting = [asyncio.ensure_future(limiter.take(SLOW, tenant_id=tenant_id)) for _ in range(5)]
        await asyncio.sleep(0)
        with pytest.raises(LimiterOverloaded):
            await limiter.take(SLOW, tenant_id=tenant_id)
        buckets.gate.set()
        assert all(decision.allowed for decision in await asyncio.gather(first, *waiting))


async def test_refusal_is_a_fact_with_the_seconds_to_wait(database: Database, tenant_id: UUID) -> None:
    one = Policy("one", amount=1, period_s=3600)
    async with make_limiter(database) as limiter:
        await limiter.require(one, tenant_id=tenant_id)
        with pytest.raises(RateLimited, match="'one' of 1 requests per 3600 s") as refused:
            await limiter.require(one, tenant_id=tenant_id)
    assert refused.value.status == 429
    assert 3590 < refused.value.retry_after_s <= 3600


def test_headers_report_policy_rest_and_wait() -> None:
    good = Decision("search", allowed=True, limit=100, window_s=60, remaining=42, reset_after_s=34.2, retry_after_s=0)
    assert rate_limit_headers(good) == {
        "RateLimit-Policy": '"search";q=100;w=60',
        "RateLimit": '"search";r=42;t=35',
    }
    bad = Decision('a"b', allowed=False, limit=1, window_s=0.5, remaining=0, reset_after_s=9, retry_after_s=0.2)
    assert rate_limit_headers(good, bad) == {
        "RateLimit-Policy": '"search";q=100;w=60, "a\\"b";q=1;w=1',
        "RateLimit": '"search";r=42;t=35, "a\\"b";r=0;t=1',
        "Retry-After": "1",
    }


@pytest.mark.parametrize("size", [(0, 1, 0), (1, 0, 0), (1, 1, -1)])
def test_policy_without_a_size_is_refused(size: tuple[int, float, int]) -> None:
    with pytest.raises(ValueError, match="must be positive"):
        Policy("broken", *size)


def test_redis_keeper_without_an_address_says_which_setting() -> None:
    from likewise.platform.limits.buckets import RedisBuckets

    with pytest.raises(LimiterUnavailable, match="LIKEWISE_LIMITS_REDIS_URL"):
        RedisBuckets(settings_with(backend="redis"))
