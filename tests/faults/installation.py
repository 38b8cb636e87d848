"""A real installation to break: its own embedded Postgres, `likewise serve` and `likewise worker` as processes."""

import asyncio
import os
import random
import shutil
import signal
import sys
import tempfile
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from enum import StrEnum
from pathlib import Path

import httpx

from likewise.platform.db import embedded

__all__ = ["Installation", "Victim", "installation"]

READY_S = 120.0
_POLL_S = 0.05


class Victim(StrEnum):
    """What can be killed."""

    POSTMASTER = "postmaster"
    BACKEND = "backend"
    SERVER = "server"
    WORKER = "worker"


class Installation:
    """Everything that runs, and how to kill and restart each part."""

    def __init__(self, home: Path, environment: Mapping[str, str]) -> None:
        self.home = home
        self.url = ""
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("LIKEWISE_")},
            "LIKEWISE_HOME": str(home),
            "LIKEWISE_EMBEDDING_MODEL": "fake",
            "LIKEWISE_COLLECTIONS_WAIT_S": "0",  # an acknowledgement is about the commit, not about the vectors
            "LIKEWISE_EMBEDDING_LEASE_S": "3",  # what a killed worker had at hand is taken over this much later
            **environment,
        }
        self._running: dict[Victim, Process] = {}

    async def start_database(self) -> None:
        """Start Postgres, or join the one that runs; it stays until it is stopped or killed."""
        await asyncio.to_thread(embedded.start, self.home)

    async def start_server(self) -> None:
        """Start `likewise serve`; a restart takes the same port, so that clients find it again."""
        port = self.url.rpartition(":")[2] or "0"
        process = await self._start(Victim.SERVER, "serve", "--port", port)
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), READY_S)
        assert line.startswith(b"Likewise is at "), (self.home / "processes.log").read_text("utf-8")[-2000:]
        self.url = line.decode().split()[-1].rstrip("/")

    async def start_worker(self) -> None:
        """Start `likewise worker`; nobody waits until it works."""
        await self._start(Victim.WORKER, "worker")

    async def strike(self, victim: Victim, chance: random.Random) -> None:
        """Kill one process with SIGKILL, and start again what does not start by itself."""
        match victim:
            case Victim.POSTMASTER:
                self._kill(self.postmaster_pid())
                await self.start_database()
            case Victim.BACKEND:
                if children := self._children(self.postmaster_pid()):
                    self._kill(chance.choice(children))  # any of them: a client's, the checkpointer, the log's writer
            case Victim.SERVER:
                await self._end(victim, signal.SIGKILL)
                await self.start_server()
            case Victim.WORKER:
                await self._end(victim, signal.SIGKILL)
                await self.start_worker()

    async def stop_programs(self) -> None:
        """Stop the server and the worker gently; Postgres goes on."""
        for victim in list(self._running):
            await self._end(victim, signal.SIGTERM)

    def postmaster_pid(self) -> int:
        """The process that all of Postgres hangs on."""
        pid = embedded.status(self.home).pid
        assert pid is not None
        return pid

    async def _start(self, victim: Victim, *words: str) -> Process:
        with (self.home / "processes.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "likewise",
                *words,
                env=self._environment,
                stdin=DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        self._running[victim] = process
        return process

    async def _end(self, victim: Victim, number: signal.Signals) -> None:
        process = self._running.pop(victim)
        with suppress(ProcessLookupError):
            process.send_signal(number)
        try:
            await asyncio.wait_for(process.wait(), READY_S)
        except TimeoutError:
            process.kill()
            await process.wait()

    def _kill(self, pid: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def _children(self, pid: int) -> list[int]:
        try:
            return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]
        except FileNotFoundError:
            return []


@asynccontextmanager
async def installation(environment: Mapping[str, str] = {}) -> AsyncGenerator[Installation]:
    """An installation that runs, in a home of its own, with these settings; afterwards nothing is left of it."""
    folder = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    home = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="lw-faults-", dir=folder))
    home.chmod(0o755)  # the server's user has to pass
    made = Installation(home, environment)
    try:
        await made.start_database()
        await made.start_server()
        await made.start_worker()
        async with httpx.AsyncClient(base_url=made.url, timeout=30) as client:
            (await client.get("/api/v1/collections")).raise_for_status()
        yield made
    finally:
        await made.stop_programs()
        await asyncio.to_thread(embedded.stop, home, mode="immediate")
        await asyncio.to_thread(shutil.rmtree, home, ignore_errors=True)
