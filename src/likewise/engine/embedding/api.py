"""`/api/v1/models`: the spaces there are, and texts turned into vectors."""

from typing import Annotated

import msgspec
from litestar import get, post
from msgspec import Meta

from likewise.engine.embedding import service
from likewise.engine.embedding.model import ModelInfo
from likewise.platform.feature import App
from likewise.platform.tenancy import Caller
from likewise.platform.web import Page, readers, writers

__all__ = ["ROUTES"]

_TAGS = ["models"]


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


@get("/models", tags=_TAGS, guards=[readers], operation_id="list_models", summary="List embedding models")
async def list_models(app: App) -> Page[ModelInfo]:
    """Every vector space this database knows; the active one is searched."""
    return Page(data=await service.list_models(app))


@post("/models/embed", tags=_TAGS, guards=[readers], operation_id="embed", summary="Embed texts", status_code=200)
async def embed(app: App, data: EmbedBody) -> EmbedResult:
    """Vectors of a few texts from the active model."""
    embedder = app.resource(service.Embedder)
    matrix = await service.embed_texts(app, data.texts)
    return EmbedResult(
        data=[[float(value) for value in row] for row in matrix],
        space_id=embedder.space.space_id,
        dimension=embedder.space.dimension,
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


ROUTES = (list_models, embed, retry)
