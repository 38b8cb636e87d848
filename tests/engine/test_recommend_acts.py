"""Acts written as part of a larger transaction, and counted anew."""

from datetime import timedelta
from uuid import UUID

import pytest
from tests.apps.inbox_scenes import events_of
from tests.engine.test_recommend import NAME, NOW, settle, stories

from likewise.engine.collections import Visibility, ensure_collection, put_items, remove_items, set_visibility
from likewise.engine.recommend import (
    Acts,
    Interaction,
    InteractionRow,
    count_acts,
    get_profile,
    put_interactions,
    write_interactions,
)
from likewise.platform.feature import App

CHANGED = "recommend.person_changed"


async def fill(app: App, tenant_id: UUID) -> tuple[UUID, dict[str, UUID]]:
    """A collection of stories nobody waits for; its id, and those of its items by key."""
    collection = await ensure_collection(app, tenant_id, name=NAME, facets={})
    made = await put_items(app, tenant_id, collection=collection, drafts=stories())
    return collection.id, {one.key: one.id for one in made}


async def test_counts_are_of_people_and_of_kinds(app: App, tenant_id: UUID) -> None:
    collection_id, ids = await fill(app, tenant_id)
    rows = [
        InteractionRow("ann", ids["ocean0"], "upvote", 1.0, NOW),
        InteractionRow("bob", ids["ocean0"], "like", 1.0, NOW),
        InteractionRow("ann", ids["ocean0"], "view", 1.0, NOW),
        InteractionRow("ann", ids["ocean0"], "comment", 1.0, NOW),
        InteractionRow("ann", ids["ocean0"], "less", 1.0, NOW),
        InteractionRow("ann", ids["ocean1"], "view", 1.0, NOW),
    ]
    async with app.db.tenant(tenant_id) as tx:
        assert await write_interactions(app, tx, collection_id=collection_id, rows=rows) == rows
        counted = await count_acts(tx, item_ids=[ids["ocean0"], ids["ocean1"], ids["ocean2"]])
    assert counted == {ids["ocean0"]: Acts(2, 1, 1), ids["ocean1"]: Acts(0, 1, 0), ids["ocean2"]: Acts()}


async def test_what_is_written_goes_with_its_transaction(app: App, tenant_id: UUID) -> None:
    collection_id, ids = await fill(app, tenant_id)
    row = InteractionRow("ann", ids["ocean0"], "upvote", 1.0, NOW)

    async def write_and_fail() -> None:
        async with app.db.tenant(tenant_id) as tx:
            await write_interactions(app, tx, collection_id=collection_id, rows=[row])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await write_and_fail()
    async with app.db.tenant(tenant_id) as tx:
        assert await count_acts(tx, item_ids=[ids["ocean0"]]) == {ids["ocean0"]: Acts()}
    assert await events_of(app, tenant_id, CHANGED) == []


async def test_lasting_kinds_keep_their_first_time(app: App, tenant_id: UUID) -> None:
    collection_id, ids = await fill(app, tenant_id)
    first = [InteractionRow("ann", ids["ocean0"], kind, 1.0, NOW) for kind in ("upvote", "view")]
    again = [InteractionRow(row.user_key, row.item_id, row.kind, 1.0, NOW + timedelta(hours=1)) for row in first]
    for rows in (first, again):
        async with app.db.tenant(tenant_id) as tx:
            changed = await write_interactions(app, tx, collection_id=collection_id, rows=rows, lasting=("upvote",))
    assert changed == [again[1]]
    gone = [InteractionRow("ann", ids["ocean0"], kind, 0.0, NOW) for kind in ("upvote", "less")]
    async with app.db.tenant(tenant_id) as tx:
        assert await write_interactions(app, tx, collection_id=collection_id, rows=gone) == [gone[0]]
        assert await count_acts(tx, item_ids=[ids["ocean0"]]) == {ids["ocean0"]: Acts(views=1)}


async def test_rows_of_items_that_are_gone_are_left_out(app: App, tenant_id: UUID) -> None:
    collection_id, ids = await fill(app, tenant_id)
    async with app.db.tenant(tenant_id) as tx:
        await remove_items(app, tx, collection_id=collection_id, item_ids=[ids["ocean0"]])
        rows = [InteractionRow("ann", ids[key], "upvote", 1.0, NOW) for key in ("ocean0", "ocean1")]
        assert await write_interactions(app, tx, collection_id=collection_id, rows=rows) == [rows[1]]


async def test_what_is_hidden_is_no_part_of_who_liked_it(app: App, tenant_id: UUID) -> None:
    """The same likes make another profile once the items are hidden, and the first one when they are shown again."""
    collection_id, ids = await fill(app, tenant_id)
    given = [Interaction(user="ann", item=item, kind="upvote", at=NOW) for item in ("ocean0", "desert0", "desert1")]
    await put_interactions(app, tenant_id, collection=NAME, interactions=given)
    await settle(app)
    before = await get_profile(app, tenant_id, collection=NAME, user="ann")
    assert set(before.categories) == {"ocean", "desert"}
    hidden = [ids["desert0"], ids["desert1"]]
    for visibility, wanted in ((Visibility.HIDDEN, {"ocean": 1.0}), (Visibility.PUBLIC, before.categories)):
        async with app.db.tenant(tenant_id) as tx:
            await set_visibility(app, tx, collection_id=collection_id, item_ids=hidden, visibility=visibility)
        await settle(app)
        assert (await get_profile(app, tenant_id, collection=NAME, user="ann")).categories == wanted
