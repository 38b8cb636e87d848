"""Reasons, keys, values, months and places as people read them."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from likewise.apps.community.logic.reasons import say_why
from likewise.apps.community.logic.titles import (
    category_title,
    group_title,
    key_title,
    month_title,
    place_title,
    value_title,
)
from likewise.apps.community.model import Counters, Experience
from likewise.engine.collections import Place
from likewise.engine.patterns import Group
from likewise.engine.recommend import Reason, ReasonSeed

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def told(*, hours_ago: float = 5, place: Place | None = None, counters: Counters | None = None) -> Experience:
    return Experience(
        id=UUID(int=1),
        key="one",
        author="eve",
        author_name=None,
        title="A light",
        text="A light.",
        category="ufo_sighting",
        tags=[],
        place=place,
        place_name="",
        happened_at=None,
        state="public",
        hidden_reason=None,
        metadata={},
        counters=counters or Counters(),
        created_at=NOW - timedelta(hours=hours_ago),
        edited_at=None,
    )


def why(reason: Reason, one: Experience, *, trending: bool = False, followed: tuple[str, ...] = ()) -> str:
    sources = ["trending"] if trending else ["fresh"]
    return say_why(reason, one, sources=sources, place=Place(37.8, -122.4), followed=followed, now=NOW)


@pytest.mark.parametrize(
    ("deed", "said"), [("view", "looked at"), ("like", "liked"), ("upvote", "upvoted"), ("comment", "commented on")]
)
def test_deed_that_led_to_an_experience_is_named_as_what_it_was(deed: str, said: str) -> None:
    seed = ReasonSeed("itm_1", "k", "The light over the bay", deed)  # type: ignore[arg-type]
    text = why(Reason("taste", "goes with", 0.5, seed), told())
    assert text == f"because you {said} \u201cThe light over the bay\u201d"


def test_every_kind_of_reason_has_words_of_its_own() -> None:
    turned = told(counters=Counters(upvotes=12, comments=1, views=0), place=Place(37.9, -122.4))
    assert why(Reason("people", "", 1.0, None, 3), told()) == "3 people like you turned to it"
    assert why(Reason("people", "", 1.0, None, 1), told()) == "somebody like you turned to it"
    assert why(Reason("engagement", "", 1.0), turned, trending=True) == "trending: 12 upvotes, 1 comment"
    assert why(Reason("popular", "", 1.0), turned) == "12 upvotes, 1 comment"
    assert why(Reason("popular", "", 1.0), told()) == "new here"
    assert why(Reason("recency", "", 1.0), told()) == "told 5 hours ago"
    assert why(Reason("recency", "", 1.0), told(hours_ago=0)) == "told just now"
    assert why(Reason("recency", "", 1.0), told(hours_ago=24)) == "told 1 day ago"
    assert why(Reason("category", "", 1.0), told()) == "in UFO sighting, which you often turn to"
    assert (
        why(Reason("category", "", 1.0), told(), followed=("ufo_sighting",)) == "in UFO sighting, which you asked for"
    )
    assert why(Reason("near", "", 1.0), turned) == "11 km from here"
    assert why(Reason("near", "", 1.0), told(place=Place(37.8, -122.4))) == "right here"
    assert why(Reason("meaning", "", 1.0), told()) == "close to what you tell and turn to"
    assert why(Reason("taste", "", 1.0), told()) == "goes with what you turned to"


def test_keys_and_values_are_readable() -> None:
    assert key_title("duration_s") == "duration"
    assert key_title("distance_m") == "distance (m)"
    assert key_title("witness_count") == "witness count"
    assert value_title("duration_s", "100..200") == "1 min 40 s to 3 min 20 s"
    assert value_title("duration_s", "5000..10000") == "1 h 23 min to 2 h 46 min"
    assert value_title("duration_s", "5") == "5 s"
    assert value_title("duration_s", "0.5..1") == "0.5 s to 1 s"
    assert value_title("distance_m", "1000..2000") == "1,000 m to 2,000 m"
    assert value_title("temperature_c", "-20..-10") == "-20 °C to -10 °C"
    assert value_title("witness_count", "10..20") == "10 to 20"
    assert value_title("lucid", "true") == "yes"
    assert value_title("sound", "low_hum") == "low hum"


def test_groups_months_and_places_are_readable() -> None:
    assert category_title("ufo_sighting") == "UFO sighting"
    assert category_title("our_own") == "our own"
    assert month_title("2013-06") == "June 2013"
    assert month_title("12") == "December"
    assert place_title("40,-105") == "40 to 45 N, 105 to 100 W"
    assert place_title("-5,0") == "5 to 0 S, 0 to 5 E"
    assert group_title(None) == "everything"
    assert group_title(Group(kind="value", key="shape", value="triangle")) == "shape: triangle"
    assert group_title(Group(kind="category", value="dream")) == "Dream"
    assert group_title(Group(kind="period", first="2013-01", last="2013-02")) == "January 2013 to February 2013"
    assert group_title(Group(kind="period", first="2013-01", last="2013-01")) == "January 2013"
    assert group_title(Group(kind="place", value="35,-125")) == "35 to 40 N, 125 to 120 W"
