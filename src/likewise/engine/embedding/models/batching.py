"""How texts of different lengths share the processor: sorted by length, cut into groups, padded."""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

__all__ = ["Group", "TokenIds", "pad_group", "plan_groups"]

TokenIds = Sequence[int]

GROUP_TOKENS_MIN = 128
"""Below this many tokens splitting work over streams costs more than it saves."""


class Group(msgspec.Struct, frozen=True):
    """Texts computed together: their positions in the call, and the length all are padded to."""

    rows: tuple[int, ...]
    length: int


def plan_groups(lengths: Sequence[int], *, group_tokens_max: int, streams: int) -> list[Group]:
    """Cut texts of these token counts into groups of at most `group_tokens_max` padded tokens, longest first.

    Sorted by length little is padding (2 % on short questions). A call that is too small to fill every stream
    is cut finer, so that all of them have a share. A text longer than the bound is a group of its own.
    """
    share = -(-sum(lengths) // streams)
    budget = min(group_tokens_max, max(GROUP_TOKENS_MIN, share))
    order = sorted(range(len(lengths)), key=lambda row: -lengths[row])
    groups: list[Group] = []
    start = 0
    while start < len(order):
        length = lengths[order[start]]
        rows = order[start : start + max(1, budget // length)]
        groups.append(Group(rows=tuple(rows), length=length))
        start += len(rows)
    return groups


def pad_group(tokens: Sequence[TokenIds], group: Group) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Ids and mask of a group, each int32 of shape (rows, length); padding is id 0 under mask 0."""
    ids = np.zeros((len(group.rows), group.length), np.int32)
    mask = np.zeros_like(ids)
    for line, row in enumerate(group.rows):
        count = len(tokens[row])
        ids[line, :count] = tokens[row]
        mask[line, :count] = 1
    return ids, mask
