"""The door to embedding: the space that serves a tenant, vectors of queries and texts in it, and the loaded models."""

from likewise.engine.embedding.events import ItemsEmbedded, SpaceChanged
from likewise.engine.embedding.model import QueryVector, Space
from likewise.engine.embedding.service import (
    Embedder,
    QuerySource,
    QuerySources,
    embed_query,
    embed_texts,
    get_space,
    item_vectors,
    serving_space,
)
from likewise.engine.embedding.service.caching import text_hash

__all__ = [
    "Embedder",
    "ItemsEmbedded",
    "QuerySource",
    "QuerySources",
    "QueryVector",
    "Space",
    "SpaceChanged",
    "embed_query",
    "embed_texts",
    "get_space",
    "item_vectors",
    "serving_space",
    "text_hash",
]
