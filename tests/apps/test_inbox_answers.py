"""A cluster is answered once: looked at before, written as a whole, taken back in time, given to whoever comes late."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from uuid import UUID

import httpx
import pytest
from tests.apps.inbox_runs import rows_of, settle
from tests.apps.inbox_scenes import (
    CARD,
    RATE,
    ZEBRA,
    draft,
    events_of,
    home_of,
    homes,
    let_pass,
    open_client,
    put,
)

from likewise.apps.inbox import Action, Delivery, answer_cluster, create_channel, ingest_each, list_clusters
from likewise.apps.inbox.errors import (
    ActionNotFound,
    ActionNotUndoable,
    ClusterAnswered,
    ClusterGrewMeanwhile,
    ClusterNotAnswered,
    ClusterNotFound,
    ClusterNotOpen,
    DeliveryNotFound,
    DeliveryNotRetryable,
    MessageRefused,
    NothingToAnswer,
    SlotUnknown,
)
from likewise.apps.inbox.service import (
    acknowledge_delivery,
    archive_cluster,
    count_deliveries,
    get_action,
    get_cluster,
    list_actions,
    list_changes,
    list_deliveries,
    list_messages,
    lock_cluster,
    merge_clusters,
    preview_answer,
    remove_message,
    rename_cluster,
    reopen_cluster,
    retry_delivery,
    set_answers_late,
    undo_answer,
    undo_change,
)
from likewise.platform.feature import App
from likewise.platform.ids import encode_id, new_id

CLUSTERS, ACTIONS = "/api/v1/inbox/clusters", "/api/v1/inbox/actions"
HELLO = "Hi {{first_name|there}}, it is on its way."


@pytest.fixture
async def client(app: App, tenant_id: UUID) -> AsyncIterator[httpx.AsyncClient]:
    async with open_client(app, tenant_id) as opened:
        yield opened


async def scene(app: App, tenant_id: UUID, count: int = 3) -> tuple[list[UUID], UUID]:
    """Messages that ask the same, of people with and without a name, and their cluster."""
    names = ["Ada Lovell", None, "Bo"]
    ids = await put(app, tenant_id, [draft(CARD[n % 8], name=names[n % 3]) for n in range(count)])
    return ids, await home_of(app, tenant_id, ids[0])


async def answer(
    app: App, tenant_id: UUID, home: UUID, text: str = HELLO, *, late: bool = False, left_out: Sequence[UUID] = ()
) -> Action:
    return await answer_cluster(
        app, tenant_id, cluster_id=home, response_text=text, actor="ada", answers_late=late, exceptions=left_out
    )


async def answers_of(app: App, tenant_id: UUID) -> dict[UUID, str]:
    """The answer that stands to each message that has one."""
    found = await list_deliveries(app, tenant_id, limit=200)
    standing = [one for one in found if one.state != "cancelled"]
    assert len({one.message_id for one in standing}) == len(standing), "a message has one answer that stands"
    return {one.message_id: one.text for one in standing}


async def state_of(app: App, tenant_id: UUID, home: UUID) -> tuple[str, int, bool]:
    """State, messages answered, and whether late ones are, as a list tells them and as the cluster does."""
    card = await get_cluster(app, tenant_id, cluster_id=home)
    listed = [one for one in await list_clusters(app, tenant_id, state=card.state, limit=200) if one.id == home]
    assert listed == [card]
    return card.state, card.answered_count, card.answers_late


async def test_preview_shows_each_message_its_answer_and_writes_nothing(
    app: App, tenant_id: UUID, client: httpx.AsyncClient
) -> None:
    ids, home = await scene(app, tenant_id)
    text = "Hi {{ first_name | there }}: {{message}} ({{channel}}){{name}}"
    shown = await preview_answer(app, tenant_id, cluster_id=home, response_text=text)
    assert shown.message_count == 3
    assert {reply.message.id: reply.text for reply in shown.replies} == {
        ids[0]: f"Hi Ada: {CARD[0]} (api)Ada Lovell",
        ids[1]: f"Hi there: {CARD[1]} (api)",
        ids[2]: f"Hi Bo: {CARD[2]} (api)Bo",
    }
    some = await preview_answer(app, tenant_id, cluster_id=home, response_text=text, exceptions=ids[:1])
    assert (some.message_count, {reply.message.id for reply in some.replies}) == (2, set(ids[1:]))
    path = f"{CLUSTERS}/{encode_id('clu', home)}/preview"
    body = {"response_text": "{{name}}", "exceptions": [encode_id("msg", ids[1])]}
    first = (await client.post(path, json=body, params={"limit": 1})).json()
    rest = (await client.post(path, json=body, params={"after": first["next_cursor"]})).json()
    assert [(one["message"], one["text"]) for one in (*first["data"], *rest["data"])] == [
        (encode_id("msg", ids[2]), "Bo"),
        (encode_id("msg", ids[0]), "Ada Lovell"),
    ]
    assert (first["message_count"], first["has_more"], rest["has_more"]) == (2, True, False)
    assert not await list_deliveries(app, tenant_id)
    assert await state_of(app, tenant_id, home) == ("open", 0, False)


async def test_what_is_no_answer_is_refused_before_anything_is_written(
    app: App, tenant_id: UUID, client: httpx.AsyncClient
) -> None:
    ids, home = await scene(app, tenant_id)
    for text in ("", " \n", "x" * 20_001, "a\0b"):
        with pytest.raises(MessageRefused, match="1 to 20,000 characters"):
            await answer(app, tenant_id, home, text)
        with pytest.raises(MessageRefused):
            await preview_answer(app, tenant_id, cluster_id=home, response_text=text)
    with pytest.raises(SlotUnknown, match=r"firstname.*first_name.*date"):
        await answer(app, tenant_id, home, "Hi {{firstname}}")
    with pytest.raises(ClusterNotFound):
        await answer(app, tenant_id, new_id())
    with pytest.raises(NothingToAnswer):
        await answer(app, tenant_id, home, left_out=ids)
    path = f"{CLUSTERS}/{encode_id('clu', home)}/action"
    refused = await client.post(path, json={"response_text": "Hi {{nobody}}"})
    assert (refused.status_code, refused.json()["code"]) == (422, "slot_unknown")
    assert refused.json()["errors"][0]["pointer"] == "/response_text"
    assert (await client.post(path, json={"response_text": "x", "exceptions": ["clu_1"]})).status_code in {404, 422}
    async with open_client(app, tenant_id, "read") as reader:
        assert (await reader.post(path, json={"response_text": "x"})).status_code == 403
    assert not await list_deliveries(app, tenant_id)
    assert not await list_actions(app, tenant_id, cluster_id=home)
    assert not await list_changes(app, tenant_id)
    assert await state_of(app, tenant_id, home) == ("open", 0, False)


async def test_answer_reaches_every_message_but_those_left_out(
    app: App, tenant_id: UUID, client: httpx.AsyncClient
) -> None:
    ids, home = await scene(app, tenant_id, 6)
    await put(app, tenant_id, [ZEBRA])
    body = {"response_text": HELLO, "exceptions": [encode_id("msg", ids[5])], "expected_count": 5}
    made = (await client.post(f"{CLUSTERS}/{encode_id('clu', home)}/action", json=body)).json()
    assert (made["message_count"], made["response_text"], made["undone_at"]) == (5, HELLO, None)
    assert made["actor"].startswith("key_")
    names = ["Ada", "there", "Bo", "Ada", "there"]
    expected = {one: f"Hi {name}, it is on its way." for one, name in zip(ids[:5], names, strict=True)}
    assert await answers_of(app, tenant_id) == expected
    assert await state_of(app, tenant_id, home) == ("actioned", 5, False)
    shown = (await client.get(f"{ACTIONS}/{made['id']}")).json()
    assert shown["deliveries"] == {"ready": 5}
    statuses = {message.id: message.delivery_state for message in await list_messages(app, tenant_id)}
    assert [statuses[one] for one in ids] == ["ready"] * 5 + [None]
    assert [(change.kind, change.message_count) for change in await list_changes(app, tenant_id)] == [("answer", 5)]
    assert [one["state"] for one in await events_of(app, tenant_id, "inbox.cluster_decided")] == ["actioned"]


async def test_everything_an_answer_writes_is_one_transaction(app: App, tenant_id: UUID) -> None:
    await create_channel(app, tenant_id, name="shop", delivery_url="https://shop.example/answers")
    drafts = [draft(CARD[n], channel=("api", "shop")[n % 2]) for n in range(8)]
    ids = await put(app, tenant_id, drafts)
    home = await home_of(app, tenant_id, ids[0])
    made = await answer(app, tenant_id, home, late=True, left_out=ids[:1])
    parts = [
        f"select '{table}' as part, cast(xmin as text) as x from inbox.{table} where tenant_id = :t"
        for table in ("actions", "exceptions", "deliveries", "outbox", "changes", "clusters")
    ]
    parts.append(
        "select 'event', cast(mod(cast(cast(xid as text) as bigint), 4294967296) as text) from platform.events"
        " where tenant_id = :t and type = 'inbox.cluster_decided'"
    )
    rows = [json.loads(row) for row in await rows_of(app, tenant_id, " union all ".join(parts))]
    assert len({row["x"] for row in rows}) == 1
    assert {row["part"] for row in rows} == {
        "actions",
        "exceptions",
        "deliveries",
        "outbox",
        "changes",
        "clusters",
        "event",
    }
    assert len(rows) == 1 + 1 + 7 + 4 + 1 + 1 + 1
    await undo_answer(app, tenant_id, action_id=made.id)


async def test_second_person_is_told_who_was_first(app: App, tenant_id: UUID, client: httpx.AsyncClient) -> None:
    _, home = await scene(app, tenant_id)
    first = await answer(app, tenant_id, home)
    with pytest.raises(ClusterAnswered, match=r"by ada at 20\d\d-"):
        await answer(app, tenant_id, home, "another")
    again = await client.post(f"{CLUSTERS}/{encode_id('clu', home)}/action", json={"response_text": "another"})
    assert (again.status_code, again.json()["code"]) == (409, "cluster_answered")
    assert [action.id for action in await list_actions(app, tenant_id, cluster_id=home)] == [first.id]
    assert len(await answers_of(app, tenant_id)) == 3


async def test_of_two_people_who_answer_at_once_exactly_one_wins(app: App, tenant_id: UUID) -> None:
    for text in (ZEBRA, CARD[0], RATE[0], "how do i tune this guitar"):
        (one, _) = await put(app, tenant_id, [text, text])
        home = await home_of(app, tenant_id, one)
        if text != ZEBRA:  # of the others something was decided before
            await rename_cluster(app, tenant_id, cluster_id=home, name="Asked", actor="ada")
        wishes = [answer(app, tenant_id, home, f"answer {n}") for n in range(4)]
        results = await asyncio.gather(*wishes, return_exceptions=True)
        won = [result for result in results if isinstance(result, Action)]
        assert len(won) == 1
        assert sum(isinstance(result, ClusterAnswered | ClusterNotOpen) for result in results) == 3, results
        said = {d.text for d in await list_deliveries(app, tenant_id, action_id=won[0].id)}
        assert said == {won[0].response_text}
        assert (await get_cluster(app, tenant_id, cluster_id=home)).answered_count == 2
        await undo_answer(app, tenant_id, action_id=won[0].id)


async def test_whoever_saw_fewer_messages_is_told(app: App, tenant_id: UUID, client: httpx.AsyncClient) -> None:
    _, home = await scene(app, tenant_id)
    await put(app, tenant_id, [CARD[5]])
    body = {"response_text": HELLO, "expected_count": 3}
    refused = await client.post(f"{CLUSTERS}/{encode_id('clu', home)}/action", json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "cluster_grew_meanwhile")
    with pytest.raises(ClusterGrewMeanwhile, match="4 messages to answer now, not 5"):
        await answer_cluster(app, tenant_id, cluster_id=home, response_text=HELLO, actor="ada", expected_count=5)
    assert not await list_deliveries(app, tenant_id)
    assert await state_of(app, tenant_id, home) == ("open", 0, False)


async def test_late_message_gets_the_answer_while_the_rule_is_on(app: App, tenant_id: UUID) -> None:
    ids, home = await scene(app, tenant_id)
    made = await answer(app, tenant_id, home, late=True, left_out=ids[:1])
    late = await put(app, tenant_id, [draft(CARD[6], name="Cy Young"), draft(CARD[0].upper()), draft(ZEBRA)])
    answers = await answers_of(app, tenant_id)
    assert answers.keys() == {*ids[1:], *late[:2]}
    assert (answers[late[0]], answers[late[1]]) == (
        "Hi Cy, it is on its way.",
        "Hi there, it is on its way.",
    )
    assert (await get_action(app, tenant_id, action_id=made.id)).message_count == 4
    assert await state_of(app, tenant_id, home) == ("actioned", 4, True)
    await settle(app, tenant_id)
    assert len(await list_deliveries(app, tenant_id)) == 4, "hearing of it again answers nobody again"


async def test_stopped_rule_answers_nobody_and_the_cluster_opens_for_the_next(
    app: App, tenant_id: UUID, client: httpx.AsyncClient
) -> None:
    ids, home = await scene(app, tenant_id)
    with pytest.raises(ClusterNotAnswered):
        await set_answers_late(app, tenant_id, cluster_id=home, wanted=True)
    await answer(app, tenant_id, home, late=True)
    stopped = await client.patch(f"{CLUSTERS}/{encode_id('clu', home)}", json={"answers_late": False})
    assert (stopped.status_code, stopped.json()["answers_late"]) == (200, False)
    assert await state_of(app, tenant_id, home) == ("actioned", 3, False)
    (new,) = await put(app, tenant_id, [CARD[6]])
    assert await state_of(app, tenant_id, home) == ("open", 3, False)
    second = await answer(app, tenant_id, home, "Once more: yes.")
    assert second.message_count == 1
    answers = await answers_of(app, tenant_id)
    assert answers.pop(new) == "Once more: yes."
    assert answers.keys() == set(ids)
    assert "Once more: yes." not in answers.values()


async def test_who_was_left_out_neither_opens_a_cluster_nor_gets_a_late_answer(app: App, tenant_id: UUID) -> None:
    ids, home = await scene(app, tenant_id)
    await answer(app, tenant_id, home, late=True, left_out=ids[:1])
    await put(app, tenant_id, [CARD[4]])
    await set_answers_late(app, tenant_id, cluster_id=home, wanted=False)
    await put(app, tenant_id, [ZEBRA])
    assert ids[0] not in await answers_of(app, tenant_id)
    assert await state_of(app, tenant_id, home) == ("actioned", 3, False)


async def test_message_that_comes_while_its_cluster_is_answered_is_answered_once(app: App, tenant_id: UUID) -> None:
    ids, home = await scene(app, tenant_id, 8)
    more = [draft(CARD[n]) for n in range(8)]

    async def arrive() -> None:
        await ingest_each(app, tenant_id, drafts=more)
        await settle(app, tenant_id)

    await asyncio.gather(answer(app, tenant_id, home, late=True), arrive())
    await settle(app, tenant_id)
    everybody = await homes(app, tenant_id)
    assert set(everybody.values()) == {home}
    assert (await answers_of(app, tenant_id)).keys() == everybody.keys()
    assert len(everybody) == len(ids) + 8
    (action,) = await list_actions(app, tenant_id, cluster_id=home)
    assert action.message_count == 16


async def test_answer_taken_back_within_its_window_was_never_given(
    app: App, tenant_id: UUID, client: httpx.AsyncClient
) -> None:
    await create_channel(app, tenant_id, name="shop", delivery_url="https://shop.example/answers")
    ids = await put(app, tenant_id, [draft(CARD[n], channel=("api", "shop")[n % 2]) for n in range(4)])
    home = await home_of(app, tenant_id, ids[0])
    made = await answer(app, tenant_id, home, late=True)
    assert await count_deliveries(app, tenant_id, action_id=made.id) == {"ready": 2, "waiting": 2}
    await let_pass(app, tenant_id, seconds=5)
    undone = await client.post(f"{ACTIONS}/{encode_id('act', made.id)}/undo")
    assert undone.status_code == 200
    assert undone.json()["undone_at"]
    assert await count_deliveries(app, tenant_id, action_id=made.id) == {"cancelled": 4}
    assert not await rows_of(app, tenant_id, "select delivery_id from inbox.outbox where tenant_id = :t")
    assert not await answers_of(app, tenant_id)
    assert await state_of(app, tenant_id, home) == ("open", 0, False)
    assert [one["state"] for one in await events_of(app, tenant_id, "inbox.cluster_decided")] == ["actioned", "open"]
    (change,) = await list_changes(app, tenant_id)
    assert change.undone_at is not None
    await put(app, tenant_id, [CARD[7]])
    assert not await answers_of(app, tenant_id), "the late rule went with the answer"
    again = await client.post(f"{ACTIONS}/{encode_id('act', made.id)}/undo")
    assert (again.status_code, again.json()["code"]) == (409, "action_not_undoable")
    with pytest.raises(ActionNotFound):
        await undo_answer(app, tenant_id, action_id=new_id())


async def test_edited_answer_is_the_only_one_that_is_given(app: App, tenant_id: UUID) -> None:
    ids, home = await scene(app, tenant_id)
    wrong = await answer(app, tenant_id, home, "wrong")
    await undo_answer(app, tenant_id, action_id=wrong.id)
    right = await answer(app, tenant_id, home, "right", left_out=ids[:1])
    assert await answers_of(app, tenant_id) == dict.fromkeys(ids[1:], "right")
    assert [action.id for action in await list_actions(app, tenant_id, cluster_id=home)] == [right.id, wrong.id]
    with pytest.raises(ActionNotUndoable, match="undone already"):
        await undo_answer(app, tenant_id, action_id=wrong.id)


async def test_answer_that_could_be_fetched_cannot_be_taken_back(app: App, tenant_id: UUID) -> None:
    _, home = await scene(app, tenant_id)
    made = await answer(app, tenant_id, home)
    assert not await list_deliveries(app, tenant_id, state="ready"), "nobody fetches what may still be undone"
    await let_pass(app, tenant_id, seconds=11)
    ready = await list_deliveries(app, tenant_id, state="ready")
    assert len(ready) == 3
    with pytest.raises(ActionNotUndoable, match="3 of its messages have left"):
        await undo_answer(app, tenant_id, action_id=made.id)
    (change,) = await list_changes(app, tenant_id)
    with pytest.raises(ActionNotUndoable):
        await undo_change(app, tenant_id, change_id=change.id)
    done = [await acknowledge_delivery(app, tenant_id, delivery_id=one.id) for one in ready]
    assert {one.state for one in done} == {"delivered"}
    assert all(one.ended_at for one in done)
    assert await answers_of(app, tenant_id)
    assert await state_of(app, tenant_id, home) == ("actioned", 3, False)
    with pytest.raises(DeliveryNotRetryable, match="delivered"):
        await acknowledge_delivery(app, tenant_id, delivery_id=ready[0].id)
    with pytest.raises(DeliveryNotRetryable):
        await retry_delivery(app, tenant_id, delivery_id=ready[0].id)
    with pytest.raises(DeliveryNotFound):
        await retry_delivery(app, tenant_id, delivery_id=new_id())


async def test_undo_and_another_answer_at_once_leave_one_of_them(app: App, tenant_id: UUID) -> None:
    ids, home = await scene(app, tenant_id)
    for _ in range(4):
        made = await answer(app, tenant_id, home, "first")
        undone, second = await asyncio.gather(
            undo_answer(app, tenant_id, action_id=made.id),
            answer(app, tenant_id, home, "second"),
            return_exceptions=True,
        )
        assert isinstance(undone, Action), undone
        answers = await answers_of(app, tenant_id)
        if isinstance(second, Action):
            assert answers == dict.fromkeys(ids, "second")
            await undo_answer(app, tenant_id, action_id=second.id)
        else:
            assert isinstance(second, ClusterAnswered)
            assert not answers
        assert await state_of(app, tenant_id, home) == ("open", 0, False)


async def test_only_the_last_of_several_answers_is_taken_back(app: App, tenant_id: UUID) -> None:
    ids, home = await scene(app, tenant_id)
    first = await answer(app, tenant_id, home, "first")
    (new,) = await put(app, tenant_id, [CARD[6]])
    second = await answer(app, tenant_id, home, "second")
    with pytest.raises(ActionNotUndoable, match="answered again since"):
        await undo_answer(app, tenant_id, action_id=first.id)
    await undo_answer(app, tenant_id, action_id=second.id)
    assert await answers_of(app, tenant_id) == dict.fromkeys(ids, "first")
    assert await state_of(app, tenant_id, home) == ("open", 3, False)
    await undo_answer(app, tenant_id, action_id=first.id)
    assert await state_of(app, tenant_id, home) == ("open", 0, False)
    third = await answer(app, tenant_id, home, "third")
    assert third.message_count == 4
    assert (await answers_of(app, tenant_id))[new] == "third"


async def test_answered_cluster_that_is_opened_again_answers_only_who_has_none(app: App, tenant_id: UUID) -> None:
    ids, home = await scene(app, tenant_id)
    await answer(app, tenant_id, home, "first", left_out=ids[:1])
    await reopen_cluster(app, tenant_id, cluster_id=home, actor="bo")
    assert await state_of(app, tenant_id, home) == ("open", 2, False)
    shown = await preview_answer(app, tenant_id, cluster_id=home, response_text="second")
    assert [reply.message.id for reply in shown.replies] == ids[:1]
    await answer(app, tenant_id, home, "second")
    assert await answers_of(app, tenant_id) == {ids[0]: "second", ids[1]: "first", ids[2]: "first"}
    await reopen_cluster(app, tenant_id, cluster_id=home, actor="bo")
    with pytest.raises(NothingToAnswer):
        await answer(app, tenant_id, home, "third")


async def test_archived_cluster_is_not_answered(app: App, tenant_id: UUID) -> None:
    _, home = await scene(app, tenant_id)
    await archive_cluster(app, tenant_id, cluster_id=home, actor="ada")
    with pytest.raises(ClusterNotOpen, match="archived"):
        await answer(app, tenant_id, home)
    await put(app, tenant_id, [CARD[6]])
    assert await state_of(app, tenant_id, home) == ("archived", 0, False), "what joins it is put away with it"


async def test_lists_are_never_stale_after_ones_own_change(
    app: App, tenant_id: UUID, client: httpx.AsyncClient
) -> None:
    ids, home = await scene(app, tenant_id, 4)
    (other,) = await put(app, tenant_id, [RATE[0]])
    rate = await home_of(app, tenant_id, other)

    async def told() -> dict[str, list[tuple[object, ...]]]:
        """Everything lists say, by the service and over HTTP, which agree."""
        states = ("open", "actioned", "archived")
        over_http = {
            state: [
                (
                    row["id"],
                    row["name"],
                    row["message_count"],
                    row["answered_count"],
                    row["is_locked"],
                    row["answers_late"],
                )
                for row in (await client.get(CLUSTERS, params={"state": state})).json()["data"]
            ]
            for state in states
        }
        by_service: dict[str, list[tuple[object, ...]]] = {
            state: [
                (encode_id("clu", c.id), c.name, c.message_count, c.answered_count, c.is_locked, c.answers_late)
                for c in await list_clusters(app, tenant_id, state=state)
            ]
            for state in states
        }
        assert over_http == by_service
        return by_service

    made: list[UUID] = []

    async def give() -> None:
        made.append((await answer(app, tenant_id, home, late=True)).id)

    steps: list[Callable[[], Awaitable[object]]] = [
        lambda: rename_cluster(app, tenant_id, cluster_id=home, name="Cards", actor="a"),
        lambda: lock_cluster(app, tenant_id, cluster_id=home, locked=True, actor="a"),
        lambda: lock_cluster(app, tenant_id, cluster_id=home, locked=False, actor="a"),
        lambda: remove_message(app, tenant_id, message_id=ids[0], actor="a"),
        give,
        lambda: put(app, tenant_id, [CARD[6]]),
        lambda: set_answers_late(app, tenant_id, cluster_id=home, wanted=False),
        lambda: undo_answer(app, tenant_id, action_id=made[0]),
        lambda: merge_clusters(app, tenant_id, cluster_id=rate, into_id=home, actor="a"),
        lambda: archive_cluster(app, tenant_id, cluster_id=home, actor="a"),
        lambda: reopen_cluster(app, tenant_id, cluster_id=home, actor="a"),
    ]
    before = await told()
    for number, step in enumerate(steps):
        await step()
        after = await told()
        assert after != before, f"step {number} shows"
        before = after
    for change in await list_changes(app, tenant_id):
        if change.undone_at is None and change.kind in {"merge", "archive", "reopen"}:
            await undo_change(app, tenant_id, change_id=change.id)
            after = await told()
            assert after != before, f"the undoing of {change.kind} shows"
            before = after


async def test_deliveries_are_listed_by_answer_and_state_in_pages(
    app: App, tenant_id: UUID, client: httpx.AsyncClient
) -> None:
    await scene(app, tenant_id, 5)
    (card,) = await list_clusters(app, tenant_id)
    made = await answer(app, tenant_id, card.id)
    await let_pass(app, tenant_id, seconds=11)
    name = encode_id("act", made.id)
    path = "/api/v1/inbox/deliveries"
    first = (await client.get(path, params={"action": name, "state": "ready", "limit": 3})).json()
    rest = await client.get(path, params={"action": name, "state": "ready", "after": first["next_cursor"]})
    rows = [*first["data"], *rest.json()["data"]]
    found: list[Delivery] = await list_deliveries(app, tenant_id, action_id=made.id)
    assert [row["id"] for row in rows] == [encode_id("dlv", one.id) for one in found]
    done = await client.post(f"{path}/{rows[0]['id']}/acknowledge")
    assert (done.status_code, done.json()["state"]) == (200, "delivered")
    assert len((await client.get(path, params={"state": "ready"})).json()["data"]) == 4
    again = await client.post(f"{path}/{rows[0]['id']}/acknowledge")
    assert (again.status_code, again.json()["code"]) == (409, "delivery_not_retryable")
    async with open_client(app, tenant_id, "read") as reader:
        assert (await reader.post(f"{path}/{rows[1]['id']}/acknowledge")).status_code == 403
