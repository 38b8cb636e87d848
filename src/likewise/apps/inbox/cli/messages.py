"""`likewise inbox ingest | messages | remove`: messages come in, are listed, leave their cluster."""

import sys
from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import msgspec
import typer

from likewise.apps.inbox.cli.shared import ACTOR, Count, line_of, tell
from likewise.platform.commands import Context, emit, note, progress, run_with_app
from likewise.platform.ids import decode_id, encode_id

if TYPE_CHECKING:
    from likewise.apps.inbox.service import IngestReport
    from likewise.apps.inbox.views import MessageView
    from likewise.platform.feature import App

__all__ = ["MESSAGES", "MessageRow", "message_row"]

MESSAGES = typer.Typer()
_PROBLEMS_SHOWN_MAX = 20


class MessageRow(msgspec.Struct, frozen=True):
    """A message on one line."""

    id: str
    status: str
    cluster: str
    channel: str
    visitor: str
    sent_at: datetime
    text: str


@MESSAGES.command("ingest")
def ingest(
    text: Annotated[str | None, typer.Argument(help="One message; or give --file.")] = None,
    *,
    file: Annotated[
        str | None,
        typer.Option("--file", "-f", help="Messages as JSON objects, one a line, .gz and .zst too; -: standard input."),
    ] = None,
    channel: Annotated[
        str | None, typer.Option("--channel", help="The channel it came through; of a file: where a row names none.")
    ] = None,
    message_id: Annotated[
        str | None, typer.Option("--id", help="Your own id; sent again under it, it is the same message.")
    ] = None,
    visitor: Annotated[str | None, typer.Option("--visitor", help="The name of whoever wrote it.")] = None,
    visitor_id: Annotated[str | None, typer.Option("--visitor-id", help="Your own id of whoever wrote it.")] = None,
    sent_at: Annotated[datetime | None, typer.Option("--sent-at", help="When it was written (UTC); default: now.")] = (
        None
    ),
) -> None:
    """Take in one message, or a file of them, and wait until they are grouped. The same file again adds nothing (a row
    without an `id` is known by its line and content). What is wrong with a row is said with its line; others go in."""
    if (text is None) == (file is None):
        raise typer.BadParameter("give one TEXT, or a file with --file")
    if file is not None:
        if message_id or visitor or visitor_id or sent_at:
            raise typer.BadParameter("--id, --visitor, --visitor-id and --sent-at are of one message, not of a file")
        _ingest_file(file, channel)
        return

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.inbox import service
        from likewise.apps.inbox.model import DEFAULT_CHANNEL, MessageDraft, VisitorDraft

        draft = MessageDraft(
            text=text or "",
            id=message_id,
            channel=channel or DEFAULT_CHANNEL,
            visitor=None if visitor is None and visitor_id is None else VisitorDraft(id=visitor_id, name=visitor),
            sent_at=sent_at,
        )
        made = await service.ingest(app, context.tenant_id, draft=draft)
        await service.wait_until_grouped(app, context.tenant_id, message_ids=[made.id])
        await _tell_ingested(app, context, made.id, is_new=made.is_new)

    run_with_app(go, worker=True)


@MESSAGES.command("messages")
def list_messages(
    *,
    cluster: Annotated[str | None, typer.Option("--cluster", help="Of this cluster, clu_...")] = None,
    channel: Annotated[str | None, typer.Option("--channel", help="Of this channel.")] = None,
    limit: Count = 30,
) -> None:
    """Messages, newest first."""
    if cluster is not None and channel is not None:
        raise typer.BadParameter("--cluster and --channel cannot be combined")

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.inbox import service
        from likewise.apps.inbox.views import message_view

        tenant_id = context.tenant_id
        if cluster is not None:
            wanted = decode_id("clu", cluster)
            found = await service.list_messages_of_cluster(app, tenant_id, cluster_id=wanted, limit=limit)
        else:
            of = None if channel is None else (await service.get_channel(app, tenant_id, name=channel)).id
            found = await service.list_messages(app, tenant_id, channel_id=of, limit=limit)
        tell(
            [message_view(one, avatar=service.avatar_url(app, tenant_id, one)) for one in found],
            message_row,
            columns=("id", "status", "cluster", "channel", "visitor", "text"),
            empty="No message yet. `likewise inbox ingest TEXT` takes one in.",
        )

    run_with_app(go)


