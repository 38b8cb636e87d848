"""The mathematics of search: fusion, planning, words, filters, highlights, examples."""

import math
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from likewise.engine.collections import Filter
from likewise.engine.search import logic
from likewise.engine.search.logic.words import edit_distance
from likewise.engine.search.model import (
    Arm,
    Fusion,
    Hit,
    KnownWord,
    NearWord,
    Partition,
    SearchRequest,
)

INDEXED = Partition(1_000_000, has_index=True)


def hit(item: int, score: float = 1.0, passage: int | None = None) -> Hit:
    return Hit(UUID(int=1_000_000 + (item if passage is None else passage)), UUID(int=item), score)


def items(fused: list[logic.Fused]) -> list[int]:
    return [one.item_id.int for one in fused]


# Fusion


def test_item_found_by_two_arms_beats_the_best_of_one() -> None:
    fused = logic.fuse({"vector": [hit(1), hit(2)], "lexical": [hit(3), hit(2)]}, method="rrf", weights={})
    assert items(fused)[0] == 2
    assert fused[0].score == pytest.approx(2 / 62)
    assert fused[0].arms["vector"].rank == 2


def test_weight_of_an_arm_decides_between_equals() -> None:
    found: dict[Arm, list[Hit]] = {"vector": [hit(1)], "lexical": [hit(2)]}
    assert items(logic.fuse(found, method="rrf", weights={"lexical": 2.0})) == [2, 1]
    assert items(logic.fuse(found, method="rrf", weights={"vector": 2.0})) == [1, 2]


def test_weighted_fusion_brings_scores_of_each_arm_to_one_scale() -> None:
    found: dict[Arm, list[Hit]] = {
        "vector": [hit(1, 0.9), hit(2, 0.8), hit(3, 0.1)],
        "lexical": [hit(2, 40.0), hit(4, 10.0)],
    }
    fused = logic.fuse(found, method="weighted", weights={})
    assert items(fused) == [2, 1, 4, 3]
    assert fused[0].score == pytest.approx(1 + 0.7 / 0.8)


def test_arm_of_equal_scores_does_not_divide_by_zero() -> None:
    fused = logic.fuse({"lexical": [hit(1, 2.0), hit(2, 2.0)]}, method="weighted", weights={})
    assert [one.score for one in fused] == [1.0, 1.0]


def test_best_passage_speaks_for_its_item() -> None:
    hits = [hit(1, 0.9, passage=11), hit(2, 0.8, passage=21), hit(1, 0.7, passage=12)]
    best = logic.best_of_items(hits)
    assert [(one.item_id.int, one.passage_id.int - 1_000_000) for one in best] == [(1, 11), (2, 21)]


@given(
    st.lists(st.integers(1, 60), unique=True, max_size=40),
    st.lists(st.integers(1, 60), unique=True, max_size=40),
    st.integers(1, 20),
    st.sampled_from(["rrf", "weighted"]),
)
def test_deeper_stages_extend_the_list_and_never_reorder_it(
    left: list[int], right: list[int], depth: int, method: Fusion
) -> None:
    found: dict[Arm, list[Hit]] = {
        "vector": [hit(item, 1 / place) for place, item in enumerate(left, 1)],
        "lexical": [hit(item, 9 / place) for place, item in enumerate(right, 1)],
    }
    cut: dict[Arm, list[Hit]] = {arm: hits[:depth] for arm, hits in found.items()}
    shallow = logic.fuse(cut, method=method, weights={})
    deep = items(logic.extend_order(shallow, logic.fuse(found, method=method, weights={})))
    assert deep[: len(shallow)] == items(shallow)
    assert sorted(deep) == sorted({*left, *right})


# Planning


def plan(**changes: Any) -> str:
    facts: dict[str, Any] = {
        "passages": 1_000_000,
        "matching": None,
        "partition": INDEXED,
        "depth": 100,
        "exact_rows_max": 4_000,
    }
    return logic.plan_vector(**{**facts, **changes})


def test_small_collection_is_compared_exactly() -> None:
    assert plan(passages=4_000) == "exact"


def test_selective_filter_is_looked_at_item_by_item() -> None:
    assert plan(matching=50) == "selective"


def test_large_collection_uses_the_index_where_there_is_one() -> None:
    assert plan() == "approximate"
    assert plan(partition=Partition(1_000_000, has_index=False)) == "exact"


