"""Rate limits: exact over all processes, and cheap for the one that is flooded.

A decision is one statement on the database (or one script on Redis). Requests of a process that ask for the same
bucket at the same time share a statement, which grants as many of them as the bucket holds: a burst neither queues
for one row nor empties the connection pool. A bucket that has just refused is refused here, without a query, for as
long as the database would refuse it too; nothing is ever admitted here.
"""

import asyncio
import contextvars
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Self
from uuid import UUID

from prometheus_client import Counter

from likewise.platform.config import Settings
from likewise.platform.db import Database
from likewise.platform.limits.buckets import Buckets, DatabaseBuckets, RedisBuckets
from likewise.platform.limits.model import (
    Bucket,
    CostTooHigh,
    Decision,
    Grant,
    LimiterOverloaded,
    Policy,
    RateLimited,
)
from likewise.platform.limits.settings import LimitsSettings
from likewise.platform.telemetry import METRICS

__all__ = ["Limiter", "open_limiter"]

_DECISIONS = Counter(
    "likewise_limits_decisions_total",
    "Rate limit decisions: admitted, refused by the counting server, refused without asking it",
    ["policy", "outcome"],
    registry=METRICS.registry,
)


def open_limiter(settings: Settings, database: Database) -> "Limiter":
    """The limiter of this process, for `async with`, over the keeper that the settings name."""
    section = settings.get(LimitsSettings)
    buckets = RedisBuckets(section) if section.backend == "redis" else DatabaseBuckets(database)
    return Limiter(buckets, settings=section)


class _Refusal:
    """What a process remembers of a bucket that refused; times by its own monotonic clock."""

    __slots__ = ("cost", "full_s", "until_s")

    def __init__(self, cost: int, until_s: float, full_s: float) -> None:
        self.cost = cost
        self.until_s = until_s
        self.full_s = full_s


