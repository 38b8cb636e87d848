"""What people change about clusters: each change is told, shows at once, can be undone, and never miscounts."""

import asyncio
import json
import os
import unicodedata
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from random import Random
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
from tests.apps.inbox_runs import rows_of, settle
from tests.apps.inbox_scenes import CARD, RATE, ZEBRA, draft, events_of, home_of, homes, let_pass, open_client, put

from likewise.apps.inbox import Card, Change, answer_cluster, ingest_each, list_clusters
from likewise.apps.inbox.errors import (
    ActionNotUndoable,
    ChangeNotFound,
    ChangeNotUndoable,
    ClusterNotFound,
    ClusterNotOpen,
    ClusterNotOther,
    MessageNotFound,
    MessageRefused,
    MessageStandsAlone,
)
from likewise.apps.inbox.model import COLLECTION, ClusterState, Message
from likewise.apps.inbox.service import (
    acknowledge_delivery,
    archive_cluster,
    get_cluster,
    list_changes,
    list_deliveries,
    list_messages,
    lock_cluster,
    merge_clusters,
    move_messages,
    remove_message,
    rename_cluster,
    reopen_cluster,
    set_answers_late,
    set_cluster_state,
    undo_answer,
    undo_change,
)
from likewise.engine.clusters import ChangeNotUndoable as TextsNotUndoable
from likewise.engine.clusters import ClusterIsLocked, ItemsNotInCluster
from likewise.engine.collections import delete_item
from likewise.platform.errors import Conflict, Fact, NotFound
from likewise.platform.feature import App
from likewise.platform.ids import encode_id, new_id

INBOX = "/api/v1/inbox"
SEEDS = 20 if os.environ.get("LIKEWISE_FAULTS_MODES") == "all" else 2  # many in the long form
STATES: tuple[ClusterState, ...] = ("open", "actioned", "archived")


@pytest.fixture
async def client(app: App, tenant_id: UUID) -> AsyncIterator[httpx.AsyncClient]:
    async with open_client(app, tenant_id) as opened:
        yield opened


class Scene(msgspec.Struct, frozen=True):
    """Messages of two clusters, and these."""

    cards: list[UUID]
    rates: list[UUID]
    card: UUID
    rate: UUID


class Seen(msgspec.Struct, frozen=True):
    """All that lists tell of an inbox, without the order of things."""

    places: dict[UUID, UUID | None]
    clusters: dict[UUID, tuple[object, ...]]
    answers: dict[UUID, tuple[str, str]]


async def scene(app: App, tenant_id: UUID) -> Scene:
    ids = await put(app, tenant_id, [*CARD[:4], *RATE[:3]])
    places = await homes(app, tenant_id)
    card, rate = places[ids[0]], places[ids[4]]
    assert card is not None
    assert rate is not None
    return Scene(ids[:4], ids[4:], card, rate)


async def cards_of(app: App, tenant_id: UUID) -> dict[UUID, Card]:
    """Every cluster, from the lists of every state; each is in one."""
    found = [card for state in STATES for card in await list_clusters(app, tenant_id, state=state, limit=200)]
    assert len({card.id for card in found}) == len(found)
    return {card.id: card for card in found}


async def look(app: App, tenant_id: UUID) -> Seen:
    return Seen(
        places=await homes(app, tenant_id),
        clusters={
            card.id: (card.state, card.name, card.is_locked, card.answers_late, card.message_count, card.answered_count)
            for card in (await cards_of(app, tenant_id)).values()
        },
        answers={
            one.message_id: (one.text, one.state)
            for one in await list_deliveries(app, tenant_id, limit=200)
            if one.state != "cancelled"
        },
    )


async def answer(app: App, tenant_id: UUID, home: UUID, text: str = "yes", *, late: bool = False) -> UUID:
    made = await answer_cluster(app, tenant_id, cluster_id=home, response_text=text, actor="ada", answers_late=late)
    return made.id


