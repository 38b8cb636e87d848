"""How much of the past is read, how people are matched, how a feed is ranked; section `[recommend]`."""

from typing import ClassVar

from pydantic import Field

from likewise.platform.config import Section

__all__ = ["RecommendSettings"]


class RecommendSettings(Section):
    """`[recommend]` in the file, `LIKEWISE_RECOMMEND_...` in the environment."""

    section: ClassVar[str] = "recommend"

    # What arrives.
    batch_interactions_max: int = Field(5_000, ge=1, description="interactions of one batch")
    event_items_max: int = Field(50, ge=1, le=80, description="items named in one event")
    fanout_users_max: int = Field(1_000, ge=1, description="users told that an item they turned to has changed")

    # How much each kind of interaction says; disliking and less-like-this work on the ranking, not on profiles.
    strength_view: float = Field(0.1, ge=0, description="strength of a view")
    strength_like: float = Field(1.0, ge=0, description="strength of a like")
    strength_upvote: float = Field(1.0, ge=0, description="strength of an upvote")
    strength_comment: float = Field(1.0, ge=0, description="strength of a comment")

    # Profiles.
    profile_acts_max: int = Field(200, ge=1, description="latest interactions, and latest own items, of a profile")
    half_life_days: float = Field(90, gt=0, description="days after which an act counts half")
    written_share: float = Field(0.5, ge=0, le=1, description="share of what was written, of who wrote and liked")
    vector_look_s: float = Field(0.5, gt=0, description="seconds until items without a vector are looked at again")
    vector_looks_max: int = Field(12, ge=1, le=30, description="looks, each after twice the time, for such vectors")
    consumer_users_max: int = Field(20, ge=1, description="profiles made in one go, which bounds memory")

    # People alike.
    neighbours_max: int = Field(100, ge=1, le=500, description="users kept as most alike one")
    keep_interval_s: float = Field(0.2, gt=0, description="seconds between two looks for profiles that have moved")
    keep_users_max: int = Field(50, ge=1, description="moved profiles matched in one look")
    rebuild_users_min: int = Field(2_000, ge=1, description="moved profiles that ask for a rebuild instead")
    rebuild_pause_s: float = Field(60, gt=0, description="seconds between two rebuilds that moved profiles ask for")
    rebuild_age_hours: float = Field(20, gt=0, description="age from which the nightly schedule rebuilds, hours")
    block_rows: int = Field(256, ge=1, description="users compared with all others in one matrix product")
    write_rows: int = Field(2_000, ge=1, description="rows that a rebuild writes in one statement")

    # What people do with the same items. Measured on MovieLens 100K (benchmarks/recommend_quality_bench.py).
    factors: int = Field(32, ge=2, le=256, description="dimension of the matrix factorisation")
    factor_rounds: int = Field(10, ge=1, le=100, description="rounds of alternating least squares")
    factor_regularisation: float = Field(3.0, gt=0, description="ridge, times the root of a row's interactions")
    factor_confidence: float = Field(4.0, ge=0, description="how much more an interaction counts than its absence")
    affinity_items_max: int = Field(5_000, ge=1, description="most liked items that get weights from item to item")
    affinity_regularisation: float = Field(40, gt=0, description="ridge of the weights from item to item")
    affinities_kept: int = Field(100, ge=1, le=1_000, description="weights kept for an item")
    affinity_share: float = Field(0.25, ge=0, le=1, description="share of the weights, beside the factorisation")
    rebuild_interactions_max: int = Field(20_000_000, ge=1, description="interactions a rebuild reads at most")

    # Trending: (points) / max(age, trending_age_min_hours) ^ trending_age_power over the window.
    trending_upvote: float = Field(2.0, ge=0, description="points of an upvote or a like")
    trending_comment: float = Field(3.0, ge=0, description="points of a comment")
    trending_view: float = Field(0.1, ge=0, description="points of a view")
    trending_age_power: float = Field(1.0, ge=0, le=4, description="power of the age that points are divided by")
    trending_age_min_hours: float = Field(1.0, gt=0, description="age below which an item counts as that old, hours")
    trending_window_hours: float = Field(168, gt=0, description="age up to which an item may trend, hours")
    shelf_s: float = Field(2, ge=0, description="seconds for which trending, fresh and popular lists are remembered")
    shelf_items: int = Field(200, ge=1, le=2_000, description="items of such a list")
    shelf_tenants_max: int = Field(1_000, ge=1, description="collections whose lists are remembered")

    # The feed.
    candidates_of_source: int = Field(100, ge=1, le=1_000, description="items that one source brings")
    candidates_max: int = Field(250, ge=10, le=5_000, description="items that are ranked")
    people_asked: int = Field(20, ge=1, le=100, description="similar users whose likes are looked at")
    liked_of_each: int = Field(15, ge=1, le=100, description="latest likes of each similar user")
    affinity_seeds: int = Field(50, ge=1, le=200, description="own latest likes whose affine items are looked at")
    exact_rows_max: int = Field(4_000, ge=1, description="passages compared one by one rather than by an index")
    ef_search: int = Field(150, ge=1, le=1_000, description="size of the HNSW search's candidate list")
    weight_meaning: float = Field(0.30, ge=0, description="weight of likeness in meaning to the profile")
    weight_taste: float = Field(0.35, ge=0, description="weight of what people with the same likes liked")
    weight_people: float = Field(0.15, ge=0, description="weight of similar users' likes")
    weight_engagement: float = Field(0.15, ge=0, description="weight of points")
    weight_recency: float = Field(0.10, ge=0, description="weight of being new")
    weight_category: float = Field(0.10, ge=0, description="weight of the user's and the followed categories")
    weight_near: float = Field(0.10, ge=0, description="weight of being near, where a place was told")
    recency_half_life_hours: float = Field(72, gt=0, description="age at which an item counts as half new, hours")
    less_weight: float = Field(0.6, ge=0, description="taken off for being like something to show less of")
    less_items_max: int = Field(50, ge=1, description="latest disliked items that are heeded")
    seen_decay: float = Field(0.8, ge=0, le=1, description="factor for each time an item was shown and left alone")
    seen_half_life_days: float = Field(7, gt=0, description="days after which having been shown counts half")
    diversity: float = Field(0.25, ge=0, le=1, description="share of being unlike what stands above (MMR)")
    author_share_max: float = Field(0.2, gt=0, le=1, description="share of a feed by one author; two at least")
    category_share_max: float = Field(0.5, gt=0, le=1, description="share of a feed in one category; two at least")

    # Learning from feedback.
    learn_impressions_min: int = Field(500, ge=10, description="impressions from which weights are learned")
    learn_impressions_max: int = Field(200_000, ge=10, description="latest impressions that are learned from")
    record_buffer_max: int = Field(20_000, ge=1, description="impressions waiting to be written; more are dropped")
    record_interval_s: float = Field(0.5, gt=0, description="seconds between two writes of impressions")
    impressions_days: int = Field(30, ge=1, description="days for which impressions are kept")

    # Evaluation.
    evaluation_share: float = Field(0.75, gt=0, lt=1, description="share of each user's past that is learned from")
    evaluation_users_max: int = Field(5_000, ge=10, description="users who are evaluated")
    evaluation_items_max: int = Field(20_000, ge=10, description="most liked items that are evaluated")
