"""E2 and E3: messages per second that are stored, and that can be found; and memory that stays flat for a long file.

E2: batches acknowledged after their commit, nothing else running; baseline: the same keys and bodies in the same
batches into a bare table of the same Postgres. E3: a file until each row can be found by meaning, and by words, with
the worker's loops in the same process, as in `likewise up`, and once more in a collection that is grouped as it grows;
baseline: the model alone over the texts that differ.
`--rows N` instead loads a generated file with the model that costs nothing, and watches this process's memory.
"""

import argparse
import asyncio
import csv
import random
import tempfile
import time
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from uuid import UUID

import uvloop

from harness import open_bench, read_jsonl, shared_folder
from likewise.cli.host import work
from likewise.engine.clusters import group_collection
from likewise.engine.clusters.consumers import consumer
from likewise.engine.collections import (
    ItemDraft,
    Mapping,
    ensure_collection,
    load_rows,
    normalised_text,
    open_reader,
    put_items,
    wait_until_searchable,
)
from likewise.engine.collections.service import LoadProgress
from likewise.engine.embedding.service import Embedder
from likewise.engine.search.consumers import SEARCH_DOCUMENTS
from likewise.platform.events import caught_up
from likewise.platform.feature import App
from likewise.platform.jobs import watch_operation
from report import forget_peak_memory, memory_mb, middle, peak_memory_mb, ratio, report

SEED = 20261121
BATCH_ROWS = 1_000
WRITERS = 2
CATCH_UP_S = 600.0
NAME = "messages"
MARKS = 10


def distinct_texts(count: int) -> list[str]:
    """Short messages that differ: BANKING77 questions and Stack Overflow titles, in an order of chance."""
    rows = read_jsonl(shared_folder("intents") / "banking77.jsonl.gz")
    rows += read_jsonl(shared_folder("clustering") / "stackoverflow_titles_20.jsonl.gz")
    texts = list({normalised_text(str(row["text"])): str(row["text"]) for row in rows}.values())
    random.Random(SEED).shuffle(texts)
    return texts[:count]


async def acknowledged(texts: Sequence[str]) -> tuple[float, float]:
    """E2: messages per second, ours and the bare table's."""
    async with open_bench(embedding_model="fake") as (app, tenant_id):
        target = await ensure_collection(app, tenant_id, name=NAME, facets={})
        batches = [texts[start : start + BATCH_ROWS] for start in range(0, len(texts), BATCH_ROWS)]

        async def write(writer: int) -> None:
            for number in range(writer, len(batches), WRITERS):
                drafts = [ItemDraft(key=f"{number}-{n}", body=text) for n, text in enumerate(batches[number])]
                await put_items(app, tenant_id, collection=target, drafts=drafts)

        started = time.perf_counter()
        await asyncio.gather(*(write(writer) for writer in range(WRITERS)))
        ours = len(texts) / (time.perf_counter() - started)
        return ours, await _bare_inserts(app, batches)


async def _bare_inserts(app: App, batches: Sequence[Sequence[str]]) -> float:
    async with app.db.owner_connection() as connection:
        await connection.execute("create table bare (key text primary key, body text not null)")

    async def write(writer: int) -> None:
        async with app.db.owner_connection() as connection:
            for number in range(writer, len(batches), WRITERS):
                keys = [f"{number}-{n}" for n in range(len(batches[number]))]
                await connection.execute(
                    "insert into bare select * from unnest(%s::text[], %s::text[])", [keys, list(batches[number])]
                )

    started = time.perf_counter()
    await asyncio.gather(*(write(writer) for writer in range(WRITERS)))
    return sum(map(len, batches)) / (time.perf_counter() - started)


async def finished(texts: Sequence[str], *, distinct: int, grouped: bool) -> tuple[float, float, float]:
    """E3: rows per second until found by meaning, and by words too, and in clusters if the collection is `grouped`; and
    the model's own texts per second."""
    async with open_bench() as (app, tenant_id):
        followers = [SEARCH_DOCUMENTS.name]
        with tempfile.TemporaryDirectory(prefix="likewise-bench-") as folder:
            path = Path(folder) / "messages.csv"
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([("id", "text"), *enumerate(texts)])
            async with work(app):
                if grouped:
                    followers.append(consumer(app).name)
                    await ensure_collection(app, tenant_id, name=NAME, facets={})
                    operation_id = await group_collection(app, tenant_id, collection=NAME)
                    async for _ in watch_operation(app.db, tenant_id, operation_id):
                        pass
                started = time.perf_counter()
                await _load(app, tenant_id, path)
                by_meaning_s = time.perf_counter() - started
                for name in followers:
                    await caught_up(app.db, name, tenant_id, timeout_s=CATCH_UP_S)
                by_words_s = time.perf_counter() - started
        model = app.resource(Embedder).model
        alone = list(dict.fromkeys(texts))[:distinct]
        started = time.perf_counter()
        await model.embed(alone, purpose="passage")
        model_rate = len(alone) / (time.perf_counter() - started)
    return len(texts) / by_meaning_s, len(texts) / by_words_s, model_rate


