"""The door to search: find items by meaning and by words, or by their likeness, and build vector indexes."""

from likewise.engine.search.model import Answer, Result, SearchRequest, SimilarRequest
from likewise.engine.search.service import build_vector_indexes, find_similar, search

__all__ = [
    "Answer",
    "Result",
    "SearchRequest",
    "SimilarRequest",
    "build_vector_indexes",
    "find_similar",
    "search",
]
