"""The verbs of patterns."""

from likewise.engine.patterns.service.asking import find_associations, get_distribution, list_keys
from likewise.engine.patterns.service.counting import count_anew, count_items, drop_counts
from likewise.engine.patterns.service.following import PatternsFollower
from likewise.engine.patterns.service.giving import list_attributes, put_attributes
from likewise.engine.patterns.service.groups import read_group
from likewise.engine.patterns.service.insights import (
    get_insight,
    list_insights,
    refresh_all_insights,
    refresh_insights,
)
from likewise.engine.patterns.service.moving import get_drift, list_trends
from likewise.engine.patterns.service.places import get_contexts, get_map

__all__ = [
    "PatternsFollower",
    "count_anew",
    "count_items",
    "drop_counts",
    "find_associations",
    "get_contexts",
    "get_distribution",
    "get_drift",
    "get_insight",
    "get_map",
    "list_attributes",
    "list_insights",
    "list_keys",
    "list_trends",
    "put_attributes",
    "read_group",
    "refresh_all_insights",
    "refresh_insights",
]
