"""Health for machines (`/health/live`, `/health/ready`), for people (`/api/v1/health`), and `/metrics`."""

import msgspec
from litestar import Response, get
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from likewise.http.guards import operator_only
from likewise.http.surface import Surface
from likewise.operate.health import Report, is_ready, look
from likewise.platform.feature import App
from likewise.platform.telemetry import METRICS
from likewise.platform.tenancy import Caller
from likewise.platform.web import readers

__all__ = ["PUBLIC_ROUTES", "ROUTES"]

_POOL_STATES = ("pool_size", "pool_available", "requests_waiting")


class Alive(msgspec.Struct, frozen=True):
    """One word."""

    status: str


@get("/health/live", tags=["health"], operation_id="is_alive", summary="Whether the process answers")
async def live() -> Alive:
    """Answers as long as the process does; it asks nobody else."""
    return Alive("ok")


@get("/health/ready", tags=["health"], operation_id="is_ready", summary="Whether requests make sense")
async def ready(app: App, surface: Surface) -> Response[Alive]:
    """503 while the database does not answer, or the server is about to stop."""
    well = not surface.stopping.is_set() and await is_ready(app)
    return Response(Alive("ok" if well else "failing"), status_code=200 if well else 503)


@get("/health", tags=["health"], guards=[readers], operation_id="get_health", summary="How everything is")
async def health(app: App, caller: Caller, surface: Surface) -> Report:
    """One line per thing that can be unwell, with its cure, and how much the tenant has."""
    return await look(app, caller.tenant_id, features=surface.features)


@get(
    "/metrics",
    tags=["health"],
    guards=[operator_only],
    operation_id="get_metrics",
    summary="Figures for Prometheus",
    media_type="text/plain",
)
async def metrics(app: App) -> Response[bytes]:
    """Counters and histograms of this process, in Prometheus' text format."""
    for role, figures in app.db.pool_figures().items():
        for state in _POOL_STATES:
            METRICS.pool.labels(role, state).set(figures.get(state, 0))
    return Response(generate_latest(METRICS.registry), media_type=CONTENT_TYPE_LATEST)


ROUTES = (health,)
PUBLIC_ROUTES = (live, ready, metrics)
