"""Clusters and the map: grouping a collection, a cluster's items, locking, undoing, the map and its table twin."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

NAME = "console-complaints"
WAIT_S = 30.0
TEXTS = (
    *(f"the lid of my kettle broke again and leaks {word}" for word in ("today", "badly", "steam", "water", "now")),
    *(f"parcel late courier never rang the bell {word}" for word in ("today", "twice", "again")),
    "warm light in a calm room",
)


@pytest.fixture
def complaints(api: httpx.Client) -> Iterator[str]:
    """A collection of nine texts that say three things, not grouped."""
    api.delete(f"/collections/{NAME}")
    api.post("/collections", json={"name": NAME}).raise_for_status()
    items = [{"key": f"c-{n}", "body": body} for n, body in enumerate(TEXTS)]
    api.post(f"/collections/{NAME}/items:batch", json={"items": items}).raise_for_status()
    yield NAME
    api.delete(f"/collections/{NAME}")


@pytest.fixture
def grouped(api: httpx.Client, complaints: str) -> str:
    """The same, grouped and refined."""
    watch(api, api.put(f"/clusters/{complaints}", json={"threshold": 0.5}))
    watch(api, api.post(f"/clusters/{complaints}/refine"))
    return complaints


def watch(api: httpx.Client, begun: httpx.Response) -> None:
    """Waits until the operation that was begun has ended well."""
    begun.raise_for_status()
    ends_at = time.monotonic() + WAIT_S
    status = ""
    while time.monotonic() < ends_at and status not in {"succeeded", "failed"}:
        status = api.get(f"/operations/{begun.json()['operation']}").json()["status"]
    assert status == "succeeded"


def clusters(api: httpx.Client, name: str) -> list[dict[str, object]]:
    return api.get(f"/clusters/{name}/list").json()["data"]


def test_collection_that_is_not_grouped_can_be_grouped_there_and_then(page: Page, complaints: str) -> None:
    page.goto(f"/clusters?c={complaints}")
    page.get_by_role("button", name="Group this collection").click()
    page.wait_for_url("**/operations/opr_*")
    expect(page.get_by_text("Done")).to_be_visible(timeout=WAIT_S * 1000)
    page.goto(f"/clusters?c={complaints}")
    expect(page.get_by_role("heading", level=2).first).to_be_visible()
    expect(page.get_by_role("button", name="Refine")).to_be_enabled()


def test_cluster_shows_its_items_and_can_be_locked(
    page: Page, api: httpx.Client, grouped: str, violations: Callable[[], list[str]]
) -> None:
    largest = clusters(api, grouped)[0]
    assert largest["item_count"] == 5
    page.goto(f"/clusters?c={grouped}")
    assert violations() == []
    page.get_by_role("link", name=str(largest["label"]), exact=True).click()
    table = page.get_by_role("table", name="Items, in the order they came")
    expect(table.get_by_role("row")).to_have_count(6)
    expect(table).to_contain_text("kettle broke again and leaks steam")
    page.get_by_role("button", name="Lock").click()
    expect(page.get_by_role("button", name="Unlock")).to_be_visible()
    assert clusters(api, grouped)[0]["is_locked"]
    assert violations() == []


def test_what_somebody_changed_is_undone_from_the_list(page: Page, api: httpx.Client, grouped: str) -> None:
    largest = clusters(api, grouped)[0]
    moved = api.post(f"/clusters/{grouped}/{largest['id']}/move", json={"keys": ["c-0", "c-1"]})
    moved.raise_for_status()
    assert clusters(api, grouped)[0]["item_count"] == 3
    page.goto(f"/clusters?c={grouped}")
    page.get_by_role("listitem").filter(has_text="Somebody").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("listitem").filter(has_text="Somebody")).to_contain_text("undone")
    assert clusters(api, grouped)[0]["item_count"] == 5


def test_map_draws_every_text_and_a_lasso_lists_what_lies_within(
    page: Page, grouped: str, violations: Callable[[], list[str]]
) -> None:
    page.goto(f"/map?c={grouped}")
    expect(page.get_by_text("9 texts in 3 clusters")).to_be_visible()
    twin = page.get_by_role("table", name="The largest clusters on the map")
    expect(twin.get_by_role("row")).to_have_count(4)
    assert violations() == []
    area = page.get_by_role("application")
    box = area.bounding_box()
    assert box is not None
    left, top, right, bottom = box["x"] + 2, box["y"] + 2, box["x"] + box["width"] - 2, box["y"] + box["height"] - 2
    page.keyboard.down("Shift")
    page.mouse.move(left, top)
    page.mouse.down()
    for x, y in ((right, top), (right, bottom), (left, bottom)):
        page.mouse.move(x, y)
    page.mouse.up()
    page.keyboard.up("Shift")
    chosen = page.get_by_role("table", name="9 texts within the outline")
    expect(chosen.get_by_role("row")).to_have_count(4)
    listed = page.get_by_role("region", name="These texts").get_by_role("listitem")
    expect(listed).to_have_count(9)
    expect(listed.filter(has_text="warm light in a calm room")).to_be_visible()
    assert violations() == []


def test_map_of_a_collection_not_refined_says_what_draws_it(page: Page, complaints: str) -> None:
    page.goto(f"/map?c={complaints}")
    expect(page.get_by_role("button", name="Group this collection")).to_be_visible()
    expect(page.get_by_text("likewise clusters build")).to_be_visible()
