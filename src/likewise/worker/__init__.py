"""The worker: reads events, runs jobs and schedules, keeps both tidy, and stops gently."""

from likewise.worker.loops import run

__all__ = ["run"]