async def test_every_change_is_told_kept_and_undone(app: App, tenant_id: UUID) -> None:
    at = await scene(app, tenant_id)
    start = await look(app, tenant_id)

    async def split() -> tuple[Card, Change]:
        return await move_messages(app, tenant_id, cluster_id=at.card, message_ids=at.cards[:2], actor="ada")

    async def move() -> tuple[Card, Change]:
        return await move_messages(
            app, tenant_id, cluster_id=at.card, message_ids=at.cards[:1], into_id=at.rate, actor="ada"
        )

    steps: dict[str, tuple[Callable[[], Awaitable[tuple[Card, Change]]], str, str]] = {
        "remove": (
            lambda: remove_message(app, tenant_id, message_id=at.cards[3], actor="ada"),
            "clusters.cluster_changed",
            "a cluster of its own",
        ),
        "split": (split, "clusters.cluster_changed", "two messages apart"),
        "move": (move, "clusters.cluster_changed", "one message among the others"),
        "merge": (
            lambda: merge_clusters(app, tenant_id, cluster_id=at.card, into_id=at.rate, actor="ada"),
            "clusters.cluster_changed",
            "everything in one",
        ),
        "lock": (
            lambda: lock_cluster(app, tenant_id, cluster_id=at.card, locked=True, actor="ada"),
            "inbox.cluster_marked",
            "locked",
        ),
        "rename": (
            lambda: rename_cluster(app, tenant_id, cluster_id=at.card, name=" Cards ", actor="ada"),
            "inbox.cluster_marked",
            "named",
        ),
        "archive": (
            lambda: archive_cluster(app, tenant_id, cluster_id=at.card, actor="ada"),
            "inbox.cluster_decided",
            "put away",
        ),
    }
    for kind, (step, event, what) in steps.items():
        told = len(await events_of(app, tenant_id, event))
        card, change = await step()
        after = await look(app, tenant_id)
        assert after != start, what
        assert after.clusters[card.id][4] == card.message_count
        assert (change.kind, change.actor, change.undone_at) == (kind, "ada", None)
        assert (await list_changes(app, tenant_id))[0] == change
        assert len(await events_of(app, tenant_id, event)) == told + 1, f"{kind} is an event"
        undone = await undo_change(app, tenant_id, change_id=change.id)
        assert undone.undone_at is not None
        assert await look(app, tenant_id) == start, f"{kind} is undone"
        assert len(await events_of(app, tenant_id, event)) == told + 2, f"undoing {kind} is an event"
        with pytest.raises(ChangeNotUndoable, match="undone already"):
            await undo_change(app, tenant_id, change_id=change.id)
        await settle(app, tenant_id)
        assert await look(app, tenant_id) == start
    assert [change.kind for change in await list_changes(app, tenant_id)] == list(steps)[::-1]


async def test_changes_undone_in_turn_lead_back_to_the_beginning(app: App, tenant_id: UUID) -> None:
    at = await scene(app, tenant_id)
    start = await look(app, tenant_id)
    own, _ = await remove_message(app, tenant_id, message_id=at.cards[0], actor="ada")
    await merge_clusters(app, tenant_id, cluster_id=at.rate, into_id=at.card, actor="ada")
    await rename_cluster(app, tenant_id, cluster_id=at.card, name="All", actor="ada")
    await move_messages(app, tenant_id, cluster_id=at.card, message_ids=at.rates[:2], into_id=own.id, actor="ada")
    await rename_cluster(app, tenant_id, cluster_id=at.card, name="Both", actor="ada")
    await archive_cluster(app, tenant_id, cluster_id=own.id, actor="ada")
    for change in await list_changes(app, tenant_id):
        await undo_change(app, tenant_id, change_id=change.id)
    assert await look(app, tenant_id) == start


