"""The verbs of embedding: embed now (queries), embed later (passages), choose the space, keep the cache bounded."""

from likewise.engine.embedding.service.caching import forget_texts, text_hash, trim_cache
from likewise.engine.embedding.service.following import EmbeddingFollower
from likewise.engine.embedding.service.pipeline import run_pipeline
from likewise.engine.embedding.service.querying import embed_query, embed_texts, item_vectors
from likewise.engine.embedding.service.runtime import Embedder, open_embedder
from likewise.engine.embedding.service.spaces import change_model, list_models, retry_failed

__all__ = [
    "Embedder",
    "EmbeddingFollower",
    "change_model",
    "embed_query",
    "embed_texts",
    "forget_texts",
    "item_vectors",
    "list_models",
    "open_embedder",
    "retry_failed",
    "run_pipeline",
    "text_hash",
    "trim_cache",
]
