"""Changing a tenant's model on a real database: fill, compare, cut over, go back, drop; and what goes wrong."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from uuid import UUID

import httpx
import msgspec
import pytest
from tests.engine.stub_provider import StubProvider

from likewise.app import Server, list_features, open_app
from likewise.engine import clusters, recommend
from likewise.engine.clusters.consumers import consumer as clusters_consumer
from likewise.engine.clusters.service import build as build_clusters
from likewise.engine.clusters.service import refine as refine_clusters
from likewise.engine.collections import Collection, ItemDraft, ensure_collection, put_items
from likewise.engine.collections.service import wait_until_searchable
from likewise.engine.embedding import service, store
from likewise.engine.embedding.model import Space
from likewise.engine.embedding.service.comparing import NothingToCompare
from likewise.engine.embedding.service.runtime import ModelUnknown
from likewise.engine.embedding.service.spaces import (
    AlreadyServing,
    ChangeUnderWay,
    NotFilledYet,
    NothingToCutOver,
    PassagesFailed,
)
from likewise.engine.recommend.consumers import consumer as recommend_consumer
from likewise.engine.recommend.service import Keeper
from likewise.engine.search import SearchRequest, SimilarRequest, find_similar, search
from likewise.engine.search.model import Answer, Example
from likewise.http.asgi import build_asgi
from likewise.platform.config import Settings
from likewise.platform.db import Database, Statement
from likewise.platform.events import drain
from likewise.platform.feature import App
from likewise.platform.jobs import foreground
from likewise.platform.tenancy import create_key
from likewise.worker import run

DIMENSION = 8
NAME = "notes"
NOTES = [
    ItemDraft(key=f"n{number}", body=f"note number {number} about {word}")
    for number, word in enumerate(
        ["rivers", "lakes", "hills", "roads", "trains", "boats", "birds", "trees", "stones", "clouds", "stars", "moons"]
    )
]
POISON = "POISON"


class Row(msgspec.Struct, frozen=True):
    """One number."""

    count: int


@pytest.fixture
def stub() -> Iterator[StubProvider]:
    with StubProvider(dimension=DIMENSION, poison=POISON) as running:
        yield running


@asynccontextmanager
async def opened(server: Server, settings: Settings, stub: StubProvider, **flags: object) -> AsyncGenerator[App]:
    """An application of the fake model that can also reach the stub's."""
    given = {
        "home": settings.home,
        "embedding_model": "fake",
        "database_pool_max": 6,
        "embedding_provider_url": stub.url,
        "embedding_provider_dimension": DIMENSION,
        "embedding_provider_backoff_s": 0.01,
        "embedding_change_poll_s": 0.05,
        "embedding_change_batch_rows": 5,
        "embedding_drop_grace_s": 0,
        **flags,
    }
    async with open_app(Settings(given, file=settings.home / "none.toml"), server=server) as app:
        yield app


@pytest.fixture
async def other(server: Server, settings: Settings, stub: StubProvider) -> AsyncIterator[App]:
    async with opened(server, settings, stub) as app:
        yield app


@asynccontextmanager
async def embedding(app: App) -> AsyncGenerator[None]:
    """The pipeline runs meanwhile."""
    pipeline = asyncio.create_task(service.run_pipeline(app))
    try:
        yield
    finally:
        pipeline.cancel()
        await asyncio.gather(pipeline, return_exceptions=True)


async def write(app: App, tenant_id: UUID, *drafts: ItemDraft) -> Collection:
    """Store items and wait until they can be searched."""
    collection = await ensure_collection(app, tenant_id, name=NAME, facets={})
    await put_items(app, tenant_id, collection=collection, drafts=drafts)
    await wait_until_searchable(app, tenant_id, collection=NAME)
    return collection


async def begin(app: App, tenant_id: UUID) -> Space:
    space = await service.find_target(app, model="openai")
    async with app.db.tenant(tenant_id) as tx:
        await service.begin_change(tx, space=space)
    return space


async def fill(app: App, tenant_id: UUID, space: Space) -> None:
    async with foreground(app.db, tenant_id, kind="change_model") as context:
        await service.fill_other_space(app, context, space_id=space.space_id)