class Limiter:
    """Decides for one process; the counting is shared. Open it with `async with`."""

    def __init__(
        self, buckets: Buckets, *, settings: LimitsSettings, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._buckets = buckets
        self._settings = settings
        self._monotonic = monotonic
        self._policies: dict[str, Policy] = {}
        self._refusals: OrderedDict[tuple[UUID, str, str], _Refusal] = OrderedDict()
        self._waiting: dict[Bucket, list[asyncio.Future[Decision]]] = {}
        self._workers: dict[Bucket, asyncio.Task[None]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Requests that still wait are cancelled."""
        for worker in list(self._workers.values()):
            worker.cancel()
        await asyncio.gather(*self._workers.values(), return_exceptions=True)
        await self._buckets.close()

    async def take(self, policy: Policy, *, tenant_id: UUID, key: str = "", cost: int = 1) -> Decision:
        """Decide about one request of this tenant. Where no tenant is known yet, give the nil UUID and a key.

        Raises CostTooHigh for a cost no bucket of this policy holds, LimiterOverloaded, and what the keeper raises
        when it is away.
        """
        policy = self.effective(policy)
        if cost > policy.capacity:
            raise CostTooHigh(policy=policy.name, cost=cost, capacity=policy.capacity)
        known = self._known_refusal(policy, (tenant_id, policy.name, key), cost)
        if known is not None:
            _DECISIONS.labels(policy.name, "refused_locally").inc()
            return known
        bucket = Bucket(tenant_id, policy, key, cost)
        waiting = self._waiting.setdefault(bucket, [])
        if len(waiting) >= self._settings.waiting_max:
            raise LimiterOverloaded(policy=policy.name, waiting_max=self._settings.waiting_max)
        answer: asyncio.Future[Decision] = asyncio.get_running_loop().create_future()
        waiting.append(answer)
        if bucket not in self._workers:
            # It serves many requests, so it belongs to none: what it writes is no effect of the one that started it.
            self._workers[bucket] = asyncio.create_task(
                self._work(bucket), name=f"limit {policy.name}", context=contextvars.Context()
            )
        decision = await answer
        _DECISIONS.labels(policy.name, "admitted" if decision.allowed else "refused").inc()
        return decision

    async def require(self, policy: Policy, *, tenant_id: UUID, key: str = "", cost: int = 1) -> Decision:
        """`take` that raises RateLimited where the request may not pass."""
        decision = await self.take(policy, tenant_id=tenant_id, key=key, cost=cost)
        if not decision.allowed:
            raise RateLimited(decision)
        return decision

    def effective(self, policy: Policy) -> Policy:
        """The policy in the size the settings give it."""
        found = self._policies.get(policy.name)
        if found is None:
            override = self._settings.overrides.get(policy.name)
            if override is None:
                return policy
            found = Policy(policy.name, override.amount, override.period_s, override.burst)
            self._policies[policy.name] = found
        return found

    async def _work(self, bucket: Bucket) -> None:
        """Serve everyone who waits for a bucket, a batch per statement, until nobody does."""
        answers: list[asyncio.Future[Decision]] = []
        try:
            while waiting := self._waiting.pop(bucket, None):
                answers = [answer for answer in waiting if not answer.done()]
                if answers:
                    asked_s = self._monotonic()
                    grant = await self._buckets.take(bucket, len(answers))
                    self._answer(bucket, answers, grant, asked_s)
        except BaseException as error:
            for answer in [*answers, *self._waiting.pop(bucket, [])]:
                if answer.done():
                    continue
                if isinstance(error, Exception):
                    answer.set_exception(error)
                else:
                    answer.cancel()
            if not isinstance(error, Exception):
                raise
        finally:
            del self._workers[bucket]

    def _answer(self, bucket: Bucket, answers: list[asyncio.Future[Decision]], grant: Grant, asked_s: float) -> None:
        policy, cost = bucket.policy, bucket.cost
        burst_us = policy.token_us * policy.capacity
        left_us = max(0, grant.asked_at_us + burst_us - grant.full_at_us)
        retry_us = max(0, grant.full_at_us + cost * policy.token_us - grant.asked_at_us - burst_us)
        reset_us = max(0, grant.full_at_us - grant.asked_at_us)
        for place, answer in enumerate(answers):
            if answer.done():
                continue
            allowed = place < grant.granted
            later = (grant.granted - 1 - place) * cost if allowed else 0
            answer.set_result(
                _decision(
                    policy,
                    allowed=allowed,
                    remaining=left_us // policy.token_us + later,
                    reset_s=reset_us / 1e6 - later * policy.token_us / 1e6,
                    retry_s=0 if allowed else retry_us / 1e6,
                )
            )
        if grant.granted < len(answers):
            refusal = _Refusal(cost, asked_s + retry_us / 1e6, asked_s + reset_us / 1e6)
            self._remember((bucket.tenant_id, policy.name, bucket.key), refusal)

    def _remember(self, key: tuple[UUID, str, str], refusal: _Refusal) -> None:
        self._refusals[key] = refusal
        self._refusals.move_to_end(key)
        while len(self._refusals) > self._settings.refusals_max:
            self._refusals.popitem(last=False)

    def _known_refusal(self, policy: Policy, key: tuple[UUID, str, str], cost: int) -> Decision | None:
        """The refusal the counting server would give. Its clock started before ours did, so ours ends first."""
        refusal = self._refusals.get(key)
        if refusal is None:
            return None
        now_s = self._monotonic()
        if now_s >= refusal.until_s:
            del self._refusals[key]
            return None
        if cost < refusal.cost:
            return None
        retry_s = refusal.until_s - now_s + (cost - refusal.cost) * policy.token_us / 1e6
        return _decision(policy, allowed=False, remaining=0, reset_s=refusal.full_s - now_s, retry_s=retry_s)


def _decision(policy: Policy, *, allowed: bool, remaining: int, reset_s: float, retry_s: float) -> Decision:
    return Decision(
        policy=policy.name,
        allowed=allowed,
        limit=policy.amount,
        window_s=policy.period_s,
        remaining=remaining,
        reset_after_s=reset_s,
        retry_after_s=retry_s,
    )
