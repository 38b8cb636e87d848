"""Search on a real database: arms, filters, paging, never short, vocabulary, similar, record, cursors."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from random import Random
from typing import LiteralString, cast
from uuid import UUID

import httpx
import numpy as np
import psycopg
import pytest

from likewise.app import Server, list_features, open_app
from likewise.engine.collections import (
    Collection,
    CollectionNotFound,
    FacetKind,
    FacetValue,
    Filter,
    FilterRefused,
    ItemDraft,
    Place,
    Radius,
    TimeRange,
    Visibility,
    delete_collection,
    delete_item,
    ensure_collection,
    put_items,
)
from likewise.engine.collections.service import wait_until_searchable
from likewise.engine.embedding import Embedder
from likewise.engine.embedding.service import run_pipeline
from likewise.engine.search import (
    SearchRequest,
    SimilarRequest,
    build_vector_indexes,
    find_similar,
    search,
)
from likewise.engine.search.consumers import SEARCH_DOCUMENTS
from likewise.engine.search.model import Answer, Arm, Click, Example, MatchedPassage
from likewise.engine.search.service import Recorder, asking, note_click
from likewise.engine.search.service.errors import (
    ExampleUnknown,
    QuestionRefused,
    SearchUnknown,
)
from likewise.http.asgi import build_asgi
from likewise.platform.config import Settings
from likewise.platform.db import HalfVector, Tx
from likewise.platform.events import drain
from likewise.platform.feature import App
from likewise.platform.ids import new_id
from likewise.platform.tenancy import create_key, create_tenant

KINDS = {
    "shape": FacetKind.KEYWORD,
    "duration_s": FacetKind.NUMBER,
    "is_bright": FacetKind.BOOLEAN,
    "tags": FacetKind.KEYWORDS,
}
WORDS: Sequence[Arm] = ("lexical", "trigram")
SIGHTINGS = [
    ItemDraft(
        key="ohare",
        title="A disk at the airport",
        body="Many workers saw a grey metallic disk hovering over gate C17, then it shot through the clouds.",
        facets={"shape": "disk", "duration_s": 300, "is_bright": False, "tags": ["day", "witnesses"]},
        author="ann",
        category="airport",
        place=Place(41.98, -87.90),
        happened_at=datetime(2006, 11, 7, 16, 15, tzinfo=UTC),
    ),
    ItemDraft(
        key="phoenix",
        body="A huge triangle of lights moved silently over the city of Phoenix for minutes.",
        facets={"shape": "triangle", "duration_s": 600, "is_bright": True, "tags": ["night", "witnesses"]},
        author="bob",
        category="city",
        place=Place(33.45, -112.07),
        happened_at=datetime(1997, 3, 13, 20, 30, tzinfo=UTC),
    ),
    ItemDraft(
        key="sea",
        body="Orange lights danced above the sea; the fishermen were frightened by the glowing triangles.",
        facets={"shape": "light", "duration_s": 45, "is_bright": True, "tags": ["night", "sea"]},
        author="ann",
        category="sea",
        place=Place(41.60, -87.60),
        happened_at=datetime(2013, 7, 4, 3, 0, tzinfo=UTC),
    ),
    ItemDraft(
        key="secret",
        body="A private diary about triangle lights nobody else may read.",
        facets={"shape": "triangle", "duration_s": 1},
        author="ann",
        visibility=Visibility.PRIVATE,
    ),
]


@asynccontextmanager
async def embedding(app: App) -> AsyncGenerator[None]:
    """The pipeline of a worker process."""
    task = asyncio.create_task(run_pipeline(app))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def fill(
    app: App,
    tenant_id: UUID,
    drafts: Sequence[ItemDraft],
    *,
    name: str = "sightings",
    kinds: dict[str, FacetKind] = KINDS,
) -> Collection:
    """Store drafts and wait until every arm can find them."""
    collection = await ensure_collection(app, tenant_id, name=name, facets=kinds)
    for start in range(0, len(drafts), 1_000):
        await put_items(app, tenant_id, collection=collection, drafts=drafts[start : start + 1_000])
    async with embedding(app):
        await wait_until_searchable(app, tenant_id, collection=name)
    await drain(app.db, [SEARCH_DOCUMENTS])
    return collection


@pytest.fixture
async def sightings(app: App, tenant_id: UUID) -> Collection:
    return await fill(app, tenant_id, SIGHTINGS)


def ask(query: str = "triangle lights", **wish: object) -> SearchRequest:
    return SearchRequest(query=query, collection="sightings", **wish)  # type: ignore[arg-type]


def keys(answer: Answer) -> list[str]:
    return [result.key for result in answer.data]


def _sql(text: str) -> LiteralString:
    """A statement a test composes of its own names and numbers."""
    return cast("LiteralString", text)


# Arms


@pytest.mark.parametrize("arms", [("vector",), ("lexical",), ("vector", "lexical", "trigram")])
@pytest.mark.usefixtures("sightings")
async def test_each_arm_finds_what_was_written(app: App, tenant_id: UUID, arms: tuple[Arm, ...]) -> None:
    answer = await search(app, tenant_id, ask("metallic disk over the gate", arms=arms))
    assert answer.data[0].key == "ohare"
    assert answer.plan == "exact"
    assert answer.arms == arms
    assert answer.data[0].facets["tags"] == ["day", "witnesses"]
    assert answer.data[0].place == Place(41.98, -87.90)


@pytest.mark.usefixtures("sightings")
@pytest.mark.parametrize("query", ["Pheonix lights", "metallic disk", "gibberqux", "the"])
async def test_answer_is_the_same_where_no_second_connection_idles(
    app: App, server: Server, settings: Settings, tenant_id: UUID, query: str
) -> None:
    answer = await search(app, tenant_id, ask(query, explain=True))
    flags = {"home": settings.home, "embedding_model": "fake", "database_pool_min": 1, "database_pool_max": 1}
    alone = Settings(flags, file=settings.file)
    async with open_app(alone, server=server) as single:
        same = await search(single, tenant_id, ask(query, explain=True))
    assert [(hit.key, hit.score, hit.explain) for hit in same.data] == [
        (hit.key, hit.score, hit.explain) for hit in answer.data
    ]
    assert (same.found, same.corrected, same.candidates) == (answer.found, answer.corrected, answer.candidates)


@pytest.mark.usefixtures("sightings")
async def test_words_are_matched_by_stem_and_titles_are_read(app: App, tenant_id: UUID) -> None:
    assert keys(await search(app, tenant_id, ask("frightening dances", arms=("lexical",)))) == ["sea"]
    assert keys(await search(app, tenant_id, ask("airports", arms=("lexical",)))) == ["ohare"]
    assert keys(await search(app, tenant_id, ask("submarine", arms=("lexical",)))) == []


@pytest.mark.usefixtures("sightings")
async def test_misspelt_word_is_understood_and_the_right_one_shown(app: App, tenant_id: UUID) -> None:
    answer = await search(app, tenant_id, ask("Pheonix lights", arms=WORDS, explain=True))
    assert answer.corrected == "Phoenix lights"
    assert answer.data[0].key == "phoenix"
    why = answer.data[0].explain
    assert why is not None
    assert why.trigram is not None
    assert why.trigram.rank == 1
    assert (await search(app, tenant_id, ask("Phoenix lights"))).corrected is None


@pytest.mark.usefixtures("sightings")
async def test_explanation_gives_each_arms_rank_and_the_facets_that_mattered(app: App, tenant_id: UUID) -> None:
    wish = Filter(facets={"shape": "triangle"}, author=("bob",))
    answer = await search(app, tenant_id, ask(filter=wish, explain=True))
    why = answer.data[0].explain
    assert why is not None
    assert why.vector is not None
    assert why.lexical is not None
    assert (why.vector.rank, why.lexical.rank) == (1, 1)
    assert 0 < why.vector.score <= 1
    assert why.fused == pytest.approx(2 / 61) == pytest.approx(answer.data[0].score)
    assert why.facets == {"shape": "triangle", "author": "bob"}


@pytest.mark.usefixtures("sightings")
async def test_highlights_are_spans_of_the_shown_text(app: App, tenant_id: UUID) -> None:
    answer = await search(app, tenant_id, ask("triangle light"))
    marked = {result.key: [result.text[start:end] for start, end in result.highlights] for result in answer.data}
    assert marked["sea"] == ["lights", "triangles"]
    assert marked["phoenix"] == ["triangle", "lights"]


async def test_highlights_count_code_points_of_any_script(app: App, tenant_id: UUID) -> None:
    await fill(app, tenant_id, [ItemDraft(key="x", body="🛸 🛸🛸 naïve e\u0301 lights \u2014 İstanbul lights")])
    answer = await search(app, tenant_id, ask("light", arms=("lexical",)))
    result = answer.data[0]
    assert [result.text[start:end] for start, end in result.highlights] == ["lights", "lights"]


# Filters


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (Filter(facets={"shape": "disk"}), {"ohare"}),
        (Filter(facets={"shape": ["disk", "light"]}), {"ohare", "sea"}),
        (Filter(facets={"is_bright": True}), {"phoenix", "sea"}),
        (Filter(facets={"duration_s": {"gte": 300}}), {"ohare", "phoenix"}),
        (Filter(facets={"duration_s": {"gt": 300, "lte": 600}}), {"phoenix"}),
        (Filter(facets={"duration_s": 45}), {"sea"}),
        (Filter(facets={"tags": {"all": ["night", "witnesses"]}}), {"phoenix"}),
        (Filter(facets={"tags": {"any": ["day", "sea"]}}), {"ohare", "sea"}),
        (Filter(author=("ann",)), {"ohare", "sea"}),
        (Filter(category=("sea", "city")), {"phoenix", "sea"}),
        (Filter(happened_at=TimeRange(gte=datetime(2000, 1, 1, tzinfo=UTC))), {"ohare", "sea"}),
        (
            Filter(happened_at=TimeRange(datetime(2006, 11, 7, tzinfo=UTC), datetime(2013, 7, 4, 3, 0, tzinfo=UTC))),
            {"ohare"},
        ),
        (Filter(near=Radius(41.98, -87.90, 20)), {"ohare"}),
        (Filter(near=Radius(41.98, -87.90, 60)), {"ohare", "sea"}),
        (Filter(visibility=(Visibility.PRIVATE,)), {"secret"}),
        (Filter(visibility=(Visibility.PRIVATE, Visibility.PUBLIC), author=("ann",)), {"ohare", "sea", "secret"}),
        (Filter(facets={"shape": "disk", "is_bright": True}), set[str]()),
    ],
)
@pytest.mark.parametrize("exact_rows_max", [4_000, 1])
@pytest.mark.usefixtures("sightings")
async def test_filter_holds_for_every_arm_and_every_plan(  # noqa: PLR0917
    app: App,
    tenant_id: UUID,
    monkeypatch: pytest.MonkeyPatch,
    wish: Filter,
    expected: set[str],
    exact_rows_max: int,
) -> None:
    limit(app, monkeypatch, exact_rows_max=exact_rows_max)
    query = "disk triangle lights diary"
    for arms in (("vector",), ("lexical",), ("vector", "lexical", "trigram")):
        assert set(keys(await search(app, tenant_id, ask(query, arms=arms, filter=wish)))) == expected


@pytest.mark.usefixtures("sightings")
async def test_values_of_facets_are_counted_among_what_was_found(app: App, tenant_id: UUID) -> None:
    wish = ask("lights", facets=("shape", "tags", "is_bright", "author"), k=1)
    answer = await search(app, tenant_id, wish)
    assert answer.found == 3
    counted = {name: [(one.value, one.count) for one in values] for name, values in answer.facets.items()}
    assert counted["tags"] == [("night", 2), ("witnesses", 2), ("day", 1), ("sea", 1)]
    assert counted["is_bright"] == [("true", 2), ("false", 1)]
    assert counted["author"] == [("ann", 2), ("bob", 1)]
    assert [count for _, count in counted["shape"]] == [1, 1, 1]
    narrow = await search(app, tenant_id, ask("lights", facets=("shape",), filter=Filter(author=("bob",))))
    assert [(one.value, one.count) for one in narrow.facets["shape"]] == [("triangle", 1)]
    for wrong in ("duration_s", "colour"):
        with pytest.raises(QuestionRefused, match=wrong):
            await search(app, tenant_id, ask("lights", facets=(wrong,)))


def limit(app: App, monkeypatch: pytest.MonkeyPatch, **changes: object) -> None:
    """Change settings of search for one test."""
    from likewise.engine.search.settings import SearchSettings

    kept = app.settings.get(SearchSettings)
    changed = kept.model_copy(update=changes)
    real = type(app.settings).get
    monkeypatch.setattr(
        type(app.settings), "get", lambda self, kind: changed if kind is SearchSettings else real(self, kind)
    )


@pytest.mark.usefixtures("sightings")
async def test_private_and_hidden_items_are_found_only_on_demand(app: App, tenant_id: UUID) -> None:
    assert "secret" not in keys(await search(app, tenant_id, ask("private diary nobody may read")))


# Refusals


@pytest.mark.usefixtures("sightings")
async def test_wrong_questions_are_refused_with_their_place(app: App, tenant_id: UUID) -> None:
    for request, fault in (
        (ask("  "), QuestionRefused),
        (ask("x" * 4_001), QuestionRefused),
        (ask("x", arms=()), QuestionRefused),
        (ask("x", k=201), QuestionRefused),
        (ask("x", filter=Filter(facets={"size": "big"})), FilterRefused),
        (SearchRequest(query="x", collection="none"), CollectionNotFound),
    ):
        with pytest.raises(fault) as caught:
            await search(app, tenant_id, request)
        assert caught.value.errors or fault is CollectionNotFound


@pytest.mark.parametrize(
    "query",
    ["\0", "'", "\\", "a' | !!b & (c", "<->:*", "🛸", "\ud800 lights", "select 1; --", "%", "%(name)s", ":name"],
)
@pytest.mark.usefixtures("sightings")
async def test_no_query_breaks_the_search(app: App, tenant_id: UUID, query: str) -> None:
    if query == "\0":
        with pytest.raises(QuestionRefused):
            await search(app, tenant_id, ask(query))
    else:
        await search(app, tenant_id, ask(query))


# Tenants


@pytest.mark.usefixtures("sightings")
async def test_other_tenants_see_nothing_of_it(app: App, tenant_id: UUID) -> None:
    other = (await create_tenant(app.db, name=f"other {tenant_id}")).tenant_id
    await fill(app, other, [ItemDraft(key="mine", body="Phoenix triangle lights of my own")])
    for request in (ask(), ask("Pheonix", arms=WORDS), ask(arms=("vector",)), ask("hovering", arms=("lexical",))):
        assert set(keys(await search(app, other, request))) <= {"mine"}


async def test_ranking_functions_ignore_the_collection_of_another_tenant(
    app: App, tenant_id: UUID, sightings: Collection
) -> None:
    """They run with the rights of maintenance, so they themselves must keep tenants apart."""
    other = (await create_tenant(app.db, name=f"spy {tenant_id}")).tenant_id
    connection = await psycopg.AsyncConnection.connect(app.db.app_url, autocommit=True)
    rank = "select count(*) from search.rank_documents(%s, '''light''', '{''light''}', '{1}', 10, 1.2, .75, null, 9, 9)"
    near = "select count(*) from search.near_words(%s, '{phoenix}', 9)"
    async with connection:
        for tenant, expected in ((tenant_id, True), (other, False), (None, False)):
            for statement in (rank, near):
                async with connection.transaction():
                    if tenant is not None:
                        await connection.execute(_sql(f"set local app.tenant_id = '{tenant}'"))
                    row = await (await connection.execute(statement, [sightings.id])).fetchone()
                    assert row is not None
                    assert (row[0] > 0) is expected
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await connection.execute("set role likewise_maintenance")


# Paging


@pytest.mark.parametrize("arms", [("vector",), ("lexical",), ("vector", "lexical", "trigram")])
async def test_pages_make_up_the_whole_list_without_gap_or_repeat(
    app: App, tenant_id: UUID, monkeypatch: pytest.MonkeyPatch, arms: tuple[Arm, ...]
) -> None:
    """The first look of each arm is made so narrow that most pages need the thorough one."""
    limit(app, monkeypatch, depth=20, enough=5, depth_max=500, documents_ranked_max=10, documents_scanned_max=15)
    random = Random(1)
    vocabulary = [f"word{number}" for number in range(40)]
    drafts = [ItemDraft(key=str(n), body=" ".join(random.choices(vocabulary, k=12))) for n in range(90)]
    drafts[50] = ItemDraft(key="50", body="only rarity")
    await fill(app, tenant_id, drafts)
    query = "rarity word1 word2 word3"
    matching = {draft.key for draft in drafts if set(query.split()) & set(draft.body.split())}
    expected = matching if arms == ("lexical",) else {draft.key for draft in drafts}
    assert 25 < len(matching) < 90
    found: list[str] = []
    start = 0
    while True:
        answer = await search(app, tenant_id, ask(query, k=7, arms=arms), start=start)
        found += keys(answer)
        start += 7
        if not answer.has_more:
            break
    assert len(found) == len(set(found))
    assert set(found) == expected
    whole = await search(app, tenant_id, ask(query, k=90, arms=arms))
    assert keys(whole) == found


async def test_long_item_appears_once_with_its_best_passage(app: App, tenant_id: UUID) -> None:
    filler = "\n\n".join(f"Paragraph {n} about the weather and nothing else at all. " * 12 for n in range(30))
    body = f"{filler}\n\nA zebra crossed the runway.\n\n{filler}"
    drafts = [ItemDraft(key="long", body=body), *(ItemDraft(key=f"s{n}", body=f"weather note {n}") for n in range(40))]
    await fill(app, tenant_id, drafts)
    answer = await search(app, tenant_id, ask("zebra runway"))
    assert answer.data[0].key == "long"
    assert "zebra" in answer.data[0].text
    passage = answer.data[0].passage
    assert body[passage.start : passage.end] == answer.data[0].text
    everything = keys(await search(app, tenant_id, ask("weather paragraph nothing", k=41)))
    assert len(everything) == len(set(everything)) == 41


# Never short


@pytest.fixture(scope="module")
async def crowd(app: App) -> UUID:
    """A tenant with 9,000 items and an HNSW index over their vectors; one item in a thousand is rare."""
    tenant_id = (await create_tenant(app.db, name=f"crowd {new_id()}")).tenant_id
    random = Random(7)
    vocabulary = [f"term{number}" for number in range(2_000)]
    drafts = [
        ItemDraft(
            key=str(number),
            body=" ".join(random.choices(vocabulary, k=6)),
            facets={"share": "rare" if number % 1_000 == 0 else "common", "half": number % 2 == 0, "number": number},
            author=f"author{number % 50}",
        )
        for number in range(9_000)
    ]
    kinds = {"share": FacetKind.KEYWORD, "half": FacetKind.BOOLEAN, "number": FacetKind.NUMBER}
    await fill(app, tenant_id, drafts, kinds=kinds)
    built = await build_vector_indexes(app)
    assert built
    assert await build_vector_indexes(app) == []
    return tenant_id


async def recall(app: App, tenant_id: UUID, query: str, answer: Answer, *, where: str = "true") -> float:
    """The share of the ten nearest that an answer holds; as near as the tenth counts, for there are ties."""
    matrix = await app.resource(Embedder).model.embed([query], purpose="query")
    literal = "[" + ",".join(map(str, matrix[0].astype(np.float16).tolist())) + "]"
    connection = await psycopg.AsyncConnection.connect(app.db.owner_url, autocommit=True)
    async with connection:
        await connection.execute("set role likewise_maintenance")
        cursor = await connection.execute(
            _sql(f"""
            select 1 - (v.embedding <=> %s::halfvec)
            from embedding.vectors v join collections.items i on i.tenant_id = v.tenant_id and i.id = v.item_id
            where v.tenant_id = %s and {where} order by 1 desc limit 10
            """),
            (literal, tenant_id),
        )
        nearest = [score for (score,) in await cursor.fetchall()]
    scores = [result.explain.vector.score for result in answer.data if result.explain and result.explain.vector]
    return sum(score >= nearest[-1] - 1e-6 for score in scores) / len(nearest)


async def test_large_collection_is_searched_through_the_index_with_good_recall(app: App, crowd: UUID) -> None:
    shares: list[float] = []
    for number in range(20):
        query = f"term{number} term{number + 100} term{number + 200}"
        answer = await search(app, crowd, ask(query, arms=("vector",), explain=True))
        assert answer.plan == "approximate"
        assert len(answer.data) == 10
        shares.append(await recall(app, crowd, query, answer))
    # The fake model's vectors are nearly orthogonal, which no graph index likes; recall on real text is benchmarked.
    assert sum(shares) / len(shares) >= 0.75


@pytest.mark.parametrize(
    ("wish", "where", "matching"),
    [
        (Filter(facets={"share": "rare"}), "i.facets ->> 'share' = 'rare'", 9),
        (Filter(facets={"number": {"gte": 8_990}}), "(i.facets ->> 'number')::int >= 8990", 10),
        (Filter(facets={"half": True}), "(i.facets ->> 'half')::bool", 4_500),
        (Filter(author=("author7",)), "i.author = 'author7'", 180),
        (Filter(facets={"share": "rare", "half": True}), "i.facets ->> 'share' = 'rare'", 9),
    ],
)
@pytest.mark.parametrize("arms", [("vector",), ("vector", "lexical", "trigram")])
async def test_search_is_never_short_whatever_the_filter(  # noqa: PLR0917
    app: App, crowd: UUID, wish: Filter, where: str, matching: int, arms: tuple[Arm, ...]
) -> None:
    answer = await search(app, crowd, ask("term5 term6", filter=wish, arms=arms, explain=True))
    assert len(answer.data) == min(10, matching)
    if answer.plan == "exact" and arms == ("vector",):
        assert await recall(app, crowd, "term5 term6", answer, where=where) == 1


async def test_scan_that_ends_too_early_is_widened_and_at_last_made_exact(
    app: App, crowd: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of the items match, but the scan may look at one tuple only: the answer is complete all the same."""
    limit(app, monkeypatch, scan_tuples_max=1, ef_search=1, depth=10)
    answer = await search(app, crowd, ask("term5 term6", k=10, arms=("vector",), filter=Filter(facets={"half": True})))
    assert len(answer.data) == 10