async def test_changes_over_http(app: App, tenant_id: UUID, client: httpx.AsyncClient) -> None:
    at = await scene(app, tenant_id)
    card, rate = f"{INBOX}/clusters/{encode_id('clu', at.card)}", encode_id("clu", at.rate)
    message = encode_id("msg", at.cards[0])
    removed = (await client.post(f"{INBOX}/messages/{message}/remove", json={})).json()
    assert (removed["change"]["kind"], removed["cluster"]["message_count"]) == ("remove", 1)
    back = {"messages": [message], "into": encode_id("clu", at.card)}
    moved = (await client.post(f"{INBOX}/clusters/{removed['cluster']['id']}/move", json=back)).json()
    assert (moved["change"]["kind"], moved["cluster"]["message_count"]) == ("move", 4)
    split = (await client.post(f"{card}/move", json={"messages": [message]})).json()
    assert (split["change"]["kind"], split["change"]["message_count"]) == ("split", 1)
    assert (await client.post(f"{INBOX}/changes/{split['change']['id']}/undo")).json()["undone_at"]
    merged = (await client.post(f"{card}/merge", json={"into": rate})).json()
    assert (merged["cluster"]["id"], merged["cluster"]["message_count"]) == (rate, 7)
    assert (await client.get(card)).status_code == 404
    assert (await client.post(f"{INBOX}/changes/{merged['change']['id']}/undo")).status_code == 200
    patch = {"is_locked": True, "name": "Cards", "state": "archived"}
    patched = (await client.patch(card, json=patch)).json()
    assert {name: patched[name] for name in patch} == patch
    assert patched["label"] == "Cards"
    first = (await client.get(f"{INBOX}/changes", params={"limit": 4})).json()
    rest = (await client.get(f"{INBOX}/changes", params={"after": first["next_cursor"]})).json()
    kinds = [row["kind"] for row in (*first["data"], *rest["data"])]
    assert kinds == ["archive", "rename", "lock", "merge", "split", "move", "remove"]
    of_rate = (await client.get(f"{INBOX}/changes", params={"cluster": rate})).json()["data"]
    assert not of_rate, "a change is told of the cluster it was made on"
    refused = await client.patch(card, json={"state": "actioned"})
    assert (refused.status_code, refused.json()["code"]) == (422, "message_refused")
    assert (await client.patch(card, json={"colour": "red"})).status_code == 422
    assert (await client.post(f"{INBOX}/changes/{encode_id('chg', new_id())}/undo")).status_code == 404
    async with open_client(app, tenant_id, "read") as reader:
        assert (await reader.patch(card, json={"name": "x"})).status_code == 403
        assert (await reader.post(f"{INBOX}/messages/{message}/remove", json={})).status_code == 403


async def test_message_that_is_moved_takes_its_twins_along(app: App, tenant_id: UUID) -> None:
    loud = [CARD[0].upper(), f"  {CARD[0]}!!", CARD[0]]
    ids = await put(app, tenant_id, [*CARD[:3], *loud])
    home = await home_of(app, tenant_id, ids[0])
    twins = {ids[0], *ids[3:]}
    start = await look(app, tenant_id)
    for chosen in (ids[0], ids[4]):
        card, change = await remove_message(app, tenant_id, message_id=chosen, actor="ada")
        assert (card.message_count, card.text_count, change.message_count) == (len(twins), 1, len(twins))
        places = await homes(app, tenant_id)
        assert {one for one, place in places.items() if place == card.id} == twins
        assert (await get_cluster(app, tenant_id, cluster_id=home)).message_count == 2
        (late,) = await put(app, tenant_id, [CARD[0]])
        assert await home_of(app, tenant_id, late) == card.id, "a twin that comes later follows"
        twins.add(late)
        await undo_change(app, tenant_id, change_id=change.id)
        assert {await home_of(app, tenant_id, one) for one in twins} == {home}
    assert {one: place for one, place in (await homes(app, tenant_id)).items() if one in start.places} == start.places


async def test_twin_that_arrives_while_its_text_is_moved_is_where_its_text_is(app: App, tenant_id: UUID) -> None:
    ids = await put(app, tenant_id, CARD[:3])

    async def arrive() -> None:
        await ingest_each(app, tenant_id, drafts=[draft(CARD[0]) for _ in range(5)])
        await settle(app, tenant_id)

    (card, _), _ = await asyncio.gather(remove_message(app, tenant_id, message_id=ids[0], actor="ada"), arrive())
    await settle(app, tenant_id)
    assert (await get_cluster(app, tenant_id, cluster_id=card.id)).message_count == 6
    assert Counter((await homes(app, tenant_id)).values())[card.id] == 6


