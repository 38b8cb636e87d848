"""Look at everything that can be unwell, once, within a bound of time."""

import asyncio
import shutil
import time
from collections.abc import Sequence
from uuid import UUID

from likewise.operate.health import store
from likewise.operate.health.model import Figures, Report
from likewise.platform.errors import Fact
from likewise.platform.events import lag
from likewise.platform.feature import App, Feature, Health, HealthCheck
from likewise.platform.telemetry import get_log

__all__ = ["is_ready", "look"]

_CHECK_TIMEOUT_S = 5.0
_PENDING_COUNT_MAX = 1_000_000
_LETTERS_COUNT_MAX = 10_000
_LAG_AGE_LIMIT_S = 60.0
_ANSWER_LIMIT_S = 0.25
_DISK_LOW_BYTES = 2 * 2**30
_DISK_OUT_BYTES = 200 * 2**20
_RANK = {"ok": 0, "degraded": 1, "failing": 2}
_log = get_log("likewise.health")


async def look(app: App, tenant_id: UUID, *, features: Sequence[Feature]) -> Report:
    """Every check of the platform and of each feature, and the tenant's figures. A check that fails says so itself."""
    checks: list[HealthCheck] = [
        lambda: _database(app),
        lambda: _pool(app),
        lambda: _events(app),
        lambda: _dead_letters(app),
        lambda: _disk(app),
    ]
    for feature in features:
        if feature.health is not None:
            checks += feature.health(app)
    found = [await _guarded(check) for check in checks]
    figures = await _figures(app, tenant_id)
    worst = max(found, key=lambda health: _RANK[health.status])
    return Report(status=worst.status, as_of=app.clock.now(), checks=found, figures=figures)


async def is_ready(app: App) -> bool:
    """Whether the database answers, so that requests make sense."""
    return (await _guarded(lambda: _database(app))).status != "failing"


async def _guarded(check: HealthCheck) -> Health:
    name = getattr(check, "__name__", "check").strip("_<>")
    try:
        async with asyncio.timeout(_CHECK_TIMEOUT_S):
            return await check()
    except TimeoutError:
        return Health(name, "failing", f"no answer within {_CHECK_TIMEOUT_S:.0f} s")
    except Fact as fact:
        return Health("database" if fact.status == 503 else name, "failing", fact.message)
    except Exception as error:  # noqa: BLE001 - a check is a feature's code: whatever it does, the report is made
        _log.exception("health_check_failed", check=name)
        return Health(name, "failing", f"the check itself failed ({type(error).__name__}); the log says more")


async def _figures(app: App, tenant_id: UUID) -> Figures:
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        content = await store.count_content(tx)
        pending = await store.count_pending(tx, limit=_PENDING_COUNT_MAX)
        size = await store.measure_database(tx)
    return Figures(
        items=content.items,
        passages=content.passages,
        pending=pending,
        collections=content.collections,
        database_bytes=size,
    )


async def _database(app: App) -> Health:
    started = time.perf_counter()
    async with app.db.maintenance() as tx:
        size = await store.measure_database(tx)
    seconds = time.perf_counter() - started
    slow = seconds > _ANSWER_LIMIT_S
    return Health(
        "database",
        "degraded" if slow else "ok",
        f"answers in {seconds * 1000:.1f} ms and holds {_bytes(size)}",
        fix="It is busy or far away: look at the slow statements in the log." if slow else None,
        value=round(seconds * 1000, 2),
        limit=_ANSWER_LIMIT_S * 1000,
    )


async def _pool(app: App) -> Health:
    figures = app.db.pool_figures().get("likewise_app", {})
    waiting, size = figures.get("requests_waiting", 0), figures.get("pool_max", 0)
    return Health(
        "connections",
        "degraded" if waiting else "ok",
        f"{size - figures.get('pool_available', 0)} of {size} may be in use, {waiting} requests wait for one",
        fix="Raise LIKEWISE_DATABASE_POOL_MAX if this stays so." if waiting else None,
        value=waiting,
    )


async def _events(app: App) -> Health:
    lags = await lag(app.db)
    behind = sum(one.behind for one in lags)
    age_s = max((one.age_s for one in lags if one.behind), default=0.0)
    late = age_s > _LAG_AGE_LIMIT_S
    return Health(
        "events",
        "degraded" if late else "ok",
        f"{behind} wait to be read, the oldest for {age_s:.0f} s" if behind else "all are read",
        fix="Is a worker running? `likewise worker` starts one." if late else None,
        value=round(age_s, 1),
        limit=_LAG_AGE_LIMIT_S,
    )


async def _dead_letters(app: App) -> Health:
    async with app.db.maintenance() as tx:
        count = await store.count_dead_letters(tx, limit=_LETTERS_COUNT_MAX)
    return Health(
        "dead letters",
        "degraded" if count else "ok",
        f"{count} events could not be digested" if count else "none",
        fix="`likewise jobs dead-letters` shows why, `likewise jobs retry` tries them again." if count else None,
        value=count,
    )


async def _disk(app: App) -> Health:
    home = app.settings.home
    usage = await asyncio.to_thread(shutil.disk_usage, home)
    status = "failing" if usage.free < _DISK_OUT_BYTES else "degraded" if usage.free < _DISK_LOW_BYTES else "ok"
    return Health(
        "disk",
        status,
        f"{_bytes(usage.free)} of {_bytes(usage.total)} are free at {home}",
        fix=None if status == "ok" else "Free some space, or move LIKEWISE_HOME to a larger disk.",
        value=usage.free,
        limit=_DISK_LOW_BYTES,
    )


def _bytes(count: float) -> str:
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if count < 1024 or unit == "GiB":
            return f"{count:.0f} bytes" if unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1024
    raise AssertionError("unreachable")
