"""What a process remembers of a collection's clusters, so that arrivals need one small query and no large one.

A memory is good as long as the collection's version is the one it was made at; every transaction that changes clusters
moves the version on. What a transaction adds is remembered only once it has been committed.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec
import numpy as np

from likewise.engine.clusters import logic, store
from likewise.engine.clusters.model import Grouping
from likewise.engine.clusters.settings import ClustersSettings
from likewise.platform.db import Tx

__all__ = ["Known", "Memory"]

_BYTES_PER_MB = 1_048_576
_BYTES_PER_ROW = 600


class Known:
    """A collection's clusters; `sums`, (k, d) in float32, has a row for each of `rows`."""

    def __init__(self, rows: Sequence[store.StateRow], *, dimension: int) -> None:
        self.rows = list(rows)
        self.place: Mapping[UUID, int] = {row.cluster_id: number for number, row in enumerate(self.rows)}
        data = b"".join(row.vector_sum for row in self.rows)
        self.sums: logic.Floats = np.frombuffer(data, dtype="<f4").reshape(len(self.rows), dimension).astype(np.float32)

    @property
    def size_bytes(self) -> int:
        """About the memory it takes."""
        return 2 * self.sums.nbytes + _BYTES_PER_ROW * len(self.rows)

    def state(self, *, with_exemplars: bool) -> logic.State:
        """What arrivals are compared with: each cluster's mean, or its exemplars where it has some."""
        thresholds = np.array([row.threshold for row in self.rows], dtype=np.float32)
        means = logic.unit(self.sums)
        owner = np.arange(len(self.rows), dtype=np.int64)
        if with_exemplars and self.rows:
            shown = [_exemplars(row, mean) for row, mean in zip(self.rows, means, strict=True)]
            owner = np.repeat(owner, [len(rows) for rows in shown])
            means = np.concatenate(shown)
        return logic.State(tuple(row.cluster_id for row in self.rows), means, owner, thresholds)

    def with_rows(self, changed: Mapping[UUID, store.StateRow]) -> "Known":
        """The same with these clusters as they are now; clusters it did not know come last."""
        after = Known([], dimension=self.sums.shape[1])
        fresh = [row for cluster_id, row in changed.items() if cluster_id not in self.place]
        after.rows = [changed.get(row.cluster_id, row) for row in self.rows] + fresh
        after.place = {row.cluster_id: number for number, row in enumerate(after.rows)} if fresh else self.place
        added = Known(fresh, dimension=self.sums.shape[1])
        after.sums = np.concatenate([self.sums, added.sums])
        for cluster_id, row in changed.items():
            if cluster_id in self.place:
                after.sums[self.place[cluster_id]] = np.frombuffer(row.vector_sum, dtype="<f4")
        return after


class Memory:
    """The collections this process knows, `states_mb_max` of them, the least recently used going first."""

    def __init__(self, settings: ClustersSettings) -> None:
        self._bytes_max = settings.states_mb_max * _BYTES_PER_MB
        self._known: OrderedDict[tuple[UUID, UUID], tuple[int, Known]] = OrderedDict()

    async def read(self, tx: Tx, grouping: Grouping, *, dimension: int) -> Known:
        """The clusters of a collection whose grouping this transaction has locked."""
        found = self._known.get((tx.tenant, grouping.collection_id))
        if found is not None and found[0] == grouping.version and found[1].sums.shape[1] == dimension:
            return found[1]
        rows = await store.list_states(tx, collection_id=grouping.collection_id)
        nothing = bytes(4 * dimension)
        return Known(
            [
                row
                if len(row.vector_sum) == len(nothing)  # else of the space the tenant has left: nothing is like it
                else msgspec.structs.replace(row, vector_sum=nothing, exemplar_vectors=None)
                for row in rows
            ],
            dimension=dimension,
        )

    def keep(self, tenant_id: UUID, collection_id: UUID, *, version: int, known: Known) -> None:
        """Remember the clusters as they are at a version."""
        key = (tenant_id, collection_id)
        self._known[key] = (version, known)
        self._known.move_to_end(key)
        while len(self._known) > 1 and sum(entry.size_bytes for _, entry in self._known.values()) > self._bytes_max:
            self._known.popitem(last=False)


def _exemplars(row: store.StateRow, mean: logic.Floats) -> logic.Floats:
    if row.exemplar_vectors is None:
        return mean[None]
    return np.frombuffer(row.exemplar_vectors, dtype="<f4").reshape(-1, len(mean)).astype(np.float32)
