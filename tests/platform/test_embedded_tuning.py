"""The server's settings follow the machine it runs on."""

import os
from pathlib import Path

from likewise.platform.db.embedded.tuning import Machine, measure_machine, server_settings

GIB = 1 << 30


def test_settings_follow_the_machines_size() -> None:
    big = server_settings(Machine(memory_bytes=64 * GIB, cpus=16, disk_free_bytes=500 * GIB, shm_bytes=32 * GIB))
    small = server_settings(Machine(memory_bytes=GIB // 2, cpus=1, disk_free_bytes=2 * GIB, shm_bytes=64 << 20))
    assert (big["shared_buffers"], small["shared_buffers"]) == ("2048MB", "128MB")
    assert (big["maintenance_work_mem"], small["maintenance_work_mem"]) == ("2048MB", "64MB")
    assert (big["max_wal_size"], small["max_wal_size"]) == ("4096MB", "128MB")
    assert (big["max_parallel_workers_per_gather"], small["max_parallel_workers_per_gather"]) == ("2", "0")


def test_small_shared_memory_file_system_is_avoided() -> None:
    machine = Machine(memory_bytes=8 * GIB, cpus=4, disk_free_bytes=100 * GIB, shm_bytes=64 << 20)
    with_system_v = Machine(
        memory_bytes=8 * GIB, cpus=4, disk_free_bytes=100 * GIB, shm_bytes=64 << 20, sysv_bytes=1 << 60
    )
    assert server_settings(machine)["dynamic_shared_memory_type"] == "mmap"
    assert server_settings(with_system_v)["dynamic_shared_memory_type"] == "sysv"


def test_machine_is_measured_with_its_limits() -> None:
    machine = measure_machine(Path("/"))
    assert 0 < machine.memory_bytes <= os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert 1 <= machine.cpus <= (os.cpu_count() or 1)