async def test_visibility_that_hides_nearly_everything_leaves_no_gap(
    app: App, crowd: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is known of visibility beforehand; a scan that ends short of the few public items is not trusted."""
    limit(app, monkeypatch, scan_tuples_max=1)
    connection = await psycopg.AsyncConnection.connect(app.db.owner_url, autocommit=True)
    hide = "update collections.items set visibility = %s where tenant_id = %s and (facets ->> 'number')::int >= 15"
    async with connection:
        await connection.execute("set role likewise_maintenance")
        await connection.execute(hide, ("hidden", crowd))
        try:
            answer = await search(app, crowd, ask("term5 term6", arms=("vector",)))
        finally:
            await connection.execute(hide, ("public", crowd))
    assert len(answer.data) == 10
    assert all(int(key) < 15 for key in keys(answer))


async def test_item_deleted_between_looking_and_showing_makes_room_for_the_next(
    app: App, tenant_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(app, tenant_id, [ItemDraft(key=str(n), body=f"triangle lights number{n}") for n in range(15)])
    before = keys(await search(app, tenant_id, ask(k=15)))
    show = asking.store.list_matched_passages
    gone = before[:2]

    async def show_late(tx: Tx, *, ids: Sequence[UUID]) -> list[MatchedPassage]:
        while gone:
            await delete_item(app, tenant_id, collection="sightings", key=gone.pop())
        return await show(tx, ids=ids)

    monkeypatch.setattr(asking.store, "list_matched_passages", show_late)
    answer = await search(app, tenant_id, ask(k=10))
    assert keys(answer) == before[2:12]
    assert answer.has_more


async def test_search_is_complete_while_items_come_and_go(app: App, crowd: UUID) -> None:
    """Filtered queries beside inserts, deletes and vacuum; each answer holds ten of the many that match (T9)."""
    collection = await ensure_collection(app, crowd, name="sightings", facets={})
    is_over = False

    async def churn() -> None:
        random = Random(3)
        connection = await psycopg.AsyncConnection.connect(app.db.owner_url, autocommit=True)
        async with connection:
            while not is_over:
                number = random.randrange(1_000_000)
                facets: dict[str, FacetValue] = {"share": "common", "half": True, "number": 5}
                drafts = [ItemDraft(key=f"n{number}-{n}", body=f"term5 fresh{n}", facets=facets) for n in range(20)]
                await put_items(app, crowd, collection=collection, drafts=drafts)
                for draft in drafts[:15]:
                    await delete_item(app, crowd, collection="sightings", key=draft.key)
                await connection.execute("vacuum embedding.vectors, collections.items")

    async with embedding(app):
        task = asyncio.create_task(churn())
        try:
            for number in range(30):
                query = f"term{number} term{number * 3 % 2_000}"
                for wish in (Filter(facets={"half": True}), Filter(author=("author7",)), Filter()):
                    answer = await search(app, crowd, ask(query, filter=wish))
                    assert len(answer.data) == 10
        finally:
            is_over = True
            await task


@pytest.mark.usefixtures("sightings")
async def test_vectors_of_another_space_are_never_compared(app: App, tenant_id: UUID) -> None:
    """A second space holds the very vector of the query at the wrong item; it must not matter."""
    space = app.resource(Embedder).space
    vector = HalfVector((await app.resource(Embedder).model.embed(["orange lights above the sea"], purpose="query"))[0])
    before = await search(app, tenant_id, ask("orange lights above the sea", arms=("vector",)))
    connection = await psycopg.AsyncConnection.connect(app.db.owner_url, autocommit=True)
    async with connection:
        await connection.execute("set role likewise_maintenance")
        await connection.execute(
            "insert into embedding.spaces (space_id, model, version, dimension) values (99, 'x', '1', 2)"
            " on conflict do nothing"
        )
        await connection.execute(
            "insert into embedding.vectors (tenant_id, space_id, passage_id, item_id, collection_id, embedding)"
            " select tenant_id, 99, passage_id, item_id, collection_id, '[1,0]' from embedding.vectors"
            " where tenant_id = %s and space_id = %s",
            (tenant_id, space.space_id),
        )
    assert vector
    after = await search(app, tenant_id, ask("orange lights above the sea", arms=("vector",)))
    assert keys(after) == keys(before)
    assert after.data[0].key == "sea"


# The vocabulary


async def counts(app: App, tenant_id: UUID) -> dict[str, object]:
    connection = await psycopg.AsyncConnection.connect(app.db.owner_url, autocommit=True)
    async with connection:
        await connection.execute("set role likewise_maintenance")
        kept = await connection.execute(
            "select lexeme, document_count from search.lexemes where tenant_id = %s order by lexeme", [tenant_id]
        )
        real = await connection.execute(
            "select x.lexeme, count(*) from search.documents d, unnest(tsvector_to_array(d.lexemes)) x (lexeme)"
            " where d.tenant_id = %s group by x.lexeme order by x.lexeme",
            [tenant_id],
        )
        totals = await connection.execute(
            "select coalesce(sum(document_count), 0)::int, coalesce(sum(lexeme_count), 0)::int from search.totals"
            " where tenant_id = %s",
            [tenant_id],
        )
        truth = await connection.execute(
            "select count(*)::int, coalesce(sum(length(lexemes)), 0)::int from search.documents where tenant_id = %s",
            [tenant_id],
        )
        return {
            "kept": await kept.fetchall(),
            "real": await real.fetchall(),
            "totals": await totals.fetchone(),
            "truth": await truth.fetchone(),
        }


@pytest.mark.usefixtures("sightings")
async def test_word_counts_follow_every_change(app: App, tenant_id: UUID) -> None:
    async def assert_true() -> dict[str, object]:
        found = await counts(app, tenant_id)
        assert found["kept"] == found["real"]
        assert found["totals"] == found["truth"]
        return found

    assert (await assert_true())["kept"]
    changed = [ItemDraft(key="sea", body="Nothing but seagulls."), ItemDraft(key="new", body="Seagulls again.")]
    await fill(app, tenant_id, changed)
    await assert_true()
    assert keys(await search(app, tenant_id, ask("frightened fishermen", arms=("lexical",)))) == []
    await delete_item(app, tenant_id, collection="sightings", key="new")
    await assert_true()  # in the transaction of the deletion itself
    await drain(app.db, [SEARCH_DOCUMENTS])
    await assert_true()
    await delete_collection(app, tenant_id, name="sightings")
    assert await counts(app, tenant_id) == {"kept": [], "real": [], "totals": (0, 0), "truth": (0, 0)}


async def test_reading_an_item_twice_changes_nothing(app: App, tenant_id: UUID, sightings: Collection) -> None:
    from likewise.engine.search.service import drop_documents, read_items

    before = await counts(app, tenant_id)
    ids = [UUID(int=0)]
    async with app.db.tenant(tenant_id) as tx:
        from likewise.engine.search import store

        ids = [row.id for row in await store.list_item_keys(tx, collection_id=sightings.id, keys=["sea", "phoenix"])]
        await read_items(tx, item_ids=[*ids, UUID(int=5)])
    assert await counts(app, tenant_id) == before
    async with app.db.tenant(tenant_id) as tx:
        await drop_documents(tx)
    assert (await counts(app, tenant_id))["truth"] == (0, 0)


# Similar


@pytest.mark.usefixtures("sightings")
async def test_similar_to_an_item_leaves_the_item_itself_out(app: App, tenant_id: UUID) -> None:
    answer = await find_similar(app, tenant_id, SimilarRequest(collection="sightings", key="phoenix"))
    assert set(keys(answer)) == {"sea", "ohare"}
    text = SimilarRequest(collection="sightings", text="orange lights danced above the sea")
    assert (await find_similar(app, tenant_id, text)).data[0].key == "sea"


async def test_counter_examples_push_results_away(app: App, tenant_id: UUID) -> None:
    drafts = [
        ItemDraft(key="both", body="red apple green pear"),
        ItemDraft(key="apple", body="red apple sweet"),
        ItemDraft(key="pear", body="green pear sour"),
    ]
    await fill(app, tenant_id, drafts)
    wish = SimilarRequest(
        collection="sightings",
        positive=(Example(text="red apple"), Example(text="green pear")),
        negative=(Example(text="green pear sour"),),
    )
    assert keys(await find_similar(app, tenant_id, wish))[-1] == "pear"
    by_key = SimilarRequest(collection="sightings", positive=("both",), negative=("pear",))
    assert keys(await find_similar(app, tenant_id, by_key)) == ["apple"]


@pytest.mark.usefixtures("sightings")
async def test_similar_to_nothing_or_to_the_unknown_is_refused(app: App, tenant_id: UUID) -> None:
    with pytest.raises(ExampleUnknown):
        await find_similar(app, tenant_id, SimilarRequest(collection="sightings", key="nobody"))
    with pytest.raises(QuestionRefused):
        await find_similar(app, tenant_id, SimilarRequest(collection="sightings"))
    wish = SimilarRequest(collection="sightings", positive=(Example(key="sea", text="both"),))
    with pytest.raises(QuestionRefused):
        await find_similar(app, tenant_id, wish)


# The record


@pytest.mark.usefixtures("sightings")
async def test_search_and_its_click_are_recorded_without_a_vector(app: App, tenant_id: UUID) -> None:
    answer = await search(app, tenant_id, ask("metallic disk"))
    click = Click(search_id=answer.search_id, id=answer.data[0].id, rank=1)
    await note_click(app, tenant_id, click)
    connection = await psycopg.AsyncConnection.connect(app.db.owner_url, autocommit=True)
    async with connection:
        await connection.execute("set role likewise_maintenance")
        cursor = await connection.execute(
            "select text, plan, result_count, arms, clicked_rank, clicked_item_id is not null from search.queries"
            " where tenant_id = %s",
            [tenant_id],
        )
        assert await cursor.fetchall() == [("metallic disk", "exact", 3, ["vector", "lexical", "trigram"], 1, True)]
    other = (await create_tenant(app.db, name=f"clicks {tenant_id}")).tenant_id
    with pytest.raises(SearchUnknown):
        await note_click(app, other, click)


@pytest.mark.usefixtures("sightings")
async def test_full_buffer_drops_records_and_counts_them(
    app: App, tenant_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    from likewise.engine.search.settings import SearchSettings

    recorder = app.resource(Recorder)
    await recorder.flush()
    small = app.settings.get(SearchSettings).model_copy(update={"record_buffer_max": 0})
    monkeypatch.setattr(recorder, "_settings", small)
    before = recorder.dropped
    await search(app, tenant_id, ask())
    assert recorder.dropped == before + 1


# Indexes


@pytest.mark.usefixtures("crowd")
async def test_index_left_behind_by_an_interrupted_build_is_replaced(app: App) -> None:
    connection = await psycopg.AsyncConnection.connect(app.db.owner_url, autocommit=True)
    find = (
        "select i.relname, x.indisvalid from pg_index x join pg_class i on i.oid = x.indexrelid"
        " join pg_am a on a.oid = i.relam where a.amname = 'hnsw' order by 1"
    )
    async with connection:
        before = await (await connection.execute(find)).fetchall()
        assert before
        assert all(is_valid for _, is_valid in before)
        name = before[0][0]
        await connection.execute(_sql(f"drop index embedding.{name}"))
        partition = name.partition("_s")[0]
        await connection.execute("set statement_timeout = '1ms'")
        with pytest.raises(psycopg.errors.QueryCanceled):
            await connection.execute(
                _sql(
                    f"create index concurrently {name} on embedding.{partition} using hnsw"
                    " ((embedding::halfvec(384)) halfvec_cosine_ops) where space_id = 1"
                )
            )
        await connection.execute("set statement_timeout = 0")
        await build_vector_indexes(app)
        assert await (await connection.execute(find)).fetchall() == before


# The API


@pytest.fixture
async def client(app: App, tenant_id: UUID) -> AsyncIterator[httpx.AsyncClient]:
    key = await create_key(app.db, tenant_id, name="reader", scopes=("read",))
    asgi = build_asgi(app, list_features(), keyless=False)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(asgi),  # pyright: ignore[reportArgumentType]
        base_url="http://127.0.0.1:8765/api/v1",
        headers={"Authorization": f"Bearer {key.key}"},
    ) as opened:
        yield opened


@pytest.mark.usefixtures("sightings")
async def test_api_answers_like_the_contract_and_pages_by_cursor(client: httpx.AsyncClient) -> None:
    body = {"query": "trangle lights", "collection": "sightings", "k": 2, "explain": True}
    first = (await client.post("/search", json=body)).json()
    assert [row["key"] for row in first["data"]] == ["phoenix", "sea"]
    assert first["corrected"] == "triangle lights"
    assert first["has_more"] is True
    assert set(first["data"][0]) == {
        *("id", "key", "score", "title", "text", "passage", "facets", "author", "category", "place", "happened_at"),
        *("highlights", "explain"),
    }
    assert set(first) >= {"plan", "candidates", "took_ms", "next_cursor", "query_cached", "arms"}
    assert first["data"][0]["passage"] == {"ordinal": 0, "heading_path": [], "start": 0, "end": 78}
    second = (await client.post("/search", json={**body, "after": first["next_cursor"]})).json()
    assert [row["key"] for row in second["data"]] == ["ohare"]
    assert second["next_cursor"] is None
    other = await client.post("/search", json={**body, "query": "disk", "after": first["next_cursor"]})
    assert other.status_code == 422
    by_address = (await client.get("/search", params={"q": "disk", "collection": "sightings", "k": 1})).json()
    assert by_address["data"][0]["key"] == "ohare"
    similar = (await client.post("/search/similar", json={"collection": "sightings", "key": "sea", "k": 1})).json()
    assert [row["key"] for row in similar["data"]] in (["phoenix"], ["ohare"])
    click = {"search_id": first["search_id"], "id": first["data"][0]["id"], "rank": 1}
    assert (await client.post("/search/clicks", json=click)).status_code == 201


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"query": "x", "collection": "none"}, 404, "collection_not_found"),
        ({"query": "x", "collection": "sightings", "filter": {"facets": {"size": 1}}}, 422, "filter_refused"),
        ({"query": "x", "collection": "sightings", "k": 100_000}, 422, "question_refused"),
        ({"query": "x", "collection": "sightings", "k": 0}, 422, None),
        ({"query": "x", "collection": "sightings", "arms": ["smell"]}, 422, None),
        ({"query": "x", "collection": "sightings", "quary": 1}, 422, None),
    ],
)
@pytest.mark.usefixtures("sightings")
async def test_api_says_what_is_wrong_with_a_question(
    client: httpx.AsyncClient, body: dict[str, object], status: int, code: str | None
) -> None:
    answer = await client.post("/search", json=body)
    assert answer.status_code == status
    problem = answer.json()
    assert problem["errors"] or status == 404
    assert code is None or problem["code"] == code


@pytest.mark.usefixtures("sightings")
async def test_api_tells_how_searches_serve_and_forgets_what_it_is_told_to(
    app: App, tenant_id: UUID, client: httpx.AsyncClient
) -> None:
    for _ in range(2):
        await client.post("/search", json={"query": "Secret wish", "collection": "sightings", "arms": ["lexical"]})
    told = (await client.get("/search/analytics", params={"collection": "sightings", "days": 1})).json()
    assert told["totals"]["searches"] == 2
    assert [row["query"] for row in told["without_results"]] == ["Secret wish"]
    assert (await client.delete("/search/analytics", params={"text": "secret wish"})).status_code == 403
    writer = await create_key(app.db, tenant_id, name="writer", scopes=("read", "write"))
    headers = {"Authorization": f"Bearer {writer.key}"}
    gone = await client.delete("/search/analytics", params={"text": "secret wish"}, headers=headers)
    assert gone.json() == {"searches": 2}
    told = (await client.get("/search/analytics", params={"days": 1})).json()
    assert told["totals"]["searches"] == 0
