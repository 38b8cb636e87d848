"""Operations, whatever they came by: prepared, allowed, counted, executed within their time, and answered."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, NamedTuple, cast

from graphql import OperationType
from prometheus_client import Gauge, Histogram
from strawberry.types.execution import ExecutionResult, PreExecutionError

from likewise.http.graphql.documents import Asked, Documents, Prepared, Unusable
from likewise.http.graphql.errors import OperationTooSlow, QueryInvalid, as_complaints, as_errors, as_refusal
from likewise.http.graphql.schema import PREPARED, Schema
from likewise.http.graphql.settings import GraphqlSettings
from likewise.platform.errors import Fact
from likewise.platform.feature import App
from likewise.platform.graph import GraphContext, GraphRequest
from likewise.platform.places import Places
from likewise.platform.telemetry import METRICS
from likewise.platform.tenancy import Caller, Scope
from likewise.platform.web import Cursors, ScopeMissing

__all__ = ["Answer", "Graph"]

_OPERATIONS = Histogram(
    "likewise_graphql_operation_seconds",
    "Seconds from an operation's arrival to its answer; of a subscription, to its end",
    ["kind", "operation", "outcome"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15),
    registry=METRICS.registry,
)
_UNNAMED = Gauge("likewise_graphql_unnamed", "Web sockets that have not said who they are", registry=METRICS.registry)
_SUBSCRIPTIONS = Gauge("likewise_graphql_subscriptions", "Subscriptions that are open", registry=METRICS.registry)
_NAME_CHARS_MAX = 64

Json = dict[str, Any]


class Answer(NamedTuple):
    """What an operation is answered. `status` says, by HTTP's numbers, why there are no data; else it is 200."""

    body: Json
    status: int = 200

    @property
    def has_data(self) -> bool:
        """Whether the operation was executed; else the body has nothing but errors."""
        return "data" in self.body

    @property
    def has_errors(self) -> bool:
        """Whether anything went wrong."""
        return "errors" in self.body


class Graph:
    """One schema and what bounds its use."""

    def __init__(
        self, app: App, schema: Schema, settings: GraphqlSettings, *, stopping: asyncio.Event, streams: Places
    ) -> None:
        self.app = app
        self.schema = schema
        self.settings = settings
        self.stopping = stopping
        self.streams = streams
        self.unnamed = Places(
            "web sockets that have not said who they are",
            section=settings.section,
            setting="unnamed_max",
            total_max=settings.unnamed_max,
            tenant_max=settings.unnamed_max,
            gauge=_UNNAMED,
        )
        self.subscriptions = Places(
            "subscriptions",
            section=settings.section,
            setting="subscriptions_max",
            total_max=settings.subscriptions_max,
            tenant_max=settings.tenant_subscriptions_max,
            gauge=_SUBSCRIPTIONS,
        )
        self._documents = Documents(schema.core, settings)
        self._cursors = Cursors(app.db.secret("cursors"))
        self._names: set[str] = set()

    def prepare(self, asked: Asked, caller: Caller) -> Prepared:
        """The operation, as far as this caller may have it. Raises Unusable, ScopeMissing and what is too much."""
        prepared = self._documents.prepare(asked)
        scope = Scope.WRITE if prepared.kind is OperationType.MUTATION else Scope.READ
        if not caller.may(scope):
            raise ScopeMissing(scope=scope.value)
        return prepared

    def refuse(self, error: Unusable | Fact, request: GraphRequest) -> Answer:
        """The answer to what cannot be executed."""
        if isinstance(error, Fact):
            return Answer({"errors": as_refusal(error, request_id=request.id)}, error.status)
        return Answer({"errors": as_complaints(error.errors, request_id=request.id)}, QueryInvalid.status)

    async def answer(self, prepared: Prepared, caller: Caller, request: GraphRequest) -> Answer:
        """The one answer of a query or mutation."""
        wait_s = self.settings.operation_wait_s
        async with aclosing(self.follow(prepared, caller, request)) as answers:
            try:
                async with asyncio.timeout(wait_s):
                    return await anext(answers)
            except TimeoutError:
                return self.refuse(OperationTooSlow(wait_s=wait_s), request)

    async def follow(self, prepared: Prepared, caller: Caller, request: GraphRequest) -> AsyncGenerator[Answer]:
        """The answers of any operation: one, or of a subscription one for each event."""
        context = GraphContext(self.app, caller, self._cursors, request)
        started, outcome = time.perf_counter(), "stopped"
        place = self.subscriptions.enter(caller.tenant_id) if prepared.kind is OperationType.SUBSCRIPTION else None
        try:
            stream = await self.schema.stream(
                prepared.query,
                variable_values=prepared.variables,
                context_value=context,
                operation_name=prepared.name,
                operation_extensions={PREPARED: prepared},
            )
            async with aclosing(cast("AsyncGenerator[ExecutionResult]", stream)) as results:
                async for result in results:
                    answer = _answered(result, request)
                    outcome = "errors" if result.errors else "ok"
                    yield answer
                    context.forget_loaded()
        finally:
            if place is not None:
                place.leave()
            _OPERATIONS.labels(prepared.kind.value, self._name(prepared.name), outcome).observe(
                time.perf_counter() - started
            )

    def _name(self, name: str | None) -> str:
        """An operation's name as a metric's label: only so many are told apart."""
        if name is None:
            return "anonymous"
        if name not in self._names:
            if len(self._names) >= self.settings.names_max or len(name) > _NAME_CHARS_MAX:
                return "other"
            self._names.add(name)
        return name


def _answered(result: ExecutionResult, request: GraphRequest) -> Answer:
    errors = as_errors(result.errors or (), request_id=request.id)
    if isinstance(result, PreExecutionError):
        return Answer({"errors": errors}, errors[0]["extensions"]["status"])
    return Answer({"data": result.data, "errors": errors} if errors else {"data": result.data})
