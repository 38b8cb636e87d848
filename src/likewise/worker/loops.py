"""The loops of a worker process, each kept going until it is told to stop.

Any number of worker processes may run beside each other: lanes, jobs and due moments are each taken by one of them.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from likewise.platform.cache import delete_idle_tags
from likewise.platform.errors import Unavailable
from likewise.platform.events import (
    Consumer,
    Doorbell,
    EventSettings,
    consume,
    rebase_if_foreign,
    trim_events,
)
from likewise.platform.jobs import Job, Schedule, keep_schedules, tidy_jobs, work
from likewise.platform.limits import delete_full_buckets
from likewise.platform.telemetry import get_log
from likewise.platform.tenancy import list_tenants

if TYPE_CHECKING:
    from likewise.platform.feature import App

__all__ = ["Loop", "run"]

log = get_log(__name__)
Loop = Callable[[asyncio.Event], Awaitable[None]]
"""A background loop of a feature: runs until the event is set, then returns."""

_RESTART_S = (1.0, 60.0)
_TIDY_INTERVAL_S = 3600.0
_IDLE = timedelta(days=1)
_IDLE_ROWS_MAX = 10_000  # of one tenant in one round


async def run(
    app: "App",
    consumers: Sequence[Consumer],
    jobs: Sequence[Job] = (),
    schedules: Sequence[Schedule] = (),
    loops: Sequence[Loop] = (),
    *,
    stop: asyncio.Event,
) -> None:
    """Work until `stop`: the batch at hand is finished, running jobs are given their grace, then this returns.

    `jobs` and `schedules` are those that `app.jobs` does not know yet. A loop that fails is started again, later each
    time; the others go on.
    """
    app.jobs.register(*jobs)
    app.jobs.schedule(*schedules)
    settings = app.settings.get(EventSettings)
    async with _doorbell(app, settings) as bell:
        listening = asyncio.create_task(bell.listen(), name="events listener")
        named: dict[str, Loop] = {
            "consumers": lambda stop: _read(app, consumers, bell, settings, stop),
            "jobs": lambda stop: work(app.db, app.jobs, stop=stop),
            "schedules": lambda stop: keep_schedules(app.db, app.jobs, stop=stop),
            "tidying": lambda stop: _tidy(app, consumers, settings, stop),
        }
        named |= {f"loop {place}": loop for place, loop in enumerate(loops)}
        try:
            await asyncio.gather(*(_keep_going(name, loop, stop) for name, loop in named.items()))
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


@asynccontextmanager
async def _doorbell(app: "App", settings: EventSettings) -> AsyncGenerator[Doorbell, None]:
    """The process's doorbell where it has one, else one for as long as the worker runs."""
    try:
        bell = app.resource(Doorbell)
    except LookupError:
        bell = None
    if bell is not None:
        yield bell
        return
    async with Doorbell(app.db, settings) as own:
        yield own


async def _read(
    app: "App", consumers: Sequence[Consumer], bell: Doorbell, settings: EventSettings, stop: asyncio.Event
) -> None:
    await rebase_if_foreign(app.db)
    await consume(app.db, consumers, bell=bell, settings=settings, stop=stop)


async def _tidy(app: "App", consumers: Sequence[Consumer], settings: EventSettings, stop: asyncio.Event) -> None:
    while not stop.is_set():
        await trim_events(app.db, consumers, settings)
        await tidy_jobs(app.db, app.jobs)
        await _tidy_tenants(app)
        await _pause(stop, _TIDY_INTERVAL_S)


async def _tidy_tenants(app: "App") -> None:
    """What cache and limits keep of each tenant and nobody has asked for lately: it would only grow."""
    before = app.clock.now() - _IDLE
    last = None
    while tenants := await list_tenants(app.db, after=last):
        for tenant in tenants:
            async with app.db.tenant(tenant.tenant_id) as tx:
                await delete_idle_tags(tx, before=before, rows_max=_IDLE_ROWS_MAX)
                await delete_full_buckets(tx, before_us=int(before.timestamp() * 1e6), rows_max=_IDLE_ROWS_MAX)
        last = tenants[-1].tenant_id


async def _keep_going(name: str, loop: Loop, stop: asyncio.Event) -> None:
    delay_s = _RESTART_S[0]
    while not stop.is_set():
        try:
            await loop(stop)
        except Unavailable as fact:
            log.warning("loop_restarts", loop=name, delay_s=delay_s, reason=fact.message)
        except Exception:
            log.exception("loop_failed", loop=name, delay_s=delay_s)
        else:
            return
        await _pause(stop, delay_s)
        delay_s = min(delay_s * 2, _RESTART_S[1])


async def _pause(stop: asyncio.Event, timeout_s: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), timeout=timeout_s)
    except TimeoutError:
        return
