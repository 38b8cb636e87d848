"""The second level: a Valkey or Redis that all processes share. It is a help, never a need.

What it holds names its namespace, tenant, key and tags again, and is believed only where they match what was asked
for and the tags stand at the versions it was computed at. Whatever goes wrong is counted and done without.
"""

import hashlib
import time
from collections.abc import Awaitable, Callable
from typing import Protocol, cast

import msgspec

from likewise.platform.cache.model import Place
from likewise.platform.cache.settings import CacheSettings
from likewise.platform.errors import Unavailable

__all__ = ["Packed", "RedisMissing", "SecondLevel"]


class RedisMissing(Unavailable):
    """LIKEWISE_CACHE_REDIS_URL is set, but the client for it is not installed. `pip install 'likewise[redis]'` does."""


class Packed(msgspec.Struct, frozen=True, array_like=True):
    """A value on the second level. `made_at`: seconds since 1970."""

    place: Place
    revision: int
    tags: tuple[str, ...]
    versions: tuple[int, ...]
    made_at: float
    value: msgspec.Raw


class _Redis(Protocol):
    def get(self, name: str) -> Awaitable[bytes | None]: ...
    def set(self, name: str, value: bytes, *, px: int) -> Awaitable[object]: ...
    def aclose(self) -> Awaitable[None]: ...


class SecondLevel:
    """Reads and writes packed values; after a failure it is left alone for a while."""

    def __init__(
        self,
        settings: CacheSettings,
        url: str,
        *,
        count_error: Callable[[str], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        try:
            from redis.asyncio import Redis
            from redis.exceptions import RedisError, ResponseError
        except ImportError as error:
            raise RedisMissing from error
        self._errors: tuple[type[Exception], ...] = (RedisError, OSError, TimeoutError)
        self._refusals: type[Exception] = ResponseError
        self._pause_s = settings.redis_pause_s
        self._count_error = count_error
        self._monotonic = monotonic
        self._resume_s = 0.0
        timeout_s = settings.redis_timeout_s
        client = Redis.from_url(  # pyright: ignore[reportUnknownMemberType]
            url.replace("valkey", "redis", 1), socket_timeout=timeout_s, socket_connect_timeout=timeout_s
        )
        self._client = cast("_Redis", client)

    async def read(self, place: Place, *, revision: int) -> Packed | None:
        """What is kept at a place, if it is of this very place and revision."""
        if self._monotonic() < self._resume_s:
            return None
        try:
            raw = await self._client.get(_name(place, revision))
        except self._errors as error:
            self._fail("second_level_read", error)
            return None
        if raw is None:
            return None
        try:
            packed = msgspec.msgpack.decode(raw, type=Packed)
        except msgspec.MsgspecError:
            self._count_error("second_level_malformed")
            return None
        if packed.place != place or packed.revision != revision:
            self._count_error("second_level_mismatch")
            return None
        return packed

    async def write(self, packed: Packed, *, lifetime_s: float) -> None:
        """Keep a value for this long."""
        if self._monotonic() < self._resume_s:
            return
        try:
            name = _name(packed.place, packed.revision)
            await self._client.set(name, msgspec.msgpack.encode(packed), px=max(1, int(lifetime_s * 1000)))
        except self._errors as error:
            self._fail("second_level_write", error)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def _fail(self, what: str, error: Exception) -> None:
        self._count_error(what)
        # A server that answers, if only that it is full, costs no waiting and may still be read.
        if not isinstance(error, self._refusals):
            self._resume_s = self._monotonic() + self._pause_s


def _name(place: Place, revision: int) -> str:
    digest = hashlib.sha256(place.key.encode("utf-8", "surrogatepass")).hexdigest()
    return f"likewise:cache:{place.namespace}:{revision}:{place.tenant_id.hex}:{digest}"