async def _load(app: App, tenant_id: UUID, path: Path, *, marks: list[tuple[int, float]] | None = None) -> None:
    def tell(progress: LoadProgress) -> None:
        if marks is not None:
            marks.append((progress.rows, memory_mb()))

    with open_reader(path) as reader:
        done = await load_rows(
            app,
            tenant_id,
            reader=reader,
            collection=NAME,
            mapping=Mapping(text="text", key="id"),
            on_progress=tell,
        )
    if done.rejected:
        raise RuntimeError(f"{done.rejected} rows were refused")
    await wait_until_searchable(app, tenant_id, collection=NAME)


async def rates(count: int, *, runs: int) -> None:
    """Measure E2 and E3 and report them."""
    texts = distinct_texts(count)
    half = texts[: len(texts) // 2]
    repeated = [*half, *half]
    random.Random(SEED).shuffle(repeated)
    forget_peak_memory()
    rows: list[dict[str, object]] = []
    pairs = [await acknowledged(texts) for _ in range(runs)]
    ours, bare = middle([pair[0] for pair in pairs]), middle([pair[1] for pair in pairs])
    rows.append(
        {
            "what": "E2 acknowledged after commit",
            "rows/s": ours,
            "baseline": "bare table",
            "baseline/s": bare,
            "ratio": ratio(ours, bare),
        }
    )
    corpora = {"no repeats": texts, "half repeats": repeated}
    for (name, corpus), grouped in product(corpora.items(), (False, True)):
        found = [await finished(corpus, distinct=len(set(corpus)), grouped=grouped) for _ in range(runs)]
        meaning, words, model = (middle([run[place] for run in found]) for place in range(3))
        whole = "found by words too, and clustered" if grouped else "found by words too"
        for what, rate in ({whole: words} if grouped else {"found by meaning": meaning, whole: words}).items():
            rows.append(
                {
                    "what": f"E3 {what}, {name}",
                    "rows/s": rate,
                    "baseline": "the model alone",
                    "baseline/s": model,
                    "ratio": ratio(rate, model),
                }
            )
    for row in rows:
        row["peak_mb"] = peak_memory_mb()
    report("ingest", rows, texts=len(texts), runs=runs, batch_rows=BATCH_ROWS, writers=WRITERS)


async def flatness(count: int) -> None:
    """Load a generated file of `count` rows, and report what this process holds after each tenth."""
    chance = random.Random(SEED)
    words = [f"word{number}" for number in range(5_000)]
    with tempfile.TemporaryDirectory(prefix="likewise-bench-") as folder:
        path = Path(folder) / "generated.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("id", "text"))
            for number in range(count):
                writer.writerow((number, f"{number} {' '.join(chance.choices(words, k=12))}"))
        marks: list[tuple[int, float]] = []
        async with open_bench(embedding_model="fake") as (app, tenant_id), work(app):
            before = memory_mb()
            forget_peak_memory()
            started = time.perf_counter()
            await _load(app, tenant_id, path, marks=marks)
            seconds = time.perf_counter() - started
            peak = peak_memory_mb()
    rows: list[dict[str, object]] = [{"what": "before the load", "held_mb": before}]
    for mark in range(1, MARKS + 1):
        at, held = next(entry for entry in marks if entry[0] >= count * mark // MARKS)
        rows.append({"what": f"{mark * 100 // MARKS} % of the rows", "rows": at, "held_mb": held})
    first, last = (float(str(rows[place]["held_mb"])) for place in (2, -1))
    rows.append({"what": "all", "rows": count, "rows/s": count / seconds, "held_mb": peak, "ratio": ratio(last, first)})
    print("ratio: memory held at the end to that after a fifth of the rows; the model is the fake one")
    report(f"ingest_{count}_rows", rows, baseline="memory held after a fifth of the rows")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=8_000)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--rows", type=int, help="load a generated file of this many rows instead")
    given = parser.parse_args()
    uvloop.run(flatness(given.rows) if given.rows else rates(given.texts, runs=given.runs))


if __name__ == "__main__":
    main()
