"""Logs without secrets, metrics for Prometheus, spans for OpenTelemetry.

Logs are events with facts (`log.info("item_rejected", line=7)`), as text on a terminal and JSON elsewhere; anything
that looks like a secret is masked before it is written. Spans go nowhere until the `otel` extra configures an exporter.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Literal, cast

import structlog
from opentelemetry import trace
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

__all__ = ["METRICS", "Metrics", "configure_logs", "get_log", "redact", "tracer"]

_SECRET_NAME = re.compile(r"(?i)(password|passwd|secret|token|api_?key|authorization|cookie|credential|signature)")
_SECRET_VALUE = re.compile(
    r"lw_[A-Za-z0-9_-]{20,}"  # our own keys
    r"|sk-[A-Za-z0-9_-]{16,}"  # keys of model providers
    r"|(?i:bearer)\s+[A-Za-z0-9._~+/=-]{8,}"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"  # user:password in a URL
    r"|(?<=password=)\S+"
)
_MASK = "********"
_BUCKETS_S = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

tracer = trace.get_tracer("likewise")


class Metrics:
    """Every metric of the process, in one registry, so that tests and several apps do not collide."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Histogram(
            "likewise_http_request_seconds",
            "Seconds from a request's arrival to the end of its answer",
            ["method", "route", "status"],
            buckets=_BUCKETS_S,
            registry=self.registry,
        )
        self.statements = Histogram(
            "likewise_database_statement_seconds",
            "Seconds per named statement",
            ["statement"],
            buckets=_BUCKETS_S,
            registry=self.registry,
        )
        self.pool = Gauge(
            "likewise_database_pool_connections",
            "Connections by pool and state",
            ["pool", "state"],
            registry=self.registry,
        )
        self.errors = Counter("likewise_errors_total", "Errors by code", ["code"], registry=self.registry)


METRICS = Metrics()


def get_log(name: str) -> structlog.stdlib.BoundLogger:
    """The log of one part of the program."""
    return cast("structlog.stdlib.BoundLogger", structlog.get_logger(name))


def configure_logs(*, level: str, style: Literal["auto", "text", "json"]) -> None:
    """Send every log line, ours and the libraries', to standard error in one form."""
    as_text = style == "text" or (style == "auto" and sys.stderr.isatty())
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _redact_event,
    ]
    renderer: structlog.types.Processor = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()) if as_text else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("likewise").setLevel(level.upper())


def redact(value: object) -> object:
    """A copy of `value` in which secrets, by name or by look, are masked."""
    if isinstance(value, str):
        return _SECRET_VALUE.sub(_MASK, value)
    if isinstance(value, Mapping):
        return {
            key: _MASK if _SECRET_NAME.search(str(key)) else redact(item)
            for key, item in cast("Mapping[object, object]", value).items()
        }
    if isinstance(value, list | tuple):
        return [redact(item) for item in cast("list[object]", value)]
    return value if value is None or isinstance(value, bool | int | float) else _SECRET_VALUE.sub(_MASK, str(value))


def _redact_event(
    _logger: Any,  # noqa: ANN401 - structlog's own signature
    _method: str,
    event: MutableMapping[str, Any],
) -> MutableMapping[str, Any]:
    return cast("MutableMapping[str, Any]", redact(event))
