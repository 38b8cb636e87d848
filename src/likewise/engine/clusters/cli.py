"""`likewise clusters`."""

from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import msgspec
import typer

from likewise.engine.clusters.model import GroupingOptions
from likewise.platform.commands import Context, emit, emit_rows, note, run_with_app
from likewise.platform.ids import decode_id, encode_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from likewise.engine.clusters.model import Cluster, Member
    from likewise.platform.feature import App

__all__ = ["COMMANDS"]

COMMANDS = typer.Typer()
_clusters = typer.Typer(
    help="Groups of items that say the same thing: build, look, change, refine, undo.", no_args_is_help=True
)
COMMANDS.add_typer(_clusters, name="clusters")

Collection = Annotated[str, typer.Option("--collection", "-c", help="The collection.")]
ClusterId = Annotated[str, typer.Argument(help="A cluster's id, clu_...")]
Count = Annotated[int, typer.Option("--limit", "-n", min=1, max=200, help="How many rows.")]
_LINE_CHARACTERS = 100


class _ClusterRow(msgspec.Struct, frozen=True):
    id: str
    items: int
    label: str
    example: str


class _ItemRow(msgspec.Struct, frozen=True):
    key: str
    similarity: float
    reason: str
    text: str


class _ChangeRow(msgspec.Struct, frozen=True, rename={"from_id": "from", "to_id": "to"}):
    id: str
    kind: str
    actor: str
    texts: int
    from_id: str
    to_id: str
    undone: bool


class _PointRow(msgspec.Struct, frozen=True):
    item: str
    cluster: str
    items: int
    x: float
    y: float


class OrderName(StrEnum):
    """Orders of a list, as the command line offers them."""

    SIZE = "size"
    TREND = "trend"
    NEWEST = "newest"


class LinkageName(StrEnum):
    """What a text is compared with, as the command line offers it."""

    CENTROID = "centroid"
    EXEMPLAR = "exemplar"


@_clusters.command("build")
def build(
    *,
    collection: Collection,
    threshold: Annotated[
        float | None, typer.Option(help="Cosine similarity from which a text joins; without it, it fits itself.")
    ] = None,
    size_min: Annotated[int, typer.Option(min=1, help="Items a cluster has at least, where others are near.")] = 1,
    linkage: Annotated[LinkageName, typer.Option(help="Compare with a cluster's mean or its exemplars.")] = (
        LinkageName.CENTROID
    ),
) -> None:
    """Group a collection, now and from now on."""

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.clusters import service

        options = GroupingOptions(threshold=threshold, size_min=size_min, linkage=linkage.value)
        operation = await service.group_collection(app, context.tenant_id, collection=collection, options=options)
        await _follow(app, context, operation)

    run_with_app(go, worker=True)


@_clusters.command("refine")
def refine(*, collection: Collection) -> None:
    """Look at the whole collection again: merges, splits and moves, each of which can be undone."""

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.clusters import service

        await _follow(app, context, await service.start_refinement(app, context.tenant_id, collection=collection))

    run_with_app(go, worker=True)


@_clusters.command("list")
def list_clusters(
    *,
    collection: Collection,
    order: Annotated[OrderName, typer.Option(help="By size, trend or newest item.")] = OrderName.SIZE,
    size_min: Annotated[int | None, typer.Option(min=1, help="Items a cluster has at least.")] = None,
    limit: Count = 30,
) -> None:
    """The clusters of a collection."""

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.clusters import service

        found = await service.list_clusters(
            app,
            context.tenant_id,
            collection=collection,
            order=order.value,
            size_min=size_min,
            limit=limit,
        )
        texts = await service.list_exemplars(app, context.tenant_id, collection=collection, clusters=found, count=1)
        emit_rows([_row(cluster, texts) for cluster in found], columns=("id", "items", "label", "example"))
        if not found:
            note("No clusters yet.")

    run_with_app(go)


@_clusters.command("show")
def show(
    cluster: ClusterId,
    *,
    collection: Collection,
    limit: Count = 20,
) -> None:
    """One cluster: what it is about, its items, and those that ask something more."""

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.clusters import service

        cluster_id = decode_id("clu", cluster)
        found, _, outliers = await service.show_cluster(
            app, context.tenant_id, collection=collection, cluster_id=cluster_id
        )
        items = await service.list_items(
            app, context.tenant_id, collection=collection, cluster_id=cluster_id, limit=limit
        )
        astray = {member.item_id for member in outliers}
        emit_rows(
            [
                _ItemRow(
                    key=member.key,
                    similarity=round(member.similarity, 3),
                    reason="outlier" if member.item_id in astray else member.reason,
                    text=_line(member.body),
                )
                for member in items
            ],
            columns=("key", "similarity", "reason", "text"),
        )
        note(f"{found.name or found.label}: {found.item_count:,} items, {found.text_count:,} texts")
        if found.outlier_count:
            note(f"{found.outlier_count:,} of {found.text_count:,} ask something more")

    run_with_app(go)


