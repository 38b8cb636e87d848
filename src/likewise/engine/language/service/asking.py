"""One model asked, again where it failed before its first token; each attempt with its own money set aside."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC
from uuid import UUID

import msgspec
from prometheus_client import Counter, Histogram

from likewise.engine.language import logic
from likewise.engine.language.errors import ChatBusy, ProviderTrouble
from likewise.engine.language.model import (
    CallEnd,
    CallOutcome,
    CallStart,
    ChatEvent,
    ChatRequest,
    Citation,
    Difficulty,
    Finished,
    ModelPrice,
    Picked,
    StopReason,
    TextDelta,
    ToolCall,
)
from likewise.engine.language.models import Asked, ChatServer, Ended, Usage
from likewise.engine.language.service.servers import ChatServers
from likewise.engine.language.service.spending import Book, open_book
from likewise.engine.language.settings import LanguageSettings
from likewise.platform.feature import App
from likewise.platform.providers import jitter_s
from likewise.platform.telemetry import METRICS, get_log

__all__ = ["CALLS", "Question", "ask_candidate", "finished_of"]

CALLS = Counter(
    "likewise_language_calls_total",
    "Calls of chat models by tier and outcome",
    ["tier", "outcome"],
    registry=METRICS.registry,
)
_COST_USD = Counter("likewise_language_cost_usd_total", "US dollars that calls cost", registry=METRICS.registry)
_FIRST_TOKEN = Histogram(
    "likewise_language_first_token_seconds", "Seconds to an answer's first token", registry=METRICS.registry
)
_log = get_log("likewise.language")


class Question(msgspec.Struct, frozen=True):
    """A request ready to be asked: its passages told, its difficulty and size known. `trouble`: what failed before."""

    request: ChatRequest
    difficulty: Difficulty
    tokens_max: int
    input_tokens: int
    trouble: str | None = None


async def ask_candidate(
    app: App,
    tenant_id: UUID,
    question: Question,
    *,
    candidate: logic.Candidate,
    server: ChatServer,
    cap_usd: float | None,
) -> AsyncGenerator[Picked | ChatEvent]:
    """A model's answer. Raises ProviderTrouble, ChatBudgetSpent, ChatPriceUnknown; before its first token only where
    trying again did not help."""
    settings = app.settings.get(LanguageSettings)
    price = app.resource(ChatServers).prices.find(candidate.model)
    server.budget.note_request()
    attempt = 0
    while True:
        attempt += 1
        start = _start(app, question, candidate, price)
        book = await open_book(app, tenant_id, start, price=price, cap_usd=cap_usd)
        try:
            async with aclosing(_attempt(question, candidate, server, book)) as events:
                async for event in events:
                    if attempt == 1 or not isinstance(event, Picked):
                        yield event
        except ProviderTrouble as trouble:
            _log.warning("chat_attempt_failed", model=candidate.model, code=trouble.code, reason=trouble.message)
            pause_s = jitter_s(attempt, base_s=settings.backoff_s, max_s=settings.backoff_max_s)
            if isinstance(trouble, ChatBusy):
                pause_s += trouble.retry_after_s
            is_hopeless = book.has_begun or not trouble.can_be_retried or attempt >= settings.attempts_max
            if is_hopeless or pause_s > settings.retry_wait_max_s or not server.budget.take_retry():
                raise
        else:
            return
        await asyncio.sleep(pause_s)


async def _attempt(
    question: Question, candidate: logic.Candidate, server: ChatServer, book: Book
) -> AsyncGenerator[Picked | ChatEvent]:
    """One try. However it ends, also by who listens going away, its books are closed."""
    markers = logic.Markers(question.request.passages)
    reason: StopReason = "stop"
    outcome: CallOutcome = "cancelled"
    is_billed = True
    try:
        yield Picked(candidate.model, candidate.tier, question.difficulty)
        async with aclosing(server.stream(_asked(question, candidate))) as wire:
            async for event in wire:
                if isinstance(event, Usage):
                    book.note_usage(input_tokens=event.input_tokens, output_tokens=event.output_tokens)
                elif isinstance(event, Ended):
                    reason = event.reason
                elif isinstance(event, TextDelta | ToolCall):
                    book.note_output(_written(event))
                    yield event
                    for citation in _cited(event, markers):
                        yield citation
        outcome = "finished"
    except ProviderTrouble as trouble:
        outcome, is_billed = "failed", trouble.may_be_billed or book.has_begun
        raise
    finally:
        end = await book.close(outcome, is_billed=is_billed)
        _observe(candidate, end)
    yield finished_of(question, candidate, end, reason)


def finished_of(question: Question, candidate: logic.Candidate, end: CallEnd, reason: StopReason) -> Finished:
    """The last event of an answer."""
    return Finished(
        model=candidate.model,
        tier=candidate.tier,
        reason=reason,
        input_tokens=end.input_tokens,
        output_tokens=end.output_tokens,
        cost_usd=None if end.cost_micro is None else logic.usd_of(end.cost_micro),
        is_estimated=end.is_estimated,
        difficulty=question.difficulty,
        trouble=question.trouble,
    )


def _start(app: App, question: Question, candidate: logic.Candidate, price: ModelPrice | None) -> CallStart:
    """The attempt as it begins, with the most it may cost."""
    cost = None
    if price is not None:
        cost = logic.cost_micro(price, input_tokens=question.input_tokens, output_tokens=question.tokens_max)
    return CallStart(
        at=app.clock.now().astimezone(UTC),
        task=question.request.task,
        difficulty=question.difficulty,
        tier=candidate.tier,
        model=candidate.model,
        input_tokens=question.input_tokens,
        output_tokens=question.tokens_max,
        cost_micro=cost,
    )


def _asked(question: Question, candidate: logic.Candidate) -> Asked:
    request = question.request
    return Asked(
        model=candidate.model.partition("/")[2],
        label=candidate.model,
        messages=request.messages,
        tools=request.tools,
        tokens_max=question.tokens_max,
        temperature=request.temperature,
    )


def _written(event: TextDelta | ToolCall) -> str:
    return event.text if isinstance(event, TextDelta) else msgspec.json.encode(event).decode()


def _cited(event: TextDelta | ToolCall, markers: logic.Markers) -> list[Citation]:
    return markers.feed(event.text) if isinstance(event, TextDelta) else []


def _observe(candidate: logic.Candidate, end: CallEnd) -> None:
    CALLS.labels(candidate.tier, end.outcome).inc()
    _COST_USD.inc(logic.usd_of(end.cost_micro or 0))
    if end.first_token_ms is not None:
        _FIRST_TOKEN.observe(end.first_token_ms / 1000)