async def drop(app: App, tenant_id: UUID) -> None:
    async with app.db.tenant(tenant_id) as tx:
        space = await service.begin_drop(tx, at=app.clock.now())
    async with foreground(app.db, tenant_id, kind="drop_model") as context:
        await service.drop_other_space(app, context, space_id=space.space_id)


async def vectors(app: App, tenant_id: UUID, space: Space) -> int:
    statement = Statement(
        "tests.count",
        "",
        "select count(*) as count from embedding.vectors where tenant_id = %(t)s and space_id = %(s)s",
        frozenset(),
    )
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        found = await tx.fetch_one(statement, Row, {"t": tenant_id, "s": space.space_id})
    return 0 if found is None else found.count


async def ask(app: App, tenant_id: UUID, text: str, *, k: int = 20) -> Answer:
    return await search(app, tenant_id, SearchRequest(query=text, collection=NAME, arms=("vector",), k=k))


async def state_of(app: App, tenant_id: UUID, space: Space) -> str:
    return next(info.state for info in await service.list_models(app, tenant_id) if info.space_id == space.space_id)


async def test_searches_go_on_while_another_model_fills_and_then_follow_it_at_once(other: App, tenant_id: UUID) -> None:
    async with embedding(other):
        await write(other, tenant_id, *NOTES)
        before = await service.serving_space(other, tenant_id)
        space = await begin(other, tenant_id)
        assert len((await ask(other, tenant_id, "rivers")).data) == len(NOTES)
        await fill(other, tenant_id, space)
        assert await state_of(other, tenant_id, space) == "ready"
        assert (await service.serving_space(other, tenant_id)) == before
        await service.cut_over(other, tenant_id)
    assert (await service.serving_space(other, tenant_id)).space_id == space.space_id
    assert await state_of(other, tenant_id, before) == "previous"
    answer = await ask(other, tenant_id, NOTES[3].body)
    assert len(answer.data) == len(NOTES)
    assert answer.data[0].key == NOTES[3].key
    assert answer.data[0].score == pytest.approx(1 / 61)
    alike = await find_similar(
        other, tenant_id, SimilarRequest(collection=NAME, positive=(Example(key="n1"), Example(text="trains")), k=3)
    )
    assert len(alike.data) == 3


async def test_what_is_written_during_and_after_a_change_is_in_both_spaces_until_one_is_dropped(
    other: App, tenant_id: UUID
) -> None:
    async with embedding(other):
        await write(other, tenant_id, *NOTES[:6])
        before = await service.serving_space(other, tenant_id)
        space = await begin(other, tenant_id)
        await write(other, tenant_id, *NOTES[6:9])
        await fill(other, tenant_id, space)
        await service.cut_over(other, tenant_id)
        await write(other, tenant_id, *NOTES[9:])
        await settle(other, tenant_id, before)
        assert (await vectors(other, tenant_id, before), await vectors(other, tenant_id, space)) == (12, 12)
        await service.cut_over(other, tenant_id)  # back again
        assert (await service.serving_space(other, tenant_id)).space_id == before.space_id
        assert len((await ask(other, tenant_id, "clouds")).data) == len(NOTES)
        await drop(other, tenant_id)
        assert (await vectors(other, tenant_id, before), await vectors(other, tenant_id, space)) == (12, 0)
        assert await state_of(other, tenant_id, space) == "unused"
        await write(other, tenant_id, ItemDraft(key="late", body="one more note"))
    assert (await vectors(other, tenant_id, before), await vectors(other, tenant_id, space)) == (13, 0)


async def settle(app: App, tenant_id: UUID, space: Space) -> None:
    """Wait until nothing waits for a space."""
    async with asyncio.timeout(30):
        while True:
            async with app.db.tenant(tenant_id, read_only=True) as tx:
                if not (await store.count_space(tx, space_id=space.space_id, limit=10)).waiting:
                    return
            await asyncio.sleep(0.01)


