"""Questions about time: does a value's share rise or fall, is a key's distribution another than before."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
import numpy as np

from likewise.engine.patterns import store
from likewise.engine.patterns.errors import KeyUnknown
from likewise.engine.patterns.logic.contingency import adjust, compare, divergence_bits, g_test, newcombe
from likewise.engine.patterns.logic.special import Floats
from likewise.engine.patterns.logic.terms import context_term, key_term, value_term
from likewise.engine.patterns.logic.trending import Line, fit_line, month_number
from likewise.engine.patterns.model import MONTH_KEY, Drift, DriftValue, Trend, TrendPoint, Trends
from likewise.engine.patterns.service.asking import get_key
from likewise.engine.patterns.service.groups import get_collection_id, read_months
from likewise.engine.patterns.settings import PatternsSettings
from likewise.platform.db import Tx
from likewise.platform.feature import App

__all__ = ["get_drift", "list_trends"]


class _Series(msgspec.Struct, frozen=True):
    """Months, items whose key is known in each, and items with each value in each (value by month)."""

    months: list[str]
    known: Floats
    values: list[store.TermRow]
    counts: Floats


async def list_trends(
    app: App, tenant_id: UUID, *, collection: str, key: str, value: str | None = None, limit: int | None = None
) -> Trends:
    """How the shares of a key's values move by the month; all commonest values, or one.

    Raises CollectionNotFound, KeyUnknown.
    """
    settings = app.settings.get(PatternsSettings)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        collection_id = await get_collection_id(tx, name=collection)
        await get_key(
            tx, collection_id=collection_id, collection=collection, key=key, items_min=settings.group_items_min
        )
        series = await _read_series(tx, collection_id, key=key, value=value, settings=settings)
    if value is not None and not series.values:
        raise KeyUnknown(collection=collection, key=f"{key}: {value}")
    moments = np.array([month_number(month) for month in series.months], dtype=np.float64)
    lines = [fit_line(moments, counts, series.known) for counts in series.counts]
    tested = [(place, line) for place, line in enumerate(lines) if line is not None]
    q = adjust(np.array([line.p for _, line in tested], dtype=np.float64), tested=len(tested))
    trends = [
        _trend(series, place, line, float(q[n]), key=key, settings=settings) for n, (place, line) in enumerate(tested)
    ]
    trends.sort(key=lambda trend: (not trend.significant, trend.q, -abs(trend.slope_per_year)))
    return Trends(key, len(tested), trends[: limit or settings.trend_values_max])


async def get_drift(
    app: App, tenant_id: UUID, *, collection: str, key: str, before: tuple[str, str], after: tuple[str, str]
) -> Drift:
    """Whether a key's values are distributed otherwise in one period (first and last month) than in an earlier one.

    Raises CollectionNotFound, KeyUnknown, GroupRefused.
    """
    settings = app.settings.get(PatternsSettings)
    least = settings.group_items_min
    periods = [read_months(*period, settings=settings) for period in (before, after)]
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        collection_id = await get_collection_id(tx, name=collection)
        await get_key(tx, collection_id=collection_id, collection=collection, key=key, items_min=least)
        values = await store.list_values(
            tx, collection_id=collection_id, key=key, items_min=least, limit=settings.drift_values_max
        )
        months = [[context_term(collection_id, MONTH_KEY, month).id for month in period] for period in periods]
        own = key_term(collection_id, key).id
        ids = [row.id for row in values]
        matrix = await store.count_matrix(
            tx, collection_id=collection_id, term_ids=[*ids, own], groups=list(dict.fromkeys(months[0] + months[1]))
        )
    table = np.array([[sum(matrix.get((term, m), 0) for m in side) for term in ids] for side in months], np.float64)
    known = [float(sum(matrix.get((own, m), 0) for m in side)) for side in months]
    return _drift(key, (before, after), values, table.reshape(2, len(ids)), known, settings=settings)


def _drift(
    key: str,
    periods: tuple[tuple[str, str], tuple[str, str]],
    values: Sequence[store.TermRow],
    table: Floats,
    known: Sequence[float],
    *,
    settings: PatternsSettings,
) -> Drift:
    least = settings.group_items_min
    is_enough = min(known) >= least
    # What is too rare to be told of, and what is not among the commonest, is one more value.
    common = table.sum(axis=0) >= least
    rest = np.maximum(np.array(known) - table[:, common].sum(axis=1), 0)
    pooled = np.column_stack([table[:, common], rest])
    g, degrees, p = g_test(*pooled) if is_enough else (0.0, 0, 1.0)
    moved: list[DriftValue] = []
    if is_enough and common.any():
        shown = [row for row, is_common in zip(values, common.tolist(), strict=True) if is_common]
        moved = _moved(shown, table[:, common], known, least=least)
    return Drift(
        key=key,
        before=" to ".join(dict.fromkeys(periods[0])),
        after=" to ".join(dict.fromkeys(periods[1])),
        items_before=int(known[0]) if known[0] >= least else 0,
        items_after=int(known[1]) if known[1] >= least else 0,
        divergence_bits=divergence_bits(*pooled) if is_enough else 0.0,
        g=g,
        degrees=degrees,
        p=p,
        data=moved,
    )


def _moved(shown: Sequence[store.TermRow], table: Floats, known: Sequence[float], *, least: int) -> list[DriftValue]:
    """Each value's change, the surest first."""
    visible = np.where(table >= least, table, 0.0)
    low, high = newcombe(visible[0], known[0], visible[1], known[1])
    both, all_of = table.astype(np.int64), [int(one) for one in known]
    result = compare(
        both[1], np.full(len(shown), all_of[1]), both[0] + both[1], np.full(len(shown), all_of[0] + all_of[1])
    )
    q = adjust(result.p, tested=len(shown))
    rows = [
        DriftValue(
            value=row.value,
            count_before=int(visible[0, n]) or None,
            count_after=int(visible[1, n]) or None,
            share_before=float(visible[0, n] / known[0]),
            share_after=float(visible[1, n] / known[1]),
            change=float(visible[1, n] / known[1] - visible[0, n] / known[0]),
            change_low=float(low[n]),
            change_high=float(high[n]),
            p=float(result.p[n]),
            q=float(q[n]),
        )
        for n, row in enumerate(shown)
    ]
    return sorted(rows, key=lambda row: (row.q, -abs(row.change)))


