"""The whole HTTP surface as one ASGI application: the front door, what is done to answers, and the routes within."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from litestar import Litestar, Request, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi.config import OpenAPIConfig
from litestar.plugins import PluginProtocol
from litestar.types import ASGIApp
from prometheus_client import Gauge

from likewise.console import DIST
from likewise.http.bodies import steady_bodies
from likewise.http.console import console_files
from likewise.http.cursors import RequestCursors
from likewise.http.front import door_of, front_door
from likewise.http.idempotency import idempotency
from likewise.http.keeping import keeping, kept_routes
from likewise.http.openapi import API, Document, Documents, StructSchemas
from likewise.http.problems import exception_handlers
from likewise.http.rendering import rendering
from likewise.http.revoking import revocation
from likewise.http.routes import API_ROUTES, ROOT_ROUTES
from likewise.http.settings import HttpSettings
from likewise.http.surface import Service, Surface
from likewise.http.waiting import waiting
from likewise.http.wire import closed_with
from likewise.platform.config import Section
from likewise.platform.feature import App, Feature
from likewise.platform.places import Places
from likewise.platform.streams import Streams
from likewise.platform.telemetry import METRICS
from likewise.platform.tenancy import Caller
from likewise.platform.web import Cursors

if TYPE_CHECKING:
    from litestar.types import ControllerRouterHandler

__all__ = ["build_asgi", "build_routes"]

AnyRequest = Request[Caller, None, State]

_STREAMS = Gauge("likewise_http_streams", "Event streams and web sockets that are open", registry=METRICS.registry)


def build_asgi(
    app: App, features: Sequence[Feature], *, keyless: bool, sections: Sequence[type[Section]] = ()
) -> Service:
    """The application a server runs.

    `keyless`: it is bound to loopback, where callers without a key are its owner. `sections`: what /settings shows.
    """
    settings = app.settings.get(HttpSettings)
    surface = Surface(features=features, sections=sections, documents=Documents(lambda: _described(app, surface)))
    routes = build_routes(app, surface)
    inner = waiting(idempotency(cast("ASGIApp", routes), app, settings), app, settings)
    bounded = steady_bodies(rendering(console_files(inner, DIST)), settings)
    kept = keeping(bounded, app, kept_routes(routes))
    return Service(front_door(kept, app, settings, keyless=keyless), surface.stopping)


def _described(app: App, surface: Surface) -> Document:
    """What the routes say of themselves; asked of a twin, so that the framework's own documentation is never served."""
    structs = StructSchemas()
    twin = build_routes(app, surface, openapi=API, plugins=[structs])
    return structs.fill_in(twin.openapi_schema.to_schema())


def build_routes(
    app: App,
    surface: Surface,
    *,
    openapi: OpenAPIConfig | None = None,
    plugins: Sequence[PluginProtocol] = (),
) -> Litestar:
    """The routes of the platform and of each feature, with what their handlers are given."""
    settings = app.settings.get(HttpSettings)
    secret = app.db.secret("cursors")
    places = Places(
        "event streams and web sockets",
        section=settings.section,
        setting="streams_max",
        total_max=settings.streams_max,
        tenant_max=settings.tenant_streams_max,
        gauge=_STREAMS,
    )
    streams = Streams(stopping=surface.stopping, heartbeat_s=settings.heartbeat_s, places=places, secret=secret)

    # Each asks for the one before: what depends on nothing the framework resolves side by side, in tasks that cost more
    # than all of these together.

    def the_app() -> App:
        return app

    def the_surface(app: App) -> Surface:  # noqa: ARG001
        return surface

    def the_caller(request: AnyRequest, app: App) -> Caller:  # noqa: ARG001
        return cast("Caller", request.scope["user"])

    def the_cursors(request: AnyRequest, caller: Caller) -> Cursors:  # noqa: ARG001
        return RequestCursors(secret, cast("dict[str, object]", request.scope["state"]))

    def the_streams(request: AnyRequest, cursors: Cursors) -> Streams:  # noqa: ARG001
        return _streams_for(request, app, streams)

    return Litestar(
        route_handlers=_handlers(app, surface, places if openapi is None else None),
        dependencies={
            "app": Provide(the_app, sync_to_thread=False),
            "surface": Provide(the_surface, sync_to_thread=False),
            "caller": Provide(the_caller, sync_to_thread=False),
            "cursors": Provide(the_cursors, sync_to_thread=False),
            "streams": Provide(the_streams, sync_to_thread=False),
        },
        exception_handlers=cast("Any", exception_handlers()),
        openapi_config=openapi,
        plugins=plugins,
        request_max_body_size=settings.body_bytes_max,
        logging_config=None,
        debug=False,
    )


def _handlers(app: App, surface: Surface, streams: Places | None) -> "list[ControllerRouterHandler]":
    """The routes of every feature and the platform's own; where there are places for its streams, GraphQL's too."""
    brought: list[ControllerRouterHandler] = []
    public: list[ControllerRouterHandler] = []
    for feature in surface.features:
        if feature.routes is not None:
            brought += feature.routes()
        if feature.public_routes is not None:
            public += feature.public_routes()
    graph: Sequence[ControllerRouterHandler] = ()
    if streams is not None and any(feature.graph is not None for feature in surface.features):
        from likewise.http.graphql.routes import graphql_routes  # GraphQL's library takes a while to import

        graph = graphql_routes(app, surface, streams)
    return [
        Router("/api/v1", route_handlers=[*brought, *API_ROUTES]),
        Router("/public/v1", route_handlers=public),
        *ROOT_ROUTES,
        *graph,
    ]


def _streams_for(request: AnyRequest, app: App, streams: Streams) -> Streams:
    """The streams of one request: they end with it and with its key."""
    callers, authorization = door_of(request.scope).callers, request.headers.get("authorization")
    every_s = app.settings.get(HttpSettings).key_check_s
    return streams.for_request(
        kept=partial(closed_with, request.scope), revoked=lambda: revocation(callers, authorization, every_s=every_s)
    )
