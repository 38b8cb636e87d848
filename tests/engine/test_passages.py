"""Passages hold all of a body, stay within their bound, and never cut through a character."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from likewise.engine.collections.logic import clean_text, estimate_tokens, split_passages
from likewise.engine.collections.model import Passage

PIECES = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "\n", "\n\n", "# One\n", "## Two\n", "### Three\n\n", "```\n", "~~~\n", "| a | b |\n", "- item\n",
            "1. item\n",
            "A sentence. ", "Is it? ", "word ", "x" * 300, "\u4f60\u597d\u3002" * 30, "e\u0301" * 40, " \u0301",
            "\U0001f1e9\U0001f1ea" * 20, "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 15, "\U0001f44d\U0001f3fd" * 30,
            "\u0915\u094d\u0937\u093f " * 10, " " * 50,
        ]
    ),
)  # fmt: skip
BODIES = st.lists(PIECES, max_size=40).map("".join)
MARKS = ("Mn", "Mc", "Me")


def texts(body: str, passages: list[Passage]) -> list[str]:
    return [body[passage.start : passage.end] for passage in passages]


@given(BODIES, st.integers(16, 80), st.integers(0, 7))
@example("```\n\n\n" + "a" * 400, 16, 0)
@settings(max_examples=300, deadline=None)
def test_passages_hold_every_visible_character_in_order_and_overlap_only_when_asked(
    body: str, tokens_max: int, overlap: int
) -> None:
    passages = split_passages(body, tokens_max=tokens_max, overlap_tokens=overlap)
    assert [passage.ordinal for passage in passages] == list(range(len(passages)))
    covered = 0
    for passage in passages:
        assert passage.start < passage.end
        assert passage.end > covered
        assert not body[covered : max(covered, passage.start)].strip()
        if passage.start < covered:
            assert overlap > 0
            assert estimate_tokens(body[passage.start : covered]) <= overlap + 1
        covered = passage.end
    assert not body[covered:].strip()


@given(BODIES, st.integers(16, 80))
@settings(max_examples=300, deadline=None)
def test_no_passage_begins_inside_a_character(body: str, tokens_max: int) -> None:
    for passage in split_passages(body, tokens_max=tokens_max, overlap_tokens=tokens_max // 4):
        first, before = body[passage.start], body[passage.start - 1 : passage.start]
        if before in {"", "\n", "\t"}:
            continue
        assert unicodedata.category(first) not in MARKS
        assert first != "\u200d"
        assert before != "\u200d"
        assert not 0x1F3FB <= ord(first) <= 0x1F3FF


@given(BODIES, st.integers(16, 80))
@settings(max_examples=200, deadline=None)
def test_a_passage_is_within_the_bound_unless_it_is_one_character_with_its_marks(body: str, tokens_max: int) -> None:
    body = clean_text(body, bytes_max=10**7).text
    for text in texts(body, split_passages(body, tokens_max=tokens_max)):
        is_sequence = any(ord(c) > 0x2FF for c in text)
        assert estimate_tokens(text) <= tokens_max + (40 if is_sequence else 1)  # a cut word counts as two


def test_flags_are_cut_between_flags() -> None:
    body = "\U0001f1e9\U0001f1ea" * 300
    assert all(len(text) % 2 == 0 for text in texts(body, split_passages(body, tokens_max=33)))


def test_a_short_body_is_one_passage_and_white_space_is_none() -> None:
    assert split_passages(" Lost my card.\n", tokens_max=200) == [Passage(0, [], 0, 15)]
    assert split_passages(" \n\t", tokens_max=200) == []
    assert split_passages("", tokens_max=200) == []


def test_headings_open_passages_and_give_them_their_path() -> None:
    sentence = "The card did not arrive in the post. " * 6
    body = f"# Cards\n\n{sentence}\n\n## Lost ##\n\n{sentence}\n\n### Abroad\n{sentence}\n\n## Stolen\n{sentence}"
    passages = split_passages(body, tokens_max=64)
    assert [passage.heading_path for passage in passages] == [
        ["Cards"],
        ["Cards", "Lost"],
        ["Cards", "Lost", "Abroad"],
        ["Cards", "Stolen"],
    ]
    first_lines = [text.split("\n")[0] for text in texts(body, passages)]
    assert first_lines == ["# Cards", "## Lost ##", "### Abroad", "## Stolen"]


def test_a_title_is_never_parted_from_the_text_below_it() -> None:
    body = "# Guide\n\nShort.\n\n## Install\n\n" + "Download it and run it. " * 30
    for text in texts(body, split_passages(body, tokens_max=64)):
        assert not text.endswith("## Install")


def test_a_hash_in_fenced_code_is_no_heading() -> None:
    code = "```python\n# not a heading\nx = 1\n\ny = 2\n```"
    body = "# Real\n\n" + "Words that say something. " * 12 + f"\n\n{code}\n\n" + "More words that follow. " * 12
    passages = split_passages(body, tokens_max=64)
    assert {tuple(passage.heading_path) for passage in passages} == {("Real",)}
    assert sum(code in text for text in texts(body, passages)) == 1


def test_tables_and_list_items_stay_whole_while_they_fit() -> None:
    table = "| shape | count |\n| --- | --- |\n| disk | 12 |\n| light | 40 |"
    items = [f"- item {number} has a few words to say" for number in range(12)]
    body = "\n\n".join(["Some words before the table. " * 5, table, "\n".join(items)])
    found = texts(body, split_passages(body, tokens_max=48))
    assert sum(table in text for text in found) == 1
    for item in items:
        assert any(item in text for text in found)


def test_long_paragraphs_are_cut_after_sentences() -> None:
    body = "It was bright and silent over the lake. " * 60
    found = texts(body, split_passages(body, tokens_max=50))
    assert len(found) > 5
    assert all(text.startswith("It was") and text.endswith("lake.") for text in found)


def test_with_overlap_a_piece_begins_with_the_last_sentence_before_it() -> None:
    body = " ".join(f"Sentence number {number} says it." for number in range(60))
    passages = split_passages(body, tokens_max=50, overlap_tokens=12)
    for before, after in pairwise(passages):
        assert after.start < before.end
        assert body[after.start : before.end].startswith("Sentence number")


def test_many_tiny_sections_do_not_become_many_tiny_passages() -> None:
    body = "# a\nb\n" * 5_000
    assert len(split_passages(body, tokens_max=200)) < 1_000


def test_the_estimate_is_near_what_a_tokenizer_counts() -> None:
    # Counted by MiniLM's own tokenizer.
    for text, tokens in [
        ("I am still waiting on my card?", 8),
        ("\u6211\u60f3\u9000\u8d27\u5e76\u62ff\u56de\u6211\u7684\u94b1\uff0c\u8bf7\u95ee\u600e\u4e48\u529e\uff1f", 17),
        ("What can I do if my card still hasn't arrived after 2 weeks?", 16),
    ]:
        assert tokens * 0.75 <= estimate_tokens(text) <= tokens * 1.35


def test_impossible_bounds_are_an_error_of_the_caller() -> None:
    for tokens_max, overlap in [(200, 100), (8, 0), (200, -1)]:
        with pytest.raises(ValueError, match="must be at least"):
            split_passages("text", tokens_max=tokens_max, overlap_tokens=overlap)
