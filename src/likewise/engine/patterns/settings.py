"""What patterns show and how far they look; section `[patterns]`."""

from typing import ClassVar

from pydantic import Field

from likewise.platform.config import Section

__all__ = ["PatternsSettings"]


class PatternsSettings(Section):
    """`[patterns]` in the file, `LIKEWISE_PATTERNS_...` in the environment."""

    section: ClassVar[str] = "patterns"

    # Not below PAIR_ITEMS_MIN of the model: pairs of smaller groups are not counted.
    group_items_min: int = Field(10, ge=5, description="items a group has at least before anything is told of it")
    tested_max: int = Field(100_000, ge=100, description="values counted as tested in one question")
    values_max: int = Field(200, ge=1, le=2_000, description="values of a key, or associations, in one answer")
    partners_max: int = Field(1_000, ge=100, description="values compared with a group, the most frequent in it")
    drift_values_max: int = Field(50, ge=2, le=500, description="values of a key whose drift is looked at")
    trend_values_max: int = Field(20, ge=1, le=500, description="values of a key whose trends are looked at")
    months_max: int = Field(600, ge=12, description="months of one trend")
    period_months_max: int = Field(120, ge=1, description="months of one period")
    false_share_max: float = Field(0.05, gt=0, lt=1, description="accepted share of false findings (q)")
    attributes_batch_max: int = Field(5_000, ge=1, description="attributes put in one call")
    keys_max: int = Field(200, ge=1, description="keys of a collection that are listed")
    evidence_items: int = Field(10, ge=1, le=100, description="items shown as evidence of an insight")
    evidence_scanned_max: int = Field(20_000, ge=100, description="items looked through for evidence")
    insights_max: int = Field(500, ge=1, description="insights kept of a collection at a time")
    insight_terms_max: int = Field(200_000, ge=1_000, description="terms looked at in one refresh, the commonest")
    insight_pairs_max: int = Field(2_000_000, ge=1_000, description="pairs of terms looked at in one refresh")
    insight_page_rows: int = Field(20_000, ge=100, description="pairs read at once while refreshing")
    insight_lift_min: float = Field(1.2, ge=1, description="times as often as elsewhere, at least (or as seldom)")
    insights_cron: str = Field("20 3 * * *", description="when insights are refreshed (five fields, UTC), or off")
