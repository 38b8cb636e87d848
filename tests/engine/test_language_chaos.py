"""T18 for chat models: whatever servers do, every question ends, nothing is asked beyond the budget, the books agree.

Two servers behind two applications on one database answer properly, with 429, 500 and 401, not at all, with broken
connections, garbage, half answers and no usage; some listeners go away. What the servers may have billed is counted on
their side. The long form is LIKEWISE_FAULTS_CALLS=2000.
"""

import asyncio
import os
import random
import threading
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any
from uuid import UUID

import psycopg
import pytest
from tests.engine.stub_chat import ChatAsked, ChatSays, StubChat, chat_failing

from likewise.app import Server, open_app
from likewise.engine.language import ChatRequest, Finished, Message, Passage, list_costs, stream_chat
from likewise.engine.language.service import spending
from likewise.platform.config import Settings
from likewise.platform.errors import Fact
from likewise.platform.feature import App

CALLS = int(os.environ.get("LIKEWISE_FAULTS_CALLS", "60"))
SEED = int(os.environ.get("LIKEWISE_FAULTS_SEED", "20261122"))
PATIENCE_S = 60 + CALLS
PRICE = (1.0, 1.0)  # a millionth of a US dollar a token
BUDGET_MICRO = 20_000
TOKENS_MAX = 60
PASSAGE = Passage("kiln", "The kiln runs at 1,200 degrees.")
SHARE_CALM = 0.4


class Servers:
    """What both servers do, by chance, and what they would write on the bill, in tokens."""

    def __init__(self) -> None:
        self.billed = 0
        self._chance = random.Random(SEED)
        self._lock = threading.Lock()

    def mood(self, asked: ChatAsked) -> ChatSays:
        with self._lock:
            usage = self._chance.randint(1, 40), self._chance.randint(1, TOKENS_MAX)
            calm = ChatSays(usage=usage)
            says = calm if self._chance.random() < SHARE_CALM else self._chance.choice(faults(usage))
            self.billed += bill(says, usage, asked)
            return says


def faults(usage: tuple[int, int]) -> list[ChatSays]:
    return [
        chat_failing(429, retry_after="0.02"),
        chat_failing(429),
        chat_failing(500),
        chat_failing(503, retry_after="0.02"),
        chat_failing(401),
        chat_failing(400, "too long"),
        ChatSays(reset_after=0, usage=usage),
        ChatSays(reset_after=3, usage=usage),
        ChatSays(stall_after=0, usage=usage),
        ChatSays(stall_after=2, usage=usage),
        ChatSays(stall_after=2, pings=True, usage=usage),
        ChatSays(ends=False, usage=usage),
        ChatSays(usage=None),
        ChatSays(usage=(-5, 10**12)),
        ChatSays(raw=b"<html>all is well</html>"),
        ChatSays(raw=b'data: {"choices": [{"delta": {"content": 7}}]}\n\n'),
        ChatSays(raw=b"data: [DONE]\n\n"),
    ]


def bill(says: ChatSays, usage: tuple[int, int], asked: ChatAsked) -> int:
    """Tokens a server may charge: none for a refusal; for what broke off, what it took in and what it had said."""
    if says.status != 200:
        return 0
    took = sum(len(message["content"] or "") // 4 for message in asked.body["messages"])
    if says.raw is not None:
        return took
    leaves = asked.body["messages"][-1]["content"].endswith("0?")  # who asks that goes away after two words
    if not leaves and says.usage == usage and says.ends and says.stall_after is None and says.reset_after is None:
        return sum(usage)
    said = says.stall_after if says.stall_after is not None else says.reset_after
    return took + (len(says.words) if said is None else said)


class World:
    """Two applications on one database, and the servers they ask."""

    def __init__(self, apps: list[App], servers: Servers) -> None:
        self.apps = apps
        self.servers = servers


@pytest.fixture
async def world(server: Server, settings: Settings) -> AsyncIterator[World]:
    servers = Servers()
    with StubChat(servers.mood) as first, StubChat(servers.mood) as second:
        flags = {
            "home": settings.home,
            "embedding_model": "fake",
            "database_pool_max": 4,
            "language_other_url": first.url,
            "language_openai_url": second.url,
            "language_openai_api_key": "sk-canary-chaos-0123456789",
            "language_cheap": ("other/a", "openai/b"),
            "language_standard": ("openai/c",),
            "language_strong": (),
            "language_prices": dict.fromkeys("abc", PRICE),
            "language_budget_month_usd": BUDGET_MICRO / 1e6,
            "language_first_token_s": 0.3,
            "language_next_token_s": 0.3,
            "language_backoff_s": 0.005,
            "language_breaker_open_s": 0.05,
            "language_retry_ratio": 1.0,
        }
        own = Settings(flags, file=settings.home / "none.toml")
        async with open_app(own, server=server) as one, open_app(own, server=server) as two:
            yield World([one, two], servers)


async def ask(app: App, tenant_id: UUID, number: int) -> str:
    """How a question ended: finished, left, or the code of its error."""
    request = ChatRequest(
        "answer" if number % 3 else "title",
        (Message("user", f"How hot is kiln {number}?"),),
        passages=(PASSAGE,),
        difficulty="normal" if number % 2 else "easy",
        tokens_max=TOKENS_MAX,
    )
    told = 0
    try:
        async with aclosing(stream_chat(app, tenant_id, request)) as events:
            async for event in events:
                told += 1
                if isinstance(event, Finished):
                    return "finished"
                if number % 10 == 0 and told == 2:
                    return "left"
    except Fact as fact:
        return fact.code
    return "nothing"


class Outcome:
    """What a campaign found."""

    def __init__(self, ends: list[str], spent: int, sum_of_calls: int, open_calls: int) -> None:
        self.ends = ends
        self.spent = spent
        self.sum_of_calls = sum_of_calls
        self.open_calls = open_calls


async def run_campaign(world: World, tenant_id: UUID) -> Outcome:
    ends: list[str] = []
    async with asyncio.timeout(PATIENCE_S):
        for start in range(0, CALLS, 10):
            ends += await asyncio.gather(*(ask(world.apps[n % 2], tenant_id, n) for n in range(start, start + 10)))
    spent = round((await list_costs(world.apps[0], tenant_id))[0].spent_usd * 1e6)
    with psycopg.connect(world.apps[0].db.maintenance_url) as connection:
        row = connection.execute(
            "select coalesce(sum(cost_micro), 0)::bigint, count(*) filter (where outcome = 'open')"
            " from language.calls where tenant_id = %s",
            [tenant_id],
        ).fetchone()
    assert row is not None
    return Outcome(ends, spent, row[0], row[1])


async def test_every_question_ends_and_the_books_agree(world: World, tenant_id: UUID) -> None:
    found = await run_campaign(world, tenant_id)
    assert len(found.ends) == CALLS
    assert "nothing" not in found.ends
    assert found.ends.count("finished") > CALLS / 4
    assert found.open_calls == 0, "money is set aside for nobody"
    assert found.spent == found.sum_of_calls
    assert found.spent <= BUDGET_MICRO
    assert 0 < world.servers.billed <= found.spent, "more was billed than is on the books"


async def test_broken_books_are_found(world: World, tenant_id: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    """The broken variant: whatever did not finish is taken for free."""
    real = spending.Book.close

    async def forget(self: spending.Book, outcome: Any, *, is_billed: bool = True) -> Any:
        return await real(self, outcome, is_billed=is_billed and outcome == "finished")

    monkeypatch.setattr(spending.Book, "close", forget)
    found = await run_campaign(world, tenant_id)
    assert world.servers.billed > found.spent
