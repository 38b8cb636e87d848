"""Questions to the counts on a real database: what they tell, what they keep to themselves, and how insights live."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import pytest

from likewise.engine.collections import (
    Collection,
    CollectionNotFound,
    FacetKind,
    FacetValue,
    ItemDraft,
    Place,
    delete_item,
    ensure_collection,
    put_items,
)
from likewise.engine.patterns import (
    PATTERN_COUNTS,
    AttributeDraft,
    Group,
    find_associations,
    get_distribution,
    get_drift,
    get_insight,
    list_attributes,
    list_insights,
    list_keys,
    list_trends,
    put_attributes,
    read_group,
    refresh_insights,
)
from likewise.engine.patterns.errors import AttributesRefused, GroupRefused, GroupTooSmall, InsightNotFound, KeyUnknown
from likewise.platform.events import drain
from likewise.platform.feature import App
from likewise.platform.ids import new_id

KINDS = {"shape": FacetKind.KEYWORD, "sky": FacetKind.KEYWORD, "tags": FacetKind.KEYWORDS}
HERE, THERE = Place(41.0, -73.0), Place(34.0, -118.0)


def report(key: int, *, shape: str | None = None, sky: str | None = None, **own: object) -> ItemDraft:
    facets: dict[str, FacetValue] = {}
    facets |= {} if shape is None else {"shape": shape}
    facets |= {} if sky is None else {"sky": sky}
    return ItemDraft(key=str(key), body=f"seen {key}", facets=facets, **own)  # type: ignore[arg-type]


async def counted(app: App, tenant_id: UUID, drafts: Sequence[ItemDraft]) -> Collection:
    collection = await ensure_collection(app, tenant_id, name="reports", facets=KINDS)
    await put_items(app, tenant_id, collection=collection, drafts=drafts)
    await drain(app.db, [PATTERN_COUNTS])
    return collection


def disks_by_night() -> list[ItemDraft]:
    """200 reports: of 100 disks 80 by night, of 100 lights 20."""
    drafts: list[ItemDraft] = []
    for n in range(200):
        is_disk, rest = n % 2 == 0, (n // 2) % 10
        night = rest < 8 if is_disk else rest < 2
        drafts.append(report(n, shape="disk" if is_disk else "light", sky="night" if night else "day"))
    return drafts


async def test_distribution_counts_values_among_items_that_have_the_key(app: App, tenant_id: UUID) -> None:
    drafts = [report(n, shape="disk" if n < 30 else "light" if n < 50 else None) for n in range(70)]
    await counted(app, tenant_id, drafts)
    found = await get_distribution(app, tenant_id, collection="reports", key="shape")
    assert [(row.value, row.count) for row in found.data] == [("disk", 30), ("light", 20)]
    assert (found.known_count, found.item_count) == (50, 70)
    assert found.data[0].share == 0.6
    assert found.data[0].share_low < 0.6 < found.data[0].share_high
    assert [
        (row.key, row.item_count, row.value_count) for row in await list_keys(app, tenant_id, collection="reports")
    ] == [("shape", 50, 2)]


async def test_groups_smaller_than_the_smallest_are_never_told_of(app: App, tenant_id: UUID) -> None:
    drafts = [report(n, shape="disk" if n < 40 else "light" if n < 60 else "cone", sky="night") for n in range(65)]
    await counted(app, tenant_id, drafts)
    found = await get_distribution(app, tenant_id, collection="reports", key="shape")
    # Five cones are too few; and with both others shown, what is left over would tell of them all the same.
    assert [row.value for row in found.data] == ["disk"]
    with pytest.raises(GroupTooSmall):
        await get_distribution(
            app, tenant_id, collection="reports", key="sky", group=Group(kind="value", key="shape", value="cone")
        )
    together = await find_associations(
        app, tenant_id, collection="reports", group=Group(kind="value", key="sky", value="night")
    )
    assert {row.value for row in together.data} == {"disk", "light"}
    with pytest.raises(KeyUnknown):
        await list_trends(app, tenant_id, collection="reports", key="shape", value="cone")


async def test_distribution_in_a_group_is_that_of_the_group(app: App, tenant_id: UUID) -> None:
    drafts = [
        report(
            n,
            shape="disk" if n % 4 else "light",
            category="report" if n < 60 else "rumour",
            place=HERE if n % 2 else THERE,
            happened_at=datetime(2013, 1 + n % 3, 5, tzinfo=UTC),
        )
        for n in range(120)
    ]
    await counted(app, tenant_id, drafts)

    async def shapes(group: Group | None) -> dict[str, int]:
        found = await get_distribution(app, tenant_id, collection="reports", key="shape", group=group)
        return {row.value: row.count for row in found.data}

    assert await shapes(read_group(category="report")) == {"disk": 45, "light": 15}
    assert await shapes(read_group(place="44.9,-70.1")) == {"disk": 60}
    assert await shapes(read_group(first="2013-01", last="2013-02")) == {"disk": 60, "light": 20}
    assert await shapes(read_group(segment="shape:light")) == {"light": 30}


async def test_values_that_go_together_are_found_with_their_lift(app: App, tenant_id: UUID) -> None:
    await counted(app, tenant_id, disks_by_night())
    found = await find_associations(
        app, tenant_id, collection="reports", group=Group(kind="value", key="shape", value="disk")
    )
    rows = {row.value: row for row in found.data}
    assert (rows["night"].count, rows["night"].expected, rows["night"].lift) == (80, 50.0, pytest.approx(1.6))
    assert rows["night"].significant
    assert rows["night"].lift_low > 1.3
    assert rows["day"].lift == pytest.approx(0.4)
    assert found.tested == 4
    assert found.data[0].value == "night"


async def test_what_is_only_chance_is_not_significant(app: App, tenant_id: UUID) -> None:
    drafts = [report(n, shape="disk" if n % 2 else "light", sky="night" if n % 5 < 3 else "day") for n in range(200)]
    await counted(app, tenant_id, drafts)
    found = await find_associations(
        app, tenant_id, collection="reports", group=Group(kind="value", key="shape", value="disk")
    )
    assert found.data
    assert not any(row.significant for row in found.data)
    refreshed = await refresh_insights(app, tenant_id, collection="reports")
    assert refreshed.found == 0
    assert refreshed.tested > 0


async def test_missing_values_do_not_pass_for_a_pattern(app: App, tenant_id: UUID) -> None:
    # Nobody noted the sky of lights. Among reports whose sky is known, disks are as often by night as all are.
    drafts = [report(n, shape="disk", sky="night" if n % 2 else "day") for n in range(100)]
    drafts += [report(n, shape="light") for n in range(100, 200)]
    await counted(app, tenant_id, drafts)
    found = await find_associations(
        app, tenant_id, collection="reports", group=Group(kind="value", key="shape", value="disk")
    )
    assert {row.value: row.lift for row in found.data} == {"night": pytest.approx(1.0), "day": pytest.approx(1.0)}


async def test_words_of_one_list_go_together_too(app: App, tenant_id: UUID) -> None:
    drafts = [
        ItemDraft(key=str(n), body="seen", facets={"tags": ["night", "sea"] if n < 40 else ["day"]}) for n in range(80)
    ]
    await counted(app, tenant_id, drafts)
    found = await find_associations(
        app, tenant_id, collection="reports", group=Group(kind="value", key="tags", value="night")
    )
    assert [(row.value, row.count, row.lift) for row in found.data] == [("sea", 40, pytest.approx(2.0))]


async def test_rising_share_is_a_trend_and_a_level_one_is_not(app: App, tenant_id: UUID) -> None:
    drafts: list[ItemDraft] = []
    for month in range(12):
        for n in range(50):
            shape = "disk" if n < 5 + 3 * month else "light"
            drafts.append(
                report(
                    len(drafts),
                    shape=shape,
                    sky="night" if n % 2 else "day",
                    happened_at=datetime(2013, month + 1, 9, tzinfo=UTC),
                )
            )
    await counted(app, tenant_id, drafts)
    disk = (await list_trends(app, tenant_id, collection="reports", key="shape", value="disk")).data[0]
    assert disk.significant
    assert disk.slope_low < disk.slope_per_year < disk.slope_high
    assert disk.slope_per_year == pytest.approx(12 * 3 / 50)
    assert disk.points[0].count is None, "five disks are too few to be told of"
    assert disk.points[-1].count == 38
    skies = await list_trends(app, tenant_id, collection="reports", key="sky")
    assert skies.tested == 2
    assert not any(trend.significant for trend in skies.data)
    moved = await get_drift(
        app, tenant_id, collection="reports", key="shape", before=("2013-01", "2013-03"), after=("2013-10", "2013-12")
    )
    assert moved.p < 1e-6
    assert (moved.items_before, moved.items_after) == (150, 150)
    level = await get_drift(
        app, tenant_id, collection="reports", key="sky", before=("2013-01", "2013-03"), after=("2013-10", "2013-12")
    )
    assert level.p > 0.9
    assert level.divergence_bits == pytest.approx(0, abs=1e-9)


async def test_insight_has_evidence_and_expires_when_its_support_goes(app: App, tenant_id: UUID) -> None:
    await counted(app, tenant_id, disks_by_night())
    first = await refresh_insights(app, tenant_id, collection="reports")
    assert first.fresh == first.found > 0
    found = await list_insights(app, tenant_id, collection="reports")
    assert [insight.strength for insight in found] == sorted((one.strength for one in found), reverse=True)
    night = next(insight for insight in found if "night" in insight.subject and "more" in insight.subject)
    insight, evidence = await get_insight(app, tenant_id, insight_id=night.id)
    assert insight == night
    assert len(evidence) == 10
    again = await refresh_insights(app, tenant_id, collection="reports")
    assert (again.fresh, again.expired) == (0, 0)
    kept = next(one for one in await list_insights(app, tenant_id, collection="reports") if one.id == night.id)
    assert kept.first_seen == night.first_seen
    assert kept.last_seen > night.last_seen
    for n in range(200):
        await delete_item(app, tenant_id, collection="reports", key=str(n))
    await drain(app.db, [PATTERN_COUNTS])
    last = await refresh_insights(app, tenant_id, collection="reports")
    assert (last.found, last.expired) == (0, first.found)
    assert await list_insights(app, tenant_id, collection="reports") == []
    gone, nothing = await get_insight(app, tenant_id, insight_id=night.id)
    assert gone.expired_at is not None
    assert nothing == []
    with pytest.raises(InsightNotFound):
        await get_insight(app, tenant_id, insight_id=new_id())


async def test_attributes_of_callers_count_from_half_confidence_on(app: App, tenant_id: UUID) -> None:
    await counted(app, tenant_id, [report(n, shape="disk") for n in range(20)])

    async def say(confidence: float) -> list[str]:
        given = [
            AttributeDraft(item=str(n), key="mood", value="calm", confidence=confidence, source="model")
            for n in range(21)
        ]
        told = await put_attributes(app, tenant_id, collection="reports", attributes=given)
        await drain(app.db, [PATTERN_COUNTS])
        return told

    assert await say(0.9) == ["stored"] * 20 + ["unknown item"]
    moods = await get_distribution(app, tenant_id, collection="reports", key="mood")
    assert [(row.value, row.count) for row in moods.data] == [("calm", 20)]
    known = await list_attributes(app, tenant_id, collection="reports", item="3")
    assert [(one.key, one.value, one.source) for one in known] == [
        ("shape", "disk", "facet"),
        ("mood", "calm", "model"),
    ]
    assert known[1].confidence == pytest.approx(0.9)
    await say(0.4)
    with pytest.raises(KeyUnknown):
        await get_distribution(app, tenant_id, collection="reports", key="mood")
    assert (await say(0))[0] == "removed"
    assert len(await list_attributes(app, tenant_id, collection="reports", item="3")) == 1


@pytest.mark.parametrize(
    ("draft", "reason"),
    [
        (AttributeDraft(item="1", key="$month", value="x"), "does not begin"),
        (AttributeDraft(item="1", key="mood", value=""), "1 to 1000"),
        (AttributeDraft(item="1", key="mood", value="a\0b"), "NUL"),
        (AttributeDraft(item="1", key="mood", value="x", source="facet"), "what an item itself says"),
        (AttributeDraft(item="1", key="mood", value=float("inf")), "finite"),
    ],
)
async def test_attribute_that_cannot_be_kept_is_refused(
    app: App, tenant_id: UUID, draft: AttributeDraft, reason: str
) -> None:
    await counted(app, tenant_id, [report(1)])
    with pytest.raises(AttributesRefused, match=reason):
        await put_attributes(app, tenant_id, collection="reports", attributes=[draft])


@pytest.mark.parametrize(
    "wish",
    [
        {"segment": "shape"},
        {"segment": "shape:disk", "category": "report"},
        {"place": "41"},
        {"place": "nan,0"},
        {"place": "91,0"},
    ],
)
def test_group_that_cannot_be_read_is_refused(wish: dict[str, str]) -> None:
    with pytest.raises(GroupRefused):
        read_group(**wish)


async def test_period_that_is_none_is_refused(app: App, tenant_id: UUID) -> None:
    await counted(app, tenant_id, [report(1)])
    for first, last in (("2013-13", "2013-13"), ("2013-05", "2013-04"), ("1000-01", "2013-01")):
        with pytest.raises(GroupRefused):
            await find_associations(
                app, tenant_id, collection="reports", group=Group(kind="period", first=first, last=last)
            )
    with pytest.raises(CollectionNotFound):
        await list_keys(app, tenant_id, collection="nothing")
