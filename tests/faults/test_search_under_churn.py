"""T9: search is complete under churn: filtered queries beside inserts, deletes and vacuum, against exact comparing.

Some items stay from beginning to end; their vectors are known outside the database. Whatever comes and goes beside
them, an answer holds ten, all of them match, and an exact plan passes over none of the staying ones that is nearer than
what it gave. The long form is LIKEWISE_FAULTS_SEARCHES=1000000.
"""

import asyncio
import os
import random
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from uuid import UUID

import msgspec
import numpy as np
import psycopg
import pytest
from numpy.typing import NDArray
from tests.faults.campaign import Campaign, tell

from likewise.engine.collections import (
    FacetKind,
    FacetValue,
    Filter,
    ItemDraft,
    delete_item,
    ensure_collection,
    put_items,
)
from likewise.engine.collections.service import wait_until_searchable
from likewise.engine.embedding import Embedder
from likewise.engine.embedding.service import run_pipeline
from likewise.engine.search import Answer, SearchRequest, build_vector_indexes, search
from likewise.engine.search.service import meaning
from likewise.engine.search.settings import SearchSettings
from likewise.platform.db import Tx
from likewise.platform.feature import App
from likewise.platform.ids import encode_id, new_id
from likewise.platform.tenancy import create_tenant

SEARCHES = int(os.environ.get("LIKEWISE_FAULTS_SEARCHES", "400"))
SEED = int(os.environ.get("LIKEWISE_FAULTS_SEED", "20261121"))
STAYING = 2_400
NAME = "churned"
WANTED = 10
KINDS = {"half": FacetKind.BOOLEAN, "tenth": FacetKind.KEYWORD, "number": FacetKind.NUMBER}
WISHES: list[tuple[Filter, Callable[[int], bool]]] = [
    (Filter(), lambda _: True),
    (Filter(facets={"half": True}), lambda number: number % 2 == 0),
    (Filter(facets={"tenth": "yes"}), lambda number: number % 10 == 0),
    (Filter(facets={"number": {"lt": 60}}), lambda number: number < 60),
    (Filter(facets={"half": True}, author=("author3",)), lambda number: number % 2 == 0 and number % 7 == 3),
]


class Outcome(msgspec.Struct):
    """What a campaign saw. `short`: answers of fewer than ten; `wrong`: with what does not match or a nearer one left
    out by an exact plan; `held`: of what an index gave, the share that is among the nearest."""

    answered: int = 0
    short: int = 0
    wrong: int = 0
    churned: int = 0
    vacuums: int = 0
    worst_ms: float = 0
    held: list[float] = []


def draft(key: str, number: int, words: str) -> ItemDraft:
    facets: dict[str, FacetValue] = {
        "half": number % 2 == 0,
        "tenth": "yes" if number % 10 == 0 else "no",
        "number": number,
    }
    return ItemDraft(key=key, body=words, facets=facets, author=f"author{number % 7}")


