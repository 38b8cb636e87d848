"""Pure functions of clusters: graphs, communities, the fit, arrivals, labels, the map."""

from likewise.engine.clusters.logic.assigning import Choice, State, choose, means_of
from likewise.engine.clusters.logic.fitting import Partition, fit_partition, group_means, group_sums, merged_small
from likewise.engine.clusters.logic.graph import Floats, Whole, unit
from likewise.engine.clusters.logic.layout import Axes, find_axes, pack_axes, place, unpack_axes
from likewise.engine.clusters.logic.matching import target_ids
from likewise.engine.clusters.logic.spelling import bands, text_hash, trigram_similarity, trigrams
from likewise.engine.clusters.logic.telling import Shape, label_of, shape_of, telling_words, words_of

__all__ = [
    "Axes",
    "Choice",
    "Floats",
    "Partition",
    "Shape",
    "State",
    "Whole",
    "bands",
    "choose",
    "find_axes",
    "fit_partition",
    "group_means",
    "group_sums",
    "label_of",
    "means_of",
    "merged_small",
    "pack_axes",
    "place",
    "shape_of",
    "target_ids",
    "telling_words",
    "text_hash",
    "trigram_similarity",
    "trigrams",
    "unit",
    "unpack_axes",
    "words_of",
]
