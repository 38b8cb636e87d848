"""T1 and T4 of the inbox: what was acknowledged is there, once, whatever is killed or cut off while it is written.

Clients send messages and answer clusters over HTTP, while Postgres is killed, restarted, its connections are cut, the
server and the worker are killed with -9. A message is sent again under its id, an answer under its Idempotency-Key,
until somebody says what became of it; each answer is asked for twice at once. A receiver takes the answers in.
"""

import asyncio
import os
import random
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
import msgspec
import psycopg
import pytest
from tests.faults.campaign import Campaign, tell
from tests.faults.inbox_audit import CHECKS
from tests.faults.inbox_receiver import Receiver, receiving
from tests.faults.inbox_texts import question
from tests.faults.installation import Installation, Victim, installation

from likewise.platform.db import embedded
from likewise.platform.ids import encode_id

STRIKES = int(os.environ.get("LIKEWISE_FAULTS_STRIKES", "3"))
SEED = int(os.environ.get("LIKEWISE_FAULTS_SEED", "20261121"))
SENDERS = ANSWERERS = 2
CHANNEL = "website"
PER_TEXT = 12
PAUSE_S = (0.05, 0.4)
RECOVER_S = 120.0
RETRY_S = 0.05
PAUSE_BETWEEN_S = 0.2  # what is sent has to be answered, too
KINDS: tuple[Victim | str, ...] = (Victim.POSTMASTER, "connections", Victim.SERVER, "restart", Victim.WORKER)
BEFORE_THE_CUT = 40
SLOW_S = 0.3
ENVIRONMENT = {
    "LIKEWISE_HTTP_KEY_LOCK_S": "1",  # a request whose server was killed lets go of its key this much later
    "LIKEWISE_INBOX_UNDO_S": "0",
    "LIKEWISE_INBOX_LEASE_S": "3",
    "LIKEWISE_INBOX_SEND_TIMEOUT_S": "1",
    "LIKEWISE_INBOX_RETRY_FIRST_S": "0.05",
    "LIKEWISE_INBOX_RETRY_LONGEST_S": "0.2",
    "LIKEWISE_INBOX_ATTEMPTS_MAX": "10000",
}


class Ledger(msgspec.Struct):
    """What was acknowledged: messages by their own ids, answers by theirs. `asked_again`: without a word in between."""

    messages: dict[str, str] = {}
    answers: dict[str, int] = {}
    asked_again: int = 0
    untrue: list[str] = []
    doubled: list[str] = []
    came: asyncio.Event = msgspec.field(default_factory=asyncio.Event)

    def note_message(self, name: str, message: str) -> None:
        """A message is there, under this id."""
        if self.messages.setdefault(name, message) != message:
            self.doubled.append(f"{name} is {message} now")
        self.came.set()

    def note_answer(self, action: str, count: int) -> None:
        """An answer to so many messages is given."""
        self.answers[action] = count
        self.came.set()


