"""What a process remembers of partitions and of this machine, so that not every search asks for it again."""

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
        self._calibrated: tuple[float, SearchSettings] | None = None
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

    async def calibrated(self, tx: Tx, settings: SearchSettings) -> SearchSettings:
        """The settings, with `exact_rows_max` as it was measured on this machine where nobody has set it."""
        if "exact_rows_max" in settings.model_fields_set:
            return settings
        if self._calibrated is None or self._calibrated[0] <= time.monotonic():
            found = await store.find_calibration(tx)
            update = {} if found is None else {"exact_rows_max": found.exact_rows_max}
            self._calibrated = (time.monotonic() + self._ttl_s, settings.model_copy(update=update))
        return self._calibrated[1]

    def forget(self) -> None:
        """Look again; called after indexes were built or measured."""
        self._known.clear()
        self._calibrated = None
