"""What was found, who is alike, what is shown to somebody and why, as callers see it."""

from typing import Literal

import msgspec

from likewise.apps.community.service import (
    CommunityFeed,
    ExperienceFound,
    ExperiencesFound,
    FeedEntry,
    MembersAlike,
    TrendingExperience,
)
from likewise.apps.community.views.experiences import ExperienceView, experience_view
from likewise.engine.recommend import Likeness
from likewise.engine.search import Arm, Explanation, ValueCount
from likewise.platform.ids import encode_id

__all__ = [
    "CommunityFeedView",
    "ExperienceFoundView",
    "ExperiencesFoundView",
    "FeedEntryView",
    "MemberAlikeView",
    "MembersAlikeView",
    "TrendingView",
    "feed_view",
    "found_view",
    "members_alike_view",
    "trending_view",
]


class ExperienceFoundView(msgspec.Struct, frozen=True, kw_only=True):
    """An experience that answers. `passage` is the stretch of its text, from `start` on, that it was found by;
    `highlights` are spans of `passage`, all in code points."""

    experience: ExperienceView
    score: float
    passage: str
    start: int
    highlights: tuple[tuple[int, int], ...]
    explain: Explanation | None


class ExperiencesFoundView(msgspec.Struct, frozen=True, kw_only=True):
    """One page of what was found, best first. `search_id` is for telling which result was opened, at
    /api/v1/search/clicks with the experience's id spelled `itm_...`; a list without words has none."""

    data: list[ExperienceFoundView]
    search_id: str | None
    arms: tuple[Arm, ...]
    plan: Literal["exact", "approximate"]
    candidates: int
    found: int
    took_ms: float
    corrected: str | None
    facets: dict[str, list[ValueCount]]
    has_more: bool
    next_cursor: str | None


class SharedExperienceView(msgspec.Struct, frozen=True):
    """An experience that both turned to."""

    id: str
    title: str


class MemberAlikeView(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody alike, from -1 to 1, and what both share."""

    user: str
    name: str | None
    similarity: float
    categories: list[str]
    experiences: list[SharedExperienceView]


class MembersAlikeView(msgspec.Struct, frozen=True, kw_only=True):
    """Who is most alike, best first. `known_by`: the ways in which this person can be compared; none for a stranger."""

    user: str
    by: Likeness
    known_by: list[Likeness]
    data: list[MemberAlikeView]


class WhyView(msgspec.Struct, frozen=True, kw_only=True):
    """Why something is in a feed, how much of its score that made, and the experience that led to it."""

    kind: str
    text: str
    share: float
    experience_id: str | None


class FeedEntryView(msgspec.Struct, frozen=True, kw_only=True):
    """An experience of a feed, and why it is there."""

    experience: ExperienceView
    score: float
    reasons: list[WhyView]
    sources: list[str]
    features: dict[str, float] | None


class CommunityFeedView(msgspec.Struct, frozen=True, kw_only=True):
    """What to show to somebody, best first."""

    user: str
    data: list[FeedEntryView]
    candidates: int
    weights: Literal["default", "learned"]
    took_ms: float


class TrendingView(msgspec.Struct, frozen=True, kw_only=True):
    """An experience that people turn to now: points over the hours since it was told."""

    experience: ExperienceView
    score: float
    age_hours: float


def found_view(found: ExperiencesFound, *, next_cursor: str | None) -> ExperiencesFoundView:
    """A page with public ids."""
    return ExperiencesFoundView(
        data=[_found(one) for one in found.data],
        search_id=found.search_id,
        arms=found.arms,
        plan=found.plan,
        candidates=found.candidates,
        found=found.found,
        took_ms=found.took_ms,
        corrected=found.corrected,
        facets={name: list(counts) for name, counts in found.facets.items()},
        has_more=next_cursor is not None,
        next_cursor=next_cursor,
    )


def members_alike_view(found: MembersAlike) -> MembersAlikeView:
    """People alike with public ids of what they share."""
    return MembersAlikeView(
        user=found.user,
        by=found.by,
        known_by=found.known_by,
        data=[
            MemberAlikeView(
                user=one.user,
                name=one.name,
                similarity=one.similarity,
                categories=one.categories,
                experiences=[SharedExperienceView(encode_id("exp", item.id), item.title) for item in one.experiences],
            )
            for one in found.data
        ],
    )


def feed_view(feed: CommunityFeed) -> CommunityFeedView:
    """A feed with public ids."""
    return CommunityFeedView(
        user=feed.user,
        data=[_entry(one) for one in feed.data],
        candidates=feed.candidates,
        weights=feed.weights,
        took_ms=feed.took_ms,
    )


def trending_view(one: TrendingExperience) -> TrendingView:
    """A trending experience with its public id."""
    return TrendingView(experience=experience_view(one.experience), score=one.score, age_hours=one.age_hours)


def _found(one: ExperienceFound) -> ExperienceFoundView:
    return ExperienceFoundView(
        experience=experience_view(one.experience),
        score=one.score,
        passage=one.passage,
        start=one.start,
        highlights=one.highlights,
        explain=one.explain,
    )


def _entry(one: FeedEntry) -> FeedEntryView:
    return FeedEntryView(
        experience=experience_view(one.experience),
        score=one.score,
        reasons=[
            WhyView(
                kind=why.kind,
                text=why.text,
                share=why.share,
                experience_id=None if why.experience_id is None else encode_id("exp", why.experience_id),
            )
            for why in one.reasons
        ],
        sources=one.sources,
        features=one.features,
    )
