"""What people and refinements change: merge, split, move, lock; each change is told and can be undone."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from likewise.engine.clusters import store
from likewise.engine.clusters.errors import (
    ChangeNotFound,
    ChangeNotUndoable,
    ClusterIsLocked,
    ClusterNotFound,
    ItemsNotInCluster,
)
from likewise.engine.clusters.events import ClusterChanged
from likewise.engine.clusters.model import Actor, Change, ChangeKind, Cluster, Grouping
from likewise.engine.clusters.service.reading import get_cluster, locked_grouping
from likewise.engine.clusters.service.summing import refresh
from likewise.engine.clusters.service.touching import touch
from likewise.engine.clusters.settings import ClustersSettings
from likewise.platform.db import Tx
from likewise.platform.events import publish
from likewise.platform.feature import App
from likewise.platform.ids import encode_id, new_id

__all__ = [
    "Move",
    "Rearranged",
    "mark_acted",
    "merge",
    "merge_within",
    "move_items",
    "move_within",
    "record",
    "set_state",
    "set_state_within",
    "undo",
    "undo_run",
    "undo_run_within",
]

_FIRST = b""
_NOBODY = UUID(int=0)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # the database says when


class Move(msgspec.Struct, frozen=True):
    """A text as it stands, the cluster it is to go to, and how near it is to that one's mean."""

    text: store.TextRow
    to_id: UUID
    similarity: float


class Rearranged(msgspec.Struct, frozen=True):
    """The cluster that texts went to, how many items went, and the run that undoes it."""

    cluster: Cluster
    item_count: int
    run_id: UUID


async def merge(app: App, tenant_id: UUID, *, collection: str, cluster_id: UUID, into_id: UUID) -> Cluster:
    """All texts of one cluster go to another, whose id stays. Raises ClusterNotFound, ClusterIsLocked."""
    async with app.db.tenant(tenant_id) as tx:
        return (await merge_within(app, tx, collection=collection, cluster_id=cluster_id, into_id=into_id)).cluster


async def merge_within(app: App, tx: Tx, *, collection: str, cluster_id: UUID, into_id: UUID) -> Rearranged:
    """`merge`, as part of a transaction that does more."""
    grouping = await locked_grouping(tx, collection)
    if cluster_id == into_id:
        raise ClusterNotFound(id=encode_id("clu", into_id), collection=collection)
    for one in (cluster_id, into_id):
        await _unlocked(tx, grouping, collection, one)
    texts = await _texts_of(app, tx, grouping, cluster_id)
    run_id = await _change(app, tx, grouping, [Move(text, into_id, text.similarity) for text in texts])
    made = await get_cluster(tx, grouping, collection, into_id)
    return Rearranged(made, sum(text.item_count for text in texts), run_id)


async def move_items(
    app: App, tenant_id: UUID, *, collection: str, cluster_id: UUID, keys: Sequence[str], into_id: UUID | None
) -> Cluster:
    """The texts of these items, with every item that has the same text, go to another cluster or to a new one.

    Raises ClusterNotFound, ClusterIsLocked, ItemsNotInCluster.
    """
    limit = app.settings.get(ClustersSettings).change_items_max
    async with app.db.tenant(tenant_id) as tx:
        grouping = await locked_grouping(tx, collection)
        ids = await store.list_ids_of_keys(tx, collection_id=grouping.collection_id, keys=list(keys)[:limit])
        moved = await move_within(app, tx, collection=collection, cluster_id=cluster_id, item_ids=ids, into_id=into_id)
        return moved.cluster


async def move_within(
    app: App, tx: Tx, *, collection: str, cluster_id: UUID, item_ids: Sequence[UUID], into_id: UUID | None
) -> Rearranged:
    """`move_items`, by ids and as part of a transaction that does more."""
    grouping = await locked_grouping(tx, collection)
    whole = await _unlocked(tx, grouping, collection, cluster_id)
    if into_id is not None:
        await _unlocked(tx, grouping, collection, into_id)
    found = await store.list_texts_of_items(tx, collection_id=grouping.collection_id, item_ids=item_ids)
    texts = [text for text in found if text.cluster_id == cluster_id]
    if not texts or into_id == cluster_id or (into_id is None and len(texts) >= whole.text_count):
        raise ItemsNotInCluster(id=encode_id("clu", cluster_id))
    target = into_id or new_id()
    await store.insert_clusters(tx, collection_id=grouping.collection_id, ids=[target])
    run_id = await _change(app, tx, grouping, [Move(text, target, text.similarity) for text in texts])
    made = await get_cluster(tx, grouping, collection, target)
    return Rearranged(made, sum(text.item_count for text in texts), run_id)


