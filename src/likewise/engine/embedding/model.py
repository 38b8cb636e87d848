"""The nouns of embedding."""

from uuid import UUID

import msgspec

from likewise.platform.db import HalfVector

__all__ = ["Leased", "ModelInfo", "PassageVector", "QueryVector", "Space"]


class Space(msgspec.Struct, frozen=True):
    """A vector space: vectors of one model, version and dimension. Vectors of two spaces are never compared."""

    space_id: int
    model: str
    version: str
    dimension: int
    active: bool


class QueryVector(msgspec.Struct, frozen=True):
    """A query's vector, ready for the database."""

    vector: HalfVector
    space_id: int
    dimension: int
    cached: bool


class PassageVector(msgspec.Struct, frozen=True):
    """A passage and its vector."""

    passage_id: UUID
    item_id: UUID
    collection_id: UUID
    vector: HalfVector


class Leased(msgspec.Struct, frozen=True):
    """A pending passage that is ours until the lease ends."""

    passage_id: UUID
    item_id: UUID
    collection_id: UUID
    attempts: int


class ModelInfo(msgspec.Struct, frozen=True):
    """A model as `likewise models` and GET /models show it."""

    space_id: int
    model: str
    version: str
    dimension: int
    active: bool
    description: str
