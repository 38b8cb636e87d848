"""Pure parts of language: who is asked, what it costs, how hard a question is, tools, and how passages are told."""

from likewise.engine.language.logic.asking import check_request, estimate_input_tokens, estimate_tokens
from likewise.engine.language.logic.citing import Markers, ground
from likewise.engine.language.logic.difficulty import estimate_difficulty
from likewise.engine.language.logic.months import month_of, months_back, next_month, read_month
from likewise.engine.language.logic.prices import PRICES_AS_OF, PriceList, cost_micro, usd_of
from likewise.engine.language.logic.routing import (
    Candidate,
    candidates,
    check_routes,
    check_routing,
    default_routing,
    models_of,
    offered_models,
    route_of,
    tier_cap_usd,
    tier_of,
)
from likewise.engine.language.logic.tools import read_call, tool_of
from likewise.engine.language.logic.what_if import Group, recompute

__all__ = [
    "PRICES_AS_OF",
    "Candidate",
    "Group",
    "Markers",
    "PriceList",
    "candidates",
    "check_request",
    "check_routes",
    "check_routing",
    "cost_micro",
    "default_routing",
    "estimate_difficulty",
    "estimate_input_tokens",
    "estimate_tokens",
    "ground",
    "models_of",
    "month_of",
    "months_back",
    "next_month",
    "offered_models",
    "read_call",
    "read_month",
    "recompute",
    "route_of",
    "tier_cap_usd",
    "tier_of",
    "tool_of",
    "usd_of",
]