async def test_fill_waits_for_a_writer_that_began_before_the_change(other: App, tenant_id: UUID) -> None:
    """Its passages are queued for one space only, and are not visible to whoever looks before it commits."""
    async with embedding(other):
        collection = await write(other, tenant_id, *NOTES[:3])
        async with other.db.tenant(tenant_id) as tx:
            await put_inside(other, tx, collection)
            space = await begin(other, tenant_id)
            filling = asyncio.create_task(fill(other, tenant_id, space))
            done, _ = await asyncio.wait({filling}, timeout=0.5)
            assert not done
        await filling
        await wait_until_searchable(other, tenant_id, collection=NAME)
    assert await vectors(other, tenant_id, space) == 4


async def put_inside(app: App, tx: object, collection: Collection) -> None:
    """One more item in a transaction that somebody else keeps open."""
    from likewise.engine.collections import logic
    from likewise.engine.collections.service.writing import _plan, _write

    rows = logic.prepare([ItemDraft(key="slow", body="a slow writer's note")], tokens_max=200, overlap_tokens=20)
    assert await _write(app, tx, collection, await _plan(tx, collection, rows), urgent=False)  # type: ignore[arg-type]


async def test_a_change_that_was_interrupted_goes_on(other: App, tenant_id: UUID) -> None:
    async with embedding(other):
        await write(other, tenant_id, *NOTES)
    space = await begin(other, tenant_id)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await fill(other, tenant_id, space)  # nobody embeds, so it waits
    assert await state_of(other, tenant_id, space) == "filling"
    with pytest.raises(NotFilledYet):
        await service.cut_over(other, tenant_id)
    async with embedding(other):
        await fill(other, tenant_id, space)
    assert await vectors(other, tenant_id, space) == len(NOTES)


async def test_failed_passages_must_be_accepted_or_mended_before_cutting_over(
    other: App, tenant_id: UUID, stub: StubProvider
) -> None:
    async with embedding(other):
        await write(other, tenant_id, *NOTES[:4], ItemDraft(key="bad", body=f"{POISON} is what no provider takes"))
        space = await begin(other, tenant_id)
        await fill(other, tenant_id, space)
        with pytest.raises(PassagesFailed):
            await service.cut_over(other, tenant_id)
        stub.poison = None
        assert await service.retry_failed(other, tenant_id) == 1
        await settle(other, tenant_id, space)
        await service.cut_over(other, tenant_id)
    assert await vectors(other, tenant_id, space) == 5


async def test_changes_that_make_no_sense_are_refused(other: App, tenant_id: UUID) -> None:
    for refused in (service.cut_over(other, tenant_id), drop(other, tenant_id)):
        with pytest.raises(NothingToCutOver):
            await refused
    with pytest.raises(ModelUnknown):
        await service.find_target(other, model="oracle")
    serving = await service.serving_space(other, tenant_id)
    async with other.db.tenant(tenant_id) as tx:
        with pytest.raises(AlreadyServing):
            await service.begin_change(tx, space=serving)
    await begin(other, tenant_id)
    with pytest.raises(ChangeUnderWay):
        await begin(other, tenant_id)
    await ensure_collection(other, tenant_id, name=NAME, facets={})
    with pytest.raises(NothingToCompare):
        await service.compare_spaces(other, tenant_id, collection=NAME, queries_max=5, k=10)


async def test_dropping_one_tenants_space_leaves_anothers_alone(
    other: App, tenant_id: UUID, database: Database
) -> None:
    from likewise.platform.tenancy import create_tenant

    bob = (await create_tenant(database, name=f"bob-{tenant_id}")).tenant_id
    async with embedding(other):
        for tenant in (tenant_id, bob):
            await write(other, tenant, *NOTES[:5])
            space = await begin(other, tenant)
            await fill(other, tenant, space)
        await service.cut_over(other, bob)
        await drop(other, tenant_id)
        async with other.db.maintenance() as tx:
            cached = await store.list_cached(
                tx, space_id=space.space_id, hashes=[service.text_hash(space.space_id, NOTES[0].body)]
            )
        assert cached, "the other tenant still uses what is cached"
        assert len((await ask(other, bob, "lakes")).data) == 5
        await service.cut_over(other, bob)
        await drop(other, bob)
    async with other.db.maintenance() as tx:
        assert not await store.list_cached(
            tx, space_id=space.space_id, hashes=[service.text_hash(space.space_id, NOTES[0].body)]
        )


