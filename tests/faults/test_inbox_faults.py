"""T3 of the inbox: an answer reaches its channel, whatever happens to who sends it, and is one answer there.

Processes that send are killed with -9 at random moments, while the channel's receiver is slow, fails, or closes the
connection before or after it has read; meanwhile people answer, and undo what may have been begun.
"""

import asyncio
import os
import random
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from standardwebhooks import Webhook, WebhookVerificationError
from tests.apps.inbox_runs import FAST, settle, sql
from tests.faults.campaign import Campaign, tell
from tests.faults.inbox_audit import find_faults
from tests.faults.inbox_process import SENDING
from tests.faults.inbox_receiver import Receipt, Receiver, receiving
from tests.faults.inbox_texts import question

from likewise.app import Server, open_app
from likewise.apps.inbox import service, store
from likewise.apps.inbox.consumers import consumers
from likewise.apps.inbox.errors import ActionNotUndoable
from likewise.apps.inbox.model import COLLECTION, Action, MessageDraft, VisitorDraft
from likewise.engine.clusters import merge
from likewise.platform.config import Settings
from likewise.platform.events import drain
from likewise.platform.feature import App
from likewise.platform.ids import encode_id, new_id
from likewise.platform.tenancy import create_tenant

KILLS = int(os.environ.get("LIKEWISE_FAULTS_SENDERS", "6"))
SEED = int(os.environ.get("LIKEWISE_FAULTS_SEED", "20261121"))
DEADLINE_S = 90
UNDO_S = 0.25
SENDERS = 2
KILLS_PER_TENANT = 6
TEXTS_PER_KILL, VISITORS = 4, 6
CHANNEL = "website"
PROCESS = Path(__file__).with_name("inbox_process.py")


class Sent(msgspec.Struct, frozen=True):
    """A delivery that stands, as the database has it."""

    id: UUID
    message_id: UUID
    action_id: UUID
    state: str


