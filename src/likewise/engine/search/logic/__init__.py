"""The mathematics of search, without a database: fusion, planning, words, filters, highlights, vectors."""

from likewise.engine.search.logic.examples import rocchio
from likewise.engine.search.logic.fusion import Fused, best_of_items, extend_order, fuse
from likewise.engine.search.logic.highlights import find_words, spans_of
from likewise.engine.search.logic.paging import fingerprint
from likewise.engine.search.logic.planning import (
    VectorPlan,
    WordPlan,
    index_parameters,
    plan_vector,
    plan_words,
    selective_items_max,
    sizes_from,
)
from likewise.engine.search.logic.words import (
    Correction,
    correct,
    inverse_frequency,
    quote_lexeme,
    replace_words,
    split_words,
    suspicious_words,
)

__all__ = [
    "Correction",
    "Fused",
    "VectorPlan",
    "WordPlan",
    "best_of_items",
    "correct",
    "extend_order",
    "find_words",
    "fingerprint",
    "fuse",
    "index_parameters",
    "inverse_frequency",
    "plan_vector",
    "plan_words",
    "quote_lexeme",
    "replace_words",
    "rocchio",
    "selective_items_max",
    "sizes_from",
    "spans_of",
    "split_words",
    "suspicious_words",
]
