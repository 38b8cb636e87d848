"""The community: feeds that say why, experiences with the words their attributes were read from, people, patterns,
questions in plain words, and review, with and without a mouse."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Literal, TypedDict

import httpx
import pytest
from PIL import Image
from playwright.sync_api import ConsoleMessage, Locator, Page, Request, expect

WAIT_S = 60.0
DENVER, BERLIN, LONDON = (39.7, -105.0), (52.5, 13.4), (51.5, -0.1)
PEOPLE = ("ann", "ben", "cleo", "dina", "emil", "fay")
DISCS = ("hung over the lake", "turned above the roofs", "crossed the river", "stood behind a cloud")
TRIANGLES = ("drifted over the ridge", "hovered above the barn", "slid along the valley", "followed our car")
DREAMS = ("a house with one more room", "a stair that went on", "my grandmother by the sea", "a train without a driver")


class Told(TypedDict):
    key: str
    author: str
    title: str
    text: str
    category: str
    place: dict[str, float]
    place_name: str
    happened_at: str
    attributes: list[dict[str, object]]


class Found(TypedDict):
    id: str
    title: str
    author: str


def at(month: int, day: int, hour: int) -> str:
    """A time of 2013."""
    return datetime(2013, month, day, hour, 15, tzinfo=UTC).isoformat()


def told(
    key: str, author: str, words: tuple[str, str], *, category: str, where: tuple[tuple[float, float], str], when: str
) -> Told:
    """An experience as the API takes it; its author says nothing of its attributes."""
    (lat, lon), place_name = where
    return Told(
        key=key,
        author=author,
        title=words[0],
        text=words[1],
        category=category,
        place={"lat": lat, "lon": lon},
        place_name=place_name,
        happened_at=when,
        attributes=[],
    )


def stories() -> list[Told]:
    """Fifty experiences in which triangles are orange and around Denver, discs silver and around Berlin."""
    found: list[Told] = []
    for n in range(24):
        deed = TRIANGLES[n % 4]
        text = f"An orange triangle {deed} without a sound, for {n + 5} minutes. Two of us saw it at night, number {n}."
        words = (f"A triangle that {deed}, {n}", text)
        when = at(n % 12 + 1, 3 + n % 20, 22)
        found.append(
            told(f"tri-{n}", PEOPLE[n % 3], words, category="ufo_sighting", where=(DENVER, "Denver"), when=when)
        )
    for n in range(14):
        deed = DISCS[n % 4]
        text = f"A silver disc {deed} and hummed, for {n + 10} seconds. It was in the morning, number {n}."
        words = (f"A disc that {deed}, {n}", text)
        when = at(n % 12 + 1, 5 + n, 8)
        found.append(
            told(f"dis-{n}", PEOPLE[3 + n % 2], words, category="ufo_sighting", where=(BERLIN, "Berlin"), when=when)
        )
    for n in range(12):
        about = DREAMS[n % 4]
        text = f"I dreamed of {about}, and knew that I was dreaming. I woke up and felt calm, number {n}."
        words = (f"A dream of {about}, {n}", text)
        when = at(n % 12 + 1, 9 + n, 3)
        found.append(
            told(f"dre-{n}", PEOPLE[5 - n % 2], words, category="vivid_dream", where=(LONDON, "London"), when=when)
        )
    return found


def wait_until(holds: Callable[[], bool]) -> None:
    """Asks until it holds; the server works between the questions."""
    ends_at = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < ends_at


def listed(api: httpx.Client, **query: str) -> list[Found]:
    """Experiences that everybody may see."""
    return api.get("/community/experiences", params={"limit": 100, **query}).raise_for_status().json()["data"]


def known(api: httpx.Client, key: str) -> int:
    """How many experiences the patterns know a key of."""
    answer = api.get("/community/patterns/keys").raise_for_status().json()["data"]
    return next((row["item_count"] for row in answer if row["key"] == key), 0)


def feed_of(api: httpx.Client, user: str) -> list[str]:
    """The ids of a feed, without its being seen."""
    answer = api.post(f"/community/people/{user}/feed", json={"k": 20, "is_recorded": False})
    return [one["experience"]["id"] for one in answer.raise_for_status().json()["data"]]


@pytest.fixture
def community(api: httpx.Client) -> httpx.Client:
    """Fifty experiences of six people, counted, embedded and turned to; made anew if a test took them away."""
    rows = stories()
    body = {"experiences": rows}
    api.post("/community/experiences:batch", json=body).raise_for_status()
    wait_until(lambda: known(api, "shape") >= 38)
    ids = {one["title"]: one["id"] for one in listed(api)}
    for user in PEOPLE[:3]:
        for n in (24, 25, 38, 39):
            api.put(f"/community/experiences/{ids[rows[n]['title']]}/upvotes/{user}").raise_for_status()
    for user in PEOPLE[3:]:
        for n in (0, 1, 2, 38):
            api.put(f"/community/experiences/{ids[rows[n]['title']]}/upvotes/{user}").raise_for_status()
    api.put("/community/people/ann", json={"name": "Ann Berg", "about": "Looks up a lot."}).raise_for_status()
    wait_until(lambda: len(feed_of(api, "ann")) > 5)
    wait_until(lambda: bool(api.get("/community/people/ann/similar").json()["data"]))
    return api


@pytest.fixture
def empty(api: httpx.Client) -> httpx.Client:
    """A community in which nobody has told, said or done anything."""
    for person in api.get("/community/people", params={"limit": 100}).raise_for_status().json()["data"]:
        api.delete(f"/community/people/{person['user']}").raise_for_status()
    api.delete("/collections/experiences")
    return api


@pytest.fixture
def story(community: httpx.Client) -> Iterator[Found]:
    """An experience that a test may do with as it likes."""
    words = ("A green wedge", "A green wedge fell on the moor at dusk.")
    one = told("own-1", "gus", words, category="ufo_sighting", where=(DENVER, "Denver"), when=at(6, 1, 20))
    community.post("/community/experiences", json=one).raise_for_status()
    found = next(each for each in listed(community, author="gus") if each["title"] == "A green wedge")
    yield found
    community.delete(f"/community/experiences/{found['id']}")


@pytest.fixture
def tidy(page: Page, base_url: str) -> Callable[[], list[str]]:
    """What went wrong unseen on this page: errors of scripts and requests that left the server."""
    wrong: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error":
            wrong.append(message.text)

    def asked(request: Request) -> None:
        if not request.url.startswith((base_url, "data:", "blob:")):
            wrong.append(request.url)

    page.on("console", heard)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", asked)
    return lambda: wrong


def cards(page: Page) -> Locator:
    return page.locator(".feed-list > li")


def open_room(page: Page, address: str) -> None:
    """Goes there and waits until the room and what is in it are shown."""
    page.goto(address)
    page.locator("h1").first.wait_for(state="attached")
    page.wait_for_load_state("networkidle")
    expect(page.locator(".skeleton")).to_have_count(0)


def as_person(page: Page, user: str) -> None:
    field = page.get_by_role("combobox", name="Acting as")
    field.fill(user)
    field.press("Enter")


def test_feed_says_why_and_trending_stands_beside_it(page: Page, community: httpx.Client) -> None:
    open_room(page, "/community?user=ann")
    expect(cards(page).first.get_by_role("list", name=re.compile("^Why"))).to_contain_text("%")
    shown = [one.get_attribute("data-card") for one in cards(page).locator("[data-card]").all()]
    assert shown == feed_of(community, "ann")
    trending = page.get_by_role("complementary", name="Trending")
    expect(trending.get_by_role("link").first).to_be_visible()


@pytest.mark.usefixtures("community")
def test_less_like_this_takes_effect_at_once(page: Page) -> None:
    open_room(page, "/community?user=ben")
    first = cards(page).first
    title = first.get_by_role("heading").inner_text()
    first.get_by_role("button", name="Less like this").click()
    expect(page.locator(".feed-list").get_by_role("heading", name=title, exact=True)).to_have_count(0)
    expect(cards(page).first).to_be_visible()
    page.reload()
    expect(cards(page).first).to_be_visible()
    expect(page.locator(".feed-list").get_by_role("heading", name=title, exact=True)).to_have_count(0)


@pytest.mark.usefixtures("community")
def test_feed_is_walked_and_acted_on_without_a_mouse(page: Page) -> None:
    open_room(page, "/")
    page.keyboard.press("g")
    page.keyboard.press("u")
    expect(page.get_by_role("heading", name="For you", level=1)).to_be_focused()
    picker = page.get_by_role("combobox", name="Feed of")
    picker.focus()
    page.keyboard.type("Ann B")
    expect(page.get_by_role("option", name="Ann Berg")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/community?user=ann")
    expect(cards(page).first).to_be_visible()
    page.locator("h1").focus()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(cards(page).first.get_by_role("link").first).to_be_focused()
    page.keyboard.press("u")
    expect(cards(page).first.get_by_role("button", name="Upvoted", pressed=True)).to_be_visible()
    page.keyboard.press("u")
    expect(cards(page).first.get_by_role("button", name="Upvote", pressed=False).first).to_be_visible()
    page.keyboard.press("j")
    second = page.locator(":focus").inner_text()
    page.keyboard.press("x")
    expect(page.locator(".feed-list").get_by_role("heading", name=second, exact=True)).to_have_count(0)
    expect(page.locator(".feed-list a:focus")).to_have_count(1)
    page.keyboard.press("Enter")
    page.wait_for_url("**/community/experiences/exp_*")
    expect(page.get_by_role("heading", level=1)).to_be_focused()


def test_attribute_that_is_looked_at_has_its_words_marked(page: Page, community: httpx.Client) -> None:
    one = next(each for each in listed(community, author="ann") if each["title"].startswith("A triangle"))
    open_room(page, f"/community/experiences/{one['id']}")
    row = page.get_by_role("list", name="Attributes").get_by_role("listitem").filter(has_text="triangle").first
    expect(row).to_contain_text("read in the text")
    button = row.get_by_role("button", name=re.compile("^Mark the words of"))
    button.focus()
    looked = page.locator(".experience-text mark[data-looked=true], .experience-title mark[data-looked=true]")
    expect(looked.first).to_have_text(re.compile("triangle", re.IGNORECASE))
    page.get_by_role("link", name="What else was near").focus()
    expect(looked).to_have_count(0)
    button.click()
    page.get_by_role("link", name="What else was near").focus()
    page.mouse.move(0, 0)
    expect(looked.first).to_be_visible()


def test_comment_is_written_read_and_counted(page: Page, story: Found, community: httpx.Client) -> None:
    open_room(page, f"/community/experiences/{story['id']}")
    as_person(page, "ann")
    field = page.get_by_role("textbox", name="Comment as ann")
    field.fill("I saw the same wedge, from the other side.")
    page.get_by_role("button", name="Comment", exact=True).click()
    comments = page.get_by_role("region", name="1 comment")
    expect(comments.get_by_role("listitem")).to_contain_text("from the other side")
    expect(comments.get_by_role("listitem")).to_contain_text("Ann Berg")
    expect(field).to_have_value("")
    wait_until(lambda: community.get(f"/community/experiences/{story['id']}").json()["counters"]["comments"] == 1)


def test_picture_is_added_with_what_it_shows(page: Page, story: Found, tidy: Callable[[], list[str]]) -> None:
    drawn = io.BytesIO()
    Image.new("RGB", (640, 480), (20, 120, 90)).save(drawn, "PNG")
    open_room(page, f"/community/experiences/{story['id']}")
    page.get_by_text("Add a picture").click()
    page.get_by_label("Picture", exact=True).set_input_files(
        {"name": "moor.png", "mimeType": "image/png", "buffer": drawn.getvalue()}
    )
    page.get_by_role("textbox", name="What it shows").fill("The moor in the evening")
    page.get_by_role("button", name="Add", exact=True).click()
    picture = page.get_by_role("img", name="The moor in the evening")
    expect(picture).to_be_visible()
    assert picture.evaluate("one => one.decode().then(() => one.naturalWidth)") > 0
    assert tidy() == []


def test_hidden_experience_vanishes_from_the_search_and_comes_back(
    page: Page, story: Found, community: httpx.Client
) -> None:
    open_room(page, "/community/search?q=green+wedge+on+the+moor")
    hit = page.get_by_role("article", name="A green wedge")
    expect(hit).to_be_visible()
    hit.get_by_role("link", name="A green wedge").click()
    page.get_by_role("button", name=re.compile("^Hide")).click()
    dialog = page.get_by_role("dialog", name="Hide it")
    dialog.get_by_role("textbox", name="Reason").fill("It names a neighbour")
    dialog.get_by_role("button", name="Hide").click()
    expect(dialog).to_have_count(0)
    assert story["id"] not in [one["id"] for one in listed(community)]
    page.goto("/community/search?q=green+wedge+on+the+moor")
    expect(page.locator(".card").first).to_be_visible()
    expect(hit).to_have_count(0)
    page.goto("/community/review")
    case = page.get_by_role("listitem").filter(has_text="A green wedge")
    expect(case.first).to_contain_text("It names a neighbour")
    case.first.get_by_role("button", name=re.compile("^Show again")).click()
    page.get_by_role("dialog").get_by_role("button", name="Show again").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.goto("/community/search?q=green+wedge+on+the+moor")
    expect(hit).to_be_visible()


def test_reported_experience_waits_for_review_and_is_cleared_with_a_reason(page: Page, story: Found) -> None:
    open_room(page, f"/community/experiences/{story['id']}?user=ben")
    page.get_by_role("button", name="Report", exact=True).click()
    dialog = page.get_by_role("dialog", name="Report this experience")
    dialog.get_by_role("radio", name="Made up").check()
    dialog.get_by_role("textbox", name="Note for the moderator").fill("There is no such moor")
    dialog.get_by_role("button", name="Report").click()
    expect(dialog).to_have_count(0)
    open_room(page, "/community/review")
    case = page.locator(".case").filter(has_text="A green wedge")
    expect(case).to_contain_text("1 open report")
    expect(case.get_by_role("list", name="Reasons")).to_contain_text("Made up 1")
    case.get_by_text("Reports and decisions").click()
    expect(case).to_contain_text("There is no such moor")
    case.get_by_role("button", name=re.compile("^Clear")).click()
    asked = page.get_by_role("dialog", name="Clear it")
    asked.get_by_role("textbox", name="Reason").fill("The moor is on every map")
    asked.get_by_role("button", name="Clear").click()
    expect(page.locator(".case").filter(has_text="1 open report")).to_have_count(0)


@pytest.mark.usefixtures("community")
def test_person_is_a_picture_with_a_table_and_neighbours_with_shared_ground(page: Page) -> None:
    open_room(page, "/community/people/ann")
    expect(page.get_by_role("heading", name="Ann Berg", level=1)).to_be_visible()
    dna = page.get_by_role("region", name="DNA")
    expect(dna.locator("svg.helix g[data-hue]").first).to_be_attached()
    expect(dna.get_by_role("row").filter(has_text="UFO sighting")).to_contain_text("%")
    alike = page.get_by_role("region", name="People alike")
    expect(alike.get_by_role("listitem").first).to_contain_text(re.compile("ben|cleo"))
    alike.get_by_role("button", name="taste").click()
    page.wait_for_url("**by=taste")
    expect(page.get_by_role("region", name="What they told").get_by_role("article").first).to_contain_text("Denver")


@pytest.mark.usefixtures("community")
def test_search_is_narrowed_by_category_attribute_place_and_time(page: Page) -> None:
    open_room(page, "/community/search")
    page.get_by_role("searchbox").fill("something in the sky")
    page.keyboard.press("Enter")
    expect(page.locator(".card").first).to_be_visible()
    page.get_by_role("combobox", name="Attribute").select_option("shape")
    page.get_by_role("list", name="Values of shape").get_by_role("button", name=re.compile("^dis[ck]")).click()
    page.wait_for_url("**a=shape*")
    expect(page.get_by_role("status").filter(has_text="14 experiences")).to_be_visible()
    page.get_by_role("textbox", name="Happened from").fill("2013-07-01")
    page.wait_for_url("**from=2013-07-01*")
    expect(page.get_by_role("status").filter(has_text=re.compile("^[1-9] experiences?"))).to_be_visible()
    page.get_by_role("button", name=re.compile("^Take away: shape")).click()
    page.get_by_role("spinbutton", name="Latitude").fill("39.7")
    page.get_by_role("spinbutton", name="Longitude").fill("-105")
    page.get_by_role("spinbutton", name="Kilometres").fill("50")
    page.get_by_role("button", name="Around it").click()
    page.wait_for_url("**near=*")
    expect(page.locator(".card").filter(has_text="Berlin")).to_have_count(0)
    expect(page.locator(".card").first).to_contain_text("Denver")


@pytest.mark.usefixtures("community")
def test_patterns_tell_what_goes_with_a_value_where_and_when(page: Page) -> None:
    open_room(page, "/community/patterns?key=shape")
    shares = page.get_by_role("region", name="shape", exact=False).first
    shares.get_by_role("link", name="triangle").click()
    page.wait_for_url("**segment=shape%3Atriangle*")
    beside = page.get_by_role("region", name=re.compile("^What goes with"))
    row = beside.get_by_role("row").filter(has_text="orange").first
    expect(row).to_contain_text("\u00d7")
    expect(row).to_contain_text("q ")
    where = page.get_by_role("region", name="Where")
    expect(where.locator("svg .cell").first).to_be_attached()
    expect(where.get_by_role("row").filter(has_text="35 to 40 N")).to_contain_text("24")
    expect(page.get_by_role("region", name="When").get_by_role("table").first).to_be_visible()
    where.get_by_role("button", name=re.compile("35 to 40 N")).click()
    page.wait_for_url("**place=*")
    expect(page.get_by_role("list", name="The group looked at")).to_be_visible()


@pytest.mark.usefixtures("community")
def test_question_streams_a_plan_and_draws_what_was_found(page: Page) -> None:
    open_room(page, "/community/ask")
    field = page.get_by_role("textbox", name="Ask the community")
    field.fill("Where were triangles seen?")
    field.press("Enter")
    turn = page.locator(".turn").last
    expect(turn).to_contain_text(re.compile("Understood as.*triangle"))
    expect(turn.locator("svg .cell").first).to_be_attached()
    expect(turn.get_by_role("table").first).to_contain_text("24")
    field.fill("And when?")
    field.press("Enter")
    expect(page.locator(".turn")).to_have_count(2)
    expect(page.locator(".turn").last).to_contain_text(re.compile("Understood as.*triangle"))
    expect(page.locator(".turn").last.get_by_role("table").first).to_be_visible()


@pytest.mark.usefixtures("community")
def test_question_is_stopped_and_another_one_asked(page: Page) -> None:
    open_room(page, "/community/ask")
    page.route("**/community/discovery", lambda _: None)  # nothing comes back
    field = page.get_by_role("textbox", name="Ask the community")
    field.fill("Where were triangles seen?")
    field.press("Enter")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(".turn")).to_contain_text("Stopped")
    page.unroute_all()
    field.fill("How many triangles are there?")
    field.press("Enter")
    expect(page.locator(".turn").last).to_contain_text("24 of 50 experiences")


@pytest.mark.usefixtures("community")
def test_question_that_is_not_understood_is_said_so_plainly(page: Page) -> None:
    open_room(page, "/community/ask")
    field = page.get_by_role("textbox", name="Ask the community")
    field.fill("What is 17 plus 4?")
    field.press("Enter")
    turn = page.locator(".turn").last
    expect(turn).to_contain_text("I do not understand")
    turn.get_by_role("button").first.click()
    expect(page.locator(".turn")).to_have_count(2)
    expect(page.locator(".turn").last).to_contain_text("Understood as")


@pytest.mark.usefixtures("community")
def test_examples_are_of_this_communitys_own_words_and_work(page: Page) -> None:
    open_room(page, "/community/ask")
    examples = page.get_by_role("list", name="Questions to begin with").get_by_role("button")
    expect(examples.first).to_be_visible()
    for n in range(examples.count()):
        words = examples.nth(n).inner_text()
        examples.nth(n).click()
        turn = page.locator(".turn").last
        expect(turn).to_contain_text("Understood as", timeout=WAIT_S * 1000)
        expect(turn.get_by_role("heading", name=words)).to_be_visible()
        page.get_by_role("button", name="Begin anew").click()
        expect(examples.first).to_be_visible()


ROOMS = {
    "feed": "/community?user=ann",
    "feed of nobody yet": "/community",
    "search": "/community/search?q=light&a=shape:triangle&near=39.7,-105&km=300&from=2013-01-01",
    "search not begun": "/community/search",
    "people": "/community/people",
    "person": "/community/people/ann",
    "patterns": "/community/patterns?key=shape",
    "patterns of a value": "/community/patterns?key=shape&segment=shape%3Atriangle",
    "patterns against usual": "/community/patterns?key=shape&segment=shape%3Atriangle&shade=lift",
    "ask": "/community/ask",
    "review": "/community/review",
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_any_room(
    page: Page,
    community: httpx.Client,
    violations: Callable[[], list[str]],
    tidy: Callable[[], list[str]],
    scheme: Literal["light", "dark"],
) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    one = listed(community, author="ann")[0]
    for name, address in {**ROOMS, "experience": f"/community/experiences/{one['id']}"}.items():
        open_room(page, address)
        assert violations() == [], name
    assert tidy() == []


def test_axe_finds_nothing_in_answers_and_dialogs(
    page: Page, story: Found, violations: Callable[[], list[str]], tidy: Callable[[], list[str]]
) -> None:
    open_room(page, "/community/ask")
    field = page.get_by_role("textbox", name="Ask the community")
    for question in (
        "Where were triangles seen?",
        "Compare triangle and disc",
        "Which shapes are there?",
        "Show me orange triangles",
    ):
        field.fill(question)
        field.press("Enter")
        expect(page.get_by_role("button", name="Stop")).to_have_count(0)
        expect(page.locator(".turn").last).to_contain_text("Understood as")
    assert violations() == []
    open_room(page, f"/community/experiences/{story['id']}?user=ben")
    page.get_by_role("button", name="Report", exact=True).click()
    assert violations() == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name=re.compile("^Hide")).click()
    assert violations() == []
    assert tidy() == []


def test_high_contrast_and_phone_width_have_nothing_to_scroll_sideways(
    page: Page, community: httpx.Client, violations: Callable[[], list[str]]
) -> None:
    page.emulate_media(contrast="more", reduced_motion="reduce")
    page.set_viewport_size({"width": 390, "height": 844})
    one = listed(community, author="ann")[0]
    for name, address in {**ROOMS, "experience": f"/community/experiences/{one['id']}"}.items():
        open_room(page, address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, name
        assert violations() == [], name


@pytest.mark.usefixtures("empty")
def test_rooms_without_anything_say_how_the_first_gets_in(
    page: Page, violations: Callable[[], list[str]], tidy: Callable[[], list[str]]
) -> None:
    for address in ("/community", "/community/people", "/community/patterns", "/community/review", "/community/search"):
        open_room(page, address)
        expect(page.locator(".empty")).to_have_count(1)
        expect(page.locator(".empty code")).to_contain_text("likewise community")
        assert violations() == [], address
    assert tidy() == []
