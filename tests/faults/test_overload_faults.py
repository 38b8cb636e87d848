"""T15: overload is refused, not suffered: what is taken in is answered, the rest gets 429 or 503 before any work.

Requests come at a rate of their own (an open model), up to twice what the server can do, and at last all at once. The
long form is LIKEWISE_FAULTS_ARRIVALS=20000; it also asserts the goodput.
"""

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from uuid import UUID

import httpx
import msgspec
import pytest
from litestar import post
from tests.faults.campaign import Campaign, tell

from likewise.app import list_features
from likewise.engine.collections import ItemDraft, ensure_collection, put_items
from likewise.engine.search import SearchRequest, search
from likewise.http.asgi import build_asgi
from likewise.http.settings import HttpSettings
from likewise.platform.feature import App, Feature
from likewise.platform.tenancy import Caller, create_key
from likewise.platform.web import readers

ARRIVALS = int(os.environ.get("LIKEWISE_FAULTS_ARRIVALS", "150"))
LONG_FROM = 5_000
SEED = int(os.environ.get("LIKEWISE_FAULTS_SEED", "20261121"))
SHARES = (0.5, 1.0, 1.5, 2.0)
SEATS, QUEUE = 4, 8
NAME = "overloaded"


class Work(msgspec.Struct, frozen=True):
    """What a client asks to be done, by a number of its own."""

    number: int


class Ledger:
    """Which work was begun and finished, and how much at once."""

    def __init__(self) -> None:
        self.begun: set[int] = set()
        self.finished: set[int] = set()
        self.now = 0
        self.most = 0


def working(ledger: Ledger) -> Feature:
    """A feature whose one route does what a search does, and keeps the ledger."""

    @post("/overload", guards=[readers], operation_id="overload", status_code=200)
    async def overload(app: App, caller: Caller, data: Work) -> Work:
        ledger.begun.add(data.number)
        ledger.now += 1
        ledger.most = max(ledger.most, ledger.now)
        try:
            await search(app, caller.tenant_id, SearchRequest(query=f"term{data.number % 50}", collection=NAME))
        finally:
            ledger.now -= 1
        ledger.finished.add(data.number)
        return data

    return Feature(name="overload", routes=lambda: [overload])


class Answered(msgspec.Struct, frozen=True):
    """What a client got for its work."""

    number: int
    status: int
    retry_after: str | None
    code: str