async def test_last_text_of_a_cluster_cannot_leave_it_but_can_go_elsewhere(app: App, tenant_id: UUID) -> None:
    ids = await put(app, tenant_id, [ZEBRA, ZEBRA.upper(), *CARD[:2]])
    home, other = await home_of(app, tenant_id, ids[0]), await home_of(app, tenant_id, ids[2])
    with pytest.raises(MessageStandsAlone):
        await remove_message(app, tenant_id, message_id=ids[0], actor="ada")
    card, _ = await remove_message(app, tenant_id, message_id=ids[0], into_id=other, actor="ada")
    assert (card.id, card.message_count) == (other, 4)
    with pytest.raises(ClusterNotFound):
        await get_cluster(app, tenant_id, cluster_id=home)


async def test_answers_go_with_the_messages_that_have_them(app: App, tenant_id: UUID) -> None:
    at = await scene(app, tenant_id)
    await answer(app, tenant_id, at.card, "cards")
    await reopen_cluster(app, tenant_id, cluster_id=at.card, actor="ada")
    _, change = await move_messages(
        app, tenant_id, cluster_id=at.card, message_ids=at.cards[:2], into_id=at.rate, actor="ada"
    )
    counts = {one: card.answered_count for one, card in (await cards_of(app, tenant_id)).items()}
    assert counts == {at.card: 2, at.rate: 2}
    await answer(app, tenant_id, at.rate, "rates")
    said = {one.message_id: one.text for one in await list_deliveries(app, tenant_id)}
    assert said == {**dict.fromkeys(at.cards, "cards"), **dict.fromkeys(at.rates, "rates")}
    with pytest.raises(ClusterNotOpen):
        await undo_change(app, tenant_id, change_id=change.id)


async def test_message_moved_out_of_a_cluster_answered_before_can_be_brought_back(app: App, tenant_id: UUID) -> None:
    at = await scene(app, tenant_id)
    await answer(app, tenant_id, at.card)
    (new,) = await put(app, tenant_id, [CARD[6]])
    start = await look(app, tenant_id)
    assert start.clusters[at.card][0] == "open"
    _, change = await remove_message(app, tenant_id, message_id=new, actor="ada")
    await undo_change(app, tenant_id, change_id=change.id)
    assert await look(app, tenant_id) == start


async def test_change_is_not_undone_over_an_answer_that_was_given_since(app: App, tenant_id: UUID) -> None:
    at = await scene(app, tenant_id)
    card, change = await move_messages(app, tenant_id, cluster_id=at.card, message_ids=at.cards[:1], actor="ada")
    await answer(app, tenant_id, card.id)
    with pytest.raises(ClusterNotOpen, match="actioned"):
        await undo_change(app, tenant_id, change_id=change.id)
    await reopen_cluster(app, tenant_id, cluster_id=card.id, actor="ada")
    with pytest.raises(TextsNotUndoable, match="acted on since"):
        await undo_change(app, tenant_id, change_id=change.id)
    assert (await list_changes(app, tenant_id, cluster_id=at.card))[0].undone_at is None


