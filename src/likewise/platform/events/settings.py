"""How events are read and kept; one section, `[events]`."""

from typing import ClassVar

from pydantic import Field

from likewise.platform.config import Section

__all__ = ["EventSettings"]


class EventSettings(Section):
    """Bounds of the log and its consumers."""

    section: ClassVar[str] = "events"
    lanes_parallel: int = Field(2, ge=1, le=16, description="lanes one worker process reads at the same time")
    poll_min_ms: int = Field(10, ge=1, description="milliseconds before looking again right after news")
    poll_max_ms: int = Field(500, ge=10, description="milliseconds between two looks when nothing happens")
    notify_interval_ms: int = Field(50, ge=1, description="milliseconds between two hints of one process to the others")
    batch_budget_s: float = Field(20, gt=0, le=50, description="seconds after which a batch is cut short")
    attempts_max: int = Field(3, ge=1, le=10, description="times a tenant's batch is tried before it is taken apart")
    retry_delay_ms: int = Field(100, ge=1, description="milliseconds before the second attempt; doubles with each")
    retention_days: int = Field(7, ge=0, description="days an event is kept after every consumer has read it")
    trim_batch: int = Field(5000, ge=1, description="events deleted per transaction when the log is trimmed")
    drain_wait_s: float = Field(30, gt=0, description="seconds draining waits for events that nobody can read yet")
    followings_max: int = Field(10_000, ge=1, description="how many may follow the log in a process; more get 503")
    tenant_followings_max: int = Field(2_000, ge=1, description="of them, how many one tenant's events; more get 429")
    following_queue_max: int = Field(
        1_000, ge=1, description="events that wait for who follows; who lets more wait is told of a gap"
    )
    following_page: int = Field(250, ge=1, description="events of a lane looked at in one go for who follows")
    following_resumes_max: int = Field(8, ge=1, description="pages of the past read in one go for who comes back")
    following_interval_ms: int = Field(5, ge=0, description="milliseconds between two looks for who follows, at least")
    following_poll_ms: int = Field(1_000, ge=10, description="milliseconds between two looks for who follows, at most")
