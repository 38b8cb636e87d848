"""The nouns of collections: what an item is, before and after it is stored, and what is said about a file's rows."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

__all__ = [
    "NAMES_TAG",
    "AwareTime",
    "Box",
    "Collection",
    "Conditions",
    "FacetKind",
    "FacetRange",
    "FacetValue",
    "FacetWords",
    "Filter",
    "Item",
    "ItemDraft",
    "ItemStatus",
    "Mapping",
    "Passage",
    "Place",
    "Radius",
    "Range",
    "RowProblem",
    "TimeRange",
    "Visibility",
    "Words",
]

NAMES_TAG = "collections"
"""The cache tag of what remembers a collection by its name; it is bumped when one is deleted."""

AwareTime = Annotated[datetime, Meta(tz=True)]
"""A moment with its offset; a time without one is refused at the door instead of guessed."""

FacetValue = bool | int | float | str | list[str]
"""A facet as it is stored in JSON. A time is text of one width, `2013-01-01T20:30:00.000Z`, so it sorts as text."""


class FacetKind(StrEnum):
    """How a facet is compared: keywords by equality, numbers and times by order, a keyword list by membership."""

    KEYWORD = "keyword"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIME = "time"
    KEYWORDS = "keywords"


class Visibility(StrEnum):
    """Who may find an item: everybody, only its author, or nobody while it waits for moderation."""

    PUBLIC = "public"
    PRIVATE = "private"
    HIDDEN = "hidden"


class ItemStatus(StrEnum):
    """How far an item is: waiting for its vectors, searchable by meaning, or refused by the model."""

    PENDING = "pending"
    READY = "ready"
    FAILED = "failed"


class Place(msgspec.Struct, frozen=True):
    """A point on earth, in degrees (WGS 84)."""

    lat: Annotated[float, Meta(ge=-90, le=90)]
    lon: Annotated[float, Meta(ge=-180, le=180)]


class ItemDraft(msgspec.Struct, frozen=True, kw_only=True):
    """One thing somebody wrote, as it arrives. `key` is the caller's own id, unique in its collection."""

    key: str
    body: str
    title: str | None = None
    facets: dict[str, FacetValue] = {}
    author: str | None = None
    category: str | None = None
    place: Place | None = None
    happened_at: AwareTime | None = None
    visibility: Visibility = Visibility.PUBLIC
    metadata: dict[str, object] = {}


class Item(ItemDraft, frozen=True, kw_only=True):
    """One thing somebody wrote, as it is stored. `version` counts the changes of its content, from 1."""

    id: UUID
    collection_id: UUID
    version: int
    content_hash: bytes
    status: ItemStatus
    created_at: datetime
    updated_at: datetime


class Passage(msgspec.Struct, frozen=True):
    """A stretch of a body that is embedded and found on its own.

    `start` and `end` count code points of the body (Python and Postgres count alike, JavaScript does not);
    `heading_path` holds the titles above the passage, outermost first.
    """

    ordinal: int
    heading_path: list[str]
    start: int
    end: int


class Collection(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant's named set of items. `language` names the text search configuration of the lexical arm."""

    id: UUID
    name: str
    facets: dict[str, FacetKind]
    language: str
    metadata: dict[str, object]
    item_count: int
    pending_count: int
    created_at: datetime
    updated_at: datetime


class FacetRange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A range of a number or time facet; a missing bound is open. Times are RFC 3339 text."""

    gte: float | str | None = None
    gt: float | str | None = None
    lte: float | str | None = None
    lt: float | str | None = None


class FacetWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Members a keyword list must have: at least one of `any`, each of `all`."""

    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()


class TimeRange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A stretch of time; a missing bound is open."""

    gte: AwareTime | None = None
    lt: AwareTime | None = None


class Radius(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything within `radius_km` kilometres of a point, along the earth's surface."""

    lat: Annotated[float, Meta(ge=-90, le=90)]
    lon: Annotated[float, Meta(ge=-180, le=180)]
    radius_km: Annotated[float, Meta(gt=0, le=20_038)]


class Filter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an item must be, everything at once. Without `visibility`, a search finds public items, a list shows all.

    A facet's wish is a value, a list of values of which one suffices, a range, or members of a keyword list:
    `{"shape": ["disk", "light"], "duration_s": {"gte": 60}, "tags": {"all": ["night", "sea"]}}`.
    """

    facets: dict[str, object] = {}
    author: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    happened_at: TimeRange | None = None
    near: Radius | None = None
    visibility: tuple[Visibility, ...] = ()


class Words(msgspec.Struct, frozen=True):
    """The facet has at least one of these values."""

    name: str
    values: tuple[str, ...]


class Range(msgspec.Struct, frozen=True):
    """The facet lies within; None is open, `low_open` and `high_open` leave the bound itself out."""

    name: str
    kind: Literal["number", "time"]
    low: float | datetime | None
    high: float | datetime | None
    low_open: bool = False
    high_open: bool = False


class Box(msgspec.Struct, frozen=True):
    """A circle on earth and the box around it. A box that reaches over the date line or a pole spans all longitudes."""

    lat: float
    lon: float
    radius_km: float
    south: float
    north: float
    west: float
    east: float


class Conditions(msgspec.Struct, frozen=True, kw_only=True):
    """A filter that was checked against the facets of its collection, ready for SQL to be made of it."""

    visibility: tuple[str, ...]
    words: tuple[Words, ...] = ()
    ranges: tuple[Range, ...] = ()
    happened_at: TimeRange | None = None
    near: Box | None = None

    @property
    def count(self) -> int:
        """How many things it asks for beyond being public, which nearly everything is."""
        others = (
            self.happened_at is not None,
            self.near is not None,
            self.visibility != (Visibility.PUBLIC.value,),
        )
        return len(self.words) + len(self.ranges) + sum(others)


class RowProblem(msgspec.Struct, frozen=True):
    """What is wrong with one row of a file, or with one value in it.

    `line` counts from 1 as an editor shows it (Parquet: the row's number); `pointer` is a JSON pointer into the
    row, "" for the row as a whole. `refused` tells whether the row stays out; if not, it goes in without what the
    reason names.
    """

    line: int
    pointer: str
    reason: str
    refused: bool = True


class Mapping(msgspec.Struct, frozen=True, kw_only=True):
    """Which column of a file becomes what. `text` is the body; `place` names the latitude and the longitude column.

    `metadata="rest"` keeps every column not named here. `day_first` reads 03/04/2013 as the 3rd of April.
    """

    text: str
    title: str | None = None
    key: str | None = None
    facets: tuple[str, ...] = ()
    time: str | None = None
    place: tuple[str, str] | None = None
    author: str | None = None
    category: str | None = None
    visibility: str | None = None
    metadata: Literal["none", "rest"] = "none"
    day_first: bool = False