async def set_state(
    app: App, tenant_id: UUID, *, collection: str, cluster_id: UUID, is_locked: bool | None, name: str | None
) -> Cluster:
    """Lock or unlock a cluster, or name it; None leaves that as it is, an empty name takes the label again."""
    async with app.db.tenant(tenant_id) as tx:
        return await set_state_within(
            app, tx, collection=collection, cluster_id=cluster_id, is_locked=is_locked, name=name
        )


async def set_state_within(
    app: App, tx: Tx, *, collection: str, cluster_id: UUID, is_locked: bool | None, name: str | None
) -> Cluster:
    """`set_state`, as part of a transaction that does more."""
    grouping = await locked_grouping(tx, collection)
    cluster = await get_cluster(tx, grouping, collection, cluster_id)
    await store.mark_cluster(
        tx,
        collection_id=grouping.collection_id,
        cluster_id=cluster_id,
        is_locked=cluster.is_locked if is_locked is None else is_locked,
        name=cluster.name if name is None else name.strip() or None,
        acted_at=cluster.acted_at,
    )
    await touch(app, tx, collection_id=grouping.collection_id)
    return await get_cluster(tx, grouping, collection, cluster_id)


async def mark_acted(app: App, tx: Tx, *, collection_id: UUID, cluster_id: UUID, acted: bool = True) -> None:
    """Somebody has answered or otherwise acted on a cluster: refinements leave it alone, until `acted` is False."""
    cluster = await store.find_cluster(tx, collection_id=collection_id, cluster_id=cluster_id)
    if cluster is not None:
        await store.mark_cluster(
            tx,
            collection_id=collection_id,
            cluster_id=cluster_id,
            is_locked=cluster.is_locked,
            name=cluster.name,
            acted_at=app.clock.now() if acted else None,
        )
        await touch(app, tx, collection_id=collection_id)


async def undo(app: App, tenant_id: UUID, *, collection: str, change_id: UUID) -> Change:
    """Texts that a change moved, and that are still where it put them, go back as they were.

    Raises ChangeNotFound, ChangeNotUndoable.
    """
    async with app.db.tenant(tenant_id) as tx:
        grouping = await locked_grouping(tx, collection)
        change = await store.find_change(tx, collection_id=grouping.collection_id, change_id=change_id)
        if change is None:
            raise ChangeNotFound(id=encode_id("chg", change_id), collection=collection)
        await _undo(app, tx, grouping, [change])
        return msgspec.structs.replace(change, undone_at=app.clock.now())


async def undo_run(app: App, tenant_id: UUID, *, collection: str, run_id: UUID) -> int:
    """Undo everything that was changed together and holds still, the last first; how many changes.

    Raises ChangeNotFound, ChangeNotUndoable.
    """
    async with app.db.tenant(tenant_id) as tx:
        return await undo_run_within(app, tx, collection=collection, run_id=run_id)


async def undo_run_within(app: App, tx: Tx, *, collection: str, run_id: UUID) -> int:
    """`undo_run`, as part of a transaction that does more."""
    limit = app.settings.get(ClustersSettings).change_items_max
    grouping = await locked_grouping(tx, collection)
    changes = await store.list_changes_of_run(tx, run_id=run_id, limit=limit)
    if not changes:
        raise ChangeNotFound(id=encode_id("run", run_id), collection=collection)
    standing = [change for change in changes if change.undone_at is None]
    await _undo(app, tx, grouping, standing)
    return len(standing)


async def record(
    app: App,
    tx: Tx,
    *,
    collection_id: UUID,
    moves: Sequence[Move],
    actor: Actor,
    run_id: UUID,
    is_told: bool = True,
) -> Counter[str]:
    """Move texts, and note each pair of clusters as one change with what undoes it; how many of each kind.

    Texts that are no longer where `moves` has them stay. Summaries are the caller's to make anew.
    """
    batch = app.settings.get(ClustersSettings).refine_batch
    reason = "person" if actor == "person" else "refined"
    moved: set[bytes] = set()
    for start in range(0, len(moves), batch):
        some = moves[start : start + batch]
        rows = [
            msgspec.structs.replace(move.text, cluster_id=move.to_id, similarity=move.similarity, reason=reason)
            for move in some
        ]
        moved |= set(
            await store.move_texts(
                tx, collection_id=collection_id, rows=rows, from_ids=[move.text.cluster_id for move in some]
            )
        )
    if not is_told:
        return Counter()
    pairs: dict[tuple[UUID, UUID], list[Move]] = {}
    for move in moves:
        if move.text.hash in moved:
            pairs.setdefault((move.text.cluster_id, move.to_id), []).append(move)
    changes = await _described(tx, collection_id, pairs, actor=actor, run_id=run_id)
    for start in range(0, len(changes), batch):
        some_changes = changes[start : start + batch]
        await store.insert_changes(
            tx, collection_id=collection_id, run_id=run_id, actor=actor, changes=[change for change, _ in some_changes]
        )
    steps = [(change.id, move) for change, some in changes for move in some]
    for start in range(0, len(steps), batch):
        part = steps[start : start + batch]
        await store.insert_moves(
            tx,
            change_ids=[change_id for change_id, _ in part],
            moves=[store.Moved(move.text.hash, move.text.similarity, move.text.reason) for _, move in part],
        )
    await publish(tx, [ClusterChanged(collection_id, change.id, change.from_id, change.to_id) for change, _ in changes])
    return Counter(change.kind for change, _ in changes)