async def test_undoing_is_refused_when_something_stands_in_the_way(app: App, tenant_id: UUID) -> None:
    at = await scene(app, tenant_id)
    with pytest.raises(ChangeNotFound):
        await undo_change(app, tenant_id, change_id=new_id())
    _, merge = await merge_clusters(app, tenant_id, cluster_id=at.rate, into_id=at.card, actor="ada")
    _, lock = await lock_cluster(app, tenant_id, cluster_id=at.card, locked=True, actor="ada")
    with pytest.raises(TextsNotUndoable, match="locked"):
        await undo_change(app, tenant_id, change_id=merge.id)
    await undo_change(app, tenant_id, change_id=lock.id)
    _, archive = await archive_cluster(app, tenant_id, cluster_id=at.card, actor="ada")
    with pytest.raises(ClusterNotOpen, match="archived"):
        await undo_change(app, tenant_id, change_id=merge.id)
    _, reopen = await reopen_cluster(app, tenant_id, cluster_id=at.card, actor="ada")
    with pytest.raises(ChangeNotUndoable, match="decided on again"):
        await undo_change(app, tenant_id, change_id=archive.id)
    await undo_change(app, tenant_id, change_id=reopen.id)
    await undo_change(app, tenant_id, change_id=archive.id)
    action_id = await answer(app, tenant_id, at.card)
    await let_pass(app, tenant_id, seconds=11)
    (given,) = [one for one in await list_changes(app, tenant_id) if one.kind == "answer"]
    with pytest.raises(ActionNotUndoable):
        await undo_change(app, tenant_id, change_id=given.id)
    with pytest.raises(ActionNotUndoable):
        await undo_answer(app, tenant_id, action_id=action_id)


async def test_reopening_is_undone_as_the_cluster_was(app: App, tenant_id: UUID) -> None:
    at = await scene(app, tenant_id)
    await answer(app, tenant_id, at.card, late=True)
    start = await look(app, tenant_id)
    _, change = await reopen_cluster(app, tenant_id, cluster_id=at.card, actor="ada")
    await undo_change(app, tenant_id, change_id=change.id)
    assert await look(app, tenant_id) == start
    (late,) = await put(app, tenant_id, [CARD[6]])
    assert late in (await look(app, tenant_id)).answers, "the late rule is on again"


async def test_reopening_is_not_undone_once_its_answer_is_gone_or_somebody_waits(app: App, tenant_id: UUID) -> None:
    at = await scene(app, tenant_id)
    action_id = await answer(app, tenant_id, at.card)
    _, change = await reopen_cluster(app, tenant_id, cluster_id=at.card, actor="ada")
    await undo_answer(app, tenant_id, action_id=action_id)
    with pytest.raises(ChangeNotUndoable, match="taken back"):
        await undo_change(app, tenant_id, change_id=change.id)
    assert (await get_cluster(app, tenant_id, cluster_id=at.card)).state == "open"
    await answer(app, tenant_id, at.card)
    _, change = await reopen_cluster(app, tenant_id, cluster_id=at.card, actor="ada")
    await put(app, tenant_id, [CARD[6]])
    with pytest.raises(ChangeNotUndoable, match="no answer"):
        await undo_change(app, tenant_id, change_id=change.id)
    assert (await get_cluster(app, tenant_id, cluster_id=at.card)).state == "open"


async def test_only_open_clusters_are_rearranged_and_locked_ones_not_at_all(app: App, tenant_id: UUID) -> None:
    at = await scene(app, tenant_id)

    async def attempts(error: type[Fact]) -> None:
        wishes: list[Callable[[], Awaitable[object]]] = [
            lambda: remove_message(app, tenant_id, message_id=at.cards[0], actor="bo"),
            lambda: remove_message(app, tenant_id, message_id=at.rates[0], into_id=at.card, actor="bo"),
            lambda: move_messages(app, tenant_id, cluster_id=at.card, message_ids=at.cards[:1], actor="bo"),
            lambda: merge_clusters(app, tenant_id, cluster_id=at.card, into_id=at.rate, actor="bo"),
            lambda: merge_clusters(app, tenant_id, cluster_id=at.rate, into_id=at.card, actor="bo"),
        ]
        before = await look(app, tenant_id)
        for wish in wishes:
            with pytest.raises(error):
                await wish()
        assert await look(app, tenant_id) == before

    await lock_cluster(app, tenant_id, cluster_id=at.card, locked=True, actor="ada")
    await attempts(ClusterIsLocked)
    await put(app, tenant_id, [CARD[7]])
    assert (await get_cluster(app, tenant_id, cluster_id=at.card)).message_count == 5, "what arrives may join"
    await lock_cluster(app, tenant_id, cluster_id=at.card, locked=False, actor="ada")
    await archive_cluster(app, tenant_id, cluster_id=at.card, actor="ada")
    await attempts(ClusterNotOpen)
    with pytest.raises(ClusterNotOpen):
        await archive_cluster(app, tenant_id, cluster_id=at.card, actor="bo")
    await reopen_cluster(app, tenant_id, cluster_id=at.card, actor="ada")
    with pytest.raises(ClusterNotOpen):
        await reopen_cluster(app, tenant_id, cluster_id=at.card, actor="bo")
    await answer(app, tenant_id, at.card)
    await attempts(ClusterNotOpen)
    with pytest.raises(ClusterNotOpen):
        await archive_cluster(app, tenant_id, cluster_id=at.card, actor="bo")


