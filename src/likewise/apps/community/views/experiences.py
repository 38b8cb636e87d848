"""Experiences, what is known of them, and people, as callers see them."""

from datetime import datetime
from typing import Literal

import msgspec

from likewise.apps.community.model import Counters, Experience, ExperienceAttribute, WrittenExperience
from likewise.apps.community.service import AttributeKeySummary, AttributeValueCount, CategorySummary, Person
from likewise.engine.collections import Place
from likewise.platform.errors import Fact
from likewise.platform.ids import encode_id

__all__ = [
    "CommunityAttributeKeys",
    "CommunityAttributeValues",
    "CommunityCategories",
    "ExperienceAttributes",
    "ExperienceBatchResult",
    "ExperienceBatchRow",
    "ExperienceView",
    "PersonView",
    "WrittenView",
    "batch_row",
    "experience_view",
    "person_view",
    "written_view",
]


class ExperienceView(msgspec.Struct, frozen=True, kw_only=True):
    """An experience. `state` is `hidden` while moderators keep it from everybody but its author. `happened_at` is by
    the clock where it happened, where that was told."""

    id: str
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


class WrittenView(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an experience, and what is known of it from now on."""

    id: str
    key: str
    status: Literal["created", "updated", "unchanged"]
    attributes: list[ExperienceAttribute]


class ExperienceBatchRow(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one experience of a batch; `error` says why it was rejected."""

    status: Literal["created", "updated", "unchanged", "rejected"]
    id: str | None = None
    key: str | None = None
    error: str | None = None


class ExperienceBatchResult(msgspec.Struct, frozen=True):
    """What became of each experience, in their order."""

    data: list[ExperienceBatchRow]


class ExperienceAttributes(msgspec.Struct, frozen=True):
    """What is known of an experience, by key, what its author said first."""

    data: list[ExperienceAttribute]


class CommunityCategories(msgspec.Struct, frozen=True):
    """The built-in categories and those of a community's own, the fullest first."""

    data: list[CategorySummary]


class CommunityAttributeKeys(msgspec.Struct, frozen=True):
    """The attributes of a community, commonest first."""

    data: list[AttributeKeySummary]


class CommunityAttributeValues(msgspec.Struct, frozen=True):
    """The values of an attribute, commonest first; of a number the ranges it falls into."""

    data: list[AttributeValueCount]


class PersonView(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody, by your own id, as they say of themselves."""

    user: str
    name: str | None
    about: str | None
    metadata: dict[str, object]
    created_at: datetime


def experience_view(one: Experience) -> ExperienceView:
    """An experience with its public id."""
    return ExperienceView(
        id=encode_id("exp", one.id),
        key=one.key,
        author=one.author,
        author_name=one.author_name,
        title=one.title,
        text=one.text,
        category=one.category,
        tags=one.tags,
        place=one.place,
        place_name=one.place_name,
        happened_at=one.happened_at,
        state=one.state,
        hidden_reason=one.hidden_reason,
        metadata=one.metadata,
        counters=one.counters,
        created_at=one.created_at,
        edited_at=one.edited_at,
    )


def written_view(one: WrittenExperience) -> WrittenView:
    """What became of an experience, with its public id."""
    return WrittenView(id=encode_id("exp", one.id), key=one.key, status=one.status, attributes=one.attributes)


def batch_row(outcome: WrittenExperience | Fact) -> ExperienceBatchRow:
    """One row of a batch."""
    if isinstance(outcome, Fact):
        return ExperienceBatchRow(status="rejected", error=outcome.message)
    return ExperienceBatchRow(status=outcome.status, id=encode_id("exp", outcome.id), key=outcome.key)


def person_view(person: Person) -> PersonView:
    """Somebody as they are shown."""
    return PersonView(
        user=person.user,
        name=person.name,
        about=person.about,
        metadata=person.metadata,
        created_at=person.created_at,
    )
