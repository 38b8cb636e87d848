"""How many vectors are worth comparing one by one on this machine: timed, not guessed."""

import asyncio
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from likewise.engine.embedding import Embedder
from likewise.engine.search import logic, store
from likewise.engine.search.model import Calibration
from likewise.engine.search.service.catalog import PartitionCatalog
from likewise.engine.search.settings import SearchSettings
from likewise.platform.feature import App

__all__ = ["calibrate", "find_calibration"]

_TOPICS = 200
_SPREAD = 0.6
"""Made-up vectors lie around topics, as those of real texts do: a graph over pure noise is slower than it ever is."""
_ROWS_LEAST, _ROWS_MOST = 1_000, 20_000
"""A busy moment must not talk anybody into comparing a million vectors, or into an index for a hundred."""


async def calibrate(app: App, *, keep: bool = True) -> Calibration:
    """Time exact comparing by size against an index, and find where they break even; searches follow from then on.

    Some ten seconds of one connection, on a temporary table. Without `keep` it is only told.
    """
    settings = app.settings.get(SearchSettings)
    dimension = app.resource(Embedder).space.dimension
    most = settings.calibration_rows_max
    sizes = [most // 8, most // 4, most // 2, most]
    vectors = await asyncio.to_thread(_made_up, most, dimension)
    async with app.db.owner_connection() as connection:
        exact_us, approximate_us = await store.time_comparing(
            connection, vectors, sizes=sizes, ef_search=settings.ef_search, depth=settings.depth_alone
        )
    found = _judge(app, sizes, exact_us, approximate_us, dimension=dimension)
    if keep:
        async with app.db.maintenance() as tx:
            await store.insert_calibration(tx, found)
        app.resource(PartitionCatalog).forget()
    return found


async def find_calibration(app: App) -> Calibration | None:
    """The one searches follow now."""
    async with app.db.maintenance() as tx:
        return await store.find_calibration(tx)


def _judge(
    app: App, sizes: Sequence[int], exact_us: Sequence[float], approximate_us: float, *, dimension: int
) -> Calibration:
    row_us, rows = logic.break_even_rows(sizes, exact_us, approximate_us=approximate_us)
    return Calibration(
        measured_at=app.clock.now(),
        dimension=dimension,
        exact_row_us=round(row_us, 3),
        approximate_us=round(approximate_us, 1),
        exact_rows_max=min(max(rows, _ROWS_LEAST), _ROWS_MOST),
    )


def _made_up(count: int, dimension: int) -> NDArray[np.float32]:
    chance = np.random.default_rng(20_261_121)
    topics = chance.standard_normal((_TOPICS, dimension), dtype=np.float32)
    rows = topics[chance.integers(_TOPICS, size=count)]
    rows += _SPREAD * chance.standard_normal((count, dimension), dtype=np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)
