"""T18: whatever an embedding provider does, every document ends, nothing useless is stored, and the spend cap holds.

A server that answers like a provider (real sockets) answers properly, with 429, 500 and 503, not at all, with a broken
connection, or with garbage under status 200: too few vectors, too short ones, NaN, zero, doubled places, no JSON. Some
texts are always refused, and of some the vector is always zero. Two applications share the work on one database. What
the provider may have billed is counted on its side, by tenant. The long form is LIKEWISE_FAULTS_TEXTS=20000.
"""

import asyncio
import os
import random
import threading
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import UUID

import msgspec
import numpy as np
import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from tests.engine.stub_provider import Reply, StubProvider, failing, vector_of
from tests.faults.campaign import Campaign, tell

from likewise.app import Server, open_app
from likewise.engine.collections import ItemDraft, ensure_collection, put_items
from likewise.engine.embedding import service
from likewise.engine.embedding.models import endpoint, wire
from likewise.engine.embedding.models.checks import normalise_rows
from likewise.engine.embedding.models.provider import BYTES_PER_TOKEN
from likewise.engine.embedding.service import caching
from likewise.platform.config import Settings
from likewise.platform.db import embedded
from likewise.platform.feature import App
from likewise.platform.ids import encode_id, new_id
from likewise.platform.tenancy import create_tenant

TEXTS = int(os.environ.get("LIKEWISE_FAULTS_TEXTS", "80"))
SEED = int(os.environ.get("LIKEWISE_FAULTS_SEED", "20261121"))
DIMENSION = 8
COLLECTION = "diary"
TENANTS = ("ada", "bob", "cy")
REFUSED, ZERO = "REFUSED", "NOTHING"
PRICE = 1_000_000.0  # a US dollar a token, so that sums are whole
SHARE_CALM = 0.5
DEADLINE_S = 60.0 + TEXTS / 20
EXACT = 0.999


class Provider:
    """What the stub does, by chance, and what it would write on the bill of whom."""

    def __init__(self) -> None:
        self.billed: Counter[str] = Counter()
        self.faults = 0
        self.is_calm = False
        self._chance = random.Random(SEED)
        self._lock = threading.Lock()

    def mood(self, texts: Sequence[str]) -> Reply:
        """The next reply. An answer, useless or lost on the way, is billed; a refusal is not."""
        with self._lock:
            if any(REFUSED in text for text in texts):
                return failing(400, "a text is not acceptable")
            if not self.is_calm and self._chance.random() >= SHARE_CALM:
                self.faults += 1
                reply, is_billed = self._chance.choice(FAULTS)
            else:
                reply, is_billed = Reply(vectors=shuffled(texts, self._chance)), True
            if is_billed:
                for text in texts:
                    self.billed[text.split()[0]] += 1 + len(text.encode()) // BYTES_PER_TOKEN
            return reply


def shuffled(texts: Sequence[str], chance: random.Random) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]]]:
    """The proper answer in some order, but for texts that mean nothing."""

    def rewrite(data: list[dict[str, Any]]) -> list[dict[str, Any]]:
        rows = [
            {**row, "embedding": [0.0] * DIMENSION} if ZERO in text else row
            for row, text in zip(data, texts, strict=True)
        ]
        return chance.sample(rows, len(rows))

    return rewrite


