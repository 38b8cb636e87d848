"""Embedding now: a query somebody waits for, and texts given as examples."""

from collections.abc import Sequence
from uuid import UUID

from likewise.engine.embedding import store
from likewise.engine.embedding.model import QueryVector
from likewise.engine.embedding.models import Embeddings
from likewise.engine.embedding.service.caching import keep, text_hash
from likewise.engine.embedding.service.runtime import TEXTS, Embedder
from likewise.platform.db import HalfVector, Tx, refuse_in_transaction
from likewise.platform.feature import App

__all__ = ["embed_query", "embed_texts", "item_vectors"]

_VECTORS_OF_ITEMS_MAX = 10_000


async def embed_query(app: App, text: str) -> QueryVector:
    """A query's vector: from this process's memory, from the cache, or from the model's own lane for queries."""
    refuse_in_transaction()
    embedder = app.resource(Embedder)
    space = embedder.space
    key = text_hash(space.space_id, text)
    vector = embedder.recall_query(key)
    cached = vector is not None
    if vector is None:
        async with app.db.maintenance() as tx:
            found = await store.list_cached(tx, space_id=space.space_id, hashes=[key])
        if found:
            vector, cached = found[0].vector, True
        else:
            matrix = await embedder.model.embed([text], purpose="query")
            vector = matrix[0]
            await keep(app, embedder, [key], matrix)
        embedder.keep_query(key, vector)
    TEXTS.labels("query_cache" if cached else "query_model").inc()
    return QueryVector(
        vector=HalfVector(vector),
        space_id=space.space_id,
        dimension=space.dimension,
        cached=cached,
    )


async def embed_texts(app: App, texts: Sequence[str]) -> Embeddings:
    """Vectors of a few texts, shape (len(texts), dimension), by the lane for queries."""
    refuse_in_transaction()
    return await app.resource(Embedder).model.embed(texts, purpose="query")


async def item_vectors(app: App, tx: Tx, *, item_ids: Sequence[UUID]) -> list[store.StoredVector]:
    """The stored vectors of these items' passages in the active space."""
    return await store.list_vectors(
        tx,
        space_id=app.resource(Embedder).space.space_id,
        item_ids=item_ids,
        limit=_VECTORS_OF_ITEMS_MAX,
    )
