"""What keeps search good: promoted tenants, measured recall, calibration, and the record added up per month."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from operator import itemgetter
from typing import Any, LiteralString, cast
from uuid import UUID

import numpy as np
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from likewise.app import Server
from likewise.engine.collections import (
    CollectionNotFound,
    Filter,
    ItemDraft,
    delete_collection,
    ensure_collection,
    put_items,
    read_filter,
)
from likewise.engine.collections.service import wait_until_searchable
from likewise.engine.embedding import Embedder
from likewise.engine.embedding.service import run_pipeline
from likewise.engine.search import SearchRequest, build_vector_indexes, search, store
from likewise.engine.search.consumers import SEARCH_DOCUMENTS
from likewise.engine.search.feature import FEATURE
from likewise.engine.search.logic import EF_SEARCHES
from likewise.engine.search.model import Click, LargeCorpus, Partition
from likewise.engine.search.service import (
    PartitionCatalog,
    Recorder,
    analyze_searches,
    calibrate,
    find_calibration,
    forget_query,
    list_vector_indexes,
    measure_recall,
    note_click,
    roll_up_searches,
    sample_recalls,
)
from likewise.engine.search.service.errors import QuestionRefused
from likewise.engine.search.service.meaning import prepare_index_scan
from likewise.engine.search.settings import SearchSettings
from likewise.platform.db import HalfVector, embedded
from likewise.platform.events import drain
from likewise.platform.feature import App
from likewise.platform.tenancy import create_tenant


def limit(app: App, monkeypatch: pytest.MonkeyPatch, **changes: object) -> None:
    """Change settings of search for one test."""
    real = type(app.settings).get
    changed = app.settings.get(SearchSettings).model_copy(update=changes)
    monkeypatch.setattr(
        type(app.settings), "get", lambda self, kind: changed if kind is SearchSettings else real(self, kind)
    )


async def tenant_in(app: App, name: str, partition: str) -> UUID:
    """A new tenant whose vectors lie in a partition."""
    async with app.db.owner_connection() as connection:
        for number in range(2_000):
            tenant_id = (await create_tenant(app.db, name=f"{name}-{partition}-{number}")).tenant_id
            if await partition_of(connection, tenant_id) == partition:
                return tenant_id
    raise AssertionError(f"no tenant came to lie in {partition}")


async def partition_of(connection: psycopg.AsyncConnection, tenant_id: UUID) -> str:
    cursor = await connection.execute(
        """
        select part.relname from pg_inherits h join pg_class part on part.oid = h.inhrelid
        where h.inhparent = 'embedding.vectors'::regclass
          and satisfies_hash_partition(h.inhparent, 32,
                substring(pg_get_expr(part.relpartbound, part.oid) from 'remainder (\\d+)')::int, %s::uuid)
        """,
        [tenant_id],
    )
    row = await cursor.fetchone()
    assert row is not None
    return str(row[0])


async def emptiest_partition(app: App) -> str:
    async with app.db.owner_connection() as connection:
        await connection.execute("set role likewise_maintenance")  # the owner himself sees no tenant's rows
        cursor = await connection.execute(
            """
            select part.relname, (select count(*) from embedding.vectors v where v.tableoid = part.oid)
            from pg_inherits h join pg_class part on part.oid = h.inhrelid
            where h.inhparent = 'embedding.vectors'::regclass
            """
        )
        return min(await cursor.fetchall(), key=itemgetter(1))[0]


async def fill(app: App, tenant_id: UUID, count: int) -> UUID:
    """So many items, each of its own words; the collection's id."""
    collection = await ensure_collection(app, tenant_id, name="c", facets={})
    drafts = [ItemDraft(key=str(n), body=f"term{n} word{n % 97} kind{n % 11}") for n in range(count)]
    for start in range(0, count, 1_000):
        await put_items(app, tenant_id, collection=collection, drafts=drafts[start : start + 1_000])
    pipeline = asyncio.create_task(run_pipeline(app))
    try:
        await wait_until_searchable(app, tenant_id, collection="c")
    finally:
        pipeline.cancel()
        await asyncio.gather(pipeline, return_exceptions=True)
    await drain(app.db, [SEARCH_DOCUMENTS])
    return collection.id


