"""`likewise inbox clusters | show | move | merge | lock | ... | changes`: what is asked, and what people change."""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import msgspec
import typer

from likewise.apps.inbox.cli.messages import message_row
from likewise.apps.inbox.cli.shared import ACTOR, ClusterId, Count, count_of, line_of, tell
from likewise.apps.inbox.model import Card, Change
from likewise.platform.commands import Context, emit, emit_rows, note, options, run_with_app
from likewise.platform.ids import decode_id

if TYPE_CHECKING:
    from likewise.apps.inbox.views import InboxChangeView, InboxClusterView
    from likewise.platform.feature import App

__all__ = ["CLUSTERS", "tell_change"]

CLUSTERS = typer.Typer()
Messages = Annotated[list[str], typer.Argument(metavar="MSG...", help="Messages in it, msg_...")]
Into = Annotated[str, typer.Option("--into", metavar="CLUSTER", help="The cluster they go to, clu_...")]
Act = Callable[["App", UUID, UUID], Awaitable[tuple[Card, Change]]]


class StateName(StrEnum):
    """States of a cluster, as the command line offers them."""

    OPEN = "open"
    ACTIONED = "actioned"
    ARCHIVED = "archived"


class OrderName(StrEnum):
    """Orders of a list, as the command line offers them."""

    SIZE = "size"
    NEWEST = "newest"
    TREND = "trend"


class _ClusterRow(msgspec.Struct, frozen=True):
    id: str
    messages: int
    answered: int
    state: str
    label: str
    example: str


class _ChangeRow(msgspec.Struct, frozen=True):
    id: str
    kind: str
    actor: str
    messages: int
    cluster: str
    other: str
    at: str
    undone: bool


@CLUSTERS.command("clusters")
def list_clusters(
    *,
    state: Annotated[StateName, typer.Option("--state", help="Open, answered or put away.")] = StateName.OPEN,
    order: Annotated[OrderName, typer.Option("--order", help="By size, newest message or trend.")] = OrderName.SIZE,
    size_min: Annotated[int, typer.Option("--size-min", min=1, help="Messages a cluster has at least.")] = 1,
    query: Annotated[
        str | None, typer.Option("--query", help="Clusters whose messages a search finds, in every state, best first.")
    ] = None,
    limit: Count = 30,
) -> None:
    """What is asked: clusters of messages, largest first."""

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.inbox import service

        if query is not None and query.strip():
            found = await service.search_clusters(app, context.tenant_id, query=query, limit=limit)
        else:
            found = await service.list_clusters(
                app, context.tenant_id, state=state.value, order=order.value, size_min=size_min, limit=limit
            )
        tell(
            [_view(app, card) for card in found],
            _row,
            columns=("id", "messages", "answered", "state", "label", "example"),
            empty="No cluster here.",
        )

    run_with_app(go)


@CLUSTERS.command("show")
def show(cluster: ClusterId, *, limit: Count = 20) -> None:
    """One cluster with its newest messages: why each is in it, and how its answer stands."""

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.inbox import service
        from likewise.apps.inbox.views import message_view

        wanted, tenant_id = decode_id("clu", cluster), context.tenant_id
        card = await service.get_cluster(app, tenant_id, cluster_id=wanted)
        found = await service.list_messages_of_cluster(app, tenant_id, cluster_id=wanted, limit=limit)
        view = _view(app, card)
        messages = [message_view(one, avatar=service.avatar_url(app, tenant_id, one)) for one in found]
        if options().machine_readable:
            emit({"cluster": view, "messages": messages})
            return
        note(_sentence(view))
        emit_rows([message_row(one) for one in messages], columns=("id", "status", "channel", "visitor", "text"))

    run_with_app(go)


@CLUSTERS.command("move")
def move(cluster: ClusterId, messages: Messages, *, into: Into) -> None:
    """Take messages, and all others that say exactly the same, to another cluster."""
    _move(cluster, messages, into)


@CLUSTERS.command("split")
def split(cluster: ClusterId, messages: Messages) -> None:
    """Split messages, and all others that say exactly the same, off into a cluster of their own."""
    _move(cluster, messages, None)


@CLUSTERS.command("merge")
def merge(cluster: ClusterId, *, into: Into) -> None:
    """Every message of a cluster goes to another, whose id stays."""

    async def act(app: "App", tenant_id: UUID, wanted: UUID) -> tuple[Card, Change]:
        from likewise.apps.inbox import service

        into_id = decode_id("clu", into)
        return await service.merge_clusters(app, tenant_id, cluster_id=wanted, into_id=into_id, actor=ACTOR)

    _change(cluster, act)


@CLUSTERS.command("lock")
def lock(cluster: ClusterId) -> None:
    """A locked cluster takes in what arrives, and nothing else changes it."""

    async def act(app: "App", tenant_id: UUID, wanted: UUID) -> tuple[Card, Change]:
        from likewise.apps.inbox import service

        return await service.lock_cluster(app, tenant_id, cluster_id=wanted, locked=True, actor=ACTOR)

    _change(cluster, act)


