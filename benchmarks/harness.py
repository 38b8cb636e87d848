"""What every benchmark needs: a fresh application and data to fill it with; `report` tells the figures."""

import asyncio
import gzip
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from likewise.app import open_app
from likewise.engine.collections import Collection, FacetKind, ItemDraft, ensure_collection, put_items
from likewise.engine.collections.service import wait_until_searchable
from likewise.engine.embedding import Embedder
from likewise.engine.embedding.service import run_pipeline
from likewise.engine.search.consumers import SEARCH_DOCUMENTS
from likewise.platform.config import Settings
from likewise.platform.events import drain
from likewise.platform.feature import App
from likewise.platform.tenancy import find_tenant
from report import ROOT, percentile, report

__all__ = ["SHARED", "cached_vectors", "fill", "open_bench", "percentile", "read_jsonl", "report", "shared_folder"]

SHARED = ROOT.parent / "shared" / "data"


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
async def open_bench(home: Path | None = None, **flags: object) -> AsyncGenerator[tuple[App, UUID]]:
    """A fresh embedded database with the default model, and its default tenant; gone afterwards, but for a `home` that
    was given: that is used as it is found, and stays."""
    with ExitStack() as stack:
        if home is None:
            home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="likewise-bench-")))
        home.mkdir(parents=True, exist_ok=True)
        # Else the server's user cannot enter, and its data would lie elsewhere and stay there.
        await asyncio.to_thread(home.chmod, 0o755)
        settings = Settings({"home": home, **flags}, file=home / "none.toml")
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


async def cached_vectors(app: App, name: str, texts: Sequence[str]) -> NDArray[np.float32]:
    """Vectors of many texts by the app's model, (n, dimension); computed once and kept in LIKEWISE_BENCH_CACHE."""
    embedder = app.resource(Embedder)
    said = "\n".join((embedder.space.model, embedder.space.version, *texts))
    folder = Path(os.environ.get("LIKEWISE_BENCH_CACHE", tempfile.gettempdir()))
    path = folder / f"{name}-{hashlib.sha256(said.encode()).hexdigest()[:16]}.npy"
    if path.exists():
        return np.load(path)
    rows = [
        await embedder.model.embed(texts[start : start + 512], purpose="passage") for start in range(0, len(texts), 512)
    ]
    vectors = np.concatenate(rows)
    await asyncio.to_thread(_save, path, vectors)
    return vectors


def _save(path: Path, vectors: NDArray[np.float32]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, vectors)
