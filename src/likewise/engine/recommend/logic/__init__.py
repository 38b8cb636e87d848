"""Recommendation's pure functions: profiles, nearness, factorisation, ranking, learning, measures."""

from likewise.engine.recommend.logic.factors import Factors, Ratings, factorise, item_weights, taste_scores
from likewise.engine.recommend.logic.learning import fit_weights, pairwise_accuracy
from likewise.engine.recommend.logic.measures import best_unseen, measure, split_by_share, split_by_time
from likewise.engine.recommend.logic.nearest import nearest_rows
from likewise.engine.recommend.logic.packing import (
    Ids,
    Scores,
    merge_neighbour,
    pack_items,
    pack_users,
    sum_items,
    unpack_users,
    user_columns,
)
from likewise.engine.recommend.logic.profiles import Act, Portrait, category_vector, fold_in, portray
from likewise.engine.recommend.logic.ranking import (
    Features,
    Shown,
    choose_diverse,
    feature_matrix,
    penalties,
    reasons_of,
    scaled,
    seen_factor,
)

__all__ = [
    "Act",
    "Factors",
    "Features",
    "Ids",
    "Portrait",
    "Ratings",
    "Scores",
    "Shown",
    "best_unseen",
    "category_vector",
    "choose_diverse",
    "factorise",
    "feature_matrix",
    "fit_weights",
    "fold_in",
    "item_weights",
    "measure",
    "merge_neighbour",
    "nearest_rows",
    "pack_items",
    "pack_users",
    "pairwise_accuracy",
    "penalties",
    "portray",
    "reasons_of",
    "scaled",
    "seen_factor",
    "split_by_share",
    "split_by_time",
    "sum_items",
    "taste_scores",
    "unpack_users",
    "user_columns",
]
