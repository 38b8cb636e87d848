"""Text is checked once at the door, and the same content always has the same fingerprint."""

import unicodedata
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likewise.engine.collections.logic import (
    FacetUnreadable,
    PlaceUnreadable,
    TextNotStorable,
    TextTooLong,
    TimeUnreadable,
    check_text,
    clean_text,
    clean_value,
    content_hash,
    default_key,
    infer_facet_kinds,
    looks_day_first,
    normalised_text,
    read_facet,
    read_place,
    read_time,
)
from likewise.engine.collections.model import FacetKind, ItemDraft, Place

ANY_TEXT = st.text(st.characters(exclude_categories=[]))  # lone surrogates too
ITEM_BYTES_MAX = 10_000_000


def clean(text: str) -> str:
    return clean_text(text, bytes_max=ITEM_BYTES_MAX).text


def test_nul_lone_surrogate_and_control_characters_are_scrubbed_with_a_warning_each() -> None:
    cleaned = clean_text("a\0b\ud800c\x07d", bytes_max=100)
    assert cleaned.text == "ab\ufffdcd"
    assert cleaned.warnings == ("1 NUL character removed", "1 control character removed", "1 lone surrogate replaced")


def test_line_ends_of_every_system_become_one_newline_without_a_warning() -> None:
    cleaned = clean_text("a\r\nb\rc\x0cd\te", bytes_max=100)
    assert (cleaned.text, cleaned.warnings) == ("a\nb\nc\nd\te", ())


def test_strict_check_refuses_what_loading_would_scrub() -> None:
    with pytest.raises(TextNotStorable, match="2 NUL characters"):
        check_text("a\0\0", bytes_max=100)
    assert check_text("e\u0301", bytes_max=100) == "\u00e9"


def test_text_above_the_bound_is_refused_with_both_sizes() -> None:
    assert clean_text("\u00e9" * 5, bytes_max=10).text == "\u00e9" * 5
    with pytest.raises(TextTooLong, match=r"12 bytes; at most 10"):
        clean_text("\u00e9" * 6, bytes_max=10)


def test_a_million_marks_on_one_letter_are_cut_down_before_they_are_normalised() -> None:
    cleaned = clean_text("a" + "\u0315\u0300" * 500_000 + "z", bytes_max=ITEM_BYTES_MAX)
    assert len(cleaned.text) < 40
    assert cleaned.text.endswith("z")
    assert cleaned.warnings == ("combining marks removed in 1 places",)


@given(ANY_TEXT)
def test_clean_text_is_storable_and_cleaning_again_changes_nothing(text: str) -> None:
    cleaned = clean(text)
    assert "\0" not in cleaned
    assert cleaned.encode().decode() == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not {c for c in cleaned if unicodedata.category(c) == "Cc"} - {"\n", "\t"}
    assert clean_text(cleaned, bytes_max=ITEM_BYTES_MAX).warnings == ()
    assert clean(cleaned) == cleaned


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"])))
def test_text_without_control_characters_only_changes_to_its_composed_form(text: str) -> None:
    assert clean_text(text, bytes_max=ITEM_BYTES_MAX).text == unicodedata.normalize("NFC", text)


def test_metadata_is_cleaned_in_names_and_values_at_every_depth() -> None:
    value, warnings = clean_value({"a\0": ["\ud800", {"b": "c\0"}], "n": 1, "big": 10**30}, bytes_max=100)
    assert value == {"a": ["\ufffd", {"b": "c"}], "n": 1, "big": 1e30}
    assert len(warnings) == 3


def test_metadata_nested_without_end_is_cut() -> None:
    deep: object = "x"
    for _ in range(200):
        deep = [deep]
    value, warnings = clean_value(deep, bytes_max=100)
    assert warnings == ("nesting deeper than 32 levels removed",)
    assert "x" not in str(value)


