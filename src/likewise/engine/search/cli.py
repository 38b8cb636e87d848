"""`likewise search` and `likewise similar`; `likewise queries` and `likewise indexes` show how well they serve."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, cast

import msgspec
import typer

from likewise.engine.collections import Filter
from likewise.engine.search.model import (
    Answer,
    Arm,
    Example,
    Fusion,
    QueryFigures,
    Result,
    SearchAnalytics,
    SearchRequest,
    SimilarRequest,
)
from likewise.platform.commands import Context, confirm, emit, emit_rows, note, run_with_app

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from likewise.platform.feature import App

__all__ = ["COMMANDS"]

COMMANDS = typer.Typer()
_queries = typer.Typer(help="What is searched for, what finds nothing, what is opened.", no_args_is_help=True)
_indexes = typer.Typer(help="Vector indexes: list, build, measure.", no_args_is_help=True)
COMMANDS.add_typer(_queries, name="queries")
COMMANDS.add_typer(_indexes, name="indexes")

_BAR_CELLS = 10
_FULL, _EMPTY = "\u2588", "\u2591"
_SNIPPET_CHARACTERS = 240
_FACETS_SHOWN = 4

Collection = Annotated[str, typer.Option("--collection", "-c", help="The collection to look in.")]
Count = Annotated[int, typer.Option("--results", "-k", min=1, help="How many results.")]
Where = Annotated[
    list[str],
    typer.Option("--where", "-w", help="A facet's wish: shape=disk, shape=disk,light, duration_s>=60, tags~night."),
]
Authors = Annotated[list[str], typer.Option("--author", help="Only by this author; may be repeated.")]
Categories = Annotated[list[str], typer.Option("--category", help="Only in this category; may be repeated.")]
FilterJson = Annotated[
    str | None,
    typer.Option("--filter", help='The API\'s filter as JSON: {"near": {"lat": 1.2, "lon": 3.4, "radius_km": 50}}.'),
]
Explain = Annotated[bool, typer.Option("--explain", help="Show each arm's rank and score.")]


class ArmName(StrEnum):
    """The arms, as the command line offers them."""

    VECTOR = "vector"
    LEXICAL = "lexical"
    TRIGRAM = "trigram"


@COMMANDS.command()
def search(
    text: Annotated[str, typer.Argument(help="What to look for.")],
    *,
    collection: Collection,
    k: Count = 10,
    where: Where = [],  # noqa: B006 - typer reads it, nobody writes to it
    author: Authors = [],  # noqa: B006
    category: Categories = [],  # noqa: B006
    filter: FilterJson = None,  # noqa: A002 - the API's word
    arm: Annotated[list[ArmName], typer.Option("--arm", help="Look by this alone; may be repeated.")] = list(ArmName),  # noqa: B006 - typer reads it, nobody writes to it
    fusion: Annotated[Fusion, typer.Option("--fusion", help="How the arms' answers are joined.")] = "rrf",
    explain: Explain = False,
) -> None:
    """Search a collection by meaning and by words."""

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.search import service

        wish = await _filter(app, context, collection, where=where, author=author, category=category, given=filter)
        request = SearchRequest(
            query=text,
            collection=collection,
            k=k,
            arms=cast("tuple[Arm, ...]", tuple(one.value for one in arm)),
            fusion=fusion,
            filter=wish,
            explain=explain,
        )
        _show(await service.search(app, context.tenant_id, request))

    run_with_app(go)


@COMMANDS.command()
def similar(
    key: Annotated[str | None, typer.Argument(help="The key of an item.")] = None,
    *,
    collection: Collection,
    text: Annotated[str | None, typer.Option("--text", help="A text instead of an item.")] = None,
    like: Annotated[list[str], typer.Option("--like", help="The key of one more example; may be repeated.")] = [],  # noqa: B006
    unlike: Annotated[list[str], typer.Option("--unlike", help="The key of a counter-example; may be repeated.")] = [],  # noqa: B006
    k: Count = 10,
    where: Where = [],  # noqa: B006
    author: Authors = [],  # noqa: B006
    category: Categories = [],  # noqa: B006
    filter: FilterJson = None,  # noqa: A002 - the API's word
    explain: Explain = False,
) -> None:
    """Find what is like an item, a text or several examples."""

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.search import service

        request = SimilarRequest(
            collection=collection,
            key=key,
            text=text,
            positive=tuple(Example(key=one) for one in like),
            negative=tuple(Example(key=one) for one in unlike),
            k=k,
            filter=await _filter(app, context, collection, where=where, author=author, category=category, given=filter),
            explain=explain,
        )
        _show(await service.find_similar(app, context.tenant_id, request))

    run_with_app(go)


@_queries.command("show")
def show_queries(
    *,
    collection: Annotated[str | None, typer.Option("--collection", "-c", help="One collection; otherwise all.")] = None,
    days: Annotated[int, typer.Option("--days", min=1, help="How far to look back.")] = 30,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Queries in each list.")] = 20,
) -> None:
    """What is searched for, what finds nothing, what is opened, and how long it takes."""

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.search import service

        found = await service.analyze_searches(app, context.tenant_id, collection=collection, days=days, limit=limit)
        emit(found, text=lambda: _figures(found))

    run_with_app(go)


@_queries.command("forget")
def forget_query(query: Annotated[str, typer.Argument(help="The text that was searched for.")]) -> None:
    """Forget that a text was ever searched for."""
    confirm(f"Forget every search for {query!r}?")

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.search import service

        gone = await service.forget_query(app, context.tenant_id, query=query)
        emit(gone, text=lambda: f"{gone['searches']:,} searches are forgotten.")

    run_with_app(go)


@_indexes.command("list")
def list_indexes() -> None:
    """Every vector index: where it lies, whose it is, how large it is."""

    async def go(app: "App", _: Context) -> None:
        from likewise.engine.search import service

        columns = ("name", "row_count", "size_bytes", "is_valid", "predicate")
        emit_rows(await service.list_vector_indexes(app), columns=columns)

    run_with_app(go)


@_indexes.command("build")
def build_indexes() -> None:
    """Build the indexes that are missing, too small or too loose, as a worker does every two minutes."""

    async def go(app: "App", _: Context) -> None:
        from likewise.engine.search import service

        built = await service.build_vector_indexes(app)
        emit({"built": built}, text=lambda: "\n".join(built) or "Every index fits.")

    run_with_app(go)


@_indexes.command("recall")
def measure_recall() -> None:
    """Compare the indexes' answers with exact ones and tune them, as a worker does every night."""

    async def go(app: "App", _: Context) -> None:
        from likewise.engine.search import service

        columns = ("index_name", "vector_count", "query_count", "ef_search", "recall", "goal")
        emit_rows(await service.sample_recalls(app), columns=columns)

    run_with_app(go)


