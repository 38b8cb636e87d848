"""`likewise community patterns`: what the attributes of experiences tell."""

from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from likewise.platform.commands import Context, emit, emit_rows, note, options, run_with_app
from likewise.platform.ids import decode_id, encode_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from likewise.apps.community.views import PatternAssociationView
    from likewise.engine.patterns import Group
    from likewise.platform.feature import App

__all__ = ["PATTERNS"]

PATTERNS = typer.Typer(help="What goes with what, where, when; what rises and falls.", no_args_is_help=True)

Key = Annotated[str, typer.Argument(help="An attribute's key, such as shape.")]
Segment = Annotated[str | None, typer.Option("--segment", help="Experiences with a value: shape:triangle.")]
Category = Annotated[str | None, typer.Option("--category", help="Experiences of a category.")]
First = Annotated[str | None, typer.Option("--first", help="Experiences from this month on: 2013-06.")]
Last = Annotated[str | None, typer.Option("--last", help="Experiences up to this month.")]
Place = Annotated[str | None, typer.Option("--place", help="Experiences in the 5-degree cell of a point: 40.7,-74.0.")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=500, help="Rows to show.")]


class _ValueRow(msgspec.Struct, frozen=True):
    value: str
    experiences: int
    share: str


class _AssociationRow(msgspec.Struct, frozen=True):
    key: str
    value: str
    experiences: int
    share: str
    of_all: str
    lift: str
    interval: str
    q: str


class _PlaceRow(msgspec.Struct, frozen=True):
    where: str
    experiences: int
    share: str
    of_all: str
    lift: str
    q: str


class _TrendRow(msgspec.Struct, frozen=True):
    value: str
    experiences: int
    share: str
    points_a_year: str
    interval: str
    q: str


class _DriftRow(msgspec.Struct, frozen=True):
    value: str
    before: str
    after: str
    change: str
    q: str


class _InsightRow(msgspec.Struct, frozen=True):
    id: str
    kind: str
    strength: str
    sentence: str


@PATTERNS.command("keys")
def keys() -> None:
    """The keys there are, and how many experiences have them."""

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.community import service
        from likewise.apps.community.views import key_view

        rows = [key_view(row) for row in await service.pattern_keys(app, context.tenant_id)]
        emit_rows(
            rows, columns=("key", "title", "item_count", "value_count"), empty="Nothing is known of experiences yet."
        )

    run_with_app(go)


@PATTERNS.command("distribution")
def distribution(
    key: Key,
    *,
    segment: Segment = None,
    category: Category = None,
    first: First = None,
    last: Last = None,
    place: Place = None,
    limit: Limit = 20,
) -> None:
    """How often each value of a key occurs, among all experiences or in one group."""

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.community import service
        from likewise.apps.community.views import distribution_view

        group = service.pattern_group(segment=segment, category=category, first=first, last=last, place=place)
        found = await service.pattern_distribution(app, context.tenant_id, key=key, group=group, limit=limit)
        view = distribution_view(found, group)
        if options().machine_readable:
            emit(view)
            return
        emit_rows(
            [_ValueRow(row.title, row.count, f"{row.share:.1%}") for row in view.data],
            columns=("value", "experiences", "share"),
        )
        note(f"{view.title} of {view.group}: known of {view.known_count:,} of {view.item_count:,} experiences")

    run_with_app(go)


@PATTERNS.command("associations")
def associations(
    *,
    segment: Segment = None,
    category: Category = None,
    first: First = None,
    last: Last = None,
    place: Place = None,
    key: Annotated[str | None, typer.Option("--key", help="Look at this key's values only.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also what chance explains.")] = False,
    limit: Limit = 20,
) -> None:
    """What a group has more often, or less often, than others."""

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.community import service
        from likewise.apps.community.views import associations_view

        group = _needed(service.pattern_group(segment=segment, category=category, first=first, last=last, place=place))
        found = await service.pattern_associations(
            app, context.tenant_id, group=group, key=key, significant_only=not everything, limit=limit
        )
        view = associations_view(found, group)
        if options().machine_readable:
            emit(view)
            return
        _tell_associations(view.data)
        note(f"{view.group}: {view.item_count:,} experiences; {view.tested:,} values were looked at")

    run_with_app(go)


@PATTERNS.command("map")
def show_map(
    *,
    segment: Segment = None,
    category: Category = None,
    first: First = None,
    last: Last = None,
    place: Place = None,
    limit: Limit = 20,
) -> None:
    """Where a group happened, or everything: cells of 5 degrees, most first."""

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.community import service
        from likewise.apps.community.views import map_view

        group = service.pattern_group(segment=segment, category=category, first=first, last=last, place=place)
        view = map_view(await service.pattern_map(app, context.tenant_id, group=group), group)
        if options().machine_readable:
            emit(view)
            return
        rows = [
            _PlaceRow(
                cell.title,
                cell.count,
                f"{cell.share:.1%}",
                "" if cell.background_share is None else f"{cell.background_share:.1%}",
                "" if cell.lift is None else f"{cell.lift:.2f}",
                "" if cell.q is None else f"{cell.q:.2g}{'' if cell.significant else ' (chance)'}",
            )
            for cell in view.data[:limit]
        ]
        emit_rows(
            rows,
            columns=("where", "experiences", "share", "of_all", "lift", "q"),
            empty="No cell has enough of it to be told of.",
        )
        note(f"{view.group}: {view.placed_count:,} of {view.item_count:,} experiences have a place")

    run_with_app(go)


