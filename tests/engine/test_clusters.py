"""Clusters on a real database: arrivals, refinement, ids that stay, undo, what is told, what another tenant gets."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from likewise.engine.clusters import (
    Cluster,
    ClusterChanged,
    GroupingOptions,
    get_grouping,
    group_collection,
    list_changes,
    list_clusters,
    list_items,
    merge,
    move_items,
    set_state,
    show_cluster,
    undo,
    undo_run,
    ungroup_collection,
)
from likewise.engine.clusters import store as _store
from likewise.engine.clusters.consumers import consumer
from likewise.engine.clusters.errors import ChangeNotUndoable, ClusterIsLocked, NotGrouped
from likewise.engine.clusters.service import build, refine
from likewise.engine.collections import (
    Collection,
    ItemDraft,
    delete_item,
    ensure_collection,
    get_item,
    put_items,
)
from likewise.engine.collections.service import wait_until_searchable
from likewise.engine.embedding.service import run_pipeline
from likewise.platform.events import drain
from likewise.platform.feature import App
from likewise.platform.jobs import foreground

NAME = "messages"
CARD = [f"my card has not arrived yet after {n} days of waiting" for n in range(8)]
RATE = [f"what exchange rate do you use for {n} euros in dollars" for n in range(8)]
PASSWORD = [f"i forgot password number {n} of the mobile app" for n in range(8)]


@asynccontextmanager
async def embedding(app: App) -> AsyncGenerator[None]:
    """The pipeline of a worker process."""
    task = asyncio.create_task(run_pipeline(app))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def put(app: App, tenant_id: UUID, texts: Mapping[str, str]) -> Collection:
    """Store items under their keys, embed them, and let them find their clusters."""
    collection = await ensure_collection(app, tenant_id, name=NAME, facets={})
    drafts = [ItemDraft(key=key, body=body) for key, body in texts.items()]
    async with embedding(app):
        await put_items(app, tenant_id, collection=collection, drafts=drafts)
        await wait_until_searchable(app, tenant_id, collection=NAME)
    await drain(app.db, [consumer(app)])
    return collection


async def run_build(app: App, tenant_id: UUID, collection_id: UUID) -> None:
    async with foreground(app.db, tenant_id, kind="build") as context:
        await build(app, context, collection_id)


async def run_refine(app: App, tenant_id: UUID, collection_id: UUID) -> None:
    async with foreground(app.db, tenant_id, kind="refine") as context:
        await refine(app, context, collection_id)


async def grouped(app: App, tenant_id: UUID, texts: Sequence[str] = (*CARD, *RATE, *PASSWORD)) -> Collection:
    """A collection with these texts under the keys 0, 1, ..., grouped as a whole."""
    collection = await put(app, tenant_id, {str(n): text for n, text in enumerate(texts)})
    await group_collection(app, tenant_id, collection=NAME)
    await run_build(app, tenant_id, collection.id)
    return collection


async def partition(app: App, tenant_id: UUID) -> dict[str, UUID]:
    """The cluster of each item, by its key."""
    found: dict[str, UUID] = {}
    for cluster in await list_clusters(app, tenant_id, collection=NAME, limit=200):
        for member in await list_items(app, tenant_id, collection=NAME, cluster_id=cluster.id, limit=200):
            assert member.key not in found, "an item is in one cluster"
            found[member.key] = cluster.id
    return found


async def test_texts_that_say_the_same_come_together(app: App, tenant_id: UUID) -> None:
    await grouped(app, tenant_id)
    places = await partition(app, tenant_id)
    assert len(places) == 24
    groups = [{places[str(n)] for n in range(start, start + 8)} for start in (0, 8, 16)]
    assert not (groups[0] & groups[1] or groups[1] & groups[2] or groups[0] & groups[2])


async def test_identical_text_joins_its_cluster_however_it_is_written(app: App, tenant_id: UUID) -> None:
    await grouped(app, tenant_id)
    await put(app, tenant_id, {"loud": "  MY card has not arrived yet, after 3 days of waiting!!"})
    places = await partition(app, tenant_id)
    assert places["loud"] == places["3"]
    items = await list_items(app, tenant_id, collection=NAME, cluster_id=places["loud"], limit=200)
    assert {item.key: item.reason for item in items}["loud"] == "identical"


async def test_what_nobody_said_before_begins_a_cluster_of_one(app: App, tenant_id: UUID) -> None:
    await grouped(app, tenant_id)
    await put(app, tenant_id, {"zebra": "zebras graze quietly beside purple volcanoes"})
    places = await partition(app, tenant_id)
    assert list(places.values()).count(places["zebra"]) == 1


async def test_collection_that_is_not_grouped_is_left_alone(app: App, tenant_id: UUID) -> None:
    await put(app, tenant_id, {"a": "one text"})
    with pytest.raises(NotGrouped):
        await list_clusters(app, tenant_id, collection=NAME)


async def test_merge_is_told_and_undone_exactly(app: App, tenant_id: UUID) -> None:
    await grouped(app, tenant_id)
    before = await partition(app, tenant_id)
    kept = await merge(app, tenant_id, collection=NAME, cluster_id=before["0"], into_id=before["8"])
    assert kept.id == before["8"]
    (change,) = await list_changes(app, tenant_id, collection=NAME)
    assert (change.kind, change.actor) == ("merge", "person")
    await undo(app, tenant_id, collection=NAME, change_id=change.id)
    assert await partition(app, tenant_id) == before
    with pytest.raises(ChangeNotUndoable):
        await undo(app, tenant_id, collection=NAME, change_id=change.id)
