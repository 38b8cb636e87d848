"""Killable children: work on hostile bytes is done in processes that can only compute, and that die on time.

`Children` keeps a few processes of `likewise.platform.child`, starts them when they are needed, gives each a bounded
number of requests, kills one that is too slow, and replaces one that died. A request that ended a child is tried once
more in a fresh one: the child may have been a victim of the machine rather than of its input.

One thread per child waits at its pipes. So this needs nothing of the event loop but timers, and a child is always
waited for by the thread that saw it end: none stays behind as a zombie.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO, Self, TypeVar, cast

import msgspec

from likewise.platform import child as inside
from likewise.platform.telemetry import get_log

__all__ = ["ChildDiedError", "ChildTooSlowError", "Children", "ChildrenAbsentError", "ChildrenBusyError", "Work"]

T = TypeVar("T")
_log = get_log("likewise.children")


class ChildDiedError(Exception):
    """Two children died on the same request."""


class ChildTooSlowError(Exception):
    """The request was not answered in its time, and its child was killed."""


class ChildrenBusyError(Exception):
    """As many requests are waiting as may wait."""


class ChildrenAbsentError(Exception):
    """No child can be started; the message says why."""


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """What the children are for, and every bound they live within.

    `path` is a Python file as `likewise.platform.child` wants it. `memory_mb` bounds a child's address space, and
    `body_bytes_max` the body of a request and of a reply alike. `requests_max` is what one child answers before it
    is replaced; an idle child ends after `idle_s`.
    """

    path: Path
    memory_mb: int
    body_bytes_max: int
    request_timeout_s: float
    start_timeout_s: float
    idle_s: float
    children_max: int
    waiting_max: int
    requests_max: int


class Children:
    """`async with Children(work) as children`; the first request starts the first child."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._threads = ThreadPoolExecutor(work.children_max, thread_name_prefix=f"child-{work.path.parent.name}")
        self._turns = asyncio.Semaphore(work.children_max)
        self._asking = 0
        self._alive: set[_Child] = set()
        self._idle: list[_Child] = []
        self._bedtime: asyncio.TimerHandle | None = None
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closed = True
        self._cancel_bedtime()
        for child in tuple(self._alive):
            child.kill()
            self._threads.submit(child.end)
        await asyncio.to_thread(self._threads.shutdown)

    async def ask(self, head: Mapping[str, object], body: bytes) -> tuple[bytes, bytes]:
        """A reply's head (JSON, not to be trusted) and body.

        Raises ChildrenBusyError, ChildTooSlowError, ChildDiedError or ChildrenAbsentError.
        """
        if self._asking >= self._work.children_max + self._work.waiting_max:
            raise ChildrenBusyError
        self._asking += 1
        self._cancel_bedtime()
        try:
            async with self._turns:
                try:
                    return await self._ask(head, body)
                except ChildDiedError:
                    self._retire_idle()  # what ended one may have ended the others
                    return await self._ask(head, body)
        finally:
            self._asking -= 1
            if self._idle and not self._asking and not self._closed:
                self._bedtime = asyncio.get_running_loop().call_later(self._work.idle_s, self._retire_idle)

    async def _ask(self, head: Mapping[str, object], body: bytes) -> tuple[bytes, bytes]:
        child = self._take_idle() or await self._start()
        reply = await self._run(child, partial(child.ask, head, body), timeout_s=self._work.request_timeout_s)
        if child.requests_left > 0 and not self._closed:
            self._idle.append(child)
        else:
            await self._end(child)
        return reply

    def _take_idle(self) -> "_Child | None":
        while self._idle:
            child = self._idle.pop()
            if child.is_alive():
                return child
            self._alive.discard(child)
            child.end()
        return None

    async def _start(self) -> "_Child":
        if self._closed:
            raise ChildrenAbsentError("it was closed")
        child = _Child(self._work)
        self._alive.add(child)
        try:
            await self._run(child, child.start, timeout_s=self._work.start_timeout_s)
        except ChildTooSlowError:
            raise ChildrenAbsentError(f"it was not ready within {self._work.start_timeout_s:g} s") from None
        except ChildDiedError:
            raise ChildrenAbsentError("it died while starting") from None
        return child

    async def _run(self, child: "_Child", call: Callable[[], T], *, timeout_s: float) -> T:
        """What the call returns; a child that did not answer, or was not waited for, is dead when this is left."""
        running = asyncio.get_running_loop().run_in_executor(self._threads, call)
        answered = False
        try:
            await asyncio.wait((running,), timeout=timeout_s)
            if not running.done():
                raise ChildTooSlowError
            reply = running.result()
            answered = True
            return reply
        finally:
            if not answered:
                child.kill()
                await asyncio.wait((running,))
                running.exception()  # of the killing; it is not news
                await self._end(child)

    async def _end(self, child: "_Child") -> None:
        self._alive.discard(child)
        if not self._closed:  # closing ends them all
            await asyncio.get_running_loop().run_in_executor(self._threads, child.end)

    def _retire_idle(self) -> None:
        while self._idle:
            child = self._idle.pop()
            self._alive.discard(child)
            self._threads.submit(child.end)

    def _cancel_bedtime(self) -> None:
        if self._bedtime is not None:
            self._bedtime.cancel()
            self._bedtime = None


