"""How insights look from outside."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from likewise.engine.patterns.model import Insight, InsightKind
from likewise.platform.ids import encode_id

__all__ = ["InsightDetail", "InsightView", "insight_view"]


class InsightView(msgspec.Struct, frozen=True, kw_only=True):
    """Something remarkable, with the figures it rests on. `expired_at` is set once it does not hold any more."""

    id: str
    kind: InsightKind
    subject: str
    sentence: str
    strength: float
    facts: Mapping[str, float | int | str]
    first_seen: datetime
    last_seen: datetime
    expired_at: datetime | None


class InsightDetail(msgspec.Struct, frozen=True):
    """An insight and keys of the newest items it rests on."""

    insight: InsightView
    evidence: list[str]


def insight_view(insight: Insight) -> InsightView:
    """An insight with its id spelled `ins_...`."""
    return InsightView(
        id=encode_id("ins", insight.id),
        kind=insight.kind,
        subject=insight.subject,
        sentence=insight.sentence,
        strength=round(insight.strength, 4),
        facts=insight.facts,
        first_seen=insight.first_seen,
        last_seen=insight.last_seen,
        expired_at=insight.expired_at,
    )
