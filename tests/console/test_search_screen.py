"""Searching in a browser: results, arms, filters in the address, and answers in order."""

from __future__ import annotations

import re
import threading

import pytest
from playwright.sync_api import Page, Route, expect


def test_typing_finds_items_by_meaning(page: Page, sightings: str) -> None:
    page.goto(f"/search?c={sightings}")
    field = page.get_by_role("searchbox", name="Search by meaning")
    expect(field).to_be_focused()
    field.press_sequentially("orange lights without noise", delay=5)
    first = page.locator(".hit").first
    expect(first).to_contain_text(re.compile("orange", re.IGNORECASE))
    expect(first.locator("mark").first).to_be_visible()
    expect(page.locator(".summary")).to_contain_text(re.compile(r"results.*(exact|approximate).*candidates.*ms"))


def test_text_of_an_item_is_never_markup(page: Page, sightings: str) -> None:
    page.goto(f"/search?c={sightings}&q=bold+claim+saucer+village")
    hit = page.locator(".hit", has_text="half the village")
    expect(hit).to_contain_text("<b>Bold</b> claim: a \U0001f6f8 saucer")
    # The highlights after a character outside the basic plane still fall on whole words.
    marked = hit.locator("mark").all_inner_texts()
    assert "village" in marked


def test_explain_shows_each_arm_beside_the_joined_list(page: Page, sightings: str) -> None:
    page.goto(f"/search?c={sightings}&q=silent+triangle")
    page.get_by_role("switch", name="Explain").check()
    for arm in ("Meaning", "Words", "Spelling"):
        expect(page.get_by_role("region", name=f"{arm} arm")).to_be_visible()
    meaning = page.get_by_role("region", name="Meaning arm").get_by_role("listitem")
    expect(meaning.first).to_contain_text(re.compile("triangle", re.IGNORECASE))
    expect(page.locator(".hit").first.locator(".breakdown")).to_contain_text("#1")
    assert "explain=1" in page.url


def test_filter_narrows_results_and_back_undoes_it(page: Page, sightings: str) -> None:
    page.goto(f"/search?c={sightings}&q=lights+in+the+sky")
    expect(page.locator(".hit")).to_have_count(10)
    page.get_by_role("checkbox", name="triangle").check()
    expect(page.locator(".hit")).to_have_count(2)
    page.go_back()
    expect(page.locator(".hit")).to_have_count(10)
    expect(page.get_by_role("checkbox", name="triangle")).not_to_be_checked()


def test_shared_address_restores_query_and_filters(page: Page, sightings: str) -> None:
    page.goto(f"/search?c={sightings}&q=something+bright&f.shape=disc&f.shape=fireball&r.duration_s=..40")
    expect(page.get_by_role("searchbox", name="Search by meaning")).to_have_value("something bright")
    expect(page.get_by_role("checkbox", name="disc")).to_be_checked()
    expect(page.get_by_role("spinbutton", name="duration (s) to")).to_have_value("40")
    expect(page.locator(".hit")).to_have_count(2)
    assert set(page.locator(".hit h3").all_inner_texts()) == {"Sighting s-03", "Sighting s-12"}


def test_back_leaves_a_whole_query_not_a_letter(page: Page, sightings: str) -> None:
    page.goto("/collections")
    page.goto(f"/search?c={sightings}&q=fireball")
    field = page.get_by_role("searchbox", name="Search by meaning")
    field.fill("")
    field.press_sequentially("dog near the barn", delay=10)
    expect(page.locator(".hit").first).to_contain_text("barn")
    page.go_back()
    expect(field).to_have_value("fireball")


def test_slow_answer_never_replaces_a_newer_one(page: Page, sightings: str) -> None:
    page.goto(f"/search?c={sightings}")
    held = threading.Event()
    slow: list[Route] = []

    def hold_first(route: Route) -> None:
        if "fireball" in (route.request.post_data or "") and not held.is_set():
            held.set()
            slow.append(route)
        else:
            route.continue_()

    page.route("**/api/v1/search", hold_first)
    field = page.get_by_role("searchbox", name="Search by meaning")
    field.fill("fireball")
    page.wait_for_event("request", lambda request: "fireball" in (request.post_data or ""))
    field.fill("dog near the barn")
    expect(page.locator(".hit").first).to_contain_text("barn")
    for route in slow:
        route.continue_()
    page.wait_for_load_state("networkidle")
    expect(page.locator(".hit").first).to_contain_text("barn")


def test_similar_starts_from_an_item(page: Page, sightings: str) -> None:
    page.goto(f"/search?c={sightings}&q=silent+triangle")
    hit = page.locator(".hit", has_text="black triangle")
    hit.get_by_role("link", name=re.compile("^Similar")).click()
    expect(page.locator(".like-chip")).to_contain_text("s-02")
    expect(page.locator(".hit")).not_to_have_count(0)
    expect(page.locator(".hit", has_text="black triangle")).to_have_count(0)


def test_search_can_be_taken_along_as_code(page: Page, sightings: str) -> None:
    page.goto(f"/search?c={sightings}&q=it%27s+a+triangle&f.shape=triangle")
    page.get_by_role("button", name="Copy as").click()
    dialog = page.get_by_role("dialog", name="This search as code")
    expect(dialog).to_contain_text(f"likewise search 'it'\\''s a triangle' -c {sightings}")
    expect(dialog).to_contain_text("/api/v1/search")
    expect(dialog).to_contain_text('"shape": ["triangle"]')


@pytest.mark.usefixtures("sightings")
def test_search_in_missing_collection_says_what_to_do(page: Page) -> None:
    page.goto("/search?c=no-such-collection&q=anything")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("no-such-collection")
    expect(alert).to_contain_text("likewise load")
    expect(alert).to_contain_text(re.compile(r"Request \S+"))
