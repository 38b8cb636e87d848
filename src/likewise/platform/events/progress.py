"""How far consumers are: for health, for reading one's own writes, for tests."""

import asyncio
import time
from uuid import UUID

from likewise.platform.db import Database
from likewise.platform.errors import Unavailable
from likewise.platform.events import store
from likewise.platform.events.model import Consumer, Lag, Mark, lane_of

__all__ = ["ConsumerBehind", "caught_up", "lag"]

_BEHIND_MAX = 10_000
_CONSUMERS_MAX = 1000
_LOOK_S = (0.005, 0.1)


class ConsumerBehind(Unavailable):
    """{consumer} has not read this far within {timeout_s:.1f} s. Is a worker running? `likewise health` tells."""


async def lag(db: Database) -> list[Lag]:
    """Each consumer's events not read yet (counted up to 10,000 per lane) and the age of the oldest in seconds."""
    async with db.maintenance() as tx:
        return await store.list_lags(tx, behind_max=_BEHIND_MAX, limit=_CONSUMERS_MAX)


async def caught_up(
    db: Database, consumer: Consumer | str, tenant_id: UUID, *, after: Mark | None = None, timeout_s: float = 10
) -> None:
    """Return once the consumer has read the tenant's events up to `after` (from `publish`; default: the latest one).

    No connection is held between looks. Raises ConsumerBehind.
    """
    name = consumer if isinstance(consumer, str) else consumer.name
    lane = lane_of(tenant_id)
    ends_at = time.monotonic() + timeout_s
    look_s = _LOOK_S[0]
    goal = after
    while True:
        async with db.maintenance() as tx:
            goal = goal or await store.find_last_event(tx, tenant_id=tenant_id)
            if goal is None:
                return
            progress = await store.get_progress(tx, consumer=name, lane=lane, tenant_id=tenant_id)
        if progress is not None and progress.mark >= goal:
            return
        if time.monotonic() > ends_at:
            raise ConsumerBehind(consumer=name, timeout_s=timeout_s)
        await asyncio.sleep(look_s)
        look_s = min(look_s * 2, _LOOK_S[1])
