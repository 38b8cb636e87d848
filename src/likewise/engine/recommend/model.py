"""The nouns of recommendations: what people do, who they are by it, what is shown to them, and why."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from likewise.engine.collections import Filter, Place

__all__ = [
    "AGES_FROM_CREATED",
    "FEATURES",
    "KINDS",
    "LIKENESSES",
    "POSITIVE",
    "SOURCES",
    "Acts",
    "Baseline",
    "Candidate",
    "Evaluation",
    "Feed",
    "FeedRequest",
    "Interaction",
    "InteractionRow",
    "Kind",
    "Likeness",
    "Person",
    "Profile",
    "Reason",
    "ReasonSeed",
    "Recommendation",
    "RowProblem",
    "SharedGround",
    "SharedItem",
    "SimilarUser",
    "SimilarUsers",
    "SourceName",
    "Standing",
    "Stored",
    "Trend",
]

Kind = Literal["view", "like", "upvote", "comment", "dislike", "less"]
KINDS: tuple[Kind, ...] = ("view", "like", "upvote", "comment", "dislike", "less")
POSITIVE: tuple[Kind, ...] = ("view", "like", "upvote", "comment")

Likeness = Literal["meaning", "categories", "taste"]
"""How two users can be alike: by what they write and like, by which categories, or by doing the same with the same."""
LIKENESSES: tuple[Likeness, ...] = ("meaning", "categories", "taste")

SourceName = Literal["meaning", "taste", "people", "trending", "fresh", "near", "category", "popular"]
SOURCES: tuple[SourceName, ...] = ("meaning", "taste", "people", "trending", "fresh", "near", "category", "popular")

FEATURES = ("meaning", "taste", "people", "engagement", "recency", "category", "near")
"""What the score of an item is made of, each from 0 to 1, in the order they are recorded in."""

AGES_FROM_CREATED: Mapping[str, object] = {"ages": "created"}
"""Metadata of a collection whose items tell of other times than their own: they are as old as their being stored."""

UserKey = Annotated[str, Meta(min_length=1, max_length=200)]


class Interaction(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody did something with an item, known by its key. Of one kind the last word counts; a weight of 0 takes it
    back. `weight` says how much it was: the stars of a rating over the most there are, say."""

    user: UserKey
    item: Annotated[str, Meta(min_length=1, max_length=1_000)]
    kind: Kind = "like"
    weight: Annotated[float, Meta(ge=0, le=100)] = 1.0
    at: datetime | None = None


class RowProblem(msgspec.Struct, frozen=True):
    """Why one interaction was not taken; `row` counts from 0."""

    row: int
    reason: str


class Stored(msgspec.Struct, frozen=True):
    """What became of a batch: interactions new or changed, those that were there already, those refused."""

    changed: int
    unchanged: int
    problems: list[RowProblem]


class InteractionRow(msgspec.Struct, frozen=True):
    """An interaction as stored."""

    user_key: str
    item_id: UUID
    kind: Kind
    weight: float
    happened_at: datetime


class Acts(msgspec.Struct, frozen=True):
    """How many people upvoted (or liked), viewed and commented an item."""

    upvotes: int = 0
    views: int = 0
    comments: int = 0


class Standing(msgspec.Struct, frozen=True):
    """What ranking looks at in an item."""

    item_id: UUID
    author: str | None
    category: str | None
    latitude: float | None
    longitude: float | None
    born_at: datetime
    upvotes: int
    comments: int
    views: int
    dislikes: int
    points: float


class Person(msgspec.Struct, frozen=True):
    """A user's profile as stored; shares of `categories` add up to 1."""

    id: int
    user_key: str
    categories: dict[str, float]
    written_count: int
    liked_count: int
    last_at: datetime | None
    updated_at: datetime


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """Who somebody is by what they did: the categories they care for, and how much is known of them."""

    user: str
    categories: dict[str, float]
    written: int
    liked: int
    last_at: datetime | None
    updated_at: datetime
    known_by: list[Likeness]


class SharedItem(msgspec.Struct, frozen=True):
    """An item that both liked."""

    id: str
    key: str
    title: str


class SharedGround(msgspec.Struct, frozen=True):
    """What two users have in common: categories, most important first, and items both liked, newest first."""

    categories: list[str]
    items: list[SharedItem]


class SimilarUser(msgspec.Struct, frozen=True, kw_only=True):
    """A user and how alike, from -1 to 1."""

    user: str
    similarity: float
    shared: SharedGround | None = None


class SimilarUsers(msgspec.Struct, frozen=True, kw_only=True):
    """The users most alike one, best first."""

    user: str
    by: Likeness
    data: list[SimilarUser]


class Trend(msgspec.Struct, frozen=True, kw_only=True):
    """An item people turn to now."""

    id: str
    key: str
    title: str
    score: float
    upvotes: int
    comments: int
    views: int
    age_hours: float
    author: str | None
    category: str | None


class FeedRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to show to a user. `less`: keys of items to show less like of, from this very answer on."""

    collection: str
    user: UserKey
    k: Annotated[int, Meta(ge=1, le=200)] = 20
    place: Place | None = None
    radius_km: Annotated[float, Meta(gt=0, le=20_000)] = 50.0
    categories: tuple[str, ...] = ()
    less: tuple[str, ...] = ()
    filter: Filter | None = None
    explain: bool = False
    is_recorded: bool = True


class ReasonSeed(msgspec.Struct, frozen=True):
    """The item that led to another, and what the user did with it."""

    id: str
    key: str
    title: str
    deed: Kind


class Reason(msgspec.Struct, frozen=True):
    """Why an item is in a feed: its kind, in words, and how much of the score it made.

    `seed` led to it; `people` alike turned to it.
    """

    kind: str
    text: str
    share: float
    seed: ReasonSeed | None = None
    people: int | None = None


class Recommendation(msgspec.Struct, frozen=True, kw_only=True):
    """One item of a feed."""

    id: str
    key: str
    title: str
    text: str
    author: str | None
    category: str | None
    score: float
    reasons: list[Reason]
    sources: list[str]
    features: dict[str, float] | None = None


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """What to show, best first. `weights`: `learned` where the tenant's own clicks were heard, else `default`."""

    user: str
    data: list[Recommendation]
    candidates: int
    weights: Literal["default", "learned"]
    took_ms: float


class Candidate(msgspec.Struct, frozen=True):
    """An item that a source brought, with that source's own score from 0 to 1, and the source's word on why.

    `seed`: the liked item that had most part in it. `people` alike turned to it.
    """

    item_id: UUID
    source: SourceName
    score: float
    because: str = ""
    seed: UUID | None = None
    led_by: ReasonSeed | None = None
    people: int | None = None


class Baseline(msgspec.Struct, frozen=True, kw_only=True):
    """How well one way of recommending predicts what people did later. Coverage: share of items shown to anybody.

    Novelty: mean of -log2(share of users who know the item), over what is shown.
    """

    name: str
    ndcg: float
    recall: float
    coverage: float
    novelty: float


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """Ways of recommending on a tenant's own past, measured at the first k places."""

    k: int
    users: int
    items: int
    trained_on: int
    tested_on: int
    split: str
    data: list[Baseline]
    chosen: Mapping[str, float]
