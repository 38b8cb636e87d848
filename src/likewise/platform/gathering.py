"""Callers that come at the same time are served together: one round at a time for each key, and the next one for
everybody who came meanwhile. A write that waits for the disk then costs as much for fifty callers as for one, and what
they would all lock is locked once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextvars import Context
from typing import Generic, TypeVar

from likewise.platform.errors import Unavailable

__all__ = ["Gatherer"]

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")
R = TypeVar("R")


class _Caller(Generic[T, R]):
    __slots__ = ("answer", "item")

    def __init__(self, item: T) -> None:
        self.item = item
        self.answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()

    def give(self, answer: R) -> None:
        """Answer, unless the caller has gone."""
        if not self.answer.done():
            self.answer.set_result(answer)

    def refuse(self, error: Exception) -> None:
        """Let the caller know what went wrong, unless he has gone."""
        if not self.answer.done():
            self.answer.set_exception(error)


class Gatherer(Generic[K, T, R]):
    """`work` is given a key and up to `count_max` items, and answers each in their order."""

    def __init__(self, work: Callable[[K, Sequence[T]], Awaitable[Sequence[R]]], *, count_max: int) -> None:
        self._work = work
        self._count_max = count_max
        self._waiting: dict[K, list[_Caller[T, R]]] = {}
        self._rounds: dict[K, asyncio.Task[None]] = {}

    async def do(self, key: K, item: T) -> R:
        """The answer to one item. Raises what `work` raises; an item that makes it fail fails alone."""
        caller = _Caller[T, R](item)
        self._waiting.setdefault(key, []).append(caller)
        if key not in self._rounds:
            # In a context of its own: it serves others, too, and may outlive who began it.
            self._rounds[key] = asyncio.create_task(self._run(key), name="gathered work", context=Context())
        return await caller.answer

    async def _run(self, key: K) -> None:
        try:
            while waiting := self._waiting.pop(key, None):
                for start in range(0, len(waiting), self._count_max):
                    part = waiting[start : start + self._count_max]
                    await self._serve(key, [caller for caller in part if not caller.answer.done()])
        finally:
            del self._rounds[key]

    async def _serve(self, key: K, callers: Sequence[_Caller[T, R]]) -> None:
        if not callers:
            return
        try:
            answers = await self._work(key, [caller.item for caller in callers])
        except asyncio.CancelledError:
            for caller in callers:
                caller.answer.cancel()
            raise
        except Exception as error:  # noqa: BLE001 - it is for whoever waits
            if len(callers) == 1 or isinstance(error, Unavailable):
                for caller in callers:
                    caller.refuse(error)
            else:
                for caller in callers:
                    await self._serve(key, [caller])
        else:
            for caller, answer in zip(callers, answers, strict=True):
                caller.give(answer)
