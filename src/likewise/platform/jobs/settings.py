"""How jobs are run and kept; one section, `[jobs]`."""

from typing import ClassVar

from pydantic import Field

from likewise.platform.config import Section

__all__ = ["JobSettings"]


class JobSettings(Section):
    """Bounds of the job workers."""

    section: ClassVar[str] = "jobs"
    parallel: int = Field(2, ge=1, le=64, description="jobs one worker process runs at the same time")
    poll_s: float = Field(2, gt=0, description="seconds between two looks for jobs that came due; new ones ring")
    heartbeat_s: float = Field(5, gt=0, description="seconds between two signs of life of a worker")
    lease_s: float = Field(30, gt=0, description="seconds of a worker's silence after which its jobs are rescued")
    rescue_max: int = Field(100, ge=1, description="jobs rescued at a time")
    grace_s: float = Field(20, ge=0, description="seconds running jobs are given when the worker stops")
    retry_delay_s: float = Field(2, gt=0, description="seconds before the second attempt; doubles with each")
    retry_delay_max_s: float = Field(600, gt=0, description="longest wait between two attempts, in seconds")
    progress_interval_s: float = Field(0.5, ge=0, description="seconds between two writes of a job's progress")
    watch_interval_s: float = Field(0.5, gt=0, description="seconds between two looks at an operation that is watched")
    abandoned_after_s: float = Field(
        900, gt=0, description="seconds of silence after which an operation without a job counts as abandoned"
    )
    retention_days: int = Field(3, ge=0, description="days an ended job is kept; its operation is kept longer")
    schedule_tick_s: float = Field(10, gt=0, description="seconds between two looks at the schedules")
    schedules: dict[str, str] = Field(
        default_factory=dict, description='cron expressions in place of the built-in ones, by schedule; "off": never'
    )
