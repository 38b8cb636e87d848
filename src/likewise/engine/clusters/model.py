"""The nouns of clusters."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

__all__ = [
    "BUILD",
    "REFINE",
    "Actor",
    "BuildArgs",
    "Change",
    "ChangeKind",
    "Cluster",
    "ClusterOrder",
    "Fit",
    "Grouping",
    "GroupingOptions",
    "Linkage",
    "MapPoint",
    "Member",
    "Reason",
    "RefineArgs",
    "Refinement",
]

Linkage = Literal["centroid", "exemplar"]
"""What a text is compared with: a cluster's mean (average linkage), or the nearest of its exemplars."""

Reason = Literal["identical", "near_verbatim", "meaning", "new", "refined", "person"]
"""Why a text is where it is."""

ChangeKind = Literal["merge", "split", "move"]
Actor = Literal["person", "refinement"]
ClusterOrder = Literal["size", "trend", "newest"]


class GroupingOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a collection is grouped. `threshold`: cosine similarity from which a text joins; None fits itself."""

    threshold: Annotated[float, Meta(ge=-1, le=1)] | None = None
    size_min: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    linkage: Linkage = "centroid"


class Fit(msgspec.Struct, frozen=True):
    """What a refinement measured. `background`: standard deviation of the similarity of random pairs, the mean taken
    off; `resolution`: modularity's, as the collection chose it; `threshold`: for clusters without one of their own."""

    background: float = 0.0
    resolution: float = 1.0
    threshold: float = 0.75


class Grouping(msgspec.Struct, frozen=True, kw_only=True):
    """A collection that is grouped. `version` counts what changes its clusters, so that memories of them grow stale."""

    collection_id: UUID
    options: GroupingOptions
    fit: Fit
    version: int
    text_count: int
    fitted_text_count: int
    fitted_at: datetime | None
    is_refining: bool
    created_at: datetime


class Cluster(msgspec.Struct, frozen=True):
    """Items that say the same thing. `spread`: mean cosine distance to the mean; `trend`: items of late, old ones
    counting less and less. `exemplars` are the items nearest to the mean, the first represents the cluster."""

    id: UUID
    name: str | None
    label: str
    words: list[str]
    item_count: int
    text_count: int
    spread: float
    threshold: float
    exemplars: list[UUID]
    outliers: list[UUID]
    outlier_count: int
    first_seen_at: datetime
    last_seen_at: datetime
    heat: float
    is_locked: bool
    acted_at: datetime | None
    created_at: datetime


class Member(msgspec.Struct, frozen=True):
    """An item of a cluster, how near it was to its mean when it came, and why it is here."""

    item_id: UUID
    key: str
    title: str | None
    body: str
    similarity: float
    reason: str
    seen_at: datetime


class Change(msgspec.Struct, frozen=True):
    """Texts that went from one cluster to another. Changes of one `run_id` were made together."""

    id: UUID
    run_id: UUID
    kind: ChangeKind
    actor: Actor
    from_id: UUID
    to_id: UUID
    text_count: int
    undone_at: datetime | None
    created_at: datetime


class MapPoint(msgspec.Struct, frozen=True):
    """A text on the map: the item that stands for it, how many items have it, and its place, both within -1 and 1."""

    item_id: UUID
    cluster_id: UUID
    item_count: int
    x: float
    y: float


class Refinement(msgspec.Struct, frozen=True, kw_only=True):
    """What a refinement came to."""

    run_id: UUID
    text_count: int
    cluster_count: int
    merges: int
    splits: int
    moves: int
    untouched: int
    threshold: float
    resolution: float


REFINE = "refine_clusters"
BUILD = "build_clusters"


class RefineArgs(msgspec.Struct, frozen=True):
    """The collection whose clusters are to be refined."""

    collection_id: UUID


class BuildArgs(msgspec.Struct, frozen=True):
    """The collection whose items are to be grouped."""

    collection_id: UUID
