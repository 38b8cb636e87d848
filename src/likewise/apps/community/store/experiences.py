"""Statements on experiences as they are told: their items, what is known of them, who may see them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, cast
from uuid import UUID

import msgspec

from likewise.apps.community.model import AttributeSource, AttributeValue, ExperienceAttribute, WantedVisibility
from likewise.platform.db import Queries, Tx

__all__ = [
    "AttributeOf",
    "Ground",
    "Known",
    "Told",
    "delete_attributes",
    "delete_attributes_of",
    "find_community",
    "insert_attributes",
    "list_attributes_of",
    "list_interrupted_partitions",
    "list_outread",
    "list_told",
    "lock_attributes",
    "lock_known",
    "mark_read",
    "upsert_experiences",
]

QUERIES = Queries("likewise.apps.community")
_NAMED = ("true", "false")


class Ground(msgspec.Struct, frozen=True):
    """The collection of a community's experiences, and the kinds of its attributes."""

    id: UUID
    facets: dict[str, str]


class Known(msgspec.Struct, frozen=True):
    """An experience that is here already."""

    id: UUID
    key: str
    title: str
    body: str
    category: str
    content_hash: bytes
    visibility: Literal["public", "private", "hidden"]
    wanted_visibility: WantedVisibility


class Told(msgspec.Struct, frozen=True):
    """An experience as its author told it."""

    id: UUID
    key: str
    author: str
    title: str
    body: str
    category: str
    facets: dict[str, object]
    latitude: float | None
    longitude: float | None
    happened_at: datetime | None
    metadata: dict[str, object]
    content_hash: bytes
    wanted_visibility: WantedVisibility


class AttributeOf(msgspec.Struct, frozen=True):
    """An attribute as the table has it. Truth and falsehood are a word and a number at once, which nothing else is."""

    experience_id: UUID
    key: str
    text_value: str | None
    number_value: float | None
    confidence: float
    source: AttributeSource
    is_counted: bool
    field: Literal["", "title", "text"]
    span_start: int
    span_end: int
    words: str

    @property
    def value(self) -> AttributeValue:
        """The value in its own type."""
        if self.text_value is None:
            return cast("float", self.number_value)
        return self.text_value if self.number_value is None else self.text_value == _NAMED[0]

    def as_attribute(self) -> ExperienceAttribute:
        """The same without the experience. A confidence has as many digits as it is kept with."""
        return ExperienceAttribute(
            key=self.key,
            value=self.value,
            confidence=round(self.confidence, 4),
            source=self.source,
            is_counted=self.is_counted,
            field=self.field,
            start=self.span_start,
            end=self.span_end,
            words=self.words,
        )


async def find_community(tx: Tx, *, name: str) -> Ground | None:
    return await tx.fetch_one(QUERIES.find_community, Ground, {"tenant_id": tx.tenant, "name": name})


async def lock_known(tx: Tx, *, collection_id: UUID, keys: Sequence[str]) -> list[Known]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "keys": list(keys)}
    return await tx.fetch_all(QUERIES.lock_known, Known, params)


async def list_told(tx: Tx, *, collection_id: UUID, ids: Sequence[UUID]) -> list[Told]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "ids": list(ids)}
    return await tx.fetch_all(QUERIES.list_told, Told, params)


async def list_outread(tx: Tx, *, rules_version: int, after: UUID, limit: int) -> list[UUID]:
    params = {"tenant_id": tx.tenant, "rules_version": rules_version, "after": after, "limit": limit}
    return await tx.fetch_values(QUERIES.list_outread, UUID, params)


async def mark_read(tx: Tx, *, ids: Sequence[UUID], rules_version: int) -> int:
    params = {"tenant_id": tx.tenant, "ids": list(ids), "rules_version": rules_version}
    return await tx.execute(QUERIES.mark_read, params)


async def list_interrupted_partitions(tx: Tx) -> list[str]:
    return await tx.fetch_values(QUERIES.list_interrupted_partitions, str, {})


async def upsert_experiences(
    tx: Tx, *, visibilities: Mapping[UUID, WantedVisibility], rules_version: int, at: datetime
) -> None:
    params = {"tenant_id": tx.tenant, "rules_version": rules_version, "at": at}
    columns = {"ids": list(visibilities), "visibilities": list(visibilities.values())}
    await tx.execute(QUERIES.upsert_experiences, {**params, **columns})


async def lock_attributes(tx: Tx, *, categories: Sequence[str], experience_ids: Sequence[UUID]) -> list[AttributeOf]:
    """`categories`: those the experiences are in, which is where it is looked."""
    params = {"tenant_id": tx.tenant, "categories": list(categories), "experience_ids": list(experience_ids)}
    return await tx.fetch_all(QUERIES.lock_attributes, AttributeOf, params)


async def list_attributes_of(tx: Tx, *, experience_ids: Sequence[UUID]) -> list[AttributeOf]:
    params = {"tenant_id": tx.tenant, "experience_ids": list(experience_ids)}
    return await tx.fetch_all(QUERIES.list_attributes_of, AttributeOf, params)


async def delete_attributes(tx: Tx, *, categories: Sequence[str], experience_ids: Sequence[UUID]) -> int:
    """`categories`: those the experiences were in."""
    params = {"tenant_id": tx.tenant, "categories": list(categories), "experience_ids": list(experience_ids)}
    return await tx.execute(QUERIES.delete_attributes, params)


async def delete_attributes_of(tx: Tx, *, experience_ids: Sequence[UUID]) -> int:
    params = {"tenant_id": tx.tenant, "experience_ids": list(experience_ids)}
    return await tx.execute(QUERIES.delete_attributes_of, params)


async def insert_attributes(tx: Tx, *, known: Mapping[UUID, tuple[str, Sequence[ExperienceAttribute]]]) -> int:
    """`known`: by experience its category and what is known of it; those of a key are kept in their order."""
    columns: dict[str, list[object]] = {name: [] for name in _COLUMNS}
    for experience_id, (category, attributes) in known.items():
        ordinals: dict[str, int] = {}
        for one in attributes:
            ordinal = ordinals[one.key] = ordinals.get(one.key, -1) + 1
            row = (category, experience_id, one.key, ordinal, *_values(one.value), one.confidence, one.source)
            for name, value in zip(
                _COLUMNS, (*row, one.is_counted, one.field, one.start, one.end, one.words), strict=True
            ):
                columns[name].append(value)
    return await tx.execute(QUERIES.insert_attributes, {"tenant_id": tx.tenant, **columns})


_COLUMNS = (
    "categories",
    "experience_ids",
    "keys",
    "ordinals",
    "texts",
    "numbers",
    "confidences",
    "sources",
    "counted",
    "fields",
    "starts",
    "ends",
    "words",
)


def _values(value: AttributeValue) -> tuple[str | None, float | None]:
    if isinstance(value, bool):
        return _NAMED[0 if value else 1], float(value)
    return (value, None) if isinstance(value, str) else (None, float(value))
