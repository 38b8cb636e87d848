"""The loop that follows moved profiles: matches them with everybody, and completes those whose vectors have come."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

import msgspec

from likewise.engine.recommend import store
from likewise.engine.recommend.service.matching import match_users
from likewise.engine.recommend.service.profiling import make_profiles
from likewise.engine.recommend.settings import RecommendSettings
from likewise.platform.errors import Fact
from likewise.platform.feature import App
from likewise.platform.telemetry import get_log

__all__ = ["REBUILD", "Keeper", "RebuildArgs", "keep"]

log = get_log(__name__)
REBUILD = "rebuild_recommendations"
_PAUSE_S = 5.0


class RebuildArgs(msgspec.Struct, frozen=True):
    """Which collection to learn anew."""

    collection_id: UUID


class Keeper:
    """What this process remembers between two looks: which collections it has asked to be rebuilt, and when."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._settings = app.settings.get(RecommendSettings)
        self._asked: dict[UUID, float] = {}

    async def look(self) -> int:
        """One look; how many moved profiles were matched. Where very many have moved, a rebuild is asked for."""
        limit = self._settings.keep_users_max
        over = time.monotonic() - self._settings.rebuild_pause_s
        self._asked = {one: moment for one, moment in self._asked.items() if moment > over}
        async with self._app.db.maintenance() as tx:
            waiting = await store.list_waiting(tx, now=self._app.clock.now(), limit=limit)
            moved = await store.list_moved(tx, left_out=list(self._asked), limit=limit)
        await self._complete(waiting)
        left = await self._leave_crowds(moved) if len(moved) == limit else moved
        await match_users(self._app, left)
        return len(left) + len(waiting)

    async def _complete(self, waiting: Sequence[store.Waiting]) -> None:
        groups: defaultdict[tuple[UUID, UUID, int], list[str]] = defaultdict(list)
        for one in waiting:
            groups[one.tenant_id, one.collection_id, one.looks].append(one.user_key)
        for (tenant_id, collection_id, looks), users in groups.items():
            async with self._app.db.tenant(tenant_id) as tx:
                await make_profiles(self._app, tx, collection_id=collection_id, user_keys=users, looks=looks)

    async def _leave_crowds(self, moved: Sequence[store.Moved]) -> list[store.Moved]:
        """Ask for a rebuild of collections where too many have moved; those who are left to be matched here."""
        least = self._settings.rebuild_users_min
        for tenant_id, collection_id in dict.fromkeys((one.tenant_id, one.collection_id) for one in moved):
            async with self._app.db.tenant(tenant_id) as tx:
                if await store.count_moved(tx, collection_id=collection_id, limit=least) >= least:
                    await self._app.jobs.defer(
                        tx, REBUILD, RebuildArgs(collection_id), operation_kind=REBUILD, unit="users"
                    )
                    self._asked[collection_id] = time.monotonic()
        return [one for one in moved if one.collection_id not in self._asked]


async def keep(app: App) -> None:
    """Look again and again, until cancelled."""
    keeper = Keeper(app)
    interval_s = app.settings.get(RecommendSettings).keep_interval_s
    while True:
        try:
            done = await keeper.look()
        except Fact as error:
            log.warning("recommend_keeping_interrupted", reason=error.message)
            await asyncio.sleep(_PAUSE_S)
            continue
        if not done:
            await asyncio.sleep(interval_s)
