"""What callers send and see."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from likewise.engine.clusters.model import (
    Actor,
    Change,
    ChangeKind,
    Cluster,
    Grouping,
    Linkage,
    MapPoint,
    Member,
)
from likewise.platform.ids import encode_id

__all__ = [
    "ChangeView",
    "ClusterDetail",
    "ClusterPatch",
    "ClusterView",
    "GroupingView",
    "MapView",
    "MemberView",
    "MergeBody",
    "MoveBody",
    "Undone",
    "change_view",
    "cluster_detail",
    "cluster_view",
    "grouping_view",
    "map_view",
    "member_view",
]

_DAY_S = 86_400.0
_HEAT_MAX = 50.0  # items dated far in the future must not overflow


class GroupingView(msgspec.Struct, frozen=True):
    """How a collection is grouped. `threshold` None: it fits itself, and `fitted_threshold` is what came of it."""

    threshold: float | None
    size_min: int
    linkage: Linkage
    fitted_threshold: float
    fitted_resolution: float
    fitted_at: datetime | None
    text_count: int
    is_refining: bool


class MemberView(msgspec.Struct, frozen=True):
    """An item of a cluster. `reason`: identical, near_verbatim, meaning, new, refined or person."""

    id: str
    key: str
    title: str | None
    body: str
    similarity: float
    reason: str
    seen_at: datetime


class ClusterView(msgspec.Struct, frozen=True):
    """A cluster in a list. `trend`: items of the last days, an item counting less the older it is."""

    id: str
    label: str
    name: str | None
    words: list[str]
    item_count: int
    text_count: int
    outlier_count: int
    spread: float
    trend: float
    first_seen_at: datetime
    last_seen_at: datetime
    is_locked: bool
    acted_at: datetime | None
    exemplars: list[MemberView]


class ClusterDetail(ClusterView, frozen=True):
    """A cluster by itself. `outliers` ask something more; `note` says so in words."""

    threshold: float
    outliers: list[MemberView]
    note: str | None
    created_at: datetime


class ClusterPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Lock or unlock a cluster, or name it; an empty name takes the label again."""

    is_locked: bool | None = None
    name: Annotated[str, Meta(max_length=200)] | None = None


class MergeBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The cluster whose id stays."""

    into: str


class MoveBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Items by their keys, and the cluster they go to; without one they begin a cluster of their own."""

    keys: Annotated[list[str], Meta(min_length=1, max_length=10_000)]
    into: str | None = None


class ChangeView(msgspec.Struct, frozen=True):
    """Texts that went from one cluster to another. Changes of one `run` were made together."""

    id: str
    run: str
    kind: ChangeKind
    actor: Actor
    from_cluster: str
    to_cluster: str
    text_count: int
    created_at: datetime
    undone_at: datetime | None


class Undone(msgspec.Struct, frozen=True):
    """How many changes hold no more."""

    changes: int


class MapView(msgspec.Struct, frozen=True):
    """Points of the map in columns. `clusters` names each cluster once, `cluster` counts into it."""

    ids: list[str]
    x: list[float]
    y: list[float]
    items: list[int]
    cluster: list[int]
    clusters: list[str]
    has_more: bool = False
    next_cursor: str | None = None


def grouping_view(grouping: Grouping) -> GroupingView:
    """A grouping for callers."""
    return GroupingView(
        threshold=grouping.options.threshold,
        size_min=grouping.options.size_min,
        linkage=grouping.options.linkage,
        fitted_threshold=round(grouping.fit.threshold, 4),
        fitted_resolution=round(grouping.fit.resolution, 4),
        fitted_at=grouping.fitted_at,
        text_count=grouping.text_count,
        is_refining=grouping.is_refining,
    )


def member_view(member: Member) -> MemberView:
    """A member for callers."""
    return MemberView(
        id=encode_id("itm", member.item_id),
        key=member.key,
        title=member.title,
        body=member.body,
        similarity=round(member.similarity, 4),
        reason=member.reason,
        seen_at=member.seen_at,
    )


def cluster_view(
    cluster: Cluster, exemplars: Mapping[UUID, Member], *, now: datetime, trend_days: float, count: int
) -> ClusterView:
    """A cluster for a list, with its first exemplars."""
    shown = [exemplars[item_id] for item_id in cluster.exemplars if item_id in exemplars][:count]
    return _listed(cluster, shown, now=now, trend_days=trend_days)


def cluster_detail(
    cluster: Cluster,
    exemplars: Sequence[Member],
    outliers: Sequence[Member],
    *,
    now: datetime,
    trend_days: float,
) -> ClusterDetail:
    """A cluster with everything told of it."""
    note = None
    if cluster.outlier_count:
        verb = "asks" if cluster.outlier_count == 1 else "ask"
        note = f"{cluster.outlier_count:,} of {cluster.text_count:,} {verb} something more"
    return ClusterDetail(
        **msgspec.structs.asdict(_listed(cluster, exemplars, now=now, trend_days=trend_days)),
        threshold=round(cluster.threshold, 4),
        outliers=[member_view(member) for member in outliers],
        note=note,
        created_at=cluster.created_at,
    )


def change_view(change: Change) -> ChangeView:
    """A change for callers."""
    return ChangeView(
        id=encode_id("chg", change.id),
        run=encode_id("run", change.run_id),
        kind=change.kind,
        actor=change.actor,
        from_cluster=encode_id("clu", change.from_id),
        to_cluster=encode_id("clu", change.to_id),
        text_count=change.text_count,
        created_at=change.created_at,
        undone_at=change.undone_at,
    )


def map_view(points: Sequence[MapPoint], *, next_cursor: str | None) -> MapView:
    """Points for callers."""
    numbers: dict[UUID, int] = {}
    cluster = [numbers.setdefault(point.cluster_id, len(numbers)) for point in points]
    return MapView(
        ids=[encode_id("itm", point.item_id) for point in points],
        x=[round(point.x, 5) for point in points],
        y=[round(point.y, 5) for point in points],
        items=[point.item_count for point in points],
        cluster=cluster,
        clusters=[encode_id("clu", cluster_id) for cluster_id in numbers],
        has_more=next_cursor is not None,
        next_cursor=next_cursor,
    )


def _listed(cluster: Cluster, exemplars: Sequence[Member], *, now: datetime, trend_days: float) -> ClusterView:
    return ClusterView(
        id=encode_id("clu", cluster.id),
        label=cluster.name or cluster.label,
        name=cluster.name,
        words=cluster.words,
        item_count=cluster.item_count,
        text_count=cluster.text_count,
        outlier_count=cluster.outlier_count,
        spread=round(cluster.spread, 4),
        trend=round(math.exp(min(cluster.heat - now.timestamp() / (trend_days * _DAY_S), _HEAT_MAX)), 3),
        first_seen_at=cluster.first_seen_at,
        last_seen_at=cluster.last_seen_at,
        is_locked=cluster.is_locked,
        acted_at=cluster.acted_at,
        exemplars=[member_view(member) for member in exemplars],
    )
