"""`/api/v1/search`: ask, find what is like something, say what was opened."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import delete, get, post
from litestar.params import Parameter

from likewise.engine.search import logic, service
from likewise.engine.search.model import Answer, Click, SearchAnalytics, SearchRequest, SimilarRequest
from likewise.platform.feature import App
from likewise.platform.tenancy import Caller
from likewise.platform.web import Cursors, readers, writers

__all__ = ["ROUTES"]

_TAGS: Sequence[str] = ("search",)


@post("/search", tags=_TAGS, guards=[readers], operation_id="search", summary="Search a collection", status_code=200)
async def search(app: App, caller: Caller, cursors: Cursors, data: SearchRequest) -> Answer:
    """Items that answer a query, best first, by meaning, by words and by what misspelt words may have meant.

    If k items match, k come back: `plan` tells whether every vector was compared or an index was used.
    """
    return await _search(app, caller, cursors, data)


@get("/search", tags=_TAGS, guards=[readers], operation_id="search_simply", summary="Search a collection by address")
async def search_simply(
    app: App,
    caller: Caller,
    cursors: Cursors,
    *,
    q: Annotated[str, Parameter(min_length=1, description="the query")],
    collection: str,
    k: Annotated[int, Parameter(ge=1, description="results in one page")] = 10,
    after: str | None = None,
) -> Answer:
    """The same with everything else at its default."""
    return await _search(app, caller, cursors, SearchRequest(query=q, collection=collection, k=k, after=after))


@post(
    "/search/similar",
    tags=_TAGS,
    guards=[readers],
    operation_id="find_similar",
    summary="Find what is like an item, a text or several examples",
    status_code=200,
)
async def find_similar(app: App, caller: Caller, cursors: Cursors, data: SimilarRequest) -> Answer:
    """The nearest items by meaning, near positive examples and away from negative ones, without the examples."""
    listing = logic.fingerprint(data)
    start = _position(cursors, caller.tenant_id, listing, data.after)
    answer = await service.find_similar(app, caller.tenant_id, data, start=start)
    return _paged(answer, cursors, caller.tenant_id, listing, end=start + data.k)


@post("/search/clicks", tags=_TAGS, guards=[readers], operation_id="note_click", summary="Say which result was opened")
async def note_click(app: App, caller: Caller, data: Click) -> Click:
    """Kept with the search it belongs to, for judging how well search serves."""
    await service.note_click(app, caller.tenant_id, data)
    return data


@get(
    "/search/analytics",
    tags=_TAGS,
    guards=[readers],
    operation_id="analyze_searches",
    summary="See how search serves",
)
async def analyze_searches(
    app: App,
    caller: Caller,
    *,
    collection: Annotated[str | None, Parameter(description="one collection; otherwise all")] = None,
    days: Annotated[int, Parameter(ge=1, description="how far to look back")] = 30,
    limit: Annotated[int, Parameter(ge=1, description="queries in each list")] = 20,
) -> SearchAnalytics:
    """What is asked most, what finds nothing, what is opened, how fast; and the months whose searches were added up."""
    return await service.analyze_searches(app, caller.tenant_id, collection=collection, days=days, limit=limit)


@delete(
    "/search/analytics",
    tags=_TAGS,
    guards=[writers],
    operation_id="forget_query",
    summary="Forget that something was searched for",
    status_code=200,
)
async def forget_query(
    app: App,
    caller: Caller,
    *,
    text: Annotated[str, Parameter(min_length=1, description="what was searched for")],
) -> dict[str, int]:
    """Every search for this text goes, recent ones and those added up by month, however it was capitalised."""
    return dict(await service.forget_query(app, caller.tenant_id, query=text))


async def _search(app: App, caller: Caller, cursors: Cursors, request: SearchRequest) -> Answer:
    listing = logic.fingerprint(request)
    start = _position(cursors, caller.tenant_id, listing, request.after)
    answer = await service.search(app, caller.tenant_id, request, start=start)
    return _paged(answer, cursors, caller.tenant_id, listing, end=start + request.k)


def _position(cursors: Cursors, tenant_id: UUID, listing: str, after: str | None) -> int:
    return int(cursors.read(tenant_id, listing, after)) if after else 0


def _paged(answer: Answer, cursors: Cursors, tenant_id: UUID, listing: str, *, end: int) -> Answer:
    if not answer.has_more:
        return answer
    return msgspec.structs.replace(answer, next_cursor=cursors.sign(tenant_id, listing, str(end)))


ROUTES = (search, search_simply, find_similar, note_click, analyze_searches, forget_query)
