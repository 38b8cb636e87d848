"""Discovery, the pure part: typed tools, and the planner that makes a plan of them from a question in plain words."""

from likewise.apps.community.logic.discovering.planning import HISTORY_MAX, Plan, Understood, plan
from likewise.apps.community.logic.discovering.refusing import NotUnderstood, suggestions
from likewise.apps.community.logic.discovering.tools import TOOLS, Tool, Wish
from likewise.apps.community.logic.discovering.vocabulary import (
    KnownCategory,
    KnownKey,
    KnownPerson,
    KnownPlace,
    KnownValue,
    Lexicon,
    Vocabulary,
    lexicon,
)

__all__ = [
    "HISTORY_MAX",
    "TOOLS",
    "KnownCategory",
    "KnownKey",
    "KnownPerson",
    "KnownPlace",
    "KnownValue",
    "Lexicon",
    "NotUnderstood",
    "Plan",
    "Tool",
    "Understood",
    "Vocabulary",
    "Wish",
    "lexicon",
    "plan",
    "suggestions",
]
