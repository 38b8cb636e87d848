"""Lists that are the same for everybody, remembered for a moment: what is trending, fresh, popular."""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from uuid import UUID

from likewise.engine.recommend import store
from likewise.engine.recommend.model import Trend
from likewise.engine.recommend.service.acting import get_corpus
from likewise.engine.recommend.settings import RecommendSettings
from likewise.platform.db import Tx
from likewise.platform.feature import App
from likewise.platform.ids import encode_id

__all__ = ["Shelves", "list_trending", "read_shelf"]

_HOUR_S = 3_600.0
_TITLE_CHARACTERS = 120


class Shelves:
    """The remembered lists of this process, least recently used first; a bounded number."""

    def __init__(self, settings: RecommendSettings) -> None:
        self._ttl_s = settings.shelf_s
        self._entries_max = settings.shelf_tenants_max * 3
        self._known: OrderedDict[tuple[UUID, UUID, str], tuple[float, list[store.Scored]]] = OrderedDict()

    async def get(
        self, key: tuple[UUID, UUID, str], read: Callable[[], Awaitable[list[store.Scored]]]
    ) -> list[store.Scored]:
        """The list, read anew once it is older than `recommend.shelf_s`."""
        known = self._known.get(key)
        if known is not None and known[0] > time.monotonic():
            self._known.move_to_end(key)
            return known[1]
        found = await read()
        self._known[key] = (time.monotonic() + self._ttl_s, found)
        self._known.move_to_end(key)
        if len(self._known) > self._entries_max:
            self._known.popitem(last=False)
        return found


async def read_shelf(app: App, tx: Tx, *, collection_id: UUID, name: str) -> list[store.Scored]:
    """The `trending`, `fresh` or `popular` items of a collection, best first."""
    settings = app.settings.get(RecommendSettings)
    now = app.clock.now()

    async def read() -> list[store.Scored]:
        if name == "trending":
            return await store.list_trending(
                tx,
                collection_id=collection_id,
                now=now,
                window_s=settings.trending_window_hours * _HOUR_S,
                age_min=settings.trending_age_min_hours,
                power=settings.trending_age_power,
                limit=settings.shelf_items,
            )
        if name == "fresh":
            return await store.list_fresh(tx, collection_id=collection_id, now=now, limit=settings.shelf_items)
        return await store.list_popular(tx, collection_id=collection_id, limit=settings.shelf_items)

    return await app.resource(Shelves).get((tx.tenant, collection_id, name), read)


async def list_trending(
    app: App, tenant_id: UUID, *, collection: str, category: str | None = None, k: int = 20
) -> list[Trend]:
    """What people turn to now, best first; of one category. What has just been hidden is passed over.

    Raises CollectionNotFound.
    """
    now = app.clock.now()
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        corpus = await get_corpus(tx, name=collection)
        if category is None:
            scored = await read_shelf(app, tx, collection_id=corpus.id, name="trending")
        else:
            scored = await _trending_of(app, tx, corpus.id, category)
        ids = [one.item_id for one in scored]
        standings = {row.item_id: row for row in await store.list_standings(tx, item_ids=ids)}
        shown = {row.id: row for row in await store.list_shown(tx, item_ids=ids, characters=_TITLE_CHARACTERS)}
    trends: list[Trend] = []
    for one in scored:
        item, standing = shown.get(one.item_id), standings.get(one.item_id)
        if item is not None and standing is not None:
            trends.append(
                Trend(
                    id=encode_id("itm", one.item_id),
                    key=item.key,
                    title=item.title or item.text,
                    score=round(one.score, 4),
                    upvotes=standing.upvotes,
                    comments=standing.comments,
                    views=standing.views,
                    age_hours=round((now - standing.born_at).total_seconds() / _HOUR_S, 2),
                    author=item.author,
                    category=item.category,
                )
            )
        if len(trends) == k:
            break
    return trends


async def _trending_of(app: App, tx: Tx, collection_id: UUID, category: str) -> list[store.Scored]:
    settings = app.settings.get(RecommendSettings)
    return await store.list_trending_of_category(
        tx,
        collection_id=collection_id,
        category=category,
        now=app.clock.now(),
        window_s=settings.trending_window_hours * _HOUR_S,
        age_min=settings.trending_age_min_hours,
        power=settings.trending_age_power,
        limit=settings.shelf_items,
    )
