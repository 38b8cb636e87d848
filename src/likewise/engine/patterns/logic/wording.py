"""Groups, places and findings in words."""

from likewise.engine.patterns.logic.finding import Candidate
from likewise.engine.patterns.model import (
    CATEGORY_KEY,
    MONTH_KEY,
    PLACE_DEGREES,
    PLACE_KEY,
    Group,
    InsightKind,
    Term,
)

__all__ = ["describe", "kind_of", "say", "subject_of"]

_KINDS: dict[str, InsightKind] = {CATEGORY_KEY: "category", MONTH_KEY: "period", PLACE_KEY: "place"}


def describe(group: Group) -> str:
    """A group in words, to follow "items"."""
    match group.kind:
        case "value":
            return f"with {group.key}: {group.value}"
        case "category":
            return f"of category {group.value}"
        case "place":
            return f"at {_place(group.value)}"
        case "period":
            return f"from {group.first}" if group.first == group.last else f"from {group.first} to {group.last}"


def kind_of(candidate: Candidate) -> InsightKind:
    """What kind of insight a candidate makes."""
    if candidate.kind != "association":
        return candidate.kind
    return _KINDS.get(candidate.terms[0].key, "association")


def subject_of(candidate: Candidate) -> str:
    """What it is about, and in which direction, in few words."""
    facts = candidate.facts
    match candidate.kind:
        case "association":
            group, value = candidate.terms
            return f"{_name(value)} {'more' if float(facts['lift']) >= 1 else 'less'} often {_where(group)}"
        case "trend":
            return f"{_name(candidate.terms[0])} {'rises' if float(facts['slope_per_year']) >= 0 else 'falls'}"
        case "drift":
            return f"{candidate.terms[0].key} has changed"


def say(candidate: Candidate) -> str:
    """The finding as a sentence with its figures."""
    facts = candidate.facts
    match candidate.kind:
        case "association":
            group, value = candidate.terms
            lift = float(facts["lift"])
            times = f"{lift:.1f} times as often" if lift >= 1 else f"only {lift:.2f} times as often"
            return (
                f"{_name(value)} occurs {times} {_where(group)}: {float(facts['share']):.1%} of them against "
                f"{float(facts['background_share']):.1%} of all, {facts['count']} items"
            )
        case "trend":
            slope = 100 * float(facts["slope_per_year"])
            return (
                f"{_name(candidate.terms[0])} {'rises' if slope >= 0 else 'falls'} by {abs(slope):.1f} points a year; "
                f"it makes up {float(facts['share']):.1%} over all months"
            )
        case "drift":
            key, value = candidate.terms
            return (
                f"{key.key} is distributed otherwise in {facts['after']} than in {facts['before']}; most of all "
                f"{value.value}: {float(facts['share']):.1%} before, {float(facts['share_after']):.1%} after"
            )


def _name(term: Term) -> str:
    return f"{term.key}: {term.value}"


def _where(group: Term) -> str:
    match group.key:
        case key if key == CATEGORY_KEY:
            return f"in category {group.value}"
        case key if key == MONTH_KEY:
            return f"in {group.value}"
        case key if key == PLACE_KEY:
            return f"at {_place(group.value)}"
        case _:
            return f"with {_name(group)}"


def _place(cell: str) -> str:
    """The cell whose south-western corner is `40,-105` as people write it."""
    south, west = (int(part) for part in cell.split(","))
    corners = (south, "NS"), (west, "EW"), (south + PLACE_DEGREES, "NS"), (west + PLACE_DEGREES, "EW")
    sides = [f"{abs(degrees)}{letters[degrees < 0]}" if degrees else "0" for degrees, letters in corners]
    return f"{sides[0]} {sides[1]} to {sides[2]} {sides[3]}"
