"""What a process keeps of embedding: the loaded model, its space, and the bells that wake those who wait."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray
from prometheus_client import Counter, Histogram

from likewise.engine.embedding import store
from likewise.engine.embedding.model import Space
from likewise.engine.embedding.models import EmbeddingModel, choose_model
from likewise.engine.embedding.settings import EmbeddingSettings
from likewise.platform.egress import operator_policy
from likewise.platform.errors import Conflict
from likewise.platform.feature import App
from likewise.platform.telemetry import METRICS

__all__ = ["Embedder", "open_embedder"]

_QUERIES_KEPT_MAX = 10_000  # 1.5 KB each
TEXTS = Counter(
    "likewise_embedding_texts_total", "Texts by where their vector came from", ["source"], registry=METRICS.registry
)
SECONDS = Histogram("likewise_embedding_batch_seconds", "Seconds per batch of texts", registry=METRICS.registry)


class SpaceMismatch(Conflict):
    """This database's vectors were made by {active}, but the settings name {configured}; they cannot be compared. Set
    LIKEWISE_EMBEDDING_MODEL={active_name} again, or run `likewise models use {configured_name}` to embed everything
    anew."""


class Embedder:
    """The model of this process and the space its vectors live in."""

    def __init__(self, model: EmbeddingModel, space: Space) -> None:
        self.model = model
        self.space = space
        self.work_arrived = asyncio.Event()
        self.progress = asyncio.Condition()
        self.under_way: dict[bytes, asyncio.Future[NDArray[np.float32]]] = {}
        self._queries: OrderedDict[bytes, NDArray[np.float32]] = OrderedDict()

    def recall_query(self, key: bytes) -> NDArray[np.float32] | None:
        """A query's vector from this process's memory."""
        found = self._queries.get(key)
        if found is not None:
            self._queries.move_to_end(key)
        return found

    def keep_query(self, key: bytes, vector: NDArray[np.float32]) -> None:
        """Remember a query's vector; the least recently used ones go."""
        self._queries[key] = vector
        if len(self._queries) > _QUERIES_KEPT_MAX:
            self._queries.popitem(last=False)

    def forget_query(self, key: bytes) -> None:
        """Drop a query's vector from this process's memory."""
        self._queries.pop(key, None)


@asynccontextmanager
async def open_embedder(app: App, *, model: EmbeddingModel | None = None) -> AsyncGenerator[Embedder]:
    """Load the configured model and find or make its space. Raises SpaceMismatch."""
    settings = app.settings.get(EmbeddingSettings)
    if model is None:
        policy = operator_policy(settings.provider_url)
        model = await choose_model(settings, home=app.settings.home, open_client=lambda: app.egress.open_client(policy))
    try:
        yield Embedder(model, await _space_of(app, model, adopt=settings.adopt))
    finally:
        await model.close()


async def _space_of(app: App, model: EmbeddingModel, *, adopt: bool) -> Space:
    """The model's space, made if need be; it must be the active one, for only that one is searched."""
    mine = (model.name, model.version, model.dimension)
    async with app.db.maintenance() as tx:
        await store.insert_space(tx, model=model.name, version=model.version, dimension=model.dimension)
        spaces = await store.list_spaces(tx)
        found = next(space for space in spaces if (space.model, space.version, space.dimension) == mine)
        if adopt and not found.active:
            await store.activate_space(tx, space_id=found.space_id)
            return replace(found, active=True)
    active = next(space for space in spaces if space.active)
    if not found.active:
        raise SpaceMismatch(
            active=f"{active.model} {active.version}",
            active_name=active.model,
            configured=f"{found.model} {found.version}",
            configured_name=found.model,
        )
    return found
