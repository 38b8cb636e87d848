"""What is told of a question while it is answered, event by event."""

from typing import Literal, TypeAlias

import msgspec

from likewise.apps.community.logic.discovering import NotUnderstood, Plan
from likewise.apps.community.logic.discovering.results import DiscoveryResult

__all__ = [
    "DiscoveryEnded",
    "DiscoveryEvent",
    "DiscoveryFound",
    "DiscoveryPlanned",
    "DiscoveryRefused",
    "DiscoverySaid",
]


class DiscoveryPlanned(msgspec.Struct, frozen=True):
    """How the question was understood, and what will be asked."""

    plan: Plan


class DiscoveryRefused(msgspec.Struct, frozen=True):
    """The question was not understood; nothing follows but the end."""

    refusal: NotUnderstood


class DiscoveryFound(msgspec.Struct, frozen=True, kw_only=True):
    """What a step (from 1) found; or why it could find nothing."""

    step: int
    tool: str
    title: str
    result: DiscoveryResult | None
    problem: str | None


class DiscoverySaid(msgspec.Struct, frozen=True):
    """The next piece of the closing sentences."""

    text: str


class DiscoveryEnded(msgspec.Struct, frozen=True, kw_only=True):
    """The end: how long it took, who planned, and the chat model that took part."""

    took_ms: float
    planner: Literal["rules", "model"]
    model: str | None


DiscoveryEvent: TypeAlias = DiscoveryPlanned | DiscoveryRefused | DiscoveryFound | DiscoverySaid | DiscoveryEnded
