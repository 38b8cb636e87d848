"""Every screen passes axe in every theme, and works by keyboard and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

SCREENS = {
    "home": "/",
    "inbox": "/inbox",
    "search": "/search?c={c}&q=orange+lights",
    "search explained": "/search?c={c}&q=orange+lights&explain=1",
    "search not begun": "/search?c={c}",
    "similar": "/search?c={c}&like=s-01",
    "collections": "/collections",
    "collection": "/collections/{c}",
    "item": "/collections/{c}?item=s-01",
    "collection that is not there": "/collections/no-such-collection",
    "patterns": "/patterns?c={c}",
    "clusters not grouped": "/clusters?c={c}",
    "map not grouped": "/map?c={c}",
    "load": "/load",
    "people": "/people?c={c}",
    "person nobody knows": "/people/nobody?c={c}",
    "feed of a stranger": "/feed?c={c}&user=nobody",
    "feed of nobody yet": "/feed?c={c}",
    "operations": "/operations",
    "settings": "/settings",
    "no page": "/no-such-page",
}


def open_screen(page: Page, address: str) -> None:
    """Goes there and waits until the screen and its data are shown."""
    page.goto(address)
    page.locator("h1").first.wait_for(state="attached")
    page.locator(".skeleton").first.wait_for(state="detached")
    # The inbox listens to a stream of news, so its network is never idle.
    if address != "/inbox":
        page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(
    page: Page, sightings: str, violations: Callable[[], list[str]], screen: str, scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    open_screen(page, SCREENS[screen].format(c=sightings))
    assert violations() == []


@pytest.mark.parametrize("screen", ["search explained", "collection", "settings"])
def test_axe_finds_nothing_in_high_contrast(
    page: Page, sightings: str, violations: Callable[[], list[str]], screen: str
) -> None:
    page.emulate_media(contrast="more", reduced_motion="reduce")
    open_screen(page, SCREENS[screen].format(c=sightings))
    expect(page.locator("html")).to_have_attribute("data-contrast", "more")
    assert violations() == []


@pytest.mark.parametrize("screen", SCREENS)
def test_phone_never_scrolls_sideways(page: Page, sightings: str, screen: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_screen(page, SCREENS[screen].format(c=sightings))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_palette_finds_and_runs_a_command_by_keyboard(page: Page) -> None:
    open_screen(page, "/")
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Type a command or a search")
    expect(field).to_be_focused()
    page.keyboard.type("settings")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Settings", level=1)).to_be_focused()


def test_palette_gives_the_focus_back_when_left(page: Page) -> None:
    open_screen(page, "/")
    opener = page.get_by_role("button", name="Commands")
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Command palette")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(opener).to_be_focused()


@pytest.mark.parametrize(
    ("keys", "address"),
    [
        ("gi", "/inbox"),
        ("gu", "/community"),
        ("cq", "/community/ask"),
        ("gs", "/search"),
        ("gc", "/collections"),
        ("gp", "/people"),
        ("ga", "/patterns"),
        ("gk", "/clusters"),
        ("gm", "/map"),
        ("gf", "/feed"),
        ("go", "/operations"),
        ("gt", "/settings"),
    ],
)
def test_two_letters_go_to_a_screen(page: Page, keys: str, address: str) -> None:
    open_screen(page, "/")
    for key in keys:
        page.keyboard.press(key)
    page.wait_for_url(lambda url: url.split("?")[0].endswith(address))


def test_slash_goes_to_the_query_field(page: Page, sightings: str) -> None:
    open_screen(page, f"/search?c={sightings}&q=lights")
    page.get_by_role("link", name="Sighting", exact=False).first.focus()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Search by meaning")).to_be_focused()


def test_single_letter_shortcuts_can_be_turned_off(page: Page) -> None:
    open_screen(page, "/settings")
    page.get_by_role("checkbox", name="Shortcuts of single letters").uncheck()
    page.get_by_role("heading", level=1).focus()
    page.keyboard.press("?")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog")).to_have_count(1)
    expect(page.get_by_role("dialog", name="Command palette")).to_be_visible()


def test_shortcuts_do_not_fire_while_typing(page: Page, sightings: str) -> None:
    open_screen(page, f"/search?c={sightings}")
    page.keyboard.type("go? gs/")
    expect(page.get_by_role("searchbox", name="Search by meaning")).to_have_value("go? gs/")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_skip_link_leads_past_the_navigation(page: Page) -> None:
    open_screen(page, "/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


def test_chosen_theme_survives_a_reload(page: Page) -> None:
    open_screen(page, "/settings")
    page.get_by_role("radio", name="Dark").check()
    page.reload()
    expect(page.get_by_role("radio", name="Dark")).to_be_checked()
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
