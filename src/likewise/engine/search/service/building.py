"""Vector indexes that fit what lies in the partitions: built when rows ask for it, built anew when they outgrow it."""

from collections.abc import Sequence

import msgspec

from likewise.engine.search import logic, store
from likewise.engine.search.service.catalog import PartitionCatalog
from likewise.engine.search.settings import SearchSettings
from likewise.platform.feature import App
from likewise.platform.telemetry import get_log

__all__ = ["build_vector_indexes"]

log = get_log(__name__)
_PATIENCE = 10
"""A load is waited for until a partition holds this many times the rows that ask for an index."""


async def build_vector_indexes(app: App, *, rows_min: int | None = None) -> list[str]:
    """Build the indexes that are missing or too small, drop what is left over; the names of those built now.

    Meanwhile everything can be read and written. Does nothing while another process builds. `rows_min` replaces
    `search.index_rows_min`.
    """
    settings = app.settings.get(SearchSettings)
    least = settings.index_rows_min if rows_min is None else rows_min
    async with app.db.maintenance() as tx:
        is_loading = await store.has_backlog(tx, rows=settings.index_backlog_max)
    built: list[str] = []
    async with store.building_session(
        app.db,
        memory_mb=settings.index_memory_mb,
        workers=settings.index_workers,
        timeout_s=settings.index_wait_s,
    ) as connection:
        if connection is None:
            return []
        for leftover in await store.list_vector_indexes(connection):
            if not leftover.is_valid and not leftover.is_building:
                await store.drop_index(connection, leftover.name)
                log.info("vector_index_dropped", index=leftover.name, reason="its building was interrupted")
        existing = await store.list_vector_indexes(connection)
        for wanted in await store.list_large_partitions(connection, rows_min=least):
            # An index slows a load down; a bulk load waits for its end, an endless one does not starve searches.
            if is_loading and wanted.row_count < least * _PATIENCE:
                continue
            m, ef_construction = logic.index_parameters(wanted.row_count)
            plan = store.IndexPlan(wanted.partition, wanted.space_id, wanted.dimension, m, ef_construction)
            if _fits(plan, existing):
                continue
            await store.create_index(connection, plan)
            built.append(plan.name)
            log.info("vector_index_built", index=plan.name, rows=wanted.row_count)
            for outgrown in _rivals(plan, existing):
                await store.drop_index(connection, outgrown.name)
    if built:
        app.resource(PartitionCatalog).forget()
    return built


def _fits(plan: store.IndexPlan, existing: Sequence[store.VectorIndex]) -> bool:
    """Whether there is this index, or one made for more rows: rows that come and go do not make it rebuilt."""
    names = {msgspec.structs.replace(plan, m=m).name for m in logic.sizes_from(plan.m)}
    return any(index.name in names for index in existing)


def _rivals(plan: store.IndexPlan, existing: Sequence[store.VectorIndex]) -> list[store.VectorIndex]:
    """Other indexes of the same partition and space."""
    return [
        index
        for index in existing
        if index.partition == plan.partition and index.predicate == plan.predicate and index.name != plan.name
    ]
