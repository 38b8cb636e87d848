"""The patterns screen: shares, what goes with a value, its months, insights; and its empty state."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

NAME = "console-patterns"
ITEMS = 240
WAIT_S = 30.0


@pytest.fixture
def reports(api: httpx.Client) -> Iterator[str]:
    """Reports of eight months: triangles by night, lights by day, counted."""
    api.delete(f"/collections/{NAME}")
    api.post("/collections", json={"name": NAME, "facets": {"shape": "keyword", "sky": "keyword"}}).raise_for_status()
    items = [
        {
            "key": f"r-{n}",
            "body": f"report {n}",
            "facets": {
                "shape": "triangle" if n % 2 else "light",
                "sky": "night" if (n % 2 == 1) == (n % 10 < 8) else "day",
            },
            "happened_at": f"2013-0{1 + n % 8}-05T00:00:00Z",
        }
        for n in range(ITEMS)
    ]
    api.post(f"/collections/{NAME}/items:batch", json={"items": items}).raise_for_status()
    ends_at = time.monotonic() + WAIT_S
    while time.monotonic() < ends_at:
        keys = api.get("/patterns/keys", params={"collection": NAME}).json()["data"]
        if keys and keys[0]["item_count"] == ITEMS:
            break
    yield NAME
    api.delete(f"/collections/{NAME}")


def test_value_shows_what_goes_with_it_and_its_months(
    page: Page, reports: str, violations: Callable[[], list[str]]
) -> None:
    page.goto(f"/patterns?c={reports}&key=shape")
    expect(page.get_by_role("table").first).to_contain_text("50 %")
    page.get_by_role("link", name="triangle").first.click()
    expect(page.get_by_role("heading", name="shape: triangle")).to_be_visible()
    expect(page.get_by_role("row", name="night")).to_contain_text("times")
    page.get_by_text("Months as a table").click()
    expect(page.get_by_role("row", name="2013-03")).to_be_visible()
    assert violations() == []


def test_key_shows_what_rises_and_what_changed_since_a_month(
    page: Page, reports: str, violations: Callable[[], list[str]]
) -> None:
    page.goto(f"/patterns?c={reports}&key=sky")
    over_time = page.get_by_role("region", name="sky over time")
    expect(over_time.get_by_role("row", name="night")).to_have_count(2)
    expect(over_time.get_by_role("combobox", name="Since")).to_have_value("2013-05")
    expect(over_time).to_contain_text("No difference that is more than chance.")
    over_time.get_by_role("combobox", name="Since").select_option("2013-02")
    expect(over_time).to_contain_text("30 items before, 210 since")
    assert "since=2013-02" in page.url
    assert violations() == []


def test_insights_are_looked_for_on_demand_and_lead_to_their_items(page: Page, reports: str) -> None:
    page.goto(f"/patterns?c={reports}")
    page.get_by_role("button", name="Look for insights now").click()
    expect(page.get_by_text("Done")).to_be_visible(timeout=WAIT_S * 1000)
    page.goto(f"/patterns?c={reports}")
    page.locator(".insight summary").first.click()
    page.locator(".insight").first.get_by_role("link", name="r-").first.click()
    expect(page.get_by_role("heading", name=reports)).to_be_visible()


def test_collection_without_facets_says_where_patterns_come_from(page: Page, api: httpx.Client) -> None:
    api.post("/collections", json={"name": "console-plain", "facets": {}}).raise_for_status()
    try:
        page.goto("/patterns?c=console-plain")
        expect(page.get_by_text("Patterns come from what items are labelled with")).to_be_visible()
        expect(page.get_by_role("main").get_by_role("link", name="Load a file")).to_be_visible()
    finally:
        api.delete("/collections/console-plain")
