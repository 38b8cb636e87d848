"""How long a person waits: `likewise --version`, and `likewise up` on a warm home until the first page is there.

Baseline: a Python interpreter that does nothing, and one that imports the web framework, in the same run.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from report import middle, percentile, ratio, report

READY_S = 120.0
POLL_S = 0.005
LIKEWISE = Path(sys.executable).with_name("likewise")


def seconds_of(words: list[str | Path]) -> float:
    """Seconds a command takes from start to end."""
    started = time.perf_counter()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def up_seconds(home: Path) -> float:
    """Seconds from starting `likewise up` to the console's page."""
    environment = {**os.environ, "LIKEWISE_HOME": str(home), "LIKEWISE_NO_BROWSER": "1"}
    started = time.perf_counter()
    process = subprocess.Popen(
        [LIKEWISE, "up", "--port", "0"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        if process.stdout is None:
            raise RuntimeError("the command has no output")
        url = process.stdout.readline().split()[-1]
        return _first_page(url) - started
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(READY_S)


def _first_page(url: str) -> float:
    deadline = time.perf_counter() + READY_S
    while time.perf_counter() < deadline:
        try:
            httpx.get(url).raise_for_status()
        except httpx.HTTPError:
            time.sleep(POLL_S)
        else:
            return time.perf_counter()
    raise TimeoutError(f"no page at {url} after {READY_S} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="likewise-bench-") as folder:
        home = Path(folder) / "home"
        up_seconds(home)  # the first one makes the database
        commands: dict[str, Callable[[], float]] = {
            "python -c pass": lambda: seconds_of([sys.executable, "-c", "pass"]),
            "python -c 'import litestar'": lambda: seconds_of([sys.executable, "-c", "import litestar"]),
            "likewise --version": lambda: seconds_of([LIKEWISE, "--version"]),
            "likewise up, warm, to first page": lambda: up_seconds(home),
        }
        rows: list[dict[str, object]] = []
        base = 0.0
        for name, measure in commands.items():
            measure()
            seconds = [measure() for _ in range(given.runs)]
            base = base or middle(seconds)
            rows.append(
                {
                    "what": name,
                    "median_ms": round(middle(seconds) * 1000),
                    "p95_ms": round(percentile(seconds, 0.95)),
                    "ratio": ratio(middle(seconds), base),
                }
            )
    report("startup", rows, baseline="python -c pass", runs=given.runs)


if __name__ == "__main__":
    main()
