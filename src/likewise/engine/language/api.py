"""`/api/v1/language`: chat models asked, who answers what, and what it costs."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Annotated, Any, cast
from uuid import UUID

from litestar import Request, Response, delete, get, post, put
from litestar.params import Parameter

from likewise.engine.language import service
from likewise.engine.language.model import (
    ChatEvent,
    ChatModelInfo,
    ChatRequest,
    MonthCosts,
    Picked,
    Routing,
    RoutingInfo,
    WhatIf,
)
from likewise.engine.language.views import ChatBody, ChatReply, ChatTrouble, WhatIfBody, chat_reply, request_of
from likewise.platform.errors import Fact
from likewise.platform.feature import App
from likewise.platform.streams import Sent, Streams
from likewise.platform.tenancy import Caller
from likewise.platform.web import Page, admin_only, patiently, readers, writers

__all__ = ["ROUTES"]

_TAGS: Sequence[str] = ("language",)
_NAMES = {
    "TextDelta": "text",
    "Citation": "citation",
    "ToolCall": "tool_call",
    "Finished": "finished",
    "Picked": "picked",
}


@post("/language/chat", tags=_TAGS, guards=[writers], operation_id="chat", summary="Ask a chat model", status_code=200)
async def chat(
    app: App, caller: Caller, streams: Streams, request: Request[Any, Any, Any], data: ChatBody
) -> Response[ChatReply]:
    """The answer as one JSON document, or with `Accept: text/event-stream` as server-sent events: `picked` (who is
    asked), `text`, `citation`, `tool_call`, at last `finished` with tokens and cost; or `error`, where it broke off.

    Without a configured chat model, and where the routing table wishes it, the built-in extractive model answers: with
    sentences of the passages sent along, each cited. A client that goes away stops the model.
    """
    wanted = request_of(data)
    if "text/event-stream" in request.headers.get("accept", ""):
        return cast("Response[ChatReply]", await streams.send(caller.tenant_id, _pieces(app, caller.tenant_id, wanted)))
    return Response(chat_reply(await patiently(request, service.chat(app, caller.tenant_id, wanted))))


async def _pieces(app: App, tenant_id: UUID, wanted: ChatRequest) -> AsyncGenerator[Sequence[Sent]]:
    """An answer as events. What is wrong before a model is asked is a plain answer, what goes wrong later an event."""
    has_begun = False
    async with aclosing(service.open_chat(app, tenant_id, wanted)) as events:
        try:
            async for event in events:
                has_begun = True
                yield [_sent(event)]
        except Fact as fact:
            if not has_begun:
                raise
            yield [Sent(event="error", data=ChatTrouble(fact.code, fact.message))]


def _sent(event: Picked | ChatEvent) -> Sent:
    return Sent(event=_NAMES[type(event).__name__], data=event)


@get("/language/models", tags=_TAGS, guards=[readers], operation_id="list_chat_models", summary="List chat models")
async def list_models(app: App, caller: Caller) -> Page[ChatModelInfo]:
    """Every model a routing table may name: whether its server is configured, in which tiers it is, its price."""
    return Page(data=await service.list_models(app, caller.tenant_id))


@get("/language/routing", tags=_TAGS, guards=[readers], operation_id="get_routing", summary="Show the routing table")
async def get_routing(app: App, caller: Caller) -> RoutingInfo:
    """Which tier answers which task at which difficulty, the models of each tier, and the month's budget."""
    return await service.get_routing(app, caller.tenant_id)


@put(
    "/language/routing",
    tags=_TAGS,
    guards=[admin_only],
    operation_id="put_routing",
    summary="Replace the routing table",
)
async def put_routing(app: App, caller: Caller, data: Routing) -> RoutingInfo:
    """Put a table of one's own in the place of the one in force; the next call goes by it."""
    return await service.put_routing(app, caller.tenant_id, data)


@delete(
    "/language/routing",
    tags=_TAGS,
    guards=[admin_only],
    operation_id="reset_routing",
    summary="Back to the server's routing table",
    status_code=200,
)
async def reset_routing(app: App, caller: Caller) -> RoutingInfo:
    """Give up the table of one's own; the server's settings decide again."""
    return await service.reset_routing(app, caller.tenant_id)


@get("/language/costs", tags=_TAGS, guards=[readers], operation_id="list_chat_costs", summary="What chat models cost")
async def list_costs(
    app: App,
    caller: Caller,
    months: Annotated[int, Parameter(ge=1, le=24, description="months (UTC), this one first")] = 1,
) -> Page[MonthCosts]:
    """What each month cost, by task and model, and what is left of the budget."""
    return Page(data=await service.list_costs(app, caller.tenant_id, months=months))


@post(
    "/language/what-if",
    tags=_TAGS,
    guards=[readers],
    operation_id="what_if",
    summary="What a month would have cost under another table",
    status_code=200,
)
async def what_if(app: App, caller: Caller, data: WhatIfBody) -> WhatIf:
    """Recompute a month's cost, task by task: the tokens as they were, at today's prices, with the models another
    table asks first. Nothing is changed."""
    return await service.what_if(app, caller.tenant_id, routing=data.routing, month=data.month)


ROUTES = (chat, list_models, get_routing, put_routing, reset_routing, list_costs, what_if)
