"""Embedding now: a query somebody waits for, and texts given as examples."""

from collections.abc import Sequence
from uuid import UUID

from likewise.engine.embedding import store
from likewise.engine.embedding.model import QueryVector, Space
from likewise.engine.embedding.models import Embeddings
from likewise.engine.embedding.service.caching import ask_model, count_saved, keep, text_hash
from likewise.engine.embedding.service.runtime import TEXTS, Embedder
from likewise.platform.db import HalfVector, Tx, refuse_in_transaction
from likewise.platform.feature import App

__all__ = ["embed_query", "embed_texts", "item_vectors"]

_VECTORS_OF_ITEMS_MAX = 10_000


async def embed_query(app: App, tenant_id: UUID, *, text: str, space: Space) -> QueryVector:
    """A query's vector: from this process's memory, from the cache, or from the model's own lane for queries.

    `space` is the tenant's (see `serving_space`); whoever searches with the vector searches that space. Raises
    SpaceUnavailable, SpendCapReached, and what the model raises.
    """
    refuse_in_transaction()
    embedder = app.resource(Embedder)
    station = await embedder.station(space)
    key = text_hash(space.space_id, text)
    vector = embedder.recall_query(key)
    cached = vector is not None
    if vector is None:
        async with app.db.maintenance() as tx:
            found = await store.list_cached(tx, space_id=space.space_id, hashes=[key])
        if found:
            vector, cached = found[0].vector, True
        else:
            matrix = await ask_model(app, tenant_id, station, [text], purpose="query")
            vector = matrix[0]
            await keep(app, space, [key], matrix)
        embedder.keep_query(key, vector)
    if cached:
        count_saved(app, tenant_id, station, [text], is_call=True)
    TEXTS.labels("query_cache" if cached else "query_model").inc()
    return QueryVector(
        vector=HalfVector(vector),
        space_id=space.space_id,
        dimension=space.dimension,
        cached=cached,
    )


async def embed_texts(app: App, tenant_id: UUID, *, texts: Sequence[str], space: Space) -> Embeddings:
    """Vectors of a few texts in a space, shape (len(texts), dimension), by the lane for queries."""
    refuse_in_transaction()
    station = await app.resource(Embedder).station(space)
    return await ask_model(app, tenant_id, station, texts, purpose="query")


async def item_vectors(tx: Tx, *, item_ids: Sequence[UUID], space: Space) -> list[store.StoredVector]:
    """The stored vectors of these items' passages in a space."""
    return await store.list_vectors(tx, space_id=space.space_id, item_ids=item_ids, limit=_VECTORS_OF_ITEMS_MAX)