async def test_what_is_not_there_or_not_apart_is_refused(app: App, tenant_id: UUID) -> None:
    at = await scene(app, tenant_id)
    before = await look(app, tenant_id)
    with pytest.raises(MessageNotFound):
        await remove_message(app, tenant_id, message_id=new_id(), actor="ada")
    with pytest.raises(ClusterNotFound):
        await remove_message(app, tenant_id, message_id=at.cards[0], into_id=new_id(), actor="ada")
    with pytest.raises(ClusterNotFound):
        await merge_clusters(app, tenant_id, cluster_id=new_id(), into_id=at.card, actor="ada")
    for act in (archive_cluster, reopen_cluster):
        with pytest.raises((ClusterNotFound, ClusterNotOpen)):
            await act(app, tenant_id, cluster_id=new_id(), actor="ada")
    with pytest.raises(ClusterNotFound):
        await rename_cluster(app, tenant_id, cluster_id=new_id(), name="x", actor="ada")
    with pytest.raises(ClusterNotOther):
        await merge_clusters(app, tenant_id, cluster_id=at.card, into_id=at.card, actor="ada")
    for ids in (at.rates[:1], at.cards, [new_id()]):
        with pytest.raises(ItemsNotInCluster):
            await move_messages(app, tenant_id, cluster_id=at.card, message_ids=ids, actor="ada")
    with pytest.raises(MessageRefused, match="at most 10,000"):
        await move_messages(
            app, tenant_id, cluster_id=at.card, message_ids=[new_id() for _ in range(10_001)], actor="ada"
        )
    with pytest.raises(MessageRefused, match="answered"):
        await set_cluster_state(app, tenant_id, cluster_id=at.card, state="actioned", actor="ada")
    assert await look(app, tenant_id) == before
    assert not await list_changes(app, tenant_id)


async def test_clusters_merged_into_each_other_at_once_are_one_afterwards(app: App, tenant_id: UUID) -> None:
    at = await scene(app, tenant_id)
    results = await asyncio.gather(
        merge_clusters(app, tenant_id, cluster_id=at.card, into_id=at.rate, actor="ada"),
        merge_clusters(app, tenant_id, cluster_id=at.rate, into_id=at.card, actor="bo"),
        return_exceptions=True,
    )
    assert sum(isinstance(result, ClusterNotFound) for result in results) == 1, results
    (card,) = (await cards_of(app, tenant_id)).values()
    assert card.message_count == 7
    (change,) = await list_changes(app, tenant_id)
    await undo_change(app, tenant_id, change_id=change.id)
    assert {card.message_count for card in (await cards_of(app, tenant_id)).values()} == {4, 3}


async def test_merge_and_answer_at_once_lose_no_answer(app: App, tenant_id: UUID) -> None:
    at = await scene(app, tenant_id)
    merged, answered = await asyncio.gather(
        merge_clusters(app, tenant_id, cluster_id=at.card, into_id=at.rate, actor="ada"),
        answer(app, tenant_id, at.card),
        return_exceptions=True,
    )
    assert isinstance(merged, Fact) != isinstance(answered, Fact), (merged, answered)
    await settle(app, tenant_id)
    await check(app, tenant_id)