class Client:
    """Somebody who asks until there is an answer."""

    def __init__(self, http: httpx.AsyncClient, ledger: Ledger, *, number: int) -> None:
        self._http, self._ledger, self._number = http, ledger, number
        self._chance = random.Random(SEED + number)
        self._made = 0

    async def send(self, *, stop: asyncio.Event) -> None:
        """Messages, some of them once more."""
        while not stop.is_set():
            bodies = [self._fresh() for _ in range(self._chance.randint(1, 6))]
            if self._made > len(bodies) and self._chance.random() < 0.5:
                bodies.append(self._body(self._chance.randrange(self._made - len(bodies))))
            if len(bodies) == 1:
                rows = [(await self.ask("POST", "/inbox/messages", bodies[0])).json()]
            else:
                rows = (await self.ask("POST", "/inbox/messages:batch", {"messages": bodies})).json()["data"]
            for body, row in zip(bodies, rows, strict=True):
                self._ledger.note_message(str(body["id"]), row["id"])
            await asyncio.sleep(self._chance.uniform(0, 2 * PAUSE_BETWEEN_S))

    async def answer(self, *, stop: asyncio.Event) -> None:
        """Answers to what is open, each asked for twice at once."""
        while not stop.is_set():
            if not await self.answer_one():
                await asyncio.sleep(RETRY_S)

    async def answer_one(self) -> bool:
        """Answer one open cluster; whether there was one."""
        cards = (await self.ask("GET", "/inbox/clusters?limit=20", None)).json()["data"]
        if not cards:
            return False
        self._made += 1
        path = f"/inbox/clusters/{self._chance.choice(cards)['id']}/action"
        body = {"response_text": f"Answer {self._made} of {self._number}."}
        key = f"{SEED}-{self._number}-{self._made}"
        one, other = await asyncio.gather(*(self.ask("POST", path, body, key=key) for _ in range(2)))
        for answer in (one, other):
            if answer.is_success:
                self._ledger.note_answer(answer.json()["id"], answer.json()["message_count"])
        if one.is_success and other.is_success and one.json()["id"] != other.json()["id"]:
            self._ledger.doubled.append(f"{key}: {one.text} and {other.text}")
        return True

    async def ask(self, method: str, path: str, body: object, *, key: str | None = None) -> httpx.Response:
        """The same request until it is answered."""
        while True:
            try:
                headers = {} if key is None else {"Idempotency-Key": key}
                answer = await self._http.request(method, f"/api/v1{path}", json=body, headers=headers)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code < 500:
                code = "" if answer.is_success else answer.json()["code"]
                if code not in {"key_in_flight", "claim_lost", "write_contended"}:
                    # The others answer, too; and an answer may have been given whose word was lost.
                    assert answer.is_success or code in REFUSALS, answer.text
                    return answer
            elif answer is not None and answer.status_code != 503:
                self._ledger.untrue.append(answer.text)
            self._ledger.asked_again += 1
            await asyncio.sleep(RETRY_S)

    def _fresh(self) -> dict[str, object]:
        self._made += 1
        return self._body(self._made - 1)

    def _body(self, made: int) -> dict[str, object]:
        text = question(self._number * 1_000_000 + made // PER_TEXT)
        return {"id": f"c{self._number}-{made}", "text": text, "channel": CHANNEL, "visitor": {"id": f"v{made % 3}"}}


REFUSALS = {"answer_lost", "cluster_answered", "cluster_not_found", "nothing_to_answer"}


@asynccontextmanager
async def _running() -> AsyncGenerator[tuple[Installation, Receiver, httpx.AsyncClient]]:
    async with receiving(seed=SEED, slow_s=SLOW_S) as receiver:
        environment = {**ENVIRONMENT, "LIKEWISE_EGRESS_PUBLIC_HOSTS": f'["{receiver.host}"]'}
        async with (
            installation(environment) as broken,
            httpx.AsyncClient(base_url=broken.url, timeout=30) as http,
        ):
            channel = {"name": CHANNEL, "delivery_url": receiver.url}
            (await http.post("/api/v1/inbox/channels", json=channel)).raise_for_status()
            yield broken, receiver, http


async def _write_under_fire(
    broken: Installation, http: httpx.AsyncClient, ledger: Ledger, strikes: Sequence[Victim | str], *, least: int = 0
) -> float:
    """Send and answer while these strike, one after the other; the longest wait for the next acknowledgement, ms."""
    chance, stop, worst_ms = random.Random(SEED), asyncio.Event(), 0.0
    clients = [Client(http, ledger, number=number) for number in range(SENDERS + ANSWERERS)]
    async with asyncio.TaskGroup() as group:
        for client in clients[:SENDERS]:
            group.create_task(client.send(stop=stop))
        for client in clients[SENDERS:]:
            group.create_task(client.answer(stop=stop))
        while len(ledger.messages) < least or not ledger.answers:
            await _next(ledger)
        for strike in strikes:
            await asyncio.sleep(chance.uniform(*PAUSE_S))
            started = time.perf_counter()
            await _strike(broken, strike, chance)
            await _next(ledger)
            worst_ms = max(worst_ms, (time.perf_counter() - started) * 1000)
        stop.set()
    return worst_ms


async def _next(ledger: Ledger) -> None:
    ledger.came.clear()
    await asyncio.wait_for(ledger.came.wait(), RECOVER_S)


async def _strike(broken: Installation, kind: Victim | str, chance: random.Random) -> None:
    if isinstance(kind, Victim):
        await broken.strike(kind, chance)
    elif kind == "restart":
        await asyncio.to_thread(embedded.stop, broken.home, mode="fast")
        await broken.start_database()
    else:
        with _superuser(broken) as connection:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )


def _superuser(broken: Installation) -> psycopg.Connection[tuple[Any, ...]]:
    return psycopg.connect(embedded.connection_urls(broken.home).superuser_url, autocommit=True)


async def _until_at_rest(http: httpx.AsyncClient, connection: psycopg.Connection[Any], ledger: Ledger) -> None:
    """Every message is grouped and answered, and every answer has left."""
    stop = asyncio.Event()
    async with asyncio.timeout(RECOVER_S), asyncio.TaskGroup() as group:
        for number in range(ANSWERERS):
            group.create_task(Client(http, ledger, number=SENDERS + ANSWERERS + number).answer(stop=stop))
        while connection.execute(_UNFINISHED).fetchone() != (0,):
            await asyncio.sleep(RETRY_S)
        stop.set()


_UNFINISHED = """
select (select count(*) from inbox.outbox)
     + (select count(*) from inbox.messages m where not exists (
            select from inbox.deliveries d where d.tenant_id = m.tenant_id and d.message_id = m.id
            and d.state = 'delivered'))
"""


class Counted(msgspec.Struct):
    """What is wrong: acknowledged and not there, there twice, there without a reason."""

    lost: list[str] = []
    duplicated: list[str] = []
    leaked: list[str] = []


