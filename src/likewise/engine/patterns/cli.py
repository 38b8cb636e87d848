"""`likewise patterns`."""

from typing import TYPE_CHECKING, Annotated

import typer

from likewise.platform.commands import Context, emit, emit_rows, note, run_with_app

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from likewise.engine.patterns.model import Associations, Distribution, Drift, Group, Trends
    from likewise.platform.feature import App

__all__ = ["COMMANDS"]

COMMANDS = typer.Typer()
_patterns = typer.Typer(help="What attributes tell: counts, associations, trends, insights.", no_args_is_help=True)
COMMANDS.add_typer(_patterns, name="patterns")

_NO_INSIGHTS = "No insight holds. Look for some with: likewise patterns refresh -c COLLECTION"
_BAR_CELLS = 20
_SPARKS = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588"
_SPARK_CELLS = 24

Collection = Annotated[str, typer.Option("--collection", "-c", help="The collection to look at.")]
KeyArgument = Annotated[str, typer.Argument(help="An attribute's key, such as a facet's name.")]
Segment = Annotated[str | None, typer.Option("--segment", help="Items with a value: shape:triangle.")]
Category = Annotated[str | None, typer.Option("--category", help="Items of a category.")]
First = Annotated[str | None, typer.Option("--first", help="Items from this month on: 2013-06.")]
Last = Annotated[str | None, typer.Option("--last", help="Items up to this month.")]
Place = Annotated[str | None, typer.Option("--place", help="Items in the 5-degree cell of a point: 40.7,-74.0.")]
Limit = Annotated[int, typer.Option("--limit", min=1, help="Rows to show.")]


@_patterns.command()
def keys(*, collection: Collection) -> None:
    """The keys there are, and how many items have them."""

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.patterns import service

        rows = await service.list_keys(app, context.tenant_id, collection=collection)
        emit_rows(rows, columns=["key", "item_count", "value_count"], empty="No item has attributes yet.")

    run_with_app(go)


@_patterns.command()
def distribution(
    key: KeyArgument,
    *,
    collection: Collection,
    segment: Segment = None,
    category: Category = None,
    first: First = None,
    last: Last = None,
    place: Place = None,
    limit: Limit = 20,
) -> None:
    """How often each value of a key occurs, among all items or in one group."""

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.patterns import service

        group = service.read_group(segment=segment, category=category, first=first, last=last, place=place)
        found = await service.get_distribution(
            app, context.tenant_id, collection=collection, key=key, group=group, limit=limit
        )
        emit(found, text=lambda: _distribution(found))
        note(f"{found.known_count} of {found.item_count} items have {key}")

    run_with_app(go)


@_patterns.command()
def together(
    key: KeyArgument,
    value: Annotated[str, typer.Argument(help="The value, such as triangle.")],
    *,
    collection: Collection,
    other: Annotated[str | None, typer.Option("--other", help="Look at this key's values only.")] = None,
    limit: Limit = 20,
) -> None:
    """What occurs together with a value more often, or less often, than chance has it."""

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.patterns.model import Group

        group = Group(kind="value", key=key, value=value)
        await _associations(app, context, collection, group, key=other, only=False, limit=limit)

    run_with_app(go)


@_patterns.command()
def significant(
    *,
    collection: Collection,
    segment: Segment = None,
    category: Category = None,
    first: First = None,
    last: Last = None,
    place: Place = None,
    key: Annotated[str | None, typer.Option("--key", help="Look at this key's values only.")] = None,
    limit: Limit = 20,
) -> None:
    """What is significant for a segment, a category, a period or a place against all items."""

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.patterns import service

        group = service.read_group(segment=segment, category=category, first=first, last=last, place=place)
        if group is None:
            raise typer.BadParameter("name a group: --segment, --category, --first and --last, or --place")
        await _associations(app, context, collection, group, key=key, only=True, limit=limit)

    run_with_app(go)


@_patterns.command()
def trend(
    key: KeyArgument,
    value: Annotated[str | None, typer.Argument(help="One value; default: the commonest ones.")] = None,
    *,
    collection: Collection,
    limit: Limit = 20,
) -> None:
    """How values' shares move by the month, and whether that is more than chance."""

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.patterns import service

        found = await service.list_trends(
            app, context.tenant_id, collection=collection, key=key, value=value, limit=limit
        )
        emit(found, text=lambda: _trends(found))
        note(f"{found.tested} values were looked at")

    run_with_app(go)


@_patterns.command()
def drift(
    key: KeyArgument,
    *,
    collection: Collection,
    before: Annotated[str, typer.Option("--before", help="Months of the earlier period: 2013-01..2013-06.")],
    after: Annotated[str, typer.Option("--after", help="Months of the later period: 2014-01..2014-06.")],
) -> None:
    """Whether a key's values are distributed otherwise in one period than in another."""

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.patterns import service

        found = await service.get_drift(
            app, context.tenant_id, collection=collection, key=key, before=_period(before), after=_period(after)
        )
        emit(found, text=lambda: _drift(found))
        note(
            f"{found.before}: {found.items_before} items; {found.after}: {found.items_after} items; "
            f"divergence {found.divergence_bits:.4f} bits, G = {found.g:.1f}, p = {found.p:.2g}"
        )

    run_with_app(go)


