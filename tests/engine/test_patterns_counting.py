"""Counts kept step by step are the counts of the items as they are, whatever happened to them in between."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import combinations
from typing import Any, LiteralString
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from likewise.engine.collections import (
    Collection,
    FacetKind,
    FacetValue,
    ItemDraft,
    Place,
    Visibility,
    delete_item,
    ensure_collection,
    put_items,
)
from likewise.engine.patterns import PATTERN_COUNTS, AttributeDraft, count_anew, put_attributes
from likewise.engine.patterns.logic.counting import is_pair
from likewise.engine.patterns.logic.terms import item_terms
from likewise.engine.patterns.model import PAIR_ITEMS_MIN, Given, Source, Term
from likewise.engine.patterns.settings import PatternsSettings
from likewise.platform.events import drain
from likewise.platform.feature import App
from likewise.platform.ids import encode_id, new_id
from likewise.platform.tenancy import create_tenant

KINDS = {
    "shape": FacetKind.KEYWORD,
    "tags": FacetKind.KEYWORDS,
    "seconds": FacetKind.NUMBER,
    "seen": FacetKind.BOOLEAN,
    "reported": FacetKind.TIME,
}
TABLES = ("terms", "pairs", "counted", "members")
Rows = dict[str, list[tuple[object, ...]]]

facets = st.fixed_dictionaries(
    {},
    optional={
        "shape": st.sampled_from(["disk", "light"]),
        "tags": st.lists(st.sampled_from(["night", "sea", "loud"]), min_size=1, max_size=3, unique=True),
        "seconds": st.sampled_from([0, 3, 45.5, 48, 1200]),
        "seen": st.booleans(),
        "reported": st.sampled_from(["2013-01-31T20:30:00.000Z", "2014-02-01T00:00:00.000Z"]),
    },
)
drafts = st.builds(
    ItemDraft,
    key=st.integers(0, 11).map(str),
    body=st.sampled_from(["one", "other"]),
    facets=facets,
    category=st.sampled_from([None, "report", "rumour"]),
    place=st.sampled_from([None, Place(41.2, -73.1), Place(90.0, 180.0)]),
    happened_at=st.sampled_from([None, datetime(2013, 1, 5, tzinfo=UTC), datetime(2013, 2, 5, tzinfo=UTC)]),
    visibility=st.sampled_from([Visibility.PUBLIC, Visibility.PUBLIC, Visibility.HIDDEN]),
)
sayings = st.builds(
    AttributeDraft,
    item=st.integers(0, 12).map(str),
    key=st.sampled_from(["mood", "shape"]),
    value=st.sampled_from(["calm", "disk", 4.0, 45.0, True]),
    confidence=st.sampled_from([0.0, 0.4, 0.5, 1.0]),
    source=st.sampled_from(["model", "person"]),
)
steps = st.one_of(
    st.lists(drafts, min_size=1, max_size=12),
    st.lists(sayings, min_size=1, max_size=4),
    st.integers(0, 11).map(str),
    st.just("count"),
)


async def read_rows(app: App, tenant_id: UUID) -> Rows:
    """Every derived row of a tenant."""
    found: Rows = {}
    async with await psycopg.AsyncConnection.connect(app.db.maintenance_url) as connection:
        for table in TABLES:
            text = f"select * from patterns.{table} where tenant_id = %s order by 1, 2, 3, 4"
            cursor = await connection.execute(text, [tenant_id])
            found[table] = [tuple(map(str, row)) for row in await cursor.fetchall()]
    return found


async def from_scratch(app: App, tenant_id: UUID) -> tuple[Counter[int], Counter[tuple[int, int]]]:
    """Terms and pairs counted from the items and what is said of them, in the plainest way."""
    async with await psycopg.AsyncConnection.connect(app.db.maintenance_url) as connection:
        items = await fetch(
            connection,
            "select id, collection_id, category, happened_at, latitude, longitude from collections.items"
            " where tenant_id = %s and visibility = 'public'",
            tenant_id,
        )
        said = await fetch(
            connection,
            "select item_id, name, text_value, number_value, time_value from collections.item_facets"
            " where tenant_id = %s and name not in ('$author', '$category') union all select item_id, key,"
            " case when number_value is null then value end, number_value, null from patterns.attributes"
            " where confidence >= 0.5 and tenant_id = %s",
            tenant_id,
            tenant_id,
        )
    counts: Counter[int] = Counter()
    pairs: Counter[tuple[int, int]] = Counter()
    known: dict[int, Term] = {}
    listed: list[list[int]] = []
    for row in items:
        source = Source(
            item_id=row[0], collection_id=row[1], category=row[2], happened_at=row[3], latitude=row[4], longitude=row[5]
        )
        terms = item_terms(source, [Given(*one) for one in said if one[0] == row[0]])
        known |= {term.id: term for term in terms}
        listed.append(sorted(term.id for term in terms))
        counts.update(listed[-1])
    for ids in listed:
        for a, b in combinations(ids, 2):
            rare = any(known[one].kind == "value" and counts[one] < PAIR_ITEMS_MIN for one in (a, b))
            if not rare and is_pair(known[a], known[b]):
                pairs[a, b] += 1
    return counts, pairs


async def fetch(connection: psycopg.AsyncConnection, text: LiteralString, *values: object) -> Sequence[tuple[Any, ...]]:
    return await (await connection.execute(text, values)).fetchall()


async def start(app: App) -> tuple[UUID, Collection]:
    tenant = await create_tenant(app.db, name=encode_id("patterns", new_id()))
    return tenant.tenant_id, await ensure_collection(app, tenant.tenant_id, name="reports", facets=KINDS)


async def assert_exact(app: App, tenant_id: UUID) -> Rows:
    await drain(app.db, [PATTERN_COUNTS])
    counts, pairs = await from_scratch(app, tenant_id)
    rows = await read_rows(app, tenant_id)
    assert {int(str(row[2])): int(str(row[-1])) for row in rows["terms"]} == counts
    assert {(int(str(row[2])), int(str(row[3]))): int(str(row[4])) for row in rows["pairs"]} == pairs
    return rows


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(program=st.lists(steps, min_size=1, max_size=6))
async def test_counts_agree_with_counting_from_scratch_after_any_program(
    app: App, program: list[list[ItemDraft] | list[AttributeDraft] | str]
) -> None:
    tenant_id, collection = await start(app)
    present: set[str] = set()
    for step in program:
        if isinstance(step, list):
            puts = [one for one in step if isinstance(one, ItemDraft)]
            said = [one for one in step if isinstance(one, AttributeDraft)]
            if puts:
                await put_items(app, tenant_id, collection=collection, drafts=puts)
                present |= {draft.key for draft in puts}
            if said:
                await put_attributes(app, tenant_id, collection="reports", attributes=said)
        elif step == "count":
            await drain(app.db, [PATTERN_COUNTS])
        elif step in present:
            await delete_item(app, tenant_id, collection="reports", key=step)
            present.discard(step)
    kept = await assert_exact(app, tenant_id)
    await count_anew(app.db, PATTERN_COUNTS, tenant_id)
    anew = await assert_exact(app, tenant_id)
    assert anew == kept


async def test_value_gains_its_pairs_at_the_bound_and_loses_them_below_it(app: App) -> None:
    tenant_id, collection = await start(app)
    both: dict[str, FacetValue] = {"shape": "disk", "tags": ["sea"]}
    drafts = [ItemDraft(key=str(n), body="seen", facets=both) for n in range(PAIR_ITEMS_MIN)]
    await put_items(app, tenant_id, collection=collection, drafts=drafts[:-1])
    before = len((await assert_exact(app, tenant_id))["pairs"])
    await put_items(app, tenant_id, collection=collection, drafts=drafts[-1:])
    rows = await assert_exact(app, tenant_id)
    assert len(rows["pairs"]) > before
    await delete_item(app, tenant_id, collection="reports", key="0")
    assert len((await assert_exact(app, tenant_id))["pairs"]) == before


async def test_deleted_items_leave_nothing_behind(app: App) -> None:
    tenant_id, collection = await start(app)
    drafts = [ItemDraft(key=str(n), body="seen", facets={"shape": "disk"}, category="report") for n in range(8)]
    await put_items(app, tenant_id, collection=collection, drafts=drafts)
    await put_attributes(
        app, tenant_id, collection="reports", attributes=[AttributeDraft(item="0", key="mood", value="calm")]
    )
    assert (await assert_exact(app, tenant_id))["members"]
    for draft in drafts:
        await delete_item(app, tenant_id, collection="reports", key=draft.key)
    assert await assert_exact(app, tenant_id) == {table: [] for table in TABLES}


def test_smallest_group_is_never_below_what_pairs_are_counted_for() -> None:
    with pytest.raises(ValueError, match=f"greater than or equal to {PAIR_ITEMS_MIN}"):
        PatternsSettings.model_validate({"group_items_min": PAIR_ITEMS_MIN - 1})
