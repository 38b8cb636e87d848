"""The consumer that groups items once they have vectors, and mends what is told of clusters that items left."""

from collections.abc import Sequence

from likewise.engine.clusters import service
from likewise.engine.collections import ItemChanged, ItemRemoved
from likewise.engine.embedding import ItemsEmbedded, SpaceChanged
from likewise.platform.db import Tx
from likewise.platform.events import Consumer
from likewise.platform.feature import App

__all__ = ["CONSUMER", "consumer"]

CONSUMER = "clusters_arrivals"
_BATCH_EVENTS = 20  # 80 items each at most


def consumer(app: App) -> Consumer:
    """The consumer, for an application whose model's vectors it reads."""

    async def handle(tx: Tx, events: Sequence[ItemsEmbedded | ItemChanged | ItemRemoved | SpaceChanged]) -> None:
        if any(isinstance(event, SpaceChanged) for event in events):
            await service.leave_space(app, tx)
        of_items = [event for event in events if not isinstance(event, SpaceChanged)]
        for collection_id in dict.fromkeys(event.collection_id for event in of_items):
            ours = [event for event in of_items if event.collection_id == collection_id]
            came = [item for event in ours if isinstance(event, ItemsEmbedded) for item in event.item_ids]
            if came:
                await service.arrive(app, tx, collection_id=collection_id, item_ids=list(dict.fromkeys(came)))
            await service.mend(app, tx, collection_id=collection_id)

    async def reset(tx: Tx) -> None:
        await service.retell(app, tx)

    return Consumer(
        name=CONSUMER,
        events=(ItemsEmbedded, ItemChanged, ItemRemoved, SpaceChanged),
        handle=handle,
        reset=reset,
        batch_max=_BATCH_EVENTS,
    )
