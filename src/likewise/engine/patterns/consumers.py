"""The consumer that keeps the counts."""

from collections.abc import Sequence

from likewise.engine.collections import ItemAdded, ItemChanged, ItemRemoved
from likewise.engine.patterns import service
from likewise.engine.patterns.events import AttributesPut
from likewise.engine.patterns.service.following import CONSUMER
from likewise.platform.db import Tx
from likewise.platform.events import Consumer

__all__ = ["PATTERN_COUNTS"]

_BATCH_MAX = 250


async def _handle(tx: Tx, events: Sequence[ItemAdded | ItemChanged | ItemRemoved | AttributesPut]) -> None:
    await service.count_items(tx, item_ids=list(dict.fromkeys(event.item_id for event in events)))


async def _reset(tx: Tx) -> None:
    await service.drop_counts(tx)


PATTERN_COUNTS = Consumer(
    name=CONSUMER,
    events=(ItemAdded, ItemChanged, ItemRemoved, AttributesPut),
    handle=_handle,
    reset=_reset,
    batch_max=_BATCH_MAX,
)