class Harm(msgspec.Struct):
    """What went wrong, and how much there was that could."""

    acknowledged: int = 0
    faults: int = 0
    worst_ms: float = 0.0
    undone: int = 0
    repeated: int = 0
    lost: list[str] = []
    duplicated: list[str] = []
    leaked: list[str] = []

    def add(self, other: "Harm") -> None:
        """Count another round in."""
        for name in ("acknowledged", "faults", "undone", "repeated", "lost", "duplicated", "leaked"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.worst_ms = max(self.worst_ms, other.worst_ms)


@pytest.fixture(scope="module")
async def inbox(server: Server, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[App]:
    """The application of the people who answer; it sends nothing itself."""
    flags = FAST | SENDING | {"home": tmp_path_factory.mktemp("home"), "inbox_undo_s": UNDO_S}
    async with open_app(Settings(flags, file=Path("/nonexistent/likewise.toml")), server=server) as opened:
        yield opened


async def _tenant(app: App, *, url: str | None, texts: int, visitors: int) -> UUID:
    """A tenant whose inbox has messages in clusters, all of one channel."""
    tenant_id = (await create_tenant(app.db, name=encode_id("test", new_id()))).tenant_id
    await service.create_channel(app, tenant_id, name=CHANNEL, delivery_url=url)
    drafts = [
        MessageDraft(
            text=question(text),
            channel=CHANNEL,
            id=f"{text}-{visitor}",
            visitor=VisitorDraft(id=f"v{visitor}", name=f"Visitor {visitor}"),
        )
        for text in range(texts)
        for visitor in range(visitors)
    ]
    await service.ingest_each(app, tenant_id, drafts=drafts)
    await settle(app, tenant_id)
    return tenant_id


class Senders:
    """Processes that send; they go with the block."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._living: list[int] = []

    async def ready(self, count: int) -> None:
        """So many have begun."""
        assert self._process.stdout is not None
        async with asyncio.timeout(DEADLINE_S):
            for _ in range(count):
                word, pid = (await self._process.stdout.readline()).split()
                assert word == b"ready"
                self._living.append(int(pid))

    def kill(self) -> None:
        """Kill one."""
        os.kill(self._living.pop(), signal.SIGKILL)

    async def end(self) -> None:
        """Kill them all."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.communicate()


@asynccontextmanager
async def _senders(server: Server, home: Path, receiver: Receiver, *, mode: str, count: int) -> AsyncGenerator[Senders]:
    words = (server.owner_url, server.fallback_secret.hex(), str(home), receiver.host, mode, str(count))
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(PROCESS), *words, stdout=PIPE, start_new_session=True
    )
    senders = Senders(process)
    try:
        yield senders
    finally:
        await senders.end()


async def _answer(
    app: App, tenant_id: UUID, clusters: Sequence[UUID], chance: random.Random, harm: Harm
) -> list[Action]:
    """Answer clusters; some answers are undone while they may leave, and given anew. Those that stand."""
    standing: list[Action] = []
    for cluster_id in clusters:
        text = f"Hello {{{{first_name|there}}}}, this is answer {chance.random()}."
        made = await service.answer_cluster(app, tenant_id, cluster_id=cluster_id, response_text=text, actor="ada")
        if chance.random() < 0.6:
            await asyncio.sleep(chance.uniform(0, 1.2 * UNDO_S))
            try:
                await service.undo_answer(app, tenant_id, action_id=made.id)
            except ActionNotUndoable:
                pass
            else:
                harm.undone += 1
                again = f"{text} Really."
                made = await service.answer_cluster(
                    app, tenant_id, cluster_id=cluster_id, response_text=again, actor="bob"
                )
        standing.append(made)
    return standing


async def _send_under_fire(app: App, server: Server, home: Path, *, mode: str, kills: int, seed: int) -> Harm:
    """One tenant's answers, sent by processes of which so many are killed, one after the other."""
    chance, harm = random.Random(seed), Harm(faults=kills)
    count = kills + SENDERS
    async with (
        receiving(seed=seed) as receiver,
        _senders(server, home, receiver, mode=mode, count=count) as senders,
    ):
        tenant_id = await _tenant(app, url=receiver.url, texts=TEXTS_PER_KILL * kills, visitors=VISITORS)
        clusters = [card.id for card in await service.list_clusters(app, tenant_id, limit=200)]
        chance.shuffle(clusters)
        await senders.ready(count)
        standing: list[Action] = []
        for number in range(kills):
            part = asyncio.create_task(_answer(app, tenant_id, clusters[number::kills], chance, harm))
            await _next_receipt(receiver)
            await asyncio.sleep(chance.uniform(0, 0.15))
            started = time.perf_counter()
            senders.kill()
            standing += await part
            await _next_receipt(receiver)
            harm.worst_ms = max(harm.worst_ms, (time.perf_counter() - started) * 1000)
        await _until_nothing_waits(app, tenant_id)
        await _compare(app, tenant_id, standing, receiver.receipts, harm)
    return harm


async def _until_nothing_waits(app: App, tenant_id: UUID) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while True:
            async with app.db.maintenance() as tx:
                left = sql("select count(*) from inbox.outbox where tenant_id = %(t)s")
                if not await tx.fetch_value(left, int, {"t": tenant_id}):
                    return
            await asyncio.sleep(0.05)


async def _compare(
    app: App, tenant_id: UUID, standing: Sequence[Action], receipts: Sequence[Receipt], harm: Harm
) -> None:
    """What people were told and what the receiver has against what the database says."""
    query = "select id, message_id, action_id, state from inbox.deliveries where tenant_id = %(t)s"
    async with app.db.maintenance() as tx:
        rows = await tx.fetch_all(sql(f"{query} and state <> 'cancelled'"), Sent, {"t": tenant_id})
    secret = (await service.get_channel(app, tenant_id, name=CHANNEL)).id
    webhook = Webhook(service.secret_of(app, tenant_id, secret, version=1))
    by_name: dict[str, list[Receipt]] = {}
    names: dict[str, set[str]] = {}
    for receipt in receipts:
        by_name.setdefault(receipt.name, []).append(receipt)
        names.setdefault(receipt.data.message.message, set()).add(receipt.name)
        try:
            webhook.verify(receipt.body, receipt.headers)
        except WebhookVerificationError:
            harm.leaked.append(f"{receipt.name}: not signed")
    for action in standing:
        count = sum(row.action_id == action.id for row in rows)
        harm.acknowledged += action.message_count
        harm.lost += [f"{encode_id('act', action.id)}: a message"] * (action.message_count - count)
    for row in rows:
        got = by_name.pop(encode_id("dlv", row.id), [])
        if row.state != "delivered" or not any(receipt.was_accepted for receipt in got):
            harm.lost.append(f"{row.id}: {row.state}, received {len(got)} times")
        if any(receipt.data.action != encode_id("act", row.action_id) for receipt in got):
            harm.leaked.append(f"{row.id}: received as of another answer")
        if len({receipt.body for receipt in got}) > 1:
            harm.duplicated.append(f"{row.id}: with two bodies")
        harm.repeated += len(got) > 1
    harm.duplicated += [f"{message}: {found}" for message, found in names.items() if len(found) > 1]
    harm.leaked += by_name  # nobody gave this answer, or somebody undid it
    faults = await find_faults(app.db, tenant_id)
    harm.leaked += [f"{check}: {found}" for check, found in faults.items()]


async def _next_receipt(receiver: Receiver) -> None:
    receiver.came.clear()
    async with asyncio.timeout(DEADLINE_S):
        await receiver.came.wait()


@pytest.mark.slow
async def test_answers_reach_their_channel_once_by_id_whoever_is_killed_while_sending(
    inbox: App, server: Server, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    harm = Harm()
    for number in range(0, KILLS, KILLS_PER_TENANT):
        kills = min(KILLS_PER_TENANT, KILLS - number)
        harm.add(await _send_under_fire(inbox, server, tmp_path, mode="sound", kills=kills, seed=SEED + number))
    tell(
        Campaign(
            promise="T3 inbox",
            trials=harm.faults,
            faults=harm.faults,
            acknowledged=harm.acknowledged,
            lost=len(harm.lost),
            duplicated=len(harm.duplicated),
            leaked=len(harm.leaked),
            worst_ms=harm.worst_ms,
            seed=SEED,
        ),
        record_property,
    )
    assert harm.lost == harm.duplicated == harm.leaked == []
    assert harm.acknowledged > harm.faults * TEXTS_PER_KILL
    assert harm.undone, "nobody undid anything, so nothing is known of that"
    assert harm.repeated, "nothing was sent twice, so nothing is known of that"


@pytest.mark.slow
async def test_what_counts_as_delivered_before_it_is_sent_is_lost(inbox: App, server: Server, tmp_path: Path) -> None:
    harm = await _send_under_fire(inbox, server, tmp_path, mode="marked", kills=1, seed=SEED)
    assert harm.lost != []


@pytest.mark.slow
async def test_attempts_under_ids_of_their_own_are_doubled(inbox: App, server: Server, tmp_path: Path) -> None:
    harm = await _send_under_fire(inbox, server, tmp_path, mode="renamed", kills=1, seed=SEED)
    assert harm.duplicated != []


async def test_answer_that_somebody_takes_to_send_it_cannot_be_undone(inbox: App) -> None:
    tenant_id = await _tenant(inbox, url="http://127.0.0.1:9/", texts=1, visitors=3)
    [card] = await service.list_clusters(inbox, tenant_id)
    made = await service.answer_cluster(inbox, tenant_id, cluster_id=card.id, response_text="Yes.", actor="ada")
    async with inbox.db.maintenance() as tx:
        await tx.execute(sql("update inbox.outbox set due_at = now() where tenant_id = %(t)s"), {"t": tenant_id})
    async with inbox.db.maintenance() as tx:
        taken = await store.lease_outbox(tx, tenant_id=tenant_id, lease=new_id(), lease_s=60, limit=1)
        assert len(taken) == 1
        with pytest.raises(ActionNotUndoable):  # at once: whoever takes it has not even said so
            await service.undo_answer(inbox, tenant_id, action_id=made.id)
    with pytest.raises(ActionNotUndoable):
        await service.undo_answer(inbox, tenant_id, action_id=made.id)
    assert await find_faults(inbox.db, tenant_id) == {}


async def test_messages_that_the_engine_moves_into_an_answered_cluster_open_it_again(inbox: App) -> None:
    tenant_id = await _tenant(inbox, url=None, texts=8, visitors=2)
    here, there, *_ = await service.list_clusters(inbox, tenant_id)
    await service.answer_cluster(inbox, tenant_id, cluster_id=here.id, response_text="Yes.", actor="ada")
    await merge(inbox, tenant_id, collection=COLLECTION, cluster_id=there.id, into_id=here.id)
    await drain(inbox.db, consumers(inbox))
    after = await service.get_cluster(inbox, tenant_id, cluster_id=here.id)
    assert (after.state, after.message_count) == ("open", here.message_count + there.message_count)