def normal(text: str) -> str:
    """Texts that are the same to a reader."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(mark if mark.isalnum() else " " for mark in plain).split())


async def check(app: App, tenant_id: UUID) -> None:
    """Everything that is told is what plain SQL counts from the beginning."""
    placed = [
        json.loads(row)
        for row in await rows_of(
            app,
            tenant_id,
            "select m.id, i.body, t.cluster_id from inbox.messages m"
            " join collections.items i on i.tenant_id = m.tenant_id and i.id = m.id"
            " left join clusters.members g on g.tenant_id = m.tenant_id and g.item_id = m.id"
            " left join clusters.texts t on t.tenant_id = m.tenant_id and t.collection_id = g.collection_id"
            "  and t.hash = g.hash where m.tenant_id = :t",
        )
    ]
    given = [
        json.loads(row) for row in await rows_of(app, tenant_id, "select * from inbox.deliveries where tenant_id = :t")
    ]
    standing = {row["message_id"]: row for row in given if row["state"] != "cancelled"}
    assert len(standing) == sum(row["state"] != "cancelled" for row in given), "one answer that stands"
    members: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in placed:
        assert row["cluster_id"], "everything has found its cluster"
        members[row["cluster_id"]].append(row)
    cards = {str(one): card for one, card in (await cards_of(app, tenant_id)).items()}
    assert cards.keys() == members.keys()
    for cluster_id, rows in members.items():
        card = cards[cluster_id]
        assert card.message_count == len(rows)
        assert card.text_count == len({normal(row["body"]) for row in rows})
        assert card.answered_count == sum(row["id"] in standing for row in rows)
        assert card == await get_cluster(app, tenant_id, cluster_id=card.id)
        if card.state == "open":
            assert not card.answers_late
    for row in placed:
        if row["id"] in standing:
            assert standing[row["id"]]["cluster_id"] == row["cluster_id"], "an answer is where its message is"
    homes_of_text: dict[str, set[str]] = defaultdict(set)
    for row in placed:
        homes_of_text[normal(row["body"])].add(row["cluster_id"])
    assert all(len(places) == 1 for places in homes_of_text.values()), "identical texts are in one cluster"
    shown: list[Message] = await list_messages(app, tenant_id, limit=200)
    assert {str(m.id): str(m.cluster_id) for m in shown} == {row["id"]: row["cluster_id"] for row in placed}
    assert {str(m.id): m.delivery_state for m in shown if m.delivery_id} == {
        message_id: row["state"] for message_id, row in standing.items()
    }
    decided = await rows_of(app, tenant_id, "select * from inbox.actions where tenant_id = :t")
    for action in (json.loads(row) for row in decided):
        own = [row for row in given if row["action_id"] == action["id"]]
        assert action["message_count"] >= len(own), "no more than were counted; whose message is deleted has none"
        assert action["undone_at"] is None or all(row["state"] == "cancelled" for row in own)
    waiting = await rows_of(
        app,
        tenant_id,
        "select o.delivery_id from inbox.outbox o left join inbox.deliveries d"
        " on d.tenant_id = o.tenant_id and d.id = o.delivery_id"
        " where o.tenant_id = :t and d.state is distinct from 'waiting'",
    )
    assert not waiting, "nothing is in the outbox but what waits"


STEPS = (
    *("come", "come", "answer", "answer", "late", "stop", "reopen", "reopen", "archive", "rename", "lock", "unlock"),
    *("remove", "into", "split", "move", "merge", "undo", "undo", "take back", "pass on", "delete"),
)


class Player:
    """Somebody who does anything, in any order; what is refused changes nothing."""

    def __init__(self, app: App, tenant_id: UUID, *, seed: int) -> None:
        self.app, self.tenant_id, self.random = app, tenant_id, Random(seed)
        self.done: Counter[str] = Counter()

    async def turn(self) -> None:
        """One step; half of those that can be undone are, and all is as it was."""
        before = await look(self.app, self.tenant_id)
        name = self.random.choice(STEPS)
        changes = await list_changes(self.app, self.tenant_id)
        try:
            await self.act(name, before)
        except (Conflict, NotFound, ClusterNotOther, ItemsNotInCluster):
            assert await look(self.app, self.tenant_id) == before, f"{name} was refused, so nothing is different"
            return
        self.done[name] += 1
        made = [one for one in await list_changes(self.app, self.tenant_id) if one.id not in {c.id for c in changes}]
        if made and self.random.random() < 0.5:
            await undo_change(self.app, self.tenant_id, change_id=made[0].id)
            assert await look(self.app, self.tenant_id) == before, f"{name} was undone at once"
            self.done["undone at once"] += 1
        await settle(self.app, self.tenant_id)

    async def act(self, name: str, seen: Seen) -> None:
        app, tenant_id, some = self.app, self.tenant_id, self.random
        home, other = some.choice(list(seen.clusters)), some.choice(list(seen.clusters))
        message = some.choice(list(seen.places))
        match name:
            case "come":
                texts = some.choices([*CARD, *RATE, ZEBRA], k=some.randint(1, 3))
                await put(app, tenant_id, [some.choice([text, text.upper()]) for text in texts])
            case "answer" | "late":
                left_out = [message] if some.random() < 0.3 else []
                await answer_cluster(
                    app,
                    tenant_id,
                    cluster_id=home,
                    response_text=f"answer {some.random()}",
                    actor="p",
                    answers_late=name == "late",
                    exceptions=left_out,
                )
            case "remove":
                await remove_message(app, tenant_id, message_id=message, actor="p")
            case "into":
                await remove_message(app, tenant_id, message_id=message, into_id=other, actor="p")
            case "split" | "move":
                mine = [one for one, place in seen.places.items() if place == home]
                chosen = some.sample(mine, some.randint(1, len(mine)))
                into = other if name == "move" else None
                await move_messages(app, tenant_id, cluster_id=home, message_ids=chosen, into_id=into, actor="p")
            case "merge":
                await merge_clusters(app, tenant_id, cluster_id=home, into_id=other, actor="p")
            case "lock" | "unlock":
                await lock_cluster(app, tenant_id, cluster_id=home, locked=name == "lock", actor="p")
            case "rename":
                await rename_cluster(app, tenant_id, cluster_id=home, name=some.choice(["", "A", "B"]), actor="p")
            case "archive":
                await archive_cluster(app, tenant_id, cluster_id=home, actor="p")
            case "reopen":
                await reopen_cluster(app, tenant_id, cluster_id=home, actor="p")
            case "stop":
                await set_answers_late(app, tenant_id, cluster_id=home, wanted=False)
            case _:
                await self.act_on_the_past(name, message)

    async def act_on_the_past(self, name: str, message: UUID) -> None:
        app, tenant_id, some = self.app, self.tenant_id, self.random
        changes = await list_changes(app, tenant_id)
        given = [change for change in changes if change.action_id is not None]
        ready = [one for one in await list_deliveries(app, tenant_id, limit=200) if one.state == "ready"]
        match name:
            case "undo" if changes:
                await undo_change(app, tenant_id, change_id=some.choice(changes[:6]).id)
            case "take back" if given:
                await undo_answer(app, tenant_id, action_id=some.choice(given).action_id or new_id())
            case "pass on" if ready:
                await acknowledge_delivery(app, tenant_id, delivery_id=some.choice(ready).id)
            case "delete":
                (key,) = await rows_of(
                    app, tenant_id, f"select key from collections.items where tenant_id = :t and id = '{message}'"
                )
                await delete_item(app, tenant_id, collection=COLLECTION, key=json.loads(key)["key"])
            case _:
                pass


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_whatever_people_do_counts_are_what_counting_anew_gives(app: App, tenant_id: UUID, seed: int) -> None:
    player = Player(app, tenant_id, seed=seed)
    await put(app, tenant_id, [*CARD[:3], CARD[0], *RATE[:3], RATE[1].upper(), ZEBRA])
    await check(app, tenant_id)
    for _ in range(24):
        await player.turn()
        await check(app, tenant_id)
    assert len(player.done) >= 8, player.done
