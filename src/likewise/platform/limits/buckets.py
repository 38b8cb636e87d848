"""Where buckets are kept. Each keeper decides in one step on one server, by that server's clock, for all processes."""

from collections.abc import Awaitable
from typing import Protocol, cast

from likewise.platform.db import Database
from likewise.platform.limits.model import Bucket, Grant, LimiterUnavailable
from likewise.platform.limits.settings import LimitsSettings
from likewise.platform.limits.store import take_tokens

__all__ = ["Buckets", "DatabaseBuckets", "RedisBuckets"]

# The same algorithm as queries.sql. A key vanishes when its bucket is full again: missing and full are the same.
_SCRIPT = """
local clock = redis.call('TIME')
local asked = clock[1] * 1000000 + clock[2]
local token, burst, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local full = math.max(math.min(tonumber(redis.call('GET', KEYS[1]) or 0), asked + burst), asked)
local granted = math.max(0, math.min(wanted, math.floor((asked + burst - full) / token)))
full = full + granted * token
if granted > 0 then
    redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - asked) / 1000) + 1000)
end
return {granted, string.format('%.0f', full), string.format('%.0f', asked)}
"""


class Buckets(Protocol):
    """Keeps buckets for every process of an installation."""

    async def take(self, bucket: Bucket, wanted: int) -> Grant:
        """Take up to `wanted` requests of the bucket's cost."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class DatabaseBuckets:
    """Rows of platform.limits."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, bucket: Bucket, wanted: int) -> Grant:
        """One statement in a transaction of its own."""
        async with self._database.tenant(bucket.tenant_id) as tx:
            return await take_tokens(tx, bucket, wanted=wanted)

    async def close(self) -> None:
        """The pool is the database's."""


class _Redis(Protocol):
    def eval(self, script: str, keys: int, *values: str | int) -> Awaitable[list[bytes | int]]: ...
    def aclose(self) -> Awaitable[None]: ...


class RedisBuckets:
    """Keys of a Valkey or Redis server. Where it is away, nothing is admitted by guess: LimiterUnavailable."""

    def __init__(self, settings: LimitsSettings) -> None:
        try:
            from redis.asyncio import Redis
            from redis.exceptions import RedisError
        except ImportError as error:
            raise LimiterUnavailable(reason="the extra is missing, `pip install 'likewise[redis]'`") from error
        if settings.redis_url is None:
            raise LimiterUnavailable(reason="LIKEWISE_LIMITS_REDIS_URL is not set")
        self._error: type[Exception] = RedisError
        url = settings.redis_url.get_secret_value().replace("valkey", "redis", 1)
        timeout_s = settings.redis_timeout_s
        client = Redis.from_url(url, socket_timeout=timeout_s, socket_connect_timeout=timeout_s)  # pyright: ignore[reportUnknownMemberType]
        self._client = cast("_Redis", client)

    async def take(self, bucket: Bucket, wanted: int) -> Grant:
        """One script, which Redis runs alone."""
        token_us = bucket.policy.token_us
        name = f"likewise:limit:{{{bucket.tenant_id}}}:{bucket.policy.name}:{bucket.key}"
        sizes = (token_us * bucket.cost, token_us * bucket.policy.capacity, wanted)
        try:
            granted, full_at_us, asked_at_us = await self._client.eval(_SCRIPT, 1, name, *sizes)
        except (self._error, OSError) as error:
            raise LimiterUnavailable(reason=error) from error
        return Grant(int(granted), int(full_at_us), int(asked_at_us))

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()