@_indexes.command("calibrate")
def calibrate(
    *, dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell; searches go on as they do.")] = False
) -> None:
    """Time on this machine up to how many passages comparing every vector is quicker than an index."""

    async def go(app: "App", _: Context) -> None:
        from likewise.engine.search import service

        found = await service.calibrate(app, keep=not dry_run)
        emit(
            found,
            text=lambda: (
                f"{found.exact_row_us:.2f} us for each vector compared, {found.approximate_us:.0f} us for a search by"
                f" index: exact up to {found.exact_rows_max:,} passages."
            ),
        )

    run_with_app(go)


async def _filter(
    app: "App",
    context: Context,
    collection: str,
    *,
    where: list[str],
    author: list[str],
    category: list[str],
    given: str | None,
) -> Filter:
    """The filter of --filter, with the wishes of the shorter options added."""
    from likewise.engine.search import service

    wish = Filter()
    if given is not None:
        try:
            wish = msgspec.json.decode(given, type=Filter)
        except msgspec.DecodeError as error:
            raise typer.BadParameter(f"--filter is not a filter as JSON: {error}") from None
    facets = dict(wish.facets)
    if where:
        facets |= await service.read_facet_wishes(app, context.tenant_id, collection=collection, wishes=where)
    return msgspec.structs.replace(
        wish, facets=facets, author=(*wish.author, *author), category=(*wish.category, *category)
    )


