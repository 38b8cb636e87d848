"""The pipeline, the cache and the purse on a real database, with a provider of our own on a real socket."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import msgspec
import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from tests.engine.stub_provider import Reply, StubProvider, failing

from likewise.app import Server, open_app
from likewise.engine.collections import ItemDraft, Mapping, delete_item, ensure_collection, open_reader, put_items
from likewise.engine.collections.service import dry_run, removing, wait_until_searchable
from likewise.engine.embedding import service, store
from likewise.engine.embedding.model import Usage
from likewise.engine.embedding.service.spending import SpendCapReached, TenantPurse, list_spending
from likewise.platform.clock import Clock
from likewise.platform.config import Settings
from likewise.platform.db import Statement, embedded
from likewise.platform.feature import App
from likewise.platform.ids import encode_id, new_id
from likewise.platform.tenancy import create_tenant

DIMENSION = 8
NAME = "notes"
A_DOLLAR_A_TOKEN = 1_000_000.0


class Rows(msgspec.Struct, frozen=True):
    """One number."""

    count: int


class SetClock(Clock):
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment


@pytest.fixture
def stub() -> Iterator[StubProvider]:
    with StubProvider(dimension=DIMENSION, poison="POISON") as running:
        yield running


@pytest.fixture
def fresh(postgres: embedded.Server, template: str) -> Iterator[Server]:
    """A database whose first model is the one that is opened first."""
    name = f"test_{encode_id('fresh', new_id())[-20:]}"
    with psycopg.connect(postgres.superuser_url, autocommit=True) as outside:
        create = sql.SQL("create database {} template {} owner likewise_owner")
        outside.execute(create.format(sql.Identifier(name), sql.Identifier(template)))
        url = make_conninfo(postgres.owner_url, dbname=name)
        yield Server(url, b"0" * 32, embedded=True, release=lambda: None)
        outside.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@asynccontextmanager
async def opened(
    fresh: Server, settings: Settings, stub: StubProvider, *, clock: Clock | None = None, **flags: object
) -> AsyncGenerator[App]:
    given = {
        "home": settings.home,
        "database_pool_max": 4,
        "embedding_model": "openai",
        "embedding_provider_url": stub.url,
        "embedding_provider_dimension": DIMENSION,
        "embedding_provider_price_per_million_tokens_usd": A_DOLLAR_A_TOKEN,
        "embedding_provider_backoff_s": 0.01,
        "embedding_retry_backoff_s": 0.01,
        "embedding_poll_interval_s": 0.05,
        "embedding_spend_recheck_s": 0.05,
        **flags,
    }
    async with open_app(Settings(given, file=settings.home / "none.toml"), server=fresh, clock=clock) as app:
        yield app


@pytest.fixture
async def provided(fresh: Server, settings: Settings, stub: StubProvider) -> AsyncIterator[App]:
    async with opened(fresh, settings, stub) as app:
        yield app


async def someone(app: App) -> UUID:
    return (await create_tenant(app.db, name=encode_id("test", new_id()))).tenant_id


async def write(app: App, tenant_id: UUID, *bodies: str) -> None:
    collection = await ensure_collection(app, tenant_id, name=NAME, facets={})
    drafts = [ItemDraft(key=body, body=body) for body in bodies]
    await put_items(app, tenant_id, collection=collection, drafts=drafts)


@asynccontextmanager
async def embedding(app: App) -> AsyncGenerator[None]:
    pipeline = asyncio.create_task(service.run_pipeline(app))
    try:
        yield
    finally:
        pipeline.cancel()
        await asyncio.gather(pipeline, return_exceptions=True)


async def embed_all(app: App, tenant_id: UUID) -> None:
    async with asyncio.timeout(30), embedding(app):
        await wait_until_searchable(app, tenant_id, collection=NAME)


async def count(app: App, query: str) -> int:
    async with app.db.maintenance() as tx:
        found = await tx.fetch_one(Statement("tests.count", "", query, frozenset()), Rows)  # type: ignore[arg-type]
    return 0 if found is None else found.count


async def test_cache_tells_what_it_saved_in_texts_calls_and_money(provided: App, stub: StubProvider) -> None:
    ada, bob = await someone(provided), await someone(provided)
    await write(provided, ada, "red door", "blue door")
    await embed_all(provided, ada)
    await write(provided, bob, "red door", "green door")
    await embed_all(provided, bob)
    await write(provided, bob, "blue door ")
    await embed_all(provided, bob)
    assert [sorted(asked.texts) for asked in stub.asked] == [["blue door", "red door"], ["green door"]]
    mine, theirs = await service.read_usage(provided, ada, days=1), await service.read_usage(provided, bob, days=1)
    assert figures(mine) == (2, 0, 1, 0)
    assert figures(theirs) == (3, 2, 1, 1)
    assert theirs.hit_rate == pytest.approx(2 / 3)
    assert theirs.saved_usd == pytest.approx(theirs.saved_tokens)
    assert theirs.saved_tokens == 3 + 4
    assert theirs.spending[0].spent_usd == theirs.tokens == 4


def figures(usage: Usage) -> tuple[int, int, int, int]:
    return usage.texts, usage.cached_texts, usage.calls, usage.saved_calls


async def test_cache_is_brought_within_its_rows_and_its_age_least_recently_used_first(
    fresh: Server, settings: Settings, stub: StubProvider
) -> None:
    async with opened(fresh, settings, stub, embedding_cache_rows_max=3, embedding_cache_ttl_days=30) as app:
        ada = await someone(app)
        await write(app, ada, *(f"line {number}" for number in range(8)))
        await embed_all(app, ada)
        async with app.db.owner_connection() as connection:
            await connection.execute(
                "update embedding.cache c set used_at = now() - n.place * interval '5 days'"
                " from (select hash, row_number() over (order by hash) as place from embedding.cache) n"
                " where c.hash = n.hash"
            )
        assert await service.trim_cache(app) == 5
        left = await count(
            app, "select count(*) as count from embedding.cache where used_at > now() - interval '16 days'"
        )
        assert left == await count(app, "select count(*) as count from embedding.cache") == 3


async def test_spend_of_many_processes_at_once_never_exceeds_the_cap(
    fresh: Server, settings: Settings, stub: StubProvider
) -> None:
    caps = {"embedding_spend_cap_day_usd": 100, "embedding_spend_cap_month_usd": 90}
    async with (
        opened(fresh, settings, stub, clock=None, **caps) as one,
        opened(fresh, settings, stub, clock=None, **caps) as two,
    ):
        ada = await someone(one)
        purses = [TenantPurse(app, ada, price_per_million_tokens_usd=A_DOLLAR_A_TOKEN) for app in (one, two)]
        granted = await asyncio.gather(*(attempt(purses[n % 2], 7) for n in range(20)))
        assert sum(granted) == 12  # 84 of 90: the month is narrower
        day, month = await list_spending(one, ada)
        assert (day.spent_usd, month.spent_usd) == (84, 84)  # a refusal takes from neither
        await purses[0].release(7)
        assert await attempt(purses[1], 7)
        assert not await attempt(purses[1], 7)


async def attempt(purse: TenantPurse, tokens: int) -> bool:
    try:
        await purse.reserve(tokens)
    except SpendCapReached:
        return False
    return True


async def test_texts_beyond_the_cap_wait_with_the_reason_until_the_next_day(
    fresh: Server, settings: Settings, stub: StubProvider
) -> None:
    clock = SetClock()
    flags: dict[str, object] = {"embedding_spend_cap_day_usd": 10, "embedding_batch_texts_max": 2}
    async with opened(fresh, settings, stub, clock=clock, **flags) as app:
        ada, bob = await someone(app), await someone(app)
        await write(app, ada, *(f"line {number}" for number in range(8)))  # three tokens each
        async with embedding(app):
            await until(app, "select count(*) as count from embedding.pending where reason like '%%cap of 10 US%%'", 2)
            await write(app, bob, "bob's line")
            await wait_until_searchable(app, bob, collection=NAME)  # nobody else waits
            assert sum(len(asked.texts) for asked in stub.asked) == 3
            space = await service.serving_space(app, ada)
            with pytest.raises(SpendCapReached) as refused:
                await service.embed_query(app, ada, text="a query of its own", space=space)
            assert refused.value.retry_after_s == 12 * 3600
            for left in (4, 2, 0):
                clock.moment += timedelta(days=1)
                await until(app, "select count(*) as count from embedding.pending", left)


async def until(app: App, query: str, wanted: int) -> None:
    async with asyncio.timeout(20):
        while await count(app, query) != wanted:
            await asyncio.sleep(0.02)


async def test_failed_call_gives_its_money_back_and_a_lost_answer_does_not(provided: App, stub: StubProvider) -> None:
    ada = await someone(provided)
    stub.then(failing(500), failing(429), failing(503))
    await write(provided, ada, "one line")
    await embed_all(provided, ada)
    assert (await list_spending(provided, ada))[0].spent_usd == 3
    stub.script.clear()
    stub.then(Reply(raw=b"nonsense"))
    await write(provided, ada, "two line")
    await embed_all(provided, ada)
    assert (await list_spending(provided, ada))[0].spent_usd == 3 + 2 * 3


async def test_vector_of_a_removed_text_leaves_the_cache_even_where_nobody_came_to_clean_up(
    fresh: Server, settings: Settings, stub: StubProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process ends between the removal's commit and the cleaning."""

    async def killed(*_: object) -> None:
        raise KeyboardInterrupt

    clock = SetClock()
    clock.moment = datetime.now(UTC)
    async with opened(fresh, settings, stub, clock=clock) as app:
        ada = await someone(app)
        await write(app, ada, "a secret", "no secret")
        await embed_all(app, ada)
        with monkeypatch.context() as patch:
            patch.setattr(removing, "_forget_texts", killed)
            with pytest.raises(KeyboardInterrupt):
                await delete_item(app, ada, collection=NAME, key="a secret")
        assert await count(app, "select count(*) as count from embedding.cache") == 2
        assert await service.sweep_forgotten(app) == 0  # a batch may still be under way
        clock.moment += timedelta(hours=1)
        assert await service.sweep_forgotten(app) == 1
        assert await count(app, "select count(*) as count from embedding.cache") == 1