@_clusters.command("changes")
def changes(*, collection: Collection, limit: Count = 30) -> None:
    """What people and refinements changed, newest first."""

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.clusters import service

        rows = await service.list_changes(app, context.tenant_id, collection=collection, limit=limit)
        emit_rows(
            [
                _ChangeRow(
                    id=encode_id("chg", change.id),
                    kind=change.kind,
                    actor=change.actor,
                    texts=change.text_count,
                    from_id=encode_id("clu", change.from_id),
                    to_id=encode_id("clu", change.to_id),
                    undone=change.undone_at is not None,
                )
                for change in rows
            ],
            columns=("id", "kind", "actor", "texts", "from_id", "to_id", "undone"),
        )

    run_with_app(go)


@_clusters.command("undo")
def undo(
    change: Annotated[str, typer.Argument(help="A change's id, chg_..., or a whole run's, run_...")],
    *,
    collection: Collection,
) -> None:
    """Undo a change, or everything that was changed together."""

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.clusters import service

        count = 1
        if change.startswith("run_"):
            count = await service.undo_run(
                app, context.tenant_id, collection=collection, run_id=decode_id("run", change)
            )
        else:
            await service.undo(app, context.tenant_id, collection=collection, change_id=decode_id("chg", change))
        emit({"undone": count}, text=lambda: f"{count:,} changes are undone.")

    run_with_app(go)


@_clusters.command("merge")
def merge(
    cluster: ClusterId,
    into: Annotated[str, typer.Argument(help="The one that stays, clu_...")],
    *,
    collection: Collection,
) -> None:
    """Bring two clusters together under the id of the second."""

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.clusters import service

        stays = decode_id("clu", into)
        await service.merge(
            app, context.tenant_id, collection=collection, cluster_id=decode_id("clu", cluster), into_id=stays
        )
        await _tell(app, context, collection, stays)

    run_with_app(go)


@_clusters.command("move")
def move(
    cluster: ClusterId,
    keys: Annotated[list[str], typer.Argument(help="Keys of items in it.")],
    *,
    collection: Collection,
    into: Annotated[str | None, typer.Option(help="The cluster they go to; without it they begin one.")] = None,
) -> None:
    """Take items, and all others with the same text, out of a cluster."""

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.clusters import service

        made = await service.move_items(
            app,
            context.tenant_id,
            collection=collection,
            cluster_id=decode_id("clu", cluster),
            keys=keys,
            into_id=None if into is None else decode_id("clu", into),
        )
        await _tell(app, context, collection, made.id)

    run_with_app(go)


@_clusters.command("set")
def change(
    cluster: ClusterId,
    *,
    collection: Collection,
    name: Annotated[str | None, typer.Option(help="A name instead of its label; an empty one takes it away.")] = None,
    lock: Annotated[
        bool | None, typer.Option("--lock/--unlock", help="Whether refinements and merges leave it alone.")
    ] = None,
) -> None:
    """Name a cluster, lock it or unlock it."""
    if name is None and lock is None:
        raise typer.BadParameter("say what to change: --name, --lock or --unlock")

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.clusters import service

        wanted = decode_id("clu", cluster)
        await service.set_state(
            app, context.tenant_id, collection=collection, cluster_id=wanted, is_locked=lock, name=name
        )
        await _tell(app, context, collection, wanted)

    run_with_app(go)


@_clusters.command("map")
def show_map(*, collection: Collection, limit: Annotated[int, typer.Option("--limit", "-n", min=1)] = 100_000) -> None:
    """The map's points, one a row."""

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.clusters import service

        points = await service.list_points(app, context.tenant_id, collection=collection, limit=limit)
        emit_rows(
            [
                _PointRow(
                    item=encode_id("itm", point.item_id),
                    cluster=encode_id("clu", point.cluster_id),
                    items=point.item_count,
                    x=round(point.x, 5),
                    y=round(point.y, 5),
                )
                for point in points
            ],
            columns=("item", "cluster", "items", "x", "y"),
        )

    run_with_app(go)


async def _tell(app: "App", context: Context, collection: str, cluster_id: UUID) -> None:
    """Show a cluster as it is now, in one row."""
    from likewise.engine.clusters import service

    found, exemplars, _ = await service.show_cluster(
        app, context.tenant_id, collection=collection, cluster_id=cluster_id
    )
    row = _row(found, {member.item_id: member for member in exemplars})
    emit(row, text=lambda: f"{row.id}  {row.items:,} items  {row.label}{', locked' if found.is_locked else ''}")


async def _follow(app: "App", context: Context, operation: UUID) -> None:
    """Wait for an operation and say what came of it."""
    from likewise.platform.jobs import watch_operation

    async for state in watch_operation(app.db, context.tenant_id, operation):
        if state.message and not state.has_ended:
            note(state.message)
        if state.error is not None:
            note(state.error.detail)
            raise typer.Exit(1)
        if state.has_ended and state.result is not None:
            emit(state.result, text=partial(_told, state.result))


def _told(result: "Mapping[str, object]") -> str:
    return f"{result.get('cluster_count', 0):,} clusters of {result.get('text_count', 0):,} texts"


def _row(cluster: "Cluster", texts: "dict[UUID, Member]") -> _ClusterRow:
    example = texts.get(cluster.exemplars[0]) if cluster.exemplars else None
    return _ClusterRow(
        id=encode_id("clu", cluster.id),
        items=cluster.item_count,
        label=cluster.name or cluster.label,
        example="" if example is None else _line(example.body),
    )


def _line(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _LINE_CHARACTERS else f"{flat[: _LINE_CHARACTERS - 1]}\u2026"
