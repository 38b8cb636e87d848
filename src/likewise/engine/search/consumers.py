"""The consumer that reads items' words."""

from collections.abc import Sequence

from likewise.engine.collections import ItemAdded, ItemChanged, ItemRemoved
from likewise.engine.search import service
from likewise.engine.search.service.documents import CONSUMER
from likewise.platform.db import Tx
from likewise.platform.events import Consumer

__all__ = ["SEARCH_DOCUMENTS"]


async def _handle(tx: Tx, events: Sequence[ItemAdded | ItemChanged | ItemRemoved]) -> None:
    await service.read_items(tx, item_ids=list(dict.fromkeys(event.item_id for event in events)))


async def _reset(tx: Tx) -> None:
    await service.drop_documents(tx)


SEARCH_DOCUMENTS = Consumer(name=CONSUMER, events=(ItemAdded, ItemChanged, ItemRemoved), handle=_handle, reset=_reset)
