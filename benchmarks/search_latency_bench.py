"""S1 and S2: how long one search takes, and whether it finds what comparing every vector finds.

Sightings (9,298 real reports, repeated with small changes up to the size asked for), one tenant, one client, top 10.
First ef_search is tuned as every night, on other queries than those measured. Rows: the vector statement alone, the
whole search inside the program, the same over HTTP on a local socket, and filters that let about half, a tenth, a
hundredth and a thousandth through. Recall is against comparing every vector, in the same run.
The database, the server and the client share the machine.

With --made, passages are made of two or three sentences of the reports, and their vectors of those sentences' vectors
(the mean, at unit length): each sentence is embedded by the real model once and kept in LIKEWISE_BENCH_CACHE. So a
hundred thousand or a million passages take minutes instead of hours; queries are embedded by the model as always.

    python benchmarks/search_latency_bench.py [--passages 10000] [--queries 300] [--made] [--home DIR]
"""

import argparse
import asyncio
import http.client
import json
import re
import sys
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from random import Random
from typing import NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

import numpy as np
import psycopg
import uvloop
from numpy.typing import NDArray

from harness import cached_vectors, fill, open_bench, percentile, read_jsonl, report, shared_folder
from likewise.app import list_features
from likewise.engine.collections import FacetKind, FacetValue, Filter, ItemDraft, find_collection
from likewise.engine.embedding import Embedder, embed_query, serving_space, text_hash
from likewise.engine.search import Answer, SearchRequest, build_vector_indexes, search
from likewise.engine.search.model import Arm
from likewise.engine.search.service import sample_recalls
from likewise.http.asgi import build_asgi
from likewise.http.server import bind, serving, url_of
from likewise.platform.db import HalfVector, register_vectors
from likewise.platform.feature import App

NAME = "reports"
SENTENCES = 12_000
RECALL_QUERIES = 100
SHARES = {"half": 2, "tenth": 10, "hundredth": 100, "thousandth": 1_000}
VECTOR: tuple[Arm, ...] = ("vector",)
ALL: tuple[Arm, ...] = ("vector", "lexical", "trigram")


