"""The lane of queries: how long a query's vector takes while a bulk load runs, and what that costs the load.

Queries arrive at fixed times (an open model), so that a slow one delays no other. Baselines in the same run: queries
on an idle machine, and queries beside a load that does not wait for them (`bulk_wait_max_s` 0).
"""

import argparse
import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import gettempdir

import uvloop

from harness import read_jsonl, shared_folder
from likewise.engine.embedding.models import find_weights
from likewise.engine.embedding.models.minilm import MiniLM
from likewise.engine.embedding.settings import EmbeddingSettings
from report import forget_peak_memory, peak_memory_mb, percentile, ratio, report

INTERVAL_S = 0.05
WARM_QUERIES = 20


async def ask_steadily(model: MiniLM, queries: Sequence[str]) -> list[float]:
    """Seconds of each query, counted from when it was due."""

    async def ask(due: float, text: str) -> float:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        await model.embed([text], purpose="query")
        return time.perf_counter() - due

    for text in queries[:WARM_QUERIES]:
        await model.embed([text], purpose="query")
    begin = time.perf_counter() + INTERVAL_S
    return await asyncio.gather(*(ask(begin + place * INTERVAL_S, text) for place, text in enumerate(queries)))


async def load_endlessly(model: MiniLM, texts: Sequence[str], done: list[int]) -> None:
    """Embed the same texts again and again, in the batches of the pipeline."""
    while True:
        for start in range(0, len(texts), 1_024):
            batch = texts[start : start + 1_024]
            await model.embed(batch, purpose="passage")
            done[0] += len(batch)


async def measure(model: MiniLM, queries: Sequence[str], texts: Sequence[str]) -> tuple[list[float], float]:
    """Each query's seconds, and the load's texts per second; without texts there is no load."""
    done = [0]
    loads = [asyncio.create_task(load_endlessly(model, texts, done)) for _ in range(2 if texts else 0)]
    started = time.perf_counter()
    try:
        times = await ask_steadily(model, queries)
    finally:
        for load in loads:
            load.cancel()
        await asyncio.gather(*loads, return_exceptions=True)
    return times, done[0] / (time.perf_counter() - started)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--group-tokens", type=int, default=EmbeddingSettings().group_tokens_max)
    given = parser.parse_args()
    files = find_weights(EmbeddingSettings(), home=Path(gettempdir()))
    if files is None:
        parser.exit(1, "The default model's files are not installed: `make setup` brings them.\n")
    rows = read_jsonl(shared_folder("intents") / "banking77.jsonl.gz")
    texts = [str(row["text"]) for row in rows]
    queries, texts = texts[: given.queries], texts[given.queries :]
    forget_peak_memory()
    found: list[dict[str, object]] = []
    idle_p95 = 0.0
    for what, wait_s, corpus in (
        ("idle", 0.05, []),
        ("load that does not wait", 0.0, texts),
        ("load that waits for queries", EmbeddingSettings().bulk_wait_max_s, texts),
    ):
        model = MiniLM(files, EmbeddingSettings(bulk_wait_max_s=wait_s, group_tokens_max=given.group_tokens))
        times, rate = await measure(model, queries, corpus)
        await model.close()
        p95 = percentile(times, 0.95)
        idle_p95 = idle_p95 or p95
        found.append(
            {
                "what": f"query beside: {what}",
                "p50_ms": percentile(times, 0.5),
                "p95_ms": p95,
                "load_texts/s": rate,
                "ratio": ratio(p95, idle_p95),
                "peak_mb": peak_memory_mb(),
            }
        )
    report("query_lane", found, baseline="p95 on an idle machine", group_tokens=given.group_tokens)


if __name__ == "__main__":
    uvloop.run(main())
