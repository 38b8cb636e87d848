"""The door to embedding: vectors of queries and texts, the space they live in, and the loaded model."""

from likewise.engine.embedding.events import ItemsEmbedded
from likewise.engine.embedding.model import QueryVector, Space
from likewise.engine.embedding.service import Embedder, embed_query, embed_texts, item_vectors
from likewise.engine.embedding.service.caching import text_hash

__all__ = [
    "Embedder",
    "ItemsEmbedded",
    "QueryVector",
    "Space",
    "embed_query",
    "embed_texts",
    "item_vectors",
    "text_hash",
]