def test_small_share_of_a_crowded_partition_is_compared_exactly() -> None:
    assert plan(passages=5_000, partition=Partition(2_000_000, has_index=True)) == "exact"
    assert plan(passages=5_000, partition=Partition(5_000, has_index=True)) == "approximate"


def test_few_matching_items_are_looked_at_and_many_are_scanned_for() -> None:
    def items_max(passages: int) -> int:
        return logic.selective_items_max(passages=passages, depth=100, exact_rows_max=4_000)

    assert 1_000 < items_max(10_000) < 3_000
    assert items_max(1_000_000) == 4_000
    assert items_max(0) > 0


def test_larger_partitions_get_denser_graphs() -> None:
    assert logic.index_parameters(100_000) == (16, 64)
    assert logic.index_parameters(100_001) == (24, 128)
    assert logic.index_parameters(2_000_000) == (32, 200)
    assert logic.parameters_from(24) == [(24, 128), (32, 200)]


def test_tenant_is_a_giant_only_beside_others() -> None:
    assert logic.is_giant(300_000, of=400_000, rows_min=200_000)
    assert not logic.is_giant(199_999, of=400_000, rows_min=200_000)
    assert not logic.is_giant(300_000, of=301_000, rows_min=200_000)


def test_rare_words_choose_the_candidates_and_common_ones_wait() -> None:
    found = logic.plan_words({"light": 90_000, "sky": 60_000, "triangl": 300}, ranked_max=500).candidates
    assert found == (
        "'triangl'",
        "'triangl' | 'sky' & ('light')",
        "'triangl' | 'sky' | 'light'",
    )


def test_query_of_common_words_asks_for_them_together_first() -> None:
    found = logic.plan_words({"light": 90_000, "sky": 60_000}, ranked_max=500).candidates
    assert found == ("'sky' & ('light')", "'sky' | 'light'")


def test_query_of_unknown_words_has_no_candidates() -> None:
    assert logic.plan_words({}, ranked_max=500).candidates == ()


# Words


def test_words_are_split_without_punctuation_and_repeats() -> None:
    assert logic.split_words("  The O'Hare sighting, the... (2006)! ", words_max=64) == [
        "the",
        "o'hare",
        "sighting",
        "2006",
    ]
    assert logic.split_words("a b c", words_max=2) == ["a", "b"]


@given(st.text(max_size=20))
def test_quoted_lexeme_keeps_quotes_and_backslashes(lexeme: str) -> None:
    quoted = logic.quote_lexeme(lexeme)
    assert quoted[1:-1].replace("\\\\", "\\").replace("''", "'") == lexeme


def test_rarer_words_weigh_more_and_none_weighs_less_than_nothing() -> None:
    weights = [logic.inverse_frequency(count, total=1_000) for count in (1, 10, 500, 1_000, 2_000)]
    assert weights == sorted(weights, reverse=True)
    assert weights[-1] > 0
    assert weights[0] == pytest.approx(math.log(1 + 999.5 / 1.5))


def test_neighbouring_letters_swapped_are_one_slip() -> None:
    assert edit_distance("traingle", "triangle") == 1
    assert edit_distance("triangel", "triangle") == 1
    assert edit_distance("", "abc") == 3
    assert edit_distance("kitten", "sitting") == 3


def test_misspelt_word_is_corrected_to_its_nearest_neighbour() -> None:
    words = [KnownWord("traingle", ["traingl"], [0]), KnownWord("lights", ["light"], [400])]
    near = [
        NearWord("traingle", "triangles", "triangl", 300, 0.4),
        NearWord("traingle", "trailing", "trail", 900, 0.42),
        NearWord("traingle", "triangle", "triangl", 300, 0.38),
    ]
    assert logic.suspicious_words(words) == ["traingle"]
    found = logic.correct(words, near)
    assert found.shown == {"traingle": "triangle"}
    assert "trail" not in found.likeness
    assert found.document_counts == {"triangl": 300}
    assert logic.replace_words("Traingle LIGHTS", found.shown) == "Triangle LIGHTS"


def test_rare_word_in_use_is_doubted_only_beside_a_far_commoner_one() -> None:
    words = [KnownWord("smyth", ["smyth"], [2])]
    assert logic.correct(words, [NearWord("smyth", "smith", "smith", 39, 0.5)]).shown == {}
    assert logic.correct(words, [NearWord("smyth", "smith", "smith", 40, 0.5)]).shown == {"smyth": "smith"}