def _show(answer: Answer) -> None:
    emit(answer, text=lambda: _table(answer))
    if not answer.data:
        note("Nothing matches. Loosen the filter, or look by fewer arms with --arm.")
    if answer.corrected is not None:
        note(f"Did you mean: {answer.corrected}")
    cached = ", vector from the cache" if answer.query_cached else ""
    note(f"{answer.plan}, {answer.candidates} candidates, {answer.took_ms:.0f} ms{cached}")


def _table(answer: Answer) -> "RenderableType":
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_lines=False)
    table.add_column("score", no_wrap=True)
    table.add_column("key", no_wrap=True, max_width=20)
    table.add_column("text", ratio=1)
    table.add_column("facets", max_width=30)
    best = max((result.score for result in answer.data), default=1.0)
    for result in answer.data:
        table.add_row(_bar(result.score, best), result.key, _snippet(result), _facets(result))
    return table


def _bar(score: float, best: float) -> str:
    filled = max(0, round(_BAR_CELLS * score / best)) if best > 0 else 0
    return f"{_FULL * filled}{_EMPTY * (_BAR_CELLS - filled)} {score:.4f}"


def _snippet(result: Result) -> "Text":
    """Title and the text around its first highlight, with the query's words in bold."""
    from rich.text import Text

    first = result.highlights[0][0] if result.highlights else 0
    start = max(0, min(first - _SNIPPET_CHARACTERS // 3, len(result.text) - _SNIPPET_CHARACTERS))
    end = start + _SNIPPET_CHARACTERS
    cut = Text(result.text[start:end].replace("\n", " "))
    for left, right in result.highlights:
        if left < end and right > start:
            cut.stylize("bold yellow", max(left - start, 0), right - start)
    shown = Text.assemble("\u2026" if start else "", cut, "\u2026" if end < len(result.text) else "")
    title = Text(f"{result.title}\n", "bold") if result.title else Text()
    return Text.assemble(title, shown, _explained(result))


def _explained(result: Result) -> str:
    why = result.explain
    if why is None:
        return ""
    arms = (("vector", why.vector), ("lexical", why.lexical), ("trigram", why.trigram))
    told = [f"{name} #{arm.rank} {arm.score:.3f}" for name, arm in arms if arm is not None]
    return f"\n({'; '.join(told)})"


def _facets(result: Result) -> str:
    own = [("author", result.author), ("category", result.category)]
    pairs = [(name, value) for name, value in [*own, *result.facets.items()] if value not in (None, "", [])]
    return "\n".join(f"{name}: {_value(value)}" for name, value in pairs[:_FACETS_SHOWN])


def _value(value: object) -> str:
    return ", ".join(map(str, cast("list[object]", value))) if isinstance(value, list) else str(value)


def _figures(found: SearchAnalytics) -> "RenderableType":
    from rich.console import Group
    from rich.text import Text

    totals = found.totals
    opened = f"{totals.click_through:.1%} opened something" if totals.click_through is not None else "nobody searched"
    speed = "" if totals.latency_p95_ms is None else f", 95 % within {totals.latency_p95_ms:.0f} ms"
    cached = "" if totals.cached_share is None else f", {totals.cached_share:.0%} with their vector from the cache"
    head = f"{totals.searches:,} searches, {totals.without_results:,} without results, {opened}{speed}{cached}"
    lists = (("most asked", found.top), ("without results", found.without_results), ("earlier", found.top_of_months))
    return Group(Text(head), *(_queries_table(title, rows) for title, rows in lists if rows))


def _queries_table(title: str, rows: "list[QueryFigures]") -> "RenderableType":
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(title, ratio=1)
    for name in ("searches", "empty", "clicked"):
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(row.query, str(row.searches), str(row.without_results), str(row.clicked))
    return table
