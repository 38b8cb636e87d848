"""Clusters on a real database: arrivals, refinement, ids that stay, undo, what is told, what another tenant gets."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from random import Random
from uuid import UUID

import numpy as np
import pytest

from likewise.engine.clusters import (
    Cluster,
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
from likewise.engine.clusters.errors import ChangeNotUndoable, ClusterIsLocked, ItemsNotInCluster, NotGrouped
from likewise.engine.clusters.logic import fit_partition, text_hash
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
from likewise.engine.embedding import ItemsEmbedded
from likewise.engine.embedding.service import run_pipeline
from likewise.platform.db import Tx
from likewise.platform.events import drain, rebuild
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
    assert not (groups[0] & groups[1])
    assert not (groups[1] & groups[2])
    assert not (groups[0] & groups[2])


async def test_identical_text_joins_its_cluster_however_it_is_written(app: App, tenant_id: UUID) -> None:
    await grouped(app, tenant_id)
    await put(app, tenant_id, {"loud": "  MY card has not arrived yet, after 3 days of waiting!!"})
    places = await partition(app, tenant_id)
    assert places["loud"] == places["3"]
    items = await list_items(app, tenant_id, collection=NAME, cluster_id=places["loud"], limit=200)
    assert {item.key: item.reason for item in items}["loud"] == "identical"


async def test_cluster_that_only_arrivals_made_shows_several_of_its_texts(app: App, tenant_id: UUID) -> None:
    await grouped(app, tenant_id)
    for number, mark in enumerate(("", "!", " please", " thanks", " ok", " now", " today")):
        await put(app, tenant_id, {f"zebra{number}": f"zebras graze quietly beside the old purple volcanoes{mark}"})
    place = (await partition(app, tenant_id))["zebra0"]
    [cluster] = [one for one in await list_clusters(app, tenant_id, collection=NAME, limit=200) if one.id == place]
    assert cluster.text_count == 6, "a mark alone makes no other text"
    assert len(cluster.exemplars) == len(set(cluster.exemplars)) == 5


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


async def test_items_split_off_begin_a_cluster_and_undoing_brings_them_back(app: App, tenant_id: UUID) -> None:
    await grouped(app, tenant_id)
    whole = await partition(app, tenant_id)
    merged = await merge(app, tenant_id, collection=NAME, cluster_id=whole["0"], into_id=whole["8"])
    before = await partition(app, tenant_id)
    apart = await move_items(app, tenant_id, collection=NAME, cluster_id=merged.id, keys=["8", "9"], into_id=None)
    after = await partition(app, tenant_id)
    assert {key for key, cluster in after.items() if cluster == apart.id} == {"8", "9"}
    change = (await list_changes(app, tenant_id, collection=NAME))[0]
    assert change.kind == "split"
    await undo_run(app, tenant_id, collection=NAME, run_id=change.run_id)
    assert await partition(app, tenant_id) == before


async def test_refinement_leaves_locked_clusters_alone_and_keeps_ids(app: App, tenant_id: UUID) -> None:
    collection = await grouped(app, tenant_id)
    places = await partition(app, tenant_id)
    mixed = await move_items(app, tenant_id, collection=NAME, cluster_id=places["0"], keys=["0"], into_id=places["8"])
    await set_state(app, tenant_id, collection=NAME, cluster_id=mixed.id, is_locked=True, name="rates")
    locked = {key for key, cluster in (await partition(app, tenant_id)).items() if cluster == mixed.id}
    await run_refine(app, tenant_id, collection.id)
    after = await partition(app, tenant_id)
    assert {key for key, cluster in after.items() if cluster == mixed.id} == locked
    assert set(after.values()) <= set(places.values()), "nothing new was said, so no id is new"
    with pytest.raises(ClusterIsLocked):
        await merge(app, tenant_id, collection=NAME, cluster_id=mixed.id, into_id=after["16"])


async def test_refinement_undoes_a_mistaken_merge_and_that_can_be_undone(app: App, tenant_id: UUID) -> None:
    collection = await grouped(app, tenant_id)
    places = await partition(app, tenant_id)
    await merge(app, tenant_id, collection=NAME, cluster_id=places["0"], into_id=places["16"])
    before = await partition(app, tenant_id)
    await run_refine(app, tenant_id, collection.id)
    assert await partition(app, tenant_id) != before
    change = (await list_changes(app, tenant_id, collection=NAME))[0]
    assert change.actor == "refinement"
    await undo_run(app, tenant_id, collection=NAME, run_id=change.run_id)
    assert await partition(app, tenant_id) == before


async def test_item_that_goes_leaves_its_cluster_at_once_and_its_numbers_soon(app: App, tenant_id: UUID) -> None:
    await grouped(app, tenant_id)
    places = await partition(app, tenant_id)
    size = next(cluster for cluster in await all_clusters(app, tenant_id) if cluster.id == places["0"]).item_count
    await delete_item(app, tenant_id, collection=NAME, key="0")
    (left,) = [cluster for cluster in await all_clusters(app, tenant_id) if cluster.id == places["0"]]
    assert left.item_count == size - 1
    await drain(app.db, [consumer(app)])
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        grouping = await get_grouping(app, tenant_id, collection=NAME)
        assert not await _store.list_stale(tx, collection_id=grouping.collection_id, after=UUID(int=0), limit=10)
    assert "0" not in await partition(app, tenant_id)


async def test_cluster_tells_its_words_its_exemplar_and_its_age(app: App, tenant_id: UUID) -> None:
    await grouped(app, tenant_id)
    places = await partition(app, tenant_id)
    cluster, exemplars, _ = await show_cluster(app, tenant_id, collection=NAME, cluster_id=places["17"])
    assert {"password", "forgot"} & set(cluster.words)
    assert not {"i", "of", "the"} & set(cluster.words), "words that say nothing by themselves"
    assert exemplars[0].key in {str(n) for n in range(16, 24)}
    assert cluster.first_seen_at <= cluster.last_seen_at


async def test_label_says_each_word_in_one_of_its_forms(app: App, tenant_id: UUID) -> None:
    orbs = [
        f"the {form} that hovered over the {place}" for form in ("orb", "orbs") for place in ("lake", "hill", "bay")
    ]
    await grouped(app, tenant_id, [*orbs, *CARD, *RATE])
    owners = await partition(app, tenant_id)
    cluster, _, _ = await show_cluster(app, tenant_id, collection=NAME, cluster_id=owners["0"])
    assert len({"orb", "orbs"} & set(cluster.words)) == 1


async def test_derived_tables_come_out_the_same_when_they_are_built_again(app: App, tenant_id: UUID) -> None:
    await grouped(app, tenant_id, [*CARD, *RATE, CARD[0]])
    before = {cluster.id: numbers(cluster) for cluster in await all_clusters(app, tenant_id)}
    places = await partition(app, tenant_id)
    ids = [(await get_item(app, tenant_id, collection=NAME, key=key)).id for key in places]
    collection_id = (await get_grouping(app, tenant_id, collection=NAME)).collection_id

    async def republish(_: Tx) -> AsyncIterator[Sequence[ItemsEmbedded]]:
        yield [ItemsEmbedded(collection_id, tuple(ids))]

    await rebuild(app.db, consumer(app), tenant_id, republish)
    assert not await all_clusters(app, tenant_id)
    await drain(app.db, [consumer(app)])
    assert {cluster.id: numbers(cluster) for cluster in await all_clusters(app, tenant_id)} == before
    assert await partition(app, tenant_id) == places


async def test_ungrouping_leaves_nothing_behind_but_the_items(app: App, tenant_id: UUID) -> None:
    await grouped(app, tenant_id)
    await ungroup_collection(app, tenant_id, collection=NAME)
    with pytest.raises(NotGrouped):
        await get_grouping(app, tenant_id, collection=NAME)
    assert await get_item(app, tenant_id, collection=NAME, key="0")


@pytest.mark.parametrize("seed", range(4))
async def test_identical_texts_never_part_and_nothing_is_lost(app: App, tenant_id: UUID, seed: int) -> None:
    """A random program of arrivals, removals, refinements, changes by people and undoing."""
    random = Random(seed)
    pool = [*CARD[:4], *RATE[:4], *PASSWORD[:4], "zebras graze", "ZEBRAS graze!"]
    collection = await grouped(app, tenant_id, pool[:6])
    alive = {str(n): text for n, text in enumerate(pool[:6])}
    for step in range(10):
        places = await partition(app, tenant_id)
        assert set(places) == set(alive)
        by_text: dict[bytes, set[UUID]] = {}
        for key, text in alive.items():
            by_text.setdefault(text_hash(None, text), set()).add(places[key])
        assert all(len(clusters) == 1 for clusters in by_text.values())
        sizes = {cluster.id: cluster.item_count for cluster in await all_clusters(app, tenant_id)}
        assert sizes == Counter(places.values())
        match random.choice(["add", "add", "remove", "refine", "merge", "split", "undo"]):
            case "add":
                added = {f"{step}-{n}": random.choice(pool) for n in range(3)}
                await put(app, tenant_id, added)
                alive |= added
            case "remove" if len(alive) > 3:
                key = random.choice(sorted(alive))
                await delete_item(app, tenant_id, collection=NAME, key=key)
                await drain(app.db, [consumer(app)])
                del alive[key]
            case "refine":
                await run_refine(app, tenant_id, collection.id)
            case "merge" if len(sizes) > 2:
                first, second = random.sample(sorted(sizes), 2)
                await merge(app, tenant_id, collection=NAME, cluster_id=first, into_id=second)
            case "split":
                key = random.choice(sorted(alive))
                with suppress(ItemsNotInCluster):
                    await move_items(app, tenant_id, collection=NAME, cluster_id=places[key], keys=[key], into_id=None)
            case "undo":
                for change in (await list_changes(app, tenant_id, collection=NAME))[:1]:
                    with suppress(ChangeNotUndoable):
                        await undo(app, tenant_id, collection=NAME, change_id=change.id)
            case _:
                pass


def around(random: np.random.Generator, middle: np.ndarray, *, count: int, alike: float) -> np.ndarray:
    """Vectors of norm 1 whose similarity to a middle of norm 1 is `alike`."""
    noise = random.normal(size=(count, len(middle)))
    noise -= np.outer(noise @ middle, middle)
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    return alike * middle + np.sqrt(1 - alike**2) * noise


@pytest.mark.parametrize("seed", [0, 1])
def test_question_that_hundreds_send_in_a_dozen_wordings_with_slips_of_the_pen_is_one_group(seed: int) -> None:
    random = np.random.default_rng(seed)
    middles = random.normal(size=(41, 128))
    middles /= np.linalg.norm(middles, axis=1, keepdims=True)
    wordings = around(random, middles[0], count=12, alike=0.88)
    groups = [np.concatenate([around(random, wording, count=25, alike=0.98) for wording in wordings])]
    groups += [around(random, middle, count=14, alike=0.8) for middle in middles[1:]]
    truth = np.repeat(np.arange(41), [len(group) for group in groups])
    labels = fit_partition(np.concatenate(groups).astype(np.float32)).labels
    assert {(true, found) for true, found in zip(truth.tolist(), labels.tolist(), strict=True)} == set(
        zip(range(41), [int(labels[truth == group][0]) for group in range(41)], strict=True)
    )
    assert len(set(labels.tolist())) == 41


@pytest.mark.parametrize("seed", [0, 1])
def test_large_group_of_several_ways_to_say_it_is_one(seed: int) -> None:
    random = np.random.default_rng(seed)
    middles = random.normal(size=(41, 128))
    middles /= np.linalg.norm(middles, axis=1, keepdims=True)
    ways = around(random, middles[0], count=6, alike=0.97)
    groups = [np.concatenate([around(random, way, count=50, alike=0.85) for way in ways])]
    groups += [around(random, middle, count=14, alike=0.85) for middle in middles[1:]]
    labels = fit_partition(np.concatenate(groups).astype(np.float32)).labels
    assert len(set(labels[:300].tolist())) == 1
    assert not set(labels[:300].tolist()) & set(labels[300:].tolist())


def test_threshold_of_ones_own_holds_for_every_text_of_a_group() -> None:
    random = np.random.default_rng(3)
    middles = random.normal(size=(4, 16))
    rows = np.repeat(middles, 10, axis=0) + random.normal(scale=0.3, size=(40, 16))
    rows = np.concatenate([rows, random.normal(size=(3, 16))]).astype(np.float32)
    vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    labels = fit_partition(vectors, threshold=0.7).labels
    assert len({int(label) for label in labels[:40]}) == 4
    assert len({int(label) for label in labels}) == 7
    for label in set(labels):
        members = vectors[labels == label]
        for place, vector in enumerate(members[1:], start=1):
            others = np.delete(members, place, axis=0).sum(axis=0)
            assert others @ vector / np.linalg.norm(others) >= 0.7


async def all_clusters(app: App, tenant_id: UUID) -> list[Cluster]:
    return await list_clusters(app, tenant_id, collection=NAME, limit=200)


def numbers(cluster: Cluster) -> tuple[object, ...]:
    """What of a cluster is counted or measured, without the last digits of sums."""
    return (
        cluster.item_count,
        cluster.text_count,
        round(cluster.spread, 4),
        cluster.first_seen_at,
        cluster.last_seen_at,
        round(cluster.heat, 6),
        cluster.exemplars[0] if cluster.exemplars else None,
    )
