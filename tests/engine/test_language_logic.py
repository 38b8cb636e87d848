"""The parts of language that need no database: difficulty, prices, routes, tools, citations, sentences, extraction."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta
from numpy.typing import NDArray

from likewise.engine.language import (
    NOTHING_SUPPORTS,
    ChatRequest,
    Citation,
    Message,
    Passage,
    Route,
    Routing,
    TextDelta,
    TierModels,
    ToolArgumentsRefused,
    ToolCall,
    ToolUnknown,
    estimate_difficulty,
    estimate_tokens,
    read_call,
    tool_of,
)
from likewise.engine.language.logic import (
    Markers,
    PriceList,
    candidates,
    cost_micro,
    months_back,
    next_month,
    tier_cap_usd,
)
from likewise.engine.language.model import ModelPrice
from likewise.engine.language.models import Ended, Likeness, extract
from likewise.engine.language.models.sentences import split_sentences, words_of
from likewise.engine.language.settings import LanguageSettings


def asking(text: str, *passages: Passage, **more: Any) -> ChatRequest:
    return ChatRequest("answer", (Message("user", text),), passages=passages, **more)


@pytest.mark.parametrize(
    ("text", "difficulty"),
    [
        ("How hot is the kiln?", "easy"),
        ("When are you open", "easy"),
        ("Why does the glaze crack?", "normal"),
        ("Is it safe? And is it legal?", "normal"),
        ("Compare both kilns and explain how each one cools, step by step.", "normal"),
        ("Compare both kilns? Why is one dearer? ```kiln.heat()```", "hard"),
        ("Please analyse why " + "the kiln cooled too fast last week " * 30, "hard"),
        ("word " * 60, "normal"),
    ],
)
def test_difficulty_is_estimated_from_what_can_be_seen(text: str, difficulty: str) -> None:
    assert estimate_difficulty(asking(text)) == difficulty


def test_much_context_makes_a_question_harder() -> None:
    long = Passage("a", "words and more words " * 3_000)
    assert estimate_difficulty(asking("How hot?")) == "easy"
    assert estimate_difficulty(asking("How hot?", long)) == "normal"


@given(st.text(max_size=200))
def test_difficulty_and_tokens_are_estimated_for_any_text(text: str) -> None:
    assert estimate_difficulty(asking(text)) in {"easy", "normal", "hard"}
    assert estimate_tokens(text) * 3 >= len(text.encode("utf-8", "replace"))


def test_cost_is_rounded_up_to_a_millionth() -> None:
    assert cost_micro(ModelPrice(0.15, 0.6), input_tokens=20, output_tokens=0) == 3
    assert cost_micro(ModelPrice(0.15, 0.6), input_tokens=1, output_tokens=0) == 1
    assert cost_micro(ModelPrice(2.5, 10.0), input_tokens=1_000_000, output_tokens=1_000_000) == 12_500_000
    assert cost_micro(ModelPrice(0, 0), input_tokens=5, output_tokens=5) == 0


@pytest.mark.parametrize(
    ("model", "price"),
    [
        ("openai/gpt-4o-mini", (0.15, 0.6)),
        ("openai/gpt-4o-mini-2024-07-18", (0.15, 0.6)),
        ("anthropic/claude-haiku-4-5-20251001", (1.0, 5.0)),
        ("other/gpt-4o-mini", None),
        ("openai/gpt-9", None),
        ("openai/mine", (3.0, 4.0)),
        ("other/local", (0.0, 0.0)),
        ("extractive", (0.0, 0.0)),
    ],
)
def test_price_is_the_settings_then_the_packaged_list_then_unknown(
    model: str, price: tuple[float, float] | None
) -> None:
    prices = PriceList({"mine": (3.0, 4.0), "other/local": (0.0, 0.0)})
    assert prices.find(model) == (None if price is None else ModelPrice(*price))
    is_packaged = model.startswith(("openai/gpt-4o", "anthropic/"))
    assert (prices.as_of(model) is not None) == is_packaged


ROUTING = Routing(
    tiers=TierModels(cheap=("a/1", "b/1"), standard=("a/2", "a/1"), strong=("a/3",)),
    routes=(Route("*"), Route("free", easy="extractive")),
)


def test_candidates_are_the_picked_tier_then_the_cheaper_then_the_dearer() -> None:
    def models(task: str, difficulty: Any) -> list[str]:
        return [f"{one.model} {one.tier}" for one in candidates(ROUTING, task=task, difficulty=difficulty)]

    assert models("x", "easy") == ["a/1 cheap", "b/1 cheap", "a/2 standard", "a/3 strong"]
    assert models("x", "normal") == ["a/2 standard", "a/1 standard", "b/1 cheap", "a/3 strong"]
    assert models("x", "hard") == ["a/3 strong", "a/2 standard", "a/1 standard", "b/1 cheap"]
    assert models("free", "easy") == []


def test_what_is_kept_for_the_cheap_tier_is_kept_only_where_there_is_one() -> None:
    assert tier_cap_usd(ROUTING, "cheap", budget_usd=10) == 10
    assert tier_cap_usd(ROUTING, "strong", budget_usd=10) == 9
    only = msgspec.structs.replace(ROUTING, tiers=TierModels(strong=("a/3",)))
    assert tier_cap_usd(only, "strong", budget_usd=10) == 10


def test_months_go_over_the_end_of_the_year() -> None:
    assert next_month(date(2026, 12, 1)) == date(2027, 1, 1)
    assert months_back(date(2026, 2, 1), 3) == date(2025, 11, 1)
    assert months_back(date(2026, 2, 1), 0) == date(2026, 2, 1)


class Window(msgspec.Struct, frozen=True):
    """Days."""

    first: int
    last: int


class FindKilns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Find kilns
    near a city."""

    city: str
    most: Annotated[int, Meta(ge=1, le=20)] = 5
    window: Window | None = None
    tags: list[str] = []