async def analyze(app: App) -> None:
    async with app.db.owner_connection() as connection:
        await connection.execute("analyze embedding.vectors")


async def partition(app: App, tenant_id: UUID) -> Partition:
    catalog = app.resource(PartitionCatalog)
    catalog.forget()
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        return await catalog.find(tx, space=app.resource(Embedder).space)


async def indexes_of(app: App, partition_name: str) -> list[str]:
    return [index.name for index in await list_vector_indexes(app) if index.partition == partition_name]


async def build(app: App, partition_name: str) -> list[str]:
    """Build what is missing; what was built in a partition, for other tests' tenants may lie in others."""
    return [name for name in await build_vector_indexes(app) if name.startswith(f"{partition_name}_")]


# Promotion


@pytest.fixture(scope="module")
async def neighbours(app: App) -> tuple[UUID, UUID, str]:
    """A giant and a small tenant that share a partition, the one least used by other tests' tenants, and its name."""
    name = await emptiest_partition(app)
    giant = await tenant_in(app, "giant", name)
    small = await tenant_in(app, "small", name)
    await fill(app, giant, 1_500)
    await fill(app, small, 600)
    await analyze(app)
    return giant, small, name


async def test_giant_is_promoted_and_demoted_while_everybody_searches(
    app: App, neighbours: tuple[UUID, UUID, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    giant, small, name = neighbours
    limit(app, monkeypatch, index_rows_min=500, promote_rows_min=1_000_000, exact_rows_max=100)
    await build_vector_indexes(app)
    [common] = await indexes_of(app, name)
    assert common.startswith(f"{name}_s")
    before = await partition(app, giant)
    assert before.index_name == common
    assert before.row_count >= 2_100

    is_over = False
    answered = 0

    async def ask() -> None:
        nonlocal answered
        while not is_over:
            for tenant_id in (giant, small):
                request = SearchRequest(query="term7 word7", collection="c", arms=("vector",))
                answer = await search(app, tenant_id, request)
                assert len(answer.data) == 10
                answered += 1

    asking = asyncio.create_task(ask())
    limit(app, monkeypatch, index_rows_min=500, promote_rows_min=1_000, exact_rows_max=100)
    built = await build(app, name)
    assert len(built) == 2
    assert sorted(built) == await indexes_of(app, name)
    own, others = await partition(app, giant), await partition(app, small)
    assert own.index_name != others.index_name
    assert (own.row_count, others.row_count) == (1_500, before.row_count - 1_500)
    assert await build(app, name) == []

    # Half of its rows may go before a giant is one of many again.
    limit(app, monkeypatch, index_rows_min=500, promote_rows_min=2_999, exact_rows_max=100)
    assert await build(app, name) == []
    limit(app, monkeypatch, index_rows_min=500, promote_rows_min=3_100, exact_rows_max=100)
    assert await build(app, name) == [common]
    assert await indexes_of(app, name) == [common]
    is_over = True
    await asking
    assert answered > 0


async def test_promoted_tenants_search_reads_its_own_graph_and_the_others_theirs(
    app: App,
    postgres: embedded.Server,
    server: Server,
    neighbours: tuple[UUID, UUID, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    giant, small, _ = neighbours
    limit(app, monkeypatch, index_rows_min=500, promote_rows_min=1_000, exact_rows_max=100)
    await build_vector_indexes(app)
    space = app.resource(Embedder).space
    vector = "[" + ",".join(map(str, np.eye(1, space.dimension)[0].tolist())) + "]"
    url = make_conninfo(postgres.superuser_url, dbname=conninfo_to_dict(server.owner_url)["dbname"])
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("set enable_sort = off")
        connection.execute("set role likewise_app")
        for tenant_id in (giant, small):
            connection.execute(cast("LiteralString", f"set app.tenant_id = '{tenant_id}'"))
            distance = f"embedding::halfvec({space.dimension}) <=> '{vector}'::halfvec({space.dimension})"
            plan = connection.execute(
                cast(
                    "LiteralString",
                    f"explain select passage_id from embedding.vectors where tenant_id = '{tenant_id}'"
                    f" and space_id = {space.space_id} order by {distance} limit 10",
                )
            ).fetchall()
            text = "\n".join(line for (line,) in plan)
            assert f"Index Scan using {(await partition(app, tenant_id)).index_name} " in text


async def test_index_gives_the_nearest_first_however_few_items_the_planner_expects(
    app: App,
    postgres: embedded.Server,
    server: Server,
    neighbours: tuple[UUID, UUID, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    giant, *_ = neighbours
    limit(app, monkeypatch, index_rows_min=500, promote_rows_min=1_000, exact_rows_max=100)
    await build_vector_indexes(app)
    space = app.resource(Embedder).space
    url = make_conninfo(postgres.superuser_url, dbname=conninfo_to_dict(server.owner_url)["dbname"])
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "select pg_restore_relation_stats('schemaname', 'collections', 'relname', 'items', 'relpages', 1000,"
            " 'reltuples', 1::real), pg_clear_attribute_stats('collections', 'items', 'tenant_id', false)"
        )
        try:
            async with app.db.tenant(giant, read_only=True) as tx:
                corpus = await store.find_corpus(tx, name="c")
                assert corpus is not None
                await prepare_index_scan(tx, ef_search=100, scan_tuples_max=10_000)
                await tx.settle(enable_hashjoin="off", enable_mergejoin="off")
                hits = await store.nearest_approximate(
                    tx,
                    space=space,
                    collection_id=corpus.id,
                    vector=HalfVector(np.ones(space.dimension, dtype=np.float32)),
                    conditions=read_filter(Filter(), corpus.facets),
                    limit=10,
                )
        finally:
            connection.execute("analyze collections.items")
    scores = [hit.score for hit in hits]
    assert len(scores) == 10
    assert scores == sorted(scores, reverse=True)


# Recall


async def test_recall_is_measured_on_own_searches_and_tunes_ef_search(
    app: App, neighbours: tuple[UUID, UUID, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    giant, *_ = neighbours
    changes = {"index_rows_min": 500, "promote_rows_min": 1_000, "exact_rows_max": 1_000, "recall_queries": 12}
    limit(app, monkeypatch, **changes, recall_goal=0.6)
    await build_vector_indexes(app)
    for number in range(5):
        await search(app, giant, SearchRequest(query=f"term{number} kind3", collection="c"))
    await app.resource(Recorder).flush()
    measured = await sample_recalls(app)
    [recall] = [one for one in measured if one.index_name == (await partition(app, giant)).index_name]
    assert recall.query_count == 12
    assert recall.recall >= 0.6
    assert recall.ef_search in EF_SEARCHES
    assert (await partition(app, giant)).ef_search == recall.ef_search
    analytics = await analyze_searches(app, giant, collection="c", days=1, limit=5)
    assert analytics.recall is not None
    assert analytics.recall.ef_search == recall.ef_search


async def test_passages_stand_in_for_searches_but_never_make_the_index_look_less(
    app: App, neighbours: tuple[UUID, UUID, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, small, name = neighbours
    changes = {"index_rows_min": 500, "promote_rows_min": 1_000_000, "exact_rows_max": 100, "recall_goal": 0.01}
    limit(app, monkeypatch, **changes, recall_queries=1_000)
    await build(app, name)
    collection_id = (await ensure_collection(app, small, name="c", facets={})).id
    measured = await measure_recall(app, LargeCorpus(small, collection_id, 600))
    assert measured is not None
    assert measured.ef_search == app.settings.get(SearchSettings).ef_search


async def test_recall_out_of_reach_is_a_finding_and_asks_for_a_denser_graph(
    app: App, neighbours: tuple[UUID, UUID, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    giant, _, name = neighbours
    changes = {"index_rows_min": 500, "promote_rows_min": 1_000, "exact_rows_max": 1_000, "recall_queries": 8}
    limit(app, monkeypatch, **changes)
    await build_vector_indexes(app)
    before = (await partition(app, giant)).index_name
    # No index finds more than all of the nearest: a goal above one is out of reach of any graph.
    limit(app, monkeypatch, **changes, recall_goal=1.01)
    poor = await sample_recalls(app)
    assert [one.ef_search for one in poor] == [EF_SEARCHES[-1]] * len(poor)
    health = await FEATURE.health(app)[0]() if FEATURE.health else None
    assert health is not None
    assert health.status == "degraded"
    built = await build(app, name)
    assert built == [before.replace("_m16", "_m24")]
    assert (await partition(app, giant)).index_name == built[0]
    limit(app, monkeypatch, **changes, recall_goal=0.5)
    await sample_recalls(app)
    health = await FEATURE.health(app)[0]() if FEATURE.health else None
    assert health is not None
    assert health.status == "ok"


async def test_nothing_is_measured_where_there_is_no_index(app: App) -> None:
    name = await emptiest_partition(app)
    assert await indexes_of(app, name) == []
    tenant_id = await tenant_in(app, "unindexed", name)
    collection_id = await fill(app, tenant_id, 20)
    assert await measure_recall(app, LargeCorpus(tenant_id, collection_id, 20)) is None


# Calibration


async def test_calibration_is_timed_kept_and_followed_unless_somebody_set_a_number(
    app: App, tenant_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = app.settings.get(SearchSettings)
    small = settings.model_copy(update={"calibration_rows_max": 1_000})
    small.model_fields_set.discard("exact_rows_max")
    real = type(app.settings).get
    monkeypatch.setattr(
        type(app.settings), "get", lambda self, kind: small if kind is SearchSettings else real(self, kind)
    )
    told = await calibrate(app, keep=False)
    assert await find_calibration(app) is None
    assert told.exact_row_us > 0
    assert told.approximate_us > 0
    kept = await calibrate(app)
    found = await find_calibration(app)
    assert found is not None
    assert found.exact_rows_max == kept.exact_rows_max
    catalog = app.resource(PartitionCatalog)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        assert (await catalog.calibrated(tx, small)).exact_rows_max == kept.exact_rows_max
        chosen = small.model_copy(update={"exact_rows_max": 123})
        assert (await catalog.calibrated(tx, chosen)).exact_rows_max == 123
    async with app.db.owner_connection() as connection:
        await connection.execute("set role likewise_maintenance")
        await connection.execute("delete from search.calibrations")
    catalog.forget()


# Analytics


async def ask(app: App, tenant_id: UUID, queries: Sequence[str]) -> list[str]:
    """Search for each; the ids of the searches."""
    answers = [
        await search(app, tenant_id, SearchRequest(query=query, collection="c", arms=("lexical",))) for query in queries
    ]
    await app.resource(Recorder).flush()
    return [answer.search_id for answer in answers]


async def test_analytics_tell_what_is_asked_opened_and_not_found(app: App, tenant_id: UUID) -> None:
    await fill(app, tenant_id, 30)
    ids = await ask(app, tenant_id, ["term3", "Term3", "term3", "submarine", "submarine", "term4"])
    found = await search(app, tenant_id, SearchRequest(query="term3", collection="c", arms=("lexical",)))
    await note_click(app, tenant_id, Click(found.search_id, found.data[0].id, 1))
    await note_click(app, tenant_id, Click(ids[5], found.data[0].id, 3))
    seen = await analyze_searches(app, tenant_id, collection="c", days=7, limit=2)
    assert (seen.totals.searches, seen.totals.without_results, seen.totals.clicked) == (7, 2, 2)
    assert seen.totals.click_through == pytest.approx(2 / 7)
    assert seen.totals.click_rank_mean == 2
    assert seen.totals.latency_p95_ms is not None
    assert [(row.query.lower(), row.searches, row.clicked) for row in seen.top] == [
        ("term3", 4, 1),
        ("submarine", 2, 0),
    ]
    assert [(row.query, row.searches) for row in seen.without_results] == [("submarine", 2)]
    assert seen.months == []
    with pytest.raises(CollectionNotFound):
        await analyze_searches(app, tenant_id, collection="another", days=7, limit=2)
    with pytest.raises(QuestionRefused):
        await analyze_searches(app, tenant_id, collection=None, days=1_000, limit=2)


async def test_old_searches_are_added_up_per_month_once_and_recent_ones_stay(app: App, tenant_id: UUID) -> None:
    await fill(app, tenant_id, 30)
    await ask(app, tenant_id, ["term3", "term3", "submarine", "term4", "term5"])
    await age(app, tenant_id, query="term3", to=datetime(2026, 3, 31, 23, 59, tzinfo=UTC))
    await age(app, tenant_id, query="submarine", to=datetime(2026, 4, 1, 0, 0, tzinfo=UTC))
    assert await roll_up_searches(app) >= 3
    await ask(app, tenant_id, ["term3"])
    await age(app, tenant_id, query="term3", to=datetime(2026, 3, 2, tzinfo=UTC))
    await roll_up_searches(app)
    assert await roll_up_searches(app) == 0
    seen = await analyze_searches(app, tenant_id, collection="c", days=30, limit=10)
    assert seen.totals.searches == 2
    assert [(month.month, month.searches, month.without_results) for month in seen.months] == [
        (date(2026, 4, 1), 1, 1),
        (date(2026, 3, 1), 3, 0),
    ]
    assert [(row.query, row.searches) for row in seen.top_of_months] == [("term3", 3), ("submarine", 1)]


async def test_only_the_commonest_queries_of_a_month_are_kept(
    app: App, tenant_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(app, tenant_id, 30)
    await ask(app, tenant_id, ["term3", "term3", "term4", "term4", "term5"])
    for query in ("term3", "term4", "term5"):
        await age(app, tenant_id, query=query, to=datetime(2026, 3, 5, tzinfo=UTC))
    limit(app, monkeypatch, texts_per_month_max=2, roll_up_batch_max=10)
    await roll_up_searches(app)
    seen = await analyze_searches(app, tenant_id, collection=None, days=30, limit=10)
    assert [row.query for row in seen.top_of_months] == ["term3", "term4"]
    assert seen.months[0].searches == 5


async def test_forgotten_query_is_gone_from_days_and_months(app: App, tenant_id: UUID) -> None:
    await fill(app, tenant_id, 30)
    await ask(app, tenant_id, ["my secret", "My Secret", "term3"])
    await age(app, tenant_id, query="my secret", to=datetime(2026, 3, 5, tzinfo=UTC))
    await roll_up_searches(app)
    assert await forget_query(app, tenant_id, query="MY SECRET") == {"searches": 2}
    seen = await analyze_searches(app, tenant_id, collection=None, days=30, limit=10)
    assert [row.query for row in [*seen.top, *seen.top_of_months]] == ["term3"]


async def test_searches_of_a_deleted_collection_go_with_the_next_roll_up(app: App, tenant_id: UUID) -> None:
    await fill(app, tenant_id, 30)
    await ask(app, tenant_id, ["term3", "term4"])
    await age(app, tenant_id, query="term3", to=datetime(2026, 3, 5, tzinfo=UTC))
    await roll_up_searches(app)
    await ask(app, tenant_id, ["term5"])
    await age(app, tenant_id, query="term5", to=datetime(2026, 3, 6, tzinfo=UTC))
    await delete_collection(app, tenant_id, name="c")
    await roll_up_searches(app)
    seen = await analyze_searches(app, tenant_id, collection=None, days=30, limit=10)
    assert (seen.totals.searches, seen.months, seen.top_of_months) == (0, [], [])


async def test_deleted_item_leaves_no_trace_in_what_was_opened(app: App, tenant_id: UUID) -> None:
    await fill(app, tenant_id, 30)
    found = await search(app, tenant_id, SearchRequest(query="term3", collection="c", arms=("lexical",)))
    await note_click(app, tenant_id, Click(found.search_id, found.data[0].id, 1))
    await delete_collection(app, tenant_id, name="c")
    rows = await read(
        app, "select clicked_item_id, clicked_at is not null from search.queries where tenant_id = %s", tenant_id
    )
    assert rows == [(None, True)]


async def age(app: App, tenant_id: UUID, *, query: str, to: datetime) -> None:
    """Make searches for a text old ones."""
    await read(
        app,
        "update search.queries set created_at = %s + (random() * interval '1 second')"
        " where tenant_id = %s and lower(text) = %s and created_at > now() - interval '1 day' returning 1",
        to - timedelta(seconds=1) if to.hour else to,
        tenant_id,
        query,
    )


async def read(app: App, statement: str, *params: Any) -> list[tuple[Any, ...]]:
    async with app.db.owner_connection() as connection:
        await connection.execute("set role likewise_maintenance")
        return await (await connection.execute(cast("LiteralString", statement), params)).fetchall()
