"""Where, when and of which category a group's items are: equal to a recount, small groups kept to themselves."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest

from likewise.engine.collections import FacetKind, ItemDraft, Place, ensure_collection, put_items
from likewise.engine.patterns import (
    PATTERN_COUNTS,
    Group,
    count_anew,
    get_contexts,
    get_map,
)
from likewise.engine.patterns.errors import GroupTooSmall
from likewise.platform.events import drain
from likewise.platform.feature import App

PLACES = {"bay": Place(37.8, -122.4), "desert": Place(36.1, -115.2), "isle": Place(51.5, -0.1)}
NAME = "reports"


def sightings() -> list[ItemDraft]:
    """600 reports: triangles over the bay and lights in the desert, twice as many in July as in January."""
    drafts: list[ItemDraft] = []
    for n in range(600):
        shape = "triangle" if n % 3 == 0 else "light"
        where = ("bay" if n % 5 else "desert") if shape == "triangle" else ("desert" if n % 4 else "bay")
        drafts.append(
            ItemDraft(
                key=str(n),
                body=f"seen {n}",
                facets={} if n % 10 == 9 else {"shape": shape},
                category="sighting" if n // 12 % 2 else "dream",
                place=None if n % 7 == 0 else PLACES[where],
                happened_at=datetime(2012 + n % 2, 7 if n % 3 else 1, 9, tzinfo=UTC),
            )
        )
    return drafts


def cell_of(place: Place) -> tuple[int, int]:
    return int(place.lat // 5) * 5, int(place.lon // 5) * 5


def recounted(drafts: list[ItemDraft], belongs: Callable[[ItemDraft], bool]) -> Counter[tuple[int, int]]:
    return Counter(cell_of(one.place) for one in drafts if one.place is not None and belongs(one))


@pytest.fixture
async def drafts(app: App, tenant_id: UUID) -> list[ItemDraft]:
    made = sightings()
    collection = await ensure_collection(app, tenant_id, name=NAME, facets={"shape": FacetKind.KEYWORD})
    await put_items(app, tenant_id, collection=collection, drafts=made)
    await drain(app.db, [PATTERN_COUNTS])
    return made


GROUPS: dict[str, tuple[Group, Callable[[ItemDraft], bool], Callable[[ItemDraft], bool]]] = {
    "value": (
        Group(kind="value", key="shape", value="triangle"),
        lambda one: one.facets.get("shape") == "triangle",
        lambda one: "shape" in one.facets,
    ),
    "category": (
        Group(kind="category", value="dream"),
        lambda one: one.category == "dream",
        lambda _: True,
    ),
    "period": (
        Group(kind="period", first="2012-01", last="2012-12"),
        lambda one: one.happened_at is not None and one.happened_at.year == 2012,
        lambda _: True,
    ),
}


@pytest.mark.parametrize("name", GROUPS)
async def test_cells_of_a_map_equal_a_recount(app: App, tenant_id: UUID, drafts: list[ItemDraft], name: str) -> None:
    group, belongs, is_known = GROUPS[name]
    found = await get_map(app, tenant_id, collection=NAME, group=group)
    inside, background = recounted(drafts, belongs), recounted(drafts, is_known)
    told = {place: count for place, count in inside.items() if count >= found.group_items_min}
    assert {(cell.south, cell.west): cell.count for cell in found.data} == told
    assert found.placed_count == sum(inside.values())
    assert found.item_count == sum(belongs(one) for one in drafts)
    for cell in found.data:
        place = cell.south, cell.west
        assert (cell.north, cell.east) == (place[0] + 5, place[1] + 5)
        share, other = inside[place] / sum(inside.values()), background[place] / sum(background.values())
        assert cell.share == pytest.approx(share)
        assert cell.background_count == background[place]
        assert cell.lift == pytest.approx(share / other)


async def test_map_of_everything_has_no_background(app: App, tenant_id: UUID, drafts: list[ItemDraft]) -> None:
    found = await get_map(app, tenant_id, collection=NAME)
    inside = recounted(drafts, lambda _: True)
    assert {(cell.south, cell.west): cell.count for cell in found.data} == {
        place: count for place, count in inside.items() if count >= found.group_items_min
    }
    assert all(cell.lift is None and not cell.significant for cell in found.data)
    assert found.item_count == len(drafts)


async def test_planted_place_is_significant_and_an_even_one_is_not(
    app: App, tenant_id: UUID, drafts: list[ItemDraft]
) -> None:
    del drafts
    triangles = await get_map(app, tenant_id, collection=NAME, group=GROUPS["value"][0])
    bay = next(cell for cell in triangles.data if cell.west == -125)
    assert bay.q is not None
    assert bay.q < 0.05
    assert bay.lift is not None
    assert bay.lift > 1.3
    dreams = await get_map(app, tenant_id, collection=NAME, group=GROUPS["category"][0])
    assert not any(cell.significant for cell in dreams.data)


async def test_cells_smaller_than_the_smallest_group_are_not_told_of_nor_given_away(
    app: App, tenant_id: UUID, drafts: list[ItemDraft]
) -> None:
    collection = await ensure_collection(app, tenant_id, name=NAME, facets={})
    isle = [ItemDraft(key=f"isle {n}", body="seen", place=PLACES["isle"]) for n in range(5)]
    await put_items(app, tenant_id, collection=collection, drafts=isle)
    await drain(app.db, [PATTERN_COUNTS])
    found = await get_map(app, tenant_id, collection=NAME)
    # With both large cells shown, what is left over would tell of the small one all the same.
    assert [(cell.south, cell.west) for cell in found.data] == [
        recounted(drafts, lambda _: True).most_common(1)[0][0],
    ]
    with pytest.raises(GroupTooSmall):
        await get_map(app, tenant_id, collection=NAME, group=Group(kind="place", value="50,-5"))


async def test_months_of_all_years_are_added_up(app: App, tenant_id: UUID, drafts: list[ItemDraft]) -> None:
    found = await get_contexts(app, tenant_id, collection=NAME, key="calendar", group=GROUPS["category"][0])
    dreams = Counter(one.happened_at.strftime("%m") for one in drafts if one.category == "dream" and one.happened_at)
    assert {row.value: row.count for row in found.data} == dict(dreams)
    months = await get_contexts(app, tenant_id, collection=NAME, key="month", group=GROUPS["category"][0])
    assert sum(row.count for row in months.data) == sum(dreams.values())


async def test_categories_of_a_place_are_those_of_its_items(app: App, tenant_id: UUID, drafts: list[ItemDraft]) -> None:
    found = await get_contexts(
        app, tenant_id, collection=NAME, key="category", group=Group(kind="place", value="35,-125")
    )
    bay = Counter(one.category for one in drafts if one.place == PLACES["bay"])
    assert {row.value: row.count for row in found.data} == dict(bay)
    itself = await get_map(app, tenant_id, collection=NAME, group=Group(kind="place", value="35,-125"))
    assert [(cell.south, cell.west, cell.share) for cell in itself.data] == [(35, -125, 1.0)]


async def test_counting_anew_gives_the_same_map(app: App, tenant_id: UUID, drafts: list[ItemDraft]) -> None:
    del drafts
    before = await get_map(app, tenant_id, collection=NAME, group=GROUPS["category"][0])
    await count_anew(app.db, PATTERN_COUNTS, tenant_id)
    await drain(app.db, [PATTERN_COUNTS])
    assert await get_map(app, tenant_id, collection=NAME, group=GROUPS["category"][0]) == before