class Crowd:
    """Clients that send whether or not others were answered; numbers never repeat."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.answers: list[Answered] = []
        self.worst_ms = 0.0
        self._client = client
        self._number = 0

    async def ask(self) -> Answered:
        self._number += 1
        number, started = self._number, time.perf_counter()
        reply = await self._client.post("/api/v1/overload", json={"number": number})
        self.worst_ms = max(self.worst_ms, 1000 * (time.perf_counter() - started))
        code = "" if reply.status_code == HTTPStatus.OK else reply.json()["code"]
        answered = Answered(number, reply.status_code, reply.headers.get("retry-after"), code)
        self.answers.append(answered)
        return answered

    async def capacity(self, count: int) -> float:
        """Requests per second of as many clients as there are seats, each waiting for its answer."""
        started = time.perf_counter()
        for _ in range(count // SEATS):
            await asyncio.gather(*(self.ask() for _ in range(SEATS)))
        return count / (time.perf_counter() - started)

    async def arrive(self, count: int, *, rate: float, chance: random.Random) -> tuple[Sequence[Answered], float]:
        """So many at a rate, by a Poisson process; their answers, and good ones per second."""
        started = time.perf_counter()
        tasks: list[asyncio.Task[Answered]] = []
        due_s = 0.0
        for _ in range(count):
            due_s += chance.expovariate(rate)
            await asyncio.sleep(max(0.0, started + due_s - time.perf_counter()))
            tasks.append(asyncio.create_task(self.ask()))
        answers = await asyncio.gather(*tasks)
        good = sum(answer.status == HTTPStatus.OK for answer in answers)
        return answers, good / (time.perf_counter() - started)


@asynccontextmanager
async def overloaded(
    app: App, tenant_id: UUID, monkeypatch: pytest.MonkeyPatch, **changes: object
) -> AsyncGenerator[tuple[Crowd, Ledger]]:
    """A server with few seats, and a crowd that may send as much as it likes."""
    collection = await ensure_collection(app, tenant_id, name=NAME, facets={})
    drafts = [ItemDraft(key=str(n), body=f"term{n % 50} word{n}") for n in range(200)]
    await put_items(app, tenant_id, collection=collection, drafts=drafts)
    real = type(app.settings).get
    small = {"seats_max": SEATS, "queue_max": QUEUE, "key_requests": 10**6, "key_burst": 10**6} | changes
    changed = app.settings.get(HttpSettings).model_copy(update=small)
    monkeypatch.setattr(
        type(app.settings), "get", lambda self, kind: changed if kind is HttpSettings else real(self, kind)
    )
    ledger = Ledger()
    key = await create_key(app.db, tenant_id, name="crowd", scopes=("read",))
    asgi = build_asgi(app, [*list_features(), working(ledger)], keyless=False)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(asgi),  # pyright: ignore[reportArgumentType]
        base_url="http://127.0.0.1:8765",
        headers={"Authorization": f"Bearer {key.key}"},
    ) as client:
        yield Crowd(client), ledger


@pytest.mark.slow
async def test_overload_is_refused_and_what_is_taken_in_is_answered(
    app: App, tenant_id: UUID, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    chance = random.Random(SEED)
    goodput: dict[float, float] = {}
    async with overloaded(app, tenant_id, monkeypatch) as (crowd, ledger):
        await crowd.capacity(40)
        capacity = await crowd.capacity(max(40, ARRIVALS // 2))
        for share in SHARES:
            _, goodput[share] = await crowd.arrive(ARRIVALS, rate=capacity * share, chance=chance)
        burst = await asyncio.gather(*(crowd.ask() for _ in range(10 * (SEATS + QUEUE))))
    answers = crowd.answers
    statuses = Counter(answer.status for answer in answers)
    good = {answer.number for answer in answers if answer.status == HTTPStatus.OK}
    refused = [answer for answer in answers if answer.status != HTTPStatus.OK]
    worked_in_vain = ledger.begun - good
    share = goodput[SHARES[-1]] / capacity
    tell(
        Campaign(
            promise=f"T15 (goodput at 200 % of {capacity:.0f}/s: {share:.0%})",
            trials=len(answers),
            faults=len(refused),
            acknowledged=len(good),
            lost=len(good - ledger.finished),
            duplicated=0,
            leaked=len(worked_in_vain),
            worst_ms=crowd.worst_ms,
            seed=SEED,
        ),
        record_property,
    )
    assert set(statuses) <= {HTTPStatus.OK, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
    assert all(answer.retry_after is not None and int(answer.retry_after) >= 1 for answer in refused)
    assert good == ledger.finished
    assert worked_in_vain == set()
    assert ledger.most <= SEATS
    assert len([answer for answer in burst if answer.status == HTTPStatus.OK]) >= SEATS + QUEUE
    assert {answer.code for answer in burst} == {"", "overloaded"}
    if ARRIVALS >= LONG_FROM:
        assert share >= 0.9


async def test_policy_of_a_key_refuses_with_429_while_seats_are_free(
    app: App, tenant_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with overloaded(app, tenant_id, monkeypatch, key_requests=1, key_burst=3, seats_max=50) as (crowd, ledger):
        answers = await asyncio.gather(*(crowd.ask() for _ in range(20)))
    statuses = Counter(answer.status for answer in answers)
    assert statuses == {HTTPStatus.OK: 3, HTTPStatus.TOO_MANY_REQUESTS: 17}
    assert len(ledger.begun) == 3


async def test_server_that_takes_everything_would_be_caught(
    app: App, tenant_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broken variant: as many seats as there are requests."""
    async with overloaded(app, tenant_id, monkeypatch, seats_max=10**6) as (crowd, ledger):
        burst = await asyncio.gather(*(crowd.ask() for _ in range(10 * (SEATS + QUEUE))))
    assert ledger.most > SEATS or any(answer.status != HTTPStatus.SERVICE_UNAVAILABLE for answer in burst)
    assert {answer.code for answer in burst} != {"", "overloaded"}
