"""Everything people did in a collection as arrays, for what looks at all of it at once."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray

from likewise.engine.recommend import logic, store
from likewise.engine.recommend.model import InteractionRow
from likewise.engine.recommend.service.profiling import strengths_of
from likewise.engine.recommend.settings import RecommendSettings
from likewise.platform.feature import App

__all__ = ["Deeds", "read_deeds"]

_PAGE_ROWS = 20_000


class Deeds(msgspec.Struct, frozen=True):
    """Who turned to what, how much and when; the rows and columns have these names."""

    ratings: logic.Ratings
    times: NDArray[np.float64]
    user_keys: list[str]
    item_ids: list[UUID]


async def read_deeds(app: App, tenant_id: UUID, *, collection_id: UUID) -> Deeds:
    """Positive interactions, the strongest of each user and item; read page by page, no transaction held."""
    settings = app.settings.get(RecommendSettings)
    strengths = strengths_of(settings)
    users: dict[str, int] = {}
    items: dict[UUID, int] = {}
    strongest: dict[tuple[int, int], tuple[float, float]] = {}
    last: InteractionRow | None = None
    read = 0
    while read < settings.rebuild_interactions_max:
        async with app.db.tenant(tenant_id, read_only=True) as tx:
            page = await store.read_interactions(tx, collection_id=collection_id, after=last, limit=_PAGE_ROWS)
        _gather(page, strengths, users, items, strongest)
        read += len(page)
        if len(page) < _PAGE_ROWS:
            break
        last = page[-1]
    pairs = np.array(list(strongest), dtype=np.int64).reshape(-1, 2)
    values = np.array(list(strongest.values()), dtype=np.float64).reshape(-1, 2)
    ratings = logic.Ratings(pairs[:, 0], pairs[:, 1], values[:, 0].astype(np.float32), len(users), len(items))
    return Deeds(ratings, values[:, 1], list(users), list(items))


def _gather(
    page: Sequence[InteractionRow],
    strengths: dict[str, float],
    users: dict[str, int],
    items: dict[UUID, int],
    strongest: dict[tuple[int, int], tuple[float, float]],
) -> None:
    for row in page:
        strength = strengths.get(row.kind, 0.0) * row.weight
        if strength <= 0:
            continue
        pair = (users.setdefault(row.user_key, len(users)), items.setdefault(row.item_id, len(items)))
        if pair not in strongest or strongest[pair][0] < strength:
            strongest[pair] = (strength, row.happened_at.timestamp())
