"""From candidates to a feed: features, score, seen-decay, less like this, diversity, caps, reasons."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray

from likewise.engine.recommend.model import FEATURES, Candidate, Reason, SourceName, Standing

__all__ = ["Features", "Shown", "choose_diverse", "feature_matrix", "penalties", "reasons_of", "scaled", "seen_factor"]

Floats = NDArray[np.float32]
_HOUR_S = 3_600.0
_REASONS_MAX = 3
_HALVINGS_MAX = 100.0
_SAME_AUTHOR, _SAME_CATEGORY = 0.5, 0.15
"""How much of the penalty an item gets for the author or the category of something to show less of."""


class Features(msgspec.Struct, frozen=True):
    """Items in one order, and what ranking sees of each: shape (items, FEATURES), every value from 0 to 1."""

    items: list[Standing]
    values: Floats


class Shown(msgspec.Struct, frozen=True):
    """How often something was shown, and how many days ago for the last time."""

    count: int
    days_ago: float


def scaled(scores: Mapping[UUID, float]) -> dict[UUID, float]:
    """Scores brought to 0 to 1 by their largest; negative ones count as nothing."""
    best = max(scores.values(), default=0.0)
    return {item: max(0.0, score) / best for item, score in scores.items()} if best > 0 else dict.fromkeys(scores, 0.0)


def feature_matrix(
    standings: Sequence[Standing],
    *,
    meaning: Mapping[UUID, float],
    taste: Mapping[UUID, float],
    people: Mapping[UUID, float],
    categories: Mapping[str, float],
    near: Mapping[UUID, float],
    now: datetime,
    recency_half_life_hours: float,
) -> Features:
    """What each item is worth by each feature. `meaning` is a cosine; the others are from 0 to 1 already."""
    points = np.log1p(np.array([standing.points for standing in standings], dtype=np.float64))
    most = float(points.max(initial=0.0))
    top_category = max(categories.values(), default=1.0)
    ids = [standing.item_id for standing in standings]
    born = np.array([standing.born_at.timestamp() for standing in standings], dtype=np.float64)
    ages = np.maximum(0.0, now.timestamp() - born) / (_HOUR_S * recency_half_life_hours)
    columns = (
        np.maximum(0.0, [meaning.get(one, 0.0) for one in ids]),
        [taste.get(one, 0.0) for one in ids],
        [people.get(one, 0.0) for one in ids],
        points / most if most > 0 else points,
        0.5 ** np.minimum(ages, _HALVINGS_MAX),
        [categories.get(standing.category or "", 0.0) / top_category for standing in standings],
        [near.get(one, 0.0) for one in ids],
    )
    return Features(list(standings), np.array(columns, dtype=np.float32).T.copy())


def penalties(
    items: Sequence[Standing], unit_vectors: Floats, *, less: Sequence[Standing], less_vectors: Floats
) -> Floats:
    """How much each item is like something to show less of, from 0 to 1. Rows without a vector are zeros."""
    if not less:
        return np.zeros(len(items), dtype=np.float32)
    alike = np.maximum(0, unit_vectors @ less_vectors.T).max(axis=1) if len(less_vectors) else np.zeros(len(items))
    authors = {standing.author for standing in less if standing.author}
    categories = {standing.category for standing in less if standing.category}
    same = [_SAME_AUTHOR * (item.author in authors) + _SAME_CATEGORY * (item.category in categories) for item in items]
    return np.minimum(1, alike**2 + np.array(same)).astype(np.float32)


def seen_factor(shown: Shown | None, *, decay: float, half_life_days: float) -> float:
    """What is left of the score of something shown before."""
    if shown is None:
        return 1.0
    return decay ** (shown.count * 0.5 ** (shown.days_ago / half_life_days))


def choose_diverse(
    scores: Floats,
    unit_vectors: Floats,
    *,
    k: int,
    diversity: float,
    authors: Sequence[str | None],
    categories: Sequence[str | None],
    author_max: int,
    category_max: int,
) -> list[int]:
    """Maximal marginal relevance with caps: the best next one, less what it repeats. Caps give way where nothing else
    is left, so that a feed is never short. Source: Carbonell and Goldstein 1998."""
    left = set(range(len(scores)))
    repeats = np.zeros(len(scores), dtype=np.float32)
    by_author: dict[str, int] = {}
    by_category: dict[str, int] = {}
    chosen: list[int] = []
    put_off: list[int] = []
    while left and len(chosen) < k:
        order = np.fromiter(left, dtype=np.int64)
        values = (1 - diversity) * scores[order] - diversity * repeats[order] * float(scores.max(initial=0.0))
        best = int(order[np.lexsort((order, -values))[0]])
        left.discard(best)
        author, category = authors[best], categories[best]
        if (author is not None and by_author.get(author, 0) >= author_max) or (
            category is not None and by_category.get(category, 0) >= category_max
        ):
            put_off.append(best)
            continue
        chosen.append(best)
        if author is not None:
            by_author[author] = by_author.get(author, 0) + 1
        if category is not None:
            by_category[category] = by_category.get(category, 0) + 1
        repeats = np.maximum(repeats, unit_vectors @ unit_vectors[best])
    return (chosen + put_off)[:k]


def reasons_of(
    contributions: Floats, item: Standing, candidates: Sequence[Candidate], *, age_hours: float
) -> list[Reason]:
    """The features that made most of the score, in words, largest first."""
    total = float(np.maximum(contributions, 0).sum())
    because = {candidate.source: candidate.because for candidate in candidates}
    seeds = {candidate.source: candidate.led_by for candidate in candidates if candidate.led_by is not None}
    people = {candidate.source: candidate.people for candidate in candidates if candidate.people}
    words = {
        "meaning": because.get("meaning") or "close in meaning to what you like and write",
        "taste": because.get("taste") or "liked by people who like what you like",
        "people": because.get("people") or "liked by people like you",
        "engagement": _engagement(item),
        "recency": _age(age_hours),
        "category": f"in {item.category}" if item.category else "in your categories",
        "near": "near the place you asked for",
    }
    found = [
        Reason(
            kind=name,
            text=words[name],
            share=round(float(part) / total, 3),
            seed=seeds.get(cast("SourceName", name)),
            people=people.get(cast("SourceName", name)),
        )
        for name, part in zip(FEATURES, contributions, strict=True)
        if total > 0 and part / total >= 0.05
    ]
    if not found:
        return [Reason(kind="popular", text=words["engagement"], share=1.0)]
    return sorted(found, key=lambda reason: -reason.share)[:_REASONS_MAX]


def _engagement(item: Standing) -> str:
    counts = ((item.upvotes, "like"), (item.comments, "comment"), (item.views, "view"))
    told = [f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts if count]
    return ", ".join(told) or "new here"


def _age(hours: float) -> str:
    if hours < 1:
        return "new, less than an hour old"
    return f"new, {hours:.0f} hours old" if hours < 48 else f"{hours / 24:.0f} days old"
