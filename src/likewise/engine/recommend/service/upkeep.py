"""Rebuilds on demand and by the calendar, and what is done in the same breath as a feed."""

from datetime import timedelta
from uuid import UUID

import msgspec

from likewise.engine.recommend import store
from likewise.engine.recommend.model import Feed, FeedRequest, Interaction
from likewise.engine.recommend.service.acting import get_corpus, put_interactions
from likewise.engine.recommend.service.feeding import recommend
from likewise.engine.recommend.service.keeping import REBUILD, RebuildArgs
from likewise.engine.recommend.settings import RecommendSettings
from likewise.platform.feature import App

__all__ = ["ask_for_rebuild", "rebuild_old", "show_less"]

_COLLECTIONS_MAX = 1_000
_DELETE_ROWS = 5_000


async def show_less(app: App, tenant_id: UUID, request: FeedRequest) -> Feed:
    """Keep that the user wants less like these items, and answer with a feed that heeds it already.

    Raises CollectionNotFound, FilterRefused.
    """
    given = [Interaction(user=request.user, item=key, kind="less") for key in request.less]
    await put_interactions(app, tenant_id, collection=request.collection, interactions=given)
    return await recommend(app, tenant_id, msgspec.structs.replace(request, less=()))


async def ask_for_rebuild(app: App, tenant_id: UUID, *, collection: str) -> UUID:
    """Queue a rebuild; the id of the operation to watch. Raises CollectionNotFound."""
    async with app.db.tenant(tenant_id) as tx:
        corpus = await get_corpus(tx, name=collection)
        operation = await app.jobs.defer(tx, REBUILD, RebuildArgs(corpus.id), operation_kind=REBUILD, unit="users")
    if operation is None:
        raise RuntimeError("an operation was asked for")
    return operation


async def rebuild_old(app: App) -> int:
    """Ask for a rebuild of what was learned long ago, and forget old impressions; how many collections."""
    settings = app.settings.get(RecommendSettings)
    now = app.clock.now()
    async with app.db.maintenance() as tx:
        before = now - timedelta(hours=settings.rebuild_age_hours)
        found = await store.list_grown_old(tx, before=before, limit=_COLLECTIONS_MAX)
    oldest = now - timedelta(days=settings.impressions_days)
    for one in found:
        more = True
        while more:
            async with app.db.tenant(one.tenant_id) as tx:
                gone = await store.delete_old_impressions(
                    tx, collection_id=one.collection_id, before=oldest, limit=_DELETE_ROWS
                )
            more = gone == _DELETE_ROWS
        async with app.db.tenant(one.tenant_id) as tx:
            await app.jobs.defer(tx, REBUILD, RebuildArgs(one.collection_id), operation_kind=REBUILD, unit="users")
    return len(found)