def test_content_hash_ignores_the_key_and_the_order_of_facets_and_nothing_else() -> None:
    moment = datetime(2013, 1, 31, 20, 30, tzinfo=UTC)
    draft = ItemDraft(key="1", body="hi", facets={"a": 1, "b": "x"}, happened_at=moment, metadata={"m": [1]})
    same = ItemDraft(
        key="2",
        body="hi",
        facets={"b": "x", "a": 1},
        happened_at=moment.astimezone(timezone(timedelta(hours=5))),
        metadata={"m": [1]},
    )
    assert content_hash(draft) == content_hash(same)
    assert default_key(draft) == default_key(same)
    others = [
        ItemDraft(key="1", body="hi", facets={"a": 1, "b": "x"}, happened_at=moment),
        ItemDraft(key="1", body="hi", facets={"a": 2, "b": "x"}, happened_at=moment, metadata={"m": [1]}),
        ItemDraft(key="1", body="hi", title="hi"),
        ItemDraft(key="1", body="hi", author="hi"),
        ItemDraft(key="1", body="hi", category="hi"),
        ItemDraft(key="1", body="hi", place=Place(0, 0)),
        ItemDraft(key="1", body="hi"),
        ItemDraft(key="1", body="hi "),
    ]
    assert len({content_hash(other) for other in [draft, *others]}) == len(others) + 1


def test_texts_that_differ_in_white_space_or_composition_share_a_cached_vector() -> None:
    assert normalised_text("  caf\u0065\u0301 \n\t au\u00a0lait ") == normalised_text("caf\u00e9 au lait")
    assert normalised_text("Cafe") != normalised_text("cafe")


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2013-01-31", datetime(2013, 1, 31, tzinfo=UTC)),
        ("2013-01-31T20:30:00Z", datetime(2013, 1, 31, 20, 30, tzinfo=UTC)),
        ("2013-01-31 20:30:00+02:00", datetime(2013, 1, 31, 18, 30, tzinfo=UTC)),
        ("2018-03-12T17:00:45.567", datetime(2018, 3, 12, 17, 0, 45, 567_000, tzinfo=UTC)),
        ("2013/01/31", datetime(2013, 1, 31, tzinfo=UTC)),
        ("1/31/2013 8:30 PM", datetime(2013, 1, 31, 20, 30, tzinfo=UTC)),
        ("31/1/2013", datetime(2013, 1, 31, tzinfo=UTC)),
        ("31.12.2013 23:59", datetime(2013, 12, 31, 23, 59, tzinfo=UTC)),
        ("10/11/2006 24:00", datetime(2006, 10, 12, tzinfo=UTC)),
        ("31 Jan 2013", datetime(2013, 1, 31, tzinfo=UTC)),
        ("January 31st, 2013", datetime(2013, 1, 31, tzinfo=UTC)),
        ("Thu, 31 Jan 2013 20:30:00 GMT", datetime(2013, 1, 31, 20, 30, tzinfo=UTC)),
        ("1995", datetime(1995, 1, 1, tzinfo=UTC)),
        (1_359_664_200, datetime(2013, 1, 31, 20, 30, tzinfo=UTC)),
        (1_359_664_200_000, datetime(2013, 1, 31, 20, 30, tzinfo=UTC)),
        (datetime(2013, 1, 31, tzinfo=UTC).replace(tzinfo=None), datetime(2013, 1, 31, tzinfo=UTC)),
    ],
)
def test_times_as_people_write_them_are_understood(written: object, moment: datetime) -> None:
    assert read_time(written) == moment
    assert read_time(written).tzinfo is UTC


@pytest.mark.parametrize(
    "written",
    ["", "soon", "2013-13-01", "31/31/2013", "1/2/13", "12:30", True, None, [], 10**40, float("nan"), "9" * 300],
)
def test_what_is_no_time_is_refused(written: object) -> None:
    with pytest.raises(TimeUnreadable):
        read_time(written)


@given(ANY_TEXT)
def test_no_text_breaks_the_reading_of_times(text: str) -> None:
    with suppress(TimeUnreadable):
        assert read_time(text).tzinfo is UTC


