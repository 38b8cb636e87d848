"""The consumer that makes standings and profiles."""

from collections.abc import Sequence

from likewise.engine.collections import ItemAdded, ItemChanged, ItemRemoved
from likewise.engine.embedding import SpaceChanged
from likewise.engine.recommend import service
from likewise.engine.recommend.events import PersonChanged
from likewise.engine.recommend.service import CONSUMER
from likewise.platform.db import Tx
from likewise.platform.events import Consumer
from likewise.platform.feature import App

__all__ = ["consumer"]

_BATCH_EVENTS = 200


def consumer(app: App) -> Consumer:
    """Reads what happened to items and what people did."""

    async def handle(
        tx: Tx, events: Sequence[ItemAdded | ItemChanged | ItemRemoved | PersonChanged | SpaceChanged]
    ) -> None:
        if any(isinstance(event, SpaceChanged) for event in events):
            await service.leave_space(app, tx)
        await service.derive(app, tx, [event for event in events if not isinstance(event, SpaceChanged)])

    async def reset(tx: Tx) -> None:
        await service.drop_derived(tx)

    return Consumer(
        name=CONSUMER,
        events=(ItemAdded, ItemChanged, ItemRemoved, PersonChanged, SpaceChanged),
        handle=handle,
        reset=reset,
        batch_max=_BATCH_EVENTS,
    )
