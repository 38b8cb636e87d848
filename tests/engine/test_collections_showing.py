"""Who may find an item, changed inside a transaction that does more."""

from uuid import UUID

import pytest
from tests.apps.inbox_runs import rows_of

from likewise.engine.collections import (
    FacetKind,
    ItemDraft,
    Visibility,
    declare_facets,
    ensure_collection,
    forget_items,
    get_collection,
    get_item,
    list_items,
    put_items,
    set_visibility,
)
from likewise.platform.feature import App

NAME = "shown"


async def put(app: App, tenant_id: UUID, *keys: str) -> tuple[UUID, list[UUID]]:
    """Items with a facet and metadata; the collection, and their ids."""
    collection = await ensure_collection(
        app, tenant_id, name=NAME, facets={"shape": FacetKind.KEYWORDS, "size": FacetKind.NUMBER}
    )
    drafts = [
        ItemDraft(key=key, body=f"text of {key}", facets={"shape": ["disk"], "size": 1.5}, metadata={"n": 1e20})
        for key in keys
    ]
    made = await put_items(app, tenant_id, collection=collection, drafts=drafts)
    return collection.id, [one.id for one in made]


async def derived(app: App, tenant_id: UUID) -> dict[str, list[str]]:
    """What must not be touched: passages, facets, their counts, what waits for vectors."""
    return {
        table: sorted(await rows_of(app, tenant_id, f"select * from {table} where tenant_id = :t"))
        for table in (
            "collections.passages",
            "collections.item_facets",
            "collections.facet_counts",
            "collections.totals",
            "embedding.pending",
        )
    }


async def test_hidden_item_keeps_what_was_derived_and_is_told_as_changed(app: App, tenant_id: UUID) -> None:
    collection_id, ids = await put(app, tenant_id, "a", "b")
    before = await derived(app, tenant_id)
    async with app.db.tenant(tenant_id) as tx:
        changed = await set_visibility(
            app, tx, collection_id=collection_id, item_ids=ids[:1], visibility=Visibility.HIDDEN
        )
    assert changed == ids[:1]
    assert await derived(app, tenant_id) == before
    shown = {item.key: item.visibility for item in await list_items(app, tenant_id, collection=NAME)}
    assert shown == {"a": "hidden", "b": "public"}
    told = await rows_of(
        app, tenant_id, "select payload from platform.events where tenant_id = :t and type = 'collections.item_changed'"
    )
    assert len(told) == 1
    assert str(ids[0]) in told[0]


async def test_hash_is_that_of_the_item_as_it_is_so_that_writing_it_again_does_no_work(
    app: App, tenant_id: UUID
) -> None:
    collection_id, ids = await put(app, tenant_id, "a")
    first = await get_item(app, tenant_id, collection=NAME, key="a")
    for visibility in (Visibility.PRIVATE, Visibility.PUBLIC):
        async with app.db.tenant(tenant_id) as tx:
            await set_visibility(app, tx, collection_id=collection_id, item_ids=ids, visibility=visibility)
    last = await get_item(app, tenant_id, collection=NAME, key="a")
    assert (last.version, last.content_hash == first.content_hash) == (3, True)
    collection = await get_collection(app, tenant_id, name=NAME)
    same = ItemDraft(key="a", body="text of a", facets={"shape": ["disk"], "size": 1.5}, metadata={"n": 1e20})
    again = await put_items(app, tenant_id, collection=collection, drafts=[same])
    assert [one.status for one in again] == ["unchanged"]


async def test_what_is_so_already_or_elsewhere_or_gone_is_left_alone(app: App, tenant_id: UUID) -> None:
    collection_id, ids = await put(app, tenant_id, "a")
    other = await ensure_collection(app, tenant_id, name="other", facets={})
    async with app.db.tenant(tenant_id) as tx:
        for home, wanted, visibility in (
            (collection_id, ids, Visibility.PUBLIC),
            (other.id, ids, Visibility.HIDDEN),
            (collection_id, [other.id], Visibility.HIDDEN),
        ):
            assert await set_visibility(app, tx, collection_id=home, item_ids=wanted, visibility=visibility) == []
    assert (await get_item(app, tenant_id, collection=NAME, key="a")).version == 1


async def test_rollback_leaves_it_shown(app: App, tenant_id: UUID) -> None:
    collection_id, ids = await put(app, tenant_id, "a")

    async def hide_and_fail() -> None:
        async with app.db.tenant(tenant_id) as tx:
            await set_visibility(app, tx, collection_id=collection_id, item_ids=ids, visibility=Visibility.HIDDEN)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await hide_and_fail()
    assert (await get_item(app, tenant_id, collection=NAME, key="a")).visibility == Visibility.PUBLIC


async def test_facets_declared_at_the_same_time_are_all_kept_and_a_kind_stays(app: App, tenant_id: UUID) -> None:
    collection_id, _ = await put(app, tenant_id, "a")
    async with app.db.tenant(tenant_id) as tx:
        first = await declare_facets(app, tx, collection_id=collection_id, facets={"x": FacetKind.NUMBER})
        assert first["x"] is FacetKind.NUMBER
    async with app.db.tenant(tenant_id) as tx:
        second = await declare_facets(
            app, tx, collection_id=collection_id, facets={"x": FacetKind.KEYWORD, "y": FacetKind.BOOLEAN}
        )
    assert (second["x"], second["y"], second["shape"]) == (FacetKind.NUMBER, FacetKind.BOOLEAN, FacetKind.KEYWORDS)
    assert (await get_collection(app, tenant_id, name=NAME)).facets == second


async def test_forgotten_items_are_gone_and_those_of_another_collection_are_not(app: App, tenant_id: UUID) -> None:
    collection_id, ids = await put(app, tenant_id, "a", "b")
    other = await ensure_collection(app, tenant_id, name="other", facets={})
    assert (await forget_items(app, tenant_id, collection_id=other.id, item_ids=ids)).get("items", 0) == 0
    receipt = await forget_items(app, tenant_id, collection_id=collection_id, item_ids=ids[:1])
    assert receipt["items"] == 1
    assert [item.key for item in await list_items(app, tenant_id, collection=NAME)] == ["b"]
