"""Consumers: one follows the engine's clusters (late arrivals are answered, answers go with messages that moved), one
has visitors' pictures fetched.
"""

from collections.abc import Sequence

from likewise.apps.inbox import service, store
from likewise.apps.inbox.events import VisitorSeen
from likewise.apps.inbox.model import COLLECTION
from likewise.engine.clusters import ClusterChanged, ClusterGrew, touch
from likewise.platform.db import Tx
from likewise.platform.events import Consumer
from likewise.platform.feature import App

__all__ = ["AVATARS", "CONSUMER", "consumers"]

CONSUMER = "inbox_arrivals"
AVATARS = "inbox_avatars"


def consumers(app: App) -> Sequence[Consumer]:
    """What the inbox derives from the log."""

    async def handle(tx: Tx, events: Sequence[ClusterGrew | ClusterChanged]) -> None:
        collection_id = await store.find_collection(tx, name=COLLECTION)
        if collection_id is None:
            return
        ours = [event for event in events if event.collection_id == collection_id]
        moves = [event for event in ours if isinstance(event, ClusterChanged)]
        moved = {side for event in moves for side in (event.from_id, event.to_id)}
        grown = {event.cluster_id for event in ours if isinstance(event, ClusterGrew)}
        joined = sorted(grown | {event.to_id for event in moves})
        answered = sorted(await store.list_answered(tx, cluster_ids=joined))
        await store.lock_decisions(tx, cluster_ids=answered)  # all of them before anything else: see the lock order
        if moved:
            await touch(app, tx, collection_id=collection_id)
            await store.follow_clusters(tx, cluster_ids=sorted(moved))
        for cluster_id in answered:
            await service.answer_late(app, tx, collection_id=collection_id, cluster_id=cluster_id)

    async def reset(_: Tx) -> None:
        """Nothing of this is derived for good: what was answered stays answered."""

    async def see(tx: Tx, events: Sequence[VisitorSeen]) -> None:
        await service.want_avatars(app, tx, visitor_ids=list(dict.fromkeys(event.visitor_id for event in events)))

    return [
        Consumer(name=CONSUMER, events=(ClusterGrew, ClusterChanged), handle=handle, reset=reset),
        Consumer(name=AVATARS, events=(VisitorSeen,), handle=see, reset=reset),
    ]