class _Child:
    """One process. `start`, `ask` and `end` block; `kill` does not, and may be called from any thread at any time."""

    def __init__(self, work: Work) -> None:
        self.requests_left = work.requests_max
        self._work = work
        self._lock = threading.Lock()
        self._killed = False
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns once the child is ready. Raises ChildDiedError, ChildrenAbsentError."""
        work = self._work
        options = {
            "memory_mb": work.memory_mb,
            "cpu_s": work.request_timeout_s,
            "body_bytes_max": work.body_bytes_max,
        }
        # A newer Python's lazy imports would come when no file can be opened any more.
        words = [sys.executable, "-P", "-X", "lazy_imports=none", inside.__file__, str(work.path), json.dumps(options)]
        try:
            with self._lock:
                if self._killed:
                    raise ChildDiedError
                self._process = subprocess.Popen(  # noqa: S603 - no shell, words of ours
                    words,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    cwd="/",
                    env=_environment(),
                    start_new_session=True,  # Ctrl-C at a terminal is for the parent
                )
        except OSError as error:
            raise ChildrenAbsentError(error.strerror or str(error)) from error
        head, _ = self._read()
        fault = json.loads(head).get("fault")
        if fault is not None:
            raise ChildrenAbsentError(fault)

    def ask(self, head: Mapping[str, object], body: bytes) -> tuple[bytes, bytes]:
        """The reply. Raises ChildDiedError, or ChildTooSlowError where it died of its own limit of computing time."""
        self.requests_left -= 1
        with suppress(OSError):  # what the child died of is seen when its answer is read
            inside.write_frame(cast("BinaryIO", self._pipes().stdin), head, body)
        return self._read()

    def is_alive(self) -> bool:
        """Whether the process runs; one that does not is waited for by the asking."""
        return self._pipes().poll() is None

    def kill(self) -> None:
        """Let the process end, now; and never start, where it has not."""
        with self._lock:
            self._killed = True
            if self._process is not None:
                self._process.kill()

    def end(self) -> None:
        """Kill it, wait for it and close its pipes."""
        self.kill()
        process = self._process
        if process is None:
            return
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):  # what was not sent cannot be sent any more
                    pipe.close()

    def _read(self) -> tuple[bytes, bytes]:
        process = self._pipes()
        try:
            frame = inside.read_frame(cast("BinaryIO", process.stdout), body_bytes_max=self._work.body_bytes_max)
        except (EOFError, ValueError, OSError):
            frame = None
        if frame is not None:
            return frame
        was_killed = self._killed
        self.end()
        code = process.wait()
        if not was_killed:
            _log.warning("child died", work=str(self._work.path), code=code)
        if code == -signal.SIGXCPU:
            raise ChildTooSlowError
        raise ChildDiedError

    def _pipes(self) -> "subprocess.Popen[bytes]":
        assert self._process is not None
        return self._process


def _environment() -> dict[str, str]:
    """Nothing of ours but where Python finds what it imports: secrets are often in the environment."""
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    path = os.pathsep.join(entry for entry in sys.path if Path(entry).is_absolute())
    return {**kept, "PYTHONPATH": path, "LC_ALL": "C.UTF-8"}