def test_a_column_with_a_day_above_twelve_is_read_day_first() -> None:
    assert looks_day_first(["03/04/2013", "13/04/2013"])
    assert not looks_day_first(["03/04/2013", "04/13/2013"])
    assert not looks_day_first(["03/04/2013"])
    assert read_time("03/04/2013", day_first=True) == datetime(2013, 4, 3, tzinfo=UTC)
    assert read_time("03/04/2013") == datetime(2013, 3, 4, tzinfo=UTC)


def test_facets_have_one_stored_form_however_they_were_written() -> None:
    assert read_facet(FacetKind.NUMBER, "5") == read_facet(FacetKind.NUMBER, 5.0) == 5
    assert isinstance(read_facet(FacetKind.NUMBER, "5.0"), int)
    assert read_facet(FacetKind.NUMBER, " 2.5 ") == 2.5
    assert read_facet(FacetKind.KEYWORD, " Disk ") == "Disk"
    assert read_facet(FacetKind.KEYWORD, 7) == "7"
    assert read_facet(FacetKind.BOOLEAN, "Yes") is True
    assert read_facet(FacetKind.BOOLEAN, 0) is False
    assert read_facet(FacetKind.TIME, "2013-01-31 20:30") == "2013-01-31T20:30:00.000Z"
    assert read_facet(FacetKind.KEYWORDS, "a; b;a;") == ["a", "b"]
    assert read_facet(FacetKind.KEYWORDS, ["x", 2]) == ["x", "2"]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (FacetKind.NUMBER, "n/a"),
        (FacetKind.NUMBER, "inf"),
        (FacetKind.NUMBER, True),
        (FacetKind.NUMBER, 10**400),
        (FacetKind.BOOLEAN, "maybe"),
        (FacetKind.BOOLEAN, 2),
        (FacetKind.TIME, "soon"),
        (FacetKind.KEYWORD, {"a": 1}),
        (FacetKind.KEYWORD, "x" * 1_001),
        (FacetKind.KEYWORDS, [str(number) for number in range(101)]),
    ],
)
def test_a_value_that_is_not_of_its_kind_is_refused(kind: FacetKind, value: object) -> None:
    with pytest.raises(FacetUnreadable):
        read_facet(kind, value)


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_times_as_facets_sort_as_text_like_the_moments_they_are(one: datetime, other: datetime) -> None:
    one, other = (moment.replace(microsecond=moment.microsecond // 1000 * 1000) for moment in (one, other))
    first, second = (str(read_facet(FacetKind.TIME, moment)) for moment in (one, other))
    assert (first < second) == (one < other)


def test_kinds_are_inferred_without_mistaking_names_for_numbers() -> None:
    samples: list[dict[str, object]] = [
        {"n": "1.5", "bond": "007", "zip": "98225", "ownerId": 12, "ok": "true", "day": "2013-01-31", "tags": ["a"]},
        {"n": "-2", "bond": "12", "zip": "10115", "ownerId": 9, "ok": "no", "day": "31.12.2013", "tags": []},
        {"n": "1e3", "bond": "13", "zip": "", "ownerId": 10, "ok": "false", "day": "", "gone": None},
        {"list": "a;b", "rated_at": 881250949},
    ]
    assert infer_facet_kinds(samples) == {
        "n": FacetKind.NUMBER,
        "bond": FacetKind.KEYWORD,
        "zip": FacetKind.KEYWORD,
        "ownerId": FacetKind.KEYWORD,
        "ok": FacetKind.BOOLEAN,
        "day": FacetKind.TIME,
        "tags": FacetKind.KEYWORDS,
        "list": FacetKind.KEYWORD,
        "rated_at": FacetKind.TIME,
    }


def test_places_are_degrees_or_refused() -> None:
    assert read_place("48.75", -122.4) == Place(48.75, -122.4)
    assert read_place(None, "") is None
    for lat, lon in [(91, 0), (0, 181), ("x", 0), (1, None), (float("nan"), 0), (10**400, 0)]:
        with pytest.raises(PlaceUnreadable):
            read_place(lat, lon)
