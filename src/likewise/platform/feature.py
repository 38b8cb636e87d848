"""What a feature says about itself, and the platform it is given to stand on.

A manifest holds functions, not things: the command line reads a feature's commands without importing its routes,
and a worker builds its consumers without importing the command line.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Literal, TypeVar, cast

import msgspec

from likewise.platform.cache import Cache
from likewise.platform.clock import Clock
from likewise.platform.config import Section, Settings
from likewise.platform.db import Database
from likewise.platform.egress import Egress
from likewise.platform.events import Consumer
from likewise.platform.files import FileStore
from likewise.platform.jobs import Job, Jobs, Schedule
from likewise.platform.limits import Limiter

if TYPE_CHECKING:
    import typer
    from litestar.types import ControllerRouterHandler

__all__ = ["App", "Feature", "GraphParts", "Health", "HealthCheck"]

T = TypeVar("T")


class Health(msgspec.Struct, frozen=True):
    """One health line: what was looked at, how it is, and the cure where it is not well."""

    name: str
    status: Literal["ok", "degraded", "failing"]
    summary: str
    fix: str | None = None
    value: float | None = None
    limit: float | None = None


HealthCheck = Callable[[], Awaitable[Health]]


class App:
    """The platform's services, built once by `likewise.app`; features put their own lasting objects beside them."""

    def __init__(
        self,
        *,
        settings: Settings,
        db: Database,
        clock: Clock,
        cache: Cache,
        limits: Limiter,
        files: FileStore,
        egress: Egress,
        jobs: Jobs,
    ) -> None:
        self.settings = settings
        self.db = db
        self.clock = clock
        self.cache = cache
        self.limits = limits
        self.files = files
        self.egress = egress
        self.jobs = jobs
        self._resources: dict[type[object], object] = {}

    def provide(self, resource: object) -> None:
        """Keep a feature's lasting object (a loaded model, say) under its type."""
        self._resources[type(resource)] = resource

    def resource(self, kind: type[T]) -> T:
        """The object a feature provided when it started."""
        found = self._resources.get(kind)
        if found is None:
            raise LookupError(f"no feature has provided a {kind.__name__}")
        return cast("T", found)


class GraphParts(msgspec.Struct, frozen=True, kw_only=True):
    """The GraphQL fields a feature brings: types of `strawberry.type`, merged with those of the other features."""

    query: type | None = None
    mutation: type | None = None
    subscription: type | None = None


class Feature(msgspec.Struct, frozen=True, kw_only=True):
    """A feature's manifest. Its name is its schema, URL prefix and command group.

    `public_routes` are asked without a key: what they are asked carries its own permission, a signature.
    """

    name: str
    settings: type[Section] | None = None
    routes: Callable[[], Sequence["ControllerRouterHandler"]] | None = None
    public_routes: Callable[[], Sequence["ControllerRouterHandler"]] | None = None
    graph: Callable[[], GraphParts] | None = None
    commands: Callable[[], "typer.Typer"] | None = None
    consumers: Callable[[App], Sequence[Consumer]] | None = None
    jobs: Callable[[App], Sequence[Job]] | None = None
    schedules: Callable[[App], Sequence[Schedule]] | None = None
    start: Callable[[App], AbstractAsyncContextManager[None]] | None = None
    serve: Callable[[App], AbstractAsyncContextManager[None]] | None = None
    health: Callable[[App], Sequence[HealthCheck]] | None = None
