"""Old messages go into files and come back as they were, whatever happens on the way."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from tests.apps.inbox_runs import FAST, finish_jobs, rows_of, settle, sql
from tests.faults.breaking import Fault, How, Watcher, failing_calls

from likewise.app import Server, list_features, open_app
from likewise.apps.inbox import Ingested, MessageDraft, answer_cluster, ingest_each, logic, store
from likewise.apps.inbox.errors import ActionNotUndoable, ArchiveDamaged, ArchiveRestored, MessageNotFound
from likewise.apps.inbox.model import COLLECTION, Archive, ArchiveArgs, VisitorDraft
from likewise.apps.inbox.service import (
    acknowledge_delivery,
    archive_messages,
    archive_of_all,
    get_archive,
    get_message,
    list_archived_clusters,
    list_archives,
    list_deliveries,
    list_messages,
    restore_archive,
    search_archives,
    search_clusters,
    start_archive,
    start_restore,
    undo_answer,
)
from likewise.engine.collections import remove_items
from likewise.http.asgi import build_asgi
from likewise.platform.config import Settings
from likewise.platform.db import embedded
from likewise.platform.errors import Fact
from likewise.platform.feature import App
from likewise.platform.ids import encode_id, new_id
from likewise.platform.jobs import foreground, get_operation
from likewise.platform.tenancy import create_key, create_tenant

CARD = [f"my card has not arrived yet after {n} days of waiting" for n in range(5)]
RATE = [f"what exchange rate do you use for {n} euros in dollars" for n in range(5)]
OLD_DAYS, NEW_DAYS = 120, 3
FILES = "inbox/archives/"
CALLS_MAX = 1_000
STEP = 1 if os.environ.get("LIKEWISE_FAULTS_MODES") == "all" else 8  # every call in the long form

EVERYTHING = {
    "messages": "select * from inbox.messages where tenant_id = :t order by id",
    "visitors": "select id, channel_id, external_id, name, avatar_url from inbox.visitors where tenant_id = :t"
    " order by id",
    "deliveries": "select * from inbox.deliveries where tenant_id = :t order by id",
    "exceptions": "select * from inbox.exceptions where tenant_id = :t order by message_id, action_id",
    "actions": "select * from inbox.actions where tenant_id = :t order by id",
    "decisions": "select cluster_id, state, action_id, answers_late from inbox.clusters where tenant_id = :t"
    " and action_id is not null order by cluster_id",
    "items": "select id, key, title, body, facets, author, category, visibility, metadata from collections.items"
    " where tenant_id = :t order by id",
    "clusters": "select g.item_id, t.cluster_id, t.similarity, t.reason, t.item_count, g.seen_at"
    " from clusters.members g join clusters.texts t on t.tenant_id = g.tenant_id and t.hash = g.hash"
    " where g.tenant_id = :t order by g.item_id",
    "sizes": "select cluster_id, item_count, text_count, first_seen_at, last_seen_at from clusters.summaries"
    " where tenant_id = :t order by cluster_id",
}


@pytest.fixture(scope="module")
async def app(server: Server, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[App]:
    """The whole application, with files so small that a few messages need several."""
    flags = {
        **FAST,
        "home": tmp_path_factory.mktemp("home"),
        "inbox_archive_batch": 4,
        "inbox_restore_batch": 3,
    }
    async with open_app(Settings(flags, file=Path("/nonexistent/likewise.toml")), server=server) as opened:
        yield opened


@pytest.fixture(scope="module")
def watcher(postgres: embedded.Server, server: Server) -> Iterator[Watcher]:
    """A superuser's look at this worker's database."""
    name = conninfo_to_dict(server.owner_url)["dbname"]
    with psycopg.connect(make_conninfo(postgres.superuser_url, dbname=name), autocommit=True) as connection:
        yield Watcher(connection)


@pytest.fixture
async def client(app: App, tenant_id: UUID) -> AsyncIterator[httpx.AsyncClient]:
    asgi = build_asgi(app, list_features(), keyless=False)
    made = await create_key(app.db, tenant_id, name="test", scopes=("admin",))
    headers = {"Authorization": f"Bearer {made.key}"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(asgi), base_url="http://inbox.example", headers=headers
    ) as opened:
        yield opened


def draft(text: str, *, days: int = OLD_DAYS, key: str | None = None, visitor: str | None = None) -> MessageDraft:
    """A message sent some days ago."""
    return MessageDraft(
        text=text,
        id=key,
        visitor=None if visitor is None else VisitorDraft(id=visitor, name=visitor.title()),
        sent_at=datetime.now(UTC) - timedelta(days=days, minutes=len(text)),
        payload={"note": {"of": text, "number": [1, 2.5, None, True]}, "big": 1e22},
    )


async def put(app: App, tenant_id: UUID, drafts: Sequence[MessageDraft]) -> list[UUID]:
    """Store messages and let them find their clusters; their ids."""
    made = await ingest_each(app, tenant_id, drafts=drafts)
    await settle(app, tenant_id)
    assert all(isinstance(one, Ingested) for one in made)
    return [one.id for one in made if isinstance(one, Ingested)]


async def run_archive(app: App, tenant_id: UUID) -> None:
    operation_id = await start_archive(app, tenant_id)
    await finish_jobs(app, tenant_id)
    await check_operation(app, tenant_id, operation_id)
    await settle(app, tenant_id)


async def run_restore(app: App, tenant_id: UUID) -> None:
    """Bring every archive back."""
    operations = [await start_restore(app, tenant_id, archive_id=one.id) for one in await standing(app, tenant_id)]
    await finish_jobs(app, tenant_id)
    for operation_id in operations:
        await check_operation(app, tenant_id, operation_id)
    await settle(app, tenant_id)


async def check_operation(app: App, tenant_id: UUID, operation_id: UUID) -> None:
    async with app.db.tenant(tenant_id) as tx:
        operation = await get_operation(tx, operation_id)
    assert (operation.status, operation.error) == ("succeeded", None)


async def standing(app: App, tenant_id: UUID) -> list[Archive]:
    """Archives that are not restored."""
    return [one for one in await list_archives(app, tenant_id, limit=200) if one.restored_at is None]


async def files_of(app: App, tenant_id: UUID) -> set[str]:
    return {file.key for file in await app.files.list_files(tenant_id, prefix=FILES)}


async def everything(app: App, tenant_id: UUID) -> dict[str, list[str]]:
    """All that the inbox and its clusters know of a tenant."""
    return {name: await rows_of(app, tenant_id, query) for name, query in EVERYTHING.items()}


async def check_same(app: App, tenant_id: UUID, before: dict[str, list[str]]) -> None:
    """All of it is as it was."""
    for name, rows in (await everything(app, tenant_id)).items():
        assert [json.loads(row) for row in rows] == [json.loads(row) for row in before[name]], name


async def ids_here(app: App, tenant_id: UUID) -> set[UUID]:
    return {message.id for message in await list_messages(app, tenant_id, limit=200)}


async def test_old_messages_go_to_files_and_new_ones_stay(app: App, tenant_id: UUID) -> None:
    old = await put(app, tenant_id, [draft(text) for text in CARD])
    new = await put(app, tenant_id, [draft(text, days=NEW_DAYS) for text in RATE])
    await run_archive(app, tenant_id)
    assert await ids_here(app, tenant_id) == set(new)
    archives = await standing(app, tenant_id)
    assert sorted(one.message_count for one in archives) == [1, 4]
    assert await files_of(app, tenant_id) == {one.file_key for one in archives}
    with pytest.raises(MessageNotFound, match="archived"):
        await get_message(app, tenant_id, message_id=old[0])
    found = await search_clusters(app, tenant_id, query=CARD[0])
    assert not any("card" in example.text for card in found for example in card.examples)
    bodies = await rows_of(app, tenant_id, "select body from collections.items where tenant_id = :t")
    assert not any("card" in body for body in bodies)


async def test_archive_is_searched_in_summary_within_its_tenant(app: App, tenant_id: UUID) -> None:
    await put(app, tenant_id, [draft(text) for text in (*CARD[:2], *RATE[:2])])
    other_id = (await create_tenant(app.db, name=encode_id("test", new_id()))).tenant_id
    await put(app, other_id, [draft("zebras graze beside purple volcanoes")])
    await run_archive(app, tenant_id)
    await run_archive(app, other_id)
    for query in ("exchange rate", "EXCHANGE", "exchagne rates", "dollars"):
        found = await search_archives(app, tenant_id, query)
        assert found, query
        assert "exchange" in " ".join([found[0].label, *found[0].examples])
    assert not await search_archives(app, tenant_id, "zebras")
    assert not await search_archives(app, tenant_id, "quarterly penguin taxes")
    assert not await search_archives(app, tenant_id, " \0 ")
    assert len(await search_archives(app, other_id, "zebras")) == 1
    (archive,) = await standing(app, tenant_id)
    held = await list_archived_clusters(app, tenant_id, archive_id=archive.id)
    assert sum(one.message_count for one in held) == 4
    assert min(one.first_at for one in held) == archive.first_at
    assert max(one.last_at for one in held) == archive.last_at
    assert not await list_archives(app, (await create_tenant(app.db, name=encode_id("test", new_id()))).tenant_id)


async def test_what_comes_back_is_what_went(app: App, tenant_id: UUID) -> None:
    texts = [*CARD, *RATE, CARD[0], CARD[0].upper(), "zebras graze"]
    visitors = ["ada", "bob", None]
    drafts = [draft(text, key=f"m{n}", visitor=visitors[n % 3]) for n, text in enumerate(texts)]
    ids = await put(app, tenant_id, drafts)
    await put(app, tenant_id, [draft(RATE[0], days=NEW_DAYS, visitor="bob")])
    homes = {message.id: message.cluster_id for message in await list_messages(app, tenant_id, limit=200)}
    await answer(app, tenant_id, homes[ids[0]], left_out=[ids[1]])
    before = await everything(app, tenant_id)
    assert {json.loads(row)["state"] for row in before["deliveries"]} == {"cancelled", "delivered"}
    assert before["exceptions"]
    await run_archive(app, tenant_id)
    gone = await everything(app, tenant_id)
    assert len(gone["messages"]) == 1
    assert not gone["deliveries"]
    await run_restore(app, tenant_id)
    await check_same(app, tenant_id, before)
    assert not await files_of(app, tenant_id)
    assert all(one.restored_at is not None for one in await list_archives(app, tenant_id))
    assert not await search_archives(app, tenant_id, "card")
    found = await search_clusters(app, tenant_id, query=CARD[3])
    assert found[0].id == homes[ids[3]]


async def answer(app: App, tenant_id: UUID, cluster_id: UUID | None, *, left_out: Sequence[UUID] = ()) -> None:
    """Answer a cluster, take that back, answer it again, and pass the answers on."""
    assert cluster_id is not None
    for text in ("wrong", "Hi {{first_name|there}}, it is on its way"):
        action = await answer_cluster(
            app, tenant_id, cluster_id=cluster_id, response_text=text, actor="ada", exceptions=left_out
        )
        if text == "wrong":
            await undo_answer(app, tenant_id, action_id=action.id)
    await acknowledge_ready(app, tenant_id)
    await settle(app, tenant_id)


async def acknowledge_ready(app: App, tenant_id: UUID) -> None:
    """Pass on what can still be undone, too."""
    for delivery in await list_deliveries(app, tenant_id, limit=200):
        if delivery.state == "ready":
            await acknowledge_delivery(app, tenant_id, delivery_id=delivery.id)


async def test_message_that_waits_for_its_answer_to_leave_stays(app: App, tenant_id: UUID) -> None:
    ids = await put(app, tenant_id, [draft(CARD[0], key=f"m{n}") for n in range(3)])
    (home,) = {message.cluster_id for message in await list_messages(app, tenant_id)}
    assert home is not None
    await answer_cluster(app, tenant_id, cluster_id=home, response_text="soon", actor="ada", exceptions=ids[:1])
    await run_archive(app, tenant_id)
    assert await ids_here(app, tenant_id) == set(ids[1:])
    await acknowledge_ready(app, tenant_id)
    await run_archive(app, tenant_id)
    assert not await ids_here(app, tenant_id)


async def test_answer_that_has_left_and_is_archived_cannot_be_taken_back(app: App, tenant_id: UUID) -> None:
    await put(app, tenant_id, [draft(CARD[0])])
    (home,) = {message.cluster_id for message in await list_messages(app, tenant_id)}
    assert home is not None
    made = await answer_cluster(app, tenant_id, cluster_id=home, response_text="soon", actor="ada")
    await acknowledge_ready(app, tenant_id)
    async with app.db.maintenance() as tx:
        left = sql("update inbox.actions set leaves_at = now() where tenant_id = %(tenant_id)s")
        await tx.execute(left, {"tenant_id": tenant_id})
    await run_archive(app, tenant_id)
    assert not await ids_here(app, tenant_id)
    with pytest.raises(ActionNotUndoable):
        await undo_answer(app, tenant_id, action_id=made.id)


async def test_archiving_and_restoring_again_change_nothing(app: App, tenant_id: UUID) -> None:
    await put(app, tenant_id, [draft(text, visitor="ada") for text in CARD])
    await run_archive(app, tenant_id)
    archives = await standing(app, tenant_id)
    await run_archive(app, tenant_id)
    assert await standing(app, tenant_id) == archives
    await run_restore(app, tenant_id)
    before = await everything(app, tenant_id)
    with pytest.raises(ArchiveRestored):
        await start_restore(app, tenant_id, archive_id=archives[0].id)
    async with foreground(app.db, tenant_id, kind="restore") as context:
        await restore_archive(app, context, archive_id=archives[0].id)
    await settle(app, tenant_id)
    await check_same(app, tenant_id, before)


async def test_message_that_was_sent_again_is_not_doubled(app: App, tenant_id: UUID) -> None:
    await put(app, tenant_id, [draft(text, key=f"m{n}", visitor="ada") for n, text in enumerate(CARD)])
    await run_archive(app, tenant_id)
    later = MessageDraft(text=CARD[1], id="m1", visitor=VisitorDraft(id="ada", name="Ada Lovelace"))
    (again,) = await put(app, tenant_id, [later])
    await run_restore(app, tenant_id)
    messages = await list_messages(app, tenant_id)
    assert sorted(message.external_id for message in messages) == [f"m{n}" for n in range(5)]
    assert {message.id for message in messages if message.external_id == "m1"} == {again}
    assert {message.visitor_name for message in messages} == {"Ada Lovelace"}
    assert len({message.visitor_id for message in messages}) == 1


async def test_text_that_found_another_cluster_meanwhile_takes_what_comes_back_along(app: App, tenant_id: UUID) -> None:
    await put(app, tenant_id, [draft("zebras graze", key="old")])
    (before,) = await list_messages(app, tenant_id)
    await run_archive(app, tenant_id)
    await put(app, tenant_id, [draft("Zebras graze!", key="new", days=NEW_DAYS)])
    await run_restore(app, tenant_id)
    homes = {message.cluster_id for message in await list_messages(app, tenant_id)}
    assert len(homes) == 1
    assert before.cluster_id not in homes


async def test_nobody_is_answered_because_their_message_came_back(app: App, tenant_id: UUID) -> None:
    await put(app, tenant_id, [draft(text, key=f"old{n}") for n, text in enumerate(CARD[:2])])
    await put(app, tenant_id, [draft(CARD[0], key="new", days=NEW_DAYS)])
    homes = {message.external_id: message.cluster_id for message in await list_messages(app, tenant_id)}
    await run_archive(app, tenant_id)
    home = homes["new"]
    assert home is not None
    assert homes["old0"] == home
    await answer_cluster(app, tenant_id, cluster_id=home, response_text="soon", actor="ada", answers_late=True)
    await run_restore(app, tenant_id)
    answered = {message.external_id for message in await list_messages(app, tenant_id) if message.delivery_id}
    assert answered == {"new"}
    await put(app, tenant_id, [draft(CARD[0], key="late", days=NEW_DAYS)])
    answered = {message.external_id for message in await list_messages(app, tenant_id) if message.delivery_id}
    assert answered == {"new", "late"}


async def test_message_deleted_while_it_is_archived_is_in_no_archive(app: App, tenant_id: UUID) -> None:
    ids = await put(app, tenant_id, [draft(text) for text in CARD[:3]])
    async with app.db.tenant(tenant_id) as tx:
        collection_id = await store.find_collection(tx, name=COLLECTION)
        assert collection_id is not None
        await remove_items(app, tx, collection_id=collection_id, item_ids=ids[:1])
        archiving = asyncio.create_task(archive_now(app, tenant_id))
        async with asyncio.timeout(30):
            while not await files_of(app, tenant_id):  # written while the message is there; then it waits for us
                await asyncio.sleep(0.01)
    await archiving
    (archive,) = await standing(app, tenant_id)
    assert archive.message_count == 2
    assert await files_of(app, tenant_id) == {archive.file_key}
    await run_restore(app, tenant_id)
    assert await ids_here(app, tenant_id) == set(ids[1:])


async def archive_now(app: App, tenant_id: UUID) -> None:
    """Archive in the foreground."""
    async with foreground(app.db, tenant_id, kind="archive") as context:
        await archive_messages(app, context, args=old_ones())


async def restore_now(app: App, tenant_id: UUID) -> None:
    """Bring every archive back in the foreground."""
    for one in await standing(app, tenant_id):
        async with foreground(app.db, tenant_id, kind="restore") as context:
            await restore_archive(app, context, archive_id=one.id)


def old_ones() -> ArchiveArgs:
    now = datetime.now(UTC)
    return ArchiveArgs(sent_before=now - timedelta(days=90), stored_before=now)


async def test_failure_at_any_call_of_archiving_loses_no_message_and_doubles_none(
    app: App, tenant_id: UUID, watcher: Watcher
) -> None:
    ids = set(await put(app, tenant_id, [draft(text, visitor="ada") for text in (*CARD[:3], *RATE[:3])]))
    before = await everything(app, tenant_id)
    for at in range(1, CALLS_MAX, STEP):
        struck = await run_failing(app, tenant_id, archive_now, watcher, at=at)
        archived, here = await archived_ids(app, tenant_id), await ids_here(app, tenant_id)
        assert here | archived == ids, at
        assert not here & archived, at
        await run(app, tenant_id, archive_now)
        assert not await ids_here(app, tenant_id), at
        assert await files_of(app, tenant_id) == {one.file_key for one in await standing(app, tenant_id)}, at
        await settle(app, tenant_id)
        await run(app, tenant_id, restore_now)
        await settle(app, tenant_id)
        if not struck:
            break
    else:
        pytest.fail("it never came to its end")
    assert at > 2 * STEP
    await check_same(app, tenant_id, before)


async def test_failure_at_any_call_of_restoring_loses_no_message_and_doubles_none(
    app: App, tenant_id: UUID, watcher: Watcher
) -> None:
    ids = set(await put(app, tenant_id, [draft(text, visitor="ada") for text in (*CARD[:3], *RATE[:3])]))
    before = await everything(app, tenant_id)
    for at in range(1, CALLS_MAX, STEP):
        await archive_now(app, tenant_id)
        assert await files_of(app, tenant_id) == {one.file_key for one in await standing(app, tenant_id)}, at
        await settle(app, tenant_id)
        struck = await run_failing(app, tenant_id, restore_now, watcher, at=at)
        assert await ids_here(app, tenant_id) | await archived_ids(app, tenant_id) == ids, at
        await restore_now(app, tenant_id)
        assert await ids_here(app, tenant_id) == ids, at
        await settle(app, tenant_id)
        if not struck:
            break
    else:
        pytest.fail("it never came to its end")
    assert at > 2 * STEP
    await check_same(app, tenant_id, before)


async def run_failing(
    app: App, tenant_id: UUID, act: Callable[[App, UUID], Awaitable[None]], watcher: Watcher, *, at: int
) -> bool:
    """Act, while one database call fails: refused, or executed without an answer. False where there are fewer calls."""
    how = (How.REFUSED, How.CUT_AFTER)[at // STEP % 2]
    with failing_calls(Fault(watcher, at=at, how=how, tenant_id=tenant_id)) as fault:
        await run(app, tenant_id, act)
    return fault.struck


async def run(app: App, tenant_id: UUID, act: Callable[[App, UUID], Awaitable[None]]) -> None:
    """Act; whoever asked sees no more than that it failed."""
    with suppress(Fact):
        await act(app, tenant_id)


async def archived_ids(app: App, tenant_id: UUID) -> set[UUID]:
    """Messages in files of archives that stand."""
    found: set[UUID] = set()
    for one in await standing(app, tenant_id):
        content = b"".join([chunk async for chunk in app.files.read(tenant_id, key=one.file_key)])
        messages = {message.id for message in logic.unpack(content, sha256=one.sha256)}
        assert len(messages) == one.message_count
        assert not messages & found
        found |= messages
    return found


async def test_file_that_nobody_knows_is_deleted_by_the_next_run(app: App, tenant_id: UUID) -> None:
    await put(app, tenant_id, [draft(CARD[0])])
    await run_archive(app, tenant_id)
    (archive,) = await standing(app, tenant_id)
    await app.files.write(tenant_id, key=f"{FILES}{new_id().hex}.jsonl.zst", content=b"left behind")
    await app.files.write(tenant_id, key=f"{FILES}notes.txt", content=b"somebody's own")
    await run_archive(app, tenant_id)
    assert await files_of(app, tenant_id) == {archive.file_key, f"{FILES}notes.txt"}


async def test_damaged_file_is_told_and_nothing_of_it_comes_back(app: App, tenant_id: UUID) -> None:
    await put(app, tenant_id, [draft(CARD[0])])
    await run_archive(app, tenant_id)
    (archive,) = await standing(app, tenant_id)
    content = b"".join([chunk async for chunk in app.files.read(tenant_id, key=archive.file_key)])
    await app.files.write(tenant_id, key=archive.file_key, content=content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(ArchiveDamaged, match="sha256"):
        async with foreground(app.db, tenant_id, kind="restore") as context:
            await restore_archive(app, context, archive_id=archive.id)
    assert not await ids_here(app, tenant_id)
    assert (await get_archive(app, tenant_id, archive_id=archive.id)).restored_at is None
    await app.files.write(tenant_id, key=archive.file_key, content=content)
    await run_restore(app, tenant_id)
    assert len(await ids_here(app, tenant_id)) == 1


async def test_monthly_run_takes_what_has_been_here_for_long_only(app: App, tenant_id: UUID) -> None:
    ids = await put(app, tenant_id, [draft(text) for text in CARD[:2]])
    async with app.db.tenant(tenant_id) as tx:
        await tx.execute(
            sql(
                "update collections.items set created_at = now() - interval '100 days'"
                " where tenant_id = %(t)s and id = %(id)s"
            ),
            {"t": tenant_id, "id": ids[0]},
        )
    assert await archive_of_all(app) >= 1
    await finish_jobs(app, tenant_id)
    assert await ids_here(app, tenant_id) == {ids[1]}
    await run_restore(app, tenant_id)
    await archive_of_all(app)
    await finish_jobs(app, tenant_id)
    assert await ids_here(app, tenant_id) == set(ids), "what was brought back stays for a while"


async def test_archives_over_http(app: App, tenant_id: UUID, client: httpx.AsyncClient) -> None:
    await put(app, tenant_id, [draft(text) for text in (*CARD[:3], *RATE[:3])])
    begun = await client.post("/api/v1/inbox/archives", json={"older_than_days": 30})
    assert begun.status_code == 202
    await finish_jobs(app, tenant_id)
    operation = (await client.get(f"/api/v1/operations/{begun.json()['operation']}")).json()
    assert (operation["status"], operation["result"]) == ("succeeded", {"messages": 6})
    first = (await client.get("/api/v1/inbox/archives", params={"limit": 1})).json()
    assert first["has_more"]
    rest = (await client.get("/api/v1/inbox/archives", params={"after": first["next_cursor"]})).json()
    archives = [*first["data"], *rest["data"]]
    assert sorted(one["message_count"] for one in archives) == [2, 4]
    (name,) = {one["id"] for one in archives if one["message_count"] == 4}
    assert (await client.get(f"/api/v1/inbox/archives/{name}")).json() in archives
    held = (await client.get(f"/api/v1/inbox/archives/{name}/clusters")).json()["data"]
    assert sum(one["message_count"] for one in held) == 4
    hits = (await client.get("/api/v1/inbox/archives/search", params={"q": "exchange"})).json()["data"]
    assert hits
    assert hits[0]["archive"].startswith("arc_")
    restoring = await client.post(f"/api/v1/inbox/archives/{name}/restore")
    assert restoring.status_code == 202
    await finish_jobs(app, tenant_id)
    assert (await client.post(f"/api/v1/inbox/archives/{name}/restore")).status_code == 409
    assert (await client.get(f"/api/v1/inbox/archives/{encode_id('arc', new_id())}")).status_code == 404
    assert (await client.post("/api/v1/inbox/archives", json={"older_than_days": 0})).status_code == 422


async def test_archive_of_another_tenant_is_not_there(app: App, tenant_id: UUID, client: httpx.AsyncClient) -> None:
    other_id = (await create_tenant(app.db, name=encode_id("test", new_id()))).tenant_id
    await put(app, other_id, [draft(CARD[0])])
    await run_archive(app, other_id)
    (archive,) = await standing(app, other_id)
    name = encode_id("arc", archive.id)
    assert (await client.get("/api/v1/inbox/archives")).json()["data"] == []
    assert (await client.get(f"/api/v1/inbox/archives/{name}")).status_code == 404
    assert (await client.get(f"/api/v1/inbox/archives/{name}/clusters")).status_code == 404
    assert (await client.post(f"/api/v1/inbox/archives/{name}/restore")).status_code == 404
    assert (await get_archive(app, other_id, archive_id=archive.id)).restored_at is None
    assert not await ids_here(app, tenant_id)
