"""Many people act on the same clusters at once, and the inbox stays one that adds up.

Each follows a random program of their own: answers, undoes, moves, merges, splits, locks, renames, puts away, opens
again, takes messages in, archives; beside them messages are grouped, answers sent, jobs run. Nobody is told of a fault,
no two wait for each other, and at rest every count equals a recount. Each run ends with what chance might have left
out, a late arrival and answered messages that move, so that an inbox which does not follow them is caught every time.
"""

import asyncio
import os
import random
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from tests.apps.inbox_runs import FAST, embedding, finish_jobs, rows_of, settle
from tests.faults.campaign import Campaign, tell
from tests.faults.inbox_audit import find_faults
from tests.faults.inbox_process import SENDING
from tests.faults.inbox_receiver import Receiver, Verdict, receiving
from tests.faults.inbox_texts import question

from likewise.app import Server, open_app
from likewise.apps.inbox import consumers, service, store
from likewise.apps.inbox.consumers import consumers as inbox_consumers
from likewise.apps.inbox.errors import ClusterAnswered
from likewise.apps.inbox.model import Action, Card, ClusterState, Ingested, MessageDraft, VisitorDraft
from likewise.apps.inbox.service import send_due
from likewise.engine.clusters.consumers import consumer as clusters_consumer
from likewise.platform.config import Settings
from likewise.platform.egress import PUBLIC
from likewise.platform.errors import Conflict, Fact, NotFound, Rejected
from likewise.platform.events import drain
from likewise.platform.feature import App
from likewise.platform.ids import encode_id, new_id
from likewise.platform.jobs import work
from likewise.platform.tenancy import create_tenant

ACTS = int(os.environ.get("LIKEWISE_FAULTS_PEOPLE", "400"))
SEED = int(os.environ.get("LIKEWISE_FAULTS_SEED", "20261121"))
PEOPLE = 8
TEXTS, VISITORS, SHARED = 12, 5, 40
LAST_TEXTS = range(TEXTS + 4, TEXTS + 7)  # which nobody asks but at the end
ACTS_PER_TENANT, ACTS_BROKEN = 2_000, 80
STATES: tuple[ClusterState, ...] = ("open", "actioned", "archived")
CHANNEL = "website"
SETTINGS: dict[str, object] = {
    "database_pool_max": 14,
    "inbox_undo_s": 0.15,
    "jobs_heartbeat_s": 0.5,
}


