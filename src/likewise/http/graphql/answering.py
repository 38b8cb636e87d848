"""GraphQL over HTTP: POST with JSON, GET for queries, and server-sent events where a client accepts them.

Media types follow the GraphQL-over-HTTP draft: to `application/graphql-response+json` a refused operation has a status
of 4xx or 5xx; to plain `application/json`, which programs from before it expect, every well-formed request has 200.
Events are those of the GraphQL-SSE protocol's distinct connections: `next` with an answer, in the end `complete`.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from graphql import OperationType
from litestar import Request, Response
from litestar.response import Stream

from likewise.http.bodies import read_body
from likewise.http.front import door_of
from likewise.http.graphql.documents import Asked, Prepared, Unusable
from likewise.http.graphql.errors import ChangeByGet, EventsNeeded, MediaTypeRefused, QueryMissing, RequestMalformed
from likewise.http.graphql.running import Answer, Graph
from likewise.http.idempotency import REFUSED
from likewise.http.revoking import revocation
from likewise.http.settings import HttpSettings
from likewise.http.wire import closed_with, state_of
from likewise.platform.errors import Fact, Limited, Unavailable
from likewise.platform.graph import GraphRequest
from likewise.platform.tenancy import Caller

__all__ = ["AnyRequest", "answer_get", "answer_post"]

AnyRequest = Request[Caller, None, Any]

_JSON = "application/json"
_RESPONSE = "application/graphql-response+json"
_EVENTS = "text/event-stream"
_HINT = "Ask for less at once."
_HEARTBEAT = b": still here\n\n"
_COMPLETE = b"event: complete\ndata:\n\n"
_asked_decoder = msgspec.json.Decoder(Asked)
_variables_decoder = msgspec.json.Decoder(dict[str, Any])


async def answer_post(graph: Graph, request: AnyRequest) -> Response[bytes] | Stream:
    """An operation in a body of JSON. Raises MediaTypeRefused, BodyTooLarge, RequestMalformed, QueryMissing."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != _JSON:
        raise MediaTypeRefused(media_type=media_type[:60])
    body = await read_body(request.receive, bytes_max=graph.settings.request_bytes_max, hint=_HINT)
    try:
        asked = _asked_decoder.decode(body or b"")
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise RequestMalformed(reason=error) from None
    return await _answer(graph, request, asked)


async def answer_get(graph: Graph, request: AnyRequest) -> Response[bytes] | Stream:
    """A query, or a subscription's events, from the address: `?query=...&variables={...}&operationName=...`.

    Raises ChangeByGet, RequestMalformed, QueryMissing.
    """
    given = dict(parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True))
    try:
        variables = _variables_decoder.decode(given["variables"]) if given.get("variables") else None
    except (msgspec.MsgspecError, RecursionError) as error:
        raise RequestMalformed(reason=f"variables: {error}") from None
    asked = Asked(query=given.get("query"), operation_name=given.get("operationName"), variables=variables)
    return await _answer(graph, request, asked)


async def _answer(graph: Graph, request: AnyRequest, asked: Asked) -> Response[bytes] | Stream:
    if not asked.query:
        raise QueryMissing
    accepted = request.headers.get("accept", "")
    as_events = _EVENTS in accepted
    state = state_of(request.scope)
    asks = GraphRequest(str(state.get("request_id", "")), "events" if as_events else "http")
    try:
        prepared = graph.prepare(asked, request.user)
        if request.method == "GET" and prepared.kind is OperationType.MUTATION:
            raise ChangeByGet
        if prepared.kind is not OperationType.SUBSCRIPTION:
            answer = await graph.answer(prepared, request.user, asks)
        elif as_events:
            graph.streams.check(request.user.tenant_id)  # refused with a status, while there is none yet
            return _stream(closed_with(request.scope, _follow(graph, request, prepared, asks)))
        else:
            raise EventsNeeded
    except (ChangeByGet, Limited, Unavailable):
        raise
    except (Unusable, Fact) as error:
        answer = graph.refuse(error, asks)
    if as_events:
        return _stream(_once(answer))
    state[REFUSED] = answer.has_errors
    media_type = _RESPONSE if _RESPONSE in accepted else _JSON
    return Response(
        msgspec.json.encode(answer.body),
        status_code=answer.status if media_type == _RESPONSE else 200,
        media_type=media_type,
    )


def _stream(events: AsyncGenerator[bytes]) -> Stream:
    return Stream(
        events, status_code=200, media_type=_EVENTS, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )


async def _once(answer: Answer) -> AsyncGenerator[bytes]:
    yield _next(answer)
    yield _COMPLETE


async def _follow(graph: Graph, request: AnyRequest, prepared: Prepared, asks: GraphRequest) -> AsyncGenerator[bytes]:
    """A subscription's events until it ends, the client leaves, the key is revoked or the server stops.

    Where the server stops there is no `complete`, so that the client comes back.
    """
    try:
        place = graph.streams.enter(request.user.tenant_id)
    except Fact as fact:
        yield _next(graph.refuse(fact, asks))
        yield _COMPLETE
        return
    settings = graph.app.settings.get(HttpSettings)
    authorization = request.headers.get("authorization")
    callers = door_of(request.scope).callers
    stopped = asyncio.create_task(graph.stopping.wait())
    revoked = asyncio.create_task(revocation(callers, authorization, every_s=settings.key_check_s))
    following: asyncio.Future[Answer | None] | None = None
    async with aclosing(graph.follow(prepared, request.user, asks)) as answers:
        try:
            yield _HEARTBEAT  # so that the client sees at once that somebody is there
            following = asyncio.ensure_future(anext(answers, None))
            while True:
                done, _ = await asyncio.wait(
                    {following, stopped, revoked}, timeout=settings.heartbeat_s, return_when=asyncio.FIRST_COMPLETED
                )
                if stopped in done:
                    return
                if revoked in done:
                    yield _next(graph.refuse(revoked.result(), asks))
                    break
                if following not in done:
                    yield _HEARTBEAT
                    continue
                answer = _result(graph, following, asks)
                if answer is None:
                    break
                yield _next(answer)
                following = asyncio.ensure_future(anext(answers, None))
            yield _COMPLETE
        finally:
            place.leave()
            tasks: list[asyncio.Future[Any]] = [task for task in (following, stopped, revoked) if task is not None]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def _result(graph: Graph, following: asyncio.Future[Answer | None], asks: GraphRequest) -> Answer | None:
    """What came, or what kept it from coming."""
    try:
        return following.result()
    except Fact as fact:
        return graph.refuse(fact, asks)


def _next(answer: Answer) -> bytes:
    return b"event: next\ndata: %s\n\n" % msgspec.json.encode(answer.body)
