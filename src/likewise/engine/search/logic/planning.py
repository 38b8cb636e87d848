"""Which way is cheapest and still complete: decided from counts that are kept, before anything is read."""

import math
from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from likewise.engine.search.logic.words import quote_lexeme
from likewise.engine.search.model import Partition

__all__ = [
    "EF_SEARCHES",
    "VectorPlan",
    "WordPlan",
    "index_parameters",
    "is_giant",
    "parameters_from",
    "plan_vector",
    "plan_words",
    "selective_items_max",
]

_EXACT_ROW_US = 1.3
"""One exact comparison, microseconds (halfvec(384), two cores, warm)."""
_SCAN_TUPLE_US = 12.0
"""One tuple that an iterative HNSW scan visits, microseconds; measured in the same run."""
_MATCHED_ITEM_US = 4.0
"""One item that passes a filter, microseconds: listed, its vectors fetched by key and compared."""

_SIZES = ((100_000, 16, 64), (1_000_000, 24, 128))
_LARGEST = (32, 200)
"""HNSW's m and ef_construction by the rows of a partition: up to 100,000, up to a million, and above."""

_NEIGHBOURS_SHARE = 0.02
EF_SEARCHES = (40, 64, 100, 150, 200, 300, 400, 600, 800, 1_000)
"""The sizes of the candidate list that tuning tries, up to pgvector's own bound."""

VectorPlan = Literal["exact", "selective", "approximate"]


class WordPlan(msgspec.Struct, frozen=True):
    """Which documents get their words counted: tsqueries, narrow first; the next is asked where one finds too few."""

    candidates: tuple[str, ...]


def selective_items_max(*, passages: int, depth: int, exact_rows_max: int) -> int:
    """Up to how many matching items it is cheaper to look at each of them than to scan an index past the others.

    With m of n matching, looking costs m rows and scanning depth * n / m tuples; they meet where the two are equal.
    """
    meeting = math.isqrt(round(depth * max(passages, 1) * _SCAN_TUPLE_US / _MATCHED_ITEM_US))
    return min(exact_rows_max, meeting)


def plan_vector(
    *, passages: int, matching: int | None, partition: Partition, depth: int, exact_rows_max: int
) -> VectorPlan:
    """How the vector arm looks. `matching`: items among which all that pass are, None where they are many.

    exact: every passage of the collection, in one pass over the tenant's key range. selective: every passage of the
    matching items. approximate: the HNSW index, scanned on and on until enough match. Exact is always complete, so it
    is taken whenever it is not dearer, and where there is no index.
    """
    if passages <= exact_rows_max:
        return "exact"
    if matching is not None:
        return "selective"
    if not partition.has_index:
        return "exact"
    # Other tenants' vectors lie in the same index: a small share of it means many tuples per result.
    share = min(1.0, passages / max(partition.row_count, passages))
    is_dearer = passages * _EXACT_ROW_US > depth / share * _SCAN_TUPLE_US
    return "approximate" if is_dearer else "exact"


def index_parameters(row_count: int) -> tuple[int, int]:
    """HNSW's m and ef_construction for a partition with so many rows."""
    for rows_max, m, ef_construction in _SIZES:
        if row_count <= rows_max:
            return m, ef_construction
    return _LARGEST


def parameters_from(m: int) -> list[tuple[int, int]]:
    """The parameters that serve at least as many rows as those with this m, the least dense first."""
    return [size for size in (*((known, ef) for _, known, ef in _SIZES), _LARGEST) if size[0] >= m]


def is_giant(row_count: int, *, of: int, rows_min: int) -> bool:
    """Whether a tenant with so many vectors among those of its partition deserves a graph of its own.

    Where the others hold next to nothing, the common graph is as good as its own.
    """
    return row_count >= rows_min and of - row_count >= of * _NEIGHBOURS_SHARE


def plan_words(document_counts: Mapping[str, int], *, ranked_max: int) -> WordPlan:
    """Candidate queries for a bag of lexemes that are in the vocabulary.

    The rarest lexemes decide: they are joined by OR while their documents together stay within `ranked_max`. Commoner
    ones only add to the score, or, where the rare ones find too few, are asked for in pairs and at last one by one.
    """
    order = sorted(document_counts, key=lambda lexeme: (document_counts[lexeme], lexeme))
    if not order:
        return WordPlan(())
    rare = _rare(order, document_counts, ranked_max=ranked_max)
    common = [quote_lexeme(lexeme) for lexeme in order if lexeme not in rare]
    rare_query = [quote_lexeme(lexeme) for lexeme in rare]
    stages = [_either(rare_query)] if rare_query else []
    if len(common) > 1:
        stages.append(_either([*rare_query, f"{common[0]} & ({_either(common[1:])})"]))
    if common:
        stages.append(_either([*rare_query, *common]))
    return WordPlan(tuple(stages))


def _rare(order: Sequence[str], document_counts: Mapping[str, int], *, ranked_max: int) -> list[str]:
    total = 0
    rare: list[str] = []
    for lexeme in order:
        total += document_counts[lexeme]
        if total > ranked_max:
            break
        rare.append(lexeme)
    return rare


def _either(queries: Sequence[str]) -> str:
    return " | ".join(queries)