def test_struct_becomes_a_tool_and_its_call_the_struct() -> None:
    tool = tool_of(FindKilns)
    assert (tool.name, tool.description) == ("find_kilns", "Find kilns near a city.")
    assert tool.parameters["type"] == "object"
    assert tool.parameters["required"] == ["city"]
    assert tool.parameters["additionalProperties"] is False
    assert tool.parameters["properties"]["most"] == {"type": "integer", "minimum": 1, "maximum": 20, "default": 5}
    assert tool.parameters["$defs"]["Window"]["required"] == ["first", "last"]
    call = ToolCall("1", "find_kilns", {"city": "Oslo", "window": {"first": 1, "last": 3}})
    assert read_call(call, [FindKilns]) == FindKilns("Oslo", window=Window(1, 3))
    assert tool_of(FindKilns, name="kilns").name == "kilns"
    assert read_call(ToolCall("1", "kilns", {"city": "Oslo"}), {"kilns": FindKilns}) == FindKilns("Oslo")


@pytest.mark.parametrize(
    ("arguments", "argument", "pointer"),
    [
        ({}, "city", "/arguments/city"),
        ({"city": 7}, "city", "/arguments/city"),
        ({"city": "Oslo", "most": 99}, "most", "/arguments/most"),
        ({"city": "Oslo", "window": {"first": "x", "last": 1}}, "window.first", "/arguments/window/first"),
        ({"city": "Oslo", "window": {"first": 1}}, "window.last", "/arguments/window/last"),
        ({"city": "Oslo", "tags": ["a", 2]}, "tags.1", "/arguments/tags/1"),
        ({"city": "Oslo", "colour": "red"}, "colour", "/arguments/colour"),
    ],
)
def test_wrong_argument_is_named(arguments: dict[str, Any], argument: str, pointer: str) -> None:
    with pytest.raises(ToolArgumentsRefused) as refused:
        read_call(ToolCall("1", "find_kilns", arguments), [FindKilns])
    assert refused.value.argument == argument
    assert refused.value.errors[0].pointer == pointer


def test_tool_that_was_not_offered_is_named() -> None:
    with pytest.raises(ToolUnknown, match=r"'rob_bank'.*find_kilns"):
        read_call(ToolCall("1", "rob_bank", {}), [FindKilns])


def test_marks_are_found_however_the_text_is_cut() -> None:
    passages = [Passage("a", "12345"), Passage("b", "123"), Passage("c", "1")]
    text = "So [1], yes [2, 1] and [9] or [x] but [3]."
    whole = Markers(passages).feed(text)
    assert whole == [Citation("a", 0, 5, 1), Citation("b", 0, 3, 2), Citation("c", 0, 1, 3)]
    cut = Markers(passages)
    assert [one for letter in text for one in cut.feed(letter)] == whole
    assert Markers([]).feed(text) == []


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("It costs 3.50 dollars. Cheap.", ["It costs 3.50 dollars.", "Cheap."]),
        ("Ask Dr. Lund, e.g. by post. He knows.", ["Ask Dr. Lund, e.g. by post.", "He knows."]),
        ("It opened in 1999. Then it closed.", ["It opened in 1999.", "Then it closed."]),
        ('He said "no." Then left.', ['He said "no."', "Then left."]),
        ("# Heading\n\nText one.\n- item one\n- item two", ["Heading", "Text one.", "item one", "item two"]),
        ("1. First step.\n2. Second step.", ["First step.", "Second step."]),
        ("wrapped\nline goes on.", ["wrapped\nline goes on."]),
        ("\u7a91\u70ed\u3002\u665a\u51b7\u3002", ["\u7a91\u70ed\u3002", "\u665a\u51b7\u3002"]),
        ("", []),
    ],
)  # fmt: skip
def test_text_is_cut_into_sentences(text: str, sentences: list[str]) -> None:
    assert [one.text for one in split_sentences(text)] == sentences