async def test_lease_of_a_living_worker_is_renewed_and_a_dead_ones_batch_is_soon_another_ones(
    fresh: Server, settings: Settings, stub: StubProvider
) -> None:
    async with opened(fresh, settings, stub, embedding_lease_s=0.6, embedding_provider_timeout_s=20) as app:
        ada = await someone(app)
        await write(app, ada, "slow line")
        stub.then(Reply(hang=True))
        async with embedding(app):
            await until_asked(stub, 1)
            first = await leased_until(app)
            await until(app, f"select count(*) as count from embedding.pending where leased_until > '{first}'", 1)
            assert len(stub.asked) == 1  # nobody else took it, although the first lease is over
        await embed_all(app, ada)  # the worker is gone; another one has it after a lease, not after minutes
        assert len(stub.asked) == 2


async def until_asked(stub: StubProvider, requests: int) -> None:
    async with asyncio.timeout(20):
        while len(stub.asked) < requests:
            await asyncio.sleep(0.01)


class Moment(msgspec.Struct, frozen=True):
    """One time."""

    at: datetime


async def leased_until(app: App) -> str:
    async with app.db.maintenance() as tx:
        query = Statement("tests.lease", "", "select leased_until as at from embedding.pending", frozenset())
        found = await tx.fetch_one(query, Moment)
    assert found is not None
    return found.at.isoformat()