def spoil(change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> tuple[Reply, bool]:
    return Reply(vectors=change), True


FAULTS: Sequence[tuple[Reply, bool]] = (
    (failing(429, "slow down"), False),
    (failing(429, "slow down", retry_after="0.05"), False),
    (failing(500), False),
    (failing(503, retry_after="0.05"), False),
    (Reply(hang=True), True),
    (Reply(reset=True), True),
    (Reply(raw=b"<html>all is well</html>"), True),
    (Reply(raw=b'{"data": []}'), True),
    spoil(lambda data: data[1:]),
    # One place for all, and none of the batch's: of a single text 0 would be the right one.
    spoil(lambda data: [{**row, "index": len(data)} for row in data]),
    spoil(lambda data: [{**row, "embedding": row["embedding"][:-1]} for row in data]),
    spoil(lambda data: [{**row, "embedding": [float("nan")] * DIMENSION} for row in data]),
    spoil(lambda data: [{**row, "embedding": [0.0] * DIMENSION} for row in data]),
)


class Outcome(msgspec.Struct):
    """What a campaign found. `wrong`: vectors that are not their text's; `overspent`: tenants billed beyond the cap."""

    ended: int = 0
    lost: list[str] = []
    wrong: list[str] = []
    overspent: list[str] = []


class World(msgspec.Struct):
    """A database of its own, the provider, and three tenants with their texts."""

    server: Server
    settings: Settings
    stub: StubProvider
    provider: Provider
    url: str
    tenants: dict[str, UUID] = {}
    texts: dict[str, list[str]] = {}


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def stub(provider: Provider) -> Iterator[StubProvider]:
    with StubProvider(dimension=DIMENSION, mood=provider.mood) as running:
        yield running


@pytest.fixture
def world(
    postgres: embedded.Server, template: str, settings: Settings, stub: StubProvider, provider: Provider
) -> Iterator[World]:
    name = f"test_{encode_id('chaos', new_id())[-20:]}"
    with psycopg.connect(postgres.superuser_url, autocommit=True) as outside:
        create = sql.SQL("create database {} template {} owner likewise_owner")
        outside.execute(create.format(sql.Identifier(name), sql.Identifier(template)))
        server = Server(make_conninfo(postgres.owner_url, dbname=name), b"0" * 32, embedded=True, release=lambda: None)
        url = make_conninfo(postgres.superuser_url, dbname=name)
        yield World(server=server, settings=settings, stub=stub, provider=provider, url=url)
        outside.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def settings_of(world: World, *, cap_usd: float | None) -> Settings:
    """Short pauses everywhere, so that the campaign takes seconds."""
    flags: dict[str, object] = {
        "home": world.settings.home,
        "database_pool_max": 4,
        "embedding_model": "openai",
        "embedding_provider_url": world.stub.url,
        "embedding_provider_dimension": DIMENSION,
        "embedding_provider_price_per_million_tokens_usd": PRICE,
        "embedding_provider_timeout_s": 0.2,
        "embedding_provider_backoff_s": 0.005,
        "embedding_provider_backoff_max_s": 0.02,
        "embedding_provider_attempts_max": 3,
        "embedding_breaker_open_s": 0.05,
        "embedding_retry_backoff_s": 0.02,
        "embedding_retry_backoff_max_s": 0.1,
        "embedding_poll_interval_s": 0.05,
        "embedding_recover_s": 0.05,
        "embedding_batch_texts_max": 16,
        "embedding_spend_recheck_s": 0.2,
    }
    if cap_usd is not None:
        flags["embedding_spend_cap_day_usd"] = cap_usd
    return Settings(flags, file=world.settings.home / "none.toml")


@asynccontextmanager
async def working(world: World, *, cap_usd: float | None) -> AsyncGenerator[App]:
    """Two applications that embed, as two processes would: each has its own pools, breaker and turn."""
    async with AsyncExitStack() as stack:
        settings = settings_of(world, cap_usd=cap_usd)
        apps = [await stack.enter_async_context(open_app(settings, server=world.server)) for _ in range(2)]
        pipelines = [asyncio.create_task(service.run_pipeline(app)) for app in apps]
        try:
            yield apps[0]
        finally:
            for pipeline in pipelines:
                pipeline.cancel()
            await asyncio.gather(*pipelines, return_exceptions=True)


async def write(app: App, world: World) -> None:
    """Texts that begin with their tenant's name; some come twice, some are poison. The last tenant has most."""
    for place, name in enumerate(TENANTS):
        tenant_id = (await create_tenant(app.db, name=f"{name}-{new_id().hex}")).tenant_id
        count = TEXTS * (1 + 2 * (place == 2))
        texts = [f"{name} writes line {number % (count * 9 // 10)}" for number in range(count)]
        texts += [f"{name} says {REFUSED}", f"{name} says {ZERO}"]
        collection = await ensure_collection(app, tenant_id, name=COLLECTION, facets={})
        drafts = [ItemDraft(key=str(number), body=text) for number, text in enumerate(texts)]
        await put_items(app, tenant_id, collection=collection, drafts=drafts)
        world.tenants[name], world.texts[name] = tenant_id, texts


def waiting(world: World, name: str) -> int:
    return _count(world, "select count(*) from embedding.pending where tenant_id = %s and failed_at is null", name)


def waiting_for_money(world: World, name: str) -> int:
    return _count(
        world,
        "select count(*) from embedding.pending where tenant_id = %s and failed_at is null"
        " and reason like '%%cap of%%'",
        name,
    )


def _count(world: World, query: str, name: str) -> int:
    with psycopg.connect(world.url) as connection:
        row = connection.execute(query.encode(), [world.tenants[name]]).fetchone()
    assert row is not None
    return int(row[0])


async def until(condition: Callable[[], bool]) -> float:
    """Wait for something that must come about; how long it took, milliseconds."""
    started = time.monotonic()
    async with asyncio.timeout(DEADLINE_S):
        while not await asyncio.to_thread(condition):
            await asyncio.sleep(0.05)
    return (time.monotonic() - started) * 1000


def audit(world: World, *, caps: Mapping[str, float]) -> Outcome:
    """Every document against what is stored of it: a vector of its own text, or a failure with a reason."""
    outcome = Outcome()
    with psycopg.connect(world.url) as connection:
        for name, tenant_id in world.tenants.items():
            found = {
                text: np.array(msgspec.json.decode(vector), np.float32)
                for text, vector in connection.execute(
                    "select i.body, v.embedding::text from collections.items i join embedding.vectors v"
                    " on v.tenant_id = i.tenant_id and v.item_id = i.id where i.tenant_id = %s",
                    [tenant_id],
                )
            }
            failed = {
                text
                for (text,) in connection.execute(
                    "select i.body from collections.items i join embedding.pending p on p.tenant_id = i.tenant_id"
                    " and p.item_id = i.id where i.tenant_id = %s and p.failed_at is not null and p.reason <> ''",
                    [tenant_id],
                )
            }
            for text in set(world.texts[name]):
                is_poison = REFUSED in text or ZERO in text
                if text in found:
                    own = normalise_rows(np.array([vector_of(text, DIMENSION)], np.float32))[0]
                    is_own = not is_poison and float(own @ found[text]) > EXACT
                    outcome.wrong += [] if is_own else [text]
                outcome.ended += text in found or text in failed
                if (text in found) == is_poison or (is_poison and text not in failed):
                    outcome.lost.append(text)
            if world.provider.billed[name] > caps.get(name, float("inf")):
                outcome.overspent.append(name)
    return outcome


def cap_of(world: World) -> float:
    """Enough for the small tenants, whatever happens to their texts; far too little for the large one in trouble."""
    return float(sum(1 + len(text) // BYTES_PER_TOKEN for text in world.texts["cy"])) * 0.5


async def fill(world: World) -> float:
    """Write everything while nobody embeds; the cap, in US dollars."""
    async with open_app(settings_of(world, cap_usd=None), server=world.server) as app:
        await write(app, world)
    return cap_of(world)


async def until_settled(world: World, *, cap_usd: float) -> float:
    """Until each tenant has ended or waits for money, or has been billed too much already."""
    return await until(
        lambda: (
            all(waiting(world, name) == 0 or waiting_for_money(world, name) for name in TENANTS)
            or any(world.provider.billed[name] > cap_usd for name in TENANTS)
        )
    )


async def until_ended(world: World) -> float:
    return await until(lambda: all(waiting(world, name) == 0 for name in TENANTS))


@pytest.mark.slow
async def test_every_document_ends_and_the_cap_holds_whatever_the_provider_does(
    world: World, record_property: Callable[[str, object], None]
) -> None:
    cap_usd = await fill(world)
    async with working(world, cap_usd=cap_usd):
        worst_ms = await until_settled(world, cap_usd=cap_usd)
        capped = audit(world, caps=dict.fromkeys(TENANTS, cap_usd))
        held_back = waiting(world, "cy")
    async with working(world, cap_usd=None) as app:
        worst_ms = max(worst_ms, await until_ended(world))
        faults = world.provider.faults
        # A sound text may have met a useless answer each time; it ended with that reason and can be tried again.
        world.provider.is_calm = True
        for tenant_id in world.tenants.values():
            await service.retry_failed(app, tenant_id)
        worst_ms = max(worst_ms, await until_ended(world))
    found = audit(world, caps={})
    documents = sum(len(set(texts)) for texts in world.texts.values())
    tell(
        Campaign(
            promise="T18",
            trials=documents,
            faults=faults,
            acknowledged=found.ended,
            lost=len(found.lost),
            duplicated=0,
            leaked=len(found.wrong) + len(capped.wrong) + len(capped.overspent),
            worst_ms=worst_ms,
            seed=SEED,
        ),
        record_property,
    )
    assert not capped.overspent, "a tenant was billed more than its cap"
    assert held_back, "the cap was never reached, so nothing was tried"
    assert not capped.wrong
    assert not found.wrong
    assert not found.lost
    assert found.ended == documents
    assert faults > documents / 20


async def test_a_purse_that_nobody_asks_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The broken variant: calls that are not paid for beforehand."""
    monkeypatch.setattr(caching, "purse_of", lambda *_: None)
    cap_usd = await fill(world)
    async with working(world, cap_usd=cap_usd):
        await until_settled(world, cap_usd=cap_usd)
        assert audit(world, caps=dict.fromkeys(TENANTS, cap_usd)).overspent


async def test_answers_that_nobody_checks_are_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The broken variant: what comes under status 200 is believed, in the order in which it comes."""

    def believe(body: bytes, *, texts: int, dimension: int) -> Any:
        rows = msgspec.json.decode(body, type=wire._Answer).data
        matrix = np.array([wire._components(row) for row in rows], np.float32)
        return normalise_rows(np.resize(matrix, (texts, dimension)))

    monkeypatch.setattr(endpoint, "read_answer", believe)
    world.provider.is_calm = True
    world.stub.mood = lambda _: Reply(vectors=lambda data: list(reversed(data)))
    await fill(world)
    async with working(world, cap_usd=None):
        await until_ended(world)
    assert audit(world, caps={}).wrong
