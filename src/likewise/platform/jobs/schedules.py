"""Jobs that come due by the calendar, by the database's clock.

The library's own periodic tasks go by each host's clock and skip what came due while no worker ran; here what was
missed runs once, late, and two hosts that disagree about the time cannot run it twice.
"""

import asyncio
from datetime import UTC, datetime

from croniter import croniter

from likewise.platform.db import Database, Tx
from likewise.platform.errors import Unavailable
from likewise.platform.jobs import store
from likewise.platform.jobs.errors import ScheduleNotFound, ScheduleWaiting
from likewise.platform.jobs.model import Schedule, ScheduleState
from likewise.platform.jobs.port import Jobs, envelope_of
from likewise.platform.telemetry import get_log

__all__ = ["keep_schedules", "list_schedules", "run_due", "run_now"]

log = get_log(__name__)
_OFF = "off"


async def keep_schedules(db: Database, jobs: Jobs, *, stop: asyncio.Event) -> None:
    """Defer what comes due until `stop`. Every worker may do so; each due moment is taken by one of them."""
    while not stop.is_set():
        try:
            await run_due(db, jobs)
        except Unavailable as error:
            log.warning("schedules_wait_for_database", reason=error.message)
        try:
            await asyncio.wait_for(stop.wait(), timeout=jobs.settings.schedule_tick_s)
        except TimeoutError:
            continue


async def run_due(db: Database, jobs: Jobs) -> list[str]:
    """Defer each schedule whose moment has come since it last ran; their names. Late moments are run once."""
    active = [schedule for schedule in jobs.schedules.values() if schedule.cron != _OFF]
    if not active:
        return []
    rows = await _rows(db, active)
    deferred: list[str] = []
    for schedule in active:
        row = rows[schedule.name]
        due_at = _previous(schedule.cron, row.now)
        if row.last_at >= due_at:
            continue
        async with db.maintenance() as tx:
            # Taking the moment first locks the row: of several workers one goes on, the others find it taken.
            if not await store.take_due(tx, name=schedule.name, due_at=due_at):
                continue
            if not await _is_waiting(tx, schedule):
                await _defer(tx, jobs, schedule)
        deferred.append(schedule.name)
    return deferred


async def run_now(db: Database, jobs: Jobs, name: str) -> int:
    """Defer a schedule's job at once, whatever its calendar says; the job's id.

    Raises ScheduleNotFound, ScheduleWaiting.
    """
    schedule = jobs.schedules.get(name)
    if schedule is None:
        raise ScheduleNotFound(name=name)
    async with db.maintenance() as tx:
        if await _is_waiting(tx, schedule):
            raise ScheduleWaiting(name=name)
        return await _defer(tx, jobs, schedule)


async def list_schedules(db: Database, jobs: Jobs) -> list[ScheduleState]:
    """Every schedule, with when it last came due and when it will next."""
    schedules = list(jobs.schedules.values())
    rows = await _rows(db, schedules)
    return [
        ScheduleState(
            name=schedule.name,
            cron=schedule.cron,
            job=schedule.job,
            last_at=rows[schedule.name].last_at,
            next_at=None if schedule.cron == _OFF else _next(schedule.cron, rows[schedule.name].now),
        )
        for schedule in schedules
    ]


async def _rows(db: Database, schedules: list[Schedule]) -> dict[str, store.ScheduleRow]:
    names = [schedule.name for schedule in schedules]
    async with db.maintenance() as tx:
        rows = await store.list_schedules(tx, names=names)
        if len(rows) < len(names):
            await store.insert_schedules(tx, names=names)
            rows = await store.list_schedules(tx, names=names)
    return {row.name: row for row in rows}


async def _is_waiting(tx: Tx, schedule: Schedule) -> bool:
    return await store.is_waiting(tx, queueing_lock=_lock(schedule))


async def _defer(tx: Tx, jobs: Jobs, schedule: Schedule) -> int:
    """The lock keeps two from running at once, the queueing lock two from waiting at once."""
    return await store.defer_job(
        tx,
        queue=jobs.registered[schedule.job].queue,
        name=schedule.job,
        lock=_lock(schedule),
        queueing_lock=_lock(schedule),
        envelope=envelope_of(None, None, schedule.args),
        scheduled_at=None,
    )


def _lock(schedule: Schedule) -> str:
    return f"schedule:{schedule.name}"


def _previous(cron: str, now: datetime) -> datetime:
    return croniter(cron, now.astimezone(UTC)).get_prev(datetime)


def _next(cron: str, now: datetime) -> datetime:
    return croniter(cron, now.astimezone(UTC)).get_next(datetime)