async def test_a_tenants_other_space_does_not_hold_up_its_loads(other: App, tenant_id: UUID) -> None:
    """Waiting until a collection can be searched is waiting for the space that serves."""
    async with embedding(other):
        await write(other, tenant_id, *NOTES[:3])
    await begin(other, tenant_id)
    async with other.db.tenant(tenant_id) as tx:
        await store.queue_passages(
            tx, space_id=(await service.find_target(other, model="openai")).space_id, after=UUID(int=0), limit=100
        )
    async with asyncio.timeout(5):
        await wait_until_searchable(other, tenant_id, collection=NAME)


async def test_comparison_takes_recent_queries_and_else_passages(other: App, tenant_id: UUID) -> None:
    async with embedding(other):
        await write(other, tenant_id, *NOTES)
        space = await begin(other, tenant_id)
        await fill(other, tenant_id, space)
        sampled = await service.compare_spaces(other, tenant_id, collection=NAME, queries_max=6, k=10)
        await ask(other, tenant_id, "rivers and lakes")
        await ask(other, tenant_id, "stars and moons")
        asked = await service.compare_spaces(other, tenant_id, collection=NAME, queries_max=6, k=3)
    assert (sampled.source, sampled.queries) == ("sampled passages", 6)
    assert 0.8 <= sampled.overlap <= 1  # ten of the eleven others
    assert (asked.source, asked.queries) == ("recent queries", 2)
    assert {example.query for example in asked.examples} == {"rivers and lakes", "stars and moons"}
    for example in asked.examples:
        assert len(example.only_serving) == len(example.only_other) == round((1 - example.overlap) * 3)


async def test_identical_spaces_overlap_wholly(other: App, tenant_id: UUID) -> None:
    """The comparison itself takes nothing away: a space against a copy of itself agrees on every query."""
    async with embedding(other):
        await write(other, tenant_id, *NOTES)
        before = await service.serving_space(other, tenant_id)
        space = await begin(other, tenant_id)
        await fill(other, tenant_id, space)
    async with other.db.tenant(tenant_id) as tx:
        await tx.execute(
            Statement(
                "tests.copy",
                "",
                "update embedding.vectors v set embedding = o.embedding from embedding.vectors o"
                " where v.tenant_id = %(t)s and v.space_id = %(to)s and o.tenant_id = %(t)s and o.space_id = %(from)s"
                " and o.passage_id = v.passage_id",
                frozenset(),
            ),
            {"t": tenant_id, "to": space.space_id, "from": before.space_id},
        )
    found = await service.compare_spaces(other, tenant_id, collection=NAME, queries_max=5, k=10)
    assert (found.overlap, found.overlap_least) == (1, 1)


