"""S3: does fusing the arms find more than each alone? nDCG@10 on SciFact (test queries) and Cranfield.

Beside our arms: BM25 in numpy over the same lexemes with exact counts (what the SQL form must not fall behind), and
Postgres's own ts_rank_cd, which the lexical arm replaces.

    python benchmarks/search_quality_bench.py
"""

import csv
import gzip
import io
import math
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from uuid import UUID

import numpy as np
import psycopg
import uvloop

from harness import fill, open_bench, percentile, read_jsonl, report, shared_folder
from likewise.engine.collections import ItemDraft
from likewise.engine.search import SearchRequest, build_vector_indexes, search
from likewise.engine.search.model import Arm
from likewise.platform.feature import App

SETS = ("scifact", "cranfield")
CUT = 10
ARMS: dict[str, tuple[Arm, ...]] = {
    "vector": ("vector",),
    "lexical": ("lexical",),
    "hybrid": ("vector", "lexical", "trigram"),
}
Judgments = Mapping[str, frozenset[str]]


class Postings:
    """Lexemes of every document with their counts: what a BM25 in numpy needs."""

    def __init__(self, documents: Sequence[tuple[str, Sequence[str], Sequence[int]]]) -> None:
        self.keys = [key for key, _, _ in documents]
        self.lengths = np.array([sum(counts) for _, _, counts in documents], np.float64)
        found: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for place, (_, lexemes, counts) in enumerate(documents):
            for lexeme, count in zip(lexemes, counts, strict=True):
                found[lexeme].append((place, count))
        self.by_lexeme = {lexeme: np.array(pairs) for lexeme, pairs in found.items()}

    def rank(self, lexemes: Sequence[str], *, k1: float = 1.2, b: float = 0.75) -> list[str]:
        """Keys of the best documents by BM25."""
        scores = np.zeros(len(self.keys))
        norm = k1 * (1 - b + b * self.lengths / self.lengths.mean())
        for lexeme in lexemes:
            pairs = self.by_lexeme.get(lexeme)
            if pairs is not None:
                places, counts = pairs[:, 0], pairs[:, 1]
                weight = math.log1p((len(self.keys) - len(places) + 0.5) / (len(places) + 0.5))
                scores[places] += weight * counts / (counts + norm[places])
        best = np.argsort(-scores, kind="stable")[:CUT]
        return [self.keys[place] for place in best if scores[place] > 0]


def read_set(folder: Path) -> tuple[list[ItemDraft], dict[str, str], Judgments]:
    """Documents, test queries and which documents answer them (any degree of relevance counts the same)."""
    drafts = [
        ItemDraft(key=str(row["_id"]), title=str(row.get("title") or "") or None, body=str(row["text"]) or "-")
        for row in read_jsonl(folder / "corpus.jsonl.gz")
    ]
    text = gzip.decompress((folder / "qrels.tsv.gz").read_bytes()).decode()
    judged: dict[str, set[str]] = defaultdict(set)
    for row in csv.DictReader(io.StringIO(text), delimiter="\t"):
        if row["split"] == "test" and int(row["score"]) > 0:
            judged[row["query-id"]].add(row["corpus-id"])
    queries = {str(row["_id"]): str(row["text"]) for row in read_jsonl(folder / "queries.jsonl.gz")}
    judgments = {query: frozenset(found) for query, found in judged.items()}
    return drafts, {query: queries[query] for query in judgments}, judgments


def ndcg(ranked: Sequence[str], relevant: frozenset[str]) -> float:
    """Normalised discounted cumulative gain of the first ten."""
    gain = sum(1 / math.log2(place + 2) for place, key in enumerate(ranked[:CUT]) if key in relevant)
    ideal = sum(1 / math.log2(place + 2) for place in range(min(CUT, len(relevant))))
    return gain / ideal


async def judge(
    queries: Mapping[str, str], judgments: Judgments, rank: Callable[[str], Awaitable[list[str]]], **names: object
) -> dict[str, object]:
    """One row of the report; `rank` gives keys, best first."""
    scores: list[float] = []
    seconds: list[float] = []
    for query, text in queries.items():
        started = time.perf_counter()
        keys = await rank(text)
        seconds.append(time.perf_counter() - started)
        scores.append(ndcg(keys, judgments[query]))
    row = {"ndcg@10": round(float(np.mean(scores)), 4), "queries": len(scores)}
    return {**names, **row, "p50_ms": percentile(seconds, 0.5), "p95_ms": percentile(seconds, 0.95)}


async def compare(app: App, tenant_id: UUID, name: str) -> list[dict[str, object]]:
    """Every method on one set."""
    drafts, queries, judgments = read_set(shared_folder(f"retrieval/{name}"))
    await fill(app, tenant_id, drafts, name=name, kinds={})
    await build_vector_indexes(app)
    rows: list[dict[str, object]] = []
    for method, arms in ARMS.items():

        async def ask(text: str, arms: tuple[Arm, ...] = arms) -> list[str]:
            request = SearchRequest(query=text, collection=name, k=CUT, arms=arms, highlight=False)
            return [result.key for result in (await search(app, tenant_id, request)).data]

        rows.append(await judge(queries, judgments, ask, set=name, method=method))
    with psycopg.connect(app.db.owner_url, autocommit=True) as connection:
        connection.execute("set role likewise_maintenance")
        rows += await _baselines(connection, name, queries, judgments)
    return rows


async def _baselines(
    connection: psycopg.Connection, name: str, queries: Mapping[str, str], judgments: Judgments
) -> list[dict[str, object]]:
    documents = connection.execute(
        """
        select i.key, array_agg(x.lexeme), array_agg(cardinality(x.positions))
        from search.documents d join collections.items i on i.tenant_id = d.tenant_id and i.id = d.item_id
        join collections.collections c on c.tenant_id = d.tenant_id and c.id = d.collection_id
        cross join lateral unnest(d.lexemes) x
        where c.name = %s group by i.key
        """,
        [name],
    ).fetchall()
    postings = Postings(documents)

    async def bm25(text: str) -> list[str]:
        row = connection.execute("select tsvector_to_array(to_tsvector('english', %s))", [text]).fetchone()
        return postings.rank(row[0] if row else [])

    async def cover_density(text: str) -> list[str]:
        rows = connection.execute(
            """
            select i.key from search.documents d
            join collections.items i on i.tenant_id = d.tenant_id and i.id = d.item_id
            join collections.collections c on c.tenant_id = d.tenant_id and c.id = d.collection_id,
            (select string_agg(quote_literal(x), ' | ')::tsquery as q
             from unnest(tsvector_to_array(to_tsvector('english', %s))) x) w
            where c.name = %s and d.lexemes @@ w.q order by ts_rank_cd(d.lexemes, w.q, 1) desc limit 10
            """,
            (text, name),
        )
        return [key for (key,) in rows]

    return [
        await judge(queries, judgments, bm25, set=name, method="BM25 in numpy"),
        await judge(queries, judgments, cover_density, set=name, method="ts_rank_cd"),
    ]


async def main() -> None:
    rows: list[dict[str, object]] = []
    async with open_bench() as (app, tenant_id):
        for name in SETS:
            rows += await compare(app, tenant_id, name)
    report("search_quality", rows)


if __name__ == "__main__":
    uvloop.run(main())