async def _described(
    tx: Tx, collection_id: UUID, pairs: Mapping[tuple[UUID, UUID], list[Move]], *, actor: Actor, run_id: UUID
) -> list[tuple[Change, list[Move]]]:
    """A merge leaves nothing behind, a split fills a cluster that was empty, anything else is a move."""
    ids = {cluster_id for pair in pairs for cluster_id in pair}
    sizes = {
        row.cluster_id: row.text_count
        for row in await store.count_texts(tx, collection_id=collection_id, cluster_ids=sorted(ids))
    }
    came: Counter[UUID] = Counter()
    for (_, to_id), some in pairs.items():
        came[to_id] += len(some)
    changes: list[tuple[Change, list[Move]]] = []
    for (from_id, to_id), some in pairs.items():
        kind: ChangeKind = "merge"
        if sizes.get(from_id):
            kind = "split" if sizes.get(to_id, 0) == came[to_id] else "move"
        change = Change(
            id=new_id(),
            run_id=run_id,
            kind=kind,
            actor=actor,
            from_id=from_id,
            to_id=to_id,
            text_count=len(some),
            undone_at=None,
            created_at=_EPOCH,
        )
        changes.append((change, some))
    return changes


async def _change(app: App, tx: Tx, grouping: Grouping, moves: Sequence[Move]) -> UUID:
    run_id = new_id()
    await record(app, tx, collection_id=grouping.collection_id, moves=moves, actor="person", run_id=run_id)
    await _settle(app, tx, grouping, {move.text.cluster_id for move in moves} | {move.to_id for move in moves})
    return run_id


async def _settle(app: App, tx: Tx, grouping: Grouping, touched: set[UUID]) -> None:
    await refresh(app, tx, collection_id=grouping.collection_id, cluster_ids=sorted(touched))
    await store.move_grouping(tx, collection_id=grouping.collection_id, texts=0, is_refining=grouping.is_refining)
    await touch(app, tx, collection_id=grouping.collection_id)


async def _undo(app: App, tx: Tx, grouping: Grouping, changes: Sequence[Change]) -> None:
    batch = app.settings.get(ClustersSettings).refine_batch
    kept = set(
        await store.list_kept_since(
            tx,
            collection_id=grouping.collection_id,
            ids=sorted({side for change in changes for side in (change.from_id, change.to_id)}),
            since=min((change.created_at for change in changes), default=_EPOCH),
        )
    )
    touched: set[UUID] = set()
    for change in changes:
        name = encode_id("chg", change.id)
        if change.undone_at is not None:
            raise ChangeNotUndoable(id=name, reason="it was undone already")
        if kept & {change.from_id, change.to_id}:
            raise ChangeNotUndoable(id=name, reason="a cluster of it has been locked or acted on since")
        after = _FIRST
        while moves := await store.list_moves(tx, change_id=change.id, after=after, limit=batch):
            rows = [
                store.TextRow(move.hash, change.from_id, _NOBODY, 0, move.similarity, move.reason) for move in moves
            ]
            await store.move_texts(
                tx, collection_id=grouping.collection_id, rows=rows, from_ids=[change.to_id] * len(rows)
            )
            after = moves[-1].hash
        touched |= {change.from_id, change.to_id}
    await store.mark_undone(tx, change_ids=[change.id for change in changes], at=app.clock.now())
    await publish(
        tx,
        [ClusterChanged(grouping.collection_id, change.id, change.to_id, change.from_id) for change in changes],
    )
    await _settle(app, tx, grouping, touched)


async def _unlocked(tx: Tx, grouping: Grouping, collection: str, cluster_id: UUID) -> Cluster:
    cluster = await get_cluster(tx, grouping, collection, cluster_id)
    if cluster.is_locked:
        raise ClusterIsLocked(id=encode_id("clu", cluster_id))
    return cluster


async def _texts_of(app: App, tx: Tx, grouping: Grouping, cluster_id: UUID) -> list[store.TextRow]:
    limit = app.settings.get(ClustersSettings).refine_batch
    texts: list[store.TextRow] = []
    after = _FIRST
    while True:
        page = await store.list_texts_of_clusters(
            tx, collection_id=grouping.collection_id, cluster_ids=[cluster_id], after=after, limit=limit
        )
        texts += page
        if len(page) < limit:
            return texts
        after = page[-1].hash
