"""T14, short form: whatever is sent, no answer is a 5xx, and each one has the documented type."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from litestar import get
from schemathesis.specs.openapi.schemas import OpenApiSchema

from likewise.cli.host import work
from likewise.http.asgi import build_asgi
from likewise.platform.feature import App, Feature

EXAMPLES_PER_OPERATION = 15
ID = UUID(int=7)
# Writes of the whole installation, and a stream that would go on.
LEFT_OUT = {"create_tenant", "run_schedule"}
NAUGHTY = [
    "\x00", "\ud800", "\u202e\u0000", "' or 1=1 --", "%00", "../../etc/passwd", "\U0001f469\u200d\U0001f4bb" * 50,
    "a" * 5000, "\u0130\u0131", "NaN", "1e400", "-0", "null", "{{7*7}}", "%s%n", "\r\nSet-Cookie: a=b",
]  # fmt: skip


def json_bodies() -> Iterator[bytes]:
    """Bodies that parsers disagree about."""
    yield from (b"", b"nul", b"[", b"[1,]", b'{"a":1,"a":2}', b"1e999", b'"\\ud800"', b"\xef\xbb\xbf{}", b"[" * 5000)
    yield from (b'{"name":"\\u0000"}', b'{"name":-0}', b'{"":{}}', b"\xff", b'{"query":1e999}')
    yield b'"' + b"\\" * 99 + b'"'


async def schema_of(client: httpx.AsyncClient) -> OpenApiSchema:
    return schemathesis.openapi.from_dict((await client.get("/openapi.json")).json())


async def test_generated_requests_never_end_in_5xx(client: httpx.AsyncClient) -> None:
    schema = await schema_of(client)
    for result in schema.get_all_operations():
        operation = result.ok()  # pyright: ignore[reportAttributeAccessIssue]
        if operation.definition.raw.get("operationId") in LEFT_OUT:
            continue
        cases = cases_of(operation)
        assert cases
        for case in cases:
            await send_case(client, case)


def cases_of(operation: Any) -> list[schemathesis.Case[Any]]:
    """A few requests that hypothesis makes of an operation's description; always the same ones."""
    cases: list[schemathesis.Case[Any]] = []

    @given(case=operation.as_strategy())
    @settings(
        max_examples=EXAMPLES_PER_OPERATION,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )
    def collect(case: schemathesis.Case[Any]) -> None:
        cases.append(case)

    collect()
    return cases


async def send_case(client: httpx.AsyncClient, case: schemathesis.Case[Any]) -> None:
    request = case.as_transport_kwargs(base_url=str(client.base_url))
    headers = {str(name): str(value) for name, value in dict(request.get("headers") or {}).items()}
    body = {"json": request["json"]} if request.get("json") is not None else {"content": request.get("data")}
    try:
        answer = await client.request(
            request["method"],
            request["url"],
            params=request.get("params"),
            headers=dict(headers) | {"Authorization": client.headers["authorization"], "Prefer": "wait=0"},
            **body,  # type: ignore[arg-type]
        )
    except (UnicodeEncodeError, httpx.InvalidURL, ValueError):
        return  # the client itself cannot send it
    check(answer)


def check(answer: httpx.Response) -> None:
    assert answer.status_code < 500 or answer.json()["code"] == "database_busy", (
        f"{answer.request.method} {answer.request.url} {answer.request.content[:200]!r}: {answer.text}"
    )
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"]


PATHS = [
    ("POST", "/api/v1/collections"),
    ("POST", "/api/v1/search"),
    ("POST", "/api/v1/search/similar"),
    ("PUT", "/api/v1/collections/fuzz/items/a"),
    ("POST", "/api/v1/collections/fuzz/items:batch"),
    ("POST", "/api/v1/keys"),
    ("POST", "/api/v1/forget"),
]


@pytest.mark.parametrize(("method", "path"), PATHS)
async def test_bodies_parsers_disagree_about_are_refused(client: httpx.AsyncClient, method: str, path: str) -> None:
    for body in json_bodies():
        check(await client.request(method, path, content=body, headers={"Content-Type": "application/json"}))


async def test_naughty_strings_are_stored_or_refused(app: App, client: httpx.AsyncClient) -> None:
    await client.post("/api/v1/collections", json={"name": "fuzz"})
    headers = {"Content-Type": "application/json"}
    async with work(app):  # a stored item is waited for until it can be found
        for text in NAUGHTY:
            for body in (
                {"query": text, "collection": "fuzz"},
                {"query": "x", "collection": text},
                {"query": "x", "collection": "fuzz", "after": text},
                {"query": "x", "collection": "fuzz", "filter": {"facets": {text: text}}},
            ):
                check(await client.post("/api/v1/search", content=json.dumps(body), headers=headers))
            item = json.dumps({"body": text, "facets": {"f": text}, "metadata": {text: text}})
            check(await client.put("/api/v1/collections/fuzz/items/k", content=item, headers=headers))
            check(await client.post("/api/v1/collections", content=json.dumps({"name": text}), headers=headers))


async def test_naughty_addresses_are_refused(client: httpx.AsyncClient) -> None:
    for part in ("%00", "%ff", "%ed%a0%80", "..%2f..", "a" * 3000, "%E2%80%AE", "+", "%2B", "*", "{x}"):
        for path in (f"/api/v1/collections/{part}", f"/api/v1/operations/{part}", f"/{part}", f"/api/v1/keys?x={part}"):
            check(await client.get(path))


@given(st.binary(max_size=64))
@settings(max_examples=50, derandomize=True, database=None, deadline=None)
def test_any_cursor_is_read_or_refused(raw: bytes) -> None:
    from likewise.platform.web import CursorRefused, Cursors

    with pytest.raises(CursorRefused):
        Cursors(b"s" * 32).read(ID, "list", raw.decode("latin-1"))


async def test_the_check_would_notice_a_5xx(app: App) -> None:
    """The broken variant: a route that fails."""

    @get("/broken")
    async def broken() -> None:
        raise RuntimeError

    asgi = build_asgi(app, [Feature(name="broken", routes=lambda: [broken])], keyless=True)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(asgi), base_url="http://localhost") as client:
        with pytest.raises(AssertionError):
            check(await client.get("/api/v1/broken"))
