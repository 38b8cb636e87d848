"""How counts move when items change. Pure: terms before and after in, movements out.

A pair of terms is counted where neither is a value of fewer than PAIR_ITEMS_MIN items. That rule looks at the counts as
they are, not at how they came about, so counting step by step and counting anew agree: a value that reaches the bound
has its pairs counted then (it has a handful of items), one that falls below loses them.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations
from uuid import UUID

import msgspec

from likewise.engine.patterns.model import PAIR_ITEMS_MIN, Term

__all__ = ["Change", "Movement", "is_pair", "move"]

Pair = tuple[int, int]


class Change(msgspec.Struct, frozen=True):
    """The terms an item was counted with, and those it has now."""

    item_id: UUID
    before: Sequence[int]
    after: Sequence[int]


class Movement(msgspec.Struct, frozen=True):
    """What a set of changes does to the counts.

    `risen` values reach the bound: their pairs are counted anew; those of `fallen` values go. `pairs` are the others'.
    """

    terms: Mapping[int, int]
    pairs: Mapping[Pair, int]
    risen: Collection[int]
    fallen: Collection[int]


def move(changes: Sequence[Change], *, known: Mapping[int, Term], counts: Mapping[int, int]) -> Movement:
    """The movement of these changes. `known` describes every term in them, `counts` is items per term before them."""
    deltas: Counter[int] = Counter()
    for change in changes:
        deltas.update(change.after)
        deltas.subtract(change.before)
    values = {term_id for term_id in deltas if known[term_id].kind == "value"}
    was = {term_id for term_id in values if counts.get(term_id, 0) >= PAIR_ITEMS_MIN}
    will = {term_id for term_id in values if counts.get(term_id, 0) + deltas[term_id] >= PAIR_ITEMS_MIN}
    # Pairs of values that are rare before or after these changes are not moved: they are dropped or counted anew.
    left_out = values - (was & will)
    pairs: Counter[Pair] = Counter()
    for change in changes:
        pairs.update(_pairs(change.after, known, left_out))
        pairs.subtract(_pairs(change.before, known, left_out))
    return Movement(
        terms={term_id: delta for term_id, delta in deltas.items() if delta},
        pairs={pair: delta for pair, delta in pairs.items() if delta},
        risen=sorted(will - was),
        fallen=sorted(was - will),
    )


def is_pair(one: Term, other: Term) -> bool:
    """Whether items that have both are counted: not a value with its own key, nor anything with being there."""
    if "all" in {one.kind, other.kind}:
        return False
    return one.key != other.key or one.kind == other.kind


def _pairs(term_ids: Iterable[int], known: Mapping[int, Term], left_out: Collection[int]) -> list[Pair]:
    kept = sorted(term_id for term_id in term_ids if term_id not in left_out)
    return [pair for pair in combinations(kept, 2) if is_pair(known[pair[0]], known[pair[1]])]
