"""The program as its owner runs it: processes of its own on a warm home, reached over HTTP."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx

__all__ = ["LIKEWISE", "Load", "Server", "cpu_s_of", "press", "pss_mb_of", "running", "started"]

LIKEWISE = Path(sys.executable).with_name("likewise")
_START_S = 120.0
_STOP_S = 120.0
_ADDRESS = re.compile(r"http://\S+?(?=/? |/?$)", re.MULTILINE)


class Server(NamedTuple):
    """A command that runs: where it is reached, and its process."""

    url: str
    pid: int


class Load(NamedTuple):
    """What a pressed server gave: answers per second, milliseconds, and how many answers were not 2xx or 3xx."""

    per_s: float
    p50_ms: float
    p95_ms: float
    refused: int


@contextmanager
def running(home: Path, *words: str, **flags: object) -> Generator[str]:
    """`likewise WORDS` with this home and these settings until the block ends; its address.

    Only for commands that say on their first line where they are.
    """
    with started(home, *words, **flags) as server:
        yield server.url


@contextmanager
def started(home: Path, *words: str, **flags: object) -> Generator[Server]:
    """`running`, with the process's id; of a worker, which says nothing, the address is empty."""
    settings = {f"LIKEWISE_{name.upper()}": str(value) for name, value in flags.items()}
    environment = {**os.environ, "LIKEWISE_HOME": str(home), "LIKEWISE_NO_BROWSER": "1", **settings}
    process = subprocess.Popen(
        [LIKEWISE, *words], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        if process.stdout is None:
            raise RuntimeError("the command has no output")
        if words[0] == "worker":
            yield Server("", process.pid)
            return
        line = process.stdout.readline()
        found = _ADDRESS.search(line)
        if found is None:
            sys.exit(f"`likewise {' '.join(words)}` did not say where it is: {line!r}")
        httpx.get(f"{found[0]}/health/ready", timeout=_START_S).raise_for_status()
        yield Server(found[0], process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(_STOP_S)


def press(url: str, *, connections: int, seconds: int, headers: Mapping[str, str]) -> Load:
    """Ask for one address over many connections at once with wrk, which ends the program where it is not installed."""
    wrk = shutil.which("wrk")
    if wrk is None:
        sys.exit("This benchmark presses the server with wrk, which is not installed (Debian: apt install wrk).")
    given = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    script = Path(__file__).with_name("percentiles.lua")
    words = [wrk, "-t", "1", "-c", str(connections), "-d", f"{seconds}s", "-s", str(script), *given, url]
    said = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    figures = dict(re.findall(r"^(\w+)=([\d.]+)$", said, re.MULTILINE))
    return Load(
        per_s=float(figures["requests"]) / float(figures["duration_us"]) * 1_000_000,
        p50_ms=float(figures["p50_us"]) / 1_000,
        p95_ms=float(figures["p95_us"]) / 1_000,
        refused=int(figures["refused"]),
    )


def pss_mb_of(pid: int) -> float:
    """Megabytes that a process and all it has started hold, what they share counted once for each share (Linux)."""
    found = 0
    for one in _family(pid):
        try:
            text = Path(f"/proc/{one}/smaps_rollup").read_text("ascii")
        except OSError:
            continue  # it has just ended
        found += sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
    return round(found / 1024, 1)


def cpu_s_of(pid: int) -> float:
    """Seconds of processor time that a process and all it has started, ended ones too, have used so far (Linux)."""
    fields = [_stat(one)[11:15] for one in _family(pid)]
    return sum(int(field) for four in fields for field in four) / os.sysconf("SC_CLK_TCK")


def _family(pid: int) -> list[int]:
    """A process and its descendants."""
    parents = {int(entry.name): _stat(int(entry.name)) for entry in Path("/proc").iterdir() if entry.name.isdecimal()}
    family = [pid]
    for member in family:  # it grows as it is gone through
        family += [one for one, fields in parents.items() if fields and int(fields[1]) == member]
    return family


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name, from the state on; none where the process has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    except OSError:
        return []
