"""`likewise community categories | attributes | partition | extract`: what there is, and how it is kept."""

from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from likewise.apps.community.cli.finding import Count
from likewise.platform.commands import Context, emit, emit_rows, note, progress, run_with_app

if TYPE_CHECKING:
    from likewise.platform.feature import App

__all__ = ["UPKEEP"]

UPKEEP = typer.Typer()


class _PartitionRow(msgspec.Struct, frozen=True):
    category: str
    table: str


@UPKEEP.command("categories")
def categories() -> None:
    """What experiences are about, and how many there are of each."""

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.community import service

        emit_rows(await service.list_categories(app, context.tenant_id), columns=("name", "title", "count"))

    run_with_app(go)


@UPKEEP.command("attributes")
def attributes(
    key: Annotated[str | None, typer.Argument(help="Its values; without it the attributes themselves.")] = None,
    *,
    limit: Count = 50,
) -> None:
    """What is known of experiences, or how often each value of an attribute occurs."""

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.community import service

        if key is None:
            keys = (await service.list_attribute_keys(app, context.tenant_id))[:limit]
            emit_rows(keys, columns=("key", "kind", "count"))
        else:
            values = await service.list_attribute_values(app, context.tenant_id, key=key, limit=limit)
            emit_rows(values, columns=("value", "count"))

    run_with_app(go)


@UPKEEP.command("partition")
def partition(
    category: Annotated[list[str] | None, typer.Argument(help="These, however small; default: all that are large.")] = (
        None
    ),
) -> None:
    """Give large categories tables of their own for their attributes, while everybody goes on reading and writing."""

    async def go(app: "App", _: Context) -> None:
        from likewise.apps.community import service

        made = await service.make_partitions(app, categories=category)
        for one in made:
            note(f"{one.category}: {one.row_count:,} attributes moved to {one.partition} in {one.seconds:.1f} s")
        rows = [_PartitionRow(of, name) for of, name in (await service.list_category_partitions(app)).items()]
        emit_rows(rows, columns=("category", "table"), empty="No category is large enough for a table of its own.")

    run_with_app(go)


@UPKEEP.command("extract")
def extract() -> None:
    """Read every text anew that was read by older rules. Interrupted, it goes on where it was."""

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.community import service

        with progress("reading") as move:
            done = await service.extract_again(app, context.tenant_id, on_progress=lambda now: move(now.read, None))
        emit(done, text=lambda: f"{done.read:,} read anew; of {done.changed:,} something else is known.")

    run_with_app(go, worker=True)
