"""Discovery: a question in plain words, a plan of typed tools, and what they find, step by step."""

from likewise.apps.community.service.discovering.asking import HISTORY_QUESTIONS_MAX, check_question, discover
from likewise.apps.community.service.discovering.model import (
    DiscoveryEnded,
    DiscoveryEvent,
    DiscoveryFound,
    DiscoveryPlanned,
    DiscoveryRefused,
    DiscoverySaid,
)
from likewise.apps.community.service.discovering.modelling import tools_offered
from likewise.apps.community.service.discovering.vocabulary import read_vocabulary

__all__ = [
    "HISTORY_QUESTIONS_MAX",
    "DiscoveryEnded",
    "DiscoveryEvent",
    "DiscoveryFound",
    "DiscoveryPlanned",
    "DiscoveryRefused",
    "DiscoverySaid",
    "check_question",
    "discover",
    "read_vocabulary",
    "tools_offered",
]
