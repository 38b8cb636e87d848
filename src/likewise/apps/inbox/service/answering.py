"""One answer to every message of a cluster: looked at before, written in one transaction, taken back within a while.

Whoever answers holds what is decided about the cluster (`inbox.clusters`) first, then anything of the engine: two
people acting on one cluster take turns, and the second is told.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from likewise.apps.inbox import logic, store
from likewise.apps.inbox.errors import (
    ActionNotFound,
    ActionNotUndoable,
    ClusterAnswered,
    ClusterGrewMeanwhile,
    ClusterNotAnswered,
    ClusterNotOpen,
    DeliveryNotFound,
    DeliveryNotRetryable,
    MessageRefused,
    NothingToAnswer,
)
from likewise.apps.inbox.events import ClusterDecided, DeliveriesEnded
from likewise.apps.inbox.model import Action, Answerable, ClusterState, Delivery, DeliveryState
from likewise.apps.inbox.service.channels import ensure_inbox
from likewise.apps.inbox.service.outbox import Outbox
from likewise.apps.inbox.service.reading import LAST_ID, find_inbox_of, get_card, get_delivery
from likewise.apps.inbox.settings import InboxSettings
from likewise.engine.clusters import mark_acted, pin_grouping, touch
from likewise.platform.db import Tx
from likewise.platform.errors import FieldError
from likewise.platform.events import publish
from likewise.platform.feature import App
from likewise.platform.ids import encode_id, new_id

__all__ = [
    "Preview",
    "Reply",
    "acknowledge_delivery",
    "answer_cluster",
    "answer_late",
    "preview_answer",
    "retry_delivery",
    "set_answers_late",
    "undo_action_within",
    "undo_answer",
]


class Reply(msgspec.Struct, frozen=True):
    """What one message would be answered."""

    message: Answerable
    text: str


class Preview(msgspec.Struct, frozen=True):
    """A page of replies, and how many messages would be answered in all."""

    replies: list[Reply]
    message_count: int


async def preview_answer(
    app: App,
    tenant_id: UUID,
    *,
    cluster_id: UUID,
    response_text: str,
    exceptions: Sequence[UUID] = (),
    before: UUID = LAST_ID,
    limit: int = 50,
) -> Preview:
    """What each message of a cluster would be answered, newest first; nothing is written.

    Raises ClusterNotFound, SlotUnknown.
    """
    settings = app.settings.get(InboxSettings)
    template = _template(response_text, settings)
    collection_id = await find_inbox_of(app, tenant_id, cluster_id=cluster_id)
    left_out = list(exceptions)[: settings.exceptions_max]
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        await get_card(app, tx, collection_id=collection_id, cluster_id=cluster_id)
        messages = await store.list_answerable(
            tx,
            collection_id=collection_id,
            cluster_id=cluster_id,
            left_out=left_out,
            before=before,
            limit=min(limit, settings.page_max + 1),
        )
        count = await store.count_answerable(tx, collection_id=collection_id, cluster_id=cluster_id, left_out=left_out)
    return Preview([Reply(message, template.render(message)) for message in messages], count)


async def answer_cluster(
    app: App,
    tenant_id: UUID,
    *,
    cluster_id: UUID,
    response_text: str,
    actor: str,
    exceptions: Sequence[UUID] = (),
    answers_late: bool = False,
    expected_count: int | None = None,
) -> Action:
    """Answer every message of an open cluster that has no answer yet, in one transaction; leaves after `undo_s`.

    `answers_late`: messages that join the cluster later are answered the same, until somebody stops that.
    `expected_count`: how many messages the person saw; any other number is refused. Raises ClusterNotFound,
    ClusterAnswered, ClusterNotOpen, ClusterGrewMeanwhile, NothingToAnswer, SlotUnknown.
    """
    settings = app.settings.get(InboxSettings)
    template = _template(response_text, settings)
    left_out = _bounded(exceptions, settings)
    collection_id = await ensure_inbox(app, tenant_id)
    async with app.db.tenant(tenant_id) as tx:
        await get_card(app, tx, collection_id=collection_id, cluster_id=cluster_id)
        decision = await store.lock_decision(tx, cluster_id=cluster_id)
        await _check_open(tx, decision)
        # What arrives from here on finds the cluster answered, and what has arrived is answered.
        await pin_grouping(tx, collection_id=collection_id)
        action_id = new_id()
        count = await _write(app, tx, collection_id, template, action_id, cluster_id=cluster_id, left_out=left_out)
        if expected_count is not None and count != expected_count:
            raise ClusterGrewMeanwhile(id=encode_id("clu", cluster_id), count=count, expected=expected_count)
        if not count:
            raise NothingToAnswer(id=encode_id("clu", cluster_id))
        await store.insert_action(
            tx,
            action_id=action_id,
            cluster_id=cluster_id,
            response_text=response_text,
            answers_late=answers_late,
            actor=actor,
            message_count=count,
            undo_s=settings.undo_s,
        )
        if left_out:
            await store.insert_exceptions(tx, action_id=action_id, message_ids=left_out)
        await _decide(app, tx, cluster_id, state="actioned", action_id=action_id, answers_late=answers_late)
        await store.insert_change(
            tx,
            change_id=new_id(),
            kind="answer",
            actor=actor,
            cluster_id=cluster_id,
            action_id=action_id,
            message_count=count,
            before=decision.state,
        )
        await mark_acted(app, tx, collection_id=collection_id, cluster_id=cluster_id)
        return await _found(tx, action_id)


async def undo_answer(app: App, tenant_id: UUID, *, action_id: UUID) -> Action:
    """Take an answer back before any of it has left. Raises ActionNotFound, ActionNotUndoable."""
    collection_id = await ensure_inbox(app, tenant_id)
    async with app.db.tenant(tenant_id) as tx:
        found = await _found(tx, action_id)
        # The change before the decision: the order of whoever undoes the change.
        change_id = await store.find_change_of_action(tx, cluster_id=found.cluster_id, action_id=action_id)
        if change_id is not None:
            await store.lock_change(tx, change_id=change_id)
        await undo_action_within(app, tx, collection_id=collection_id, action=found)
        if change_id is not None:
            await store.mark_change_undone(tx, change_id=change_id, at=app.clock.now())
    return msgspec.structs.replace(found, undone_at=app.clock.now())


async def undo_action_within(app: App, tx: Tx, *, collection_id: UUID, action: Action) -> None:
    """`undo_answer`, as part of a transaction that does more."""
    name = encode_id("act", action.id)
    decision = await store.lock_decision(tx, cluster_id=action.cluster_id)
    current = await store.find_action(tx, action_id=action.id)
    if current is None or current.undone_at is not None:
        raise ActionNotUndoable(id=name, reason="it was undone already")
    if decision.action_id != action.id:
        raise ActionNotUndoable(id=name, reason="the cluster was answered again since")
    await touch(app, tx, collection_id=collection_id)
    held = await store.hold_outbox_of(tx, action_id=action.id)
    left = await store.count_left(tx, action_id=action.id)
    gone = max(left.gone, left.waiting - held)  # what could not be held is being taken at this moment
    if gone:
        raise ActionNotUndoable(id=name, reason=f"{gone} of its messages have left already")
    await store.empty_outbox_of(tx, action_id=action.id)
    await store.cancel_deliveries(tx, action_id=action.id, at=app.clock.now())
    await store.mark_action_undone(tx, action_id=action.id, at=app.clock.now())
    previous = await store.find_previous_action(tx, cluster_id=action.cluster_id, before=action.id)
    await _decide(app, tx, action.cluster_id, state="open", action_id=previous, answers_late=False)
    if previous is None:
        await mark_acted(app, tx, collection_id=collection_id, cluster_id=action.cluster_id, acted=False)


async def set_answers_late(app: App, tenant_id: UUID, *, cluster_id: UUID, wanted: bool) -> None:
    """Whether messages that join an answered cluster get its answer. Raises ClusterNotFound,
    ClusterNotAnswered."""
    collection_id = await ensure_inbox(app, tenant_id)
    async with app.db.tenant(tenant_id) as tx:
        await get_card(app, tx, collection_id=collection_id, cluster_id=cluster_id)
        found = await store.lock_decision(tx, cluster_id=cluster_id)
        if wanted and found.state != "actioned":
            raise ClusterNotAnswered(id=encode_id("clu", cluster_id))
        await _decide(app, tx, cluster_id, state=found.state, action_id=found.action_id, answers_late=wanted)
        await touch(app, tx, collection_id=collection_id)


async def answer_late(app: App, tx: Tx, *, collection_id: UUID, cluster_id: UUID) -> None:
    """Messages have joined an answered cluster: they get its answer while the rule is on, else it is open again."""
    decision = await store.lock_decision(tx, cluster_id=cluster_id)
    if decision.state != "actioned":
        return
    action = None if decision.action_id is None else await store.find_action(tx, action_id=decision.action_id)
    settings = app.settings.get(InboxSettings)
    left_out = (
        [] if action is None else await store.list_exceptions(tx, action_id=action.id, limit=settings.exceptions_max)
    )
    if action is not None and decision.answers_late:
        template = logic.parse_template(action.response_text)
        count = await _write(app, tx, collection_id, template, action.id, cluster_id=cluster_id, left_out=left_out)
        if count:
            await store.add_to_action(tx, action_id=action.id, count=count)
            await publish(tx, [ClusterDecided(cluster_id, "actioned")])
            await touch(app, tx, collection_id=collection_id)
        return
    if await store.count_answerable(tx, collection_id=collection_id, cluster_id=cluster_id, left_out=left_out):
        await _decide(app, tx, cluster_id, state="open", action_id=decision.action_id, answers_late=False)
        await touch(app, tx, collection_id=collection_id)


async def retry_delivery(app: App, tenant_id: UUID, *, delivery_id: UUID) -> Delivery:
    """Send a delivery that was given up again, at once. Raises DeliveryNotFound, DeliveryNotRetryable."""
    return await _end(app, tenant_id, delivery_id, from_state="failed", to_state="waiting")


async def acknowledge_delivery(app: App, tenant_id: UUID, *, delivery_id: UUID) -> Delivery:
    """A client has passed on what was ready. Raises DeliveryNotFound, DeliveryNotRetryable."""
    return await _end(app, tenant_id, delivery_id, from_state="ready", to_state="delivered")


async def _end(app: App, tenant_id: UUID, delivery_id: UUID, *, from_state: str, to_state: DeliveryState) -> Delivery:
    async with app.db.tenant(tenant_id) as tx:
        found = await store.lock_delivery(tx, delivery_id=delivery_id)
        if found is None:
            raise DeliveryNotFound(id=encode_id("dlv", delivery_id))
        if found.state != from_state:
            raise DeliveryNotRetryable(id=encode_id("dlv", delivery_id), state=found.state)
        await store.end_deliveries(tx, outcomes=[store.Outcome(delivery_id, to_state)])
        if to_state == "delivered":
            await publish(tx, [DeliveriesEnded([found.action_id])])
        if to_state == "waiting":
            await store.insert_outbox(tx, action_id=found.action_id, delivery_ids=[delivery_id], delay_s=0)
            tx.after_commit(app.resource(Outbox).ring)
        return await get_delivery(app, tx, delivery_id=delivery_id)


async def _found(tx: Tx, action_id: UUID) -> Action:
    found = await store.find_action(tx, action_id=action_id)
    if found is None:
        raise ActionNotFound(id=encode_id("act", action_id))
    return found


async def _write(
    app: App,
    tx: Tx,
    collection_id: UUID,
    template: logic.Template,
    action_id: UUID,
    *,
    cluster_id: UUID,
    left_out: Sequence[UUID],
) -> int:
    """A delivery for each message that has none, and its place in the outbox; how many."""
    settings = app.settings.get(InboxSettings)
    total = 0
    before = LAST_ID
    while True:
        messages = await store.list_answerable(
            tx,
            collection_id=collection_id,
            cluster_id=cluster_id,
            left_out=left_out,
            before=before,
            limit=settings.answer_batch,
        )
        if messages:
            written = await store.insert_deliveries(
                tx,
                action_id=action_id,
                cluster_id=cluster_id,
                ids=[new_id() for _ in messages],
                messages=messages,
                texts=[template.render(message) for message in messages],
            )
            waiting = [one.id for one in written if one.state == "waiting"]
            if waiting:
                await store.insert_outbox(tx, action_id=action_id, delivery_ids=waiting, delay_s=settings.undo_s)
                tx.after_commit(app.resource(Outbox).ring)
            total += len(written)
            before = messages[-1].id
        if len(messages) < settings.answer_batch:
            return total


async def _decide(
    app: App, tx: Tx, cluster_id: UUID, *, state: ClusterState, action_id: UUID | None, answers_late: bool
) -> None:
    decision = store.Decision(cluster_id, state, action_id, answers_late)
    await store.mark_decision(tx, decision=decision, at=app.clock.now())
    await publish(tx, [ClusterDecided(cluster_id, state)])


async def _check_open(tx: Tx, decision: store.Decision) -> None:
    name = encode_id("clu", decision.cluster_id)
    if decision.state == "actioned" and decision.action_id is not None:
        action = await store.find_action(tx, action_id=decision.action_id)
        if action is not None:
            raise ClusterAnswered(id=name, actor=action.actor, at=_moment(action.created_at))
    if decision.state != "open":
        raise ClusterNotOpen(id=name, state=decision.state)


def _template(text: str, settings: InboxSettings) -> logic.Template:
    if not text.strip() or len(text) > settings.response_characters_max or "\0" in text:
        reason = f"an answer has 1 to {settings.response_characters_max:,} characters"
        raise MessageRefused(reason=reason, errors=[FieldError("/response_text", reason)])
    return logic.parse_template(text)


def _bounded(exceptions: Sequence[UUID], settings: InboxSettings) -> list[UUID]:
    if len(exceptions) > settings.exceptions_max:
        reason = f"at most {settings.exceptions_max:,} messages can be left out"
        raise MessageRefused(reason=reason, errors=[FieldError("/exceptions", reason)])
    return list(exceptions)


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M UTC")
