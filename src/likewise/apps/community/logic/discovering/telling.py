"""What results say, in one plain sentence each: made of the figures alone, and silent on what too few would tell."""

from collections.abc import Sequence
from typing import Final

from likewise.apps.community.logic.discovering.results import (
    Bar,
    BarsResult,
    CompareResult,
    CompareRow,
    DiscoveryResult,
    InsightsResult,
    LineResult,
    MapResult,
    NumberResult,
    PeopleResult,
    RowsResult,
    SideFigures,
    TogetherFigures,
)
from likewise.apps.community.logic.discovering.words import join

__all__ = ["amount", "percent", "tell"]

_MINUTE, _HOUR, _DAY = 60.0, 3_600.0, 86_400.0
_NAMED_MAX: Final = 3
_NAME_CHARACTERS: Final = 60


def tell(result: DiscoveryResult) -> str:  # noqa: PLR0911 - one for each kind
    """The sentence for a result."""
    match result:
        case RowsResult():
            return _rows(result)
        case NumberResult():
            return _together(result.together) if result.together else _number(result)
        case BarsResult():
            return _bars(result)
        case LineResult():
            return _line(result)
        case MapResult():
            return _map(result)
        case PeopleResult():
            return _people(result)
        case CompareResult():
            return _compare(result)
        case InsightsResult():
            return result.insights[0].sentence if result.insights else "Nothing remarkable stands out by now."


def amount(value: float, unit: str) -> str:
    """A number with its unit as people say it: "5 min", "1.5 h", "12 m", "3"."""
    if unit == "s":
        for size, name in ((_DAY, "days"), (_HOUR, "h"), (_MINUTE, "min")):
            if value >= size:
                many = round(value / size, 1)
                return f"{many:g} {name.removesuffix('s') if many == 1 else name}"
        return f"{round(value, 1):g} s"
    return f"{round(value, 2):,g} {unit}".strip()


def percent(share: float) -> str:
    """A share as people read it: "12 %", "0.4 %"."""
    points = share * 100
    return f"{points:.0f} %" if points >= 10 or points == 0 else f"{points:.1f} %"


def _rows(result: RowsResult) -> str:
    if not result.rows:
        return "No experience is like that."
    if result.is_nearest:
        return f"No experience has all of that; {len(result.rows)} are the nearest by meaning."
    first = result.rows[0]
    name = f"\u201c{first.title or first.text[:_NAME_CHARACTERS]}\u201d"
    if result.value_key is not None and first.value is not None:
        return f"{_many(len(result.rows), 'experience')}; {name} comes first."
    if result.to is not None:
        to = result.to.title or result.to.text[:_NAME_CHARACTERS]
        return f"{_many(len(result.rows), 'experience')} like \u201c{to}\u201d; the nearest is {name}."
    return (
        f"{_many(len(result.rows), 'experience')}, {name} first."
        if len(result.rows) > 1
        else f"One experience: {name}."
    )


def _number(result: NumberResult) -> str:
    if not result.value:
        return f"None of {result.of:,} experiences is like that." if result.of else "Nobody has told an experience yet."
    words = f"{_many(result.value, 'experience')}"
    if result.share is not None and result.of > result.value:
        words += f" of {result.of:,} ({percent(result.share)})"
    return f"{words}, told by {_many(result.authors, 'person', 'people')}{_cut(result.is_whole)}."


def _together(figures: TogetherFigures) -> str:
    known = f"Of {figures.known:,} experiences of which both are known, {figures.both:,} have both"
    if figures.is_too_few or figures.lift is None or figures.expected is None:
        return f"{known}: too few to tell whether that is more than chance."
    chance = f"chance would bring {figures.expected:,.0f}"
    share = (
        "" if figures.share_of_first is None else f", {percent(figures.share_of_first)} of those with {figures.first}"
    )
    if not figures.is_sure:
        return f"{known}{share}; {chance}, so they go together no more and no less than chance has it."
    often = (
        f"{figures.lift:.1f} times as often as" if figures.lift >= 1 else f"only {figures.lift:.2f} times as often as"
    )
    return f"{known}{share}; {chance}, so they occur together {often} chance has it."


