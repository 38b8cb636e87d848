"""What a process keeps of embedding: the loaded models and their spaces, and the bells that wake those who wait."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import cast, get_args

import msgspec
import numpy as np
from numpy.typing import NDArray
from prometheus_client import Counter, Histogram

from likewise.engine.embedding import store
from likewise.engine.embedding.model import Space
from likewise.engine.embedding.models import EmbeddingModel, choose_model
from likewise.engine.embedding.settings import EmbeddingSettings, ModelName
from likewise.platform.egress import operator_policy
from likewise.platform.errors import Conflict, Fact, Rejected, Unavailable
from likewise.platform.feature import App
from likewise.platform.telemetry import METRICS

__all__ = ["Embedder", "ModelUnknown", "SpaceUnavailable", "Station", "find_or_make_space", "open_embedder"]

_QUERIES_KEPT_MAX = 10_000  # 1.5 KB each
TEXTS = Counter(
    "likewise_embedding_texts_total", "Texts by where their vector came from", ["source"], registry=METRICS.registry
)
SECONDS = Histogram("likewise_embedding_batch_seconds", "Seconds per batch of texts", registry=METRICS.registry)
Load = Callable[[str], Awaitable[EmbeddingModel]]


class SpaceMismatch(Conflict):
    """New tenants of this database are served by {active}, but the settings name {configured}; their vectors cannot be
    compared. Set LIKEWISE_EMBEDDING_MODEL={active_name} again. `likewise models use NAME` changes the model for
    everybody while searches go on, `likewise models change NAME` for one tenant."""


class SpaceUnavailable(Unavailable):
    """Vectors of {model} {version} are asked for, which this process cannot make: {reason}. Configure that model again,
    or change to another with `likewise models change`."""


class ModelUnknown(Rejected):
    """There is no model {name!r}. Known are: {known}."""


class Station(msgspec.Struct, frozen=True):
    """A loaded model and the space its vectors live in."""

    model: EmbeddingModel
    space: Space


class Embedder:
    """The models of this process. `model` and `space` are what the settings name; others are loaded when needed."""

    def __init__(self, model: EmbeddingModel, space: Space, *, load: Load, retry_s: float) -> None:
        self.model = model
        self.space = space
        self.work_arrived = asyncio.Event()
        self.progress = asyncio.Condition()
        self.under_way: dict[bytes, asyncio.Future[NDArray[np.float32]]] = {}
        self.speeds: dict[int, float] = {}
        self._queries: OrderedDict[bytes, NDArray[np.float32]] = OrderedDict()
        self._load = load
        self._retry_s = retry_s
        self._stations: dict[int, Station] = {space.space_id: Station(model, space)}
        self._failures: dict[int, tuple[float, SpaceUnavailable]] = {}
        self._loading = asyncio.Lock()

    async def station(self, space: Space) -> Station:
        """The model of a space, loaded if need be. Raises SpaceUnavailable, at once where it failed a moment ago."""
        found = self._stations.get(space.space_id)
        if found is not None:
            return found
        async with self._loading:
            if (found := self._stations.get(space.space_id)) is not None:
                return found
            failure = self._failures.get(space.space_id)
            if failure is not None and failure[0] > time.monotonic():
                raise failure[1]
            try:
                return self.admit(await self._load_for(space), space)
            except SpaceUnavailable as error:
                self._failures[space.space_id] = (time.monotonic() + self._retry_s, error)
                raise

    def hopeless(self) -> list[int]:
        """Spaces whose model could not be loaded a moment ago."""
        return [space_id for space_id, (until, _) in self._failures.items() if until > time.monotonic()]

    def known_station(self, space_id: int) -> Station | None:
        """The model of a space where it is loaded already."""
        return self._stations.get(space_id)

    async def load(self, name: str) -> EmbeddingModel:
        """A model by its name, fresh; whoever asks admits or closes it. Raises ModelUnknown and what loading raises."""
        if name not in get_args(ModelName):
            raise ModelUnknown(name=name, known=", ".join(get_args(ModelName)))
        return await self._load(name)

    def admit(self, model: EmbeddingModel, space: Space) -> Station:
        """Keep a loaded model for its space, until the process ends."""
        self._failures.pop(space.space_id, None)
        return self._stations.setdefault(space.space_id, Station(model, space))

    async def close(self) -> None:
        """Close every model."""
        await asyncio.gather(*(station.model.close() for station in self._stations.values()))

    async def _load_for(self, space: Space) -> EmbeddingModel:
        try:
            model = await self._load(space.model if space.model != "hashing" else "minilm")
        except Fact as fact:
            raise SpaceUnavailable(model=space.model, version=space.version, reason=fact.message) from fact
        if (model.name, model.version, model.dimension) == (space.model, space.version, space.dimension):
            return model
        await model.close()
        reason = f"the settings give {model.name} {model.version} of {model.dimension} dimensions"
        raise SpaceUnavailable(model=space.model, version=space.version, reason=reason)

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

    async def load(name: str) -> EmbeddingModel:
        return await _choose(app, settings.model_copy(update={"model": cast("ModelName", name)}))

    if model is None:
        model = await load(settings.model)
    try:
        space = await _space_of(app, model)
    except BaseException:
        await model.close()
        raise
    embedder = Embedder(model, space, load=load, retry_s=settings.model_retry_s)
    try:
        yield embedder
    finally:
        await embedder.close()


async def _choose(app: App, settings: EmbeddingSettings) -> EmbeddingModel:
    policy = operator_policy(settings.provider_url)
    fallback = operator_policy(settings.provider_fallback_url or settings.provider_url)
    return await choose_model(
        settings,
        home=app.settings.home,
        open_client=lambda: app.egress.open_client(policy),
        open_fallback_client=lambda: app.egress.open_client(fallback),
    )


async def _space_of(app: App, model: EmbeddingModel) -> Space:
    """The model's space, made if need be; it must be the active one, which serves whoever never chose."""
    found, active = await find_or_make_space(app, model)
    if not found.active:
        raise SpaceMismatch(
            active=f"{active.model} {active.version}",
            active_name=active.model,
            configured=f"{found.model} {found.version}",
        )
    return found


async def find_or_make_space(app: App, model: EmbeddingModel) -> tuple[Space, Space]:
    """The space of a model, made if need be; and the active one."""
    mine = (model.name, model.version, model.dimension)
    async with app.db.maintenance() as tx:
        spaces = await store.list_spaces(tx)
        if not any((space.model, space.version, space.dimension) == mine for space in spaces):
            await store.insert_space(tx, model=model.name, version=model.version, dimension=model.dimension)
            spaces = await store.list_spaces(tx)
    found = next(space for space in spaces if (space.model, space.version, space.dimension) == mine)
    return found, next(space for space in spaces if space.active)
