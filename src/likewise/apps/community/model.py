"""The nouns of a community."""

import unicodedata
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from likewise.engine.collections import Filter, Place, Radius, TimeRange

__all__ = [
    "COLLECTION",
    "REPORT_REASONS",
    "TAGS_FACET",
    "Act",
    "ActKind",
    "AttributeSource",
    "AttributeValue",
    "AttributeWish",
    "CaseFile",
    "Comment",
    "CommentDraft",
    "Counters",
    "Decision",
    "Dna",
    "Experience",
    "ExperienceAttribute",
    "ExperienceDraft",
    "ExperienceEdit",
    "ExperienceOrder",
    "ExperienceWish",
    "GivenAttribute",
    "Media",
    "Member",
    "MemberDraft",
    "Report",
    "ReportReason",
    "ReviewCase",
    "SubjectKind",
    "WantedVisibility",
    "WrittenExperience",
    "folded",
]

COLLECTION = "experiences"
"""The collection whose items the experiences are; an experience has its item's id."""

TAGS_FACET = "tags"

ActKind = Literal["view", "upvote", "less"]
AttributeSource = Literal["author", "extracted", "model"]
ExperienceOrder = Literal["newest", "happened", "upvotes", "comments", "views"]
ReportReason = Literal["spam", "abuse", "false", "private", "off_topic", "other"]
REPORT_REASONS: tuple[ReportReason, ...] = ("spam", "abuse", "false", "private", "off_topic", "other")
SubjectKind = Literal["experience", "comment"]
WantedVisibility = Literal["public", "private"]

UserKey = Annotated[str, Meta(min_length=1, max_length=500)]
AttributeKey = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
AttributeValue = str | float | bool
CategoryName = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


def folded(text: str) -> str:
    """A word as it is searched by: `Triangle ` and `triangle` are one value of an attribute, and one tag."""
    return " ".join(unicodedata.normalize("NFC", text).split()).lower()