class Told(msgspec.Struct):
    """What people were told. `refused`: by a rule, as it should be; `failed`: anything else."""

    acts: int = 0
    done: int = 0
    refused: int = 0
    worst_ms: float = 0.0
    archives: int = 0
    messages: dict[str, UUID] = {}
    actions: list[UUID] = []
    failed: list[str] = []
    doubled: list[str] = []

    def add(self, other: "Told") -> None:
        """Count another tenant's people in."""
        for name in ("acts", "done", "refused", "archives", "failed", "doubled"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.worst_ms = max(self.worst_ms, other.worst_ms)


class Person:
    """One of those who act. `told` is everybody's, so that they undo each other's."""

    def __init__(self, app: App, tenant_id: UUID, told: Told, *, number: int, seed: int) -> None:
        self._app, self._tenant_id, self._told = app, tenant_id, told
        self._name = f"person {number}"
        self._chance = random.Random(seed * 1_000 + number)
        self._made = 0
        self._acts: dict[Callable[[Card], Awaitable[object]], int] = {
            self._answer: 20,
            self._ingest: 16,
            self._split: 10,
            self._move: 10,
            self._merge: 5,
            self._remove: 5,
            self._lock: 6,
            self._rename: 3,
            self._put_away: 6,
            self._reopen: 10,
            self._late: 3,
            self._archive: 1,
            self._undo: 24,
        }

    async def run(self, *, acts: int) -> None:
        """Act so often, each time on one of the few clusters that are on top of a list."""
        for _ in range(acts):
            [act] = self._chance.choices(list(self._acts), list(self._acts.values()))
            started = time.perf_counter()
            self._told.acts += 1
            try:
                card = await self._pick()
                done = await (self._ingest(card) if card is None else act(card))
            except (Conflict, NotFound, Rejected):
                self._told.refused += 1
            except Exception as error:  # noqa: BLE001 - what a caller would be told with a status of 500 or 503
                message = error.message if isinstance(error, Fact) else str(error)
                self._told.failed.append(f"{act.__name__}: {type(error).__name__}: {message}")
            else:
                self._told.done += 1
                if isinstance(done, Action):
                    self._told.actions.append(done.id)
            self._told.worst_ms = max(self._told.worst_ms, (time.perf_counter() - started) * 1000)

    async def _pick(self) -> Card | None:
        for state in (*self._chance.choices(STATES, (6, 3, 1)), *STATES):
            if cards := await service.list_clusters(self._app, self._tenant_id, state=state, limit=6):
                return self._chance.choice(cards)
        return None

    async def _answer(self, card: Card) -> Action:
        left_out = [example.id for example in card.examples] if self._chance.random() < 0.2 else []
        return await service.answer_cluster(
            self._app,
            self._tenant_id,
            cluster_id=card.id,
            response_text=f"{{{{first_name|there}}}}, {self._name} says {self._chance.random()}.",
            actor=self._name,
            exceptions=left_out,
            answers_late=self._chance.random() < 0.4,
        )

    async def _ingest(self, _: Card | None) -> None:
        """A message of one's own, and one that others send as well."""
        self._made += 1
        shared = self._chance.randrange(SHARED)
        drafts = [
            draft_of(self._chance.randrange(TEXTS + 4), f"{self._name}/{self._made}"),
            draft_of(shared % TEXTS, f"shared/{shared}"),
        ]
        for draft, outcome in zip(
            drafts, await service.ingest_each(self._app, self._tenant_id, drafts=drafts), strict=True
        ):
            if isinstance(outcome, Fact):
                raise outcome
            if self._told.messages.setdefault(draft.id or "", outcome.id) != outcome.id:
                self._told.doubled.append(draft.id or "")

    async def _some_of(self, card: Card) -> list[UUID]:
        found = await service.list_messages_of_cluster(self._app, self._tenant_id, cluster_id=card.id, limit=50)
        return [message.id for message in self._chance.sample(found, min(len(found), self._chance.randint(1, 4)))]

    async def _split(self, card: Card) -> object:
        return await service.move_messages(
            self._app,
            self._tenant_id,
            cluster_id=card.id,
            message_ids=await self._some_of(card),
            actor=self._name,
        )

    async def _another(self, card: Card) -> UUID:
        cards = await service.list_clusters(self._app, self._tenant_id, limit=20)
        return self._chance.choice(cards or [card]).id

    async def _move(self, card: Card) -> object:
        return await service.move_messages(
            self._app,
            self._tenant_id,
            cluster_id=card.id,
            message_ids=await self._some_of(card),
            into_id=await self._another(card),
            actor=self._name,
        )

    async def _merge(self, card: Card) -> object:
        return await service.merge_clusters(
            self._app, self._tenant_id, cluster_id=card.id, into_id=await self._another(card), actor=self._name
        )

    async def _remove(self, card: Card) -> object:
        [message_id, *_] = await self._some_of(card)
        return await service.remove_message(self._app, self._tenant_id, message_id=message_id, actor=self._name)

    async def _lock(self, card: Card) -> object:
        locked = self._chance.random() < 0.4
        return await service.lock_cluster(
            self._app, self._tenant_id, cluster_id=card.id, locked=locked, actor=self._name
        )

    async def _rename(self, card: Card) -> object:
        return await service.rename_cluster(
            self._app, self._tenant_id, cluster_id=card.id, name=f"of {self._name}", actor=self._name
        )

    async def _put_away(self, card: Card) -> object:
        return await service.archive_cluster(self._app, self._tenant_id, cluster_id=card.id, actor=self._name)

    async def _reopen(self, card: Card) -> object:
        return await service.reopen_cluster(self._app, self._tenant_id, cluster_id=card.id, actor=self._name)

    async def _late(self, card: Card) -> None:
        wanted = self._chance.random() < 0.5
        await service.set_answers_late(self._app, self._tenant_id, cluster_id=card.id, wanted=wanted)

    async def _archive(self, _: Card) -> None:
        await service.start_archive(self._app, self._tenant_id)

    async def _undo(self, _: Card) -> None:
        if self._told.actions and self._chance.random() < 0.5:
            action_id = self._chance.choice(self._told.actions[-3:])
            await service.undo_answer(self._app, self._tenant_id, action_id=action_id)
            return
        recent = await service.list_changes(self._app, self._tenant_id, limit=6)
        if recent:
            await service.undo_change(self._app, self._tenant_id, change_id=self._chance.choice(recent).id)


def draft_of(text: int, name: str, *, days: int = 0) -> MessageDraft:
    """A message of one of a few texts, sent so many days ago."""
    return MessageDraft(
        text=question(text),
        channel=CHANNEL,
        id=name,
        visitor=VisitorDraft(id=f"v{len(name) % VISITORS}", name="Somebody"),
        sent_at=datetime.now(UTC) - timedelta(days=days),
    )


@pytest.fixture(scope="module")
async def receiver() -> AsyncIterator[Receiver]:
    """Most of what it gets goes well."""
    async with receiving(seed=SEED, weights={Verdict.GOOD: 9, Verdict.ERROR: 1}) as made:
        yield made


@pytest.fixture(scope="module")
async def inbox(server: Server, receiver: Receiver, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[App]:
    """The application that everybody works with."""
    place = {"home": tmp_path_factory.mktemp("home"), "egress_public_hosts": (receiver.host,)}
    settings = Settings(FAST | SENDING | SETTINGS | place, file=Path("/nonexistent/likewise.toml"))
    async with open_app(settings, server=server) as opened:
        yield opened


async def _tenant(app: App, receiver: Receiver, told: Told) -> UUID:
    """A tenant with a few clusters of messages, half of them old."""
    tenant_id = (await create_tenant(app.db, name=encode_id("test", new_id()))).tenant_id
    await service.create_channel(app, tenant_id, name=CHANNEL, delivery_url=receiver.url)
    names = [(text, f"old/{text}/{number}") for text in range(TEXTS) for number in range(VISITORS)]
    drafts = [draft_of(text, name, days=100 * (text % 2)) for text, name in names]
    for (_, name), made in zip(names, await service.ingest_each(app, tenant_id, drafts=drafts), strict=True):
        assert isinstance(made, Ingested)
        told.messages[name] = made.id
    await settle(app, tenant_id)
    return tenant_id


@asynccontextmanager
async def _everything_else(app: App, told: Told) -> AsyncGenerator[None]:
    """What servers and workers do meanwhile; what goes wrong there counts, too."""
    stop = asyncio.Event()
    readers = [clusters_consumer(app), *inbox_consumers(app)]

    async def again(what: str, act: Callable[[], Awaitable[object]]) -> None:
        while not stop.is_set():
            try:
                await act()
            except Exception as error:  # noqa: BLE001 - it is told
                told.failed.append(f"{what}: {type(error).__name__}: {error}")
            await asyncio.sleep(0.02)

    async with app.egress.open_client(PUBLIC, redirects_max=0) as client, embedding(app), asyncio.TaskGroup() as group:
        group.create_task(again("reading", lambda: drain(app.db, readers)))
        group.create_task(again("sending", lambda: send_due(app, client)))
        group.create_task(work(app.db, app.jobs, stop=stop))
        try:
            yield
        finally:
            stop.set()


async def _at_rest(app: App, tenant_id: UUID, told: Told) -> None:
    """Everything is done that was begun, and what was archived is back."""
    await finish_jobs(app, tenant_id)
    await settle(app, tenant_id)
    for archive in await service.list_archives(app, tenant_id, limit=100):
        if archive.restored_at is None:
            await service.start_restore(app, tenant_id, archive_id=archive.id)
            told.archives += 1
    await finish_jobs(app, tenant_id)
    await settle(app, tenant_id)


async def _arrive_late_and_move(app: App, tenant_id: UUID, told: Told) -> None:
    """A message joins a cluster that is answered late, too; answered messages go to another cluster."""

    async def take_in(name: str, texts: Sequence[int]) -> list[UUID]:
        """Messages of these texts, and the clusters that they are in."""
        drafts = [draft_of(text, f"{name}/{text}") for text in texts]
        await service.ingest_each(app, tenant_id, drafts=drafts)
        await settle(app, tenant_id)
        placed: list[UUID] = []
        for draft, made in zip(drafts, await service.ingest_each(app, tenant_id, drafts=drafts), strict=True):
            assert isinstance(made, Ingested)
            assert made.cluster_id is not None
            told.messages[draft.id or ""] = made.id
            placed.append(made.cluster_id)
        return placed

    late, answered, other = clusters = await take_in("last", LAST_TEXTS)
    assert len(set(clusters)) == len(LAST_TEXTS)
    for cluster_id in (late, answered):
        await service.answer_cluster(
            app, tenant_id, cluster_id=cluster_id, response_text="Yes.", actor="the last", answers_late=True
        )
    assert await take_in("late", LAST_TEXTS[:1]) == [late]
    await service.reopen_cluster(app, tenant_id, cluster_id=answered, actor="the last")
    await service.merge_clusters(app, tenant_id, cluster_id=answered, into_id=other, actor="the last")


async def _act_at_once(
    app: App, receiver: Receiver, *, acts: int, seed: int
) -> tuple[Told, list[str], dict[str, list[str]]]:
    """What people were told, what they had sent and is not there, and what does not add up."""
    told = Told()
    tenant_id = await _tenant(app, receiver, told)
    async with _everything_else(app, told), asyncio.TaskGroup() as group:
        for number in range(PEOPLE):
            group.create_task(Person(app, tenant_id, told, number=number, seed=seed).run(acts=acts // PEOPLE))
    await _arrive_late_and_move(app, tenant_id, told)
    await _at_rest(app, tenant_id, told)
    there = await rows_of(app, tenant_id, "select external_id, id from inbox.messages where tenant_id = :t")
    names = {row["external_id"]: UUID(row["id"]) for row in map(msgspec.json.decode, there)}
    lost = [name for name, message_id in told.messages.items() if names.pop(name, None) != message_id]
    told.doubled += names  # nobody was told of these
    return told, lost, await find_faults(app.db, tenant_id)


@pytest.mark.slow
async def test_people_who_act_on_the_same_clusters_at_once_are_told_the_truth(
    inbox: App, receiver: Receiver, record_property: Callable[[str, object], None]
) -> None:
    told, lost, faults = Told(), list[str](), dict[str, list[str]]()
    for number in range(0, ACTS, ACTS_PER_TENANT):
        acts = min(ACTS_PER_TENANT, ACTS - number)
        more, gone, wrong = await _act_at_once(inbox, receiver, acts=acts, seed=SEED + number)
        told.add(more)
        lost += gone
        faults |= wrong
    tell(
        Campaign(
            promise="inbox people",
            trials=told.acts,
            faults=told.refused,
            acknowledged=told.done,
            lost=len(lost),
            duplicated=len(told.doubled),
            leaked=len(told.failed) + len(faults),
            worst_ms=told.worst_ms,
            seed=SEED,
        ),
        record_property,
    )
    assert told.failed == []
    assert lost == told.doubled == []
    assert faults == {}
    assert told.done > told.acts / 4
    assert told.archives


async def test_of_people_who_answer_one_cluster_at_once_one_wins(inbox: App, receiver: Receiver) -> None:
    tenant_id = await _tenant(inbox, receiver, Told())
    for card in await service.list_clusters(inbox, tenant_id):
        given = [
            service.answer_cluster(inbox, tenant_id, cluster_id=card.id, response_text=f"{place}", actor=f"{place}")
            for place in range(PEOPLE)
        ]
        answers = await asyncio.gather(*given, return_exceptions=True)
        assert sum(isinstance(answer, Action) for answer in answers) == 1
        assert sum(isinstance(answer, ClusterAnswered) for answer in answers) == PEOPLE - 1
    assert await find_faults(inbox.db, tenant_id) == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("left_out", "check"),
    [
        ((consumers.service, "answer_late"), "messages that an answered cluster hides unanswered"),
        ((store, "follow_clusters"), "answers that count for another cluster than their message is in"),
    ],
)
async def test_inbox_that_does_not_follow_its_clusters_is_caught(
    inbox: App, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, left_out: tuple[object, str], check: str
) -> None:
    async def nothing(*_: object, **__: object) -> None:
        """What is left out."""

    monkeypatch.setattr(*left_out, nothing)
    _, _, faults = await _act_at_once(inbox, receiver, acts=ACTS_BROKEN, seed=SEED)
    assert check in faults
