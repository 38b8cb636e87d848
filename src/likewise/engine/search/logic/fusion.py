"""One order out of several: reciprocal rank fusion, or weighted scores brought to one scale."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from likewise.engine.search.model import Arm, ArmScore, Fusion, Hit

__all__ = ["RRF_K", "Fused", "best_of_items", "extend_order", "fuse"]

RRF_K = 60
"""The constant of reciprocal rank fusion (Cormack, Clarke and Buettcher, SIGIR 2009)."""


class Fused(msgspec.Struct):
    """An item after fusion: its score, the passage that speaks for it, and what each arm said.

    `rank` is its best within an arm, `share` the most that an arm added.
    """

    item_id: UUID
    passage_id: UUID
    score: float
    arms: dict[Arm, ArmScore]
    rank: int
    share: float


def best_of_items(hits: Sequence[Hit]) -> list[Hit]:
    """The best passage of each item; `hits` come best first and the order stays."""
    best: dict[int, Hit] = {}  # a UUID's own hash takes longer than the rest of this
    for hit in hits:
        best.setdefault(hit.item_id.int, hit)
    return list(best.values())


def fuse(found: Mapping[Arm, Sequence[Hit]], *, method: Fusion, weights: Mapping[Arm, float]) -> list[Fused]:
    """The items of all arms, best first. Each arm gives its hits best first, one of each item.

    `rrf` adds weight / (60 + rank); `weighted` adds the weight times the arm's score brought to 0..1 within the arm.
    A result with several arms shows the passage of the arm that lifted it most. A missing weight is 1.
    """
    items: dict[int, Fused] = {}
    for arm, hits in found.items():
        parts = _reciprocal_ranks(hits) if method == "rrf" else _scaled_scores(hits)
        weight = weights.get(arm, 1.0)
        for rank, (hit, part) in enumerate(zip(hits, parts, strict=True), start=1):
            share = weight * part
            said = ArmScore(rank, hit.score)
            item = items.get(hit.item_id.int)
            if item is None:
                items[hit.item_id.int] = Fused(hit.item_id, hit.passage_id, share, {arm: said}, rank, share)
                continue
            item.score += share
            item.arms[arm] = said
            item.rank = min(item.rank, rank)
            if share > item.share:
                item.share, item.passage_id = share, hit.passage_id
    # Ties fall to the better best rank, then to the older item, so that pages never overlap.
    return sorted(items.values(), key=lambda item: (-item.score, item.rank, item.item_id.int))


def extend_order(first: Sequence[Fused], deeper: Sequence[Fused]) -> list[Fused]:
    """The first list, then what a deeper look adds to it.

    An item's place does not depend on whether the deeper look was taken: it extends a list and never reorders it, so
    pages neither overlap nor leave gaps.
    """
    placed = {item.item_id for item in first}
    return [*first, *(item for item in deeper if item.item_id not in placed)]


def _reciprocal_ranks(hits: Sequence[Hit]) -> list[float]:
    return [1.0 / (RRF_K + rank) for rank in range(1, len(hits) + 1)]


def _scaled_scores(hits: Sequence[Hit]) -> list[float]:
    if not hits:
        return []
    low, high = hits[-1].score, hits[0].score
    if high <= low:
        return [1.0] * len(hits)
    return [(hit.score - low) / (high - low) for hit in hits]
