"""Filters: what a wish becomes by the kinds of the facets it names, and what is refused."""

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likewise.engine.collections import (
    FacetKind,
    Filter,
    FilterRefused,
    Radius,
    Range,
    Visibility,
    Words,
    read_filter,
    read_wishes,
)
from likewise.engine.collections.logic.filters import box_around

KINDS = {
    "shape": FacetKind.KEYWORD,
    "duration_s": FacetKind.NUMBER,
    "is_bright": FacetKind.BOOLEAN,
    "reported_at": FacetKind.TIME,
    "tags": FacetKind.KEYWORDS,
}


def refused(wish: Filter) -> str:
    with pytest.raises(FilterRefused) as caught:
        read_filter(wish, KINDS)
    return caught.value.errors[0].pointer


def test_filter_becomes_conditions_by_the_kinds_of_its_facets() -> None:
    wish = Filter(
        facets={
            "shape": ["disk", "light"],
            "is_bright": True,
            "duration_s": {"gte": 60, "lt": 120},
            "reported_at": {"gt": "2013-01-01T00:00:00Z"},
            "tags": {"all": ["night", "sea"], "any": ["calm"]},
        },
        author=("ann",),
        category=("ufo", "sky"),
    )
    found = read_filter(wish, KINDS)
    assert found.words == (
        Words("shape", ("disk", "light")),
        Words("is_bright", ("true",)),
        Words("tags", ("calm",)),
        Words("tags", ("night",)),
        Words("tags", ("sea",)),
        Words("$author", ("ann",)),
        Words("$category", ("ufo", "sky")),
    )
    assert found.ranges == (
        Range("duration_s", "number", 60.0, 120.0, high_open=True),
        Range("reported_at", "time", datetime(2013, 1, 1, tzinfo=UTC), None, low_open=True),
    )
    assert found.visibility == ("public",)
    assert found.count == 9


def test_filter_on_nothing_asks_for_public_items_only() -> None:
    assert read_filter(Filter(), KINDS).count == 0
    assert read_filter(Filter(visibility=(Visibility.PRIVATE,)), KINDS).count == 1


@pytest.mark.parametrize(
    ("facets", "pointer"),
    [
        ({"colour": "red"}, "/filter/facets/colour"),
        ({"a/b~c": "red"}, "/filter/facets/a~1b~0c"),
        ({"duration_s": "long"}, "/filter/facets/duration_s"),
        ({"duration_s": {"gte": 1, "gt": 1}}, "/filter/facets/duration_s"),
        ({"duration_s": {}}, "/filter/facets/duration_s"),
        ({"duration_s": {"over": 1}}, "/filter/facets/duration_s"),
        ({"duration_s": True}, "/filter/facets/duration_s"),
        ({"reported_at": {"gte": "yesterday"}}, "/filter/facets/reported_at"),
        ({"is_bright": "perhaps"}, "/filter/facets/is_bright"),
        ({"shape": []}, "/filter/facets/shape"),
        ({"shape": None}, "/filter/facets/shape"),
        ({"shape": "di\0sk"}, "/filter/facets/shape"),
        ({"tags": {"any": []}}, "/filter/facets/tags"),
        ({"shape": [str(number) for number in range(201)]}, "/filter/facets/shape"),
        ({"tags": {"all": [str(number) for number in range(17)]}}, "/filter"),
    ],
)
def test_wrong_filter_is_refused_with_its_place(facets: dict[str, object], pointer: str) -> None:
    assert refused(Filter(facets=facets)) == pointer


@given(st.floats(-89, 89), st.floats(-180, 180), st.floats(0.1, 3_000), st.floats(0, 360))
def test_box_holds_every_point_of_its_circle(lat: float, lon: float, radius_km: float, bearing: float) -> None:
    box = box_around(Radius(lat, lon, radius_km))
    angle, course, phi = radius_km * 0.999 / 6371.0088, math.radians(bearing), math.radians(lat)
    there = math.asin(math.sin(phi) * math.cos(angle) + math.cos(phi) * math.sin(angle) * math.cos(course))
    turn = math.atan2(
        math.sin(course) * math.sin(angle) * math.cos(phi), math.cos(angle) - math.sin(phi) * math.sin(there)
    )
    around = (lon + math.degrees(turn) + 540) % 360 - 180
    assert box.south - 1e-6 <= math.degrees(there) <= box.north + 1e-6
    assert box.west - 1e-6 <= around <= box.east + 1e-6


def test_wishes_of_the_command_line_become_a_filter() -> None:
    typed = ["shape=disk, light", "duration_s>=60", "duration_s<120", "tags~night,sea"]
    assert read_wishes([*typed, "reported_at>2013-01-01T00:00:00Z"], KINDS) == {
        "shape": ["disk", "light"],
        "duration_s": {"gte": 60.0, "lt": 120.0},
        "tags": {"all": ["night", "sea"]},
        "reported_at": {"gt": "2013-01-01T00:00:00Z"},
    }
    with pytest.raises(FilterRefused):
        read_wishes(["shape"], KINDS)