class GivenAttribute(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something the author says of their experience: `shape` is `triangle`. A key may be given several times."""

    key: AttributeKey
    value: AttributeValue
    confidence: Annotated[float, Meta(ge=0, le=1)] = 1.0


class ExperienceAttribute(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an experience. `words` is where it was read: `field`[`start`:`end`], in code points.

    `is_counted`: it is searched by and takes part in patterns; what the author says of a key outweighs what was read.
    """

    key: str
    value: AttributeValue
    confidence: float
    source: AttributeSource
    is_counted: bool
    field: Literal["", "title", "text"] = ""
    start: int = 0
    end: int = 0
    words: str = ""


class ExperienceDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An experience as it is told. `key` is the caller's own id; the same key again is an edit of the whole."""

    author: UserKey
    text: Annotated[str, Meta(min_length=1)]
    title: Annotated[str, Meta(max_length=300)] = ""
    category: CategoryName = "other"
    key: Annotated[str, Meta(min_length=1, max_length=500)] | None = None
    tags: tuple[Annotated[str, Meta(min_length=1, max_length=100)], ...] = ()
    attributes: tuple[GivenAttribute, ...] = ()
    place: Place | None = None
    place_name: Annotated[str, Meta(max_length=200)] = ""
    happened_at: datetime | None = None
    visibility: WantedVisibility = "public"
    metadata: dict[str, object] = {}


class ExperienceEdit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What of an experience is to change; what is left out stays. `attributes` replaces all the author gave."""

    text: Annotated[str, Meta(min_length=1)] | msgspec.UnsetType = msgspec.UNSET
    title: Annotated[str, Meta(max_length=300)] | msgspec.UnsetType = msgspec.UNSET
    category: CategoryName | msgspec.UnsetType = msgspec.UNSET
    tags: tuple[Annotated[str, Meta(min_length=1, max_length=100)], ...] | msgspec.UnsetType = msgspec.UNSET
    attributes: tuple[GivenAttribute, ...] | msgspec.UnsetType = msgspec.UNSET
    place: Place | msgspec.UnsetType | None = msgspec.UNSET
    place_name: Annotated[str, Meta(max_length=200)] | msgspec.UnsetType = msgspec.UNSET
    happened_at: datetime | msgspec.UnsetType | None = msgspec.UNSET
    visibility: WantedVisibility | msgspec.UnsetType = msgspec.UNSET
    metadata: dict[str, object] | msgspec.UnsetType = msgspec.UNSET


class Counters(msgspec.Struct, frozen=True):
    """How many people upvoted and viewed, and how many comments stand."""

    upvotes: int = 0
    comments: int = 0
    views: int = 0


class Experience(msgspec.Struct, frozen=True, kw_only=True):
    """An experience as it is shown. `state` is `hidden` while moderators keep it from everybody but its author."""

    id: UUID
    key: str
    author: str
    author_name: str | None
    title: str
    text: str
    category: str
    tags: list[str]
    place: Place | None
    place_name: str
    happened_at: datetime | None
    state: Literal["public", "private", "hidden"]
    hidden_reason: str | None
    metadata: dict[str, object]
    counters: Counters
    created_at: datetime
    edited_at: datetime | None


class WrittenExperience(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a draft, and what is known of the experience from now on."""

    id: UUID
    key: str
    status: Literal["created", "updated", "unchanged"]
    attributes: list[ExperienceAttribute]


class AttributeWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an attribute must be: one of `values`, or a number from `gte` to `lte`; a bound left out is open."""

    key: AttributeKey
    values: tuple[AttributeValue, ...] = ()
    gte: float | None = None
    lte: float | None = None


class ExperienceWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What experiences are asked for, everything at once. `happened` and `near` are as in searches."""

    category: tuple[str, ...] = ()
    attributes: tuple[AttributeWish, ...] = ()
    tags: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    near: Radius | None = None
    happened: TimeRange | None = None

    def as_filter(self) -> Filter:
        """The same wish in the engine's language, for searches, feeds and counts."""
        facets: dict[str, object] = {}
        for wish in self.attributes:
            if len(wish.values) == 1:
                facets[wish.key] = _sought(wish.values[0])
            elif wish.values:
                facets[wish.key] = [_sought(value) for value in wish.values]
            else:
                bounds = {"gte": wish.gte, "lte": wish.lte}
                facets[wish.key] = {name: bound for name, bound in bounds.items() if bound is not None}
        if self.tags:
            facets[TAGS_FACET] = {"all": [folded(tag) for tag in self.tags]}
        return Filter(
            facets=facets, author=self.author, category=self.category, happened_at=self.happened, near=self.near
        )


def _sought(value: AttributeValue) -> AttributeValue:
    return folded(value) if isinstance(value, str) else value


class MemberDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody says of themselves; what is left out becomes empty."""

    name: Annotated[str, Meta(max_length=200)] | None = None
    about: Annotated[str, Meta(max_length=2_000)] | None = None
    metadata: dict[str, object] = {}


class Dna(msgspec.Struct, frozen=True, kw_only=True):
    """Who somebody is by what they tell and turn to. Shares of `categories` add up to 1, largest first; `vector` is
    their unit vector in the order of `axes` (every category of this community), the square roots of the shares, so
    that the product of two tells how alike two people are; `total` counts what they told and turned to. `known_by`:
    how they can be compared with others; `meaning`, where asked for: where they stand by meaning, a unit vector."""

    categories: dict[str, float]
    top: list[str]
    told: int
    turned_to: int
    total: int
    axes: list[str]
    vector: list[float]
    known_by: list[str]
    meaning: list[float] | None
    last_at: datetime | None
    updated_at: datetime | None


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of a community, by the caller's own id."""

    user: str
    name: str | None
    about: str | None
    metadata: dict[str, object]
    experiences: int
    comments: int
    dna: Dna | None
    created_at: datetime


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody turned to an experience, now or `at` a moment; `is_on` False takes it back."""

    user: str
    experience_id: UUID
    kind: ActKind
    is_on: bool = True
    at: datetime | None = None


class CommentDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody says under an experience, now or `at` a moment."""

    experience_id: UUID
    author: str
    text: str
    at: datetime | None = None


class Comment(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody said under an experience."""

    id: UUID
    experience_id: UUID
    author: str
    author_name: str | None
    text: str
    hidden_at: datetime | None
    hidden_reason: str | None
    created_at: datetime
    edited_at: datetime | None


class Media(msgspec.Struct, frozen=True, kw_only=True):
    """A picture of an experience, pixels as kept."""

    id: UUID
    experience_id: UUID
    alt: str
    width: int
    height: int
    bytes: int
    created_at: datetime


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Why somebody finds something unfit."""

    id: UUID
    subject_kind: SubjectKind
    subject_id: UUID
    experience_id: UUID
    reporter: str
    reason: ReportReason
    note: str
    state: Literal["open", "upheld", "dismissed"]
    created_at: datetime
    decided_at: datetime | None


class ReviewCase(msgspec.Struct, frozen=True, kw_only=True):
    """Something that waits for a moderator: reported, hidden or both, with the words in question."""

    subject_kind: SubjectKind
    subject_id: UUID
    experience_id: UUID
    author: str
    title: str
    text: str
    is_hidden: bool
    hidden_reason: str | None
    open_reports: int
    reasons: dict[str, int]
    first_report_at: datetime | None
    last_report_at: datetime | None


class CaseFile(msgspec.Struct, frozen=True, kw_only=True):
    """A case with who reported it and what was decided so far, the latest first."""

    case: ReviewCase
    reports: list[Report]
    decisions: list["Decision"]


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What a moderator, or the rule on reports, decided."""

    id: UUID
    subject_kind: SubjectKind
    subject_id: UUID
    action: Literal["hide", "show", "clear"]
    actor: str
    reason: str
    created_at: datetime