async def test_passage_that_is_gone_leaves_the_queue(provided: App) -> None:
    ada = await someone(provided)
    await write(provided, ada, "kept")
    space = await service.serving_space(provided, ada)
    async with provided.db.tenant(ada) as tx:
        await store.insert_pending(tx, collection_id=new_id(), priority=1, passages={new_id(): new_id()})
    async with embedding(provided):
        await until(provided, "select count(*) as count from embedding.pending", 0)
    assert (
        await count(provided, f"select count(*) as count from embedding.vectors where space_id = {space.space_id}") == 1
    )


async def test_another_server_of_the_same_model_answers_while_the_first_one_fails(
    fresh: Server, settings: Settings, stub: StubProvider
) -> None:
    stub.mood = lambda _: failing(500)
    with StubProvider(dimension=DIMENSION) as second:
        async with opened(
            fresh,
            settings,
            stub,
            embedding_provider_fallback_url=second.url,
            embedding_provider_fallback_model="same-model",
        ) as app:
            ada = await someone(app)
            await write(app, ada, "one line", "two lines")
            await embed_all(app, ada)
    assert [asked.body["model"] for asked in second.asked] == ["same-model"]
    assert len(stub.asked) == 1


async def test_dry_run_of_a_load_tells_texts_cached_ones_money_and_bytes_and_stores_nothing(
    provided: App, stub: StubProvider, tmp_path: Path
) -> None:
    ada = await someone(provided)
    await write(provided, ada, "red door")
    await embed_all(provided, ada)
    stub.asked.clear()
    path = tmp_path / "doors.csv"
    path.write_text("id,text\n1,red door\n2,blue door\n3,blue door\n4,green door\n", "utf-8")
    with open_reader(path) as reader:
        mapping = Mapping(text="text", key="id")
        report = await dry_run(provided, ada, reader=reader, collection="doors", mapping=mapping)
    assert report.created == 4
    assert report.estimate == {
        "texts": 4,
        "cached_texts": 1,
        "texts_to_embed": 2,
        "tokens": 8,
        "cost_usd": 8,
        "vector_bytes": 4 * (2 * DIMENSION + 22),
        "index_bytes": 4 * (2 * DIMENSION + 352),
    }
    assert not stub.asked
    assert await count(provided, "select count(*) as count from collections.collections where name = 'doors'") == 0
