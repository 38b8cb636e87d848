"""A question in plain words and what came of it, as callers see it."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from likewise.apps.community.logic.discovering import NotUnderstood, Plan, Understood
from likewise.apps.community.logic.discovering.results import DiscoveryResult
from likewise.apps.community.service.discovering import (
    DiscoveryEnded,
    DiscoveryEvent,
    DiscoveryFound,
    DiscoveryPlanned,
    DiscoveryRefused,
    DiscoverySaid,
)

__all__ = [
    "DiscoveryAnswer",
    "DiscoveryBody",
    "DiscoveryEndView",
    "DiscoveryPlanView",
    "DiscoveryRefusalView",
    "DiscoveryStepView",
    "DiscoveryToolView",
    "DiscoveryTools",
    "answer_of",
    "event_data",
    "event_name",
]


class DiscoveryBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A question. `history` are the questions before it, the latest last, so that "and at night?" is understood; `user`
    is who asks, so that "people like me" is."""

    question: str
    history: tuple[str, ...] = ()
    user: Annotated[str, Meta(min_length=1, max_length=500)] | None = None


class DiscoveryPlanView(msgspec.Struct, frozen=True, kw_only=True):
    """How the question was understood, in words and as calls of tools (see /community/discovery/tools). `notes` say
    what was not, and what was taken for a misspelling."""

    sentence: str
    understood: list[Understood]
    notes: list[str]
    planner: Literal["rules", "model"]
    steps: list[dict[str, Any]]


class DiscoveryRefusalView(msgspec.Struct, frozen=True, kw_only=True):
    """Why the question was not understood, and three that would be."""

    reason: str
    sentence: str
    suggestions: list[str]


class DiscoveryStepView(msgspec.Struct, frozen=True, kw_only=True):
    """What a step (from 1) found; or in `problem` why it could not be answered."""

    step: int
    tool: str
    title: str
    result: DiscoveryResult | None
    problem: str | None


class DiscoveryEndView(msgspec.Struct, frozen=True, kw_only=True):
    """The end: who planned, and the chat model that took part."""

    took_ms: float
    planner: Literal["rules", "model"]
    model: str | None


class DiscoveryAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Everything at once: the plan or the refusal, what each step found, and sentences that say what figures say."""

    plan: DiscoveryPlanView | None
    refusal: DiscoveryRefusalView | None
    results: list[DiscoveryStepView]
    text: str
    took_ms: float
    planner: Literal["rules", "model"]
    model: str | None


class DiscoveryToolView(msgspec.Struct, frozen=True, kw_only=True):
    """A tool that questions become calls of; `parameters` is a JSON schema."""

    name: str
    description: str
    parameters: dict[str, Any]


class DiscoveryTools(msgspec.Struct, frozen=True):
    """The tools."""

    data: list[DiscoveryToolView]


def event_name(event: DiscoveryEvent) -> str:
    """What an event is called on the stream."""
    match event:
        case DiscoveryPlanned():
            return "plan"
        case DiscoveryRefused():
            return "refusal"
        case DiscoveryFound():
            return "result"
        case DiscoverySaid():
            return "text"
        case DiscoveryEnded():
            return "done"


def event_data(event: DiscoveryEvent) -> object:
    """What an event says on the stream."""
    match event:
        case DiscoveryPlanned(plan=plan):
            return _plan_view(plan)
        case DiscoveryRefused(refusal=refusal):
            return _refusal_view(refusal)
        case DiscoveryFound():
            return _step_view(event)
        case DiscoverySaid(text=text):
            return {"text": text}
        case DiscoveryEnded():
            return DiscoveryEndView(took_ms=event.took_ms, planner=event.planner, model=event.model)


def answer_of(events: list[DiscoveryEvent]) -> DiscoveryAnswer:
    """All the events of a question as one answer."""
    end = next(one for one in events if isinstance(one, DiscoveryEnded))
    return DiscoveryAnswer(
        plan=next((_plan_view(one.plan) for one in events if isinstance(one, DiscoveryPlanned)), None),
        refusal=next((_refusal_view(one.refusal) for one in events if isinstance(one, DiscoveryRefused)), None),
        results=[_step_view(one) for one in events if isinstance(one, DiscoveryFound)],
        text="".join(one.text for one in events if isinstance(one, DiscoverySaid)),
        took_ms=end.took_ms,
        planner=end.planner,
        model=end.model,
    )


def _plan_view(plan: Plan) -> DiscoveryPlanView:
    return DiscoveryPlanView(
        sentence=plan.sentence,
        understood=plan.understood,
        notes=plan.notes,
        planner=plan.planner,
        steps=[msgspec.to_builtins(step) for step in plan.steps],
    )


def _refusal_view(refusal: NotUnderstood) -> DiscoveryRefusalView:
    return DiscoveryRefusalView(reason=refusal.reason, sentence=refusal.sentence, suggestions=refusal.suggestions)


def _step_view(found: DiscoveryFound) -> DiscoveryStepView:
    return DiscoveryStepView(
        step=found.step, tool=found.tool, title=found.title, result=found.result, problem=found.problem
    )