def read_drafts(count: int) -> list[ItemDraft]:
    """Reports, and from the second round on reports with some words of another one between their own."""
    texts = [
        str(row["comments"] or "nothing told")
        for row in read_jsonl(shared_folder("ufo") / "planetsig_2013_2014_geo.jsonl.gz")
    ]
    random = Random(17)
    drafts: list[ItemDraft] = []
    for number in range(count):
        text = texts[number % len(texts)]
        if number >= len(texts):
            words = text.split() + random.choice(texts).split()
            random.shuffle(words)
            text = " ".join(words[: max(6, len(words) // 2)])
        facets: dict[str, FacetValue] = {
            name: "yes" if random.randrange(every) == 0 else "no" for name, every in SHARES.items()
        }
        drafts.append(ItemDraft(key=str(number), body=text, facets=facets))
    return drafts


def make_drafts(count: int, sentences: Sequence[str]) -> tuple[list[ItemDraft], list[tuple[int, ...]]]:
    """Passages of two or three sentences, hardly two alike, and which sentences each was made of."""
    random = Random(29)
    drafts: list[ItemDraft] = []
    parts: list[tuple[int, ...]] = []
    for number in range(count):
        chosen = tuple(random.sample(range(len(sentences)), random.choice((2, 2, 3))))
        facets: dict[str, FacetValue] = {
            name: "yes" if random.randrange(every) == 0 else "no" for name, every in SHARES.items()
        }
        drafts.append(ItemDraft(key=str(number), body=" ".join(sentences[place] for place in chosen), facets=facets))
        parts.append(chosen)
    return drafts, parts


def read_sentences() -> list[str]:
    """Distinct sentences of the reports, 30 to 200 characters long."""
    reports = read_jsonl(shared_folder("ufo") / "planetsig_2013_2014_geo.jsonl.gz")
    found = (part.strip() for row in reports for part in re.split(r"(?<=[.!?])\s+", str(row["comments"] or "")))
    return list(dict.fromkeys(part for part in found if 30 <= len(part) <= 200))[:SENTENCES]


async def keep_made_vectors(
    app: App, drafts: Sequence[ItemDraft], parts: Sequence[tuple[int, ...]], sentences: Sequence[str]
) -> None:
    """Put the vectors of made passages where the pipeline looks first: into the cache of embeddings."""
    vectors = await cached_vectors(app, "ufo_sentences", sentences)
    space = app.resource(Embedder).space
    async with app.db.owner_connection() as connection:
        await register_vectors(connection)
        await connection.execute("set role likewise_maintenance")
        async with connection.cursor().copy(
            "copy embedding.cache (space_id, hash, embedding) from stdin (format binary)"
        ) as copy:
            copy.set_types(["int2", "bytea", "halfvec"])
            made = {text_hash(space.space_id, draft.body): places for draft, places in zip(drafts, parts, strict=True)}
            for key, places in made.items():
                mean = vectors[list(places)].mean(axis=0)
                await copy.write_row((space.space_id, key, HalfVector(mean / np.linalg.norm(mean))))


def make_queries(drafts: Sequence[ItemDraft], count: int, *, seed: int = 5) -> list[str]:
    """The first words of reports, as people type them: two to eight."""
    random = Random(seed)
    return [" ".join(random.choice(drafts).body.split()[: random.randint(2, 8)]) for _ in range(count)]


async def measure(queries: Sequence[str], ask: Callable[[str], Awaitable[object]]) -> dict[str, object]:
    """Ask each query once to warm up and once for the record."""
    for query in queries:
        await ask(query)
    seconds: list[float] = []
    for query in queries:
        started = time.perf_counter()
        await ask(query)
        seconds.append(time.perf_counter() - started)
    return {f"p{share}_ms": percentile(seconds, share / 100) for share in (50, 95, 99)}


class Truth(NamedTuple):
    """Every vector of the database, (n, dimension) at unit length, and which of them each filter lets through."""

    vectors: NDArray[np.float32]
    passes: Mapping[str, NDArray[np.bool_]]


async def read_truth(app: App) -> Truth:
    """All of it in memory, so that a hundred exact answers cost seconds whatever the size."""
    statement = (
        "copy (select v.embedding, i.facets::text from embedding.vectors v"
        " join collections.items i on i.tenant_id = v.tenant_id and i.id = v.item_id) to stdout (format binary)"
    )
    kept: list[NDArray[np.float32]] = []
    said: list[dict[str, str]] = []
    async with await psycopg.AsyncConnection.connect(app.db.owner_url, autocommit=True) as connection:
        await register_vectors(connection)
        await connection.execute("set role likewise_maintenance")
        async with connection.cursor().copy(statement) as copy:
            copy.set_types(["halfvec", "text"])
            async for vector, facets in copy.rows():
                kept.append(vector)
                said.append(json.loads(facets))
    exact = np.stack(kept)
    exact /= np.linalg.norm(exact, axis=1, keepdims=True)
    passes = {name: np.array([one[name] == "yes" for one in said]) for name in SHARES}
    return Truth(exact, {"": np.ones(len(said), dtype=np.bool_), **passes})


async def recall(
    app: App, tenant_id: UUID, queries: Sequence[str], truth: Truth, *, wish: Filter, name: str = ""
) -> dict[str, object]:
    """Recall@10 of the vector arm against comparing every vector that passes, and how many answers were short."""
    shares: list[float] = []
    short = 0
    plans: set[str] = set()
    space = await serving_space(app, tenant_id)
    for query in queries[:RECALL_QUERIES]:
        answer = await search(
            app, tenant_id, SearchRequest(query=query, collection=NAME, arms=VECTOR, filter=wish, explain=True)
        )
        asked = (await embed_query(app, tenant_id, text=query, space=space)).vector
        vector = np.frombuffer(asked.wire, dtype=">f2", offset=4).astype(np.float32)
        scores = (truth.vectors @ (vector / np.linalg.norm(vector)))[truth.passes[name]]
        count = min(10, len(scores))
        nearest = np.sort(np.partition(scores, len(scores) - count)[len(scores) - count :])[::-1]
        shares.append(_held(answer, nearest.tolist()))
        short += len(answer.data) < count
        plans.add(answer.plan)
    return {"recall@10": round(sum(shares) / len(shares), 4), "short": short, "plan": "/".join(sorted(plans))}


def _held(answer: Answer, nearest: Sequence[float]) -> float:
    if not nearest:
        return 1.0
    scores = [result.explain.vector.score for result in answer.data if result.explain and result.explain.vector]
    return sum(score >= nearest[-1] - 1e-5 for score in scores[: len(nearest)]) / len(nearest)


async def run(app: App, tenant_id: UUID, *, passages: int, count: int, made: bool) -> list[dict[str, object]]:
    """Every row of the report."""
    if made:
        sentences = read_sentences()
        drafts, parts = make_drafts(passages, sentences)
    else:
        drafts, parts, sentences = read_drafts(passages), [], []
    queries = make_queries(drafts, count)
    there = await find_collection(app, tenant_id, name=NAME)
    if there is None or there.item_count < passages:
        if made:
            await keep_made_vectors(app, drafts, parts, sentences)
        await fill(app, tenant_id, drafts, name=NAME, kinds=dict.fromkeys(SHARES, FacetKind.KEYWORD))
        await build_vector_indexes(app)
        async with app.db.owner_connection() as connection:
            await connection.execute("vacuum analyze")
    del drafts
    rows: list[dict[str, object]] = [
        {"what": f"tuned to ef_search {found.ef_search}", "recall@10": found.recall}
        for found in await sample_recalls(app)
    ]
    statements: dict[str, list[float]] = defaultdict(list)
    app.db.observe_statements(lambda name, seconds: statements[name].append(seconds))

    def asking(arms: tuple[Arm, ...], wish: Filter) -> Callable[[str], Awaitable[Answer]]:
        return lambda query: search(app, tenant_id, SearchRequest(query=query, collection=NAME, arms=arms, filter=wish))

    for label, arms in (("vector", VECTOR), ("all arms", ALL)):
        rows.append({"what": f"search, {label}"} | await measure(queries, asking(arms, Filter())))
    for name, seconds in sorted(statements.items()):
        if name in {"search.nearest_approximate", "search.nearest_exact", "search.rank_documents"}:
            figures: dict[str, object] = {f"p{share}_ms": percentile(seconds, share / 100) for share in (50, 95, 99)}
            rows.append({"what": f"statement {name}"} | figures)
    rows += await over_http(app, queries)
    figures_of: dict[str, dict[str, object]] = {}
    for name in SHARES:
        figures_of[name] = await measure(queries, asking(VECTOR, Filter(facets={name: "yes"})))
    truth = await read_truth(app)
    rows.append({"what": "recall, no filter"} | await recall(app, tenant_id, queries, truth, wish=Filter()))
    for name in SHARES:
        wish = Filter(facets={name: "yes"})
        found = await recall(app, tenant_id, queries, truth, wish=wish, name=name)
        rows.append({"what": f"filter: a {name} matches"} | figures_of[name] | found)
    return rows


async def over_http(app: App, queries: Sequence[str]) -> list[dict[str, object]]:
    """The same searches over HTTP on a local socket: one client, in a process of its own, one connection."""
    listening = bind("127.0.0.1", 0, backlog=128)
    asgi = build_asgi(app, list_features(), keyless=True)
    rows: list[dict[str, object]] = []
    async with serving(app, asgi, listening):
        for label, arms in (("vector", VECTOR), ("all arms", ALL)):
            client = await asyncio.create_subprocess_exec(
                *(sys.executable, __file__, "--client", url_of(listening)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
            bodies = [json.dumps({"query": query, "collection": NAME, "arms": arms}) for query in queries]
            told, _ = await client.communicate("\n".join(bodies).encode())
            seconds: list[float] = json.loads(told)
            figures: dict[str, object] = {f"p{share}_ms": percentile(seconds, share / 100) for share in (50, 95, 99)}
            rows.append({"what": f"HTTP, {label}"} | figures)
    return rows


def be_client(url: str) -> None:
    """Post each line of standard input as a search, twice; print the seconds each took the second time."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port)
    bodies = sys.stdin.read().split("\n")
    seconds: list[float] = []
    for body in [*bodies, *bodies]:
        started = time.perf_counter()
        connection.request("POST", "/api/v1/search", body.encode(), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        seconds.append(time.perf_counter() - started)
        if answer.status != HTTPStatus.OK:
            sys.exit(f"the server answered {answer.status}")
    print(json.dumps(seconds[len(bodies) :]))


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=10_000)
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--made", action="store_true", help="make passages and their vectors of embedded sentences")
    parser.add_argument("--home", type=Path, help="a folder to fill once and measure again; it stays")
    parser.add_argument("--client", metavar="URL", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.client:
        be_client(given.client)
        return
    async with open_bench(given.home) as (app, tenant_id):
        rows = await run(app, tenant_id, passages=given.passages, count=given.queries, made=given.made)
    facts = {"passages": given.passages, "queries": given.queries, "made": given.made}
    report(f"search_latency_{given.passages}", rows, **facts)


if __name__ == "__main__":
    uvloop.run(main())