def _count_messages(connection: psycopg.Connection[Any], ledger: Ledger) -> Counted:
    """Every acknowledged message under its id, its item beside it, told of once; of the others at most one each."""
    found = Counted(duplicated=list(ledger.doubled))
    rows = connection.execute(
        "select m.external_id, m.id, i.id is not null, (select count(*) from platform.events e"
        " where e.type = 'inbox.messages_received' and e.payload -> 'message_ids' ? m.id::text)"
        " from inbox.messages m left join collections.items i on i.tenant_id = m.tenant_id and i.id = m.id"
    ).fetchall()
    there: dict[str, tuple[str, bool, int]] = {}
    for name, message_id, has_item, told in rows:
        if name in there:
            found.duplicated.append(name)
        there[name] = (encode_id("msg", message_id), has_item, told)
        if told > 1:
            found.duplicated.append(f"{name}: told of {told} times")
    for name, message in ledger.messages.items():
        known = there.get(name)
        if known is None or known[0] != message or not known[1] or not known[2]:
            found.lost.append(f"{name}: {message}, {known}")
    return found


def _count_answers(connection: psycopg.Connection[Any], ledger: Ledger, receiver: Receiver) -> Counted:
    """Every acknowledged answer with its messages, each message received under one id with one body."""
    found = Counted(leaked=list(ledger.untrue))
    actions = {
        encode_id("act", action_id): count
        for action_id, count in connection.execute(
            "select a.id, count(d.id) from inbox.actions a left join inbox.deliveries d"
            " on d.tenant_id = a.tenant_id and d.action_id = a.id and d.state = 'delivered' group by a.id"
        )
    }
    found.lost += [action for action, count in ledger.answers.items() if actions.get(action) != count]
    received: dict[str, set[tuple[str, bytes]]] = {}
    for receipt in receiver.receipts:
        received.setdefault(receipt.data.message.id, set()).add((receipt.name, receipt.body))
    found.duplicated += [name for name, letters in received.items() if len(letters) > 1]
    rows = connection.execute(
        "select m.external_id, d.id from inbox.deliveries d"
        " join inbox.messages m on m.tenant_id = d.tenant_id and m.id = d.message_id where d.state = 'delivered'"
    ).fetchall()
    accepted = {receipt.name for receipt in receiver.receipts if receipt.was_accepted}
    found.lost += [name for name, delivery_id in rows if encode_id("dlv", delivery_id) not in accepted]
    found.leaked += received.keys() - {name for name, _ in rows}
    tenant = connection.execute("select distinct tenant_id from inbox.messages").fetchone()
    for check, query in CHECKS.items():
        if connection.execute(query, {"t": tenant[0] if tenant else None}).fetchall():
            found.leaked.append(check)
    return found


@pytest.mark.slow
async def test_acknowledged_messages_and_answers_survive_whatever_is_killed_or_cut(
    record_property: Callable[[str, object], None],
) -> None:
    ledger = Ledger()
    strikes = [KINDS[place % len(KINDS)] for place in range(STRIKES)]
    random.Random(SEED).shuffle(strikes)
    async with _running() as (broken, receiver, http):
        worst_ms = await _write_under_fire(broken, http, ledger, strikes)
        with _superuser(broken) as connection:
            await _until_at_rest(http, connection, ledger)
            counted: Mapping[str, tuple[int, Counted]] = {
                "T1 inbox": (len(ledger.messages), _count_messages(connection, ledger)),
                "T4 inbox": (len(ledger.answers), _count_answers(connection, ledger, receiver)),
            }
    for promise, (acknowledged, found) in counted.items():
        tell(
            Campaign(
                promise=promise,
                trials=STRIKES,
                faults=STRIKES,
                acknowledged=acknowledged,
                lost=len(found.lost),
                duplicated=len(found.duplicated),
                leaked=len(found.leaked),
                worst_ms=worst_ms,
                seed=SEED,
            ),
            record_property,
        )
    for acknowledged, found in counted.values():
        assert found == Counted()
        assert acknowledged > STRIKES
    assert ledger.asked_again


@pytest.mark.slow
async def test_an_inbox_that_answers_before_its_log_is_written_is_caught() -> None:
    ledger = Ledger()
    async with _running() as (broken, receiver, http):
        with _superuser(broken) as connection:
            for setting in ("synchronous_commit = off", "wal_writer_delay = '10s'", "wal_writer_flush_after = '1GB'"):
                connection.execute(f"alter system set {setting}")
            connection.execute("select pg_reload_conf()")
        await _write_under_fire(broken, http, ledger, [Victim.POSTMASTER], least=BEFORE_THE_CUT)
        with _superuser(broken) as connection:
            messages = _count_messages(connection, ledger)
            answers = _count_answers(connection, ledger, receiver)
    assert messages.lost != []
    assert answers.lost != []
