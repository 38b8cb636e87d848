"""A question and its answer: who is asked first, who is asked instead, and what happens where nobody can be.

No transaction is open and no database connection is held while a model works or an answer is listened to. Who stops
listening ends the request to the model.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from uuid import UUID

import msgspec

from likewise.engine.language import logic
from likewise.engine.language.errors import (
    ChatBudgetSpent,
    ChatModelMissing,
    ChatPriceUnknown,
    ProviderTrouble,
)
from likewise.engine.language.model import (
    ChatAnswer,
    ChatEvent,
    ChatRequest,
    Citation,
    Finished,
    Picked,
    Routing,
    TextDelta,
    ToolCall,
)
from likewise.engine.language.service.asking import Question, ask_candidate
from likewise.engine.language.service.extracting import ask_extractive
from likewise.engine.language.service.routing import budget_usd_of, get_routing
from likewise.engine.language.service.servers import ChatServers
from likewise.engine.language.settings import LanguageSettings
from likewise.platform.db import refuse_in_transaction
from likewise.platform.errors import Fact
from likewise.platform.feature import App

__all__ = ["chat", "open_chat", "stream_chat"]

_TROUBLES = (ProviderTrouble, ChatBudgetSpent, ChatPriceUnknown)


async def stream_chat(app: App, tenant_id: UUID, request: ChatRequest) -> AsyncGenerator[ChatEvent]:
    """The answer as it comes, its last event Finished. Close the generator to stop the model.

    Raises ChatRequestRefused, ChatModelMissing, ChatBudgetSpent, ChatPriceUnknown and ProviderTrouble; after the first
    event only ProviderTrouble, where the answer broke off.
    """
    async with aclosing(open_chat(app, tenant_id, request)) as events:
        async for event in events:
            if not isinstance(event, Picked):
                yield event


async def chat(app: App, tenant_id: UUID, request: ChatRequest) -> ChatAnswer:
    """The whole answer. Raises what `stream_chat` raises."""
    texts: list[str] = []
    citations: list[Citation] = []
    calls: list[ToolCall] = []
    finished: Finished | None = None
    async with aclosing(stream_chat(app, tenant_id, request)) as events:
        async for event in events:
            match event:
                case TextDelta():
                    texts.append(event.text)
                case Citation():
                    citations.append(event)
                case ToolCall():
                    calls.append(event)
                case Finished():
                    finished = event
    if finished is None:
        raise RuntimeError("an answer ends with Finished")
    return ChatAnswer(text="".join(texts), citations=citations, tool_calls=calls, finished=finished)


async def open_chat(app: App, tenant_id: UUID, request: ChatRequest) -> AsyncGenerator[Picked | ChatEvent]:
    """Like `stream_chat`, with Picked before each model is asked: until the first of these, no model was."""
    refuse_in_transaction()
    settings = app.settings.get(LanguageSettings)
    logic.check_request(request, settings)
    routing = (await get_routing(app, tenant_id)).routing
    question = _question(request, settings)
    route = logic.route_of(routing, request.task)
    trouble: Fact | None = None
    for candidate in logic.candidates(routing, task=request.task, difficulty=question.difficulty):
        server = app.resource(ChatServers).find(candidate.model)
        if server is None:
            continue
        cap_usd = _cap_usd(routing, settings, candidate)
        is_answering = False
        try:
            answer = ask_candidate(app, tenant_id, question, candidate=candidate, server=server, cap_usd=cap_usd)
            async with aclosing(answer) as events:
                async for event in events:
                    is_answering = is_answering or not isinstance(event, Picked)
                    yield event
        except _TROUBLES as fact:
            if is_answering:
                raise
            trouble = trouble or fact
            question = msgspec.structs.replace(question, trouble=trouble.code)
        else:
            return
    if logic.tier_of(route, question.difficulty) != "extractive" and route.otherwise == "refuse":
        raise trouble or ChatModelMissing(task=request.task)
    extracted = msgspec.structs.replace(question, request=request)
    async with aclosing(ask_extractive(app, tenant_id, extracted)) as events:
        async for event in events:
            yield event


def _question(request: ChatRequest, settings: LanguageSettings) -> Question:
    told = logic.ground(request)
    return Question(
        request=told,
        difficulty=request.difficulty or logic.estimate_difficulty(request),
        tokens_max=request.tokens_max or settings.answer_tokens_max,
        input_tokens=logic.estimate_input_tokens(told),
    )


def _cap_usd(routing: Routing, settings: LanguageSettings, candidate: logic.Candidate) -> float | None:
    budget_usd = budget_usd_of(routing, settings)
    return None if budget_usd is None else logic.tier_cap_usd(routing, candidate.tier, budget_usd=budget_usd)
