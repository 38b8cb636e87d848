"""Messages come in once, find those that ask the same thing, and are listed: by the service and over HTTP."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import httpx
import pytest
from tests.apps.inbox_runs import FAST, finish_jobs, rows_of, settle
from tests.apps.inbox_scenes import CARD, RATE, ZEBRA, draft, events_of, homes, open_client, put, statements

from likewise.app import Server, open_app
from likewise.apps.inbox import Ingested, MessageDraft, ingest, ingest_each, list_clusters
from likewise.apps.inbox.errors import (
    ChannelNameRefused,
    ChannelNotFound,
    ChannelUrlRefused,
    ClusterNotFound,
    MessageChanged,
    MessageKeyRefused,
    MessageNotFound,
    MessageRefused,
    TooManyMessages,
)
from likewise.apps.inbox.model import ClusterOrder, VisitorDraft
from likewise.apps.inbox.service import (
    archive_cluster,
    create_channel,
    get_cluster,
    get_message,
    get_payload,
    list_messages,
    list_messages_of_cluster,
    place_of,
    search_clusters,
)
from likewise.engine.collections import delete_item
from likewise.platform.config import Settings
from likewise.platform.errors import Fact
from likewise.platform.feature import App
from likewise.platform.ids import decode_id, encode_id, new_id
from likewise.platform.tenancy import create_tenant

MESSAGES, CLUSTERS = "/api/v1/inbox/messages", "/api/v1/inbox/clusters"
HALF = "\ud83d"
ORDERS: list[ClusterOrder] = ["size", "newest", "trend"]


@pytest.fixture
async def client(app: App, tenant_id: UUID) -> AsyncIterator[httpx.AsyncClient]:
    async with open_client(app, tenant_id) as opened:
        yield opened


@pytest.fixture(scope="module")
async def small(server: Server, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[App]:
    """The application with bounds that a few messages reach."""
    flags = {
        **FAST,
        "home": tmp_path_factory.mktemp("home"),
        "inbox_batch_messages_max": 3,
        "inbox_message_bytes_max": 20,
        "inbox_payload_bytes_max": 20,
        "inbox_page_max": 2,
        "inbox_examples_max": 1,
    }
    async with open_app(Settings(flags, file=Path("/nonexistent/likewise.toml")), server=server) as opened:
        yield opened


async def other_tenant(app: App) -> UUID:
    return (await create_tenant(app.db, name=encode_id("test", new_id()))).tenant_id


async def test_message_is_pending_until_its_group_is_found_and_keeps_what_came_with_it(
    app: App, tenant_id: UUID, client: httpx.AsyncClient
) -> None:
    body: dict[str, Any] = {
        "text": CARD[0],
        "id": "c-1",
        "visitor": {"id": "v-1", "name": "Ada Lovell"},
        "sent_at": "2026-11-02T09:30:00+02:00",
        "payload": {"order": 2041, "of": ["mug", None]},
    }
    answer = await client.post(MESSAGES, json=body)
    made = answer.json()
    assert (answer.status_code, made["status"], made["is_new"], made["cluster"]) == (202, "pending", True, None)
    shown = (await client.get(f"{MESSAGES}/{made['id']}")).json()
    assert (shown["status"], shown["cluster"], shown["reason"]) == ("pending", None, None)
    await settle(app, tenant_id)
    shown = (await client.get(f"{MESSAGES}/{made['id']}")).json()
    assert (shown["status"], shown["reason"], shown["similarity"]) == ("grouped", "new", 1.0)
    assert (shown["text"], shown["external_id"], shown["visitor_name"]) == (CARD[0], "c-1", "Ada Lovell")
    assert datetime.fromisoformat(shown["sent_at"]) == datetime(2026, 11, 2, 7, 30, tzinfo=UTC)
    assert shown["payload"] == body["payload"]
    cluster = (await client.get(f"{CLUSTERS}/{shown['cluster']}")).json()
    assert (cluster["message_count"], cluster["state"], cluster["answered_count"]) == (1, "open", 0)
    assert cluster["examples"] == [{"id": made["id"], "text": CARD[0], "visitor_name": "Ada Lovell"}]


async def test_nothing_is_embedded_before_a_message_is_answered(app: App, tenant_id: UUID) -> None:
    await ingest(app, tenant_id, draft=draft("first of all"))
    async with statements(app) as seen:
        made = await ingest(app, tenant_id, draft=draft(ZEBRA))
    assert made.cluster_id is None
    assert "inbox.insert_messages" in seen
    assert not any(name.startswith("embedding.") and "vector" in name for name in seen)
    assert await events_of(app, tenant_id, "inbox.messages_received"), "told in the same transaction"


async def test_message_sent_again_is_the_one_that_is_here(app: App, tenant_id: UUID) -> None:
    first = await ingest(app, tenant_id, draft=draft(CARD[0], key="m1"))
    again = await ingest(app, tenant_id, draft=draft(CARD[0], key="m1"))
    assert (again.id, again.is_new, first.is_new) == (first.id, False, True)
    assert [message.id for message in await list_messages(app, tenant_id)] == [first.id]
    with pytest.raises(MessageChanged, match=r"'m1'.*new"):
        await ingest(app, tenant_id, draft=draft(CARD[1], key="m1"))
    assert (await get_message(app, tenant_id, message_id=first.id)).text == CARD[0]
    assert len(await events_of(app, tenant_id, "inbox.messages_received")) == 1


async def test_an_id_counts_within_its_channel_and_tenant_and_none_counts_as_new(app: App, tenant_id: UUID) -> None:
    await create_channel(app, tenant_id, name="shop")
    drafts = [draft(CARD[0], key="m1"), draft(CARD[1], key="m1", channel="shop"), draft(CARD[0]), draft(CARD[0])]
    made = await ingest_each(app, tenant_id, drafts=drafts)
    made.append(await ingest(app, await other_tenant(app), draft=draft("elsewhere", key="m1")))
    assert all(isinstance(one, Ingested) and one.is_new for one in made)
    assert len({one.id for one in made if isinstance(one, Ingested)}) == 5


async def test_of_one_message_sent_by_many_at_once_one_is_stored(app: App, tenant_id: UUID) -> None:
    made = await asyncio.gather(*(ingest(app, tenant_id, draft=draft(CARD[0], key="m1")) for _ in range(12)))
    assert len({one.id for one in made}) == 1
    assert [one.is_new for one in made].count(True) == 1
    assert len(await rows_of(app, tenant_id, "select id from inbox.messages where tenant_id = :t")) == 1
    assert len(await rows_of(app, tenant_id, "select id from collections.items where tenant_id = :t")) == 1


async def test_batches_that_overlap_in_any_order_store_each_message_once(app: App, tenant_id: UUID) -> None:
    await ingest(app, tenant_id, draft=draft("the inbox is there"))
    for turn in range(3):
        drafts = [draft(f"question {n}", key=f"{turn}-{n}", visitor=f"v{n}") for n in range(60)]
        shuffled = [Random(seed).sample(drafts, len(drafts)) for seed in range(4)]
        made = await asyncio.gather(*(ingest_each(app, tenant_id, drafts=some) for some in shuffled))
        ids = [one.id for some in made for one in some if isinstance(one, Ingested)]
        assert (len(ids), len(set(ids))) == (240, 60)
        assert sum(isinstance(one, Ingested) and one.is_new for some in made for one in some) == 60
    assert len(await rows_of(app, tenant_id, "select id from inbox.visitors where tenant_id = :t")) == 60


async def test_text_that_says_the_same_is_grouped_at_once(app: App, tenant_id: UUID, client: httpx.AsyncClient) -> None:
    (first,) = await put(app, tenant_id, [CARD[3]])
    home = (await homes(app, tenant_id))[first]
    assert home is not None
    loud = "  MY card has not arrived, yet after 3 days of waiting!!"
    answer = (await client.post(MESSAGES, json={"text": loud})).json()
    assert (answer["status"], answer["cluster"]) == ("grouped", encode_id("clu", home))
    shown = await get_message(app, tenant_id, message_id=decode_id("msg", answer["id"]))
    assert shown.cluster_id is None, "it counts in its cluster once its consumer has heard of it"
    await settle(app, tenant_id)
    shown = await get_message(app, tenant_id, message_id=decode_id("msg", answer["id"]))
    assert (shown.cluster_id, shown.reason, shown.similarity) == (home, "identical", 1.0)
    assert (await get_cluster(app, tenant_id, cluster_id=home)).message_count == 2


async def test_message_tells_why_it_is_where_it_is(app: App, tenant_id: UUID) -> None:
    long = "please tell me when the parcel with the two blue mugs that i ordered last tuesday comes to my house"
    batches = [[CARD[0], CARD[1]], [CARD[0].upper(), long], [long.replace("tuesday", "tuesdays"), ZEBRA]]
    ids = [one for texts in batches for one in await put(app, tenant_id, texts)]
    shown = {m.id: m for m in await list_messages(app, tenant_id)}
    told = [shown[one] for one in ids]
    assert [m.reason for m in told] == ["new", "meaning", "identical", "new", "near_verbatim", "new"]
    assert told[0].cluster_id == told[1].cluster_id == told[2].cluster_id
    assert told[3].cluster_id == told[4].cluster_id
    assert len({m.cluster_id for m in told}) == 3
    for message in (told[1], told[4]):
        assert message.similarity is not None
        assert 0.5 < message.similarity < 1


async def test_bad_rows_of_a_storm_are_told_one_by_one_and_the_others_go_in(
    app: App, tenant_id: UUID, client: httpx.AsyncClient
) -> None:
    await put(app, tenant_id, [draft(CARD[0], key="known"), draft("of old", key="old")])
    good: list[dict[str, Any]] = [{"text": f"storm of questions, number {n}", "id": f"s{n}"} for n in range(400)]
    bad: list[tuple[object, str]] = [
        ({"text": "x", "txt": 1}, "txt"),
        ({"id": "no-text"}, "text"),
        ({"text": 5}, "Expected `str`"),
        ("a string", "object"),
        ({"text": "  "}, "/text: the text is empty"),
        ({"text": "a\0b"}, "NUL"),
        ({"text": "x", "id": ""}, "1 to 500 bytes"),
        ({"text": "x", "id": "é" * 251}, "1 to 500 bytes, not 502"),
        ({"text": "x", "id": "a\0b"}, "NUL"),
        ({"text": "x", "channel": "shpo"}, "No channel is named 'shpo'"),
        ({"text": "x", "channel": "a\0"}, "cannot name a channel"),
        ({"text": "x", "visitor": {"id": "a\0b"}}, "/visitor/id"),
        ({"text": "x", "payload": {"a": "\0"}}, "/payload"),
        ({"text": "x", "sent_at": "yesterday"}, "datetime"),
        ({"text": "x", "sent_at": "0001-01-01T00:00:00+14:00"}, "/sent_at"),
        ({"text": "x", "sent_at": "9999-12-31T23:59:59-14:00"}, "/sent_at"),
        ({"text": "another", "id": "old"}, "another text"),
        ({"text": "another", "id": "s0"}, "another text"),
    ]
    rows = [*good[:200], *(row for row, _ in bad), *good[200:], good[7], {"text": CARD[0], "id": "known"}]
    answer = await client.post(f"{MESSAGES}:batch", json={"messages": rows})
    assert answer.status_code == 202, answer.text
    data = answer.json()["data"]
    assert len(data) == len(rows)
    for told, (row, reason) in zip(data[200 : 200 + len(bad)], bad, strict=True):
        assert told["status"] == "rejected", row
        assert reason in told["error"], (row, told["error"])
    rest = [*data[:200], *data[200 + len(bad) :]]
    assert Counter((one["status"], one["is_new"]) for one in rest) == {
        ("pending", True): 400,
        ("pending", False): 1,
        ("grouped", False): 1,
    }
    assert len(await homes(app, tenant_id)) == 402
    received = await events_of(app, tenant_id, "inbox.messages_received")
    assert sum(len(one["message_ids"]) for one in received) == 402
    lines = b"\n".join(json.dumps(row).encode() for row in rows)
    headers = {"content-type": "application/x-ndjson"}
    again = (await client.post(f"{MESSAGES}:batch", content=lines + b"\n\n{", headers=headers)).json()["data"]
    assert [one["id"] for one in again[:-1]] == [one["id"] for one in data], "the same storm again adds nothing"
    assert not any(one["is_new"] for one in again)
    assert again[-1]["status"] == "rejected"


async def test_batch_that_is_none_is_refused_as_a_whole(client: httpx.AsyncClient) -> None:
    for body in (b"[]", b"{", b'{"messages": 1}', b"\xff"):
        answer = await client.post(f"{MESSAGES}:batch", content=body, headers={"content-type": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (422, "message_refused")
    empty = await client.post(f"{MESSAGES}:batch", json={"messages": []})
    assert (empty.status_code, empty.json()) == (202, {"data": []})


@pytest.mark.parametrize(
    ("bad", "error", "pointer"),
    [
        (MessageDraft(text=" \n"), MessageRefused, "/text"),
        (MessageDraft(text="a\0b"), MessageRefused, "/text"),
        (MessageDraft(text=HALF), MessageRefused, "/text"),
        (MessageDraft(text="x", id=""), MessageKeyRefused, "/id"),
        (MessageDraft(text="x", id=HALF), MessageRefused, "/id"),
        (MessageDraft(text="x", visitor=VisitorDraft(id="")), MessageKeyRefused, "/visitor/id"),
        (MessageDraft(text="x", visitor=VisitorDraft(id="x" * 501)), MessageKeyRefused, "/visitor/id"),
        (MessageDraft(text="x", payload={"a": "\0"}), MessageRefused, "/payload"),
        (MessageDraft(text="x", payload={"a": 10**400}), MessageRefused, "/payload"),
        (MessageDraft(text="x", sent_at=datetime.fromisoformat("0001-01-01T00:00+14:00")), MessageRefused, "/sent_at"),
    ],
)
async def test_what_cannot_be_stored_is_named(
    app: App, tenant_id: UUID, bad: MessageDraft, error: type[Fact], pointer: str
) -> None:
    with pytest.raises(error) as caught:
        await ingest(app, tenant_id, draft=bad)
    assert [one.pointer for one in caught.value.errors] == [pointer]
    assert not await list_messages(app, tenant_id)


async def test_unknown_channel_names_the_nearest(app: App, tenant_id: UUID) -> None:
    await create_channel(app, tenant_id, name="website")
    with pytest.raises(ChannelNotFound, match="Did you mean 'website'"):
        await ingest(app, tenant_id, draft=draft("x", channel="webiste"))
    with pytest.raises(ChannelNotFound):
        await ingest(app, tenant_id, draft=draft("x", channel="else"))
    with pytest.raises(ChannelNameRefused):
        await ingest(app, tenant_id, draft=draft("x", channel=HALF))
    for name in ("", "a b", "-a", "a\n", "x" * 101, "a\0"):
        with pytest.raises(ChannelNameRefused):
            await create_channel(app, tenant_id, name=name)
    for url in ("ftp://a.example/", "//a.example/", "https://", "https://u:p@a.example/", "https://a.example/#x"):
        with pytest.raises(ChannelUrlRefused):
            await create_channel(app, tenant_id, name="c", delivery_url=url)
    for url in ("http://a b.example/", "http://a.example:99999/", "http://a\0.example/", "http://[::1/"):
        with pytest.raises(ChannelUrlRefused):
            await create_channel(app, tenant_id, name="c", delivery_url=url)


async def test_nobodys_message_is_lost_over_their_name(app: App, tenant_id: UUID) -> None:
    names = ["", "   ", "\N{GRINNING FACE}" * 900, "Ada \ud800", "Ada Lovell", " Ada Lovell "]
    made = await ingest_each(app, tenant_id, drafts=[draft("hello", name=name) for name in names])
    assert all(isinstance(one, Ingested) for one in made), made
    shown = {message.id: message for message in await list_messages(app, tenant_id)}
    visitors = [shown[one.id] for one in made if isinstance(one, Ingested)]
    assert [one.visitor_id is None for one in visitors] == [True, True, False, False, False, False]
    assert visitors[4].visitor_id == visitors[5].visitor_id, "the name stands for whoever has no id"
    assert visitors[2].visitor_name == "\N{GRINNING FACE}" * 200


async def test_the_last_word_on_a_visitor_counts_and_silence_says_nothing(app: App, tenant_id: UUID) -> None:
    for name in ("Ada", None, "Ada Lovell", None):
        await ingest(app, tenant_id, draft=draft("hello", visitor="v1", name=name))
    (visitor,) = {message.visitor_id for message in await list_messages(app, tenant_id)}
    assert visitor is not None
    assert {m.visitor_name for m in await list_messages(app, tenant_id, visitor_id=visitor)} == {"Ada Lovell"}


async def test_bounds_are_kept_and_say_what_they_are(small: App, tenant_id: UUID) -> None:
    with pytest.raises(TooManyMessages, match="at most 3"):
        await ingest_each(small, tenant_id, drafts=[draft(f"m{n}") for n in range(4)])
    with pytest.raises(MessageRefused, match="at most 20"):
        await ingest(small, tenant_id, draft=draft("x" * 21))
    with pytest.raises(MessageRefused, match="more than 20 bytes"):
        await ingest(small, tenant_id, draft=MessageDraft(text="x", payload={"a": "x" * 20}))
    await ingest(small, tenant_id, draft=MessageDraft(text="x" * 20, payload={"a": "x" * 10}))
    for text in ("a cat", "a cat!", "a cat?"):
        await ingest(small, tenant_id, draft=draft(text))
    await settle(small, tenant_id)
    async with open_client(small, tenant_id) as client:
        page = (await client.get(MESSAGES, params={"limit": 200})).json()
    assert len(page["data"]) <= 3, "a page has its bound, whatever is asked for"
    assert all(len(card.examples) == 1 for card in await list_clusters(small, tenant_id))


async def pages(client: httpx.AsyncClient, path: str, **params: object) -> list[dict[str, Any]]:
    """Every row of a list, page by page; no page is empty but the only one."""
    rows: list[dict[str, Any]] = []
    wanted = {name: str(value) for name, value in params.items()}
    while True:
        answer = await client.get(path, params=wanted)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        rows += page["data"]
        assert page["has_more"] == (page["next_cursor"] is not None)
        if not page["has_more"]:
            return rows
        assert page["data"]
        wanted["after"] = page["next_cursor"]


async def test_pages_have_no_gap_and_double_nothing_while_messages_come(
    app: App, tenant_id: UUID, client: httpx.AsyncClient
) -> None:
    await create_channel(app, tenant_id, name="shop")
    first = await put(app, tenant_id, [draft(CARD[n % 8], channel=("api", "shop")[n % 2]) for n in range(20)])
    home = encode_id("clu", (await homes(app, tenant_id))[first[0]] or new_id())
    done = asyncio.Event()

    async def storm() -> None:
        while not done.is_set():
            await ingest_each(app, tenant_id, drafts=[draft(CARD[0], channel="shop") for _ in range(5)])

    storming = asyncio.create_task(storm())
    try:
        for path, params in ((MESSAGES, {}), (f"{CLUSTERS}/{home}/messages", {}), (MESSAGES, {"channel": "api"})):
            ids = [row["id"] for row in await pages(client, path, limit=3, **params)]
            assert len(ids) == len(set(ids))
            expected = [encode_id("msg", one) for n, one in enumerate(first) if not params or n % 2 == 0]
            assert [one for one in ids if decode_id("msg", one) in set(first)] == expected[::-1]
    finally:
        done.set()
        await storming


@pytest.mark.parametrize("order", ORDERS)
async def test_pages_of_clusters_add_up_in_every_order(
    app: App, tenant_id: UUID, client: httpx.AsyncClient, order: ClusterOrder
) -> None:
    now = datetime.now(UTC)
    words = ["zebra", "volcano", "invoice", "guitar", "penguin", "marble", "harvest"]
    drafts = [
        MessageDraft(text=f"{word} {word}s", sent_at=now - timedelta(days=10 * place + turn))
        for place, word in enumerate(words)
        for turn in range(1 + place % 3)
    ]
    await put(app, tenant_id, drafts)
    cards = await list_clusters(app, tenant_id, order=order, limit=200)
    assert len(cards) == len(words)
    values = [place_of(card, order).value for card in cards]
    assert values == sorted(values, reverse=True)  # pyright: ignore[reportArgumentType]
    rows = await pages(client, CLUSTERS, order=order, limit=2)
    assert [row["id"] for row in rows] == [encode_id("clu", card.id) for card in cards]
    first = {"size": (3, "invoice"), "newest": (1, "zebra"), "trend": (1, "zebra")}[order]
    assert (rows[0]["message_count"], rows[0]["examples"][0]["text"].split()[0]) == first


async def test_a_trend_prefers_what_is_asked_of_late(app: App, tenant_id: UUID) -> None:
    now = datetime.now(UTC)
    old = [MessageDraft(text=text, sent_at=now - timedelta(days=60)) for text in CARD]
    await put(app, tenant_id, [*old, *RATE[:3]])
    by_size, by_trend = [await list_clusters(app, tenant_id, order=order) for order in ("size", "trend")]
    assert [card.message_count for card in by_size] == [8, 3]
    assert [card.message_count for card in by_trend] == [3, 8]


async def test_lists_are_filtered_by_state_and_size(app: App, tenant_id: UUID, client: httpx.AsyncClient) -> None:
    ids = await put(app, tenant_id, [*CARD[:3], *RATE[:2], ZEBRA])
    places = await homes(app, tenant_id)
    home = places[ids[0]]
    assert home is not None
    await archive_cluster(app, tenant_id, cluster_id=home, actor="ada")
    sizes = {
        state: [row["message_count"] for row in await pages(client, CLUSTERS, state=state)]
        for state in ("open", "actioned", "archived")
    }
    assert sizes == {"open": [2, 1], "actioned": [], "archived": [3]}
    assert [row["message_count"] for row in await pages(client, CLUSTERS, size_min=2)] == [2]
    assert (await client.get("/api/v1/inbox/counts")).json() == {"actioned": 0, "archived": 1}
    for params in ({"state": "shut"}, {"order": "best"}, {"size_min": 0}, {"limit": 201}):
        assert (await client.get(CLUSTERS, params=params)).status_code == 422


async def test_search_finds_clusters_whatever_their_state(app: App, tenant_id: UUID, client: httpx.AsyncClient) -> None:
    ids = await put(app, tenant_id, [*CARD[:3], *RATE[:3], ZEBRA])
    places = await homes(app, tenant_id)
    home = places[ids[0]]
    assert home is not None
    await archive_cluster(app, tenant_id, cluster_id=home, actor="ada")
    rows = (await client.get(CLUSTERS, params={"query": "card has not arrived"})).json()["data"]
    assert (rows[0]["id"], rows[0]["state"]) == (encode_id("clu", home), "archived")
    assert len({row["id"] for row in rows}) == len(rows)
    assert not await search_clusters(app, await other_tenant(app), query="card has not arrived")


async def test_examples_stand_for_their_cluster_and_are_cut(app: App, tenant_id: UUID) -> None:
    long = " ".join(["please explain the refund of my order"] * 40)
    (first,) = await put(app, tenant_id, [draft(long, name="Ada")])
    (card,) = await list_clusters(app, tenant_id)
    (example,) = card.examples
    assert (example.id, example.visitor, example.text) == (first, "Ada", long[:280])
    await put(app, tenant_id, [f"my card has not arrived yet after {n} days of waiting" for n in range(30)])
    await finish_jobs(app, tenant_id)  # whoever came first stands for a cluster until it is looked at as a whole
    largest = (await list_clusters(app, tenant_id))[0]
    members = await list_messages_of_cluster(app, tenant_id, cluster_id=largest.id)
    assert len(members) == largest.message_count
    assert len({one.id for one in largest.examples} & {member.id for member in members}) == 3


async def test_list_of_clusters_is_one_statement_however_many_there_are(app: App, tenant_id: UUID) -> None:
    counts: list[Counter[str]] = []
    for texts in ([ZEBRA], [*CARD, *RATE, "how do i reset it", "volcano tours", "guitar strings"]):
        await put(app, tenant_id, texts)
        await get_cluster(app, tenant_id, cluster_id=(await list_clusters(app, tenant_id))[0].id)
        async with statements(app) as seen:
            cards = await list_clusters(app, tenant_id, size_min=1, limit=100 + len(texts))
        assert all(card.examples for card in cards)
        counts.append(Counter(seen))
        async with statements(app) as seen:
            assert await list_clusters(app, tenant_id, size_min=1, limit=100 + len(texts)) == cards
        assert "inbox.list_clusters" not in seen, "what nobody changed is not read again"
    assert counts[0] == counts[1]
    assert counts[0]["inbox.list_clusters"] == 1
    assert not [name for name in counts[0] if name.startswith(("inbox.list_messages", "collections.", "clusters."))]


async def test_cluster_shows_its_messages_newest_first(app: App, tenant_id: UUID) -> None:
    ids = await put(app, tenant_id, CARD)
    home = (await homes(app, tenant_id))[ids[0]]
    assert home is not None
    async with statements(app) as seen:
        found = await list_messages_of_cluster(app, tenant_id, cluster_id=home, limit=3)
    assert [message.id for message in found] == ids[:-4:-1]
    assert Counter(seen)["inbox.list_messages"] == 1
    rest = await list_messages_of_cluster(app, tenant_id, cluster_id=home, before=found[-1].id)
    assert [message.id for message in rest] == ids[-4::-1]


async def test_what_is_another_tenants_or_nowhere_is_not_found(
    app: App, tenant_id: UUID, client: httpx.AsyncClient
) -> None:
    other_id = await other_tenant(app)
    (theirs,) = await put(app, other_id, [CARD[0]])
    home = (await homes(app, other_id))[theirs]
    assert home is not None
    with pytest.raises(MessageNotFound):
        await get_message(app, tenant_id, message_id=theirs)
    with pytest.raises(MessageNotFound):
        await get_payload(app, tenant_id, message_id=theirs)
    with pytest.raises(ClusterNotFound):
        await get_cluster(app, tenant_id, cluster_id=home)
    with pytest.raises(ClusterNotFound):
        await list_messages_of_cluster(app, tenant_id, cluster_id=home)
    message, cluster = encode_id("msg", theirs), encode_id("clu", home)
    for path in (f"{MESSAGES}/{message}", f"{CLUSTERS}/{cluster}", f"{CLUSTERS}/{cluster}/messages"):
        assert (await client.get(path)).status_code == 404
    assert (await client.get(MESSAGES)).json()["data"] == []
    assert (await client.get(CLUSTERS)).json()["data"] == []


async def test_readers_read_and_only_writers_write(app: App, tenant_id: UUID) -> None:
    async with open_client(app, tenant_id, "read") as reader:
        assert (await reader.get(MESSAGES)).status_code == 200
        assert (await reader.post(MESSAGES, json={"text": "x"})).status_code == 403
        assert (await reader.post(f"{MESSAGES}:batch", json={"messages": [{"text": "x"}]})).status_code == 403
    assert not await list_messages(app, tenant_id)


async def test_a_cursor_leads_only_on_in_its_own_list(app: App, tenant_id: UUID, client: httpx.AsyncClient) -> None:
    await put(app, tenant_id, [*CARD[:2], *RATE[:2], ZEBRA])
    cursor = (await client.get(CLUSTERS, params={"limit": 1})).json()["next_cursor"]
    assert cursor
    for path, params in ((CLUSTERS, {"order": "newest"}), (MESSAGES, {}), (CLUSTERS, {"state": "archived"})):
        assert (await client.get(path, params={**params, "after": cursor})).status_code == 422
    async with open_client(app, await other_tenant(app)) as stranger:
        assert (await stranger.get(CLUSTERS, params={"after": cursor})).status_code == 422


async def test_who_only_reads_makes_no_inbox(app: App, tenant_id: UUID) -> None:
    async with open_client(app, tenant_id, "read") as reader:
        for path in ("clusters", "clusters?query=zebras", "counts", "messages", "channels", "changes", "deliveries"):
            assert (await reader.get(f"/api/v1/inbox/{path}")).status_code == 200, path
        nobody = encode_id("clu", new_id())
        for path in (f"clusters/{nobody}", f"clusters/{nobody}/messages"):
            assert (await reader.get(f"/api/v1/inbox/{path}")).status_code == 404, path
        assert (await reader.get("/api/v1/collections")).json()["data"] == []


async def test_clusters_whose_messages_are_gone_are_not_counted(
    app: App, tenant_id: UUID, client: httpx.AsyncClient
) -> None:
    [message_id] = await put(app, tenant_id, [ZEBRA])
    message = await get_message(app, tenant_id, message_id=message_id)
    assert message.cluster_id is not None
    await archive_cluster(app, tenant_id, cluster_id=message.cluster_id, actor="test")
    assert (await client.get("/api/v1/inbox/counts")).json() == {"actioned": 0, "archived": 1}
    await delete_item(app, tenant_id, collection="inbox", key=await item_key(app, tenant_id, message_id))
    assert (await client.get("/api/v1/inbox/counts")).json() == {"actioned": 0, "archived": 0}


async def item_key(app: App, tenant_id: UUID, message_id: UUID) -> str:
    """The key of a message's item."""
    [row] = await rows_of(
        app, tenant_id, f"select key from collections.items where tenant_id = :t and id = '{message_id}'"
    )
    return json.loads(row)["key"]
