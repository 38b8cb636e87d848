"""The inbox: groups of messages, an answer seen before it is sent, taken back, and groups rearranged, with and without
a mouse."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Literal, TypedDict

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

WAIT_S = 60.0
KETTLE = tuple(f"the lid of my kettle broke again and leaks {word}" for word in ("today", "badly", "steam", "water"))
PARCEL = tuple(f"parcel late courier never rang the bell {word}" for word in ("today", "twice", "again"))
LAMP = ("warm light in a calm room",)
NAMES = ("Anna Berg", "Bo Chen", "Cleo Diaz", "Dina Ek", "Emil Frey", "Fay Gold", "Gus Hale", "Hana Ito")


class Group(TypedDict):
    id: str
    name: str | None
    message_count: int
    state: str
    is_locked: bool
    answers_late: bool
    action: str | None


def groups(api: httpx.Client, state: str = "open") -> list[Group]:
    """The groups in a state, largest first."""
    return api.get("/inbox/clusters", params={"state": state}).raise_for_status().json()["data"]


def wait_until(holds: Callable[[], bool]) -> None:
    """Asks until it holds; the server works between the questions."""
    ends_at = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < ends_at


def send(api: httpx.Client, text: str, name: str, **more: str) -> str:
    """The id of a message that is sent in."""
    body = {"text": text, "visitor": {"name": name}, **more}
    return api.post("/inbox/messages", json=body).raise_for_status().json()["id"]


def clear(api: httpx.Client) -> None:
    """No collection and no groups: nothing of the test before is left."""
    api.delete("/collections/inbox")
    wait_until(lambda: not groups(api) and not groups(api, "actioned") and not groups(api, "archived"))


@pytest.fixture
def inbox(api: httpx.Client) -> Iterator[httpx.Client]:
    """Eight messages of eight people in three groups, of four, three and one."""
    clear(api)
    for text, name in zip((*KETTLE, *PARCEL, *LAMP), NAMES, strict=True):
        send(api, text, name)
    wait_until(lambda: sum(group["message_count"] for group in groups(api)) == len(NAMES))
    arrange(api)
    yield api
    clear(api)


def arrange(api: httpx.Client) -> None:
    """Brings together what the model that needs no files may have left apart."""
    for texts in (KETTLE, PARCEL):
        home: dict[str, str] = {}
        for message in api.get("/inbox/messages", params={"limit": 50}).json()["data"]:
            if message["text"] in texts:
                home[message["cluster"]] = message["id"]
        first, *others = home
        for other in others:
            api.post(f"/inbox/clusters/{other}/merge", json={"into": first}).raise_for_status()
    assert [group["message_count"] for group in groups(api)] == [4, 3, 1]


def open_inbox(page: Page, group: Group | None = None) -> None:
    page.goto("/inbox" if group is None else f"/inbox?g={group['id']}")
    page.locator(".group").first.wait_for()
    if group is not None:
        page.locator(".message").first.wait_for()


def listed(page: Page) -> Locator:
    return page.get_by_role("region", name="Groups of messages").get_by_role("listitem")


def write(page: Page, text: str) -> None:
    page.get_by_role("textbox", name="Answer").fill(text)


def test_groups_are_listed_by_size_and_lead_to_their_messages(page: Page, inbox: httpx.Client) -> None:
    open_inbox(page)
    expect(listed(page)).to_have_count(3)
    assert [text.split()[0] for text in listed(page).all_inner_texts()] == ["4", "3", "1"]
    listed(page).nth(1).get_by_role("link").click()
    page.wait_for_url(f"**g={groups(inbox)[1]['id']}*")
    messages = page.get_by_role("region", name="3 messages")
    expect(messages.get_by_role("listitem")).to_have_count(3)
    expect(messages).to_contain_text("Fay Gold")
    expect(messages.get_by_text(re.compile("Began this group|Asks the same|Nearly the same|Put here"))).to_have_count(3)


def test_groups_are_filtered_ordered_and_searched(page: Page, inbox: httpx.Client) -> None:
    inbox.patch(f"/inbox/clusters/{groups(inbox)[2]['id']}", json={"state": "archived"}).raise_for_status()
    open_inbox(page)
    expect(listed(page)).to_have_count(2)
    page.get_by_role("combobox", name="Order").select_option("Newest")
    expect(listed(page).first).to_contain_text("parcel")
    page.get_by_role("button", name=re.compile("^Archived")).click()
    expect(listed(page)).to_have_count(1)
    expect(listed(page).first).to_contain_text("warm light")
    page.keyboard.press("/")
    page.keyboard.type("courier parcel bell")
    expect(listed(page).first).to_contain_text("parcel")
    page.get_by_role("button", name="Clear the search").click()
    expect(listed(page)).to_have_count(1)
    expect(listed(page).first).to_contain_text("warm light")


def test_each_message_shows_the_reply_it_would_get(page: Page, inbox: httpx.Client) -> None:
    open_inbox(page, groups(inbox)[0])
    write(page, "Hi ")
    page.get_by_role("button", name="First name").click()
    page.keyboard.type("! You wrote: {{message}}")
    for name, text in zip(NAMES, KETTLE, strict=False):
        row = page.get_by_role("listitem").filter(has_text=name)
        expect(row.locator(".reply")).to_have_text(f"Reply: Hi {name.split()[0]}! You wrote: {text}")
    expect(page.get_by_role("button", name="Send 4 replies")).to_be_enabled()


def test_unknown_slot_is_said_and_nothing_can_be_sent(page: Page, inbox: httpx.Client) -> None:
    open_inbox(page, groups(inbox)[0])
    write(page, "Hi {{nickname}}")
    expect(page.get_by_role("alert")).to_contain_text("nickname")
    expect(page.get_by_role("button", name="Send")).to_be_disabled()


def test_ticked_message_is_left_out_of_the_answer(page: Page, inbox: httpx.Client) -> None:
    group = groups(inbox)[0]
    open_inbox(page, group)
    write(page, "A new lid is on its way.")
    page.get_by_role("checkbox", name="Leave out Bo Chen").check()
    expect(page.get_by_role("listitem").filter(has_text="Bo Chen")).to_contain_text("Left out")
    page.get_by_role("button", name="Send 3 replies").click()
    expect(page.get_by_role("group", name="Undo")).to_contain_text("3 replies leave in")
    action = groups(inbox, "actioned")[0]["action"]
    messages = inbox.get(f"/inbox/clusters/{group['id']}/messages").json()["data"]
    assert [one["visitor_name"] for one in messages if one["delivery"] is None] == ["Bo Chen"]
    assert inbox.get(f"/inbox/actions/{action}").json()["message_count"] == 3


def test_sent_answer_is_undone_before_it_leaves(page: Page, inbox: httpx.Client) -> None:
    group = groups(inbox)[0]
    open_inbox(page, group)
    write(page, "A new lid is on its way.")
    page.get_by_role("switch", name="Answer what joins later, too").check()
    page.get_by_role("button", name="Send 4 replies").click()
    expect(page.get_by_role("heading", name="The answer")).to_be_visible()
    answered = groups(inbox, "actioned")[0]
    assert (answered["id"], answered["answers_late"]) == (group["id"], True)
    page.keyboard.press("u")
    expect(page.get_by_role("textbox", name="Answer")).to_have_value("A new lid is on its way.")
    expect(page.get_by_role("group", name="Undo")).to_have_count(0)
    assert groups(inbox)[0]["id"] == group["id"]
    assert groups(inbox, "actioned") == []


def test_undone_answer_still_leaves_out_whom_it_left_out(page: Page, inbox: httpx.Client) -> None:
    first, second, _ = groups(inbox)
    open_inbox(page, first)
    write(page, "A new lid is on its way.")
    page.get_by_role("checkbox", name="Leave out Bo Chen").check()
    page.get_by_role("button", name="Send 3 replies").click()
    expect(page.get_by_role("listitem").filter(has_text="Bo Chen")).to_contain_text("No reply")
    expect(page.get_by_role("listitem").filter(has_text="Anna Berg")).to_contain_text("Not left yet")
    # Taken back from another group, it waits where it was written.
    page.keyboard.press("n")
    page.wait_for_url(f"**g={second['id']}*")
    page.keyboard.press("u")
    expect(page.get_by_role("group", name="Undo")).to_have_count(0)
    expect(listed(page)).to_have_count(3)
    page.keyboard.press("p")
    expect(page.get_by_role("textbox", name="Answer")).to_have_value("A new lid is on its way.")
    expect(page.get_by_role("checkbox", name="Leave out Bo Chen")).to_be_checked()
    expect(page.get_by_role("button", name="Send 3 replies")).to_be_enabled()


def test_two_answers_are_undone_one_after_the_other(page: Page, inbox: httpx.Client) -> None:
    open_inbox(page, groups(inbox)[0])
    write(page, "A new lid is on its way.")
    expect(page.get_by_role("button", name="Send 4 replies")).to_be_enabled()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("group", name="Undo")).to_contain_text("4 replies leave in")
    expect(page.get_by_role("heading", name="The answer")).to_be_visible()
    page.keyboard.press("n")
    write(page, "The courier comes again.")
    expect(page.get_by_role("button", name="Send 3 replies")).to_be_enabled()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("group", name="Undo")).to_contain_text("1 answer before it")
    assert len(groups(inbox, "actioned")) == 2
    expect(page.get_by_role("heading", name="The answer")).to_be_visible()
    page.keyboard.press("u")
    expect(page.get_by_role("group", name="Undo")).to_contain_text("4 replies leave in")
    page.keyboard.press("u")
    expect(page.get_by_role("group", name="Undo")).to_have_count(0)
    wait_until(lambda: [one["message_count"] for one in groups(inbox)] == [4, 3, 1])


def test_answer_is_not_lost_when_somebody_else_answers_first(page: Page, inbox: httpx.Client) -> None:
    group = groups(inbox)[0]
    open_inbox(page, group)
    page.keyboard.press("a")
    page.keyboard.type("A new lid is on its way.")
    body = {"response_text": "We are sorry.", "expected_count": 4}
    inbox.post(f"/inbox/clusters/{group['id']}/action", json=body).raise_for_status()
    told = page.get_by_role("alert").filter(has_text="answered before your answer was sent")
    expect(told).to_contain_text("A new lid is on its way.", timeout=WAIT_S * 1000)
    expect(page.locator("#group-title")).to_be_focused()
    told.get_by_role("button", name="Discard it").click()
    expect(told).to_have_count(0)
    expect(page.get_by_role("region", name="The answer")).to_contain_text("We are sorry.")


def test_group_that_grew_meanwhile_is_said_in_plain_words(page: Page, inbox: httpx.Client) -> None:
    group = groups(inbox)[0]
    open_inbox(page, group)
    write(page, "A new lid is on its way.")
    button = page.get_by_role("button", name="Send 4 replies")
    expect(button).to_be_enabled()
    # Somebody else moves a message in, and the news of it is held back from this page.
    page.route(re.compile(r"/inbox/clusters/[^/]+(/messages|/preview|/actions)?(\?|$)"), lambda route: route.abort())
    lamp = inbox.get(f"/inbox/clusters/{groups(inbox)[2]['id']}/messages").json()["data"][0]["id"]
    inbox.post(f"/inbox/messages/{lamp}/remove", json={"into": group["id"]}).raise_for_status()
    button.click()
    refused = page.get_by_role("alert").filter(has_text="since you looked")
    expect(refused).to_be_visible()
    page.unroute_all()
    refused.get_by_role("button", name="Look again").click()
    expect(page.get_by_role("button", name="Send 5 replies")).to_be_enabled()
    expect(refused).to_have_count(0)


def test_group_is_merged_by_keys_alone_and_taken_back(page: Page, inbox: httpx.Client) -> None:
    open_inbox(page)
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(listed(page).nth(1).get_by_role("link")).to_be_focused()
    page.keyboard.press("m")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("combobox", name="Find the group")).to_be_focused()
    expect(dialog.get_by_role("option")).to_have_count(2)
    page.keyboard.type("lid of my kettle leaks")
    expect(dialog.get_by_role("option").first).to_contain_text("kettle")
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name="Undo")).to_contain_text("Merged 3 messages")
    expect(listed(page).first.get_by_role("link", name="7 messages")).to_be_focused()
    assert [one["message_count"] for one in groups(inbox)] == [7, 1]
    page.keyboard.press("u")
    expect(listed(page)).to_have_count(3)
    assert [one["message_count"] for one in groups(inbox)] == [4, 3, 1]


def test_group_is_merged_by_dragging_it_onto_another(page: Page, inbox: httpx.Client) -> None:
    open_inbox(page)
    listed(page).nth(1).drag_to(listed(page).nth(0))
    expect(page.get_by_role("group", name="Undo")).to_contain_text("Merged 3 messages")
    assert [one["message_count"] for one in groups(inbox)] == [7, 1]


def test_ticked_messages_are_split_off_and_moved(page: Page, inbox: httpx.Client) -> None:
    open_inbox(page, groups(inbox)[0])
    page.get_by_role("checkbox", name="Leave out Anna Berg").check()
    page.get_by_role("checkbox", name="Leave out Bo Chen").check()
    page.get_by_role("button", name="Split off").click()
    expect(page.get_by_role("region", name="2 messages")).to_be_visible()
    assert sorted(one["message_count"] for one in groups(inbox)) == [1, 2, 2, 3]
    page.get_by_role("checkbox", name="Leave out Cleo Diaz").check()
    page.get_by_role("button", name="Move to").click()
    page.get_by_role("option").filter(has_text="parcel").click()
    expect(page.get_by_role("region", name="1 message")).to_be_visible()
    assert sorted(one["message_count"] for one in groups(inbox)) == [1, 1, 2, 4]


def test_focused_message_is_split_off_and_moved_by_keys(page: Page, inbox: httpx.Client) -> None:
    open_inbox(page, groups(inbox)[0])
    page.locator("#group-title").focus()
    page.keyboard.press("j")
    page.keyboard.press("s")
    expect(page.get_by_role("group", name="Undo")).to_contain_text("Split 1 message off")
    messages = page.get_by_role("region", name="3 messages")
    expect(messages.get_by_role("checkbox").first).to_be_focused()
    page.keyboard.press("v")
    dialog = page.get_by_role("dialog", name="Move 1 message to")
    expect(dialog.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("parcel courier bell")
    expect(dialog.get_by_role("option").first).to_contain_text("parcel")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="2 messages")).to_be_visible()
    assert sorted(one["message_count"] for one in groups(inbox)) == [1, 1, 2, 4]


def test_message_taken_out_begins_its_own_group(page: Page, inbox: httpx.Client) -> None:
    open_inbox(page, groups(inbox)[0])
    page.get_by_role("button", name="Take out the message of Dina Ek").click()
    expect(page.get_by_role("region", name="3 messages")).to_be_visible()
    assert [one["message_count"] for one in groups(inbox)] == [3, 3, 1, 1]


def test_group_is_named_locked_archived_and_opened_again(page: Page, inbox: httpx.Client) -> None:
    group = groups(inbox)[0]
    open_inbox(page, group)
    page.get_by_role("button", name="Rename").click()
    page.get_by_role("textbox", name="Name").fill("Broken lids")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Broken lids", level=2).first).to_be_visible()
    page.get_by_role("button", name="Lock").click()
    expect(page.get_by_role("button", name="Unlock")).to_be_visible()
    expect(page.get_by_role("button", name="Merge")).to_be_disabled()
    page.get_by_role("button", name="Archive", exact=True).click()
    expect(listed(page)).to_have_count(2)
    archived = groups(inbox, "archived")[0]
    assert (archived["name"], archived["is_locked"], archived["id"]) == ("Broken lids", True, group["id"])
    page.get_by_role("button", name=re.compile("^Archived")).click()
    listed(page).get_by_role("link", name="Broken lids").click()
    page.get_by_role("button", name="Reopen").click()
    expect(page.get_by_role("textbox", name="Answer")).to_be_visible()
    assert groups(inbox)[0]["id"] == group["id"]


def test_history_tells_what_was_changed_and_undoes_it(page: Page, inbox: httpx.Client) -> None:
    first, second = groups(inbox)[:2]
    inbox.post(f"/inbox/clusters/{second['id']}/merge", json={"into": first["id"]}).raise_for_status()
    open_inbox(page)
    page.keyboard.press("h")
    drawer = page.get_by_role("dialog", name="History")
    change = drawer.get_by_role("listitem").first
    expect(change).to_contain_text("merged 3 messages")
    change.get_by_role("button", name="Undo").click()
    expect(change).to_contain_text("undone")
    assert [one["message_count"] for one in groups(inbox)] == [4, 3, 1]


def test_messages_that_arrive_are_shown_while_the_page_is_open(page: Page, inbox: httpx.Client) -> None:
    open_inbox(page, groups(inbox)[1])
    send(inbox, KETTLE[0], "Iris Jung")
    first = listed(page).first
    expect(first.get_by_role("link", name="5 messages")).to_be_visible(timeout=WAIT_S * 1000)
    expect(first).to_contain_text("+1")
    send(inbox, PARCEL[0], "Jan Kask")
    expect(page.get_by_role("listitem").filter(has_text="Jan Kask")).to_be_visible(timeout=WAIT_S * 1000)


def test_rows_keep_their_places_while_the_reader_is_among_them(page: Page, inbox: httpx.Client) -> None:
    open_inbox(page)
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(listed(page).nth(1).get_by_role("link")).to_be_focused()
    send(inbox, PARCEL[0], "Iris Jung")
    send(inbox, PARCEL[0], "Jan Kask")
    second = listed(page).nth(1).get_by_role("link", name="5 messages")
    expect(second).to_be_visible(timeout=WAIT_S * 1000)
    expect(second).to_be_focused()
    expect(page.get_by_role("button", name="New order")).to_be_visible()
    page.keyboard.press(".")
    expect(listed(page).first.get_by_role("link", name="5 messages")).to_be_focused()
    expect(page.get_by_role("button", name="New order")).to_have_count(0)


def test_list_takes_its_order_when_the_pointer_leaves_it(page: Page, inbox: httpx.Client) -> None:
    open_inbox(page)
    listed(page).first.hover()
    send(inbox, PARCEL[0], "Iris Jung")
    send(inbox, PARCEL[0], "Jan Kask")
    expect(listed(page).nth(1).get_by_role("link", name="5 messages")).to_be_visible(timeout=WAIT_S * 1000)
    page.get_by_role("heading", name="Inbox").hover()
    expect(listed(page).first.get_by_role("link", name="5 messages")).to_be_visible()


def test_deliveries_are_shown_and_what_failed_is_sent_again(page: Page, inbox: httpx.Client) -> None:
    group = groups(inbox)[0]
    body = {"response_text": "A new lid is on its way.", "expected_count": 4}
    inbox.post(f"/inbox/clusters/{group['id']}/action", json=body).raise_for_status()
    open_inbox(page, group)
    page.get_by_role("button", name="Show deliveries").click()
    answer = page.get_by_role("region", name="The answer")
    # The channel has no address, so the replies wait to be fetched once they have left.
    expect(answer.get_by_text("4 to be fetched")).to_be_visible(timeout=WAIT_S * 1000)
    expect(answer.get_by_role("row").filter(has_text="A new lid")).to_have_count(4)


def test_inbox_without_messages_says_how_the_first_gets_in(
    page: Page, api: httpx.Client, violations: Callable[[], list[str]]
) -> None:
    clear(api)
    page.goto("/inbox")
    expect(page.get_by_text("No messages yet")).to_be_visible()
    expect(page.get_by_text("likewise inbox ingest")).to_be_visible()
    assert violations() == []
    page.get_by_role("button", name="Send two sample messages").click()
    expect(listed(page).first).to_contain_text("next video", timeout=WAIT_S * 1000)
    clear(api)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_inbox(
    page: Page, inbox: httpx.Client, violations: Callable[[], list[str]], scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    open_inbox(page)
    assert violations() == []
    open_inbox(page, groups(inbox)[0])
    write(page, "Hi {{first_name|there}}, a new lid is on its way.")
    page.get_by_role("checkbox", name="Leave out Bo Chen").check()
    expect(page.get_by_role("button", name="Send 3 replies")).to_be_enabled()
    assert violations() == []
    page.get_by_role("button", name="Merge").click()
    expect(page.get_by_role("dialog").get_by_role("option").first).to_be_visible()
    assert violations() == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Send 3 replies").click()
    expect(page.get_by_role("group", name="Undo")).to_be_visible()
    page.get_by_role("button", name="Show deliveries").click()
    assert violations() == []


def test_axe_finds_nothing_in_high_contrast_and_on_a_phone(
    page: Page, inbox: httpx.Client, violations: Callable[[], list[str]]
) -> None:
    page.emulate_media(contrast="more", reduced_motion="reduce")
    open_inbox(page, groups(inbox)[0])
    assert violations() == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert violations() == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(listed(page)).to_have_count(0)
    page.get_by_role("button", name="All groups").click()
    expect(listed(page)).to_have_count(3)
    assert violations() == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_whole_answer_is_given_without_a_mouse(page: Page, inbox: httpx.Client) -> None:
    group = groups(inbox)[0]
    open_inbox(page)
    press = page.keyboard.press
    press("j")
    press("ArrowDown")
    press("k")
    press("Enter")
    expect(page.locator("#group-title")).to_be_focused()
    expect(page.locator(".message")).to_have_count(4)
    press("j")
    press("j")
    press("x")
    expect(page.get_by_role("checkbox", name="Leave out")).to_have_count(4)
    expect(page.get_by_role("checkbox", checked=True)).to_be_focused()
    press("a")
    expect(page.get_by_role("textbox", name="Answer")).to_be_focused()
    page.keyboard.type("Hi {{first_name|there}}, a new lid is on its way.")
    expect(page.get_by_role("button", name="Send 3 replies")).to_be_enabled()
    press("Control+Enter")
    expect(page.get_by_role("group", name="Undo")).to_be_visible()
    expect(page.locator("#group-title")).to_be_focused()
    expect(page.get_by_role("status").filter(has_text="Press U to undo")).to_be_attached()
    assert [one["id"] for one in groups(inbox, "actioned")] == [group["id"]]
    press("Escape")
    expect(page.locator(".inbox")).to_have_attribute("data-open", "false")
    press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text("Merge the group into another")


def test_archived_by_a_key_the_next_group_has_the_focus(page: Page, inbox: httpx.Client) -> None:
    open_inbox(page)
    page.keyboard.press("j")
    page.keyboard.press("e")
    expect(page.get_by_role("group", name="Undo")).to_contain_text("Archived")
    expect(listed(page)).to_have_count(2)
    expect(listed(page).first.get_by_role("link")).to_be_focused()
    assert len(groups(inbox, "archived")) == 1