@CLUSTERS.command("unlock")
def unlock(cluster: ClusterId) -> None:
    """Let refinements and people change a cluster again."""

    async def act(app: "App", tenant_id: UUID, wanted: UUID) -> tuple[Card, Change]:
        from likewise.apps.inbox import service

        return await service.lock_cluster(app, tenant_id, cluster_id=wanted, locked=False, actor=ACTOR)

    _change(cluster, act)


@CLUSTERS.command("rename")
def rename(
    cluster: ClusterId,
    name: Annotated[str, typer.Argument(metavar="NAME", help='A name instead of its label; "" takes the label again.')],
) -> None:
    """Give a cluster a name."""

    async def act(app: "App", tenant_id: UUID, wanted: UUID) -> tuple[Card, Change]:
        from likewise.apps.inbox import service

        return await service.rename_cluster(app, tenant_id, cluster_id=wanted, name=name, actor=ACTOR)

    _change(cluster, act)


@CLUSTERS.command("archive")
def archive(cluster: ClusterId) -> None:
    """Put an open cluster away without an answer."""

    async def act(app: "App", tenant_id: UUID, wanted: UUID) -> tuple[Card, Change]:
        from likewise.apps.inbox import service

        return await service.archive_cluster(app, tenant_id, cluster_id=wanted, actor=ACTOR)

    _change(cluster, act)


@CLUSTERS.command("reopen")
def reopen(cluster: ClusterId) -> None:
    """Open an archived or answered cluster again; answers that were given stand."""

    async def act(app: "App", tenant_id: UUID, wanted: UUID) -> tuple[Card, Change]:
        from likewise.apps.inbox import service

        return await service.reopen_cluster(app, tenant_id, cluster_id=wanted, actor=ACTOR)

    _change(cluster, act)


@CLUSTERS.command("changes")
def changes(
    *,
    cluster: Annotated[str | None, typer.Option("--cluster", help="Of this cluster, clu_...")] = None,
    limit: Count = 30,
) -> None:
    """What people changed, newest first; `likewise inbox undo ID` takes it back."""

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.inbox import service
        from likewise.apps.inbox.views import change_view

        wanted = None if cluster is None else decode_id("clu", cluster)
        found = await service.list_changes(app, context.tenant_id, cluster_id=wanted, limit=limit)
        tell(
            [change_view(change) for change in found],
            _change_row,
            columns=("id", "kind", "actor", "messages", "cluster", "other", "at", "undone"),
            empty="Nothing was changed yet.",
        )

    run_with_app(go)


def tell_change(app: "App", done: tuple[Card, Change]) -> None:
    """Show a cluster as it is now, and the change that led there."""
    from likewise.apps.inbox.views import ClusterChanged, change_view

    card, change = done
    told = ClusterChanged(_view(app, card), change_view(change))
    emit(told, text=lambda: f"{_sentence(told.cluster)}\nUndo: likewise inbox undo {told.change.id}")


def _move(cluster: str, messages: list[str], into: str | None) -> None:
    async def act(app: "App", tenant_id: UUID, wanted: UUID) -> tuple[Card, Change]:
        from likewise.apps.inbox import service

        return await service.move_messages(
            app,
            tenant_id,
            cluster_id=wanted,
            message_ids=[decode_id("msg", one) for one in messages],
            into_id=None if into is None else decode_id("clu", into),
            actor=ACTOR,
        )

    _change(cluster, act)


def _change(cluster: str, act: Act) -> None:
    async def go(app: "App", context: Context) -> None:
        tell_change(app, await act(app, context.tenant_id, decode_id("clu", cluster)))

    run_with_app(go)


def _view(app: "App", card: Card) -> "InboxClusterView":
    from likewise.apps.inbox.views import TREND_DAYS, cluster_view

    return cluster_view(card, now=app.clock.now(), trend_days=TREND_DAYS)


def _row(view: "InboxClusterView") -> _ClusterRow:
    return _ClusterRow(
        id=view.id,
        messages=view.message_count,
        answered=view.answered_count,
        state=view.state,
        label=view.label,
        example=line_of(view.examples[0].text) if view.examples else "",
    )


def _sentence(view: "InboxClusterView") -> str:
    marks = [view.state, "locked" if view.is_locked else "", "answers what joins it" if view.answers_late else ""]
    counts = count_of(view.message_count)
    if view.answered_count:
        counts += f", {view.answered_count:,} answered"
    if view.outlier_count:
        counts += f", {view.outlier_count:,} ask something more"
    return f"{view.id}  {view.label}: {counts} ({', '.join(mark for mark in marks if mark)})"


def _change_row(view: "InboxChangeView") -> _ChangeRow:
    return _ChangeRow(
        id=view.id,
        kind=view.kind,
        actor=view.actor,
        messages=view.message_count,
        cluster=view.cluster,
        other=view.other_cluster or view.action or "",
        at=view.created_at.strftime("%Y-%m-%d %H:%M"),
        undone=view.undone_at is not None,
    )
