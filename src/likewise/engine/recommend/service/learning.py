"""Ranking weights learned from what the tenant's users did with what they were shown; used only if they are better."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import numpy as np

from likewise.engine.recommend import logic, store
from likewise.engine.recommend.model import FEATURES
from likewise.engine.recommend.settings import RecommendSettings
from likewise.platform.feature import App

__all__ = ["default_weights", "learn_weights"]

_TRAIN_SHARE = 0.75
_GAIN_MIN = 0.005
"""How much better than the default, in share of pairs put in the right order, learned weights must be."""


def default_weights(settings: RecommendSettings) -> dict[str, float]:
    """The weights of the settings, by feature."""
    return {name: float(getattr(settings, f"weight_{name}")) for name in FEATURES}


async def learn_weights(
    app: App, tenant_id: UUID, *, collection_id: UUID
) -> tuple[dict[str, float], dict[str, object]]:
    """Weights by feature, empty where the default stays; and the figures that decided it.

    Learned from the earlier three quarters of the impressions, judged on the later quarter.
    """
    settings = app.settings.get(RecommendSettings)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        lessons = await store.list_lessons(tx, collection_id=collection_id, limit=settings.learn_impressions_max)
    lessons = [lesson for lesson in lessons if len(lesson.features) == len(FEATURES)]
    if len(lessons) < settings.learn_impressions_min:
        return {}, {"impressions": len(lessons), "needed": settings.learn_impressions_min}
    return await asyncio.to_thread(_learn, lessons, default_weights(settings))


def _learn(lessons: Sequence[store.Lesson], default: dict[str, float]) -> tuple[dict[str, float], dict[str, object]]:
    ordered = sorted(lessons, key=lambda lesson: lesson.shown_at)
    features = np.array([lesson.features for lesson in ordered], dtype=np.float64)
    clicks = np.array([lesson.is_clicked for lesson in ordered], dtype=np.float64)
    numbers: dict[str, int] = {}
    users = np.array([numbers.setdefault(lesson.user_key, len(numbers)) for lesson in ordered])
    cut = round(_TRAIN_SHARE * len(ordered))
    fitted = logic.fit_weights(features[:cut], clicks[:cut])
    usual = np.array([default[name] for name in FEATURES])
    judged = (features[cut:], clicks[cut:], users[cut:])
    before, after = logic.pairwise_accuracy(*judged, usual), logic.pairwise_accuracy(*judged, fitted)
    report: dict[str, object] = {"impressions": len(ordered), "default": before, "learned": after}
    if before is None or after is None or after < before + _GAIN_MIN or not fitted.sum():
        return {}, report
    scale = usual.sum() / fitted.sum()
    return {name: float(value * scale) for name, value in zip(FEATURES, fitted, strict=True)}, report
