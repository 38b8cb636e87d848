"""Ids that stay: which of the old clusters each new group is."""

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from uuid import UUID

from likewise.platform.ids import new_id

__all__ = ["target_ids"]


def target_ids(
    old: Sequence[UUID], groups: Sequence[int], *, weights: Sequence[int], kept: AbstractSet[UUID]
) -> Mapping[int, UUID]:
    """An id for each new group. Row i was in cluster `old[i]`, is in group `groups[i]`, and stands for `weights[i]`.

    A cluster's id goes to the group that holds its larger part; a group that several ids fall to takes that of the
    largest part. A group none falls to is a new cluster. No group takes the id of a cluster in `kept`.
    """
    shared: Counter[tuple[int, UUID]] = Counter()
    for cluster, group, weight in zip(old, groups, weights, strict=True):
        shared[group, cluster] += weight
    best_group: dict[UUID, tuple[int, int]] = {}
    for (group, cluster), weight in shared.items():
        if cluster not in best_group or (weight, -group) > (best_group[cluster][0], -best_group[cluster][1]):
            best_group[cluster] = (weight, group)
    best_id: dict[int, tuple[int, UUID]] = {}
    for cluster, (weight, group) in best_group.items():
        if cluster in kept:
            continue
        if group not in best_id or (weight, -cluster.int) > (best_id[group][0], -best_id[group][1].int):
            best_id[group] = (weight, cluster)
    return {group: best_id[group][1] if group in best_id else new_id() for group in sorted(set(groups))}