async def test_estimate_of_a_change_counts_texts_money_and_bytes_and_does_nothing(
    other: App, tenant_id: UUID, stub: StubProvider
) -> None:
    async with embedding(other):
        await write(other, tenant_id, *NOTES, ItemDraft(key="again", body=NOTES[0].body))
    stub.asked.clear()
    estimate = await service.estimate_change(other, tenant_id, model="openai")
    assert (estimate.texts, estimate.cached_texts) == (13, 0)
    assert estimate.tokens >= sum(len(note.body) // 4 for note in NOTES)
    assert estimate.cost_usd == pytest.approx(estimate.tokens * 0.02 / 1e6)
    assert estimate.minutes is None  # nobody knows how fast a provider is that was never asked
    assert estimate.vector_bytes == 13 * (2 * DIMENSION + 22)
    assert not stub.asked
    assert (await service.estimate_change(other, tenant_id, model="fake")).cached_texts == 13


async def test_whole_change_over_http_as_operations(other: App, tenant_id: UUID) -> None:
    key = await create_key(other.db, tenant_id, name="admin", scopes=["read", "write", "admin"])
    stop = asyncio.Event()
    transport = httpx.ASGITransport(build_asgi(other, list_features(), keyless=False, sections=[]))
    headers = {"authorization": f"Bearer {key.key}"}
    async with (
        embedding(other),
        httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as http,
    ):
        working = asyncio.create_task(run(other, [], stop=stop))
        try:
            await write(other, tenant_id, *NOTES)
            estimate = await http.post("/api/v1/models/change/estimate", json={"model": "openai"})
            assert estimate.json()["texts"] == len(NOTES)
            started = await http.post("/api/v1/models/change", json={"model": "openai"})
            assert started.status_code == 202, started.text
            await ended(http, started.json()["operation"])
            compared = await http.post("/api/v1/models/compare", json={"collection": NAME, "queries": 3})
            assert compared.json()["queries"] == 3
            assert (await http.post("/api/v1/models/cut_over", json={})).json()["model"] == "openai"
            states = {info["model"]: info["state"] for info in (await http.get("/api/v1/models")).json()["data"]}
            assert (states["fake"], states["openai"]) == ("previous", "serving")
            dropped = await http.post("/api/v1/models/drop")
            result = await ended(http, dropped.json()["operation"])
            assert result["vectors"] == len(NOTES)
            usage = (await http.get("/api/v1/models/usage")).json()
            assert usage["texts"] >= 2 * len(NOTES)
        finally:
            stop.set()
            await working


async def ended(http: httpx.AsyncClient, operation: str) -> dict[str, object]:
    async with asyncio.timeout(60):
        while True:
            found = (await http.get(f"/api/v1/operations/{operation}")).json()
            if found["status"] not in {"queued", "running"}:
                assert found["status"] == "succeeded", found
                return found["result"]
            await asyncio.sleep(0.05)


async def change_model(app: App, tenant_id: UUID) -> None:
    """Fill the provider's space and serve from it."""
    await fill(app, tenant_id, await begin(app, tenant_id))
    await service.cut_over(app, tenant_id)


async def test_clusters_follow_a_tenant_into_another_space(other: App, tenant_id: UUID) -> None:
    async with embedding(other):
        collection = await write(other, tenant_id, *NOTES)
        await clusters.group_collection(other, tenant_id, collection=NAME)
        async with foreground(other.db, tenant_id, kind="build") as context:
            await build_clusters(other, context, collection.id)
        before = await clusters.list_clusters(other, tenant_id, collection=NAME, limit=50)
        await change_model(other, tenant_id)
        await write(other, tenant_id, ItemDraft(key="late", body=NOTES[0].body + " and rivers"))
        await drain(other.db, [clusters_consumer(other)])
        meanwhile = await clusters.list_clusters(other, tenant_id, collection=NAME, limit=50)
        assert sum(cluster.item_count for cluster in meanwhile) == len(NOTES) + 1
        async with foreground(other.db, tenant_id, kind="refine") as context:
            await refine_clusters(other, context, collection.id)
        after = await clusters.list_clusters(other, tenant_id, collection=NAME, limit=50)
    assert sum(cluster.item_count for cluster in after) == len(NOTES) + 1
    assert {cluster.id for cluster in after} & {cluster.id for cluster in before}


async def test_people_alike_by_meaning_follow_a_tenant_into_another_space(other: App, tenant_id: UUID) -> None:
    deeds = [recommend.Interaction(user=user, item=key) for user in ("ann", "bob") for key in ("n1", "n2", "n3")]
    deeds.append(recommend.Interaction(user="cleo", item="n9"))
    async with embedding(other):
        await write(other, tenant_id, *NOTES)
        await recommend.put_interactions(other, tenant_id, collection=NAME, interactions=deeds)
        await keep_people(other)
        before = await alike_to_ann(other, tenant_id)
        await change_model(other, tenant_id)
        await keep_people(other)
        after = await alike_to_ann(other, tenant_id)
    assert before["bob"] == after["bob"] == pytest.approx(1.0, abs=0.01)
    assert before["cleo"] != after["cleo"], "what two texts have in common is not the same to two models"


async def alike_to_ann(app: App, tenant_id: UUID) -> dict[str, float]:
    found = await recommend.list_similar_users(app, tenant_id, collection=NAME, user="ann")
    return {one.user: one.similarity for one in found.data}


async def keep_people(app: App) -> None:
    """Follow what happened, and look at everybody it touched."""
    await drain(app.db, [recommend_consumer(app)])
    keeper = Keeper(app)
    for _ in range(50):
        if not await keeper.look():
            return
    raise AssertionError("the keeper never comes to rest")
