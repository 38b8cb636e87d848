"""Interactions from a file, in batches; run again after an interruption: what is there already does no work."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from itertools import islice
from uuid import UUID

import msgspec

from likewise.engine.recommend.model import Interaction, RowProblem, Stored
from likewise.engine.recommend.service.acting import put_interactions
from likewise.engine.recommend.settings import RecommendSettings
from likewise.platform.feature import App

__all__ = ["Loaded", "load_interactions"]

_PROBLEMS_KEPT = 100


class Loaded(msgspec.Struct, frozen=True):
    """What a file came to: rows read, new or changed, there already, refused; the first problems."""

    rows: int
    changed: int
    unchanged: int
    rejected: int
    problems: list[RowProblem]


async def load_interactions(
    app: App,
    tenant_id: UUID,
    *,
    collection: str,
    rows: Iterator[Interaction | RowProblem],
    tell: Callable[[int], Awaitable[None]] | None = None,
) -> Loaded:
    """Store the rows of a file. `tell` hears how many were read. Raises CollectionNotFound, InteractionsRefused."""
    size = app.settings.get(RecommendSettings).batch_interactions_max
    total = Loaded(0, 0, 0, 0, [])
    while batch := await asyncio.to_thread(lambda: list(islice(rows, size))):
        good = [row for row in batch if isinstance(row, Interaction)]
        bad = [row for row in batch if isinstance(row, RowProblem)]
        stored = await put_interactions(app, tenant_id, collection=collection, interactions=good)
        total = _added(total, len(batch), bad, stored)
        if tell is not None:
            await tell(total.rows)
    return total


def _added(total: Loaded, rows: int, bad: list[RowProblem], stored: Stored) -> Loaded:
    placed = [RowProblem(total.rows + one.row + 1, one.reason) for one in stored.problems]
    return Loaded(
        rows=total.rows + rows,
        changed=total.changed + stored.changed,
        unchanged=total.unchanged + stored.unchanged,
        rejected=total.rejected + len(bad) + len(placed),
        problems=(total.problems + bad + placed)[:_PROBLEMS_KEPT],
    )
