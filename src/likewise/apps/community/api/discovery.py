"""`/api/v1/community/discovery`: questions in plain words."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Annotated

from litestar import Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter
from litestar.response import Stream

from likewise.apps.community.api.shared import TAGS
from likewise.apps.community.service.discovering import check_question, discover, tools_offered
from likewise.apps.community.views.discovering import (
    DiscoveryAnswer,
    DiscoveryBody,
    DiscoveryTools,
    DiscoveryToolView,
    answer_of,
    event_data,
    event_name,
)
from likewise.platform.feature import App
from likewise.platform.streams import Sent, Streams
from likewise.platform.tenancy import Caller
from likewise.platform.web import readers

__all__ = ["ROUTES"]

_JSON = "application/json"
_EVENTS = "text/event-stream"


@post(
    "/community/discovery",
    tags=TAGS,
    guards=[readers],
    operation_id="ask_community",
    summary="Ask in plain words",
    status_code=200,
    media_type=_EVENTS,
    responses={200: ResponseSpec(DiscoveryAnswer, description="everything at once, where JSON is accepted")},
)
async def ask(
    app: App,
    caller: Caller,
    streams: Streams,
    data: DiscoveryBody,
    accept: Annotated[
        str | None,
        HeaderParameter(name="Accept", description="application/json answers at once; otherwise events are sent"),
    ] = None,
) -> Stream | Response[DiscoveryAnswer]:
    """What, where, when, how many, compare, who, similar, trend, together: a question becomes a plan of typed tools,
    and what they find is sent step by step. Server-sent events: `plan` (how the question was understood) or `refusal`
    (it was not; with three questions that would be), `result` for each step, `text` (pieces of the closing sentences),
    `done`. With `Accept: application/json` all of it is one answer."""
    check_question(app, question=data.question, history=data.history)
    events = discover(app, caller.tenant_id, question=data.question, user=data.user, history=data.history)
    if _JSON in (accept or "") and _EVENTS not in (accept or ""):
        async with aclosing(events):
            return Response(answer_of([event async for event in events]), media_type=_JSON)

    async def pieces() -> AsyncGenerator[Sequence[Sent]]:
        yield ()  # the client sees at once that somebody is there
        async with aclosing(events):
            number = 0
            async for event in events:
                number += 1
                yield [Sent(event=event_name(event), data=event_data(event), id=str(number))]

    return await streams.send(caller.tenant_id, pieces())


@get(
    "/community/discovery/tools",
    tags=TAGS,
    guards=[readers],
    operation_id="list_discovery_tools",
    summary="What questions can become",
)
async def list_tools() -> DiscoveryTools:
    """The tools that questions become calls of, with JSON schemas of their arguments."""
    return DiscoveryTools(
        [
            DiscoveryToolView(name=tool.name, description=tool.description, parameters=tool.parameters)
            for tool in tools_offered()
        ]
    )


ROUTES = (ask, list_tools)
