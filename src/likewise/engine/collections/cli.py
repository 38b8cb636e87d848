"""`likewise load | export | forget | collections`."""

import asyncio
import sys
import time as clock
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import msgspec
import typer

from likewise.platform.commands import Context, confirm, emit, emit_rows, note, progress, run_with_app

if TYPE_CHECKING:
    from likewise.engine.collections.model import Mapping
    from likewise.engine.collections.reading import Reader
    from likewise.engine.collections.service import LoadProgress, LoadReport
    from likewise.platform.feature import App

__all__ = ["COMMANDS", "load_with_bars"]

COMMANDS = typer.Typer()
_collections = typer.Typer(help="List, show and delete collections.", no_args_is_help=True)
COMMANDS.add_typer(_collections, name="collections")

Collection = Annotated[str, typer.Option("--collection", "-c", help="the collection's name")]
_PROBLEMS_SHOWN_MAX = 20
_MIB = 2**20


@COMMANDS.command()
def load(
    file: Annotated[Path, typer.Argument(help="CSV, JSONL, JSON, Parquet or text; .gz and .zst are unpacked")],
    collection: Annotated[str | None, typer.Option("--collection", "-c", help="default: the file's name")] = None,
    text: Annotated[str | None, typer.Option(help="column of the text; default: the one that looks like it")] = None,
    title: Annotated[str | None, typer.Option(help="column of the title")] = None,
    key: Annotated[str | None, typer.Option(help="column of your own id; without it rows are known by content")] = None,
    facets: Annotated[str | None, typer.Option(help="columns to filter by: shape,country")] = None,
    time: Annotated[str | None, typer.Option(help="column of the time it happened")] = None,
    place: Annotated[str | None, typer.Option(help="columns of latitude and longitude: lat,lon")] = None,
    author: Annotated[str | None, typer.Option(help="column of the author")] = None,
    category: Annotated[str | None, typer.Option(help="column of the category")] = None,
    format: Annotated[str | None, typer.Option(help="csv, jsonl, json, parquet or text; default: found out")] = None,  # noqa: A002
    encoding: Annotated[str | None, typer.Option(help="of a text file that is not UTF-8, such as cp1252")] = None,
    language: Annotated[str, typer.Option(help="of the texts, for a new collection")] = "english",
    keep_rest: Annotated[bool, typer.Option("--keep-rest", help="keep all other columns as metadata")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="only tell what would happen and what it would cost")
    ] = False,
) -> None:
    """Load a file into a collection and wait until it can be searched. Run it again after an interruption: rows that
    are there already do no work."""

    async def go(app: "App", context: Context) -> int:
        from likewise.engine.collections import service
        from likewise.engine.collections.reading import open_reader
        from likewise.engine.collections.settings import CollectionsSettings

        bounds = service.reading_bounds(app.settings.get(CollectionsSettings))
        name = collection or _collection_name(file)
        with open_reader(file, format=format, encoding=encoding, bounds=bounds) as reader:
            mapping = _mapping(
                reader,
                text=text,
                title=title,
                key=key,
                facets=facets,
                time=time,
                place=place,
                author=author,
                category=category,
                keep_rest=keep_rest,
            )
            if dry_run:
                report = await service.dry_run(app, context.tenant_id, reader=reader, collection=name, mapping=mapping)
                emit(report, text=lambda: _dry_sentence(report))
                return 0
            report = await load_with_bars(
                app,
                context.tenant_id,
                reader=reader,
                collection=name,
                mapping=mapping,
                language=language,
                bytes_total=file.stat().st_size,
            )
        _tell_problems(report)
        emit(report, text=lambda: _sentence(report))
        return 1 if report.rejected and not (report.created or report.updated or report.unchanged) else 0

    run_with_app(go, worker=True)


@COMMANDS.command()
def export(collection: Collection) -> None:
    """Write every item of a collection to standard output, one JSON object a line."""

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.collections import service
        from likewise.engine.collections.views import item_view

        async for items in service.export_items(app, context.tenant_id, collection=collection):
            for item in items:
                sys.stdout.buffer.write(msgspec.json.encode(item_view(item)) + b"\n")
        sys.stdout.flush()

    run_with_app(go)


@COMMANDS.command()
def forget(author: Annotated[str, typer.Argument(help="whose words shall go")]) -> None:
    """Remove everything one author wrote, in every collection, and print a receipt."""
    confirm(f"Remove everything {author!r} wrote? This cannot be undone.")

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.collections import service

        receipt = await service.forget_author(app, context.tenant_id, author=author)
        emit(receipt, text=lambda: _receipt(receipt))

    run_with_app(go)


@_collections.command("list")
def list_collections() -> None:
    """Every collection with its number of items."""

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.collections import service
        from likewise.engine.collections.views import collection_view

        found = await service.list_collections(app, context.tenant_id)
        emit_rows(
            [collection_view(one) for one in found],
            columns=("name", "item_count", "pending_count", "language", "created_at"),
            empty="No collection yet. `likewise load FILE` makes one.",
        )

    run_with_app(go)


@_collections.command("show")
def show_collection(name: str) -> None:
    """One collection: its facets and what they hold."""

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.collections import service
        from likewise.engine.collections.views import collection_view

        found = await service.get_collection(app, context.tenant_id, name=name)
        facets = await service.list_facets(app, context.tenant_id, collection=name)
        emit({"collection": collection_view(found), "facets": facets})

    run_with_app(go)


