"""What a process remembers of partitions, so that not every search asks Postgres's catalogue."""

import time
from collections import OrderedDict
from uuid import UUID

from likewise.engine.embedding import Space
from likewise.engine.search import store
from likewise.engine.search.model import Partition
from likewise.engine.search.settings import SearchSettings
from likewise.platform.db import Tx

__all__ = ["PartitionCatalog"]


class PartitionCatalog:
    """A partition's size and whether it has an index, remembered for `catalog_ttl_s` seconds.

    A stale answer costs time, never results: an index that is gone means a sort, one that is new means an exact scan.
    """

    def __init__(self, settings: SearchSettings) -> None:
        self._ttl_s = settings.catalog_ttl_s
        self._tenants_max = settings.catalog_tenants_max
        self._known: OrderedDict[tuple[UUID, int], tuple[float, Partition]] = OrderedDict()

    async def find(self, tx: Tx, *, space: Space) -> Partition:
        """The partition that holds this transaction's tenant."""
        key = (tx.tenant, space.space_id)
        known = self._known.get(key)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        partition = await store.find_partition(tx, space=space) or Partition(0, has_index=False)
        self._known[key] = (time.monotonic() + self._ttl_s, partition)
        self._known.move_to_end(key)
        if len(self._known) > self._tenants_max:
            self._known.popitem(last=False)
        return partition

    def forget(self) -> None:
        """Look again; called after indexes were built."""
        self._known.clear()
