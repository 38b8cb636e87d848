"""Vector indexes that fit what lies in the partitions: built when rows ask for it, built anew when they outgrow it.

A tenant that holds very many of its partition's vectors is promoted: it gets a graph of its own, with parameters of its
own, and the partition's common graph is built anew without it (docs/decisions/0011). No row moves. Each index is ready
before the one it replaces is dropped, so searches find an index at every moment, and writes are never held up.
"""

from collections.abc import Collection, Sequence

import msgspec

from likewise.engine.search import logic, store
from likewise.engine.search.service.catalog import PartitionCatalog
from likewise.engine.search.settings import SearchSettings
from likewise.platform.feature import App
from likewise.platform.telemetry import get_log

__all__ = ["build_vector_indexes", "list_vector_indexes"]

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
        too_loose = await store.list_loose_indexes(tx, ef_search=logic.EF_SEARCHES[-1])
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
        # Who was promoted stays so until half of what made it a giant is gone: rows come and go.
        giant = max(1, settings.promote_rows_min // 2)
        for found in await store.list_large_partitions(connection, rows_min=least, giant_rows_min=giant):
            # An index slows a load down; a bulk load waits for its end, an endless one does not starve searches.
            if is_loading and found.row_count < least * _PATIENCE:
                continue
            plans = _plan(found, existing, too_loose=too_loose, rows_min=least, settings=settings)
            for plan in plans:
                if _fits(plan, existing):
                    continue
                await store.create_index(connection, plan)
                built.append(plan.name)
                log.info("vector_index_built", index=plan.name, rows=plan.row_count)
            for outgrown in _rivals(found, plans, existing):
                await store.drop_index(connection, outgrown.name)
                log.info("vector_index_dropped", index=outgrown.name, reason="another serves in its place")
    if built:
        app.resource(PartitionCatalog).forget()
    return built


async def list_vector_indexes(app: App) -> list[store.VectorIndex]:
    """Every vector index of the installation."""
    async with app.db.owner_connection() as connection:
        return await store.list_vector_indexes(connection)


def _plan(
    found: store.PartitionSpace,
    existing: Sequence[store.VectorIndex],
    *,
    too_loose: Collection[str],
    rows_min: int,
    settings: SearchSettings,
) -> list[store.IndexPlan]:
    """The indexes a partition should have for a space: each promoted tenant's own, and everybody else's."""
    bare = store.IndexPlan(found.partition, found.space_id, found.dimension, found.row_count)
    plans: list[store.IndexPlan] = []
    for tenant_id, rows in sorted(found.giants.items()):
        own = msgspec.structs.replace(bare, promoted=tenant_id, row_count=rows)
        is_promoted = any(index.name.startswith(f"{own.scope}_m") for index in existing)
        if logic.is_giant(rows, of=found.row_count, rows_min=settings.promote_rows_min) or is_promoted:
            plans.append(own)
    rest = found.row_count - sum(plan.row_count for plan in plans)
    if rest >= rows_min:
        left_out = tuple(plan.promoted for plan in plans if plan.promoted is not None)
        plans.append(msgspec.structs.replace(bare, left_out=left_out, row_count=rest))
    return [_sized(plan, too_loose=too_loose) for plan in plans]


def _sized(plan: store.IndexPlan, *, too_loose: Collection[str]) -> store.IndexPlan:
    """With HNSW's parameters for its rows, or denser ones where those were measured to lose too much."""
    least, _ = logic.index_parameters(plan.row_count)
    sized = [msgspec.structs.replace(plan, m=m, ef_construction=ef) for m, ef in logic.parameters_from(least)]
    return next((one for one in sized if one.name not in too_loose), sized[-1])


def _fits(plan: store.IndexPlan, existing: Sequence[store.VectorIndex]) -> bool:
    """Whether there is this index, or one made for more rows: rows that come and go do not make it rebuilt."""
    names = {msgspec.structs.replace(plan, m=m).name for m, _ in logic.parameters_from(plan.m)}
    return any(index.name in names for index in existing)


def _rivals(
    found: store.PartitionSpace, plans: Sequence[store.IndexPlan], existing: Sequence[store.VectorIndex]
) -> list[store.VectorIndex]:
    """Indexes of this partition and space that none of the plans wants, and lesser ones of those they want."""
    own = f"{found.partition}_s{found.space_id}_"
    kept = {
        next(
            (
                name
                for m, _ in reversed(logic.parameters_from(plan.m))
                if (name := msgspec.structs.replace(plan, m=m).name) in {index.name for index in existing}
            ),
            plan.name,
        )
        for plan in plans
    }
    return [index for index in existing if index.name.startswith(own) and index.name not in kept]
