"""How Postgres carries searches out, as the application's own role: each index that matters is really used."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from random import Random
from typing import LiteralString, cast
from uuid import UUID

import numpy as np
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from likewise.app import Server
from likewise.engine.collections import FacetKind, Filter, ItemDraft, ensure_collection, put_items
from likewise.engine.collections.service import wait_until_searchable
from likewise.engine.embedding import Embedder
from likewise.engine.embedding.service import run_pipeline
from likewise.engine.search import SearchRequest, build_vector_indexes, search
from likewise.engine.search.consumers import SEARCH_DOCUMENTS
from likewise.engine.search.settings import SearchSettings
from likewise.platform.db import embedded
from likewise.platform.events import drain
from likewise.platform.feature import App
from likewise.platform.tenancy import create_tenant

ITEMS = 3_000


@pytest.fixture(scope="module")
async def tenant(app: App, server: Server) -> UUID:
    """A tenant beside which another has as many items, so that a plan without the right index would be a poor one."""
    tenants: list[UUID] = []
    random = Random(11)
    vocabulary = [f"{chr(97 + number % 26)}term{number}" for number in range(3_000)]
    for name in ("planned", "neighbour"):
        tenant_id = (await create_tenant(app.db, name=name)).tenant_id
        tenants.append(tenant_id)
        collection = await ensure_collection(app, tenant_id, name="c", facets={"shape": FacetKind.KEYWORD})
        drafts = [
            ItemDraft(
                key=str(number), body=" ".join(random.choices(vocabulary, k=20)), facets={"shape": f"s{number % 300}"}
            )
            for number in range(ITEMS)
        ]
        await put_items(app, tenant_id, collection=collection, drafts=drafts)
        pipeline = asyncio.create_task(run_pipeline(app))
        await wait_until_searchable(app, tenant_id, collection="c")
        pipeline.cancel()
        await asyncio.gather(pipeline, return_exceptions=True)
    await drain(app.db, [SEARCH_DOCUMENTS])
    with psycopg.connect(server.owner_url, autocommit=True) as connection:
        connection.execute("vacuum analyze")
    assert await build_vector_indexes(app, rows_min=ITEMS // 2)
    return tenants[0]


Explain = Callable[[str, Sequence[object]], str]


@pytest.fixture
async def explain(postgres: embedded.Server, server: Server, tenant: UUID) -> AsyncIterator[Explain]:
    """Runs a statement as likewise_app and gives the plans Postgres really used, those inside functions too."""
    database = conninfo_to_dict(server.owner_url)["dbname"]
    url = make_conninfo(postgres.superuser_url, dbname=database)
    notices: list[str] = []
    with psycopg.connect(url, autocommit=True) as connection:
        connection.add_notice_handler(lambda notice: notices.append(notice.message_primary or ""))
        for command in (
            "load 'auto_explain'",
            "set auto_explain.log_min_duration = 0",
            "set auto_explain.log_analyze = on",
            "set auto_explain.log_nested_statements = on",
            "set client_min_messages = log",
            "set role likewise_app",
            f"set app.tenant_id = '{tenant}'",
        ):
            connection.execute(cast("LiteralString", command))

        def run(statement: str, params: Sequence[object]) -> str:
            notices.clear()
            connection.execute(cast("LiteralString", statement), params).fetchall()
            return "\n".join(notices)

        yield run


async def collection_id(app: App, tenant: UUID) -> UUID:
    return (await ensure_collection(app, tenant, name="c", facets={})).id


async def test_lexical_arm_reads_the_index_of_lexemes_under_row_level_security(
    app: App, tenant: UUID, explain: Explain
) -> None:
    collection = await collection_id(app, tenant)
    plan = explain(
        "select * from search.rank_documents(%s, '''bterm27''', '{''bterm27''}', '{1}', 20, 1.2, .75, null, 500, 200)",
        [collection],
    )
    assert "Bitmap Index Scan on documents_lexemes" in plan
    assert "Seq Scan on documents" not in plan
    # The same predicate without the function: the policy keeps the index away from the application's role.
    bare = explain(
        "select passage_id from search.documents where tenant_id = %s and collection_id = %s"
        " and lexemes @@ '''bterm27'''::tsquery",
        [tenant, collection],
    )
    assert "'''bterm27'''" not in "".join(line for line in bare.split("\n") if "Index Cond" in line)


async def test_trigram_arm_reads_the_index_of_words(app: App, tenant: UUID, explain: Explain) -> None:
    plan = explain("select * from search.near_words(%s, '{bterm2700}', 12)", [await collection_id(app, tenant)])
    assert "Bitmap Index Scan on lexemes_word" in plan
    assert "Seq Scan on lexemes" not in plan


async def run_search(app: App, tenant: UUID, monkeypatch: pytest.MonkeyPatch, **wish: object) -> str:
    """Search with every collection taken for large; the plan that was taken."""
    real = type(app.settings).get
    changed = app.settings.get(SearchSettings).model_copy(update={"exact_rows_max": 100, "depth": 20})
    monkeypatch.setattr(
        type(app.settings), "get", lambda self, kind: changed if kind is SearchSettings else real(self, kind)
    )
    request = SearchRequest(query="bterm27 cterm28", collection="c", arms=("vector",), **wish)  # type: ignore[arg-type]
    answer = await search(app, tenant, request)
    assert len(answer.data) == 10
    return answer.plan


async def test_vector_arm_reads_the_hnsw_index_of_the_tenants_partition_only(
    app: App, tenant: UUID, explain: Explain
) -> None:
    space = app.resource(Embedder).space
    vector = "[" + ",".join(map(str, np.eye(1, space.dimension)[0].tolist())) + "]"
    distance = f"embedding::halfvec({space.dimension}) <=> '{vector}'::halfvec({space.dimension})"
    explain("select set_config('enable_sort', 'off', false)", [])
    plan = explain(
        f"select passage_id from (select passage_id, item_id, {distance} as distance from embedding.vectors"
        f" where tenant_id = %s and space_id = {space.space_id} and collection_id = %s order by {distance}) m"
        " where exists (select from collections.items i where i.tenant_id = %s and i.id = m.item_id"
        " and i.visibility = any('{public}')) limit 20",
        [tenant, await collection_id(app, tenant), tenant],
    )
    indexes = set(re.findall(r"Index Scan using (vectors_p\S+)", plan))
    assert len(indexes) == 1
    assert indexes.pop().endswith(f"_s{space.space_id}_m16")
    assert "Sort" not in plan
    assert "Seq Scan" not in plan


async def test_search_takes_the_plan_its_counts_call_for(
    app: App, tenant: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await run_search(app, tenant, monkeypatch) == "approximate"
    narrow = Filter(facets={"shape": "s7"})
    assert await run_search(app, tenant, monkeypatch, filter=narrow) == "exact"


async def test_exact_search_compares_every_vector_and_never_asks_the_index(
    app: App, tenant: UUID, explain: Explain
) -> None:
    dimension = app.resource(Embedder).space.dimension
    vector = "[" + ",".join(map(str, np.eye(1, dimension)[0].tolist())) + "]"
    plan = explain(
        "select passage_id from embedding.vectors where tenant_id = %s and space_id = 1 and collection_id = %s"
        f" order by embedding <=> '{vector}'::halfvec, passage_id limit 10",
        [tenant, await collection_id(app, tenant)],
    )
    assert "hnsw" not in plan
    assert "_m16" not in plan
    assert "Sort" in plan
