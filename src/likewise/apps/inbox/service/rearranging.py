"""What people change about clusters: remove, move, merge, split, lock, name, archive, reopen; each can be undone."""

from collections.abc import Sequence
from uuid import UUID

from likewise.apps.inbox import store
from likewise.apps.inbox.errors import (
    ChangeNotFound,
    ChangeNotUndoable,
    ClusterNotOpen,
    ClusterNotOther,
    MessageNotFound,
    MessageRefused,
    MessageStandsAlone,
)
from likewise.apps.inbox.events import ClusterDecided, ClusterMarked
from likewise.apps.inbox.model import COLLECTION, Card, Change, ChangeKind, ClusterState
from likewise.apps.inbox.service.answering import undo_action_within
from likewise.apps.inbox.service.channels import ensure_inbox
from likewise.apps.inbox.service.reading import get_card
from likewise.apps.inbox.settings import InboxSettings
from likewise.engine.clusters import (
    ItemsNotInCluster,
    Rearranged,
    mark_acted,
    merge_within,
    move_within,
    set_state_within,
    touch,
    undo_run_within,
)
from likewise.platform.db import Tx
from likewise.platform.errors import FieldError
from likewise.platform.events import publish
from likewise.platform.feature import App
from likewise.platform.ids import encode_id, new_id

__all__ = [
    "archive_cluster",
    "lock_cluster",
    "merge_clusters",
    "move_messages",
    "remove_message",
    "rename_cluster",
    "reopen_cluster",
    "set_cluster_state",
    "undo_change",
]


_ANSWERING_LATE = "actioned, answering what joins it"


async def remove_message(
    app: App, tenant_id: UUID, *, message_id: UUID, actor: str, into_id: UUID | None = None
) -> tuple[Card, Change]:
    """A message leaves its cluster, with every other that says exactly the same: for a cluster of its own, or for
    `into_id`. Raises MessageNotFound, MessageStandsAlone, ClusterNotFound, ClusterNotOpen, ClusterNotOther,
    ClusterIsLocked."""
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        placed = await store.list_clusters_of(tx, message_ids=[message_id])
    if not placed:
        raise MessageNotFound(id=encode_id("msg", message_id))
    try:
        return await _move(
            app, tenant_id, [message_id], cluster_id=placed[0].cluster_id, into_id=into_id, kind="remove", actor=actor
        )
    except ItemsNotInCluster as error:
        raise MessageStandsAlone(id=encode_id("msg", message_id)) from error


async def move_messages(
    app: App,
    tenant_id: UUID,
    *,
    cluster_id: UUID,
    message_ids: Sequence[UUID],
    actor: str,
    into_id: UUID | None = None,
) -> tuple[Card, Change]:
    """Messages of a cluster go to another; without `into_id` they are split off into a new one.

    Raises ClusterNotFound, ClusterNotOpen, ClusterNotOther, ClusterIsLocked, ItemsNotInCluster.
    """
    limit = app.settings.get(InboxSettings).change_messages_max
    if len(message_ids) > limit:
        reason = f"at most {limit:,} messages can be moved at once"
        raise MessageRefused(reason=reason, errors=[FieldError("/messages", reason)])
    kind: ChangeKind = "split" if into_id is None else "move"
    return await _move(app, tenant_id, message_ids, cluster_id=cluster_id, into_id=into_id, kind=kind, actor=actor)


async def merge_clusters(
    app: App, tenant_id: UUID, *, cluster_id: UUID, into_id: UUID, actor: str
) -> tuple[Card, Change]:
    """Every message of a cluster goes to another, whose id stays. Raises ClusterNotFound, ClusterNotOpen,
    ClusterNotOther, ClusterIsLocked."""
    _check_other(cluster_id, into_id)
    collection_id = await ensure_inbox(app, tenant_id)
    async with app.db.tenant(tenant_id) as tx:
        await _hold_open(tx, cluster_id, into_id)
        await get_card(app, tx, collection_id=collection_id, cluster_id=cluster_id)
        await get_card(app, tx, collection_id=collection_id, cluster_id=into_id)
        done = await merge_within(app, tx, collection=COLLECTION, cluster_id=cluster_id, into_id=into_id)
        return await _record_move(app, tx, collection_id, done, "merge", actor=actor, from_id=cluster_id)


async def lock_cluster(app: App, tenant_id: UUID, *, cluster_id: UUID, locked: bool, actor: str) -> tuple[Card, Change]:
    """A locked cluster takes in what arrives, and nothing else changes it until it is unlocked."""
    collection_id = await ensure_inbox(app, tenant_id)
    async with app.db.tenant(tenant_id) as tx:
        await store.lock_decision(tx, cluster_id=cluster_id)
        card = await get_card(app, tx, collection_id=collection_id, cluster_id=cluster_id)
        await set_state_within(app, tx, collection=COLLECTION, cluster_id=cluster_id, is_locked=locked, name=None)
        await publish(tx, [ClusterMarked(cluster_id)])
        before = "locked" if card.is_locked else "unlocked"
        return await _record(
            app, tx, collection_id, "lock" if locked else "unlock", actor=actor, cluster_id=cluster_id, before=before
        )