@MESSAGES.command("remove")
def remove(
    message: Annotated[str, typer.Argument(metavar="MSG", help="The message, msg_...")],
    *,
    into: Annotated[str | None, typer.Option("--into", help="The cluster it goes to, clu_...")] = None,
) -> None:
    """Take a message, and all others that say exactly the same, out of its cluster."""

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.inbox import service
        from likewise.apps.inbox.cli.clusters import tell_change

        done = await service.remove_message(
            app,
            context.tenant_id,
            message_id=decode_id("msg", message),
            into_id=None if into is None else decode_id("clu", into),
            actor=ACTOR,
        )
        tell_change(app, done)

    run_with_app(go)


def message_row(view: "MessageView") -> MessageRow:
    """A message for people."""
    return MessageRow(
        id=view.id,
        status=view.status,
        cluster=view.cluster or "",
        channel=view.channel,
        visitor=view.visitor_name or "",
        sent_at=view.sent_at,
        text=line_of(view.text),
    )


def _ingest_file(file: str, channel: str | None) -> None:
    async def go(app: "App", context: Context) -> int:
        from likewise.apps.inbox import service

        with progress("reading") as move:
            report, waiting = await service.ingest_file(
                app,
                context.tenant_id,
                file=sys.stdin.buffer if file == "-" else file,
                channel=channel,
                on_progress=lambda now: move(now.bytes_read, now.bytes_total),
            )
        count = len(waiting)
        with progress("grouping", total=count) as move:
            left = await service.wait_until_grouped(
                app, context.tenant_id, message_ids=waiting, on_waiting=lambda left: move(count - left, count)
            )
        report.waiting = len(left)
        _tell_problems(report)
        emit(report, text=lambda: _sentence(report))
        return 1 if report.rejected and not (report.created or report.known) else 0

    run_with_app(go, worker=True)


def _tell_problems(report: "IngestReport") -> None:
    for problem in report.problems[:_PROBLEMS_SHOWN_MAX]:
        note(f"refused: line {problem.line}{' ' + problem.pointer if problem.pointer else ''}: {problem.reason}")
    more = report.rejected - min(len(report.problems), _PROBLEMS_SHOWN_MAX)
    if more > 0:
        note(f"... and {more:,} more; `--json` lists the first {len(report.problems)}.")


def _sentence(report: "IngestReport") -> str:
    told = f"{report.created:,} new, {report.known:,} known, {report.rejected:,} refused in {report.seconds:.1f} s."
    if report.waiting:
        return f"{told}\n{report.waiting:,} still wait for their group; a worker goes on with them."
    return f"{told}\nTry: likewise inbox clusters"


async def _tell_ingested(app: "App", context: Context, ingested: UUID, *, is_new: bool) -> None:
    """What became of a message, with the cluster it is in by now."""
    from likewise.apps.inbox import service
    from likewise.apps.inbox.views import IngestedView

    message = await service.get_message(app, context.tenant_id, message_id=ingested)
    name = encode_id("msg", ingested)
    if message.cluster_id is None:
        emit(
            IngestedView(name, "pending", is_new),
            text=lambda: f"{name} is stored and waits for its group; a worker goes on with it.",
        )
        return
    card = await service.get_cluster(app, context.tenant_id, cluster_id=message.cluster_id)
    cluster = encode_id("clu", card.id)
    among = "begins" if card.message_count == 1 else f"is one of {card.message_count:,} messages in"
    emit(
        IngestedView(name, "grouped", is_new, cluster),
        text=lambda: f"{name} {among} {cluster}: {card.name or card.label}",
    )
