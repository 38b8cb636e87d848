"""Errors of GraphQL: what was wrong with the request, and how every error looks in an answer.

A fact becomes an error with its message and `extensions` of `code`, `status`, `errors` and `request_id`. What nobody
expected is logged whole and told without details.
"""

from collections.abc import Iterable
from itertools import islice
from typing import Any

import msgspec
from graphql import GraphQLError

from likewise.http.problems import UNEXPECTED
from likewise.platform.errors import Fact, Limited, Rejected, Unavailable
from likewise.platform.telemetry import METRICS, get_log

__all__ = [
    "ChangeByGet",
    "EventsNeeded",
    "MediaTypeRefused",
    "OperationTooSlow",
    "OperationUnknown",
    "QueryInvalid",
    "QueryMissing",
    "QueryTangled",
    "QueryTooLong",
    "RequestMalformed",
    "TooDeep",
    "TooManyAliases",
    "TooManyChanges",
    "TooManyOperations",
    "TooManyRows",
    "TooManyTokens",
    "TooManyValues",
    "as_complaints",
    "as_errors",
    "as_refusal",
]

_log = get_log("likewise.http")
_ERRORS_MAX = 50
_MESSAGE_CHARS_MAX = 1000

Json = dict[str, Any]


class RequestMalformed(Rejected):
    """This is no GraphQL request: {reason}. It reads
    {{"query": "...", "variables": {{...}}, "operationName": "..."}}; several at once are not taken."""

    status = 400


class QueryMissing(Rejected):
    """The request has no query. Send {{"query": "..."}}; /graphql/schema.graphql tells what can be asked."""

    status = 400


class MediaTypeRefused(Rejected):
    """A GraphQL request is application/json, not {media_type!r}. Send `Content-Type: application/json`."""

    status = 415


class ChangeByGet(Rejected):
    """A GET only asks. Send a mutation with POST."""

    status = 405


class EventsNeeded(Rejected):
    """A subscription is answered with events. Send `Accept: text/event-stream`, or open a web socket with the protocol
    graphql-transport-ws."""

    status = 406


class OperationUnknown(Rejected):
    """{reason} Name one of the query's operations as `operationName`."""

    status = 400


class QueryInvalid(Rejected):
    """{reason}"""

    status = 400


class QueryTooLong(Rejected):
    """The query has {chars} characters; at most {chars_max} are allowed (setting graphql.query_chars_max). Ask in
    several requests, and put values into variables."""


class QueryTangled(Rejected):
    """The query asks for the same fields, or nests fragments, so often that checking it was given up. Ask for each
    field once, or in several requests."""


class TooManyTokens(Rejected):
    """The query has more than {tokens_max} tokens (setting graphql.tokens_max). Ask in several requests, and put values
    into variables."""


class TooDeep(Rejected):
    """The operation nests {depth} fields; at most {depth_max} are allowed (setting graphql.depth_max). Ask for the
    inner rows in a request of their own."""


class TooManyAliases(Rejected):
    """The operation has {aliases} aliases; at most {aliases_max} are allowed (setting graphql.aliases_max). Ask in
    several requests."""


class TooManyChanges(Rejected):
    """The mutation has {changes} fields; at most {changes_max} are allowed (setting graphql.changes_max). Send the rest
    in another request, or use a field that takes many at once."""


class TooManyRows(Rejected):
    """The operation asks for up to {rows} rows; at most {rows_max} are allowed (setting graphql.rows_max). Ask for
    smaller pages with `first`: a page without it counts {page_rows} rows, and pages within pages multiply."""


class TooManyValues(Rejected):
    """The operation asks for up to {values} values; at most {values_max} are allowed (setting graphql.values_max). Ask
    for fewer fields, or for smaller pages with `first`."""


class TooManyOperations(Rejected):
    """{operations_max} operations are under way on this socket (setting graphql.socket_operations_max). Wait for one to
    end, or open another socket."""


class OperationTooSlow(Unavailable):
    """The operation took longer than {wait_s:g} s and was stopped (setting graphql.operation_wait_s). Ask for less at
    once."""


def as_errors(errors: Iterable[GraphQLError], *, request_id: str) -> list[Json]:
    """Errors of an execution: at most 50, for a list can fail row by row. The first unexpected one is logged."""
    found: list[Json] = []
    is_logged = False
    for error in islice(errors, _ERRORS_MAX):
        cause = _cause(error)
        if isinstance(cause, Fact):
            said = _of_fact(cause, request_id)
        elif isinstance(cause, GraphQLError):
            said = _of_query(cause, request_id)
        else:
            if not is_logged:
                _log.error("operation_failed", path=error.path, request_id=request_id, exc_info=cause)
            is_logged = True
            said = _said(UNEXPECTED, "internal_error", 500, request_id)
        found.append(_placed(said, error))
    return found


def as_refusal(fact: Fact, *, request_id: str) -> list[Json]:
    """Why an operation was not executed at all."""
    return [_of_fact(fact, request_id)]


def as_complaints(errors: Iterable[GraphQLError], *, request_id: str) -> list[Json]:
    """What is wrong with a query or its variables, place by place."""
    found: list[Json] = []
    for error in islice(errors, _ERRORS_MAX):
        cause = _cause(error)
        said = _of_fact(cause, request_id) if isinstance(cause, Fact) else _of_query(error, request_id)
        found.append(_placed(said, error))
    return found


def _placed(said: Json, error: GraphQLError) -> Json:
    """With its place in the query and in the answer, where it has one."""
    if error.locations:
        said["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    if error.path is not None:
        said["path"] = error.path
    return said


def _cause(error: GraphQLError) -> BaseException:
    """What was raised to begin with."""
    cause: BaseException = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause


def _of_query(error: GraphQLError, request_id: str) -> Json:
    return _said(error.message[:_MESSAGE_CHARS_MAX], QueryInvalid.code, QueryInvalid.status, request_id)


def _of_fact(fact: Fact, request_id: str) -> Json:
    said = _said(fact.message, fact.code, fact.status, request_id)
    if fact.errors:
        said["extensions"]["errors"] = msgspec.to_builtins(fact.errors)
    if isinstance(fact, Limited):
        said["extensions"]["retry_after_s"] = max(1, round(fact.retry_after_s))
    return said


def _said(message: str, code: str, status: int, request_id: str) -> Json:
    METRICS.errors.labels(code).inc()
    return {"message": message, "extensions": {"code": code, "status": status, "errors": [], "request_id": request_id}}