@_patterns.command()
def insights(
    *,
    collection: Collection,
    evidence: Annotated[bool, typer.Option("--evidence", help="Show keys of items each insight rests on.")] = False,
    limit: Limit = 20,
) -> None:
    """What is remarkable and still holds, strongest first."""

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.patterns import service
        from likewise.engine.patterns.views import InsightDetail, insight_view

        found = await service.list_insights(app, context.tenant_id, collection=collection, limit=limit)
        if not evidence:
            views = [insight_view(insight) for insight in found]
            emit_rows(views, columns=["strength", "kind", "sentence", "first_seen"], empty=_NO_INSIGHTS)
            return
        details = [
            InsightDetail(insight_view(insight), keys)
            for insight, keys in [await service.get_insight(app, context.tenant_id, insight_id=one.id) for one in found]
        ]
        rows = [_words(one.insight.sentence, ", ".join(one.evidence)) for one in details]
        emit({"data": details}, text=lambda: _table(["insight", "items"], rows))

    run_with_app(go)


@_patterns.command()
def refresh(*, collection: Collection) -> None:
    """Look through all counts for insights now; otherwise that happens every night."""

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.patterns import service

        found = await service.refresh_insights(app, context.tenant_id, collection=collection)
        emit(
            found,
            text=lambda: (
                f"{found.found} insights ({found.fresh} new, {found.expired} expired) out of {found.tested} "
                "hypotheses. Next: likewise patterns insights -c " + collection
            ),
        )

    run_with_app(go)


async def _associations(
    app: "App", context: Context, collection: str, group: "Group", *, key: str | None, only: bool, limit: int
) -> None:
    from likewise.engine.patterns import service

    found = await service.find_associations(
        app, context.tenant_id, collection=collection, group=group, key=key, significant_only=only, limit=limit
    )
    emit(found, text=lambda: _associated(found))
    note(f"{found.group}: {found.item_count} items; {found.tested} values were looked at")


def _period(text: str) -> tuple[str, str]:
    first, _, last = text.partition("..")
    return first, last or first


def _distribution(found: "Distribution") -> "RenderableType":
    best = max((row.share for row in found.data), default=1.0)
    rows = [_words(row.value, row.count, f"{row.share:.1%}", _bar(row.share / best)) for row in found.data]
    return _table([found.key, "items", "share", ""], rows)


def _associated(found: "Associations") -> "RenderableType":
    rows = [
        _words(
            row.key,
            row.value,
            row.count,
            f"{row.share:.1%}",
            f"{row.background_share:.1%}",
            f"{row.lift:.2f}",
            f"{row.lift_low:.2f} to {row.lift_high:.2f}",
            f"{row.q:.2g}{'' if row.significant else ' (chance)'}",
        )
        for row in found.data
    ]
    return _table(["key", "value", "items", "share", "of all", "lift", "95 %", "q"], rows)


def _trends(found: "Trends") -> "RenderableType":
    rows = [
        _words(
            row.value,
            row.count,
            f"{row.share:.1%}",
            f"{100 * row.slope_per_year:+.2f} points a year",
            f"{row.q:.2g}{'' if row.significant else ' (chance)'}",
            _spark([point.share for point in row.points]),
        )
        for row in found.data
    ]
    return _table([found.key, "items", "share", "slope", "q", "share by month"], rows)


def _drift(found: "Drift") -> "RenderableType":
    rows = [
        _words(
            row.value,
            f"{row.share_before:.1%}",
            f"{row.share_after:.1%}",
            f"{100 * row.change:+.1f} points",
            f"{100 * row.change_low:+.1f} to {100 * row.change_high:+.1f}",
            f"{row.q:.2g}",
        )
        for row in found.data
    ]
    return _table([found.key, found.before, found.after, "change", "95 %", "q"], rows)


def _spark(shares: "Sequence[float | None]") -> str:
    known = [share for share in shares[-_SPARK_CELLS:] if share is not None]
    most = max(known, default=0.0) or 1.0
    return "".join(
        " " if share is None else _SPARKS[min(len(_SPARKS) - 1, int(share / most * len(_SPARKS)))]
        for share in shares[-_SPARK_CELLS:]
    )


def _bar(share: float) -> str:
    return "\u2588" * max(1, round(_BAR_CELLS * share))


def _words(*values: object) -> list[str]:
    return [str(value) for value in values]


def _table(columns: "Sequence[str]", rows: "Sequence[Sequence[str]]") -> "RenderableType":
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table
