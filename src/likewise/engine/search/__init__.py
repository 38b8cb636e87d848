"""The door to search: find items by meaning and by words, or by their likeness, and build vector indexes."""

from likewise.engine.search.model import (
    ARMS,
    Answer,
    Arm,
    Explanation,
    Result,
    SearchRequest,
    SimilarRequest,
    ValueCount,
)
from likewise.engine.search.service import build_vector_indexes, find_similar, search

__all__ = [
    "ARMS",
    "Answer",
    "Arm",
    "Explanation",
    "Result",
    "SearchRequest",
    "SimilarRequest",
    "ValueCount",
    "build_vector_indexes",
    "find_similar",
    "search",
]
