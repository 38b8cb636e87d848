"""What the attributes of experiences tell: what was planted is found, what is chance is not, evidence has titles."""

from collections import Counter
from collections.abc import Callable
from uuid import UUID

import pytest
from tests.apps.community_circles import BAY, follow, sightings, tell

from likewise.apps.community.errors import CommunityEmpty
from likewise.apps.community.model import ExperienceDraft
from likewise.apps.community.service import (
    Subject,
    hide,
    pattern_associations,
    pattern_contexts,
    pattern_distribution,
    pattern_drift,
    pattern_group,
    pattern_insight,
    pattern_insights,
    pattern_keys,
    pattern_map,
    pattern_moments,
    pattern_trend,
    refresh_patterns_now,
)
from likewise.engine.patterns import Group
from likewise.platform.feature import App

TRIANGLES = Group(kind="value", key="shape", value="triangle")


def value_of(draft: ExperienceDraft, key: str) -> object:
    return next(one.value for one in draft.attributes if one.key == key)


def is_triangle(draft: ExperienceDraft) -> bool:
    return value_of(draft, "shape") == "triangle"


async def test_what_was_planted_goes_together_and_what_is_chance_does_not(app: App, tenant_id: UUID) -> None:
    await tell(app, tenant_id, sightings())
    found = await pattern_associations(app, tenant_id, group=TRIANGLES)
    by_value = {(one.key, one.value): one for one in found.data}
    red = by_value["colour", "red"]
    assert red.q < 0.05
    assert red.lift == pytest.approx(1.5)
    assert (red.share, red.background_share) == (pytest.approx(0.75), pytest.approx(0.5))
    full = by_value["moon", "full"]
    assert full.q > 0.05
    assert not full.significant
    told = await pattern_associations(app, tenant_id, group=TRIANGLES, significant_only=True)
    assert ("colour", "red") in {(one.key, one.value) for one in told.data}
    assert "moon" not in {one.key for one in told.data}


async def test_distribution_is_that_of_each_kind_of_group(app: App, tenant_id: UUID) -> None:
    drafts = sightings()
    await tell(app, tenant_id, drafts)
    groups: list[tuple[Group | None, Callable[[ExperienceDraft], bool]]] = [
        (None, lambda _: True),
        (pattern_group(segment="colour:Red"), lambda one: value_of(one, "colour") == "red"),
        (pattern_group(category="strange_light"), lambda one: one.category == "strange_light"),
        (
            pattern_group(first="2013-01", last="2013-03"),
            lambda one: one.happened_at is not None and one.happened_at.month <= 3,
        ),
        (pattern_group(place="37.8,-122.4"), lambda one: one.place == BAY),
    ]
    for group, belongs in groups:
        found = await pattern_distribution(app, tenant_id, key="shape", group=group)
        assert {row.value: row.count for row in found.data} == Counter(
            str(value_of(one, "shape")) for one in drafts if belongs(one)
        )


async def test_cells_of_the_map_equal_a_recount(app: App, tenant_id: UUID) -> None:
    drafts = sightings()
    await tell(app, tenant_id, drafts)
    found = await pattern_map(app, tenant_id, group=TRIANGLES)
    counted = Counter("bay" if one.place == BAY else "desert" for one in drafts if is_triangle(one))
    assert {cell.west: cell.count for cell in found.data} == {-125: counted["bay"], -120: counted["desert"]}
    bay = next(cell for cell in found.data if cell.west == -125)
    assert bay.lift == pytest.approx(1.5)
    assert bay.significant
    lights = await pattern_map(app, tenant_id, group=Group(kind="category", value="strange_light"))
    assert sum(cell.count for cell in lights.data) == sum(one.category == "strange_light" for one in drafts)
    everything = await pattern_map(app, tenant_id)
    assert sum(cell.count for cell in everything.data) == len(drafts)


async def test_hidden_experience_is_counted_no_more_and_shown_again_it_is(app: App, tenant_id: UUID) -> None:
    ids = await tell(app, tenant_id, sightings())
    before = await pattern_map(app, tenant_id, group=TRIANGLES)
    await hide(app, tenant_id, subject=Subject("experience", ids["s0"]), actor="mod", reason="spam")
    await follow(app)
    after = await pattern_map(app, tenant_id, group=TRIANGLES)
    assert after.item_count == before.item_count - 1


async def test_moments_of_a_group_equal_a_recount(app: App, tenant_id: UUID) -> None:
    drafts = sightings()
    await tell(app, tenant_id, drafts)
    found = await pattern_moments(app, tenant_id, group=TRIANGLES)
    months = Counter(f"{one.happened_at:%m}" for one in drafts if is_triangle(one) and one.happened_at)
    assert {row.value: row.count for row in found.calendar.data} == dict(months)
    assert {row.value[-2:]: row.count for row in found.months.data} == dict(months)
    categories = await pattern_contexts(app, tenant_id, by="category", group=TRIANGLES)
    assert {row.value: row.count for row in categories.data} == Counter(
        one.category for one in drafts if is_triangle(one)
    )


async def test_trend_and_drift_are_of_this_communitys_attributes(app: App, tenant_id: UUID) -> None:
    await tell(app, tenant_id, sightings(480))
    trends = await pattern_trend(app, tenant_id, key="moon", value="Full")
    assert [(one.value, one.significant) for one in trends.data] == [("full", False)]
    drift = await pattern_drift(
        app, tenant_id, key="shape", before=("2013-01", "2013-06"), after=("2013-07", "2013-12")
    )
    assert (drift.items_before, drift.items_after) == (240, 240)
    assert drift.p > 0.05


async def test_insight_is_shown_with_experiences_and_expires_with_its_support(app: App, tenant_id: UUID) -> None:
    ids = await tell(app, tenant_id, sightings())
    assert (await refresh_patterns_now(app, tenant_id)).found
    insights = await pattern_insights(app, tenant_id)
    about = next(one for one in insights if "colour: red" in one.subject and "shape: triangle" in one.subject)
    insight, evidence = await pattern_insight(app, tenant_id, insight_id=about.id)
    assert insight.sentence == about.sentence
    assert evidence
    assert all(one.id in ids.values() and one.title.startswith("Seen ") for one in evidence)
    await hide(app, tenant_id, subject=Subject("experience", evidence[0].id), actor="mod", reason="spam")
    _, left = await pattern_insight(app, tenant_id, insight_id=about.id)
    assert evidence[0].id not in {one.id for one in left}
    plain = [
        ExperienceDraft(key=one.key, author=one.author, category=one.category, text=one.text) for one in sightings()
    ]
    await tell(app, tenant_id, plain)
    await refresh_patterns_now(app, tenant_id)
    expired, _ = await pattern_insight(app, tenant_id, insight_id=about.id)
    assert expired.expired_at is not None
    assert about.id not in {one.id for one in await pattern_insights(app, tenant_id)}


async def test_keys_are_those_of_this_community(app: App, tenant_id: UUID) -> None:
    assert await pattern_keys(app, tenant_id) == []
    with pytest.raises(CommunityEmpty):
        await pattern_map(app, tenant_id)
    await tell(app, tenant_id, sightings(40))
    keys = {one.key: one.item_count for one in await pattern_keys(app, tenant_id)}
    assert keys.items() >= {"shape": 40, "colour": 40, "moon": 40, "duration_s": 40}.items()
