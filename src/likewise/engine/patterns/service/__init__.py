"""The verbs of patterns."""

from likewise.engine.patterns.service.asking import find_associations, get_distribution, list_keys
from likewise.engine.patterns.service.counting import count_anew, count_items, drop_counts
from likewise.engine.patterns.service.giving import list_attributes, put_attributes
from likewise.engine.patterns.service.groups import read_group
from likewise.engine.patterns.service.moving import get_drift, list_trends

__all__ = [
    "count_anew",
    "count_items",
    "drop_counts",
    "find_associations",
    "get_distribution",
    "get_drift",
    "list_attributes",
    "list_keys",
    "list_trends",
    "put_attributes",
    "read_group",
]