@PATTERNS.command("when")
def when(
    *,
    segment: Segment = None,
    category: Category = None,
    first: First = None,
    last: Last = None,
    place: Place = None,
) -> None:
    """When a group happened: by month of the calendar, season, weekday and time of day."""

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.community import service
        from likewise.apps.community.views import moments_view

        group = _needed(service.pattern_group(segment=segment, category=category, first=first, last=last, place=place))
        view = moments_view(await service.pattern_moments(app, context.tenant_id, group=group), group)
        if options().machine_readable:
            emit(view)
            return
        rows = [
            _PlaceRow(
                row.title,
                row.count,
                f"{row.share:.1%}",
                "" if row.background_share is None else f"{row.background_share:.1%}",
                "" if row.lift is None else f"{row.lift:.2f}",
                "" if row.q is None else f"{row.q:.2g}{'' if row.significant else ' (chance)'}",
            )
            for row in sorted(view.calendar.data, key=lambda row: row.value)
        ]
        emit_rows(
            rows,
            columns=("where", "experiences", "share", "of_all", "lift", "q"),
            empty="No month has enough of it to be told of.",
        )
        for told in view.keys.values():
            _tell_associations(told)

    run_with_app(go)


@PATTERNS.command("trend")
def trend(
    key: Key,
    value: Annotated[str | None, typer.Argument(help="One value; default: the commonest ones.")] = None,
    *,
    limit: Limit = 20,
) -> None:
    """How values' shares move by the month, and whether that is more than chance."""

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.community import service
        from likewise.apps.community.views import trends_view

        view = trends_view(await service.pattern_trend(app, context.tenant_id, key=key, value=value, limit=limit))
        if options().machine_readable:
            emit(view)
            return
        rows = [
            _TrendRow(
                row.title,
                row.count,
                f"{row.share:.1%}",
                f"{100 * row.slope_per_year:+.2f}",
                f"{100 * row.slope_low:+.2f} to {100 * row.slope_high:+.2f}",
                f"{row.q:.2g}{'' if row.significant else ' (chance)'}",
            )
            for row in view.data
        ]
        emit_rows(
            rows,
            columns=("value", "experiences", "share", "points_a_year", "interval", "q"),
            empty="Too few months for a trend.",
        )

    run_with_app(go)


@PATTERNS.command("drift")
def drift(
    key: Key,
    before: Annotated[str, typer.Argument(metavar="BEFORE", help="Months like 2012-01..2012-12.")],
    after: Annotated[str, typer.Argument(metavar="AFTER", help="Later months like 2013-01..2013-12.")],
) -> None:
    """Whether a key's values are distributed otherwise in one period than in an earlier one."""

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.community import service
        from likewise.apps.community.views import drift_view

        found = await service.pattern_drift(
            app, context.tenant_id, key=key, before=_period(before), after=_period(after)
        )
        view = drift_view(found)
        if options().machine_readable:
            emit(view)
            return
        rows = [
            _DriftRow(
                row.title,
                f"{row.share_before:.1%}",
                f"{row.share_after:.1%}",
                f"{100 * row.change:+.1f} points",
                f"{row.q:.2g}",
            )
            for row in view.data
        ]
        emit_rows(rows, columns=("value", "before", "after", "change", "q"), empty="Too few to compare.")
        note(f"{view.title}: {view.divergence_bits:.4f} bits apart, p {view.p:.2g}")

    run_with_app(go)


@PATTERNS.command("insights")
def insights(
    insight: Annotated[str | None, typer.Argument(metavar="INSIGHT", help="One, ins_..., with its evidence.")] = None,
    *,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100, help="Rows to show.")] = 20,
) -> None:
    """What is remarkable and holds now; of one, the experiences it rests on."""

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.community import service
        from likewise.apps.community.views import insight_detail_view, insight_view

        if insight is not None:
            found, evidence = await service.pattern_insight(
                app, context.tenant_id, insight_id=decode_id("ins", insight)
            )
            detail = insight_detail_view(found, evidence)
            if options().machine_readable:
                emit(detail)
                return
            note(found.sentence)
            emit_rows(detail.evidence, columns=("id", "category", "title"), empty="Nothing of it is public any more.")
            return
        rows = await service.pattern_insights(app, context.tenant_id, limit=limit)
        if options().machine_readable:
            emit_rows([insight_view(row) for row in rows], columns=("id",))
            return
        emit_rows(
            [_InsightRow(encode_id("ins", row.id), row.kind, f"{row.strength:.2f}", row.sentence) for row in rows],
            columns=("id", "kind", "strength", "sentence"),
            empty="No insight holds. Look for some with: likewise community patterns refresh",
        )

    run_with_app(go)


@PATTERNS.command("refresh")
def refresh() -> None:
    """Look through all counts for insights now; otherwise that happens every night."""

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.community import service

        found = await service.refresh_patterns_now(app, context.tenant_id)
        emit(
            found,
            text=lambda: (
                f"{found.found} insights ({found.fresh} new, {found.expired} expired) out of {found.tested} hypotheses."
            ),
        )

    run_with_app(go)


def _needed(group: "Group | None") -> "Group":
    if group is None:
        raise typer.BadParameter("name a group: --segment, --category, --first and --last, or --place")
    return group


def _tell_associations(rows: "Sequence[PatternAssociationView]") -> None:
    emit_rows(
        [
            _AssociationRow(
                row.key_title,
                row.value_title,
                row.count,
                f"{row.share:.1%}",
                f"{row.background_share:.1%}",
                f"{row.lift:.2f}",
                f"{row.lift_low:.2f} to {row.lift_high:.2f}",
                f"{row.q:.2g}{'' if row.significant else ' (chance)'}",
            )
            for row in rows
        ],
        columns=("key", "value", "experiences", "share", "of_all", "lift", "interval", "q"),
        empty="Nothing goes with it more often, or less often, than chance has it.",
    )


def _period(text: str) -> tuple[str, str]:
    first, _, last = text.partition("..")
    return first, last or first
