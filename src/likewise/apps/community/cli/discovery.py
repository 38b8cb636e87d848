"""`likewise community ask`: a question in plain words, its plan, and what came of it as tables and bars."""

import sys
from collections.abc import Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from likewise.apps.community.cli.finding import line_of
from likewise.platform.commands import Context, emit, emit_rows, note, options, run_with_app

if TYPE_CHECKING:
    from datetime import datetime

    from likewise.apps.community.logic.discovering.results import CompareResult, DiscoveryResult, MapResult
    from likewise.apps.community.service.discovering import DiscoveryEvent
    from likewise.platform.feature import App

__all__ = ["DISCOVERY"]

DISCOVERY = typer.Typer()
_BAR_WIDTH = 30
_TITLE_CHARACTERS = 80
_LINE_ROWS_MAX = 24
_CELLS_SHOWN = 12


class _FoundRow(msgspec.Struct, frozen=True):
    id: str
    category: str
    happened: str
    value: str
    title: str


class _BarRow(msgspec.Struct, frozen=True):
    value: str
    count: int
    share: str
    bar: str


class _PersonRow(msgspec.Struct, frozen=True):
    user: str
    name: str
    experiences: str
    alike: str
    categories: str


class _CompareRow(msgspec.Struct, frozen=True):
    value: str
    left: str
    right: str
    sure: str


class _CellRow(msgspec.Struct, frozen=True):
    place: str
    latitude: str
    longitude: str
    count: int
    bar: str


@DISCOVERY.command("ask")
def ask(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help='Such as "where are triangles seen at night?".')],
    *,
    after: Annotated[
        list[str], typer.Option("--after", metavar="QUESTION", help="A question asked before it; may be repeated.")
    ] = [],  # noqa: B006 - typer reads it, nobody writes to it
    user: Annotated[str | None, typer.Option("--user", help="Who asks, for questions such as who is like me.")] = None,
) -> None:
    """Ask in plain words: what, where, when, how many, compare, who, similar, trend, together."""

    async def go(app: "App", context: Context) -> int | None:
        from likewise.apps.community.service.discovering import DiscoveryRefused, discover
        from likewise.apps.community.views.discovering import answer_of

        events: list[DiscoveryEvent] = []
        async with aclosing(discover(app, context.tenant_id, question=question, user=user, history=after)) as told:
            async for event in told:
                events.append(event)
                if not options().machine_readable:
                    _tell(event)
        if options().machine_readable:
            emit(answer_of(events))
        return 1 if any(isinstance(one, DiscoveryRefused) for one in events) else None

    run_with_app(go)


def _tell(event: "DiscoveryEvent") -> None:
    from likewise.apps.community.service.discovering import (
        DiscoveryEnded,
        DiscoveryFound,
        DiscoveryPlanned,
        DiscoveryRefused,
        DiscoverySaid,
    )

    match event:
        case DiscoveryPlanned(plan=plan):
            for line in (plan.sentence, *plan.notes):
                note(line)
        case DiscoveryRefused(refusal=refusal):
            note(refusal.sentence)
            if refusal.suggestions:
                note("Ask instead: " + " ".join(f"\u201c{one}\u201d" for one in refusal.suggestions))
        case DiscoveryFound():
            note(f"\n{event.step}. {event.title[:1].upper()}{event.title[1:]}")
            if event.result is None:
                note(event.problem or "")
            else:
                _draw(event.result)
        case DiscoverySaid(text=text):
            sys.stdout.write(text)
            sys.stdout.flush()
        case DiscoveryEnded():
            sys.stdout.write("\n")


def _draw(result: "DiscoveryResult") -> None:
    from likewise.apps.community.logic.discovering import results

    match result:
        case results.RowsResult():
            rows = [
                _FoundRow(
                    one.id,
                    one.category_title,
                    _day(one.happened_at),
                    _number(one.value),
                    line_of(one.title or one.text, characters=_TITLE_CHARACTERS),
                )
                for one in result.rows
            ]
            columns = (
                ("id", "category", "happened", "value", "title")
                if result.value_key
                else ("id", "category", "happened", "title")
            )
            emit_rows(rows, columns=columns, empty="No experience is like that.")
        case results.NumberResult():
            emit_rows(
                [_BarRow("experiences", result.value, _percent(result.share), "")], columns=("value", "count", "share")
            )
        case results.BarsResult():
            _draw_bars([(bar.label, bar.count, bar.share) for bar in result.bars])
        case results.LineResult():
            shown = result.points[-_LINE_ROWS_MAX:]
            _draw_bars([(point.period, point.count, point.share) for point in shown])
        case results.MapResult():
            _draw_places(result)
        case results.PeopleResult():
            emit_rows(
                [
                    _PersonRow(
                        one.user, one.name or "", _number(one.count), _number(one.similarity), ", ".join(one.categories)
                    )
                    for one in result.people
                ],
                columns=("user", "name", "experiences", "alike", "categories"),
                empty="Nobody is like that.",
            )
        case results.CompareResult():
            _draw_comparison(result)
        case results.InsightsResult():
            for one in result.insights:
                sys.stdout.write(f"- {one.sentence}\n")


def _draw_bars(rows: Sequence[tuple[str, int, float | None]]) -> None:
    most = max((count for _, count, _ in rows), default=0)
    emit_rows(
        [_BarRow(label, count, _percent(share), _bar(count, most)) for label, count, share in rows],
        columns=("value", "count", "share", "bar"),
        empty="Nothing is known of it.",
    )


def _draw_places(result: "MapResult") -> None:
    places = [(place.name, place.lat, place.lon, place.count) for place in result.places]
    cells = places or [("", cell.lat, cell.lon, cell.count) for cell in result.cells[:_CELLS_SHOWN]]
    most = max((count for _, _, _, count in cells), default=0)
    emit_rows(
        [_CellRow(name, _number(lat), _number(lon), count, _bar(count, most)) for name, lat, lon, count in cells],
        columns=("place", "latitude", "longitude", "count", "bar"),
        empty="No place is known.",
    )


def _draw_comparison(result: "CompareResult") -> None:
    for side in (result.left, result.right):
        note(f"{side.label}: {side.count:,}")
    rows = [
        _CompareRow(row.label, _percent(row.left_share), _percent(row.right_share), "yes" if row.is_sure else "no")
        for row in result.rows
    ]
    if result.left.spread is not None and result.right.spread is not None:
        from likewise.apps.community.logic.discovering.telling import amount

        rows = [
            _CompareRow(name, amount(left, result.unit), amount(right, result.unit), "")
            for name, left, right in (
                ("quarter below", result.left.spread.quarter, result.right.spread.quarter),
                ("median", result.left.spread.median, result.right.spread.median),
                ("three quarters below", result.left.spread.three_quarters, result.right.spread.three_quarters),
            )
        ]
    emit_rows(rows, columns=("value", "left", "right", "sure"), empty="Too few to tell.")


def _bar(count: int, most: int) -> str:
    return "█" * round(_BAR_WIDTH * count / most) if most else ""


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}" if isinstance(value, float) else f"{value:,}"


def _day(moment: "datetime | None") -> str:
    return "" if moment is None else moment.date().isoformat()
