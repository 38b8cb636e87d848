"""Complete what the framework derives from the routes: errors, keys, headers and examples, said once for all."""

import copy
from typing import Any, cast

from litestar.openapi.config import OpenAPIConfig

from likewise import __version__
from likewise.http.front import PROTECTED
from likewise.http.openapi.examples import EXAMPLES

__all__ = ["API", "Document", "complete"]

Document = dict[str, Any]
"""OpenAPI as JSON has it."""

_ABOUT = """Search what people wrote by meaning, on Postgres.

On loopback no key is needed. Elsewhere send `Authorization: Bearer lw_...`, a key made by `likewise keys create`.

Errors are `application/problem+json` (RFC 9457): `code` is for programs, `detail` says what happened and what to do,
`request_id` is in the log. Lists take `limit` and `after`; `next_cursor` (also in the `Link` header) is the next
page's `after`. A write may carry an `Idempotency-Key`: repeated within 24 hours it has one effect and one answer.
`GET` answers have an `ETag`. With a key, `RateLimit` tells what is left of its quota."""

API = OpenAPIConfig(title="Likewise", version=__version__, description=_ABOUT, use_handler_docstrings=True)

_WRITES = {"post", "put", "patch", "delete"}
_ERRORS = {
    "400": "The body is not what its Content-Type says.",
    "401": "No key was sent, or it is not valid.",
    "403": "The key, or the page that asks, may not do this.",
    "404": "What the address names is not there.",
    "409": "In conflict with what is there, or an earlier request with this Idempotency-Key is not over.",
    "413": "The body is larger than allowed.",
    "422": "The request is not acceptable as it is; `errors` tells which places.",
    "429": "Too many requests with this key; `Retry-After` tells when to come back.",
    "503": "The database is away or busy; nothing was lost.",
}
_PROBLEM: Document = {
    "type": "object",
    "title": "Problem",
    "description": "What went wrong, and what to do about it (RFC 9457).",
    "required": ["type", "title", "status", "detail", "code", "request_id", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What happened and what to do, for people."},
        "code": {"type": "string", "description": "Which error this is, for programs; it does not change."},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "A JSON pointer into the request."},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}
_IDEMPOTENCY: Document = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A fresh UUID per write; the same key with the same request has one effect and one answer.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$"},
}
_PREFER: Document = {
    "name": "Prefer",
    "in": "header",
    "required": False,
    "description": "`wait=N`: answer only when the operation has ended, or after N seconds.",
    "schema": {"type": "string", "pattern": "^wait=[0-9]{1,4}$"},
}


def complete(derived: Document) -> Document:
    """The finished document."""
    document = copy.deepcopy(derived)
    components = cast("Document", document.setdefault("components", {}))
    components.setdefault("schemas", {})["Problem"] = _PROBLEM
    components["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "An API key, lw_...; not needed on loopback."}
    }
    components["responses"] = {
        f"Problem{status}": {
            "description": description,
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, description in _ERRORS.items()
    }
    document["servers"] = [{"url": "/"}]
    for path, operations in cast("Document", document["paths"]).items():
        for method, operation in operations.items():
            _complete_operation(path, method, operation)
    return document


def _complete_operation(path: str, method: str, operation: Document) -> None:
    parameters = cast("list[Document]", operation.setdefault("parameters", []))
    responses = cast("Document", operation["responses"])
    is_protected = path.startswith(PROTECTED)
    responses.pop("400", None)
    statuses = {"422", "503"}
    if is_protected:
        statuses |= {"401", "403", "429"}
        operation["security"] = [{"key": []}, {}]
    else:
        operation["security"] = []
    if "{" in path:
        statuses.add("404")
    if method in _WRITES:
        statuses |= {"400", "404", "409", "413"}
        parameters.append(_IDEMPOTENCY)
    if "202" in responses or operation.get("operationId") == "get_operation":
        parameters.append(_PREFER)
    for status in sorted(statuses):
        responses[status] = {"$ref": f"#/components/responses/Problem{status}"}
    _complete_success(operation)
    _add_example(operation)


def _complete_success(operation: Document) -> None:
    headers: Document = {"X-Request-Id": {"description": "The request's id in the log.", "schema": {"type": "string"}}}
    for status, response in cast("Document", operation["responses"]).items():
        if status.startswith("2"):
            response["headers"] = {**headers, **response.get("headers", {})}


def _add_example(operation: Document) -> None:
    example = EXAMPLES.get(str(operation.get("operationId")))
    if example is None:
        return
    for parameter in operation["parameters"]:
        where = str(parameter["in"])
        known = example.path if where == "path" else example.query if where == "query" else {}
        if parameter["name"] in known:
            parameter["example"] = known[parameter["name"]]
    if example.body is not None:
        body = cast("Document", operation.setdefault("requestBody", {"required": True, "content": {}}))
        content = cast("Document", body.setdefault("content", {}))
        kind = "string" if isinstance(example.body, str) else "object"
        content.setdefault(example.content_type, {"schema": {"type": kind}})
        content[example.content_type]["example"] = example.body
