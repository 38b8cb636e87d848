"""The books of one attempt: money set aside before it, what it really cost after it, exact across processes.

Both happen in transactions of their own; none is open while the model works. Where a process is killed in between, what
was set aside stays spent: the provider may have billed it.
"""

import asyncio
import time
from contextlib import suppress
from contextvars import Context
from datetime import UTC, datetime
from uuid import UUID

from anyio import CancelScope

from likewise.engine.language import logic, store
from likewise.engine.language.errors import ChatBudgetSpent, ChatPriceUnknown
from likewise.engine.language.model import CallEnd, CallOutcome, CallStart, ModelPrice
from likewise.engine.language.service.servers import ChatServers
from likewise.platform.errors import Fact, Unavailable
from likewise.platform.feature import App
from likewise.platform.ids import new_id
from likewise.platform.telemetry import get_log

__all__ = ["Book", "note_free_call", "open_book"]

_UNBOUNDED = 2**62
_MICRO = 1_000_000
_log = get_log("likewise.language")


class Book:
    """What an attempt took in and gave out so far. `has_begun`: something of its answer was told already."""

    def __init__(self, app: App, tenant_id: UUID, call_id: UUID, start: CallStart, price: ModelPrice | None) -> None:
        self.has_begun = False
        self.end: CallEnd | None = None
        self._app = app
        self._tenant_id = tenant_id
        self._call_id = call_id
        self._start = start
        self._price = price
        self._started = time.monotonic()
        self._first_token_ms: int | None = None
        self._output_estimate = 0
        self._input_told: int | None = None
        self._output_told: int | None = None

    def note_usage(self, *, input_tokens: int | None, output_tokens: int | None) -> None:
        """What the provider counts; the last word stands."""
        self._input_told = self._input_told if input_tokens is None else input_tokens
        self._output_told = self._output_told if output_tokens is None else output_tokens

    def note_output(self, text: str) -> None:
        """A piece of the answer."""
        if not self.has_begun:
            self.has_begun, self._first_token_ms = True, self._elapsed_ms()
        self._output_estimate += logic.estimate_tokens(text)

    async def close(self, outcome: CallOutcome, *, is_billed: bool = True) -> CallEnd:
        """Note how the attempt ended and give back what it did not cost.

        Whoever cancels the attempt cannot cancel this. Where the database is away, what was set aside stays so.
        """
        self.end = end = self._ended(outcome, is_billed=is_billed)
        # A context of its own: what a request does before its commits is not to be done once it is over.
        task = self._app.resource(ChatServers).spawn(self._settle(end), context=Context())
        with CancelScope(shield=True):
            await asyncio.shield(task)
        return end

    async def _settle(self, end: CallEnd) -> None:
        back = (end.cost_micro or 0) - (self._start.cost_micro or 0)
        try:
            async with self._app.db.tenant(self._tenant_id) as tx:
                if await store.end_call(tx, call_id=self._call_id, end=end) and back:
                    await store.adjust_spend(tx, month=logic.month_of(self._start.at), micro=back)
        except Unavailable as fact:
            _log.warning("chat_call_unsettled", model=self._start.model, reason=fact.message)

    def _ended(self, outcome: CallOutcome, *, is_billed: bool) -> CallEnd:
        """Tokens as the provider counts them where it did so for the whole answer, else our own high estimate."""
        is_whole = outcome == "finished"
        known_input, known_output = self._input_told is not None, self._output_told is not None and is_whole
        input_tokens = self._input_told if self._input_told is not None else self._start.input_tokens
        output_tokens = self._output_told if known_output else max(self._output_told or 0, self._output_estimate)
        output_tokens = output_tokens or 0
        if not is_billed:
            input_tokens = output_tokens = 0
        cost = None
        if self._price is not None:
            cost = logic.cost_micro(self._price, input_tokens=input_tokens, output_tokens=output_tokens)
        return CallEnd(
            outcome=outcome,
            input_tokens=input_tokens,
            output_tokens=output_tokens,
            is_estimated=is_billed and not (known_input and known_output),
            cost_micro=cost,
            first_token_ms=self._first_token_ms,
            took_ms=self._elapsed_ms(),
        )

    def _elapsed_ms(self) -> int:
        return int((time.monotonic() - self._started) * 1000)


async def open_book(
    app: App, tenant_id: UUID, start: CallStart, *, price: ModelPrice | None, cap_usd: float | None
) -> Book:
    """Set aside what an attempt may cost at most. `start.cost_micro` is that; `cap_usd` None: nothing bounds it.

    Raises ChatBudgetSpent, and ChatPriceUnknown where a budget holds and nobody stated the model's price.
    """
    if price is None and cap_usd is not None:
        raise ChatPriceUnknown(model=start.model)
    servers = app.resource(ChatServers)
    opening = servers.spawn(_open(app, tenant_id, start, price, cap_usd))
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        servers.spawn(_abandon(opening))
        raise


async def _abandon(opening: asyncio.Task[Book]) -> None:
    """Whoever wanted the book is gone: nothing was asked, and nothing is owed."""
    with suppress(Fact):
        await (await opening).close("cancelled", is_billed=False)


async def _open(app: App, tenant_id: UUID, start: CallStart, price: ModelPrice | None, cap_usd: float | None) -> Book:
    call_id, month = new_id(), logic.month_of(start.at)
    open_end = CallEnd("open", start.input_tokens, start.output_tokens, True, start.cost_micro, None, 0)
    async with app.db.tenant(tenant_id) as tx:
        granted = await store.reserve_spend(
            tx,
            month=month,
            micro=start.cost_micro or 0,
            cap_micro=_UNBOUNDED if cap_usd is None else int(cap_usd * _MICRO),
        )
        if granted is None:
            raise ChatBudgetSpent(
                retry_after_s=_until_next_month_s(start.at), budget_usd=cap_usd or 0.0, model=start.model
            )
        await store.insert_call(tx, call_id=call_id, start=start, end=open_end)
    return Book(app, tenant_id, call_id, start, price)


async def note_free_call(app: App, tenant_id: UUID, start: CallStart, end: CallEnd) -> None:
    """Note a call that cost nothing; without it where the database is away."""
    with CancelScope(shield=True):
        try:
            async with app.db.tenant(tenant_id) as tx:
                await store.insert_call(tx, call_id=new_id(), start=start, end=end)
        except Unavailable as fact:
            _log.warning("chat_call_unnoted", model=start.model, reason=fact.message)


def _until_next_month_s(now: datetime) -> float:
    begins = logic.next_month(logic.month_of(now))
    return (datetime(begins.year, begins.month, 1, tzinfo=UTC) - now).total_seconds()