async def _read_series(
    tx: Tx, collection_id: UUID, *, key: str, value: str | None, settings: PatternsSettings
) -> _Series:
    months = await store.list_values(
        tx, collection_id=collection_id, kind="context", key=MONTH_KEY, items_min=1, limit=settings.months_max
    )
    months.sort(key=lambda row: row.value)
    if value is None:
        values = await store.list_values(
            tx,
            collection_id=collection_id,
            key=key,
            items_min=settings.group_items_min,
            limit=settings.trend_values_max,
        )
    else:
        wanted = [value_term(collection_id, key, value).id]
        found = await store.list_terms(tx, collection_id=collection_id, ids=wanted)
        values = [row for row in found if row.item_count >= settings.group_items_min]
    own = key_term(collection_id, key).id
    ids = [row.id for row in values]
    matrix = await store.count_matrix(
        tx, collection_id=collection_id, term_ids=[*ids, own], groups=[row.id for row in months]
    )
    return _Series(
        months=[row.value for row in months],
        known=np.array([matrix.get((own, row.id), 0) for row in months], dtype=np.float64),
        values=values,
        counts=np.array([[matrix.get((term, row.id), 0) for row in months] for term in ids], dtype=np.float64),
    )


def _trend(series: _Series, place: int, line: Line, q: float, *, key: str, settings: PatternsSettings) -> Trend:
    least = settings.group_items_min
    row, counts = series.values[place], series.counts[place]
    points = [
        TrendPoint(
            month=month,
            count=int(counts[n]) if counts[n] >= least else None,
            known=int(series.known[n]) if series.known[n] >= least else None,
            share=float(counts[n] / series.known[n]) if counts[n] >= least else None,
        )
        for n, month in enumerate(series.months)
    ]
    return Trend(
        key=key,
        value=row.value,
        count=row.item_count,
        share=float(counts.sum() / series.known.sum()),
        slope_per_year=line.slope_per_year,
        slope_low=line.low,
        slope_high=line.high,
        p=line.p,
        q=q,
        significant=q <= settings.false_share_max,
        points=points,
    )
