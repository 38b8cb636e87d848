"""What to show to somebody, and why, in this community's words; and what everybody turns to now."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from likewise.apps.community.logic.reasons import say_why
from likewise.apps.community.model import COLLECTION, Experience, ExperienceWish
from likewise.apps.community.service.reading import list_by_ids
from likewise.engine.collections import CollectionNotFound, Place
from likewise.engine.recommend import FeedRequest, Recommendation, recommend
from likewise.engine.recommend import list_trending as list_trends
from likewise.platform.feature import App
from likewise.platform.ids import decode_id

__all__ = ["CommunityFeed", "FeedEntry", "TrendingExperience", "Why", "feed_of", "list_trending"]

_ITEM = "itm"


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """Why an experience is in a feed: its kind, in plain words, how much of the score it made, and the experience that
    led to it, where one did."""

    kind: str
    text: str
    share: float
    experience_id: UUID | None = None


class FeedEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An experience of a feed. `features`, where asked for, are what the score was made of, each from 0 to 1."""

    experience: Experience
    score: float
    reasons: list[Why]
    sources: list[str]
    features: dict[str, float] | None


class CommunityFeed(msgspec.Struct, frozen=True, kw_only=True):
    """What to show, best first. `weights`: `learned` where this community's own clicks were heard, else `default`."""

    user: str
    data: list[FeedEntry]
    candidates: int
    weights: Literal["default", "learned"]
    took_ms: float


class TrendingExperience(msgspec.Struct, frozen=True, kw_only=True):
    """An experience that people turn to now: points of upvotes, comments and views over the hours since it was told."""

    experience: Experience
    score: float
    age_hours: float


async def feed_of(
    app: App,
    tenant_id: UUID,
    *,
    user: str,
    k: int = 20,
    place: Place | None = None,
    radius_km: float = 50.0,
    categories: Sequence[str] = (),
    less: Sequence[UUID] = (),
    wish: ExperienceWish | None = None,
    explain: bool = False,
    is_recorded: bool = True,
) -> CommunityFeed:
    """What to show to somebody, best first: diverse, without what they told or turned to already. A stranger gets what
    is trending, fresh and popular. `less`: show less like these, in this answer; say it by an act to make it last.

    Raises FilterRefused.
    """
    unwanted = await list_by_ids(app, tenant_id, ids=less) if less else {}
    request = FeedRequest(
        collection=COLLECTION,
        user=user,
        k=k,
        place=place,
        radius_km=radius_km,
        categories=tuple(categories),
        less=tuple(one.key for one in unwanted.values()),
        filter=None if wish is None or wish == ExperienceWish() else wish.as_filter(),
        explain=explain,
        is_recorded=is_recorded,
    )
    try:
        feed = await recommend(app, tenant_id, request)
    except CollectionNotFound:  # nobody has told anything yet
        return CommunityFeed(user=user, data=[], candidates=0, weights="default", took_ms=0.0)
    ids = [decode_id(_ITEM, one.id) for one in feed.data]
    known = await list_by_ids(app, tenant_id, ids=ids)
    now = app.clock.now()
    return CommunityFeed(
        user=user,
        data=[
            FeedEntry(
                experience=known[experience_id],
                score=one.score,
                reasons=_whys(one, known[experience_id], place=place, now=now, followed=categories),
                sources=one.sources,
                features=one.features,
            )
            for experience_id, one in zip(ids, feed.data, strict=True)
            if experience_id in known and known[experience_id].state == "public"
        ],
        candidates=feed.candidates,
        weights=feed.weights,
        took_ms=feed.took_ms,
    )


async def list_trending(
    app: App, tenant_id: UUID, *, category: str | None = None, k: int = 20
) -> list[TrendingExperience]:
    """What people turn to now, best first; of one category."""
    try:
        found = await list_trends(app, tenant_id, collection=COLLECTION, category=category, k=k)
    except CollectionNotFound:  # nobody has told anything yet
        return []
    ids = [decode_id(_ITEM, one.id) for one in found]
    known = await list_by_ids(app, tenant_id, ids=ids)
    return [
        TrendingExperience(experience=known[experience_id], score=one.score, age_hours=one.age_hours)
        for experience_id, one in zip(ids, found, strict=True)
        if experience_id in known and known[experience_id].state == "public"
    ]


def _whys(
    one: Recommendation, experience: Experience, *, place: Place | None, now: datetime, followed: Sequence[str]
) -> list[Why]:
    """Reasons in words, largest first; two that read the same are one."""
    found: dict[str, Why] = {}
    for reason in one.reasons:
        text = say_why(reason, experience, sources=one.sources, place=place, followed=followed, now=now)
        before = found.get(text)
        seed = None if reason.seed is None else decode_id(_ITEM, reason.seed.id)
        share = round(reason.share + (0.0 if before is None else before.share), 3)
        kind = reason.kind if before is None else before.kind
        found[text] = Why(kind=kind, text=text, share=share, experience_id=seed)
    return sorted(found.values(), key=lambda why: -why.share)
