"""The verbs of embedding: embed now (queries), embed later (passages), change the space, keep the cache bounded."""

from likewise.engine.embedding.service.caching import forget_texts, sweep_forgotten, text_hash, trim_cache
from likewise.engine.embedding.service.changing import change_everybody, drop_other_space, fill_other_space
from likewise.engine.embedding.service.comparing import QuerySource, QuerySources, compare_spaces
from likewise.engine.embedding.service.estimating import estimate_change
from likewise.engine.embedding.service.following import EmbeddingFollower
from likewise.engine.embedding.service.pipeline import run_pipeline
from likewise.engine.embedding.service.querying import embed_query, embed_texts, item_vectors
from likewise.engine.embedding.service.runtime import Embedder, open_embedder
from likewise.engine.embedding.service.spaces import (
    begin_change,
    begin_drop,
    cut_over,
    find_target,
    get_space,
    list_models,
    retry_failed,
    serving_space,
)
from likewise.engine.embedding.service.using import counting, read_usage

__all__ = [
    "Embedder",
    "EmbeddingFollower",
    "QuerySource",
    "QuerySources",
    "begin_change",
    "begin_drop",
    "change_everybody",
    "compare_spaces",
    "counting",
    "cut_over",
    "drop_other_space",
    "embed_query",
    "embed_texts",
    "estimate_change",
    "fill_other_space",
    "find_target",
    "forget_texts",
    "get_space",
    "item_vectors",
    "list_models",
    "open_embedder",
    "read_usage",
    "retry_failed",
    "run_pipeline",
    "serving_space",
    "sweep_forgotten",
    "text_hash",
    "trim_cache",
]
