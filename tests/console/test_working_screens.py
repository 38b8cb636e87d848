"""Loading, browsing, operations and settings, done in a browser against the real server."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

REVIEWS = """key,stars,product,text
r-1,5,kettle,Boils fast and the handle stays cool.
r-2,2,kettle,Started leaking after six weeks.
r-3,4,grinder,
r-4,3,toaster,Even browning but crumbs fall out below.
"""


@pytest.fixture
def reviews(tmp_path: Path, api: httpx.Client) -> Path:
    """A CSV of four rows, the third without a text; its collection does not exist."""
    api.delete("/collections/console-reviews")
    path = tmp_path / "console-reviews.csv"
    path.write_text(REVIEWS, encoding="utf-8")
    return path


def load(page: Page, path: Path) -> None:
    page.goto("/load")
    page.get_by_label("File to load").set_input_files(path)
    expect(page.get_by_label("Collection")).to_have_value("console-reviews")
    expect(page.get_by_label("text", exact=True)).to_have_value("text")
    page.get_by_role("button", name="Load console-reviews.csv").click()
    expect(page.locator(".status").filter(has_text="Done")).to_be_visible()


def test_file_is_previewed_loaded_and_its_bad_row_listed(page: Page, reviews: Path) -> None:
    load(page, reviews)
    assert "/operations/" in page.url
    rejected = page.get_by_role("region", name="1 row left out")
    expect(rejected.get_by_role("row").nth(1)).to_contain_text("4")
    page.get_by_role("link", name="See its items").click()
    expect(page.get_by_role("row")).to_have_count(4)


def test_progress_arrives_by_polling_where_streams_are_cut(page: Page, reviews: Path) -> None:
    page.route("**/operations/*/events", lambda route: route.abort())
    load(page, reviews)


def test_load_form_fits_a_phone(page: Page, reviews: Path) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/load")
    page.get_by_label("File to load").set_input_files(reviews)
    page.get_by_role("button", name="Load console-reviews.csv").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_upload_that_fails_keeps_the_form(page: Page, reviews: Path) -> None:
    def cut(route: Route) -> None:
        route.abort()

    page.route(re.compile(r"/load\?"), cut)
    page.goto("/load")
    page.get_by_label("File to load").set_input_files(reviews)
    page.get_by_role("button", name="Load console-reviews.csv").click()
    expect(page.get_by_role("alert")).to_contain_text("The server did not answer.")
    expect(page.get_by_role("button", name="Load console-reviews.csv")).to_be_enabled()


def test_file_dropped_anywhere_opens_the_load_screen(page: Page) -> None:
    page.goto("/")
    page.get_by_role("heading", level=1).wait_for()
    page.evaluate(
        """text => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([text], "dropped notes.csv"));
            const target = document.querySelector("main");
            for (const kind of ["dragover", "drop"])
                target.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: transfer }));
        }""",
        REVIEWS,
    )
    expect(page.get_by_label("Collection")).to_have_value("dropped-notes")


def test_item_is_deleted_only_after_a_second_yes(page: Page, sightings: str, api: httpx.Client) -> None:
    page.goto(f"/collections/{sightings}")
    page.get_by_role("link", name="Sighting s-05").click()
    drawer = page.get_by_role("dialog", name="Sighting s-05")
    expect(drawer).to_contain_text("silver disc")
    drawer.get_by_role("button", name="Delete").click()
    assert api.get(f"/collections/{sightings}/items/s-05").status_code == httpx.codes.OK
    drawer.get_by_role("group", name="Confirm the deletion").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("link", name="Sighting s-05")).to_have_count(0)
    assert api.get(f"/collections/{sightings}/items/s-05").status_code == httpx.codes.NOT_FOUND


def test_drawer_closes_on_escape_and_returns_to_its_row(page: Page, sightings: str) -> None:
    page.goto(f"/collections/{sightings}")
    row = page.get_by_role("link", name="Sighting s-02")
    row.press("Enter")
    expect(page.get_by_role("dialog", name="Sighting s-02")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(row).to_be_focused()


def test_collection_filters_its_table_by_range(page: Page, sightings: str) -> None:
    page.goto(f"/collections/{sightings}")
    expect(page.get_by_role("row")).to_have_count(13)
    page.get_by_role("spinbutton", name="duration (s) from").fill("500")
    page.keyboard.press("Tab")
    expect(page.get_by_role("row")).to_have_count(3)


def test_collection_is_deleted_with_all_its_items(page: Page, sightings: str, api: httpx.Client) -> None:
    page.goto(f"/collections/{sightings}")
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Delete 12 items").click()
    page.wait_for_url("**/collections")
    assert api.get(f"/collections/{sightings}").status_code == httpx.codes.NOT_FOUND


def test_api_key_is_shown_once_and_can_be_revoked(page: Page) -> None:
    name = f"console test {uuid4().hex}"
    page.goto("/settings")
    page.get_by_label("Name of the program").fill(name)
    page.get_by_role("button", name="Create key").click()
    dialog = page.get_by_role("dialog", name=f"Key for {name}")
    secret = dialog.get_by_role("group", name="The key").inner_text()
    assert len(secret) >= 20
    dialog.get_by_role("button", name="Close").click()
    page.reload()
    row = page.get_by_role("row").filter(has_text=name)
    expect(row).to_have_count(1)
    assert secret not in page.content()
    row.get_by_role("button", name="Revoke").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(row.get_by_role("button", name="Revoke")).to_have_count(0)


def test_settings_show_where_each_value_comes_from(page: Page) -> None:
    page.goto("/settings")
    field = page.get_by_role("searchbox", name="Find a setting")
    field.fill("search.")
    rows = page.get_by_role("region", name="Server settings").get_by_role("row")
    expect(rows.nth(1)).to_contain_text(re.compile("default|file|environment|flag"))


@pytest.mark.usefixtures("sightings")
def test_home_tells_health_figures_and_next_steps(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_text(re.compile(r"As of \d\d:\d\d:\d\d"))).to_be_visible()
    expect(page.get_by_role("region", name="Health").get_by_role("listitem")).not_to_have_count(0)
    expect(page.get_by_role("region", name="Next").get_by_role("button", name="Copy the command")).not_to_have_count(0)


def test_no_request_leaves_for_another_host(page: Page, base_url: str, sightings: str) -> None:
    addresses: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    search = f"/search?c={sightings}&q=light&explain=1"
    for screen in ("/", search, f"/collections/{sightings}", "/operations", "/settings"):
        page.goto(screen)
        page.wait_for_load_state("networkidle")
    assert {address for address in addresses if not address.startswith(base_url)} == set()
    assert complaints == []


def test_deep_address_is_served_with_a_policy_that_forbids_inline_script(api: httpx.Client, base_url: str) -> None:
    answer = httpx.get(f"{base_url}/collections/some-name", headers={"accept": "text/html"})
    assert answer.headers["content-type"].startswith("text/html")
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    assert api.get("/no-such-route").headers["content-type"].startswith("application/problem+json")
