"""The door to patterns: attributes of items, and what the counts of them tell."""

from likewise.engine.patterns.consumers import PATTERN_COUNTS
from likewise.engine.patterns.model import (
    Association,
    Associations,
    Attribute,
    AttributeDraft,
    Distribution,
    Drift,
    Group,
    KeySummary,
    Trend,
    Trends,
)
from likewise.engine.patterns.service import (
    count_anew,
    find_associations,
    get_distribution,
    get_drift,
    list_attributes,
    list_keys,
    list_trends,
    put_attributes,
    read_group,
)

__all__ = [
    "PATTERN_COUNTS",
    "Association",
    "Associations",
    "Attribute",
    "AttributeDraft",
    "Distribution",
    "Drift",
    "Group",
    "KeySummary",
    "Trend",
    "Trends",
    "count_anew",
    "find_associations",
    "get_distribution",
    "get_drift",
    "list_attributes",
    "list_keys",
    "list_trends",
    "put_attributes",
    "read_group",
]
