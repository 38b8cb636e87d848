"""Child processes, kept running until told to stop; they end with their parent, however that ends."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence

from likewise.platform.errors import Unavailable
from likewise.platform.telemetry import get_log

__all__ = ["end_with_parent", "keep_processes"]

_DEATHS_MAX = 5
_RESTART_S = 1.0
_GRACE_S = 30.0
_log = get_log("likewise.processes")


class ProcessesDie(Unavailable):
    """A server process ended {deaths} times in a row with code {code}; its messages are above."""


async def keep_processes(words: Sequence[str], *, count: int, keep_open: int, stop: asyncio.Event) -> None:
    """Run `count` processes of this command until `stop`. Raises ProcessesDie where they do not stay."""
    failed = asyncio.Event()

    async def keep(place: int) -> None:
        deaths = 0
        while not stop.is_set():
            process = await asyncio.create_subprocess_exec(
                *words, pass_fds=[keep_open], start_new_session=True, stdin=asyncio.subprocess.PIPE
            )
            ended = asyncio.create_task(process.wait())
            stopping = asyncio.create_task(_either(stop, failed))
            await asyncio.wait({ended, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not ended.done():
                await _end(process, ended)
                return
            stopping.cancel()
            deaths += 1
            _log.warning("server_process_ended", place=place, code=process.returncode, deaths=deaths)
            if deaths >= _DEATHS_MAX:
                failed.set()
                raise ProcessesDie(deaths=deaths, code=process.returncode)
            await asyncio.sleep(_RESTART_S)

    results = await asyncio.gather(*(keep(place) for place in range(count)), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result


def end_with_parent() -> None:
    """Stop this process, gently, once the one that keeps it is gone: only that one holds the other end of stdin."""
    stdin = sys.stdin.fileno()

    def look() -> None:
        if not os.read(stdin, 1):
            asyncio.get_running_loop().remove_reader(stdin)
            signal.raise_signal(signal.SIGTERM)

    asyncio.get_running_loop().add_reader(stdin, look)


async def _either(first: asyncio.Event, second: asyncio.Event) -> None:
    waits = {asyncio.create_task(first.wait()), asyncio.create_task(second.wait())}
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waits:
            one.cancel()


async def _end(process: asyncio.subprocess.Process, ended: "asyncio.Task[int]") -> None:
    process.send_signal(signal.SIGTERM)
    _, late = await asyncio.wait({ended}, timeout=_GRACE_S)
    if late:
        process.kill()
        await ended