@_collections.command("delete")
def delete_collection(name: str) -> None:
    """Remove a collection with all its items, and print a receipt."""
    confirm(f"Delete the collection {name!r} with everything in it? This cannot be undone.")

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.collections import service

        receipt = await service.delete_collection(app, context.tenant_id, name=name)
        emit(receipt, text=lambda: _receipt(receipt))

    run_with_app(go)


async def load_with_bars(
    app: "App",
    tenant_id: UUID,
    *,
    reader: "Reader",
    collection: str,
    mapping: "Mapping",
    language: str = "english",
    bytes_total: int,
) -> "LoadReport":
    """Load a file as an operation others can watch, with bars on a terminal, until all of it can be searched."""
    from likewise.engine.collections import service
    from likewise.platform.jobs import foreground

    started = clock.perf_counter()
    async with foreground(app.db, tenant_id, kind="load", unit="rows") as context:
        with progress(f"{reader.name}: reading", total=bytes_total) as move:

            async def tell(now: "LoadProgress") -> None:
                move(min(now.bytes_read, bytes_total), bytes_total)
                await context.progress(done=now.rows, rejected=now.rejected)
                await context.checkpoint()

            report = await service.load_rows(
                app,
                tenant_id,
                reader=reader,
                collection=collection,
                mapping=mapping,
                language=language,
                on_progress=lambda now: asyncio.ensure_future(tell(now)),
            )
            move(bytes_total, bytes_total)
        with progress(f"{collection}: embedding") as move:
            await service.finish_load(app, tenant_id, collection=collection, on_waiting=_countdown(move))
        report.seconds = clock.perf_counter() - started  # until searchable, not only until stored
        async with context.effects() as tx:
            await context.finish(tx, msgspec.to_builtins(report))
    return report


def _countdown(move: Callable[[int, int | None], None]) -> Callable[[int], None]:
    """A bar for a queue that empties: its total is the longest the queue has been."""
    longest = 0

    def tell(waiting: int) -> None:
        nonlocal longest
        longest = max(longest, waiting)
        move(longest - waiting, longest)

    return tell


def _mapping(
    reader: "Reader",
    *,
    text: str | None,
    title: str | None,
    key: str | None,
    facets: str | None,
    time: str | None,
    place: str | None,
    author: str | None,
    category: str | None,
    keep_rest: bool,
) -> "Mapping":
    """The mapping as given; without --text, the one the file suggests, which is said."""
    from likewise.engine.collections.model import Mapping
    from likewise.engine.collections.reading import suggest_mapping

    if text is None:
        suggested = suggest_mapping(reader.columns, reader.sample())
        if suggested is None:
            columns = ", ".join(reader.columns) or "none"
            raise typer.BadParameter(f"no column looks like text; name it with --text. Columns: {columns}")
        text = suggested.text
        note(f"Text is taken from column {text!r}; --text names another.")
    columns = tuple(part.strip() for part in place.split(",")) if place else ()
    if place and len(columns) != 2:
        raise typer.BadParameter("--place names two columns, latitude and longitude: --place lat,lon")
    return Mapping(
        text=text,
        title=title,
        key=key,
        facets=tuple(part.strip() for part in (facets or "").split(",") if part.strip()),
        time=time,
        place=(columns[0], columns[1]) if columns else None,
        author=author,
        category=category,
        metadata="rest" if keep_rest else "none",
    )


def _collection_name(file: Path) -> str:
    stem = file.name.split(".")[0]
    return "".join(c if c.isalnum() and c.isascii() else "_" for c in stem).strip("_").lower() or "items"


def _tell_problems(report: "LoadReport") -> None:
    for problem in report.problems[:_PROBLEMS_SHOWN_MAX]:
        where = f"line {problem.line}{' ' + problem.pointer if problem.pointer else ''}"
        note(f"{'refused' if problem.refused else 'note'}: {where}: {problem.reason}")
    more = report.rejected + report.warnings - min(len(report.problems), _PROBLEMS_SHOWN_MAX)
    if more > 0:
        note(f"... and {more} more; `--json` lists the first {len(report.problems)}.")


def _sentence(report: "LoadReport") -> str:
    done = report.created + report.updated + report.unchanged
    speed = f", {done / report.seconds:,.0f} rows/s" if report.seconds > 0 and done else ""
    return (
        f"{report.collection}: {report.created:,} new, {report.updated:,} changed, {report.unchanged:,} unchanged,"
        f" {report.rejected:,} refused in {report.seconds:.1f} s{speed}.\n"
        f'Try: likewise search "..." -c {report.collection}'
    )


def _dry_sentence(report: "LoadReport") -> str:
    estimate = report.estimate
    minutes = estimate.get("minutes")
    duration = "an unknown time" if minutes is None else f"about {minutes:.1f} minutes"
    return (
        f"{report.collection}: {report.created:,} new, {report.updated:,} changed, {report.unchanged:,} unchanged,"
        f" {report.rejected:,} refused. Of {estimate.get('texts', 0):,.0f} texts"
        f" {estimate.get('texts_to_embed', 0):,.0f} are to be embedded ({estimate.get('cached_texts', 0):,.0f} more are"
        f" cached, the rest repeats): {estimate.get('tokens', 0):,.0f} tokens,"
        f" {estimate.get('cost_usd', 0):.4f} US dollars, {duration};"
        f" {estimate.get('vector_bytes', 0) / _MIB:.1f} MiB of vectors,"
        f" {estimate.get('index_bytes', 0) / _MIB:.1f} MiB of indexes. Nothing was stored."
    )


def _receipt(receipt: dict[str, int]) -> str:
    gone = [f"{count:,} {kind.replace('_', ' ')}" for kind, count in receipt.items() if count]
    return f"Gone: {', '.join(gone)}." if gone else "There was nothing to remove."
