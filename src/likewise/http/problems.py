"""Every error leaves as problem+json (RFC 9457): what happened, what to do, and the id to ask about."""

from collections.abc import Callable
from typing import Any, cast

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from likewise.http.wire import state_of
from likewise.platform.errors import Fact, FieldError, Limited
from likewise.platform.limits import RateLimited, rate_limit_headers
from likewise.platform.telemetry import METRICS, get_log
from likewise.platform.tenancy import Caller

__all__ = [
    "MEDIA_TYPE",
    "UNEXPECTED",
    "Problem",
    "exception_handlers",
    "fact_headers",
    "problem_bytes",
    "unexpected_problem",
]

MEDIA_TYPE = "application/problem+json"
UNEXPECTED = "Something went wrong on our side. It was logged under this request id."
_log = get_log("likewise.http")
_TITLES = {
    400: "Bad request",
    401: "Key needed",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    408: "Request timed out",
    409: "Conflict",
    413: "Too large",
    415: "Media type not supported",
    422: "Not acceptable as it is",
    429: "Too many requests",
    500: "Internal error",
    503: "Not available right now",
}

AnyRequest = Request[Caller, None, Any]


class Problem(msgspec.Struct, frozen=True):
    """The body of every error. `code` is for programs, `detail` for people, `request_id` for whoever is asked."""

    title: str
    status: int
    detail: str
    code: str
    request_id: str
    type: str = "about:blank"
    errors: list[FieldError] = []


def problem_bytes(
    *, status: int, detail: str, code: str, request_id: str, errors: tuple[FieldError, ...] = ()
) -> bytes:
    """A problem as JSON."""
    METRICS.errors.labels(code).inc()
    title = _TITLES.get(status, "Error")
    return msgspec.json.encode(
        Problem(title=title, status=status, detail=detail, code=code, request_id=request_id, errors=list(errors))
    )


def unexpected_problem(error: Exception, *, path: str, request_id: str) -> bytes:
    """The problem for what nobody expected: logged whole, told without details."""
    _log.error("request_failed", path=path, request_id=request_id, exc_info=error)
    return problem_bytes(
        status=500,
        detail=UNEXPECTED,
        code="internal_error",
        request_id=request_id,
    )


def fact_headers(fact: Fact) -> dict[str, str]:
    """The headers some facts bring along."""
    if isinstance(fact, RateLimited):
        return rate_limit_headers(fact.decision)
    if isinstance(fact, Limited):
        return {"Retry-After": str(max(1, round(fact.retry_after_s)))}
    if fact.status == 405:
        return {"Allow": "POST"}
    if fact.status == 401:
        return {"WWW-Authenticate": 'Bearer realm="likewise"'}
    return {"Retry-After": "1"} if fact.status == 503 else {}


def exception_handlers() -> dict[int | type[Exception], Callable[[AnyRequest, Any], Response[bytes]]]:
    """For Litestar: facts by their status, its own exceptions, and whatever nobody expected."""
    return {
        Fact: _fact,
        ValidationException: _invalid,
        HTTPException: _http,
        msgspec.MsgspecError: _undecodable,
        UnicodeError: _undecodable,
        RecursionError: _too_deep,
        Exception: _unexpected,
    }


def _answer(
    request: AnyRequest,
    *,
    status: int,
    detail: str,
    code: str,
    errors: tuple[FieldError, ...] = (),
    headers: dict[str, str] | None = None,
) -> Response[bytes]:
    body = problem_bytes(status=status, detail=detail, code=code, request_id=_request_id(request), errors=errors)
    return Response(body, status_code=status, media_type=MEDIA_TYPE, headers=headers or {})


def _fact(request: AnyRequest, error: Fact) -> Response[bytes]:
    return _answer(
        request,
        status=error.status,
        detail=error.message,
        code=error.code,
        errors=error.errors,
        headers=fact_headers(error),
    )


def _invalid(request: AnyRequest, error: ValidationException) -> Response[bytes]:
    extra = cast("list[object]", error.extra) if isinstance(error.extra, list) else []
    errors = tuple(_field_error(cast("dict[str, object]", item)) for item in extra if isinstance(item, dict))
    said = "; ".join(f"{item.pointer}: {item.detail}" for item in errors) or error.detail
    return _answer(
        request,
        status=422,
        detail=f"The request does not have the documented form: {said}",
        code="request_invalid",
        errors=errors,
    )


def _field_error(item: dict[str, object]) -> FieldError:
    """`$.items[2].key` of a body, or a parameter's name, as a JSON pointer."""
    key = str(item.get("key", "")).removeprefix("$.").replace("[", ".").replace("]", "")
    return FieldError("/" + key.replace(".", "/").strip("/"), str(item.get("message", "")))


def _http(request: AnyRequest, error: HTTPException) -> Response[bytes]:
    status = error.status_code
    if status >= 500:
        return _unexpected(request, error)
    detail = {
        404: f"Nothing is at {request.scope['path']}. The routes are listed at /docs.",
        405: f"{request.method} is not offered at {request.scope['path']}. The routes are listed at /docs.",
        413: "The request's body is too large for this address.",
    }.get(status, error.detail)
    code = _TITLES.get(status, "error").lower().replace(" ", "_")
    return _answer(request, status=status, detail=detail, code=code, headers=dict(error.headers or {}))


def _undecodable(request: AnyRequest, error: Exception) -> Response[bytes]:
    return _answer(request, status=422, detail=f"The request cannot be read: {error}", code="request_invalid")


def _too_deep(request: AnyRequest, _: RecursionError) -> Response[bytes]:
    return _answer(request, status=422, detail="The body is nested too deeply.", code="request_invalid")


def _unexpected(request: AnyRequest, error: Exception) -> Response[bytes]:
    body = unexpected_problem(error, path=request.scope["path"], request_id=_request_id(request))
    return Response(body, status_code=500, media_type=MEDIA_TYPE)


def _request_id(request: AnyRequest) -> str:
    return str(state_of(request.scope).get("request_id", ""))
