"""The routes of `/graphql`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from litestar import Response, get, post, websocket
from litestar.response import Stream

from likewise.http.graphql.answering import AnyRequest, answer_get, answer_post
from likewise.http.graphql.page import SCHEMA_PATH, render_page
from likewise.http.graphql.running import Graph
from likewise.http.graphql.schema import build_schema
from likewise.http.graphql.settings import GraphqlSettings
from likewise.http.graphql.sockets import AnySocket, converse
from likewise.http.surface import Surface
from likewise.platform.feature import App
from likewise.platform.places import Places

if TYPE_CHECKING:
    from litestar.types import ControllerRouterHandler

__all__ = ["graphql_routes"]

_PATH = "/graphql"


def graphql_routes(app: App, surface: Surface, streams: Places) -> "Sequence[ControllerRouterHandler]":
    """The routes of the features' GraphQL fields; none where no feature brings any. Its streams and web sockets take
    their places among the server's `streams`."""
    schema = build_schema(surface.features)
    if schema is None:
        return []
    graph = Graph(app, schema, app.settings.get(GraphqlSettings), stopping=surface.stopping, streams=streams)
    sdl = schema.as_str()
    page = render_page(sdl)

    @post(_PATH, status_code=200, include_in_schema=False)
    async def execute(request: AnyRequest) -> Response[bytes] | Stream:
        """Execute an operation."""
        return await answer_post(graph, request)

    @get(_PATH, include_in_schema=False)
    async def ask(request: AnyRequest) -> Response[bytes] | Response[str] | Stream:
        """Execute a query, or show the schema to a browser that asks for nothing else."""
        if not request.scope["query_string"] and "text/html" in request.headers.get("accept", ""):
            return Response(page, media_type="text/html", headers={"Cache-Control": "no-cache"})
        return await answer_get(graph, request)

    @get(SCHEMA_PATH, include_in_schema=False)
    async def show_schema() -> Response[str]:
        """The schema in GraphQL's own language."""
        return Response(sdl, media_type="text/plain", headers={"Cache-Control": "no-cache"})

    @websocket(_PATH)
    async def connect(socket: AnySocket) -> None:
        """Operations over a web socket."""
        await converse(graph, socket)

    return [execute, ask, show_schema, connect]
