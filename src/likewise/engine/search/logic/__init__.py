"""The mathematics of search, without a database: fusion, planning, words, filters, highlights, vectors."""

from likewise.engine.search.logic.examples import rocchio
from likewise.engine.search.logic.fusion import Fused, best_of_items, extend_order, fuse
from likewise.engine.search.logic.highlights import find_words, spans_of
from likewise.engine.search.logic.measures import break_even_rows, held_share, middle_of_classes
from likewise.engine.search.logic.paging import fingerprint
from likewise.engine.search.logic.planning import (
    EF_SEARCHES,
    VectorPlan,
    WordPlan,
    index_parameters,
    is_giant,
    parameters_from,
    plan_vector,
    plan_words,
    selective_items_max,
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
    "EF_SEARCHES",
    "Correction",
    "Fused",
    "VectorPlan",
    "WordPlan",
    "best_of_items",
    "break_even_rows",
    "correct",
    "extend_order",
    "find_words",
    "fingerprint",
    "fuse",
    "held_share",
    "index_parameters",
    "inverse_frequency",
    "is_giant",
    "middle_of_classes",
    "parameters_from",
    "plan_vector",
    "plan_words",
    "quote_lexeme",
    "replace_words",
    "rocchio",
    "selective_items_max",
    "spans_of",
    "split_words",
    "suspicious_words",
]