class Staying:
    """The items that stay, and their vectors as the model gave them: what exact comparing would find among them."""

    def __init__(self, texts: list[str], vectors: NDArray[np.float32]) -> None:
        self.texts = texts
        self.vectors = vectors.astype(np.float16).astype(np.float32)

    def scores(self, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """The similarity of each, cosine as pgvector computes it."""
        asked = query.astype(np.float16).astype(np.float32)
        return self.vectors @ asked / (np.linalg.norm(self.vectors, axis=1) * np.linalg.norm(asked))


@asynccontextmanager
async def churned_collection(app: App) -> AsyncGenerator[tuple[UUID, Staying]]:
    """A tenant with its staying items, indexed, and the pipeline that embeds newcomers."""
    chance = random.Random(SEED)
    tenant_id = (await create_tenant(app.db, name=encode_id("churn", new_id()))).tenant_id
    collection = await ensure_collection(app, tenant_id, name=NAME, facets=KINDS)
    texts = [" ".join(f"word{chance.randrange(400)}" for _ in range(8)) for _ in range(STAYING)]
    drafts = [draft(str(number), number, text) for number, text in enumerate(texts)]
    pipeline = asyncio.create_task(run_pipeline(app))
    try:
        for start in range(0, STAYING, 800):
            await put_items(app, tenant_id, collection=collection, drafts=drafts[start : start + 800])
        await wait_until_searchable(app, tenant_id, collection=NAME)
        async with app.db.owner_connection() as connection:
            await connection.execute("analyze embedding.vectors")
        await build_vector_indexes(app, rows_min=STAYING // 2)
        vectors = await app.resource(Embedder).model.embed(texts, purpose="passage")
        yield tenant_id, Staying(texts, vectors)
    finally:
        pipeline.cancel()
        await asyncio.gather(pipeline, return_exceptions=True)


async def churn(app: App, tenant_id: UUID, outcome: Outcome, *, stop: asyncio.Event) -> None:
    """Items come and go, dead rows are swept up, until `stop`. Every newcomer has half the words of a staying item."""
    chance = random.Random(SEED + 1)
    collection = await ensure_collection(app, tenant_id, name=NAME, facets=KINDS)
    async with await psycopg.AsyncConnection.connect(app.db.owner_url, autocommit=True) as connection:
        while not stop.is_set():
            numbers = [chance.randrange(STAYING) for _ in range(20)]
            keys = [f"n{new_id().hex}" for _ in numbers]
            words = [" ".join(f"word{chance.randrange(400)}" for _ in range(8)) for _ in numbers]
            drafts = [draft(key, number, text) for key, number, text in zip(keys, numbers, words, strict=True)]
            await put_items(app, tenant_id, collection=collection, drafts=drafts)
            for key in keys[: chance.randrange(10, 20)]:
                await delete_item(app, tenant_id, collection=NAME, key=key)
            outcome.churned += len(keys)
            if chance.random() < 0.3:
                await connection.execute("vacuum embedding.vectors, collections.items")
                outcome.vacuums += 1


def judge(answer: Answer, staying: Staying, query: NDArray[np.float32], matches: Callable[[int], bool]) -> Outcome:
    """One answer against the staying items."""
    found: dict[str, float] = {
        result.key: result.explain.vector.score for result in answer.data if result.explain and result.explain.vector
    }
    seen = Outcome(answered=1, short=int(len(answer.data) < WANTED))
    numbers = [int(str(result.facets["number"])) for result in answer.data]
    seen.wrong += int(not all(matches(number) for number in numbers))
    scores = staying.scores(query)
    worst = min(found.values(), default=1.0)
    nearer = [n for n in range(STAYING) if matches(n) and scores[n] > worst + 1e-3]
    held = sum(str(n) in found for n in nearer)
    if answer.plan == "exact":
        seen.wrong += int(held < len(nearer))
    elif nearer:
        seen.held.append(held / len(nearer))
    return seen


async def campaign(app: App, *, searches: int) -> Outcome:
    """Search beside the churn."""
    outcome, stop, chance = Outcome(), asyncio.Event(), random.Random(SEED + 2)
    async with churned_collection(app) as (tenant_id, staying):
        churning = asyncio.create_task(churn(app, tenant_id, outcome, stop=stop))
        try:
            while outcome.answered < searches or not outcome.vacuums:
                wish, matches = chance.choice(WISHES)
                text = " ".join(chance.choice(staying.texts).split()[:4])
                query = (await app.resource(Embedder).model.embed([text], purpose="query"))[0]
                request = SearchRequest(query=text, collection=NAME, arms=("vector",), filter=wish, explain=True)
                started = time.perf_counter()
                answer = await search(app, tenant_id, request)
                outcome.worst_ms = max(outcome.worst_ms, 1000 * (time.perf_counter() - started))
                one = judge(answer, staying, query, matches)
                outcome.answered += one.answered
                outcome.short += one.short
                outcome.wrong += one.wrong
                outcome.held += one.held
                if churning.done():
                    churning.result()
        finally:
            stop.set()
            await churning
    return outcome


@pytest.fixture
def large(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every collection of more than a hundred passages is searched through the index where that is cheaper."""
    real = type(app.settings).get
    changed = app.settings.get(SearchSettings).model_copy(update={"exact_rows_max": 100})
    monkeypatch.setattr(
        type(app.settings), "get", lambda self, kind: changed if kind is SearchSettings else real(self, kind)
    )


@pytest.mark.slow
@pytest.mark.usefixtures("large")
async def test_no_answer_is_short_or_wrong_while_items_come_and_go(
    app: App, record_property: Callable[[str, object], None]
) -> None:
    outcome = await campaign(app, searches=SEARCHES)
    tell(
        Campaign(
            promise=f"T9 (recall by index {float(np.mean(outcome.held or [1.0])):.2f} of near-orthogonal vectors)",
            trials=outcome.answered,
            faults=outcome.churned + outcome.vacuums,
            acknowledged=outcome.answered,
            lost=outcome.short,
            duplicated=0,
            leaked=outcome.wrong,
            worst_ms=outcome.worst_ms,
            seed=SEED,
        ),
        record_property,
    )
    assert outcome.churned > 0
    assert (outcome.short, outcome.wrong) == (0, 0)
    assert outcome.held, "no answer came from the index"


@pytest.mark.slow
@pytest.mark.usefixtures("large")
async def test_one_plain_scan_of_the_index_would_answer_short(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """The broken variant: what the index gives first is filtered, and nobody looks on."""
    settle = Tx.settle

    async def plainly(self: Tx, **settings: int | str) -> None:
        if "hnsw__iterative_scan" in settings:
            settings["hnsw__iterative_scan"] = "off"
        await settle(self, **settings)

    async def contented(tx: Tx, **given: object) -> list[UUID]:
        del tx, given
        return []

    monkeypatch.setattr(Tx, "settle", plainly)
    monkeypatch.setattr(meaning, "_WIDENINGS", 0)
    monkeypatch.setattr(meaning.store, "list_matching_items", contented)
    outcome = await campaign(app, searches=min(SEARCHES, 60))
    assert outcome.short > 0
