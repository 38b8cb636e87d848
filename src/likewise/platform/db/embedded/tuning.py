"""The server's settings, from the size of this machine, or of the container's share of it."""

import os
import shutil
import sys
from pathlib import Path

import msgspec

__all__ = ["Machine", "measure_machine", "server_settings"]

_MIB = 1 << 20
_GIB = 1 << 30
_SHM_SPARE_BYTES = 256 * _MIB
_CONNECTIONS_MAX = 200
_CGROUP = Path("/sys/fs/cgroup")


class Machine(msgspec.Struct, frozen=True):
    """What the server may use. `shm_bytes`: free in /dev/shm, None where there is none."""

    memory_bytes: int
    cpus: int
    disk_free_bytes: int
    shm_bytes: int | None = None
    sysv_bytes: int = 0


def measure_machine(directory: Path) -> Machine:
    """Look at this machine; `directory` is where the data lies."""
    return Machine(
        memory_bytes=_memory_bytes(),
        cpus=_cpus(),
        disk_free_bytes=shutil.disk_usage(directory).free,
        shm_bytes=_free_bytes(Path("/dev/shm")),  # noqa: S108 - measured, not written to
        sysv_bytes=_read_number(Path("/proc/sys/kernel/shmmax")) or 0,
    )


def server_settings(machine: Machine) -> dict[str, str]:
    """Settings by name, values as in postgresql.conf.

    Shared buffers take a quarter of the memory, at most 2 GiB: the rest is for the embedding model and the
    page cache. An index build may use an eighth, at most 2 GiB, because an HNSW graph that does not fit is
    built slowly.
    """
    memory = machine.memory_bytes
    maintenance = _within(memory // 8, 32 * _MIB, 2 * _GIB)
    return {
        "max_connections": str(_CONNECTIONS_MAX),
        "shared_buffers": _size(_within(memory // 4, 32 * _MIB, 2 * _GIB)),
        "effective_cache_size": _size(_within(memory // 2, 64 * _MIB, 64 * _GIB)),
        "work_mem": _size(_within(memory // 256, 4 * _MIB, 64 * _MIB)),
        "maintenance_work_mem": _size(maintenance),
        "autovacuum_work_mem": _size(_within(memory // 64, 16 * _MIB, 256 * _MIB)),
        "max_wal_size": _size(_within(machine.disk_free_bytes // 16, 128 * _MIB, 4 * _GIB)),
        "min_wal_size": _size(_within(machine.disk_free_bytes // 64, 80 * _MIB, 256 * _MIB)),
        "wal_compression": "pglz",
        "checkpoint_timeout": "15min",
        "max_worker_processes": str(8 + machine.cpus),
        "max_parallel_workers": str(machine.cpus),
        "max_parallel_workers_per_gather": str(min(2, machine.cpus - 1)),
        "max_parallel_maintenance_workers": str(min(4, machine.cpus)),
        "random_page_cost": "1.1",
        "jit": "off",
        "shared_preload_libraries": "'pg_stat_statements'",
        "dynamic_shared_memory_type": _dynamic_shared_memory(machine, needed_bytes=maintenance),
        "log_error_verbosity": "terse",  # DETAIL and CONTEXT quote the values of rows
        "log_timezone": "'UTC'",
        "timezone": "'UTC'",
        "lc_messages": "'C'",
    }


def _dynamic_shared_memory(machine: Machine, *, needed_bytes: int) -> str:
    """Parallel index builds keep their graph there.

    Containers often have 64 MiB of /dev/shm, on which a build fails with "No space left on device": then System V
    memory, or else files.
    """
    if machine.shm_bytes is None and sys.platform != "linux":
        return "posix"
    if machine.shm_bytes is not None and machine.shm_bytes >= needed_bytes + _SHM_SPARE_BYTES:
        return "posix"
    return "sysv" if machine.sysv_bytes >= needed_bytes + _SHM_SPARE_BYTES else "mmap"


def _memory_bytes() -> int:
    """The machine's memory, or the least limit of the control groups we are in."""
    physical = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    limits = [limit for path in _limit_files() if (limit := _read_number(path)) is not None and limit > 0]
    return min([physical, *limits])


def _limit_files() -> list[Path]:
    """Files that may hold a limit, for both versions of control groups, from our own group up to the root."""
    try:
        lines = Path("/proc/self/cgroup").read_text("utf-8").splitlines()
    except OSError:
        return []
    files: list[Path] = []
    for line in lines:
        _, controllers, group = line.split(":", 2)
        if controllers == "":
            files += [place / "memory.max" for place in _upwards(_CGROUP, group)]
        elif "memory" in controllers.split(","):
            files += [place / "memory.limit_in_bytes" for place in _upwards(_CGROUP / "memory", group)]
    return files


def _upwards(base: Path, group: str) -> list[Path]:
    place = base / group.lstrip("/")
    return [base, *(p for p in (place, *place.parents) if p.is_relative_to(base) and p != base)]


def _cpus() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _free_bytes(directory: Path) -> int | None:
    try:
        return shutil.disk_usage(directory).free
    except OSError:
        return None


def _read_number(path: Path) -> int | None:
    try:
        return int(path.read_text("ascii"))
    except (OSError, ValueError):  # missing, or the word "max"
        return None


def _within(value: int, least: int, most: int) -> int:
    return max(least, min(value, most))


def _size(number_bytes: int) -> str:
    return f"{number_bytes // _MIB}MB"