def _bars(result: BarsResult) -> str:
    if result.is_too_few:
        return f"Too few to tell: {result.label} is known of {_many(result.known, 'experience')}."
    if result.is_association:
        return _goes_with(result.bars)
    if not result.bars:
        return f"{result.label.capitalize()} is not known of any of {_many(result.total, 'experience')}."
    if result.spread is not None:
        spread = result.spread
        return (
            f"Half of the {result.known:,} experiences whose {result.label} is known are between"
            f" {amount(spread.quarter, result.unit)} and {amount(spread.three_quarters, result.unit)}; the median is"
            f" {amount(spread.median, result.unit)}."
        )
    best = sorted(result.bars, key=lambda bar: -bar.count)[:_NAMED_MAX]
    named = join(f"{bar.label} ({_of(bar)})" for bar in best)
    return f"Most often {named}, of {result.known:,} whose {result.label} is known{_cut(result.is_whole)}."


def _of(bar: Bar) -> str:
    return f"{bar.count:,}" if bar.share is None else f"{percent(bar.share)}"


def _goes_with(bars: Sequence[Bar]) -> str:
    more = [bar for bar in bars if bar.is_sure and bar.lift is not None and bar.lift > 1][:_NAMED_MAX]
    less = [bar for bar in bars if bar.is_sure and bar.lift is not None and bar.lift < 1][:1]
    if not more and not less:
        return "Nothing goes with it more or less often than chance has it."
    words = join(f"{bar.label} ({bar.lift:.1f} times as often)" for bar in more)
    rarely = f"{less[0].label} is rarer there than elsewhere" if less else ""
    return f"It goes with {words}{'; ' if rarely else ''}{rarely}." if more else f"{rarely.capitalize()}."


def _line(result: LineResult) -> str:
    if not result.total:
        return "No experience is like that."
    if result.direction == "too_few" or result.share_per_year is None:
        return f"{_many(result.total, 'experience')}: too few to tell whether they become more or less common."
    if result.direction == "steady":
        return f"{_many(result.total, 'experience')}; their share shows no clear change over time."
    points = abs(result.share_per_year) * 100
    more = "more" if result.direction == "rising" else "less"
    return f"{_many(result.total, 'experience')}; they become {more} common, by {points:.1f} points of share a year."


def _map(result: MapResult) -> str:
    if not result.placed:
        return (
            f"No place is known of {_many(result.total, 'experience')}."
            if result.total
            else "No experience is like that."
        )
    named = [f"{place.name} ({place.count:,})" for place in result.places[:_NAMED_MAX]]
    where = f"; most often in {join(named)}" if named else ""
    return f"{result.placed:,} of {_many(result.total, 'experience')} have a place{where}{_cut(result.is_whole)}."


def _people(result: PeopleResult) -> str:
    if not result.people:
        return "Nobody is like that."
    first = result.people[0]
    name = first.name or first.user
    if first.similarity is not None:
        ground = f"; they share {join(first.categories[:_NAMED_MAX])}" if first.categories else ""
        return f"{name} is the most alike{ground}."
    if result.total is None:
        return (
            f"{name} tells most of {join(first.categories[:_NAMED_MAX])}." if first.categories else f"This is {name}."
        )
    return f"{_many(result.total, 'person', 'people')}; {name} tells most ({_many(first.count or 0, 'experience')})."


def _compare(result: CompareResult) -> str:
    left, right = result.left, result.right
    sizes = f"{_capital(left.label)}: {left.count:,}; {right.label}: {right.count:,}"
    if result.is_too_few:
        return f"{sizes}. Too few to tell how they differ."
    if left.spread is not None and right.spread is not None:
        medians = f"{_median(left, result.unit)} against {_median(right, result.unit)}"
        return f"{sizes}. The median {result.label} is {medians}."
    sure = [row for row in result.rows if row.is_sure]
    if not sure:
        return f"{sizes}. Nothing differs more than chance would have it."
    return f"{sizes}. They differ most in {join(_differing(row) for row in sure[:_NAMED_MAX])}."


def _median(side: SideFigures, unit: str) -> str:
    return "unknown" if side.spread is None else amount(side.spread.median, unit)


def _differing(row: CompareRow) -> str:
    return f"{row.label} ({percent(row.left_share)} against {percent(row.right_share)})"


def _many(count: int, one: str, many: str | None = None) -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def _cut(is_whole: bool) -> str:  # noqa: FBT001 - a field of the result
    return "" if is_whole else ", the newest of more than are looked at"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
