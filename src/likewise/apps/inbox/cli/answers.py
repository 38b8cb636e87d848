"""`likewise inbox preview | answer | undo | deliveries | ...`: one answer for a whole cluster, and its way out."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from likewise.apps.inbox.cli.shared import ACTOR, ClusterId, Count, Exceptions, count_of, line_of, tell
from likewise.platform.commands import Context, confirm, emit, emit_rows, note, options, run_with_app
from likewise.platform.ids import decode_id

if TYPE_CHECKING:
    from likewise.apps.inbox.model import Delivery
    from likewise.apps.inbox.service import Preview
    from likewise.apps.inbox.views import ActionView, DeliveryView, ReplyView
    from likewise.platform.feature import App

__all__ = ["ANSWERS"]

ANSWERS = typer.Typer()
Answer = Annotated[
    str, typer.Argument(metavar="TEXT", help="The answer; {{first_name|there}}, {{message}} ... are filled for each.")
]
DeliveryId = Annotated[str, typer.Argument(metavar="DLV", help="A delivery's id, dlv_...")]
_SHOWN_BEFORE_ASKING = 3


class DeliveryStateName(StrEnum):
    """States of a delivery, as the command line offers them."""

    WAITING = "waiting"
    READY = "ready"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"


class _ReplyRow(msgspec.Struct, frozen=True):
    message: str
    visitor: str
    asked: str
    answer: str


class _DeliveryRow(msgspec.Struct, frozen=True):
    id: str
    state: str
    attempts: int
    channel: str
    message: str
    text: str
    problem: str


@ANSWERS.command("preview")
def preview(cluster: ClusterId, text: Answer, *, leave_out: Exceptions = None, limit: Count = 10) -> None:
    """What each message of a cluster would be answered; nothing is written."""

    async def go(app: "App", context: Context) -> None:
        found = await _preview(app, context, cluster, text, leave_out or [], limit=limit)
        _show_preview(found)

    run_with_app(go)


@ANSWERS.command("answer")
def answer(
    cluster: ClusterId,
    text: Answer,
    *,
    leave_out: Exceptions = None,
    late: Annotated[bool, typer.Option("--late", help="Answer what joins the cluster later the same.")] = False,
) -> None:
    """Answer every message of a cluster that has no answer yet. It is shown first, and asked, unless --yes; it can be
    undone for some seconds, until it leaves."""

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.inbox import service
        from likewise.apps.inbox.views import action_view

        seen: int | None = None
        if not options().yes:
            found = await _preview(app, context, cluster, text, leave_out or [], limit=_SHOWN_BEFORE_ASKING)
            seen = found.message_count
            for reply in found.replies:
                note(f"  {reply.message.visitor_name or 'somebody'}: {line_of(reply.message.text)}")
                note(f"  > {line_of(reply.text)}")
            confirm(f"Answer {count_of(seen)} like this?")
        made = await service.answer_cluster(
            app,
            context.tenant_id,
            cluster_id=decode_id("clu", cluster),
            response_text=text,
            exceptions=[decode_id("msg", one) for one in leave_out or []],
            answers_late=late,
            expected_count=seen,
            actor=ACTOR,
        )
        view = action_view(made)
        emit(view, text=lambda: _answered(view))

    run_with_app(go)


@ANSWERS.command("stop-late")
def stop_late(cluster: ClusterId) -> None:
    """Stop answering what joins a cluster that was answered with --late."""

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.inbox import service
        from likewise.apps.inbox.views import TREND_DAYS, cluster_view

        wanted = decode_id("clu", cluster)
        await service.set_answers_late(app, context.tenant_id, cluster_id=wanted, wanted=False)
        card = await service.get_cluster(app, context.tenant_id, cluster_id=wanted)
        view = cluster_view(card, now=app.clock.now(), trend_days=TREND_DAYS)
        emit(view, text=lambda: f"{view.id} is {view.state}; what joins it opens it again.")

    run_with_app(go)


@ANSWERS.command("undo")
def undo(
    change: Annotated[str, typer.Argument(metavar="ID", help="An answer's id, act_..., or a change's, chg_...")],
) -> None:
    """Take an answer back before it leaves, or undo any other change."""

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.inbox import service
        from likewise.apps.inbox.views import action_view, change_view

        if change.startswith("act_"):
            taken = await service.undo_answer(app, context.tenant_id, action_id=decode_id("act", change))
            emit(action_view(taken), text=lambda: f"Nothing is sent; {count_of(taken.message_count)} to answer again.")
            return
        undone = await service.undo_change(app, context.tenant_id, change_id=decode_id("chg", change))
        emit(change_view(undone), text=lambda: f"{change} ({undone.kind}) is undone.")

    run_with_app(go)


@ANSWERS.command("deliveries")
def deliveries(
    *,
    action: Annotated[str | None, typer.Option("--action", help="Of this answer, act_...")] = None,
    state: Annotated[DeliveryStateName | None, typer.Option("--state", help="In this state.")] = None,
    limit: Count = 30,
) -> None:
    """Answers on their way out, newest first. `--state ready`: those you fetch, of channels without an address."""

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.inbox import service
        from likewise.apps.inbox.views import delivery_view

        found = await service.list_deliveries(
            app,
            context.tenant_id,
            action_id=None if action is None else decode_id("act", action),
            state=None if state is None else state.value,
            limit=limit,
        )
        tell(
            [delivery_view(one) for one in found],
            _delivery_row,
            columns=("id", "state", "attempts", "channel", "message", "text", "problem"),
            empty="No delivery here.",
        )

    run_with_app(go)


@ANSWERS.command("retry")
def retry(delivery: DeliveryId) -> None:
    """Send a delivery that was given up once more, at once."""

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.inbox import service

        _show_delivery(await service.retry_delivery(app, context.tenant_id, delivery_id=decode_id("dlv", delivery)))

    run_with_app(go)


@ANSWERS.command("acknowledge")
def acknowledge(delivery: DeliveryId) -> None:
    """Say that a ready delivery was passed on; it counts as delivered from now on."""

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.inbox import service

        _show_delivery(
            await service.acknowledge_delivery(app, context.tenant_id, delivery_id=decode_id("dlv", delivery))
        )

    run_with_app(go)


async def _preview(
    app: "App", context: Context, cluster: str, text: str, leave_out: list[str], *, limit: int
) -> "Preview":
    from likewise.apps.inbox import service

    return await service.preview_answer(
        app,
        context.tenant_id,
        cluster_id=decode_id("clu", cluster),
        response_text=text,
        exceptions=[decode_id("msg", one) for one in leave_out],
        limit=limit,
    )


def _show_preview(found: "Preview") -> None:
    from likewise.apps.inbox.views import PreviewView, reply_view

    replies = [reply_view(reply) for reply in found.replies]
    if options().machine_readable:
        emit(PreviewView(replies, found.message_count, has_more=found.message_count > len(replies)))
        return
    emit_rows(
        [_reply_row(reply) for reply in replies],
        columns=("message", "visitor", "asked", "answer"),
        empty="Every message is answered already or left out.",
    )
    note(f"{count_of(found.message_count)} would be answered.")


def _reply_row(view: "ReplyView") -> _ReplyRow:
    return _ReplyRow(view.message, view.visitor_name or "", line_of(view.message_text, characters=60), view.text)


def _answered(view: "ActionView") -> str:
    late = " What joins the cluster is answered the same." if view.answers_late else ""
    at = view.leaves_at.strftime("%H:%M:%S UTC")
    return f"{count_of(view.message_count)} answered.{late}\nUntil {at}: likewise inbox undo {view.id}"


def _show_delivery(delivery: "Delivery") -> None:
    from likewise.apps.inbox.views import delivery_view

    view = delivery_view(delivery)
    emit(view, text=lambda: f"{view.id} is {view.state}.")


def _delivery_row(view: "DeliveryView") -> _DeliveryRow:
    return _DeliveryRow(
        id=view.id,
        state=view.state,
        attempts=view.attempts,
        channel=view.channel,
        message=view.external_id,
        text=line_of(view.text),
        problem=view.last_error or "",
    )