@given(st.text(max_size=400))
def test_sentences_are_spans_of_the_text_in_order(text: str) -> None:
    end = 0
    for one in split_sentences(text):
        assert text[one.start : one.end] == one.text
        assert one.text.strip()
        assert one.start >= end
        end = one.end


def test_words_lose_what_says_nothing() -> None:
    assert words_of("What is the Refunding of refunds?") == ["refund", "refund"]
    assert words_of("\u7a91\u5f88\u70ed") == ["\u7a91\u5f88", "\u5f88\u70ed"]


SETTINGS = LanguageSettings()
RETURNS = Passage("returns", "You may return a mug within 30 days. Refunds take five working days.", "Returns")
SHIPPING = Passage("shipping", "We ship to Norway and Sweden. Shipping costs 9 dollars. Parcels leave on Mondays.")


async def answer(text: str, *passages: Passage, likeness: Likeness | None = None) -> tuple[str, list[Citation], str]:
    events = [event async for event in extract(asking(text, *passages), SETTINGS, likeness=likeness)]
    assert isinstance(events[-1], Ended)
    said = "".join(event.text for event in events if isinstance(event, TextDelta))
    return said, [event for event in events if isinstance(event, Citation)], events[-1].reason


async def test_answer_is_made_of_the_passages_sentences_each_with_its_citation() -> None:
    said, cited, reason = await answer("How long do refunds take?", SHIPPING, RETURNS)
    assert said == "Refunds take five working days. [2]"
    assert [RETURNS.text[one.start : one.end] for one in cited] == ["Refunds take five working days."]
    assert (cited[0].passage_id, cited[0].number, reason) == ("returns", 2, "stop")


@pytest.mark.parametrize(
    "text", ["Who won the chess match?", "What is the boiling point of mercury?", "", "the of and"]
)
async def test_question_that_nothing_supports_is_not_answered(text: str) -> None:
    said, cited, reason = await answer(text, SHIPPING, RETURNS)
    assert (said, cited, reason) == (NOTHING_SUPPORTS, [], "unsupported")
    assert (await answer(text))[2] == "unsupported"


async def test_sentences_stand_in_the_order_of_their_passage_and_none_says_the_same_twice() -> None:
    passage = Passage(
        "kiln",
        "The kiln heats to 1,200 degrees. Lunch is at noon. After heating the kiln cools for ten hours. "
        "The kiln heats to 1,200 degrees!",
    )
    said, cited, _ = await answer("How does the kiln heat and cool?", passage)
    assert "Lunch" not in said
    assert [one.start for one in cited] == sorted(one.start for one in cited)
    assert said.count("1,200 degrees") == 1
    assert "cools for ten hours" in said


async def test_sentence_without_the_words_answers_where_it_means_the_same() -> None:
    async def alike(question: str, sentences: Sequence[str]) -> NDArray[np.float32]:
        assert question == "When do I get my money back?"
        return np.array([0.9 if "Refunds" in text else 0.1 for text in sentences], np.float32)

    assert (await answer("When do I get my money back?", SHIPPING, RETURNS))[2] == "unsupported"
    said, cited, _ = await answer("When do I get my money back?", SHIPPING, RETURNS, likeness=alike)
    assert said == "Refunds take five working days. [2]"
    assert len(cited) == 1


@given(
    st.text(max_size=80),
    st.lists(st.text(max_size=200), max_size=5),
)
async def test_nothing_is_ever_invented(question: str, texts: list[str]) -> None:
    passages = [Passage(str(place), text) for place, text in enumerate(texts)]
    said, cited, reason = await answer(question, *passages)
    if reason == "unsupported":
        assert said == NOTHING_SUPPORTS
        return
    quotes = [f"{' '.join(passages[one.number - 1].text[one.start : one.end].split())} [{one.number}]" for one in cited]
    assert said == " ".join(quotes)
