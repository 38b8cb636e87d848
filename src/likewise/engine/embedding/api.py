"""`/api/v1/models`: the spaces there are, the way from one to another, what embedding costs, and texts as vectors."""

from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import Parameter
from msgspec import Meta

from likewise.engine.embedding import service
from likewise.engine.embedding.jobs import CHANGE_MODEL, DROP_MODEL, SpaceArgs
from likewise.engine.embedding.model import Comparison, Estimate, ModelInfo, Usage
from likewise.platform.feature import App
from likewise.platform.ids import encode_id
from likewise.platform.tenancy import Caller
from likewise.platform.web import Page, admin_only, readers, writers

__all__ = ["ROUTES"]

_TAGS = ["models"]
ModelWish = Annotated[str, Meta(description="minilm, static, openai or fake", max_length=100)]


class EmbedBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Texts to embed, in one small batch."""

    texts: Annotated[list[str], Meta(min_length=1, max_length=64)]


class EmbedResult(msgspec.Struct, frozen=True):
    """One unit vector per text, in order."""

    data: list[list[float]]
    space_id: int
    dimension: int


class RetryResult(msgspec.Struct, frozen=True):
    """How many failed texts are queued again."""

    retried: int


class ChangeBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The model to change to."""

    model: ModelWish


class ChangeStarted(msgspec.Struct, frozen=True):
    """The operation to watch at /api/v1/operations/{id}, and the space it works on."""

    operation: str
    space_id: int


class CompareBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """On how many queries, and how many results of each."""

    collection: str
    queries: Annotated[int, Meta(ge=1, le=500)] = 20
    k: Annotated[int, Meta(ge=1, le=100)] = 10


class CutOverBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether to go on although some passages could not be embedded."""

    accept_failed: bool = False


class CutOverResult(msgspec.Struct, frozen=True):
    """The space that is searched from now on."""

    space_id: int
    model: str


@get("/models", tags=_TAGS, guards=[readers], operation_id="list_models", summary="List embedding models")
async def list_models(app: App, caller: Caller) -> Page[ModelInfo]:
    """Every vector space this database knows; the active one is searched."""
    return Page(data=await service.list_models(app, caller.tenant_id))


@post("/models/embed", tags=_TAGS, guards=[readers], operation_id="embed", summary="Embed texts", status_code=200)
async def embed(app: App, caller: Caller, data: EmbedBody) -> EmbedResult:
    """Vectors of a few texts from the active model."""
    space = await service.serving_space(app, caller.tenant_id)
    matrix = await service.embed_texts(app, caller.tenant_id, texts=data.texts, space=space)
    return EmbedResult(
        data=[[float(value) for value in row] for row in matrix],
        space_id=space.space_id,
        dimension=space.dimension,
    )


@post(
    "/models/retry",
    tags=_TAGS,
    guards=[writers],
    operation_id="retry_failed_texts",
    summary="Try failed texts again",
    status_code=200,
)
async def retry(app: App, caller: Caller) -> RetryResult:
    """Queues this tenant's failed texts again."""
    return RetryResult(retried=await service.retry_failed(app, caller.tenant_id))


@post(
    "/models/change",
    tags=_TAGS,
    guards=[admin_only],
    operation_id="change_model",
    summary="Begin to change the model",
    status_code=202,
)
async def change(app: App, caller: Caller, data: ChangeBody) -> ChangeStarted:
    """Embeds everything with another model while the present one goes on serving; new writes go to both. Watch the
    operation, compare, then cut over."""
    space = await service.find_target(app, model=data.model)
    async with app.db.tenant(caller.tenant_id) as tx:
        await service.begin_change(tx, space=space)
        operation = await app.jobs.defer(
            tx, CHANGE_MODEL, SpaceArgs(space.space_id), operation_kind=CHANGE_MODEL, unit="passages"
        )
    if operation is None:
        raise RuntimeError("a job with an operation kind has an operation")
    return ChangeStarted(encode_id("opr", operation), space.space_id)


@post(
    "/models/change/estimate",
    tags=_TAGS,
    guards=[readers],
    operation_id="estimate_model_change",
    summary="What changing the model would take",
    status_code=200,
)
async def estimate(app: App, caller: Caller, data: ChangeBody) -> Estimate:
    """Texts, cached ones, tokens, US dollars, minutes and bytes; nothing is done."""
    return await service.estimate_change(app, caller.tenant_id, model=data.model)


@post(
    "/models/compare",
    tags=_TAGS,
    guards=[readers],
    operation_id="compare_models",
    summary="Compare the two models",
    status_code=200,
)
async def compare(app: App, caller: Caller, data: CompareBody) -> Comparison:
    """How much of what the model that serves finds the other one finds too, on your recent queries or on passages."""
    return await service.compare_spaces(
        app, caller.tenant_id, collection=data.collection, queries_max=data.queries, k=data.k
    )


@post(
    "/models/cut_over",
    tags=_TAGS,
    guards=[admin_only],
    operation_id="cut_over_model",
    summary="Search with the other model from now on",
    status_code=200,
)
async def cut_over(app: App, caller: Caller, data: CutOverBody) -> CutOverResult:
    """At once and as a whole. Until the model before is dropped, cutting over again goes back to it."""
    space = await service.cut_over(app, caller.tenant_id, accept_failed=data.accept_failed)
    return CutOverResult(space.space_id, space.model)


@post(
    "/models/drop",
    tags=_TAGS,
    guards=[admin_only],
    operation_id="drop_model",
    summary="Drop the model that does not serve",
    status_code=202,
)
async def drop(app: App, caller: Caller) -> ChangeStarted:
    """Its vectors go, and so does whatever nobody else uses of it. Also ends a change that was begun in error."""
    async with app.db.tenant(caller.tenant_id) as tx:
        space = await service.begin_drop(tx, at=app.clock.now())
        operation = await app.jobs.defer(
            tx, DROP_MODEL, SpaceArgs(space.space_id), operation_kind=DROP_MODEL, unit="rows"
        )
    if operation is None:
        raise RuntimeError("a job with an operation kind has an operation")
    return ChangeStarted(encode_id("opr", operation), space.space_id)


@get("/models/usage", tags=_TAGS, guards=[readers], operation_id="model_usage", summary="What embedding did and cost")
async def usage(app: App, caller: Caller, days: Annotated[int, Parameter(ge=1, le=366)] = 30) -> Usage:
    """Texts, calls and what the cache saved of them, by day; and what is spent of the caps."""
    return await service.read_usage(app, caller.tenant_id, days=days)


ROUTES = (list_models, embed, retry, change, estimate, compare, cut_over, drop, usage)
