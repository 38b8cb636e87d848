"""A worker process for test_jobs_faults: runs jobs until it is killed. `job_process.py URL JOB MODE`.

It says on standard output what its attempts do. MODE `broken` leaves out the question whether an attempt is current.
"""

import asyncio
import os
import signal
import sys

import msgspec

from likewise.platform.config import Settings
from likewise.platform.db import Database, Statement, Tx
from likewise.platform.jobs import Job, JobContext, Jobs, work
from likewise.platform.telemetry import configure_logs

FAST = {
    "jobs_poll_s": 0.05,
    "jobs_heartbeat_s": 0.2,
    "jobs_lease_s": 1.5,
    "jobs_retry_delay_s": 0.01,
    "jobs_progress_interval_s": 0,
    "database_pool_max": 3,
    "database_maintenance_pool_max": 4,
}
INSERT = Statement(
    "tests.insert_step",
    "",
    "insert into faults.steps (tenant_id, number, attempt) values (%(tenant_id)s, %(number)s, %(attempt)s)",
    frozenset(),
)


class Steps(msgspec.Struct, frozen=True):
    """How many effects the job has."""

    number: int


def say(*words: object) -> None:
    """One line to whoever watches."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


async def take_steps(context: JobContext, args: Steps) -> None:
    """One effect after the other, each with its checkpoint."""
    say("began", context.attempt)
    try:
        for number in range(context.resumed(int) or 0, args.number):
            async with context.effects(checkpoint=number + 1) as tx:
                await tx.execute(INSERT, {"tenant_id": context.tenant, "number": number, "attempt": context.attempt})
                await asyncio.sleep(0.002)
            say("step", number)
            await asyncio.sleep(0.01)
    finally:
        error = sys.exc_info()[0]
        say("left", context.attempt, "well" if error is None else error.__name__)


async def die(context: JobContext, _args: Steps) -> None:
    """Take the whole worker along, as running out of memory would."""
    say("began", context.attempt)
    os.kill(os.getpid(), signal.SIGKILL)


async def main(url: str, job: str, mode: str) -> None:
    """Say `ready`, then run jobs until killed."""
    configure_logs(level="error", style="json")  # to standard error: standard output is for the test
    if mode == "broken":
        _forget_the_fence()
    settings = Settings(FAST)
    jobs = Jobs(settings)
    if job.startswith("die"):
        jobs.register(Job(name=job, args=Steps, run=die, attempts_max=2))
    else:
        jobs.register(Job(name=job, args=Steps, run=take_steps, attempts_max=50))
    async with Database(url, settings, fallback_secret=b"") as db:
        say("ready")
        await work(db, jobs, stop=asyncio.Event())


def _forget_the_fence() -> None:
    async def hold(self: JobContext, tx: Tx, *, checkpoint: object) -> None:
        del self, tx, checkpoint

    JobContext._hold = hold


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
