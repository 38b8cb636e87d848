"""Which models are asked, in which order, and how much of a budget each tier may use."""

from collections.abc import Iterable, Sequence

import msgspec

from likewise.engine.language.errors import ModelNotOffered, RoutingRefused
from likewise.engine.language.model import (
    EVERY_OTHER_TASK,
    TIERS,
    Difficulty,
    Route,
    Routing,
    Tier,
    TierModels,
)
from likewise.engine.language.settings import LanguageSettings
from likewise.platform.errors import FieldError

__all__ = [
    "Candidate",
    "candidates",
    "check_routes",
    "check_routing",
    "default_routing",
    "models_of",
    "offered_models",
    "route_of",
    "tier_cap_usd",
    "tier_of",
]

_DEFAULT_ROUTES = (
    Route(EVERY_OTHER_TASK),
    Route("answer"),
    Route("discovery", easy="cheap", normal="cheap", hard="standard", otherwise="refuse"),
    Route("extraction", easy="cheap", normal="cheap", hard="standard", otherwise="refuse"),
    Route("memory", easy="cheap", normal="cheap", hard="cheap", otherwise="refuse"),
    Route("title", easy="cheap", normal="cheap", hard="cheap", otherwise="refuse"),
    Route("judge", easy="standard", normal="strong", hard="strong", otherwise="refuse"),
)


class Candidate(msgspec.Struct, frozen=True):
    """A model that may be asked, and the tier it is asked as."""

    model: str
    tier: Tier


def default_routing(settings: LanguageSettings) -> Routing:
    """The table of a tenant that has none of its own. Tasks whose answers are read by programs refuse the extractive
    model: it can only quote."""
    tiers = TierModels(cheap=settings.cheap, standard=settings.standard, strong=settings.strong)
    return Routing(tiers=tiers, routes=_DEFAULT_ROUTES)


def offered_models(settings: LanguageSettings) -> list[str]:
    """Every model a table may name, in the order of the settings."""
    named = (*settings.cheap, *settings.standard, *settings.strong, *settings.models_more)
    return list(dict.fromkeys(named))


def check_routes(routing: Routing) -> None:
    """Refuse a table that leaves a task open or gives it two rows. Raises RoutingRefused."""
    tasks = [route.task for route in routing.routes]
    if EVERY_OTHER_TASK not in tasks:
        _refuse("/routes", "one row has to serve every other task: its task is *")
    if len(set(tasks)) < len(tasks):
        _refuse("/routes", "a task has two rows")


def check_routing(routing: Routing, settings: LanguageSettings) -> None:
    """Refuse a table that leaves a task open or names what is not offered. Raises RoutingRefused, ModelNotOffered."""
    check_routes(routing)
    offered = offered_models(settings)
    for tier in TIERS[1:]:
        for place, model in enumerate(models_of(routing, tier)):
            if model not in offered:
                raise ModelNotOffered(
                    model=model,
                    offered=", ".join(offered) or "none",
                    errors=[FieldError(f"/tiers/{tier}/{place}", "not offered here")],
                )
    most = settings.budget_month_max_usd
    if most is not None and routing.budget_month_usd is not None and routing.budget_month_usd > most:
        _refuse("/budget_month_usd", f"at most {most:g} US dollars a month may be set here")


def models_of(routing: Routing, tier: Tier) -> Sequence[str]:
    """The models of a tier, the first asked first."""
    return () if tier == "extractive" else getattr(routing.tiers, tier)


def route_of(routing: Routing, task: str) -> Route:
    """The row of a task, or that of every other task."""
    rows = {route.task: route for route in routing.routes}
    return rows.get(task) or rows[EVERY_OTHER_TASK]


def tier_of(route: Route, difficulty: Difficulty) -> Tier:
    """The tier a row picks for a difficulty."""
    picked: Tier = getattr(route, difficulty)
    return picked


def candidates(routing: Routing, *, task: str, difficulty: Difficulty) -> list[Candidate]:
    """Who may be asked, in order: the picked tier, then the cheaper ones, then the dearer ones; each model once.

    None where the row picks the extractive model: nobody needs to be asked then.
    """
    picked = TIERS.index(tier_of(route_of(routing, task), difficulty))
    if not picked:
        return []
    order: Iterable[Tier] = (*reversed(TIERS[1 : picked + 1]), *TIERS[picked + 1 :])
    found: dict[str, Candidate] = {}
    for tier in order:
        for model in models_of(routing, tier):
            found.setdefault(model, Candidate(model, tier))
    return list(found.values())


def tier_cap_usd(routing: Routing, tier: Tier, *, budget_usd: float) -> float:
    """How far this tier may go into a month's budget: what is kept for the cheap tier only that one may use."""
    if tier == "cheap" or not routing.tiers.cheap:
        return budget_usd
    return budget_usd * (1 - routing.kept_for_cheap_share)


def _refuse(pointer: str, reason: str) -> None:
    raise RoutingRefused(reason=f"{reason} ({pointer}).", errors=[FieldError(pointer, reason)])