async def rename_cluster(app: App, tenant_id: UUID, *, cluster_id: UUID, name: str, actor: str) -> tuple[Card, Change]:
    """Give a cluster a name; an empty one takes its label again."""
    collection_id = await ensure_inbox(app, tenant_id)
    async with app.db.tenant(tenant_id) as tx:
        await store.lock_decision(tx, cluster_id=cluster_id)
        card = await get_card(app, tx, collection_id=collection_id, cluster_id=cluster_id)
        await set_state_within(app, tx, collection=COLLECTION, cluster_id=cluster_id, is_locked=None, name=name)
        await publish(tx, [ClusterMarked(cluster_id)])
        return await _record(
            app, tx, collection_id, "rename", actor=actor, cluster_id=cluster_id, before=card.name or ""
        )


async def archive_cluster(app: App, tenant_id: UUID, *, cluster_id: UUID, actor: str) -> tuple[Card, Change]:
    """Put a cluster away without an answer; what joins it later is put away with it."""
    return await _set_aside(app, tenant_id, cluster_id, "archive", state="archived", actor=actor)


async def reopen_cluster(app: App, tenant_id: UUID, *, cluster_id: UUID, actor: str) -> tuple[Card, Change]:
    """Open an archived or an answered cluster again; answers that were given stand."""
    return await _set_aside(app, tenant_id, cluster_id, "reopen", state="open", actor=actor)


async def set_cluster_state(app: App, tenant_id: UUID, *, cluster_id: UUID, state: ClusterState, actor: str) -> Card:
    """Put a cluster away or open it again. Raises ClusterNotFound, ClusterNotOpen, MessageRefused for `actioned`."""
    if state == "actioned":
        reason = "a cluster counts as answered once it is answered: POST .../action"
        raise MessageRefused(reason=reason, errors=[FieldError("/state", reason)])
    act = archive_cluster if state == "archived" else reopen_cluster
    card, _ = await act(app, tenant_id, cluster_id=cluster_id, actor=actor)
    return card


async def undo_change(app: App, tenant_id: UUID, *, change_id: UUID) -> Change:
    """Take back what a person changed, if nothing stands in the way since. Raises ChangeNotFound, ChangeNotUndoable,
    ActionNotUndoable."""
    collection_id = await ensure_inbox(app, tenant_id)
    async with app.db.tenant(tenant_id) as tx:
        change = await store.lock_change(tx, change_id=change_id)
        if change is None:
            raise ChangeNotFound(id=encode_id("chg", change_id))
        if change.undone_at is not None:
            raise ChangeNotUndoable(id=encode_id("chg", change_id), reason="it was undone already")
        await _undo(app, tx, collection_id, change)
        await store.mark_change_undone(tx, change_id=change_id, at=app.clock.now())
        after = await store.lock_change(tx, change_id=change_id)
    return after or change


async def _undo(app: App, tx: Tx, collection_id: UUID, change: Change) -> None:
    cluster_id = change.cluster_id
    match change.kind:
        case "answer":
            action = None if change.action_id is None else await store.find_action(tx, action_id=change.action_id)
            if action is None:
                raise ChangeNotUndoable(id=encode_id("chg", change.id), reason="its answer is gone")
            await undo_action_within(app, tx, collection_id=collection_id, action=action)
        case "remove" | "move" | "split" | "merge" if change.run_id is not None and change.other_id is not None:
            await _hold_open(tx, cluster_id, change.other_id)
            await undo_run_within(app, tx, collection=COLLECTION, run_id=change.run_id)
            await store.follow_clusters(tx, cluster_ids=[cluster_id, change.other_id])
        case "lock" | "unlock":
            locked = change.before == "locked"
            await store.lock_decision(tx, cluster_id=cluster_id)
            await set_state_within(app, tx, collection=COLLECTION, cluster_id=cluster_id, is_locked=locked, name=None)
            await publish(tx, [ClusterMarked(cluster_id)])
        case "rename":
            await store.lock_decision(tx, cluster_id=cluster_id)
            await set_state_within(
                app, tx, collection=COLLECTION, cluster_id=cluster_id, is_locked=None, name=change.before or ""
            )
            await publish(tx, [ClusterMarked(cluster_id)])
        case _:
            decision = await store.lock_decision(tx, cluster_id=cluster_id)
            if decision.state != ("archived" if change.kind == "archive" else "open"):
                raise ChangeNotUndoable(id=encode_id("chg", change.id), reason="the cluster was decided on again since")
            if change.before in {"actioned", _ANSWERING_LATE}:
                await _close_again(app, tx, collection_id, decision, change)
            else:
                await _decide(app, tx, collection_id, decision, "archived" if change.before == "archived" else "open")