def test_much_commoner_word_wins_over_somebody_elses_slip() -> None:
    words = [KnownWord("chnaged", ["chnage"], [1]), KnownWord("recieved", ["reciev"], [0])]
    near = [
        NearWord("chnaged", "changed", "chang", 12, 0.33),
        NearWord("chnaged", "charged", "charg", 90, 0.36),
        NearWord("recieved", "recieve", "recieved", 1, 0.8),
        NearWord("recieved", "received", "receiv", 57, 0.45),
    ]
    found = logic.correct(words, near)
    assert found.shown == {"chnaged": "changed", "recieved": "received"}
    # A word that is nearly as rare as what was typed is not worth a doubt.
    assert logic.correct(words[:1], [NearWord("chnaged", "changed", "chang", 3, 0.33)]).shown == {}


def test_known_words_numbers_and_short_words_are_not_suspected() -> None:
    words = [
        KnownWord("light", ["light"], [3]),
        KnownWord("2006x", ["2006x"], [0]),
        KnownWord("teh", ["teh"], [0]),
        KnownWord("the", [], []),
    ]
    assert logic.suspicious_words(words) == []


# Highlights


def test_only_words_that_may_stem_to_a_lexeme_are_looked_up() -> None:
    assert logic.find_words(["Triangular lights, tri-state trees"], {"triangl"}, words_max=10) == [
        "triangular",
        "tri",
    ]
    assert len(logic.find_words(["abca abcb abcc"], {"abc"}, words_max=2)) == 2


def test_spans_point_at_the_words_of_the_text_itself() -> None:
    text = "Zoë saw 🛸 LIGHTS; Lights' glow, lightly"
    stems = {"lights": ["light"], "lightly": ["light"], "lights'": ["light"]}
    spans = logic.spans_of(text, stems, {"light"})
    assert [text[start:end] for start, end in spans] == ["LIGHTS", "Lights", "lightly"]


# Examples


def test_direction_points_to_the_positive_and_away_from_the_negative() -> None:
    east, north = np.array([[2.0, 0.0]], np.float32), np.array([[0.0, 5.0]], np.float32)
    alone = logic.rocchio(east, np.zeros((0, 2), np.float32))
    assert alone == pytest.approx([1.0, 0.0])
    pushed = logic.rocchio(east, north)
    assert pushed[0] > 0 > pushed[1]
    assert np.linalg.norm(pushed) == pytest.approx(1.0)


def test_opposite_examples_that_cancel_leave_the_positive_mean() -> None:
    one = np.array([[1.0, 0.0], [-1.0, 0.0]], np.float32)
    found = logic.rocchio(one, np.array([[1.0, 0.0]], np.float32))
    assert np.isfinite(found).all()


# Measures


def test_recall_counts_ties_with_the_last_and_nothing_twice() -> None:
    assert logic.held_share([0.9, 0.8, 0.7], [0.9, 0.8, 0.7]) == 1
    assert logic.held_share([0.9, 0.7], [0.9, 0.8, 0.7]) == pytest.approx(2 / 3)
    assert logic.held_share([0.9, 0.7, 0.6, 0.6], [0.9, 0.8, 0.7]) == pytest.approx(2 / 3)
    assert logic.held_share([], []) == 1


def test_index_pays_from_where_the_lines_cross() -> None:
    row_us, rows = logic.break_even_rows([1_000, 2_000, 4_000], [1_500, 2_500, 4_500], approximate_us=5_500)
    assert row_us == pytest.approx(1)
    assert rows == 5_000
    assert logic.break_even_rows([1_000, 2_000], [3_000, 4_000], approximate_us=100)[1] == 0


def test_percentile_of_classes_is_their_upper_bound() -> None:
    counts = [0, 5, 9, 10, 10, 10, 10, 10, 10, 10]
    assert logic.middle_of_classes(counts, 0.5) == 2
    assert logic.middle_of_classes(counts, 0.95) == 10
    assert logic.middle_of_classes([0] * 9 + [4], 0.5) is None
    assert logic.middle_of_classes([], 0.5) is None


# Cursors


def test_cursor_of_a_list_does_not_depend_on_the_page() -> None:
    first = SearchRequest(query="a", collection="c")
    assert logic.fingerprint(first) == logic.fingerprint(SearchRequest(query="a", collection="c", k=3, after="x"))
    assert logic.fingerprint(first) != logic.fingerprint(SearchRequest(query="b", collection="c"))
    other = SearchRequest(query="a", collection="c", filter=Filter(author=("ann",)))
    assert logic.fingerprint(first) != logic.fingerprint(other)