async def _close_again(app: App, tx: Tx, collection_id: UUID, decision: store.Decision, change: Change) -> None:
    """Undo that an answered cluster was opened: it counts as answered, as long as everybody in it is."""
    name = encode_id("chg", change.id)
    if decision.action_id is None:
        raise ChangeNotUndoable(id=name, reason="the answer was taken back since")
    limit = app.settings.get(InboxSettings).exceptions_max
    left_out = await store.list_exceptions(tx, action_id=decision.action_id, limit=limit)
    waiting = await store.count_answerable(
        tx, collection_id=collection_id, cluster_id=decision.cluster_id, left_out=left_out
    )
    if waiting:
        raise ChangeNotUndoable(id=name, reason=f"{waiting} messages of the cluster have no answer")
    late = change.before == _ANSWERING_LATE
    await _decide(app, tx, collection_id, decision, "actioned", answers_late=late)


async def _move(
    app: App,
    tenant_id: UUID,
    message_ids: Sequence[UUID],
    *,
    cluster_id: UUID,
    into_id: UUID | None,
    kind: ChangeKind,
    actor: str,
) -> tuple[Card, Change]:
    _check_other(cluster_id, into_id)
    collection_id = await ensure_inbox(app, tenant_id)
    async with app.db.tenant(tenant_id) as tx:
        await _hold_open(tx, cluster_id, *([] if into_id is None else [into_id]))
        await get_card(app, tx, collection_id=collection_id, cluster_id=cluster_id)
        if into_id is not None:
            await get_card(app, tx, collection_id=collection_id, cluster_id=into_id)
        done = await move_within(
            app, tx, collection=COLLECTION, cluster_id=cluster_id, item_ids=message_ids, into_id=into_id
        )
        return await _record_move(app, tx, collection_id, done, kind, actor=actor, from_id=cluster_id)


async def _record_move(
    app: App, tx: Tx, collection_id: UUID, done: Rearranged, kind: ChangeKind, *, actor: str, from_id: UUID
) -> tuple[Card, Change]:
    """Note what was rearranged. The engine tells its own event; answers go with their messages."""
    await store.follow_clusters(tx, cluster_ids=[from_id])
    return await _record(
        app,
        tx,
        collection_id,
        kind,
        actor=actor,
        cluster_id=from_id,
        other_id=done.cluster.id,
        run_id=done.run_id,
        message_count=done.item_count,
        shown_id=done.cluster.id,
    )


async def _set_aside(
    app: App, tenant_id: UUID, cluster_id: UUID, kind: ChangeKind, *, state: ClusterState, actor: str
) -> tuple[Card, Change]:
    collection_id = await ensure_inbox(app, tenant_id)
    async with app.db.tenant(tenant_id) as tx:
        decision = await store.lock_decision(tx, cluster_id=cluster_id)
        await get_card(app, tx, collection_id=collection_id, cluster_id=cluster_id)
        if decision.state == state or (kind == "archive" and decision.state != "open"):
            raise ClusterNotOpen(id=encode_id("clu", cluster_id), state=decision.state)
        await _decide(app, tx, collection_id, decision, state)
        before = _ANSWERING_LATE if decision.answers_late else decision.state
        return await _record(app, tx, collection_id, kind, actor=actor, cluster_id=cluster_id, before=before)


async def _decide(
    app: App,
    tx: Tx,
    collection_id: UUID,
    decision: store.Decision,
    state: ClusterState,
    *,
    answers_late: bool = False,
) -> None:
    """Refinements leave alone what was put away or answered."""
    wanted = store.Decision(decision.cluster_id, state, decision.action_id, answers_late)
    await store.mark_decision(tx, decision=wanted, at=app.clock.now())
    acted = state != "open" or decision.action_id is not None
    await mark_acted(app, tx, collection_id=collection_id, cluster_id=decision.cluster_id, acted=acted)
    await publish(tx, [ClusterDecided(decision.cluster_id, state)])


def _check_other(cluster_id: UUID, into_id: UUID | None) -> None:
    if cluster_id == into_id:
        raise ClusterNotOther(id=encode_id("clu", cluster_id), errors=[FieldError("/into", "the same cluster")])


async def _hold_open(tx: Tx, *cluster_ids: UUID) -> None:
    """Hold what is decided about these clusters, in one order for everybody. Raises ClusterNotOpen."""
    for cluster_id in sorted(set(cluster_ids)):
        decision = await store.lock_decision(tx, cluster_id=cluster_id)
        if decision.state != "open":
            raise ClusterNotOpen(id=encode_id("clu", cluster_id), state=decision.state)


async def _record(
    app: App,
    tx: Tx,
    collection_id: UUID,
    kind: ChangeKind,
    *,
    actor: str,
    cluster_id: UUID,
    other_id: UUID | None = None,
    run_id: UUID | None = None,
    message_count: int = 0,
    before: str | None = None,
    shown_id: UUID | None = None,
) -> tuple[Card, Change]:
    change_id = new_id()
    await store.insert_change(
        tx,
        change_id=change_id,
        kind=kind,
        actor=actor,
        cluster_id=cluster_id,
        other_id=other_id,
        run_id=run_id,
        message_count=message_count,
        before=before,
    )
    await touch(app, tx, collection_id=collection_id)
    change = await store.lock_change(tx, change_id=change_id)
    if change is None:
        raise RuntimeError("a row that was just made is gone")
    return await get_card(app, tx, collection_id=collection_id, cluster_id=shown_id or cluster_id), change
